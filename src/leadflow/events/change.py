"""A Change: everything that a decision wants written, and all that makes the write safe."""

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
    # pydantic would make a Lead[Any] of a Lead[MyFields]: its custom fields would lose their class
    return lead if isinstance(lead, Lead) else read(lead)


_AnyLead = SerializeAsAny[Annotated[Lead[Any], WrapValidator(_as_it_is)]]


class LeadWrite(Entity):
    """A lead as it shall be; ``read_version`` is what it was read at (0: it must not exist yet).

    ``lead`` None only asserts that the version has not moved. ``match_keys`` replaces its index entries, and
    ``features`` what other leads are compared with it by ("" for none); None leaves them as they are.
    """

    id: LeadId
    read_version: int = Field(ge=0)
    lead: _AnyLead | None = None
    match_keys: frozenset[Line] | None = None
    features: str | None = None


class StateWrite(Entity):
    """A state under a key, with the version it was read at (0: not there). ``value`` None: it was only looked at."""

    key: Line
    read_version: int = Field(ge=0)
    value: dict[str, JsonValue] | None = None
    lead_id: LeadId | None = None
    """Whose it is: erased with that lead."""


class Claim(Entity):
    """A key that only one lead may hold; claiming what the same lead holds already changes nothing."""

    key: Line
    lead_id: LeadId


class Redirect(Entity):
    """An absorbed lead's id that leads to its survivor from now on."""

    absorbed: LeadId
    survivor: LeadId


class Reply(Entity):
    """What a command with an idempotency key answered; ``digest`` tells whether it was the same command."""

    key: Line
    digest: Line
    value: dict[str, JsonValue]
    lead_id: LeadId | None = None


class Change(Entity):
    """What ``storage.save`` writes: whole or not at all.

    Order within the write: versions are checked; ``erase`` removes leads with the facts, activities, states, claims,
    tasks and redirects that carry their id, and empties the ``value`` of replies that do (whoever gives the command
    again with that key shall not do it again); leads and states are written; claims are released, then taken;
    tasks are settled, then cancelled, then put; facts, activities, redirects and replies are added (an activity whose
    id the lead has already stays as it is).

    Whoever writes activities without ``flow.record`` writes an ``ActivityRecorded`` of the lead with them: by it later
    commands know that the engagement state that is stored does not tell all.
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
    erase: tuple[LeadId, ...] = ()
    replies: tuple[Reply, ...] = ()

    @property
    def is_empty(self) -> bool:
        """There is nothing to write."""
        return not any(getattr(self, name) for name in type(self).model_fields)


def digest_of(payload: Mapping[str, object]) -> str:
    """Return a short digest of a command's payload, the same for the same values in any order.

    What is too large is refused before anything is done with it: ``InvalidInput`` names the part.
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
