"""Whoever is cancelled while a storage works for him leaves nothing half-written, and no connection is lost."""

from __future__ import annotations

import asyncio
import gc
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from leadflow.adapters.async_memory import AsyncMemoryStorage
from leadflow.adapters.sql import AsyncSqlStorage, SqlStorage
from leadflow.errors import InvalidInput, StorageError, Unavailable
from leadflow.events import Change
from leadflow.ports import AsyncStorage
from leadflow.testing.changes import at, full, task, written

ALL = 200


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """What a test leaves for the garbage collector (coroutines, connections) warns here, and warnings are errors."""
    yield
    gc.collect()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run it in a loop in which nothing goes wrong unheard."""
    unheard: list[dict[str, Any]] = []

    async def watched() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
        await main
        gc.collect()

    asyncio.run(watched())
    assert unheard == []


class Connections:
    """How many an engine has made, and has lent out."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self.made = engine, 0
        sa.event.listen(engine.sync_engine, "connect", self._made)

    def _made(self, *_: object) -> None:
        self.made += 1

    @property
    def lent(self) -> int:
        return self.engine.pool.checkedout()  # type: ignore[attr-defined]  # of all pools that keep some


async def all_places_are_free(engine: AsyncEngine) -> None:
    """As many connections can be lent as the pool has places; one lost place more, and the last waits in vain."""
    async with AsyncExitStack() as stack:
        for _ in range(5 + 10):  # SQLAlchemy's own numbers: places, and overflow
            await stack.enter_async_context(engine.connect())


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[AsyncSqlStorage, Connections]]:
    storage = AsyncSqlStorage(url)
    connections = Connections(storage.engine)
    try:
        yield await storage.migrate(), connections
        assert connections.lent == 0
    finally:
        await storage.close()


async def written_of(storage: AsyncStorage, numbers: Collection[int]) -> set[int]:
    """Which of ``full(…, number)`` are there: whole, or not at all."""
    names = {f"lead-{n}": n for n in numbers}
    tasks = {one.key for one in await storage.tasks(limit=1000)}
    parts = [
        set(await storage.load(names)),
        set(await storage.lead_ids(None, 1000)) & set(names),
        {f"lead-{n}" for n in numbers if f"task-{n}" in tasks},
        set((await storage.holders([f"claim-{n}" for n in numbers])).values()),
        {one.id for one in (await storage.load([f"once-{id}" for id in names])).values()},
        {id for found in (await storage.matching([f"match-{n}" for n in numbers], 1)).values() for id in found},
        {key.replace("state", "lead") for key in await storage.states([f"state-{n}" for n in numbers])},
        {id for id in names if len(await storage.facts(id)) == 2},
        {id for id, n in names.items() if await storage.reply(f"reply-{n}")},
    ]
    assert [part for part in parts if part != parts[0]] == []
    return {names[id] for id in parts[0]}


async def is_written(storage: AsyncStorage, number: int) -> bool:
    """It is there whole, or not at all."""
    return await written_of(storage, [number]) == {number}


# --------------------------------------------------------------------------------------------------- anywhere, many
async def cancelled_in_the_middle(storage: AsyncStorage, seed: int) -> tuple[set[int], set[int]]:
    """Save many at once and cancel half of them one after the other; return who was cancelled, and what is there."""
    chance = random.Random(seed)
    saves = [asyncio.create_task(storage.save(full(f"lead-{n}", n))) for n in range(ALL)]
    for number in chance.sample(range(ALL), ALL // 2):
        saves[number].cancel()
        for _ in range(chance.randrange(40)):
            await asyncio.sleep(0)
    ended = await asyncio.gather(*saves, return_exceptions=True)
    cancelled = {n for n, result in enumerate(ended) if isinstance(result, asyncio.CancelledError)}
    assert {result for n, result in enumerate(ended) if n not in cancelled} == {None}
    return cancelled, await written_of(storage, range(ALL))


@pytest.mark.parametrize("seed", range(3))
def test_what_is_cancelled_in_the_middle_is_whole_or_not_there(url: str, seed: int) -> None:
    async def main() -> None:
        async with opened(url) as (storage, connections):
            cancelled, there = await cancelled_in_the_middle(storage, seed)
            assert cancelled
            assert there | cancelled == set(range(ALL))
            assert connections.lent == 0
            await all_places_are_free(storage.engine)

    run(main())


def test_in_memory_it_is_the_same() -> None:
    async def main() -> None:
        cancelled, there = await cancelled_in_the_middle(AsyncMemoryStorage(), 0)
        assert cancelled
        assert there | cancelled == set(range(ALL))

    run(main())


def test_a_group_that_fails_ends_in_an_orderly_way(url: str) -> None:
    async def main() -> None:
        async with opened(url) as (storage, connections):

            async def group() -> None:
                async with asyncio.TaskGroup() as group:
                    for n in range(20):
                        group.create_task(storage.save(full(f"lead-{n}", n)))
                    group.create_task(storage.save(Change(facts=full("x").facts * 2)))

            with pytest.raises(BaseExceptionGroup) as caught:
                await group()
            assert caught.group_contains(InvalidInput)
            assert connections.lent == 0
            await written_of(storage, range(20))

    run(main())


# ------------------------------------------------------------------------------------------- at each single statement
class CancelsAt:
    """Cancels a task when the engine is about to send its nth statement, and at every later one if it insists."""

    def __init__(self, engine: AsyncEngine, *, insists: bool = False) -> None:
        self.insists, self.left, self.task = insists, -1, None
        sa.event.listen(engine.sync_engine, "before_cursor_execute", self._sent)
        sa.event.listen(engine.sync_engine, "commit", self._sent)

    task: asyncio.Task[Any] | None

    def _sent(self, *_: object) -> None:
        self.left -= 1
        if self.task is not None and (self.left == 0 or (self.insists and self.left < 0)):
            self.task.cancel()

    async def ends(self, work: Coroutine[Any, Any, object], at: int) -> str:
        """Carry it out, and return how it ended."""
        self.task, self.left = asyncio.create_task(work), at
        try:
            await self.task
        except asyncio.CancelledError:
            return "cancelled"
        finally:
            self.task = None
        return "done"


@pytest.mark.parametrize("insists", [False, True])
def test_a_save_that_is_cancelled_at_any_statement_ends_with_its_commit(url: str, insists: bool) -> None:
    async def main() -> None:
        async with opened(url) as (storage, connections):
            await storage.load(["x"])  # the tables have been looked at
            made, cancels = connections.made, CancelsAt(storage.engine, insists=insists)
            for n in range(1, 99):
                how = await cancels.ends(storage.save(full(f"lead-{n}", n)), at=n)
                assert await is_written(storage, n)
                if how == "done":
                    break
            assert n > 10  # statements, the COMMIT among them
            assert (connections.made, connections.lent) == (made, 0)

    run(main())


def test_a_commit_is_not_broken_off_whatever_else_is(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadflow.adapters.sql.loop.GRACE", 0)

    async def main() -> None:
        async with opened(url) as (storage, connections):
            await storage.save(Change(put=(task("t"),)))  # the connection is set up
            cancels = CancelsAt(storage.engine)
            assert await cancels.ends(storage.save(full("lead-0", 0)), at=1_000) == "done"
            commit = 1_000 - cancels.left
            assert await cancels.ends(storage.save(full("lead-1", 1)), at=commit // 2) == "cancelled"
            await storage.save(Change(put=(task("t"),)))  # the new one, too
            made = connections.made
            assert await cancels.ends(storage.save(full("lead-2", 2)), at=commit) == "cancelled"
            assert (connections.made, connections.lent) == (made, 0)
            assert await written_of(storage, range(3)) == {0, 2}

    run(main())


def test_a_connection_that_is_being_made_is_made_and_kept(url: str) -> None:
    async def main() -> None:
        await AsyncSqlStorage(migrated := create_async_engine(on_drivers(url))).migrate()
        await migrated.dispose()
        storage = AsyncSqlStorage(url)
        connections = Connections(storage.engine)
        read = asyncio.create_task(storage.load(["x"]))
        sa.event.listen(storage.engine.sync_engine, "do_connect", lambda *_: read.cancel() and None)
        with pytest.raises(asyncio.CancelledError):
            await read
        assert (connections.made, connections.lent) == (1, 0)
        await storage.load(["x"])
        assert connections.made == 1
        await storage.close()

    run(main())


def test_a_read_that_is_cancelled_gives_its_connection_back(url: str) -> None:
    async def main() -> None:
        async with opened(url) as (storage, connections):
            await storage.save(Change(put=tuple(task(f"t{n}") for n in range(9))))
            made, cancels = connections.made, CancelsAt(storage.engine)
            for read in (storage.load, storage.holders, storage.states):
                assert await cancels.ends(read(["x"]), at=1) == "cancelled"
            assert await cancels.ends(storage.lease(at(1), 9, at(2), "mine"), at=1) == "cancelled"
            assert {one.status for one in await storage.tasks()} == {"waiting"}  # nobody waited for what came next
            assert (connections.made, connections.lent) == (made, 0)

    run(main())


def test_without_that_care_connections_are_lost(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def careless(_: object, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await greenlet_spawn(call, *args, **kwargs)

    async def main() -> None:
        async with opened(url) as (storage, connections):
            monkeypatch.setattr(AsyncSqlStorage, "_carried_out", careless)
            await storage.load(["x"])
            made, cancels = connections.made, CancelsAt(storage.engine)
            assert await cancels.ends(storage.load(["x"]), at=1) == "cancelled"
            await storage.load(["x"])
            assert connections.made > made

    run(main())


# ------------------------------------------------------------------------------------------------------- while waiting
async def begun(engine: AsyncEngine, what: str) -> asyncio.Event:
    """Return what is set when a statement with these words is about to be sent."""
    seen = asyncio.Event()

    def look(_: object, __: object, statement: str, *___: object) -> None:
        if what in statement:
            seen.set()

    sa.event.listen(engine.sync_engine, "before_cursor_execute", look)
    return seen


async def broken_off(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_who_waits_for_another_writer_of_the_file_blocks_nobody_and_may_leave(tmp_path: Path) -> None:
    path = tmp_path / "leads.db"

    async def main() -> None:
        async with opened(f"sqlite:///{path}") as (storage, connections):
            await storage.save(full("lead-0", 0))
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            polls = await begun(storage.engine, "BEGIN IMMEDIATE")
            first, second, third = (asyncio.create_task(storage.save(full(f"lead-{n}", n))) for n in (1, 2, 3))
            await polls.wait()
            assert await is_written(storage, 0)  # others read meanwhile
            await broken_off(second)  # who queues behind the first
            await broken_off(first)  # who asks again and again
            other.execute("COMMIT")
            other.close()
            await third
            assert await written_of(storage, (1, 2, 3)) == {3}
            assert connections.lent == 0

    run(main())


def test_writers_of_a_file_queue_up_and_none_of_them_asks_twice(tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            opened(f"sqlite:///{tmp_path / 'leads.db'}") as (storage, _),
            opened(str(storage.engine.url)) as (other, _),
        ):
            sent: list[str] = []
            for engine in (storage.engine, other.engine):
                sa.event.listen(engine.sync_engine, "before_cursor_execute", lambda *sql: sent.append(sql[2]))
            await asyncio.gather(*((storage, other)[n % 2].save(full(f"lead-{n}", n)) for n in range(20)))
            assert sent.count("BEGIN IMMEDIATE") == sent.count("COMMIT") == 20

    run(main())


def test_who_waits_for_a_connection_may_leave(url: str) -> None:
    async def main() -> None:
        engine = create_async_engine(on_drivers(url), pool_size=1, max_overflow=0, pool_timeout=999)
        storage, connections = await AsyncSqlStorage(engine).migrate(), Connections(engine)
        async with engine.connect():
            waits = asyncio.create_task(storage.save(full("lead-1", 1)))
            for _ in range(9):
                await asyncio.sleep(0)
            await broken_off(waits)
            assert connections.lent == 1
        assert not await is_written(storage, 1)
        await storage.save(full("lead-2", 2))
        assert (connections.lent, connections.made) == (0, 0)
        await engine.dispose()

    run(main())


def test_what_the_database_holds_up_is_broken_off_in_the_end(pg_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadflow.adapters.sql.loop.GRACE", 0.01)

    async def main() -> None:
        async with opened(pg_dsn) as (storage, connections):
            await storage.save(full("lead-1", 1))
            patient = AsyncSqlStorage(storage.engine, lock_timeout=None)
            async with storage.engine.begin() as other:
                await other.execute(sa.text("SELECT 1 FROM leadflow_leads FOR UPDATE"))
                asks = await begun(storage.engine, "UPDATE leadflow_leads")
                again = Change(leads=(written("lead-1", 2),))
                held_up = asyncio.create_task(patient.save(again))
                await asks.wait()
                await broken_off(held_up)
                assert connections.lent == 1
            await patient.save(again)

    run(main())


def test_a_lock_that_lasts_is_unavailable_as_for_everybody(pg_dsn: str) -> None:
    async def main() -> None:
        async with opened(pg_dsn) as (storage, _):
            await storage.save(full("lead-1", 1))
            hurried = AsyncSqlStorage(storage.engine, lock_timeout=timedelta(milliseconds=20))
            async with storage.engine.begin() as other:
                await other.execute(sa.text("SELECT 1 FROM leadflow_leads FOR UPDATE"))
                with pytest.raises(Unavailable, match="lock_timeout"):
                    await hurried.save(Change(leads=(written("lead-1", 2),)))

    run(main())


# ------------------------------------------------------------------------------------------------ a host's transaction
def test_inside_a_hosts_transaction_it_is_the_hosts_to_commit(url: str) -> None:
    async def main() -> None:
        async with opened(url) as (storage, connections):
            async with storage.engine.connect() as connection:
                inside = AsyncSqlStorage(connection)
                assert inside.hosted
                assert not storage.hosted
                await asyncio.gather(*(inside.save(full(f"lead-{n}", n)) for n in range(5)))  # savepoints, in turn
                cancels = CancelsAt(storage.engine)
                assert await cancels.ends(inside.save(full("lead-9", 9)), at=3) == "cancelled"
                with pytest.raises(StorageError, match="tick"):
                    await inside.lease(at(1), 1, at(2), "mine")
                assert await is_written(inside, 9)
                await connection.rollback()
                await inside.save(full("lead-7", 7))
                await connection.commit()
            assert await written_of(storage, range(10)) == {7}
            assert connections.lent == 0

    run(main())


def test_a_connection_must_be_open(tmp_path: Path) -> None:
    async def main() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'leads.db'}")
        with pytest.raises(InvalidInput, match="open it first"):
            AsyncSqlStorage(engine.connect())
        await engine.dispose()

    run(main())


def test_new_files_get_their_tables_once_however_many_begin_at_once(tmp_path: Path) -> None:
    async def main() -> None:
        storage = AsyncSqlStorage(f"sqlite:///{tmp_path / 'leads.db'}")
        another = AsyncSqlStorage(f"sqlite:///{tmp_path / 'another.db'}")
        saves: list[Awaitable[None]] = [
            store.save(full(f"lead-{n}", n)) for store in (storage, another) for n in range(9)
        ]
        await asyncio.gather(*saves)
        assert await is_written(another, 8)
        await storage.close()
        await another.close()

    run(main())


def test_one_storage_serves_one_loop_after_the_other(tmp_path: Path) -> None:
    storage = AsyncSqlStorage(f"sqlite:///{tmp_path / 'leads.db'}")

    async def main(number: int) -> None:
        await asyncio.gather(*(storage.save(full(f"lead-{n}", n)) for n in range(number, number + 5)))
        await storage.close()

    for number in (0, 10):
        run(main(number))


# ------------------------------------------------------------------------------------------------ the end, and others
def test_who_is_cancelled_again_and_again_is_cancelled_once(url: str) -> None:
    async def main() -> None:  # as anyio does it, and with it Starlette and FastAPI
        async with opened(url) as (storage, connections):
            await storage.load(["x"])
            made, begins = connections.made, await begun(storage.engine, "INSERT INTO leadflow_leads")
            save = asyncio.create_task(storage.save(full("lead-1", 1)))
            await begins.wait()
            while not save.done():
                save.cancel("the client has gone")
                await asyncio.sleep(0)
            with pytest.raises(asyncio.CancelledError, match="the client has gone"):
                await save
            assert await is_written(storage, 1)
            assert (connections.made, connections.lent) == (made, 0)

    run(main())


def test_a_time_limit_is_kept_as_one(url: str) -> None:
    async def main() -> None:
        async with opened(url) as (storage, connections):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await storage.save(full("lead-1", 1))
            await written_of(storage, [1])
            assert connections.lent == 0

    run(main())


def test_closing_waits_for_what_is_under_way(url: str) -> None:
    async def main() -> None:
        async with opened(url) as (storage, connections):
            saves = [asyncio.create_task(storage.save(full(f"lead-{n}", n))) for n in range(20)]
            begins = await begun(storage.engine, "INSERT INTO leadflow_leads")
            await begins.wait()
            for save in saves[::2]:
                save.cancel()
            await storage.close()
            assert connections.lent == 0
            await asyncio.gather(*saves, return_exceptions=True)
            assert {2 * n + 1 for n in range(10)} <= await written_of(storage, range(20))

    run(main())


def test_a_loop_that_ends_in_the_middle_leaves_nothing_half_written(url: str) -> None:
    async def abandoned() -> None:
        storage = AsyncSqlStorage(create_async_engine(on_drivers(url), poolclass=sa.NullPool))
        saves = [asyncio.create_task(storage.save(full(f"lead-{n}", n))) for n in range(30)]
        await saves[4]  # asyncio.run cancels the others, and all that they have begun

    async def afterwards() -> None:
        async with opened(url) as (storage, _):
            await written_of(storage, range(30))
            await asyncio.gather(*(storage.save(full(f"lead-{n}", n)) for n in range(30, 60)))
            assert set(range(30, 60)) <= await written_of(storage, range(60))

    SqlStorage(url).migrate().close()
    asyncio.run(abandoned())
    run(afterwards())


def test_threads_and_a_loop_write_to_one_database(url: str) -> None:
    async def main() -> None:
        async with opened(url) as (storage, connections):
            blocking = SqlStorage(url)
            threads = (asyncio.to_thread(blocking.save, full(f"lead-{n}", n)) for n in range(0, 40, 2))
            await asyncio.gather(*threads, *(storage.save(full(f"lead-{n}", n)) for n in range(1, 40, 2)))
            blocking.close()
            assert await written_of(storage, range(40)) == set(range(40))
            assert connections.lent == 0

    run(main())


# -------------------------------------------------------------------------------------------------------- the arguments
def on_drivers(url: str) -> str:
    return url.replace("sqlite:", "sqlite+aiosqlite:")


def test_one_url_serves_both_storages(url: str) -> None:
    for same in (url, on_drivers(url)):
        blocking = SqlStorage(same).migrate()
        assert not blocking.scan(None, 1)
        blocking.close()

    async def main() -> None:
        async with opened(on_drivers(url)) as (storage, _):
            assert not await storage.scan(None, 1)

    run(main())


def test_a_blocking_engine_is_refused(tmp_path: Path) -> None:
    engine: Any = sa.create_engine(f"sqlite:///{tmp_path / 'leads.db'}")
    with pytest.raises(InvalidInput, match="AsyncEngine"):
        AsyncSqlStorage(engine)
    engine.dispose()
