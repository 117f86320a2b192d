"""The paths of a type, and the types of the values there: read from annotations when a model is bound.

Fields and annotated properties count, at any depth; paths go through lists, and mappings accept any key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from functools import cached_property, reduce
from numbers import Number
from types import MappingProxyType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NewType,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from pydantic import BaseModel, EmailStr

from leadflow.conditions.values import Kind, kind_of, normalized
from leadflow.data_quality import quality_rules
from leadflow.entities.lead import Lead
from leadflow.entities.score import Account

__all__ = ["NOTHING", "OPEN", "Shape", "known_paths", "members", "quality_paths", "shape_at", "shape_of"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value at a path may be.

    ``kinds``: possible kinds (none for a group of fields); ``many``: the path leads through or to a list; ``choices``:
    the only possible texts, if enumerated; ``open``: nothing is known in advance.
    """

    kinds: frozenset[Kind] = frozenset()
    many: bool = False
    choices: frozenset[str] | None = None
    open: bool = False
    groups: tuple[type, ...] = ()
    mapped: tuple[Any, ...] = ()

    def merged(self, other: Shape) -> Shape:
        """The union of both."""
        return Shape(
            self.kinds | other.kinds,
            self.many or other.many,
            self._choices_with(other),
            self.open or other.open,
            self.groups + other.groups,
            self.mapped + other.mapped,
        )

    def _choices_with(self, other: Shape) -> frozenset[str] | None:
        if "text" not in self.kinds or "text" not in other.kinds:
            return self.choices if "text" in self.kinds else other.choices
        return None if self.choices is None or other.choices is None else self.choices | other.choices


OPEN: Final = Shape(open=True)
NOTHING: Final = Shape()
_DEPTH: Final = 6
"""The depth to which paths are listed; longer ones work all the same."""


def known_paths(root_type: type) -> Mapping[str, Shape]:
    """Every path of a type that leads to a value, with its shape; ``custom.*`` stands for any name there.

    Leads include the paths of their account and of the quality of their data.
    """
    listed = dict(_listed(shape_of(root_type), "", ()))
    if issubclass(root_type, Lead):
        listed |= _listed(shape_of(Account), "account", ())
        listed |= quality_paths(root_type)
    return MappingProxyType(dict(sorted(listed.items())))


def quality_paths(lead_type: type[Lead[Any]]) -> Mapping[str, Shape]:
    """The paths of the quality of a lead's data: by the purposes and groups of the definition of its class."""
    rules = quality_rules(lead_type)
    number, truth = Shape(kinds=frozenset({"number"})), Shape(kinds=frozenset({"bool"}))
    purposes, groups = [one.name for one in rules.purposes], [one.group for one in rules.freshness]
    return {
        **dict.fromkeys(("quality.score", "quality.validity"), number),
        **dict.fromkeys((f"quality.completeness.{name}" for name in purposes), number),
        **dict.fromkeys((f"quality.complete.{name}" for name in purposes), truth),
        **dict.fromkeys((f"quality.outdated.{name}" for name in groups), truth),
    }


def shape_at(root_type: type, path: str) -> Shape | None:
    """The shape of the value at a path; None if the type has no such path."""
    shape: Shape | None = shape_of(root_type)
    for name in path.split("."):
        shape = None if shape is None else _reached(shape, name)
    return shape


def shape_of(annotation: Any) -> Shape:
    """The shape of a value with this annotation."""
    return _described(annotation, ())


def _reached(shape: Shape, name: str) -> Shape | None:
    if shape.open:
        return OPEN
    below = [found[name] for group in shape.groups if name in (found := members(group))] or shape.mapped
    if not below:
        return None
    merged = _merged(shape_of(annotation) for annotation in below)
    return replace(merged, many=merged.many or shape.many)


def _listed(shape: Shape, path: str, above: tuple[type, ...]) -> Iterator[tuple[str, Shape]]:
    if path and (shape.kinds or shape.open or not (shape.groups or shape.mapped)):
        yield path, shape
    if len(above) >= _DEPTH:
        return
    prefix = f"{path}." if path else ""
    if shape.mapped:
        yield f"{prefix}*", _merged(shape_of(annotation) for annotation in shape.mapped)
    for group in shape.groups:
        for name in members(group) if group not in above else ():
            below = _reached(replace(shape, groups=(group,), mapped=()), name)
            yield from _listed(below or OPEN, prefix + name, (*above, group))


# --- annotations -------------------------------------------------------------------------------------------


def members(group: type) -> dict[str, Any]:
    """The public fields and annotated properties of a class, each with its annotation."""
    found = _properties(group)
    if issubclass(group, BaseModel):
        found |= {name: one.annotation for name, one in group.model_fields.items()}
    else:
        found |= _hints(group)
    return {name: annotation for name, annotation in found.items() if not name.startswith("_")}


def _properties(group: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(group.__mro__):
        if base in (BaseModel, object):
            continue
        for name, member in vars(base).items():
            getter = member.fget if isinstance(member, property) else None
            getter = member.func if isinstance(member, cached_property) else getter
            if getter is not None:
                annotation = _hints(getter).get("return", Any)
                found[name] = group if annotation is Self else _filled(group, annotation)
    return found


def _filled(group: type, annotation: Any) -> Any:
    """The annotation, with the type variable of a generic model replaced by its argument."""
    made = getattr(group, "__pydantic_generic_metadata__", None)
    if not isinstance(annotation, TypeVar) or not made or not made["origin"]:
        return annotation
    variables = made["origin"].__pydantic_generic_metadata__["parameters"]
    return dict(zip(variables, made["args"], strict=True)).get(annotation, annotation)


def _hints(thing: Any) -> dict[str, Any]:
    try:
        return get_type_hints(thing, include_extras=True)
    except (NameError, TypeError):  # names imported for type checkers only are unknown here
        return dict.fromkeys(getattr(thing, "__annotations__", {}), Any)


def _described(annotation: Any, aliases: tuple[Any, ...]) -> Shape:
    origin, args = get_origin(annotation), get_args(annotation)
    if hasattr(annotation, "__value__"):  # a `type` alias, which may name itself
        return OPEN if annotation in aliases else _described(annotation.__value__, (*aliases, annotation))
    if isinstance(annotation, NewType):
        return _described(annotation.__supertype__, aliases)
    if origin is Annotated:
        return _described(args[0], aliases)
    if origin is Literal:
        return _merged(_example(value) for value in args if value is not None)
    if origin in (Union, UnionType):
        return _merged(_described(one, aliases) for one in args if one is not type(None))
    if isinstance(annotation, TypeVar):
        return OPEN if annotation.__bound__ is None else _described(annotation.__bound__, aliases)
    kind = origin or annotation
    if not isinstance(kind, type) or kind in (Any, object):  # Any is a class since Python 3.11
        return OPEN
    return _described_class(kind, args, aliases)


def _described_class(kind: type, args: tuple[Any, ...], aliases: tuple[Any, ...]) -> Shape:
    if issubclass(kind, Enum):
        return _merged(_example(one) for one in kind)
    scalar = next((name for base, name in _SCALARS if issubclass(kind, base)), None)
    if scalar is not None:
        return Shape(kinds=frozenset({scalar}))
    if issubclass(kind, Mapping) and not is_typeddict(kind):
        return Shape(mapped=(args[1] if len(args) > 1 else Any,))
    if issubclass(kind, Collection) and not issubclass(kind, bytes) and not is_typeddict(kind):
        items = _merged(_described(one, aliases) for one in args if one is not Ellipsis) if args else OPEN
        return replace(items, many=True)
    free = issubclass(kind, BaseModel) and kind.model_config.get("extra") == "allow"
    return Shape(groups=(kind,), mapped=(Any,) if free else ())


_SCALARS: Final[tuple[tuple[type, Kind], ...]] = (
    (bool, "bool"), (Number, "number"), (str, "text"), (EmailStr, "text"), (datetime, "datetime"), (date, "date"),
)  # fmt: skip


def _example(value: object) -> Shape:
    plain = normalized(value)
    kind = kind_of(plain)
    if kind is None:
        return NOTHING
    return Shape(kinds=frozenset({kind}), choices=frozenset({plain}) if kind == "text" else None)


def _merged(shapes: Iterable[Shape]) -> Shape:
    return reduce(Shape.merged, shapes, NOTHING)
