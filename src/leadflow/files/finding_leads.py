"""Finding a lead by what a file or a person calls it: its id, an e-mail address, its id elsewhere, its browser."""

from __future__ import annotations

from leadflow.decisions.derived_records import external_claim, visitor_claim
from leadflow.entities import ExternalId, LeadId
from leadflow.errors import NotFound
from leadflow.flow import LeadFlow
from leadflow.quality import email_key
from leadflow.quality.email import check_email

__all__ = ["lead_called"]


def lead_called(flow: LeadFlow, name: str, system: str = "file") -> LeadId:
    """Return the id of the lead that is called so; ``NotFound`` if nobody is."""
    name = name.strip()
    claims = [external_claim(ExternalId(system=system, id=name))] if name else []
    if "@" in name:
        address = check_email(name).value
        claims += [email_key(address)] if address else []
    claims += [visitor_claim(name)] if name else []
    holders = flow.storage.holders(claims)
    found = [holders[claim] for claim in claims if claim in holders] or [name]
    leads = flow.storage.load(found[:1])
    if found[0] not in leads:
        raise NotFound("lead", name)
    return leads[found[0]].id
