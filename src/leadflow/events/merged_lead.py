"""The merged lead: what two leads are together, as a function of both and of the choices that were made.

Blanks of the survivor are filled, contact points united, consents narrowed; where both have a value, the survivor's
counts unless the choices say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from leadflow.entities import (
    Adjustment,
    Company,
    Confirmation,
    Confirmed,
    Consent,
    Deal,
    Email,
    Enrichment,
    Enrolment,
    Entity,
    Lead,
    Placement,
    last_words,
)
from leadflow.entities.confirmation import BY_TEAM, GROUPS
from leadflow.entities.placement import own_account

__all__ = [
    "BLOCKS",
    "IDENTITY",
    "JOURNEY",
    "OWNERSHIP",
    "VALUES",
    "WISHES",
    "clash",
    "contested",
    "is_blank",
    "is_whole",
    "merged_lead",
]

BLOCKS: Final = ("person", "company", "address", "custom")
"""Fields with fields of their own, which are filled one by one."""
VALUES: Final = (
    "persona", "intended_use", "buying_role", "budget", "authority", "need", "timing", "note", "referred_by",
)  # fmt: skip
WISHES: Final = ("interests", "pain_points", "product_interest")
JOURNEY: Final = (
    "stage", "entered_at", "last_move", "moved_by", "reason", "revisit", "cool_at", "qualify_at", "deadline",
)  # fmt: skip
"""What follows ``stage``: where the lead stands, and since when."""
OWNERSHIP: Final = ("owner", "queue", "route")
"""What follows ``owner``."""
IDENTITY: Final = ("name", "domain")
"""Two companies that differ in one of these are two: their fields are not mixed."""
PARTS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "person": (("first_name", "last_name", "salutation", "title"), ("job_title", "department", "seniority"))
}
"""Fields of a block that belong together: if two leads differ in one of them, they are not mixed either."""
FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)
T = TypeVar("T")


def merged_lead(lead: Lead[Any], other: Lead[Any], taken: Collection[str], united: Collection[str]) -> dict[str, Any]:
    """Return the fields of the survivor after it has absorbed the other lead, each in whole."""
    values: dict[str, Any] = {name: _block(name, lead, other, taken) for name in BLOCKS}
    values |= {name: getattr(_side(name, lead, other, taken), name) for name in VALUES}
    values |= {name: _wishes(name, lead, other, taken, united) for name in WISHES}
    values |= {name: getattr(other if "stage" in taken else lead, name) for name in JOURNEY}
    values |= {name: getattr(other if "owner" in taken else lead, name) for name in OWNERSHIP}
    ids = {lead.id, *lead.absorbed, other.id, *other.absorbed}
    apart = tuple(one for one in dict.fromkeys((*lead.not_same, *other.not_same)) if one not in ids)
    twins = {twin.lead_id: twin for twin in (*other.twins, *lead.twins)}
    company = values["company"]
    older = other if other.created_at < lead.created_at else lead
    values |= {
        "placement": _placement(company, lead, other),
        "created_at": older.created_at,
        "source": older.source or lead.source or other.source,
        "emails": _emails(lead.emails, other.emails),
        "phones": _joined(lead.phones, other.phones, lambda phone: phone.number),
        "social": _joined(lead.social, other.social, lambda profile: profile),
        "external_ids": _joined(lead.external_ids, other.external_ids, lambda one: (one.system, one.id)),
        "visitors": tuple(dict.fromkeys((*other.visitors, *lead.visitors))),
        "touches": tuple(sorted(dict.fromkeys((*lead.touches, *other.touches)), key=lambda touch: touch.at)),
        "consents": _narrowed(lead.consents, other.consents),
        "findings": tuple(dict.fromkeys((*other.findings, *lead.findings))),
        "enrichments": (known := _enrichments(lead.enrichments, other.enrichments)),
        "withdrawn_sources": tuple(
            sorted({*lead.withdrawn_sources, *other.withdrawn_sources} - {one.source for one in known})
        ),
        "left_blank": tuple(sorted({*lead.left_blank, *other.left_blank})),
        "twins": tuple(twin for id, twin in twins.items() if id not in ids and id not in apart),
        "not_same": apart,
        "absorbed": tuple(dict.fromkeys((*lead.absorbed, other.id, *other.absorbed))),
        "merged": tuple(dict.fromkeys((*lead.merged, other.id, *other.merged))),
        "rounds": max(lead.rounds, other.rounds),
        "awaited_at": min((at for at in (lead.awaited_at, other.awaited_at) if at is not None), default=None),
        "enrolments": _enrolments(lead.enrolments, other.enrolments),
        "deals": _with_own_ids(lead.deals, other.deals, other.id),
        "adjustments": _with_own_ids(lead.adjustments, other.adjustments, other.id),
    }
    return values | {"confirmed": _confirmed(lead.but(**values), lead, other)}


def is_blank(holder: Entity, name: str) -> bool:
    """Whether nothing is known in a field: no value, an empty one, or the one that it has by default. Zero is known."""
    value = getattr(holder, name, None)
    if value is None or value in ("", (), {}):
        return True
    field = type(holder).model_fields.get(name)
    return field is not None and not field.is_required() and bool(value == field.get_default())


def clash(one: Entity, other: Entity, name: str) -> bool:
    """Whether both know something in a field, and not the same."""
    if is_blank(one, name) or is_blank(other, name):
        return False
    mine, theirs = getattr(one, name), getattr(other, name)
    if isinstance(mine, str) and isinstance(theirs, str):
        return mine.casefold() != theirs.casefold()
    return bool(mine != theirs)


def is_whole(name: str, mine: Entity, theirs: Entity) -> bool:
    """Whether two addresses, or companies, are two: then one of them counts, since a mixture would be neither."""
    names = {"address": tuple(type(mine).model_fields), "company": IDENTITY}.get(name, ())
    return any(clash(mine, theirs, one) for one in names)


def contested(name: str, mine: Entity, theirs: Entity) -> list[tuple[str, ...]]:
    """Return the parts of a block in which two leads differ: a name, a position."""
    return [part for part in PARTS.get(name, ()) if any(clash(mine, theirs, one) for one in part)]


def _side(name: str, lead: Lead[Any], other: Lead[Any], taken: Collection[str]) -> Lead[Any]:
    return other if name in taken or is_blank(lead, name) else lead


def _block(name: str, lead: Lead[Any], other: Lead[Any], taken: Collection[str]) -> Entity:
    mine, theirs = getattr(lead, name), getattr(other, name)
    if is_whole(name, mine, theirs):
        whole: Entity = theirs if name in taken else mine
        return whole
    apart = {sub for part in contested(name, mine, theirs) for sub in part}
    values = {
        sub: getattr(theirs, sub)
        for sub in type(mine).model_fields
        if f"{name}.{sub}" in taken or (sub not in apart and is_blank(mine, sub) and not is_blank(theirs, sub))
    }
    merged: Entity = mine.but(**values) if values else mine
    return merged


def _wishes(
    name: str, lead: Lead[Any], other: Lead[Any], taken: Collection[str], united: Collection[str]
) -> tuple[str, ...]:
    mine, theirs = getattr(lead, name), getattr(other, name)
    if name in united:
        return _joined(mine, theirs, str.casefold)
    return tuple(theirs if name in taken or not mine else mine)


def _joined(mine: Iterable[T], theirs: Iterable[T], key: Callable[[T], Hashable]) -> tuple[T, ...]:
    found: dict[Hashable, T] = {}
    for one in (*mine, *theirs):
        found.setdefault(key(one), one)
    return tuple(found.values())


def _placement(company: Company, lead: Lead[Any], other: Lead[Any]) -> Placement | None:
    """Return where somebody has put one of them, if it is still about the merged lead's company."""
    own, put = own_account(company), (lead.placement, other.placement)
    return next((one for one in put if one is not None and one.counts(own)), None)


def _emails(mine: Sequence[Email], theirs: Sequence[Email]) -> tuple[Email, ...]:
    found: dict[str | None, Email] = {}
    for one in (*mine, *theirs):
        known = found.setdefault(one.address, one)
        if known is not one:
            both = {"claimed": known.claimed or one.claimed, "verified": known.verified or one.verified}
            found[one.address] = known.but(**both)
    return tuple(found.values())


def _narrowed(mine: Iterable[Consent], theirs: Iterable[Consent]) -> tuple[Consent, ...]:
    """Return for each purpose and channel the statement that counts: a withdrawal of either, else the survivor's."""
    found = dict(last_words(mine))
    for key, said in last_words(theirs).items():
        known = found.setdefault(key, said)
        if said.status == "withdrawn" and (known.status == "given" or known.said_at < said.said_at):
            found[key] = said
    return tuple(found.values())


def _confirmed(merged: Lead[Any], lead: Lead[Any], other: Lead[Any]) -> Confirmed:
    """Return the last confirmation of what each group of fields is now: a mixture is as old as its older part."""
    kept: dict[str, Confirmation] = {}
    for group in GROUPS:
        now, sides = getattr(merged, group), (lead, other)
        whole = [one.confirmed.of(group) for one in sides if getattr(one, group) == now]
        dated = sorted(
            whole or [one.confirmed.of(group) for one in sides],
            key=lambda one: (group == "buying_role" and one.by in BY_TEAM, one.at or FIRST),
        )
        kept[group] = dated[-1 if whole else 0]
    return Confirmed(**kept)


def _enrichments(mine: Iterable[Enrichment], theirs: Iterable[Enrichment]) -> tuple[Enrichment, ...]:
    """Return for each source its newer statement."""
    found = {one.source: one for one in mine}
    for one in theirs:
        known = found.setdefault(one.source, one)
        found[one.source] = one if one.at > known.at else known
    return tuple(found.values())


def _enrolments(mine: Iterable[Enrolment], theirs: Iterable[Enrolment]) -> tuple[Enrolment, ...]:
    """Return for each sequence the way that is further along: no message is sent twice."""
    found = {one.sequence: one for one in mine}
    for one in theirs:
        found[one.sequence] = max(found.get(one.sequence, one), one, key=_progress)
    return tuple(found.values())


def _progress(enrolment: Enrolment) -> tuple[int, bool, int, datetime]:
    return enrolment.round, enrolment.ended is not None, enrolment.step, enrolment.due_at or LAST


def _with_own_ids(mine: tuple[Any, ...], theirs: tuple[Any, ...], other_id: str) -> tuple[Any, ...]:
    """Unite deals, or points by hand; an id that both use is changed for the absorbed lead's."""
    known: Mapping[str, Deal | Adjustment] = {one.id: one for one in mine}
    new = (one for one in theirs if known.get(one.id) != one)
    return (*mine, *(one.but(id=f"{one.id}@{other_id}") if one.id in known else one for one in new))
