"""Where a lead's stored document keeps the value of a path, and the value if the document omits it.

Documents omit defaults. Properties that a lead computes from its fields are stored beside its document, by path, so
that they can be queried without reading the lead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from leadflow.conditions.path_types import Shape, members, shape_of
from leadflow.conditions.values import read, step
from leadflow.entities import Lead
from leadflow.entities.former_names import former_names
from leadflow.errors import DefinitionError

__all__ = ["COMPUTED", "MANY_KINDS", "Level", "StoredPath", "computed_values", "stored_path"]

COMPUTED: Final = (
    "account",
    "address.is_deliverable",
    "consented",
    "email",
    "is_reachable",
    "person.full_name",
    "phone",
)
"""The properties of a lead that are stored beside its document; ``score.total`` has a column of its own."""
STORE_IT = "it is computed when a lead is read; store it in a custom field to find leads by it"
MANY_KINDS = "it may be of several kinds; give it one type to find leads by it"


@dataclass(frozen=True, slots=True)
class Level:
    """Names from one JSON object to a value below it. A level ends at a list; its items may begin another level.

    ``absent`` has, for each of the names, the value to use if the object above it lacks the name; ``former`` the names
    under which it is looked for before that.
    """

    names: tuple[str, ...]
    absent: tuple[object, ...]
    former: tuple[tuple[str, ...], ...]

    @property
    def renamed(self) -> int | None:
        """The place of the first name that has former ones."""
        return next((nr for nr, names in enumerate(self.former) if names), None)

    def named(self, nr: int, name: str) -> Level:
        """Return the level with this one name at a place."""
        names, former = [*self.names], [*self.former]
        names[nr], former[nr] = name, ()
        return replace(self, names=tuple(names), former=tuple(former))


@dataclass(frozen=True, slots=True)
class StoredPath:
    """The levels from a document to a value, and its shape; ``decimal``: perhaps a number stored as text."""

    computed: bool
    levels: tuple[Level, ...]
    shape: Shape
    whole: bool
    decimal: bool
    ends_in_list: bool

    @property
    def many(self) -> bool:
        """Whether it leads through or to a list."""
        return len(self.levels) > 1 or self.ends_in_list


def computed_values(lead: Lead[Any]) -> dict[str, Any]:
    """Return what is stored beside a lead's document, as JSON values."""
    return {path: _form(_raw(lead, path)) for path in COMPUTED}


def _raw(value: object, path: str) -> object:
    for name in path.split("."):
        value = step(value, name)
    return value


def _form(value: object) -> object:
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, BaseModel) else value


@lru_cache(maxsize=1024)
def stored_path(lead_type: type[Lead[Any]], path: str) -> StoredPath:
    """Locate a path in documents of this class; ``DefinitionError`` if it is not stored there."""
    property_ = next((one for one in COMPUTED if path == one or path.startswith(f"{one}.")), None)
    if property_ is None:
        steps = [*_steps(path, lead_type, path.split("."))]
    else:
        annotation = _property(lead_type, property_)
        rest = path[len(property_) + 1 :]
        below = _steps(path, _only(path, annotation), rest.split(".")) if rest else ()
        steps = [_Step(property_, annotation, None), *below]
    last = steps[-1].annotation
    classes = [kind for kind in _classes(last) if kind is not type(None)]
    return StoredPath(
        computed=property_ is not None,
        levels=tuple(_levels(steps)),
        shape=shape_of(last),
        whole=bool(classes) and all(issubclass(kind, int) for kind in classes),
        decimal=any(issubclass(kind, Decimal) for kind in classes),
        ends_in_list=_is_list(last),
    )


# ------------------------------------------------------------------------------------------------------------- steps
@dataclass(frozen=True, slots=True)
class _Step:
    """A name, the annotation of its value, and the value if it is omitted."""

    name: str
    annotation: Any
    default: object
    former: tuple[str, ...] = ()


def _steps(path: str, group: Any, names: list[str]) -> Iterator[_Step]:
    for nr, name in enumerate(names):
        step = _stepped(path, group, name)
        yield step
        if nr < len(names) - 1:
            group = _only(path, step.annotation)


def _stepped(path: str, group: Any, name: str) -> _Step:
    """The step from a model class or a mapping to its value of this name."""
    if not isinstance(group, type):
        return _Step(name, Any if group is None else group.annotation, None)
    fields: Mapping[str, FieldInfo] = getattr(group, "model_fields", {})
    if name in fields:
        field = fields[name]
        return _Step(name, field.annotation, _default(field), former_names(group, name))
    if name in members(group):
        raise DefinitionError(f"{path}: {STORE_IT}")
    return _Step(name, Any, None)  # the class allows other names


@dataclass(frozen=True, slots=True)
class _Mapping:
    annotation: Any


def _only(path: str, annotation: Any) -> Any:
    """The one class in which names are looked up: of a model or of list items; a mapping; None for anything."""
    shape = shape_of(annotation)
    if shape.open:
        return None
    if len(shape.groups) + len(shape.mapped) != 1 or shape.kinds:
        raise DefinitionError(f"{path}: {MANY_KINDS}")
    if shape.mapped:
        return _Mapping(shape.mapped[0])
    if not issubclass(shape.groups[0], BaseModel):
        raise DefinitionError(
            f"{path}: {shape.groups[0].__name__} is not a pydantic model; make it one to find leads by it"
        )
    return shape.groups[0]


def _property(group: Any, path: str) -> Any:
    *above, name = path.split(".")
    for one in above:
        (group,) = shape_of(group.model_fields[one].annotation).groups
    return members(group)[name]


def _default(field: FieldInfo) -> object:
    default = field.get_default(call_default_factory=True, validated_data={}) if not field.is_required() else None
    if not field.validate_default or default is None:
        return default
    try:
        adapter: TypeAdapter[object] = TypeAdapter(field.annotation or object)
        return adapter.validate_python(default)
    except ValidationError:
        return None


# ------------------------------------------------------------------------------------------------------------ levels
def _levels(steps: list[_Step]) -> Iterator[Level]:
    start = 0
    for nr, one in enumerate(steps):
        if _is_list(one.annotation) or nr == len(steps) - 1:
            part = steps[start : nr + 1]
            former = tuple(step.former for step in part)
            yield Level(tuple(step.name for step in part), tuple(_absent(part)), former)
            start = nr + 1


def _is_list(annotation: Any) -> bool:
    shape = shape_of(annotation)
    return shape.many and not shape.open


def _absent(steps: list[_Step]) -> Iterator[object]:
    for nr, one in enumerate(steps):
        rest = ".".join(step.name for step in steps[nr + 1 :])
        yield read({"there": one.default}, f"there.{rest}" if rest else "there")


def _classes(annotation: Any) -> Iterator[type]:
    while hasattr(annotation, "__value__"):  # a `type` alias
        annotation = annotation.__value__
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _classes(get_args(annotation)[0])
    elif origin is Literal:
        yield from map(type, get_args(annotation))
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _classes(one)
    else:
        yield annotation if isinstance(annotation, type) else object
