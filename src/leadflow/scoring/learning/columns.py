"""Columns as learning sees them: each value a number, a text, a moment or missing, and what kind the column is."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from leadflow.conditions.values import Scalar, normalized

__all__ = ["ColumnKind", "Value", "bin_of", "edges_of", "kind_of_column", "shortest", "tidy"]

Value: TypeAlias = Scalar | None
ColumnKind: TypeAlias = Literal["number", "text", "moment", "identifier", "constant", "empty"]

UNIQUE: Final = 0.9
"""From this part of distinct values on a column of texts names its leads, and says nothing about others."""
DENSE: Final = 20
"""Whole numbers, each once and no more than so many times apart on average, are running numbers."""
FEW: Final = 20


def tidy(values: Iterable[object]) -> list[Value]:
    """The values as conditions compare them; blank texts, collections and what compares with nothing are missing."""
    return [_tidy(value) for value in values]


def _tidy(value: object) -> Value:
    plain = normalized(value)
    if isinstance(plain, str):
        return plain if plain.strip() else None
    if isinstance(plain, float) and math.isinf(plain):
        return None
    return plain if isinstance(plain, bool | int | float | date | datetime) else None


def kind_of_column(values: Sequence[Value]) -> ColumnKind:
    """What a column holds, by its values; mixed kinds are taken for text."""
    known = [value for value in values if value is not None]
    distinct = len(set(known))
    if not known:
        return "empty"
    if distinct == 1 and len(known) == len(values):
        return "constant"
    if all(isinstance(value, date) for value in known):
        return "moment"
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return "identifier" if _running(known, distinct) else "number"
    return "identifier" if len(known) >= FEW and distinct >= UNIQUE * len(known) else "text"


def _running(known: Sequence[Value], distinct: int) -> bool:
    numbers = [value for value in known if isinstance(value, int | float)]
    whole = all(value == int(value) for value in numbers)
    return (
        whole and len(numbers) >= FEW and distinct == len(numbers) and max(numbers) - min(numbers) <= DENSE * distinct
    )


def edges_of(numbers: Iterable[float], bins: int) -> list[float]:
    """Readable edges that cut numbers into at most so many bins of about the same size; each begins a bin."""
    counts = sorted(Counter(numbers).items())
    total, size = sum(count for _, count in counts), 0
    edges: list[float] = []
    begun = 0  # how many numbers lie below the last edge
    for (before, count), (value, _) in pairwise(counts):
        size += count
        if size - begun >= total / bins and total - size >= total / bins / 2:
            edges.append(shortest(before, value))
            begun = size
    return edges


def shortest(above: float, up_to: float) -> float:
    """The number with the fewest digits that is greater than one and at most another."""
    width = up_to - above
    place = math.floor(math.log10(width)) + 1 if width > 0 and math.isfinite(width) else 0
    for digits in range(place, place - 4, -1):
        step = 10.0 ** max(digits, -300)
        found = math.floor(up_to / step) * step
        rounded = round(found, max(-digits, 0))
        if above < rounded <= up_to:
            return rounded
    return up_to


def bin_of(value: float, edges: Sequence[float]) -> int:
    """Which bin a number falls into, from 0."""
    return bisect_right(edges, value)
