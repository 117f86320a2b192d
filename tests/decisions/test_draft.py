"""A Draft says facts; the Change has the difference of what follows from the lead, before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from decisions.by_hand import BARE, NOW, lead
from leadflow.decisions.derived_records import claims_of, tasks_of
from leadflow.decisions.draft import Draft, change_of, joined
from leadflow.decisions.policy import SYSTEM, CommandContext
from leadflow.entities import Actor, Email, ExternalId, Finding
from leadflow.events import (
    ActivityRecorded,
    AdjustmentEnded,
    Change,
    FindingsNoted,
    RevisitDue,
    StageChanged,
    StateWrite,
)
from leadflow.testing import an_adjustment

DAY = timedelta(days=1)
ANNA = Actor(kind="rep", id="anna")
MOMENT = CommandContext(NOW, by=ANNA)
DOUBT = Finding(code="doubt", field="email", severity="note", message="look at it")


# -------------------------------------------------------------------------------------------------------------- drafts
def test_facts_are_numbered_and_applied_as_they_are_said():
    draft = Draft.of(lead(), BARE, MOMENT)
    draft.say(ActivityRecorded, activity_id="p1", activity="page_viewed")
    draft.say(FindingsNoted, by=SYSTEM, at=NOW - DAY, findings=(DOUBT,))
    assert [(fact.version, fact.seq, fact.actor, fact.happened_at) for fact in draft.facts] == [
        (4, 0, ANNA, NOW),
        (4, 1, SYSTEM, NOW - DAY),
    ]
    assert (draft.lead.version, draft.lead.acted_in, draft.lead.findings) == (4, 4, (DOUBT,))


def test_a_finding_that_is_there_already_is_not_said_again():
    draft = Draft.of(lead(findings=(DOUBT,)), BARE, MOMENT)
    assert draft.note(DOUBT) == (DOUBT,)
    assert draft.facts == []


def test_a_draft_that_said_nothing_is_not_written():
    assert change_of(Draft.of(lead(), BARE, MOMENT)).is_empty


def test_a_new_lead_exists_from_its_first_fact_on():
    with pytest.raises(AssertionError, match="first fact"):
        _ = Draft(BARE, MOMENT, "new-1").lead


def test_the_change_puts_tasks_that_are_new_and_cancels_those_that_are_needless():
    planned = lead(revisit=date(2026, 3, 2), adjustments=(an_adjustment(5, at=NOW, until=NOW + DAY),))
    draft = Draft.of(planned, BARE, MOMENT)
    draft.say(RevisitDue)
    change = change_of(draft)
    assert (change.cancel, change.put) == (("revisit:lead-1",), ())  # the other task waits as before
    draft.say(AdjustmentEnded, adjustment_id=planned.adjustments[0].id)
    assert set(change_of(draft).cancel) == {"revisit:lead-1", "adjustment:lead-1"}


def test_what_is_written_beside_stands_in_the_same_change():
    draft = Draft.of(lead(), BARE, MOMENT)
    draft.say(ActivityRecorded, activity_id="p1", activity="page_viewed")
    state = StateWrite(key="x", read_version=0, value={})
    assert change_of(draft, states=(state,)).states == (state,)


def test_several_drafts_are_one_change_with_a_delivery_each():
    drafts = [Draft.of(lead(one), replace(BARE, delivers=True), MOMENT) for one in ("a", "b", "quiet")]
    for draft in drafts[:2]:
        draft.say(ActivityRecorded, activity_id="p1", activity="page_viewed")
    change = change_of(*drafts)
    assert [write.id for write in change.leads] == ["a", "b"]
    assert [task.key for task in change.put] == ["deliver:a:00000004", "deliver:b:00000004"]


def test_joining_keeps_every_part_in_order():
    one = Change(cancel=("a",), states=(StateWrite(key="x", read_version=0, value={}),))
    other = Change(cancel=("b",))
    assert joined([one, Change(), other]).but() == Change(cancel=("a", "b"), states=one.states)
    assert joined([]).is_empty


# ------------------------------------------------------------------------------------------- what follows from a lead
@pytest.mark.parametrize(
    ("parts", "tasks"),
    [
        ({}, {}),
        ({"stage": "mql"}, {"route:lead-1": NOW + timedelta(seconds=30)}),
        ({"stage": "sql"}, {"route:lead-1": NOW + timedelta(seconds=30)}),
        ({"stage": "mql", "owner": "anna"}, {}),
        ({"stage": "mql", "queue": "unrouted"}, {}),
        ({"stage": "customer"}, {}),
        ({"cool_at": NOW + DAY, "qualify_at": NOW}, {"cool:lead-1": NOW + DAY, "qualify:lead-1": NOW}),
        ({"awaited_at": NOW + DAY}, {"awaited:lead-1": NOW + DAY}),
        ({"revisit": date(2026, 3, 3)}, {"revisit:lead-1": NOW.replace(hour=0) + DAY}),
        ({"deadline": {"stage": "x", "due_at": NOW + DAY, "remind_at": NOW}}, {"deadline:lead-1": NOW}),
        ({"deadline": {"stage": "x", "due_at": NOW + DAY}}, {"deadline:lead-1": NOW + DAY}),
        ({"deadline": {"stage": "x", "due_at": NOW + DAY, "breached": True}}, {}),
        ({"enrolments": [{"sequence": "w", "due_at": NOW}]}, {"nurture:lead-1:w": NOW}),
        ({"enrolments": [{"sequence": "w", "ended": "finished"}]}, {}),
        ({"stage": "mql", "cool_at": NOW, "absorbed_by": "other"}, {}),
    ],
)
def test_the_tasks_that_wait_for_a_lead(parts, tasks):
    assert {key: task.due_at for key, task in tasks_of(lead(**parts), BARE).items()} == tasks


def test_points_by_hand_wait_for_the_first_end_of_those_that_still_count():
    ends = [(NOW + 3 * DAY, False), (NOW + 2 * DAY, False), (NOW + DAY, True), (None, False)]
    given = tuple(an_adjustment(1, at=NOW, until=until).but(ended=ended) for until, ended in ends)
    assert tasks_of(lead(adjustments=given), BARE)["adjustment:lead-1"].due_at == NOW + 2 * DAY


@pytest.mark.parametrize(
    ("parts", "claims"),
    [
        ({}, {"email:ada@acme.example"}),
        ({"email": Email(address="ada@acme.example", claimed=False)}, set()),
        ({"email": Email(address="info@acme.example", kind="role")}, set()),
        ({"email": None, "visitors": ("c1", "c2")}, {"visitor:c1", "visitor:c2"}),
        ({"email": None, "external_ids": (ExternalId(system="crm", id="7"),)}, {"external:crm:7"}),
        ({"email": None, "external_ids": (ExternalId(system="a:b%", id="c:d"),)}, {"external:a%3Ab%25:c:d"}),
        ({"email": None, "phone": "+4930901820"}, set()),
        ({"visitors": ("c1",), "absorbed_by": "other"}, set()),
    ],
)
def test_the_keys_that_only_this_lead_may_hold(parts, claims):
    assert claims_of(lead(**parts)) == claims


def test_who_leaves_a_reps_hands_is_noted_for_the_ledger_of_that_rep_and_of_the_next():
    draft = Draft.of(lead(stage="sal", owner="anna"), BARE, MOMENT)
    draft.say(StageChanged, move="recycle", source="sal", target="lead", reason="x")
    (note,) = draft.ledger
    assert note.key == "ledger:anna:lead-1:4:0:released"
    assert note.lead_id is None  # it outlives an erasure
