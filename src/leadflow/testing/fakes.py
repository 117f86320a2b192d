"""A mailer that sends nothing, records everything, and fails on demand."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from types import MappingProxyType
from typing import Final

from leadflow.adapters.mime import mail_of, mailbox
from leadflow.entities import Message
from leadflow.errors import DeliveryFailed, Uncertain

__all__ = ["FakeMailer"]

NO_FAILURES: Final[Mapping[int, DeliveryFailed]] = MappingProxyType({})


class FakeMailer:
    """Collects messages; the n-th message (from 1) fails with the error that ``failing`` has for it.

    ``FakeMailer({2: Deferred("try later")})``. Messages are validated as by ``SmtpMailer``. With ``uncertain_arrive``
    messages that end as ``Uncertain`` are delivered all the same.
    """

    def __init__(
        self,
        failing: Mapping[int, DeliveryFailed] = NO_FAILURES,
        *,
        sender: str = "leadflow@test.example",
        uncertain_arrive: bool = False,
    ) -> None:
        self.sent: list[Message] = []
        self.attempts: list[Message] = []
        self._failing = dict(failing)
        self._sender = mailbox("sender", sender)
        self._uncertain_arrive = uncertain_arrive
        self._lock = Lock()

    def fail_next(self, error: DeliveryFailed) -> None:
        """Let the next message fail."""
        with self._lock:
            self._failing[len(self.attempts) + 1] = error

    def send(self, message: Message) -> None:
        """Record the message, or raise the requested error."""
        with self._lock:
            self.attempts.append(message)
            mail_of(message, self._sender)
            error = self._failing.get(len(self.attempts))
            if error is None or (isinstance(error, Uncertain) and self._uncertain_arrive):
                self.sent.append(message)
            if error is not None:
                raise error

    def sent_to(self, address: str) -> list[Message]:
        """Return the messages sent to an address, oldest first."""
        return [message for message in self.sent if message.to == address]
