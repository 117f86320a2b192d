"""Activities of bots and mistakes are retracted: they count for nothing, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acme import ADA, START, Clock, acme_flow, consistent
from leadflow import Actor, IdempotencyConflict, InvalidInput, NotFound, ScoringModel, activity, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.events import ActivityRecorded, ActivityRetracted, StageChanged, replay
from leadflow.insights import summarise
from leadflow.insights.past_leads import history_of
from leadflow.scoring import on, points

EVA = Actor(kind="marketing", id="eva")


@pytest.fixture
def flow(every_storage, clock, outbox):
    return acme_flow(every_storage, clock, outbox)


def facts(flow, lead, kind):
    return [fact for fact in flow.history(lead) if isinstance(fact, kind)]


def test_what_is_retracted_counts_nowhere_and_is_kept(flow, ada):
    flow.record(ada, "page_viewed", id="seen")
    flow.record(ada, "demo_requested", id="bot")
    assert flow.get(ada).score.engagement == 33
    gone = flow.retract(ada, "bot", by=EVA, reason="a crawler filled the form")
    assert (gone.activities, gone.repeated) == (("bot",), False)
    assert flow.get(ada).score.engagement == flow.score(ada).engagement == 3
    assert flow.count(field("score.engagement") > 3) == 0
    (recorded,) = [fact for fact in facts(flow, ada, ActivityRecorded) if fact.activity_id == "bot"]
    (fact,) = facts(flow, ada, ActivityRetracted)
    assert (fact.activity, fact.reason, fact.actor) == (recorded.activity, "a crawler filled the form", EVA)
    kept = [one["activity"] for one in flow.export(ada) if "activity" in one]
    assert [one["retracted_at"] is not None for one in kept if one["id"] == "bot"] == [True]
    consistent(flow)


def test_what_follows_from_a_lower_score_is_what_follows_from_ageing(flow, mql, clock):
    assert flow.get(mql).cool_at is not None
    flow.retract(mql, "web-1", by="anna", reason="not she")
    lead = flow.get(mql)
    assert (lead.stage, lead.cool_at) == ("mql", START + timedelta(days=7)), "the dwell time runs"
    clock.advance(days=7)
    flow.run_due()
    assert flow.get(mql).stage == "lead"
    assert facts(flow, mql, StageChanged)[-1].move == "cool"
    consistent(flow)


def test_twice_is_once_and_an_unknown_one_is_refused(flow, ada):
    flow.record(ada, "page_viewed", id="a")
    flow.retract(ada, ["a", "a"], by=EVA, reason="x")
    before = flow.get(ada)
    assert flow.retract(ada, "a", by=EVA, reason="again").repeated
    assert flow.get(ada) == before
    with pytest.raises(NotFound, match="no activity of this lead 'b'"):
        flow.retract(ada, ["a", "b"], by=EVA, reason="x")
    with pytest.raises(InvalidInput, match="give one, or a list"):
        flow.retract(ada, [], by=EVA, reason="x")


def test_the_same_id_again_stays_retracted_and_a_new_one_counts(flow, ada):
    flow.record(ada, "page_viewed", id="a")
    flow.retract(ada, "a", by=EVA, reason="x")
    assert flow.record(ada, "page_viewed", id="a").repeated
    assert flow.get(ada).score.engagement == 0
    flow.record(ada, "page_viewed", id="b")
    assert flow.get(ada).score.engagement == 3
    consistent(flow)


def test_many_at_once_by_a_condition(flow, ada, clock):
    for n in range(4):
        clock.advance(hours=1)
        flow.record(ada, "page_viewed", id=f"p{n}", source="crawler" if n else "web")
    bots = (activity("source") == "crawler") & (activity("happened_at") < clock.now)
    assert flow.retract(ada, bots, by=EVA, reason="crawler").activities == ("p1", "p2")
    assert flow.get(ada).score.engagement == 6
    assert flow.retract(ada, bots, by=EVA, reason="crawler").repeated
    consistent(flow)


def test_a_condition_must_look_at_activities_and_one_that_is_true_of_none_retracts_none(flow, ada):
    flow.record(ada, "page_viewed", source="web")
    with pytest.raises(InvalidInput, match=r"activity\(…\) instead of field"):
        flow.retract(ada, field("source") == "fair", by=EVA, reason="a bot")
    found = flow.retract(ada, activity("source") == "crawler", by=EVA, reason="a bot")
    assert (found.activities, found.repeated) == ((), False)


def test_with_a_key_it_is_the_same_command(flow, ada):
    flow.record(ada, "page_viewed", id="a", source="crawler")
    bots, others = activity("source") == "crawler", activity("source") == "web"
    first = flow.retract(ada, bots, by=EVA, reason="x", key="k")
    assert flow.retract(ada, bots, by=EVA, reason="x", key="k") == first
    with pytest.raises(IdempotencyConflict):
        flow.retract(ada, others, by=EVA, reason="x", key="k")


def test_the_past_is_as_it_was_known(flow, ada, clock):
    flow.record(ada, "demo_requested", id="a")
    clock.advance(days=1)
    flow.retract(ada, "a", by=EVA, reason="x")
    assert flow.as_of(ada, START).score.engagement == 30
    assert flow.as_of(ada, clock.now).score.engagement == 0
    assert replay(flow.storage.facts(ada), flow.policy.lead_type) == flow.get(ada)
    flow.disqualify(ada, by=EVA, reason="a bot")
    clock.advance(days=1)
    (before,) = history_of(flow.storage, now=clock.now)
    (after,) = history_of(flow.storage, after=timedelta(days=1) - timedelta(microseconds=1), now=clock.now)
    assert [one.retracted_at for one in (*before.known, *after.known)] == [None, None]
    assert summarise(flow.storage, now=clock.now).activities == 0


def test_what_an_anonymous_visitor_lost_is_lost_to_the_lead(flow, ada):
    visitor = flow.visit("c1", "demo_requested", id="a").lead_id
    flow.visit("c1", "page_viewed", id="b")
    flow.retract(visitor, "a", by=EVA, reason="x")
    flow.capture(ADA, source="web", visitor="c1", verified=True)
    assert flow.get(visitor).id == ada
    assert flow.get(ada).score.engagement == 3
    assert flow.visit("c1", "demo_requested", id="a").repeated
    consistent(flow)


def test_it_is_erased_with_the_lead(flow, ada):
    flow.record(ada, "page_viewed", id="a")
    flow.retract(ada, "a", by=EVA, reason="x")
    flow.erase(ada, by=EVA)
    assert flow.storage.activities(ada) == []
    assert [fact.kind for fact in flow.storage.facts(ada)] == ["lead_erased"]


def test_colleagues_are_scored_anew(storage, clock):
    model = ScoringModel(
        name="m", fit=[points(5, field("account.engagement") >= 10, because="a")], engagement=[on("demo", 20)]
    )
    flow = acme_flow(storage, clock, scoring=model, qualification=None)
    one, other = (flow.capture(ADA | {"email": f"{n}@acme.example", "last_name": n}, source="x").lead_id for n in "ab")
    flow.record(one, "demo", id="d")
    flow.run_due()
    assert flow.get(other).score.fit == 5
    flow.retract(one, "d", by=EVA, reason="x")
    flow.run_due()
    assert flow.get(other).score.fit == 0


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["record", "record", "retract"]),
        st.sampled_from(["page_viewed", "demo_requested"]),
        st.integers(0, 5),
        st.integers(0, 40),
    ),
    max_size=15,
)
READS_THE_LEAD = [on("page_viewed", 3, where=field("stage") == "lead"), on("demo_requested", 30, cap=60)]


@given(STEPS, st.booleans())
def test_the_score_is_that_of_a_lead_who_never_did_it(steps, incremental):
    clock = Clock()
    more = {} if incremental else {"scoring": ScoringModel(name="m", engagement=READS_THE_LEAD)}
    flow = acme_flow(MemoryStorage(), clock, router=None, qualification=None, **more)
    lead_id = flow.capture(ADA, source="fair").lead_id
    done, gone = {}, set()
    for verb, kind, number, days in steps:
        clock.advance(hours=1)
        name = f"{kind}-{number}"
        if verb == "record":
            at = clock.now - timedelta(days=days)
            flow.record(lead_id, kind, id=name, at=at)
            done.setdefault(name, (kind, at))
        elif name in done:
            flow.retract(lead_id, name, by=EVA, reason="x")
            gone.add(name)
    twin = acme_flow(MemoryStorage(), clock, router=None, qualification=None, **more)
    other = twin.capture(ADA, source="fair").lead_id
    for name in done.keys() - gone:
        twin.record(other, done[name][0], id=name, at=done[name][1])
    assert flow.score(lead_id).engagement == pytest.approx(twin.score(other).engagement, abs=1e-9)
    consistent(flow)
