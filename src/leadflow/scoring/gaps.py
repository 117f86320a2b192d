"""How far a score is from what a condition asks of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import inf
from typing import Final

from leadflow.conditions.interpreter import Truth
from leadflow.conditions.nodes import And, Compare, Condition, IsIn, Or
from leadflow.entities.score import Score
from leadflow.qualification import SCORES
from leadflow.scoring.grades import Grades

LEAST: Final = 0.01
"""What is asked for "more than" is missing by at least so much."""
FAR: Final = 1e9
"""What can't be counted in points is farther than any points."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The points that are missing by side (``fit``, ``engagement``, ``total``), and what else is not true."""

    points: Mapping[str, float] = field(default_factory=dict)
    unmet: tuple[Condition, ...] = ()

    @property
    def size(self) -> float:
        """Nothing where nothing is missing; more for what is farther."""
        return sum(self.points.values()) + FAR * len(self.unmet)

    def __add__(self, other: Gap) -> Gap:
        sides = {**self.points, **other.points}
        most = {side: max(self.points.get(side, 0.0), other.points.get(side, 0.0)) for side in sides}
        return Gap(most, (*self.unmet, *other.unmet))


def gap_of(condition: Condition, score: Score, grades: Grades, holds: Callable[[Condition], Truth]) -> Gap:
    """What is missing until the condition is true; of alternatives the nearest. ``holds`` tells what is so already."""

    def gap(part: Condition) -> Gap:
        if holds(part) is True:
            return Gap()
        match part:
            case And(all=parts):
                return sum(map(gap, parts), Gap())
            case Or(any=parts):
                return min(map(gap, parts), key=lambda one: one.size)
            case Compare(op="ge" | "gt", value=float(least) | int(least)) if part.path in SCORES:
                side = part.path.removeprefix("score.")
                return Gap({side: max(least - getattr(score, side), LEAST if part.op == "gt" else 0.0)})
            case Compare(op="eq") | IsIn() if part.path == "score.grade":
                wanted = [_to_grade(str(grade), score, grades) for grade in part.constants]
                return min(wanted, key=lambda one: one.size) if any(one.points for one in wanted) else Gap({}, (part,))
            case _:
                return Gap({}, (part,))

    return gap(condition)


def _to_grade(grade: str, score: Score, grades: Grades) -> Gap:
    """The points that are missing for a grade; nothing of it where there is no such grade, or it is a worse one."""
    for fit, engagement in _least_scores(grades, grade):
        missing = {"fit": fit - score.fit, "engagement": engagement - score.engagement}
        return Gap({side: points for side, points in missing.items() if points > 0})
    return Gap()


def _least_scores(grades: Grades, grade: str) -> Iterator[tuple[float, float]]:
    letters, numbers = grades.names
    sides = (zip(letters, (*grades.fit, -inf), strict=True), zip(numbers, (*grades.engagement, -inf), strict=True))
    for (letter, fit), (number, engagement) in product(*sides):
        if f"{letter}{number}" == grade:
            yield fit, engagement
