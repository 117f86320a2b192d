"""Sources of sides: whose is what sources said, or what was taken back of them, in the time as one lead."""

from __future__ import annotations

from leadflow.decisions.policy import Policy
from leadflow.decisions.sides import Separation, place_of
from leadflow.enrichment.enricher import request_of
from leadflow.events import EnrichmentWithdrawn, LeadEnriched, digest_of

__all__ = ["give_source"]


def give_source(policy: Policy, own: Separation, fact: LeadEnriched | EnrichmentWithdrawn) -> None:
    """Give what a source said to the side that it was asked about, and what was taken back to who had it.

    An answer about a mixture of both is nobody's: each of the two is looked up anew.
    """
    mine, theirs = _asked_about(policy, own, fact) if isinstance(fact, LeadEnriched) else _known_of(own, fact)
    if mine and theirs:
        own.to_both(fact)
    elif theirs:
        own.to_other(fact)
    elif mine:
        own.to_lead(fact)
    else:
        own.given.append(place_of(fact))


def _asked_about(policy: Policy, own: Separation, fact: LeadEnriched) -> tuple[bool, bool]:
    """Whether a source was asked about the survivor, and about the absorbed lead: by its request, else by the id."""
    enricher, asked = policy.enrichers.get(fact.enrichment.source), fact.enrichment.request
    if asked is None or enricher is None or not enricher.from_lead:
        theirs = fact.under in (own.other.id, *own.other.merged)
        return not theirs, theirs
    mine, theirs = (digest_of(request_of(enricher, side) or {}) == asked for side in (own.lead, own.other))
    return mine, theirs


def _known_of(own: Separation, fact: EnrichmentWithdrawn) -> tuple[bool, bool]:
    mine, theirs = (any(one.source == fact.source for one in side.enrichments) for side in (own.lead, own.other))
    return mine or not theirs, theirs
