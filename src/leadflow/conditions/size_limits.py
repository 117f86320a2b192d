"""Limits on the size of conditions, so that no tree from any source causes a ``RecursionError``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from leadflow.errors import DefinitionError

__all__ = ["MAX_DEPTH", "MAX_SIZE", "check_limits", "within_limits"]

MAX_DEPTH: Final = 50
"""How deep ``and``, ``or`` and ``not`` may be nested (chains of the same operator are flat)."""
MAX_SIZE: Final = 5_000
"""How many nodes a condition may have; the values of ``is_in`` don't count."""


def within_limits(tree: object) -> object:
    """The same JSON-like tree, unless it is too deep or too large to be a condition (then a ``DefinitionError``)."""
    if not isinstance(tree, Mapping):
        return tree
    level, size, depth = _parts([tree]), 0, 0
    while level:
        size, depth = size + len(level), depth + 1
        check_limits(size, depth)
        level = _parts(level)
    return tree


def _parts(trees: Iterable[object]) -> list[object]:
    """The direct parts of these conditions, whether mappings or nodes."""
    below: list[object] = []
    for tree in trees:
        if isinstance(tree, Mapping):
            for key in ("all", "any", "of"):
                part = tree.get(key)
                below += part if isinstance(part, list | tuple) else () if part is None else (part,)
    return below


def check_limits(size: int, depth: int) -> None:
    """Refuse a condition that is too large or too deep for some engine."""
    if depth > MAX_DEPTH:
        raise DefinitionError(f"the condition is nested more than {MAX_DEPTH} deep; flatten it (all_of, any_of)")
    if size > MAX_SIZE:
        raise DefinitionError(f"the condition has more than {MAX_SIZE:,} parts; use is_in for long lists")
