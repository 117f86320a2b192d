"""Transactions: on an engine of leadflow or the host, or inside a host's transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from leadflow.adapters.sql.engines import DRIVERS, PATIENCE, engine_arguments, is_in_memory, url_of
from leadflow.adapters.sql.failures import translated
from leadflow.adapters.sql.waits import Waits
from leadflow.errors import InvalidInput, StorageError, Unavailable

__all__ = ["Database", "HostsConnection", "Units", "opened"]

BETWEEN_TURNS = 0.0003, 0.003
DURABLE = ("PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON", "PRAGMA foreign_keys=ON")
UNKNOWN = "the connection broke during COMMIT: repeat the command with its key, it is carried out once"
WAIT_AT_MOST = "SELECT set_config('lock_timeout', '{}ms', true) WHERE current_setting('lock_timeout') = '0'"
WAIT_AS_BEFORE = "SELECT set_config('lock_timeout', '0', true)"
HAS_TABLES = "SELECT 1 FROM sqlite_master WHERE name = 'leadflow_version'"


@runtime_checkable
class Units(Protocol):
    """Units of work: ``reading`` is for one consistent statement, ``writing`` for all or nothing.

    ``lock_timeout`` is how long a write waits for a lock (PostgreSQL); None: as configured by the host.
    """

    dialect: str
    engine: Engine
    hosted: bool
    waiting: Waits

    def reading(self) -> AbstractContextManager[Connection]: ...

    def writing(self, lock_timeout: timedelta | None = None) -> AbstractContextManager[Connection]: ...


def opened(where: str | URL | Engine | Connection | Units) -> Units:
    """Return the units of work on a URL, an engine, or a host's connection."""
    if isinstance(where, Connection):
        return HostsConnection(where)
    if isinstance(where, Engine):
        return Database(where, own=False)
    if isinstance(where, Units):
        return where
    url, arguments = engine_arguments(url_of(where), DRIVERS, alone=QueuePool)
    return Database(create_engine(url, **arguments), own=True)


class Database:
    """An engine of leadflow or of the host: one connection and transaction per unit."""

    hosted = False

    def __init__(self, engine: Engine, *, own: bool, waiting: Waits | None = None) -> None:
        self.dialect = _known(engine.dialect.name)
        self.engine, self.own, self.waiting = engine, own, waiting or Waits()
        # whatever the host's engine does by default: one statement needs no transaction, a write needs a real one
        levels = {"postgresql": ("AUTOCOMMIT", "READ COMMITTED")}.get(self.dialect)
        self._reads = engine.execution_options(isolation_level=levels[0]) if levels else engine
        self._writes = engine.execution_options(isolation_level=levels[1]) if levels else engine
        self._turn: AbstractContextManager[object] = nullcontext()
        if self.dialect == "sqlite":
            self._turn = self.waiting.turn(_file(engine))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with translated(), self._connected(self._reads) as connection:
            yield connection

    @contextmanager
    def writing(self, lock_timeout: timedelta | None = None) -> Iterator[Connection]:
        begun = self._immediate if self.dialect == "sqlite" else self._committed
        self.waiting.at("waiting")
        with translated(), self._turn, self._connected(self._writes) as connection, begun(connection):
            if lock_timeout is not None and self.dialect == "postgresql":
                _wait_at_most(connection, lock_timeout)  # of this transaction only
            yield connection

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        self.waiting.at("waiting")
        with engine.connect() as connection:
            self.waiting.at("working")
            yield connection

    @contextmanager
    def _immediate(self, connection: Connection) -> Iterator[None]:
        # BEGIN and COMMIT are explicit: the driver's own behaviour depends on its version and the host's engine.
        # A deferred BEGIN would fail with "locked" as soon as two of them begin to write.
        connection.begin()
        _roll_back(connection)
        self._make_durable(connection)
        self._begin(connection)
        try:
            yield
            self.waiting.at("committing")
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            _roll_back(connection)
            raise

    @contextmanager
    def _committed(self, connection: Connection) -> Iterator[None]:
        transaction = connection.begin()
        try:
            yield
        except BaseException:
            transaction.rollback()
            raise
        self.waiting.at("committing")
        try:
            transaction.commit()
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Unavailable(f"{UNKNOWN} ({error.orig})") from error
            raise

    def is_new(self) -> bool:
        """Whether leadflow's tables were never created here (SQLite)."""
        with self.reading() as connection:
            return not connection.exec_driver_sql(HAS_TABLES).first()

    def purge(self) -> bool:
        """Empty SQLite's write-ahead log; False if a reader holds it."""
        if self.dialect != "sqlite":
            return True
        with translated(), self._connected(self._writes) as connection:
            patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
            connection.exec_driver_sql("PRAGMA busy_timeout=200")  # it is retried anyway
            try:
                busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
            return not busy

    def _make_durable(self, connection: Connection) -> None:
        if "leadflow" not in connection.info:
            for pragma in DURABLE:
                connection.exec_driver_sql(pragma)
            if self.own:
                self._write_ahead(connection)
            connection.info["leadflow"] = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()

    def _begin(self, connection: Connection) -> None:
        """Begin to write as soon as nobody else does. SQLite's own waiting sleeps ever longer, and may starve."""
        driver: Any = connection.connection.dbapi_connection
        patience = connection.info["leadflow"]
        give_up = time.monotonic() + patience / 1000
        driver.execute("PRAGMA busy_timeout=0")
        try:
            while not _begun(connection, insist=time.monotonic() >= give_up):
                self.waiting.sleep(random.uniform(*BETWEEN_TURNS))  # noqa: S311  (no secret, only spread)
        finally:
            if not connection.invalidated:  # as it is after Ctrl-C
                driver.execute(f"PRAGMA busy_timeout={patience}")

    def _write_ahead(self, connection: Connection) -> None:
        # the switch needs exclusive access and does not wait for it, unlike everything else
        for _ in range(PATIENCE * 20):
            try:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                return
            except OperationalError:
                self.waiting.sleep(0.05)
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")


class HostsConnection:
    """A host's connection in a host's transaction: a savepoint per save; the host commits."""

    hosted = True

    def __init__(self, connection: Connection, waiting: Waits | None = None) -> None:
        self.dialect = _known(connection.dialect.name)
        self.connection, self.engine, self.waiting = connection, connection.engine, waiting or Waits()
        self._turn = self.waiting.turn(f"connection {id(connection)}")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with translated(), self._in_turn(), self._undone_alone():
            yield self.connection

    @contextmanager
    def writing(self, lock_timeout: timedelta | None = None) -> Iterator[Connection]:
        with translated(), self._in_turn():
            self._begin()
            with self.connection.begin_nested():
                limited = (
                    lock_timeout is not None
                    and self.dialect == "postgresql"
                    and _wait_at_most(self.connection, lock_timeout)
                )
                yield self.connection
                if limited:  # settings made in a savepoint survive its release, but not its rollback
                    self.connection.exec_driver_sql(WAIT_AS_BEFORE)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        self.waiting.at("waiting")
        with self._turn:
            self.waiting.at("working")
            yield

    def _undone_alone(self) -> AbstractContextManager[object]:
        """PostgreSQL continues after a failed statement only from a savepoint before it."""
        if self.dialect == "sqlite" or _driver(self.connection).autocommit:
            return nullcontext()
        return self.connection.begin_nested()

    def _begin(self) -> None:
        if not self.connection.in_transaction():
            self.connection.begin()
        driver = _driver(self.connection)
        if self.dialect == "sqlite":
            # a savepoint outside a transaction is one itself: its release would commit what the host may roll back
            if not driver.in_transaction:
                self.connection.exec_driver_sql("BEGIN IMMEDIATE")
            self.connection.exec_driver_sql("PRAGMA secure_delete=ON")
        elif driver.autocommit:
            raise StorageError("the connection is in autocommit; give one in a transaction, or its engine")


def _wait_at_most(connection: Connection, lock_timeout: timedelta) -> bool:
    """Limit how long this transaction waits for a lock, unless the host has done so. Return whether it was set."""
    milliseconds = max(1, lock_timeout // timedelta(milliseconds=1))
    return connection.exec_driver_sql(WAIT_AT_MOST.format(milliseconds)).first() is not None


def _roll_back(connection: Connection) -> None:
    # a full disk has already ended the transaction, Ctrl-C the connection
    if not connection.invalidated and _driver(connection).in_transaction:
        connection.exec_driver_sql("ROLLBACK")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _file(engine: Engine) -> str:
    """The lock for which writers of SQLite queue."""
    return f"memory {id(engine)}" if is_in_memory(engine.url) else str(Path(str(engine.url.database)).absolute())


def _known(dialect: str) -> str:
    if dialect not in ("sqlite", "postgresql"):
        raise InvalidInput("url", dialect, "SqlStorage knows sqlite and postgresql")
    return dialect


def _begun(connection: Connection, *, insist: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if insist or "locked" not in str(error.orig):
            raise
        return False
    return True
