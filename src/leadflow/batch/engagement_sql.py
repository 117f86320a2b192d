"""Engagement rules as SQL: per lead and rule, what the shares of its activities sum up to.

Rules without a limit are conditional sums over one pass of the activities. Rules with one need the first activities of
each period: in a pass of their own each activity is given to the one rule that it meets (rules that an activity may
meet both are put into different passes), numbered per lead, rule and period, and then summed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import log
from typing import Final, TypeAlias

from sqlglot import exp

from leadflow.batch.caps_sql import greatest
from leadflow.batch.condition_sql import Lowering, fires, moment
from leadflow.batch.dialects import IDIOMS, Idiom
from leadflow.batch.tables import ColumnResolver, ColumnSql, Dialect, double
from leadflow.conditions.nodes import leaves
from leadflow.conditions.satisfiability import exclude
from leadflow.scoring.counting_rules import AnyEngagement, InactivityRule
from leadflow.scoring.decay import MICROSECOND, Decay, HalfLife, Linear, Window, microseconds
from leadflow.scoring.engagement import kinds_of
from leadflow.scoring.engagement_rules import Period

__all__ = ["AGE", "TURN", "EngagementQuery", "age_of", "are_exclusive", "exclusive_groups"]

AGE, DAY, TURN, RULE, PERIOD, SHARE = (
    exp.column(f"leadflow_{name}") for name in ("age", "day", "turn", "rule", "period", "share")
)  # beside the host's own columns, hence the long names
LEAD: Final = exp.column("lead_id")
NumberedRule: TypeAlias = tuple[int, AnyEngagement]
"""A rule with its place in the model."""


@dataclass(frozen=True)
class EngagementQuery:
    """The activities of one query, and the rules that count them."""

    table: exp.Expr
    activity: ColumnResolver
    leads: exp.Expr
    lead_id: ColumnSql
    lowering: Lowering
    now: datetime
    zone: str
    dialect: Dialect

    def passes(self, rules: Iterable[NumberedRule]) -> Iterator[exp.Select]:
        """Queries of ``lead_id`` and a column per rule (``e0``, ``e1``, … by its number); each rule is in one of them.

        A column is the sum of shares of an engagement rule, the count of a frequency rule, or the age of the newest
        activity of an inactivity rule.
        """
        helping = [one for one in rules if any(one[1].values)]
        if free := [one for one in helping if one[1].limit is None]:
            yield self._summed(free)
        for group in exclusive_groups([one for one in helping if one[1].limit is not None]):
            yield self._limited(group)

    @property
    def _idiom(self) -> Idiom:
        return IDIOMS[self.dialect]

    # --- passes --------------------------------------------------------------------------------------------

    def _summed(self, rules: Sequence[NumberedRule]) -> exp.Select:
        lead = self.activity.needed("lead_id").sql
        sums = [exp.alias_(self._measure(rule), f"e{index}") for index, rule in rules]
        return self._done(rules).select(exp.alias_(lead, "lead_id"), *sums).group_by(lead.copy())

    def _limited(self, rules: Sequence[NumberedRule]) -> exp.Select:
        limits = {index: rule.limit for index, rule in rules if rule.limit is not None}
        turn = exp.Window(
            this=exp.RowNumber(),
            partition_by=[LEAD.copy(), RULE.copy(), PERIOD.copy()],
            order=exp.Order(expressions=[exp.Ordered(this=AGE.copy(), desc=True)]),
        )
        met = self._met(rules, {index: limit.per for index, limit in limits.items()})
        turns = exp.select(LEAD, RULE, AGE, exp.alias_(turn, TURN.name)).from_(met.subquery("met", copy=False))
        turns = turns.where(exp.Not(this=exp.Is(this=RULE.copy(), expression=exp.null())))
        first = _by_rule({index: _number(limit.first) for index, limit in limits.items()})
        shares = exp.Sum(this=_by_rule({index: self._share(rule.decay) for index, rule in rules}))
        # Summed per rule first: a third of the memory, and quicker, than conditional sums over all that is counted.
        counted = exp.select(LEAD, RULE, exp.alias_(shares, SHARE.name)).from_(turns.subquery("turns", copy=False))
        counted = counted.where(exp.LTE(this=TURN.copy(), expression=first)).group_by(LEAD, RULE)
        sums = [
            exp.alias_(exp.Sum(this=fires(_is_rule(index), SHARE.copy(), double(0))), f"e{index}") for index, _ in rules
        ]
        return exp.select(LEAD, *sums).from_(counted.subquery("counted", copy=False)).group_by(LEAD)

    def _met(self, rules: Sequence[NumberedRule], periods: Mapping[int, Period]) -> exp.Select:
        """Each activity with the number of the rule that it meets, its age, and its period."""
        rule = exp.Case(ifs=[exp.If(this=self._meets(rule), true=_number(index)) for index, rule in rules])
        lead = exp.alias_(self.activity.needed("lead_id").sql, "lead_id")
        met = self._done(rules).select(lead, AGE, exp.alias_(exp.cast(rule, "smallint"), RULE.name))
        if set(periods.values()) == {"day"}:
            return met.select(exp.alias_(self._day, PERIOD.name))
        days = met.select(exp.alias_(self._day, DAY.name)).subquery("days", copy=False)
        period = _by_rule({index: self._period(DAY, per) for index, per in periods.items()})
        return exp.select(LEAD, AGE, RULE, exp.alias_(period, PERIOD.name)).from_(days)

    # --- activities ----------------------------------------------------------------------------------------

    def _done(self, rules: Sequence[NumberedRule]) -> exp.Select:
        """The activities of these rules that have happened, with their age; with the lead if a rule reads it."""
        kind = self.activity.needed("kind", kind="text").sql
        rows = exp.select().from_(self._once.subquery("activities"))
        conditions = (rule.where for _, rule in rules if rule.where is not None)
        if any(leaf.scope == "field" for where in conditions for leaf in leaves(where)):
            same = exp.EQ(this=self.lead_id.sql.copy(), expression=self.activity.needed("lead_id").sql)
            rows = rows.join(exp.alias_(self.leads.copy(), "leads", table=True), on=same)
        past = exp.LTE(this=self._happened.sql.copy(), expression=moment(self.now, zoned=self._happened.zoned))
        kinds = kinds_of(rule for _, rule in rules)
        return rows.where(past) if kinds is None else rows.where(past, one_of(kind, kinds))

    @cached_property
    def _once(self) -> exp.Select:
        """The activities with their age: of those with one id the first recorded one; none that is retracted."""
        rows = exp.alias_(self.table.copy(), "activities", table=True)
        age = age_of(self._happened, self.now, self.dialect)
        activity_id, retracted = self.activity.own("id", "activity_id"), self.activity.own("retracted_at")
        counts = [] if retracted is None else [exp.Is(this=retracted.sql, expression=exp.null())]
        if activity_id is None:
            return exp.select("*", exp.alias_(age, AGE.name)).from_(rows).where(*counts)
        order = [self.activity.own("recorded_at"), self._happened, self.activity.needed("kind", kind="text")]
        values = [*counts, *(value.sql for value in order if value is not None)]
        turn = exp.Window(
            this=exp.RowNumber(),
            partition_by=[self.activity.needed("lead_id").sql, activity_id.sql],
            order=exp.Order(expressions=[exp.Ordered(this=value.copy(), nulls_first=False) for value in values]),
        )
        turns = exp.select("*", exp.alias_(turn, TURN.name)).from_(rows)
        first = exp.EQ(this=TURN.copy(), expression=_number(1))
        no_id = exp.Is(this=activity_id.sql.copy(), expression=exp.null())
        rows = exp.select("*", exp.alias_(age, AGE.name)).from_(turns.subquery("activities", copy=False))
        return rows.where(exp.or_(first, no_id), *(one.copy() for one in counts))

    @cached_property
    def _happened(self) -> ColumnSql:
        return self.activity.needed("happened_at", kind="datetime")

    @property
    def _day(self) -> exp.Expr:
        """The day of an activity in the zone of the model."""
        return self._idiom.day(self._happened.sql, self.zone, zoned=self._happened.zoned)

    def _period(self, day: exp.Expr, per: Period) -> exp.Expr:
        """The number of the day, week (from Monday) or month."""
        match per:
            case "ever":
                return _number(0)
            case "month":
                years = exp.Mul(this=_part("year", day), expression=_number(12))
                return exp.Add(this=years, expression=_part("month", day))
            case _:
                monday = exp.cast(exp.Literal.string("0001-01-01"), "date")
                days = self._idiom.days_since(monday, day)
                return days if per == "day" else exp.IntDiv(this=days, expression=_number(7))

    def _meets(self, rule: AnyEngagement) -> exp.Expr | None:
        """Whether the rule counts an activity; None for a rule that counts all."""
        if not rule.kinds:
            return None
        kind = self.activity.needed("kind", kind="text").sql
        first, *more = rule.kinds
        met = one_of(kind, rule.kinds) if more else exp.EQ(this=kind, expression=exp.Literal.string(first))
        return met if rule.where is None else exp.and_(met, self.lowering.truth(rule.where))

    def _measure(self, rule: AnyEngagement) -> exp.Expr:
        """The sum of what is left of each activity, or the age of the newest."""
        met = self._meets(rule)
        if isinstance(rule, InactivityRule):
            return exp.Min(this=AGE.copy() if met is None else fires(met, AGE.copy(), exp.null()))
        assert met is not None  # such rules are on one kind
        return exp.Sum(this=fires(met, self._share(rule.decay), double(0)))

    def _share(self, decay: Decay | None) -> exp.Expr:
        """The share of the points that is left at the age of an activity, as ``scoring.decay`` has it."""
        match decay:
            case None:
                return double(1)
            case HalfLife(half_life_days=days):
                power: exp.Expr = exp.Mul(this=exp.cast(AGE, "double"), expression=double(-log(2) / microseconds(days)))
                return self._idiom.power_of_e(power)
            case Window(window_days=days):
                return fires(exp.LT(this=AGE.copy(), expression=_number(microseconds(days))), double(1), double(0))
            case Linear(linear_percent=percent, every_days=days):
                periods = exp.IntDiv(this=AGE.copy(), expression=_number(microseconds(days)))
                lost = exp.Mul(this=double(percent), expression=exp.cast(periods, "double"))
                left = greatest(exp.Sub(this=double(100), expression=lost), double(0))
                return exp.Mul(this=left, expression=double(0.01))


def one_of(kind: exp.Expr, kinds: Iterable[str]) -> exp.Expr:
    """Whether an activity is of one of these kinds."""
    return exp.In(this=kind.copy(), expressions=[exp.Literal.string(one) for one in sorted(kinds)])


def _by_rule(values: Mapping[int, exp.Expr]) -> exp.Expr:
    """The value of the rule that the activity meets."""
    return exp.Case(this=RULE.copy(), ifs=[exp.If(this=_number(index), true=value) for index, value in values.items()])


def _is_rule(index: int) -> exp.Expr:
    return exp.EQ(this=RULE.copy(), expression=_number(index))


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _part(name: str, day: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Extract(this=exp.var(name), expression=day.copy()), "int")


def age_of(happened: ColumnSql, now: datetime, dialect: Dialect) -> exp.Expr:
    """The microseconds from then to ``now``."""
    rows = IDIOMS[dialect].microseconds(happened.sql, zoned=happened.zoned)
    return exp.Sub(this=_number((now - datetime(1970, 1, 1, tzinfo=now.tzinfo)) // MICROSECOND), expression=rows)


# --- which rules no activity can meet both -------------------------------------------------------------------


def exclusive_groups(rules: Sequence[NumberedRule]) -> list[list[NumberedRule]]:
    """The rules in as few groups as are easily found, so that no activity meets two rules of one group."""
    groups: list[list[NumberedRule]] = []
    for one in rules:
        fitting = (group for group in groups if all(are_exclusive(one[1], other) for _, other in group))
        group = next(fitting, None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def are_exclusive(one: AnyEngagement, other: AnyEngagement) -> bool:
    """Whether it is certain that no activity meets both rules."""
    if one.kinds != other.kinds:  # of one kind each: those with a limit are
        return True
    return one.where is not None and other.where is not None and exclude(one.where, other.where)
