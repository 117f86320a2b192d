"""Identity: which lead a submission belongs to, by its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from leadflow.decisions.derived_records import external_claim, visitor_claim
from leadflow.decisions.intake import Submission
from leadflow.entities import Email, Lead, LeadId, Person
from leadflow.events.enriched_lead import as_said
from leadflow.quality import contradictions, email_key

__all__ = ["ABSORBED_LIMIT", "Found", "email_of", "found_by"]

ABSORBED_LIMIT: Final = 1_000
"""The most anonymous visitors that a lead can absorb; a further browser moves to it without its earlier activities."""


@dataclass(frozen=True)
class Found:
    """The leads found by the keys of a submission: its lead, the anonymous visitor, a second claimant."""

    lead: Lead[Any] | None = None
    prospect: Lead[Any] | None = None
    other: Lead[Any] | None = None
    rehomed: Lead[Any] | None = None
    """The previous user of this browser."""
    stranger: Lead[Any] | None = None
    """The lead that claims the main address without proof, while the sender has proven to own it."""
    contradictions: tuple[str, ...] = ()
    """Why the sender is not the previous user of this browser."""

    @property
    def is_full(self) -> bool:
        """Whether an anonymous visitor stays apart only because the lead has reached the limit."""
        return self.lead is not None and self.rehomed is not None and self.rehomed.stage == "prospect"


def found_by(submission: Submission, holders: Mapping[str, LeadId], leads: Mapping[LeadId, Lead[Any]]) -> Found:
    """Return the roles of the holders of a submission's keys."""

    def holder(claim: str | None) -> Lead[Any] | None:
        return leads.get(holders.get(claim or "", ""))

    seen = holder(visitor_claim(submission.visitor)) if submission.visitor else None
    external = [one for one in map(holder, map(external_claim, submission.external_ids)) if one is not None]
    claimant = holder(submission.main_claim)
    stranger = claimant if claimant is not None and _is_stranger(claimant, submission, external, seen) else None
    named = {lead.id: lead for lead in (*external, claimant) if lead is not None and lead is not stranger}
    lead, other = (*named.values(), None, None)[:2]
    if seen is None or (lead is not None and seen.id == lead.id):
        return Found(lead, other=other, stranger=stranger)
    if seen.stage == "prospect" and (lead is None or len(lead.absorbed) < ABSORBED_LIMIT):
        return Found(lead, prospect=seen, other=other, stranger=stranger)
    if lead is not None or submission.certain_claims:
        return Found(lead, other=other, rehomed=seen, stranger=stranger)
    against = contradictions(as_said(seen), submission.as_lead)
    return Found(rehomed=seen, contradictions=against) if against else Found(seen)


def _is_stranger(
    claimant: Lead[Any], submission: Submission, external: list[Lead[Any]], seen: Lead[Any] | None
) -> bool:
    """Whether a verified submission takes its main address from the lead that claims it (never if that is verified)."""
    main = submission.main_email
    if main is None or not main.verified or email_of(claimant, email_key(main)).verified:
        return False
    if external:
        return external[0].id != claimant.id
    against = set(contradictions(as_said(claimant), submission.as_lead))
    if _is_half(submission.as_lead.person, claimant.person):
        against.discard("name")  # half a name corrects the known one; a different full name is a different person
    elsewhere = any(email.verified and email.kind != "role" for email in claimant.emails)
    on_its_browser = seen is not None and seen.id == claimant.id
    return bool(against) or (elsewhere and not on_its_browser)


def _is_half(typed: Person, known: Person) -> bool:
    return bool(known.first_name and known.last_name) and not (typed.first_name and typed.last_name)


def email_of(lead: Lead[Any], claim: str) -> Email:
    """Return the lead's e-mail address with this claim, or an empty one."""
    return next((email for email in lead.emails if email.address and email_key(email) == claim), Email())
