"""Running tasks: begun and done under a lease, and settled in their own Change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from leadflow.decisions.policy import CommandContext
from leadflow.decisions.reads import Asking, leads_with, task_with
from leadflow.entities import Lead, LeadId, Settlement, Task, TaskStatus
from leadflow.errors import Stale
from leadflow.events import Change
from leadflow.flow.effects import Program, on_storage, save
from leadflow.flow.runner import Runner

__all__ = [
    "begun",
    "done",
    "given_back",
    "holds",
    "lead_of",
    "moment_of_task",
    "settled",
    "tasks_listed",
    "was_lost",
    "with_lead",
]

_log = logging.getLogger("leadflow")


def holds(task: Task) -> Program[bool]:
    """Whether our lease is still valid: the task has not been settled or put again meanwhile."""
    now = yield from task_with(task.key)
    return now is not None and now.status == "leased" and now.lease == task.lease


def settled(settlements: Collection[Settlement]) -> Program[list[str]]:
    """Settle the tasks that we still hold, and return their keys; others are left alone."""
    if not settlements:
        return []
    try:
        yield from save(Change(settle=tuple(settlements)))
    except Stale:
        if len(settlements) > 1:
            keys: list[str] = []
            for one in settlements:
                keys += yield from settled([one])
            return keys
        _log.info("task %s is left alone: it was settled, or put anew, meanwhile", *(one.key for one in settlements))
        return []
    return [one.key for one in settlements]


def tasks_listed(
    status: TaskStatus | None = None,
    lead_id: LeadId | None = None,
    limit: int = 100,
    *,
    kinds: Collection[str] | None = None,
) -> Program[list[Task]]:
    """Return tasks in order of their due time."""
    return (yield from on_storage(lambda storage: storage.tasks(status, lead_id, limit, kinds=kinds)))


def lead_of(task: Task) -> Asking[Lead[Any] | None]:
    """Return the lead of a task, if it still exists."""
    if not task.lead_id:
        return None
    return (yield from leads_with([task.lead_id])).get(task.lead_id)


def with_lead(
    runner: Runner, task: Task, decide: Callable[[CommandContext, Lead[Any]], Asking[Change]]
) -> Program[None]:
    """Decide on the current lead, and save that together with the settlement; for an erased lead do nothing."""

    def attempt() -> Program[None]:
        lead = yield from lead_of(task)
        change = (yield from runner.asked(decide(moment_of_task(runner, task), lead))) if lead else Change()
        yield from runner.save(change.but(settle=(done(task),)))

    yield from runner.until_saved(attempt, while_=lambda: holds(task))


def moment_of_task(runner: Runner, task: Task) -> CommandContext:
    """Return now, but not before the task's due time: after a clock was set back it would be settled without effect."""
    now = runner.now()
    return replace(CommandContext(now=now), now=max(now, task.due_at), clock=now)


def begun(task: Task) -> Settlement:
    """Return the settlement that counts an attempt, even if the process dies while running the task."""
    return Settlement(key=task.key, lease=task.lease, outcome="begun")


def done(task: Task) -> Settlement:
    """Return the settlement of a task that is done."""
    return Settlement(key=task.key, lease=task.lease, outcome="done")


def given_back(task: Task) -> Settlement:
    """Return the settlement of a task that was not begun: it waits as before."""
    return Settlement(key=task.key, lease=task.lease, outcome="retry", error=task.error)


def was_lost(task: Task) -> bool:
    """Whether it was begun without any outcome (a failure would have left its error)."""
    return task.attempts > 0 and task.error is None
