"""A Change: everything that a decision writes, and everything that makes the write safe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, JsonValue, SerializeAsAny, ValidatorFunctionWrapHandler, WrapValidator

from leadflow.entities import Activity, Entity, Lead, LeadId, Line, Settlement, Task
from leadflow.entities.bounds import Bounds, PlainJson, stored_bounds
from leadflow.errors import InvalidInput
from leadflow.events.facts import Fact

__all__ = ["Change", "Claim", "LeadWrite", "Redirect", "Reply", "StateWrite", "digest_of"]


def _as_it_is(lead: Any, read: ValidatorFunctionWrapHandler) -> Any:
    # pydantic would turn a Lead[MyFields] into a Lead[Any], and the custom fields would lose their class
    return lead if isinstance(lead, Lead) else read(lead)


_AnyLead = SerializeAsAny[Annotated[Lead[Any], WrapValidator(_as_it_is)]]


class LeadWrite(Entity):
    """A lead to write; ``read_version`` is the version at which it was read (0: it must not exist yet).

    ``lead`` None only asserts that the version has not changed. ``match_keys`` replaces its index entries, and
    ``features`` its stored features ("" for none); None leaves them unchanged.
    """

    id: LeadId
    read_version: int = Field(ge=0)
    lead: _AnyLead | None = None
    match_keys: frozenset[Line] | None = None
    features: str | None = None


class StateWrite(Entity):
    """A state to write, with the version at which it was read (0: none). ``value`` None only asserts the version."""

    key: Line
    read_version: int = Field(ge=0)
    value: dict[str, JsonValue] | None = None
    lead_id: LeadId | None = None
    """The lead that it belongs to, with which it is erased."""


class Claim(Entity):
    """A key that only one lead may hold; claiming a key that the lead holds already changes nothing."""

    key: Line
    lead_id: LeadId


class Redirect(Entity):
    """Redirects an absorbed lead's id to its survivor."""

    absorbed: LeadId
    survivor: LeadId


class Reply(Entity):
    """The answer of a command with an idempotency key; ``digest`` identifies the command's payload."""

    key: Line
    digest: Line
    value: dict[str, JsonValue]
    lead_id: LeadId | None = None


class Change(Entity):
    """What ``storage.save`` writes: completely or not at all.

    Order within the write: versions are checked; ``erase`` removes leads with the facts, activities, states, claims,
    tasks and redirects that carry their id, and empties the ``value`` of their replies (the replies stay, so that a
    command repeated with the key is not carried out again); leads and states are written; claims are released, then
    taken; tasks are settled, then cancelled, then put; the redirects of ``restored`` leads and the
    facts to ``forget`` are removed; facts, activities, redirects and replies are added (an existing
    activity with the same id is kept, unless the new one is retracted: that one replaces it).

    Activities that are written without ``flow.record`` need an ``ActivityRecorded`` fact of the lead: it tells later
    commands that the stored engagement state is incomplete.
    """

    leads: tuple[LeadWrite, ...] = ()
    states: tuple[StateWrite, ...] = ()
    facts: tuple[SerializeAsAny[Fact], ...] = ()
    activities: tuple[Activity, ...] = ()
    put: tuple[Task, ...] = ()
    cancel: tuple[Line, ...] = ()
    settle: tuple[Settlement, ...] = ()
    claims: tuple[Claim, ...] = ()
    release: tuple[Claim, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    restored: tuple[LeadId, ...] = ()
    forget: tuple[tuple[LeadId, int, int], ...] = ()
    """Facts to remove, each by lead, version and number."""
    erase: tuple[LeadId, ...] = ()
    replies: tuple[Reply, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not any(getattr(self, name) for name in type(self).model_fields)


def digest_of(payload: Mapping[str, object]) -> str:
    """Return a short digest of a command's payload, the same for the same values in any order.

    A payload that is too large is refused at once: ``InvalidInput`` names the part.
    """
    bounds = stored_bounds(safe=False)
    parts = {name: _measured(bounds, name, value) for name, value in payload.items()}
    try:
        text = json.dumps(parts, sort_keys=True, default=_as_text, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput("values", type(error).__name__, f"give plain JSON with text for names ({error})") from None
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _measured(bounds: Bounds, name: str, value: object) -> object:
    if type(value) is PlainJson:
        return value
    try:
        return bounds.taken(value)
    except ValueError as wrong:
        raise InvalidInput(name, value, f"it {wrong}; shorten it, or leave it out") from None


def _as_text(value: object) -> str:
    if isinstance(value, date | Decimal | Enum | UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON")
