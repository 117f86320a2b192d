"""Leads in a queue are offered to the rotation again: when somebody is free, when they change, and now and then."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from acme import ADA, START, acme_flow, consistent, hot_lead
from leadflow import Actor, BusinessHours, LeadRouted, Rep, Router, Territory, field
from leadflow.conditions import always
from leadflow.errors import DefinitionError
from leadflow.routing import Absence, Gate

EVA = Actor(kind="marketing", id="eva")
BERLIN_MIDNIGHT = datetime.fromisoformat("2026-03-03T00:00:00+01:00")


def router(*reps: Rep, **more) -> Router:
    return Router([Territory("all", always(), reps=reps, queue="later")], zone="Europe/Berlin", **more)


def routes_of(flow, lead_id: str) -> list[tuple[str | None, str | None]]:
    return [(f.route.owner, f.route.queue) for f in flow.history(lead_id) if isinstance(f, LeadRouted)]


def next_offer(flow, lead_id: str) -> datetime | None:
    return next(entry.next_offer_at for entry in flow.explain(lead_id).entries if entry.kind == "route")


@pytest.mark.parametrize(
    ("rep", "free"),
    [
        (Rep("anna", daily_cap=1), BERLIN_MIDNIGHT),
        (Rep("anna", monthly_cap=1), datetime.fromisoformat("2026-04-01T00:00:00+02:00")),
        (Rep("anna", absences=[("2026-03-01", "2026-03-02")]), BERLIN_MIDNIGHT),
        (
            Rep("anna", hours=BusinessHours(week={"tue": "10:00-12:00"}, zone="Europe/Berlin")),
            BERLIN_MIDNIGHT + timedelta(hours=10),
        ),
        (Rep("anna", hours=BusinessHours(week={"tue": "10:00-12:00"}), absences=[("2026-03-01", "2026-03-02")]), None),
    ],
)
def test_a_lead_is_offered_again_when_its_rep_may_get_one_again(storage, clock, rep, free):
    flow = acme_flow(storage, clock, router=router(rep, offer_every="365 days"), service_levels=[])
    waiting = [hot_lead(flow, number) for number in range(2)][1:]
    free = free or datetime.fromisoformat("2026-03-03T10:00:00+00:00")
    assert [next_offer(flow, one) for one in waiting] == [free]
    clock.now = free - timedelta(seconds=1)
    flow.run_due()
    assert flow.get(waiting[0]).queue == "later"
    clock.now = free
    flow.run_due()
    assert [flow.get(one).owner for one in waiting] == ["anna"]
    assert next_offer(flow, waiting[0]) is None
    consistent(flow)


def test_those_that_wait_longest_get_the_first_free_reps(every_storage, clock):
    flow = acme_flow(every_storage, clock, router=router(Rep("anna", daily_cap=2)), service_levels=[])
    leads = []
    for number in range(6):
        leads.append(hot_lead(flow, number))
        clock.advance(seconds=1)
    days = []
    for _ in range(3):
        days.append([one for one in leads if flow.get(one).owner])
        clock.advance(days=1)
        flow.run_due()
    assert days == [leads[:2], leads[:4], leads]
    assert flow.recount() == ()
    consistent(flow)


def test_who_waits_for_the_same_reason_gathers_no_facts_and_is_offered_every_hour(every_storage, clock):
    flow = acme_flow(every_storage, clock, router=router(Rep("anna", open_cap=1)), service_levels=[])
    first, waits = hot_lead(flow, 1), hot_lead(flow, 2)
    before = flow.get(waits)
    for _ in range(5):
        clock.advance(hours=1)
        assert f"offer:{waits}" in flow.run_due().done
        assert next_offer(flow, waits) == clock() + timedelta(hours=1)
    assert flow.get(waits) == before
    assert (flow.run_due().done, flow.health().is_good) == ((), True)
    assert "offered to the rotation again" in str(flow.explain(waits))
    assert "Verteilung wieder angeboten" in flow.explain(waits).text("de")
    flow.disqualify(first, by="anna", reason="competitor")
    clock.advance(hours=1)
    flow.run_due()
    assert flow.get(waits).owner == "anna"
    assert routes_of(flow, waits) == [(None, "later"), (None, None), ("anna", None)]
    consistent(flow)


def test_other_reasons_are_recorded(storage, clock):
    away = Rep("anna", open_cap=1, absences=[Absence(date(2026, 3, 3), date(2026, 3, 9))])
    flow = acme_flow(storage, clock, router=router(away), service_levels=[])
    hot_lead(flow, 1)
    waits = hot_lead(flow, 2)
    clock.now = BERLIN_MIDNIGHT + timedelta(hours=1)
    flow.run_due()
    assert [one.because for one in flow.get(waits).route.candidates] == ["is away until 2026-03-09"]
    assert routes_of(flow, waits) == [(None, "later")] * 2
    consistent(flow)


GATED = Router(
    [Territory("DACH", field("address.country").is_in("DE", "AT"), reps=[Rep("anna")])],
    gates=[Gate(field("phone.number").is_known(), "reachable"), Gate(field("need").matches("*crane*"), "a crane")],
)


def test_a_value_that_a_gate_lacked_leads_on_at_once(every_storage, clock):
    flow = acme_flow(every_storage, clock, router=GATED)
    waits = hot_lead(flow, 1)
    assert flow.get(waits).queue == "nurturing"
    flow.correct(waits, {"phone": "+49 30 1234567"}, by=EVA)
    assert flow.get(waits).queue == "review", "the second gate still lacks the need"
    flow.correct(waits, {"note": "rang twice"}, by=EVA)
    assert len(routes_of(flow, waits)) == 3, "what no gate asks for changes nothing"
    flow.correct(waits, {"need": "a crane"}, by=EVA)
    assert flow.get(waits).owner == "anna"
    consistent(flow)


def test_a_lead_that_comes_into_a_territory_is_routed_at_once(storage, clock):
    flow = acme_flow(storage, clock)
    waits = flow.capture(ADA | {"country": "FR"}, source="fair").lead_id
    flow.record(waits, "demo_requested", id="d")
    assert flow.get(waits).queue == "unrouted"
    flow.correct(waits, {"country": "AT"}, by=EVA)
    assert flow.get(waits).owner == "anna"
    consistent(flow)


def test_a_policy_that_was_mended_and_a_rep_who_came_get_what_waited(storage, clock):
    def broken(contenders):
        raise RuntimeError("no")

    bad = Router([Territory("all", always(), reps=[Rep("anna")], policy=broken)])
    flow = acme_flow(storage, clock, router=bad, service_levels=[])
    waits = hot_lead(flow, 1)
    clock.advance(hours=1)
    flow.run_due()
    assert "RuntimeError" in flow.get(waits).route.error
    mended = acme_flow(storage, clock, router=router(Rep("ben")), service_levels=[])
    clock.advance(hours=1)
    mended.run_due()
    assert mended.get(waits).owner == "ben"
    consistent(mended)


def test_who_was_put_into_a_queue_by_hand_waits_for_people(storage, clock):
    flow = acme_flow(storage, clock, router=router(Rep("anna", daily_cap=1)), service_levels=[])
    owned, waits = hot_lead(flow, 1), hot_lead(flow, 2)
    for one in (owned, waits):
        flow.unassign(one, "later", by=EVA, reason="the team decides")
    clock.advance(days=9)
    flow.run_due()
    assert {flow.get(one).queue for one in (owned, waits)} == {"later"}
    flow.unassign(waits, by=EVA, reason="to the rotation after all")
    assert flow.get(waits).owner == "anna"
    consistent(flow)


def test_who_is_taken_from_the_queue_is_not_offered_again(storage, clock):
    flow = acme_flow(storage, clock, router=router(Rep("anna", daily_cap=1)), service_levels=[])
    hot_lead(flow, 1)
    waits = hot_lead(flow, 2)
    flow.accept(waits, by="anna")
    assert not [task for task in flow.tasks(lead_id=waits) if task.kind == "offer"]
    consistent(flow)


def test_a_flow_without_a_router_leaves_offers_to_others(storage, clock):
    flow = acme_flow(storage, clock, router=router(Rep("anna", daily_cap=1)), service_levels=[])
    hot_lead(flow, 1)
    waits = hot_lead(flow, 2)
    clock.now = START + timedelta(days=2)
    bare = acme_flow(storage, clock, router=None, service_levels=[])
    bare.correct(waits, {"note": "called"}, by=EVA)
    bare.run_due()
    flow.run_due()
    assert flow.get(waits).owner == "anna"
    consistent(flow)


def test_without_a_pause_only_people_take_leads_from_queues(storage, clock):
    flow = acme_flow(storage, clock, router=router(Rep("anna", daily_cap=1), offer_every=None), service_levels=[])
    hot_lead(flow, 1)
    waits = hot_lead(flow, 2)
    clock.advance(days=3)
    flow.run_due()
    assert (flow.get(waits).queue, next_offer(flow, waits)) == ("later", None)
    consistent(flow)


@pytest.mark.parametrize("pause", [timedelta(0), "30s", "2000 days"])
def test_a_pause_is_a_minute_to_a_year(pause):
    with pytest.raises(DefinitionError, match="offer_every"):
        router(Rep("anna"), offer_every=pause)
