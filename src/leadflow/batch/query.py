"""A scoring model as one SQL query: fit, engagement, total and grade of every lead of a table.

It does what ``ScoringModel.score`` does: limits, decay, caps of rules, groups and sides, in this order. Function rules
run per lead only and are refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from sqlglot import exp

from leadflow.batch.caps_sql import CapCut, CappedSide, greatest, least
from leadflow.batch.condition_sql import Lowering, fires
from leadflow.batch.dialects import IDIOMS, written
from leadflow.batch.engagement_sql import AGE, TURN, EngagementQuery, age_of
from leadflow.batch.tables import ColumnResolver, Columns, ColumnSql, Dialect, Table, double
from leadflow.conditions.nodes import Leaf
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.scoring.counting_rules import AnyEngagement, FrequencyRule, InactivityRule
from leadflow.scoring.decay import microseconds
from leadflow.scoring.engagement_rules import ActivityFunctionRule
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import AnyFit, FunctionRule

__all__ = ["NO_MAPPING", "Query", "ScoringRequest", "sql_for"]

LEAD = "lead_id"
VETOED, LEAD_AGE, ADJUSTED = "leadflow_vetoed", "leadflow_lead_age", "leadflow_adjusted"
"""Columns of a lead that are needed after its own rules: no points help it, its age, what persons gave it by hand."""
OURS = {"leads": (VETOED,), "activities": (AGE.name, TURN.name)}
"""Columns that stand beside all of the host's for a while."""
LONGEST_IN_POSTGRES = 63
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
    if dialect not in IDIOMS:
        raise InvalidInput("dialect", dialect, f"there are {', '.join(map(repr, IDIOMS))}")
    query = Query(model, leads, activities, as_of, columns, dialect)
    return written(query.scores(per_rule=per_rule), dialect, pretty=True)


@dataclass(frozen=True)
class ScoringRequest:
    """What ``score_many`` is asked for, whichever engine answers."""

    model: ScoringModel
    leads: object
    activities: object | None
    as_of: datetime
    columns: Columns
    per_rule: bool

    @property
    def sources(self) -> dict[str, object]:
        """What the host gives as leads and, if there are any, as activities."""
        did = {} if self.activities is None else {"activities": self.activities}
        return {"leads": self.leads, **did}

    def query(self, tables: Mapping[str, Table], dialect: Dialect) -> str:
        """The query over the sources once the engine has made tables of them."""
        query = Query(self.model, tables["leads"], tables.get("activities"), self.as_of, self.columns, dialect)
        return written(query.scores(per_rule=self.per_rule), dialect)


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
        if not isinstance(self.as_of, datetime) or self.as_of.tzinfo is None:
            raise InvalidInput("as_of", self.as_of, "give an aware datetime, for example datetime.now(UTC)")
        for rule in (*self.model.fit, *self.model.engagement):
            if isinstance(rule, FunctionRule | ActivityFunctionRule):
                instead = "points(…)" if isinstance(rule, FunctionRule) else "on(…)"
                raise DefinitionError(
                    f"rule {rule.name!r} is a Python function, which SQL can't run; write it with {instead}, "
                    "or score lead by lead with model.score"
                )
        check_columns("leads", self.leads)
        if self.activities is not None:
            check_columns("activities", self.activities)

    def scores(self, *, per_rule: bool) -> exp.Select:
        """The query; its columns are lead_id, fit, engagement, total, grade, and one per rule with ``per_rule``."""
        known = self._contributions() if per_rule else self._sides()
        fit, engagement = exp.column("fit"), exp.column("engagement")
        total = exp.alias_(exp.Add(this=fit.copy(), expression=engagement.copy()), "total")
        scores = exp.select(exp.column(LEAD), fit, engagement, total, exp.alias_(self._grade(), "grade"))
        if per_rule:
            scores = scores.select(*(exp.alias_(exp.column(name), rule, quoted=True) for name, rule in self._named()))
        return scores.from_(IDIOMS[self.dialect].step(known, "scored"))

    # --- without contributions: each side is summed before the two meet ------------------------------------

    def _sides(self) -> exp.Select:
        lead = exp.alias_(self._lead_id.sql, LEAD)
        fit = exp.select(lead, exp.alias_(self._fit.total(), "fit"), *self._carried).from_(self._lead_rows)
        passes, engagement = self._passes, self._engagement.total()
        if len(passes) == 1 and not self._of_the_lead:  # summed before the join, which has less to carry then
            summed = exp.select(LEAD, exp.alias_(engagement, "engagement"))
            passes = [summed.from_(passes[0].subquery("summed", copy=False))]
            engagement = exp.func("coalesce", exp.column("engagement", "p0"), double(0))
        known = exp.column(LEAD, "fit"), exp.column("fit", "fit"), exp.alias_(engagement, "engagement"), *self._vetoed
        return _beside(fit, passes).select(*known)

    # --- with contributions --------------------------------------------------------------------------------

    def _contributions(self) -> exp.Select:
        given = [exp.alias_(value, name) for name, value in self._fit.given.items()]
        fit = exp.select(exp.alias_(self._lead_id.sql, LEAD), *given, *self._carried).from_(self._lead_rows)
        engaged = [exp.alias_(value, name) for name, value in self._engagement.given.items()]
        names = [exp.column(name, "fit") for name in (LEAD, *self._fit.given)]
        rows = _beside(fit, self._passes).select(*names, *engaged, *self._vetoed)
        for in_fit, in_engagement in zip(self._fit.cuts(), self._engagement.cuts(), strict=True):
            rows = self._after(rows, [*in_fit, *in_engagement])
        sums = exp.alias_(self._fit.sum(), "fit"), exp.alias_(self._engagement.sum(), "engagement")
        return exp.select("*", *sums).from_(IDIOMS[self.dialect].step(rows, "given"))

    def _after(self, rows: exp.Select, cuts: Sequence[CapCut]) -> exp.Select:
        if not cuts:
            return rows
        sums = [exp.alias_(value, name) for cut in cuts for name, value in cut.sums().items()]
        idiom = IDIOMS[self.dialect]
        summed = exp.select("*", *sums).from_(idiom.step(rows, "given"))
        values = {name: value for cut in cuts for name, value in cut.cut().items()}
        names = (LEAD, *self._fit.given, *self._engagement.given, *(one.name for one in self._vetoed))
        columns = [exp.alias_(values[name], name) if name in values else exp.column(name) for name in names]
        return exp.select(*columns).from_(idiom.step(summed, "summed"))

    def _named(self) -> list[tuple[str, str]]:
        """The columns of the rules, and the names that they come out with."""
        fit, engagement = self._adjusted_names("fit"), self._adjusted_names("engagement")
        rules = [*fit, *(r.name for r in self.model.fit), *engagement, *(r.name for r in self.model.engagement)]
        folded = [self._as_column(name) for name in (*RESERVED, *rules)]
        if twice := [name for name in rules if folded.count(self._as_column(name)) > 1]:
            raise DefinitionError(f"rule {twice[0]!r} can't name a column, for there is another; call it otherwise")
        return list(zip((*self._fit.given, *self._engagement.given), rules, strict=True))

    def _as_column(self, name: str) -> bytes:
        """A name as the database compares it."""
        return name.casefold().encode()[: LONGEST_IN_POSTGRES if self.dialect == "postgres" else None]

    # --- sides ---------------------------------------------------------------------------------------------

    @cached_property
    def _fit(self) -> CappedSide:
        lowering, rules = Lowering(self._of_lead, self.as_of, self.dialect), self.model.fit
        by_hand = self._adjusted("fit")
        given = {} if by_hand is None else {"f": self._helped(by_hand.sql, "leads")}
        for index, rule in enumerate(rules):
            given[f"f{index}"] = self._helped(_points(rule, lowering), "leads")
        groups: dict[str, str | None] = {"f": None}
        groups |= {f"f{index}": rule.group for index, rule in enumerate(rules)}
        return CappedSide(given, groups, self.model.groups, self.model.cap_fit)

    @cached_property
    def _engagement(self) -> CappedSide:
        given: dict[str, exp.Expr] = {}
        if self._adjusted("engagement") is not None:
            given["e"] = self._helped(exp.column(ADJUSTED, "fit"), "fit")
        for index, rule in enumerate(self.model.engagement):
            measure = exp.column(f"e{index}") if self._passes else None
            given[f"e{index}"] = self._helped(_earned(rule, measure), "fit")
        groups: dict[str, str | None] = {"e": None}
        groups |= {f"e{index}": rule.group for index, rule in enumerate(self.model.engagement)}
        return CappedSide(given, groups, self.model.groups, self.model.cap_engagement)

    # --- what is known of a lead beside its rules ----------------------------------------------------------

    def _helped(self, given: exp.Expr, table: str) -> exp.Expr:
        """What a rule gives, unless the lead is vetoed and it would help."""
        if not self.model.vetoes or _is_number(given):
            return given
        return fires(exp.column(VETOED, table), least(given, double(0)), given)

    @cached_property
    def _of_the_lead(self) -> dict[str, exp.Expr]:
        """The columns that go with a lead to where its activities are known."""
        found: dict[str, exp.Expr] = {}
        if self.model.vetoes:
            found[VETOED] = exp.column(VETOED, "leads")
        if any(isinstance(rule, InactivityRule) for rule in self.model.engagement):
            created = self._lead.at("created_at")
            now = self.as_of.astimezone(UTC)
            if created is not None and created.kind != "datetime":
                raise DefinitionError(
                    f"created_at of the leads is {created.type}, not moments; cast it, or map it to None"
                )
            age = exp.cast(exp.null(), "bigint") if created is None else age_of(created, now, self.dialect)
            found[LEAD_AGE] = age
        by_hand = self._adjusted("engagement")
        if by_hand is not None:
            found[ADJUSTED] = by_hand.sql
        return found

    @property
    def _carried(self) -> list[exp.Expr]:
        return [exp.alias_(sql.copy(), name) for name, sql in self._of_the_lead.items()]

    @property
    def _vetoed(self) -> list[exp.Column]:
        return [exp.column(VETOED)] if self.model.vetoes else []

    def _adjusted(self, side: str) -> ColumnSql | None:
        """What persons gave by hand on a side, if the leads have a column for it."""
        found = self._lead.own(f"adjusted_{side}")
        if found is None:
            return None
        if found.kind != "number" or found.many:
            raise DefinitionError(f"adjusted_{side} of the leads is {found.type}, not numbers; cast it")
        return replace(found, sql=exp.func("coalesce", exp.cast(found.sql, "double"), double(0)))

    def _adjusted_names(self, side: str) -> list[str]:
        return [] if self._adjusted(side) is None else [f"adjusted_{side}"]

    @cached_property
    def _passes(self) -> list[exp.Select]:
        if self.activities is None:
            return []
        check_same_ids(self._lead_id, self._activity.needed("lead_id"), "leads", "activities")
        query = EngagementQuery(
            table=_table(self.activities, self.dialect),
            activity=self._activity,
            leads=_table(self.leads, self.dialect),
            lead_id=self._lead_id,
            lowering=Lowering(self._of_activity, self.as_of, self.dialect),
            now=self.as_of.astimezone(UTC),
            zone=self.model.zone,
            dialect=self.dialect,
        )
        return [*query.passes(enumerate(self.model.engagement))]

    # --- columns -------------------------------------------------------------------------------------------

    @cached_property
    def _lead(self) -> ColumnResolver:
        return ColumnResolver(self.leads, self.columns.lead, "leads", self.dialect)

    @cached_property
    def _activity(self) -> ColumnResolver:
        assert self.activities is not None
        return ColumnResolver(self.activities, self.columns.activity, "activities", self.dialect)

    @property
    def _lead_id(self) -> ColumnSql:
        return self._lead.needed("id", "lead_id")

    @property
    def _lead_rows(self) -> exp.Expr:
        rows = exp.alias_(_table(self.leads, self.dialect), "leads", table=True)
        if not self.model.vetoes:
            return rows
        lowering = Lowering(self._of_lead, self.as_of, self.dialect)
        vetoed = fires(exp.or_(*(lowering.truth(veto.when) for veto in self.model.vetoes)), exp.true(), exp.false())
        return exp.select("*", exp.alias_(vetoed, VETOED)).from_(rows).subquery("leads")

    def _of_lead(self, leaf: Leaf) -> ColumnSql | None:
        return self._lead.at(leaf.path) if leaf.scope == "field" else None

    def _of_activity(self, leaf: Leaf) -> ColumnSql | None:
        return self._lead.at(leaf.path) if leaf.scope == "field" else self._activity.at(leaf.path)

    def _grade(self) -> exp.Expr:
        grades = self.model.grades
        letters = _class(exp.column("fit"), grades.fit, grades.names[0])
        numbers = _class(exp.column("engagement"), grades.engagement, grades.names[1])
        grade = exp.DPipe(this=letters, expression=numbers)
        return fires(exp.column(VETOED), exp.Literal.string(grades.worst), grade) if self.model.vetoes else grade


def check_columns(name: str, table: Table) -> None:
    """Columns that the query makes beside those of the host must not be there already."""
    for column in table.columns:
        if column.casefold() in OURS[name]:
            raise DefinitionError(f"column {column!r} of the {name} has a name that the query needs; call it otherwise")


def check_same_ids(mine: ColumnSql, theirs: ColumnSql, here: str, there: str) -> None:
    """Raise ``DefinitionError`` where ids of leads differ in kind: engines would cast, or fail at one that can't be."""
    if mine.kind != theirs.kind:
        raise DefinitionError(
            f"lead ids are {mine.type} in the {here} and {theirs.type} in the {there}; cast one of them"
        )


def _points(rule: AnyFit, lowering: Lowering) -> exp.Expr:
    """What a fit rule gives."""
    ways = [(lowering.truth(when), double(points)) for when, points in rule.outcomes]
    if len(ways) == 1:
        return fires(*ways[0], double(rule.fallback))
    return exp.Case(ifs=[exp.If(this=when, true=points) for when, points in ways], default=double(rule.fallback))


def _earned(rule: AnyEngagement, measure: exp.Expr | None) -> exp.Expr:
    """What an engagement rule gives for its measure: what is left of its activities, or the age of the newest."""
    if not any(rule.values):
        return double(0)
    if isinstance(rule, InactivityRule):
        since = exp.column(LEAD_AGE, "fit")
        age = since if measure is None else exp.func("coalesce", measure, since)
        span = exp.Literal.number(microseconds(rule.inactive_days))
        return fires(exp.GTE(this=age, expression=span), double(rule.points), double(0))
    if measure is None:
        return double(0)
    if isinstance(rule, FrequencyRule):
        bands = [
            exp.If(this=exp.GTE(this=measure.copy(), expression=double(band.at_least)), true=double(band.points))
            for band in reversed(rule.bands)
        ]
        return exp.Case(ifs=bands, default=double(0))
    raw = exp.Mul(this=exp.func("coalesce", measure, double(0)), expression=double(rule.points))
    if rule.cap is None:
        return raw
    # shares are never negative, so that one bound is enough
    return least(raw, double(rule.cap)) if rule.points > 0 else greatest(raw, double(-rule.cap))


def _is_number(given: exp.Expr) -> bool:
    return isinstance(given, exp.Cast) and isinstance(given.this, exp.Literal)


def _class(value: exp.Expr, thresholds: tuple[float, ...], names: Sequence[str]) -> exp.Expr:
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
