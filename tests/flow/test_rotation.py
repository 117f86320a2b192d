"""Routing under the lease of the rotation: who holds it routes for all; nobody fails because others route."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from acme import START, Clock, Outbox, acme_flow, consistent, hot_lead, person
from leadflow import Actor, LeadFlow, NotFound
from leadflow.decisions.commands import Record
from leadflow.decisions.ledgers import ledger_key
from leadflow.decisions.rotation_lease import HELD_FOR, ROTATION
from leadflow.errors import Stale
from leadflow.events import Change, StateWrite
from leadflow.ports import State, Storage


@pytest.fixture
def storage(every_storage: Storage) -> Storage:
    return every_storage


def rotation_of(storage: Storage) -> State:
    return storage.states([ROTATION]).get(ROTATION) or State(0, {})


def somebody_holds(storage: Storage, clock: Clock) -> None:
    held = {"until": (clock() + HELD_FOR).isoformat()}
    version = rotation_of(storage).version
    storage.save(Change(states=(StateWrite(key=ROTATION, read_version=version, value=held),)))


def gives_back(storage: Storage) -> None:
    version = rotation_of(storage).version
    storage.save(Change(states=(StateWrite(key=ROTATION, read_version=version, value={}),)))


class Meanwhile:
    """A storage on which somebody else does something right before each of our Changes that write ledgers."""

    def __init__(self, storage: Storage, act, times: int = 1) -> None:
        self._storage, self._act, self._times = storage, act, times
        self.written: list[Change] = []

    def __getattr__(self, name):
        return getattr(self._storage, name)

    def save(self, change: Change) -> None:
        writes_ledgers = any(write.key.startswith("ledger:") for write in change.states)
        if self._times and writes_ledgers:
            self._times -= 1
            self._act()
        self._storage.save(change)
        self.written += [change] if writes_ledgers else []


class Killed(BaseException):
    """The process is gone."""


class Dies:
    """A storage of a process that is killed at its n-th write of those that follow a collision."""

    def __init__(self, storage: Storage, at: int) -> None:
        self._storage, self._left = storage, at

    def __getattr__(self, name):
        return getattr(self._storage, name)

    def save(self, change: Change) -> None:
        if self._left == 0:
            raise Killed
        self._left -= 1
        self._storage.save(change)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_kill_at_any_write_delays_routing_by_seconds_and_loses_nothing(flow, storage, clock, at):
    waiting = [hot_and_left_open(flow, n) for n in range(3)]

    def collides():
        acme_flow(storage, clock, Outbox()).route(waiting[0])

    dying = acme_flow(Dies(Meanwhile(storage, collides), at), clock, Outbox())
    try:
        dying.route(waiting[1])
    except Killed:
        clock.advance(seconds=HELD_FOR.total_seconds())
    for lead_id in waiting[1:]:
        flow.route(lead_id)
    assert Counter(flow.get(one).owner for one in waiting) == {"anna": 2, "ben": 1}
    assert flow.recount() == ()
    consistent(flow)


def test_who_does_not_hold_the_lease_answers_with_the_owner_open_and_the_task_remains(flow, storage, clock):
    somebody_holds(storage, clock)
    lead_id = flow.capture(person(1), source="fair").lead_id
    answer = flow.qualify(lead_id, by=Actor(kind="marketing", id="mia"), reason="met")
    assert (answer.stage, answer.owner) == ("mql", None)
    assert flow.route(lead_id) is None
    assert storage.task(f"route:{lead_id}").status == "waiting"
    clock.advance(seconds=31)  # the holder is dead
    flow.run_due()
    assert flow.get(lead_id).owner == "anna"
    consistent(flow)


def test_a_dead_holder_keeps_nobody_from_routing_for_longer_than_its_lease(flow, storage, clock):
    somebody_holds(storage, clock)
    clock.advance(seconds=HELD_FOR.total_seconds())
    assert flow.get(hot_lead(flow, 1)).owner == "anna"


def test_who_collides_routes_what_waits_for_others_too_in_one_change(storage, clock):
    flow = acme_flow(storage, clock, Outbox())
    waiting = [hot_and_left_open(flow, n) for n in range(4)]

    def routes_first():
        acme_flow(storage, clock, Outbox()).route(waiting[0])

    others = Meanwhile(storage, routes_first)
    late = acme_flow(others, clock, Outbox())
    assert late.route(waiting[3]).owner is not None
    owners = [flow.get(one).owner for one in waiting]
    assert None not in owners
    assert Counter(owners) == {"anna": 3, "ben": 1}  # 2 : 1, within one
    assert [len(change.leads) for change in others.written] == [3]
    assert rotation_of(storage).value == {}
    assert not [task for task in storage.tasks(limit=99) if task.kind == "route"]
    consistent(flow)


def hot_and_left_open(flow: Any, number: int) -> str:
    """Let a lead wait for a rep as one whose process died right after it qualified."""
    flow._runner.follow, follow = lambda _: iter(()), flow._runner.follow
    try:
        return hot_lead(flow, number)
    finally:
        flow._runner.follow = follow


def test_a_lead_that_moves_meanwhile_drops_out_and_the_others_are_routed(flow, storage, clock):
    waiting = [hot_and_left_open(flow, n) for n in range(3)]
    bare = LeadFlow(storage, clock=clock)

    def moves():  # the lead that we route, and one that waits for others
        for lead_id in waiting[:2]:
            bare.record(lead_id, "page_viewed", id=str(storage.load([lead_id])[lead_id].version))

    late = acme_flow(Meanwhile(storage, moves, times=2), clock, Outbox())
    assert late.route(waiting[0]).owner is not None  # it is tried again
    assert [bool(flow.get(one).owner) for one in waiting] == [True, False, True]
    clock.advance(minutes=1)
    flow.run_due()
    assert all(flow.get(one).owner for one in waiting)
    assert flow.recount() == ()
    consistent(flow)


def test_who_lost_the_lease_writes_nothing(flow, storage, clock):
    """A holder who was slow: somebody else took the lease meanwhile; its Change is fenced, and nobody hears of it."""
    waiting = [hot_and_left_open(flow, n) for n in range(2)]

    def is_slow():
        state = rotation_of(storage)
        held = {"until": (clock() + HELD_FOR).isoformat()}
        storage.save(Change(states=(StateWrite(key=ROTATION, read_version=state.version, value=held),)))

    late = acme_flow(Meanwhile(storage, is_slow, times=9), clock, Outbox())
    assert late.route(waiting[0]) is None
    assert flow.get(waiting[0]).owner is None
    assert storage.states([ledger_key("anna"), ledger_key("ben")]) == {}
    clock.advance(minutes=1)
    flow.run_due()
    assert all(flow.get(one).owner for one in waiting)


def test_what_nobody_can_route_is_in_no_others_way(flow, storage, clock):
    """Of two leads that follow from one Change, one fails; the other has its rep."""
    waiting = [hot_and_left_open(flow, n) for n in range(2)]
    tasks = [storage.task(f"route:{one}") for one in waiting]
    flow.erase(waiting[0], by="anna")
    flow._do(flow._runner.follow(tasks))
    assert flow.get(waiting[1]).owner == "anna"
    with pytest.raises(NotFound):
        flow.route(waiting[0])


def test_tick_outlasts_a_holder_whose_clock_is_far_ahead(flow, storage, clock):
    """It sees that the lease does not move, and takes it, whatever the clock of the dead says; it never waits."""
    lead_id = hot_and_left_open(flow, 1)
    held = {"until": (START + timedelta(days=9)).isoformat()}
    storage.save(Change(states=(StateWrite(key=ROTATION, read_version=rotation_of(storage).version, value=held),)))
    clock.advance(minutes=1)
    assert [key for key, _ in flow.run_due().failed] == [f"route:{lead_id}"]
    task = storage.task(f"route:{lead_id}")
    assert (task.status, task.attempts) == ("waiting", 0)
    clock.advance(seconds=HELD_FOR.total_seconds())
    flow.run_due()
    assert flow.get(lead_id).owner == "anna"
    assert rotation_of(storage).value == {}


def test_what_tick_leaves_to_a_living_holder_is_never_dead(flow, storage, clock):
    lead_id = hot_and_left_open(flow, 1)
    clock.advance(minutes=1)
    for _ in range(20):
        somebody_holds(storage, clock)
        flow.run_due()
        clock.advance(seconds=HELD_FOR.total_seconds())
    assert storage.tasks("dead") == []
    flow.run_due()
    assert flow.get(lead_id).owner == "anna"


def test_the_leads_of_a_group_are_routed_in_one_change(storage, clock):
    others = Meanwhile(storage, lambda: None, times=0)
    flow = acme_flow(others, clock, Outbox())
    ids = [flow.capture(person(n), source="fair").lead_id for n in range(6)]
    list(flow.record_many([Record(one, "demo_requested", id="demo") for one in ids]))
    assert [len(change.leads) for change in others.written] == [6]
    assert Counter(flow.get(one).owner for one in ids) == {"anna": 4, "ben": 2}
    consistent(flow)


def test_a_holder_goes_on_while_many_wait(flow, storage, clock):
    waiting = [hot_and_left_open(flow, n) for n in range(60)]
    others = Meanwhile(storage, lambda: acme_flow(storage, clock, Outbox()).route(waiting[0]))
    acme_flow(others, clock, Outbox()).route(waiting[59])
    assert len(others.written) >= 2
    assert rotation_of(storage).value == {}
    assert flow.recount() == ()
    owners = Counter(flow.get(one).owner for one in waiting)
    assert (None in owners) == bool(storage.tasks("waiting", kinds=["route"]))


def test_a_ledger_is_not_repaired_while_somebody_holds_the_lease(flow, storage, clock):
    hot_lead(flow, 1)
    state = storage.states([ledger_key("anna")])[ledger_key("anna")]
    wrong = {**state.value, "open": 7}
    storage.save(Change(states=(StateWrite(key=ledger_key("anna"), read_version=state.version, value=wrong),)))
    somebody_holds(storage, clock)
    assert flow.recount(repair=True) == ()
    gives_back(storage)
    assert [one.repaired for one in flow.recount(repair=True)] == [True]
    assert flow.recount() == ()


def test_the_fence_refuses_who_found_the_lease_free_when_it_is_taken_meanwhile(flow, storage, clock):
    stays_free = flow._do(flow._runner.rotation.stays_free())
    somebody_holds(storage, clock)
    with pytest.raises(Stale):
        storage.save(Change(states=(stays_free,)))
    with pytest.raises(Stale):
        flow._do(flow._runner.rotation.stays_free())
