"""How good predictions were, once it is known who was won: ranking, honesty of the chances, and what a threshold gives.

::

    for past, later in folds(outcomes, times):            # leadflow.scoring.splits: by time where there are times
        ...                                               # learn from the past, predict the later ones
    result = backtest(predictions, outcomes, times)
    result.auc, result.log_loss, result.brier
    result.slots(per_week=40)                             # the threshold that fills exactly forty calls a week

Pure Python. Predictions are chances from 0 to 1; plain points rank as well, but have no log loss, Brier or calibration.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

from leadflow.errors import InvalidInput

__all__ = ["Backtest", "Bin", "Cut", "Decile", "Slots", "auc", "backtest", "brier", "interval", "log_loss"]

WEEK: Final = timedelta(days=7)
BINS: Final = 10
CERTAIN: Final = 1e-15
"""A chance of 0 or 1 is taken for one that is this far from it, as in scikit-learn: a wrong one costs 34.5."""


class Bin(NamedTuple):
    """Leads with chances from ``low`` to ``high``: the mean chance beside the part that was won, with its interval."""

    low: float
    high: float
    leads: int
    won: int
    mean: float
    rate: float
    at_least: float
    at_most: float


class Decile(NamedTuple):
    """A tenth of the leads, best first: how many were won, and how many times the average that is (``lift``).

    ``gain`` is the part of all won leads in this tenth and those before it.
    """

    rank: int
    leads: int
    won: float
    rate: float
    lift: float
    gain: float


class Cut(NamedTuple):
    """What comes of calling every lead at or above a threshold."""

    threshold: float
    leads: int
    won: int
    precision: float
    recall: float
    per_week: float | None


class Slots(NamedTuple):
    """How to fill exactly so many slots a week: all above the threshold, and ``of_tied`` of the ``tied`` on it.

    ``precision`` is the part of those called that would be won, the tied ones taken in proportion.
    """

    per_week: float
    threshold: float
    above: int
    tied: int
    of_tied: int
    precision: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """What predictions were worth, on that many ``leads`` of which ``won`` were won.

    ``log_loss``, ``brier`` and ``calibration`` are None where the predictions were points, not chances; ``auc`` is None
    where all leads have the same outcome. ``weeks`` is the time covered, if it is known.
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

    @property
    def base_rate(self) -> float:
        """The part of all leads that was won."""
        return self.won / self.leads

    @property
    def error(self) -> float | None:
        """The mean distance between the chance and the part that was won, over the bins (ECE)."""
        if self.calibration is None:
            return None
        return math.fsum(one.leads * abs(one.mean - one.rate) for one in self.calibration) / self.leads

    def at(self, threshold: float) -> Cut:
        """What comes of calling every lead at or above this threshold."""
        called = [won for prediction, won in self.ranked if prediction >= threshold]
        return _cut(threshold, len(called), sum(called), self.won, self.weeks)

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
        return {**numbers, **chances, "weeks": self.weeks, **tables}


def backtest(
    predictions: Iterable[float], outcomes: Iterable[bool], times: Iterable[datetime] | None = None
) -> Backtest:
    """Compare predictions with what became of the leads; times say how many leads a threshold gives a week."""
    said, won = [float(one) for one in predictions], [bool(one) for one in outcomes]
    _checked(said, won)
    ranked = sorted(zip(said, won, strict=True), key=lambda pair: -pair[0])
    weeks = None if times is None else _weeks(list(times))
    are_chances = ranked[-1][0] >= 0 and ranked[0][0] <= 1
    return Backtest(
        leads=len(said),
        won=sum(won),
        auc=auc(said, won),
        log_loss=log_loss(said, won) if are_chances else None,
        brier=brier(said, won) if are_chances else None,
        calibration=tuple(_bins(ranked)) if are_chances else None,
        deciles=tuple(_deciles(ranked)),
        cuts=tuple(_cuts(ranked, weeks)),
        weeks=weeks,
        ranked=tuple(ranked),
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


# --- numbers -----------------------------------------------------------------------------------------------------


def auc(predictions: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """The chance that a won lead ranks before a lost one, ties counting half (ROC-AUC); None if one kind is missing."""
    won = sum(outcomes)
    lost = len(outcomes) - won
    if not won or not lost:
        return None
    ordered = sorted(zip(predictions, outcomes, strict=True), key=lambda pair: pair[0])
    below, pairs = 0, 0.0
    for _, tied in groupby(ordered, key=lambda pair: pair[0]):
        kinds = [is_won for _, is_won in tied]
        wins = sum(kinds)
        losses = len(kinds) - wins
        pairs += wins * (below + losses / 2)
        below += losses
    return pairs / (won * lost)


def log_loss(chances: Sequence[float], outcomes: Sequence[bool]) -> float:
    """The mean surprise at what became of the leads, in nats; 0.693 for saying ½ to everybody."""
    surprises = (_surprise(chance if won else 1 - chance) for chance, won in zip(chances, outcomes, strict=True))
    return math.fsum(surprises) / len(outcomes)


def _surprise(chance: float) -> float:
    return -math.log(min(max(chance, CERTAIN), 1.0))


def brier(chances: Sequence[float], outcomes: Sequence[bool]) -> float:
    """The mean squared distance between the chance and what became of the lead (0 or 1)."""
    return math.fsum((chance - won) ** 2 for chance, won in zip(chances, outcomes, strict=True)) / len(outcomes)


def interval(won: float, count: float, z: float = 1.96) -> tuple[float, float]:
    """Where the true rate lies, 95 times in 100, if so many of so many were won (Wilson's score interval)."""
    if not count:
        return 0.0, 1.0
    rate, spread = won / count, z * z / count
    middle = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


# --- tables ------------------------------------------------------------------------------------------------------


def _bins(ranked: Sequence[tuple[float, bool]]) -> Iterator[Bin]:
    """Ten bins of about the same size, lowest first; leads with the same chance stay together."""
    for part in _parts(ranked[::-1], BINS):
        chances, won = [chance for chance, _ in part], sum(is_won for _, is_won in part)
        mean = math.fsum(chances) / len(part)
        yield Bin(chances[0], chances[-1], len(part), won, mean, won / len(part), *interval(won, len(part)))


def _parts(ordered: Sequence[tuple[float, bool]], count: int) -> Iterator[Sequence[tuple[float, bool]]]:
    start = 0
    for part in range(1, count + 1):
        end = max(start, round(part * len(ordered) / count))
        while start < end < len(ordered) and ordered[end][0] == ordered[end - 1][0]:
            end += 1
        if end > start:
            yield ordered[start:end]
            start = end


def _deciles(ranked: Sequence[tuple[float, bool]]) -> Iterator[Decile]:
    """Tenths of the leads, best first; where ties are cut, each of the tied counts with their mean."""
    gains = _expected(ranked)
    total = gains[-1]
    edges = [round(tenth * len(ranked) / 10) for tenth in range(11)]
    for rank, (start, end) in enumerate(pairwise(edges), 1):
        if end > start:
            before, won = (gains[start - 1] if start else 0.0), gains[end - 1]
            rate = (won - before) / (end - start)
            lift = rate * len(ranked) / total if total else 0.0
            yield Decile(rank, end - start, won - before, rate, lift, won / total if total else 0.0)


def _expected(ranked: Sequence[tuple[float, bool]]) -> list[float]:
    """How many are won among the first n, for every n, if ties are broken by chance."""
    gains: list[float] = []
    so_far = 0.0
    for _, tied in groupby(ranked, key=lambda pair: pair[0]):
        kinds = [is_won for _, is_won in tied]
        mean = sum(kinds) / len(kinds)
        gains += [so_far + mean * place for place in range(1, len(kinds) + 1)]
        so_far += sum(kinds)
        gains[-1] = so_far
    return gains


def _cuts(ranked: Sequence[tuple[float, bool]], weeks: float | None) -> Iterator[Cut]:
    """A threshold for about each twentieth of the leads, highest first."""
    total, won, count = sum(is_won for _, is_won in ranked), 0, 0
    for part in _parts(ranked, 2 * BINS):
        won, count = won + sum(is_won for _, is_won in part), count + len(part)
        yield _cut(part[-1][0], count, won, total, weeks)


def _cut(threshold: float, count: int, won: int, total: int, weeks: float | None) -> Cut:
    precision, recall = won / count if count else 0.0, won / total if total else 0.0
    return Cut(threshold, count, won, precision, recall, None if weeks is None else count / weeks)
