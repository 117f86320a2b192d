"""What can be told of text patterns without a text: whether one text can match two of them, whether one covers another.

A pattern is a sequence of characters, ``ONE`` (any character) and ``ANY`` (any characters, or none).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from leadflow.conditions.nodes import Matches

Pattern: TypeAlias = tuple[str, ...]

ONE: Final = "one"
ANY: Final = "any"
LONGEST: Final = 40_000
"""Two patterns whose lengths multiply to more are not compared: nothing is told of them."""


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
    """What every text of the pattern begins with."""
    fixed = next((at for at, sign in enumerate(pattern) if sign in (ONE, ANY)), len(pattern))
    return "".join(pattern[:fixed])


def may_meet(one: Pattern, other: Pattern) -> bool:
    """Whether there is a text of both patterns; True also where they are too long to tell."""
    return len(one) * len(other) > LONGEST or _aligned(one, other, _may_be_same, both=True)


def covers(wide: Pattern, narrow: Pattern) -> bool:
    """Whether it is certain that every text of ``narrow`` is one of ``wide``."""
    return len(wide) * len(narrow) <= LONGEST and _aligned(wide, narrow, _is_covered, both=False)


def _may_be_same(one: str, other: str) -> bool:
    return one == other or ONE in (one, other)


def _is_covered(wide: str, narrow: str) -> bool:
    return wide == narrow or (wide == ONE and narrow != ANY)


def _aligned(one: Pattern, other: Pattern, same: Callable[[str, str], bool], *, both: bool) -> bool:
    """Whether the patterns can be laid upon each other; ``ANY`` of the first (or of both) takes any part of the other.

    From the ends backwards: a row holds, for every rest of ``other``, whether a rest of ``one`` goes with it.
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
