"""The runner: decides and saves until a command is saved. Nothing else happens between a host and a decision."""

from __future__ import annotations

import logging
import random
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, Generic

from pydantic import ValidationError
from typing_extensions import TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.arguments import as_invalid_input, lead_id_of, line_of, moment_of
from leadflow.decisions.commands.command import Command, Wish
from leadflow.decisions.commands.routing import Distributed
from leadflow.decisions.digests import keyed_digest
from leadflow.decisions.draft import Decided
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, Keys, NewId, Read, keys, lead_with, leads_with, reply_to
from leadflow.decisions.steps import Moved
from leadflow.entities import Entity, LeadId, Route, Task
from leadflow.errors import DefinitionError, IdempotencyConflict, Stale, Taken, Unreadable
from leadflow.events import Change, Reply, digest_of
from leadflow.flow.effects import Pause, Program, save
from leadflow.flow.key_ring import KeyRing
from leadflow.flow.rotation import WAIT, Rotation, Work
from leadflow.flow.rulebook import Rulebook
from leadflow.flow.subscribers import Subscribers
from leadflow.ports import is_hosted, leaves_routing

__all__ = ["BEGIN_AGAIN", "BUDGET", "LEASE", "Fields", "Runner", "clock_of_this_machine", "new_lead_id"]

_log = logging.getLogger("leadflow")

R = TypeVar("R", bound=Answer)
T = TypeVar("T")
Fields = TypeVar("Fields", bound=Entity, default=Any)
"""The host's custom fields."""

BUDGET: Final = timedelta(seconds=10)
LEASE: Final = timedelta(minutes=5)
BEGIN_AGAIN: Final = "roll back, and run your transaction again"
MOST_ATTEMPTS_MISSED: Final = 16
LEAST_ATTEMPTS: Final = 4
LONGEST_PAUSE: Final = 1.0
LEAD_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""Ids appear in keys of tasks, in links and in headers: no dots, colons or blanks."""


def clock_of_this_machine() -> datetime:
    """Return now."""
    return datetime.now(UTC)


def new_lead_id(now: datetime) -> LeadId:
    """Return an unguessable id that sorts by time: milliseconds, then 64 random bits."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(8)}"


@dataclass
class Runner(Generic[Fields]):
    """Runs commands under a host's rules.

    ``storage`` is used here only to find out whether it works inside a host's transaction.
    """

    policy: Policy
    storage: Any
    key_ring: KeyRing
    mailer: Any = None
    subscribers: Subscribers = field(default_factory=Subscribers)
    clock: Callable[[], datetime] = clock_of_this_machine
    new_id: Callable[[datetime], str] = new_lead_id
    lease: timedelta = LEASE
    budget: timedelta = BUDGET
    rulebook: Rulebook = field(init=False)
    rotation: Rotation = field(init=False)

    def __post_init__(self) -> None:
        self.rulebook = Rulebook(self.policy)
        self.rotation = Rotation(self.policy, self.now, self.asked)

    @property
    def lasting(self) -> bool:
        """Whether writes are permanent: not inside a host's transaction."""
        return not is_hosted(self.storage)

    def now(self) -> datetime:
        """Return the time of the clock, in UTC."""
        return moment_of("clock", self.clock())

    # ---------------------------------------------------------------------------------------------------- commands
    def run(self, command: Command[R]) -> Program[R]:
        """Decide and save, retrying collisions; a repeated command with a key gets the first answer."""

        def attempt() -> Program[R]:
            with as_invalid_input():
                decided = yield from self.asked(self.keyed(command, self.now()))
            yield from self.save(decided.change)
            return decided.result

        answer = yield from self.until_saved(attempt)
        return (yield from self.shown(command, answer))

    def keyed(self, command: Command[R], now: datetime) -> Asking[Decided[R]]:
        """Decide on a command; if it was carried out with its key before, return the stored answer."""
        if command.key is None:
            return (yield from command.decide(self.policy, now))
        blank = yield from _blank_reply(command.key, command.payload(self.policy, now))
        stored = yield from reply_to(blank.key)
        if stored is not None:
            return Decided(Change(), _answered(command, blank, stored))
        decided = yield from command.decide(self.policy, now)
        reply = blank.but(value=decided.result.model_dump(mode="json"), lead_id=decided.result.lead_id)
        return Decided(decided.change.but(replies=(reply,)), decided.result)

    def shown(self, command: Command[R], answer: R) -> Program[R]:
        """Return an answer completed by what happens only after the command's own Change: the owner by routing."""
        answer = command.shown(answer)
        if self.policy.router is None or not isinstance(answer, Moved) or answer.owner is not None:
            return answer
        lead = (yield from leads_with([answer.lead_id])).get(answer.lead_id)
        return answer.but(owner=lead.owner) if lead is not None and lead.stage == answer.stage else answer

    def settle(self, wish: Wish[T]) -> Program[T]:
        """Decide and save, retrying collisions."""

        def attempt() -> Program[T]:
            decided = yield from self.decided(wish, self.now())
            yield from self.save(decided.change)
            return decided.result

        return (yield from self.until_saved(attempt))

    def decided(self, wish: Wish[T], now: datetime) -> Program[Decided[T]]:
        """Run a decision; a value that no entity accepts is ``InvalidInput``."""
        with as_invalid_input():
            return (yield from self.asked(wish.decide(self.policy, now)))

    def asked(self, asking: Asking[T]) -> Program[T]:
        """Pass on the reads of a decision, except for keys and ids, which are answered here."""
        try:
            read = next(asking)
            while True:
                try:
                    came = yield from self._came(read)
                except Exception as wrong:  # noqa: BLE001  (the decision may handle it)
                    read = asking.throw(wrong)
                else:
                    read = asking.send(came)
        except StopIteration as end:
            answer: T = end.value
            return answer

    def _came(self, read: Read) -> Program[Any]:
        if isinstance(read, Keys):
            return (yield from self.keys())
        if isinstance(read, NewId):
            return self.new_lead_id(self.now())
        return (yield read)

    def is_answered(self, key: str) -> Program[bool]:
        """Return whether a command with this key has been carried out; keys are stored as hashes only."""
        blank = yield from self.asked(_blank_reply(line_of("key", key), {}))
        return (yield from reply_to(blank.key)) is not None

    # ---------------------------------------------------------------------------------------------------- the loop
    def save(self, change: Change) -> Program[None]:
        """Write, and do what concerns the reps' ledgers right after; if that is impossible now, its task does it later.

        Inside a host's transaction it is left to the tasks: ledgers are shared, and the host may commit much later.
        """
        if change.is_empty:
            return
        yield from self.subscribers.announce(lasting=self.lasting)
        yield from self.rulebook.announce(lasting=self.lasting)
        yield from save(change)
        for task in change.put:
            if task.status == "dead":
                _log.error("task %s is dead; look at it with tasks('dead')", task.key)
        if not leaves_routing(self.storage):
            yield from self.follow(change.put)

    def follow(self, tasks: Iterable[Task]) -> Program[None]:
        """Run those of the tasks that concern the reps' ledgers at once; what can't be done now is left to ``tick``.

        A lead to be routed is waited for while others route; ledger entries are not waited for.
        """
        kinds = {"route", "ledger"} if self.policy.router is not None else {"ledger"}
        work = Work.of(task for task in tasks if task.kind in kinds)
        if not work:
            return
        try:
            wrong = (yield from self._rotated(work, WAIT if work.lead_ids else 0)).wrong
        except Exception as error:  # noqa: BLE001  (the command is saved; the task will report the error)
            wrong = dict.fromkeys(work.keys, error)
        for key, why in wrong.items():
            _log.warning("routing, or the ledger, of %s is left to tick: %s", key, type(why).__name__)

    def route(self, lead_id: LeadId) -> Program[Route | None]:
        """Route a lead that is for sales to a rep or a queue; None if it has one already or is not for sales.

        While another process routes, this waits at most a quarter of a second. It also returns None if that is not
        enough, or inside a transaction of yours: then the next process that routes, or ``tick``, routes the lead.
        """
        lead_id = lead_id_of("lead_id", lead_id)
        if leaves_routing(self.storage):
            yield from lead_with(lead_id)
            return None
        done = yield from self._rotated(Work((lead_id,)), WAIT)
        if lead_id in done.wrong:
            raise done.wrong[lead_id]
        return done.routes.get(lead_id)

    def did(self, task: Task, *, dead: int | None = None) -> Program[int | None]:
        """Run a task of the reps' ledgers once, whoever gets to it first.

        Return the version of the lease if somebody else holds it: then the task waits. ``dead`` is the version of a
        lease whose holder must be dead.
        """
        work = Work((task.lead_id or "",)) if task.kind == "route" else Work(notes=(task,))
        done = yield from self._rotated(work, 0, dead=dead)
        for error in done.wrong.values():
            raise error
        return done.held

    def _rotated(self, work: Work, patience: float, *, dead: int | None = None) -> Program[Distributed]:
        try:
            return (yield from self.rotation.done(work, patience, dead=dead, lasting=self.lasting))
        except (Stale, Taken) as collision:
            raise collision.but(f"{collision}; {BEGIN_AGAIN}") from collision

    def listed_subscribers(self) -> Program[dict[str, str | None]]:
        """Return the subscribers of all processes, including this one: name and kind of fact."""
        return (yield from self.until_saved(lambda: self.subscribers.listed(lasting=self.lasting)))

    def known_rules(self) -> Program[frozenset[str]]:
        """Return the rules of all processes, including this one."""
        return (yield from self.until_saved(lambda: self.rulebook.known(lasting=self.lasting)))

    def until_saved(
        self, attempt: Callable[[], Program[T]], while_: Callable[[], Program[bool]] | None = None
    ) -> Program[T]:
        """Retry until nothing collides, with full jitter, within the time budget (and ``while_`` it makes sense).

        If one attempt takes as long as the budget (on a busy machine), a few more are made.

        Inside a host's transaction a collision would only be repeated: it is raised at once.
        """
        give_up = time.monotonic() + self.budget.total_seconds()
        for collisions in count(1):
            begun = time.monotonic()
            try:
                return (yield from attempt())
            except (Stale, Taken) as collision:
                if not self.lasting:
                    raise collision.but(f"{collision}; {BEGIN_AGAIN}") from collision
                now = time.monotonic()
                tried_enough = collisions >= LEAST_ATTEMPTS or not self.budget
                if (now >= give_up and tried_enough) or (while_ is not None and not (yield from while_())):
                    raise
                _log.debug("it collided, and is retried: %s", type(collision).__name__)
            # counted in attempts, not in milliseconds: a slow database or a busy machine needs longer pauses
            longest = (now - begun) * min(2**collisions, MOST_ATTEMPTS_MISSED)
            yield Pause(random.uniform(0, min(longest, LONGEST_PAUSE)))  # noqa: S311  (spreads collisions)
        raise AssertionError("unreachable")

    # ---------------------------------------------------------------------------------------------------- keys and ids
    def keys(self) -> Program[tuple[bytes, ...]]:
        """Return all keys for hashing addresses, the one for writing first."""
        return (yield from self.key_ring.keys(lasting=self.lasting))

    def new_lead_id(self, now: datetime) -> LeadId:
        """Return a new id that is valid everywhere."""
        lead_id = self.new_id(now)
        if not LEAD_ID.fullmatch(lead_id):
            raise DefinitionError(
                f"new_id gave {lead_id!r}; an id has 1 to 100 of the characters a-z, A-Z, 0-9, - and _"
            )
        return lead_id


def _blank_reply(key: str, payload: Mapping[str, object]) -> Asking[Reply]:
    """Return an empty reply of a command, with hashes of its key and payload: it survives the erasure of the lead.

    The hashes use the key that all processes share permanently, so that every process recognises the command.
    """
    shared = (yield from keys())[-1]
    digest = keyed_digest("payload", digest_of(payload), shared)
    return Reply(key=keyed_digest("key", key, shared), digest=digest, value={})


def _answered(command: Command[R], blank: Reply, stored: Reply) -> R:
    if stored.digest != blank.digest:
        raise IdempotencyConflict(command.key or "")
    result: type[R] = command.answer  # type: ignore[assignment]
    if not stored.value:
        return result.of_erased(stored.lead_id or "")
    try:
        return result.model_validate(stored.value, extra="ignore")  # a newer version may have more fields
    except ValidationError:
        raise Unreadable(f"the reply of the key {stored.key!r}", "it does not fit the current definitions") from None
