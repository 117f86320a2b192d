"""Mail by SMTP: TLS, log-in, and for every failure the one error that says what happened to the mail.

==========================================================  =============
what happened                                               raised
==========================================================  =============
a header or an address is not what it seems                 MailRefused
no connection, no TLS, log-in refused                       Deferred
4xx, or the connection breaks before the mail's last line   Deferred
5xx because of the recipient, 550 or 5.1.x to the mail      Rejected
other 5xx: because of sender, mail, or a block (5.7.x)      MailRefused
the connection breaks, or no reply comes, after that line   Uncertain
==========================================================  =============
"""

from __future__ import annotations

import logging
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final, Literal, NamedTuple, Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from leadflow.adapters.mime import Mail, Mailbox, mail_of, mailbox
from leadflow.entities import Message, safe_line
from leadflow.errors import Deferred, DefinitionError, DeliveryFailed, MailRefused, Rejected, Uncertain

__all__ = ["SmtpMailer", "SmtpSession"]

_log = logging.getLogger("leadflow")

Security = Literal["none", "starttls", "tls"]
PORTS: Final = {"none": 25, "starttls": 587, "tls": 465}
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
LOG_IN_CODES: Final = (530, 534, 535, 538)
"""The server requires a different log-in: a fault of the configuration, not of the mail."""
SmtpReply = tuple[int, bytes]
MAILBOX_CODES: Final = (550, 551, 553)
"""Replies about the recipient that some servers give only after the mail."""
ENHANCED: Final = re.compile(rb"5\.(?P<subject>\d{1,3})\.(?P<detail>\d{1,3})(?!\d)")


class _Server(NamedTuple):
    host: str
    port: int
    security: Security
    user: str
    password: str


class SmtpMailer:
    """Hands messages to a mail server. Threads can share it: each message, or each session, has its own connection.

    ``url`` is ``smtp://user:password@host:587?starttls=1``, ``smtps://…`` for TLS from the start, or
    ``smtp://localhost:1025``; special characters in user or password are percent-encoded. ``sender`` is the default
    sender, and the address for bounces. ``timeout`` in seconds applies to each step. ``tls`` replaces the system's
    trusted certificates.
    """

    def __init__(
        self, url: str, *, sender: str | None = None, timeout: float = 30.0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._server = _server(url)
        self._sender = _own(sender) if sender is not None else None
        self._timeout = timeout
        self._tls = tls

    def __repr__(self) -> str:
        return f"SmtpMailer({self._server.host}:{self._server.port}, {self._server.security})"

    def send(self, message: Message) -> None:
        """Return once the server has accepted the message; otherwise raise as in the table above."""
        with self.session() as session:
            session.send(message)

    def session(self) -> SmtpSession:
        """Return a context manager with the same ``send``, for many messages on one connection."""
        return SmtpSession(self._connected, self._sender)

    def _connected(self, own_name: str) -> smtplib.SMTP:
        # own_name in EHLO: the name of this machine is nobody's business
        server = self._server
        try:
            if server.security == "tls":
                context = self._tls or ssl.create_default_context()
                connection: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, own_name, timeout=self._timeout, context=context
                )
            else:
                connection = smtplib.SMTP(server.host, server.port, own_name, timeout=self._timeout)
        except OSError as wrong:
            raise self._deferred("no connection", wrong) from None
        try:
            # the mail's last line is sent separately: without this it waits 40 ms for a delayed ACK
            if connection.sock is not None:
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open(connection)
        except (OSError, ValueError) as wrong:
            connection.close()
            raise self._deferred("the server is not ready", wrong) from None
        return connection

    def _open(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        if self._server.security == "starttls":
            connection.starttls(context=self._tls or ssl.create_default_context())
            connection.ehlo_or_helo_if_needed()
        if self._server.user:
            connection.login(self._server.user, self._server.password)

    def _deferred(self, what: str, wrong: Exception) -> Deferred:
        text = f"{what}: {wrong}"
        if self._server.password:
            text = text.replace(self._server.password, "***")
        return Deferred(f"{self!r}: {safe_line(text)}; nothing was sent")


class SmtpSession:
    """Messages one after the other, on a connection that is kept as long as the server accepts every mail.

    After any failure the next mail gets a new connection. What a kept connection refuses, or breaks, before the mail
    was sent is tried again at once on a new one, and only its answer counts: a server that limits the mails, the errors
    or the time of a connection costs a connection, no mail.
    """

    def __init__(self, connect: Callable[[str], smtplib.SMTP], sender: Mailbox | None) -> None:
        self._connect, self._sender = connect, sender
        self._kept: smtplib.SMTP | None = None
        self._lock = Lock()  # a cancelled asyncio task may leave while a thread still sends

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            if self._kept is not None:
                _take_leave(self._kept)
            self._kept = None

    def send(self, message: Message) -> None:
        """Return once the server has accepted the message; otherwise raise as in the table above."""
        mail = mail_of(message, self._sender)
        with self._lock:
            connection = self._ready_for(mail)
            with _closed_on_error(connection):
                _hand_over(connection, mail.payload)
            self._kept = connection

    def _ready_for(self, mail: Mail) -> smtplib.SMTP:
        """Return a connection on which the server waits for the content of this mail."""
        kept, self._kept = self._kept, None
        if kept is not None:
            try:
                with _closed_on_error(kept):
                    _offer(kept, mail)
            except DeliveryFailed as refused:
                _log.debug("the connection is not used any longer: %s", type(refused).__name__)
            else:
                return kept
        connection = self._connect(mail.sender.rpartition("@")[2])
        with _closed_on_error(connection):
            _offer(connection, mail)
        return connection


@contextmanager
def _closed_on_error(connection: smtplib.SMTP) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _take_leave(connection: smtplib.SMTP) -> None:
    try:
        connection.putcmd("quit")
    except Exception as wrong:  # noqa: BLE001  (all mails are accepted: later errors don't matter)
        _log.info("all mails were accepted; then quit failed: %s", type(wrong).__name__)
    finally:
        connection.close()


def _offer(connection: smtplib.SMTP, mail: Mail) -> None:
    """Send MAIL, RCPT and DATA; whatever fails here, nothing was delivered."""
    options = ("SMTPUTF8", "BODY=8BITMIME") if mail.utf8 else ()
    if mail.utf8 and not connection.has_extn("smtputf8"):
        raise MailRefused(f"{mail.to}: the server takes no address beyond ASCII (SMTPUTF8)")
    try:
        _expect("sender", (250,), connection.mail(mail.sender, options))
        _expect("recipient", (250, 251), connection.rcpt(mail.to))
        connection.putcmd("data")
        _expect("mail", (354,), connection.getreply())
    except OSError as broken:
        raise Deferred(f"the connection broke before the mail was sent: {broken}") from broken


def _hand_over(connection: smtplib.SMTP, payload: bytes) -> None:
    try:
        connection.send(payload)
    except OSError as broken:
        raise Deferred(f"the connection broke before the end of the mail: {broken}") from broken
    # From here on the server may have the complete mail.
    try:
        connection.send(b".\r\n")
        reply = connection.getreply()
    except OSError as broken:
        raise Uncertain(f"no answer to the mail, it may have been delivered: {broken}") from broken
    if not 200 <= reply[0] < 600 or 300 <= reply[0] < 400:
        raise Uncertain(f"a strange answer to the mail, it may have been delivered: {_said(reply)}")
    if reply[0] >= 400:
        raise _failure("mail", reply)


def _expect(what: str, codes: tuple[int, ...], reply: SmtpReply) -> None:
    if reply[0] not in codes:
        raise _failure(what, reply)


def _failure(what: str, reply: SmtpReply) -> DeliveryFailed:
    for_good = 500 <= reply[0] < 600 and reply[0] not in LOG_IN_CODES
    kind = (Rejected if _concerns_mailbox(what, reply) else MailRefused) if for_good else Deferred
    return kind(f"the server refused the {what}: {_said(reply)}")


def _concerns_mailbox(what: str, reply: SmtpReply) -> bool:
    """Whether the mailbox accepts no mail: by the enhanced code (RFC 3463), else by the step."""
    told = ENHANCED.match(reply[1])
    if told is None:
        return what == "recipient" or (what == "mail" and reply[0] in MAILBOX_CODES)
    subject, detail = told["subject"], told["detail"]
    return (subject == b"1" and detail not in (b"7", b"8")) or (subject, detail) == (b"2", b"1")


def _said(reply: SmtpReply) -> str:
    return f"{reply[0]} {safe_line(reply[1].decode('utf-8', 'replace'))}"[:300]


def _own(sender: str) -> Mailbox:
    try:
        return mailbox("sender", sender)
    except MailRefused as wrong:
        raise DefinitionError(str(wrong)) from None


def _server(url: str) -> _Server:
    """Parse the URL; no message quotes it, since it may contain a password."""
    problem: str | None = None
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        problem = _problem(parts, options)
    except ValueError:
        problem = "it can't be parsed; percent-encode special characters in user and password"
    if problem:
        raise DefinitionError(f"the mail server's URL: {problem}; write smtp://user:password@host:587?starttls=1")
    starttls = options.get("starttls") == "1"
    security: Security = "tls" if parts.scheme == "smtps" else "starttls" if starttls else "none"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    host = str(parts.hostname)
    if user and security == "none" and host not in LOOPBACK:
        raise DefinitionError(f"mail server {host}: a password needs TLS; add ?starttls=1 or write smtps://")
    if not (user + password).isascii():
        raise DefinitionError(f"mail server {host}: user and password must be ASCII")
    return _Server(host, port or PORTS[security], security, user, password)


def _problem(parts: SplitResult, options: dict[str, str]) -> str | None:
    if parts.scheme not in ("smtp", "smtps"):
        return "it starts with neither smtp:// nor smtps://"
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        return "it has no host, or a path after it"
    if set(options) - {"starttls"} or options.get("starttls", "1") not in ("0", "1"):
        return "the only option is starttls=1"
    if parts.scheme == "smtps" and options.get("starttls") == "1":
        return "it is either smtps:// or starttls=1"
    return None
