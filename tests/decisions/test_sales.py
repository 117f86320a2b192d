"""The moves of sales and marketing, driven by hand; the expectations are those of docs/lifecycle.md."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from decisions.by_hand import BARE, NOW, RULES, driven, lead, stored
from leadflow import Actor, InvalidInput, MoveNotAllowed, NotFound, Qualification, Refused, field
from leadflow.decisions.commands import Accept, Lose, MakeMove, OpenDeal, Win
from leadflow.decisions.commands import sales as c
from leadflow.decisions.reads import States
from leadflow.events import DeadlineMet, DealChanged, LeadRouted, StageChanged
from leadflow.testing import an_activity

LATER, DAY = date(2027, 1, 15), timedelta(days=1)
MIA = Actor(kind="marketing", id="mia")
DEAL = {"id": "d1", "opened_at": NOW, "amount": "1200.50"}


def at_stage(stage, **parts):
    return lead(**{"stage": stage, "owner": "anna"} | parts)


# --------------------------------------------------------------------------------------------------------- the table
@pytest.mark.parametrize(
    ("command", "source", "target"),
    [
        (c.qualify("lead-1", by=MIA, reason="met"), "lead", "mql"),
        (Accept("lead-1", by="anna"), "mql", "sal"),
        (c.reject("lead-1", by="anna", reason="too small", revisit=LATER), "mql", "lead"),
        (c.confirm("lead-1", by="anna"), "sal", "sql"),
        (c.recycle("lead-1", by="anna", reason="no budget", revisit=LATER), "sal", "lead"),
        (c.recycle("lead-1", by="anna", reason="no budget", revisit=LATER), "opportunity", "lead"),
        (c.step_back("lead-1", by="anna", reason="not reached"), "sal", "mql"),
        (c.step_back("lead-1", by="anna", reason="not reached", to="mql"), "sql", "mql"),
        (OpenDeal("lead-1", by="anna", deal_id="d2"), "sql", "opportunity"),
        (c.fast_track("lead-1", by="anna", to="sql", reason="rang us"), "lead", "sql"),
        (c.promote("lead-1", by="anna"), "customer", "promoter"),
        (c.settle("lead-1", by="anna"), "promoter", "customer"),
        (c.lapse("lead-1", by="anna", reason="closed its doors"), "customer", "lead"),
        (c.disqualify("lead-1", by="anna", reason="student"), "sql", "disqualified"),
        (c.reopen("lead-1", by="anna", reason="a founder, too"), "disqualified", "lead"),
    ],
)
def test_a_move_is_one_fact_with_who_made_it_from_where_to_where(command, source, target):
    done = driven(command, stored(at_stage(source)))
    assert done.asked == ["Load"]
    moved = done.fact(StageChanged)
    assert (moved.source, moved.target, moved.actor) == (source, target, command.by)
    assert (done.result.source, done.result.stage) == (source, target)
    assert (done.lead().stage, done.lead().entered_at) == (target, NOW)


@pytest.mark.parametrize(
    ("command", "source", "message"),
    [
        (c.confirm("lead-1", by="anna"), "mql", "can't confirm a lead that is mql"),
        (MakeMove("lead-1", "reject", by="anna", reason="too small"), "mql", "it needs a date to look again"),
        (c.reject("lead-1", by="anna", reason=" ", revisit=LATER), "mql", "it needs a reason"),
        (c.reject("lead-1", by=MIA, reason="too small", revisit=LATER), "mql", "rep"),
        (c.qualify("lead-1", by="anna", reason="met"), "lead", "marketing"),
        (MakeMove("lead-1", "win", by="anna"), "lead", "can't win a lead that is lead"),
        (MakeMove("lead-1", "cool", by="anna"), "mql", "policy"),
        (MakeMove("lead-1", "fly", by="anna"), "mql", "fly"),
    ],
)
def test_a_move_that_the_table_has_not_is_refused_with_what_is_missing(command, source, message):
    with pytest.raises(MoveNotAllowed, match=message):
        driven(command, stored(at_stage(source)))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"revisit": date(2026, 2, 28)}, "revisit: .* give a future day"),
        ({"revisit": "2027-01-15"}, r"revisit: .* give a day, such as date\(2027, 1, 15\)"),
        ({"reason": 7}, "reason: 7 can't be used; give text"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(wrong, message):
    given = {"move": "reject", "by": "anna", "reason": "too small", "revisit": LATER} | wrong
    with pytest.raises(InvalidInput, match=message):
        driven(MakeMove("lead-1", **given), stored(at_stage("mql")))


def test_yesterday_is_a_day_to_come_somewhere_on_earth():
    done = driven(c.reject("lead-1", by="anna", reason="x", revisit=date(2026, 3, 1)), stored(at_stage("mql")))
    assert done.lead().revisit == date(2026, 3, 1)


# ------------------------------------------------------------------------------------------------------- ownership
def test_what_sales_gives_back_has_no_owner_and_a_date_and_counts_a_round():
    done = driven(c.recycle("lead-1", by="anna", reason="no budget", revisit=LATER), stored(at_stage("sal")))
    given_back = done.lead()
    assert done.said == ["stage_changed", "owner_released"]
    assert (given_back.owner, given_back.rounds, given_back.reason, given_back.revisit) == (None, 1, "no budget", LATER)
    ledger = next(key for key in done.put if key.startswith("ledger:anna:"))
    assert ledger.endswith(":released")
    assert done.put["revisit:lead-1"].date() == LATER


def test_stepping_back_keeps_the_owner_and_counts_no_round():
    done = driven(c.step_back("lead-1", by="anna", reason="not reached"), stored(at_stage("sal")))
    assert (done.lead().owner, done.lead().rounds) == ("anna", 0)
    assert done.said == ["stage_changed"]


def test_the_rep_who_accepts_a_lead_in_a_queue_takes_it_and_the_ledger_must_note_it():
    queued = at_stage("mql", owner=None, queue="unrouted")
    done = driven(Accept("lead-1", by="carla"), stored(queued))
    route = done.fact(LeadRouted).route
    assert (route.owner, route.turn) == ("carla", 0)
    assert route.candidates[0].because == "took it from unrouted"
    assert (done.lead().owner, done.lead().queue, done.result.owner) == ("carla", None, "carla")
    assert [key.split(":")[1:] for key in done.put] == [["carla", "lead-1", "4", "0", "taken"]]


def test_another_reps_lead_can_not_be_accepted():
    with pytest.raises(Refused, match="lead lead-1 belongs to a different rep; ben can't take it"):
        driven(Accept("lead-1", by="ben"), stored(at_stage("mql")))


def test_an_open_lead_waits_for_an_owner_until_somebody_takes_it():
    open_mql = at_stage("mql", owner=None)
    assert "route:lead-1" in driven(c.qualify("lead-1", by=MIA, reason="met"), stored(lead())).put
    assert driven(Accept("lead-1", by="anna"), stored(open_mql)).change.cancel == ("route:lead-1",)


def test_fast_track_is_one_fact_with_the_stages_that_it_skipped():
    done = driven(c.fast_track("lead-1", by="anna", to="opportunity", reason="sent an order"), stored(lead()))
    assert done.fact(StageChanged).skipped == ("mql", "sal", "sql")


# ------------------------------------------------------------------------------------------------------------ policy
HOT: dict[str, Any] = {"company": {"employees": 900}, "person": {"seniority": "director"}, "address": {"country": "DE"}}


def test_what_a_person_has_just_decided_the_policy_does_not_overrule_in_the_same_breath():
    demo = an_activity("lead-1", "demo_requested", at=NOW)
    hot = at_stage("mql", **HOT, acted_in=2)
    answers = stored(hot, activities=(demo,)), {States: {}}
    done = driven(c.reject("lead-1", by="anna", reason="too small", revisit=LATER), *answers, policy=RULES)
    assert [fact.move for fact in done.change.facts if isinstance(fact, StageChanged)] == ["reject"]


def test_a_hot_customer_who_lapses_is_nurtured_first_and_not_qualified_in_the_same_breath():
    demo = an_activity("lead-1", "demo_requested", at=NOW)
    hot = at_stage("customer", **HOT, acted_in=2)
    lapse = c.lapse("lead-1", by="anna", reason="closed its doors")
    done = driven(lapse, stored(hot, activities=(demo,)), {States: {}}, policy=RULES)
    assert done.lead().score.engagement == 30  # enough for an MQL
    assert done.lead().stage == "lead"


def test_a_deadline_is_met_when_the_stage_is_left_in_time_or_late():
    due = {"stage": "mql", "due_at": NOW + timedelta(hours=1)}
    met = driven(Accept("lead-1", by="anna"), stored(at_stage("mql", deadline=due)), policy=RULES)
    assert met.fact(DeadlineMet).late is False
    assert met.change.cancel == ("deadline:lead-1",)
    late = driven(Accept("lead-1", by="anna"), stored(at_stage("mql", deadline=due)), policy=RULES, now=NOW + DAY)
    assert late.fact(DeadlineMet).late is True


def test_a_move_that_happened_earlier_counts_from_then():
    then = NOW - timedelta(hours=5)
    done = driven(Accept("lead-1", by="anna", at=then), stored(at_stage("mql")))
    moved = done.fact(StageChanged)
    assert (moved.happened_at, moved.recorded_at, done.lead().entered_at) == (then, NOW, then)


def test_a_reopened_lead_is_not_disqualified_again_by_the_same_condition():
    students = Qualification(mql=field("stage") == "", disqualify=[(field("person.seniority") == "student", "student")])
    out = at_stage("disqualified", owner=None, person={"seniority": "student"})
    reopen = c.reopen("lead-1", by="anna", reason="a founder")
    done = driven(reopen, stored(out), policy=replace(BARE, qualification=students))
    assert (done.lead().stage, done.lead().moved_by) == ("lead", "rep")


# ------------------------------------------------------------------------------------------------------------- deals
def test_the_first_deal_makes_an_opportunity_and_is_there_as_it_was_told():
    done = driven(OpenDeal("lead-1", by="anna", deal_id="d1", amount="1200.50"), stored(at_stage("sql")))
    assert done.said == ["stage_changed", "deal_changed"]
    deal = done.fact(DealChanged).deal
    assert (deal.id, deal.status, deal.amount, deal.currency) == ("d1", "open", Decimal("1200.50"), "EUR")


def test_a_customers_next_deal_leaves_it_a_customer():
    done = driven(OpenDeal("lead-1", by="anna", deal_id="d2"), stored(at_stage("customer")))
    assert (done.said, done.lead().stage) == (["deal_changed"], "customer")


def test_winning_closes_the_open_deal_and_makes_a_customer():
    done = driven(Win("lead-1", by="anna"), stored(at_stage("opportunity", deals=[DEAL])))
    won = done.lead().deal("d1")
    assert (won.status, won.closed_at, won.amount) == ("won", NOW, Decimal("1200.50"))
    assert done.lead().stage == "customer"


def test_losing_one_of_two_open_deals_leaves_an_opportunity():
    two = at_stage("opportunity", deals=[DEAL, DEAL | {"id": "d2"}])
    done = driven(Lose("lead-1", by="anna", deal_id="d1", reason="price"), stored(two))
    assert (done.said, done.lead().stage) == (["deal_changed"], "opportunity")


def test_losing_the_last_deal_needs_a_date_to_look_again():
    one = at_stage("opportunity", deals=[DEAL])
    with pytest.raises(MoveNotAllowed, match="a date to look again"):
        driven(Lose("lead-1", by="anna", reason="price"), stored(one))
    done = driven(Lose("lead-1", by="anna", reason="price", revisit=LATER), stored(one))
    assert (done.lead().stage, done.lead().rounds, done.lead().deal("d1").reason) == ("lead", 1, "price")


@pytest.mark.parametrize(
    ("command", "known", "error", "message"),
    [
        (OpenDeal("lead-1", by="anna", deal_id="d1"), [DEAL], InvalidInput, r"deal\.id: .* \(open\); give another id"),
        (Win("lead-1", by="anna", deal_id="d9"), [DEAL], NotFound, "deal of this lead"),
        (Win("lead-1", by="anna"), [], NotFound, "deal of this lead"),
        (Win("lead-1", by="anna"), [DEAL | {"status": "lost"}], Refused, "deal d1 is already lost"),
    ],
)  # fmt: skip
def test_a_deal_that_can_not_be_closed_or_opened_is_refused_by_name(command, known, error, message):
    with pytest.raises(error, match=message):
        driven(command, stored(at_stage("opportunity", deals=known)))


def test_a_deal_that_is_none_is_refused_by_field_and_remedy():
    with pytest.raises(InvalidInput, match=r"Deal\.currency: 'euros' can't be used"):
        driven(OpenDeal("lead-1", by="anna", deal_id="d1", currency="euros"), stored(at_stage("sql")))


def test_an_amount_that_is_none_is_refused():
    with pytest.raises(InvalidInput, match="amount"):
        Win("lead-1", by="anna", amount="a lot")
