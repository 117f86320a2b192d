"""Ledgers count what the leads do, whatever is erased, killed or given back in between."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from acme import Clock, Outbox, acme_flow, hot_lead, killed_before_ledgers, person
from leadflow import LeadFlow, LeadflowError, Rep, Router, Territory, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.decisions.ledgers import ledger_key
from leadflow.entities import Actor
from leadflow.rotation.ledger import Ledger

REVISIT = date(2026, 9, 1)
ONE_LEAD = Router([Territory("all", field("address.country") == "DE", reps=[Rep("anna", open_cap=1)])])


def ledger(flow: LeadFlow, rep: str = "anna") -> Ledger:
    state = flow.storage.states([ledger_key(rep)]).get(ledger_key(rep))
    return Ledger.model_validate(state.value) if state else Ledger(rep=rep)


@pytest.fixture
def small(storage, clock, outbox) -> LeadFlow:
    return acme_flow(storage, clock, outbox, router=ONE_LEAD)


def test_a_rep_whose_lead_left_and_was_erased_before_it_was_noted_gets_leads_again(small, storage, clock, outbox):
    lead_id = hot_lead(small, 1)
    assert small.get(lead_id).owner == "anna"
    dying = killed_before_ledgers(acme_flow(storage, clock, outbox, router=ONE_LEAD))
    dying.disqualify(lead_id, by="anna", reason="student")
    dying.erase(lead_id, by="anna")
    small.run_due()
    assert ledger(small).open == 0
    assert small.recount() == ()
    assert small.get(hot_lead(small, 2)).owner == "anna"


def test_a_lead_erased_in_a_reps_hands_leaves_them(small, storage, clock, outbox):
    lead_id = hot_lead(small, 1)
    killed_before_ledgers(acme_flow(storage, clock, outbox, router=ONE_LEAD)).erase(lead_id, by="anna")
    assert [(one.rep, one.open, one.counted) for one in small.recount()] == []  # what waits is counted in
    small.run_due()
    assert (ledger(small).open, small.recount()) == (0, ())


@pytest.mark.parametrize("erases", ["without a router", "with another roster"])
def test_who_gives_a_lead_up_needs_no_roster(small, storage, clock, erases):
    lead_id = hot_lead(small, 1)
    other = Router([Territory("all", field("address.country") == "DE", reps=[Rep("zoe")])])
    flow = LeadFlow(storage, clock=clock, router=other if erases == "with another roster" else None)
    flow.erase(lead_id, by="anna")
    small.run_due()
    assert (ledger(small).open, small.recount()) == (0, ())


def test_a_rep_who_comes_back_to_the_roster_has_the_leads_that_are_open(small, storage, clock, outbox):
    lead_id = hot_lead(small, 1)
    roster = Router([Territory("all", field("address.country") == "DE", reps=[Rep("zoe")])])
    acme_flow(storage, clock, outbox, router=roster).disqualify(lead_id, by="zoe", reason="student")
    assert small.get(hot_lead(small, 2)).owner == "anna"
    assert (ledger(small).open, small.recount()) == (1, ())


def test_notes_count_in_any_order(small, storage, clock, outbox):
    dying = killed_before_ledgers(acme_flow(storage, clock, outbox, router=ONE_LEAD))
    lead_id = hot_lead(dying, 1)
    dying.accept(lead_id, by="anna")
    dying.recycle(lead_id, by="anna", reason="later", revisit=REVISIT)
    taken, given_back = sorted(
        (task for task in storage.tasks(limit=99) if task.kind == "ledger"), key=lambda task: task.payload["what"]
    )[::-1]
    for task in (given_back, taken):
        small._do(small._runner.did(task))
        small._do(small._runner.did(task))
    assert (ledger(small).open, ledger(small).assigned, small.recount()) == (0, 1, ())


def test_a_lead_that_the_policy_takes_back_in_the_change_that_routes_it_is_nobodys(small, storage, clock, monkeypatch):
    """What the rotation gave in a Change that also ends in nurturing is given back in the ledger."""
    from leadflow.decisions import assignment
    from leadflow.decisions.transitions import make_move

    def takes_back(draft, known):
        make_move(draft, "disqualify", reason="a rule", by=Actor(kind="rep", id="anna"))

    with monkeypatch.context() as rules:
        rules.setattr(assignment, "follow_up", takes_back)
        lead_id = hot_lead(small, 1)
    assert (small.get(lead_id).stage, small.get(lead_id).owner) == ("disqualified", None)
    small.run_due()
    assert (ledger(small).open, ledger(small).assigned, small.recount()) == (0, 1, ())


def test_an_erasure_takes_nothing_from_what_others_wait_for(small, storage, clock, outbox):
    """Every task and state that carries the lead's id goes with it; what is left concerns others."""
    keep, erased = hot_lead(small, 1), small.capture(person(2) | {"company": "Acme GmbH"}, source="fair").lead_id
    before = {task.key for task in storage.tasks(limit=999) if task.lead_id != erased}
    small.erase(erased, by="anna")
    left = storage.tasks(limit=999)
    assert before <= {task.key for task in left}
    assert {task.key.split(":")[0] for task in left if task.lead_id == erased} == {"deliver"}
    assert storage.load([keep])


def test_a_miscount_says_what_is_wrong(small, storage):
    from leadflow.events import Change, StateWrite

    hot_lead(small, 1)
    state = storage.states([ledger_key("anna")])[ledger_key("anna")]
    wrong = dict(state.value) | {"open": 3}
    storage.save(Change(states=(StateWrite(key=ledger_key("anna"), read_version=state.version, value=wrong),)))
    (found,) = small.recount()
    assert (found.rep, found.open, found.counted, found.pending) == ("anna", 3, 1, 0)
    assert "anna: the ledger has 3 open, the leads are 1" in str(found)


# ----------------------------------------------------------------------------------------------------- random journeys
class Journeys(RuleBasedStateMachine):
    """Random journeys in two processes, of which one may die after each Change; rosters differ, leads are erased."""

    leads = Bundle("leads")

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.storage = Clock(), MemoryStorage()
        wide = Router([Territory("all", field("address.country") == "DE", reps=[Rep("anna", open_cap=2), Rep("ben")])])
        self.flow = acme_flow(self.storage, self.clock, Outbox(), router=wide)
        self.dying = killed_before_ledgers(acme_flow(self.storage, self.clock, Outbox(), router=ONE_LEAD))
        self.bare = LeadFlow(self.storage, clock=self.clock)
        self.count = 0

    def by_one_of_them(self, process, command):
        flow = {"whole": self.flow, "dying": self.dying, "bare": self.bare}[process]
        try:
            return command(flow)
        except LeadflowError:
            return None

    processes = st.sampled_from(["whole", "whole", "dying", "bare"])
    reps = st.sampled_from(["anna", "ben", "carl"])

    @rule(target=leads, process=processes, hot=st.booleans(), visitor=st.sampled_from([None, "c1", "c2"]))
    def comes(self, process, hot, visitor):
        self.count += 1
        number = self.count
        got = self.by_one_of_them(process, lambda flow: flow.capture(person(number), source="fair", visitor=visitor))
        if hot:
            self.by_one_of_them(process, lambda flow: flow.record(got.lead_id, "demo_requested", id="1"))
        return got.lead_id

    @rule(visitor=st.sampled_from(["c1", "c2", "c3"]))
    def visits(self, visitor):
        self.flow.visit(visitor, "page_viewed")

    @rule(
        lead=leads,
        process=processes,
        move=st.sampled_from("qualify accept reject confirm recycle step_back disqualify reopen fast_track".split()),
        to=st.sampled_from([None, "sql", "sal", "mql"]),
        by=reps,
    )
    def moves(self, lead, process, move, to, by):
        self.by_one_of_them(process, lambda flow: flow.move(lead, move, by=by, to=to, reason="so", revisit=REVISIT))

    @rule(lead=leads, process=processes, by=reps, won=st.booleans())
    def sells(self, lead, process, by, won):
        self.count += 1
        deal = f"d{self.count}"
        self.by_one_of_them(process, lambda flow: flow.open_deal(lead, deal, by=by, amount=1))
        if won:
            self.by_one_of_them(process, lambda flow: flow.win(lead, by=by))

    @rule(lead=consumes(leads), process=processes, twice=st.booleans())
    def is_erased(self, lead, process, twice):
        for _ in range(1 + twice):
            self.by_one_of_them(process, lambda flow: flow.erase(lead, by="anna", key=f"erase {lead}"))

    @rule(process=st.sampled_from(["whole", "dying"]), lead=leads)
    def is_routed_again(self, process, lead):
        self.by_one_of_them(process, lambda flow: flow.route(lead))

    @rule(days=st.sampled_from([0.1, 1, 30]))
    def time_passes(self, days):
        self.clock.advance(days=days)
        self.flow.tick(limit=3)

    @invariant()
    def what_waits_makes_up_for_what_is_not_noted(self):
        assert self.flow.recount() == ()

    def teardown(self):
        self.clock.advance(minutes=5)
        self.flow.run_due()
        open_now = Counter(
            lead.owner
            for lead in self.flow.leads()
            if lead.owner and lead.stage in ("mql", "sal", "sql", "opportunity")
        )
        for rep in ("anna", "ben", "carl"):
            assert ledger(self.flow, rep).open == open_now[rep], rep
        assert not [task for task in self.storage.tasks(limit=9999) if task.kind == "ledger"]


TestJourneys = Journeys.TestCase
TestJourneys.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
