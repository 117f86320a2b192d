"""Points by hand: who gives them and why, until when, what follows, and what becomes of them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from acme import ADA, START, acme_flow, consistent
from leadflow import Actor, IdempotencyConflict, Refused
from leadflow.adapters.memory import MemoryStorage
from leadflow.events import AdjustmentEnded, LeadScored, ScoreAdjusted, StageChanged, replay

EVA = Actor(kind="marketing", id="eva")
NOBODY = {"email": "bob@small.example", "country": "DE"}


@pytest.fixture
def bob(flow):
    return flow.capture(NOBODY, source="fair").lead_id


def facts(flow, lead, kind):
    return [fact for fact in flow.history(lead) if isinstance(fact, kind)]


# ------------------------------------------------------------------------------------------------ what follows
def test_points_by_hand_count_at_once_with_author_and_reason(flow, bob):
    given = flow.adjust(bob, 12.5, reason="met at the fair", by="anna")
    lead = flow.get(bob)
    assert (lead.score.engagement, lead.score.fit) == (12.5, 0)
    (one,) = lead.score.contributions
    assert (one.rule, one.side, one.points) == ("adjusted by hand", "engagement", 12.5)
    assert one.because == "+12.5 met at the fair (rep anna)"
    assert "met at the fair (rep anna)" in str(flow.explain(bob))
    (said,) = facts(flow, bob, ScoreAdjusted)
    assert (said.adjustment.id, said.actor) == (given.adjustment_id, Actor(kind="rep", id="anna"))
    assert said.version == lead.version == facts(flow, bob, LeadScored)[-1].version  # one Change
    consistent(flow)


def test_points_by_hand_qualify_and_route_in_the_same_change(flow, ada):
    flow.adjust(ada, 30, reason="rang us", by=EVA)
    lead = flow.get(ada)
    assert (lead.stage, lead.owner) == ("mql", "anna")
    moved = facts(flow, ada, StageChanged)[-1]
    assert (moved.move, moved.version) == ("qualify", facts(flow, ada, ScoreAdjusted)[0].version)
    consistent(flow)


def test_several_add_up_on_their_side_and_taking_one_back_leaves_the_others(flow, bob):
    flow.adjust(bob, 10, reason="one", by="anna", id="a")
    flow.adjust(bob, -4, reason="two", by=EVA, id="b")
    flow.adjust(bob, 7, reason="three", by="anna", side="fit", id="c")
    assert (flow.get(bob).score.engagement, flow.get(bob).score.fit) == (6, 7)
    assert flow.get(bob).score.contributions[-1].because == "+10 one (rep anna); -4 two (marketing eva)"
    flow.withdraw_adjustment(bob, "a", by=EVA, reason="a mistake")
    assert (flow.get(bob).score.engagement, flow.get(bob).score.fit) == (-4, 7)
    (ended,) = facts(flow, bob, AdjustmentEnded)
    assert (ended.adjustment_id, ended.reason, ended.actor) == ("a", "a mistake", EVA)
    consistent(flow)


def test_what_was_taken_back_did_count_before(flow, bob, clock):
    flow.adjust(bob, 10, reason="one", by="anna", id="a")
    clock.advance(days=2)
    flow.withdraw_adjustment(bob, "a", by="anna")
    model, lead = flow.policy.scoring, flow.get(bob)
    days = [model.score(lead, [], START + timedelta(days=day)).engagement for day in (-1, 0, 1, 2, 3)]
    assert days == [0, 10, 10, 0, 0]
    assert flow.as_of(bob, START + timedelta(days=1)).score.engagement == 10


def test_points_that_are_reported_late_count_from_when_they_were_given(flow, bob):
    flow.adjust(bob, 10, reason="met last week", by="anna", at=START - timedelta(days=7), id="a")
    (said,) = facts(flow, bob, ScoreAdjusted)
    assert (said.happened_at, said.recorded_at) == (START - timedelta(days=7), START)
    assert flow.get(bob).score.engagement == 10
    flow.withdraw_adjustment(bob, "a", by="anna", at=START - timedelta(days=3))
    ended = [one.until for one in flow.get(bob).adjustments]
    assert ended == [START - timedelta(days=3)]
    consistent(flow)


# ------------------------------------------------------------------------------------------------ the end
def test_they_end_by_themselves_and_the_lead_is_scored_at_that_moment(flow, bob, clock):
    until = START + timedelta(days=3)
    flow.adjust(bob, 10, reason="on holiday with us", by="anna", until=until)
    assert flow.get(bob).score.contributions[-1].because.endswith("(rep anna, until 2026-03-05 09:00)")
    assert [task.due_at for task in flow.tasks(lead_id=bob) if task.kind == "adjustment"] == [until]
    clock.now = until - timedelta(microseconds=1)
    flow.run_due()
    assert flow.get(bob).score.engagement == 10
    clock.now = until
    assert flow.run_due().failed == ()
    assert flow.get(bob).score.engagement == 0
    (ended,) = facts(flow, bob, AdjustmentEnded)
    assert (ended.happened_at, ended.actor) == (until, Actor(kind="policy"))
    assert [task for task in flow.tasks(lead_id=bob) if task.kind == "adjustment"] == []
    consistent(flow)


def test_whatever_comes_first_after_the_end_notes_it(flow, bob, clock):
    flow.adjust(bob, 10, reason="x", by="anna", until=START + timedelta(days=3))
    clock.advance(days=5)
    flow.record(bob, "page_viewed", id="p")
    assert flow.get(bob).score.engagement == 3
    consistent(flow)
    before = flow.get(bob)
    flow.run_due()
    assert flow.get(bob).score == before.score


def test_the_end_of_points_that_were_taken_qualifies_a_lead(flow, ada, clock):
    until = START + timedelta(days=10)
    flow.adjust(ada, -30, side="fit", reason="in insolvency until then, they say", by=EVA, until=until)
    clock.advance(days=9)
    flow.record(ada, "demo_requested", id="d")
    assert flow.get(ada).stage == "lead"
    clock.now = until
    flow.run_due()
    lead = flow.get(ada)
    assert (lead.stage, lead.entered_at) == ("mql", until)
    consistent(flow)


def test_the_end_is_part_of_when_an_mql_cools(flow, ada, clock):
    until = START + timedelta(days=4)
    flow.adjust(ada, 30, reason="rang us", by=EVA, until=until)
    planned = [flow.get(ada).cool_at]
    flow.adjust(ada, 12, reason="and again", by=EVA, id="for good")
    planned.append(flow.get(ada).cool_at)
    flow.withdraw_adjustment(ada, "for good", by=EVA)
    planned.append(flow.get(ada).cool_at)
    assert flow.get(ada).stage == "mql"
    assert planned == [until + timedelta(days=7), None, until + timedelta(days=7)]  # the dwell time of the policy
    clock.now = until + timedelta(days=7)
    flow.run_due()
    assert flow.get(ada).stage == "lead"
    consistent(flow)


def test_ends_come_one_after_the_other(flow, bob, clock):
    for day in (5, 2, 9):
        flow.adjust(bob, day, reason="x", by="anna", until=START + timedelta(days=day))
    seen = []
    for _ in range(11):
        flow.run_due()
        seen.append(flow.get(bob).score.engagement)
        clock.advance(days=1)
    assert seen == [16, 16, 14, 14, 14, 9, 9, 9, 9, 0, 0]
    consistent(flow)


# ------------------------------------------------------------------------------------------------ twice
def test_one_key_acts_once_also_when_its_end_has_come(flow, bob, clock):
    given = {"reason": "x", "by": "anna", "until": START + timedelta(days=1), "key": "k"}
    first = flow.adjust(bob, 10, **given)
    clock.advance(days=2)
    assert flow.adjust(bob, 10, **given) == first
    with pytest.raises(IdempotencyConflict):
        flow.adjust(bob, 11, **given)
    taken = flow.adjust(bob, 5, reason="y", by="anna")
    back = flow.withdraw_adjustment(bob, taken.adjustment_id, by="anna", key="w")
    assert flow.withdraw_adjustment(bob, taken.adjustment_id, by="anna", key="w") == back


# ------------------------------------------------------------------------------------------------ refusals
def test_nobody_can_adjust_a_lead_without_end(flow, bob):
    for _ in range(100):
        flow.adjust(bob, 1_000_000, reason="x" * 1_000, by="anna")
    with pytest.raises(Refused, match="100 adjustments in force; withdraw some first"):
        flow.adjust(bob, 5, reason="x", by="anna")
    (one,) = flow.get(bob).score.contributions
    assert (one.points, one.error, one.because.startswith("90 more; +1e+06 xxx")) == (100_000_000, None, True)
    for one in flow.get(bob).adjustments:
        flow.withdraw_adjustment(bob, one.id, by="anna")
    assert (flow.get(bob).score.engagement, len(flow.get(bob).adjustments)) == (0, 20)
    consistent(flow)


# ------------------------------------------------------------------------------------------------ what becomes of them
def test_replay_gives_the_lead_at_every_version(flow, bob, clock):
    stored = {flow.get(bob).version: flow.get(bob)}
    flow.adjust(bob, 10, reason="x", by="anna", until=START + timedelta(days=1), id="a")
    stored[flow.get(bob).version] = flow.get(bob)
    clock.advance(days=1)
    flow.run_due()
    stored[flow.get(bob).version] = flow.get(bob)
    assert len(stored) == 3
    for version, lead in stored.items():
        assert replay(flow.storage.facts(bob), type(lead), upto=version) == lead


def test_a_prospects_points_come_with_it(flow, ada):
    prospect = flow.visit("cookie-1", "page_viewed", id="p1").lead_id
    flow.adjust(prospect, 8, reason="seen at the stand", by="anna", until=START + timedelta(days=9), id="same")
    flow.adjust(ada, 5, reason="wrote to us", by="ben", id="same")
    flow.identify("cookie-1", {"email": ADA["email"]}, source="web")
    lead = flow.get(prospect)
    assert lead.id == ada
    assert lead.score.engagement == 5 + 8 + 3
    assert [one.id for one in lead.adjustments] == ["same", f"same@{prospect}"]
    assert [task.due_at for task in flow.tasks(lead_id=ada) if task.kind == "adjustment"] == [START + timedelta(days=9)]
    flow.withdraw_adjustment(ada, f"same@{prospect}", by="anna")
    assert flow.get(ada).score.engagement == 5 + 3
    consistent(flow)


def test_export_has_them_and_erasure_leaves_nothing_of_them(flow, storage, bob):
    flow.adjust(bob, 8, reason="a word about Bob", by="anna", until=START + timedelta(days=9), key="k")
    assert "a word about Bob" in json.dumps(list(flow.export(bob)))
    flow.erase(bob, by=EVA)
    assert "a word about Bob" not in repr(vars(storage))
    assert [task.kind for task in flow.tasks(lead_id=bob)] == ["deliver"]


def test_without_a_scoring_model_they_are_kept_for_the_one_to_come(clock):
    storage = MemoryStorage()
    flow = acme_flow(storage, clock, scoring=None, qualification=None)
    bob = flow.capture(NOBODY, source="fair").lead_id
    flow.adjust(bob, 8, reason="x", by="anna")
    with_model = acme_flow(storage, clock)
    with_model.record(bob, "page_viewed", id="p")
    assert with_model.get(bob).score.engagement == 11
    consistent(with_model)
