"""Builders of test values: specify what matters, the rest stays empty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from itertools import count
from typing import Any

from pydantic import ValidationError

from leadflow.conditions.path_types import known_paths
from leadflow.entities import (
    Account,
    ActedBy,
    Activity,
    Actor,
    Adjustment,
    Channel,
    Consent,
    ConsentStatus,
    Email,
    Entity,
    Lead,
    Phone,
    ScoreSide,
)
from leadflow.errors import InvalidInput
from leadflow.testing.clock import NOW

__all__ = ["a_consent", "a_lead", "an_account", "an_activity", "an_adjustment"]

_numbers = count(1)


def a_lead(
    *,
    email: str | Email | None = None,
    phone: str | Phone | None = None,
    custom: Entity | Mapping[str, object] | None = None,
    lead_type: type[Lead[Any]] | None = None,
    consented: str | tuple[str, ...] = (),
    **parts: Any,
) -> Lead[Any]:
    """Return a lead: ``a_lead(person={"seniority": "director"}, company={"employees": 900}, stage="lead")``.

    ``parts`` are fields of ``Lead``; nested values may be mappings. ``email`` and ``phone`` are shorthands for one
    contact point, ``consented`` for consent by e-mail to these purposes; manual points are
    ``adjustments=[an_adjustment(10)]``. ``custom`` takes custom fields as a value of your class, or as a mapping
    together with ``lead_type=Lead[MyFields]``. An unknown name is ``InvalidInput``.
    """
    values: dict[str, Any] = {"id": "lead-1", "stage": "lead", "created_at": NOW, "recorded_at": NOW, "entered_at": NOW}
    if email is not None:
        values["emails"] = (email if isinstance(email, Email) else _email(email),)
    if phone is not None:
        values["phones"] = (phone if isinstance(phone, Phone) else Phone(number=phone),)
    if consented:
        values["consents"] = tuple(
            a_consent(one) for one in ((consented,) if isinstance(consented, str) else consented)
        )
    if custom is not None:
        values["custom"] = custom
    made_of: Any = Lead[type(custom)] if isinstance(custom, Entity) else Lead  # type: ignore[misc]  # known at run time only
    lead: Lead[Any] = _made(lead_type or made_of, values | parts)
    return lead


def _made(kind: Any, values: Mapping[str, object]) -> Any:
    try:
        return kind(**values)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        raise InvalidInput(".".join(map(str, first["loc"])), first["input"], _remedy(kind, first)) from None


def _remedy(kind: Any, wrong: Mapping[str, Any]) -> str:
    if wrong["type"] != "extra_forbidden":
        return str(wrong["msg"])
    if wrong["loc"][0] == "custom":
        return "there is no such field; give lead_type=Lead[MyFields] together with a mapping"
    path = ".".join(map(str, wrong["loc"]))
    known = [one for one in (*kind.model_fields, *known_paths(kind)) if one.count(".") == path.count(".")]
    parts = [one.partition(".")[0] for one in known_paths(kind) if one.partition(".")[2] == path]
    near = get_close_matches(path, known, n=1)
    none = f"{'a lead' if issubclass(kind, Lead) else 'an account'} has no such field"
    if parts:
        return f"{none}; write {parts[0]}={{{path!r}: …}}"
    return f"{none}; did you mean {near[0]}?" if near else none


def an_activity(
    lead: Lead[Any] | str,
    kind: str,
    *,
    at: datetime | None = None,
    ago: timedelta = timedelta(0),
    id: str | None = None,
    source: str | None = None,
    recorded_at: datetime | None = None,
    **properties: Any,
) -> Activity:
    """Return an activity of the lead, at a moment or this long ``ago`` before ``NOW``, with its properties.

    Each gets a unique id unless one is given.
    """
    happened_at = at or NOW - ago
    return Activity(
        id=id or f"activity-{next(_numbers):06}",
        lead_id=lead if isinstance(lead, str) else lead.id,
        kind=kind,
        happened_at=happened_at,
        recorded_at=recorded_at or happened_at,
        source=source,
        properties=properties,
    )


def an_adjustment(
    points: float,
    *,
    side: ScoreSide = "engagement",
    because: str = "known by hand",
    by: ActedBy = "anna",
    at: datetime | None = None,
    ago: timedelta = timedelta(0),
    until: datetime | None = None,
) -> Adjustment:
    """Return manual points, given at a moment or this long ``ago`` before ``NOW``, for good or ``until`` a moment."""
    return Adjustment(
        id=f"adjustment-{next(_numbers):06}",
        side=side,
        points=points,
        because=because,
        by=Actor.of(by),
        at=at or NOW - ago,
        until=until,
    )


def an_account(**parts: Any) -> Account:
    """Return the account of a company: ``an_account(engagement=80, coverage=75)``.

    ``parts`` are the fields of ``Account``; its score is the best ``fit`` plus the ``engagement`` of all.
    """
    account: Account = _made(Account, {"key": "acme.example", **parts})
    return account


def a_consent(
    purpose: str = "newsletter",
    channel: Channel = "email",
    status: ConsentStatus = "given",
    *,
    at: datetime = NOW,
    proof: str = "signed in a test",
) -> Consent:
    """Return a person's consent, or withdrawal, for one purpose and channel."""
    return Consent(purpose=purpose, channel=channel, status=status, at=at, proof=proof)


def _email(address: str) -> Email:
    return Email(address=address, domain=address.rpartition("@")[2] or None)
