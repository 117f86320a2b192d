"""Memory, SQLite, PostgreSQL and the hand-written example behave the same, whatever happens in whatever order.

So do ``LeadFlow``, ``AsyncLeadFlow`` and groups: what is brought in together each takes in groups of another size.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from leadflow.adapters.async_memory import AsyncMemoryStorage
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import AsyncSqlStorage, SqlStorage
from leadflow.testing.loop_thread import LoopThread
from machine import Story, in_loop

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


def test_groups_do_as_one_by_one():
    told_to(lambda: [MemoryStorage(), MemoryStorage()], 30)


def test_sqlite_does_as_memory_does(tmp_path):
    stories_in_tenants_of(f"sqlite:///{tmp_path}/leads.db", 15)


def test_postgresql_does_as_memory_does(pg_dsn):
    stories_in_tenants_of(pg_dsn, 12)


def test_the_hand_written_example_does_as_memory_does(tmp_path):
    sys.path.insert(0, str(EXAMPLES))
    example = pytest.importorskip("sqlite_storage", reason="not written yet")
    number = count()
    told_to(lambda: [example.SqliteStorage(tmp_path / f"{next(number)}.db")], 15)


def awaited_in_tenants_of(url, examples):
    number = count()

    async def opened():
        return await AsyncSqlStorage(url).migrate()

    with LoopThread() as loop:
        in_loop.loop = loop
        first = loop.run(opened())
        try:
            told_to(lambda: [AsyncSqlStorage(first.engine, tenant=f"a{next(number)}")], examples)
        finally:
            loop.run(first.close())
            in_loop.loop = None


def test_an_event_loop_on_memory_does_as_a_thread_does():
    with LoopThread() as loop:
        in_loop.loop = loop
        try:
            told_to(lambda: [AsyncMemoryStorage()], 30)
        finally:
            in_loop.loop = None


def test_an_event_loop_on_sqlite_does_as_a_thread_on_memory_does(tmp_path):
    awaited_in_tenants_of(f"sqlite:///{tmp_path}/leads.db", 10)


def test_an_event_loop_on_postgresql_does_as_a_thread_on_memory_does(pg_dsn):
    awaited_in_tenants_of(pg_dsn, 8)
