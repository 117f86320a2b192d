"""Memory, SQLite, PostgreSQL and the hand-written example behave the same, whatever happens in whatever order."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from machine import Story

pytestmark = pytest.mark.slow
EXAMPLES = Path(__file__).parents[2] / "examples"


def told_to(make_storages, examples):
    class ToldToAll(Story):
        def storages(self):
            return [MemoryStorage(), *make_storages()]

    run_state_machine_as_test(
        ToldToAll, settings=settings(max_examples=examples, stateful_step_count=30, deadline=None)
    )


def stories_in_tenants_of(url, examples):
    number, first = count(), SqlStorage(url).migrate()
    try:
        told_to(lambda: [SqlStorage(first.engine, tenant=f"t{next(number)}")], examples)
    finally:
        first.close()


def test_memory_alone_keeps_every_promise():
    told_to(list, 60)


def test_sqlite_does_as_memory_does(tmp_path):
    stories_in_tenants_of(f"sqlite:///{tmp_path}/leads.db", 15)


def test_postgresql_does_as_memory_does(pg_dsn):
    stories_in_tenants_of(pg_dsn, 12)


def test_the_hand_written_example_does_as_memory_does(tmp_path):
    sys.path.insert(0, str(EXAMPLES))
    example = pytest.importorskip("sqlite_storage", reason="not written yet")
    number = count()
    told_to(lambda: [example.SqliteStorage(tmp_path / f"{next(number)}.db")], 15)
