"""Lenient reading of stored values: nothing is lost, nothing is quoted, nothing stops other work.

Entities are strict when they are created. When they are read, whatever the current class does not know (a field of a
newer version, a field that was removed) or can't read (a field of a different type, a number out of range) is **kept
aside** on the entity that it belongs to: it is written back, exported and replayed unchanged, and becomes readable
again as soon as the class knows it again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import from_json

from leadflow.entities.base import Entity, keep_aside
from leadflow.entities.former_names import under_present_names, with_present_names
from leadflow.errors import TooNew, Unreadable

__all__ = [
    "ELEMENT",
    "has_aside",
    "kept_aside",
    "parsed",
    "read_leniently",
    "read_stored",
    "refuse_newer",
    "schema_of",
    "stored_form",
    "stored_json",
]

E = TypeVar("E", bound=Entity)
Path = tuple[str | int, ...]

ELEMENT = re.compile(r"(.+)\[(\d+)\]")
"""The name under which an unreadable list element is kept aside: ``emails[1]``."""
ROUNDS = 50
_PLAIN = frozenset({str, int, float, bool, type(None), datetime, date, dict})


def read_stored(
    kind: type[E], text: str | bytes, what: str, *, newest: int = 1, essential: frozenset[str] = frozenset()
) -> E:
    """Read an entity; what its class does not know or can't read is kept aside.

    Raises ``Unreadable`` if too much is missing (an ``essential`` field can't be read), and ``TooNew`` if its schema
    number is above ``newest``. ``what`` names it in errors, which never quote what is stored.
    """
    try:
        entity = kind.model_validate_json(with_present_names(kind, text))
    except ValidationError:
        return read_leniently(kind, parsed(text, what), what, newest=newest, essential=essential)
    refuse_newer(getattr(entity, "schema_number", 1), what, newest)
    return entity


def schema_of(value: Mapping[str, Any]) -> int:
    """Return the schema number of a stored value; 1 if it names none."""
    number = value.get("schema_number", 1)
    return number if isinstance(number, int) and not isinstance(number, bool) else 1


def kept_aside(entity: BaseModel) -> dict[str, JsonValue]:
    """Return what was kept aside of an entity, by its path: ``custom.fleet_size``, ``emails[1]``."""
    return dict(_aside(entity))


def stored_form(entity: BaseModel, **how: Any) -> dict[str, Any]:
    """Return an entity as JSON values, including everything kept aside, in its place."""
    value = entity.model_dump(mode="json", **how)
    if has_aside(entity):
        _merge(value, entity)
    return value


def stored_json(entity: BaseModel, **how: Any) -> str:
    """Return an entity as JSON text, including everything kept aside, in its place."""
    if has_aside(entity):
        return json.dumps(stored_form(entity, **how), ensure_ascii=True, separators=(",", ":"))
    return entity.model_dump_json(**how)


# ----------------------------------------------------------------------------------------------------------- reading
def parsed(text: str | bytes, what: str) -> dict[str, Any]:
    """Parse a JSON object, or raise ``Unreadable``."""
    try:
        value = from_json(text)
    except ValueError:
        raise Unreadable(what, "it is not JSON") from None
    if not isinstance(value, dict):
        raise Unreadable(what, "it is not a JSON object")
    return value


def refuse_newer(number: int, what: str, newest: int) -> None:
    """Raise ``TooNew`` for data that a newer leadflow wrote."""
    if number > newest:
        raise TooNew(what, number, newest)


def read_leniently(
    kind: type[E], value: dict[str, Any], what: str, *, newest: int = 1, essential: frozenset[str] = frozenset()
) -> E:
    """Read an entity from a JSON object like ``read_stored``; invalid parts are cut out until the rest is valid."""
    refuse_newer(schema_of(value), what, newest)
    value = under_present_names(kind, value)
    cuts: set[Path] = set()
    for _ in range(ROUNDS):
        pruned = _Pruned(value, cuts)
        try:
            entity = kind.model_validate_json(json.dumps(pruned.value), extra="allow")
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False, include_context=False)
            wrong = {pruned.located(one["loc"]) for one in errors} - cuts
        else:
            wrong = {owned for cut in cuts if (owned := pruned.owned(entity, cut)) != cut}
            if not wrong:
                return pruned.attached(entity)
        lost = sorted({str(path[0]) for path in wrong if len(path) == 1} & essential)
        if () in wrong or lost or not wrong:
            raise Unreadable(what, f"{', '.join(lost) or 'too much of it'} does not fit the current definitions")
        cuts = {cut for cut in cuts if not any(cut[: len(path)] == path for path in wrong)} | wrong
    raise Unreadable(what, "too much of it does not fit the current definitions")


@dataclass
class _Pruned:
    """A stored value without its unreadable parts; paths refer to the complete value."""

    whole: dict[str, Any]
    cuts: set[Path]
    value: Any = None
    left: dict[Path, list[int]] = field(default_factory=dict)
    """For each list from which something was cut: the indices that remain."""

    def __post_init__(self) -> None:
        self.value = self._without(self.whole, ())

    def _without(self, value: Any, at: Path) -> Any:
        if isinstance(value, dict):
            return {key: self._without(one, (*at, key)) for key, one in value.items() if (*at, key) not in self.cuts}
        if isinstance(value, list):
            kept = [nr for nr in range(len(value)) if (*at, nr) not in self.cuts]
            if len(kept) < len(value):
                self.left[at] = kept
            return [self._without(value[nr], (*at, nr)) for nr in kept]
        return value

    def located(self, loc: tuple[int | str, ...]) -> Path:
        """Return the location of an error: of the invalid value, or of the one in which something is missing."""
        value: Any = self.whole
        path: Path = ()
        for part in loc:
            if isinstance(value, list) and isinstance(part, int):
                left = self.left.get(path, range(len(value)))
                if part < len(left):
                    path, value = (*path, left[part]), value[left[part]]
            elif isinstance(value, dict) and part in value and (*path, part) not in self.cuts:
                path, value = (*path, part), value[part]
        return path

    def owned(self, entity: BaseModel, cut: Path) -> Path:
        """Return the part that an entity can keep aside: a field, or an element of a list field."""
        _, at = self._owner(entity, cut)
        is_element = len(cut) == at + 2 and isinstance(cut[-1], int)
        return cut if is_element else cut[: at + 1]

    def _owner(self, entity: BaseModel, cut: Path) -> tuple[BaseModel, int]:
        """Return the innermost entity on the path to a cut, and the length of the path to it."""
        value: Any = entity
        owner, at = entity, 0
        for nr, part in enumerate(cut[:-1]):
            if isinstance(value, BaseModel):
                value = value.__dict__.get(str(part))
            elif isinstance(value, list | tuple) and isinstance(part, int):
                left = self.left.get(cut[:nr], range(len(value)))
                value = value[left.index(part)] if part in left and left.index(part) < len(value) else None
            else:
                break
            if isinstance(value, BaseModel):
                owner, at = value, nr + 1
        return owner, at

    def attached(self, entity: E) -> E:
        """Return the entity with all cut parts kept aside where they belong."""
        cut_from: dict[int, dict[str, JsonValue]] = {}
        for cut in self.cuts:
            owner, at = self._owner(entity, cut)
            raw: Any = self.whole
            for part in cut:
                raw = raw[part]
            name = str(cut[at]) if len(cut) == at + 1 else f"{cut[at]}[{cut[at + 1]}]"
            cut_from.setdefault(id(owner), {})[name] = raw
        of_host = {id(one) for one in _entities(getattr(entity, "custom", None))}
        for one in _entities(entity):
            if not _keeps_aside(one):
                continue
            extra = one.__pydantic_extra__ or {}
            if id(one) in of_host:  # a removed field that had no value leaves nothing
                extra = {name: raw for name, raw in extra.items() if raw is not None}
            aside = {**extra, **cut_from.get(id(one), {})}
            keep_aside(one, {name: aside[name] for name in sorted(aside)})
        return entity


# ------------------------------------------------------------------------------------------------------------ writing
def _entities(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        for inner in value.__dict__.values():
            if isinstance(inner, BaseModel | tuple | list):
                yield from _entities(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _entities(inner)


def has_aside(value: Any) -> bool:
    """Whether something was kept aside when this value, or one within it, was read."""
    pending = [value]  # no recursion: this runs over everything that is stored
    while pending:
        one = pending.pop()
        kind: type = one.__class__
        if _is_entity(kind):
            if one.__pydantic_extra__ and _keeps_aside(one):
                return True
            inner: Iterable[Any] = one.__dict__.values()
        else:
            inner = one if isinstance(one, tuple | list) else ()
        pending += [part for part in inner if type(part) not in _PLAIN]
    return False


@lru_cache(maxsize=1024)
def _is_entity(kind: type) -> bool:
    return issubclass(kind, BaseModel)


def _keeps_aside(entity: BaseModel) -> bool:
    return entity.model_config.get("extra") != "allow"  # a host's own class may have such values legitimately


def _aside(value: Any, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, BaseModel):
        for name, raw in ((value.__pydantic_extra__ or {}) if _keeps_aside(value) else {}).items():
            yield f"{path}{name}", raw
        for name, inner in value.__dict__.items():
            yield from _aside(inner, f"{path}{name}." if isinstance(inner, BaseModel) else f"{path}{name}")
    elif isinstance(value, tuple | list):
        for nr, inner in enumerate(value):
            yield from _aside(inner, f"{path}[{nr}].")


def _merge(value: dict[str, Any], entity: BaseModel) -> None:
    """Put back what was kept aside; a field that was set since keeps nothing aside."""
    for name, inner in entity.__dict__.items():
        if isinstance(inner, BaseModel) and has_aside(inner):
            _merge(value.setdefault(name, {}), inner)
        elif isinstance(inner, tuple | list) and has_aside(inner):
            for stored, one in zip(value[name], inner, strict=True):
                if isinstance(one, BaseModel):
                    _merge(stored, one)
    elements = []
    for name, raw in (entity.__pydantic_extra__ or {}).items():
        element = ELEMENT.fullmatch(name)
        if element is None or element[1] not in type(entity).model_fields:
            value[name] = raw
        else:
            elements.append((int(element[2]), element[1], raw))
    for nr, name, raw in sorted(elements, key=lambda one: one[:2]):
        value.setdefault(name, []).insert(nr, raw)
