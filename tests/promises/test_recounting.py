"""A ledger that is wrong is put right, and nothing that anybody does meanwhile is undone."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from acme import START, Clock, acme_flow, hot_lead, killed_before_ledgers, person
from leadflow import Actor, LeadFlow, LeadflowError, Refused, Rep, Router, Territory, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.cli.commands import app
from leadflow.decisions.ledgers import ledger_key
from leadflow.decisions.miscounts import put_right, recounted
from leadflow.decisions.rotation_lease import HELD_FOR
from leadflow.entities import Task
from leadflow.errors import Stale, TooNew
from leadflow.events import Change, StateWrite
from leadflow.ports import State, Storage
from leadflow.rotation.ledger import Ledger

FORK = multiprocessing.get_context("fork")
MIA = Actor(kind="marketing", id="mia")
OPEN = ("mql", "sal", "sql", "opportunity")
TWO = Router([Territory("all", field("address.country") == "DE", reps=[Rep("anna"), Rep("ben")])])


def taken_by_hand(flow: LeadFlow, number: int) -> str:
    """Let a rep who is on no roster have a lead."""
    lead_id = flow.capture(person(number), source="fair").lead_id
    flow.qualify(lead_id, by=MIA, reason="met")
    flow.accept(lead_id, by="carl")
    return lead_id


def state_of(storage: Storage, rep: str) -> State:
    return storage.states([ledger_key(rep)]).get(ledger_key(rep)) or State(0, {})


def ledger(storage: Storage, rep: str) -> Ledger:
    state = state_of(storage, rep)
    return Ledger.model_validate(state.value, extra="ignore") if state.version else Ledger(rep=rep)


def spoil(storage: Storage, rep: str, **wrong: Any) -> None:
    """Write something wrong into a ledger, as a restored backup or a hand in the database might."""
    state = state_of(storage, rep)
    value = {**(state.value or {"rep": rep}), **wrong}
    storage.save(Change(states=(StateWrite(key=ledger_key(rep), read_version=state.version, value=value),)))


def truth(flow: LeadFlow) -> dict[str, int]:
    """Count by another way than the one that is tested."""
    counts = Counter(lead.owner for lead in flow.leads() if lead.stage in OPEN and lead.owner)
    return {rep: counts[rep] for rep in ("anna", "ben", "carl")}


def in_ledgers(storage: Storage) -> dict[str, int]:
    return {rep: ledger(storage, rep).open for rep in ("anna", "ben", "carl")}


def sales(storage: Storage, clock: Clock, **more: Any) -> LeadFlow:
    return acme_flow(storage, clock, router=TWO, **more)


@pytest.fixture
def flow(storage, clock) -> LeadFlow:
    return sales(storage, clock)


# ------------------------------------------------------------------------------------------------- what is put right
@pytest.mark.parametrize("wrong", [-3, 0, 1, 99])
def test_a_wrong_ledger_is_found_first_and_put_right_when_that_is_wanted(flow, storage, wrong):
    for number in range(4):
        hot_lead(flow, number)
    spoil(storage, "anna", open=wrong)
    (found,) = flow.recount()
    assert (found.rep, found.open, found.counted, found.repaired) == ("anna", wrong, 2, False)
    assert ledger(storage, "anna").open == wrong
    (mended,) = flow.recount(repair=True)
    assert mended == found.but(repaired=True)
    assert str(mended).endswith("; corrected")
    assert (flow.recount(), flow.recount(repair=True)) == ((), ())
    assert in_ledgers(storage) == truth(flow)


def test_what_still_waits_is_not_counted_twice(flow, storage, clock):
    lead_id = hot_lead(flow, 1)
    owner = flow.get(lead_id).owner
    dying = killed_before_ledgers(sales(storage, clock))
    dying.disqualify(lead_id, by="anna", reason="student")
    spoil(storage, owner, open=7)
    (mended,) = flow.recount(repair=True)
    assert (mended.counted, mended.pending, ledger(storage, owner).open) == (0, -1, 1)
    flow.run_due()
    assert in_ledgers(storage) == truth(flow)
    assert flow.recount() == ()


def test_turns_that_nobody_noted_owe_nothing_and_are_owed_nothing(flow, storage):
    for number in range(6):
        hot_lead(flow, number)
    before = ledger(storage, "anna")
    spoil(storage, "anna", assigned=1, entitled=str(Fraction(3, 2)))
    flow.recount(repair=True)
    after = ledger(storage, "anna")
    assert (after.assigned, after.owed) == (before.assigned, Fraction(1, 2))
    assert in_ledgers(storage) == truth(flow)


def test_what_another_version_knows_of_a_ledger_stays(flow, storage):
    hot_lead(flow, 1)
    spoil(storage, "anna", open=9, commission="12 %")
    flow.recount(repair=True)
    assert state_of(storage, "anna").value["commission"] == "12 %"


def test_a_ledger_that_cannot_be_read_begins_anew(flow, storage):
    ids = [hot_lead(flow, number) for number in range(4)]
    spoil(storage, "anna", open="many")
    (found,) = flow.recount()
    assert (found.open, found.counted, "can't be read" in str(found)) == (None, 2, True)
    flow.recount(repair=True)
    assert in_ledgers(storage) == truth(flow)
    assert ledger(storage, "anna").owed == 0
    assert flow.get(hot_lead(flow, 9)).owner in ("anna", "ben")  # routing goes on
    assert len(ids) == 4


def test_the_ledger_of_a_newer_leadflow_is_left_alone(flow, storage):
    hot_lead(flow, 1)
    spoil(storage, "anna", open="many", schema_number=99)
    before = state_of(storage, "anna")
    with pytest.raises(TooNew):
        flow.recount(repair=True)
    assert state_of(storage, "anna") == before


def test_a_rep_on_no_roster_is_counted_too(flow, storage, clock):
    bare = LeadFlow(storage, clock=clock)
    taken_by_hand(bare, 1)
    spoil(storage, "carl", open=5)
    assert [(one.rep, one.open, one.counted) for one in bare.recount()] == [("carl", 5, 1)]
    bare.recount(repair=True)
    assert in_ledgers(storage) == truth(flow)


def test_a_note_that_cannot_be_read_stops_no_recount_and_can_be_dismissed(flow, storage, clock, caplog):
    hot_lead(flow, 1)
    whole = Task(key="ledger:x", kind="ledger", due_at=START, payload={"rep": "anna", "what": "taken"}, status="dead")
    torn = whole.but(key="ledger:y", payload={"who": "anna"})
    storage.save(Change(put=(whole, torn)))
    assert [one.pending for one in flow.recount()] == [1]
    assert "ledger:y can't be read" in caplog.text
    with pytest.raises(Refused, match="retry"):
        flow.dismiss("ledger:x")
    flow.dismiss("ledger:y")
    assert storage.task("ledger:y") is None


def test_the_command_finds_first_and_repairs_when_told(tmp_path, clock):
    url = f"sqlite:///{tmp_path}/leads.db"
    storage = SqlStorage(url).migrate()
    hot_lead(sales(storage, clock), 1)
    command = ["recount", "--db", url]
    assert CliRunner().invoke(app, command).stdout == "every ledger tells what the leads do\n"
    spoil(storage, "anna", open=9)
    done = [CliRunner().invoke(app, [*command, *more]) for more in ((), ("--repair",), ())]
    assert [one.exit_code for one in done] == [1, 0, 0]
    assert done[0].stdout.startswith("anna: the ledger has 9 open, the leads are 1;")
    assert done[1].stdout.endswith("; corrected\n")
    assert in_ledgers(storage)["anna"] == 1
    storage.close()


# ---------------------------------------------------------------------------------------- others who act at any moment
class Between:
    """A storage; before the n-th call somebody else does something."""

    def __init__(self, storage: Storage, calls: int, act) -> None:
        self._storage, self._left, self._act = storage, calls, act

    def __getattr__(self, name: str):
        method = getattr(self._storage, name)

        def called(*args: Any, **more: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                self._act()
            return method(*args, **more)

        return called if name in ("states", "tasks", "scan", "save") else method


def does(flow: LeadFlow, what: str, ids: list[str], number: int) -> None:
    lead_id = ids[number % len(ids)] if ids else "nobody"  # others may have erased them all
    try:
        if what == "comes":
            ids.append(hot_lead(flow, 100 + number))
        elif what == "goes":
            flow.disqualify(lead_id, by="anna", reason="student")
        elif what == "is erased":
            flow.erase(lead_id, by="anna")
        elif what == "is taken by hand":
            ids.append(taken_by_hand(LeadFlow(flow.storage, clock=flow.clock), 200 + number))
        elif what == "ticks":
            flow.tick()
    except LeadflowError:
        pass


DEEDS = ("comes", "goes", "is erased", "is taken by hand", "ticks")


def naively_put_right(flow: LeadFlow) -> None:
    """Count, then write, whatever has happened in between."""
    counts = recounted(flow.leads(), flow.storage.tasks(kinds=["ledger"], limit=999), flow.policy.lifecycle)
    for rep, count in counts.items():
        while True:
            try:
                state = flow.storage.states([ledger_key(rep)]).get(ledger_key(rep))
                flow.storage.save(put_right(rep, state, count))
                break
            except Stale:
                continue


def right_in_the_end(repair, calls, deeds, *, noted, spoilt) -> bool:
    """Whether all ledgers are right once everything is noted, though others acted before the n-th call of a repair."""
    clock, storage = Clock(), MemoryStorage()
    flow = sales(storage, clock)
    ids = [hot_lead(flow, number) for number in range(4)]
    other = sales(storage, clock)
    if not noted:
        other = killed_before_ledgers(other)
    if spoilt:
        spoil(storage, "anna", open=9)

    def act() -> None:
        for number, deed in enumerate(deeds):
            does(other, deed, ids, number)

    repair(sales(Between(storage, calls, act), clock))
    if spoilt:
        flow.recount(repair=True)
    clock.advance(minutes=5)
    flow.run_due()
    return in_ledgers(storage) == truth(flow) and flow.recount() == ()


@given(
    calls=st.integers(1, 14),
    deeds=st.lists(st.sampled_from(DEEDS), min_size=1, max_size=4),
    noted=st.booleans(),
    spoilt=st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_a_repair_undoes_nothing_that_others_do_meanwhile(calls, deeds, noted, spoilt):
    assert right_in_the_end(lambda flow: flow.recount(repair=True), calls, deeds, noted=noted, spoilt=spoilt)


def test_the_naive_twin_undoes_what_others_do_meanwhile():
    assert not all(
        right_in_the_end(naively_put_right, calls, [deed], noted=True, spoilt=False)
        for calls in range(1, 8)
        for deed in DEEDS
    )


def test_whoever_moves_all_the_time_is_left_to_the_next_time(storage, clock, caplog):
    flow = sales(storage, clock)
    ids = [hot_lead(flow, number) for number in range(2)]
    spoil(storage, "anna", open=9)

    class Restless:
        def __getattr__(self, name: str):
            return getattr(storage, name)

        def scan(self, *args: Any, **more: Any):
            found = storage.scan(*args, **more)
            spoil(storage, "anna", today=random.randrange(99))
            return found

    assert sales(Restless(), clock).recount(repair=True) == ()
    assert "leads of 1 reps changed during every count" in caplog.text
    assert ledger(storage, "anna").open == 9
    assert [one.rep for one in flow.recount(repair=True)] == ["anna"]
    assert len(ids) == 2


# ------------------------------------------------------------------------------------------------ real races and kills
def works(flow: LeadFlow, seed: int, until: float) -> None:
    dice = random.Random(seed)
    ids = [lead.id for lead in flow.leads()]
    while time.monotonic() < until:
        does(flow, dice.choice(DEEDS), ids, dice.randrange(50))


@pytest.mark.slow
def test_repairs_and_commands_in_threads_agree(storage, clock):
    flow = sales(storage, clock)
    for number in range(6):
        hot_lead(flow, number)
    until = time.monotonic() + 1
    with ThreadPoolExecutor(3) as threads:
        workers = [threads.submit(works, sales(storage, clock), seed, until) for seed in range(2)]
        repairs = 0
        while time.monotonic() < until:
            sales(storage, clock).recount(repair=True)
            repairs += 1
        for worker in workers:
            worker.result()
    assert repairs
    clock.advance(minutes=5)
    flow.run_due()
    assert in_ledgers(storage) == truth(flow)
    assert flow.recount() == ()


def repairs_for_ever(url: str, seed: int) -> None:
    clock, dice, storage = Clock(), random.Random(seed), SqlStorage(url)
    flow = sales(storage, clock)
    ids = [lead.id for lead in flow.leads()]
    while True:
        does(flow, dice.choice(DEEDS), ids, dice.randrange(50))
        if seed % 2:
            try:
                flow.recount(repair=True)
            except LeadflowError:
                continue


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kill_9_around_repairs_leaves_ledgers_that_tell_what_the_leads_do(request, tmp_path, database):
    on_disk = f"sqlite:///{tmp_path}/repair.db"
    url = request.getfixturevalue("pg_dsn") if database == "postgresql" else on_disk
    clock, storage = Clock(), SqlStorage(url).migrate()
    clock.advance(seconds=HELD_FOR.total_seconds())  # whoever was killed with the lease has lost it
    flow = sales(storage, clock)
    for number in range(6):
        hot_lead(flow, number)
    for round_number in range(200 if os.environ.get("LEADFLOW_TORTURE") else 8):
        hot_lead(flow, 1_000 + round_number)  # the deeds erase some: there must be leads to go on with
        if round_number % 2:
            spoil(storage, "anna", open=9)
        storage.close()
        workers = [FORK.Process(target=repairs_for_ever, args=(url, 2 * round_number + n)) for n in range(2)]
        for worker in workers:
            worker.start()
        time.sleep(random.uniform(0.05, 0.2))
        for worker in workers:
            worker.kill()
            worker.join()
        assert [worker.exitcode for worker in workers] == [-signal.SIGKILL] * 2
        flow.recount(repair=True)
        assert flow.recount() == ()
    clock.advance(days=1)
    flow.run_due()
    assert in_ledgers(storage) == truth(flow)
    storage.close()
