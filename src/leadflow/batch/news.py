"""Activities that are new to a state, as SQL: whose they are, how old, and which rules they meet.

A state as of W counts the activities that had happened and were recorded by W; going on to W', those are new whose
later moment of the two lies after W. So one that comes late is counted when it comes, and whoever gives all activities
again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from sqlglot import exp

from leadflow.batch.apart import shared
from leadflow.batch.engaging import AGE, DAY, Engaging, one_of
from leadflow.batch.keeping import Told
from leadflow.batch.lowering import moment
from leadflow.batch.places import Rows
from leadflow.batch.tables import Reading
from leadflow.scoring.counting import InactivityRule
from leadflow.scoring.memory import Remembered
from leadflow.scoring.rules import EngagementRule

_NONE: Final = -1
"""Stands for no rule: columns without NULLs are quicker."""


@dataclass(frozen=True)
class News(Engaging):
    """The activities up to ``now``, those after ``since`` only, without those that are in ``seen``."""

    since: datetime | None = None
    seen: tuple[exp.Expr, Reading] | None = None

    def query(self, rules: Sequence[Remembered]) -> exp.Select:
        """Rows of ``lead_id``, the age at ``now``, and the rules that each activity meets; with its day if one asks."""
        numbered = list(enumerate(rules))
        lead = self.activity.needed("lead_id").sql
        rows = self._told(numbered).select(exp.alias_(lead, "lead_id"), AGE)
        rows = rows.where(exp.Not(this=exp.Is(this=lead.copy(), expression=exp.null())), *self._new())
        if any(map(_is_limited, rules)):
            since_1970 = exp.Sub(this=self._day, expression=exp.cast(exp.Literal.string("1970-01-01"), "date"))
            rows = rows.select(exp.alias_(exp.cast(exp.paren(since_1970), "int"), DAY.name))
        for name, group in _groups(rules).items():
            ifs = [exp.If(this=self._holds(rules[index]), true=exp.Literal.number(index)) for index in group]
            met = exp.Case(ifs=ifs, default=exp.Literal.number(_NONE))
            rows = rows.select(exp.alias_(exp.cast(met, "smallint"), name))
        return rows

    def _holds(self, rule: Remembered) -> exp.Expr:
        if not isinstance(rule, InactivityRule):
            return self._meets(rule)
        return one_of(self.activity.needed("kind", kind="text").sql, rule.activities) if rule.activities else exp.true()

    def _new(self) -> Iterator[exp.Expr]:
        moments = [self._happened]
        if self.activity.own("recorded_at") is not None:
            recorded = self.activity.needed("recorded_at", kind="datetime")
            moments.append(recorded)
            known = exp.LTE(this=recorded.sql.copy(), expression=moment(self.now, zoned=recorded.zoned))
            yield exp.or_(known, exp.Is(this=recorded.sql.copy(), expression=exp.null()))
        if self.since is not None:  # plain comparisons: files that are in order of time are not read before
            yield exp.or_(
                *(exp.GT(this=one.sql.copy(), expression=moment(self.since, zoned=one.zoned)) for one in moments)
            )
        if self.seen is not None:
            yield exp.Not(this=self._is_seen(*self.seen))

    def _is_seen(self, table: exp.Expr, seen: Reading) -> exp.Expr:
        same = (
            exp.EQ(this=seen.needed(*names).sql, expression=self.activity.needed(*names).sql)
            for names in (("lead_id",), ("id", "activity_id"))
        )
        rows = exp.select("1").from_(exp.alias_(table.copy(), "seen", table=True)).where(*same)
        return exp.Exists(this=rows)


def by_rule(rules: Sequence[Remembered], rows: Rows) -> Iterator[Told]:
    """What the rows tell of each rule, one after the other."""
    who, age, day = rows["who"], rows[AGE.name], rows.get(DAY.name)
    column_of = {index: name for name, group in _groups(rules).items() for index in group}
    for index, rule in enumerate(rules):
        met = np.flatnonzero(rows[column_of[index]] == index)
        yield Told(who[met], age[met], day[met] if day is not None and _is_limited(rule) else None)


def _groups(rules: Sequence[Remembered]) -> dict[str, list[int]]:
    """Columns, each for rules of which an activity meets one at most."""
    adding = [(index, rule) for index, rule in enumerate(rules) if not isinstance(rule, InactivityRule)]
    waiting = [[index] for index, rule in enumerate(rules) if isinstance(rule, InactivityRule)]
    groups = [*([index for index, _ in group] for group in shared(adding)), *waiting]
    return {f"leadflow_met{number}": group for number, group in enumerate(groups)}


def _is_limited(rule: Remembered) -> bool:
    return isinstance(rule, EngagementRule) and rule.limit is not None
