"""What leadflow needs from outside: a storage with its task queue, and a mailer. Hosts inherit nothing.

``leadflow.testing`` has the contract that every storage and mailer must pass.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

from leadflow.conditions import Condition
from leadflow.entities import Activity, Lead, LeadId, Message, Task, TaskStatus
from leadflow.events import Change, Fact, Reply
from leadflow.search import LeadSearch, Page

__all__ = [
    "AsyncMailer",
    "AsyncSearchable",
    "AsyncStorage",
    "Hosted",
    "Mailer",
    "Message",
    "Purgeable",
    "Searchable",
    "State",
    "Storage",
    "is_hosted",
    "leaves_routing",
]


class State(NamedTuple):
    """A state as it was read; version 0 and an empty value if there is none."""

    version: int
    value: Mapping[str, Any]


class Storage(Protocol):
    """Leads, facts, activities, states and tasks, in one place with one transaction.

    Every method is one unit of its own: none leaves a transaction open. Any of them may raise ``Unavailable``.
    """

    def bind(self, lead_type: type[Lead[Any]]) -> None:
        """Read leads as this class from now on (custom fields are known then)."""

    def save(self, change: Change) -> None:
        """Write the Change, whole or not at all: the only write there is, but for ``lease``.

        ``Stale`` when a lead, state or lease that the Change names has moved; ``Taken`` when a claim is held by another
        lead or the reply's key is there already.
        """

    def load(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]:
        """Return the leads by the ids asked for; an absorbed id gives its survivor, an unknown one is left out.

        If one can't be read, ``Unreadable`` has those that could be, and what could be salvaged of it
        (``leadflow.entities.reading`` does this for every storage).
        """

    def holders(self, claims: Collection[str]) -> dict[str, LeadId]:
        """Return who holds each claim; one that nobody holds is left out."""

    def matching(self, keys: Collection[str], limit: int) -> dict[str, list[LeadId]]:
        """Return for each match key up to ``limit`` leads that have it, in order of id; absorbed ones are left out."""

    def features(self, ids: Collection[LeadId]) -> dict[LeadId, str]:
        """Return the features that were written last for these leads (no redirect); who has none is left out."""

    def states(self, keys: Collection[str]) -> dict[str, State]:
        """Return the states that are there."""

    def facts(
        self,
        lead_id: LeadId,
        since_version: int = 0,
        *,
        kinds: Collection[str] | None = None,
        limit: int | None = None,
    ) -> list[Fact]:
        """Return the facts of exactly this lead (no redirect) with a version above ``since_version``, oldest first.

        Asked for some ``kinds``, or for the first ``limit``, it must not read all: a lead may have 100,000.
        """

    def activities(
        self,
        lead_id: LeadId,
        ids: Collection[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Activity]:
        """Return the activities of exactly this lead (with these ids, if some are given), by (happened_at, id).

        Asked for a few ids it must not read all: it is how a repeated activity is found, however many there are. Asked
        for a page, which is the first ``limit`` of all with an id above ``after``, it is in order of id.
        """

    def lead_ids(self, after: LeadId | None, limit: int) -> list[LeadId]:
        """Return up to ``limit`` ids above ``after`` that leads are stored with, in order, read or not.

        Absorbed leads are left out; it is empty only at the end.
        """

    def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> list[Lead[Any]]:
        """Return up to ``limit`` leads with an id above ``after``, in order of id, in this stage if one is given.

        Absorbed leads are left out, also those that can't be read, which are logged; it is empty only at the end.
        The way to walk through all leads without holding them all.
        """

    def reply(self, key: str) -> Reply | None:
        """Return what the command with this idempotency key answered."""

    def lease(
        self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Collection[str] | None = None
    ) -> list[Task]:
        """Take up to ``limit`` tasks that are due, oldest first: nobody else gets them before ``until``.

        Due is a waiting task with ``due_at`` <= now, or a leased one whose lease ran out (nothing is counted for that).
        A task that can't be read is dead from then on, with its reason, and takes nobody's place.
        Each gets ``token`` as its lease. Two processes never lease the same task. Only tasks of these ``kinds`` are
        taken, if some are given; others are left as they are and are in nobody's way.
        """

    def task(self, key: str) -> Task | None:
        """Return the task with this key, found by it."""

    def tasks(
        self,
        status: TaskStatus | None = None,
        lead_id: LeadId | None = None,
        limit: int = 100,
        *,
        kinds: Collection[str] | None = None,
    ) -> list[Task]:
        """Return tasks by (due_at, key), for listing: those of a status, of a lead, of some kinds.

        The first tells what is next.

        However many are dead, neither this nor ``lease`` takes longer for those that are not.
        """


class AsyncStorage(Protocol):
    """A ``Storage`` in an event loop: the same methods with the same promises, awaited; ``bind`` alone is not.

    Whoever is cancelled while he awaits one finds, too, that it was done whole or not at all.
    """

    def bind(self, lead_type: type[Lead[Any]]) -> None: ...

    async def save(self, change: Change) -> None: ...

    async def load(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]: ...

    async def holders(self, claims: Collection[str]) -> dict[str, LeadId]: ...

    async def matching(self, keys: Collection[str], limit: int) -> dict[str, list[LeadId]]: ...

    async def features(self, ids: Collection[LeadId]) -> dict[LeadId, str]: ...

    async def states(self, keys: Collection[str]) -> dict[str, State]: ...

    async def facts(
        self,
        lead_id: LeadId,
        since_version: int = 0,
        *,
        kinds: Collection[str] | None = None,
        limit: int | None = None,
    ) -> list[Fact]: ...

    async def activities(
        self,
        lead_id: LeadId,
        ids: Collection[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Activity]: ...

    async def lead_ids(self, after: LeadId | None, limit: int) -> list[LeadId]: ...

    async def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> list[Lead[Any]]: ...

    async def reply(self, key: str) -> Reply | None: ...

    async def lease(
        self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Collection[str] | None = None
    ) -> list[Task]: ...

    async def task(self, key: str) -> Task | None: ...

    async def tasks(
        self,
        status: TaskStatus | None = None,
        lead_id: LeadId | None = None,
        limit: int = 100,
        *,
        kinds: Collection[str] | None = None,
    ) -> list[Task]: ...


@runtime_checkable
class Searchable(Protocol):
    """A storage that finds leads by conditions. What it gives is what ``leadflow.search.page_of`` and ``counted`` give
    of all its leads, but for absorbed ones; what can't be read is logged and left out, and is in no other lead's way.

    A lead has the words of its text among its match keys, each after ``word|`` (``leadflow.search.words``).
    """

    def find(self, search: LeadSearch) -> Page[Any]:
        """Return a page of the leads for which the condition is true, in order.

        ``search.page(leads, end)`` makes the page: with the place of the last row in the order, readable or not, if
        another comes behind it.
        """

    def count(self, where: Condition, now: datetime, by: str | None = None) -> Mapping[Any, int]:
        """Return for how many leads the condition is true, by the value of a field: under None without one."""


class AsyncSearchable(Protocol):
    """A ``Searchable`` in an event loop: the same, awaited."""

    async def find(self, search: LeadSearch) -> Page[Any]: ...

    async def count(self, where: Condition, now: datetime, by: str | None = None) -> Mapping[Any, int]: ...


@runtime_checkable
class Purgeable(Protocol):
    """A storage that keeps removed bytes around (SQLite's write-ahead log) and can get rid of them."""

    def purge(self) -> bool:
        """Make what was erased unreadable; False when a reader blocks it and it must be tried again."""


@runtime_checkable
class Hosted(Protocol):
    """A storage that may work inside a transaction of the host's.

    While ``hosted`` is true a command that collides raises ``Stale`` or ``Taken`` at once: in the same transaction it
    would collide again. Routing is left to ``tick``, which such a storage refuses to do; one that ``routes`` has a
    transaction that ends right away, so that the reps' ledgers may be written in it.
    """

    @property
    def hosted(self) -> bool:
        """It works inside a host's transaction, which only the host can begin again."""


def is_hosted(storage: Storage | AsyncStorage) -> bool:
    """Whether the storage works inside a host's transaction."""
    return bool(getattr(storage, "hosted", False))  # asking for the protocol takes longer than a read


def leaves_routing(storage: Storage | AsyncStorage) -> bool:
    """Whether routing, and the reps' ledgers, are left to ``tick``."""
    return is_hosted(storage) and not getattr(storage, "routes", False)


class Mailer(Protocol):
    """Hands a message to a mail server."""

    def send(self, message: Message) -> None:
        """Return when the server has taken it; else raise ``Rejected``, ``Deferred`` or ``Uncertain``.

        ``ConnectionRefusedError`` and ``socket.gaierror`` count as ``Deferred``, all else as ``Uncertain``. Try once:
        who tries again after a try that may have arrived raises ``Uncertain``, whatever the last try met with.
        """


class AsyncMailer(Protocol):
    """Hands a message to a mail server without keeping the event loop waiting."""

    async def send(self, message: Message) -> None:
        """Return when the server has taken it; else raise ``Rejected``, ``Deferred`` or ``Uncertain``."""
