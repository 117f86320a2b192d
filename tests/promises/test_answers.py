"""What a command answers is what became of the lead."""

from __future__ import annotations

import logging

from acme import ADA, acme_flow
from leadflow import Actor, Rep, Router, Territory, field

MIA = Actor(kind="marketing", id="mia")


def test_a_move_answers_with_the_owner_that_routing_gave_also_when_it_is_repeated(flow):
    ada = flow.capture(ADA, source="fair").lead_id
    moved = flow.qualify(ada, by=MIA, reason="met", key="q-1")
    assert moved.owner == flow.get(ada).owner == "anna"
    assert flow.qualify(ada, by=MIA, reason="met", key="q-1") == moved


def test_a_policy_that_fails_is_a_named_queue_at_once_with_the_reason_and_a_line_in_the_log(storage, clock, caplog):
    def broken(_):
        raise ZeroDivisionError("no")

    territory = Territory("all", field("address.country") == "DE", reps=[Rep("anna")], policy=broken, queue="desk")
    flow = acme_flow(storage, clock, router=Router([territory]))
    ada = flow.capture(ADA, source="fair").lead_id
    with caplog.at_level(logging.INFO, logger="leadflow"):
        flow.qualify(ada, by=MIA, reason="met")
    lead = flow.get(ada)
    assert (lead.owner, lead.queue) == (None, "desk")
    assert "ZeroDivisionError: no" in lead.route.error
    assert [record.getMessage() for record in caplog.records] == [
        f"lead {ada} is in a queue: the policy of its territory failed"
    ]
    assert not flow.run_due().failed
    flow.accept(ada, by="anna")
    assert flow.get(ada).owner == "anna"
