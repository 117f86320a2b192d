"""People decide whose lead it is: assigned, taken away, handed on many at once; the ledgers follow."""

from __future__ import annotations

import pytest

from acme import ADA, acme_flow, consistent
from leadflow import Actor, LeadRouted, Rep, Router, Territory, field
from leadflow.conditions import always
from leadflow.decisions.ledgers import ledger_key
from leadflow.errors import InvalidInput, Refused

LEAD_OF_SALES = Actor(kind="marketing", id="eva")


@pytest.fixture
def flow(every_storage, clock, outbox):
    return acme_flow(every_storage, clock, outbox)


def hot(flow, number: int) -> str:
    values = {**ADA, "email": f"p{number}@firm{number}.example", "last_name": f"Name{number}", "company": f"F{number}"}
    lead_id = flow.capture(values, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id=f"demo-{number}")
    return lead_id


def open_leads(flow, rep: str) -> int:
    return int(flow.storage.states([ledger_key(rep)])[ledger_key(rep)].value.get("open", 0))


def test_a_lead_is_given_to_a_rep_by_hand_and_both_ledgers_count_it(flow):
    lead_id = hot(flow, 1)
    assert flow.get(lead_id).owner == "anna"
    moved = flow.assign(lead_id, "ben", by=LEAD_OF_SALES, reason="knows the customer")
    assert (moved.stage, moved.owner) == ("mql", "ben")
    assert (open_leads(flow, "anna"), open_leads(flow, "ben")) == (0, 1)
    assert flow.recount() == ()
    assert flow.accept(lead_id, by="ben").stage == "sal"
    consistent(flow)


def test_the_route_and_the_explanation_say_who_decided_and_why(flow):
    lead_id = hot(flow, 1)
    flow.assign(lead_id, "ben", by=LEAD_OF_SALES, reason="knows the customer")
    said = str(flow.explain(lead_id))
    assert "to ben" in said
    assert "ben: eligible; assigned by hand: knows the customer" in said
    assert "anna: not eligible; taken away: knows the customer" in said
    last = [fact for fact in flow.history(lead_id) if isinstance(fact, LeadRouted)][-1]
    assert (last.actor, last.route.turn) == (LEAD_OF_SALES, 0)


def test_assigning_to_who_has_it_writes_nothing(flow):
    lead_id = hot(flow, 1)
    before = flow.get(lead_id)
    assert flow.assign(lead_id, "anna", by="anna", reason="again").owner == "anna"
    assert flow.get(lead_id) == before


@pytest.mark.parametrize(("rep", "remedy"), [("bem", "ben"), ("carl", "anna, ben"), ("", "characters")])
def test_a_rep_whom_nobody_knows_is_refused_with_the_nearest_name(flow, rep, remedy):
    lead_id = hot(flow, 1)
    with pytest.raises(InvalidInput, match=remedy):
        flow.assign(lead_id, rep, by=LEAD_OF_SALES, reason="x")
    assert flow.get(lead_id).owner == "anna"


def test_a_rep_who_is_not_active_gets_nothing(every_storage, clock):
    gone = Router([Territory("all", always(), reps=[Rep("anna"), Rep("ben", active=False)])])
    flow = acme_flow(every_storage, clock, router=gone)
    lead_id = hot(flow, 1)
    with pytest.raises(InvalidInput, match="not active"):
        flow.assign(lead_id, "ben", by=LEAD_OF_SALES, reason="x")


def test_without_a_router_any_rep_may_get_a_lead(every_storage, clock):
    flow = acme_flow(every_storage, clock, router=None)
    lead_id = hot(flow, 1)
    assert flow.assign(lead_id, "zoe", by="zoe", reason="met at the fair").owner == "zoe"
    assert flow.recount() == ()


def test_nobody_can_own_who_is_anonymous_or_disqualified(flow):
    visitor = flow.visit("browser", "page_viewed").lead_id
    lead_id = hot(flow, 1)
    flow.disqualify(lead_id, by="anna", reason="competitor")
    for one in (visitor, lead_id):
        with pytest.raises(Refused, match="nobody can own"):
            flow.assign(one, "ben", by=LEAD_OF_SALES, reason="x")
        with pytest.raises(Refused, match="nobody can own"):
            flow.unassign(one, by=LEAD_OF_SALES, reason="x")


def test_a_lead_that_is_taken_away_goes_to_whose_turn_it_is(flow):
    leads = [hot(flow, number) for number in range(3)]  # anna has weight 2
    assert [flow.get(one).owner for one in leads] == ["anna", "anna", "ben"]
    moved = flow.unassign(leads[0], by=LEAD_OF_SALES, reason="anna is ill")
    assert moved.owner == flow.get(leads[0]).owner in ("anna", "ben")
    last = [fact for fact in flow.history(leads[0]) if isinstance(fact, LeadRouted)][-1]
    assert last.route.turn == 3 - (moved.owner == "ben"), "it is a turn like any other"
    assert open_leads(flow, "anna") + open_leads(flow, "ben") == 3
    assert flow.recount() == ()
    consistent(flow)


def test_a_lead_of_nurturing_that_is_taken_away_is_nobodys(flow):
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.assign(lead_id, "ben", by=LEAD_OF_SALES, reason="named account")
    flow.unassign(lead_id, by=LEAD_OF_SALES, reason="no longer")
    lead = flow.get(lead_id)
    assert (lead.stage, lead.owner, lead.queue) == ("lead", None, None)
    assert flow.recount() == ()


def test_an_owner_of_a_lead_in_nurturing_gets_it_when_it_qualifies(flow):
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.assign(lead_id, "ben", by=LEAD_OF_SALES, reason="named account")
    flow.record(lead_id, "demo_requested", id="d")
    assert (flow.get(lead_id).stage, flow.get(lead_id).owner) == ("mql", "ben")
    assert (open_leads(flow, "ben"), flow.recount()) == (1, ())


def test_a_lead_is_put_into_a_queue_of_the_router_and_taken_from_it(flow):
    lead_id = hot(flow, 1)
    with pytest.raises(InvalidInput, match="unrouted"):
        flow.unassign(lead_id, "unruoted", by=LEAD_OF_SALES, reason="x")
    flow.unassign(lead_id, "unrouted", by=LEAD_OF_SALES, reason="the team decides")
    flow.run_due()
    lead = flow.get(lead_id)
    assert (lead.owner, lead.queue) == (None, "unrouted")
    flow.accept(lead_id, by="ben")
    assert flow.get(lead_id).owner == "ben"
    assert flow.recount() == ()
    consistent(flow)


def test_twice_with_one_key_is_once(flow):
    lead_id = hot(flow, 1)
    for _ in range(2):
        flow.assign(lead_id, "ben", by=LEAD_OF_SALES, reason="x", key="k")
    assert len([fact for fact in flow.history(lead_id) if isinstance(fact, LeadRouted)]) == 2


ANNAS = field("owner") == "anna"


def test_what_a_rep_leaves_behind_is_handed_on_after_a_dry_run(flow):
    leads = [hot(flow, number) for number in range(9)]
    annas = [one for one in leads if flow.get(one).owner == "anna"]
    foreseen = flow.reassign(ANNAS, to="ben", by=LEAD_OF_SALES, reason="anna left", dry_run=True)
    assert [flow.get(one).owner for one in annas] == ["anna"] * len(annas)
    heard: list[int] = []
    done = flow.reassign(ANNAS, to="ben", by=LEAD_OF_SALES, reason="anna left", watch=heard.append)
    assert done == foreseen == (len(annas), (), {"ben": len(annas)}, ())
    assert heard == [len(annas)]
    assert {flow.get(one).owner for one in leads} == {"ben"}
    assert flow.reassign(ANNAS, to="ben", by=LEAD_OF_SALES, reason="anna left").leads == 0
    assert flow.recount() == ()


def test_what_can_not_be_handed_on_is_reported_and_stays(flow):
    good = hot(flow, 1)
    bad = flow.visit("browser", "page_viewed").lead_id
    done = flow.reassign(None, to="ben", by=LEAD_OF_SALES, reason="x")
    assert (done.leads, [one for one, _ in done.refused]) == (1, [bad])
    assert flow.get(good).owner == "ben"


def test_what_a_dry_run_says_of_the_rotation_happens(flow):
    leads = [hot(flow, number) for number in range(9)]
    foreseen = flow.reassign(None, by=LEAD_OF_SALES, reason="anew", dry_run=True)
    assert {flow.get(one).owner for one in leads} == {"anna", "ben"}
    done = flow.reassign(None, by=LEAD_OF_SALES, reason="anew")
    assert done == foreseen
    assert (done.leads, sum(done.owners.values()), done.unplaced) == (9, 9, ())
    assert flow.count(by="owner") == done.owners
    consistent(flow)


def test_whom_nobody_can_get_is_no_success_and_says_where_it_waits(every_storage, clock):
    capped = Router([Territory("all", always(), reps=[Rep("anna"), Rep("ben", open_cap=2)], queue="later")])
    leads = [hot(acme_flow(every_storage, clock, router=capped), number) for number in range(5)]
    left = Router([Territory("all", always(), reps=[Rep("anna", active=False), Rep("ben", open_cap=3)], queue="later")])
    flow = acme_flow(every_storage, clock, router=left)
    foreseen = flow.reassign(ANNAS, by=LEAD_OF_SALES, reason="anna left", dry_run=True)
    done = flow.reassign(ANNAS, by=LEAD_OF_SALES, reason="anna left")
    assert done == foreseen
    assert (done.leads, done.owners, len(done.unplaced)) == (1, {"ben": 1}, 2)
    assert {why for _, why in done.unplaced} == {"it waits in queue later"}
    assert flow.count(by="queue") == {"later": 2, None: 3}
    assert {flow.get(one).owner for one in leads} == {"ben", None}
    bens = field("owner") == "ben"  # at his cap, until they are taken from him
    assert flow.reassign(bens, by=LEAD_OF_SALES, reason="x", dry_run=True).owners == {"ben": 3}
    assert flow.reassign(bens, by=LEAD_OF_SALES, reason="x").owners == {"ben": 3}
    consistent(flow)


def test_the_rotation_takes_no_customers_from_their_rep(flow):
    open_lead, customer = hot(flow, 1), hot(flow, 2)
    for one in (open_lead, customer):
        flow.assign(one, "anna", by=LEAD_OF_SALES, reason="x")
    flow.fast_track(customer, by="anna", to="sql", reason="met")
    flow.open_deal(customer, "d", by="anna", amount=1)
    flow.win(customer, by="anna")
    for dry_run in (True, False):
        done = flow.reassign(ANNAS, by=LEAD_OF_SALES, reason="anna left", dry_run=dry_run)
        assert [one for one, why in done.refused if "give a rep or a queue" in why] == [customer]
        assert done.leads == 1
    assert flow.get(customer).owner == "anna"
    assert flow.get(open_lead).owner is not None
    assert flow.reassign(ANNAS & (field("stage") == "customer"), to="ben", by=LEAD_OF_SALES, reason="x").leads == 1
    consistent(flow)


def test_a_queue_that_is_asked_for_is_where_leads_should_be(flow):
    hot(flow, 1)
    for dry_run in (True, False):
        assert flow.reassign(None, queue="unrouted", by=LEAD_OF_SALES, reason="x", dry_run=dry_run).leads == 1
    assert flow.count(by="queue") == {"unrouted": 1}


def test_without_a_router_leads_for_the_rotation_wait_for_a_process_that_has_one(every_storage, clock):
    bare = acme_flow(every_storage, clock, router=None)
    lead_id = hot(bare, 1)
    bare.assign(lead_id, "anna", by="anna", reason="x")
    done = bare.reassign(ANNAS, by=LEAD_OF_SALES, reason="x")
    assert (done.leads, done.unplaced) == (0, ((lead_id, "it waits for a process that routes"),))
    clock.advance(minutes=1)
    routing = acme_flow(every_storage, clock)
    routing.run_due()
    assert routing.get(lead_id).owner == "anna"


@pytest.mark.parametrize(("to", "by"), [("carl", "anna"), ("bem", "anna"), ("ben", "carl")])
def test_who_is_on_no_roster_is_refused_once(flow, to, by):
    hot(flow, 1)
    for dry_run in (True, False):
        with pytest.raises(InvalidInput, match="no rep of the roster"):
            flow.reassign(None, to=to, by=by, reason="x", dry_run=dry_run)


def test_more_than_a_page_is_handed_on(every_storage, clock):
    flow = acme_flow(every_storage, clock, router=None)
    for number in range(120):
        lead_id = flow.capture({"email": f"p{number}@x{number}.example"}, source="web").lead_id
        flow.assign(lead_id, "anna", by="anna", reason="x")
    assert flow.reassign(ANNAS, to="ben", by="anna", reason="left").leads == 120
    assert flow.count(by="owner") == {"ben": 120}


def test_to_a_rep_and_into_a_queue_is_refused(flow):
    with pytest.raises(InvalidInput, match="not both"):
        flow.reassign(ANNAS, to="ben", queue="unrouted", by="anna", reason="x")


# ------------------------------------------------------------------------------ what reps do themselves
def test_a_rep_who_skips_stages_into_sales_keeps_the_lead(flow):
    lead_id = flow.capture(ADA, source="fair").lead_id
    moved = flow.fast_track(lead_id, by="ben", to="sql", reason="met at the fair, has a budget")
    assert (moved.stage, moved.owner) == ("sql", "ben")
    assert (open_leads(flow, "ben"), flow.recount()) == (1, ())


def test_without_a_router_too(every_storage, clock):
    flow = acme_flow(every_storage, clock, router=None)
    lead_id = flow.capture(ADA, source="fair").lead_id
    assert flow.fast_track(lead_id, by="ben", to="sql", reason="x").owner == "ben"
