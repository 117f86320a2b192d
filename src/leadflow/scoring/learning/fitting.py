"""Rules that a column may give (a value, a stretch of numbers, nothing known), and whole points for them.

Points are those of a regularised logistic regression on which rule holds for which lead. Needs the extra ``learn``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from leadflow.conditions.fields import field
from leadflow.conditions.nodes import Condition
from leadflow.entities.base import safe_line
from leadflow.errors import require
from leadflow.scoring.evaluation import folds
from leadflow.scoring.learning.column_profile import ColumnValue, bin_of, edges_of, kind_of_column
from leadflow.scoring.metrics import log_loss
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.platt_scaling import chance_of, line_of
from leadflow.scoring.rules import FitRule, points

__all__ = ["DOUBLE", "Fitted", "bins_for", "candidates", "fitted", "holding"]

DOUBLE: Final = 10
"""The points that double the odds of winning."""
UNIT: Final = math.log(2) / DOUBLE
MOST: Final = 1_000
"""No rule is worth more, whatever the data say."""
STRENGTHS: Final = (0.03, 0.1, 0.3, 1.0)
"""How freely weights may follow the data (scikit-learn's C); inner folds choose."""
INNER: Final = 3
LEADS_PER_RULE: Final = 10
"""With fewer leads per rule than that, rules that may be accidents are not weighed at all."""
WRONGLY: Final = 0.2
MOST_BINS: Final = 25
FEWEST_BINS: Final = 4
PER_BIN: Final = 250
"""The leads for each bin that numbers are cut into: finer where there is more to learn from."""
LEAST_HELD: Final = 10
"""A rule that holds for fewer leads would be learned from accidents."""
MOST_VALUES: Final = 100
MOST_RULES: Final = 2_000
"""Of more, those that hold for the most leads are taken."""
NAME_SHOWN: Final = 150


# --- rules ---------------------------------------------------------------------------------------------------


def bins_for(leads: int) -> int:
    """Into how many bins numbers are cut."""
    return min(MOST_BINS, max(FEWEST_BINS, leads // PER_BIN))


def candidates(
    columns: Mapping[str, Sequence[ColumnValue]], *, bins: int | None = None, least: int = LEAST_HELD
) -> list[FitRule]:
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


def _conditions(path: str, values: Sequence[ColumnValue], bins: int) -> Iterator[tuple[Condition, int]]:
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
    cut = str(safe_line(str(condition)))[:NAME_SHOWN].strip()
    name, number = cut, 2
    while name in taken:
        name, number = f"{cut} ({number})", number + 1
    taken.add(name)
    return name


# --- their points --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Holding:
    """Which rules hold for each lead, as places of rules."""

    rules: int
    rows: Sequence[Sequence[int]]

    def of(self, places: Sequence[int]) -> Holding:
        """The same for some of the leads."""
        return Holding(self.rules, [self.rows[place] for place in places])

    def matrix(self) -> Any:
        """A sparse matrix of ones, a row per lead."""
        from scipy.sparse import csr_matrix

        inner = [rule for row in self.rows for rule in row]
        ends = [0]
        for row in self.rows:
            ends.append(ends[-1] + len(row))
        return csr_matrix(([1.0] * len(inner), inner, ends), shape=(len(self.rows), self.rules))

    def totals(self, points: Sequence[int]) -> list[int]:
        """The points of each lead."""
        return [sum(points[rule] for rule in row) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Whole points per rule; ``intercept + slope × total`` are the log odds of winning.

    The slope is 0 where more points did not mean more won leads. ``totals`` are those that each lead got from points
    learned without it: what bands and chances are judged by.
    """

    points: tuple[int, ...]
    intercept: float
    slope: float
    strength: float
    totals: tuple[int, ...]


def holding(rules: Sequence[FitRule], leads: Sequence[object], now: datetime) -> Holding:
    """Ask every rule of every lead, by the same generated function that scores them later."""
    asked = tuple(rule.but(points=1.0, group=None) for rule in rules)
    fit, place = (
        ScoringModel(name="candidates", fit=asked).bind(dict).of_lead,
        {r.name: at for at, r in enumerate(asked)},
    )
    rows = [[place[given.rule] for given in fit(lead, now, strict=True)[3]] for lead in leads]
    return Holding(len(asked), rows)


def fitted(held: Holding, won: Sequence[bool], *, seed: int = 0) -> Fitted:
    """Learn whole points, and the chance that goes with a total, from leads that were won or lost.

    Inner folds (never ordered by time: they choose how much to shrink, and the outer split guards the future) give each
    lead a total from points that were learned without it; on these the chance is calibrated.
    """
    require("learn")
    with _one_thread():
        tried = [_left_out(held, won, strength, seed) for strength in STRENGTHS]
        losses = [_loss(totals, won) for totals in tried]
        best = losses.index(min(losses))
        points = _points(held, won, STRENGTHS[best])
    intercept, slope = line_of(tried[best], won)
    return Fitted(tuple(points), intercept, slope, STRENGTHS[best], tuple(tried[best]))


def _left_out(held: Holding, won: Sequence[bool], strength: float, seed: int) -> list[int]:
    totals = [0] * len(won)
    for outside, inside in folds(won, count=INNER, seed=seed):
        points = _points(held.of(outside), [won[place] for place in outside], strength)
        for place, total in zip(inside, held.of(inside).totals(points), strict=True):
            totals[place] = total
    return totals


def _points(held: Holding, won: Sequence[bool], strength: float) -> list[int]:
    from sklearn.linear_model import LogisticRegression

    matrix = held.matrix()
    many = held.rules > len(won) / LEADS_PER_RULE
    kept = significant(matrix, won) if many else list(range(held.rules))
    points = [0] * held.rules
    if kept:
        learned = LogisticRegression(C=strength, max_iter=500, tol=1e-4).fit(matrix[:, kept], list(won))
        for place, weight in zip(kept, learned.coef_[0], strict=True):
            points[place] = max(-MOST, min(MOST, round(float(weight) / UNIT)))
    return points


def significant(matrix: Any, won: Sequence[bool]) -> list[int]:
    """The rules where more, or fewer, were won than chance would have it; at most a fifth of them named wrongly.

    A normal test for each rule by itself, and the procedure of Benjamini and Hochberg (1995) for all of them.
    """
    leads, rate = len(won), sum(won) / len(won)
    counts, wins = matrix.sum(axis=0).A1, matrix.T @ [float(one) for one in won]
    chances = []
    for place, (count, win) in enumerate(zip(counts, wins, strict=True)):
        spread = math.sqrt(count * rate * (1 - rate) * (1 - count / leads))
        chances.append((math.erfc(abs(win - count * rate) / spread / math.sqrt(2)) if spread else 1.0, place))
    chances.sort()
    passed = [rank for rank, (chance, _) in enumerate(chances, 1) if chance <= WRONGLY * rank / len(chances)]
    return sorted(place for _, place in chances[: max(passed, default=0)])


def _loss(totals: Sequence[int], won: Sequence[bool]) -> float:
    intercept, slope = line_of(totals, won)
    return log_loss([chance_of(total, intercept, slope) for total in totals], won)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread: for matrices like these more are slower, much so on a busy machine."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
