"""The task queue of the storage in memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import islice, takewhile
from typing import TypeVar

from leadflow.entities import LeadId, Settlement, Task, TaskStatus
from leadflow.errors import Stale
from leadflow.events import Change

__all__ = ["Ordered", "TaskQueue", "leased", "settled"]

Item = TypeVar("Item", str, tuple[datetime, str], tuple[int, int])


class Ordered(list[Item]):
    """A sorted list without duplicates, so that pages and limits need no sorting."""

    def add(self, item: Item) -> None:
        if item not in self.start(item):
            insort(self, item)

    def discard(self, item: Item) -> None:
        if item in self.start(item):
            del self[bisect_left(self, item)]

    def start(self, item: Item) -> tuple[Item, ...]:
        at = bisect_left(self, item)
        return tuple(self[at : at + 1])

    def above(self, item: Item | None) -> Iterator[Item]:
        return islice(self, 0 if item is None else bisect_right(self, item), None)


class TaskQueue:
    """Tasks by key, in the order of their due times. The caller holds the lock."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._by_due: Ordered[tuple[datetime, str]] = Ordered()
        self._dead: Ordered[tuple[datetime, str]] = Ordered()
        """Kept apart, so that dead tasks don't slow down the others."""
        self._tasks_of: dict[LeadId, set[str]] = {}

    def check(self, settlements: Iterable[Settlement]) -> None:
        for settlement in settlements:
            task = self._tasks.get(settlement.key)
            held = ("dead", None) if settlement.lease is None else ("leased", settlement.lease)
            if task is None or (task.status, task.lease) != held:
                raise Stale(f"the lease {settlement.lease} of task {settlement.key} is lost", tasks=[settlement.key])

    def apply(self, change: Change) -> None:
        for settlement in change.settle:
            task = self._drop(settlement.key)  # the same Change may have erased it
            if task is not None and settlement.outcome != "done":
                self._put(settled(task, settlement))
        for key in change.cancel:
            self._drop(key)
        for task in change.put:
            self._put(task)

    def _put(self, task: Task) -> None:
        self._drop(task.key)
        self._tasks[task.key] = task
        self._listed(task).add((task.due_at, task.key))
        if task.lead_id is not None:
            self._tasks_of.setdefault(task.lead_id, set()).add(task.key)

    def _drop(self, key: str) -> Task | None:
        task = self._tasks.pop(key, None)
        if task is not None:
            self._listed(task).discard((task.due_at, key))
            if task.lead_id is not None:
                self._tasks_of[task.lead_id].discard(key)
        return task

    def _listed(self, task: Task) -> Ordered[tuple[datetime, str]]:
        return self._dead if task.status == "dead" else self._by_due

    def forget(self, lead_id: LeadId) -> None:
        for key in (*self._tasks_of.get(lead_id, ()),):
            self._drop(key)
        self._tasks_of.pop(lead_id, None)

    def lease(
        self, now: datetime, limit: int, until: datetime, token: str, kinds: Collection[str] | None
    ) -> list[Task]:
        due = (self._tasks[key] for due_at, key in takewhile(lambda each: each[0] <= now, self._by_due))
        free = (task for task in due if _is_free(task, now) and (kinds is None or task.kind in kinds))
        taken = [leased(task, until, token) for task in islice(free, limit)]
        self._tasks |= {task.key: task for task in taken}
        return taken

    def task(self, key: str) -> Task | None:
        return self._tasks.get(key)

    def tasks(
        self, status: TaskStatus | None, lead_id: LeadId | None, limit: int, kinds: Collection[str] | None
    ) -> list[Task]:
        keys = self._of(status) if lead_id is None else self._tasks_of.get(lead_id, set())
        found: Iterable[Task] = (self._tasks[key] for key in keys)
        if lead_id is not None:
            found = sorted(found, key=lambda task: (task.due_at, task.key))
        of_kinds = (task for task in found if kinds is None or task.kind in kinds)
        return list(islice((task for task in of_kinds if status in (None, task.status)), limit))

    def _of(self, status: TaskStatus | None) -> Iterator[str]:
        listed = {None: (self._by_due, self._dead), "dead": (self._dead,)}.get(status, (self._by_due,))
        return (key for _, key in merge(*listed))


def leased(task: Task, until: datetime, token: str) -> Task:
    """Return the leased task."""
    return task.but(status="leased", lease=token, leased_until=until)


def settled(task: Task, settlement: Settlement) -> Task:
    """Return the task after a settlement: begun, waiting for a retry, or dead."""
    if settlement.outcome == "begun":
        return task.but(attempts=task.attempts + 1, error=None)
    return task.but(
        status="waiting" if settlement.outcome == "retry" else "dead",
        due_at=settlement.due_at or task.due_at,
        attempts=0 if task.status == "dead" else task.attempts,
        lease=None,
        leased_until=None,
        error=settlement.error,
    )


def _is_free(task: Task, now: datetime) -> bool:
    if task.status == "leased":
        return task.leased_until is None or task.leased_until <= now
    return task.status == "waiting"
