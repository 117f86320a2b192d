"""Rivals: other leads with the main address of a submission. They lose it to whoever proves it; nothing is merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from leadflow.decisions.draft import Draft
from leadflow.decisions.identity import Found, email_of
from leadflow.decisions.intake import Submission
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.entities import Finding, Lead, LeadId, Twin
from leadflow.events import AddressTakenOver, TwinSuspected
from leadflow.events.enriched_lead import as_said
from leadflow.quality import Likeness, likeness

__all__ = ["WON", "OtherLeads", "are_apart", "note_rivals", "rivals_of", "suspected", "taken_over"]

LOST = Finding(
    code="address_taken_over",
    field="emails",
    severity="warning",
    message="somebody else has verified it; it is kept here, but unclaimed and without mail",
)
WON = Finding(
    code="address_taken_over",
    field="email",
    severity="note",
    message="it was also given for a different lead; it is verified now and belongs to this lead alone",
)


class OtherLeads:
    """The drafts of other leads that a decision writes, one for each."""

    def __init__(self, policy: Policy, moment: CommandContext) -> None:
        self._policy, self._moment = policy, moment
        self._drafts: dict[LeadId, Draft] = {}

    def __call__(self, lead: Lead[Any]) -> Draft:
        return self._drafts.setdefault(lead.id, Draft.of(lead, self._policy, self._moment))

    def drafts(self) -> list[Draft]:
        """Return the existing drafts."""
        return list(self._drafts.values())


def rivals_of(submission: Submission, found: Found, candidates: Iterable[Lead[Any]], limit: int) -> list[Lead[Any]]:
    """Return the other leads with the main address, the claiming one first; none if nothing about it is new."""
    claim = submission.main_claim
    if claim is None or (found.lead is not None and not taken_over(submission, found)):
        return []
    typed = [one for one in candidates if not one.absorbed_by and email_of(one, claim).address]
    others = [
        one for one in typed if not email_of(one, claim).verified
    ]  # otherwise it is proven already: the claim collides
    every = [one for one in (found.stranger, *others) if one is not None and one.id != (found.lead and found.lead.id)]
    return list({one.id: one for one in every}.values())[:limit]


def taken_over(submission: Submission, found: Found) -> bool:
    """Whether the submission proves its main address for the first time."""
    main, claim = submission.main_email, submission.main_claim
    if main is None or claim is None or not main.verified:
        return False
    return found.lead is None or not email_of(found.lead, claim).verified


def note_rivals(draft: Draft, others: OtherLeads, rivals: Sequence[Lead[Any]], proven: str | None) -> None:
    """Record each pair on both sides; ``proven`` is the address that the others lose."""
    for rival in rivals:
        other = others(rival)
        if proven is not None:
            other.say(AddressTakenOver, address=proven, to=draft.lead.id, finding=LOST)
        if are_apart(draft.lead, other.lead):
            continue
        like, since = likeness(as_said(draft.lead), as_said(other.lead)), draft.recorded_at
        other.say(TwinSuspected, twin=suspected(draft.lead.id, like, since))
        draft.say(TwinSuspected, twin=suspected(rival.id, like, since))


def are_apart(one: Lead[Any], other: Lead[Any]) -> bool:
    """Whether somebody has decided that these two are different people."""
    return not {other.id, *other.absorbed}.isdisjoint(one.not_same) or not {one.id, *one.absorbed}.isdisjoint(
        other.not_same
    )


def suspected(other_id: LeadId, like: Likeness, since: datetime) -> Twin:
    """Return another lead as a probable twin."""
    return Twin(lead_id=other_id, likeness=round(like.probability, 6), evidence=like.evidence, since=since)
