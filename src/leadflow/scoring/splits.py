"""Splits of leads into those to learn from and those to predict: by time where there are times, else stratified."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime

from leadflow.errors import InvalidInput

__all__ = ["folds"]


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
