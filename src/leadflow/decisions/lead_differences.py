"""Differences: what changed from one state of a lead to the next, made to another lead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leadflow.decisions.survivorship import key_of
from leadflow.entities import Adjustment, Consent, Deal, Enrichment, Enrolment, Entity, Lead, Twin
from leadflow.events.enriched_lead import as_said, enriched_lead

__all__ = ["changed_lead", "difference", "lost", "newly_given", "replaced_of_other"]


def difference(names: Iterable[str], before: Lead[Any], after: Lead[Any], on: Lead[Any]) -> dict[str, Any]:
    """Return the fields of a lead with the difference between two others made to them."""
    return {
        name: _rebased(getattr(before, name), getattr(after, name), getattr(on, name))
        for name in names
        if name in type(on).model_fields
    }


def changed_lead(on: Lead[Any], names: Iterable[str], before: Lead[Any], after: Lead[Any]) -> Lead[Any]:
    """Return a lead with the difference between two others made to what was said of it."""
    said = as_said(on)
    return enriched_lead(said.but(**difference(names, as_said(before), as_said(after), said)))


def _rebased(old: Any, new: Any, on: Any) -> Any:
    """Return a value with the difference between two others made to it."""
    if isinstance(new, tuple) and isinstance(old, tuple) and isinstance(on, tuple):
        was, now = {_key(one): one for one in old}, {_key(one): one for one in new}
        changed = {key: one for key, one in now.items() if was.get(key) != one}
        kept = [changed.pop(_key(one), one) for one in on if _key(one) in now or _key(one) not in was]
        return (*kept, *changed.values())
    if isinstance(new, Entity) and type(old) is type(new) is type(on):
        parts = _parts(old, new)
        return on.but(**parts) if parts else on
    return new if new != old else on


def newly_given(names: Iterable[str], before: Lead[Any], after: Lead[Any]) -> dict[str, Any]:
    """Return the single values that changed from one state of a lead to the next; of a field with parts only those."""
    given: dict[str, Any] = {}
    for name in names:
        old, new = getattr(before, name, None), getattr(after, name, None)
        if isinstance(old, Entity) and isinstance(new, Entity):
            given[name] = _parts(old, new)
        elif new != old and not isinstance(new, tuple):
            given[name] = new
    return given


def _parts(old: Entity, new: Entity) -> dict[str, Any]:
    return {name: getattr(new, name) for name in type(new).model_fields if getattr(old, name) != getattr(new, name)}


def lost(name: str, lead: Lead[Any], old: tuple[Any, ...], new: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    """Return the list of a lead without what was taken away from another one; nothing if it has none of that."""
    gone = {_key(one) for one in old} - {_key(one) for one in new}
    values = getattr(lead, name)
    kept = tuple(one for one in values if _key(one) not in gone)
    return {name: kept} if len(kept) < len(values) else {}


def replaced_of_other(name: str, old: Any, new: Any, side: Lead[Any], opposite: Lead[Any]) -> Iterable[str]:
    """Return the paths in which a correction replaced a value that only the absorbed lead had."""
    mine, theirs = getattr(side, name, None), getattr(opposite, name, None)
    if not isinstance(new, Entity):
        return [name] if new != old and old == theirs != mine else []
    return [
        f"{name}.{sub}"
        for sub in type(new).model_fields
        if getattr(old, sub) != getattr(new, sub) and getattr(old, sub) == getattr(theirs, sub) != getattr(mine, sub)
    ]


def _key(value: Any) -> Any:
    """Return what makes a value of a list the same as another one, whatever else it says."""
    match value:
        case Consent():
            return value.purpose, value.channel
        case Deal() | Adjustment():
            return value.id
        case Enrolment():
            return value.sequence
        case Enrichment():
            return value.source
        case Twin():
            return value.lead_id
    return key_of(value)
