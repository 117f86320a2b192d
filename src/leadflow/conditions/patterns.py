"""Reasoning about text patterns without a text: can one text match both, does one cover the other?

A pattern is a sequence of characters, ``ONE`` (any character) and ``ANY`` (any characters, or none).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from leadflow.conditions.nodes import Matches

__all__ = ["ANY", "ONE", "Pattern", "beginning", "covers", "may_meet", "pattern_of"]

Pattern: TypeAlias = tuple[str, ...]

ONE: Final = "one"
ANY: Final = "any"
LONGEST: Final = 40_000
"""Patterns whose lengths multiply to more are not compared; the result is the cautious one."""


def pattern_of(leaf: Matches) -> Pattern:
    """The pattern of the texts for which the condition is true."""
    match leaf.op:
        case "contains":
            return (ANY, *leaf.text, ANY)
        case "starts_with":
            return (*leaf.text, ANY)
        case "ends_with":
            return (ANY, *leaf.text)
        case "like":
            return tuple({"*": ANY, "?": ONE}.get(sign, sign) for sign in leaf.text)


def beginning(pattern: Pattern) -> str:
    """The fixed prefix of all texts that match the pattern."""
    fixed = next((at for at, sign in enumerate(pattern) if sign in (ONE, ANY)), len(pattern))
    return "".join(pattern[:fixed])


def may_meet(one: Pattern, other: Pattern) -> bool:
    """Whether some text matches both patterns; True also if they are too long to decide."""
    return len(one) * len(other) > LONGEST or _aligned(one, other, _may_be_same, both=True)


def covers(wide: Pattern, narrow: Pattern) -> bool:
    """Whether every text that matches ``narrow`` provably matches ``wide``."""
    return len(wide) * len(narrow) <= LONGEST and _aligned(wide, narrow, _is_covered, both=False)


def _may_be_same(one: str, other: str) -> bool:
    return one == other or ONE in (one, other)


def _is_covered(wide: str, narrow: str) -> bool:
    return wide == narrow or (wide == ONE and narrow != ANY)


def _aligned(one: Pattern, other: Pattern, same: Callable[[str, str], bool], *, both: bool) -> bool:
    """Whether the patterns can be aligned; ``ANY`` of the first (or of both) matches any part of the other.

    Dynamic programming from the end: a row tells for every suffix of ``other`` whether the suffix of ``one`` aligns.
    """
    below: list[bool] = []
    for at in range(len(one), -1, -1):
        row = [False] * (len(other) + 1)
        for place in range(len(other), -1, -1):
            mine = one[at] if at < len(one) else None
            theirs = other[place] if place < len(other) else None
            if mine is None and theirs is None:
                fits = True
            elif mine == ANY:
                fits = below[place] or (theirs is not None and row[place + 1])
            elif both and theirs == ANY:
                fits = row[place + 1] or (mine is not None and below[place])
            else:
                fits = mine is not None and theirs is not None and same(mine, theirs) and below[place + 1]
            row[place] = fits
        below = row
    return below[0]
