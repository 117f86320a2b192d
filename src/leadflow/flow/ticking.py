"""``tick``: what is due is taken under a lease, done, and settled. A host calls it from whatever scheduler it has."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from pydantic import ValidationError

from leadflow.decisions.deadlines import deadline_due, look_again, moment_came
from leadflow.decisions.given import count_of, line_of
from leadflow.decisions.known import Colleague
from leadflow.decisions.lead_context import colleagues_of, engagement_of
from leadflow.decisions.ledgers import is_readable
from leadflow.decisions.messaging import dismissed
from leadflow.decisions.policy import ATTEMPTS, Moment, retry_at
from leadflow.entities import Settlement, Task
from leadflow.errors import NotFound, Refused, Stale, StorageError, Taken, described
from leadflow.events import Change
from leadflow.flow.defined import Defined
from leadflow.flow.delivering import Delivering
from leadflow.flow.mailing import Mailing
from leadflow.flow.tasks import begun, done, given_back, was_lost
from leadflow.ports import Purgeable

__all__ = ["Ticked", "Ticking"]

log = logging.getLogger("leadflow")
SO_OFTEN: Final = 100
"""A task that is done more often than that in one go would be done for ever."""


@dataclass(frozen=True)
class Ticked:
    """What one ``tick`` did: keys of tasks done, of tasks that failed with the error, and when the next one is due.

    ``skipped`` is what is due, but needs a definition that this flow does not have: ``("nurture:welcome", 3)`` the
    sequence ``welcome`` (and for e-mail a mailer), ``notify:warehouse`` the subscriber, ``route`` a router, ``cool``
    and ``qualify`` qualification and scoring. It waits for a flow that has it. Looked at are the hundred tasks that are
    due first, and as many under a lease: a number says "at least", and kinds that come later are not named. After
    ``run_due`` it is empty only if nothing that is due waits for another flow.
    """

    done: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    next_due: datetime | None = None
    skipped: tuple[tuple[str, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.done or self.failed)


class Ticking(Defined, Mailing, Delivering):
    """The task queue: nurturing, service levels, cooling, routing that was cut short, deliveries to subscribers."""

    def tick(self, limit: int = 100) -> Ticked:
        """Do up to ``limit`` tasks that are due, and say what was done, what failed, and when the next is due.

        What this flow has no definition for is left alone, and is in nobody's way. A task that was begun, and nobody
        lived to say what became of it, is done when all others are, and of such tasks one at a time. What is not begun,
        because the lease gets short or somebody stops the process (Ctrl-C), waits for the next tick.
        """
        limit = count_of("limit", limit)
        self._do(self._runner.listed_subscribers())
        moment, kinds = self._moment(), self._kinds(_DOERS)
        finished: list[str] = []
        failed: list[tuple[str, str]] = []
        to_do = deque[Task]()
        try:
            self._lease(to_do, limit, moment.now, kinds)
            unheard = self._unheard(to_do)
            finished += self._settled([done(task) for task in unheard])
            to_do = deque(task for task in to_do if task not in unheard)
            first = to_do[0] if to_do else None
            while to_do and (to_do[0] is first or self.clock() < moment.now + self.lease / 2):
                task = to_do.popleft()
                error = self._tried(task)
                if error is None:
                    finished.append(task.key)
                else:
                    failed.append((task.key, error))
        finally:
            self._give_back(to_do)
        return self._ticked(finished, failed, kinds)

    def _lease(self, to_do: deque[Task], limit: int, now: datetime, kinds: Collection[str]) -> None:
        """Lease what is to be done, in its turn; what may kill the process takes nobody's place, and comes alone."""
        until, token = now + self.lease, self._runner.new_id(now)
        lost: list[Task] = []
        while room := max(limit - len(to_do), 0):
            leased = self.storage.lease(now, room, until, token, kinds=kinds)
            to_do += (task for task in leased if not was_lost(task))
            suspects = [task for task in leased if was_lost(task)]
            lost += suspects
            if not suspects:
                break
        alone = 1 if len(to_do) < limit else 0
        self._give_back(lost[alone:])
        to_do += lost[:alone]

    def _give_back(self, tasks: Collection[Task]) -> None:
        """What was not begun waits as before; whatever ends this tick is not covered up by what goes wrong here."""
        try:
            self._settled([given_back(task) for task in tasks])
        except Exception as error:  # noqa: BLE001  (their lease runs out, too)
            log.warning("%d tasks wait until their lease runs out: %s", len(tasks), type(error).__name__)

    def _ticked(self, finished: list[str], failed: list[tuple[str, str]], kinds: Collection[str]) -> Ticked:
        waiting = self.storage.tasks("waiting", limit=1, kinds=kinds)
        skipped = self._left_alone(self._moment().now, kinds)
        if skipped:
            log.warning("tick left alone what it has no definition for: %s", dict(skipped))
        return Ticked(tuple(finished), tuple(failed), waiting[0].due_at if waiting else None, skipped)

    def run_due(self, limit: int = 100) -> Ticked:
        """Tick until nothing more is due now; for tests, scripts and cron."""
        finished: list[str] = []
        failed: list[tuple[str, str]] = []
        while ticked := self.tick(limit):
            finished += ticked.done
            failed += ticked.failed
            if any(times > SO_OFTEN for times in Counter(finished).values()):
                log.error("run_due stopped: a task is due again as soon as it is done")
                break
        return replace(ticked, done=tuple(finished), failed=tuple(failed))

    def retry(self, task_key: str) -> None:
        """Try a dead task again now. An uncertain message is never sent again: dismiss it instead."""
        task = self._dead(task_key)
        if task.kind == "uncertain_message":
            raise Refused(
                f"{task_key}: the message may have been delivered; look into the mail server's log, then dismiss it"
            )
        self._settle_dead(task, Settlement(key=task.key, lease=None, outcome="retry", due_at=self._moment().now))

    def dismiss(self, task_key: str) -> None:
        """Take a dead task off the list; a sequence's step is skipped. What else a lead needs can only be retried.

        A note for a ledger that can't be read can be dismissed: ``recount(repair=True)`` then puts the ledger right.
        """
        task = self._dead(task_key)
        if _doer(task) == "nurture":
            self._until_saved(lambda: self._skip_step(task_key))
        elif task.kind == "ledger" and is_readable(task):
            raise Refused(f"{task_key}: without it the ledger of its rep is wrong for ever; retry it")
        elif task.kind in ("route", "deadline", "cool", "qualify", "awaited", "revisit", "adjustment"):
            raise Refused(f"{task_key}: lead {task.lead_id} can't go on without it; mend what failed, then retry it")
        else:
            self._settle_dead(task, done(task))

    def _skip_step(self, task_key: str) -> None:
        task = self._dead(task_key)
        lead = self.storage.load([task.lead_id or ""]).get(task.lead_id or "")
        name, error = str(task.payload.get("sequence")), task.error or ""
        if name not in self.policy.sequences:
            raise Refused(
                f"{task_key}: this flow has no sequence {name!r}; dismiss it where it is defined, or retire it"
            )
        change = dismissed(self.policy, self._moment(), lead, name, error) if lead else Change()
        self._save(change.but(settle=(done(task),)))

    def _settle_dead(self, task: Task, settlement: Settlement) -> None:
        """Settle a dead task, unless somebody has done that meanwhile: what was put anew is alive, and stays."""
        if not self._settled([settlement]):
            raise NotFound("dead task", task.key)

    def _dead(self, task_key: str) -> Task:
        found = self.storage.task(line_of("task_key", task_key))
        if found is None or found.status != "dead":
            raise NotFound("dead task", task_key)
        return found

    # ------------------------------------------------------------------------------------------------- one task
    def _tried(self, task: Task) -> str | None:
        """Do a task; a failure is settled as a retry, then as a dead letter, and returned as text.

        What is begun is counted before: whoever does not live to say so has tried it.
        """
        if task.attempts >= ATTEMPTS:
            return self._killed(task)
        if not self._settled([begun(task)]):
            return None  # somebody made it needless, or it is somebody else's now
        try:
            do = Ticking._rename if task.kind in _RENAMED else _DOERS[_doer(task)]
            return do(self, task)
        except (Stale, Taken) as error:
            if not self._holds(task):
                log.info("task %s is left alone: it was settled, or put anew, meanwhile", task.key)
                return None
            log.warning("task %s collided too often: %s; its lease runs out", task.key, type(error).__name__)
            return "it collided too often; it is tried again when its lease runs out"
        except Exception as error:  # noqa: BLE001  (whatever a host's handler raises must not stop the others)
            text = _told(error)
            log.info("task %s failed: %s", task.key, type(error).__name__)
            self._failed(task, text if self._may_be_kept(task, error) else type(error).__name__)
            return text

    def _may_be_kept(self, task: Task, error: Exception) -> bool:
        """Errors may quote a person: they are kept beside the lead only, and go with it."""
        if isinstance(error, StorageError | Refused):
            return True  # ours, and they quote nothing
        return task.lead_id is not None and bool(self._loaded([task.lead_id]))

    def _killed(self, task: Task) -> str:
        """Its lease ran out again and again after it was begun: whoever did it did not live to say so."""
        error = f"its lease ran out {task.attempts} times: doing it kills the process, or takes longer than the lease"
        self._failed(task, error)
        return error

    def _failed(self, task: Task, error: str) -> None:
        when = retry_at(task.attempts, self._moment().now)
        outcome = Settlement(
            key=task.key,
            lease=task.lease,
            outcome="retry" if when else "dead",
            due_at=when,
            error=error,
        )
        if self._settled([outcome]) and when is None:
            log.error("task %s is dead; look at it with tasks('dead')", task.key)

    def _rename(self, task: Task) -> None:
        """Put a task of earlier times as it is called now, so that only who can do it leases it."""
        named = task.but(kind=f"{task.kind}:{task.text(_RENAMED[task.kind])}")
        waits = named.but(status="waiting", lease=None, leased_until=None)
        self.storage.save(Change(settle=(done(task),), put=(waits,)))

    def _do_route(self, task: Task) -> None:
        """Route the lead; that makes the task needless, and one that is put anew is not ours."""
        try:
            self.route(task.lead_id or "")
        except NotFound:
            log.info("task %s is needless: its lead was erased", task.key)
        self._settled([done(task)])

    def _do_deadline(self, task: Task) -> None:
        self._with_lead(task, lambda moment, lead: deadline_due(self.policy, moment, lead))

    def _do_look_again(self, task: Task) -> None:
        self._with_lead(task, lambda moment, lead: look_again(self.policy, moment, lead, self._known(lead, moment.now)))

    def _do_awaited(self, task: Task) -> None:
        self._with_lead(
            task, lambda moment, lead: moment_came(self.policy, moment, lead, self._known(lead, moment.now))
        )

    def _do_colleagues(self, task: Task) -> None:
        """Score the leads of an account anew, since one of them has changed.

        The account is read once: who changes meanwhile puts the task anew. One that can't be scored keeps no other from
        it; what is wrong is told at the end.
        """
        moment = self._moment()
        of_account = self._ask(colleagues_of(self.policy, [task.text("of")], moment.now))
        wrong: list[Exception] = []
        for one in of_account:
            others = [other for other in of_account if other is not one]
            try:
                self._until_saved(partial(self._score_anew, one, others, moment))
            except (Stale, Taken):
                raise
            except Exception as error:  # noqa: BLE001  # the host's own fields and rules may raise anything
                log.warning("lead %s of an account can't be scored: %s", one.lead.id, type(error).__name__)
                wrong.append(error)
        if wrong:
            raise wrong[0]
        self.storage.save(Change(settle=(done(task),)))

    def _score_anew(self, one: Colleague, others: Sequence[Colleague], moment: Moment) -> None:
        lead, known = self.storage.load([one.lead.id]).get(one.lead.id), one.known
        if lead is None or self.policy.scoring is None:
            return
        if lead.version != one.lead.version:
            (known,) = self._ask(engagement_of([lead], self.policy.scoring, moment.now))
        self._save(look_again(self.policy, moment, lead, replace(known, colleagues=others)))

    def _do_purge(self, task: Task) -> None:
        if isinstance(self.storage, Purgeable) and not self.storage.purge():
            raise Refused("a reader blocks the database's clean-up; it is tried again")
        self.storage.save(Change(settle=(done(task),)))


def _told(error: Exception) -> str:
    """Return what an error says; pydantic would quote what it could not read."""
    if isinstance(error, ValidationError):
        where = {".".join(map(str, one["loc"])) for one in error.errors(include_url=False, include_input=False)}
        return f"{error.title}: {', '.join(sorted(where))} can't be read"[:1000]
    return described(error)


_DOERS: dict[str, Callable[[Ticking, Task], str | None]] = {
    "route": Ticking._do_route,
    "ledger": Ticking._note_in_ledger,
    "deadline": Ticking._do_deadline,
    "cool": Ticking._do_look_again,
    "qualify": Ticking._do_look_again,
    "awaited": Ticking._do_awaited,
    "revisit": Ticking._do_look_again,
    "adjustment": Ticking._do_look_again,
    "nurture": Ticking._do_nurture,
    "fate": Ticking._do_fate,
    "colleagues": Ticking._do_colleagues,
    "purge": Ticking._do_purge,
    "deliver": Ticking._do_deliver,
    "notify": Ticking._do_notify,
}
_RENAMED: Final = {"nurture": "sequence", "notify": "subscriber"}
"""Kinds that stood for all sequences and subscribers once, and where their tasks say which one it is."""


def _doer(task: Task) -> str:
    return task.kind.partition(":")[0]
