"""The enriched lead: what people said, with its blanks filled from sources.

Enriched values are laid over what was said, and taken off again before anything else changes: nothing that somebody
said is replaced, and a source that is withdrawn leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from leadflow.entities import EnrichedValue, Enrichment, Entity, Lead
from leadflow.entities.lead import field_of
from leadflow.events.merged_lead import BLOCKS, VALUES, contested, is_whole

__all__ = [
    "Filling",
    "as_said",
    "enrichable_paths",
    "enriched_lead",
    "fillings",
    "is_enrichable",
    "value_at",
    "value_read",
]

TOP_LEVEL: Final = frozenset(VALUES) - {"referred_by"}


class Filling(NamedTuple):
    """A blank that a source fills: the value in its own type, and where it is from."""

    value: Any
    known: EnrichedValue
    enrichment: Enrichment


def is_enrichable(lead_type: type[Lead[Any]], path: str) -> bool:
    """Whether a source may fill this field: a single value of person, company, address, custom or the lead itself.

    Its default must be None: otherwise nobody could tell a blank from what somebody said.
    """
    return _holder(lead_type, path) is not None


@lru_cache(maxsize=64)
def enrichable_paths(lead_type: type[Lead[Any]]) -> tuple[str, ...]:
    """Return all fields that sources may fill."""
    blocks = ((name, lead_type.model_fields[name].annotation) for name in BLOCKS)
    parts = [f"{name}.{part}" for name, block in blocks for part in getattr(block, "model_fields", ())]
    return tuple(path for path in (*parts, *sorted(TOP_LEVEL)) if is_enrichable(lead_type, path))


def value_read(lead_type: type[Lead[Any]], path: str, value: object) -> Any:
    """Return a value in the type of the field; ``ValueError`` if it does not fit, or is none."""
    holder, (name, _, part) = _holder(lead_type, path), path.partition(".")
    if holder is None:
        raise ValueError("no source may fill this field")
    read = (
        getattr(holder.model_validate({part: value}), part)
        if part
        else field_of(lead_type, name).validate_python(value)
    )
    if read is None or read == "":
        raise ValueError("it is no value")
    if (value is True or value is False) and read is not value:
        raise ValueError("true and false are no numbers")
    return read


def as_said(lead: Lead[Any]) -> Lead[Any]:
    """Return the lead without what sources have filled: what people said, and nothing else."""
    if not lead.enriched:
        return lead
    return _with(lead, dict.fromkeys(lead.enriched)).but(enriched=())


def enriched_lead(said: Lead[Any]) -> Lead[Any]:
    """Return the lead with its blanks filled by what its sources know."""
    if not said.enrichments:
        return said
    filled = fillings(said)
    values = {path: one.value for path, one in filled.items()}
    return _with(said, values).but(enriched=tuple(sorted(filled)))


def fillings(said: Lead[Any]) -> dict[str, Filling]:
    """Return what fills each blank of a lead as people said it; fields that the team left blank stay so.

    The source that is surest of a value comes first, then the newer one. An address is filled only if the source knows
    all that was said of it, and says the same; a company or a name only if it is not another one.
    """
    found: dict[str, Filling] = {}
    now = said
    for name, offered in _in_order(said):
        may = _fitting(now, name, offered) if name in BLOCKS else {name}
        new = {path: one for one in offered if (path := one.known.path) in may and value_at(now, path) is None}
        found |= new
        now = _with(now, {path: one.value for path, one in new.items()})
    return found


def _in_order(said: Lead[Any]) -> list[tuple[str, list[Filling]]]:
    """Return what sources offer, one source and block after the other, in the order in which they are asked."""
    offered: dict[tuple[str, str], list[Filling]] = {}
    for enrichment in said.enrichments:
        for known in enrichment.values:
            if known.path in said.left_blank:
                continue
            try:
                value = value_read(type(said), known.path, known.value)
            except ValueError:
                continue  # written under an earlier definition
            name = known.path.partition(".")[0]
            offered.setdefault((name, enrichment.source), []).append(Filling(value, known, enrichment))

    def rank(item: tuple[tuple[str, str], list[Filling]]) -> tuple[float, float, str]:
        some = item[1]
        return -max(one.known.confidence for one in some), -some[0].enrichment.at.timestamp(), item[0][1]

    return [(name, some) for (name, _), some in sorted(offered.items(), key=rank)]


def _fitting(lead: Lead[Any], name: str, offered: Iterable[Filling]) -> frozenset[str]:
    """Return the paths that may be filled without making a mixture of two addresses, companies or names."""
    mine: Entity = getattr(lead, name)
    theirs = _block(type(lead), name, mine, offered)
    parts = type(mine).model_fields
    if name != "custom" and is_whole(name, mine, theirs):
        return frozenset()
    if name == "address" and any(getattr(mine, one) is not None and getattr(theirs, one) is None for one in parts):
        return frozenset()
    apart = {one for part in contested(name, mine, theirs) for one in part}
    return frozenset(f"{name}.{one}" for one in parts if one not in apart)


def _block(lead_type: type[Lead[Any]], name: str, mine: Entity, offered: Iterable[Filling]) -> Entity:
    """Return the block of a lead of which only this source is known."""
    blank = dict.fromkeys(part for part in type(mine).model_fields if is_enrichable(lead_type, f"{name}.{part}"))
    return mine.but(**blank | {one.known.path.partition(".")[2]: one.value for one in offered})


def value_at(lead: Lead[Any], path: str) -> Any:
    """Return the value of a field that sources may fill."""
    name, _, part = path.partition(".")
    value = getattr(lead, name)
    return getattr(value, part) if part else value


def _with(lead: Lead[Any], values: Mapping[str, Any]) -> Lead[Any]:
    """Return the lead with values at these paths; a path that no longer exists is left out."""
    fields: dict[str, Any] = {}
    for path, value in values.items():
        name, _, part = path.partition(".")
        if not is_enrichable(type(lead), path):
            continue
        fields[name] = fields.get(name, getattr(lead, name)).but(**{part: value}) if part else value
    return lead.but(**fields) if fields else lead


def _holder(lead_type: type[Lead[Any]], path: str) -> type[BaseModel] | None:
    """Return the class that has this field, if sources may fill it."""
    name, _, part = path.partition(".")
    if part:
        holder = lead_type.model_fields[name].annotation if name in BLOCKS else None
    else:
        holder = lead_type if name in TOP_LEVEL else None
    if not (isinstance(holder, type) and issubclass(holder, BaseModel)):
        return None
    field = holder.model_fields.get(part or name)
    return holder if field is not None and not field.is_required() and field.get_default() is None else None
