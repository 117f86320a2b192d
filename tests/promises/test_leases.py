"""``tick`` loses no task: nothing is touched but under its lease, and only what was begun counts as tried."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acme import ADA, START, Clock, Outbox, acme_flow, all_ask_for_demos, consistent, people
from leadflow import LeadFlow, NotFound, Refused
from leadflow.adapters.memory import MemoryStorage
from leadflow.decisions.policy import ATTEMPTS
from leadflow.entities import Settlement, Task
from leadflow.events import Change, Fact, LeadCaptured, StageChanged
from leadflow.flow.due_tasks import do_route
from leadflow.ports import Storage


class Killed(BaseException):
    """Stands for a process that dies."""


class SlowServer(Outbox):
    """A mail server that takes its time; whatever happens meanwhile happens."""

    def __init__(self, meanwhile) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def send(self, message) -> None:
        super().send(message)
        self.meanwhile()


class Meanwhile:
    """A storage; right after a task was looked up by its key, somebody else does something, once."""

    def __init__(self, storage: Storage, act) -> None:
        self._storage, self._act = storage, act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def task(self, key: str) -> Task | None:
        found, act = self._storage.task(key), self._act
        self._act = lambda: None
        act()
        return found


def planned(flow: LeadFlow, ids: list[str]) -> None:
    """Each lead that is to cool has its task, at that moment."""
    for lead_id in ids:
        cool_at = flow.get(lead_id).cool_at
        assert cool_at is not None
        task = flow.storage.task(f"cool:{lead_id}")
        assert task is not None and (task.status, task.due_at) == ("waiting", cool_at)


def test_no_cooling_is_lost_when_a_mail_server_is_slow_and_visitors_come_back_meanwhile(storage, clock):
    visitor = acme_flow(storage, clock)
    ids = people(visitor, 20)
    all_ask_for_demos(visitor, ids, 1)
    cools = visitor.get(ids[0]).cool_at

    def they_come_back() -> None:
        clock.advance(seconds=4)
        all_ask_for_demos(visitor, ids, 2)

    server = SlowServer(they_come_back)
    flow = acme_flow(storage, clock, server, lease=timedelta(seconds=3))
    clock.now = cools - timedelta(days=2)
    flow.run_due()
    reader = flow.capture({"email": "reader@other.example"}, source="web").lead_id
    flow.consent(reader, "newsletter", "email", proof="form")
    flow.run_due()
    clock.now = cools + timedelta(hours=1)
    flow.tick()
    assert len(server.sent) == 1
    planned(visitor, ids)
    flow.run_due()
    planned(visitor, ids)
    clock.advance(days=400)
    flow.run_due()
    assert {flow.get(lead_id).stage for lead_id in ids} == {"lead"}
    consistent(flow)


def test_what_is_given_back_in_time_goes_back_though_one_of_the_batch_was_put_anew(flow, storage, clock):
    first, second, third = people(flow, 3)
    flow.run_due()

    def slow(fact: Fact) -> None:
        clock.advance(minutes=3)
        anew = storage.task(f"notify:slow:{second}:00000002:0000")
        storage.save(Change(put=(anew.but(status="waiting", lease=None, leased_until=None, payload={"anew": True}),)))

    flow.on(StageChanged, slow, name="slow")
    for lead_id in (first, second, third):
        flow.disqualify(lead_id, by="anna", reason="test")
    flow.tick(3)
    assert flow.tick().done == (f"notify:slow:{first}:00000002:0000",)
    waiting = {task.lead_id: task for task in flow.tasks("waiting")}
    assert flow.tasks("leased") == []
    assert waiting[second].payload == {"anew": True}
    assert (waiting[third].attempts, waiting[third].error) == (0, None)


def test_innocents_in_the_batches_of_a_killer_are_not_counted_as_tried(flow, storage, clock):
    *innocent, last = people(flow, 5)
    flow.run_due()
    heard: list[Fact] = []

    def handler(fact: Fact) -> None:
        if fact.lead_id == innocent[0]:
            raise Killed
        heard.append(fact)

    flow.on(StageChanged, handler, name="one")
    for lead_id in (*innocent, last):
        flow.disqualify(lead_id, by="anna", reason="test")
    flow.tick(5)
    for kill in range(ATTEMPTS):
        with pytest.raises(Killed):
            flow.run_due()
        tried = Counter({task.lead_id: task.attempts for task in flow.tasks("leased")})
        assert tried == Counter({innocent[0]: kill + 1})
        clock.advance(minutes=6)
    flow.run_due()
    (dead,) = flow.tasks("dead")
    assert (dead.lead_id, dead.attempts) == (innocent[0], ATTEMPTS)
    assert {fact.lead_id for fact in heard} == {*innocent[1:], last}
    assert flow.tasks("leased") == flow.tasks("waiting") == []


def test_a_slow_predecessor_costs_no_attempt_though_the_lease_runs_out_each_time(flow, storage, clock):
    ids = people(flow, 4)
    flow.run_due()
    flow.on(StageChanged, lambda fact: clock.advance(minutes=11), name="slow")
    for lead_id in ids:
        flow.disqualify(lead_id, by="anna", reason="test")
    flow.tick(4)
    for left in (3, 2, 1, 0):
        flow.tick()
        assert [task.attempts for task in flow.tasks()] == [0] * left


def test_the_lease_is_looked_at_before_a_task_is_begun(flow, storage, clock):
    first, second = people(flow, 2)
    flow.run_due()
    heard: list[str] = []

    def handler(fact: Fact) -> None:
        heard.append(fact.lead_id)
        storage.save(Change(cancel=(f"notify:one:{second}:00000002:0000",)))

    flow.on(StageChanged, handler, name="one")
    for lead_id in (first, second):
        flow.disqualify(lead_id, by="anna", reason="test")
    flow.tick(2)
    flow.run_due()
    assert heard == [first]


# ------------------------------------------------------------------------------------------------- the dead, by hand
@pytest.fixture
def dead(flow, clock) -> str:
    """A delivery that has failed too often."""
    flow.on(LeadCaptured, lambda fact: 1 / 0, name="broken")
    flow.capture(ADA, source="fair")
    for _ in range(ATTEMPTS + 1):
        flow.run_due()
        clock.advance(days=1)
    (task,) = flow.tasks("dead")
    assert task.attempts == ATTEMPTS
    return task.key


@pytest.mark.parametrize("command", ["retry", "dismiss"])
@pytest.mark.parametrize("then", ["waits", "leased", "gone"])
def test_who_comes_too_late_to_a_dead_task_changes_nothing(flow, storage, clock, dead, command, then):
    def another() -> None:
        flow.retry(dead) if then != "gone" else flow.dismiss(dead)
        if then == "leased":
            storage.lease(clock(), 9, clock() + timedelta(minutes=5), "another process")

    late = LeadFlow(Meanwhile(storage, another), clock=clock)
    with pytest.raises(NotFound):
        getattr(late, command)(dead)
    task = storage.task(dead)
    assert (task and task.status) == {"waits": "waiting", "leased": "leased", "gone": None}[then]
    assert task is None or task.attempts == 0


def test_a_step_is_not_skipped_by_who_comes_too_late(storage, clock, outbox):
    from leadflow.nurturing import Content

    contents = [Content("welcome", "{{ person.title }}", "x"), Content("case", "Case", "x")]
    flow = acme_flow(storage, clock, outbox, contents=contents)
    ada = flow.capture(ADA, source="fair").lead_id
    flow.consent(ada, "newsletter", "email", proof="form")
    for _ in range(ATTEMPTS + 1):
        clock.advance(days=1)
        flow.run_due()
    (task,) = flow.tasks("dead")
    late = acme_flow(Meanwhile(storage, lambda: flow.retry(task.key)), clock, outbox, contents=contents)
    with pytest.raises(NotFound):
        late.dismiss(task.key)
    assert flow.get(ada).enrolments[0].step == 0
    assert storage.task(task.key).status == "waiting"


def test_what_a_lead_needs_is_not_dismissed(flow, storage, clock):
    (lead_id,) = people(flow, 1)
    storage.save(Change(put=(Task(key=f"cool:{lead_id}", kind="cool", due_at=START, lead_id=lead_id, status="dead"),)))
    with pytest.raises(Refused):
        flow.dismiss(f"cool:{lead_id}")


def test_routing_that_is_put_anew_while_it_is_done_stays(flow, storage, clock):
    (lead_id,) = people(flow, 1)
    due = Task(key=f"route:{lead_id}", kind="route", due_at=clock(), lead_id=lead_id)
    flow.run_due()
    storage.save(Change(put=(due,)))
    (mine,) = storage.lease(clock(), 9, clock() + timedelta(minutes=5), "mine")
    storage.save(Change(put=(due.but(due_at=clock() + timedelta(hours=1)),)))
    flow._do(do_route(flow._runner, mine))
    assert storage.task(due.key).status == "waiting"


# ----------------------------------------------------------------------------------------- processes die at any place
class Mortal:
    """A storage used by a process that dies right before or after one of its writes, and writes nothing more then."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.writes_left: int | None = None
        self.after = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def _dies(self, write, *args: Any, **more: Any) -> Any:
        if self.writes_left is not None:
            self.writes_left -= 1
            if self.writes_left < 0:
                raise Killed
        last = self.writes_left == 0
        if last and not self.after:
            raise Killed
        result = write(*args, **more)
        if last:
            raise Killed
        return result

    def save(self, change: Change) -> None:
        self._dies(self._storage.save, change)

    def lease(self, *args: Any, **more: Any) -> list[Task]:
        return self._dies(self._storage.lease, *args, **more)


DEATHS = ATTEMPTS - 2
lives = st.tuples(st.integers(1, 12), st.booleans(), st.sampled_from([1, 4, 6]), st.integers(1, 7))


@given(st.lists(lives, max_size=DEATHS), st.integers(0, 4), st.booleans())
@settings(max_examples=60, deadline=None)
def test_whatever_dies_wherever_nothing_is_lost_and_only_the_killer_dies(deaths, killer, poisoned):
    clock, mortal = Clock(), Mortal(MemoryStorage())
    numbers = count()
    flow = acme_flow(mortal, clock, Outbox(), new_id=lambda now: f"id{next(numbers):06}")
    ids = people(flow, 5)
    heard: set[tuple[str, int, int]] = set()
    begun: Counter[str] = Counter()

    def handler(fact: Fact) -> None:
        begun[fact.lead_id] += 1
        if poisoned and fact.lead_id == ids[killer]:
            raise Killed
        heard.add((fact.lead_id, fact.version, fact.seq))

    flow.on(LeadCaptured, handler, name="one")
    for writes, after, minutes, limit in deaths:
        mortal.writes_left, mortal.after = writes, after
        try:
            flow.tick(limit)
        except Killed:
            clock.advance(minutes=minutes)
    mortal.writes_left = None
    for _ in range(ATTEMPTS + 2):
        try:
            flow.run_due()
        except Killed:
            clock.advance(minutes=6)
        else:
            clock.advance(minutes=6)
    innocent = [lead_id for n, lead_id in enumerate(ids) if n != killer or not poisoned]
    assert {lead_id for lead_id, _, _ in heard} == set(innocent)
    assert [task.lead_id for task in flow.tasks("dead")] == ([ids[killer]] if poisoned else [])
    assert not poisoned or 1 <= begun[ids[killer]] <= ATTEMPTS
    assert flow.tasks("leased") == []
    consistent(flow)


def test_a_settlement_under_no_lease_touches_only_the_dead(flow, storage, clock):
    people(flow, 1)
    (task, *_) = flow.tasks("waiting")
    late = Settlement(key=task.key, lease=None, outcome="done")
    with pytest.raises(Exception, match="lease"):
        storage.save(Change(settle=(late,)))
    assert storage.task(task.key) == task
