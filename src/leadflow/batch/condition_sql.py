"""Conditions as SQL, with the meaning that ``leadflow.conditions.interpreter`` gives them.

SQL's own logic has three values, so unknown is NULL. What engines disagree about is written out: kinds that don't
match are unknown instead of cast, NaN is missing, whole numbers are compared with fractions exactly, text is ordered by
code points, patterns are escaped, moments are constants to the microsecond. Nothing is ever joined as text: conditions
become a tree of sqlglot, which quotes names and constants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from math import ceil, floor, inf, nextafter
from typing import Final

from sqlglot import exp

from leadflow.batch.dialects import IDIOMS
from leadflow.batch.tables import ColumnSql, ConditionDialect
from leadflow.conditions.nodes import (
    Always,
    And,
    Between,
    Compare,
    Condition,
    HasWords,
    IsIn,
    IsKnown,
    Leaf,
    Matches,
    Never,
    Not,
    Or,
    Within,
)
from leadflow.conditions.patterns import pattern_of
from leadflow.conditions.values import Scalar
from leadflow.entities.base import micros
from leadflow.errors import DefinitionError

__all__ = ["Lowering", "fires", "moment"]

FLAT: Final = 100
"""The most conditions side by side."""

Resolve = Callable[[Leaf], ColumnSql | None]
"""The column that a leaf reads; None where it is missing for all."""
Words = Callable[[HasWords], exp.Expr]
"""Whether words begin those of a text: where there is an index of them."""

_SIGNS: Final[Mapping[str, type[exp.Binary]]] = {
    "eq": exp.EQ, "ne": exp.NEQ, "lt": exp.LT, "le": exp.LTE, "gt": exp.GT, "ge": exp.GTE,
}  # fmt: skip


class Lowering:
    """Conditions of one query: where their columns are, at which moment, in whose SQL."""

    def __init__(self, resolve: Resolve, now: datetime, dialect: ConditionDialect, words: Words | None = None) -> None:
        self._resolve, self._now, self._idiom = resolve, now.astimezone(UTC), IDIOMS[dialect]
        self._words = words or _no_words

    def truth(self, condition: Condition) -> exp.Expr:
        """An SQL expression that is TRUE, FALSE, or NULL for unknown."""
        match condition:
            case Always():
                return exp.true()
            case Never():
                return exp.false()
            case Not(of=part):
                return exp.Not(this=exp.paren(self.truth(part)))
            case And(all=parts):
                return _joined(exp.and_, [self.truth(part) for part in parts])
            case Or(any=parts):
                return _joined(exp.or_, [self.truth(part) for part in parts])
            case HasWords():
                return self._words(condition)
            case Leaf():
                return self._leaf(condition, self._resolve(condition))
        raise AssertionError(condition)

    def _leaf(self, leaf: Leaf, value: ColumnSql | None) -> exp.Expr:
        if isinstance(leaf, IsKnown):
            return exp.false() if value is None else exp.Not(this=exp.paren(_is_null(value.sql)))
        if value is None:
            return unknown()
        match leaf:
            case Matches(op="contains", text=text) if value.many:
                return self._holds(value, text)
            case Matches() if value.kind == "text" and not value.many:
                return self._idiom.like(value.sql, pattern_of(leaf))
            case Within(days=days) if not value.many:
                return self._within(value, days)
            case Compare() | IsIn() | Between() if value.kind == leaf.kind and not value.many:
                return self._compares(leaf, value)
        return unknown()

    def _compares(self, leaf: Compare | IsIn | Between, value: ColumnSql) -> exp.Expr:
        match leaf:
            case Compare(op=op, value=constant):
                return self._compare(value, op, constant)
            case Between(low=low, high=high):
                return exp.and_(self._compare(value, "ge", low), self._compare(value, "le", high))
            case IsIn(values=constants):
                found = [
                    one for one in (self._fitted(value, "eq", constant) for constant in constants) if one is not None
                ]
                if not found:
                    return _never(value.sql)
                return exp.In(this=value.sql.copy(), expressions=[self._literal(value, one) for _, one in found])

    def _compare(self, value: ColumnSql, op: str, constant: Scalar) -> exp.Expr:
        fitted = self._fitted(value, op, constant)
        if fitted is None:
            return _never(value.sql) if op == "eq" else _always(value.sql)
        op, constant = fitted
        column = value.sql.copy()
        if value.kind == "text" and op not in ("eq", "ne"):
            column = self._idiom.by_code_points(column)
        return _SIGNS[op](this=column, expression=self._literal(value, constant))

    def _fitted(self, value: ColumnSql, op: str, constant: Scalar) -> tuple[str, Scalar] | None:
        """The same comparison with a constant of the column's own type; None if nothing there ever equals it."""
        if isinstance(constant, bool) or not isinstance(constant, int | float):
            return op, constant
        least, most = self._idiom.whole
        if value.whole and not least <= constant <= most:
            return _beyond(op, least if constant < least else most, above=constant > most)
        return _between(op, *_whole_around(constant) if value.whole else _doubles_around(constant))

    def _literal(self, value: ColumnSql, constant: Scalar) -> exp.Expr:
        match constant:
            case bool():
                return exp.true() if constant else exp.false()
            case int() if value.whole:
                return exp.Literal.number(constant)
            case int() | float():
                return self._idiom.number(constant)
            case str():
                return exp.Literal.string(constant)
            case datetime() if value.plain:
                return exp.Literal.number(micros(constant))
            case datetime():
                return moment(constant, zoned=value.zoned)
            case date() if value.plain:
                return exp.Literal.string(constant.isoformat())
            case date():
                return exp.cast(exp.Literal.string(constant.isoformat()), "date")

    def _within(self, value: ColumnSql, days: int) -> exp.Expr:
        if value.kind == "datetime":
            first, last = _earlier(self._now, days), self._now
            return exp.and_(self._compare(value, "ge", first), self._compare(value, "le", last))
        if value.kind == "date":
            first_day, last_day = _earlier(self._now, days).date(), self._now.date()
            return exp.and_(self._compare(value, "ge", first_day), self._compare(value, "le", last_day))
        return unknown()

    def _holds(self, value: ColumnSql, text: str) -> exp.Expr:
        if value.kind != "text":
            return _never(value.sql)
        return self._idiom.holds(value.sql, text)


def _joined(join: Callable[..., exp.Expr], parts: list[exp.Expr]) -> exp.Expr:
    """All parts in one; many of them in groups, for databases nest them, and no deeper than a limit."""
    while len(parts) > FLAT:
        parts = [exp.paren(join(*parts[at : at + FLAT])) for at in range(0, len(parts), FLAT)]
    return join(*parts)


def _no_words(leaf: HasWords) -> exp.Expr:
    raise DefinitionError(f"{leaf}: only flow.find looks for words; use contains, starts_with or like here")


def moment(value: datetime, *, zoned: bool) -> exp.Expr:
    """A moment as a constant, for columns with a zone and for those that hold UTC without one."""
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return exp.cast(exp.Literal.string(f"{text}+00:00" if zoned else text), "timestamptz" if zoned else "timestamp")


def unknown() -> exp.Expr:
    """Neither true nor false, whatever the row holds."""
    return exp.cast(exp.null(), "boolean")


def fires(condition: exp.Expr, then: exp.Expr, otherwise: exp.Expr) -> exp.Case:
    """What a rule gives: one thing where its condition is true, the other where it is false or unknown."""
    return exp.Case(ifs=[exp.If(this=condition, true=then)], default=otherwise)


def _is_null(sql: exp.Expr) -> exp.Expr:
    return exp.Is(this=sql.copy(), expression=exp.null())


def _never(sql: exp.Expr) -> exp.Expr:
    return fires(_is_null(sql), unknown(), exp.false())


def _always(sql: exp.Expr) -> exp.Expr:
    return fires(_is_null(sql), unknown(), exp.true())


def _earlier(now: datetime, days: int) -> datetime:
    try:
        return now - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


# --- numbers -----------------------------------------------------------------------------------------------


def _beyond(op: str, edge: int, *, above: bool) -> tuple[str, Scalar] | None:
    """A comparison with a number that no column holds, above or below this edge of what one holds."""
    if op in ("eq", "ne"):
        return None
    if op in ("lt", "le"):
        return ("le" if above else "lt"), edge
    return ("gt" if above else "ge"), edge


def _between(op: str, below: float, above: float) -> tuple[str, Scalar] | None:
    """A comparison with a number between two neighbours that a column may hold, or with one that it may hold."""
    if below == above:
        return op, below
    match op:
        case "eq" | "ne":
            return None
        case "lt" | "le":
            return "le", below
        case _:
            return "ge", above


def _whole_around(constant: int | float) -> tuple[int, int]:
    """The nearest whole numbers not above and not below a number."""
    return floor(constant), ceil(constant)


def _doubles_around(constant: int | float) -> tuple[float, float]:
    """The nearest doubles not above and not below a number; they differ for whole numbers beyond 2⁵³ only."""
    near = float(constant)
    if near == constant:
        return near, near
    return (near, nextafter(near, inf)) if near < constant else (nextafter(near, -inf), near)
