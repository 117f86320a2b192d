"""LeadFlow in an event loop: the same names, answers and facts; cancelled at any place nothing is half done."""

from __future__ import annotations

import asyncio
import inspect
import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import date
from itertools import count
from typing import Any, TypeVar

import pytest

from acme import ADA, START, Clock, Outbox, acme_flow
from leadflow import AsyncLeadFlow, Consent, DefinitionError, InvalidInput, LeadFlow, NotFound, StageChanged, field
from leadflow.adapters.async_memory import AsyncMemoryStorage
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import AsyncSqlStorage
from leadflow.decisions.commands import Capture, Record
from leadflow.events import replay
from leadflow.insights import summarise

T = TypeVar("T")
YES = Consent(purpose="newsletter", channel="email", status="given", at=START, proof="the form")
TENANTS = count()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def in_loop(request: pytest.FixtureRequest, tmp_path) -> Callable[[Callable[[Any], Awaitable[T]]], T]:
    """Run what is given with a storage in an event loop of its own."""
    url = None
    if request.param != "memory":
        url = request.getfixturevalue("pg_dsn") if request.param == "postgresql" else f"sqlite:///{tmp_path}/loop.db"

    def run(story: Callable[[Any], Awaitable[T]]) -> T:
        async def told() -> T:
            if url is None:
                return await story(AsyncMemoryStorage())
            storage = await AsyncSqlStorage(url, tenant=f"t{next(TENANTS)}").migrate()
            try:
                return await story(storage)
            finally:
                await storage.close()

        return asyncio.run(told())

    return run


def flow_on(storage: Any, clock: Clock, mailer: Any = None, **more: Any) -> AsyncLeadFlow:
    flow: Any = acme_flow(storage, clock, mailer, flow=AsyncLeadFlow, **more)
    return flow


def public(of: type) -> dict[str, Any]:
    return {name: getattr(of, name) for name in dir(of) if not name.startswith("_") and callable(getattr(of, name))}


def test_an_asynchronous_storage_is_refused_by_the_flow_that_does_not_await():
    with pytest.raises(
        DefinitionError, match="AsyncMemoryStorage is an asynchronous storage; give it to AsyncLeadFlow"
    ):
        LeadFlow(AsyncMemoryStorage())  # type: ignore[arg-type]


def test_both_flows_have_the_same_methods_with_the_same_parameters():
    here, there = public(LeadFlow), public(AsyncLeadFlow)
    assert here.keys() == there.keys()
    for name, method in here.items():
        one, other = inspect.signature(method), inspect.signature(there[name])
        assert list(one.parameters) == list(other.parameters), name
        assert inspect.getdoc(method) and inspect.getdoc(there[name])


class AsyncOutbox:
    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, message: Any) -> None:
        await asyncio.sleep(0)
        self.sent.append(message)


@pytest.mark.parametrize("outbox", [Outbox, AsyncOutbox])
def test_the_whole_journey_in_one_loop(in_loop, outbox):
    clock, mailer = Clock(), outbox()
    heard: list[object] = []

    async def hears(fact: StageChanged) -> None:
        heard.append(fact.target)

    async def story(storage: Any) -> None:
        flow = flow_on(storage, clock, mailer)
        flow.on(StageChanged, hears, name="async")
        flow.on(StageChanged, lambda fact: heard.append(threading.get_ident()), name="thread")
        captured = await flow.capture(ADA, source="fair", consents=[YES], key="k")
        assert await flow.capture(ADA, source="fair", consents=[YES], key="k") == captured
        ada = captured.lead_id
        clock.advance(days=1)
        await flow.run_due()
        assert [message.to for message in mailer.sent] == ["ada@acme.example"]
        assert [one.fate for one in await flow.messages(ada)] == ["sent"]
        await flow.record(ada, "demo_requested", id="web-1")
        lead = await flow.get(ada)
        assert (lead.stage, lead.owner) == ("mql", "anna")
        assert (await flow.accept(ada, by="anna")).stage == "sal"
        assert (await flow.confirm(ada, by="anna")).stage == "sql"
        await flow.open_deal(ada, "d1", by="anna", amount="1200.50")
        assert (await flow.win(ada, by="anna")).stage == "customer"
        assert "customer" in str(await flow.explain(ada))
        assert [one.id async for one in flow.leads("customer")] == [ada]
        assert (await flow.find(field("stage") == "customer")).leads[0].id == ada
        assert await flow.count(by="stage") == {"customer": 1}
        facts = [fact async for fact in flow.history(ada)]
        assert replay(facts, flow.policy.lead_type) == await flow.get(ada)
        await flow.run_due()
        assert heard.count("customer") == 1
        assert {one for one in heard if isinstance(one, int)}.isdisjoint({threading.get_ident()})
        assert await flow.recount() == ()
        assert (await flow.erase(ada, by="anna")).stage == "erased"
        with pytest.raises(NotFound):
            await flow.get(ada)

    in_loop(story)


def test_many_at_once_are_as_one_by_one(in_loop):
    rows: list[Any] = [{"email": f"a{nr % 7}@acme.example", "city": "Ulm"} for nr in range(20)] + [{"city": "Ulm"}]

    async def story(storage: Any) -> None:
        flow = flow_on(storage, Clock())
        results = [one async for one in flow.capture_many(rows, source="list", group=6)]
        assert [one.index for one in results] == list(range(21))
        assert [type(one.error) for one in results] == [type(None)] * 20 + [InvalidInput]
        assert [one.answer.repeated for one in results[:20] if one.answer] == [False] * 7 + [True] * 13
        ids = [one.result().lead_id for one in results[:7]]
        recorded = [one async for one in flow.record_many(Record(each, "page_viewed", id="p") for each in ids)]
        assert not any(one.result().repeated for one in recorded)
        assert (await flow.run(Capture(rows[0], source="list"))).repeated

    in_loop(story)


def test_two_hundred_captures_cancelled_in_the_middle_leave_nothing_half_written(in_loop):
    """Whole or not at all: replay equals the lead, its tasks and claims are there, and the storage works on."""
    chance = random.Random(7)

    async def story(storage: Any) -> None:
        flow = flow_on(storage, Clock())
        running = [
            asyncio.create_task(flow.capture({**ADA, "email": f"a{nr % 150}@acme.example"}, source=f"s{nr}"))
            for nr in range(200)
        ]
        while sum(one.done() for one in running) < 40:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        for one in chance.sample(running, 120):
            one.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
        assert {type(one).__name__ for one in ended} <= {"Captured", "CancelledError"}
        assert any(isinstance(one, asyncio.CancelledError) for one in ended)
        leads = {lead.id: lead async for lead in flow.leads()}
        assert {one.lead_id for one in ended if not isinstance(one, BaseException)} <= leads.keys()
        for lead in leads.values():
            facts = await storage.facts(lead.id)
            assert replay(facts, flow.policy.lead_type) == lead
            claim = f"email:{lead.email.address}"
            assert await storage.holders([claim]) == {claim: lead.id}
        await flow.run_due()
        again = await asyncio.gather(
            *(flow.capture({**ADA, "email": f"a{nr}@acme.example"}, source="again") for nr in range(150))
        )
        assert len({one.lead_id for one in again}) == 150
        assert await flow.recount() == ()

    in_loop(story)


def test_a_tick_that_is_cancelled_gives_back_what_it_has_not_begun(in_loop):
    clock = Clock()

    class Hangs:
        def __init__(self) -> None:
            self.began = asyncio.Event()

        async def send(self, message: Any) -> None:
            self.began.set()
            await asyncio.sleep(3_600)

    async def story(storage: Any) -> None:
        mailer = Hangs()
        flow = flow_on(storage, clock, mailer)
        for nr in range(5):
            await flow.capture({"email": f"a{nr}@acme.example"}, source="web", consents=[YES])
        await flow.run_due()
        clock.advance(days=1)
        ticking = asyncio.create_task(flow.tick())
        await mailer.began.wait()
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        waiting = [task for task in await flow.tasks("waiting") if task.kind == "nurture:welcome"]
        assert (len(waiting), {task.attempts for task in waiting}) == (4, {0})
        outbox = AsyncOutbox()
        works = flow_on(storage, clock, outbox)
        await works.run_due()
        assert len(outbox.sent) == 4  # the one that may have gone is not sent again
        clock.advance(hours=1)
        await works.run_due()
        assert sorted(task.kind for task in await works.tasks("dead")) == ["uncertain_message"]

    in_loop(story)


def test_others_go_on_while_a_synchronous_handler_blocks():
    async def story() -> None:
        flow = flow_on(AsyncMemoryStorage(), Clock())
        began, go_on = threading.Event(), threading.Event()

        def blocks(_fact: StageChanged) -> None:
            began.set()
            assert go_on.wait(30)

        flow.on(StageChanged, blocks, name="slow")
        await flow.capture(ADA, source="fair")
        await flow.tick()
        ticking = asyncio.create_task(flow.tick())
        while not began.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        assert (await flow.capture({"email": "ben@acme.example"}, source="web")).outcome == "captured"
        go_on.set()
        await ticking

    asyncio.run(story())


def test_what_is_wrong_is_raised_where_it_is_awaited():
    async def story() -> None:
        flow = AsyncLeadFlow(AsyncMemoryStorage())
        with pytest.raises(InvalidInput, match="submission"):
            await flow.capture({"city": "Ulm"}, source="web")
        with pytest.raises(NotFound):
            await flow.reject("nobody", by="anna", reason="no", revisit=date(2026, 1, 1))
        with pytest.raises(InvalidInput, match="command"):
            await flow.run("capture")  # type: ignore[arg-type]
        stream: AsyncIterator[Any] = flow.history("nobody")
        with pytest.raises(NotFound):
            await anext(stream)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("flow", "storage", "remedy"),
    [(AsyncLeadFlow, MemoryStorage, "AsyncMemoryStorage"), (LeadFlow, AsyncMemoryStorage, "AsyncLeadFlow")],
)
def test_a_storage_of_the_other_kind_is_refused_at_once_with_the_remedy(flow: Any, storage: Any, remedy: str):
    with pytest.raises(DefinitionError, match=remedy):
        flow(storage())


def test_insights_say_that_they_can_not_await_a_storage():
    with pytest.raises(InvalidInput, match="to_thread"):
        summarise(AsyncMemoryStorage())  # type: ignore[arg-type]
