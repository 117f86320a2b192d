"""Readable rules that a column may give: a value, a stretch of numbers, nothing known; conditions on one field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from leadflow.conditions.fields import field
from leadflow.conditions.nodes import Condition
from leadflow.scoring.learning.columns import Value, bin_of, edges_of, kind_of_column
from leadflow.scoring.rules import FitRule, points

__all__ = ["BINS", "candidates"]

BINS: Final = 15
LEAST: Final = 10
"""A rule that holds for fewer leads would be learned from accidents."""
MOST_VALUES: Final = 100


def candidates(columns: Mapping[str, Sequence[Value]], *, bins: int = BINS, least: int = LEAST) -> list[FitRule]:
    """Rules worth one point each: those that hold for enough, but not for all leads. Columns are given by path."""
    rules: list[FitRule] = []
    for path, values in columns.items():
        for condition, count in _conditions(path, values, bins):
            if least <= count < len(values):
                rules.append(points(1, condition, name=_name(rules, condition)))
    return rules


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


def _name(rules: Sequence[FitRule], condition: Condition) -> str:
    """What the rule is called: its condition in words, made unique where long texts were cut to the same."""
    name = str(condition)[:150]
    return name if all(rule.name != name for rule in rules) else f"{name} ({len(rules) + 1})"
