"""``tick``: due tasks are leased, run and settled. The host calls it from its own scheduler."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from leadflow.decisions.arguments import count_of
from leadflow.decisions.deadlines import deadline_due, look_again, moment_came
from leadflow.decisions.offers import offered_again
from leadflow.decisions.policy import ATTEMPTS, CommandContext, retry_at
from leadflow.decisions.reads import Asking, readable, task_with
from leadflow.decisions.rotation_lease import HELD_FOR
from leadflow.decisions.scoring_context import known_of
from leadflow.entities import Lead, Settlement, Task
from leadflow.errors import NotFound, Refused, Stale, StorageError, Taken, described
from leadflow.events import Change
from leadflow.flow.account_merges import do_account
from leadflow.flow.account_scores import do_colleagues
from leadflow.flow.delivery import do_deliver, do_notify, unheard
from leadflow.flow.effects import Program, on_storage, save
from leadflow.flow.enrichment_tasks import ENRICH, companions, do_enrich
from leadflow.flow.mailing import do_fate, do_nurture
from leadflow.flow.outbox import Outbox
from leadflow.flow.runner import Runner
from leadflow.flow.supported_tasks import kinds_for, left_alone
from leadflow.flow.tasks import begun, done, given_back, holds, settled, tasks_listed, was_lost, with_lead
from leadflow.ports import Purgeable

__all__ = ["KINDS", "Ticked", "do_route", "run_due", "tick"]

log = logging.getLogger("leadflow")
SO_OFTEN: Final = 100
"""A task that runs more often than this in one call would run for ever."""


@dataclass(frozen=True)
class Ticked:
    """The result of one ``tick``: keys of finished tasks, of failed tasks with the error, and when the next one is due.

    ``skipped`` lists due tasks that need a definition which this flow lacks: ``("nurture:welcome", 3)`` the sequence
    ``welcome`` (and for e-mail a mailer), ``notify:warehouse`` the subscriber, ``route`` a router, ``cool`` and
    ``qualify`` qualification and scoring. They wait for a flow that has it. Only the first hundred due tasks, and as
    many leased ones, are examined: numbers mean "at least", and later kinds are not listed. After ``run_due`` it is
    empty only if no due task waits for a different flow.
    """

    done: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    """Each with the error; it is tried again, unless it is among the ``dead``."""
    dead: tuple[str, ...] = ()
    """Keys of those that have failed for good: ``flow.retry`` or ``flow.dismiss`` them."""
    next_due: datetime | None = None
    skipped: tuple[tuple[str, int], ...] = ()
    waiting: tuple[tuple[str, str], ...] = ()
    """Keys of look-ups that were put off, with the reason: a budget is used up, a source is paused; nothing failed."""

    def __bool__(self) -> bool:
        return bool(self.done or self.failed or self.waiting)


def tick(runner: Runner, limit: int = 100) -> Program[Ticked]:
    """Run up to ``limit`` due tasks, and return what was done, what failed, and when the next is due.

    Tasks for which this flow has no definition are left alone, and hold nothing up. A task that was begun without any
    recorded outcome (its process died) runs after all others, one such task at a time. Tasks that are not begun,
    because the lease gets short or the process is stopped (Ctrl-C), wait for the next tick. Mails go in one session.
    """
    return _ticked(runner, limit)


def _ticked(runner: Runner, limit: int, kept: Outbox | None = None) -> Program[Ticked]:
    """Run ``tick``; ``kept`` is an outbox that stays open after it."""
    limit = count_of("limit", limit)
    outbox = kept or Outbox(runner.mailer)
    yield from runner.listed_subscribers()
    now, kinds = runner.now(), (yield from kinds_for(runner, KINDS))
    finished: list[str] = []
    failed: list[tuple[str, str]] = []
    dead: list[str] = []
    put_off: list[tuple[str, str]] = []
    failed_kinds = Counter[str]()
    to_do = deque[Task]()
    try:
        yield from _lease(runner, to_do, limit, now, kinds)
        needless = yield from unheard(runner, to_do)
        finished += yield from settled([done(task) for task in needless])
        for task in needless:
            to_do.remove(task)
        first = to_do[0] if to_do else None
        while to_do and (to_do[0] is first or runner.clock() < now + runner.lease / 2):
            task = to_do.popleft()
            others = companions(runner, task, to_do)
            for one in others:
                to_do.remove(one)
            errors = yield from _tried(runner, outbox, task, others)
            finished += [key for key, error in errors.items() if error is None]
            for key, error in errors.items():
                if error is None:
                    continue
                left = yield from task_with(key)
                if _kind(task) == ENRICH and left is not None and left.status == "waiting" and not left.attempts:
                    put_off.append((key, error))
                    continue
                failed.append((key, error))
                failed_kinds[task.kind] += 1
                if left is not None and left.status == "dead":
                    dead.append(key)
    finally:
        try:
            yield from _give_back(to_do)
        finally:
            if kept is None:
                yield from outbox.close()
    waiting = yield from tasks_listed("waiting", limit=1, kinds=kinds)
    skipped = yield from left_alone(runner, runner.now(), kinds)
    if failed_kinds:
        log.warning("tick failed to do tasks of these kinds: %s", dict(failed_kinds))
    if skipped:
        log.warning("tick left alone what it has no definition for: %s", dict(skipped))
    next_due = waiting[0].due_at if waiting else None
    return Ticked(tuple(finished), tuple(failed), tuple(dead), next_due, skipped, tuple(put_off))


def _lease(runner: Runner, to_do: deque[Task], limit: int, now: datetime, kinds: Collection[str]) -> Program[None]:
    """Lease the next tasks in order; one that may kill the process comes last, and alone."""
    until, token = now + runner.lease, runner.new_id(now)
    lost: list[Task] = []
    while room := max(limit - len(to_do), 0):
        leased = yield from _leased(now, room, until, token, kinds)
        to_do += (task for task in leased if not was_lost(task))
        suspects = [task for task in leased if was_lost(task)]
        lost += suspects
        if not suspects:
            break
    alone = 1 if len(to_do) < limit else 0
    yield from _give_back(lost[alone:])
    to_do += lost[:alone]


def _leased(now: datetime, limit: int, until: datetime, token: str, kinds: Collection[str]) -> Program[list[Task]]:
    return (yield from on_storage(lambda storage: storage.lease(now, limit, until, token, kinds=kinds)))


def _give_back(tasks: Collection[Task]) -> Program[None]:
    """Return tasks that were not begun; errors here do not hide the reason why this tick ends."""
    try:
        yield from settled([given_back(task) for task in tasks])
    except Exception as error:  # noqa: BLE001  (their lease expires anyway)
        log.warning("%d tasks wait until their lease runs out: %s", len(tasks), type(error).__name__)


def run_due(runner: Runner, limit: int = 100) -> Program[Ticked]:
    """Run ``tick`` until nothing more is due now; for tests, scripts and cron. All mails go in one session."""
    finished: list[str] = []
    failed: list[tuple[str, str]] = []
    dead: list[str] = []
    put_off: list[tuple[str, str]] = []
    outbox = Outbox(runner.mailer)
    try:
        while ticked := (yield from _ticked(runner, limit, outbox)):
            finished += ticked.done
            failed += ticked.failed
            dead += ticked.dead
            put_off += ticked.waiting
            if any(times > SO_OFTEN for times in Counter(finished).values()):
                log.error("run_due stopped: a task becomes due again as soon as it is done")
                break
    finally:
        yield from outbox.close()
    return replace(
        ticked, done=tuple(finished), failed=tuple(failed), dead=tuple(dead), waiting=tuple(dict.fromkeys(put_off))
    )


# ----------------------------------------------------------------------------------------------------------- one task
def _tried(runner: Runner, outbox: Outbox, task: Task, others: Sequence[Task] = ()) -> Program[dict[str, str | None]]:
    """Run a task, and others together with it; return for each key None, or the text of its failure.

    A failure is settled as a retry, then as a dead letter. The attempt is counted beforehand, in case the process dies.
    """
    if task.attempts >= ATTEMPTS:
        return {task.key: (yield from _killed(runner, task))}
    tasks = (task, *others)
    held = frozenset((yield from settled([begun(one) for one in tasks])))
    errors: dict[str, str | None] = dict.fromkeys(one.key for one in tasks)
    ours = [one for one in tasks if one.key in held]  # the rest became needless, or somebody else holds it now
    try:
        return errors | (yield from _done(runner, outbox, ours))
    except Exception as error:  # noqa: BLE001  (whatever a host's handler raises must not stop the others)
        for one in ours:
            errors[one.key] = yield from _in_vain(runner, one, error)
        return errors


def _kind(task: Task) -> str:
    """Return the kind of a task without the name of what it is for."""
    return task.kind.partition(":")[0]


def _done(runner: Runner, outbox: Outbox, tasks: Sequence[Task]) -> Program[dict[str, str | None]]:
    if not tasks:
        return {}
    task, kind = tasks[0], _kind(tasks[0])
    if kind == ENRICH:
        return (yield from do_enrich(runner, tasks))
    if task.kind in _RENAMED:
        return {task.key: (yield from _renamed(runner, task))}
    return {
        task.key: (yield from (do_nurture(runner, outbox, task) if kind == NURTURE else _DOERS[kind](runner, task)))
    }


def _in_vain(runner: Runner, task: Task, error: Exception) -> Program[str | None]:
    """Settle a task that failed; None if it is no longer ours."""
    if isinstance(error, Stale | Taken):
        if not (yield from holds(task)):
            log.info("task %s is left alone: it was settled, or put anew, meanwhile", task.key)
            return None
        log.warning("task %s collided too often: %s; its lease runs out", task.key, type(error).__name__)
        return "it collided too often; it is tried again when its lease runs out"
    text = _text_of(error)
    log.info("task %s failed: %s", task.key, type(error).__name__)
    may_be_kept = yield from _may_be_kept(task, error)
    yield from _failed(runner, task, text if may_be_kept else type(error).__name__)
    return text


def _may_be_kept(task: Task, error: Exception) -> Asking[bool]:
    """Errors may quote personal data: they are stored only with the lead, and erased with it."""
    if isinstance(error, StorageError | Refused):
        return True  # leadflow's own tasks, which quote nothing
    return task.lead_id is not None and bool((yield from readable([task.lead_id])))


def _killed(runner: Runner, task: Task) -> Program[str]:
    """Its lease expired repeatedly after it was begun: its process died each time."""
    error = f"its lease ran out {task.attempts} times: doing it kills the process, or takes longer than the lease"
    yield from _failed(runner, task, error)
    return error


def _failed(runner: Runner, task: Task, error: str) -> Program[None]:
    when = retry_at(task.attempts, runner.now())
    outcome = Settlement(
        key=task.key,
        lease=task.lease,
        outcome="retry" if when else "dead",
        due_at=when,
        error=error,
    )
    if (yield from settled([outcome])) and when is None:
        log.error("task %s is dead; look at it with tasks('dead')", task.key)


def _renamed(_runner: Runner, task: Task) -> Program[str | None]:
    """Put a task of an earlier version under its current kind, so that only a capable process leases it."""
    named = task.but(kind=f"{task.kind}:{task.text(_RENAMED[task.kind])}")
    waits = named.but(status="waiting", lease=None, leased_until=None)
    yield from save(Change(settle=(done(task),), put=(waits,)))
    return None


def do_route(runner: Runner, task: Task) -> Program[str | None]:
    """Route the lead, or make the ledger entry; this makes the task needless, and a new one is not ours."""
    try:
        held = yield from runner.did(task, dead=_seen(task))
        if held is not None:
            return (yield from _waits_for_others(runner, task, held))
    except NotFound:
        log.info("task %s is needless: its lead was erased", task.key)
    yield from settled([done(task)])
    return None


def _seen(task: Task) -> int | None:
    """Return the version of the lease that blocked the task in its previous attempt."""
    held = task.payload.get(HELD)
    return held if isinstance(held, int) else None


def _waits_for_others(runner: Runner, task: Task, held: int) -> Program[str]:
    """Let the task wait without counting an attempt: the lease's holder runs it, or is dead."""
    waits = task.but(
        status="waiting",
        lease=None,
        leased_until=None,
        due_at=runner.now() + HELD_FOR,
        payload={**task.payload, HELD: held},
    )
    yield from save(Change(settle=(done(task),), put=(waits,)))
    return "another process writes the reps' ledgers; if it does not do this task, too, it is retried in some seconds"


def _with_rules(decide: Callable[..., Change], *, known: bool = True) -> Callable[[Runner, Task], Program[str | None]]:
    """Return the decision on a task's lead, in its scoring context."""

    def do(runner: Runner, task: Task) -> Program[str | None]:
        def decided(moment: CommandContext, lead: Lead[Any]) -> Asking[Change]:
            more = [(yield from known_of(runner.policy, lead, moment.now))] if known else []
            return decide(runner.policy, moment, lead, *more)

        yield from with_lead(runner, task, decided)
        return None

    return do


def _do_offer(runner: Runner, task: Task) -> Program[str | None]:
    yield from with_lead(runner, task, lambda moment, lead: offered_again(runner.policy, moment, lead, task))
    return None


def _do_purge(runner: Runner, task: Task) -> Program[str | None]:
    if isinstance(runner.storage, Purgeable) and not (yield from _purged()):
        raise Refused("a reader blocks the database's clean-up; it is retried")
    yield from save(Change(settle=(done(task),)))
    return None


def _purged() -> Program[bool]:
    return bool((yield from on_storage(lambda storage: storage.purge())))  # type: ignore[attr-defined]


def _text_of(error: Exception) -> str:
    """Return the text of an error; pydantic's own would quote the input."""
    if isinstance(error, ValidationError):
        where = {".".join(map(str, one["loc"])) for one in error.errors(include_url=False, include_input=False)}
        return f"{error.title}: {', '.join(sorted(where))} can't be read"[:1000]
    return described(error)


_DOERS: Final[dict[str, Callable[[Runner, Task], Program[str | None]]]] = {
    "route": do_route,
    "ledger": do_route,
    "offer": _do_offer,
    "deadline": _with_rules(deadline_due, known=False),
    "cool": _with_rules(look_again),
    "qualify": _with_rules(look_again),
    "awaited": _with_rules(moment_came),
    "revisit": _with_rules(look_again),
    "adjustment": _with_rules(look_again),
    "fate": do_fate,
    "colleagues": do_colleagues,
    "account": do_account,
    "purge": _do_purge,
    "deliver": do_deliver,
    "notify": do_notify,
}
NURTURE: Final = "nurture"
KINDS: Final = (NURTURE, *_DOERS)
"""All kinds of tasks, those of sequences and subscribers by what is before the colon."""
HELD: Final = "held"
"""The payload key for the lease that a task waits for."""
_RENAMED: Final = {"nurture": "sequence", "notify": "subscriber"}
"""Kinds of an earlier version, for all sequences and subscribers, and the payload key that names the one."""
