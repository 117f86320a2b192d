"""What every task has in common: it is begun and done under a lease, and settled in the Change that it makes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from leadflow.decisions.policy import Moment
from leadflow.entities import Lead, Settlement, Task
from leadflow.errors import Stale
from leadflow.events import Change
from leadflow.flow.core import Core

_log = logging.getLogger("leadflow")

__all__ = ["Tasks", "begun", "done", "given_back", "was_lost"]


class Tasks(Core):
    """How a leased task is done."""

    def _holds(self, task: Task) -> bool:
        """Our lease still counts: the task was neither settled nor put anew meanwhile, by us or by others."""
        now = self.storage.task(task.key)
        return now is not None and now.status == "leased" and now.lease == task.lease

    def _settled(self, settlements: Collection[Settlement]) -> list[str]:
        """Settle what we still hold, and return the keys; what others hold, or was put anew, is theirs."""
        if not settlements:
            return []
        try:
            self.storage.save(Change(settle=tuple(settlements)))
        except Stale:
            if len(settlements) == 1:
                _log.info(
                    "task %s is left alone: it was settled, or put anew, meanwhile", *(s.key for s in settlements)
                )
                return []
            return [key for one in settlements for key in self._settled([one])]
        return [one.key for one in settlements]

    def _with_lead(self, task: Task, decide: Callable[[Moment, Lead[Any]], Change]) -> None:
        """Decide on the lead as it is now, and save that together with the settlement; an erased lead needs nothing."""

        def attempt() -> None:
            lead = self.storage.load([task.lead_id or ""]).get(task.lead_id or "")
            change = decide(self._moment_of(task), lead) if lead else Change()
            self._save(change.but(settle=(done(task),)))

        self._until_saved(attempt, while_=lambda: self._holds(task))

    def _moment_of(self, task: Task) -> Moment:
        """Now, but not before the task is due: a clock that was set back would find nothing to do, and settle it."""
        moment = self._moment()
        return replace(moment, now=max(moment.now, task.due_at), clock=moment.now)


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
