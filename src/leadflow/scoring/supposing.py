"""A lead as it would be with some values others than they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadflow.conditions.values import COLLECTIONS, step
from leadflow.entities.base import Entity


class Branch(dict[str, Any]):
    """Other values by name, below a name of its own or at the top; no value of a lead is one."""


class Supposed:
    """Something of which some values are others: those of a tree, the rest as they are."""

    def __init__(self, base: object, tree: Branch) -> None:
        self._base, self._tree = base, tree

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._tree:
            value = self._tree[name]
            return Supposed(step(self._base, name), value) if isinstance(value, Branch) else value
        if isinstance(self._base, Mapping) and name in self._base:
            return self._base[name]
        return getattr(self._base, name)


def with_values(subject: Any, values: Mapping[str, object]) -> Any:
    """The subject with other values at these paths: of its own class where they are fields, else something like it."""
    return _with(subject, tree_of(values)) if values else subject


def tree_of(values: Mapping[str, object]) -> Branch:
    """Values by path as a tree."""
    tree = Branch()
    for path, value in values.items():
        *above, last = path.split(".")
        place = tree
        for name in above:
            below = place.get(name)
            if not isinstance(below, Branch):
                below = place[name] = Branch()
            place = below
        place[last] = value
    return tree


def _with(subject: Any, tree: Branch) -> Any:
    if not isinstance(subject, Entity) or not tree.keys() <= type(subject).model_fields.keys():
        return Supposed(subject, tree)
    made = {
        name: _with(getattr(subject, name), below) if isinstance(below, Branch) else below
        for name, below in tree.items()
    }
    return Supposed(subject, tree) if any(isinstance(one, Supposed) for one in made.values()) else subject.but(**made)


def is_changeable(subject: object, path: str) -> bool:
    """Whether a value can be supposed at a path: none of its steps goes through a list."""
    for name in path.split("."):
        if isinstance(subject, COLLECTIONS):
            return False
        subject = step(subject, name)
    return True
