"""What every task has in common: it is begun and done under a lease, and settled in the Change that it makes."""

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
    """Whether our lease still counts: the task was neither settled nor put anew meanwhile, by us or by others."""
    now = yield from task_with(task.key)
    return now is not None and now.status == "leased" and now.lease == task.lease


def settled(settlements: Collection[Settlement]) -> Program[list[str]]:
    """Settle what we still hold, and return the keys; what others hold, or was put anew, is theirs."""
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
    """Return tasks by when they are due."""
    return (yield from on_storage(lambda storage: storage.tasks(status, lead_id, limit, kinds=kinds)))


def lead_of(task: Task) -> Asking[Lead[Any] | None]:
    """Return the lead that a task is for, if it is still there."""
    if not task.lead_id:
        return None
    return (yield from leads_with([task.lead_id])).get(task.lead_id)


def with_lead(
    runner: Runner, task: Task, decide: Callable[[CommandContext, Lead[Any]], Asking[Change]]
) -> Program[None]:
    """Decide on the lead as it is now, and save that together with the settlement; an erased lead needs nothing."""

    def attempt() -> Program[None]:
        lead = yield from lead_of(task)
        change = (yield from runner.asked(decide(moment_of_task(runner, task), lead))) if lead else Change()
        yield from runner.save(change.but(settle=(done(task),)))

    yield from runner.until_saved(attempt, while_=lambda: holds(task))


def moment_of_task(runner: Runner, task: Task) -> CommandContext:
    """Return now, but not before the task is due: a clock that was set back would find nothing to do, and settle it."""
    now = runner.now()
    return replace(CommandContext(now=now), now=max(now, task.due_at), clock=now)


def begun(task: Task) -> Settlement:
    """Return what counts an attempt: whoever dies while doing a task has counted it."""
    return Settlement(key=task.key, lease=task.lease, outcome="begun")


def done(task: Task) -> Settlement:
    """Return the settlement of a task that is done."""
    return Settlement(key=task.key, lease=task.lease, outcome="done")


def given_back(task: Task) -> Settlement:
    """Return the settlement of a task that was not begun: it waits as it did before it was leased."""
    return Settlement(key=task.key, lease=task.lease, outcome="retry", error=task.error)


def was_lost(task: Task) -> bool:
    """Whether it was begun, and nobody lived to say what became of it: a failure leaves its error."""
    return task.attempts > 0 and task.error is None
