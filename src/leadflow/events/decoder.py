"""Reading facts from storage: one of an unknown kind, or an incomplete one, is still a fact."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from leadflow.entities import Actor, LeadId
from leadflow.entities.base import keep_aside
from leadflow.entities.decoder import UNREADABLE
from leadflow.entities.stored_form import parsed, read_leniently, refuse_newer, schema_of
from leadflow.errors import Unreadable
from leadflow.events.facts import SCHEMA_NUMBER, AnyFact, Fact

__all__ = ["fact_from_json", "read_fact"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ANY_FACT: TypeAdapter[Any] = TypeAdapter(AnyFact)
KINDS: dict[str, type[Fact]] = {kind.model_fields["kind"].default: kind for kind in get_args(get_args(AnyFact)[0])}


def fact_from_json(text: str | bytes) -> Fact:
    """Read a fact from its JSON; one of an unknown kind is a plain ``Fact`` that keeps all its values.

    Raises ``TooNew`` for a higher schema number, and ``Unreadable``.
    """
    return _read(text, "a fact", {}) or _plain(parsed(text, "a fact"), "a fact", {})


def read_fact(
    text: str | bytes,
    *,
    lead_id: LeadId,
    version: int,
    seq: int,
    kind: str | None = None,
    recorded_at: datetime | None = None,
) -> Fact:
    """Read a fact from its JSON and its columns, which take precedence.

    One that can't be read is a plain ``Fact`` that keeps what is stored and changes nothing when replayed. Raises
    ``TooNew`` for a higher schema number.
    """
    what, place = f"fact {version}.{seq} of lead {lead_id}", {"lead_id": lead_id, "version": version, "seq": seq}
    beside = place | ({} if kind is None else {"kind": kind})
    fact = _read(text, what, beside)
    if fact is not None:
        return fact if (fact.lead_id, fact.version, fact.seq) == (lead_id, version, seq) else fact.but(**place)
    at = recorded_at or EPOCH
    try:
        return _plain(parsed(text, what), what, beside | {"recorded_at": at.isoformat()})
    except Unreadable:
        system = Actor(kind="system")
        fact = Fact(kind=kind or UNREADABLE, **place, happened_at=at, recorded_at=at, actor=system)
        keep_aside(fact, {UNREADABLE: text.decode(errors="replace") if isinstance(text, bytes) else text})
        return fact


def _read(text: str | bytes, what: str, beside: dict[str, Any]) -> Fact | None:
    """Return a fact of a known kind, if it has all its required values."""
    try:
        fact: Fact = _ANY_FACT.validate_json(text)
    except ValidationError:
        try:
            value = parsed(text, what) | beside
        except Unreadable:
            return None
    else:
        refuse_newer(fact.schema_number, what, SCHEMA_NUMBER)
        return fact
    refuse_newer(schema_of(value), what, SCHEMA_NUMBER)
    kind = KINDS.get(value["kind"]) if isinstance(value.get("kind"), str) else None
    try:
        return None if kind is None else read_leniently(kind, value, what, newest=SCHEMA_NUMBER)
    except Unreadable:
        return None


def _plain(value: dict[str, Any], what: str, beside: dict[str, Any]) -> Fact:
    """Return a plain fact, with everything else kept aside."""
    return read_leniently(Fact, {**value, **beside}, what, newest=SCHEMA_NUMBER)
