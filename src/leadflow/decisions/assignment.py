"""Assignment as a Change of its own: which rep gets the lead, with every ledger that was compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.ledgers import ledger_key, ledger_of
from leadflow.decisions.policy import THE_POLICY, CommandContext, Policy
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.entities import Lead, Route, stored_form
from leadflow.events import Change, LeadRouted, StateWrite
from leadflow.ports import State
from leadflow.routing import Ledger, route

__all__ = ["distribute"]


def distribute(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    states: Mapping[str, State],
    known: ScoringContext,
) -> Decided[Route | None]:
    """Assign the lead to a rep or a queue; nothing is written for a lead that has an owner or is not for sales."""
    if policy.router is None or not policy.wants_owner(lead):
        return Decided(Change(), None)
    reps = {key: key.removeprefix("ledger:") for key in states}
    ledgers = {reps[key]: ledger_of(reps[key], state) for key, state in states.items()}
    earlier = [lead.route.owner] if lead.route and lead.route.owner else []
    routed = route(lead, policy.router, ledgers, moment.now, prefer=earlier)
    draft = Draft.of(lead, policy, moment)
    draft.say(LeadRouted, by=THE_POLICY, at=moment.now, route=routed.route)
    follow_up(draft, known)
    writes = _writes(states, {ledger.rep: ledger for ledger in routed.ledgers}, routed.compared)
    return Decided(change_of(draft, states=writes), routed.route)


def _writes(
    states: Mapping[str, State], changed: Mapping[str, Ledger], compared: Collection[str]
) -> tuple[StateWrite, ...]:
    """Write the changed ledgers, and assert that the compared ones have not changed."""
    writes = []
    for rep in sorted({*changed, *compared}):
        key = ledger_key(rep)
        value = stored_form(changed[rep]) if rep in changed else None
        version = states[key].version if key in states else 0
        writes.append(StateWrite(key=key, read_version=version, value=value))
    return tuple(writes)
