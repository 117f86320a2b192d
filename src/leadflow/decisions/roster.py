"""The roster: who may act as a rep, who may be given leads, and who may act on a lead that somebody else owns."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

from leadflow.decisions.policy import CommandContext, Policy
from leadflow.entities import Actor, Lead
from leadflow.errors import InvalidInput, Refused
from leadflow.routing import Team

__all__ = ["check_actor", "check_given_to", "check_may_act", "check_queue", "nearest", "why_absent"]

SHOWN: Final = 10
NO_REP: Final = "for somebody else give an Actor, such as Actor(kind='marketing', id='eva')"


def check_actor(policy: Policy, by: Actor) -> None:
    """Refuse a rep who is not on the roster; without a roster anybody may be one."""
    roster = policy.roster
    if by.kind == "rep" and roster and by.id not in roster:
        raise InvalidInput("by", by.id, f"no rep of the roster is called so; {nearest(by.id, roster)}; {NO_REP}")


def check_given_to(policy: Policy, rep: str) -> None:
    """Refuse a rep who is not on the roster, or no longer active: nobody would look after the lead."""
    roster = policy.roster
    if roster and rep not in roster:
        raise InvalidInput("rep", rep, f"no rep of the roster is called so; {nearest(rep, roster)}")
    known = policy.router.reps.get(rep) if policy.router is not None else None
    if known is not None and not known.active:
        raise InvalidInput("rep", rep, "this rep is not active; give one who is")


def check_queue(policy: Policy, queue: str) -> None:
    """Refuse a queue that the router does not have."""
    if policy.router is not None and queue not in policy.router.queues:
        raise InvalidInput("queue", queue, f"the router has no such queue; {nearest(queue, policy.router.queues)}")


def check_may_act(policy: Policy, moment: CommandContext, lead: Lead[Any], move: str) -> None:
    """Refuse a rep who may not make this move with somebody else's lead; the message says who may."""
    by, owner, roster = moment.by, lead.owner, policy.roster
    if by.kind != "rep" or not roster or owner in (None, by.id):
        return
    absent = why_absent(policy, owner, moment.now)
    allowed: dict[str, None] = {}
    for team in _teams_of(policy, owner):
        people = team.allowed(move, owner, absent=absent is not None)
        if people is None or by.id in people:
            return
        allowed |= dict.fromkeys(people)
    may = ", ".join(one for one in allowed if one in roster) or "nobody else"
    whose = f"lead {lead.id} belongs to {owner}" + (f", who {absent}" if absent else "")
    raise Refused(f"{whose}; `{move}` may be made by: {may} (not by {by.id})")


def _teams_of(policy: Policy, owner: str) -> list[Team]:
    """Return the teams of an owner; of one without a team, the team of everybody."""
    teams = [team for team in policy.teams if owner in (*team.members, *team.leads)]
    return teams or [Team("everybody", sorted(policy.roster))]


def why_absent(policy: Policy, rep: str, now: datetime) -> str | None:
    """Return why somebody does not work now: gone, inactive or away; None for who does, or if nobody knows."""
    if policy.router is not None and rep in policy.router.reps:
        return policy.router.why_absent(rep, now)
    return None if not policy.roster or rep in policy.roster else "is not on the roster"


def nearest(name: str, known: Collection[str]) -> str:
    """Return a hint at the name that was meant, or at those there are."""
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there is {', '.join(sorted(known)[:SHOWN])}"
