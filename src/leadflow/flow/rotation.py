"""The lease of the rotation: who holds it writes the reps' ledgers, for all that wait; so nobody collides over turns.

It is a state with a token. A Change that finds it free, and asserts that it stays so, needs no more. Who collides takes
it and does in one Change, which also gives it back, what waits: its own, and what others wait for. They find it done.
"""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from leadflow.decisions.commands.routing import Distributed, RouteLeads
from leadflow.decisions.draft import Decided
from leadflow.decisions.given import as_invalid_input
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, readable, states, task_with
from leadflow.entities import LeadId, Task
from leadflow.errors import LeadflowError, Stale, Taken, Unavailable
from leadflow.events import Change, StateWrite
from leadflow.flow.effects import Pause, Program, on_storage, save
from leadflow.ports import State

__all__ = ["HELD_FOR", "PATIENCE", "ROTATION", "WAIT", "Rotation", "Work"]

_log = logging.getLogger("leadflow")

ROTATION: Final = "rotation"
"""The key of the lease among the states."""
HELD_FOR: Final = timedelta(seconds=5)
"""So long a holder who died keeps others from routing."""
WAIT: Final = 0.25
"""So many seconds a command waits for its lead while others route."""
PATIENCE: Final = 2 * HELD_FOR.total_seconds()
"""So many seconds ``tick`` waits: long enough to see that a holder is dead, whatever its clock says."""
POLLED: Final = 0.03
ROUND: Final = 50
"""So many leads are routed in one Change, at most, beside one's own."""
LOOKED_AT: Final = 200
"""Among so many of the tasks that are due next those are looked for that wait."""


class Work(NamedTuple):
    """What somebody wants done: leads to be routed, tasks to be noted in ledgers."""

    lead_ids: tuple[LeadId, ...] = ()
    notes: tuple[Task, ...] = ()

    @classmethod
    def of(cls, tasks: Iterable[Task], *, routes: bool) -> Work:
        """Return what of these tasks concerns ledgers."""
        tasks = [task for task in tasks if task.status != "dead"]
        leads = (task.lead_id for task in tasks if routes and task.kind == "route" and task.lead_id is not None)
        return cls(tuple(leads), tuple(task for task in tasks if task.kind == "ledger"))

    def __bool__(self) -> bool:
        return bool(self.lead_ids or self.notes)

    @property
    def keys(self) -> tuple[str, ...]:
        """Ids of leads, then keys of tasks."""
        return (*self.lead_ids, *(task.key for task in self.notes))

    def joined(self, other: Work) -> Work:
        """Return both, each lead and task once."""
        notes = {task.key: task for task in (*self.notes, *other.notes)}
        return Work(tuple(dict.fromkeys((*self.lead_ids, *other.lead_ids))), tuple(notes.values()))

    def waits_after(self, done: Distributed) -> bool:
        """Whether something of it is neither done nor found wrong."""
        return not {*self.keys} <= {*done.routes, *done.noted, *done.wrong}


@dataclass(frozen=True)
class Rotation:
    """How one process writes the reps' ledgers."""

    policy: Policy
    now: Callable[[], datetime]
    asked: Callable[[Asking[Any]], Program[Any]]

    def done(self, work: Work, patience: float, *, lasting: bool = True) -> Program[Distributed]:
        """Do it, or wait until whoever holds the lease has done it; what is still open after that stays so.

        Only inside a host's transaction (not ``lasting``) it may raise ``Stale``: there nothing can be tried again.
        """
        state = yield from _lease()
        if self._is_free(state):
            try:
                return (yield from self._written(work, _stays_free(state)))
            except (Stale, Taken):
                if not lasting:
                    raise
        return (yield from self._in_turn(work, patience)) if lasting else Distributed()

    def stays_free(self) -> Asking[StateWrite]:
        """Return what lets a Change write ledgers; ``Stale`` while somebody holds the lease."""
        state = yield from _lease()
        if not self._is_free(state):
            raise Stale("somebody else writes the reps' ledgers")
        return _stays_free(state)

    def _is_free(self, state: State) -> bool:
        until = state.value.get("until")
        return not isinstance(until, str) or datetime.fromisoformat(until) <= self.now()

    def _in_turn(self, work: Work, patience: float) -> Program[Distributed]:
        begun = time.monotonic()
        seen, since = -1, begun
        while True:
            state = yield from _lease()
            if state.version != seen:
                seen, since = state.version, time.monotonic()
            is_dead = time.monotonic() - since > HELD_FOR.total_seconds()
            if (self._is_free(state) or is_dead) and (yield from self._take(state)):
                done = yield from self._round(work, state.version + 1, with_leased=patience > WAIT)
            else:
                done = None
            done = done or (yield from self._done_by_others(work))
            if not work.waits_after(done) or time.monotonic() - begun >= patience:
                return done
            yield Pause(random.uniform(0, POLLED))  # noqa: S311  (spreads those who wait)

    def _take(self, state: State) -> Program[bool]:
        held = {"token": secrets.token_hex(8), "until": (self.now() + HELD_FOR).isoformat()}
        try:
            yield from save(Change(states=(StateWrite(key=ROTATION, read_version=state.version, value=held),)))
        except Stale:
            return False
        return True

    # ------------------------------------------------------------------------------------------ as holder of the lease
    def _round(self, work: Work, version: int, *, with_leased: bool) -> Program[Distributed | None]:
        """Do in one Change all that waits; None if that could not be done while we hold the lease."""
        give_back = StateWrite(key=ROTATION, read_version=version, value={})
        try:
            done = yield from self._saved(work, work.joined((yield from self._waiting(with_leased))), give_back)
        except GeneratorExit:
            raise
        except BaseException:
            yield from _given_back(give_back)
            raise
        if done is None:
            yield from _given_back(give_back)
            return None
        return replace(done, routes={**done.routes, **(yield from self._done_by_others(work)).routes})

    def _waiting(self, with_leased: bool) -> Program[Work]:
        """Return what waits by the tasks that are due next; those that others have leased, if there is time for it."""
        tasks: list[Task] = yield from on_storage(lambda storage: storage.tasks("waiting", limit=LOOKED_AT))
        if with_leased:
            tasks += yield from on_storage(lambda storage: storage.tasks("leased", limit=LOOKED_AT))
        found = Work.of(tasks, routes=self.policy.router is not None)
        return Work(found.lead_ids[:ROUND], found.notes[:ROUND])

    def _saved(self, own: Work, work: Work, give_back: StateWrite) -> Program[Distributed | None]:
        """Save, without the leads that moved meanwhile; what keeps the others from being done is no reason for ours."""
        give_up = time.monotonic() + HELD_FOR.total_seconds() / 2
        while time.monotonic() < give_up:
            decided: Decided[Distributed] | None = None
            try:
                decided = yield from self._decided(work)
                yield from self._saved_as(decided, give_back)
            except (Stale, Taken):
                if (yield from _lease()).version != give_back.read_version:
                    return None
                moved = yield from _moved(decided.change if decided is not None else Change())
                work = own.joined(work._replace(lead_ids=tuple(one for one in work.lead_ids if one not in moved)))
            except Unavailable:
                raise
            except LeadflowError:
                if work == own:
                    raise
                work = own
            else:
                return decided.result
            yield Pause(random.uniform(0, POLLED))  # noqa: S311
        return None

    # ------------------------------------------------------------------------------------------------------- one Change
    def _written(self, work: Work, lease: StateWrite) -> Program[Distributed]:
        decided = yield from self._decided(work)
        if not decided.change.is_empty:
            yield from self._saved_as(decided, lease)
        return decided.result

    def _decided(self, work: Work) -> Program[Decided[Distributed]]:
        with as_invalid_input():
            decided: Decided[Distributed] = yield from self.asked(
                RouteLeads(work.lead_ids, work.notes).decide(self.policy, self.now())
            )
        return decided

    def _saved_as(self, decided: Decided[Distributed], lease: StateWrite) -> Program[None]:
        yield from save(decided.change.but(states=(*decided.change.states, lease)))
        for lead_id, route in decided.result.routes.items():
            if route is not None and route.error is not None:
                _log.error("lead %s is in a queue: the policy of its territory failed", lead_id)

    def _done_by_others(self, work: Work) -> Program[Distributed]:
        """Return what of it needs nobody any more, as it stands."""
        leads = yield from readable(work.lead_ids)
        routes = {one: lead.route for one, lead in leads.items() if not self.policy.wants_owner(lead)}
        noted = []
        for task in work.notes:
            if (yield from task_with(task.key)) is None:
                noted.append(task.key)  # noqa: PERF401  (it asks)
        return Distributed(routes, frozenset(noted))


def _lease() -> Asking[State]:
    return (yield from states([ROTATION])).get(ROTATION) or State(0, {})


def _stays_free(state: State) -> StateWrite:
    """Assert that nobody takes the lease; the first of all writes it."""
    return StateWrite(key=ROTATION, read_version=state.version, value=None if state.version else {})


def _moved(change: Change) -> Asking[frozenset[LeadId]]:
    """Return the leads that are no longer as they were read."""
    now = yield from readable([write.id for write in change.leads])
    return frozenset(
        write.id for write in change.leads if write.id not in now or now[write.id].version != write.read_version
    )


def _given_back(lease: StateWrite) -> Program[None]:
    """Let others go on; if that can't be, the lease runs out."""
    try:
        yield from save(Change(states=(lease,)))
    except LeadflowError as error:
        _log.info("the lease of the rotation runs out by itself: %s", type(error).__name__)
