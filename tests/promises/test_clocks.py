"""A clock that is wrong for a while: what was recorded under it is neither lost, nor late, nor done twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from acme import ADA, START, acme_flow, consistent
from leadflow.decisions.policy import THE_POLICY
from leadflow.events import ActivityRecorded, ConsentChanged, Fact, LeadCaptured, as_recorded, replay
from leadflow.insights.past import history_of

DAY = timedelta(days=1)


@pytest.fixture
def ada(flow) -> str:
    return flow.capture(ADA, source="web").lead_id


def under_a_clock_ahead(clock, do, by: timedelta = DAY) -> None:
    clock.now += by
    try:
        do()
    finally:
        clock.now -= by


# ---------------------------------------------------------------------------------------------------------- recorded
def test_a_fact_is_recorded_when_the_clock_said(flow, ada, clock):
    under_a_clock_ahead(clock, lambda: flow.record(ada, "page_viewed"))
    clock.advance(hours=1)
    flow.record(ada, "page_viewed", id="next")
    recorded = [fact.recorded_at for fact in flow.history(ada) if isinstance(fact, ActivityRecorded)]
    assert recorded == [START + DAY, clock()]
    assert {one.recorded_at for one in flow.storage.activities(ada)} == {START + DAY, clock()}
    consistent(flow)


def test_what_is_known_now_is_all_that_is_stored(flow, ada, clock):
    under_a_clock_ahead(clock, lambda: flow.consent(ada, "newsletter", "email", proof="a form"))
    assert flow.as_of(ada, clock()) == flow.get(ada).but(recorded_at=clock())
    clock.advance(hours=1)
    flow.record(ada, "page_viewed")
    assert flow.as_of(ada, clock()) == flow.get(ada)
    assert flow.as_of(ada, START).consent("newsletter", "email") is None
    clock.advance(days=-3)
    flow.record(ada, "page_viewed", id="set back")
    assert flow.as_of(ada, clock()) == flow.get(ada)
    assert flow.as_of(ada, clock() - timedelta(seconds=1)) is None


def test_history_is_in_the_order_of_the_versions(flow, ada, clock):
    clock.advance(days=-1)
    flow.record(ada, "page_viewed")
    clock.advance(days=5)
    flow.record(ada, "page_viewed", id="2")
    told = [(fact.version, fact.seq) for fact in flow.history(ada)]
    assert told == sorted(told)


def test_a_fact_was_recorded_no_later_than_those_after_it():
    facts = [
        ActivityRecorded(
            lead_id="l", version=n, happened_at=START, recorded_at=START + timedelta(days=days), actor=THE_POLICY,
            activity_id=str(n), activity="x",
        )
        for n, days in enumerate((0, 5, 2, 3, 9), 1)
    ]  # fmt: skip
    counted = [(fact.recorded_at - START).days for fact in as_recorded(facts, START + 7 * DAY)]
    assert counted == [0, 2, 2, 3, 7]
    assert [replay(facts, recorded_by=START + day * DAY).version for day in (0, 1, 2, 3, 9)] == [1, 1, 3, 4, 5]


def test_a_backtest_sees_what_was_recorded_before_the_moment_though_the_clock_was_ahead(flow, ada, clock):
    under_a_clock_ahead(clock, lambda: flow.record(ada, "page_viewed", id="p", at=START), by=30 * DAY)
    clock.advance(days=1)
    flow.record(ada, "page_viewed", id="q")
    clock.advance(days=9)
    flow.disqualify(ada, by="anna", reason="left")
    clock.advance(days=1)
    (past,) = history_of(flow.storage, after=5 * DAY, now=clock())
    assert {one.id for one in past.known} == {"p", "q"}


# --------------------------------------------------------------------------------------------------------- deliveries
def test_deliveries_go_at_once_after_a_command_under_a_clock_that_was_ahead(flow, clock):
    heard: list[Fact] = []
    flow.on(Fact, heard.append, name="all")
    under_a_clock_ahead(clock, lambda: flow.capture(ADA, source="web"))
    flow.run_due()
    assert any(isinstance(fact, LeadCaptured) for fact in heard)
    (lead,) = flow.leads()
    flow.consent(lead.id, "newsletter", "email", proof="a form")
    flow.run_due()
    assert any(isinstance(fact, ConsentChanged) for fact in heard)
    assert not [task for task in flow.tasks(lead_id=lead.id) if task.kind in ("deliver", "notify")]


def test_deliveries_go_at_once_after_the_clock_was_set_back(flow, ada, clock):
    heard: list[Fact] = []
    flow.on(ConsentChanged, heard.append, name="consents")
    clock.advance(days=-1)
    flow.consent(ada, "newsletter", "email", proof="a form")
    flow.run_due()
    assert len(heard) == 1


def test_a_reps_ledger_is_right_at_once(storage, clock):
    flow = acme_flow(storage, clock)
    lead_id = flow.capture(ADA, source="web").lead_id
    for number in range(2):
        flow.record(lead_id, "demo_requested", id=f"d{number}")
    owner = flow.get(lead_id).owner
    under_a_clock_ahead(clock, lambda: flow.disqualify(lead_id, by=owner, reason="left"))
    flow.run_due()
    (ledger,) = storage.states([f"ledger:{owner}"]).values()
    assert ledger.value["open"] == 0
