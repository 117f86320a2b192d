"""Routing without retries: the holder of the rotation's lease routes for everybody; nobody collides over turns.

Ledgers are written in a Change that found the lease free and asserts that it stays free: without contention routing
has no extra cost. A process that collides takes the lease and does everything that waits in one Change, also for
others, who find it done.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from leadflow.decisions.arguments import as_invalid_input
from leadflow.decisions.commands.routing import Distributed, RouteLeads
from leadflow.decisions.draft import Decided
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, readable, states, task_with
from leadflow.decisions.rotation_lease import HELD_FOR, ROTATION, given_back, held_on, is_free, lease_in, stays_free
from leadflow.entities import LeadId, Task
from leadflow.errors import LeadflowError, Stale, Taken, Unavailable
from leadflow.events import Change, StateWrite
from leadflow.flow.effects import Pause, Program, on_storage, save
from leadflow.ports import State

__all__ = ["WAIT", "Rotation", "Work"]

_log = logging.getLogger("leadflow")

WAIT: Final = 0.25
"""The seconds that a command waits for its lead while others route."""
SERVES: Final = 0.25
"""The most seconds for which the holder of the lease continues with what others wait for."""
CROWDED: Final = 1.0
"""The seconds after a collision in which the next one is expected: the lease is taken at once."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.08
ROUND: Final = 25
"""The most leads of others that are routed in one Change."""


class Work(NamedTuple):
    """Work on ledgers: leads to route, and tasks with ledger entries."""

    lead_ids: tuple[LeadId, ...] = ()
    notes: tuple[Task, ...] = ()

    @classmethod
    def of(cls, tasks: Iterable[Task]) -> Work:
        """Return the part of these tasks that concerns ledgers."""
        tasks = [task for task in tasks if task.status != "dead"]
        leads = (task.lead_id for task in tasks if task.kind == "route" and task.lead_id is not None)
        return cls(tuple(leads), tuple(task for task in tasks if task.kind == "ledger"))

    def __bool__(self) -> bool:
        return bool(self.lead_ids or self.notes)

    @property
    def keys(self) -> frozenset[str]:
        """Ids of leads, and keys of tasks."""
        return frozenset((*self.lead_ids, *(task.key for task in self.notes)))

    def and_(self, other: Work) -> Work:
        """Return both, each lead and task once."""
        notes = {task.key: task for task in (*self.notes, *other.notes)}
        return Work(tuple(dict.fromkeys((*self.lead_ids, *other.lead_ids))), tuple(notes.values()))

    def without(self, keys: Container[str]) -> Work:
        """Return the rest."""
        notes = tuple(task for task in self.notes if task.key not in keys)
        return Work(tuple(one for one in self.lead_ids if one not in keys), notes)

    def waits_after(self, done: Distributed) -> bool:
        """Whether some of it is neither done nor failed."""
        return not self.keys <= {*done.routes, *done.noted, *done.wrong}


@dataclass
class Rotation:
    """Writes the reps' ledgers for one flow."""

    policy: Policy
    now: Callable[[], datetime]
    asked: Callable[[Asking[Any]], Program[Any]]
    _crowded_until: float = field(default=0.0, init=False)

    def done(
        self, work: Work, patience: float, *, dead: int | None = None, lasting: bool = True
    ) -> Program[Distributed]:
        """Do it, or wait until the holder of the lease has done it; what is still open after that stays open.

        ``dead`` is the version of a lease that has not changed for so long that its holder must be dead, whatever its
        clock said. Only inside a host's transaction (not ``lasting``) may this raise ``Stale``: there nothing can be
        retried.
        """
        give_up, collided = time.monotonic() + patience, frozenset[LeadId]()
        if not lasting or time.monotonic() >= self._crowded_until:
            decided = yield from self._decided(work)
            try:
                yield from self._saved(decided)
            except (Stale, Taken):
                if not lasting:
                    raise
                collided = frozenset(one for one, route in decided.result.routes.items() if route is not None)
                self._crowded_until = time.monotonic() + CROWDED
            else:
                if decided.result.held is None or not lasting:
                    return decided.result
        return (yield from self._in_turn(work, collided, give_up, dead))

    def stays_free(self) -> Asking[StateWrite]:
        """Return the assertion that lets a Change write ledgers; ``Stale`` while somebody holds the lease."""
        lease = yield from _lease()
        if not is_free(lease, self.now()):
            raise Stale("somebody else writes the reps' ledgers")
        return stays_free(lease)

    def _in_turn(
        self, work: Work, collided: frozenset[LeadId], give_up: float, dead: int | None
    ) -> Program[Distributed]:
        """Take the lease as soon as it is free, unless others have done the work by then."""
        pause, seen = FIRST_PAUSE, None
        done, had = Distributed(), frozenset[LeadId]()
        while True:
            lease = yield from _lease()
            if lease.version != seen:
                done = yield from self._done_by_others(work)
                had = frozenset(done.routes) - collided if seen is None else had
                seen = lease.version
            if not work.waits_after(done):
                return replace(done, routes={one: None if one in had else route for one, route in done.routes.items()})
            if is_free(lease, self.now()) or lease.version == dead:
                if (yield from _is_saved(held_on(lease.version, self.now()))):
                    return (yield from self._served(work, lease.version + 1))
            elif time.monotonic() >= give_up:
                return replace(done, held=lease.version)
            yield Pause(random.uniform(pause / 2, pause))  # noqa: S311  (spreads the waiting processes)
            pause = min(2 * pause, LONGEST_PAUSE)

    # ------------------------------------------------------------------------------------------ as holder of the lease
    def _served(self, own: Work, version: int) -> Program[Distributed]:
        """Do our own work and what waits, in rounds while many wait, and return the lease."""
        ends, wrong = time.monotonic() + SERVES, set[str]()
        todo, done = own, Distributed()
        try:
            while True:
                others = (yield from self._waiting()).without(wrong)
                goes_on = len(others.lead_ids) >= ROUND and time.monotonic() < ends
                lease = held_on(version, self.now()) if goes_on else given_back(version)
                came = yield from self._round(todo, others, lease)
                if came is None:
                    yield from _is_saved(given_back(version))
                    return done
                version += 1
                done = came if todo else done
                if not goes_on:
                    return done
                todo, wrong = Work(), wrong | {*came.wrong}
        except GeneratorExit:
            raise
        except BaseException:
            yield from _is_saved(given_back(version))
            raise

    def _waiting(self) -> Program[Work]:
        """Return the waiting work, longest wait first."""
        notes = yield from _waiting_as("ledger")
        routes = (yield from _waiting_as("route")) if self.policy.router is not None else []
        return Work.of((*notes, *routes))

    def _round(self, own: Work, others: Work, lease: StateWrite) -> Program[Distributed | None]:
        """Do everything in one Change, without leads that change meanwhile; None if that fails while we hold the lease.

        Failures of others' work do not affect our own.
        """
        give_up = time.monotonic() + HELD_FOR.total_seconds() / 2
        work = own.and_(others)
        while time.monotonic() < give_up:
            decided: Decided[Distributed] | None = None
            try:
                decided = yield from self._decided(work, lease)
                yield from self._saved(decided)
            except (Stale, Taken):
                if (yield from _lease()).version != lease.read_version:
                    return None
                moved = yield from _moved(decided.change if decided is not None else Change())
                work = own.and_(work.without(moved))
            except Unavailable:
                raise
            except LeadflowError:
                if work == own:
                    raise
                work = own
            else:
                return decided.result
        return None

    # ------------------------------------------------------------------------------------------------------ one Change
    def _decided(self, work: Work, lease: StateWrite | None = None) -> Program[Decided[Distributed]]:
        wish = RouteLeads(work.lead_ids, work.notes, lease)
        with as_invalid_input():
            decided: Decided[Distributed] = yield from self.asked(wish.decide(self.policy, self.now()))
        return decided

    def _saved(self, decided: Decided[Distributed]) -> Program[None]:
        if not decided.change.is_empty:
            yield from save(decided.change)
        for lead_id, route in decided.result.routes.items():
            if route is not None and route.error is not None:
                _log.error("lead %s is in a queue: the policy of its territory failed", lead_id)

    def _done_by_others(self, work: Work) -> Program[Distributed]:
        """Return the part of the work that is done already."""
        leads = yield from readable(work.lead_ids)
        routes = {one: lead.route for one, lead in leads.items() if not self.policy.wants_owner(lead)}
        noted = []
        for task in work.notes:
            if (yield from task_with(task.key)) is None:
                noted.append(task.key)  # noqa: PERF401  (it yields reads)
        return Distributed(routes, frozenset(noted))


def _waiting_as(kind: str) -> Program[list[Task]]:
    return (yield from on_storage(lambda storage: storage.tasks("waiting", limit=ROUND, kinds=[kind])))


def _lease() -> Asking[State]:
    return lease_in((yield from states([ROTATION])))


def _is_saved(lease: StateWrite) -> Program[bool]:
    """Take or return the lease; False if somebody else has written it."""
    try:
        yield from save(Change(states=(lease,)))
    except Stale:
        return False
    return True


def _moved(change: Change) -> Asking[frozenset[LeadId]]:
    """Return the leads that have changed since they were read."""
    now = yield from readable([write.id for write in change.leads])
    return frozenset(
        write.id for write in change.leads if write.id not in now or now[write.id].version != write.read_version
    )
