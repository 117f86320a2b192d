"""The engagement state of many leads scores as a scan of all activities does, and as model.score does lead by lead."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from batch.test_scoring import near_a_threshold
from batch.worlds import ACTIVITIES, LEADS, NOW, activity_row, lead_row, models, world
from leadflow.batch import EngagementStates, places, score_many
from leadflow.conditions import activity, field
from leadflow.entities import Activity, Lead
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.scoring import ScoringModel, half_life, inactive, linear, often, on, window
from leadflow.scoring.memory import composes

DAY = timedelta(days=1)
IDS: dict[str, tuple[str, Callable[[int], Any]]] = {
    "text": ("varchar", lambda n: f"l{n}"),
    "numbers": ("integer", lambda n: n - 3),
    "numbers far apart": ("bigint", lambda n: (n - 3) * 10**17),
    "uuid": ("uuid", lambda n: UUID(int=n)),
}


@dataclass(frozen=True)
class Base:
    """A base of leads as tables of DuckDB, with ids of some type."""

    con: duckdb.DuckDBPyConnection
    type: str
    id_of: Callable[[int], Any]

    def put(self, leads: Sequence[Lead], activities: Sequence[Activity]) -> None:
        self._put("leads", {**LEADS.columns, "id": self.type}, [lead_row(one) for one in leads], at=0)
        self.tell("activities", activities)

    def tell(self, name: str, activities: Sequence[Activity]) -> str:
        self._put(name, {**ACTIVITIES.columns, "lead_id": self.type}, [activity_row(one) for one in activities], at=1)
        return name

    def _put(self, name: str, columns: dict[str, str], rows: list[tuple[Any, ...]], *, at: int) -> None:
        self.con.execute(f"CREATE OR REPLACE TABLE {name} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
        if rows:
            slots = f"({', '.join('?' * len(columns))})"
            every = [self._own(value) if place == at else value for row in rows for place, value in enumerate(row)]
            self.con.execute(f"INSERT INTO {name} VALUES {', '.join([slots] * len(rows))}", every)

    def _own(self, lead_id: str) -> Any:
        return self.id_of(int(lead_id[1:]))


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'Asia/Tokyo'; SET threads = 1")
    return con


def recorded_somewhen(activities: list[Activity], dice: random.Random) -> list[Activity]:
    """The activities as they come: at once, late, dated ahead; no two of one id are recorded at the same moment."""
    delays = [0, 0, 0, 1, 60, 3_000, 80_000, -90, -5_000]
    return [
        one.but(recorded_at=one.happened_at + timedelta(minutes=dice.choice(delays), microseconds=number))
        for number, one in enumerate(activities)
    ]


def recorded(activities: Sequence[Activity], by: datetime) -> list[Activity]:
    return [one for one in activities if one.recorded_at <= by]


def moments(dice: random.Random) -> list[datetime]:
    """Some moments at which a state is brought forward; NOW is the last."""
    hours = sorted((dice.choice([0, 1, 20, 24, 70, 7 * 24, 2_000]) for _ in range(dice.randint(1, 4))), reverse=True)
    return [*(NOW - timedelta(hours=one) for one in hours), NOW]


def counted(activities: Sequence[Activity], by: datetime) -> list[Activity]:
    """Those that a state counts: the first of each id, if it was recorded and had happened."""
    first: dict[tuple[str, str], Activity] = {}
    for one in sorted(activities, key=lambda one: one.recorded_at):
        first.setdefault((one.lead_id, one.id), one)
    return [one for one in first.values() if max(one.happened_at, one.recorded_at) <= by]


def brought(
    base: Base, model: ScoringModel, activities: list[Activity], dice: random.Random, folder: Path
) -> EngagementStates:
    """The state as of NOW, told in turns: of all activities each time, or of the new ones among some old ones."""
    first, *later = moments(dice)
    states = EngagementStates.of(model, base.tell("told", activities), first, folder, connection=base.con)
    for moment in later:
        known, told, seen = counted(activities, states.as_of), activities, None
        if dice.random() < 0.6:
            told = [one for one in recorded(activities, moment) if one not in known]
            told += dice.sample(known, len(known) // 3) + dice.sample(told, len(told) // 3)
            dice.shuffle(told)
            seen = base.tell("seen", known)
        if dice.random() < 0.5:
            states = EngagementStates.open(folder)
        states = states.after(model, base.tell("told", told), moment, seen=seen, connection=base.con)
    return states


def differences(
    base: Base, model: ScoringModel, leads: list[Lead], activities: list[Activity], now: datetime, rows: list[Any]
) -> list[str]:
    """What a table with a column per rule says otherwise than the model, lead by lead."""
    by_id, wrong = {row[0]: row for row in rows}, []
    names = [rule.name for rule in model.engagement]
    for lead in leads:
        score = model.score(lead, [one for one in activities if one.lead_id == lead.id], now)
        lead_id, fit, engagement, total, grade, *columns = by_id[base.id_of(int(lead.id[1:]))]
        given = {one.rule: one.points for one in score.contributions}
        expected = [score.fit, score.engagement, score.total, *(given.get(name, 0.0) for name in names)]
        got = [fit, engagement, total, *(columns[len(columns) - len(names) :] if columns else expected[3:])]
        wrong += [f"{lead_id}: {a} for {b}" for a, b in zip(got, expected, strict=True) if abs(a - b) > 1e-9]
        if grade != score.grade and not near_a_threshold(model, score.fit, score.engagement):
            wrong.append(f"{lead_id}: {grade} for {score.grade}")
    return wrong


@pytest.mark.parametrize("ids", IDS)
def test_a_state_told_in_any_turns_scores_as_all_activities_do_now_and_later(
    con: duckdb.DuckDBPyConnection, ids: str
) -> None:
    base = Base(con, *IDS[ids])

    @settings(max_examples=40 if ids == "text" else 10)
    @given(models(), st.integers(0, 10**6), st.sampled_from([0, 1, 8 * 24, 100 * 24]))
    def same(model: ScoringModel, seed: int, hours: int) -> None:
        dice = random.Random(seed)
        leads, activities = world(seed)
        leads = [one.but(adjustments=()) for one in leads]  # as a table they are those of one moment
        activities = recorded_somewhen(activities, dice)
        base.put(leads, activities)
        assume(any(map(composes, model.engagement)))
        with tempfile.TemporaryDirectory() as folder:
            states = brought(base, model, activities, dice, Path(folder))
            now, known = NOW + timedelta(hours=hours), counted(activities, NOW)
            alone = all(map(composes, model.engagement))
            told = None if alone else base.tell("told", known)
            for per_rule in (False, True):
                scores = score_many(model, "leads", told, now, state=states, connection=con, per_rule=per_rule)
                assert differences(base, model, leads, known, now, scores.fetchall()) == []
            scanned = score_many(model, "leads", base.tell("told", known), now, connection=con)
            assert differences(base, model, leads, known, now, scanned.fetchall()) == []

    same()


@settings(max_examples=25)
@given(models(), st.integers(0, 10**6), st.sampled_from(sorted(IDS)))
def test_states_of_different_activities_add_up(model: ScoringModel, seed: int, ids: str) -> None:
    assume(any(map(composes, model.engagement)))
    model = model.but(engagement=tuple(filter(composes, model.engagement)))
    leads, activities = world(seed)
    activities = counted([one.but(recorded_at=one.happened_at) for one in activities], NOW)
    base = Base(duckdb.connect(), *IDS[ids])
    base.put(leads, activities)
    with tempfile.TemporaryDirectory() as folder:
        one, other = (
            EngagementStates.of(model, base.tell("told", part), NOW, Path(folder, str(n)), connection=base.con)
            for n, part in enumerate((activities[::3], activities[1::3] + activities[2::3]))
        )
        for merged in (
            one.merged(model, other, Path(folder, "both")),
            other.merged(model, one, Path(folder, "turned")),
        ):
            scores = score_many(model, "leads", None, NOW, state=merged, connection=base.con, per_rule=True)
            assert differences(base, model, leads, activities, NOW, scores.fetchall()) == []


# ------------------------------------------------------------------------------------------------ by example
MODEL = ScoringModel(
    name="m",
    engagement=[
        on("demo", 10, decay=half_life(30), cap=25),
        on("page", 1, limit=(2, "day"), name="limited"),
        on("page", 3, where=activity("path") == "/pricing", decay=window(7), name="pricing"),
        often("page", {2: 5, 4: 9}, days=7, name="often"),
        inactive(-4, days=3, name="idle"),
    ],
)
LEAD = pa.table({"id": ["ada", "ben"], "created_at": [NOW - 2 * DAY, NOW - 9 * DAY]})


def table(*told: tuple[str, str, datetime, datetime | None]) -> pa.Table:
    """Activities of ada: id, kind, when it happened, when it was recorded."""
    at = pa.timestamp("us", "UTC")
    columns: list[Any] = list(zip(*told, strict=True)) or [[]] * 4
    return pa.table({
        "id": pa.array(columns[0], pa.string()),
        "lead_id": pa.array(["ada"] * len(told), pa.string()),
        "kind": pa.array(columns[1], pa.string()),
        "happened_at": pa.array(columns[2], at),
        "recorded_at": pa.array(columns[3], at),
        "path": pa.array(["/pricing"] * len(told), pa.string()),
        "due": pa.array([NOW] * len(told), at),
    })  # fmt: skip


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


SOME = table(
    ("1", "demo", ago(40), ago(40)),
    ("2", "page", ago(9), ago(9)),
    ("3", "page", ago(6), ago(6)),
    ("4", "page", ago(6), ago(1)),  # late
    ("5", "demo", ago(2), ago(2.5)),  # dated ahead
    ("6", "page", ago(0), None),
)


def scored(model: ScoringModel, states: EngagementStates, now: datetime = NOW) -> list[Any]:
    return sorted(score_many(model, LEAD, None, now, state=states, per_rule=True).fetchall())


def scanned(model: ScoringModel, activities: pa.Table, now: datetime = NOW) -> list[Any]:
    return sorted(score_many(model, LEAD, activities, now, per_rule=True).fetchall())


def close(one: list[Any], other: list[Any]) -> bool:
    return all(a == pytest.approx(b, abs=1e-9) for a, b in zip(sum(one, ()), sum(other, ()), strict=True))


def test_what_comes_late_is_counted_when_it_comes_and_the_same_again_changes_nothing(tmp_path: Path) -> None:
    states = EngagementStates.of(MODEL, SOME, ago(5), tmp_path)
    assert scored(MODEL, states, ago(5)) == scanned(MODEL, SOME.slice(0, 3), ago(5))
    states = states.after(MODEL, SOME, NOW)
    now = scored(MODEL, states)
    assert close(now, scanned(MODEL, SOME))
    for again in (SOME, SOME.slice(0, 0)):
        states = states.after(MODEL, again, NOW)
        assert scored(MODEL, states) == now


def test_each_row_counts_where_there_are_no_ids_and_happening_is_enough_where_recording_is_unknown(
    tmp_path: Path,
) -> None:
    told = pa.concat_tables([SOME, SOME.slice(1, 1)]).drop_columns(["id", "recorded_at"])
    states = EngagementStates.of(MODEL, told, ago(5), tmp_path).after(MODEL, told, NOW)
    assert close(scored(MODEL, states), scanned(MODEL, told))
    assert not close(scored(MODEL, states), scanned(MODEL, SOME))


def test_an_activity_recorded_again_is_new_unless_the_first_is_seen(tmp_path: Path) -> None:
    again = table(("1", "demo", ago(40), ago(1)))
    states = EngagementStates.of(MODEL, SOME, ago(5), tmp_path)
    rest = SOME.slice(3)
    twice = states.after(MODEL, pa.concat_tables([rest, again]), NOW, folder=tmp_path / "twice")
    once = states.after(MODEL, pa.concat_tables([rest, again]), NOW, seen=SOME.slice(0, 3), folder=tmp_path / "once")
    whole = states.after(MODEL, pa.concat_tables([SOME, again]), NOW, folder=tmp_path / "whole")
    assert close(scored(MODEL, once), scanned(MODEL, SOME))
    assert close(scored(MODEL, whole), scanned(MODEL, SOME))
    assert not close(scored(MODEL, twice), scanned(MODEL, SOME))


def test_points_caps_groups_and_names_may_change_and_the_zone_where_no_day_is_counted(tmp_path: Path) -> None:
    states = EngagementStates.of(MODEL, SOME, NOW, tmp_path)
    demo, limited, *others = MODEL.engagement
    changed = demo.but(points=-7, cap=4, name="demos", group="g")
    after = MODEL.but(engagement=(changed, limited.but(points=0), *others), groups={"g": 3}, cap_engagement=12)
    assert close(scored(after, states), scanned(after, SOME))
    assert close(scored(after.but(zone="Asia/Tokyo"), states), scanned(after.but(zone="Asia/Tokyo"), SOME))
    with pytest.raises(DefinitionError, match="doesn't know rule 'limited' with this condition, decay and limit"):
        scored(MODEL.but(zone="Asia/Tokyo"), states)


def test_a_rule_that_is_new_or_does_not_compose_is_scanned_and_the_rest_is_not(tmp_path: Path) -> None:
    states = EngagementStates.of(MODEL, SOME, NOW, tmp_path)
    for new, reason in (
        (on("demo", 2, name="new"), "doesn't know rule 'new'"),
        (on("demo", 2, where=field("id") == "ada", name="new"), "rule 'new' looks at the lead"),
        (
            on("demo", 2, where=activity("due").within(days=3), name="new"),
            "rule 'new' looks at the lead, or at the age",
        ),
    ):
        model = MODEL.but(engagement=(*MODEL.engagement, new))
        with pytest.raises(DefinitionError, match=reason):
            scored(model, states)
        demos = SOME.filter(pc.field("kind") == "demo")  # without the pages, which the state remembers
        scores = score_many(model, LEAD, demos, NOW, state=states, per_rule=True).fetchall()
        assert close(sorted(scores), scanned(model, SOME))
        assert scanned(model, SOME) != scanned(model, demos)


def test_rules_that_were_not_kept_stay_unknown_and_those_that_left_the_model_are_dropped(tmp_path: Path) -> None:
    more = MODEL.but(engagement=(*MODEL.engagement, on("mail", 1)))
    states = EngagementStates.of(MODEL, SOME, ago(5), tmp_path).after(more, SOME, NOW)
    with pytest.raises(DefinitionError, match="'mail'"):
        scored(more, states)
    fewer = MODEL.but(engagement=MODEL.engagement[:1])
    states = states.after(fewer, SOME, NOW)
    with pytest.raises(DefinitionError, match="'limited'"):
        scored(MODEL, states)
    assert close(scored(fewer, states), scanned(fewer, SOME))


def test_a_state_tells_no_moment_before_its_own_and_does_not_go_back(tmp_path: Path) -> None:
    states = EngagementStates.of(MODEL, SOME, NOW, tmp_path)
    with pytest.raises(InvalidInput, match=r"as_of: .*the state counts all activities until 2026-03-31 00:30"):
        scored(MODEL, states, ago(1))
    with pytest.raises(InvalidInput, match="it can't go back"):
        states.after(MODEL, SOME, ago(1))
    with pytest.raises(InvalidInput, match="aware datetime"):
        states.after(MODEL, SOME, datetime(2026, 6, 1))


def test_only_states_of_one_moment_merge(tmp_path: Path) -> None:
    one, other = (EngagementStates.of(MODEL, SOME, ago(n), tmp_path / str(n)) for n in (0, 1))
    with pytest.raises(InvalidInput, match="bring both to one moment first"):
        one.merged(MODEL, other, tmp_path / "both")


def test_a_model_without_a_rule_that_a_state_could_tell_is_refused(tmp_path: Path) -> None:
    for model in (ScoringModel(name="m"), MODEL.but(engagement=(on("page", 1, where=field("id") == "ada"),))):
        with pytest.raises(DefinitionError, match="no engagement rule of the model that the state could tell"):
            EngagementStates.of(model, SOME, NOW, tmp_path)


@pytest.mark.parametrize("ids", [[1, 2], [1.5, 2.0]])
def test_ids_of_another_kind_are_refused(tmp_path: Path, ids: list[Any]) -> None:
    states = EngagementStates.of(MODEL, SOME, ago(5), tmp_path / "text")
    told = SOME.slice(0, 2).set_column(1, "lead_id", pa.array(ids))
    with pytest.raises(DefinitionError, match=r"lead ids are VARCHAR in the state and .* in the activities; cast one"):
        states.after(MODEL, told, NOW)
    with pytest.raises(DefinitionError, match="lead ids are BIGINT in the leads and VARCHAR in the state"):
        score_many(MODEL, pa.table({"id": [1], "created_at": [NOW]}), None, NOW, state=states)
    whole = EngagementStates.of(MODEL, SOME.set_column(1, "lead_id", pa.array(range(6))), ago(5), tmp_path / "whole")
    if told["lead_id"].type == pa.float64():
        with pytest.raises(DefinitionError, match="lead ids are BIGINT in the state and DOUBLE in the activities"):
            whole.after(MODEL, told, NOW)


def test_activities_of_nobody_are_nobodys(tmp_path: Path) -> None:
    told = SOME.set_column(1, "lead_id", pa.array([None, *["ada"] * 5]))
    states = EngagementStates.of(MODEL, told, NOW, tmp_path)
    assert close(scored(MODEL, states), scanned(MODEL, SOME.slice(1)))


# ------------------------------------------------------------------------------------------------ in a folder
def test_a_folder_without_a_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"folder: .*no engagement state in it; EngagementStates\.of"):
        EngagementStates.open(tmp_path)
    EngagementStates.of(MODEL, SOME, NOW, tmp_path)
    index = tmp_path / "state.json"
    index.write_text(index.read_text().replace('"form": 1', '"form": 99'))
    with pytest.raises(InvalidInput, match="another version of leadflow wrote it"):
        EngagementStates.open(tmp_path)


def test_a_state_in_another_folder_leaves_the_first_and_one_in_the_same_replaces_it(tmp_path: Path) -> None:
    first = EngagementStates.of(MODEL, SOME, ago(5), tmp_path / "a")
    before = scored(MODEL, first)
    first.after(MODEL, SOME, NOW, folder=tmp_path / "b")
    assert scored(MODEL, EngagementStates.open(tmp_path / "a")) == before
    assert close(scored(MODEL, EngagementStates.open(tmp_path / "b")), scanned(MODEL, SOME))
    first.after(MODEL, SOME, NOW)
    assert EngagementStates.open(tmp_path / "a").as_of == NOW
    assert len(list((tmp_path / "a").iterdir())) == 2  # nothing of the first is left


def test_a_run_that_fails_leaves_the_state_before(tmp_path: Path) -> None:
    before = scored(MODEL, EngagementStates.of(MODEL, SOME, ago(5), tmp_path))
    (tmp_path / "kept-of-a-killed-run").mkdir()
    con = duckdb.connect()
    con.register("given", SOME)
    kind = "CASE WHEN id = '6' THEN error('gone') ELSE kind END"
    con.execute(f"CREATE VIEW broken AS SELECT * REPLACE ({kind} AS kind) FROM given")
    with pytest.raises(duckdb.Error, match="gone"):
        EngagementStates.open(tmp_path).after(MODEL, "broken", NOW, connection=con)
    assert scored(MODEL, EngagementStates.open(tmp_path)) == before
    EngagementStates.open(tmp_path).after(MODEL, SOME, NOW)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("ids", [["ada"] * 6, [7] * 6])
def test_nothing_is_left_in_the_connection_of_a_host(tmp_path: Path, ids: list[Any]) -> None:
    told = SOME.set_column(1, "lead_id", pa.array(ids))
    con = duckdb.connect()
    con.register("told", told)
    before = con.execute("SHOW TABLES").fetchall()
    states = EngagementStates.of(MODEL, "told", ago(5), tmp_path, connection=con)
    states.after(MODEL, told, NOW, seen=told.slice(0, 3), connection=con)
    assert con.execute("SHOW TABLES").fetchall() == before


@pytest.mark.parametrize("ids", ["text", "numbers"])
def test_very_many_activities_are_read_in_parts(ids: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "AT_ONCE", 100)
    base = Base(duckdb.connect(), *IDS[ids])
    leads, activities = world(3, 1_000, 1_000)
    base.put(leads, activities)
    states = EngagementStates.of(MODEL, base.tell("told", activities), NOW + DAY, tmp_path, connection=base.con)
    scores = score_many(MODEL, "leads", None, NOW + DAY, state=states, connection=base.con, per_rule=True).fetchall()
    told = score_many(MODEL, "leads", "told", NOW + DAY, connection=base.con, per_rule=True).fetchall()
    assert close(sorted(scores), sorted(told))


def test_what_can_not_count_any_more_is_not_kept(tmp_path: Path) -> None:
    model = ScoringModel(
        name="m",
        engagement=[
            on("page", 1, decay=window(7), name="window"),
            on("page", 1, decay=linear(50, days=2), limit=(1, "month"), name="limited"),
            on("page", 1, limit=(3, "ever"), name="first"),
            often("page", {3: 1}, days=3, name="often"),
        ],
    )  # fmt: skip
    old = table(*((f"old {n}", "page", ago(100 + n / 100), None) for n in range(5_000)))
    states = EngagementStates.of(model, old, ago(100), tmp_path).after(model, SOME, NOW)
    kept = sorted(len(np.load(path)) for path in tmp_path.glob("*/*.at.npy"))
    assert kept == [1, 1, 3, 3]
    assert close(scored(model, states), scanned(model, pa.concat_tables([old, SOME])))
