"""Which rep gets a lead, and what the reps' ledgers count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leadflow.decisions.commands.command import Wish, moment_by
from leadflow.decisions.distributing import distribute
from leadflow.decisions.draft import Decided
from leadflow.decisions.given import lead_id_of
from leadflow.decisions.lead_context import known_of
from leadflow.decisions.ledgers import ledger_key, noted_in_ledger
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, lead_with, states, task_with
from leadflow.entities import LeadId, Route, Task
from leadflow.events import Change
from leadflow.routing import ledger_ids

__all__ = ["NoteInLedger", "RouteLead"]


@dataclass(frozen=True)
class RouteLead(Wish[Route | None]):
    """Give a lead that is for sales to a rep or into a queue; None if it has one or is not for sales."""

    lead_id: LeadId

    def __post_init__(self) -> None:
        self._read(lead_id=lead_id_of("lead_id", self.lead_id))

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Route | None]]:
        lead = yield from lead_with(self.lead_id)
        if policy.router is None or not policy.wants_owner(lead):
            return Decided(Change(), None)
        ledgers = yield from states([ledger_key(rep) for rep in ledger_ids(policy.router, lead, now)])
        return distribute(policy, moment_by(now, None), lead, ledgers, (yield from known_of(policy, lead, now)))


@dataclass(frozen=True)
class NoteInLedger(Wish[None]):
    """Do a ledger task once, whoever gets to it first."""

    task: Task

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[None]]:  # noqa: ARG002  (needs no rules)
        key = ledger_key(self.task.text("rep"))
        ledger = (yield from states([key])).get(key)
        is_there = (yield from task_with(self.task.key)) is not None  # after the ledger: who noted it has moved that
        return Decided(noted_in_ledger(self.task, ledger) if is_there else Change(), None)
