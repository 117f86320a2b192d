"""Weights for rules: regularised logistic regression on which rule holds for which lead. Needs the extra ``learn``."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from leadflow.errors import require
from leadflow.scoring.calibrating import chance_of, line_of
from leadflow.scoring.measures import log_loss
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.plan import plan_of
from leadflow.scoring.rules import FitRule
from leadflow.scoring.splits import folds

__all__ = ["DOUBLE", "Fitted", "Holding", "fitted", "holding"]

DOUBLE: Final = 10
"""So many points double the odds of winning."""
UNIT: Final = math.log(2) / DOUBLE
MOST: Final = 1_000
"""No rule is worth more, whatever the data say."""
STRENGTHS: Final = (0.03, 0.1, 0.3, 1.0)
"""How freely weights may follow the data (scikit-learn's C); inner folds choose."""
INNER: Final = 3
LEADS_PER_RULE: Final = 10
"""With fewer leads per rule than that, rules that may be accidents are not weighed at all."""
WRONGLY: Final = 0.2


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
    model = ScoringModel(name="candidates", fit=asked)
    plan, place = plan_of(model), {rule.name: at for at, rule in enumerate(asked)}
    rows = [[place[given.rule] for given in plan.of_lead(lead, now, strict=True)[3]] for lead in leads]
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
    kept = telling(matrix, won) if many else list(range(held.rules))
    points = [0] * held.rules
    if kept:
        learned = LogisticRegression(C=strength, max_iter=500, tol=1e-4).fit(matrix[:, kept], list(won))
        for place, weight in zip(kept, learned.coef_[0], strict=True):
            points[place] = max(-MOST, min(MOST, round(float(weight) / UNIT)))
    return points


def telling(matrix: Any, won: Sequence[bool]) -> list[int]:
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
