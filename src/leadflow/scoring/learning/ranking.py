"""How well columns rank leads: each by itself, and all together. Every lead is judged by others only."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final

from leadflow.scoring.learning.columns import ColumnKind, Value, bin_of, edges_of
from leadflow.scoring.measures import auc

__all__ = ["Looked", "groups_of", "outranking", "rates_of"]

BINS: Final = 20
SMOOTHING: Final = 5
OUTRANKS: Final = 0.77
TOGETHER: Final = 0.6


@dataclass(frozen=True)
class Looked:
    """A column beside the outcomes, in the order of time or else of the file."""

    values: Sequence[Value]
    kind: ColumnKind
    won: Sequence[bool]
    parts: Sequence[int]
    times: Sequence[datetime] | None

    @cached_property
    def base(self) -> float:
        """The part of all leads that was won."""
        return sum(self.won) / len(self.won)

    @cached_property
    def auc(self) -> float:
        """How well the column by itself ranks leads, by the part won among others of the same value."""
        return auc(rates_of(self), self.won) or 0.0


def groups_of(looked: Looked) -> list[object]:
    """Each value as its group: a text itself, a number or date its bin."""
    if looked.kind not in ("number", "moment"):
        return [(type(value), value) for value in looked.values]
    numbers = [None if value is None else _number(value) for value in looked.values]
    edges = edges_of((number for number in numbers if number is not None), BINS)
    return [None if number is None else bin_of(number, edges) for number in numbers]


def _number(value: Value) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    return float(value.toordinal()) if isinstance(value, date) else float(value or 0)


def rates_of(looked: Looked) -> list[float]:
    """The part won among the leads of the same group that are in other parts of the leads."""
    groups = groups_of(looked)
    won, parts, base = looked.won, looked.parts, looked.base
    inside: Counter[tuple[object, int]] = Counter()
    wins: Counter[tuple[object, int]] = Counter()
    all_of, all_won = Counter(groups), Counter[object]()
    for group, part, is_won in zip(groups, parts, won, strict=True):
        inside[group, part] += 1
        wins[group, part] += is_won
        all_won[group] += is_won
    return [
        (all_won[group] - wins[group, part] + SMOOTHING * base) / (all_of[group] - inside[group, part] + SMOOTHING)
        for group, part in zip(groups, parts, strict=True)
    ]


def outranking(columns: dict[str, Looked]) -> Iterable[tuple[str, float, float]]:
    """The columns that by themselves rank leads better than all others together, with both AUCs.

    The others must say something, too: where one column alone tells anything, it may well be the honest one.
    """
    strong = {name: looked for name, looked in columns.items() if looked.auc >= OUTRANKS}
    if not strong:
        return
    odds = {name: [0.0] for name in strong}
    total: list[float] = []
    for name, looked in columns.items():
        of = [math.log(rate / (1 - rate)) for rate in rates_of(looked)]
        total = of if not total else [one + other for one, other in zip(total, of, strict=True)]
        if name in strong:
            odds[name] = of
    for name, looked in strong.items():
        rest = [one - own for one, own in zip(total, odds[name], strict=True)]
        together = auc(rest, looked.won) or 0.0
        if TOGETHER <= together <= looked.auc:
            yield name, looked.auc, together
