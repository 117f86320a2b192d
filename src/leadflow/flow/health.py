"""How the work behind the scenes goes, as a value that a host can show or watch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final, NamedTuple

from leadflow.decisions.policy import AT_ONCE, FIRST_RETRY
from leadflow.decisions.reads import readable
from leadflow.entities import Task
from leadflow.errors import InvalidInput
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.flow.tasks import tasks_listed

__all__ = ["FailingTasks", "Health", "health"]

LOOKED_AT: Final = 1_000
MADE_AT_ONCE: Final = 100
GRACE: Final = timedelta(minutes=5)


class FailingTasks(NamedTuple):
    """Tasks of one kind (``nurture:welcome``, ``notify:warehouse``) that failed and will be tried again."""

    kind: str
    tasks: int
    since: datetime
    """When the one that fails longest failed for the first time, at the latest."""
    error: str
    """What it said the last time."""


@dataclass(frozen=True)
class Health:
    """What is due, overdue and failing, and what has failed for good: of a thousand tasks that wait, and as many dead.

    ``overdue`` are tasks that nobody did within ``grace`` after they were due: no ``tick`` runs, or not often enough.
    Tasks that wait for nothing (facts to deliver, notes in ledgers) were due when they were made: not after the last
    that is recorded of their lead. A hundred of them are looked at.
    """

    due: int = 0
    overdue: int = 0
    oldest_due: datetime | None = None
    """When the task was due that waits longest, at the latest; ``None`` if no such moment is known."""
    failing: tuple[FailingTasks, ...] = ()
    dead: int = 0
    """Tasks that failed for good: see ``flow.tasks("dead")``."""

    @property
    def is_good(self) -> bool:
        """Nothing is overdue, fails or has failed for good."""
        return not (self.overdue or self.failing or self.dead)


def health(runner: Runner, *, grace: timedelta = GRACE) -> Program[Health]:
    """Return how ticking goes: what is overdue by more than ``grace``, what fails and since when, what is dead."""
    if not isinstance(grace, timedelta) or grace < timedelta(0):
        raise InvalidInput("grace", grace, "give a timedelta of 0 or more")
    now = runner.now()
    waiting = yield from tasks_listed("waiting", limit=LOOKED_AT)
    dead = yield from tasks_listed("dead", limit=LOOKED_AT)
    due = [task for task in waiting if task.due_at <= now]
    timed = [task.due_at for task in due if task.due_at != AT_ONCE]
    timed += yield from _made_by([task for task in due if task.due_at == AT_ONCE][:MADE_AT_ONCE])
    return Health(
        due=len(due),
        overdue=sum(at < now - grace for at in timed),
        oldest_due=min(timed, default=None),
        failing=tuple(_failing([task for task in waiting if task.error is not None])),
        dead=len(dead),
    )


def _made_by(tasks: Sequence[Task]) -> Program[list[datetime]]:
    """Return when tasks were made at the latest, those of leads that can be read."""
    leads = yield from readable([task.lead_id for task in tasks if task.lead_id is not None])
    return [leads[task.lead_id].recorded_at for task in tasks if task.lead_id in leads]


def _failing(tasks: Sequence[Task]) -> Iterator[FailingTasks]:
    for kind, some in groupby(sorted(tasks, key=lambda task: task.kind), key=lambda task: task.kind):
        several = list(some)
        first = min(several, key=_failed_since)
        yield FailingTasks(kind, len(several), _failed_since(first), first.error or "")


def _failed_since(task: Task) -> datetime:
    """Return when a task failed first, at the latest: pauses begin with a minute, and each is twice the one before."""
    pauses: timedelta = FIRST_RETRY * (2**task.attempts - 1)
    return task.due_at - pauses
