"""From totals of points to chances of winning: a line on the log odds, learned from leads with a known outcome.

Source: Platt (1999), "Probabilistic outputs for support vector machines", with the shorter steps of Lin, Lin and Weng
(2007), "A note on Platt's probabilistic outputs for support vector machines". Pure Python.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final, TypeAlias

__all__ = ["chance_of", "line_of"]

STEPS: Final = 100
SHORTEST: Final = 1e-9

_Group: TypeAlias = tuple[float, int, float]
"""A total, how many leads have it, and the chance that they are taken to have had (nearly 0 or nearly 1)."""


def chance_of(total: float, intercept: float, slope: float) -> float:
    """The chance that log odds of ``intercept + slope × total`` stand for."""
    return 1 / (1 + math.exp(-min(max(intercept + slope * total, -700.0), 700.0)))


def line_of(totals: Sequence[float], won: Sequence[bool]) -> tuple[float, float]:
    """Intercept and slope of the log odds of winning over the totals.

    The slope is 0, and every chance the part that was won, where more points did not mean more won leads.
    """
    wins = sum(won)
    losses = len(won) - wins
    high, low = (wins + 1) / (wins + 2), 1 / (losses + 2)
    missing = wins * (1 - high) + losses * (1 - low)
    level = math.log((wins * high + losses * low) / missing)  # what a line without a slope comes to: no jump at 0
    middle = math.fsum(totals) / len(totals)
    width = max(abs(total - middle) for total in totals)
    if not width:
        return level, 0.0
    counts = Counter(zip(totals, won, strict=True))
    groups = [((total - middle) / width, count, high if is_won else low) for (total, is_won), count in counts.items()]
    intercept, slope = _fitted(groups, level)
    if slope <= 0:
        return level, 0.0
    return intercept - slope * middle / width, slope / width


def _fitted(groups: Sequence[_Group], level: float) -> tuple[float, float]:
    """Newton's method, with shorter steps where a whole one would overshoot."""
    line = level, 0.0
    loss = _loss(groups, line)
    for _ in range(STEPS):
        step, size = _step(groups, line), 1.0
        while size > SHORTEST:
            there = line[0] + size * step[0], line[1] + size * step[1]
            if (lower := _loss(groups, there)) <= loss:
                break
            size /= 2
        else:
            break
        line, loss = there, lower
        if size * max(map(abs, step)) < 1e-10:
            break
    return line


def _step(groups: Sequence[_Group], line: tuple[float, float]) -> tuple[float, float]:
    a = b = c = g = h = 0.0
    for x, count, target in groups:
        chance = chance_of(x, *line)
        weight, miss = count * chance * (1 - chance), count * (target - chance)
        a, b, c, g, h = a + weight, b + weight * x, c + weight * x * x, g + miss, h + miss * x
    divisor = a * c - b * b
    return ((c * g - b * h) / divisor, (a * h - b * g) / divisor) if divisor > 0 else (0.0, 0.0)


def _loss(groups: Sequence[_Group], line: tuple[float, float]) -> float:
    return math.fsum(count * _surprise(target, line[0] + line[1] * x) for x, count, target in groups)


def _surprise(target: float, odds: float) -> float:
    """The cross entropy of a chance with such log odds; exact where it is nearly certain."""
    return math.log1p(math.exp(-abs(odds))) + max(odds, 0.0) - target * odds
