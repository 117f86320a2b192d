"""Candidates: leads that may be the sender of a submission, found by match keys, compared by features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from leadflow.decisions.derived_records import unclaimed_key
from leadflow.decisions.identity import Found
from leadflow.decisions.intake import Submission
from leadflow.decisions.reads import Asking, features, matching, readable
from leadflow.decisions.rivals import taken_over
from leadflow.entities import Lead, LeadId
from leadflow.quality import Features, features_of, stored_features

__all__ = ["Candidates", "candidates_for"]

CANDIDATES_PER_KEY: Final = 20
"""A limit per key: however many share a postcode, those with the same mailbox are found."""


@dataclass(frozen=True)
class Candidates:
    """Leads that may be the same person, by their features; and those with the main address as an additional one."""

    features: Mapping[LeadId, Features] = field(default_factory=dict)
    rivals: tuple[Lead[Any], ...] = ()


def candidates_for(submission: Submission, found: Found) -> Asking[Candidates]:
    """Read the leads that may be the same person as a new one, or that have an address that is proven only now."""
    if found.lead is not None and not taken_over(submission, found):
        return Candidates()
    typed_elsewhere = unclaimed_key(submission.main_claim) if submission.main_claim else None
    keys = submission.fingerprint.match_keys if found.lead is None else frozenset()
    same = yield from matching(keys | {typed_elsewhere} if typed_elsewhere else keys, CANDIDATES_PER_KEY)
    beside = set(same.pop(typed_elsewhere, ())) if typed_elsewhere else set()
    ids = sorted({lead_id for some in same.values() for lead_id in some} | beside) if found.lead is None else []
    return (yield from _candidates(ids, beside))


def _candidates(ids: list[LeadId], beside: set[LeadId]) -> Asking[Candidates]:
    """Read whole leads only if necessary: those to be written, or without current features."""
    read = yield from features(ids)
    known = {one: found for one, text in read.items() if (found := stored_features(text)) is not None}
    leads = yield from readable(beside | (set(ids) - known.keys()))
    for lead_id in set(ids) - known.keys():
        lead = leads.get(lead_id)
        if lead is not None and not lead.absorbed_by and lead.stage != "prospect":
            known[lead_id] = features_of(lead)
    return Candidates(known, tuple(leads[one] for one in sorted(beside) if one in leads))
