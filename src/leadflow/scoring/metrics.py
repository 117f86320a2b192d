"""How good predictions were, as numbers and as tables: for calibration, lift and thresholds.

Pure Python. ``ranked`` are pairs of a prediction and whether the lead was won, best first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final, NamedTuple

__all__ = [
    "Bin",
    "Cut",
    "Decile",
    "Slots",
    "auc",
    "bins",
    "brier",
    "cut_at",
    "cuts",
    "deciles",
    "interval",
    "log_loss",
    "roc",
]

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
    """How to fill exactly this many slots a week: all above the threshold, and ``of_tied`` of the ``tied`` on it.

    ``precision`` is the part of those called that would be won, the tied ones taken in proportion.
    """

    per_week: float
    threshold: float
    above: int
    tied: int
    of_tied: int
    precision: float


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


def roc(ranked: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """The part of the lost leads called, and of the won ones, from none to all of them; nothing if one kind is missing.

    The area below these points is the AUC.
    """
    won = sum(is_won for _, is_won in ranked)
    lost = len(ranked) - won
    if not won or not lost:
        return []
    points, wins, losses = [(0.0, 0.0)], 0, 0
    for _, tied in groupby(ranked, key=lambda pair: pair[0]):
        kinds = [is_won for _, is_won in tied]
        wins, losses = wins + sum(kinds), losses + len(kinds) - sum(kinds)
        points.append((losses / lost, wins / won))
    return points


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
    """Where the true rate lies, 95 times in 100, if ``won`` of ``count`` were won (Wilson's score interval)."""
    if not count:
        return 0.0, 1.0
    rate, spread = won / count, z * z / count
    middle = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


# --- tables ------------------------------------------------------------------------------------------------------


def bins(ranked: Sequence[tuple[float, bool]]) -> Iterator[Bin]:
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


def deciles(ranked: Sequence[tuple[float, bool]]) -> Iterator[Decile]:
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


def cuts(ranked: Sequence[tuple[float, bool]], weeks: float | None) -> Iterator[Cut]:
    """A threshold for about each twentieth of the leads, highest first."""
    total, won, count = sum(is_won for _, is_won in ranked), 0, 0
    for part in _parts(ranked, 2 * BINS):
        won, count = won + sum(is_won for _, is_won in part), count + len(part)
        yield cut_at(part[-1][0], count, won, total, weeks)


def cut_at(threshold: float, count: int, won: int, total: int, weeks: float | None) -> Cut:
    """What comes of calling ``count`` leads, of which ``won`` were won, of ``total`` won ones in all."""
    precision, recall = won / count if count else 0.0, won / total if total else 0.0
    return Cut(threshold, count, won, precision, recall, None if weeks is None else count / weeks)
