"""score_many: wherever the tables are, whatever their columns are called, and what it refuses."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from batch.small import ACTIVITIES, ENGAGEMENT, FIT, LEADS, NOW, TOLD
from leadflow.batch import Columns, Table, score_many, sql_for
from leadflow.conditions import field
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.scoring import ScoringModel, half_life, inactive, linear, on, points, rule

MODEL = ScoringModel(name="b2b", fit=FIT, engagement=ENGAGEMENT)
SCORES = [("ada", 65.0, 26.0, 91.0, "A3"), ("ben", 40.0, 0.0, 40.0, "B4"), ("eve", 0.0, 0.0, 0.0, "D4")]


def arrow(columns: dict[str, list[Any]]) -> pa.Table:
    return pa.table(
        {
            name: pa.array(values, pa.timestamp("us", "UTC")) if name == "happened_at" else values
            for name, values in columns.items()
        }
    )


def parquet(columns: dict[str, list[Any]], folder: Path) -> Path:
    path = folder / f"{len(columns)}.parquet"
    pa.parquet.write_table(arrow(columns), path)
    return path


def csv(columns: dict[str, list[Any]], folder: Path) -> str:
    path = folder / f"{len(columns)}.csv"
    pa.csv.write_csv(arrow(columns), path)
    return str(path)


FORMS: dict[str, Callable[[dict[str, list[Any]], Path], Any]] = {
    "arrow": lambda columns, _: arrow(columns),
    "pandas": lambda columns, _: pd.DataFrame(columns),
    "polars": lambda columns, _: pl.DataFrame(columns),
    "polars, lazily": lambda columns, _: pl.LazyFrame(columns),
    "parquet": parquet,
    "csv": csv,
}


@pytest.mark.parametrize("form", FORMS)
def test_tables_are_read_where_they_are(form: str, tmp_path: Path) -> None:
    scores = score_many(MODEL, FORMS[form](LEADS, tmp_path), FORMS[form](ACTIVITIES, tmp_path), NOW)
    assert scores.columns == ["lead_id", "fit", "engagement", "total", "grade"]
    gc.collect()  # the frames were given, not kept, by us
    assert sorted(scores.fetchall()) == SCORES


def test_tables_and_relations_of_a_connection_are_read() -> None:
    con = duckdb.connect()
    con.register("given", arrow(LEADS))
    con.execute('CREATE SCHEMA crm; CREATE TABLE crm."The Leads" AS FROM given')
    told = con.from_arrow(arrow(ACTIVITIES))
    scores = score_many(MODEL, 'crm."The Leads"', told, NOW, connection=con)
    assert sorted(scores.fetchall()) == SCORES


def test_several_files_are_one_table(tmp_path: Path) -> None:
    for number in range(3):
        part = {name: [values[number]] for name, values in LEADS.items()}
        table = pa.table(part, schema=pa.table(LEADS).schema)
        pa.parquet.write_table(table, tmp_path / f"leads-{number}.parquet")
    scores = score_many(MODEL, tmp_path / "leads-*.parquet", arrow(ACTIVITIES), NOW)
    assert sorted(scores.fetchall()) == SCORES


def test_each_rule_may_have_a_column_of_its_own() -> None:
    scores = score_many(MODEL, arrow(LEADS), arrow(ACTIVITIES), NOW, per_rule=True)
    assert scores.columns[5:] == ["enterprise", "at home", "demo", "pricing"]
    assert min(scores.fetchall()) == (*SCORES[0], 25.0, 40.0, 20.0, 6.0)


def test_columns_may_have_any_name() -> None:
    leads = arrow(LEADS).rename_columns(["Lead No.", "staff", "land"])
    told = arrow(ACTIVITIES).rename_columns(["no", "who", "what", "when", "page"])
    columns = Columns(
        lead={"id": "Lead No.", "company.employees": "staff", "address.country": "land"},
        activity={"id": "no", "lead_id": "who", "kind": "what", "happened_at": "when", "path": "page"},
    )
    assert sorted(score_many(MODEL, leads, told, NOW, columns=columns).fetchall()) == SCORES


def test_without_ids_or_where_they_are_known_to_be_unique_each_row_counts() -> None:
    twice = [("ada", 65.0, 60.0 + 6.0), ("ben", 40.0, 0.0), ("eve", 0.0, 0.0)]
    for told, columns in (
        (arrow(ACTIVITIES).drop_columns(["id"]), Columns()),
        (arrow(ACTIVITIES), Columns(activity={"id": None})),
    ):
        scores = score_many(MODEL, arrow(LEADS), told, NOW, columns=columns)
        assert sorted((lead, fit, round(engagement, 9)) for lead, fit, engagement, _, _ in scores.fetchall()) == [
            ("ada", 65.0, round(min(60.0, 20 + 40 * 0.5 ** (2 / 24 / 30)) + 6.0, 9)), *twice[1:]
        ]  # fmt: skip


def test_moments_without_a_zone_are_utc() -> None:
    naive = arrow(ACTIVITIES)
    naive = naive.set_column(3, "happened_at", naive["happened_at"].cast(pa.timestamp("us")))
    con = duckdb.connect()
    con.execute("SET TimeZone = 'America/New_York'")
    assert sorted(score_many(MODEL, arrow(LEADS), naive, NOW, connection=con).fetchall()) == SCORES


@pytest.mark.parametrize("type", ["TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_S", "TIMESTAMP_NS"])
@pytest.mark.parametrize(("zone", "counted"), [("UTC", 1.0), ("Europe/Berlin", 2.0)])
def test_a_day_begins_in_the_zone_of_the_model(type: str, zone: str, counted: float) -> None:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'Asia/Tokyo'")
    con.execute(f"CREATE TABLE told (lead_id varchar, kind varchar, happened_at {type})")
    for moment in ("2026-05-01 21:30:00+00", "2026-05-01 22:30:00+00"):  # in Berlin on two days
        utc = moment if type == "TIMESTAMPTZ" else moment.removesuffix("+00")
        con.execute("INSERT INTO told VALUES ('ada', 'page', ?)", [utc])
    model = ScoringModel(name="m", zone=zone, engagement=[on("page", 1, limit=(1, "day"))])
    assert min(score_many(model, arrow(LEADS), "told", NOW, connection=con).fetchall())[2] == counted


def test_leads_alone_have_their_fit() -> None:
    assert min(score_many(MODEL, arrow(LEADS), None, NOW).fetchall()) == ("ada", 65.0, 0.0, 65.0, "A4")
    assert min(score_many(MODEL, arrow(LEADS), None, NOW, per_rule=True).fetchall())[5:] == (25.0, 40.0, 0.0, 0.0)


def test_a_model_without_rules_gives_nothing() -> None:
    scores = score_many(ScoringModel(name="empty"), arrow(LEADS), arrow(ACTIVITIES), NOW, per_rule=True)
    assert min(scores.fetchall()) == ("ada", 0.0, 0.0, 0.0, "D4")


def test_ages_beyond_what_a_power_holds_are_nothing() -> None:
    told = arrow({**ACTIVITIES, "happened_at": [datetime(1, 1, 2, tzinfo=UTC)] * len(TOLD)})
    model = ScoringModel(
        name="old", engagement=[on("demo", 1e6, decay=half_life(1 / 86_400)), on("page", 1, decay=linear(1, 1))]
    )
    assert min(score_many(model, arrow(LEADS), told, NOW).fetchall()) == ("ada", 0.0, 0.0, 0.0, "D4")


def test_no_view_is_left_in_the_database_of_a_host(tmp_path: Path) -> None:
    path = parquet(LEADS, tmp_path)
    with duckdb.connect(tmp_path / "crm.duckdb") as con:
        score_many(MODEL, path, arrow(ACTIVITIES), NOW, connection=con).fetchall()
    with duckdb.connect(tmp_path / "crm.duckdb") as con:
        assert con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == []


# ------------------------------------------------------------------------------------------------------ refused
def test_function_rules_are_refused_by_name() -> None:
    @rule(15, because="works at a target account")
    def target_account(_: object) -> bool:
        return True

    model = MODEL.but(fit=(*MODEL.fit, target_account))
    with pytest.raises(DefinitionError, match="'target_account' is a Python function"):
        score_many(model, arrow(LEADS), arrow(ACTIVITIES), NOW)


def test_a_path_without_a_column_is_refused_and_names_the_nearest() -> None:
    leads = arrow(LEADS).rename_columns(["id", "employes", "country"])
    with pytest.raises(DefinitionError, match=r"leads have no column for company\.employees; did you mean 'employes'"):
        score_many(MODEL, leads, arrow(ACTIVITIES), NOW)


def test_moments_written_as_text_are_refused() -> None:
    told = pa.table({**ACTIVITIES, "happened_at": ["yesterday"] * len(TOLD)})
    with pytest.raises(DefinitionError, match="happened_at of the activities is VARCHAR, not moments"):
        score_many(MODEL, arrow(LEADS), told, NOW)


def test_ids_of_different_kinds_are_refused() -> None:
    leads = pa.table({**LEADS, "id": [1, 2, 3]})
    with pytest.raises(DefinitionError, match="lead ids are BIGINT in the leads and VARCHAR in the activities"):
        score_many(MODEL, leads, arrow(ACTIVITIES), NOW)


@pytest.mark.parametrize("nothing", [{"id": [1]}, 7, "no_such_table", "no such file.parquet"])
def test_what_is_no_table_is_refused(nothing: object) -> None:
    with pytest.raises(InvalidInput, match=r"leads: .* give a path of Parquet or CSV files"):
        score_many(MODEL, nothing, arrow(ACTIVITIES), NOW)


def test_what_is_no_moment_and_another_engine_are_refused() -> None:
    with pytest.raises(InvalidInput, match="as_of"):
        score_many(MODEL, arrow(LEADS), arrow(ACTIVITIES), datetime(2026, 6, 1))
    with pytest.raises(InvalidInput, match="as_of"):
        score_many(MODEL, arrow(LEADS), arrow(ACTIVITIES), "2026-06-01")  # type: ignore[call-overload]
    with pytest.raises(InvalidInput, match="engine"):
        score_many(MODEL, arrow(LEADS), arrow(ACTIVITIES), NOW, engine="oracle")  # type: ignore[call-overload]


def test_rules_that_differ_in_case_only_cannot_be_columns() -> None:
    model = ScoringModel(name="m", fit=[points(1, field("country") == "DE", name=name) for name in ("Home", "home")])
    with pytest.raises(DefinitionError, match="'Home' can't name a column"):
        score_many(model, arrow(LEADS), None, NOW, per_rule=True)


def test_text_from_outside_stays_text(tmp_path: Path) -> None:
    folder = tmp_path / "it's; DROP TABLE leads"
    folder.mkdir()
    name = 'x" FROM leads; --'
    model = ScoringModel(name="m", fit=[points(1, field("country") == "'; DROP TABLE leads; --", name=name)])
    scores = score_many(model, parquet(LEADS, folder), None, NOW, per_rule=True)
    assert (scores.columns[5], len(scores.fetchall())) == (name, 3)


def test_the_text_is_what_runs() -> None:
    con = duckdb.connect()
    con.register("the_leads", arrow(LEADS))
    con.register("the_activities", arrow(ACTIVITIES))
    told = Table(
        "the_activities", dict.fromkeys(["id", "lead_id", "kind", "path"], "text") | {"happened_at": "timestamptz"}
    )
    text = sql_for(MODEL, Table("the_leads", {"id": "text", "employees": "int", "country": "text"}), told, NOW)
    assert sorted(con.execute(text).fetchall()) == SCORES


@pytest.mark.parametrize("column", ["created_at", "adjusted_fit", "adjusted_engagement", "employees"])
def test_a_column_in_which_nothing_is_is_missing_for_all(column: str) -> None:
    model = ScoringModel(
        name="m",
        fit=[points(3, ~field("company.employees").is_known()), points(5, field("company.employees") >= 1)],
        engagement=[inactive(-7, days=1)],
    )
    row = {
        "id": "l0",
        "employees": 9,
        "adjusted_fit": 1.0,
        "adjusted_engagement": 2.0,
        "created_at": NOW - timedelta(days=2),
    }
    leads = pa.table({name: [None if name == column else value] for name, value in row.items()})
    expected = {
        "created_at": (6, 2), "adjusted_fit": (5, -5), "adjusted_engagement": (6, -7), "employees": (4, -5),
    }  # fmt: skip
    assert score_many(model, leads, None, NOW).project("fit, engagement").fetchall() == [expected[column]]


def test_columns_with_names_of_our_own_are_refused() -> None:
    leads = pa.table({"id": ["l0"], "Leadflow_Vetoed": [True]})
    with pytest.raises(DefinitionError, match="Leadflow_Vetoed"):
        score_many(ScoringModel(name="m"), leads, None, NOW)
    activities = pa.table({"lead_id": ["l0"], "kind": ["x"], "happened_at": [NOW], "leadflow_age": [1]})
    with pytest.raises(DefinitionError, match="leadflow_age"):
        score_many(ScoringModel(name="m"), leads.select(["id"]), activities, NOW)


def test_names_that_postgres_would_cut_to_the_same_are_refused() -> None:
    model = ScoringModel(
        name="m", fit=[points(1, field("email.address").is_known(), name="ü" * 32 + end) for end in "ab"]
    )
    leads = Table("leads", {"id": "text", "address": "text"})
    sql_for(model, leads, None, NOW, per_rule=True)
    sql_for(model, leads, None, NOW, dialect="postgres")
    with pytest.raises(DefinitionError, match="üüüa"):
        sql_for(model, leads, None, NOW, dialect="postgres", per_rule=True)


def test_what_the_account_tells_stands_in_columns_of_its_own() -> None:
    model = ScoringModel(
        name="m",
        fit=[points(5, field("account.score") >= 50), points(3, field("account.roles").contains("buyer"))],
        engagement=[on("demo", 40, where=field("account.customers") == 0)],
    )
    told = {"id": ["ada", "ben"], "score": [99.0, 99.0], "fit": [9.0, 9.0]}
    account = {"account_score": [50.0, None], "account_roles": [["user", "buyer"], []], "account_customers": [0, 1]}
    demos = arrow({name: values for name, values in ACTIVITIES.items() if name != "id"})
    scores = score_many(model, pa.table(told | account), demos, NOW).project("lead_id, fit, engagement").fetchall()
    assert sorted(scores) == [("ada", 8.0, 80.0), ("ben", 0.0, 0.0)]
    with pytest.raises(DefinitionError, match=r"account\.score.*Columns"):
        score_many(model, pa.table(told), demos, NOW)
