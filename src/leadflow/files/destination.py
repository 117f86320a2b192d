"""Where a run writes: a database of the host's, or a temporary one; a chunk of rows is one transaction."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from leadflow.errors import InvalidInput, StorageError, require
from leadflow.flow import LeadFlow
from leadflow.ports import Storage

if TYPE_CHECKING:
    from leadflow.adapters.sql import SqlStorage

__all__ = ["Build", "Store", "Transaction", "database_files", "existing", "opened", "shown"]

Build = Callable[[Storage], LeadFlow]
"""Makes the flow on a storage: with the rules of the run."""


@dataclass(frozen=True)
class Transaction:
    """One transaction: ``flow`` works in it, ``whole()`` is a smaller one within it."""

    flow: LeadFlow
    whole: Callable[[], AbstractContextManager[object]]


class Store(Protocol):
    """Where rows are written: ``flow`` is for reading and ticking, ``chunk()`` for many rows at once."""

    flow: LeadFlow
    ticks: bool

    def chunk(self) -> AbstractContextManager[Transaction]: ...


class _Database:
    """Each chunk is one transaction: one fsync, and a crash leaves whole chunks."""

    ticks = True

    def __init__(self, storage: SqlStorage, build: Build) -> None:
        self._engine, self._build, self._tenant = storage.engine, build, storage.tenant
        self.flow = build(storage)

    @contextmanager
    def chunk(self) -> Iterator[Transaction]:
        with self._engine.connect() as connection:
            yield _unit(connection, self._build, self._tenant)
            connection.commit()


class _Undone:
    """Everything is one transaction, which is rolled back."""

    ticks = False

    def __init__(self, connection: Any, build: Build, tenant: str) -> None:
        self._unit = _unit(connection, build, tenant)
        self.flow = self._unit.flow

    @contextmanager
    def chunk(self) -> Iterator[Transaction]:
        with self._unit.whole():
            yield self._unit


def _unit(connection: Any, build: Build, tenant: str) -> Transaction:
    from leadflow.adapters.sql import SqlStorage

    if connection.dialect.name == "sqlite":  # before the first savepoint, which would be a transaction of its own
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    return Transaction(build(SqlStorage(connection, tenant, routes=True)), connection.begin_nested)


@contextmanager
def opened(url: str | None, build: Build, *, dry: bool = False, tenant: str = "default") -> Iterator[Store]:
    """Open the database at a URL (or path) with its tables brought up to date; without one, a temporary database.

    A dry run works on a copy of a SQLite file, or in a transaction that is rolled back: nothing is written.
    """
    require("sql")
    from leadflow.adapters.sql import SqlStorage

    with ExitStack() as closes:
        if url is None or (dry and _file_of(url) is not None):
            scratch = Path(closes.enter_context(TemporaryDirectory(prefix="leadflow-"))) / "leads.db"
            if url is not None:
                _copy(Path(_file_of(url) or ""), scratch)
            url, dry = f"sqlite:///{scratch}", False
        storage = SqlStorage(_url(url), tenant)
        closes.callback(storage.close)
        if dry:
            connection = closes.enter_context(storage.engine.connect())
            SqlStorage(connection, tenant).migrate()
            yield _Undone(connection, build, tenant)
        else:
            _check_folder(url)
            yield _Database(storage.migrate(), build)


@contextmanager
def existing(url: str, build: Build, *, tenant: str = "default") -> Iterator[LeadFlow]:
    """Open an existing database, to read it or to tick."""
    require("sql")
    from leadflow.adapters.sql import SqlStorage

    file = _file_of(url)
    if file is not None and not Path(file).is_file():
        raise InvalidInput("db", url, "there is no such database; `leadflow run … --db` makes one")
    storage = SqlStorage(_url(url), tenant)
    try:
        yield build(storage)
    finally:
        storage.close()


def shown(url: str) -> str:
    """Return a URL as it may be shown: without its password."""
    return re.sub(r"(://[^/@:]*):[^@]*@", r"\1:***@", url)


def _url(url: str) -> str:
    return url if "://" in url else f"sqlite:///{url}"


def _file_of(url: str) -> str | None:
    """Return the file of a SQLite database; None for other databases."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        read = make_url(_url(url))
    except (ArgumentError, ValueError):
        raise InvalidInput(
            "db", shown(url), "give a URL such as sqlite:///leads.db or postgresql://host/name"
        ) from None
    return read.database or "" if read.get_backend_name() == "sqlite" else None


def database_files(url: str | None) -> tuple[Path, ...]:
    """Return the files of a SQLite database, with those that it keeps beside; none for other databases."""
    file = None if url is None else _file_of(url)
    if not file:
        return ()
    name = file.removeprefix("file:").partition("?")[0]
    return tuple(Path(f"{name}{ending}") for ending in ("", "-wal", "-shm", "-journal"))


def _check_folder(url: str) -> None:
    file = _file_of(url)
    if file and not Path(file).absolute().parent.is_dir():
        raise InvalidInput("db", url, "its folder doesn't exist; make it first")


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        return
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as here,
            closing(sqlite3.connect(target)) as there,
        ):
            here.backup(there)
    except sqlite3.Error as error:
        raise StorageError(f"{source} can't be read as a SQLite database ({error})") from None
