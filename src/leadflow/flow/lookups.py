"""Looking a lead up by what somebody has of it: an e-mail address, a phone number, an id elsewhere, a browser."""

from __future__ import annotations

from typing import Any, Final

from leadflow.decisions.arguments import line_of
from leadflow.decisions.commands.suppression import contact_point_at
from leadflow.decisions.derived_records import external_claim, visitor_claim
from leadflow.decisions.reads import Asking, holders, leads_with, matching, readable
from leadflow.entities import Email, ExternalId, Lead
from leadflow.errors import InvalidInput
from leadflow.flow.runner import Fields, Runner
from leadflow.quality import email_key
from leadflow.search.words import asked_keys

__all__ = ["by_email", "by_external_id", "by_phone", "by_visitor"]

LEADS_LIMIT: Final = 100


def by_email(runner: Runner[Fields], address: str) -> Asking[Lead[Fields] | None]:
    """Return the lead that an e-mail address belongs to, in whatever spelling; ``None`` if it is nobody's.

    That is the lead that claims it. Addresses of roles (info@…) belong to nobody; ``find`` finds who has one.
    """
    point = contact_point_at(address, runner.policy.country)
    if point.kind != "email":
        raise InvalidInput("address", address, "give an e-mail address such as ada@acme.example")
    return (yield from _holder(email_key(Email(address=point.value))))


def by_phone(runner: Runner[Fields], number: str) -> Asking[list[Lead[Fields]]]:
    """Return the leads with a phone number, in order of id, not more than 100: a number may be shared.

    Without a country code it is read as one of the flow's ``country``. Unreadable leads are left out and logged.
    """
    point = contact_point_at(number, runner.policy.country)
    if point.kind != "phone":
        raise InvalidInput("number", number, "give a phone number with + and country code")
    found = yield from matching(asked_keys(point.value), LEADS_LIMIT)
    leads = yield from readable(sorted({one for some in found.values() for one in some}))
    return [lead for lead in leads.values() if any(phone.number == point.value for phone in lead.phones)]


def by_external_id(runner: Runner[Fields], system: str, id: str) -> Asking[Lead[Fields] | None]:  # noqa: ARG001  (as all that look)
    """Return the lead that has this id in another system, or ``None``."""
    external = ExternalId(system=line_of("system", system), id=line_of("id", id))
    return (yield from _holder(external_claim(external)))


def by_visitor(runner: Runner[Fields], visitor: str) -> Asking[Lead[Fields] | None]:  # noqa: ARG001  (as all that look)
    """Return the lead, or the anonymous prospect, that a browser or device belongs to, or ``None``."""
    return (yield from _holder(visitor_claim(line_of("visitor", visitor))))


def _holder(claim: str) -> Asking[Lead[Any] | None]:
    held = yield from holders([claim])
    leads = yield from leads_with([*held.values()])
    return next(iter(leads.values()), None)
