"""Scores: the distribution of fit and engagement, by stage and against each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import Any, Final

from leadflow.entities import Lead
from leadflow.events import Fact
from leadflow.insights.journeys import Journey, Numbers, Spread, folded
from leadflow.lifecycle import DEFAULT, Lifecycle

__all__ = ["CELL", "ScoreFold", "Scores", "StageScores", "scores"]

CELL: Final = 5
"""The width of a cell in points, in the plane of fit and engagement."""


@dataclass(frozen=True, slots=True)
class StageScores:
    """The scores of the leads in a stage."""

    stage: str
    fit: Spread
    engagement: Spread
    total: Spread


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores by stage, leads by grade, and by cell: ``(fit // CELL, engagement // CELL, grade)``.

    ``unscored`` counts the leads without a score.
    """

    stages: tuple[StageScores, ...] = ()
    grades: Mapping[str, int] = field(default_factory=dict)
    cells: Mapping[tuple[int, int, str], int] = field(default_factory=dict)
    unscored: int = 0


class ScoreFold:
    """Counts leads by their current score."""

    def __init__(self, lifecycle: Lifecycle = DEFAULT) -> None:
        self._order = [stage.name for stage in lifecycle.stages]
        self._numbers: defaultdict[tuple[str, str], Numbers] = defaultdict(Numbers)
        self._grades: Counter[str] = Counter()
        self._cells: Counter[tuple[int, int, str]] = Counter()
        self._unscored = 0

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:  # noqa: ARG002 (a fold takes both)
        """Count one lead."""
        score = lead.score
        if score.at is None:
            self._unscored += 1
            return
        for side, number in (("fit", score.fit), ("engagement", score.engagement), ("total", score.total)):
            self._numbers[lead.stage, side].add(number)
        self._grades[score.grade or "–"] += 1
        self._cells[floor(score.fit / CELL), floor(score.engagement / CELL), score.grade or "–"] += 1

    def result(self) -> Scores:
        """Return the distribution, stages in order."""
        there = {stage for stage, _ in self._numbers}
        stages = (*self._order, *sorted(there - set(self._order)))
        return Scores(
            tuple(self._stage(stage) for stage in stages if stage in there),
            dict(sorted(self._grades.items())),
            dict(sorted(self._cells.items())),
            self._unscored,
        )

    def _stage(self, stage: str) -> StageScores:
        fit, engagement, total = (self._numbers[stage, side].spread for side in ("fit", "engagement", "total"))
        return StageScores(stage, fit, engagement, total)


def scores(some: Iterable[Journey], *, lifecycle: Lifecycle = DEFAULT) -> Scores:
    """Return the distribution of the scores of these leads."""
    return folded(lambda: ScoreFold(lifecycle), some)
