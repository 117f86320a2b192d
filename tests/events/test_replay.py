"""From facts to the lead: what each kind does, in which order, and what can't be understood."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.examples import ANNA, BEFORE, DAY, DOUBT, EFFECTS, FACTS, GIVEN, NOW, PLACE, TOUCH, YES
from leadflow import events as e
from leadflow.entities import Entity, Lead, kept_aside
from leadflow.events import replay
from leadflow.events.facts import AnyFact
from leadflow.events.replay import EFFECTS as IN_CODE
from leadflow.events.replay import Replay, apply


def seen(version, visitor="c1", **more):
    return e.VisitorSeen(**PLACE | {"version": version} | more, visitor=visitor)


def stage(version, target, **more):
    return e.StageChanged(**PLACE | {"version": version} | more, move="move", source="x", target=target)


# ------------------------------------------------------------------------------------------------------------ each kind
def test_every_kind_of_fact_has_an_effect_and_an_example():
    kinds = set(get_args(get_args(AnyFact)[0]))
    assert set(IN_CODE) == kinds == {type(fact) for fact in FACTS}


@pytest.mark.parametrize(("fact", "changes"), EFFECTS, ids=[f"{n}-{fact.kind}" for n, fact in enumerate(FACTS)])
def test_a_fact_changes_what_it_says_and_nothing_else(fact, changes):
    after = apply(BEFORE, fact)
    expected = {**dict(BEFORE), **changes, "version": 4, "recorded_at": NOW}
    assert dict(after) == expected
    assert BEFORE.version == 3  # the lead before stays as it was


def test_a_reminder_without_a_deadline_says_nothing():
    bare = BEFORE.but(deadline=None)
    assert apply(bare, e.DeadlineReminded(**PLACE, stage="mql", due_at=NOW)).deadline is None
    assert apply(bare, e.DeadlineBreached(**PLACE, stage="mql", due_at=NOW)).deadline is None


def test_the_first_source_stays():
    captured = e.LeadCaptured(**PLACE, source="web")
    assert apply(BEFORE.but(source="fair"), captured).source == "fair"


def test_a_word_that_does_not_count_changes_nothing():
    no = YES.but(status="withdrawn", at=NOW + DAY, recorded_at=NOW)
    late = e.ConsentChanged(**PLACE, consent=YES.but(at=NOW - DAY))
    assert apply(BEFORE.but(consents=(no,)), late).consents == (no,)


# -------------------------------------------------------------------------------------------------------------- bounds
def test_a_lead_keeps_its_first_ten_and_its_newest_forty_touches():
    lead, touches = BEFORE, [TOUCH.but(at=NOW + timedelta(minutes=n)) for n in range(60)]
    for touch in touches:
        lead = apply(lead, e.LeadCaptured(**PLACE, source="web", touch=touch))
    assert lead.touches == (*touches[:10], *touches[20:])


def test_a_lead_keeps_its_newest_findings_browsers_and_points_that_have_ended():
    lead = BEFORE
    for n in range(120):
        lead = apply(lead, e.FindingsNoted(**PLACE, findings=(DOUBT.but(code=f"doubt {n}"),)))
        lead = apply(lead, seen(4, f"browser {n}"))
        lead = apply(lead, e.ScoreAdjusted(**PLACE, adjustment=GIVEN.but(id=f"points {n}")))
        lead = apply(lead, e.AdjustmentEnded(**PLACE, adjustment_id=f"points {n}"))
    assert [one.code for one in lead.findings] == [f"doubt {n}" for n in range(70, 120)]
    assert lead.visitors == tuple(f"browser {n}" for n in range(20, 120))
    assert [one.id for one in lead.adjustments] == ["a", *(f"points {n}" for n in range(100, 120))]


# --------------------------------------------------------------------------------------------------------------- order
STORY = [
    seen(1),
    e.LeadCaptured(**PLACE | {"version": 2}, source="web", touch=TOUCH),
    stage(3, "lead"),
    stage(4, "mql"),
]


def test_of_no_facts_there_is_no_lead():
    assert replay([]) is None


def test_a_lead_is_its_facts_applied_one_after_the_other():
    lead = replay(STORY)
    assert (lead.id, lead.stage, lead.version, lead.visitors, lead.source) == ("lead-1", "mql", 4, ("c1",), "web")
    assert (lead.created_at, lead.recorded_at) == (NOW - DAY, NOW)


def test_upto_a_version_the_lead_is_as_it_was_then():
    assert [replay(STORY, upto=version).stage for version in (1, 2, 3, 4, 9)] == [
        "prospect",
        "prospect",
        "lead",
        "mql",
        "mql",
    ]
    assert replay(STORY, upto=0) is None


def test_what_was_recorded_later_is_left_out_but_nothing_before_what_was_known():
    ahead = stage(3, "lead", recorded_at=NOW + 9 * DAY)  # its clock was ahead
    known = [seen(1), ahead, stage(4, "mql", recorded_at=NOW + DAY)]
    assert replay(known, recorded_by=NOW).stage == "prospect"
    assert replay(known, recorded_by=NOW + DAY).stage == "mql"
    assert replay(known, recorded_by=NOW - timedelta(seconds=1)) is None


def test_an_erased_lead_is_nobody_and_may_begin_anew():
    gone = e.LeadErased(**PLACE | {"version": 5})
    assert replay([*STORY, gone]) is None
    again = replay([*STORY, gone, seen(6, "c9", happened_at=NOW)])
    assert (again.visitors, again.created_at, again.stage) == (("c9",), NOW, "prospect")


@given(st.lists(st.sampled_from(FACTS[:-1]), max_size=8), st.lists(st.sampled_from(FACTS[:-1]), max_size=8))
def test_going_on_from_what_was_replayed_is_replaying_all(first, then):
    going = Replay()
    for fact in first:
        going.add(fact)
    assert going.known == replay(first)
    for fact in then:
        going.add(fact)
    assert going.known == replay([*first, *then])


# --------------------------------------------------------------------------------------------- what is not understood
def test_a_fact_of_an_unknown_kind_is_known_to_have_happened_and_changes_nothing_else():
    later = e.Fact(**PLACE, kind="lead_cloned")
    assert apply(BEFORE, later) == BEFORE.but(version=4, recorded_at=NOW)


class Fleet(Entity):
    fleet_size: int | None = None


def test_fields_of_the_hosts_own_are_read_as_its_class():
    captured = e.LeadCaptured(**PLACE, source="web", details={"custom": {"fleet_size": 250}})
    assert replay([captured], Lead[Fleet]).custom == Fleet(fleet_size=250)


def test_what_todays_class_does_not_know_is_kept_aside_with_a_finding_and_comes_back_with_it():
    captured = e.LeadCaptured(
        **PLACE, source="web", details={"custom": {"fleet_size": "many"}, "shoe_size": 42, "note": "hi"}
    )
    lead = replay([captured], Lead[Fleet])
    assert kept_aside(lead) == {"custom.fleet_size": "many", "shoe_size": 42}
    assert {finding.field for finding in lead.findings} == {"custom.fleet_size", "shoe_size"}
    assert (lead.note, lead.custom.fleet_size) == ("hi", None)
    corrected = e.DetailsCorrected(**PLACE | {"version": 5}, details={"custom": {"fleet_size": 7}})
    put_right = replay([captured, corrected], Lead[Fleet])
    assert kept_aside(put_right) == {"shoe_size": 42}
    assert [finding.field for finding in put_right.findings] == ["shoe_size"]


def test_details_never_replace_who_the_lead_is():
    forged = {"id": "other", "created_at": NOW.isoformat(), "recorded_at": NOW.isoformat(), "version": 99, "note": "hi"}
    lead = apply(BEFORE, e.LeadCaptured(**PLACE, source="web", details=forged))
    assert (lead.id, lead.created_at, lead.version, lead.note) == ("lead-1", BEFORE.created_at, 4, "hi")


def test_what_a_person_did_is_told_by_who_did_it():
    assert apply(BEFORE, stage(4, "sal", actor=ANNA.but(kind="policy"))).moved_by == "policy"
