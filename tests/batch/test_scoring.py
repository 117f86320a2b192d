"""The same lead, activities, model and moment give the same score, one at a time or by the million."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.engines import Engine, on_duckdb, on_postgres, on_spark
from batch.worlds import NOW, activity_row, lead_row, models, world
from leadflow.batch import Table, sql_for
from leadflow.conditions import activity, field
from leadflow.entities import Activity, Lead
from leadflow.errors import InvalidInput
from leadflow.scoring import ScoringModel, half_life, linear, on, points, window
from leadflow.scoring.engagement_rules import Period

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def differences(
    model: ScoringModel, leads: list[Lead], activities: list[Activity], rows: list[Any], *, per_rule: bool
) -> list[str]:
    """What the table says otherwise than the model; grades may differ beside a threshold."""
    by_id, wrong = {row[0]: row for row in rows}, []
    assert len(rows) == len(leads)
    fit, engagement = ([rule.name for rule in side] for side in (model.fit, model.engagement))
    names = ["adjusted_fit", *fit, "adjusted_engagement", *engagement]
    for lead in leads:
        score = model.score(lead, [one for one in activities if one.lead_id == lead.id], NOW)
        _, fit, engagement, total, grade, *columns = by_id[lead.id]
        expected = {"fit": score.fit, "engagement": score.engagement, "total": score.total}
        got = {"fit": fit, "engagement": engagement, "total": total}
        if per_rule:
            given = {one.rule: one.points for one in score.contributions}
            for side in ("fit", "engagement"):
                mine = [one for one in score.contributions if one.side == side and one.rule == "adjusted by hand"]
                given[f"adjusted_{side}"] = sum(one.points for one in mine)
            expected |= {name: given.get(name, 0.0) for name in names}
            got |= dict(zip(names, columns, strict=True))
        wrong += [
            f"{lead.id} {key}: {got[key]} for {value}"
            for key, value in expected.items()
            if abs(got[key] - value) > 1e-9
        ]
        if grade != score.grade and not near_a_threshold(model, score.fit, score.engagement):
            wrong.append(f"{lead.id}: {grade} for {score.grade}")
    return wrong


def near_a_threshold(model: ScoringModel, fit: float, engagement: float) -> bool:
    pairs = [(fit, one) for one in model.grades.fit] + [(engagement, one) for one in model.grades.engagement]
    return any(abs(value - threshold) < 1e-9 for value, threshold in pairs)


def agree(on: Engine, times: int, *, per_rule: bool) -> None:
    @settings(max_examples=times)
    @given(models(), st.integers(0, 10**6))
    def same(model: ScoringModel, seed: int) -> None:
        leads, activities = world(seed)
        assert scored_otherwise(on, model, leads, activities, per_rule=per_rule) == []

    same()


def scored_otherwise(
    on: Engine, model: ScoringModel, leads: list[Lead], activities: list[Activity], *, per_rule: bool
) -> list[str]:
    on.fill([lead_row(one) for one in leads], [activity_row(one) for one in activities])
    rows = on.run(sql_for(model, on.leads, on.activities, NOW, dialect=on.dialect, per_rule=per_rule))
    return differences(model, leads, activities, rows, per_rule=per_rule)


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "duckdb":
        return on_duckdb()
    return on_spark(request.getfixturevalue("spark_session"), tmp_path, zoned=True)


@pytest.mark.parametrize("per_rule", [False, True])
def test_duckdb_scores_as_the_model_does(per_rule: bool) -> None:
    agree(on_duckdb(), 60, per_rule=per_rule)


def test_postgres_scores_as_the_model_does(pg_dsn: str) -> None:
    with psycopg.connect(pg_dsn.replace("+psycopg", ""), autocommit=True) as con:
        postgres = on_postgres(con)
        for per_rule in (False, True):
            agree(postgres, 25, per_rule=per_rule)


def test_postgres_cuts_many_rules_to_their_caps_in_no_time(pg_dsn: str) -> None:
    with psycopg.connect(pg_dsn.replace("+psycopg", ""), autocommit=True) as con:
        con.execute("SET statement_timeout = '60s'")  # written out wherever it is used, it would take for ever
        check_rules(on_postgres(con), capped())


@pytest.mark.slow
@pytest.mark.parametrize(("per_rule", "zoned"), [(False, True), (True, False)])
def test_spark_scores_as_the_model_does(
    spark_session: SparkSession, tmp_path: Path, per_rule: bool, zoned: bool
) -> None:
    agree(on_spark(spark_session, tmp_path, zoned=zoned), 12, per_rule=per_rule)


PERIODS: list[Period] = ["day", "week", "month", "ever"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns"])
def test_the_first_of_each_day_week_and_month_count(engine: Engine, zone: str) -> None:
    rules = [
        on("page", 1, limit=(2, per), decay=half_life(30), where=where, name=f"{per} {number}")
        for per in PERIODS
        for number, where in enumerate((activity("path") == "/", activity("path") == "/jobs"))
    ]
    check_rules(engine, ScoringModel(name="limits", zone=zone, engagement=rules))


def aged() -> ScoringModel:
    decays = (
        None,
        half_life(7),
        half_life(1 / 24),
        window(7),
        window(1),
        linear(50, 7),
        linear(30, 1),
        linear(0.1, 1 / 24),
    )
    rules = [on(kind, 10, decay=decay, name=f"{kind} {decay}") for kind in ("page", "mail") for decay in decays]
    return ScoringModel(name="decays", engagement=rules)


def test_shares_change_at_exact_ages(engine: Engine) -> None:
    check_rules(engine, aged())


@pytest.mark.slow
def test_ages_are_exact_on_spark_without_a_zone_too(spark_session: SparkSession, tmp_path: Path) -> None:
    check_rules(on_spark(spark_session, tmp_path, zoned=False), aged())


def capped() -> ScoringModel:
    fit = [
        points(worth, field("company.employees") >= least, name=f"{worth} from {least}", group="fit one")
        for least in (0, 20, 249, 250, 300)
        for worth in (3, -2, 5.5, 7, -1)
    ]
    return ScoringModel(name="caps", fit=fit, groups={"fit one": 21}, cap_fit=17)


def test_many_rules_are_cut_to_their_caps_from_the_last_backwards(engine: Engine) -> None:
    model = capped()
    check_rules(engine, model)
    check_rules(engine, model.but(cap_fit=None, groups={"fit one": 0.5}))


def test_hundreds_of_rules_are_not_too_many(engine: Engine) -> None:
    leads, _ = world(1)
    many = 400 if engine.dialect == "spark" else 1100  # it takes four times as long there for thrice as many
    model = ScoringModel(name="m", fit=[points(1, field("budget") >= n, name=str(n)) for n in range(many)])
    assert scored_otherwise(engine, model, leads, [], per_rule=False) == []


def check_rules(engine: Engine, model: ScoringModel) -> None:
    for seed in range(1 if engine.dialect == "spark" else 3):  # there a query is compiled first
        leads, activities = world(seed, 400, 400)
        assert scored_otherwise(engine, model, leads, activities, per_rule=True) == []


def test_a_dialect_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidInput, match="'postgresql' can't be used; there are 'duckdb', 'postgres', 'spark'"):
        sql_for(ScoringModel(name="m"), Table("leads", {"id": "text"}), None, NOW, dialect="postgresql")  # type: ignore[arg-type]
