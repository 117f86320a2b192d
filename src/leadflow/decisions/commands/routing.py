"""Routing: which rep gets a lead, and what the reps' ledgers count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leadflow.decisions.arguments import as_invalid_input, lead_id_of
from leadflow.decisions.assignment import distribute
from leadflow.decisions.commands.command import Wish, moment_by
from leadflow.decisions.draft import Decided, joined
from leadflow.decisions.ledgers import is_readable, ledger_key, noted_in_ledger
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, leads_with, states, task_with
from leadflow.decisions.rotation_lease import ROTATION, is_free, lease_in, stays_free
from leadflow.decisions.scoring_context import known_of
from leadflow.entities import Lead, LeadId, Route, Task
from leadflow.errors import NotFound, Unavailable, Unreadable
from leadflow.events import Change, StateWrite
from leadflow.ports import State
from leadflow.routing import ledger_ids

__all__ = ["Distributed", "RouteLeads"]


@dataclass(frozen=True)
class Distributed:
    """The results for leads that wait for a rep, and for entries in ledgers; anything not listed still waits."""

    routes: Mapping[LeadId, Route | None] = field(default_factory=dict)
    """By id; None for a lead that needed no rep."""
    noted: frozenset[str] = frozenset()
    """The keys of finished tasks."""
    wrong: Mapping[str, Exception] = field(default_factory=dict)
    """By the lead's id or the task's key: what failed, without affecting the others."""
    held: int | None = None
    """The version of the lease, if somebody else holds it: then nothing can be done now."""


@dataclass(frozen=True)
class RouteLeads(Wish[Distributed]):
    """Assign leads that are for sales to reps or queues, one after the other, and make the due entries in ledgers.

    The result is a single Change, equal to one Change for each. A lead that has an owner, or is not for sales, is left
    alone. Ledgers are written while nobody holds the lease of the rotation; its holder passes ``lease``.
    """

    lead_ids: tuple[LeadId, ...]
    notes: tuple[Task, ...] = ()
    lease: StateWrite | None = None

    def __post_init__(self) -> None:
        self._read(lead_ids=tuple(lead_id_of("lead_id", one) for one in self.lead_ids))

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Distributed]]:
        leads, wrong = yield from _found(self.lead_ids)
        wrong |= {task.key: _unreadable(task) for task in self.notes if not is_readable(task)}
        notes = [task for task in self.notes if is_readable(task)]
        reps = {lead.id: tuple(_reps(policy, lead, now)) for lead in leads.values()}
        asked = {ledger_key(rep) for some in reps.values() for rep in some}
        asked |= {ledger_key(task.text("rep")) for task in notes}
        read = yield from states([*sorted(asked), ROTATION])
        if self.lease is None and not is_free(lease := lease_in(read), now):
            return Decided(Change(), Distributed(held=lease.version))
        ledgers, changes = _Ledgers(read), []
        for task in notes:
            changes.append((yield from _noted(task, ledgers, wrong)))  # noqa: PERF401  (it yields reads)
        routes: dict[LeadId, Route | None] = {}
        for lead in {lead.id: lead for lead in leads.values()}.values():
            names = [name for name, one in leads.items() if one.id == lead.id]  # several, if it has absorbed others
            try:
                decided = yield from _distributed(policy, now, lead, ledgers.of(reps[lead.id]))
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001  (the others are routed anyway)
                wrong |= dict.fromkeys(names, error)
            else:
                routes |= dict.fromkeys(names, decided.result)
                changes.append(ledgers.without(decided.change))
        change = joined(changes)
        written = [*change.states, *ledgers.writes()]
        if written or self.lease is not None:
            written.append(self.lease or stays_free(lease_in(read)))
        noted = frozenset(task.key for task in notes if task.key not in wrong)
        return Decided(change.but(states=tuple(written)), Distributed(routes, noted, wrong))


def _found(ids: tuple[LeadId, ...]) -> Asking[tuple[dict[LeadId, Lead[Any]], dict[str, Exception]]]:
    """Return the leads in this order, and the errors of the others."""
    try:
        found, wrong = (yield from leads_with(ids)), dict[str, Exception]()
    except Unreadable as error:
        found, wrong = {**error.leads}, {**error.wrong}
    wrong |= {one: NotFound("lead", one) for one in ids if one not in found and one not in wrong}
    return {one: found[one] for one in dict.fromkeys(ids) if one in found}, wrong


def _unreadable(task: Task) -> Unreadable:
    return Unreadable(f"task {task.key}", "it does not say whose ledger it is for, and what happened")


def _reps(policy: Policy, lead: Lead[Any], now: datetime) -> Iterator[str]:
    if policy.router is not None and policy.wants_owner(lead):
        yield from ledger_ids(policy.router, lead, now)


def _distributed(
    policy: Policy, now: datetime, lead: Lead[Any], ledgers: Mapping[str, State]
) -> Asking[Decided[Route | None]]:
    if policy.router is None or not policy.wants_owner(lead):
        return Decided(Change(), None)
    known = yield from known_of(policy, lead, now)
    with as_invalid_input():
        return distribute(policy, moment_by(now, None), lead, ledgers, known)


def _noted(task: Task, ledgers: _Ledgers, wrong: dict[str, Exception]) -> Asking[Change]:
    """Make the entry, unless somebody has: checked after reading the ledger, which has changed in that case."""
    if (yield from task_with(task.key)) is None:
        return Change()
    try:
        return ledgers.without(noted_in_ledger(task, ledgers.now.get(ledger_key(task.text("rep")))))
    except Exception as error:  # noqa: BLE001  (the other entries are made anyway)
        wrong[task.key] = error
        return Change()


class _Ledgers:
    """The reps' ledgers as each part of a Change sees them: as read, and as changed by the parts before."""

    def __init__(self, read: Mapping[str, State]) -> None:
        self.now = dict(read)
        self._writes: dict[str, StateWrite] = {}

    def of(self, reps: tuple[str, ...]) -> dict[str, State]:
        """Return the existing ledgers of some reps."""
        return {key: self.now[key] for key in map(ledger_key, reps) if key in self.now}

    def without(self, change: Change) -> Change:
        """Take over the ledgers that a part writes, and return the rest of it."""
        ledgers = [write for write in change.states if write.key.startswith(ledger_key(""))]
        for write in ledgers:
            if write.value is None:
                self._writes.setdefault(write.key, write)
            else:
                self._writes[write.key] = write
                self.now[write.key] = State(write.read_version, write.value)
        return change.but(states=tuple(write for write in change.states if write not in ledgers))

    def writes(self) -> tuple[StateWrite, ...]:
        """Return the ledgers that all parts together write or compare."""
        return tuple(self._writes[key] for key in sorted(self._writes))
