"""A task that kills its process costs the others of its batch one lease, and who stops a process costs them nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acme import ADA, Clock
from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.decisions.policy import ATTEMPTS
from leadflow.errors import Unavailable
from leadflow.events import Change, LeadCaptured
from leadflow.flow.due_tasks import Ticked
from leadflow.ports import Storage

FORK = multiprocessing.get_context("fork")


class Killed(BaseException):
    """Stands for a process that dies: what follows in it does not happen."""


class OfAProcess:
    """A storage as one process has it: once it is dead, nothing is written any more."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.dead = False

    def __getattr__(self, name: str):
        return getattr(self._storage, name)

    def save(self, change: Change) -> None:
        if self.dead:
            raise Killed
        self._storage.save(change)


def people(flow: LeadFlow, number: int) -> list[str]:
    """Capture some, and return their ids in order, as their tasks come."""
    values = (ADA | {"email": f"p{n}@acme.example", "last_name": f"N{n}"} for n in range(number))
    return sorted(flow.capture(one, source="fair").lead_id for one in values)


def with_deliveries(storage: Storage, clock: Clock, number: int) -> list[str]:
    """Let so many leads have a delivery each that waits for the subscriber ``crm``; return their ids in turn."""
    flow = LeadFlow(storage, clock=clock)
    flow.on(LeadCaptured, lambda fact: None, name="crm")
    ids = people(flow, number)
    LeadFlow(storage, clock=clock).run_due()  # it delivers to nobody here: the tasks of the subscriber wait
    assert [task.lead_id for task in flow.tasks("waiting", limit=99)] == ids
    return ids


def hearing(storage: Storage, clock: Clock, handler) -> LeadFlow:
    flow = LeadFlow(storage, clock=clock)
    flow.on(LeadCaptured, handler, name="crm")
    return flow


def statuses(storage: Storage) -> dict[str, tuple[str, int]]:
    return {task.lead_id: (task.status, task.attempts) for task in storage.tasks(limit=99)}


def test_one_poisoned_task_costs_its_batch_one_lease(storage, clock):
    poisoned, *innocent = with_deliveries(storage, clock, 4)
    heard: list[str] = []

    def tick() -> None:
        process = OfAProcess(storage)

        def handler(fact: LeadCaptured) -> None:
            if fact.lead_id == poisoned:
                process.dead = True
                raise Killed
            heard.append(fact.lead_id)

        hearing(process, clock, handler).run_due()

    with pytest.raises(Killed):
        tick()
    assert heard == []
    clock.advance(minutes=6)
    with pytest.raises(Killed):
        tick()
    assert heard == innocent
    assert statuses(storage) == {poisoned: ("leased", 2)}


@given(
    order=st.permutations(range(6)),
    poisoned=st.sets(st.integers(0, 5), max_size=3),
    failing=st.sets(st.integers(0, 5), max_size=3),
    limit=st.sampled_from([1, 2, 6]),
)
@settings(max_examples=40, deadline=None)
def test_whatever_kills_and_whatever_fails_the_others_wait_one_lease_each(order, poisoned, failing, limit):
    """In each process one dies at most; so many deaths later all innocents are done, long before the poison is dead."""
    clock, storage = Clock(), MemoryStorage()
    ids = with_deliveries(storage, clock, 6)
    kills, heard = {ids[order[n]] for n in poisoned}, Counter[str]()
    fails = {ids[order[n]] for n in failing} - kills

    def handler(fact: LeadCaptured) -> None:
        heard[fact.lead_id] += 1
        if fact.lead_id in kills:
            process.dead = True
            raise Killed
        if fact.lead_id in fails:
            raise RuntimeError

    for _ in range(len(kills) + 1):
        process = OfAProcess(storage)
        try:
            hearing(process, clock, handler).run_due(limit)
        except Killed:
            clock.advance(minutes=6)
    innocent = set(ids) - kills - fails
    assert {lead_id for lead_id in innocent if heard[lead_id] == 1} == innocent
    assert fails <= set(heard)
    for _ in range(ATTEMPTS * len(kills) + ATTEMPTS):
        process = OfAProcess(storage)
        with suppress(Killed):
            hearing(process, clock, handler).run_due(limit)
        clock.advance(hours=3)
    assert statuses(storage) == dict.fromkeys(kills | fails, ("dead", ATTEMPTS))
    assert {heard[lead_id] for lead_id in kills | fails} <= {ATTEMPTS}


def test_of_what_was_lost_one_is_begun_at_a_time_and_nobody_else_has_to_wait(storage, clock):
    first, second, third = with_deliveries(storage, clock, 3)
    for _ in range(3):  # three processes die at one of them each, though none is to blame
        process = OfAProcess(storage)

        def dies(fact: LeadCaptured) -> None:
            process.dead = True  # noqa: B023
            raise Killed

        with pytest.raises(Killed):
            hearing(process, clock, dies).tick(1)
    clock.advance(minutes=6)
    seen: list[dict[str, tuple[str, int]]] = []
    flow = hearing(storage, clock, lambda fact: seen.append(statuses(storage)))
    assert len(flow.tick().done) == 1
    assert seen == [{first: ("leased", 2), second: ("waiting", 1), third: ("waiting", 1)}]
    assert len(flow.run_due().done) == 2
    assert storage.tasks() == []


def test_what_failed_and_then_kills_counts_as_lost(storage, clock):
    """The error of an earlier attempt does not hide that nobody lived to say what became of this one."""
    poisoned, innocent = with_deliveries(storage, clock, 2)
    heard: list[str] = []

    def fails(fact: LeadCaptured) -> None:
        if fact.lead_id == poisoned:
            raise RuntimeError

    assert len(hearing(storage, clock, fails).tick(1).failed) == 1
    clock.advance(minutes=2)
    for _ in range(2):
        process = OfAProcess(storage)

        def dies(fact: LeadCaptured) -> None:
            heard.append(fact.lead_id)
            if fact.lead_id == poisoned:
                process.dead = True  # noqa: B023
                raise Killed

        storage.save(Change(put=[t.but(due_at=clock()) for t in storage.tasks() if t.lead_id == innocent]))
        with pytest.raises(Killed):
            hearing(process, clock, dies).run_due()
        clock.advance(minutes=6)
    assert innocent in heard


# ------------------------------------------------------------------------------------------------------------ stopped
@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_who_stops_a_tick_takes_nothing_with_it_that_was_not_begun(storage, clock, stop):
    _, second, third = with_deliveries(storage, clock, 3)

    def handler(fact: LeadCaptured) -> None:
        if fact.lead_id == second:
            raise stop

    with pytest.raises(stop):
        hearing(storage, clock, handler).tick()
    assert statuses(storage) == {second: ("leased", 1), third: ("waiting", 0)}
    heard: list[str] = []
    hearing(storage, clock, lambda fact: heard.append(fact.lead_id)).run_due()
    assert heard == [third]


def test_what_a_stopped_tick_gives_back_is_not_what_others_have_put_anew(storage, clock):
    _, second = with_deliveries(storage, clock, 2)

    def handler(fact: LeadCaptured) -> None:
        (task,) = (one for one in storage.tasks() if one.lead_id == second)
        storage.save(Change(put=(task.but(status="waiting", lease=None, leased_until=None, payload={"anew": True}),)))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hearing(storage, clock, handler).tick()
    (task,) = storage.tasks("waiting")
    assert (task.lead_id, task.payload) == (second, {"anew": True})


def test_a_database_that_is_gone_covers_up_no_interrupt(storage, clock, caplog):
    with_deliveries(storage, clock, 2)

    class Gone(OfAProcess):
        def save(self, change: Change) -> None:
            if self.dead:
                raise Unavailable("gone")
            super().save(change)

    process = Gone(storage)

    def handler(fact: LeadCaptured) -> None:
        process.dead = True
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hearing(process, clock, handler).tick()
    assert "1 tasks wait until their lease runs out: Unavailable" in caplog.text


def test_a_failing_storage_gives_back_what_it_can(storage, clock):
    """An ordinary error of the queue itself ends the tick, and leaves the rest to the next one at once."""
    with_deliveries(storage, clock, 3)

    class Flaky(OfAProcess):
        def save(self, change: Change) -> None:
            if any(one.outcome == "begun" for one in change.settle):
                raise Unavailable("locked")
            super().save(change)

    with pytest.raises(Unavailable):
        hearing(Flaky(storage), clock, lambda fact: None).tick()
    assert Counter(task.status for task in storage.tasks()) == {"leased": 1, "waiting": 2}


# ------------------------------------------------------------------------------------------------------------ kill -9
def dies_at(url: str, clock: Clock, poisoned: str, journal) -> None:
    """Tick in a process of its own, whose handler kills it."""

    def handler(fact: LeadCaptured) -> None:
        with journal.open("ab", buffering=0) as file:
            file.write(f"{fact.lead_id}\n".encode())
        if fact.lead_id == poisoned:
            os.kill(os.getpid(), signal.SIGKILL)

    hearing(SqlStorage(url), clock, handler).run_due()


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kill_9_by_a_poisoned_task_costs_the_others_one_lease(request, tmp_path, database):
    on_disk = f"sqlite:///{tmp_path}/poison.db"
    url = request.getfixturevalue("pg_dsn") if database == "postgresql" else on_disk
    clock, journal, storage = Clock(), tmp_path / "journal", SqlStorage(url).migrate()
    poisoned, *innocent = with_deliveries(storage, clock, 5)
    for deaths in range(1, ATTEMPTS + 1):
        storage.close()
        process = FORK.Process(target=dies_at, args=(url, clock, poisoned, journal))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        left = {poisoned: ("leased", deaths)}
        assert statuses(storage) == (left if deaths > 1 else left | dict.fromkeys(innocent, ("leased", 0)))
        clock.advance(minutes=6)
    ticked: Ticked = hearing(storage, clock, lambda fact: None).run_due()
    assert len(ticked.failed) == 1
    assert statuses(storage) == {poisoned: ("dead", ATTEMPTS)}
    assert Counter(journal.read_text().split()) == {poisoned: ATTEMPTS} | dict.fromkeys(innocent, 1)
    storage.close()
