"""How good predictions were, once it is known who was won: their ranking, their honesty, and what a threshold gives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from leadflow.errors import InvalidInput
from leadflow.scoring.measures import (
    Bin,
    Cut,
    Decile,
    Slots,
    auc,
    bins,
    brier,
    cut_at,
    cuts,
    deciles,
    log_loss,
    roc,
)

__all__ = ["Backtest", "Unit", "measure"]

WEEK: Final = timedelta(days=7)

Unit: TypeAlias = Literal["chance", "points"]
"""What leads are ranked by, and what thresholds are given in."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """What predictions were worth, on that many ``leads`` of which ``won`` were won.

    ``auc`` is None where all leads have the same outcome. ``log_loss``, ``brier`` and ``calibration`` rest on those
    ``judged`` leads for which there is a chance, and are None where there is none: plain points are no chances.
    ``weeks`` is the time covered, if it is known.
    """

    leads: int
    won: int
    auc: float | None
    log_loss: float | None
    brier: float | None
    calibration: tuple[Bin, ...] | None
    deciles: tuple[Decile, ...]
    cuts: tuple[Cut, ...]
    weeks: float | None
    ranked: tuple[tuple[float, bool], ...]
    unit: Unit = "chance"
    judged: int = 0

    @property
    def base_rate(self) -> float:
        """The part of all leads that was won."""
        return self.won / self.leads

    @property
    def error(self) -> float | None:
        """The mean distance between the chance and the part that was won, over the bins (ECE)."""
        if self.calibration is None:
            return None
        return math.fsum(one.leads * abs(one.mean - one.rate) for one in self.calibration) / self.judged

    @property
    def roc(self) -> list[tuple[float, float]]:
        """The part of the lost leads called and that of the won ones, for every threshold, from none to all."""
        return roc(self.ranked)

    def at(self, threshold: float) -> Cut:
        """What comes of calling every lead at or above this threshold."""
        called = [won for prediction, won in self.ranked if prediction >= threshold]
        return cut_at(threshold, len(called), sum(called), self.won, self.weeks)

    def slots(self, per_week: float, weeks: float | None = None) -> Slots:
        """The threshold that fills exactly so many slots a week, over the weeks covered (or those given)."""
        span = weeks or self.weeks
        if not span:
            raise InvalidInput("weeks", weeks, "say how many weeks the leads came in, or give their times")
        wanted = round(per_week * span)
        if not 0 < wanted <= self.leads:
            remedy = f"in {span:.1f} weeks there were {self.leads} leads, {self.leads / span:.1f} a week; ask for fewer"
            raise InvalidInput("per_week", per_week, remedy)
        threshold = self.ranked[wanted - 1][0]
        above = [won for prediction, won in self.ranked if prediction > threshold]
        tied = [won for prediction, won in self.ranked if prediction == threshold]
        of_tied = wanted - len(above)
        expected = sum(above) + sum(tied) * of_tied / len(tied)
        return Slots(per_week, threshold, len(above), len(tied), of_tied, expected / wanted)

    def as_json(self) -> dict[str, Any]:
        """The same for programs, without the single leads."""
        tables = {
            "calibration": None if self.calibration is None else [one._asdict() for one in self.calibration],
            "deciles": [one._asdict() for one in self.deciles],
            "cuts": [one._asdict() for one in self.cuts],
        }
        numbers = {"leads": self.leads, "won": self.won, "base_rate": self.base_rate, "auc": self.auc}
        chances = {"log_loss": self.log_loss, "brier": self.brier, "calibration_error": self.error}
        return {**numbers, **chances, "judged": self.judged, "unit": self.unit, "weeks": self.weeks, **tables}


def measure(
    predictions: Iterable[float],
    outcomes: Iterable[bool],
    times: Iterable[datetime] | None = None,
    *,
    chances: Iterable[float | None] | None = None,
) -> Backtest:
    """Compare predictions with what became of the leads; times say how many leads a threshold gives a week.

    Predictions from 0 to 1 are taken for chances. Are they points, then ``chances`` are what they stand for, if
    anything: leads are ranked by the points, and judged by their chances.
    """
    said, won = [float(one) for one in predictions], [bool(one) for one in outcomes]
    _checked(said, won)
    are_chances = chances is None and min(said) >= 0 and max(said) <= 1
    known = said if are_chances else list(chances or [None] * len(said))
    judged = [(chance, is_won) for chance, is_won in zip(known, won, strict=True) if chance is not None]
    of = [chance for chance, _ in judged], [is_won for _, is_won in judged]
    ranked = sorted(zip(said, won, strict=True), key=lambda pair: -pair[0])
    weeks = None if times is None else _weeks(list(times))
    return Backtest(
        leads=len(said),
        won=sum(won),
        auc=auc(said, won),
        log_loss=log_loss(*of) if judged else None,
        brier=brier(*of) if judged else None,
        calibration=tuple(bins(sorted(judged, key=lambda pair: -pair[0]))) if judged else None,
        deciles=tuple(deciles(ranked)),
        cuts=tuple(cuts(ranked, weeks)),
        weeks=weeks,
        ranked=tuple(ranked),
        unit="chance" if are_chances else "points",
        judged=len(judged),
    )


def _checked(said: Sequence[float], won: Sequence[bool]) -> None:
    if len(said) != len(won) or not said:
        raise InvalidInput("predictions", len(said), f"give one for each of the {len(won)} outcomes, and at least one")
    for one in said:
        if not math.isfinite(one):
            raise InvalidInput("predictions", one, "give finite numbers; leave out leads for which nothing is said")


def _weeks(times: Sequence[datetime]) -> float | None:
    """The weeks from first to last lead; None where they all came at once."""
    span = max(times) - min(times)
    return span / WEEK if span else None
