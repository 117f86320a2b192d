"""Effects of time: reminders, breaches, cooling, dates on which to look again."""

from __future__ import annotations

from typing import Any

from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Draft, change_of
from leadflow.decisions.handover import hand_over
from leadflow.decisions.moments import still_to_come
from leadflow.decisions.policy import THE_POLICY, CommandContext, Policy
from leadflow.decisions.scoring_context import ScoringContext
from leadflow.entities import Lead
from leadflow.events import Change, DeadlineBreached, DeadlineReminded, RevisitDue

__all__ = ["deadline_due", "look_again", "moment_came"]


def deadline_due(policy: Policy, moment: CommandContext, lead: Lead[Any]) -> Change:
    """Remind the owner, or record the breach; a deadline that has changed is left alone.

    The lead of an owner who is away or gone then goes where the router says.
    """
    deadline = lead.deadline
    if deadline is None or deadline.breached:
        return Change()
    draft = Draft.of(lead, policy, moment)
    if deadline.due_at <= moment.now:
        draft.say(DeadlineBreached, at=deadline.due_at, stage=deadline.stage, due_at=deadline.due_at)
        way = policy.router.handover.breached if policy.router is not None else "keep"
        hand_over(draft, way, f"the service level of {deadline.stage} was breached", THE_POLICY)
    elif deadline.remind_at is not None and deadline.remind_at <= moment.now:
        draft.say(DeadlineReminded, at=deadline.remind_at, stage=deadline.stage, due_at=deadline.due_at)
    return change_of(draft) if draft.facts else Change()


def moment_came(policy: Policy, moment: CommandContext, lead: Lead[Any], known: ScoringContext) -> Change:
    """Evaluate the lead again because something dated ahead has come."""
    if lead.awaited_at is None or lead.awaited_at > moment.now:
        return Change()
    draft = Draft.of(lead, policy, moment)
    still_to_come(draft, known.ahead(moment.now))
    follow_up(draft, known)
    return change_of(draft)


def look_again(policy: Policy, moment: CommandContext, lead: Lead[Any], known: ScoringContext) -> Change:
    """Evaluate the lead again because time has passed: it may cool, and its date to look again may have come."""
    draft = Draft.of(lead, policy, moment)
    if lead.revisit is not None and lead.revisit <= moment.now.date():
        draft.say(RevisitDue)
    follow_up(draft, known)
    return change_of(draft) if draft.facts else Change()
