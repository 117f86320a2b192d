"""Searches as statements: conditions by ``leadflow.batch.condition_sql``, over columns, documents and match keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlglot import exp

from leadflow.adapters.sql.documents import JSON, Json, known, scalar, texts
from leadflow.adapters.sql.rows import fit
from leadflow.adapters.sql.statements import REACHABLE
from leadflow.batch.condition_sql import Lowering
from leadflow.batch.dialects import IDIOMS, written
from leadflow.batch.tables import ColumnSql, ConditionDialect
from leadflow.conditions import Condition, Leaf, leaves
from leadflow.conditions.nodes import And, Between, Compare, HasWords, IsIn, IsKnown, Within
from leadflow.conditions.values import Kind
from leadflow.entities import Lead
from leadflow.search import LeadSearch, Order
from leadflow.search.findable import TOTAL
from leadflow.search.stored_paths import stored_path
from leadflow.search.words import asked_keys

__all__ = ["SearchStatements"]

NUMBERS: Final = {TOTAL: "score", "version": "version"}
MOMENTS: Final = {"created_at": "created_at", "recorded_at": "changed_at"}
WHOLE_TEXTS: Final = {"id": "id", "stage": "stage"}
KEYS: Final = {"owner": "owner", "account": "account", "score.grade": "grade"}
"""Texts that may be too long for an index, which holds them shortened then."""
FEW: Final = {"owner", "account", "id"}
"""What few leads have in common."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
BEHIND: Final = "\U0010ffff"
"""No word has this character: it comes behind all words with one beginning."""


@dataclass(frozen=True)
class SearchStatements:
    """The statements that find leads of a class for a tenant; those given last are remembered."""

    database: str
    lead_type: type[Lead[Any]]
    tenant: str

    def page(self, search: LeadSearch) -> tuple[TextClause, dict[str, Any]]:
        """The statement for a page and one row more: id, version, stage, doc, and the value that they are sorted by."""
        after = search.after
        dated = search.now if any(isinstance(leaf, Within) for leaf in leaves(search.where)) else EPOCH
        missing = None if after is None else after.value is None
        values: dict[str, Any] = {"tenant": self.tenant, "limit": search.limit + 1}
        statement = _page(self, search.where, search.order, dated, missing)
        return statement, values if after is None else values | after._asdict()

    def count(self, where: Condition, now: datetime, by: str | None) -> tuple[TextClause, dict[str, Any]]:
        """The statement that counts, by the value of a field: rows of value and number."""
        condition = self._where(where, now)
        value = "NULL" if by is None else _colons(self._grouped_by(by))
        grouped = "" if by is None else " GROUP BY 1"
        statement = f"SELECT {value}, COUNT(*) {self._from(value, condition)} WHERE {condition}{grouped}"
        return text(statement), {"tenant": self.tenant}

    @property
    def _json(self) -> Json:
        return JSON[self.database]

    @property
    def _dialect(self) -> ConditionDialect:
        return "sqlite" if self.database == "sqlite" else "postgres"

    def page_in(self, order: Order, where: Condition, now: datetime, missing: bool | None) -> TextClause:
        """The statement for a page in an order, behind a place (whose value is ``missing`` or not) if there is one."""
        # SQLite takes each tenant for a small one, and would walk through all of its leads to save sorting a few
        sign = "+" if self._dialect == "sqlite" and _narrows(where, order) else ""
        sorted_by, id = f"{sign}{self._sorted_by(order)}", f"{sign}found.id"
        condition = self._where(where, now)
        if missing is not None:
            condition += f" AND {_behind(order, sorted_by, id, missing=missing)}"
        way = "DESC" if order.descending else "ASC"
        by = f"{f'({sorted_by}) IS NULL, ' if order.may_miss else ''}{sorted_by} {way}, {id} {way}"
        return text(
            f"SELECT found.id, found.version, found.stage, found.doc, {sorted_by} AS sorted_by"
            f" {self._from(sorted_by, condition)} WHERE {condition} ORDER BY {by} LIMIT :limit"
        )

    # ------------------------------------------------------------------------------------------------ parts of them
    def _where(self, where: Condition, now: datetime) -> str:
        truth = Lowering(self._value, now, self._dialect, self._words).truth(where)
        return f"found.tenant = :tenant AND ({_colons(written(truth, self._dialect))}) AND {REACHABLE}"

    def _from(self, *parts: str) -> str:
        """The leads, with what is read of their documents once for each."""
        read = ", ".join(f"leadflow_json(found.{name}) AS {name}" for name in ("doc", "computed") if _asks(name, parts))
        # without an offset each use of a document would read it anew
        return f"FROM leadflow_leads AS found{f', LATERAL (SELECT {read} OFFSET 0) AS stored' if read else ''}"

    def _sorted_by(self, order: Order) -> str:
        if column := (NUMBERS | MOMENTS | WHOLE_TEXTS).get(order.path):
            return f"found.{column}"
        return _colons(
            self._ordered(scalar(self._json, stored_path(self.lead_type, order.path), order.kind), order.kind)
        )

    def _ordered(self, sql: str, kind: Kind) -> str:
        value: exp.Expr = exp.Var(this=sql)
        return written(IDIOMS[self._dialect].by_code_points(value), self._dialect) if kind == "text" else sql

    def _grouped_by(self, by: str) -> str:
        if column := (WHOLE_TEXTS | KEYS).get(by):
            return f"found.{column}"
        path = stored_path(self.lead_type, by)
        (kind,) = path.shape.kinds
        return scalar(self._json, path, kind)

    def _words(self, leaf: HasWords) -> exp.Expr:
        """Whether the words are in the index: each begins one of the lead's."""
        return exp.and_(*(self._has_key(key) for key in asked_keys(leaf.text)))

    def _has_key(self, beginning: str) -> exp.Expr:
        key = exp.column("key", table="words")
        of_tenant = exp.EQ(this=exp.column("tenant", table="words"), expression=exp.Literal.string(self.tenant))
        first = exp.GTE(this=key, expression=exp.Literal.string(beginning))
        last = exp.LT(this=key.copy(), expression=exp.Literal.string(beginning + BEHIND))
        table = exp.to_table("leadflow_match_keys", alias="words")
        leads = exp.select(exp.column("lead_id", table="words")).from_(table).where(of_tenant, first, last)
        return exp.In(this=exp.column("id", table="found"), query=leads.subquery())

    def _value(self, leaf: Leaf) -> ColumnSql:
        return self._in_column(leaf) or self._in_document(leaf)

    def _in_column(self, leaf: Leaf) -> ColumnSql | None:
        if column := WHOLE_TEXTS.get(leaf.path) or (_is_exact(leaf) and KEYS.get(leaf.path)):
            return ColumnSql(exp.column(column, table="found"), "text", "text")
        if column := NUMBERS.get(leaf.path):
            return ColumnSql(exp.column(column, table="found"), "number", "number", whole=column == "version")
        if column := MOMENTS.get(leaf.path):
            return ColumnSql(exp.column(column, table="found"), "bigint", "datetime", plain=True)
        return None

    def _in_document(self, leaf: Leaf) -> ColumnSql:
        path = stored_path(self.lead_type, leaf.path)
        if isinstance(leaf, IsKnown):
            return ColumnSql(exp.Var(this=known(self._json, path)), "json", None)
        if path.many:
            return ColumnSql(exp.Var(this=texts(self._json, path)), "list", "text", many=True)
        kind = _kind(leaf, path.shape.kinds)
        return ColumnSql(exp.Var(this=scalar(self._json, path, kind)), "json", kind, whole=path.whole, plain=True)


@lru_cache(maxsize=256)
def _page(finding: SearchStatements, where: Condition, order: Order, now: datetime, missing: bool | None) -> TextClause:
    return finding.page_in(order, where, now, missing)


def _kind(leaf: Leaf, kinds: frozenset[Kind]) -> Kind:
    """The kind of value that a condition asks for; where anything may stand, it is the value's own."""
    asked: Kind = leaf.kind if isinstance(leaf, Compare | IsIn | Between) else "text"
    if isinstance(leaf, Within):
        asked = "date" if "date" in kinds else "datetime"
    return asked


def _is_exact(leaf: Leaf) -> bool:
    """Whether the column of a text that may be long tells: it is compared with short ones for being the same."""
    if isinstance(leaf, Compare):
        return leaf.op in ("eq", "ne") and all(fit(str(one)) == one for one in leaf.constants)
    return isinstance(leaf, IsKnown) or (isinstance(leaf, IsIn) and all(fit(str(one)) == one for one in leaf.constants))


def _narrows(where: Condition, order: Order) -> bool:
    """Whether a part of the condition leaves few leads, and no index has them in order."""
    parts = where.all if isinstance(where, And) else (where,)
    same = {part.path for part in parts if isinstance(part, IsIn) or (isinstance(part, Compare) and part.op == "eq")}
    if {"owner", "stage"} <= same and order.path == TOTAL:
        return False
    return bool(same & FEW) or any(isinstance(part, HasWords) for part in parts)


def _behind(order: Order, sorted_by: str, id: str, *, missing: bool) -> str:
    sign = "<" if order.descending else ">"
    if missing:
        return f"({sorted_by} IS NULL AND {id} {sign} :id)"
    if not order.may_miss:
        return f"({sorted_by}, {id}) {sign} (:value, :id)"
    return f"(({sorted_by}, {id}) {sign} (:value, :id) OR {sorted_by} IS NULL)"


def _asks(name: str, parts: tuple[str, ...]) -> bool:
    return any(f"stored.{name}" in part for part in parts)


def _colons(sql: str) -> str:
    """The statement with no name of a value in it."""
    return sql.replace(":", r"\:")
