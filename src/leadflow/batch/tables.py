"""Tables of a host: which column holds what a path of a rule reaches, and what kind of value it holds.

A path is looked for in the mapping of ``Columns``, then as a column with its own name (``company.employees``), with
underscores (``company_employees``), with its last part alone (``employees``; not for ``account.…``, for a lead's own
``score`` is not that of its account).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Literal

from sqlglot import exp
from sqlglot.errors import SqlglotError

from leadflow.conditions.values import Kind, is_of_account, is_of_quality
from leadflow.errors import DefinitionError

__all__ = ["ColumnResolver", "ColumnSql", "Columns", "ConditionDialect", "Dialect", "Table", "double"]

Dialect = Literal["duckdb", "postgres", "spark"]
"""The SQL that is written; each is executed in the tests."""
ConditionDialect = Dialect | Literal["sqlite"]
"""The SQL that conditions are written in: also that of a storage."""

_T = exp.DType
_KINDS: Final[Mapping[exp.DType, Kind]] = {
    _T.BOOLEAN: "bool",
    _T.DATE: "date",
    **dict.fromkeys((*exp.DataType.INTEGER_TYPES, *exp.DataType.FLOAT_TYPES), "number"),
    **dict.fromkeys((_T.DECIMAL, _T.BIGDECIMAL), "number"),
    **dict.fromkeys((_T.TEXT, _T.VARCHAR, _T.CHAR, _T.BPCHAR, _T.NCHAR, _T.NVARCHAR, _T.NAME, _T.ENUM), "text"),
    **dict.fromkeys((_T.TIMESTAMP, _T.TIMESTAMPNTZ, _T.TIMESTAMP_S, _T.TIMESTAMP_MS, _T.TIMESTAMP_NS), "datetime"),
    **dict.fromkeys((_T.TIMESTAMPTZ, _T.TIMESTAMPLTZ), "datetime"),
}  # fmt: skip
_NOTHING: Final = ("null", "void")
"""The type of an empty column, as DuckDB and Spark call it."""
_AS_DOUBLE: Final = frozenset({*exp.DataType.FLOAT_TYPES, _T.DECIMAL, _T.BIGDECIMAL})


@dataclass(frozen=True, slots=True)
class Table:
    """A table as SQL names it, with the type of each column: ``Table("crm.leads", {"id": "text"})``."""

    name: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, where names alone don't show it.

    ``lead`` maps paths of rules, and ``id``, to columns of the leads; ``activity`` paths of ``activity(…)``, and
    ``lead_id``, ``kind``, ``happened_at``, ``recorded_at``, ``retracted_at``, ``id``, to columns of the activities.
    ``None``: there is no such column, so that the value is missing for all, or, for an activity's ``id``, no activity
    is there twice.
    """

    lead: Mapping[str, str | None] = field(default_factory=dict)
    activity: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnSql:
    """What a column gives: its SQL, its type, and the kind of its values (of its items where it holds lists)."""

    sql: exp.Expr
    type: str
    kind: Kind | None
    many: bool = False
    whole: bool = False
    zoned: bool = False
    plain: bool = False
    """Moments are whole microseconds since 1970, dates ISO texts, as storages keep them."""


class ColumnResolver:
    """The columns of one table, under its name in a query and in messages: leads, activities."""

    def __init__(self, table: Table, given: Mapping[str, str | None], alias: str, dialect: Dialect) -> None:
        self._table, self._given, self._alias, self._dialect = table, given, alias, dialect
        self._by_ending: dict[str, str] = {}

    def own(self, *names: str) -> ColumnSql | None:
        """The column for one of leadflow's own names (the first is that of the mapping); None if there is none."""
        wanted = self._given.get(names[0], None)
        if names[0] in self._given:
            return None if wanted is None else self._value(self._checked(names[0], wanted))
        there = (self._value(name) for name in names if name in self._table.columns)
        return next((value for value in there if value is not None), None)

    def needed(self, *names: str, kind: Kind | None = None) -> ColumnSql:
        """As ``own``, but there must be one, of this kind if one is given."""
        found = self.own(*names)
        if found is None:
            raise self._unknown(names[0], names[0])
        if kind is not None and (found.kind != kind or found.many):
            wanted = "moments, with a zone or in UTC" if kind == "datetime" else f"{kind}s"
            raise DefinitionError(f"{names[0]} of the {self._alias} is {found.type}, not {wanted}; cast it")
        return found

    def at(self, path: str) -> ColumnSql | None:
        """The column that a path of a rule reaches; None where the mapping has None, or the column is empty."""
        if path in self._given:
            wanted = self._given[path]
            return None if wanted is None else self._value(self._checked(path, wanted))
        for name in (path, path.replace(".", "_")):
            if name in self._table.columns:
                return self._value(name)
        return self._value(self._ending(path))

    def _ending(self, path: str) -> str:
        last = path.rpartition(".")[2]
        if is_of_quality(path):
            raise DefinitionError(
                f"{path}: SQL does not measure the quality of data; map a column that has it, from flow.quality or "
                f"leadflow.data_quality.quality_of: columns=Columns({{{path!r}: …}})"
            )
        if last not in self._table.columns or is_of_account(path):
            raise self._unknown(path, path)
        other = self._by_ending.setdefault(last, path)
        if other != path:
            raise DefinitionError(
                f"column {last!r} of the {self._alias} may be {other} or {path}; choose one: columns=Columns(…)"
            )
        return last

    def _checked(self, path: str, name: str) -> str:
        if name not in self._table.columns:
            raise self._unknown(path, name)
        return name

    def _unknown(self, path: str, name: str) -> DefinitionError:
        names: Sequence[str] = list(self._table.columns)
        near = get_close_matches(name.rpartition(".")[2], names, n=1) or get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(names[:12])}."
        return DefinitionError(f"the {self._alias} have no column for {path}; {hint} Map it: columns=Columns(…)")

    def _value(self, name: str) -> ColumnSql | None:
        """What a column gives; None for an empty column without a type."""
        written = self._table.columns[name]
        if written.strip('"').lower() in _NOTHING:
            return None
        column, type = exp.column(name, table=self._alias, quoted=True), data_type(written, self._dialect)
        if type is None:
            return ColumnSql(column, written, None)
        if type.this in (_T.ARRAY, _T.LIST):
            items = type.expressions[0] if type.expressions else None
            kind = _KINDS.get(items.this) if isinstance(items, exp.DataType) else None
            listed = exp.cast(column, "array<text>") if _is_collated(written) else column
            return ColumnSql(listed, written, kind, many=True)
        whole, zoned = type.this in exp.DataType.INTEGER_TYPES, type.this in (_T.TIMESTAMPTZ, _T.TIMESTAMPLTZ)
        return ColumnSql(_settled(column, type.this, written), written, _KINDS.get(type.this), whole=whole, zoned=zoned)


def _is_collated(written: str) -> bool:
    """Whether the type, as some of Spark's, makes texts of different letters equal."""
    return "collate" in written.casefold()


def _settled(column: exp.Expr, type: exp.DType, written: str) -> exp.Expr:
    """The column, brought to how conditions compare its kind."""
    if _KINDS.get(type) == "text" and _is_collated(written):
        return exp.Collate(this=column, expression=exp.to_identifier("UTF8_BINARY"))
    if type in _AS_DOUBLE:  # NaN is missing; it equals itself in both engines
        return exp.Nullif(this=exp.cast(column, "double"), expression=double("nan"))
    if type in (_T.ENUM, _T.CHAR, _T.BPCHAR, _T.NCHAR, _T.NAME):
        return exp.cast(column, "text")
    if type == _T.TIMESTAMP_NS:  # a cast would round, not cut
        return exp.func("make_timestamp", exp.func("epoch_us", column))
    return column


def data_type(written: str, dialect: Dialect) -> exp.DataType | None:
    """The type that SQL names so; None for an unknown one."""
    try:
        return exp.DataType.build(written, dialect=dialect)
    except (SqlglotError, ValueError):
        return None


def double(value: float | str) -> exp.Expr:
    """A number as SQL reads it back to the last bit (a plain literal would be a decimal); −0 as 0.

    They are equal everywhere, but Spark 4.3 compiles a query with both of them into one that is wrong.
    """
    text = value if isinstance(value, str) else repr(float(value) + 0.0)
    # not by exp.cast, which would parse the name of the type each time
    return exp.Cast(this=exp.Literal.string(text), to=exp.DataType(this=_T.DOUBLE))
