"""The ports: a storage with its task queue, and a mailer. Implementations need not inherit anything.

``leadflow.testing`` has the contracts that every storage and mailer must pass.
"""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from inspect import iscoroutinefunction
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar, runtime_checkable

from leadflow.conditions import Condition
from leadflow.entities import Activity, Lead, LeadId, Message, Task, TaskStatus
from leadflow.events import Change, Fact, Reply
from leadflow.search import LeadSearch, Page

__all__ = [
    "AsyncMailSessions",
    "AsyncMailer",
    "AsyncSearchable",
    "AsyncStorage",
    "Hosted",
    "MailSessions",
    "Mailer",
    "Message",
    "Purgeable",
    "Searchable",
    "State",
    "Storage",
    "is_asynchronous",
    "is_hosted",
    "is_synchronous",
    "leaves_routing",
]


T = TypeVar("T")
Awaited: TypeAlias = Coroutine[Any, Any, T]
"""What an ``async def`` returns."""


class State(NamedTuple):
    """A state as read; version 0 and an empty value if there is none."""

    version: int
    value: Mapping[str, Any]


class Storage(Protocol):
    """Leads, facts, activities, states and tasks, in one place with one transaction.

    Every method is a unit of its own: none leaves a transaction open. Any of them may raise ``Unavailable``.
    """

    def bind(self, lead_type: type[Lead[Any]]) -> None:
        """Set the class as which leads are read (with its custom fields)."""

    def save(self, change: Change) -> None:
        """Write the Change, completely or not at all: the only write besides ``lease``.

        Raises ``Stale`` if a lead, state or lease named in the Change has changed; ``Taken`` if a claim is held by a
        different lead or the key of a reply exists already.
        """

    def load(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]:
        """Return the leads by the requested ids; an absorbed id gives its survivor, an unknown one is left out.

        If one can't be read, ``Unreadable`` carries the readable ones, and what could be salvaged of it
        (``leadflow.entities.decoder`` does this for every storage).
        """

    def holders(self, claims: Collection[str]) -> dict[str, LeadId]:
        """Return the holder of each claim; unheld claims are left out."""

    def matching(self, keys: Collection[str], limit: int) -> dict[str, list[LeadId]]:
        """Return for each match key up to ``limit`` leads with it, in order of id, without absorbed ones."""

    def features(self, ids: Collection[LeadId]) -> dict[LeadId, str]:
        """Return the latest features of these leads (no redirect); leads without any are left out."""

    def states(self, keys: Collection[str]) -> dict[str, State]:
        """Return the existing states."""

    def facts(
        self,
        lead_id: LeadId,
        since_version: int = 0,
        *,
        kinds: Collection[str] | None = None,
        limit: int | None = None,
    ) -> list[Fact]:
        """Return the facts of exactly this lead (no redirect) with a version above ``since_version``, oldest first.

        With ``kinds`` or ``limit`` it must not read all of them: a lead may have 100,000.
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

        With a few ids it must not read all: this is how a repeated activity is found among any number of them. With
        ``limit`` it returns a page, in order of id: the first ones with an id above ``after``.
        """

    def lead_ids(self, after: LeadId | None, limit: int) -> list[LeadId]:
        """Return up to ``limit`` ids of stored leads above ``after``, in order, also of unreadable ones.

        Absorbed leads are left out; it is empty only at the end.
        """

    def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> list[Lead[Any]]:
        """Return up to ``limit`` leads with an id above ``after``, in order of id, in this stage if one is given.

        Absorbed leads are left out, and so are unreadable ones, which are logged; it is empty only at the end.
        This is the way to iterate over all leads without loading all of them.
        """

    def reply(self, key: str) -> Reply | None:
        """Return the answer of the command with this idempotency key."""

    def lease(
        self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Collection[str] | None = None
    ) -> list[Task]:
        """Lease up to ``limit`` due tasks, oldest first: nobody else gets them before ``until``.

        A task is due if it is waiting with ``due_at`` <= now, or if its lease has expired (which counts as no attempt).
        An unreadable task becomes dead, with the reason, and does not use up the limit. Each task gets ``token`` as its
        lease. Two processes never lease the same task. With ``kinds`` only tasks of these kinds are leased; the others
        stay unchanged and hold nothing up.
        """

    def task(self, key: str) -> Task | None:
        """Return the task with this key, looked up by it."""

    def tasks(
        self,
        status: TaskStatus | None = None,
        lead_id: LeadId | None = None,
        limit: int = 100,
        *,
        kinds: Collection[str] | None = None,
    ) -> list[Task]:
        """Return tasks in order of (due_at, key), for listing: by status, lead or kinds.

        The first one is the next to run.

        Dead tasks, however many, must not slow down this method or ``lease`` for the others.
        """


class AsyncStorage(Protocol):
    """A ``Storage`` in an event loop: the same methods with the same promises, awaited (except ``bind``).

    Even if the caller is cancelled while awaiting it, a method has its effect completely or not at all.
    """

    def bind(self, lead_type: type[Lead[Any]]) -> None: ...

    def save(self, change: Change) -> Awaited[None]: ...

    def load(self, ids: Collection[LeadId]) -> Awaited[dict[LeadId, Lead[Any]]]: ...

    def holders(self, claims: Collection[str]) -> Awaited[dict[str, LeadId]]: ...

    def matching(self, keys: Collection[str], limit: int) -> Awaited[dict[str, list[LeadId]]]: ...

    def features(self, ids: Collection[LeadId]) -> Awaited[dict[LeadId, str]]: ...

    def states(self, keys: Collection[str]) -> Awaited[dict[str, State]]: ...

    def facts(
        self,
        lead_id: LeadId,
        since_version: int = 0,
        *,
        kinds: Collection[str] | None = None,
        limit: int | None = None,
    ) -> Awaited[list[Fact]]: ...

    def activities(
        self,
        lead_id: LeadId,
        ids: Collection[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Awaited[list[Activity]]: ...

    def lead_ids(self, after: LeadId | None, limit: int) -> Awaited[list[LeadId]]: ...

    def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> Awaited[list[Lead[Any]]]: ...

    def reply(self, key: str) -> Awaited[Reply | None]: ...

    def lease(
        self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Collection[str] | None = None
    ) -> Awaited[list[Task]]: ...

    def task(self, key: str) -> Awaited[Task | None]: ...

    def tasks(
        self,
        status: TaskStatus | None = None,
        lead_id: LeadId | None = None,
        limit: int = 100,
        *,
        kinds: Collection[str] | None = None,
    ) -> Awaited[list[Task]]: ...


@runtime_checkable
class Searchable(Protocol):
    """A storage that finds leads by conditions. It returns what ``leadflow.search.page_of`` and ``counted`` return for
    all its leads except absorbed ones; unreadable ones are logged and left out, without affecting other leads.

    A lead has the words of its text among its match keys, each after ``word|`` (``leadflow.search.words``).
    """

    def find(self, search: LeadSearch) -> Page[Any]:
        """Return a page of the leads for which the condition is true, in order.

        ``search.page(leads, end)`` builds the page, with the position of the last row in the order (readable or not) if
        another row follows.
        """

    def count(self, where: Condition, now: datetime, by: str | None = None) -> Mapping[Any, int]:
        """Count the leads for which the condition is true, by the value of a field (or under None)."""


class AsyncSearchable(Protocol):
    """A ``Searchable`` in an event loop: the same, awaited."""

    def find(self, search: LeadSearch) -> Awaited[Page[Any]]: ...

    def count(self, where: Condition, now: datetime, by: str | None = None) -> Awaited[Mapping[Any, int]]: ...


@runtime_checkable
class Purgeable(Protocol):
    """A storage that keeps removed bytes around (SQLite's write-ahead log) and can get rid of them."""

    def purge(self) -> bool:
        """Make erased data unreadable; False if a reader blocks it and it must be tried again."""


@runtime_checkable
class Hosted(Protocol):
    """A storage that may work inside a transaction of the host.

    While ``hosted`` is true, a command that collides raises ``Stale`` or ``Taken`` at once: in the same transaction it
    would collide again. Routing is left to ``tick``, which such a storage refuses to run; a storage that ``routes``
    belongs to a transaction that ends at once, so that the reps' ledgers may be written in it.
    """

    @property
    def hosted(self) -> bool:
        """Whether it works inside a transaction of the host, which only the host can restart."""


def is_asynchronous(storage: object) -> bool:
    """Whether the storage must be awaited."""
    return iscoroutinefunction(getattr(storage, "save", None))


def is_synchronous(storage: object) -> bool:
    """Whether the storage says that its ``save`` returns nothing; one that says nothing may return an awaitable."""
    save = getattr(storage, "save", None)
    annotations = getattr(save, "__annotations__", {})
    return not iscoroutinefunction(save) and annotations.get("return", "") in (None, "None")


def is_hosted(storage: Storage | AsyncStorage) -> bool:
    """Whether the storage works inside a transaction of the host."""
    return bool(getattr(storage, "hosted", False))  # checking the protocol takes longer than a read


def leaves_routing(storage: Storage | AsyncStorage) -> bool:
    """Whether routing, and the reps' ledgers, are left to ``tick``."""
    return is_hosted(storage) and not getattr(storage, "routes", False)


class Mailer(Protocol):
    """Hands a message to a mail server."""

    def send(self, message: Message) -> None:
        """Return once the server has accepted it; otherwise raise ``Rejected``, ``Deferred`` or ``Uncertain``.

        ``ConnectionRefusedError`` and ``socket.gaierror`` count as ``Deferred``, everything else as ``Uncertain``. Try
        once: a mailer that retries after an attempt that may have arrived must raise ``Uncertain``, whatever follows.
        """


class AsyncMailer(Protocol):
    """Hands a message to a mail server without blocking the event loop."""

    def send(self, message: Message) -> Awaited[None]:
        """Return once the server has accepted it; otherwise raise ``Rejected``, ``Deferred`` or ``Uncertain``."""


class MailSessions(Protocol):
    """A mailer that hands over the messages of one tick in one session: a connection is opened once, not for each."""

    def session(self) -> AbstractContextManager[Mailer]:
        """Return a mailer for messages one after the other; it is entered before the first, and left after the last.

        It keeps the promises of ``Mailer`` for each message, whatever happened to those before it. The class must
        define this method, which must not block. If entering raises, nothing was sent: that is ``Deferred``.
        """


class AsyncMailSessions(Protocol):
    """A ``MailSessions`` in an event loop."""

    def session(self) -> AbstractAsyncContextManager[AsyncMailer]: ...
