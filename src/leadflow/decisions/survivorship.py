"""Survivorship: what a submission may change on a known lead.

Unverified input fills blanks and adds to lists; if it contradicts known data it becomes a finding that does not reveal
that data. Verified input overwrites, except a buying role that the team has confirmed. Nothing is ever blanked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from leadflow.entities import Email, Entity, Finding, Lead
from leadflow.quality import email_key

__all__ = ["filled", "key_of"]

MOST_VALUES = 50
"""The most addresses, numbers, interests … that submissions can add to a lead; more can't belong to one person."""


def filled(
    lead: Lead[Any],
    details: Mapping[str, Any],
    *,
    verified: bool,
    replacing: bool = False,
    kept: Collection[str] = (),
) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Return the changed top-level fields, in their new form, and the conflicts.

    ``replacing`` also replaces lists; ``kept`` fields are not overwritten, not even by verified input.
    """
    changes: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, given in details.items():
        known = getattr(lead, name)
        if replacing and isinstance(known, tuple):
            new, conflicts = _replaced(known, given), list[Finding]()
        else:
            new, conflicts = _one(name, known, given, verified and name not in kept)
        findings += conflicts
        if new != known:
            changes[name] = new
    return changes, tuple(findings)


def _one(name: str, known: Any, given: Any, verified: bool) -> tuple[Any, list[Finding]]:
    if isinstance(known, tuple):
        several = _added(known, given)
        kept = max(MOST_VALUES, len(known))
        surplus = [value for value in several[kept:] if not getattr(value, "verified", False)]
        return tuple(value for value in several if value not in surplus), [_one_too_many(name, v) for v in surplus]
    if isinstance(known, Entity):
        if type(given) is type(known) and not known.model_fields_set and not known.__pydantic_extra__:
            return given, []  # it has no value yet
        values = given if isinstance(given, Mapping) else {k: getattr(given, k) for k in given.model_fields_set}
        return _merged(name, known, {k: v for k, v in values.items() if v is not None}, verified)
    if known is None or verified or _same(known, given):
        return (given if known is None or verified else known), []
    return known, [_conflict(name, given)]


def _merged(name: str, known: Entity, given: Mapping[str, Any], verified: bool) -> tuple[Entity, list[Finding]]:
    different = [key for key, value in given.items() if not _same(getattr(known, key), value)]
    clashes = [key for key in different if getattr(known, key) is not None]
    if verified:
        return known.but(**{key: given[key] for key in different}), []
    findings = [_conflict(f"{name}.{key}", given[key]) for key in clashes]
    if name == "address" and clashes:
        return known, findings  # a mixture of two addresses would not be an address
    return known.but(**{key: given[key] for key in different if key not in clashes}), findings


def _added(known: Sequence[Any], given: Iterable[Any]) -> tuple[Any, ...]:
    """Add new items; an e-mail address that is now claimed or verified stays so."""
    values = {key_of(value): value for value in known}
    for value in given:
        before = values.setdefault(key_of(value), value)
        if isinstance(before, Email):
            values[key_of(value)] = _still(before, value)
    return tuple(values.values())


def _still(known: Email, given: Email) -> Email:
    claimed, verified = known.claimed or given.claimed, known.verified or given.verified
    unchanged = (claimed, verified) == (known.claimed, known.verified)
    return known if unchanged else known.but(claimed=claimed, verified=verified)


def _replaced(known: Sequence[Any], given: Iterable[Any]) -> tuple[Any, ...]:
    """Return the given items; known ones keep their properties (such as verified)."""
    before = {key_of(value): value for value in known}
    now = ((value, before.get(key_of(value), value)) for value in given)
    return tuple(_still(kept, value) if isinstance(kept, Email) else kept for value, kept in now)


def key_of(value: Any) -> Any:
    """Return what makes a value of a list the same as another one: the mailbox, the text in any case."""
    address = getattr(value, "address", None)
    if isinstance(address, str):
        return email_key(value)
    return value.casefold() if isinstance(value, str) else value


def _same(known: Any, given: Any) -> bool:
    if isinstance(known, str) and isinstance(given, str):
        return known.casefold() == given.casefold()
    return bool(known == given)


def _one_too_many(field: str, given: Any) -> Finding:
    return Finding(
        code="too_many",
        field=field,
        severity="error",
        message=f"the lead has {MOST_VALUES} of them already; it was ignored",
        value=str(getattr(given, "address", given))[:1000],
    )


def _conflict(field: str, given: Any) -> Finding:
    return Finding(
        code="conflict",
        field=field,
        severity="warning",
        message="differs from what is known; unverified input does not overwrite",
        value=str(given)[:1000],
    )
