"""Record and Correct, driven by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from acme import WELCOME
from decisions.by_hand import BARE, NOW, RULES, UNSUPPRESSED, driven, held, lead, stored
from leadflow import Actor, InvalidInput, NotFound, Qualification, Refused
from leadflow.conditions import field
from leadflow.decisions.commands import Correct, Record
from leadflow.decisions.reads import Activities, Load, Matching, States
from leadflow.entities import Email
from leadflow.errors import TooNew, Unreadable
from leadflow.events import ActivityRecorded, DeadlineSet, DetailsCorrected, EnrolmentChanged, LeadScored, StageChanged
from leadflow.ports import State
from leadflow.scoring import ScoringModel, points
from leadflow.testing import a_consent, an_activity

BIG: dict[str, Any] = {"company": {"employees": 900}, "person": {"seniority": "director"}, "address": {"country": "DE"}}
UNLINKED: dict[Any, Any] = {States: {}}
"""No account was merged with another."""
EVA = Actor(kind="marketing", id="eva")


# --------------------------------------------------------------------------------------------------------- recording
def test_without_rules_a_record_asks_for_the_lead_and_that_one_activity():
    done = driven(Record("lead-1", "page_viewed", id="p1"), stored(lead()))
    assert done.reads == (Load(("lead-1",)), Activities("lead-1", ("p1",)))
    assert done.said == ["activity_recorded"]
    (write,), (activity,) = done.change.leads, done.change.activities
    assert (write.read_version, write.lead.version, write.lead.acted_in) == (3, 4, 4)
    assert (write.match_keys, write.features) == (None, None)
    assert (activity.id, activity.lead_id, activity.kind, activity.happened_at) == ("p1", "lead-1", "page_viewed", NOW)
    assert (done.change.put, done.change.claims, done.change.states) == ((), (), ())


def test_the_same_activity_twice_writes_nothing_and_asks_for_no_score():
    there = an_activity("lead-1", "page_viewed", id="p1")
    done = driven(Record("lead-1", "page_viewed", id="p1"), stored(lead(), activities=(there,)), policy=RULES)
    assert done.asked == ["Load", "Activities"]
    assert done.change.is_empty
    assert (done.result.activity_id, done.result.repeated) == ("p1", True)


def test_without_an_id_the_same_thing_at_the_same_moment_is_the_same_activity():
    then = NOW - timedelta(days=1)

    def recorded(**more):
        done = driven(Record("lead-1", "page_viewed", **{"at": then} | more), stored(lead()))
        return done.result.activity_id

    assert recorded() == recorded(source="another source", by="anna")
    assert len({recorded(), recorded(at=NOW), recorded(properties={"page": "/prices"})}) == 3


def test_an_absorbed_id_records_for_the_lead_that_stays():
    done = driven(
        Record("absorbed-1", "page_viewed", id="p1"),
        stored(lead()),
        {Load(("absorbed-1",)): {"absorbed-1": lead()}},
    )
    assert [one.lead_id for one in done.change.activities] == ["lead-1"]
    assert done.result.lead_id == "lead-1"


def test_what_is_told_late_happened_then_and_is_recorded_now():
    then = NOW - timedelta(days=400)
    done = driven(Record("lead-1", "fair_visited", id="f", at=then), stored(lead()))
    fact = done.fact(ActivityRecorded)
    assert (fact.happened_at, fact.recorded_at) == (then, NOW)
    assert (done.change.activities[0].happened_at, done.change.activities[0].recorded_at) == (then, NOW)


@pytest.mark.parametrize(("ahead", "awaits"), [(timedelta(minutes=5), False), (timedelta(minutes=5, seconds=1), True)])
def test_up_to_five_minutes_ahead_of_the_clock_is_now_and_more_is_awaited(ahead, awaits):
    done = driven(Record("lead-1", "page_viewed", id="p1", at=NOW + ahead), stored(lead()))
    assert done.fact(ActivityRecorded).happened_at == (NOW + ahead if awaits else NOW)
    assert done.put == ({"awaited:lead-1": NOW + ahead} if awaits else {})
    assert [one.code for one in done.lead().findings] == (["dated_ahead"] if awaits else [])


def test_nobody_can_be_recorded_who_is_not_there():
    with pytest.raises(NotFound, match="no lead 'nobody'"):
        driven(Record("nobody", "page_viewed"), {Load(("nobody",)): {}})


def test_a_lead_that_can_not_be_read_is_refused_by_its_own_reason():
    newer = TooNew("lead lead-1", 2, 1)
    torn = Unreadable("lead lead-1", "it is no JSON")
    torn.wrong = {"lead-1": newer}
    with pytest.raises(TooNew):
        driven(Record("lead-1", "page_viewed"), {Load(("lead-1",)): torn})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": ""}, r"activity\.kind: '' can't be used"),
        ({"at": NOW.replace(tzinfo=None)}, "at: .* time zone"),
        ({"properties": {str(n): n for n in range(101)}}, "properties: '101 names' can't be used; give at most 100"),
    ],
)
def test_an_activity_that_is_none_is_refused_by_field_and_remedy(wrong, message):
    with pytest.raises(InvalidInput, match=message):
        driven(Record(**{"lead_id": "lead-1", "kind": "page_viewed"} | wrong), stored(lead()))


# --------------------------------------------------------------------------------------------------- what follows
def test_a_lead_that_did_nothing_yet_has_no_state_to_be_asked_for():
    done = driven(Record("lead-1", "page_viewed", id="p1"), stored(lead()), policy=RULES)
    assert done.asked == ["Load", "Activities"]
    (state,) = done.change.states
    assert (state.key, state.read_version, state.value["acted_in"]) == ("engagement:lead-1", 0, 4)
    assert done.fact(LeadScored).score.engagement == 3


def test_a_lead_that_did_something_is_scored_by_its_state_and_not_by_all_its_activities():
    first = driven(Record("lead-1", "page_viewed", id="p1"), stored(lead(version=2)), policy=RULES)
    state = State(7, first.states["engagement:lead-1"])
    done = driven(
        Record("lead-1", "page_viewed", id="p2"),
        stored(lead(acted_in=3)),
        {States(("engagement:lead-1",)): {"engagement:lead-1": state}},
        policy=RULES,
    )
    assert [read.ids for read in done.reads if isinstance(read, Activities)] == [("p2",)]
    assert done.lead().score.engagement == 6
    assert [(one.key, one.read_version) for one in done.change.states] == [("engagement:lead-1", 7)]


def test_a_state_of_before_its_last_activity_does_not_tell_all():
    known_then = driven(Record("lead-1", "page_viewed", id="p0"), stored(lead(version=1)), policy=RULES)
    state = State(7, known_then.states["engagement:lead-1"])
    assert state.value["acted_in"] == 2
    there = an_activity("lead-1", "demo_requested", id="d1", at=NOW)
    answers = stored(lead(acted_in=3), activities=(there,)), {States: {"engagement:lead-1": state}}
    done = driven(Record("lead-1", "page_viewed", id="p1"), *answers, policy=RULES)
    assert [read.ids for read in done.reads if isinstance(read, Activities)] == [("p1",), None]
    assert done.lead().score.engagement == 30 + 3  # somebody without this model has recorded the demo


@pytest.mark.parametrize("stored_state", [{}, {"engagement:lead-1": State(7, {"acted_in": 3, "memories": {}})}])
def test_a_state_that_is_missing_or_lacks_a_rule_is_made_anew_from_all_activities(stored_state):
    there = an_activity("lead-1", "page_viewed", id="p1", at=NOW)
    done = driven(
        Record("lead-1", "page_viewed", id="p2"),
        stored(lead(acted_in=3), activities=(there,)),
        {States: stored_state},
        policy=RULES,
    )
    assert [read.ids for read in done.reads if isinstance(read, Activities)] == [("p2",), None]
    assert done.lead().score.engagement == 6
    assert done.change.states[0].read_version == (7 if stored_state else 0)


def test_enough_engagement_makes_an_mql_with_its_clocks_in_the_same_change():
    done = driven(Record("lead-1", "demo_requested", id="d1"), stored(lead(**BIG)), policy=RULES)
    assert done.said == [
        "activity_recorded", "lead_scored", "stage_changed", "cooling_planned", "deadline_set"
    ]  # fmt: skip
    moved = done.fact(StageChanged)
    assert (moved.move, moved.target, moved.actor.kind) == ("qualify", "mql", "policy")
    # 30 points halve every 30 days: below 10 after 30 * log2(3) days, then seven days of dwell
    cools = NOW + timedelta(days=30 * 1.584962500721156 + 7)
    assert abs(done.put["cool:lead-1"] - cools) < timedelta(seconds=1)
    # Monday 10:00 in Berlin: four business hours, and the reminder one hour before
    assert done.fact(DeadlineSet).deadline.due_at == NOW + timedelta(hours=4)
    assert done.put["deadline:lead-1"] == NOW + timedelta(hours=3)
    assert done.put["route:lead-1"] == NOW + timedelta(seconds=30)
    assert done.lead().owner is None  # routing is a Change of its own


def test_too_little_engagement_leaves_the_lead_where_it_is():
    done = driven(Record("lead-1", "page_viewed", id="p1"), stored(lead(**BIG)), policy=RULES)
    assert done.lead().stage == "lead"
    assert done.put == {}


def test_who_becomes_an_mql_leaves_the_sequence():
    enrolled = [{"sequence": WELCOME.name, "due_at": NOW + timedelta(hours=1), "since": NOW}]
    known = lead(**BIG, enrolments=enrolled, consented="newsletter")
    done = driven(Record("lead-1", "demo_requested", id="d1"), stored(known), policy=RULES)
    ended = done.fact(EnrolmentChanged).enrolment
    assert (ended.ended, ended.due_at) == ("became mql", None)
    assert done.change.cancel == ("nurture:lead-1:welcome",)


def test_what_was_planned_for_a_stage_is_cancelled_when_it_is_left():
    mql = lead(**BIG, stage="mql", owner="anna", cool_at=NOW + timedelta(days=3))
    with_accept = replace(RULES, qualification=RULES.qualification.but(auto_accept=field("score.fit") >= 40))
    done = driven(Record("lead-1", "demo_requested", id="d1"), stored(mql), policy=with_accept)
    assert done.lead().stage == "sal"
    assert done.change.cancel == ("cool:lead-1",)


@pytest.mark.parametrize(("last_move", "stage"), [("reopen", "lead"), ("lapse", "disqualified")])
def test_what_a_person_has_undone_the_policy_does_not_do_again_by_the_same_condition(last_move, stage):
    students = Qualification(mql=field("stage") == "", disqualify=[(field("person.seniority") == "student", "student")])
    known = lead(person={"seniority": "student"}, last_move=last_move, moved_by="rep")
    policy = replace(BARE, qualification=students)
    done = driven(Record("lead-1", "page_viewed", id="p"), stored(known), policy=policy)
    assert done.lead().stage == stage


def test_a_rule_on_the_account_reads_colleagues_and_puts_the_task_to_look_at_them():
    model = ScoringModel(name="accounts", fit=[points(5, field("account.leads") >= 2)])
    ada, bob = (lead(one, company={"domain": "acme.example"}) for one in ("lead-1", "bob"))
    found = {Matching: lambda read: {next(iter(read.keys)): ["bob", "lead-1"]}, Load(("bob",)): {"bob": bob}}
    done = driven(
        Record("lead-1", "page_viewed", id="p"), stored(ada), found, policy=replace(BARE, scoring=model.bind())
    )
    assert done.asked == ["Load", "Activities", "Matching", "Load"]
    assert done.lead().score.fit == 5
    assert [write.id for write in done.change.leads] == ["lead-1"]  # colleagues have their own Change
    (task,) = done.change.put
    assert (task.kind, task.lead_id) == ("colleagues", None)


def test_somebody_who_may_hear_of_facts_gets_one_delivery_for_each_lead():
    done = driven(Record("lead-1", "page_viewed", id="p"), stored(lead()), policy=replace(BARE, delivers=True))
    (task,) = done.change.put
    assert (task.key, task.kind) == ("deliver:lead-1:00000004", "deliver")
    assert task.payload == {"version": 4, "kinds": ["activity_recorded"]}


def test_a_lead_with_consent_is_enrolled_a_day_ahead():
    known = lead(consents=(a_consent(at=NOW),))
    done = driven(Record("lead-1", "page_viewed", id="p"), stored(known), policy=RULES)
    assert done.put["nurture:lead-1:welcome"] == NOW + timedelta(days=1)
    enrolled = done.fact(EnrolmentChanged).enrolment
    assert (enrolled.sequence, enrolled.step, enrolled.round, enrolled.since) == ("welcome", 0, 1, NOW)


# -------------------------------------------------------------------------------------------------------- correcting
def test_a_correction_overwrites_what_was_known_lists_as_a_whole():
    known = lead(person={"last_name": "Byron"}, interests=("cranes", "lifts"))
    done = driven(Correct("lead-1", {"last_name": "Lovelace", "interests": "cranes"}, by=EVA), stored(known))
    assert done.asked == ["Load"]
    assert (done.lead().person.last_name, done.lead().interests) == ("Lovelace", ("cranes",))
    assert done.result.changed == ("interests", "person")
    assert (done.said, done.fact(DetailsCorrected).actor) == (["details_corrected"], EVA)


def test_a_corrected_address_is_claimed_and_the_former_one_given_free():
    done = driven(Correct("lead-1", {"email": "ada@new.example"}, by=EVA), stored(lead()), held({}), UNLINKED)
    assert done.claims == {"email:ada@new.example": "lead-1"}
    assert [one.key for one in done.change.release] == ["email:ada@acme.example"]
    assert done.change.leads[0].match_keys


def test_what_stays_as_it_was_known_keeps_what_was_proven_of_it():
    proven = Email(address="ada@acme.example", domain="acme.example", kind="business", verified=True)
    answers = stored(lead(email=proven)), held({"email:ada@acme.example": "lead-1"}), UNLINKED
    done = driven(Correct("lead-1", {"emails": "ada@acme.example; eve@acme.example"}, by=EVA), *answers)
    assert [(one.address, one.verified, one.claimed) for one in done.lead().emails] == [
        ("ada@acme.example", True, True),
        ("eve@acme.example", False, True),
    ]


def test_nothing_to_correct_writes_nothing():
    known = lead(person={"last_name": "Byron"})
    done = driven(Correct("lead-1", {"last_name": "Byron"}, by=EVA), stored(known))
    assert done.change.is_empty
    assert done.result.changed == ()


def test_the_address_of_another_lead_is_refused_by_its_name():
    answers = stored(lead()), held({"email:bob@other.example": "bob"}), UNLINKED
    with pytest.raises(Refused, match=r"email:bob@other\.example belongs to lead bob; correct that lead first"):
        driven(Correct("lead-1", {"email": "bob@other.example"}, by=EVA), *answers)


def test_a_correction_needs_a_mapping():
    with pytest.raises(InvalidInput, match="values: 'x' can't be used; give a mapping of names to values"):
        Correct("lead-1", cast("Any", "x"), by=EVA)


def test_unused_answers_are_no_reads():
    """The driver itself: what is not asked is not read."""
    done = driven(Record("lead-1", "page_viewed"), stored(lead()), UNSUPPRESSED)
    assert done.asked == ["Load", "Activities"]
    with pytest.raises(AssertionError, match="did not foresee"):
        driven(Record("lead-2", "page_viewed"), stored(lead()))
