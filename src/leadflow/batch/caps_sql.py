"""Caps as SQL: of a rule, of a group, of a side of the model, as ``scoring.arithmetic`` takes them.

The score of a side needs no single contributions; where they are wanted, a cap is taken from the last rule backwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import isqrt
from typing import Final

from sqlglot import exp

from leadflow.batch.tables import double

__all__ = ["CapCut", "CappedSide", "greatest", "least"]

MOST: Final = 100
"""The most terms that are summed at once."""


@dataclass(frozen=True, slots=True)
class CappedSide:
    """Fit or engagement: what each rule gives up to its own cap, its group, the groups' caps, and that of the side."""

    given: Mapping[str, exp.Expr]
    group_of: Mapping[str, str | None]
    groups: Mapping[str, float]
    cap: float | None

    def total(self) -> exp.Expr:
        """The score of the side."""
        sums = [given for name, given in self.given.items() if self.group_of[name] is None]
        for group, cap in self._used().items():
            sums.append(bounded(added(self.given[name] for name in self._members(group)), cap))
        return bounded(added(sums), self.cap)

    def sum(self) -> exp.Expr:
        """The score of the side where its columns are cut to all caps already."""
        return bounded(added(exp.column(name) for name in self.given), self.cap)

    def cuts(self) -> list[list[CapCut]]:
        """What becomes of the columns: first they are cut to the caps of their groups, then to that of the side."""
        in_groups = [CapCut(self._members(group), cap) for group, cap in self._used().items()]
        whole = [] if self.cap is None or not self.given else [CapCut(list(self.given), self.cap)]
        return [in_groups, whole]

    def _members(self, group: str) -> list[str]:
        return [name for name in self.given if self.group_of[name] == group]

    def _used(self) -> dict[str, float]:
        used = {self.group_of[name] for name in self.given}
        return {group: cap for group, cap in self.groups.items() if group in used}


def added(parts: Iterable[exp.Expr]) -> exp.Expr:
    """The sum of several expressions; 0 of none."""
    listed = [part.copy() for part in parts]
    while len(listed) > MOST:  # engines and their parsers bound how deep an expression may be
        listed = [exp.paren(_sum(listed[start : start + MOST])) for start in range(0, len(listed), MOST)]
    return _sum(listed) if listed else double(0)


def _sum(parts: Sequence[exp.Expr]) -> exp.Expr:
    return reduce(lambda one, other: exp.Add(this=one, expression=other), parts)


def bounded(value: exp.Expr, cap: float | None) -> exp.Expr:
    """The value, brought to between −cap and cap."""
    return value if cap is None else least(greatest(value, double(-cap)), double(cap))


@dataclass(frozen=True, slots=True)
class CapCut:
    """Columns that are cut to a cap together: each loses what is too much, less what those behind it lose before.

    Columns are summed in blocks first, or the SQL would grow with the square of their number.
    """

    members: Sequence[str]
    cap: float

    def sums(self) -> dict[str, exp.Expr]:
        """Columns to be had before: what is too much above and below, and the sums of blocks of members."""
        whole = exp.paren(added(exp.column(name) for name in self.members))
        found = {
            self._name("over"): _positive(exp.Sub(this=whole, expression=double(self.cap))),
            self._name("under"): _negative(exp.Add(this=whole.copy(), expression=double(self.cap))),
        }
        for number, block in enumerate(self._blocks()):
            found[self._name(f"rises{number}")] = added(_positive(exp.column(name)) for name in block)
            found[self._name(f"falls{number}")] = added(_negative(exp.column(name)) for name in block)
        return found

    def cut(self) -> dict[str, exp.Expr]:
        """The members after the cut."""
        over, under, blocks = exp.column(self._name("over")), exp.column(self._name("under")), self._blocks()
        found: dict[str, exp.Expr] = {}
        for number, block in enumerate(blocks):
            later = range(number + 1, len(blocks))
            for place, name in enumerate(block):
                behind = [exp.column(other) for other in block[place + 1 :]]
                rises = [*map(_positive, behind), *(exp.column(self._name(f"rises{one}")) for one in later)]
                falls = [*map(_negative, behind), *(exp.column(self._name(f"falls{one}")) for one in later)]
                lost = least(_positive(exp.column(name)), _positive(_less(over, added(rises))))
                regained = greatest(_negative(exp.column(name)), _negative(_less(under, added(falls))))
                found[name] = _less(_less(exp.column(name), lost), regained)
        return found

    def _blocks(self) -> list[Sequence[str]]:
        size = isqrt(len(self.members))
        return [self.members[start : start + size] for start in range(0, len(self.members), size)]

    def _name(self, what: str) -> str:
        return f"{self.members[0]}_{what}"


def _less(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Sub(this=one.copy(), expression=exp.paren(other))


def _positive(value: exp.Expr) -> exp.Expr:
    return greatest(value, double(0))


def _negative(value: exp.Expr) -> exp.Expr:
    return least(value, double(0))


def greatest(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """The greater of two values, neither of them NULL."""
    return exp.Greatest(this=one.copy(), expressions=[other.copy()], ignore_nulls=True)


def least(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """The lesser of two values, neither of them NULL."""
    return exp.Least(this=one.copy(), expressions=[other.copy()], ignore_nulls=True)
