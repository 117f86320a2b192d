"""Reps who are away or gone: what becomes of their open leads is the router's policy, carried out and explained."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from acme import ADA, acme_flow, consistent, person
from leadflow import Actor, InvalidInput, LeadRouted, Rep, Router, Territory
from leadflow.conditions import always, field
from leadflow.routing import Absence, Handover

EVA = Actor(kind="marketing", id="eva")
AWAY = {"absences": [Absence("2026-03-03", "2026-03-09")]}
GONE = {"active": False}


def router(handover: Handover | None = None, /, **anna: Any) -> Router:
    reps = [Rep("anna", **anna), Rep("ben")]
    return Router([Territory("all", always(), reps=reps)], handover=handover or Handover())


def flow_of(storage, clock, handover=None, /, **anna):
    return acme_flow(storage, clock, router=router(handover, **anna))


@pytest.fixture
def leads(every_storage, clock):
    """Anna's: an MQL, an SQL, one with a deal, a customer with one, a customer without one, one in nurturing."""
    flow, found = flow_of(every_storage, clock), {}
    for number, name in enumerate(["mql", "sql", "opportunity", "buying", "customer", "lead"]):
        values = person(number) | {"company": f"Firm {number}", "email": f"p{number}@f{number}.example"}
        found[name] = lead_id = flow.capture(values, source="fair").lead_id
        flow.assign(lead_id, "anna", by=EVA, reason="hers")
        if name != "lead":
            flow.fast_track(lead_id, by="anna", to="mql" if name == "mql" else "sql", reason="met")
        if name in ("opportunity", "buying", "customer"):
            flow.open_deal(lead_id, f"d{number}", by="anna")
        if name in ("buying", "customer"):
            flow.win(lead_id, by="anna")
    flow.open_deal(found["buying"], "second", by="anna")
    return found


def owners(flow, leads) -> dict[str, str | None]:
    return {name: flow.get(one).owner or f"queue {flow.get(one).queue}" for name, one in leads.items()}


def test_who_is_gone_leaves_the_open_leads_to_the_rotation_and_nothing_is_lost(every_storage, clock, leads):
    flow = flow_of(every_storage, clock, **GONE)
    foreseen = flow.hand_over("anna", by=EVA, dry_run=True)
    assert set(owners(flow, leads).values()) == {"anna"}
    assert flow.hand_over("anna", by=EVA, reason="left in March") == foreseen
    assert (foreseen.leads, foreseen.refused, foreseen.owners, foreseen.unplaced) == (4, (), {"ben": 3}, ())
    assert owners(flow, leads) == {
        "mql": "ben", "sql": "ben", "opportunity": "ben", "buying": "queue unrouted", "customer": "anna",
        "lead": "anna",
    }  # fmt: skip
    taken = [fact for fact in flow.history(leads["mql"]) if isinstance(fact, LeadRouted) and fact.route.owner is None]
    assert taken[-1].route.candidates[0].because == "taken away: anna is not active; left in March"
    assert taken[-1].actor == EVA
    assert "taken away: anna is not active; left in March" in str(flow.explain(leads["buying"]))
    assert flow.hand_over("anna", by=EVA).leads == 0
    assert flow.recount() == ()
    consistent(flow)


def test_who_is_off_the_roster_is_gone_too_and_found_without_a_name(every_storage, clock, leads):
    alone = Router([Territory("all", always(), reps=[Rep("ben")])], handover=Handover(gone="queue", queue="team"))
    flow = acme_flow(every_storage, clock, router=alone)
    assert flow.count(field("owner").is_known() & ~field("owner").is_in(*alone.reps)) == len(leads)
    assert flow.hand_over(by=EVA).leads == 4
    assert owners(flow, leads)["sql"] == "queue team"
    assert "is not on the roster" in str(flow.explain(leads["sql"]))
    assert flow.accept(leads["mql"], by="ben").owner == "ben"
    consistent(flow)


def test_by_default_who_is_away_keeps_them_and_gets_nothing_back_what_others_took(every_storage, clock, leads):
    clock.advance(days=1)
    keeps = flow_of(every_storage, clock, **AWAY)
    assert keeps.hand_over("anna", by=EVA).leads == 0
    flow = flow_of(every_storage, clock, Handover(away="rotation"), **AWAY)
    assert flow.hand_over(by=EVA).leads == 4
    assert owners(flow, leads)["mql"] == "ben"
    clock.advance(days=6, hours=23)  # an hour before the MQL cools
    flow.run_due()
    assert keeps.get(leads["customer"]).owner == "anna"
    before = owners(flow, leads)
    assert flow.hand_over(by=EVA).leads == 0
    flow.run_due()
    assert owners(flow, leads) == before, "nothing is stolen back"


def test_who_is_there_or_unknown_is_refused(every_storage, clock, leads):
    flow = flow_of(every_storage, clock, **GONE)
    with pytest.raises(InvalidInput, match="this rep is there"):
        flow.hand_over("ben", by=EVA)
    with pytest.raises(InvalidInput, match="did you mean anna"):
        flow.hand_over("ana", by=EVA)
    with pytest.raises(InvalidInput, match="give LeadFlow a router"):
        acme_flow(every_storage, clock, router=None).hand_over(by=EVA)
    assert set(owners(flow, leads).values()) == {"anna"}


@pytest.mark.parametrize(("breached", "owner"), [("keep", "anna"), ("rotation", "ben"), ("queue", None)])
def test_a_breach_while_the_owner_is_away_hands_the_lead_on(storage, clock, breached, owner):
    flow = flow_of(storage, clock, Handover(breached=breached), **AWAY)
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="d")
    assert flow.get(lead_id).owner == "anna"
    clock.advance(days=1)
    flow.run_due()
    lead = flow.get(lead_id)
    assert (lead.deadline.breached, lead.owner) == (True, owner)
    taken = [fact for fact in flow.history(lead_id) if isinstance(fact, LeadRouted)]
    because = [one.because for fact in taken for one in fact.route.candidates]
    words = "taken away: anna is away until 2026-03-09; the service level of mql was breached"
    assert (words in because) is (breached != "keep")
    consistent(flow)


def test_a_breach_while_the_owner_is_there_takes_nothing(storage, clock):
    flow = flow_of(storage, clock, Handover(breached="rotation"))
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="d")
    had = flow.get(lead_id).owner
    clock.advance(days=1)
    flow.run_due()
    assert (flow.get(lead_id).owner, flow.get(lead_id).deadline.breached) == (had, True)


def test_a_router_with_its_policy_goes_to_json():
    one = router(Handover(gone="queue", away="rotation", breached="queue", queue="team"))
    assert Router.model_validate_json(one.model_dump_json()) == one
    assert "team" in one.queues


def test_a_substitute_may_hand_over_what_is_somebody_elses(storage, clock):
    flow = flow_of(storage, clock, **GONE)
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.fast_track(lead_id, by="ben", to="sal", reason="x")
    with pytest.raises(InvalidInput, match="ben"):
        flow.hand_over("ben", by="ben")
    assert flow.recycle(lead_id, by="ben", reason="x", revisit=date(2026, 9, 1)).stage == "lead"
