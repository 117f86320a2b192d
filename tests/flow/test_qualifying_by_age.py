"""A lead qualifies by ageing alone at the moment at which it does, not when something next happens to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadflow import LeadFlow, Qualification, ScoringModel, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.scoring import half_life, on, points, window
from leadflow.testing import NOW, ClockAt

DAY = timedelta(days=1)
MODEL = ScoringModel(
    name="m",
    fit=[points(10, ~field("created_at").within(days=5), because="not brand new")],
    engagement=[on("demo", 30), on("fair", 20, decay=window(3)), on("complained", -20, decay=half_life(10))],
)


@pytest.fixture
def clock() -> ClockAt:
    return ClockAt(NOW)


def flow_with(clock: ClockAt, condition: object) -> tuple[LeadFlow, str]:
    flow = LeadFlow(MemoryStorage(), scoring=MODEL, qualification=Qualification(mql=condition), clock=clock)  # type: ignore[arg-type]
    return flow, flow.capture({"email": "ada@acme.example"}, source="web").lead_id


def test_a_loss_fades_until_the_lead_qualifies(clock: ClockAt) -> None:
    flow, ada = flow_with(clock, field("score.engagement") >= 25)
    flow.record(ada, "complained", id="1")
    flow.record(ada, "demo", id="2")
    assert (flow.get(ada).stage, flow.get(ada).qualify_at) == ("lead", NOW + 20 * DAY)  # 30 − 20 / 4
    clock.set(NOW + 20 * DAY - timedelta(seconds=1))
    flow.run_due()
    assert flow.get(ada).stage == "lead"
    clock.advance(seconds=1)
    flow.run_due()
    assert (flow.get(ada).stage, flow.get(ada).qualify_at) == ("mql", None)


def test_an_activity_dated_ahead_qualifies_when_its_moment_comes(clock: ClockAt) -> None:
    flow, ada = flow_with(clock, field("score.engagement") >= 20)
    flow.record(ada, "fair", id="1", at=NOW + 4 * DAY)
    assert flow.get(ada).qualify_at == NOW + 4 * DAY
    clock.set(NOW + 4 * DAY)
    flow.run_due()
    assert (flow.get(ada).stage, flow.get(ada).cool_at) == ("mql", NOW + 7 * DAY)


def test_a_condition_on_time_that_will_hold_is_waited_for(clock: ClockAt) -> None:
    flow, ada = flow_with(clock, field("score.fit") >= 10)
    expected = NOW + 5 * DAY + timedelta(microseconds=1)
    assert flow.get(ada).qualify_at == expected
    clock.set(expected)
    flow.run_due()
    assert flow.get(ada).stage == "mql"


def test_what_will_not_rise_is_not_waited_for(clock: ClockAt) -> None:
    flow, ada = flow_with(clock, field("score.engagement") >= 50)
    flow.record(ada, "demo", id="1")
    flow.record(ada, "complained", id="2")
    assert flow.get(ada).qualify_at is None


def test_something_new_plans_anew(clock: ClockAt) -> None:
    flow, ada = flow_with(clock, field("score.engagement") >= 25)
    flow.record(ada, "complained", id="1")
    flow.record(ada, "demo", id="2")
    flow.record(ada, "complained", id="3")
    assert flow.get(ada).qualify_at == NOW + 30 * DAY  # 30 − 40 / 8
    flow.record(ada, "demo", id="4")
    flow.record(ada, "demo", id="5")
    assert (flow.get(ada).stage, flow.get(ada).qualify_at) == ("mql", None)
