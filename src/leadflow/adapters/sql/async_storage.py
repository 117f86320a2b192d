"""Asynchronous storage in SQLite or PostgreSQL: the code of ``SqlStorage`` on asynchronous drivers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import ParamSpec, Self, TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from leadflow.adapters.async_methods import AwaitedStorage
from leadflow.adapters.sql.engines import engine_arguments, url_of
from leadflow.adapters.sql.loop import Calls, LoopWaiting, watch
from leadflow.adapters.sql.storage import LOCK_TIMEOUT, SqlStorage
from leadflow.adapters.sql.transactions import Database, HostsConnection, Units
from leadflow.errors import InvalidInput, require

__all__ = ["AsyncSqlStorage"]

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}

P = ParamSpec("P")
T = TypeVar("T")


class AsyncSqlStorage(AwaitedStorage[SqlStorage]):
    """Keeps leads in the database behind a URL, an ``AsyncEngine``, or an ``AsyncConnection`` of the host.

    Everything said of ``SqlStorage`` applies, awaited. A call that is cancelled while it waits for its turn or for a
    connection writes nothing; one that has begun finishes first (to its COMMIT, if it is a save), so that its
    connection stays intact; a statement that the database blocks for longer is aborted.

    Writers to one SQLite file queue up in their event loop. An engine belongs to one event loop: ``close`` it there.
    """

    def __init__(
        self,
        where: str | URL | AsyncEngine | AsyncConnection,
        tenant: str = "default",
        *,
        lock_timeout: timedelta | None = LOCK_TIMEOUT,
        routes: bool = False,
    ) -> None:
        require("async")
        self.engine, units = _opened(where)
        super().__init__(SqlStorage(units, tenant, lock_timeout=lock_timeout, routes=routes))
        self.tenant, self.routes, self._calls = tenant, routes, Calls()

    async def _carried_out(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._calls.carried_out(call, *args, **kwargs)

    @property
    def hosted(self) -> bool:
        """Whether it works inside a host's transaction: then saves can't be retried, and tasks can't be leased."""
        return self._storage.hosted

    async def migrate(self) -> Self:
        """Migrate the tables to this version of leadflow, in one transaction; running it again changes nothing."""
        await self._carried_out(self._storage.migrate)
        return self

    async def close(self) -> None:
        """Close the connections of an engine that was created from a URL, once no call of this storage is running;
        those of the host are left alone.
        """
        await self._calls.ended()
        await self._carried_out(self._storage.close)

    async def purge(self) -> bool:
        """Make erased data unreadable in SQLite's files, as ``SqlStorage.purge``; False if it is blocked."""
        return await self._carried_out(self._storage.purge)


def _opened(where: str | URL | AsyncEngine | AsyncConnection) -> tuple[AsyncEngine, Units]:
    if isinstance(where, AsyncConnection):
        if where.sync_connection is None:
            raise InvalidInput("connection", where, "open it first: async with engine.connect() as connection")
        return where.engine, HostsConnection(where.sync_connection, LoopWaiting())
    if isinstance(where, Engine | Connection):
        raise InvalidInput("where", where, "give AsyncSqlStorage a URL, an AsyncEngine, or an AsyncConnection")
    own = not isinstance(where, AsyncEngine)
    engine = where if isinstance(where, AsyncEngine) else _engine(where)
    watch(engine.sync_engine)
    return engine, Database(engine.sync_engine, own=own, waiting=LoopWaiting())


def _engine(where: str | URL) -> AsyncEngine:
    url, arguments = engine_arguments(url_of(where), DRIVERS, alone=AsyncAdaptedQueuePool)
    return create_async_engine(url, **arguments)
