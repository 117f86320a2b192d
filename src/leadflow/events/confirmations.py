"""Confirmations: when contact data and the buying role of a lead were last heard of, after each fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leadflow.entities import Confirmation, Confirmed, ConfirmedBy, FieldGroup, Lead
from leadflow.entities.confirmation import GROUPS
from leadflow.events import facts as f

__all__ = ["confirmed_after"]

CONFIRMING: Mapping[type[f.Fact], ConfirmedBy] = {f.LeadCaptured: "submission", f.DetailsCorrected: "correction"}
"""The facts that set details, and so confirm them."""


def confirmed_after(before: Lead[Any], after: Lead[Any], fact: f.Fact) -> Confirmed:
    """When each group of fields was last confirmed, after a fact: by being given anew, said again, or mailed to."""
    at, known = fact.happened_at, before.confirmed
    match fact:
        case f.LeadCaptured() | f.DetailsCorrected():
            given = [group for group in GROUPS if _is_given(before, after, group, fact)]
            changed = {group: _confirmation(before, after, group, at, _said_by(fact, group)) for group in given}
            said = fact.repeats if isinstance(fact, f.LeadCaptured) else ()
            repeated = {
                group: _newer(known.of(group), at, _said_by(fact, group)) for group in said if group not in changed
            }
            return known.but(**changed, **repeated) if changed or repeated else known
        case f.AddressTakenOver() if before.email != after.email:
            return known.but(email=Confirmation())
        case f.MessageSent(channel="email"):
            return known.but(email=_newer(known.email, at, "delivery"))
        case f.MessageFailed(channel="email", bounced=True):
            return known.but(email=_newer(known.email, at, "bounce"))
    return known


def _is_given(
    before: Lead[Any], after: Lead[Any], group: FieldGroup, fact: f.LeadCaptured | f.DetailsCorrected
) -> bool:
    """Whether a fact gives a group a new value, or confirms the role that was there."""
    confirms = group == "buying_role" and isinstance(fact, f.DetailsCorrected) and group in fact.details
    return confirms or getattr(before, group) != getattr(after, group)


def _said_by(fact: f.LeadCaptured | f.DetailsCorrected, group: FieldGroup) -> ConfirmedBy:
    """What a fact confirms a group by; what people say of their own role is no more than a submission."""
    if fact.actor.kind == "crm":
        return "crm"
    own = group == "buying_role" and fact.actor.kind == "person"
    return "submission" if own else CONFIRMING[type(fact)]


def _confirmation(
    before: Lead[Any], after: Lead[Any], group: FieldGroup, at: datetime, by: ConfirmedBy
) -> Confirmation:
    value = getattr(after, group)
    if value == type(value)():
        return Confirmation()
    if group == "email" and after.email.verified and not before.email.verified:
        by = "verification"
    return Confirmation(at=at, by=by)


def _newer(known: Confirmation, at: datetime, by: ConfirmedBy) -> Confirmation:
    return known if known.at is not None and at < known.at else Confirmation(at=at, by=by)
