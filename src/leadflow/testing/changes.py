"""Helpers of the contracts: short ways to write Changes, and to list everything in a storage."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from leadflow.entities import (
    Activity,
    Actor,
    Address,
    Adjustment,
    Company,
    Consent,
    Deal,
    Email,
    ExternalId,
    Finding,
    Lead,
    LeadId,
    Person,
    Phone,
    Settlement,
    Task,
    Touch,
)
from leadflow.events import Change, Claim, LeadWrite, Redirect, Reply, StageChanged, StateWrite
from leadflow.ports import Storage

__all__ = [
    "BY",
    "CLAIMS",
    "IDS",
    "MATCH_KEYS",
    "REPLIES",
    "START",
    "STATES",
    "activity",
    "at",
    "claim",
    "everything_in",
    "fact",
    "full",
    "lead",
    "leased",
    "looked_at",
    "redirect",
    "reply",
    "rich_lead",
    "settlement",
    "state",
    "task",
    "written",
]

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
IDS = ("a", "b", "c", "d", "e")
CLAIMS = ("claim-1", "claim-2", "claim-3")
MATCH_KEYS = ("match-1", "match-2", "match-3")
STATES = ("state-1", "state-2", "state-3")
REPLIES = ("reply-1", "reply-2")
BY = Actor(kind="system")


def at(minutes: float) -> datetime:
    """Return the moment this many minutes after ``START``."""
    return START + timedelta(minutes=minutes)


def lead(id: LeadId, version: int = 1, **values: Any) -> Lead[Any]:
    """Return a minimal lead."""
    return Lead(id=id, version=version, created_at=START, recorded_at=at(version), **values)


def rich_lead(id: LeadId, version: int = 1) -> Lead[Any]:
    """Return a lead with values of every kind: text, numbers, moments, dates, nested ones."""
    return lead(
        id,
        version,
        emails=(Email(address="ada@müller.example", domain="müller.example", kind="business", verified=True), Email()),
        phones=(Phone(number="+4930123456", kind="landline", country="DE"),),
        address=Address(street="Straße des 17. Juni", house_number="135", postcode="01067", city="Ulm", country="DE"),
        external_ids=(ExternalId(system="crm", id="007", reachable=True),),
        person=Person(first_name="Ada", last_name="O'Neill-Müller"),
        company=Company(name='Acme "Söhne" & Co. KG', domain="acme.example", employees=250, revenue=0.1 + 0.2),
        interests=("robots", "Größe \\ Maß", "100 %"),
        budget=1e308,
        authority=False,
        need="first line\nsecond line\twith a tab",
        timing=date(2028, 2, 29),
        touches=(Touch(at=START + timedelta(microseconds=1), source="fair"),),
        consents=(Consent(purpose="newsletter", channel="email", status="given", at=START, proof="form 7, §2"),),
        findings=(Finding(code="typo", field="email", severity="warning", message="typo?", suggestion="a@b.example"),),
        stage="mql",
        entered_at=at(0.5),
        rounds=2,
        owner="anna",
        deals=(Deal(id="d-1", amount=Decimal("1234567.10"), opened_at=START),),
        adjustments=(
            Adjustment(id="x", side="fit", points=-0.1, because="a hunch", by=BY, at=at(0.25), until=at(9), ended=True),
        ),
    )


def written(
    id: LeadId, version: int = 1, keys: Collection[str] | None = None, *, features: str | None = None, **values: Any
) -> LeadWrite:
    """Return the write from the previous version of a lead to this one."""
    match_keys = None if keys is None else frozenset(keys)
    made = lead(id, version, **values)
    return LeadWrite(id=id, read_version=version - 1, lead=made, match_keys=match_keys, features=features)


def looked_at(id: LeadId, version: int) -> LeadWrite:
    """Return a write that only asserts that a lead is still at this version."""
    return LeadWrite(id=id, read_version=version)


def state(key: str, read: int, value: dict[str, Any] | None = None, lead_id: LeadId | None = None) -> StateWrite:
    """Return the write of a state that was read at a version; without a value it only asserts the version."""
    return StateWrite(key=key, read_version=read, value=value, lead_id=lead_id)


def fact(lead_id: LeadId, version: int = 1, seq: int = 0, **values: Any) -> StageChanged:
    """Return a fact about a lead."""
    moments = {"happened_at": at(version), "recorded_at": at(version)}
    change = {"move": "identify", "source": "prospect", "target": "lead"}
    return StageChanged(lead_id=lead_id, version=version, seq=seq, actor=BY, **{**moments, **change, **values})


def activity(lead_id: LeadId, id: str, minute: float = 0, **values: Any) -> Activity:
    """Return an activity of a lead."""
    given: dict[str, Any] = {"kind": "page_viewed", "happened_at": at(minute), "recorded_at": at(minute)}
    return Activity(id=id, lead_id=lead_id, **{**given, **values})


def task(key: str, minute: float = 0, **values: Any) -> Task:
    """Return a task that is due at this minute."""
    return Task(key=key, due_at=at(minute), **{"kind": "remind", **values})


def settlement(task: Task, outcome: str = "done", **values: Any) -> Settlement:
    """Return the settlement of a leased task."""
    return Settlement.model_validate({"key": task.key, "lease": task.lease, "outcome": outcome, **values})


def claim(key: str, lead_id: LeadId) -> Claim:
    """Return a claim."""
    return Claim(key=key, lead_id=lead_id)


def redirect(absorbed: LeadId, survivor: LeadId) -> Redirect:
    """Return the redirect from an absorbed lead to its survivor."""
    return Redirect(absorbed=absorbed, survivor=survivor)


def reply(key: str, lead_id: LeadId | None = None, **value: Any) -> Reply:
    """Return the reply of a command."""
    return Reply(key=key, digest=key[:32], value=value, lead_id=lead_id)


def leased(
    storage: Storage, minute: float = 0, token: str = "mine", minutes: float = 10, limit: int = 10
) -> list[Task]:
    """Lease what is due at this minute, for a number of minutes."""
    return storage.lease(at(minute), limit, at(minute + minutes), token)


def full(id: LeadId, number: int = 1) -> Change:
    """Return a Change that writes a new lead with something of everything; different numbers share nothing."""
    return Change(
        leads=(written(id, keys={f"match-{number}"}, features=f"[{number}]"),),
        states=(state(f"state-{number}", 0, {"n": number}, lead_id=id),),
        facts=(fact(id), fact(id, seq=1)),
        activities=(activity(id, "act"),),
        put=(task(f"task-{number}", lead_id=id),),
        claims=(claim(f"claim-{number}", id),),
        redirects=(redirect(f"once-{id}", id),),
        replies=(reply(f"reply-{number}", id, said=id),),
    )


def everything_in(storage: Storage) -> dict[str, Any]:
    """Return everything that a storage holds under the names used here, as comparable values."""
    return {
        "leads": storage.load([*IDS, *(f"once-{id}" for id in IDS)]),
        "scan": storage.scan(None, 1000),
        "ids": storage.lead_ids(None, 1000),
        "facts": {id: storage.facts(id) for id in IDS},
        "activities": {id: storage.activities(id) for id in IDS},
        "named": {id: storage.activities(id, ["x"]) for id in IDS},
        "holders": storage.holders(CLAIMS),
        "matching": storage.matching(MATCH_KEYS, 1000),
        "features": storage.features(IDS),
        "states": storage.states(STATES),
        "tasks": storage.tasks(limit=1000),
        "replies": {key: storage.reply(key) for key in REPLIES},
    }
