"""Every storage that finds, with the same leads by chance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import postgres
from leadflow import Lead
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.events import Change, LeadWrite
from leadflow.search.words import word_index
from search.worlds import BUSY, a_lead_by_chance

MANY = 80


@pytest.fixture(scope="session")
def leads() -> list[Lead[Any]]:
    return [a_lead_by_chance(nr) for nr in range(MANY)]


@pytest.fixture(scope="session", params=["memory", "sqlite", "postgresql"])
def storage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, leads: list[Lead[Any]]
) -> Iterator[Any]:
    if request.param == "memory":
        yield filled(MemoryStorage(), leads)
    elif request.param == "sqlite":
        kept = SqlStorage(f"sqlite:///{tmp_path_factory.mktemp('found')}/leads.db", tenant="it's: ours").migrate()
        yield filled(kept, leads)
        kept.close()
    else:
        with postgres.fresh_database(request.getfixturevalue("pg_url")) as url:
            kept = SqlStorage(url, tenant="it's: ours").migrate()
            yield filled(kept, leads)
            kept.close()


def filled(storage: Any, leads: list[Lead[Any]]) -> Any:
    storage.bind(BUSY)
    writes = (LeadWrite(id=lead.id, read_version=0, lead=lead, match_keys=word_index(lead)) for lead in leads)
    storage.save(Change(leads=tuple(writes)))
    return storage
