"""Computing the features of leads that have none, or that have those of an older algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leadflow.decisions.draft import match_keys_of
from leadflow.decisions.reads import Asking, features, readable
from leadflow.entities import Lead, LeadId
from leadflow.events import Change, LeadWrite
from leadflow.events.enriched_lead import as_said
from leadflow.quality import Fingerprint, stored_features

__all__ = ["refreshed"]


def refreshed(ids: Sequence[LeadId]) -> Asking[Change]:
    """Decide which of these leads need features; visitors need none, and unreadable leads get none."""
    stored = yield from features(ids)
    lacking = [lead_id for lead_id in ids if stored_features(stored.get(lead_id, "")) is None]
    leads = yield from readable(lacking)
    return Change(leads=tuple(_with_features(one) for one in leads.values() if one.stage != "prospect"))


def _with_features(lead: Lead[Any]) -> LeadWrite:
    fingerprint = Fingerprint(as_said(lead))
    return LeadWrite(
        id=lead.id,
        read_version=lead.version,
        lead=lead,
        match_keys=match_keys_of(fingerprint, lead),
        features=fingerprint.features.as_text(),
    )
