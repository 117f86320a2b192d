"""How good predictions were, once it is known who was won: their ranking, their honesty, and what a threshold gives.

``folds`` splits leads into those to learn from and those to predict: by time where there are times, else stratified.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from leadflow.errors import InvalidInput
from leadflow.scoring.metrics import (
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

__all__ = ["Backtest", "RankingUnit", "folds", "measure"]

WEEK: Final = timedelta(days=7)

RankingUnit: TypeAlias = Literal["chance", "points"]
"""What leads are ranked by, and what thresholds are given in."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """What predictions were worth, on that many ``leads`` of which ``won`` were won.

    ``auc`` is None where all leads have the same outcome. ``log_loss``, ``brier`` and ``calibration`` rest on those
    ``judged`` leads for which there is a chance, and are None where there is none: plain points are not chances.
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
    unit: RankingUnit = "chance"
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
        """The threshold that fills exactly this many slots a week, over the weeks covered (or those given)."""
        span = weeks or self.weeks
        if not span:
            raise InvalidInput("weeks", weeks, "give the number of weeks in which the leads came in, or their times")
        wanted = round(per_week * span)
        if not 0 < wanted <= self.leads:
            remedy = f"in {span:.1f} weeks there were {self.leads} leads, {self.leads / span:.1f} a week; choose fewer"
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
    """Compare predictions with what became of the leads; times are needed for how many leads a threshold gives a week.

    Predictions from 0 to 1 are taken for chances. Are they points, then ``chances`` are what they stand for, if
    anything: leads are ranked by the points, and judged by their chances.
    """
    predicted, won = [float(one) for one in predictions], [bool(one) for one in outcomes]
    _checked(predicted, won)
    are_chances = chances is None and min(predicted) >= 0 and max(predicted) <= 1
    known = predicted if are_chances else list(chances or [None] * len(predicted))
    judged = [(chance, is_won) for chance, is_won in zip(known, won, strict=True) if chance is not None]
    of = [chance for chance, _ in judged], [is_won for _, is_won in judged]
    ranked = sorted(zip(predicted, won, strict=True), key=lambda pair: -pair[0])
    weeks = None if times is None else _weeks(list(times))
    return Backtest(
        leads=len(predicted),
        won=sum(won),
        auc=auc(predicted, won),
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


def _checked(predicted: Sequence[float], won: Sequence[bool]) -> None:
    if len(predicted) != len(won) or not predicted:
        raise InvalidInput(
            "predictions", len(predicted), f"give one for each of the {len(won)} outcomes, and at least one"
        )
    for one in predicted:
        if not math.isfinite(one):
            raise InvalidInput("predictions", one, "give finite numbers; leave out leads without a prediction")


def _weeks(times: Sequence[datetime]) -> float | None:
    """The weeks from first to last lead; None where they all came at once."""
    span = max(times) - min(times)
    return span / WEEK if span else None


# --- splits --------------------------------------------------------------------------------------------------


def folds(
    outcomes: Sequence[bool], times: Sequence[datetime] | None = None, *, count: int = 5, seed: int = 0
) -> Iterator[tuple[list[int], list[int]]]:
    """Splits into places to learn from and places to predict.

    With times, each part of the later leads is predicted from all that came before it, never from the same moment or
    later. Without, each lead is predicted once, from the other parts, which have the same part of won leads.
    """
    if count < 2:
        raise InvalidInput("count", count, "give at least two parts")
    return _by_chance(outcomes, count, seed) if times is None else _by_time(times, count)


def _by_time(times: Sequence[datetime], count: int) -> Iterator[tuple[list[int], list[int]]]:
    order = sorted(range(len(times)), key=times.__getitem__)
    edges = [_moved(order, times, round(part * len(order) / (count + 1))) for part in range(1, count + 1)]
    for start, end in zip(edges, [*edges[1:], len(order)], strict=True):
        if 0 < start < end:
            yield order[:start], order[start:end]


def _moved(order: Sequence[int], times: Sequence[datetime], edge: int) -> int:
    """The edge, brought to where the moment changes."""
    while 0 < edge < len(order) and times[order[edge]] == times[order[edge - 1]]:
        edge += 1
    return edge


def _by_chance(outcomes: Sequence[bool], count: int, seed: int) -> Iterator[tuple[list[int], list[int]]]:
    chance = random.Random(seed)  # noqa: S311  # splits must be repeatable, not secret
    part_of = [0] * len(outcomes)
    for kind in (True, False):
        places = [place for place, won in enumerate(outcomes) if bool(won) is kind]
        chance.shuffle(places)
        for at, place in enumerate(places):
            part_of[place] = at % count
    for part in range(count):
        inside = [place for place, its in enumerate(part_of) if its == part]
        outside = [place for place, its in enumerate(part_of) if its != part]
        if inside and outside:
            yield outside, inside
