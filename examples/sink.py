"""A mail server that delivers to nobody: it keeps what it takes, refuses what has no home, and makes some wait."""

from __future__ import annotations

import email
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final

from aiosmtpd.controller import Controller

__all__ = ["Sink", "running"]

NO_SUCH_HOST: Final = ("gmial.com", "outlok.com", "t-onlin.de")
GREYLISTED: Final = ("gmx.de", "web.de")


class Sink:
    """Takes mails; ``refused`` counts those for mistyped domains, ``deferred`` those that were told to come again."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refused = self.deferred = 0
        self._seen: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        recipient = str(envelope.rcpt_tos[0])
        domain = recipient.rpartition("@")[2]
        self._seen[recipient] += 1
        if domain in NO_SUCH_HOST:
            self.refused += 1
            return "550 5.1.2 no such host"
        if domain in GREYLISTED and self._seen[recipient] == 1:
            self.deferred += 1
            return "451 4.7.1 greylisted, come again"
        mail = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def unsubscribe_token(self, number: int) -> str:
        """Return the token in a mail's one-click link (RFC 8058), as a mail program would use it."""
        return str(self.mails[number]["List-Unsubscribe"]).strip("<>").partition("?t=")[2]


@contextmanager
def running(sink: Sink) -> Iterator[str]:
    """Run it on a free port of this machine, in a thread of its own; gives the URL."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
