"""The asynchronous storages keep the contract: in memory, on SQLite (aiosqlite), on PostgreSQL (psycopg)."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

import postgres
from leadflow.adapters.async_memory import AsyncMemoryStorage
from leadflow.adapters.sql import AsyncSqlStorage
from leadflow.ports import AsyncStorage, Storage
from leadflow.testing.contract_search import SearchContract
from leadflow.testing.loop_thread import LoopThread, blocking
from leadflow.testing.storage_contract import StorageContract

PLAIN = {"bind"}
TENANTS = (f"tenant-{n}" for n in count())


def methods(port: type) -> dict[str, inspect.Signature]:
    return {name: inspect.signature(value) for name, value in vars(port).items() if not name.startswith("_")}


def test_the_two_ports_have_the_same_methods() -> None:
    awaited = {
        name: given if name in PLAIN else given.replace(return_annotation=f"Awaited[{given.return_annotation}]")
        for name, given in methods(Storage).items()
    }
    assert methods(AsyncStorage) == awaited
    for name in methods(Storage):
        assert inspect.iscoroutinefunction(getattr(AsyncMemoryStorage, name)) is (name not in PLAIN)


def test_who_only_blocks_loads_no_event_loop() -> None:
    code = "import sys; from leadflow.adapters.sql import SqlStorage; print('sqlalchemy.ext.asyncio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    with LoopThread() as loop:
        yield loop


class TestAsyncMemoryStorage(StorageContract, SearchContract):
    @pytest.fixture(autouse=True)
    def in_a_loop(self, loop: LoopThread) -> None:
        self.loop = loop

    def new_storage(self) -> Storage:
        return blocking(AsyncMemoryStorage(), self.loop)


class AsyncSqlContract(StorageContract, SearchContract):
    """One database for all tests; each new storage in it is a tenant of its own."""

    machine_examples = 5

    def opened(self, database: AsyncSqlStorage, loop: LoopThread) -> Iterator[None]:
        self.database, self.loop, self.others = database, loop, list[AsyncSqlStorage]()
        yield
        for each in self.others:
            loop.run(each.close())

    def new_storage(self) -> Storage:
        return blocking(AsyncSqlStorage(self.database.engine, tenant=next(TENANTS)), self.loop)

    def another_on(self, storage: Any) -> Storage:
        self.others.append(AsyncSqlStorage(self.database.engine.url, tenant=storage.tenant))
        return blocking(self.others[-1], self.loop)

    def rewrite(self, storage: Any, what: str, key: str, text: str) -> None:
        column = {"lead": "id", "task": "key", "fact": "lead_id"}[what]
        update = f"UPDATE leadflow_{what}s SET doc = :doc WHERE tenant = :tenant AND {column} = :key"

        async def written() -> None:
            async with self.database.engine.begin() as connection:
                await connection.execute(sa.text(update), {"doc": text, "tenant": storage.tenant, "key": key})

        self.loop.run(written())

    def other_tenant_on(self, storage: Any) -> Storage:
        return blocking(AsyncSqlStorage(self.database.engine, tenant=storage.tenant + "'s neighbour"), self.loop)


def migrated(url: str, loop: LoopThread) -> Iterator[AsyncSqlStorage]:
    storage = loop.run(AsyncSqlStorage(url).migrate())
    yield storage
    loop.run(storage.close())


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory, loop: LoopThread) -> Iterator[AsyncSqlStorage]:
    yield from migrated(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'leads.db'}", loop)


@pytest.fixture(scope="module")
def on_postgres(pg_url: str, loop: LoopThread) -> Iterator[AsyncSqlStorage]:
    with postgres.fresh_database(pg_url) as url:
        yield from migrated(url, loop)


class TestAsyncSqliteStorage(AsyncSqlContract):
    @pytest.fixture(autouse=True)
    def on_a_file(self, on_sqlite: AsyncSqlStorage, loop: LoopThread) -> Iterator[None]:
        yield from self.opened(on_sqlite, loop)


class TestAsyncPostgresStorage(AsyncSqlContract):
    @pytest.fixture(autouse=True)
    def on_a_server(self, on_postgres: AsyncSqlStorage, loop: LoopThread) -> Iterator[None]:
        yield from self.opened(on_postgres, loop)


class TestAsyncSqliteInMemory(AsyncSqlContract):
    @pytest.fixture(autouse=True)
    def in_memory(self, loop: LoopThread) -> Iterator[None]:
        yield from self.opened(loop.run(AsyncSqlStorage("sqlite://").migrate()), loop)
        loop.run(self.database.close())

    def another_on(self, storage: Any) -> Storage:
        return blocking(AsyncSqlStorage(self.database.engine, tenant=storage.tenant), self.loop)
