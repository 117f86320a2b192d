"""Where the SQL of databases differs, in one place: an idiom per dialect, DuckDB's being the plain one.

SQLite is here for conditions on stored leads only, not for scores.

======================  ====================  ========================  =========================
what is meant           DuckDB                PostgreSQL                Spark
======================  ====================  ========================  =========================
microseconds since      ``epoch_us``          ``extract(epoch …)``      ``unix_micros``, an interval [1]_
1970
the day in a zone       ``at time zone``      ``at time zone``          ``convert_timezone`` [1]_
days between dates      ``-``                 ``-``                     ``datediff`` (``-``: interval)
text by code points     as it is              ``collate "C"``           as it is
whole constants         to 2¹⁰⁰               to 2¹⁰⁰                   to 2⁶³
a list holds a text     ``list_contains``     ``@>`` [2]_               ``array_position`` [2]_
e to a power            ``exp``               ``exp`` down to −700      ``exp``
steps computed once     as it is              ``offset 0``              as it is
``timestamp``           as it is              as it is                  with ``_ltz`` or ``_ntz`` [3]_
``${name}`` in a text   as it is              as it is                  in two parts [4]_
======================  ====================  ========================  =========================

.. [1] Moments without a zone would be taken in the session's, and ``from_utc_timestamp`` would be dated in it.
.. [2] ``= ANY`` and ``array_contains`` are unknown beside a NULL.
.. [3] A setting of the session decides which of them ``timestamp`` is.
.. [4] Spark puts variables in its place, those of the environment too, even inside of quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Final

from sqlglot import exp

from leadflow.batch.caps_sql import greatest
from leadflow.batch.tables import ConditionDialect, double
from leadflow.conditions.patterns import ANY, ONE, Pattern
from leadflow.errors import DefinitionError

__all__ = ["IDIOMS", "Idiom", "written"]

_TINIEST: Final = -700.0
"""PostgreSQL refuses powers that come out as 0; e to this is nothing beside any score."""
_ESCAPE: Final = "!"
_SIGNS: Final = frozenset("%_!\\")
_MICROSECONDS: Final = exp.Literal.number(1_000_000)


class Idiom:
    """How DuckDB writes it; other databases override some of it."""

    whole: ClassVar[tuple[int, int]] = (-(2**100), 2**100)
    """No whole number of a column is less or more, and constants may be as large."""

    def microseconds(self, moment: exp.Expr, *, zoned: bool) -> exp.Expr:  # noqa: ARG002 (others need it)
        """Whole microseconds since 1970."""
        return exp.func("epoch_us", moment.copy())

    def day(self, moment: exp.Expr, zone: str, *, zoned: bool) -> exp.Expr:
        """The date of a moment in a zone."""
        if not zoned and zone == "UTC":
            return exp.cast(moment.copy(), "date")
        aware = moment.copy() if zoned else _at(moment.copy(), "UTC")
        return exp.cast(_at(aware, zone), "date")

    def days_since(self, first: exp.Expr, day: exp.Expr) -> exp.Expr:
        """How many days lie between two dates."""
        return exp.paren(exp.Sub(this=day.copy(), expression=first.copy()))

    def by_code_points(self, text: exp.Expr) -> exp.Expr:
        """A text that is ordered as Python orders it."""
        return text

    def holds(self, texts: exp.Expr, text: str) -> exp.Expr:
        """Whether a text is in a list, whatever else is; unknown only where there is no list."""
        return exp.func("list_contains", texts.copy(), exp.Literal.string(text))

    def number(self, constant: float) -> exp.Expr:
        """A constant that is compared with fractions, to the last bit."""
        return double(constant)

    def like(self, text: exp.Expr, pattern: Pattern) -> exp.Expr:
        """Whether the whole of a text matches the pattern."""
        like = "".join({ANY: "%", ONE: "_"}.get(sign) or _escaped(sign) for sign in pattern)
        found = exp.Like(this=text.copy(), expression=exp.Literal.string(like))
        # an escape sign of ours only where one is needed: engines are much faster without
        return exp.Escape(this=found, expression=exp.Literal.string(_ESCAPE)) if _SIGNS & set(pattern) else found

    def power_of_e(self, power: exp.Expr) -> exp.Expr:
        """E to a power of at most 0."""
        return exp.Exp(this=power)

    def step(self, rows: exp.Select, name: str) -> exp.Subquery:
        """A query to select from, whose columns are computed once, however often they are used."""
        return rows.subquery(name, copy=False)

    def sayable(self, part: exp.Expr) -> exp.Expr:
        """A part of a query as it has to be written."""
        return part


class _Postgres(Idiom):
    def step(self, rows: exp.Select, name: str) -> exp.Subquery:
        # without an offset its planner writes each column out wherever it is used, and that again in the next step
        return rows.offset(0, copy=False).subquery(name, copy=False)

    def microseconds(self, moment: exp.Expr, *, zoned: bool) -> exp.Expr:  # noqa: ARG002
        seconds = exp.Extract(this=exp.var("epoch"), expression=moment.copy())
        return exp.cast(exp.Mul(this=seconds, expression=_MICROSECONDS.copy()), "bigint")

    def by_code_points(self, text: exp.Expr) -> exp.Expr:
        return exp.Collate(this=text, expression=exp.to_identifier("C", quoted=True))

    def holds(self, texts: exp.Expr, text: str) -> exp.Expr:
        wanted = exp.cast(exp.array(exp.Literal.string(text)), "text[]", dialect="postgres")
        return exp.ArrayContainsAll(this=exp.cast(texts.copy(), "text[]", dialect="postgres"), expression=wanted)

    def power_of_e(self, power: exp.Expr) -> exp.Expr:
        return exp.Exp(this=greatest(power, double(_TINIEST)))


class _Spark(Idiom):
    # Spark 4 takes a comparison with a larger constant for decided, even where the column is NULL.
    whole: ClassVar[tuple[int, int]] = (-(2**63), 2**63 - 1)

    def microseconds(self, moment: exp.Expr, *, zoned: bool) -> exp.Expr:
        if zoned:
            return exp.func("unix_micros", moment.copy())
        since = exp.paren(exp.Sub(this=moment.copy(), expression=_epoch()))
        seconds = exp.cast(since, "decimal(18, 6)")  # exact: an interval counts whole microseconds
        return exp.cast(exp.Mul(this=seconds, expression=_MICROSECONDS.copy()), "bigint")

    def day(self, moment: exp.Expr, zone: str, *, zoned: bool) -> exp.Expr:
        utc = moment.copy()
        if zoned:
            args = [exp.var("MICROSECOND"), self.microseconds(moment, zoned=True), _epoch()]
            utc = exp.Anonymous(this="TIMESTAMPADD", expressions=args)
        if zone != "UTC":
            zones = exp.Literal.string("UTC"), exp.Literal.string(zone)
            utc = exp.Anonymous(this="CONVERT_TIMEZONE", expressions=[*zones, utc])
        return exp.cast(utc, "date")

    def days_since(self, first: exp.Expr, day: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="DATEDIFF", expressions=[day.copy(), first.copy()])

    def holds(self, texts: exp.Expr, text: str) -> exp.Expr:
        place = exp.func("array_position", texts.copy(), exp.Literal.string(text))
        return exp.GT(this=place, expression=exp.Literal.number(0))

    def sayable(self, part: exp.Expr) -> exp.Expr:
        match part:
            case exp.DataType(this=exp.DType.TIMESTAMPTZ):
                return exp.DataType.build("timestampltz")
            case exp.DataType(this=exp.DType.TIMESTAMP):
                return exp.DataType.build("timestampntz")
            case exp.Literal(this=text, is_string=True) if "${" in text:
                parts = re.split(r"(?<=\$)(?=\{)", text)
                return exp.Anonymous(this="CONCAT", expressions=[exp.Literal.string(one) for one in parts])
            case exp.Identifier(this=name) if "${" in name:
                raise DefinitionError(
                    f"Spark would replace ${{…}} in {name!r}, so nothing can be called that; rename it"
                )
        return part


class _Sqlite(Idiom):
    whole: ClassVar[tuple[int, int]] = (-(2**63), 2**63 - 1)

    def holds(self, texts: exp.Expr, text: str) -> exp.Expr:
        each = exp.Anonymous(this="json_each", expressions=[texts.copy()])
        is_text = exp.EQ(this=exp.column("type"), expression=exp.Literal.string("text"))
        is_it = exp.EQ(this=exp.column("value"), expression=exp.Literal.string(text))
        found = exp.Exists(this=exp.select("1").from_(exp.Table(this=each)).where(is_text, is_it))
        there = exp.Not(this=exp.paren(exp.Is(this=texts.copy(), expression=exp.null())))
        return exp.Case(ifs=[exp.If(this=there, true=found)])

    def number(self, constant: float) -> exp.Expr:
        # as it reads the numbers in documents; a literal is rounded otherwise, in the last bit
        text = exp.Literal.string(repr(float(constant) + 0.0))
        return exp.Anonymous(this="json_extract", expressions=[text, exp.Literal.string("$")])

    def like(self, text: exp.Expr, pattern: Pattern) -> exp.Expr:
        fixed = exp.Literal.string("".join(sign for sign in pattern if sign not in (ANY, ONE)))
        length, inner = exp.Literal.number(len(fixed.this)), [sign for sign in pattern[1:-1] if sign in (ANY, ONE)]
        if fixed.this and not inner and ONE not in pattern:  # without a limit on its length
            match (pattern[0] == ANY, pattern[-1] == ANY):
                case (True, True):
                    found = exp.Anonymous(this="instr", expressions=[text.copy(), fixed])
                    return exp.GT(this=found, expression=exp.Literal.number(0))
                case (False, True):
                    start = [text.copy(), exp.Literal.number(1), length]
                    return exp.EQ(this=exp.Anonymous(this="substr", expressions=start), expression=fixed)
                case (True, False):
                    end = [text.copy(), exp.Neg(this=length)]
                    return exp.EQ(this=exp.Anonymous(this="substr", expressions=end), expression=fixed)
        # its LIKE folds the letters A to Z
        glob = "".join({ANY: "*", ONE: "?"}.get(sign) or (f"[{sign}]" if sign in "*?[" else sign) for sign in pattern)
        return exp.Glob(this=text.copy(), expression=exp.Literal.string(glob))


IDIOMS: Final[Mapping[ConditionDialect, Idiom]] = {
    "duckdb": Idiom(),
    "postgres": _Postgres(),
    "spark": _Spark(),
    "sqlite": _Sqlite(),
}


def _escaped(sign: str) -> str:
    return f"{_ESCAPE}{sign}" if sign in "%_!" else sign


def written(query: exp.Expr, dialect: ConditionDialect, *, pretty: bool = False) -> str:
    """A query as text of the dialect."""
    return query.transform(IDIOMS[dialect].sayable).sql(dialect, pretty=pretty)


def _at(moment: exp.Expr, zone: str) -> exp.Expr:
    return exp.AtTimeZone(this=moment, zone=exp.Literal.string(zone))


def _epoch() -> exp.Expr:
    return exp.cast(exp.Literal.string("1970-01-01"), "timestamp")
