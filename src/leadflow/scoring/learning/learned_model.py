"""What was learned, as a value: a scoring model in whole points, the chance that a total stands for, and its proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic import Field

from leadflow.conditions.nodes import leaves
from leadflow.conditions.values import read
from leadflow.entities.base import Entity, Line, Moment, Number, Text
from leadflow.entities.definition import Definition
from leadflow.entities.score import Contribution
from leadflow.scoring.learning.fitting import Fitted
from leadflow.scoring.metrics import interval
from leadflow.scoring.model import Scorer, ScoringModel
from leadflow.scoring.platt_scaling import chance_of

__all__ = ["ChanceBand", "LearnedModel", "LeftOut", "Prediction", "Predictor", "bands_of", "evidence"]

BANDS: Final = 10
THIN: Final = 30
"""A band of fewer leads gives no chance."""


class ChanceBand(Entity):
    """Leads with totals from ``low`` on (up to the next band): how many were seen, how many won, and the interval."""

    low: Number | None
    leads: int
    won: int
    at_least: Number
    at_most: Number

    @property
    def rate(self) -> float:
        """The part that was won."""
        return self.won / self.leads if self.leads else 0.0


class LeftOut(Entity):
    """A column that was not learned from, and why."""

    column: Line
    kind: Line
    because: Text


class Prediction(NamedTuple):
    """The points of a lead with their reasons, and the chance of winning, if enough is known for one.

    ``at_least`` and ``at_most`` bound the rate among the ``based_on`` leads of the same band, 95 times in 100. Where
    there is no chance, it is None and ``why_not`` is the reason.
    """

    points: float
    chance: float | None
    at_least: float | None
    at_most: float | None
    based_on: int
    contributions: tuple[Contribution, ...]
    why_not: str | None = None


class LearnedModel(Definition):
    """Rules with whole points that a person can read and edit, and how a total of them becomes a chance.

    ``log odds = intercept + slope × points``; with a slope of 0 nothing was learned. ``bands`` are proof on leads
    that were not learned from. ``columns`` are the names in the source by path.
    """

    scoring: ScoringModel
    intercept: Number
    slope: Number
    bands: tuple[ChanceBand, ...]
    leads: int
    won: int
    since: Moment | None = None
    until: Moment | None = None
    columns: dict[Line, Line] = Field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    def bind(self) -> Predictor:
        """What predicts the outcome of leads of any class."""
        return Predictor(self, self.scoring.bind(dict))

    def predict(self, lead: object, now: datetime) -> Prediction:
        """The prediction for one lead; to predict more, ``bind`` once and use ``Predictor.predict``."""
        return self.bind().predict(lead, now)

    def chance(self, points: float) -> float:
        """The chance that this many points stand for."""
        return chance_of(points, self.intercept, self.slope)

    def band(self, points: float) -> ChanceBand:
        """The band that a total falls into."""
        return next(band for band in reversed(self.bands) if band.low is None or points >= band.low)

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that the rules read."""
        conditions = (when for rule in self.scoring.fit for when, _ in rule.outcomes)
        return tuple(dict.fromkeys(leaf.path for when in conditions for leaf in leaves(when)))


@dataclass(frozen=True, slots=True)
class Predictor:
    """A learned model with its rules compiled."""

    model: LearnedModel
    scorer: Scorer

    def predict(self, lead: object, now: datetime) -> Prediction:
        """The points, and the chance with the evidence that it rests on."""
        given = tuple(self.scorer.of_lead(lead, now)[3])
        total = sum(one.points for one in given)
        band = self.model.band(total)
        why_not = self._why_not(lead, band)
        if why_not is not None:
            return Prediction(total, None, None, None, band.leads, given, why_not)
        return Prediction(total, self.model.chance(total), band.at_least, band.at_most, band.leads, given)

    def _why_not(self, lead: object, band: ChanceBand) -> str | None:
        if self.model.slope <= 0:
            return "what was learned does not separate won from lost among other leads"
        if band.leads < THIN:
            return f"only {band.leads} leads had about this many points"
        if all(read(lead, path) is None for path in self.model.paths):
            return "nothing that the rules read is known of this lead"
        return None


def bands_of(totals: Sequence[float], won: Sequence[bool], count: int = BANDS) -> tuple[ChanceBand, ...]:
    """About ten bands of about the same size, lowest first; the same total is always in the same band."""
    ordered = sorted(zip(totals, won, strict=True))
    starts: list[int] = [0]
    for part in range(1, count):
        at = round(part * len(ordered) / count)
        while 0 < at < len(ordered) and ordered[at][0] == ordered[at - 1][0]:
            at += 1
        if starts[-1] < at < len(ordered):
            starts.append(at)
    return tuple(
        _band(None if not start else ordered[start][0], [is_won for _, is_won in ordered[start:end]])
        for start, end in zip(starts, [*starts[1:], len(ordered)], strict=True)
    )


def _band(low: float | None, won: Sequence[bool]) -> ChanceBand:
    at_least, at_most = interval(sum(won), len(won))
    return ChanceBand(low=low, leads=len(won), won=sum(won), at_least=at_least, at_most=at_most)


def evidence(fit: Fitted, won: Sequence[bool]) -> dict[str, Any]:
    """What a model keeps of its fit, besides the points."""
    bands = bands_of(fit.totals, won)
    return {"intercept": fit.intercept, "slope": fit.slope, "bands": bands, "leads": len(won), "won": sum(won)}
