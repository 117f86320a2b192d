"""Handing over: an owner is away or gone, and an open lead goes where the router says."""

from __future__ import annotations

from typing import Any

from leadflow.decisions.draft import Draft
from leadflow.decisions.policy import Policy
from leadflow.decisions.roster import why_absent
from leadflow.entities import Actor, Candidate, Lead, Route
from leadflow.events import LeadRouted
from leadflow.routing import HandoverTo

__all__ = ["hand_over", "is_open", "rotates", "take_away", "way_of"]


def is_open(policy: Policy, lead: Lead[Any]) -> bool:
    """Whether a lead needs its owner: it is for sales, or has an open deal."""
    return rotates(policy, lead) or any(deal.status == "open" for deal in lead.deals)


def way_of(policy: Policy, rep: str) -> HandoverTo:
    """Return where the open leads of an absent rep go."""
    if policy.router is None:
        return "keep"
    return policy.router.handover.gone if policy.router.is_gone(rep) else policy.router.handover.away


def hand_over(draft: Draft, way: HandoverTo, why: str | None = None, by: Actor | None = None) -> None:
    """Take an open lead from an owner who is absent; nothing happens if the owner is there (again)."""
    lead, policy = draft.lead, draft.policy
    if policy.router is None or lead.owner is None or way == "keep" or not is_open(policy, lead):
        return
    absent = why_absent(policy, lead.owner, draft.moment.now)
    if absent is None:
        return
    queue = (
        None
        if way == "rotation" and rotates(policy, lead)
        else policy.router.handover.queue or policy.router.fallback_queue
    )
    take_away(draft, "; ".join(part for part in (f"{lead.owner} {absent}", why) if part), queue=queue, by=by)


def take_away(
    draft: Draft, reason: str, *, rep: str | None = None, queue: str | None = None, by: Actor | None = None
) -> None:
    """Take the lead from its owner: for a rep, into a queue, or, without either, for the rotation."""
    had = draft.lead.owner
    candidates = [Candidate(rep=had, eligible=False, because=f"taken away: {reason}")] if had else []
    if rep is not None:
        candidates.insert(0, Candidate(rep=rep, eligible=True, because=f"assigned by hand: {reason}"))
    route = Route(at=draft.moment.now, owner=rep, queue=queue, candidates=tuple(candidates))
    draft.say(LeadRouted, by=by, route=route)


def rotates(policy: Policy, lead: Lead[Any]) -> bool:
    """Whether the rotation takes a lead in this stage."""
    return policy.lifecycle.stage(lead.stage).kind in ("marketing", "sales")
