"""Foresight: what commands that hand leads on would do, with the rotation after them, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadflow.decisions.commands.sales import SalesCommand
from leadflow.decisions.ledgers import ledger_key, ledger_of, worked_by
from leadflow.decisions.reads import lead_with, states
from leadflow.entities import Lead, LeadId
from leadflow.errors import InvalidInput, LeadflowError, NotFound, Refused
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.routing import Ledger, ledger_ids, released, route, taken

__all__ = ["Foresight"]


@dataclass
class Foresight:
    """Foretells one group of commands after the other; the ledgers count on from group to group."""

    runner: Runner
    _ledgers: dict[str, Ledger] = field(default_factory=dict)

    def of(
        self, commands: Mapping[LeadId, SalesCommand | LeadflowError]
    ) -> Program[dict[LeadId, Lead[Any] | LeadflowError]]:
        """Return each lead as it would be, or why its command would be refused."""
        after: dict[LeadId, Lead[Any] | LeadflowError] = {}
        for lead_id, command in commands.items():
            after[lead_id] = (yield from self._decided(command)) if isinstance(command, SalesCommand) else command
        for lead_id, lead in after.items():
            if not isinstance(lead, LeadflowError):
                after[lead_id] = yield from self._routed(lead)
        return after

    def _decided(self, command: SalesCommand) -> Program[Lead[Any] | LeadflowError]:
        try:
            before = yield from lead_with(command.lead_id)
            decided = yield from self.runner.decided(command, self.runner.now())
        except (Refused, InvalidInput, NotFound) as error:
            return error
        after: Lead[Any] = next((write.lead for write in decided.change.leads if write.lead is not None), before)
        yield from self._noted(before, after)
        return after

    def _noted(self, before: Lead[Any], after: Lead[Any]) -> Program[None]:
        """Enter that the lead has left a rep, and was given to another, in their ledgers."""
        policy, now = self.runner.policy, self.runner.now()
        had, has = worked_by(before, policy.lifecycle), worked_by(after, policy.lifecycle)
        if had == has or policy.router is None:
            return
        yield from self._read({rep for rep in (had, has) if rep is not None})
        if had is not None:
            self._ledgers[had] = released(self._ledgers[had])
        if has is not None:
            self._ledgers[has] = taken(self._ledgers[has], now, policy.router.day_of(now))

    def _routed(self, lead: Lead[Any]) -> Program[Lead[Any]]:
        policy, now = self.runner.policy, self.runner.now()
        if policy.router is None or not policy.wants_owner(lead):
            return lead
        yield from self._read(ledger_ids(policy.router, lead, now))
        routed = route(lead, policy.router, self._ledgers, now)
        self._ledgers |= {ledger.rep: ledger for ledger in routed.ledgers}
        return lead.but(owner=routed.route.owner, queue=routed.route.queue, route=routed.route)

    def _read(self, reps: frozenset[str] | set[str]) -> Program[None]:
        new = sorted(reps - self._ledgers.keys())
        read = (yield from states([ledger_key(rep) for rep in new])) if new else {}
        self._ledgers |= {rep: ledger_of(rep, read.get(ledger_key(rep))) for rep in new}
