"""Translating database errors into those of leadflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic_core import PydanticSerializationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from leadflow.errors import InvalidInput, LeadflowError, Stale, StorageError, Unavailable

__all__ = ["meaning", "translated"]

# PostgreSQL's codes, by prefix: https://www.postgresql.org/docs/current/errcodes-appendix.html
CODES: tuple[tuple[str, type[StorageError]], ...] = (
    ("40", Stale),  # serialization failure, deadlock
    ("08", Unavailable),  # no connection
    ("53", Unavailable),  # disk full, out of memory, too many connections
    ("57", Unavailable),  # shutdown, statement timeout
    ("58", Unavailable),  # input/output error
    ("25006", Unavailable),  # a replica that is read-only
)
UNUSABLE = ("22", "54")  # data that it can't store, its own limits
NO_TABLES = "the database has no leadflow tables, or old ones; run SqlStorage(…).migrate()"
WAITED = "another transaction held a lock for too long; try again, or give SqlStorage a longer lock_timeout"
OURS = "leadflow_"
FIRST, SNAPSHOT, LOCK_TIMEOUT = ("23505", "SQLITE_CONSTRAINT_PRIMARYKEY"), "SQLITE_BUSY_SNAPSHOT", "55P03"
SQLITE_NO_TABLES = ("no such table: leadflow_", "no such column")


@contextmanager
def translated() -> Iterator[None]:
    """Translate database errors into errors of leadflow; nothing was written then."""
    try:
        yield
    except DBAPIError as error:
        raise meaning(error) from error
    except PoolExhausted as error:
        raise Unavailable(f"no connection became free: {error}") from error
    except SQLAlchemyError as error:
        raise StorageError(str(error)) from error
    except (UnicodeError, OverflowError, PydanticSerializationError) as error:
        raise InvalidInput("value", str(error), "leave out values that are not UTF-8 text or 64-bit numbers") from error


def meaning(error: DBAPIError) -> LeadflowError:
    """Return the corresponding error of leadflow."""
    said = str(error.orig).strip().split("\n")[0]  # further lines may quote personal data
    code = getattr(error.orig, "sqlstate", None)
    if code == "42P01" or any(word in said for word in SQLITE_NO_TABLES):
        return StorageError(f"{NO_TABLES} ({said})")
    if code == LOCK_TIMEOUT:
        return Unavailable(f"{WAITED} ({said})")
    if _somebody_was_first(error, said) or _name(error) == SNAPSHOT:
        return Stale(said)
    for beginning, kind in CODES:
        if code and code.startswith(beginning):
            return kind(said)
    if (code and code.startswith(UNUSABLE)) or "NUL (0x00)" in said:
        return InvalidInput("value", said, "leave out what the database can't store")
    if code or isinstance(error, IntegrityError | ProgrammingError | DataError):
        return StorageError(said)
    return Unavailable(said)  # SQLite is locked, full or not a database; PostgreSQL does not answer


def _somebody_was_first(error: DBAPIError, said: str) -> bool:
    """Whether a row of leadflow was written by somebody else meanwhile (not a constraint that the host has added)."""
    if _name(error) is not None:
        return _name(error) in FIRST and OURS in said
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return getattr(error.orig, "sqlstate", None) in FIRST and (constraint or OURS).startswith(OURS)


def _name(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlite_errorname", None)
