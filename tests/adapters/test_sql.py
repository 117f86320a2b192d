"""The SQL storage keeps the contract on a SQLite file, in memory, and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
import sqlalchemy as sa

import postgres
from leadflow.adapters.sql import SqlStorage
from leadflow.ports import Storage
from leadflow.testing.contract_search import SearchContract
from leadflow.testing.storage_contract import StorageContract

TENANTS = (f"tenant-{n}" for n in count())


class SqlContract(StorageContract, SearchContract):
    """One database for all tests; each new storage in it is a tenant of its own."""

    def opened(self, database: SqlStorage) -> Iterator[None]:
        self.database, self.others = database, list[SqlStorage]()
        yield
        for each in self.others:
            each.close()

    def new_storage(self) -> SqlStorage:
        return SqlStorage(self.database.engine, tenant=next(TENANTS))

    def another_on(self, storage: Storage) -> SqlStorage:
        assert isinstance(storage, SqlStorage)
        self.others.append(SqlStorage(self.database.engine.url, tenant=storage.tenant))
        return self.others[-1]

    def rewrite(self, storage: Storage, what: str, key: str, text: str) -> None:
        assert isinstance(storage, SqlStorage)
        column = {"lead": "id", "task": "key", "fact": "lead_id"}[what]
        update = f"UPDATE leadflow_{what}s SET doc = :doc WHERE tenant = :tenant AND {column} = :key"
        with self.database.engine.begin() as connection:
            connection.execute(sa.text(update), {"doc": text, "tenant": storage.tenant, "key": key})

    def other_tenant_on(self, storage: Storage) -> SqlStorage:
        assert isinstance(storage, SqlStorage)
        return SqlStorage(self.database.engine, tenant=storage.tenant + "'s neighbour")


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStorage]:
    storage = SqlStorage(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'leads.db'}").migrate()
    yield storage
    storage.close()


@pytest.fixture(scope="module")
def on_postgres(pg_url: str) -> Iterator[SqlStorage]:
    with postgres.fresh_database(pg_url) as url:
        storage = SqlStorage(url).migrate()
        yield storage
        storage.close()


class TestSqliteStorage(SqlContract):
    @pytest.fixture(autouse=True)
    def on_a_file(self, on_sqlite: SqlStorage) -> Iterator[None]:
        yield from self.opened(on_sqlite)


class TestPostgresStorage(SqlContract):
    machine_examples = 10

    @pytest.fixture(autouse=True)
    def on_a_server(self, on_postgres: SqlStorage) -> Iterator[None]:
        yield from self.opened(on_postgres)


class TestSqliteInMemory(SqlContract):
    machine_examples = 5

    @pytest.fixture(autouse=True)
    def in_memory(self) -> Iterator[None]:
        yield from self.opened(SqlStorage("sqlite://").migrate())
        self.database.close()

    def another_on(self, storage: Storage) -> SqlStorage:
        assert isinstance(storage, SqlStorage)
        return SqlStorage(self.database.engine, tenant=storage.tenant)
