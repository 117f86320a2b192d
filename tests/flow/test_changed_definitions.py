"""What happens to leads under way when a definition changes: each line of the table in docs/living-with-it.md."""

from __future__ import annotations

from datetime import timedelta

import pytest

from acme import ADA, OFFICE, START, WELCOME, acme_flow, consistent
from leadflow import Actor, LeadFlow, Qualification, Rep, Router, ServiceLevel, Territory, events, field
from leadflow.conditions import always
from leadflow.nurturing import Sequence, Step

EVA = Actor(kind="marketing", id="eva")


def after(flow: LeadFlow, **rules) -> LeadFlow:
    """The same leads, after a deployment of other rules."""
    return acme_flow(flow.storage, flow.clock, flow.mailer, **rules)


@pytest.fixture
def subscriber(flow, ada):
    flow.consent(ada, "newsletter", "email", proof="double opt-in 2026-03-02")
    return ada


# -------------------------------------------------------------------------------------------------------- qualification
def test_a_plan_to_cool_is_looked_at_by_the_policy_of_the_day_on_which_it_is_due(flow, mql, clock):
    planned = flow.get(mql).cool_at
    milder = after(flow, qualification=Qualification(mql=field("score.fit") >= 40))
    clock.now = planned + timedelta(seconds=1)
    milder.run_due()
    assert (milder.get(mql).stage, milder.get(mql).cool_at) == ("mql", None)
    consistent(milder)


def test_a_stricter_policy_cools_after_its_dwell_time_and_the_dry_run_says_when(flow, mql, clock):
    strict = after(flow, qualification=Qualification(mql=field("score.fit") >= 90, dwell=timedelta(days=2)))
    assert strict.get(mql).stage == "mql"
    (foreseen,) = strict.rescore(dry_run=True, stale_only=False).changes
    assert (foreseen.stage, foreseen.cools_at) == ("mql", START + timedelta(days=2))
    strict.rescore(stale_only=False)
    clock.advance(days=2)
    strict.run_due()
    assert strict.get(mql).stage == "lead"
    consistent(strict)


# -------------------------------------------------------------------------------------------------------------- routing
def test_an_owner_stays_the_owner_when_the_territories_change(flow, mql):
    owner = flow.get(mql).owner
    moved = after(flow, router=Router([Territory("world", always(), reps=[Rep("zoe"), Rep(owner)])]))
    moved.rescore(stale_only=False)
    moved.run_due()
    assert moved.get(mql).owner == owner
    consistent(moved)


def test_who_waits_in_the_queue_of_a_territory_that_is_gone_is_handed_to_the_rotation(flow, clock):
    nobody = Router([Territory("old", always(), reps=[Rep("anna", active=False)])])
    waiting = after(flow, router=nobody)
    lead_id = waiting.capture(ADA, source="fair").lead_id
    waiting.record(lead_id, "demo_requested")
    queue = waiting.get(lead_id).queue
    assert queue is not None
    world = after(flow, router=Router([Territory("world", always(), reps=[Rep("zoe")])]))
    world.run_due()
    assert world.get(lead_id).queue == queue  # nobody is moved behind the team's back
    assert world.reassign(field("queue") == queue, by=EVA, reason="the territories changed").leads == 1
    assert (world.get(lead_id).owner, world.get(lead_id).queue) == ("zoe", None)
    consistent(world)


# ------------------------------------------------------------------------------------------------------- service levels
@pytest.mark.parametrize("levels", [[], [ServiceLevel(stage="mql", within=timedelta(hours=1), hours=OFFICE)]])
def test_a_running_deadline_is_kept_as_it_was_promised(flow, mql, clock, levels):
    promised = flow.get(mql).deadline
    changed = after(flow, service_levels=levels)
    changed.rescore(stale_only=False)
    changed.record(mql, "page_viewed")
    assert changed.get(mql).deadline == promised
    clock.now = promised.due_at
    changed.run_due()
    assert changed.get(mql).deadline.breached
    changed.fast_track(mql, by="anna", to="sql", reason="ready")
    changed.step_back(mql, by="anna", to="mql", reason="not yet")
    expected = levels[0].deadline(clock.now).due_at if levels else None
    assert getattr(changed.get(mql).deadline, "due_at", None) == expected
    consistent(changed)


# ------------------------------------------------------------------------------------------------------------ sequences
def test_the_steps_to_come_are_those_of_the_new_sequence(flow, subscriber, outbox, clock):
    clock.advance(days=1)
    flow.run_due()
    longer = Sequence("welcome", [*WELCOME.steps, Step(timedelta(days=2), "welcome")])
    changed = after(flow, sequences=[longer])
    for days in (3, 2):
        clock.advance(days=days)
        changed.run_due()
    assert [one.subject for one in outbox.sent] == ["Welcome Ada", "A case for you", "Welcome Ada"]
    assert changed.get(subscriber).enrolments[0].ended == "finished"
    consistent(changed)


def test_a_step_that_is_gone_is_passed_over_with_the_reason(flow, subscriber, outbox, clock):
    clock.advance(days=1)
    flow.run_due()
    shorter = after(flow, sequences=[Sequence("welcome", WELCOME.steps[:1])])
    clock.advance(days=3)
    shorter.run_due()
    assert len(outbox.sent) == 1
    assert shorter.get(subscriber).enrolments[0].ended == "finished"
    (skipped,) = (one for one in shorter.history(subscriber) if isinstance(one, events.MessageSkipped))
    assert skipped.reasons == ("the sequence no longer has this step",)
    consistent(shorter)


def test_who_no_longer_fits_leaves_and_who_fits_now_enters_by_a_rescore(flow, subscriber):
    for_customers = Sequence("welcome", WELCOME.steps, stages=("customer",))
    news = Sequence("news", WELCOME.steps)
    changed = after(flow, sequences=[for_customers, news])
    changed.rescore(stale_only=False)
    enrolments = {one.sequence: one.ended for one in changed.get(subscriber).enrolments}
    assert enrolments == {"welcome": "became lead", "news": None}
    consistent(changed)


def test_a_sequence_that_is_gone_waits_until_it_is_retired(flow, subscriber, outbox, clock):
    gone = after(flow, sequences=[])
    clock.advance(days=1)
    assert gone.run_due().skipped == (("nurture:welcome", 1),)
    gone.rescore(stale_only=False)
    assert gone.get(subscriber).enrolments[0].ended is None
    assert gone.retire("nurture:welcome", by=EVA) == 1
    assert gone.get(subscriber).enrolments[0].ended == "the sequence was retired"
    assert outbox.sent == []
    consistent(gone)
