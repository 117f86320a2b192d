"""Dead letters: tasks that failed permanently, to be retried or dismissed."""

from __future__ import annotations

from leadflow.decisions.arguments import line_of
from leadflow.decisions.ledgers import is_readable
from leadflow.decisions.messages import dismissed
from leadflow.decisions.policy import CommandContext
from leadflow.decisions.reads import Asking, task_with
from leadflow.entities import Settlement, Task
from leadflow.errors import NotFound, Refused
from leadflow.events import Change
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.flow.tasks import done, lead_of, settled

__all__ = ["dismiss", "retry"]

NEEDED = ("route", "offer", "deadline", "cool", "qualify", "awaited", "revisit", "adjustment")


def retry(runner: Runner, task_key: str) -> Program[None]:
    """Retry a dead task now. An uncertain message is never sent again: dismiss it instead.

    If the clock has been set back before its due time, it waits until then: earlier there would be nothing to do.
    """
    task = yield from _dead(task_key)
    if task.kind == "uncertain_message":
        raise Refused(f"{task_key}: the message may have been delivered; check the mail server's log, then dismiss it")
    due_at = max(runner.now(), task.due_at)
    yield from _settle(task, Settlement(key=task.key, lease=None, outcome="retry", due_at=due_at))


def dismiss(runner: Runner, task_key: str) -> Program[None]:
    """Remove a dead task from the list; a sequence's step is skipped. What a lead needs can only be retried.

    An unreadable entry for a ledger can be dismissed: ``recount(repair=True)`` then corrects the ledger.
    """
    task = yield from _dead(task_key)
    if task.kind.partition(":")[0] == "nurture":
        yield from runner.until_saved(lambda: _skip_step(runner, task_key))
    elif task.kind == "ledger" and is_readable(task):
        raise Refused(f"{task_key}: without it the ledger of its rep stays wrong; retry it")
    elif task.kind in NEEDED:
        raise Refused(f"{task_key}: lead {task.lead_id} can't continue without it; fix the cause, then retry it")
    else:
        yield from _settle(task, done(task))


def _skip_step(runner: Runner, task_key: str) -> Program[None]:
    task = yield from _dead(task_key)
    lead = yield from lead_of(task)
    name, error = str(task.payload.get("sequence")), task.error or ""
    if name not in runner.policy.sequences:
        raise Refused(f"{task_key}: this flow has no sequence {name!r}; dismiss it where it is defined, or retire it")
    change = dismissed(runner.policy, CommandContext(now=runner.now()), lead, name, error) if lead else Change()
    yield from runner.save(change.but(settle=(done(task),)))


def _settle(task: Task, settlement: Settlement) -> Program[None]:
    """Settle a dead task, unless somebody has done that meanwhile: a task that was put again stays."""
    if not (yield from settled([settlement])):
        raise NotFound("dead task", task.key)


def _dead(task_key: str) -> Asking[Task]:
    found = yield from task_with(line_of("task_key", task_key))
    if found is None or found.status != "dead":
        raise NotFound("dead task", task_key)
    return found
