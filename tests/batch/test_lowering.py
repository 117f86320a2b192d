"""One meaning: the reference interpreter, DuckDB, PostgreSQL and Spark give random conditions the same truth."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from leadflow.batch.condition_sql import Lowering
from leadflow.batch.dialects import written
from leadflow.batch.tables import ColumnResolver, Columns, Dialect, Table
from leadflow.conditions import Condition, all_of, always, any_of, evaluate, field, never
from leadflow.errors import DefinitionError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NOW = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "ba",
    "aab",
    "A",
    "Z",
    "é",
    "𝄞a",
    "a%b",
    "a_b",
    "axb",
    "a!b",
    "a\\b",
    "a\nb",
    "it's",
    "1",
    "true",
    "*",
    "${a}b${c}",
]
DOUBLES = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, 2.0**53, 2.0**53 + 2, 2.0**63, -(2.0**63), -(2.0**64), 1e300, -1e300, 0.1]
WHOLE = [0, 1, -1, 2, 3, 2**53, 2**53 + 1, 2**53 - 1, 2**62, 2**63 - 1, -(2**63) + 1]
MOMENTS = [
    NOW, NOW + timedelta(microseconds=1), NOW - timedelta(days=1), NOW - timedelta(days=1, microseconds=1),
    NOW - timedelta(days=3), datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]  # fmt: skip
DATES = [NOW.date() + timedelta(days=days) for days in (-4, -3, -1, 0, 1)] + [date(1, 1, 1), date(9999, 12, 31)]
TENTHS = [Decimal("0.1"), Decimal("2.5"), Decimal("-1.0000"), Decimal(3)]
LISTS = [[], ["a"], ["a", None], [None], ["b", "a%b"], ["it's", "\\"]]

POOLS: dict[str, tuple[str, Sequence[Any]]] = {
    "flag": ("boolean", [True, False]),
    "ratio": ("double precision", [*DOUBLES, float("nan"), float("inf"), float("-inf")]),
    "small": ("real", [0.5, float("nan"), 1.0, 0.25]),
    "exact": ("decimal(12,4)", TENTHS),
    "many": ("bigint", [*WHOLE, -(2**63)]),
    "few": ("smallint", [0, 1, 2, -1]),
    "word": ("varchar", TEXTS),
    "seen": ("timestamptz", MOMENTS),
    "in_utc": ("timestamp", MOMENTS),
    "day": ("date", DATES),
    "tags": ("varchar[]", LISTS),
    "numbers": ("bigint[]", [[], [1], [1, None]]),
    "moods": ("text", ["happy", "sad"]),
}
TABLE = Table("rows", {name: type for name, (type, _) in POOLS.items()})
ORDERED: list[st.SearchStrategy[Any]] = [
    st.sampled_from([*DOUBLES, *WHOLE]),
    st.sampled_from(TEXTS),
    st.sampled_from(MOMENTS),
    st.sampled_from(DATES),
]
PATHS = st.sampled_from([*POOLS, "gone"])


def the_rows() -> list[dict[str, Any]]:
    dice = random.Random(11)
    return [
        {name: None if dice.random() < 0.12 else dice.choice(pool) for name, (_, pool) in POOLS.items()}
        for _ in range(150)
    ]


ROWS = the_rows()


@st.composite
def leaves(draw: st.DrawFn) -> Condition:
    on = field(draw(PATHS))
    same_kind: st.SearchStrategy[Any] = draw(st.sampled_from(ORDERED))
    text = st.sampled_from([one for one in TEXTS if one])
    match draw(st.integers(0, 9)):
        case 0 | 1:
            low, high = sorted([draw(same_kind), draw(same_kind)])
            return on.between(low, high)
        case 2:
            return on.is_in(*draw(st.lists(same_kind, min_size=1, max_size=12)))
        case 3:
            word = draw(text)
            return draw(st.sampled_from([on.contains(word), on.starts_with(word), on.ends_with(word)]))
        case 4:
            return on.like(draw(st.text("ab*?%_!\\\né'", max_size=5)))
        case 5:
            return on.within(days=draw(st.integers(1, 5)))
        case 6:
            return on.is_known()
        case 7:
            truths: list[Condition] = [on == True, on != False, on.is_in(True)]  # noqa: E712
            return draw(st.sampled_from(truths))
        case _:
            value = draw(same_kind)
            compared: list[Condition] = [on == value, on != value, on < value, on <= value, on > value, on >= value]
            return draw(st.sampled_from(compared))


CONDITIONS = st.recursive(
    leaves() | st.builds(always) | st.builds(never),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: all_of(*parts)),
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: any_of(*parts)),
        inner.map(lambda part: ~part),
    ),
    max_leaves=6,
)


def lowered(condition: Condition, dialect: Dialect) -> str:
    return lowered_together([condition], dialect, TABLE)


def lowered_together(conditions: Sequence[Condition], dialect: Dialect, table: Table) -> str:
    reading = ColumnResolver(table, {"gone": None}, "rows", dialect)
    lowering = Lowering(lambda leaf: reading.at(leaf.path), NOW, dialect)
    truths = [exp.alias_(lowering.truth(one), f"truth{place}") for place, one in enumerate(conditions)]
    return written(exp.select(*truths).from_(table.name).order_by("number"), dialect)


def meant(condition: Condition) -> list[bool | None]:
    return [evaluate(condition, row, NOW) for row in ROWS]


def stored(value: Any, name: str) -> Any:
    return value.replace(tzinfo=None) if name == "in_utc" and value is not None else value


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'Asia/Tokyo'")  # must not matter
    con.execute(f"CREATE TABLE rows (number int, {', '.join(f'{n} {t}' for n, t in TABLE.columns.items())})")
    for number, row in enumerate(ROWS):
        values = [stored(value, name) for name, value in row.items()]
        con.execute(f"INSERT INTO rows VALUES ({', '.join('?' * (len(values) + 1))})", [number, *values])
    return con


def check(
    conditions: st.SearchStrategy[Condition], run: Callable[[str], list[Any]], dialect: Dialect, times: int
) -> None:
    @settings(max_examples=times)
    @given(conditions)
    def agree(condition: Condition) -> None:
        assert run(lowered(condition, dialect)) == meant(condition)

    agree()


@pytest.mark.parametrize(("what", "times"), [(leaves(), 500), (CONDITIONS, 300)], ids=["leaves", "trees"])
def test_duckdb_means_what_the_interpreter_means(
    duck: duckdb.DuckDBPyConnection, what: st.SearchStrategy[Condition], times: int
) -> None:
    check(what, lambda sql: [truth for (truth,) in duck.execute(sql).fetchall()], "duckdb", times)


@pytest.fixture
def pg(pg_dsn: str) -> Any:
    with psycopg.connect(pg_dsn.replace("+psycopg", ""), autocommit=True) as con:
        con.execute("SET TimeZone = 'Asia/Tokyo'")
        columns = ", ".join(f"{name} {type}" for name, type in TABLE.columns.items())
        con.execute(f"CREATE TABLE rows (number int, {columns})")
        with con.cursor() as cursor:
            slots = ", ".join(f"%s::{type}" for type in TABLE.columns.values())
            rows = [[number, *(stored(v, n) for n, v in row.items())] for number, row in enumerate(ROWS)]
            cursor.executemany(f"INSERT INTO rows VALUES (%s, {slots})", rows)
        yield con


def test_postgres_means_what_the_interpreter_means(pg: Any) -> None:
    for what, times in ((leaves(), 300), (CONDITIONS, 150)):
        check(what, lambda sql: [truth for (truth,) in pg.execute(sql).fetchall()], "postgres", times)


ON_SPARK: dict[str, tuple[str, pa.DataType]] = {
    "flag": ("boolean", pa.bool_()), "ratio": ("double", pa.float64()), "small": ("float", pa.float32()),
    "exact": ("decimal(12,4)", pa.decimal128(12, 4)), "many": ("bigint", pa.int64()), "few": ("smallint", pa.int16()),
    "word": ("string", pa.string()), "seen": ("timestamp", pa.timestamp("us", "UTC")),
    "in_utc": ("timestamp_ntz", pa.timestamp("us")), "day": ("date", pa.date32()),
    "tags": ("array<string>", pa.list_(pa.string())), "numbers": ("array<bigint>", pa.list_(pa.int64())),
    "moods": ("string", pa.string()),
}  # fmt: skip


SPARK_TABLE = Table("rows", {name: type for name, (type, _) in ON_SPARK.items()})


@pytest.fixture(scope="module")
def spark_rows(spark_session: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> SparkSession:
    path = str(tmp_path_factory.mktemp("rows") / "rows.parquet")
    columns: dict[str, Any] = {
        name: pa.array([row[name] for row in ROWS], type) for name, (_, type) in ON_SPARK.items()
    }
    pyarrow.parquet.write_table(pa.table({"number": range(len(ROWS))} | columns), path)
    rows = spark_session.read.parquet(path)
    assert dict(rows.dtypes[1:]) == {name: type for name, (type, _) in ON_SPARK.items()}
    rows.createOrReplaceTempView("rows")
    return spark_session


COMPARISONS: list[Callable[[Any, Any], Condition]] = [
    lambda on, value: on == value, lambda on, value: on != value, lambda on, value: on < value,
    lambda on, value: on <= value, lambda on, value: on > value, lambda on, value: on >= value,
]  # fmt: skip
CONSTANTS: list[tuple[str, Sequence[Any]]] = [
    ("ratio small exact many few", [*DOUBLES, *WHOLE]),
    ("word", TEXTS),
    ("seen in_utc", MOMENTS),
    ("day", DATES),
]


@pytest.mark.slow
def test_every_comparison_on_spark_means_what_the_interpreter_means(spark_rows: SparkSession) -> None:
    compared = [
        compare(field(name), constant)
        for names, constants in CONSTANTS
        for name in names.split()
        for constant in constants
        for compare in COMPARISONS
    ]
    for start in range(0, len(compared), 90):  # beyond 100 columns Spark compiles otherwise than it does for a model
        check_together(spark_rows, compared[start : start + 90])


def check_together(session: SparkSession, conditions: list[Condition]) -> None:
    found = session.sql(lowered_together(conditions, "spark", SPARK_TABLE)).collect()
    for condition, truths in zip(conditions, zip(*found, strict=True), strict=True):
        assert list(truths) == meant(condition), condition


@pytest.mark.slow
@pytest.mark.parametrize("ansi", ["true", "false"])
def test_spark_means_what_the_interpreter_means(spark_rows: SparkSession, ansi: str) -> None:
    @settings(max_examples=6)
    @given(st.lists(leaves(), min_size=40, max_size=40), st.lists(CONDITIONS, min_size=10, max_size=10))
    def agree(alone: list[Condition], trees: list[Condition]) -> None:
        check_together(spark_rows, [*alone, *trees])

    spark_rows.conf.set("spark.sql.ansi.enabled", ansi)
    try:
        agree()
    finally:
        spark_rows.conf.unset("spark.sql.ansi.enabled")


def test_names_and_constants_are_quoted() -> None:
    table = Table("rows", {'we"ird': "text"})
    reading = ColumnResolver(table, {"word": 'we"ird'}, "rows", "duckdb")
    truth = Lowering(lambda leaf: reading.at(leaf.path), NOW, "duckdb").truth(field("word") == "x' OR 1=1 --")
    assert truth.sql("duckdb") == '"rows"."we""ird" = \'x\'\' OR 1=1 --\''


def found(path: str, columns: dict[str, str], given: dict[str, str | None] | None = None) -> str:
    value = ColumnResolver(Table("crm", columns), given or {}, "leads", "duckdb").at(path)
    assert value is not None
    return value.sql.name


def test_a_path_is_its_own_name_or_joined_by_underscores_or_its_last_part() -> None:
    assert found("company.name", {"company.name": "text", "company_name": "text", "name": "text"}) == "company.name"
    assert found("company.name", {"company_name": "text", "name": "text"}) == "company_name"
    assert found("company.name", {"name": "text"}) == "name"
    assert found("company.name", {"firm": "text", "name": "text"}, {"company.name": "firm"}) == "firm"


def test_a_missing_column_is_named_with_the_nearest() -> None:
    with pytest.raises(
        DefinitionError, match=r"the leads have no column for company\.employees; did you mean 'employes'"
    ):
        found("company.employees", {"employes": "int"})
    with pytest.raises(DefinitionError, match=r"no column for person\.seniority"):
        found("person.seniority", {"senior": "text"}, {"person.seniority": "seniority"})


def test_a_column_that_two_paths_may_mean_is_refused() -> None:
    reading = ColumnResolver(Table("crm", {"name": "text"}), Columns().lead, "leads", "duckdb")
    reading.at("company.name")
    with pytest.raises(DefinitionError, match=r"may be company\.name or person\.name"):
        reading.at("person.name")
