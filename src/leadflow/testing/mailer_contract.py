"""The contract of a ``Mailer``: subclass it in your tests and run pytest.

::

    class TestMyMailer(MailerContract):
        def new_mailer(self): return MyMailer(…)
        def arrived(self, mailer): return [mail["Message-ID"] for mail in my_server.mails]
        def make_fail(self, mailer, error): my_server.answer_next(451 if error is Deferred else 550)
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from leadflow.entities import Message
from leadflow.errors import Deferred, DeliveryFailed, Rejected, Uncertain
from leadflow.ports import Mailer
from leadflow.testing.clock import NOW
from leadflow.testing.contract_rules import explained

__all__ = ["HEADER_INJECTIONS", "MailerContract", "a_message"]

_BREAKS: Final = (
    "\r\n",
    "\n",
    "\r",
    "\n\r",
    "\x85",
    "\u2028",
    "\u2029",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x00",
)
HEADER_INJECTIONS: Final[tuple[str, ...]] = (
    *(f"Max{line_break}Bcc: evil@x.example" for line_break in _BREAKS),
    *(f"Max{line_break} Bcc: evil@x.example" for line_break in ("\r\n", "\n", "\u2028")),
    *(f"Max{line_break}{line_break}<p>a body of my own</p>" for line_break in ("\r\n", "\n", "\r", "\x85")),
    "\r\nBcc: evil@x.example",
    "Max\r\n",
    "Max\n",
    "Max\ttab",
    "Max\x7f",
    "Max\ud800",
    "Max\r\n.\r\nMAIL FROM:<evil@x.example>",
    "=?utf-8?q?Max=0D=0ABcc:_evil@x.example?=",
    "=?utf-8?q?Max=0ABcc:_evil@x.example?=",
    "=?utf-8?q?Max=0DBcc:_evil@x.example?=",
    "=?UTF-8?Q?Max=0d=0aBcc:_evil@x.example?=",
    "=?utf-8?b?TWF4DQpCY2M6IGV2aWxAeC5leGFtcGxl?=",
    "=?iso-8859-1?q?Max=0D=0ABcc:_evil@x.example?=",
    "=?utf-8?q?Max=C2=85Bcc:_evil@x.example?=",
    "=?utf-8?q?Max=E2=80=A8Bcc:_evil@x.example?=",
    "=?utf-8?q?Max=00?=",
    "Max =?utf-8?q?=0D=0A?= Bcc: evil@x.example",
    "=?utf-8?q?Max?= =?utf-8?q?=0D=0ABcc:_evil@x.example?=",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3FMax=3D0D=3D0ABcc:_evil=40x.example=3F=3D?=",
    "=?utf-8*en?q?Max=0D=0ABcc:_evil@x.example?=",
    "=?no-such-charset?q?Max=0D=0ABcc:_evil@x.example?=",
    "=?utf-7?q?Max+AA0ACg-Bcc:_evil@x.example?=",
)
"""Values that some mail software mistakes for several headers, or for the end of the headers."""


def a_message(number: int = 1, **parts: Any) -> Message:
    """Return a message as the core creates it; ``parts`` are used unchecked, even dangerous ones."""
    headers = {"From": "Acme <news@acme.example>", "Message-ID": f"<{number}@acme.example>"}
    whole = Message(id=f"m{number}", to="ada@x.example", subject="Hello", text="Hi", headers=dict(headers), at=NOW)
    return whole.but(**parts)


@explained
class MailerContract:
    """A mail is sent once, or it is clear that it was not; nobody can inject a header."""

    def new_mailer(self) -> Mailer:
        """Return the mailer to test, with its own server behind it."""
        raise NotImplementedError

    def arrived(self, mailer: Any) -> list[str]:
        """Return the Message-IDs that arrived at the mailer's server, in order."""
        raise NotImplementedError

    def make_fail(self, mailer: Any, error: type[DeliveryFailed]) -> None:
        """Make the server treat the next mail so that the mailer must raise this error; skip if impossible."""
        pytest.skip(f"there is no way to make {mailer!r} fail with {error.__name__}")

    def test_a_message_that_is_taken_has_arrived_once(self) -> None:
        """``send`` returns once the server has accepted the message, and sends it once."""
        mailer = self.new_mailer()
        mailer.send(a_message())
        assert self.arrived(mailer) == ["<1@acme.example>"]

    def test_messages_arrive_in_order_and_none_is_left_out(self) -> None:
        """Messages arrive in the order in which they were sent."""
        mailer = self.new_mailer()
        for number in range(1, 6):
            mailer.send(a_message(number))
        assert self.arrived(mailer) == [f"<{number}@acme.example>" for number in range(1, 6)]

    @pytest.mark.parametrize("error", [Rejected, Deferred])
    def test_a_message_that_was_not_taken_has_not_arrived(self, error: type[DeliveryFailed]) -> None:
        """``Rejected`` and ``Deferred`` say that the message was not accepted; if that is not certain, raise
        ``Uncertain``.
        """
        mailer = self.new_mailer()
        self.make_fail(mailer, error)
        with pytest.raises(error):
            mailer.send(a_message())
        assert self.arrived(mailer) == []

    @pytest.mark.parametrize("error", [Rejected, Deferred, Uncertain])
    def test_after_a_failure_the_next_message_goes(self, error: type[DeliveryFailed]) -> None:
        """A failure must not spoil the next message: make a new connection."""
        mailer = self.new_mailer()
        self.make_fail(mailer, error)
        with pytest.raises(error):
            mailer.send(a_message(1))
        mailer.send(a_message(2))
        assert self.arrived(mailer)[-1:] == ["<2@acme.example>"]

    def test_a_message_whose_end_is_unknown_is_not_sent_again(self) -> None:
        """Try once: after an attempt that may have arrived raise ``Uncertain``."""
        mailer = self.new_mailer()
        self.make_fail(mailer, Uncertain)
        with pytest.raises(Uncertain):
            mailer.send(a_message())
        assert len(self.arrived(mailer)) <= 1

    @pytest.mark.parametrize("error", [None, Rejected, Deferred, Uncertain])
    def test_in_a_session_the_same_holds_for_each_message(self, error: type[DeliveryFailed] | None) -> None:
        """In a session each message has its own outcome, as without one."""
        mailer: Any = self.new_mailer()
        if not callable(getattr(type(mailer), "session", None)):
            pytest.skip(f"{mailer!r} has no sessions")
        with mailer.session() as session:
            session.send(a_message(1))
            if error is not None:
                self.make_fail(mailer, error)
                with pytest.raises(error):
                    session.send(a_message(2))
            session.send(a_message(3))
            with pytest.raises(Rejected):
                session.send(a_message(4, to="nobody"))
            session.send(a_message(5))
        mailer.send(a_message(6))
        arrived = self.arrived(mailer)
        expected = [f"<{number}@acme.example>" for number in (1, 3, 5, 6)]
        assert [one for one in arrived if one != "<2@acme.example>"] == expected
        if error is not Uncertain:
            assert arrived == expected

    def test_no_value_becomes_a_header(self) -> None:
        """Line breaks in a value must not begin a header: use ``email.message.EmailMessage``."""
        mailer = self.new_mailer()
        for evil in HEADER_INJECTIONS:
            for message in _poisoned(evil):
                with pytest.raises(Rejected):
                    mailer.send(message)
        assert self.arrived(mailer) == []

    def test_only_one_plain_address_is_written_to(self) -> None:
        """A message goes to one plain address, whatever the value contains."""
        mailer = self.new_mailer()
        for to in (
            "a@x.example, b@x.example",
            "a@x.example;b@x.example",
            "a@x.example]<b@x.example>",
            "ada",
            "@x.example",
        ):
            with pytest.raises(Rejected):
                mailer.send(a_message(to=to))
        assert self.arrived(mailer) == []


def _poisoned(evil: str) -> list[Message]:
    headers = a_message().headers
    return [
        a_message(subject=evil),
        a_message(to=f"{evil}@x.example"),
        a_message(to=f"{evil} <ada@x.example>"),
        *(a_message(headers={**headers, name: evil}) for name in ("From", "Message-ID", "Reply-To", "X-Campaign")),
        a_message(headers={**headers, "From": f"{evil} <news@acme.example>"}),
        a_message(headers={**headers, evil: "value"}),
    ]
