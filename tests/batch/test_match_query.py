"""The comparisons as text find what ``dedupe_many`` finds, run by plain DuckDB, and by Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from rapidfuzz.distance import JaroWinkler

from leadflow.batch import dedupe_many, feature_table, match_sql_for
from leadflow.batch.match_records import COLUMNS
from leadflow.errors import InvalidInput
from leadflow.quality.matching import MATCH_MODEL, CandidateBlock, Matcher, MatchModel
from match_rows import match_rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = {f"r{number}": row for number, row in enumerate(match_rows(300, seed=5))}
WIDE = MATCH_MODEL.but(
    same=0.9999,
    unsure=1e-9,  # so that nearly all pairs are told
    persons=MATCH_MODEL.persons.but(prior=10.0),
    organisations=MATCH_MODEL.organisations.but(prior=10.0),
)


def pairs(model: MatchModel, ids: list[str], tables: Mapping[str, Iterable[Any]]) -> list[tuple[Any, ...]]:
    """Return the pairs of the tables that are not different, with their likeness."""
    found = []
    for organisations, rows in ((False, tables["persons"]), (True, tables["organisations"])):
        for one, other, *levels in rows:
            like = Matcher(model).weighed(tuple(levels), organisations=organisations)
            if like.verdict != "different":
                found.append((one, other, like))
    return [(ids[one], ids[other], like) for one, other, like in sorted(found, key=lambda pair: pair[:2])]


def created(db: duckdb.DuckDBPyConnection, queries: dict[str, str]) -> dict[str, list[Any]]:
    for table, query in queries.items():
        db.execute(f"CREATE TABLE {table} AS {query}")
    return {table: db.execute(f"FROM {table}").fetchall() for table in queries}


@pytest.mark.parametrize("given", [{}, {"new": 60}, {"new": 60, "link": True}])
def test_the_text_finds_what_dedupe_many_finds(given) -> None:
    db = duckdb.connect()
    ids = feature_table(ROWS, db, default_country="DE")
    tables = created(db, match_sql_for(WIDE, **given))
    new = {id: ROWS[id] for id in ids[: given.get("new", len(ids))]}
    old = {id: row for id, row in ROWS.items() if id not in new} or None
    found = dedupe_many(new, WIDE, against=old, link="link" in given, engine="python", default_country="DE")
    assert pairs(WIDE, ids, tables) == [*found.pairs]
    assert len(tables["candidates"]) == found.compared > len(found.pairs) > 300
    assert tables["organisations"]


def test_blocks_of_two_lists_combine_all_of_their_values() -> None:
    model = MATCH_MODEL.but(blocks=[CandidateBlock(("mailbox", "phone"))])
    both = {"email": "a@x.example", "phone": "+49 30 231250", "mobile": "+49 171 1234567"}
    rows = {
        "a": both,
        "b": {key: both[key] for key in ("email", "phone")},
        "c": {key: both[key] for key in ("email", "mobile")},
    }
    for engine in ("duckdb", "python"):
        assert dedupe_many(rows, model, engine=engine).compared == 2


def test_features_of_a_table(tmp_path) -> None:
    (tmp_path / "rows.csv").write_text("id,Nachname,email\n7,Kern,a@x.example\n9,Kern,A@X.example\n")
    db = duckdb.connect()
    assert feature_table(tmp_path / "rows.csv", db, columns={"Nachname": "last_name"}) == ["7", "9"]
    assert created(db, match_sql_for())["candidates"] == [(0, 1)]


def test_the_docs_name_every_column_of_the_table_of_features() -> None:
    page = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in page] == []


@pytest.mark.parametrize("wrong", [{"dialect": "cobol"}, {"new": -1}, {"link": True}])
def test_what_can_not_be_written_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        match_sql_for(**wrong)
    assert refused.value.field in wrong


def test_rows_have_keys_of_their_own() -> None:
    with pytest.raises(InvalidInput, match="columns"):
        feature_table([{"name": "A"}], duckdb.connect(), columns={"x": "name"})


@pytest.fixture
def spark(spark_session: SparkSession) -> Iterator[SparkSession]:
    """A session that interprets queries: compiling each takes longer than running it."""
    settings = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    for name, value in settings.items():
        spark_session.conf.set(name, value)
    yield spark_session
    for name in settings:
        spark_session.conf.unset(name)
    for table in ("records", *match_sql_for()):
        spark_session.catalog.dropTempView(table)


@pytest.mark.slow
def test_spark_finds_the_same_levels(spark: SparkSession, tmp_path) -> None:
    def alike(one: str, other: str) -> float:  # sent to the workers as it is, which can't import this module
        return JaroWinkler.similarity(one, other)

    model = WIDE.but(blocks=WIDE.blocks[::3])  # each block costs Spark a second
    db = duckdb.connect()
    feature_table(ROWS, db, default_country="DE")
    wanted = created(db, match_sql_for(model))
    db.table("records").write_parquet(str(tmp_path / "records.parquet"))
    spark.udf.register("jaro_winkler_similarity", alike, "double")
    spark.read.parquet(str(tmp_path / "records.parquet")).createOrReplaceTempView("records")
    for table, query in match_sql_for(model, dialect="spark").items():
        spark.sql(query).write.parquet(str(tmp_path / table))
        frame = spark.read.parquet(str(tmp_path / table))
        frame.createOrReplaceTempView(table)
        if table not in ("keys", "sizes"):  # hashes differ
            assert sorted(map(tuple, frame.collect()), key=repr) == sorted(wanted[table], key=repr)


@pytest.mark.slow
def test_spark_finds_the_same_duplicates(spark: SparkSession) -> None:
    rows = dict(list(ROWS.items())[:60])
    model = WIDE.but(blocks=WIDE.blocks[::9])
    assert dedupe_many(rows, model, engine="spark", session=spark) == dedupe_many(rows, model, engine="python")
    views = [one.viewName for one in spark.sql("SHOW VIEWS").collect()]
    assert [name for name in views if name.startswith("leadflow_")] == []
