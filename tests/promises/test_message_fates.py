"""Every message that was claimed ends as sent, failed or uncertain, whatever becomes of the lead."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest

from acme import ADA, Outbox, acme_flow, consistent
from leadflow import Actor
from leadflow.errors import Deferred, Rejected, Uncertain
from leadflow.insights.mail_outcomes import mails

MIA = Actor(kind="marketing", id="mia")


class Killed(BaseException):
    """Stands for a process that dies while the mail server has the message."""


@pytest.fixture
def reader(flow, clock) -> str:
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.consent(lead_id, "newsletter", "email", proof="a form")
    clock.advance(days=1)
    return lead_id


def fates(flow, lead_id) -> list[tuple[str, str]]:
    return [(one.content, one.fate) for one in flow.messages(lead_id)]


LEAVES = {
    "qualified by hand": lambda flow, lead: flow.qualify(lead, by=MIA, reason="met"),
    "disqualified": lambda flow, lead: flow.disqualify(lead, by=MIA, reason="a student"),
    "withdrew": lambda flow, lead: flow.consent(lead, "newsletter", "email", proof="a click", status="withdrawn"),
    "demo": lambda flow, lead: flow.record(lead, "demo_requested", id="d-1"),
    "nothing": lambda flow, lead: None,
}


@pytest.mark.parametrize("leaves", LEAVES)
def test_a_message_whose_sender_died_is_uncertain_wherever_the_lead_went(flow, reader, outbox, clock, leaves):
    outbox.failures = [Killed()]
    with pytest.raises(Killed):
        flow.run_due()
    assert fates(flow, reader) == [("welcome", "claimed")]
    LEAVES[leaves](flow, reader)
    clock.advance(minutes=6)
    flow.run_due()
    assert fates(flow, reader) == [("welcome", "uncertain")]
    assert "welcome: uncertain" in str(flow.explain(reader))
    assert [(task.kind, task.lead_id) for task in flow.tasks("dead")] == [("uncertain_message", reader)]
    assert not [task for task in flow.tasks() if task.kind == "fate"]
    consistent(flow)
    clock.advance(days=30)
    flow.run_due()
    assert [fate for _, fate in fates(flow, reader)].count("uncertain") == 1
    assert [mail.id for mail in outbox.sent if ".1.0" in mail.id] == []


class Slow(Outbox):
    """The lease runs out, and another process ticks, while the mail server takes its time."""

    def __init__(self, storage, clock) -> None:
        super().__init__()
        self.storage, self.clock = storage, clock
        self.then: Exception | None = None

    def send(self, message) -> None:
        self.clock.advance(minutes=6)
        acme_flow(self.storage, self.clock, Outbox()).run_due()
        self.sent.append(message)
        if self.then is not None:
            raise self.then


@pytest.mark.parametrize(
    ("end", "fate", "dead"),
    [
        (None, "sent", 0),
        (Rejected("550 no"), "failed", 0),
        (Deferred("451 no"), "failed", 0),
        (Uncertain("?"), "uncertain", 1),
    ],
)
def test_what_a_slow_sender_knows_in_the_end_is_the_better_knowledge(storage, clock, end, fate, dead):
    server = Slow(storage, clock)
    flow = acme_flow(storage, clock, server)
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.consent(lead_id, "newsletter", "email", proof="a form")
    clock.advance(days=1)
    server.then = end
    flow.tick()
    assert fates(flow, lead_id) == [("welcome", fate)]
    assert len(flow.tasks("dead")) == dead
    assert len(server.sent) == 1
    consistent(flow)


def test_a_lead_that_leaves_while_the_mail_is_refused_has_a_failed_message(flow, reader, outbox, storage, clock):
    class Leaving(Outbox):
        def send(self, message) -> None:
            acme_flow(storage, clock).qualify(reader, by=MIA, reason="met")
            raise Deferred("451 later")

    flow.mailer = Leaving()
    flow.run_due()
    assert fates(flow, reader) == [("welcome", "failed")]
    consistent(flow)


def test_a_mail_server_that_is_down_is_a_failure_that_tick_reports(flow, reader, outbox):
    outbox.failures = [Deferred("no connection")]
    ticked = flow.tick()
    assert ticked.failed == ((f"nurture:{reader}:welcome", "Deferred: no connection"),)
    assert fates(flow, reader) == [("welcome", "claimed")]  # it is tried again


# --------------------------------------------------------------------------------------------------- a host's mailer
class OverSockets:
    """A host's own mailer that hands a message on over a plain connection, and lets whatever happens out."""

    def __init__(self, *places: tuple[str, int]) -> None:
        self.places = places

    def send(self, message) -> None:
        self.tried(message, *self.places)

    def tried(self, message, place: tuple[str, int], *others: tuple[str, int]) -> None:
        try:
            with socket.create_connection(place, timeout=5) as connection:
                connection.sendall(message.text.encode())
                if not connection.recv(1):
                    raise ConnectionResetError(f"{place}: no answer")
        except OSError:
            if not others:
                raise
            self.tried(message, *others)


@pytest.fixture
def nobody() -> tuple[str, int]:
    """A place where nobody listens."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()


@pytest.fixture
def breaks_off():
    """A place where the message is read, and then the connection breaks."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as other:

        def reads_one() -> None:
            with server.accept()[0] as connection:
                connection.recv(1)

        done = other.submit(reads_one)
        yield server.getsockname()
        done.result(timeout=5)


@pytest.mark.parametrize("places", [1, 2])
def test_a_hosts_mailer_that_finds_nobody_has_sent_nothing(flow, reader, outbox, clock, nobody, places):
    flow.mailer = OverSockets(*[nobody] * places)
    ticked = flow.run_due()
    assert [error.partition(":")[0] for _, error in ticked.failed] == ["Deferred"]
    assert fates(flow, reader) == [("welcome", "claimed")]  # it is tried again
    flow.mailer = outbox
    clock.advance(minutes=2)
    flow.run_due()
    assert fates(flow, reader) == [("welcome", "sent")]
    assert len(outbox.sent) == 1


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (socket.gaierror(-2, "Name or service not known"), "claimed"),
        (ConnectionRefusedError(111, "refused"), "claimed"),
        (ConnectionResetError(104, "reset"), "uncertain"),
        (ConnectionAbortedError("aborted"), "uncertain"),
        (BrokenPipeError("broken"), "uncertain"),
        (TimeoutError("slow"), "uncertain"),
        (ConnectionError("?"), "uncertain"),
        (OSError(101, "unreachable"), "uncertain"),
        (ValueError("?"), "uncertain"),
    ],
)
def test_only_where_there_was_no_connection_it_is_sure_that_nothing_was_sent(flow, reader, outbox, error, fate):
    outbox.failures = [error]
    flow.run_due()
    assert fates(flow, reader) == [("welcome", fate)]
    assert len(flow.tasks("dead")) == (fate == "uncertain")


def test_a_hosts_mailer_whose_second_try_finds_nobody_leaves_the_first_uncertain(flow, reader, nobody, breaks_off):
    flow.mailer = OverSockets(breaks_off, nobody)
    flow.run_due()
    assert fates(flow, reader) == [("welcome", "uncertain")]


@pytest.mark.parametrize("cause", [None, ConnectionRefusedError("the name server, too")])
def test_what_raised_from_a_broken_connection_is_uncertain_too(flow, reader, outbox, cause):
    refused = ConnectionRefusedError("the spare server is down")
    refused.__cause__ = cause
    refused.__context__ = ConnectionResetError("the first was in the middle of it")
    outbox.failures = [refused]
    flow.run_due()
    assert fates(flow, reader) == [("welcome", "uncertain")]


@pytest.mark.parametrize("leaves", [name for name in LEAVES if name != "nothing"])
def test_a_message_that_was_put_off_has_failed_when_its_lead_leaves_before_it_is_tried_again(
    flow, reader, outbox, clock, leaves
):
    outbox.failures = [Deferred("451 later")]
    flow.run_due()
    LEAVES[leaves](flow, reader)
    for _ in range(3):
        clock.advance(hours=2)
        flow.run_due()
    assert fates(flow, reader) == [("welcome", "failed")]
    assert outbox.sent == []
    assert not [task for task in flow.tasks() if task.kind == "fate"]
    consistent(flow)


def test_a_message_that_was_put_off_goes_when_nobody_ticked_for_days(flow, reader, outbox, clock):
    outbox.failures = [Deferred("451 later")]
    flow.run_due()
    clock.advance(days=2)
    flow.run_due()
    assert fates(flow, reader) == [("welcome", "sent")]
    clock.advance(hours=2)
    flow.run_due()
    assert not [task for task in flow.tasks() if task.kind == "fate"]
    consistent(flow)


def test_erasure_takes_the_fate_along(flow, reader, outbox, clock):
    outbox.failures = [Killed()]
    with pytest.raises(Killed):
        flow.run_due()
    flow.erase(reader, by="anna")
    clock.advance(minutes=6)
    assert not flow.run_due().failed
    assert flow.tasks("dead") == []


def test_every_message_keeps_one_line_in_the_log(flow, reader, outbox, clock):
    outbox.failures = [Deferred("451 later")]
    flow.run_due()
    clock.advance(minutes=2)
    flow.run_due()
    clock.advance(days=4)
    flow.run_due()
    assert fates(flow, reader) == [("welcome", "sent"), ("case", "sent")]
    assert flow.messages(reader)[1].at - flow.messages(reader)[0].at > timedelta(days=3)


def test_a_message_that_was_uncertain_and_then_sent_counts_once(storage, clock):
    flow = acme_flow(storage, clock, Slow(storage, clock))
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.consent(lead_id, "newsletter", "email", proof="a form")
    clock.advance(days=1)
    flow.tick()
    counted = mails([(flow.get(lead_id), list(flow.history(lead_id)))])
    assert [(one.content, one.sent, one.uncertain, one.open) for one in counted.contents] == [("welcome", 1, 0, 0)]
