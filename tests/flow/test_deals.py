"""Deals that change while they are open, and lost ones that come back; the CRM makes every move that a rep may."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from acme import ADA, acme_flow, consistent
from leadflow import Actor, DealChanged
from leadflow.errors import InvalidInput, MoveNotAllowed, NotFound, Refused

CRM = Actor(kind="crm", id="acmecrm")
LATER = date(2027, 1, 15)


@pytest.fixture
def flow(every_storage, clock, outbox):
    return acme_flow(every_storage, clock, outbox)


@pytest.fixture
def ada(flow):
    """An opportunity of anna's with one open deal."""
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="d")
    flow.accept(lead_id, by="anna")
    flow.confirm(lead_id, by="anna")
    flow.open_deal(lead_id, "D-1", by="anna", amount="1200.50", name="two robots")
    return lead_id


def deal(flow, lead_id, deal_id="D-1"):
    return flow.get(lead_id).deal(deal_id)


def test_an_open_deal_is_put_right_and_the_rest_of_it_stays(flow, ada):
    before = deal(flow, ada)
    moved = flow.change_deal(ada, by=CRM, amount="0", expected=LATER)
    assert (moved.source, moved.stage) == ("opportunity", "opportunity")
    after = deal(flow, ada)
    assert (after.amount, after.expected) == (Decimal(0), LATER)
    assert after == before.but(amount=Decimal(0), expected=LATER)
    said = [fact for fact in flow.history(ada) if isinstance(fact, DealChanged)]
    assert [(fact.actor, fact.deal) for fact in said][-1] == (CRM, after)
    consistent(flow)


def test_what_is_so_already_writes_nothing(flow, ada):
    before = flow.get(ada)
    flow.change_deal(ada, by="anna", amount=Decimal("1200.5"), name="two robots")
    flow.change_deal(ada, by="anna")
    assert flow.get(ada) == before


@pytest.mark.parametrize(
    "wrong", [{"amount": -1}, {"amount": "a lot"}, {"currency": "Euro"}, {"name": "x" * 5_000}, {"expected": "soon"}]
)
def test_what_no_deal_has_is_refused_and_changes_nothing(flow, ada, wrong):
    before = flow.get(ada)
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        flow.change_deal(ada, by="anna", **wrong)
    assert flow.get(ada) == before


def test_a_deal_that_is_not_there_or_closed_is_not_changed(flow, ada):
    with pytest.raises(NotFound, match="D-2"):
        flow.change_deal(ada, "D-2", by="anna", amount=1)
    flow.win(ada, by="anna")
    with pytest.raises(Refused, match="already won"):
        flow.change_deal(ada, "D-1", by="anna", amount=1)
    with pytest.raises(Refused, match="only a lost one"):
        flow.reopen_deal(ada, "D-1", by="anna", reason="x")


def test_a_lost_deal_comes_back_and_its_lead_with_it(flow, ada):
    before = deal(flow, ada)
    flow.lose(ada, by="anna", reason="no budget", revisit=LATER)
    assert (flow.get(ada).stage, flow.get(ada).owner) == ("lead", None)
    moved = flow.reopen_deal(ada, by="anna", reason="budget came")
    assert (moved.source, moved.stage, moved.owner) == ("lead", "opportunity", "anna")
    assert deal(flow, ada) == before
    assert flow.win(ada, by="anna").stage == "customer"
    assert flow.recount() == ()
    consistent(flow)


def test_a_customers_lost_deal_comes_back_and_leaves_the_customer_one(flow, ada):
    flow.win(ada, by="anna")
    flow.open_deal(ada, "D-2", by="anna")
    flow.lose(ada, "D-2", by="anna", reason="too dear")
    moved = flow.reopen_deal(ada, "D-2", by=CRM, reason="a discount")
    assert (moved.stage, deal(flow, ada, "D-2").status) == ("customer", "open")
    consistent(flow)


def test_one_of_two_deals_comes_back_without_a_move(flow, ada):
    flow.open_deal(ada, "D-2", by="anna")
    flow.lose(ada, "D-2", by="anna", reason="too dear")
    assert flow.get(ada).stage == "opportunity"
    flow.reopen_deal(ada, "D-2", by="anna", reason="a discount")
    assert [one.status for one in flow.get(ada).deals] == ["open", "open"]


def test_reopening_a_deal_that_nobody_has_is_not_found(flow, ada):
    with pytest.raises(NotFound, match="D-9"):
        flow.reopen_deal(ada, "D-9", by="anna", reason="x")


def test_the_crm_makes_every_move_that_a_rep_makes(flow):
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="d")
    assert flow.accept(lead_id, by=CRM).stage == "sal"
    assert flow.step_back(lead_id, by=CRM, reason="too soon").stage == "mql"
    assert flow.reject(lead_id, by=CRM, reason="no budget", revisit=LATER).stage == "lead"
    assert flow.fast_track(lead_id, by=CRM, to="sql", reason="called back").stage == "sql"
    assert flow.recycle(lead_id, by=CRM, reason="no budget", revisit=LATER).stage == "lead"
    consistent(flow)


def test_the_crm_accepts_no_lead_that_nobody_owns(every_storage, clock):
    flow = acme_flow(every_storage, clock, router=None)
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="d")
    with pytest.raises(MoveNotAllowed, match="an owner"):
        flow.accept(lead_id, by=CRM)
