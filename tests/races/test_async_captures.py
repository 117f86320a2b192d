"""Captures at once in one event loop, cancelled in the middle: every lead is what its facts say, and has its tasks."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from acme import ADA, Clock, acme_flow, consistent
from leadflow import AsyncLeadFlow
from leadflow.adapters.async_memory import AsyncMemoryStorage
from leadflow.adapters.sql import AsyncSqlStorage
from leadflow.decisions.commands.intake import Capture
from leadflow.events import Change
from leadflow.testing import LoopThread, blocking

ALL = 200
PEOPLE = 60
IN_MEMORY, ON_DISK = (None, None, 0), (0, 0.005, 0.01, 0.03)
"""Seconds between two that are cancelled: so that it goes on for about as long as the captures take."""


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """Coroutines that were never awaited and connections that were not closed warn here, and warnings are errors."""
    yield
    gc.collect()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    """What opens the storage: for each event loop once."""
    if request.param == "memory":
        memory = AsyncMemoryStorage()
        return lambda: memory
    url = request.getfixturevalue("pg_dsn") if request.param == "postgresql" else f"sqlite:///{tmp_path}/leads.db"
    return lambda: AsyncSqlStorage(url)


class InTwoSteps(AsyncMemoryStorage):
    """The naive way: write what there is, and then note what happened."""

    async def save(self, change: Change) -> None:
        await super().save(change.but(facts=()))
        await asyncio.sleep(0.01)  # as long as a database would take
        await super().save(Change(facts=change.facts))


def person(number: int) -> dict[str, object]:
    """Many come again, and some are colleagues: they collide on addresses, companies and reps' ledgers."""
    who = number % PEOPLE
    return ADA | {"email": f"p{who}@acme{who % 5}.example", "last_name": f"Name{who}"}


async def captured(flow: Any, chance: random.Random) -> tuple[set[int], set[int]]:
    """Capture all at once and cancel half of them; return who was cancelled, and who got an answer."""
    commands = [Capture(person(n), source="web", id=f"form-{n}", visitor=f"c{n}") for n in range(ALL)]
    tasks = [asyncio.create_task(flow.run(command)) for command in commands]
    for number in chance.sample(range(ALL), ALL // 2):
        tasks[number].cancel()
        pause = chance.choice(IN_MEMORY if isinstance(flow.storage, AsyncMemoryStorage) else ON_DISK)
        if pause is not None:
            await asyncio.sleep(pause)
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    cancelled = {n for n, result in enumerate(ended) if isinstance(result, asyncio.CancelledError)}
    wrong = [result for n, result in enumerate(ended) if n not in cancelled and isinstance(result, BaseException)]
    assert wrong == []
    return cancelled, set(range(ALL)) - cancelled


@pytest.mark.parametrize("seed", range(2))
def test_what_is_cancelled_in_the_middle_leaves_every_lead_consistent(opened: Callable[[], Any], seed: int) -> None:
    async def main() -> None:
        storage = opened()
        if isinstance(storage, AsyncSqlStorage):
            await storage.migrate()
        flow = acme_flow(storage, Clock(), flow=AsyncLeadFlow)
        cancelled, answered = await captured(flow, random.Random(seed))
        assert cancelled
        assert len(answered) >= ALL // 2
        if isinstance(storage, AsyncSqlStorage):
            assert storage.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
            await storage.close()
        people.update(str(person(number)["email"]) for number in answered)

    people: set[str] = set()
    asyncio.run(main())
    with LoopThread() as loop:
        storage = opened()
        flow = acme_flow(blocking(storage, loop), Clock())
        consistent(flow)
        flow.run_due()
        consistent(flow)
        assert people <= {email.address for lead in flow.leads() for email in lead.emails}
        addresses = [email.address for lead in flow.leads() for email in lead.emails]
        assert len(addresses) == len(set(addresses))  # nobody is there twice
        if isinstance(storage, AsyncSqlStorage):
            loop.run(storage.close())


def test_the_naive_twin_loses_facts() -> None:
    async def main(storage: InTwoSteps, seed: int) -> bool:
        await captured(acme_flow(storage, Clock(), flow=AsyncLeadFlow), random.Random(seed))
        noted = [
            {fact.version for fact in await storage.facts(lead.id)} == set(range(1, lead.version + 1))
            for lead in await storage.scan(None, 1000)
        ]
        return all(noted)

    assert not all(asyncio.run(main(InTwoSteps(), seed)) for seed in range(30)), "it was never cancelled where it hurts"
