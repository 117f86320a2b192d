"""Eight processes at once. Each race has a naive twin that must lose it: else the race would prove nothing."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from acme import ADA, consistent
from leadflow import LeadFlow, Qualification, Rep, Router, Territory, field
from leadflow.adapters.sql import SqlStorage
from leadflow.events import Change, LeadCaptured
from processes import ChecksThenActs, all_at_once

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("everything_is_loaded")]
PROCESSES = 8


class LastWriteWins(SqlStorage):
    """The naive way with counters: write what was computed, whatever has happened since, each for itself."""

    def tasks(self, *_args, **_named):
        return []

    def save(self, change: Change) -> None:
        written = [state for state in change.states if state.value is not None]
        time.sleep(0.01)
        now = self.states([state.key for state in written])
        blind = [one.but(read_version=now[one.key].version if one.key in now else 0) for one in written]
        super().save(change.but(states=tuple(blind)))


# --------------------------------------------------------------------------------------------- one new address
def captures(number, storage, url, times):
    own = storage(url)
    flow = LeadFlow(own)
    for turn in range(times):
        spelling = "Ada@ACME.example" if turn % 2 else "ada@acme.example"
        flow.capture({"email": spelling, "last_name": "Lovelace"}, source="race", id=f"{number}-{turn}")
    own.close()


def race_for_an_address(opened, url, storage, times):
    storage(url).migrate().close()
    seconds = all_at_once(captures, storage, url, times, processes=PROCESSES)
    flow = LeadFlow(opened(SqlStorage(url)))
    leads = list(flow.leads())
    kept = [f.submission_id for lead in leads for f in flow.history(lead.id) if isinstance(f, LeadCaptured)]
    return flow, leads, kept, seconds


def test_eight_processes_capture_one_new_address_as_one_lead_and_keep_every_submission(url, opened, record_property):
    flow, leads, kept, seconds = race_for_an_address(opened, url, SqlStorage, 200)
    record_property("captures per second", round(PROCESSES * 200 / seconds))
    assert len(leads) == 1
    assert sorted(kept) == sorted(f"{n}-{t}" for n in range(PROCESSES) for t in range(200))
    assert leads[0].version == PROCESSES * 200
    consistent(flow)


def test_the_naive_twin_makes_several_leads(url, opened):
    for _ in range(20):
        flow, leads, _, _ = race_for_an_address(opened, url, ChecksThenActs, 5)
        flow.storage.close()
        if len(leads) > 1:
            return
    pytest.fail("checking, then acting never lost the race: it proves nothing here")


# ------------------------------------------------------------------------------------------------ seven reps
NORTH = [Rep("anna"), Rep("ben"), Rep("carl"), Rep("dora"), Rep("both-1", daily_cap=100), Rep("both-2", daily_cap=100)]
SOUTH = [Rep("emil"), Rep("both-1", daily_cap=100), Rep("both-2", daily_cap=100)]
ROUTER = Router(
    [
        Territory("north", field("address.country") == "DE", reps=NORTH),
        Territory("south", field("address.country") == "AT", reps=SOUTH),
    ]
)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def routes(number, storage, url, ids):
    own = storage(url)
    flow = LeadFlow(own, router=ROUTER, clock=lambda: NOON)
    for lead_id in ids[number::PROCESSES]:
        flow.route(lead_id)
    own.close()


def race_of_routing(opened, url, storage, many):
    setup = opened(SqlStorage(url)).migrate()
    waiting = LeadFlow(setup, qualification=Qualification(mql=field("email.address").is_known()), clock=lambda: NOON)
    ids = [
        waiting.capture(
            ADA | {"email": f"p{n}@acme.example", "country": "DE" if n % 4 else "AT"}, source="race"
        ).lead_id
        for n in range(many)
    ]
    seconds = all_at_once(routes, storage, url, ids, processes=PROCESSES)
    flow = LeadFlow(setup, router=ROUTER, clock=lambda: NOON + timedelta(minutes=1))
    flow.run_due()  # for whom a quarter of a second was not enough: routed once and for all by then
    return flow, [flow.get(lead_id) for lead_id in ids], seconds


def turns(leads):
    return [(lead.owner, lead.route.turn) for lead in leads if lead.route and lead.owner]


def test_eight_processes_route_a_thousand_leads_fairly_within_the_caps(url, opened, record_property):
    flow, leads, seconds = race_of_routing(opened, url, SqlStorage, 1000)
    record_property("routes per second", round(1000 / seconds))
    assert all(lead.owner for lead in leads)
    assert len(set(turns(leads))) == len(leads)
    shares = Counter(lead.owner for lead in leads)
    assert shares["both-1"] <= 100
    assert shares["both-2"] <= 100
    north = [shares[rep] for rep in ("anna", "ben", "carl", "dora")]
    assert max(north) - min(north) <= 1
    ledgers = flow.storage.states([f"ledger:{rep}" for rep in shares])
    assert {key.removeprefix("ledger:"): state.value["assigned"] for key, state in ledgers.items()} == dict(shares)
    consistent(flow)


def test_the_naive_twin_gives_the_same_turn_twice(url, opened):
    _, leads, _ = race_of_routing(opened, url, LastWriteWins, 120)
    assert len(set(turns(leads))) < len(leads)
