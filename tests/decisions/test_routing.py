"""RouteLeads, driven by hand: who gets which lead, what ledgers count, and under whose lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from decisions.by_hand import BARE, NOW, RULES, driven, lead, stored
from leadflow import Rep, Router, Territory, field
from leadflow.decisions.commands import RouteLeads
from leadflow.decisions.reads import Load, States, TaskWith
from leadflow.entities import Task
from leadflow.errors import NotFound, Unavailable, Unreadable
from leadflow.events import LeadRouted, StateWrite
from leadflow.ports import State

TWO = Router([Territory("DE", field("address.country") == "DE", reps=[Rep("anna"), Rep("ben")])])
POLICY = replace(BARE, router=TWO)
LEASE = "rotation"
UNREAD = {States: {}}


def mql(lead_id, country="DE", **parts):
    return lead(lead_id, stage="mql", address={"country": country}, email=f"{lead_id}@acme.example", **parts)


def several(*leads):
    return {Load(tuple(one.id for one in leads)): {one.id: one for one in leads}}


def assigned(done):
    return {key: value["assigned"] for key, value in done.states.items() if key.startswith("ledger:") and value}


def test_ledgers_of_all_reps_of_the_territory_are_read_with_the_lease():
    done = driven(RouteLeads(("l1",)), several(mql("l1")), UNREAD, policy=POLICY)
    assert done.asked == ["Load", "States"]
    assert done.keys_of(States) == {"ledger:anna", "ledger:ben", LEASE}


def test_a_lead_goes_to_a_rep_with_its_trace_and_the_ledger_in_one_change():
    done = driven(RouteLeads(("l1",)), several(mql("l1")), UNREAD, policy=POLICY)
    route = done.fact(LeadRouted).route
    assert (route.owner, route.territory, route.turn) == ("anna", "DE", 1)
    assert [one.rep for one in route.candidates] == ["anna", "ben"]
    assert assigned(done)["ledger:anna"] == 1
    assert done.change.cancel == ("route:l1",)
    assert done.result.routes["l1"].owner == "anna"


def test_several_leads_are_shared_out_as_if_one_after_the_other_in_one_change():
    leads = [mql(f"l{number}") for number in range(5)]
    done = driven(RouteLeads(tuple(one.id for one in leads)), several(*leads), UNREAD, policy=POLICY)
    assert [done.lead(one.id).owner for one in leads] == ["anna", "ben", "anna", "ben", "anna"]
    assert assigned(done) == {"ledger:anna": 3, "ledger:ben": 2}
    assert len([state for state in done.change.states if state.key == "ledger:anna"]) == 1


def test_who_has_had_fewer_is_next():
    ledger = driven(RouteLeads(("l1",)), several(mql("l1")), UNREAD, policy=POLICY).states["ledger:anna"]
    done = driven(RouteLeads(("l2",)), several(mql("l2")), {States: {"ledger:anna": State(5, ledger)}}, policy=POLICY)
    assert done.lead().owner == "ben"
    versions = {state.key: state.read_version for state in done.change.states}
    assert (versions["ledger:anna"], versions["ledger:ben"]) == (5, 0)  # who was compared must not have moved


def test_a_lead_that_no_rep_matches_stands_in_a_named_queue():
    done = driven(RouteLeads(("l1",)), several(mql("l1", "FR")), UNREAD, policy=POLICY)
    assert (done.lead().owner, done.lead().queue) == (None, "unrouted")
    assert assigned(done) == {}


def test_a_lead_for_whom_nobody_has_room_waits_and_their_ledgers_must_not_have_moved():
    full = Router([Territory("DE", field("address.country") == "DE", reps=[Rep("anna", open_cap=1)])])
    ledger = driven(RouteLeads(("l1",)), several(mql("l1")), UNREAD, policy=POLICY).states["ledger:anna"]
    answers = several(mql("l2")), {States: {"ledger:anna": State(5, ledger)}}
    done = driven(RouteLeads(("l2",)), *answers, policy=replace(BARE, router=full))
    assert done.lead().owner is None
    assert done.lead().queue
    assert [(one.read_version, one.value) for one in done.change.states if one.key == "ledger:anna"] == [(5, None)]


@pytest.mark.parametrize("parts", [{"owner": "carl"}, {"queue": "unrouted"}])
def test_a_lead_that_has_somebody_already_needs_nobody(parts):
    done = driven(RouteLeads(("l1",)), several(mql("l1", **parts)), UNREAD, policy=POLICY)
    assert done.change.is_empty
    assert done.result.routes == {"l1": None}


def test_a_lead_in_nurturing_is_not_for_sales():
    done = driven(RouteLeads(("lead-1",)), stored(lead()), UNREAD, policy=POLICY)
    assert (done.change.is_empty, done.result.routes) == (True, {"lead-1": None})


def test_who_is_not_there_or_can_not_be_read_stops_nobody():
    torn = Unreadable("lead torn", "it is no JSON")
    torn.wrong, torn.leads = {"torn": torn}, {"l1": mql("l1")}
    done = driven(RouteLeads(("torn", "gone", "l1")), {Load(("torn", "gone", "l1")): torn}, UNREAD, policy=POLICY)
    assert done.lead().owner == "anna"
    assert done.result.wrong["torn"] is torn
    assert isinstance(done.result.wrong["gone"], NotFound)


def test_a_storage_that_is_down_stops_all():
    with pytest.raises(Unavailable):
        driven(RouteLeads(("l1",)), {Load(("l1",)): Unavailable("down")}, policy=POLICY)


# ---------------------------------------------------------------------------------------------------------- the lease
def held_until(moment, version=4):
    return {States: {LEASE: State(version, {"until": moment.isoformat()})}}


def test_while_somebody_holds_the_lease_nothing_is_written():
    done = driven(RouteLeads(("l1",)), several(mql("l1")), held_until(NOW + timedelta(seconds=1)), policy=POLICY)
    assert done.change.is_empty
    assert (done.result.held, done.result.routes) == (4, {})


def test_a_lease_that_has_run_out_is_free_and_asserted_to_stay_so():
    done = driven(RouteLeads(("l1",)), several(mql("l1")), held_until(NOW), policy=POLICY)
    (lease,) = (state for state in done.change.states if state.key == LEASE)
    assert (lease.read_version, lease.value) == (4, None)


def test_who_holds_it_says_what_becomes_of_it():
    mine = StateWrite(key=LEASE, read_version=4, value={})
    routing = RouteLeads(("l1",), lease=mine)
    done = driven(routing, several(mql("l1")), held_until(NOW + timedelta(seconds=1)), policy=POLICY)
    assert mine in done.change.states
    assert done.lead().owner == "anna"


# ---------------------------------------------------------------------------------------------------- notes in ledgers
def note(what="released", rep="anna", **payload):
    return Task(key=f"ledger:{rep}:x", kind="ledger", due_at=NOW,
                payload={"rep": rep, "what": what, "day": "2026-03-02", "at": NOW.isoformat()} | payload)  # fmt: skip


def test_a_note_changes_its_ledger_once_and_its_task_is_gone():
    taken = note("taken")
    done = driven(RouteLeads((), (taken,)), UNREAD, {TaskWith(taken.key): taken}, policy=POLICY)
    assert done.states["ledger:anna"]["open"] == 1
    assert done.change.cancel == (taken.key,)
    assert done.result.noted == {taken.key}
    again = driven(RouteLeads((), (taken,)), UNREAD, {TaskWith(taken.key): None}, policy=POLICY)
    assert again.change.is_empty  # somebody has noted it


def test_notes_and_leads_of_one_rep_are_one_write():
    taken = note("taken")
    done = driven(
        RouteLeads(("l1",), (taken,)), several(mql("l1")), UNREAD, {TaskWith(taken.key): taken}, policy=POLICY
    )
    writes = [state for state in done.change.states if state.key == "ledger:anna"]
    assert len(writes) == 1


@pytest.mark.parametrize("payload", [{"rep": 7}, {"what": "eaten"}])
def test_a_note_that_does_not_say_what_it_is_for_is_wrong_and_stops_nobody(payload):
    torn = note(**payload)
    done = driven(RouteLeads(("l1",), (torn,)), several(mql("l1")), UNREAD, policy=POLICY)
    assert isinstance(done.result.wrong[torn.key], Unreadable)
    assert done.lead().owner == "anna"


def test_a_process_without_a_router_notes_ledgers_and_routes_nobody():
    taken = note("taken")
    done = driven(RouteLeads(("l1",), (taken,)), several(mql("l1")), UNREAD, {TaskWith(taken.key): taken})
    assert (done.result.routes, done.result.noted) == ({"l1": None}, {taken.key})


def test_a_rep_who_is_away_is_passed_over_and_says_why():
    away = Router([Territory("DE", field("address.country") == "DE", reps=[
        Rep("anna", absences=[(date(2026, 3, 1), date(2026, 3, 9))]), Rep("ben")])])  # fmt: skip
    done = driven(RouteLeads(("l1",)), several(mql("l1")), UNREAD, policy=replace(RULES, router=away))
    considered = {one.rep: (one.eligible, one.because) for one in done.fact(LeadRouted).route.candidates}
    assert done.lead().owner == "ben"
    assert considered["anna"] == (False, "is away until 2026-03-09")
