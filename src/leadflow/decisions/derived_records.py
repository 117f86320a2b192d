"""Records derived from the state of a lead: its waiting tasks, and the keys that only it may hold.

Both are functions of the lead, so that no decision can forget one: a Change writes the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any, Final

from leadflow.decisions.policy import ROUTE_AFTER, Policy
from leadflow.enrichment.enricher import lookup_due
from leadflow.entities import ExternalId, Lead, Task
from leadflow.quality import email_key

__all__ = [
    "OPEN_TWINS",
    "claims_of",
    "external_claim",
    "tasks_of",
    "twin_index",
    "unclaimed_index",
    "unclaimed_key",
    "visitor_claim",
]

OPEN_TWINS: Final = "twins|open"
"""The index entry of leads with a probable twin that nobody has decided on."""


def tasks_of(lead: Lead[Any], policy: Policy) -> dict[str, Task]:
    """Return the waiting tasks of this lead, by key."""
    return {} if lead.absorbed_by else {task.key: task for task in _tasks(lead, policy)}


def _tasks(lead: Lead[Any], policy: Policy) -> Iterator[Task]:
    if policy.wants_owner(lead) and lead.entered_at:
        yield _task(lead, "route", min(lead.entered_at, lead.recorded_at) + ROUTE_AFTER)
    next_offer = policy.next_offer(lead)
    if next_offer:
        yield _task(lead, "offer", next_offer)
    if lead.cool_at:
        yield _task(lead, "cool", lead.cool_at)
    if lead.qualify_at:
        yield _task(lead, "qualify", lead.qualify_at)
    if lead.awaited_at:
        yield _task(lead, "awaited", lead.awaited_at)
    if lead.revisit:
        yield _task(lead, "revisit", datetime.combine(lead.revisit, time(), UTC))
    if lead.deadline and not lead.deadline.breached:
        yield _task(lead, "deadline", lead.deadline.remind_at or lead.deadline.due_at)
    ends = [one.until for one in lead.adjustments if one.until and not one.ended]
    if ends:
        yield _task(lead, "adjustment", min(ends))
    yield from _lookups(lead, policy)
    for enrolment in lead.enrolments:
        if enrolment.due_at:
            yield _task(lead, "nurture", enrolment.due_at, enrolment.sequence)


def _lookups(lead: Lead[Any], policy: Policy) -> Iterator[Task]:
    if policy.enrichers and policy.lifecycle.stage(lead.stage).kind != "out":
        for name, enricher in policy.enrichers.items():
            if due_at := lookup_due(enricher, lead):
                yield _task(lead, "enrich", due_at, name)


def _task(lead: Lead[Any], kind: str, due_at: datetime, what: str | None = None) -> Task:
    if what is None:
        return Task(key=f"{kind}:{lead.id}", kind=kind, due_at=due_at, lead_id=lead.id)
    key, payload = f"{kind}:{lead.id}:{what}", {"sequence": what} if kind == "nurture" else {}
    return Task(key=key, kind=f"{kind}:{what}", due_at=due_at, lead_id=lead.id, payload=payload)


def claims_of(lead: Lead[Any]) -> frozenset[str]:
    """Return the keys that only this lead may hold: personal e-mail addresses, ids in other systems, browsers."""
    if lead.absorbed_by:
        return frozenset()
    emails = (email_key(one) for one in lead.emails if one.address and one.claimed and one.kind != "role")
    return frozenset(
        key
        for key in (*emails, *map(external_claim, lead.external_ids), *map(visitor_claim, lead.visitors))
        if key is not None
    )


def unclaimed_index(lead: Lead[Any]) -> frozenset[str]:
    """Return the index entries for addresses that the lead has but does not claim."""
    return frozenset(
        unclaimed_key(email_key(email))
        for email in lead.emails
        if email.address and not email.claimed and email.kind != "role"
    )


def unclaimed_key(claim: str) -> str:
    """Return the index entry for leads that have this address without claiming it."""
    return f"unclaimed|{claim}"


def twin_index(lead: Lead[Any]) -> frozenset[str]:
    """Return the index entry by which leads with an undecided twin are listed."""
    return frozenset({OPEN_TWINS}) if lead.twins else frozenset()


def external_claim(external: ExternalId) -> str:
    """Return the claim of an id in another system; a colon in the system's name is escaped."""
    system = external.system.replace("%", "%25").replace(":", "%3A")
    return f"external:{system}:{external.id}"


def visitor_claim(visitor: str) -> str:
    """Return the claim of a browser or device."""
    return f"visitor:{visitor}"
