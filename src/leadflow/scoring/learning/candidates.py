"""Readable rules that a column may give: a value, a stretch of numbers, nothing known; conditions on one field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from leadflow.conditions.fields import field
from leadflow.conditions.nodes import Condition
from leadflow.entities.base import safe_line
from leadflow.scoring.learning.columns import Value, bin_of, edges_of, kind_of_column
from leadflow.scoring.rules import FitRule, points

__all__ = ["bins_for", "candidates"]

MOST_BINS: Final = 25
FEWEST_BINS: Final = 4
PER_BIN: Final = 250
"""Numbers are cut into a bin for so many leads: finer where there is more to learn from."""
LEAST: Final = 10
"""A rule that holds for fewer leads would be learned from accidents."""
MOST_VALUES: Final = 100
MOST_RULES: Final = 2_000
"""Of more, those that hold for the most leads are taken."""
NAME: Final = 150


def bins_for(leads: int) -> int:
    """Into how many bins numbers are cut."""
    return min(MOST_BINS, max(FEWEST_BINS, leads // PER_BIN))


def candidates(columns: Mapping[str, Sequence[Value]], *, bins: int | None = None, least: int = LEAST) -> list[FitRule]:
    """Rules worth one point each: those that hold for enough, but not for all leads. Columns are given by path."""
    found = [
        (condition, count)
        for path, values in columns.items()
        for condition, count in _conditions(path, values, bins or bins_for(len(values)))
        if least <= count < len(values)
    ]
    ranked = sorted(range(len(found)), key=lambda at: -found[at][1])
    names: set[str] = set()
    return [points(1, found[at][0], name=_name(names, found[at][0])) for at in sorted(ranked[:MOST_RULES])]


def _conditions(path: str, values: Sequence[Value], bins: int) -> Iterator[tuple[Condition, int]]:
    """Conditions on one column, each with how many leads it holds for."""
    kind = kind_of_column(values)
    if kind == "number":
        yield from _stretches(path, [value for value in values if isinstance(value, int | float)], bins)
    elif kind == "text":
        for value, count in Counter(value for value in values if value is not None).most_common(MOST_VALUES):
            yield field(path) == value, count
    if kind in ("number", "text"):
        yield ~field(path).is_known(), sum(value is None for value in values)


def _stretches(path: str, numbers: Sequence[float], bins: int) -> Iterator[tuple[Condition, int]]:
    edges = edges_of(numbers, bins)
    counts = Counter(bin_of(number, edges) for number in numbers)
    if not edges:
        return
    edges = [int(edge) if edge == int(edge) else edge for edge in edges]
    yield field(path) < edges[0], counts[0]
    for at, (low, high) in enumerate(pairwise(edges), 1):
        yield (field(path) >= low) & (field(path) < high), counts[at]
    yield field(path) >= edges[-1], counts[len(edges)]


def _name(taken: set[str], condition: Condition) -> str:
    """What the rule is called: its condition in words, made unique where long texts were cut to the same."""
    cut = str(safe_line(str(condition)))[:NAME].strip()
    name, number = cut, 2
    while name in taken:
        name, number = f"{cut} ({number})", number + 1
    taken.add(name)
    return name
