"""Columns as learning sees them: each value a number, a text, a moment or missing; the kind of the
column, and how well it ranks leads, by itself and beside all others. Every lead is judged by others only.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from leadflow.conditions.values import Scalar, normalized
from leadflow.scoring.metrics import auc

__all__ = ["ColumnProfile", "ColumnValue", "bin_of", "edges_of", "kind_of_column", "outranking", "shortest", "tidy"]

ColumnValue: TypeAlias = Scalar | None
ColumnKind: TypeAlias = Literal["number", "text", "moment", "identifier", "constant", "empty"]

UNIQUE: Final = 0.9
"""From this part of distinct values on a column of texts identifies its leads, and can't predict others."""
DENSE: Final = 20
"""Distinct whole numbers that are at most this far apart on average are running numbers."""
FEW: Final = 20
BINS: Final = 20
SMOOTHING: Final = 5
OUTRANKS: Final = 0.77
TOGETHER: Final = 0.6


def tidy(values: Iterable[object]) -> list[ColumnValue]:
    """The values as conditions compare them; blank texts, collections and what compares with nothing are missing."""
    return [_tidy(value) for value in values]


def _tidy(value: object) -> ColumnValue:
    plain = normalized(value)
    if isinstance(plain, str):
        return plain if plain.strip() else None
    if isinstance(plain, float) and math.isinf(plain):
        return None
    return plain if isinstance(plain, bool | int | float | date | datetime) else None


def kind_of_column(values: Sequence[ColumnValue]) -> ColumnKind:
    """What a column holds, by its values; mixed kinds are taken for text."""
    known = [value for value in values if value is not None]
    distinct = len(set(known))
    if not known:
        return "empty"
    if distinct == 1 and len(known) == len(values):
        return "constant"
    if all(isinstance(value, date) for value in known):
        return "moment"
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
        return "identifier" if _running(known, distinct) else "number"
    return "identifier" if len(known) >= FEW and distinct >= UNIQUE * len(known) else "text"


def _running(known: Sequence[ColumnValue], distinct: int) -> bool:
    numbers = [value for value in known if isinstance(value, int | float)]
    whole = all(value == int(value) for value in numbers)
    return (
        whole and len(numbers) >= FEW and distinct == len(numbers) and max(numbers) - min(numbers) <= DENSE * distinct
    )


def edges_of(numbers: Iterable[float], bins: int) -> list[float]:
    """Readable edges that cut numbers into at most this many bins of about the same size; each begins a bin."""
    counts = sorted(Counter(numbers).items())
    total, size = sum(count for _, count in counts), 0
    edges: list[float] = []
    begun = 0  # how many numbers lie below the last edge
    for (before, count), (value, _) in pairwise(counts):
        size += count
        if size - begun >= total / bins and total - size >= total / bins / 2:
            edges.append(shortest(before, value))
            begun = size
    return edges


def shortest(above: float, up_to: float) -> float:
    """The number with the fewest digits that is greater than one and at most another."""
    width = up_to - above
    place = math.floor(math.log10(width)) + 1 if width > 0 and math.isfinite(width) else 0
    for digits in range(place, place - 4, -1):
        step = 10.0 ** min(max(digits, -300), 308)  # a float can hold no other
        found = math.floor(up_to / step) * step
        rounded = round(found, max(-digits, 0))
        if above < rounded <= up_to:
            return rounded
    return up_to


def bin_of(value: float, edges: Sequence[float]) -> int:
    """Which bin a number falls into, from 0."""
    return bisect_right(edges, value)


# --- ranking -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ColumnProfile:
    """A column beside the outcomes, in the order of time or else of the file."""

    values: Sequence[ColumnValue]
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


def groups_of(column: ColumnProfile) -> list[object]:
    """Each value as its group: a text itself, a number or date its bin."""
    if column.kind not in ("number", "moment"):
        return [(type(value), value) for value in column.values]
    numbers = [None if value is None else _number(value) for value in column.values]
    edges = edges_of((number for number in numbers if number is not None), BINS)
    return [None if number is None else bin_of(number, edges) for number in numbers]


def _number(value: ColumnValue) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    return float(value.toordinal()) if isinstance(value, date) else float(value or 0)


def rates_of(column: ColumnProfile) -> list[float]:
    """The part won among the leads of the same group that are in other parts of the leads."""
    groups = groups_of(column)
    won, parts, base = column.won, column.parts, column.base
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


def outranking(columns: dict[str, ColumnProfile]) -> Iterable[tuple[str, float, float]]:
    """The columns that by themselves rank leads better than all others together, with both AUCs.

    The others must predict something, too: where one column alone does, it may well be the honest one.
    """
    strong = {name: column for name, column in columns.items() if column.auc >= OUTRANKS}
    if not strong:
        return
    odds = {name: [0.0] for name in strong}
    total: list[float] = []
    for name, column in columns.items():
        of = [math.log(rate / (1 - rate)) for rate in rates_of(column)]
        total = of if not total else [one + other for one, other in zip(total, of, strict=True)]
        if name in strong:
            odds[name] = of
    for name, column in strong.items():
        rest = [one - own for one, own in zip(total, odds[name], strict=True)]
        together = auc(rest, column.won) or 0.0
        if TOGETHER <= together <= column.auc:
            yield name, column.auc, together
