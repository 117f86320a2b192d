"""A clock that is wrong for a while: what was recorded under it is neither lost, nor late, nor done twice."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from acme import ADA, SLA, START, acme_flow, consistent
from leadflow import Actor, Consent, InvalidInput
from leadflow.decisions.moments import AHEAD_LIMIT
from leadflow.events import (
    ActivityRecorded,
    ConsentChanged,
    EnrolmentChanged,
    Fact,
    LeadCaptured,
)
from leadflow.insights.attainment import service_levels
from leadflow.insights.journeys import journeys
from leadflow.insights.past_leads import history_of

MARKETING = Actor(kind="marketing", id="mia")
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


# ------------------------------------------------------------------------------------------------------ dated ahead
def findings(flow, lead_id: str) -> set[tuple[str, str]]:
    return {(one.code, one.field) for one in flow.get(lead_id).findings}


def test_a_consent_two_seconds_ahead_enrols_now(flow, ada, clock):
    at = clock() + timedelta(seconds=2)
    flow.consent(ada, "newsletter", "email", proof="a form", at=at)
    assert [one.sequence for one in flow.get(ada).enrolments] == ["welcome"]
    ahead = Consent(purpose="newsletter", channel="email", status="given", at=at, proof="a form")
    bob = flow.capture({"email": "bob@other.example"}, source="web", consents=ahead).lead_id
    assert [one.sequence for one in flow.get(bob).enrolments] == ["welcome"]
    assert not findings(flow, ada) and flow.get(bob).awaited_at is None
    consistent(flow)


@pytest.mark.parametrize("way", ["consent", "capture"])
def test_a_consent_dated_a_day_ahead_enrols_when_its_moment_has_come(flow, ada, clock, outbox, way):
    at = clock() + DAY
    if way == "consent":
        flow.consent(ada, "newsletter", "email", proof="a form", at=at)
    else:
        said = Consent(purpose="newsletter", channel="email", status="given", at=at, proof="a form")
        captured = flow.capture({"email": ADA["email"]}, source="web", consents=said)
        assert "dated_ahead" in {one.code for one in captured.findings}
    assert flow.get(ada).consent("newsletter", "email").at == at
    assert ("dated_ahead", "consents") in findings(flow, ada)
    assert not flow.get(ada).enrolments
    consistent(flow)
    clock.advance(hours=23)
    flow.run_due()
    assert not flow.get(ada).enrolments
    clock.advance(hours=1)
    flow.run_due()
    assert [one.sequence for one in flow.get(ada).enrolments] == ["welcome"]
    consistent(flow)
    for _ in range(5):
        clock.advance(days=2)
        flow.run_due()
    assert len(outbox.sent) == 2
    assert flow.get(ada).awaited_at is None
    consistent(flow)


def test_a_consent_dated_ahead_that_is_withdrawn_before_it_comes_never_counts(flow, ada, clock, outbox):
    flow.consent(ada, "newsletter", "email", proof="a form", at=clock() + DAY)
    clock.advance(hours=1)
    flow.consent(ada, "newsletter", "email", proof="a letter", status="withdrawn")
    for _ in range(5):
        clock.advance(days=1)
        flow.run_due()
    assert not outbox.sent and not flow.get(ada).enrolments
    consistent(flow)


def test_activities_dated_ahead_count_one_by_one_when_they_come(flow, ada, clock):
    for day in (3, 1, 2):
        flow.record(ada, "page_viewed", at=clock() + day * DAY, id=f"p{day}")
    flow.record(ada, "page_viewed", at=clock() + timedelta(minutes=4), id="now")
    assert ("dated_ahead", "activities") in findings(flow, ada)
    assert flow.get(ada).score.engagement == 3
    for day in (1, 2, 3):
        clock.advance(days=1)
        if day == 2:
            flow.record(ada, "mail_opened")  # before tick gets to it
        flow.run_due()
        assert flow.get(ada).score.engagement == 3 + 3 * day
        consistent(flow)
    assert flow.get(ada).awaited_at is None


def test_a_visitor_far_ahead_leaves_one_finding_however_often_it_comes(flow, clock):
    for number in range(60):
        seen = flow.visit("cookie-1", "page_viewed", at=clock() + 400 * DAY, id=str(number))
    assert findings(flow, seen.lead_id) == {("dated_ahead", "activities")}
    assert len(flow.get(seen.lead_id).findings) == 1


def test_the_same_thing_told_twice_slightly_ahead_is_one(flow, ada, clock):
    at = clock() + timedelta(seconds=2)
    first = flow.record(ada, "page_viewed", at=at)
    clock.advance(seconds=1)
    assert flow.record(ada, "page_viewed", at=at) == first.but(repeated=True)
    form, at = ADA | {"note": "once"}, clock() + timedelta(minutes=1)
    flow.capture(form, source="web", at=at)
    clock.advance(seconds=30)
    assert flow.capture(form, source="web", at=at).repeated


def test_a_move_slightly_ahead_is_made_now_and_one_far_ahead_is_a_finding(flow, ada, clock):
    flow.qualify(ada, by=MARKETING, reason="met", at=clock() + timedelta(seconds=30))
    assert flow.get(ada).entered_at == clock()
    assert flow.get(ada).deadline == SLA.deadline(clock())
    assert not findings(flow, ada)
    flow.accept(ada, by=flow.get(ada).owner, at=clock() + 2 * DAY)
    assert flow.get(ada).entered_at == clock() + 2 * DAY
    assert findings(flow, ada) == {("dated_ahead", "stage")}
    assert flow.get(ada).awaited_at == clock() + 2 * DAY
    consistent(flow)
    clock.advance(days=2)
    flow.run_due()
    assert flow.get(ada).awaited_at is None
    consistent(flow)


@pytest.mark.parametrize("year", [2200, 9999])
def test_moments_at_the_end_of_time_break_nothing(flow, ada, clock, year):
    far = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    for go in (
        lambda: flow.record(ada, "page_viewed", at=far),
        lambda: flow.consent(ada, "newsletter", "email", proof="a form", at=far),
        lambda: flow.capture(ADA | {"note": "x"}, source="web", at=far),
        lambda: flow.qualify(ada, by=MARKETING, reason="met", at=far),
    ):
        with suppress(InvalidInput):
            go()
    flow.run_due()
    consistent(flow)


# ----------------------------------------------------------------------------------------- put right with the next
def test_a_sequence_that_began_under_a_clock_ahead_goes_on_from_the_next_command(flow, ada, clock, outbox):
    under_a_clock_ahead(clock, lambda: flow.consent(ada, "newsletter", "email", proof="a form"), by=30 * DAY)
    clock.advance(hours=1)
    flow.record(ada, "page_viewed")
    (enrolment,) = flow.get(ada).enrolments
    assert enrolment.due_at == clock() + DAY
    consistent(flow)
    clock.advance(days=1)
    flow.run_due()
    assert len(outbox.sent) == 1
    clock.advance(days=3)
    flow.run_due()
    assert len(outbox.sent) == 2
    consistent(flow)


def test_a_sequence_that_began_under_a_right_clock_is_not_moved(flow, ada, clock):
    flow.consent(ada, "newsletter", "email", proof="a form")
    due_at = flow.get(ada).enrolments[0].due_at
    under_a_clock_ahead(clock, lambda: flow.record(ada, "page_viewed"), by=timedelta(hours=5))
    flow.record(ada, "page_viewed", id="2")
    assert flow.get(ada).enrolments[0].due_at == due_at


def test_a_deadline_that_was_set_under_a_clock_ahead_runs_from_the_next_command(flow, ada, clock):
    under_a_clock_ahead(clock, lambda: flow.qualify(ada, by=MARKETING, reason="met"), by=7 * DAY)
    clock.advance(minutes=10)
    flow.record(ada, "page_viewed")
    assert flow.get(ada).deadline == SLA.deadline(clock())
    clock.advance(minutes=10)
    flow.record(ada, "page_viewed", id="2")
    assert flow.get(ada).deadline == SLA.deadline(clock() - timedelta(minutes=10))
    consistent(flow)
    (attainment,) = service_levels(journeys(flow.storage), clock())
    assert (attainment.begun, attainment.running) == (1, 1)


def test_cooling_runs_from_the_next_command(flow, ada, clock):
    flow.record(ada, "demo_requested")
    assert flow.get(ada).stage == "mql"
    right = flow.get(ada).cool_at
    under_a_clock_ahead(clock, lambda: flow.record(ada, "mail_opened"), by=right - clock() - 3 * DAY)
    assert flow.get(ada).stage == "mql"
    clock.advance(minutes=10)
    flow.record(ada, "mail_opened", id="2")
    assert flow.get(ada).cool_at == right
    consistent(flow)


@pytest.mark.parametrize("by", [-DAY, -40 * DAY, DAY], ids=str)
def test_after_the_clock_was_set_nothing_is_begun_twice_and_nothing_is_lost(flow, ada, clock, outbox, by):
    flow.consent(ada, "newsletter", "email", proof="a form")
    clock.now += by
    flow.record(ada, "page_viewed")
    flow.consent(ada, "newsletter", "email", proof="the same form again")
    assert len(flow.get(ada).enrolments) == 1
    for _ in range(6):
        clock.advance(days=1)
        flow.run_due()
    assert len(outbox.sent) == 2
    changed = [fact.enrolment.ended for fact in flow.history(ada) if isinstance(fact, EnrolmentChanged)]
    assert changed.count("finished") == 1
    consistent(flow)


# ------------------------------------------------------------------------------------------------- much that is ahead
def test_what_has_come_is_looked_at_without_reading_all_that_the_lead_did(flow, storage, ada, clock, monkeypatch):
    for number in range(30):
        flow.record(ada, "page_viewed", id=f"old {number}")
    for day in (3, 1, 2):
        flow.record(ada, "demo_requested", at=clock() + day * DAY, id=f"d{day}")
    everything, reads = storage.activities, []

    def counting(lead_id: str, ids=None, **more):
        found = everything(lead_id, ids, **more)
        reads.append(len(found))
        return found

    monkeypatch.setattr(storage, "activities", counting)
    came = []
    for _ in range(3):
        clock.advance(days=1)
        came.append([key for key in flow.run_due().done if key.startswith("awaited")])
    assert [len(keys) for keys in came] == [1, 1, 1]
    assert flow.get(ada).awaited_at is None
    assert sum(reads) == 0
    monkeypatch.undo()
    consistent(flow)


def test_a_lead_has_a_hundred_activities_ahead_and_no_more(flow, storage, clock):
    far = clock() + 400 * DAY
    for number in range(AHEAD_LIMIT):
        lead_id = flow.visit("cookie", "page_viewed", at=far + timedelta(minutes=number), id=str(number)).lead_id

    def remembered() -> int:
        return len(json.dumps(storage.states([f"engagement:{lead_id}"])[f"engagement:{lead_id}"].value))

    size = remembered()
    for _ in range(3):
        with pytest.raises(InvalidInput, match="100 activities of this lead"):
            flow.visit("cookie", "page_viewed", at=far, id="more")
    flow.visit("cookie", "page_viewed", id="now")
    flow.visit("cookie", "page_viewed", at=clock() + timedelta(seconds=30), id="slightly ahead")
    assert flow.visit("cookie", "page_viewed", at=far, id="0").repeated  # it is there
    assert remembered() < size + 500
    assert len([task for task in flow.tasks(lead_id=lead_id, limit=999) if task.kind == "awaited"]) == 1
    clock.now = far + DAY
    flow.run_due()
    assert flow.get(lead_id).awaited_at is None
    flow.visit("cookie", "page_viewed", at=clock() + 400 * DAY, id="again")  # those have come
    consistent(flow)
