"""What was learned, as a value: a scoring model in whole points, the chance that a total stands for, and its proof."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic import Field

from leadflow.conditions.nodes import leaves
from leadflow.conditions.values import read
from leadflow.entities.base import Entity, Line, Moment, Number, Text
from leadflow.entities.definition import Definition
from leadflow.entities.score import Contribution
from leadflow.scoring.calibrating import chance_of
from leadflow.scoring.learning.fitting import Fitted
from leadflow.scoring.measures import interval
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.plan import plan_of
from leadflow.scoring.rules import FitRule

__all__ = ["Band", "LearnedModel", "LeftOut", "Prediction"]

BANDS: Final = 10
THIN: Final = 30
"""A band of fewer leads says nothing."""


class Band(Entity):
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
    """The points of a lead with their reasons, and the chance of winning, if enough is known to say one.

    ``at_least`` and ``at_most`` bound the rate among the ``based_on`` leads of the same band, 95 times in 100. Where
    nothing is said, ``chance`` is None and ``why_not`` tells why.
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
    bands: tuple[Band, ...]
    leads: int
    won: int
    since: Moment | None = None
    until: Moment | None = None
    columns: dict[Line, Line] = Field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    def predict(self, lead: object, now: datetime) -> Prediction:
        """The points, and the chance with the evidence that it rests on."""
        given = tuple(plan_of(self.scoring).of_lead(lead, now)[3])
        total = sum(one.points for one in given)
        band = self.band(total)
        why_not = self._why_not(lead, band)
        if why_not is not None:
            return Prediction(total, None, None, None, band.leads, given, why_not)
        chance = chance_of(total, self.intercept, self.slope)
        return Prediction(total, chance, band.at_least, band.at_most, band.leads, given)

    def chance(self, points: float) -> float:
        """The chance that so many points stand for."""
        return chance_of(points, self.intercept, self.slope)

    def band(self, points: float) -> Band:
        """The band that a total falls into."""
        return next(band for band in reversed(self.bands) if band.low is None or points >= band.low)

    def _why_not(self, lead: object, band: Band) -> str | None:
        if self.slope <= 0:
            return "what was learned does not tell won from lost among other leads"
        if band.leads < THIN:
            return f"only {band.leads} leads had about so many points"
        if all(read(lead, path) is None for path in self.paths):
            return "nothing that the rules ask for is known of this lead"
        return None

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that the rules look at."""
        asked = (rule.when for rule in self.scoring.fit if isinstance(rule, FitRule))
        return tuple(dict.fromkeys(leaf.path for when in asked for leaf in leaves(when)))


def bands_of(totals: Sequence[float], won: Sequence[bool], count: int = BANDS) -> tuple[Band, ...]:
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


def _band(low: float | None, won: Sequence[bool]) -> Band:
    at_least, at_most = interval(sum(won), len(won))
    return Band(low=low, leads=len(won), won=sum(won), at_least=at_least, at_most=at_most)


def evidence(fit: Fitted, won: Sequence[bool]) -> dict[str, Any]:
    """What a model keeps of its fit, besides the points."""
    bands = bands_of(fit.totals, won)
    return {"intercept": fit.intercept, "slope": fit.slope, "bands": bands, "leads": len(won), "won": sum(won)}
