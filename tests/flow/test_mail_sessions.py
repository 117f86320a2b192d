"""The mails of one tick go over one connection; whatever the server does, none is lost and none is sent twice."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow import AsyncLeadFlow, Consent, Content, LeadFlow, Sequence, Step
from leadflow.adapters.async_memory import AsyncMemoryStorage
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.smtp import SmtpMailer, SmtpSession
from leadflow.decisions.commands import Capture
from leadflow.entities import Message
from leadflow.testing import NOW, ClockAt, FakeMailer

AGREED = Consent(purpose="newsletter", channel="email", status="given", proof="a form", at=NOW)


class Server(Controller):
    """A mail server that counts its connections, and treats each mail as the plan says for its number."""

    def __init__(self, plan: dict[int, str] | None = None, *, most: int = 1_000) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            free: int = one.getsockname()[1]
        super().__init__(self, hostname="127.0.0.1", port=free)
        self.plan, self.most = plan or {}, most
        self.connections, self.taken, self.asked = 0, list[str](), 0
        self.contents, self.on_its_way = list[bytes](), threading.Event()

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, replies: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return replies

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        session.mails = getattr(session, "mails", 0) + 1
        if session.mails > self.most:
            return "421 4.7.0 enough of you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        session.number = self.asked
        self.asked += 1
        match self.plan.get(session.number):
            case "refuse":
                return "550 5.1.1 no such user"
            case "drop":
                server.transport.abort()
            case "gone":
                self.server.close()
                server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        how = self.plan.get(session.number)
        if how == "later":
            return "451 4.3.0 later"
        if how == "slow":
            self.on_its_way.set()
            await asyncio.sleep(0.5)
        self.taken.append(envelope.rcpt_tos[0])
        self.contents.append(envelope.content)
        if how == "take and drop":
            server.transport.abort()
        if how == "take and close":
            asyncio.get_running_loop().call_soon(server.transport.close)
        return "250 OK"


@contextmanager
def served(*given: Any, **more: Any) -> Iterator[Server]:
    server = Server(*given, **more)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def rules(clock: ClockAt) -> dict[str, Any]:
    return {
        "clock": clock,
        "sequences": [Sequence("news", [Step(timedelta(hours=1), "hi")], purpose="newsletter")],
        "contents": [Content("hi", subject="Hi", body="Hello.")],
        "sender": "news@acme.example",
        "unsubscribe_url": "https://acme.example/u?t={token}",
        "secrets": [b"a secret of sixteen bytes or more"],
    }


def flow_with(mailer: Any, leads: int) -> tuple[LeadFlow, ClockAt]:
    clock = ClockAt(NOW)
    flow = LeadFlow(MemoryStorage(), mailer=mailer, **rules(clock))
    rows = (Capture({"email": f"p{n}@acme.example"}, source="web", consents=[AGREED]) for n in range(leads))
    assert all(one.error is None for one in flow.capture_many(rows))
    clock.advance(hours=2)
    return flow, clock


def fates(flow: LeadFlow) -> Counter[str]:
    return Counter(one.fate for lead in flow.leads() for one in flow.messages(lead.id))


def test_three_hundred_mails_take_one_connection() -> None:
    with served() as server:
        flow, _ = flow_with(SmtpMailer(f"smtp://127.0.0.1:{server.port}"), 300)
        flow.run_due(limit=100)
    assert (server.connections, len(set(server.taken)), len(server.taken)) == (1, 300, 300)
    assert fates(flow) == {"sent": 300}


def test_each_tick_has_its_own_connection() -> None:
    with served() as server:
        flow, _ = flow_with(SmtpMailer(f"smtp://127.0.0.1:{server.port}"), 30)
        while flow.tick(limit=10):
            pass
    assert (server.connections, len(server.taken)) == (3, 30)


def test_a_server_that_takes_seven_mails_per_connection_gets_all() -> None:
    with served(most=7) as server:
        flow, _ = flow_with(SmtpMailer(f"smtp://127.0.0.1:{server.port}"), 50)
        ticked = flow.run_due()
    assert (server.connections, len(set(server.taken)), ticked.failed) == (8, 50, ())
    assert fates(flow) == {"sent": 50}


def test_a_refused_recipient_costs_the_others_nothing() -> None:
    with served({3: "refuse", 4: "refuse"}) as server:  # on the kept connection, and again on a new one
        flow, _ = flow_with(SmtpMailer(f"smtp://127.0.0.1:{server.port}"), 10)
        flow.run_due()
    assert (server.connections, len(server.taken)) == (3, 9)
    assert fates(flow) == {"sent": 9, "failed": 1}


def test_a_server_that_goes_away_for_good_loses_no_mail() -> None:
    with served({5: "gone"}) as server:
        flow, clock = flow_with(SmtpMailer(f"smtp://127.0.0.1:{server.port}", timeout=2), 10)
        ticked = flow.run_due()
    assert (len(server.taken), len(ticked.failed)) == (5, 5)
    with served() as another:
        flow.mailer = SmtpMailer(f"smtp://127.0.0.1:{another.port}")
        clock.advance(minutes=5)
        flow.run_due()
    assert (len(another.taken), another.connections) == (5, 1)
    assert len({*server.taken, *another.taken}) == 10
    assert fates(flow) == {"sent": 10}


HOWS = ["refuse", "drop", "later", "take and drop", "take and close"]


@settings(max_examples=15, deadline=None)
@given(st.dictionaries(st.integers(0, 15), st.sampled_from(HOWS), max_size=8), st.integers(1, 6))
def test_whatever_the_server_does_no_mail_is_lost_or_sent_twice(plan: dict[int, str], most: int) -> None:
    with served(plan, most=most) as server:
        flow, clock = flow_with(SmtpMailer(f"smtp://127.0.0.1:{server.port}", timeout=2), 8)
        for _ in range(7):
            flow.run_due()
            clock.advance(hours=1)
    assert max(Counter(server.taken).values()) == 1
    outcome = {lead.email.address: flow.messages(lead.id)[0].fate for lead in flow.leads()}
    assert len(outcome) == 8
    for address, fate in outcome.items():
        assert fate in ("sent", "failed", "uncertain")
        assert fate == "uncertain" or (address in server.taken) is (fate == "sent")
    assert sum(fate == "uncertain" for fate in outcome.values()) <= list(plan.values()).count("take and drop")


def test_ctrl_c_leaves_no_connection_and_no_outcome_that_is_not_known() -> None:
    class InterruptedSession(SmtpSession):
        def send(self, message: Message) -> None:
            if len(server.taken) == 3:
                raise KeyboardInterrupt
            super().send(message)

    class InterruptedMailer(SmtpMailer):
        def session(self) -> SmtpSession:
            return InterruptedSession(self._connected, None)

    with served() as server:
        flow, clock = flow_with(InterruptedMailer(f"smtp://127.0.0.1:{server.port}"), 8)
        with pytest.raises(KeyboardInterrupt):
            flow.run_due()
        flow.mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}")
        clock.advance(minutes=6)
        flow.run_due()
    assert (len(server.taken), len(set(server.taken)), server.connections) == (7, 7, 2)
    assert fates(flow) == {"sent": 7, "uncertain": 1}


def test_a_mailer_without_sessions_goes_on_as_before() -> None:
    class WithHttp(FakeMailer):
        def __init__(self) -> None:
            super().__init__()
            self.session = object()  # as an HTTP client is often called

    mailer = WithHttp()
    flow, _ = flow_with(mailer, 5)
    flow.run_due()
    assert len(mailer.sent) == 5


class AsyncSessions:
    """An asynchronous mailer with sessions; the first one can't be opened."""

    def __init__(self) -> None:
        self.sent, self.opened, self.closed = list[str](), 0, 0

    @asynccontextmanager
    async def session(self) -> Any:
        self.opened += 1
        if self.opened == 1:
            raise OSError("nobody there")
        yield self
        self.closed += 1

    async def send(self, message: Any) -> None:
        self.sent.append(message.to)


@pytest.mark.parametrize("sessions", [True, False])
def test_an_async_host_sends_in_a_session_too(sessions: bool) -> None:
    async def sent(mailer: Any) -> Any:
        clock = ClockAt(NOW)
        flow = AsyncLeadFlow(AsyncMemoryStorage(), mailer=mailer, **rules(clock))
        for number in range(6):
            await flow.capture({"email": f"p{number}@acme.example"}, source="web", consents=[AGREED])
        clock.advance(hours=2)
        first = await flow.run_due()
        clock.advance(minutes=5)
        await flow.run_due()
        return first

    with served() as server:
        mailer: Any = AsyncSessions() if sessions else SmtpMailer(f"smtp://127.0.0.1:{server.port}")
        first = asyncio.run(sent(mailer))
    if sessions:
        assert (len(set(mailer.sent)), mailer.opened, mailer.closed) == (6, 3, 2)
        assert [error for _, error in first.failed] == [
            "Deferred: no session with the mail server: OSError: nobody there"
        ]
    else:
        assert (len(set(server.taken)), server.connections) == (6, 1)


def test_a_cancelled_tick_lets_the_mail_that_is_on_its_way_arrive_whole() -> None:
    async def cancelled(server: Server) -> None:
        clock = ClockAt(NOW)
        flow = AsyncLeadFlow(AsyncMemoryStorage(), mailer=SmtpMailer(f"smtp://127.0.0.1:{server.port}"), **rules(clock))
        for number in range(4):
            await flow.capture({"email": f"p{number}@acme.example"}, source="web", consents=[AGREED])
        clock.advance(hours=2)
        ticking = asyncio.create_task(flow.run_due())
        assert await asyncio.to_thread(server.on_its_way.wait, 10)
        ticking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ticking
        clock.advance(minutes=6)
        await flow.run_due()
        fate = Counter([one.fate async for lead in flow.leads() for one in await flow.messages(lead.id)])
        assert fate == {"sent": 3, "uncertain": 1}

    with served({1: "slow"}) as server:
        asyncio.run(cancelled(server))
    assert (len(server.taken), len(set(server.taken))) == (4, 4)
    assert not any(content.lower().endswith(b"quit\r\n") for content in server.contents)
