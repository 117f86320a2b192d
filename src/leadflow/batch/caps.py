"""Caps as SQL: of a rule, of a group, of a side of the model, as ``scoring.arithmetic`` takes them.

The score of a side needs no contribution by itself; asked for them, a cap is taken from the last rule backwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from sqlglot import exp

from leadflow.batch.tables import double


@dataclass(frozen=True, slots=True)
class Side:
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

    def cuts(self) -> list[Mapping[str, exp.Expr]]:
        """What becomes of the columns: first they are cut to the caps of their groups, then to that of the side."""
        in_groups: dict[str, exp.Expr] = {}
        for group, cap in self._used().items():
            in_groups |= _cut(self._members(group), cap)
        whole = {} if self.cap is None else _cut(list(self.given), self.cap)
        return [in_groups, whole]

    def _members(self, group: str) -> list[str]:
        return [name for name in self.given if self.group_of[name] == group]

    def _used(self) -> dict[str, float]:
        used = {self.group_of[name] for name in self.given}
        return {group: cap for group, cap in self.groups.items() if group in used}


def added(parts: Iterable[exp.Expr]) -> exp.Expr:
    """The sum of several expressions; 0 of none."""
    listed = [part.copy() for part in parts]
    return reduce(lambda one, other: exp.Add(this=one, expression=other), listed) if listed else double(0)


def bounded(value: exp.Expr, cap: float | None) -> exp.Expr:
    """The value, brought to between −cap and cap."""
    return value if cap is None else least(greatest(value, double(-cap)), double(cap))


def _cut(members: Sequence[str], cap: float) -> dict[str, exp.Expr]:
    """The columns, cut to the cap: each loses what is too much, less what those behind it could lose before."""
    whole = added(exp.column(name) for name in members)
    over = greatest(exp.Sub(this=exp.paren(whole.copy()), expression=double(cap)), double(0))
    under = least(exp.Add(this=exp.paren(whole.copy()), expression=double(cap)), double(0))
    cut: dict[str, exp.Expr] = {}
    for place, name in enumerate(members):
        behind = [exp.column(other) for other in members[place + 1 :]]
        rises = added(greatest(other, double(0)) for other in behind)
        falls = added(least(other, double(0)) for other in behind)
        lost = least(_positive(exp.column(name)), _positive(_less(over, rises)))
        regained = greatest(_negative(exp.column(name)), _negative(_less(under, falls)))
        cut[name] = _less(_less(exp.column(name), lost), regained)
    return cut


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
