"""score_many on Spark: wherever its tables are, lazily, without Python in the plan, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from batch.small import ACTIVITIES, ENGAGEMENT, FIT, NOW
from batch.small import LEADS as IN_ALL
from leadflow.batch import Columns, score_many
from leadflow.conditions import field
from leadflow.errors import DefinitionError, InvalidInput, MissingExtra
from leadflow.scoring import ScoringModel, linear, often, on, points, window

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BRACES = points(5, field("note").contains("${env:HOME} {leads}"), because="braces stay as they are")
MODEL = ScoringModel(name="b2b", zone="Europe/Berlin", fit=[*FIT, BRACES], engagement=ENGAGEMENT)
LEADS = IN_ALL | {"note": ['says "hi",\nthen ${env:HOME} {leads}', "/root {leads}", None]}
SCORES = [("ada", 70.0, 26.0, 96.0, "A3"), ("ben", 40.0, 0.0, 40.0, "B4"), ("eve", 0.0, 0.0, 0.0, "D4")]
MOMENTS = {"happened_at"}
NO_PYTHON = ["Python", "ArrowEval", "BatchEval", "MapInPandas", "MapInArrow"]


def arrow(columns: dict[str, list[Any]], zone: str | None) -> pa.Table:
    moments = pa.timestamp("us", zone)
    return pa.table(
        {
            name: pa.array([one.replace(tzinfo=zone and UTC) for one in values], moments) if name in MOMENTS else values
            for name, values in columns.items()
        }
    )


def parquet(columns: dict[str, list[Any]], folder: Path, zone: str | None = "UTC") -> Path:
    path = folder / f"{len(columns)}.parquet"
    pyarrow.parquet.write_table(arrow(columns, zone), path)
    return path


def csv(columns: dict[str, list[Any]], folder: Path, zone: str | None = "UTC") -> str:
    path = folder / f"{len(columns)}.csv"
    pyarrow.csv.write_csv(arrow(columns, zone), path)
    return str(path)


@pytest.fixture
def tables(spark_session: SparkSession, tmp_path: Path) -> tuple[DataFrame, DataFrame]:
    leads, told = (spark_session.read.parquet(str(parquet(columns, tmp_path))) for columns in (LEADS, ACTIVITIES))
    return leads, told


def rows(scores: DataFrame) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in scores.collect())


@pytest.mark.parametrize("zone", ["UTC", None])
@pytest.mark.parametrize("form", [parquet, csv])
def test_files_are_read_and_moments_without_a_zone_are_utc(
    spark_session: SparkSession, tmp_path: Path, form: Callable[..., Any], zone: str | None
) -> None:
    leads, told = form(LEADS, tmp_path), form(ACTIVITIES, tmp_path, zone)
    scores = score_many(MODEL, leads, told, NOW, engine="spark", session=spark_session)
    assert scores.columns == ["lead_id", "fit", "engagement", "total", "grade"]
    assert rows(scores) == SCORES


def test_dataframes_bring_their_session_and_leave_no_view(tables: tuple[DataFrame, DataFrame]) -> None:
    session = tables[0].sparkSession
    before = {one.name for one in session.catalog.listTables()}
    scores = score_many(MODEL, *tables, NOW, engine="spark", per_rule=True)
    assert {one.name for one in session.catalog.listTables()} == before
    assert scores.columns[5:] == ["enterprise", "at home", "braces stay as they are", "demo", "pricing"]
    assert rows(scores)[0] == (*SCORES[0], 25.0, 40.0, 5.0, 20.0, 6.0)


def test_tables_of_a_session_are_read(tables: tuple[DataFrame, DataFrame], spark_session: SparkSession) -> None:
    tables[0].createOrReplaceTempView("`The Leads`")
    scores = score_many(MODEL, "`The Leads`", tables[1], NOW, engine="spark")
    assert rows(scores) == SCORES
    assert rows(score_many(MODEL, "`The Leads`", None, NOW, engine="spark"))[0] == ("ada", 70.0, 0.0, 70.0, "A4")


def test_the_plan_has_no_python(tables: tuple[DataFrame, DataFrame], capsys: pytest.CaptureFixture[str]) -> None:
    every = [
        *MODEL.engagement, on("page", 1, decay=linear(10, 1), limit=(3, "week")), often("page", {2: 5}, days=7),
        on("demo", 2, decay=window(7), where=field("company.employees") >= 250, name="late"),
    ]  # fmt: skip
    scores = score_many(MODEL.but(engagement=every), *tables, NOW, engine="spark", per_rule=True)
    assert len(scores.collect()) == 3
    scores.explain("extended")
    plan = capsys.readouterr().out
    assert "Window" in plan
    assert [word for word in NO_PYTHON if word in plan] == []


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")
def test_a_python_function_in_a_plan_would_be_seen(
    spark_session: SparkSession, capsys: pytest.CaptureFixture[str]
) -> None:
    from pyspark.sql.functions import udf

    spark_session.range(3).select(udf(lambda one: one + 1, "bigint")("id")).explain("extended")
    assert [word for word in NO_PYTHON if word in capsys.readouterr().out] != []


def test_texts_that_a_collation_takes_for_equal_differ(tables: tuple[DataFrame, DataFrame]) -> None:
    from pyspark.sql.functions import collate

    leads, told = tables
    leads = leads.withColumn("country", collate("country", "UTF8_LCASE"))
    model = ScoringModel(name="m", fit=[points(1, field("country") == "de"), points(2, field("country").like("D?"))])
    assert [fit for _, fit, *_ in rows(score_many(model, leads, told, NOW, engine="spark"))] == [2.0, 2.0, 0.0]


# ------------------------------------------------------------------------------------------------------ refused
def test_what_spark_would_replace_cannot_be_a_name(tables: tuple[DataFrame, DataFrame]) -> None:
    model = ScoringModel(name="m", fit=[points(1, field("country") == "DE", name="${env:HOME}")])
    with pytest.raises(DefinitionError, match="Spark would replace"):
        score_many(model, *tables, NOW, engine="spark", per_rule=True)


@pytest.mark.parametrize("nothing", [{"id": [1]}, 7, "no_such_table", "no such file.parquet"])
def test_what_is_no_table_is_refused(nothing: object, tables: tuple[DataFrame, DataFrame]) -> None:
    with pytest.raises(InvalidInput, match=r"leads: .* give a path of Parquet or CSV files, a DataFrame of Spark"):
        score_many(MODEL, nothing, tables[1], NOW, engine="spark")


def test_a_path_without_a_column_is_refused_and_names_the_nearest(tables: tuple[DataFrame, DataFrame]) -> None:
    with pytest.raises(DefinitionError, match=r"leads have no column for company\.employees; did you mean 'employes'"):
        score_many(MODEL, tables[0].withColumnRenamed("employees", "employes"), tables[1], NOW, engine="spark")


def test_moments_written_as_text_are_refused(tables: tuple[DataFrame, DataFrame]) -> None:
    told = tables[1].withColumn("happened_at", tables[1].path)
    with pytest.raises(DefinitionError, match="happened_at of the activities is string, not moments"):
        score_many(MODEL, tables[0], told, NOW, engine="spark", columns=Columns(activity={"id": None}))


def test_what_belongs_to_the_other_engine_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"connection: .* give session=…"):
        score_many(MODEL, "leads", None, NOW, engine="spark", connection=duckdb.connect())  # type: ignore[call-overload]
    with pytest.raises(InvalidInput, match=r"session: .* give engine='spark'"):
        score_many(MODEL, "leads", None, NOW, session="mine")  # type: ignore[call-overload]


def test_without_pyspark_the_extra_and_java_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(MissingExtra, match=r"pip install 'leadflow\[spark\]'; it runs on Java 17 or newer"):
        score_many(MODEL, "leads", None, NOW, engine="spark")


def test_each_engine_is_asked_for_only_where_it_is_used() -> None:
    code = (
        "import sys; sys.modules['duckdb'] = sys.modules['pyspark'] = None\n"
        "from leadflow.batch import Table, sql_for\n"
        "from leadflow.scoring import ScoringModel\n"
        "from datetime import UTC, datetime\n"
        "print(sql_for(ScoringModel(name='m'), Table('l', {'id': 'string'}), None, datetime.now(UTC), dialect='spark'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:6]) == (0, "SELECT"), done.stderr
