"""Fields that were renamed: what is stored under a former name is read under the present one.

A class names them when it is defined: ``class Fleet(Entity, renamed={"machines": "machine_count"})``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import from_json

from leadflow.entities.base import Entity

__all__ = [
    "former_names",
    "former_paths",
    "has_former_names",
    "present_path",
    "under_present_names",
    "with_present_names",
]


def former_names(kind: type[Any], name: str) -> tuple[str, ...]:
    """Return the names that a field of this class had before, the latest first."""
    return kind.__former_names__.get(name, ()) if issubclass(kind, Entity) else ()


def former_paths(kind: type[BaseModel], path: str) -> tuple[str, ...]:
    """Return the paths that a field below one of this class had before: ``custom.machines``, the latest first."""
    name, _, part = path.partition(".")
    return tuple(f"{name}.{former}" for former in former_names(_class_of(kind, name), part))


def present_path(kind: type[BaseModel], path: str) -> str:
    """Return the present path of a field below one of this class; itself if it was not renamed."""
    name, _, part = path.partition(".")
    holder = _class_of(kind, name)
    if part and issubclass(holder, Entity):
        present = (one for one, former in holder.__former_names__.items() if part in former)
        return f"{name}.{next(present, part)}"
    return path


def _class_of(kind: type[BaseModel], name: str) -> type[Any]:
    annotation = kind.model_fields[name].annotation if name in kind.model_fields else None
    return annotation if isinstance(annotation, type) else object


@lru_cache(maxsize=1024)
def has_former_names(kind: type[BaseModel]) -> bool:
    """Whether a field of this class, or of a class within it, was renamed."""
    return any(isinstance(one, type) and issubclass(one, Entity) and one.__former_names__ for one in _classes(kind))


def _classes(kind: type[BaseModel]) -> set[type[BaseModel]]:
    """Return all classes of models within a class, itself included."""
    found: set[type[BaseModel]] = set()
    new = {kind}
    while new:
        found |= new
        new = {one for each in new for field in each.model_fields.values() for one in _models(field.annotation)} - found
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def with_present_names(kind: type[BaseModel], text: str | bytes) -> str | bytes:
    """Return stored JSON text with renamed fields under their present names."""
    if not has_former_names(kind):
        return text
    try:
        value = from_json(text)
    except ValueError:
        return text
    renamed = under_present_names(kind, value)
    return text if renamed is value else json.dumps(renamed)


def under_present_names(kind: type[BaseModel], value: Any) -> Any:
    """Return a JSON value with renamed fields under their present names, at any depth; itself if none was renamed.

    A value under both names stays under both: the present one counts, unless it is only the default.
    """
    if not isinstance(value, dict) or not has_former_names(kind):
        return value
    renamed = _renamed(kind, value) if issubclass(kind, Entity) and kind.__former_names__ else value
    within = {name: _within(field.annotation, renamed[name]) for name, field in _nested(kind) if name in renamed}
    changed = {name: one for name, one in within.items() if one is not renamed[name]}
    return renamed | changed if changed else renamed


def _renamed(kind: type[Entity], value: dict[str, Any]) -> dict[str, Any]:
    moved = {}
    for name, former in kind.__former_names__.items():
        if name not in value or (name in kind.model_fields and value[name] == _default(kind, name)):
            stored_as = next((one for one in former if one in value), None)
            if stored_as is not None:
                moved[stored_as] = name
    if not moved:
        return value
    replaced = set(moved.values())
    return {moved.get(name, name): one for name, one in value.items() if name not in replaced}


@lru_cache(maxsize=1024)
def _default(kind: type[BaseModel], name: str) -> Any:
    """Return what is stored of a field that has its default."""
    field = kind.model_fields[name]
    default = field.get_default(call_default_factory=True, validated_data={}) if not field.is_required() else None
    adapter: TypeAdapter[Any] = TypeAdapter(field.annotation or object)
    return adapter.dump_python(default, mode="json")


@lru_cache(maxsize=1024)
def _nested(kind: type[BaseModel]) -> tuple[tuple[str, FieldInfo], ...]:
    """Return the fields of a class below which a field was renamed."""
    return tuple(
        (name, field)
        for name, field in kind.model_fields.items()
        if any(map(has_former_names, _models(field.annotation)))
    )


def _within(annotation: Any, value: Any) -> Any:
    """Rename in the value of a field: in the only model that its annotation allows, in lists of it, or by key."""
    models = [*_models(annotation)]
    if len(models) != 1:
        return value
    (kind,) = models
    if isinstance(value, list):
        return _each(value, lambda one: _within(annotation, one))
    if isinstance(value, dict) and not _is_keyed(annotation):
        return under_present_names(kind, value)
    if isinstance(value, dict):
        within = {key: under_present_names(kind, one) for key, one in value.items()}
        return within if any(within[key] is not value[key] for key in value) else value
    return value


def _each(values: list[Any], rename: Callable[[Any], Any]) -> list[Any]:
    renamed = [rename(one) for one in values]
    return renamed if any(new is not old for new, old in zip(renamed, values, strict=True)) else values


def _is_keyed(annotation: Any) -> bool:
    """Whether the models are the values of a mapping."""
    origin = getattr(annotation, "__origin__", None)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return True
    return any(_is_keyed(argument) for argument in get_args(annotation))
