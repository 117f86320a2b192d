"""What every task has in common: it is done under a lease, and settled in the Change that it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from leadflow.decisions.policy import Moment
from leadflow.entities import Lead, Settlement, Task
from leadflow.events import Change
from leadflow.flow.core import Core

__all__ = ["Tasks", "done"]


class Tasks(Core):
    """How a leased task is done."""

    def _holds(self, task: Task) -> bool:
        """Our lease still counts: the task was neither settled nor put anew meanwhile, by us or by others."""
        now = self.storage.task(task.key)
        return now is not None and now.status == "leased" and now.lease == task.lease

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


def done(task: Task) -> Settlement:
    """Return the settlement of a task that is done."""
    return Settlement(key=task.key, lease=task.lease or "", outcome="done")
