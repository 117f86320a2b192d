"""A scoring model as one SQL query: fit, engagement, total and grade of every lead of a table.

It does what ``ScoringModel.score`` does: limits, decay, caps of rules, groups and sides, in this order. Function rules
run per lead only and are refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from string import ascii_uppercase

from sqlglot import exp

from leadflow.batch.caps import Cut, Side, bounded
from leadflow.batch.engaging import Engaging
from leadflow.batch.lowering import Lowering, fires
from leadflow.batch.tables import Columns, Dialect, Reading, Table, Value, double
from leadflow.conditions.base import Leaf
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import FitRule, FunctionRule

LEAD = "lead_id"
RESERVED = (LEAD, "fit", "engagement", "total", "grade")
NO_MAPPING = Columns()


def sql_for(
    model: ScoringModel,
    leads: Table,
    activities: Table | None,
    as_of: datetime,
    *,
    dialect: Dialect = "duckdb",
    columns: Columns = NO_MAPPING,
    per_rule: bool = False,
) -> str:
    """The query that ``score_many`` runs, as text: for a job in your own database, or to read.

    Raises ``DefinitionError`` for function rules and for paths without a column.
    """
    query = Query(model, leads, activities, as_of, columns, dialect)
    return query.scores(per_rule=per_rule).sql(dialect, pretty=True)


@dataclass(frozen=True)
class Query:
    """One model over two tables at one moment."""

    model: ScoringModel
    leads: Table
    activities: Table | None
    as_of: datetime
    columns: Columns
    dialect: Dialect

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise InvalidInput("as_of", self.as_of, "give an aware datetime, for example datetime.now(UTC)")
        functions = [rule.name for rule in self.model.fit if isinstance(rule, FunctionRule)]
        if functions:
            raise DefinitionError(
                f"rule {functions[0]!r} is a Python function, which SQL can't run; write it with points(…), "
                "or score lead by lead with model.score"
            )

    def scores(self, *, per_rule: bool) -> exp.Select:
        """The query; its columns are lead_id, fit, engagement, total, grade, and one per rule if asked for."""
        known = self._contributions() if per_rule else self._sides()
        fit, engagement = exp.column("fit"), exp.column("engagement")
        total = exp.alias_(exp.Add(this=fit.copy(), expression=engagement.copy()), "total")
        scores = exp.select(exp.column(LEAD), fit, engagement, total, exp.alias_(self._grade(), "grade"))
        if per_rule:
            scores = scores.select(*(exp.alias_(exp.column(name), rule, quoted=True) for name, rule in self._named()))
        return scores.from_(known.subquery("scored", copy=False))

    # --- without contributions: each side is summed before the two meet ------------------------------------

    def _sides(self) -> exp.Select:
        lead = exp.alias_(self._lead_id.sql, LEAD)
        fit = exp.select(lead, exp.alias_(self._fit.total(), "fit")).from_(self._lead_rows)
        passes, engagement = self._passes, self._engagement.total()
        if len(passes) == 1:  # summed before the join, which has less to carry then
            summed = exp.select(LEAD, exp.alias_(engagement, "engagement"))
            passes = [summed.from_(passes[0].subquery("summed", copy=False))]
            engagement = exp.func("coalesce", exp.column("engagement", "p0"), double(0))
        known = exp.column(LEAD, "fit"), exp.column("fit", "fit"), exp.alias_(engagement, "engagement")
        return _beside(fit, passes).select(*known)

    # --- with contributions --------------------------------------------------------------------------------

    def _contributions(self) -> exp.Select:
        given = [exp.alias_(value, name) for name, value in self._fit.given.items()]
        fit = exp.select(exp.alias_(self._lead_id.sql, LEAD), *given).from_(self._lead_rows)
        engaged = [exp.alias_(value, name) for name, value in self._engagement.given.items()]
        names = [exp.column(name, "fit") for name in (LEAD, *self._fit.given)]
        rows = _beside(fit, self._passes).select(*names, *engaged)
        for in_fit, in_engagement in zip(self._fit.cuts(), self._engagement.cuts(), strict=True):
            rows = self._after(rows, [*in_fit, *in_engagement])
        sums = exp.alias_(self._fit.sum(), "fit"), exp.alias_(self._engagement.sum(), "engagement")
        return exp.select("*", *sums).from_(rows.subquery("given", copy=False))

    def _after(self, rows: exp.Select, cuts: Sequence[Cut]) -> exp.Select:
        if not cuts:
            return rows
        sums = [exp.alias_(value, name) for cut in cuts for name, value in cut.sums().items()]
        summed = exp.select("*", *sums).from_(rows.subquery("given", copy=False))
        values = {name: value for cut in cuts for name, value in cut.cut().items()}
        names = (LEAD, *self._fit.given, *self._engagement.given)
        columns = [exp.alias_(values[name], name) if name in values else exp.column(name) for name in names]
        return exp.select(*columns).from_(summed.subquery("summed", copy=False))

    def _named(self) -> list[tuple[str, str]]:
        """The columns of the rules, and the names that they come out with."""
        rules = [rule.name for rule in (*self.model.fit, *self.model.engagement)]
        folded = [name.casefold() for name in (*RESERVED, *rules)]
        if twice := [name for name in rules if folded.count(name.casefold()) > 1]:
            raise DefinitionError(f"rule {twice[0]!r} can't name a column, for there is another; call it otherwise")
        return list(zip((*self._fit.given, *self._engagement.given), rules, strict=True))

    # --- sides ---------------------------------------------------------------------------------------------

    @cached_property
    def _fit(self) -> Side:
        lowering = Lowering(self._of_lead, self.as_of, self.dialect)
        rules = [rule for rule in self.model.fit if isinstance(rule, FitRule)]
        given = {
            f"f{index}": fires(lowering.truth(rule.when), double(rule.points), double(0))
            for index, rule in enumerate(rules)
        }
        groups = {f"f{index}": rule.group for index, rule in enumerate(rules)}
        return Side(given, groups, self.model.groups, self.model.cap_fit)

    @cached_property
    def _engagement(self) -> Side:
        given: dict[str, exp.Expr] = {}
        for index, rule in enumerate(self.model.engagement):
            name = f"e{index}"
            share = exp.func("coalesce", exp.column(name), double(0))
            raw = exp.Mul(this=share, expression=double(rule.points))
            given[name] = bounded(raw, rule.cap) if self.activities and rule.points else double(0)
        groups = {f"e{index}": rule.group for index, rule in enumerate(self.model.engagement)}
        return Side(given, groups, self.model.groups, self.model.cap_engagement)

    @cached_property
    def _passes(self) -> list[exp.Select]:
        if self.activities is None:
            return []
        self._check_ids()
        engaging = Engaging(
            table=_table(self.activities, self.dialect),
            activity=self._activity,
            leads=_table(self.leads, self.dialect),
            lead_id=self._lead_id,
            lowering=Lowering(self._of_activity, self.as_of, self.dialect),
            now=self.as_of.astimezone(UTC),
            zone=self.model.zone,
            dialect=self.dialect,
        )
        return list(engaging.passes(self.model.engagement))

    def _check_ids(self) -> None:
        mine, theirs = self._lead_id, self._activity.needed("lead_id")
        if mine.kind != theirs.kind:  # engines would cast one, or fail at the first id that is no number
            raise DefinitionError(
                f"lead ids are {mine.type} in the leads and {theirs.type} in the activities; cast one of them"
            )

    # --- columns -------------------------------------------------------------------------------------------

    @cached_property
    def _lead(self) -> Reading:
        return Reading(self.leads, self.columns.lead, "leads", self.dialect)

    @cached_property
    def _activity(self) -> Reading:
        assert self.activities is not None
        return Reading(self.activities, self.columns.activity, "activities", self.dialect)

    @property
    def _lead_id(self) -> Value:
        return self._lead.needed("id", "lead_id")

    @property
    def _lead_rows(self) -> exp.Expr:
        return exp.alias_(_table(self.leads, self.dialect), "leads", table=True)

    def _of_lead(self, leaf: Leaf) -> Value | None:
        return self._lead.at(leaf.path) if leaf.scope == "field" else None

    def _of_activity(self, leaf: Leaf) -> Value | None:
        return self._lead.at(leaf.path) if leaf.scope == "field" else self._activity.at(leaf.path)

    def _grade(self) -> exp.Expr:
        letters = _class(exp.column("fit"), self.model.grades.fit, ascii_uppercase)
        numbers = _class(exp.column("engagement"), self.model.grades.engagement, [str(n) for n in range(1, 27)])
        return exp.DPipe(this=letters, expression=numbers)


def _class(value: exp.Expr, thresholds: tuple[float, ...], names: str | list[str]) -> exp.Expr:
    last = exp.Literal.string(names[len(thresholds)])
    ifs = [
        exp.If(this=exp.GTE(this=value.copy(), expression=double(threshold)), true=exp.Literal.string(name))
        for threshold, name in zip(thresholds, names, strict=False)
    ]
    return exp.Case(ifs=ifs, default=last) if ifs else last


def _beside(fit: exp.Select, passes: Sequence[exp.Select]) -> exp.Select:
    """Each lead with its row of each pass, if it has one: fit, p0, p1, …."""
    rows = exp.select().from_(fit.subquery("fit", copy=False))
    for number, one in enumerate(passes):
        name = f"p{number}"
        rows = rows.join(one.subquery(name, copy=False), on=_same("fit", name), join_type="left", copy=False)
    return rows


def _same(one: str, other: str) -> exp.Expr:
    return exp.EQ(this=exp.column(LEAD, one), expression=exp.column(LEAD, other))


def _table(table: Table, dialect: Dialect) -> exp.Table:
    return exp.to_table(table.name, dialect=dialect)
