"""Computing what leads are compared and found by, where it is missing, or of an older algorithm."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from leadflow.decisions.accounts import account_index, company_index
from leadflow.decisions.draft import match_keys_of
from leadflow.decisions.reads import Asking, features, matching, readable
from leadflow.entities import Lead, LeadId
from leadflow.events import Change, LeadWrite
from leadflow.events.enriched_lead import as_said
from leadflow.quality import Fingerprint, stored_features

__all__ = ["misplaced", "refreshed"]

LOOKED_AT: Final = 1_000
ALL: Final = 1_000_000
"""The leads of an account that are read at first; if one is not among them, all that there are."""


def refreshed(ids: Sequence[LeadId]) -> Asking[Change]:
    """Decide which of these leads need features, or are stored under another account; unreadable leads get nothing."""
    stored = yield from features(ids)
    lacking = {lead_id for lead_id in ids if stored_features(stored.get(lead_id, "")) is None}
    found = yield from readable(ids)
    leads = [lead for asked, lead in found.items() if lead.id == asked]
    elsewhere = yield from misplaced(leads)
    return Change(
        leads=tuple(
            _made_anew(one) for one in leads if one.id in elsewhere or (one.id in lacking and one.stage != "prospect")
        )
    )


def misplaced(leads: Collection[Lead[Any]]) -> Asking[frozenset[LeadId]]:
    """Return the leads that are not stored under their account, or company's name, as they are computed now.

    An older leadflow, or a list of shared endings of another day, has computed them otherwise.
    """
    wanted = {lead.id: account_index(lead) | company_index(lead) for lead in leads}
    found = yield from matching(sorted(frozenset().union(*wanted.values())), LOOKED_AT)
    there = {key: frozenset(ids) for key, ids in found.items()}
    missing = {key for lead_id, keys in wanted.items() for key in keys if lead_id not in there.get(key, ())}
    for key in sorted(key for key in missing if len(there.get(key, ())) >= LOOKED_AT):
        there[key] = frozenset((yield from matching([key], ALL)).get(key, ()))
    return frozenset(
        lead_id for lead_id, keys in wanted.items() if any(lead_id not in there.get(key, ()) for key in keys)
    )


def _made_anew(lead: Lead[Any]) -> LeadWrite:
    fingerprint = Fingerprint(as_said(lead))
    if lead.stage == "prospect":  # a visitor is not compared
        return LeadWrite(id=lead.id, read_version=lead.version, lead=lead, match_keys=match_keys_of(fingerprint, lead))
    return LeadWrite(
        id=lead.id,
        read_version=lead.version,
        lead=lead,
        match_keys=match_keys_of(fingerprint, lead),
        features=fingerprint.features.as_text(),
    )
