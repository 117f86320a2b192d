"""Every promise is held on every storage: memory, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from acme import Clock, Outbox, acme_flow
from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.ports import Storage


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path) -> Iterator[Storage]:
    if request.param == "memory":
        yield MemoryStorage()
        return
    url = request.getfixturevalue("pg_dsn") if request.param == "postgresql" else f"sqlite:///{tmp_path}/promises.db"
    kept = SqlStorage(url).migrate()
    yield kept
    kept.close()


@pytest.fixture
def flow(storage, clock, outbox) -> LeadFlow:
    return acme_flow(storage, clock, outbox)
