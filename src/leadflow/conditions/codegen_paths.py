"""Generated code that reads paths: each step once, each value converted once to what its conditions need.

What a condition needs of a value is a *facet*: the value if it is a number, a text, …, else ``None``. Facets are read
before any condition is evaluated, so conditions need no guard but ``is not None``. If the class of the subject is known
in advance, its attributes are read directly, guarded by a check of the class, so that the meaning stays the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from keyword import iskeyword
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel

from leadflow.conditions.path_types import NOTHING, members, shape_of
from leadflow.conditions.values import Kind, is_read_by_attribute, normalized, way

__all__ = ["NAMES", "Facet", "PathNode", "indented"]

Facet: TypeAlias = Kind | Literal["known", "holder", "anything"]
"""What a condition needs of a value: a kind, to be known, texts (a text or a list of them), or no conversion."""

_FACETS: Final[Mapping[Facet, str]] = {
    "bool": "if {0}.__class__ is not _bool and {0} is not None: {0} = _as_bool({0})",
    "number": "if {0}.__class__ is not _int and ({0}.__class__ is not _float or {0} != {0}) and {0} is not None: "
    "{0} = _as_number({0})",
    "text": "if {0}.__class__ is not _str and {0} is not None: {0} = _as_text({0})",
    "datetime": "if ({0}.__class__ is not _datetime or {0}.tzinfo is not _utc) and {0} is not None: "
    "{0} = _as_datetime({0})",
    "date": "if {0}.__class__ is not _date and {0} is not None: {0} = _as_date({0})",
    "known": "if {0}.__class__ is not _str and {0} is not None and not ({0}.__class__ is _float and {0} == {0}): "
    "{0} = _settled({0})",
    "holder": "if {0}.__class__ is not _str and {0} is not None: {0} = _as_holder({0})",
    "anything": "",
}
"""Statements that convert a value to its facet in place; a value of the expected class is left alone."""
_SEVERAL: Final = 3
"""With at least this many attributes of one object, reading its ``__dict__`` is faster."""


def _only(*classes: type) -> Callable[[object], object]:
    """A function that returns the normalized value if it has one of these classes, else None."""

    def facet(value: object) -> object:
        plain = normalized(value)
        return plain if plain.__class__ in classes else None

    return facet


NAMES: Final[Mapping[str, object]] = {
    "_as_bool": _only(bool),
    "_as_date": _only(date),
    "_as_datetime": _only(datetime),
    "_as_holder": _only(str, tuple),
    "_as_number": _only(int, float),
    "_as_text": _only(str),
    "_bool": bool,
    "_date": date,
    "_datetime": datetime,
    "_dict": dict,
    "_float": float,
    "_int": int,
    "_settled": normalized,
    "_str": str,
    "_type": type,
    "_utc": UTC,
    "_way": way,
}
"""The names that the generated code uses."""


class PathNode:
    """A step of a path: the steps below it, and the facets needed of its value."""

    __slots__ = ("_below", "_bound", "_facets", "_named", "name")

    def __init__(self, name: str, named: Callable[[], str], bound: Callable[[object], str]) -> None:
        self.name, self._named, self._bound = name, named, bound
        self._below: dict[str, PathNode] = {}
        self._facets: dict[Facet, str] = {}

    def below(self, part: str) -> PathNode:
        """The node one step further."""
        if part not in self._below:
            self._below[part] = PathNode(self._named(), self._named, self._bound)
        return self._below[part]

    def facet(self, facet: Facet) -> str:
        """The variable that holds this facet of the value."""
        if facet not in self._facets:
            self._facets[facet] = self._named() if self._facets else self.name
        return self._facets[facet]

    def lines(self, kind: type | None) -> Iterator[str]:
        """The lines that read everything below; ``kind`` is the class expected here, if known."""
        if self._below:
            yield from self._steps(kind)
        for facet, variable in reversed(self._facets.items()):  # the one that overwrites the value comes last
            if variable != self.name:
                yield f"{variable} = {self.name}"
            if _FACETS[facet]:
                yield _FACETS[facet].format(variable)
        for part, place in self._below.items():
            yield from place.lines(_class_at(kind, part))

    def _steps(self, kind: type | None) -> Iterator[str]:
        anyhow = [f"{place.name} = {self.step(part)}" for part, place in self._below.items()]
        directly = self._direct_steps(kind)
        if directly:
            yield from (f"if _type({self.name}) is {self._bound(kind)}:", *indented(directly), "else:")
        yield from indented(anyhow) if directly else anyhow

    def step(self, part: str) -> str:
        """The expression for one step from a value of any class."""
        here, key = self.name, self._bound(part)
        return f"{here}.get({key}) if {here}.__class__ is _dict else _way({here}.__class__)({here}, {key})"

    def _direct_steps(self, kind: type | None) -> list[str]:
        """The lines for all steps from a value of exactly this class; none if there is no faster way."""
        if kind is dict:
            return [f"{place.name} = {self.name}.get({self._bound(part)})" for part, place in self._below.items()]
        if kind is None or not is_read_by_attribute(kind):
            return []
        stored = {part for part in self._below if _is_stored(kind, part)}
        by_key = stored if len(stored) >= _SEVERAL else set()
        values = self._named()
        lines = [f"{values} = {self.name}.__dict__"] if by_key else []
        for part, place in self._below.items():
            by_name = self.step(part) if iskeyword(part) else f"{self.name}.{part}"
            read = f"{place.name} = {f'{values}[{self._bound(part)}]' if part in by_key else by_name}"
            if _is_computed(kind, part):  # as the general way does: a missing attribute is a missing value
                lines += ["try:", f"    {read}", "except AttributeError:", f"    {place.name} = None"]
            else:
                lines.append(read)
        return lines


@lru_cache(maxsize=256)
def _class_at(kind: type | None, part: str) -> type | None:
    """The class of the object that an attribute is annotated to hold, if it is a single one."""
    if kind is None or not is_read_by_attribute(kind):
        return None
    annotation = members(kind).get(part)
    shape = NOTHING if annotation is None else shape_of(annotation)
    return shape.groups[0] if len(shape.groups) == 1 and not shape.many else None


def _is_stored(kind: type, part: str) -> bool:
    """The attribute is a field of a pydantic model and certainly in its ``__dict__``."""
    is_field = issubclass(kind, BaseModel) and part in kind.model_fields
    return is_field and all({part, "__getattribute__"}.isdisjoint(vars(base)) for base in kind.__mro__[:-1])


def _is_computed(kind: type, part: str) -> bool:
    """The attribute is a property, which may raise ``AttributeError`` itself."""
    return any(isinstance(vars(base).get(part), property) for base in kind.__mro__)


def indented(lines: Iterable[str]) -> list[str]:
    """The lines, one level deeper."""
    return [f"    {line}" for line in lines]
