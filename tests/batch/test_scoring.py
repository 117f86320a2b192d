"""The same lead, activities, model and moment give the same score, one at a time or by the million."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.worlds import ACTIVITIES, LEADS, NOW, activity_row, lead_row, models, world
from leadflow.batch import sql_for
from leadflow.batch.tables import Dialect
from leadflow.conditions import activity, field
from leadflow.entities import Activity, Lead
from leadflow.scoring import ScoringModel, half_life, linear, on, points, window
from leadflow.scoring.limits import Period

Run = Callable[[str], list[Any]]
Fill = Callable[[list[tuple[Any, ...]], list[tuple[Any, ...]]], None]


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


def agree(dialect: Dialect, fill: Fill, run: Run, times: int, *, per_rule: bool) -> None:
    @settings(max_examples=times)
    @given(models(), st.integers(0, 10**6))
    def same(model: ScoringModel, seed: int) -> None:
        leads, activities = world(seed)
        fill([lead_row(one) for one in leads], [activity_row(one) for one in activities])
        rows = run(sql_for(model, LEADS, ACTIVITIES, NOW, dialect=dialect, per_rule=per_rule))
        assert differences(model, leads, activities, rows, per_rule=per_rule) == []

    same()


@pytest.fixture
def duck() -> tuple[Fill, Run]:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'Asia/Tokyo'; SET threads = 1")
    for table in (LEADS, ACTIVITIES):
        con.execute(f"CREATE TABLE {table.name} ({', '.join(f'{n} {t}' for n, t in table.columns.items())})")

    def fill(leads: list[tuple[Any, ...]], activities: list[tuple[Any, ...]]) -> None:
        for table, rows in ((LEADS, leads), (ACTIVITIES, activities)):
            con.execute(f"DELETE FROM {table.name}")
            if rows:
                slots = f"({', '.join('?' * len(table.columns))})"
                every = [value for row in rows for value in row]
                con.execute(f"INSERT INTO {table.name} VALUES {', '.join([slots] * len(rows))}", every)

    return fill, lambda sql: con.execute(sql).fetchall()


@pytest.mark.parametrize("per_rule", [False, True])
def test_duckdb_scores_as_the_model_does(duck: tuple[Fill, Run], per_rule: bool) -> None:
    agree("duckdb", *duck, 60, per_rule=per_rule)


PERIODS: list[Period] = ["day", "week", "month", "ever"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns"])
def test_the_first_of_each_day_week_and_month_count(duck: tuple[Fill, Run], zone: str) -> None:
    rules = [
        on("page", 1, limit=(2, per), decay=half_life(30), where=where, name=f"{per} {number}")
        for per in PERIODS
        for number, where in enumerate((activity("path") == "/", activity("path") == "/jobs"))
    ]
    check_rules(duck, ScoringModel(name="limits", zone=zone, engagement=rules))


def test_shares_change_at_exact_ages(duck: tuple[Fill, Run]) -> None:
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
    check_rules(duck, ScoringModel(name="decays", engagement=rules))


def test_many_rules_are_cut_to_their_caps_from_the_last_backwards(duck: tuple[Fill, Run]) -> None:
    fit = [
        points(worth, field("company.employees") >= least, name=f"{worth} from {least}", group="fit one")
        for least in (0, 20, 249, 250, 300)
        for worth in (3, -2, 5.5, 7, -1)
    ]
    model = ScoringModel(name="caps", fit=fit, groups={"fit one": 21}, cap_fit=17)
    check_rules(duck, model)
    check_rules(duck, model.but(cap_fit=None, groups={"fit one": 0.5}))


def test_a_thousand_rules_are_not_too_many(duck: tuple[Fill, Run]) -> None:
    fill, run = duck
    leads, _ = world(1)
    fill([lead_row(one) for one in leads], [])
    model = ScoringModel(name="m", fit=[points(1, field("budget") >= n, name=str(n)) for n in range(1100)])
    assert differences(model, leads, [], run(sql_for(model, LEADS, None, NOW)), per_rule=False) == []


def check_rules(duck: tuple[Fill, Run], model: ScoringModel) -> None:
    fill, run = duck
    for seed in range(3):
        leads, activities = world(seed, 400, 400)
        fill([lead_row(one) for one in leads], [activity_row(one) for one in activities])
        rows = run(sql_for(model, LEADS, ACTIVITIES, NOW, per_rule=True))
        assert differences(model, leads, activities, rows, per_rule=True) == []


def test_postgres_scores_as_the_model_does(pg_dsn: str) -> None:
    with psycopg.connect(pg_dsn.replace("+psycopg", ""), autocommit=True) as con:
        con.execute("SET TimeZone = 'Asia/Tokyo'")
        for table in (LEADS, ACTIVITIES):
            con.execute(f"CREATE TABLE {table.name} ({', '.join(f'{n} {t}' for n, t in table.columns.items())})")

        def fill(leads: list[tuple[Any, ...]], activities: list[tuple[Any, ...]]) -> None:
            con.execute("TRUNCATE leads, activities")
            with con.cursor() as cursor:
                for table, rows in ((LEADS, leads), (ACTIVITIES, activities)):
                    cursor.executemany(
                        f"INSERT INTO {table.name} VALUES ({', '.join(['%s'] * len(table.columns))})", rows
                    )

        for per_rule in (False, True):
            agree("postgres", fill, lambda sql: con.execute(sql).fetchall(), 25, per_rule=per_rule)
