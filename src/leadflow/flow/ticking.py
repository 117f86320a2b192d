"""``tick``: what is due is taken under a lease, done, and settled. A host calls it from whatever scheduler it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from leadflow.decisions.deadlines import deadline_due, look_again
from leadflow.decisions.erasing import suppression_keys
from leadflow.decisions.messaging import (
    Outgoing,
    dismissed,
    message_claim,
    message_id,
    next_message,
    sent_contents,
    settled_message,
)
from leadflow.decisions.policy import ATTEMPTS, Moment, retry_at
from leadflow.entities import Lead, Message, Settlement, Task
from leadflow.errors import DefinitionError, DeliveryFailed, NotFound, Refused, Stale, Taken, Uncertain
from leadflow.events import Change, Fact
from leadflow.flow.core import Core, Subscriber
from leadflow.ports import Mailer, Purgeable

__all__ = ["Ticked", "Ticking"]

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Ticked:
    """What one ``tick`` did: keys of tasks done, of tasks that failed with the error, and when the next one is due."""

    done: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    next_due: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.done or self.failed)


class Ticking(Core):
    """The task queue: nurturing, service levels, cooling, routing that was cut short, deliveries to subscribers."""

    def on(self, fact: type[F], handler: Callable[[F], object], *, name: str) -> None:
        """Call ``handler`` for every fact of this class, at least once, from ``tick``; ``name`` must stay the same.

        Every process that ticks must know the same subscribers. A handler that raises is tried again, later and later.
        """
        if name in self._subscribers or not name or ":" in name:
            raise DefinitionError(f"subscriber name {name!r} is taken, empty or has a colon; give each its own")
        self._subscribers[name] = Subscriber(fact, handler)

    def tick(self, limit: int = 100) -> Ticked:
        """Do up to ``limit`` tasks that are due, and say what was done, what failed, and when the next is due."""
        moment = self._moment()
        token = self.new_id(moment.now)
        leased = self.storage.lease(moment.now, limit, moment.now + self.lease, token)
        done: list[str] = []
        failed: list[tuple[str, str]] = []
        unheard = [task for task in leased if task.kind == "deliver" and not self._heard(task)]
        self._settle_all(unheard, done)
        settled = {task.key for task in unheard}
        to_do = [task for task in leased if task.key not in settled]
        for place, task in enumerate(to_do):
            if place and self.clock() >= moment.now + self.lease / 2:
                self._given_back(to_do[place:])
                break
            error = self._killed(task) if place == 0 and task.attempts >= ATTEMPTS else self._tried(task)
            if error is None:
                done.append(task.key)
            else:
                failed.append((task.key, error))
        waiting = self.storage.tasks("waiting", limit=1)
        return Ticked(tuple(done), tuple(failed), waiting[0].due_at if waiting else None)

    def run_due(self, limit: int = 100) -> Ticked:
        """Tick until nothing more is due now; for tests, scripts and cron."""
        done: list[str] = []
        failed: list[tuple[str, str]] = []
        while ticked := self.tick(limit):
            done += ticked.done
            failed += ticked.failed
        return Ticked(tuple(done), tuple(failed), ticked.next_due)

    def retry(self, task_key: str) -> None:
        """Try a dead task again now. An uncertain message is never sent again: dismiss it instead."""
        task = self._dead(task_key)
        if task.kind == "uncertain_message":
            raise Refused(
                f"{task_key}: the message may have been delivered; look into the mail server's log, then dismiss it"
            )
        again = task.but(
            status="waiting", attempts=0, due_at=self._moment().now, lease=None, leased_until=None, error=None
        )
        self.storage.save(Change(put=(again,)))

    def dismiss(self, task_key: str) -> None:
        """Take a dead task off the list; a sequence's step is skipped. What else a lead needs can only be retried."""
        task = self._dead(task_key)
        if task.kind == "nurture":
            self._until_saved(lambda: self._skip_step(task))
        elif task.kind in ("route", "deadline", "cool", "revisit"):
            raise Refused(f"{task_key}: lead {task.lead_id} can't go on without it; mend what failed, then retry it")
        else:
            self.storage.save(Change(cancel=(task.key,)))

    def _skip_step(self, task: Task) -> None:
        lead = self.storage.load([task.lead_id or ""]).get(task.lead_id or "")
        name, error = str(task.payload["sequence"]), task.error or ""
        change = dismissed(self.policy, self._moment(), lead, name, error) if lead else Change()
        self._save(change if change.leads else Change(cancel=(task.key,)))

    def _dead(self, task_key: str) -> Task:
        found = next((task for task in self.storage.tasks("dead", limit=100_000) if task.key == task_key), None)
        if found is None:
            raise NotFound("dead task", task_key)
        return found

    # ------------------------------------------------------------------------------------------------- one task
    def _tried(self, task: Task) -> str | None:
        """Do a task; a failure is settled as a retry, then as a dead letter, and returned as text."""
        try:
            _DOERS[task.kind](self, task)
        except (Stale, Taken):
            return "it collided too often; it is tried again when its lease runs out" if self._holds(task) else None
        except Exception as error:  # noqa: BLE001  (whatever a host's handler raises must not stop the others)
            text = f"{type(error).__name__}: {error}"[:1000]
            self._failed(task, text)
            return text
        return None

    def _killed(self, task: Task) -> str:
        """The first of a lease that ran out again and again: whoever did it did not live to say so."""
        error = f"its lease ran out {task.attempts} times: doing it kills the process, or takes longer than the lease"
        self._failed(task, error)
        return error

    def _given_back(self, tasks: Sequence[Task]) -> None:
        """Let others do what this lease has no time for; it was not tried, so it has not failed."""
        waiting = (task.but(status="waiting", lease=None, leased_until=None) for task in tasks)
        self.storage.save(Change(put=tuple(waiting)))

    def _holds(self, task: Task) -> bool:
        """Our lease still counts: the task was neither settled nor put anew meanwhile, by us or by others."""
        leased = self.storage.tasks("leased", lead_id=task.lead_id, limit=10_000)
        return any(one.key == task.key and one.lease == task.lease for one in leased)

    def _failed(self, task: Task, error: str) -> None:
        when = retry_at(task.attempts, self._moment().now)
        outcome = Settlement(
            key=task.key,
            lease=task.lease or "",
            outcome="retry" if when else "dead",
            due_at=when,
            error=error,
        )
        try:
            self.storage.save(Change(settle=(outcome,)))
        except Stale:
            return

    def _settle_all(self, tasks: Sequence[Task], done: list[str]) -> None:
        if not tasks:
            return
        try:
            self.storage.save(Change(settle=tuple(map(_done, tasks))))
        except Stale:
            return
        done += [task.key for task in tasks]

    def _with_lead(self, task: Task, decide: Callable[[Moment, Lead[Any]], Change]) -> None:
        """Decide on the lead as it is now, and save that together with the settlement; an erased lead needs nothing."""

        def attempt() -> None:
            lead = self.storage.load([task.lead_id or ""]).get(task.lead_id or "")
            change = decide(self._moment_of(task), lead) if lead else Change()
            self._save(change.but(settle=(_done(task),)))

        self._until_saved(attempt, while_=lambda: self._holds(task))

    def _moment_of(self, task: Task) -> Moment:
        """Now, but not before the task is due: a clock that was set back would find nothing to do, and settle it."""
        moment = self._moment()
        return replace(moment, now=max(moment.now, task.due_at))

    def _do_route(self, task: Task) -> None:
        with suppress(NotFound):  # erased meanwhile
            self.route(task.lead_id or "")
        self.storage.save(Change(cancel=(task.key,)))

    def _do_deadline(self, task: Task) -> None:
        self._with_lead(task, lambda moment, lead: deadline_due(self.policy, moment, lead))

    def _do_look_again(self, task: Task) -> None:
        self._with_lead(task, lambda moment, lead: look_again(self.policy, moment, lead, self._activities(lead)))

    def _do_purge(self, task: Task) -> None:
        if isinstance(self.storage, Purgeable) and not self.storage.purge():
            raise Refused("a reader blocks the database's clean-up; it is tried again")
        self.storage.save(Change(settle=(_done(task),)))

    # ------------------------------------------------------------------------------------------------- messages
    def _do_nurture(self, task: Task) -> None:
        def claimed() -> tuple[Outgoing, Lead[Any] | None]:
            lead = self.storage.load([task.lead_id or ""]).get(task.lead_id or "")
            outgoing = self._next_message(task, lead) if lead else Outgoing(Change())
            change = outgoing.change
            self._save(change if outgoing.message else change.but(settle=(_done(task),)))
            return outgoing, lead

        outgoing, lead = self._until_saved(claimed, while_=lambda: self._holds(task))
        message = outgoing.message
        if message is None or lead is None:
            return
        failure = self._sent(message)
        again = retry_at(task.attempts, self._moment().now)

        def noted() -> None:
            now_lead = self.storage.load([lead.id]).get(lead.id)
            if now_lead is not None:
                moment, content = self._moment(), outgoing.content
                self._save(
                    settled_message(self.policy, moment, now_lead, task, message, content, failure, retry_at=again)
                )

        self._until_saved(noted)

    def _mailer(self) -> Mailer:
        if self.mailer is None:
            raise Refused("no mailer was given to LeadFlow; give one, or no sequences")
        return self.mailer

    def _next_message(self, task: Task, lead: Lead[Any]) -> Outgoing:
        self._mailer()
        sequence = str(task.payload["sequence"])
        facts = self.storage.facts(lead.id)
        enrolment = next((one for one in lead.enrolments if one.sequence == sequence), None)
        mail_id = message_id(lead, enrolment) if enrolment is not None else ""
        claims = [message_claim(mail_id)] if mail_id else []
        return next_message(
            self.policy,
            self._moment_of(task),
            lead,
            sequence,
            sent=sent_contents(facts, but=mail_id),
            suppressed=bool(self.storage.states(suppression_keys(self.policy, lead))),
            claims=tuple(self.storage.holders(claims)),
        )

    def _sent(self, message: Message) -> DeliveryFailed | None:
        try:
            self._mailer().send(message)
        except DeliveryFailed as failure:
            return failure
        except Exception as error:  # noqa: BLE001  (a mailer that raises anything else leaves us not knowing)
            return Uncertain(f"{type(error).__name__}: {error}"[:1000])
        return None

    # ------------------------------------------------------------------------------------------------ deliveries
    def _heard(self, task: Task) -> bool:
        kinds = task.payload.get("kinds")
        listed = kinds if isinstance(kinds, list) else []
        return any(_kind(one.fact) in (*listed, None) for one in self._subscribers.values())

    def _do_deliver(self, task: Task) -> None:
        """Make one task for each fact and subscriber, so that each is tried on its own."""
        put = tuple(
            Task(
                key=f"notify:{name}:{fact.lead_id}:{fact.version}:{fact.seq}",
                kind="notify",
                due_at=fact.recorded_at,
                lead_id=fact.lead_id,
                payload={"subscriber": name, "version": fact.version, "seq": fact.seq},
            )
            for fact in self._facts_of(task)
            for name, one in self._subscribers.items()
            if isinstance(fact, one.fact)
        )
        self.storage.save(Change(put=put, settle=(_done(task),)))

    def _do_notify(self, task: Task) -> None:
        name = str(task.payload["subscriber"])
        if name not in self._subscribers:
            raise Refused(f"this process has no subscriber {name!r}; every process that ticks must call flow.on for it")
        for fact in self._facts_of(task):
            if fact.seq == task.payload["seq"]:
                self._subscribers[name].handler(fact)
        self.storage.save(Change(settle=(_done(task),)))

    def _facts_of(self, task: Task) -> list[Fact]:
        version = int(str(task.payload["version"]))
        facts = self.storage.facts(task.lead_id or "", since_version=version - 1)
        return [fact for fact in facts if fact.version == version]


def _done(task: Task) -> Settlement:
    return Settlement(key=task.key, lease=task.lease or "", outcome="done")


def _kind(fact: type[Fact]) -> str | None:
    """Return the kind that a class of facts has; None for the base class, which stands for all."""
    default = fact.model_fields["kind"].default
    return default if isinstance(default, str) else None


_DOERS: dict[str, Callable[[Ticking, Task], None]] = {
    "route": Ticking._do_route,
    "ledger": Ticking._note_in_ledger,
    "deadline": Ticking._do_deadline,
    "cool": Ticking._do_look_again,
    "revisit": Ticking._do_look_again,
    "nurture": Ticking._do_nurture,
    "purge": Ticking._do_purge,
    "deliver": Ticking._do_deliver,
    "notify": Ticking._do_notify,
}
