"""What a decision asks for. It yields a read, is sent the answer, and never knows who answered, or how.

A decision is a generator: whoever drives it answers each read, with ``read.on(storage)`` or in any other way, until it
returns. Errors of the storage are thrown in where the read was asked for.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias, TypeVar

from leadflow.entities import Activity, Lead, LeadId, Task
from leadflow.errors import NotFound, Unreadable
from leadflow.events import Fact, Reply
from leadflow.ports import State, Storage

__all__ = [
    "Activities",
    "Asking",
    "ByKey",
    "Facts",
    "FeaturesOf",
    "Holders",
    "Keys",
    "Load",
    "Matching",
    "NewId",
    "Read",
    "ReplyTo",
    "States",
    "TaskWith",
    "activities",
    "facts",
    "features",
    "holders",
    "keys",
    "lead_with",
    "leads_with",
    "matching",
    "new_id",
    "readable",
    "reply_to",
    "states",
    "task_with",
]

_log = logging.getLogger("leadflow")

T = TypeVar("T")


class Read(ABC):
    """A question that only a storage, or whoever drives the decision, can answer."""

    @abstractmethod
    def on(self, storage: Storage) -> Any:
        """Ask a storage; an asynchronous one gives something to await."""


@dataclass(frozen=True)
class ByKey(Read):
    """A read that is answered key by key: several of one kind are one read."""

    keys: tuple[str, ...]

    def of(self, keys: Iterable[str]) -> Self:
        """Return the same read of other keys."""
        return replace(self, keys=tuple(keys))


Asking: TypeAlias = Generator[Read, Any, T]
"""A decision under way: it yields reads, is sent the answers, and returns ``T``."""


@dataclass(frozen=True)
class Load(ByKey):
    """The leads with these ids; an absorbed id gives its survivor, an unknown one is left out."""

    def on(self, storage: Storage) -> Any:
        return storage.load(self.keys)


@dataclass(frozen=True)
class Holders(ByKey):
    """Who holds each of these claims."""

    def on(self, storage: Storage) -> Any:
        return storage.holders(self.keys)


@dataclass(frozen=True)
class Matching(ByKey):
    """Up to ``limit`` leads for each of these match keys."""

    limit: int

    def on(self, storage: Storage) -> Any:
        return storage.matching(self.keys, self.limit)


@dataclass(frozen=True)
class FeaturesOf(ByKey):
    """What these leads are compared by, as text; who has nothing stored is left out."""

    def on(self, storage: Storage) -> Any:
        return storage.features(self.keys)


@dataclass(frozen=True)
class States(ByKey):
    """The states with these keys."""

    def on(self, storage: Storage) -> Any:
        return storage.states(self.keys)


@dataclass(frozen=True)
class Activities(Read):
    """The activities of one lead, all or those with these ids."""

    lead_id: LeadId
    ids: tuple[str, ...] | None = None

    def on(self, storage: Storage) -> Any:
        return storage.activities(self.lead_id, self.ids)


@dataclass(frozen=True)
class Facts(Read):
    """The facts of one lead above a version, of some kinds, up to a limit."""

    lead_id: LeadId
    since_version: int = 0
    kinds: tuple[str, ...] | None = None
    limit: int | None = None

    def on(self, storage: Storage) -> Any:
        return storage.facts(self.lead_id, self.since_version, kinds=self.kinds, limit=self.limit)


@dataclass(frozen=True)
class ReplyTo(Read):
    """What the command with this key answered."""

    key: str

    def on(self, storage: Storage) -> Any:
        return storage.reply(self.key)


@dataclass(frozen=True)
class TaskWith(Read):
    """The task with this key."""

    key: str

    def on(self, storage: Storage) -> Any:
        return storage.task(self.key)


class Keys(Read):
    """The keys that addresses are hashed with, the one to write with first; the driver has them."""

    def on(self, storage: Storage) -> Any:
        raise NotImplementedError("the driver answers it: the host's secrets, then the key kept in the storage")


class NewId(Read):
    """An id that nothing has yet; the driver makes it."""

    def on(self, storage: Storage) -> Any:
        raise NotImplementedError("the driver answers it: a decision draws no random numbers")


# ---------------------------------------------------------------------------------------- the same, as typed questions
def readable(ids: Collection[LeadId]) -> Asking[dict[LeadId, Lead[Any]]]:
    """Ask for those of several leads that can be read: nobody is refused for what is wrong with another."""
    try:
        return (yield from leads_with(ids))
    except Unreadable as error:
        for one in error.wrong.values():
            _log.warning("%s; the others go on without it", one)
        return dict(error.leads)


def leads_with(ids: Collection[LeadId]) -> Asking[dict[LeadId, Lead[Any]]]:
    """Ask for leads; ``Unreadable`` if one of them can't be read."""
    if not ids:
        return {}
    found: dict[LeadId, Lead[Any]] = yield Load(tuple(ids))
    return found


def lead_with(lead_id: LeadId) -> Asking[Lead[Any]]:
    """Ask for one lead that must be there: ``NotFound`` if it is not."""
    try:
        found = yield from leads_with([lead_id])
    except Unreadable as error:
        raise error.wrong.get(lead_id, error) from None
    if lead_id not in found:
        raise NotFound("lead", lead_id)
    return found[lead_id]


def holders(claims: Collection[str]) -> Asking[dict[str, LeadId]]:
    """Ask who holds claims."""
    if not claims:
        return {}
    found: dict[str, LeadId] = yield Holders(tuple(claims))
    return found


def matching(match_keys: Collection[str], limit: int) -> Asking[dict[str, list[LeadId]]]:
    """Ask which leads have a match key, not more than ``limit`` for each."""
    if not match_keys:
        return {}
    found: dict[str, list[LeadId]] = yield Matching(tuple(match_keys), limit)
    return found


def features(ids: Collection[LeadId]) -> Asking[dict[LeadId, str]]:
    """Ask for the features of leads, as they are stored."""
    if not ids:
        return {}
    found: dict[LeadId, str] = yield FeaturesOf(tuple(ids))
    return found


def states(state_keys: Collection[str]) -> Asking[dict[str, State]]:
    """Ask for states."""
    if not state_keys:
        return {}
    found: dict[str, State] = yield States(tuple(state_keys))
    return found


def activities(lead_id: LeadId, ids: Collection[str] | None = None) -> Asking[list[Activity]]:
    """Ask for what a lead did, all of it or some by their ids."""
    if ids is not None and not ids:
        return []
    found: list[Activity] = yield Activities(lead_id, None if ids is None else tuple(ids))
    return found


def facts(
    lead_id: LeadId, since_version: int = 0, *, kinds: Collection[str] | None = None, limit: int | None = None
) -> Asking[list[Fact]]:
    """Ask for facts of a lead."""
    found: list[Fact] = yield Facts(lead_id, since_version, None if kinds is None else tuple(kinds), limit)
    return found


def reply_to(key: str) -> Asking[Reply | None]:
    """Ask what a command with this key answered."""
    found: Reply | None = yield ReplyTo(key)
    return found


def task_with(key: str) -> Asking[Task | None]:
    """Ask for a task."""
    found: Task | None = yield TaskWith(key)
    return found


def keys() -> Asking[tuple[bytes, ...]]:
    """Ask for the keys that addresses are hashed with."""
    found: tuple[bytes, ...] = yield Keys()
    return found


def new_id() -> Asking[str]:
    """Ask for an id that nothing has yet."""
    found: str = yield NewId()
    return found
