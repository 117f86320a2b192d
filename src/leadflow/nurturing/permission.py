"""Permission to send: everything that prevents a message, and the earliest moment at which it may be sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from leadflow.entities import Channel, Consent, Lead, Suppression
from leadflow.nurturing.mailboxes import ContactPoint, reach_the_same
from leadflow.worktime import BusinessHours, in_utc

__all__ = ["Permission", "can_send", "consent_reasons", "contact_point", "recipient"]


class Permission(NamedTuple):
    """Whether a message may be sent; if not, all reasons, and the earliest moment at which it may (None: unknown)."""

    allowed: bool
    reasons: tuple[str, ...]
    earliest: datetime | None


def can_send(
    lead: Lead[Any],
    *,
    purpose: str,
    channel: Channel,
    suppressed: Collection[Suppression] = (),
    now: datetime,
    quiet: BusinessHours | None = None,
    transactional: bool = False,
) -> Permission:
    """Decide whether a message for this purpose may be sent to the lead on this channel now.

    Consent is needed for exactly this purpose and channel. ``suppressed`` are the suppressions of its mailbox.
    ``quiet`` are the hours in which messages may be sent. A ``transactional`` message (an immediate response to what
    the person just did) needs neither consent nor sending hours, only an address that is not suppressed.
    """
    at = in_utc(now, "now")
    lasting = list(_unreachable(lead, purpose, channel, suppressed))
    waiting: list[tuple[str, datetime]] = []
    if not transactional:
        if lead.stage == "disqualified":
            lasting.append("the lead is disqualified")
        if said := _future_consent(lead, purpose, channel, at):
            waiting.append((f"consent for {purpose} by {channel} is valid from {said.at.isoformat()}", said.at))
        else:
            lasting += consent_reasons(lead, purpose, channel, at)
        start = max([at, *(until for _, until in waiting)])
        opens = quiet.next_open(start) if quiet else start
        if opens > start:
            waiting.append((f"outside the sending hours until {opens.isoformat()}", opens))
    reasons = (*lasting, *(text for text, _ in waiting))
    return Permission(not reasons, reasons, None if lasting else max([at, *(until for _, until in waiting)]))


def consent_reasons(lead: Lead[Any], purpose: str, channel: Channel, now: datetime) -> list[str]:
    """Return what is missing for consent to this purpose and channel; empty if it is given by ``now``."""
    said = lead.consent(purpose, channel)
    if said is None:
        return [f"no consent for {purpose} by {channel}"]
    if said.status != "given":
        return [f"consent for {purpose} by {channel} was withdrawn on {said.at.date().isoformat()}"]
    return [] if said.counts(now) else [f"consent for {purpose} by {channel} is valid from {said.at.isoformat()}"]


def contact_point(lead: Lead[Any], channel: Channel) -> str | None:
    """Return the address or number of the lead on this channel, or None."""
    match channel:
        case "email":
            return lead.email.address
        case "phone":
            return lead.phone.number
        case "letter":
            return lead.address.city if lead.address.is_deliverable else None


def recipient(lead: Lead[Any], purpose: str, channel: Channel) -> str | None:
    """Return the recipient of a message for this purpose: the address of the consent, if it is still the lead's own.

    Without consent, or without an address in it, it is the lead's contact point; None if there is none.
    """
    said = lead.consent(purpose, channel)
    if channel == "letter" or said is None or said.status != "given" or said.address is None:
        return contact_point(lead, channel)
    if channel == "email":
        own = [email.address for email in lead.emails if email.address and email.claimed]
    else:
        own = [phone.number for phone in lead.phones if phone.number]
    wanted = ContactPoint(channel, said.address)
    return next((one for one in own if reach_the_same(ContactPoint(channel, one), wanted)), None)


def _future_consent(lead: Lead[Any], purpose: str, channel: Channel, now: datetime) -> Consent | None:
    said = lead.consent(purpose, channel)
    return said if said and said.status == "given" and not said.counts(now) else None


def _unreachable(lead: Lead[Any], purpose: str, channel: Channel, suppressed: Iterable[Suppression]) -> Iterator[str]:
    if lead.absorbed_by:
        yield f"the lead was absorbed by {lead.absorbed_by}"
    if not contact_point(lead, channel):
        yield {"email": "no e-mail address", "phone": "no phone number", "letter": "no postal address"}[channel]
    elif not recipient(lead, purpose, channel):
        yield "consent was given with an address that no longer belongs to the lead"
    yield from map(str, suppressed)
