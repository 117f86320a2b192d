"""The SMTP mailer against real servers: one by aiosmtpd, and a scripted one for every way to break off."""

from __future__ import annotations

import email
import logging
import shutil
import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Self

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.adapters.mime import mail_of, mailbox
from leadflow.adapters.smtp import SmtpMailer
from leadflow.entities import Message
from leadflow.errors import Deferred, DefinitionError, DeliveryFailed, MailRefused, Rejected, Uncertain
from leadflow.nurturing import Content, compose
from leadflow.testing.builders import a_lead
from leadflow.testing.clock import NOW
from leadflow.testing.mailer_contract import HEADER_INJECTIONS, MailerContract, a_message

PASSWORD = "geheim%/@:pw"  # what must be percent-encoded in a URL
IN_URL = "geheim%25%2F%40%3Apw"


# ------------------------------------------------------------------------------------------------- a real server
class Sink:
    """Keeps what arrives, and answers the next mail as it is told."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.peers_with_tls: list[bool] = []
        self.next_reply: str | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        reply, self.next_reply = self.next_reply or "250 OK", None
        if reply.startswith("250"):
            self.envelopes.append(envelope)
            self.peers_with_tls.append(session.ssl is not None)
        return reply

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(content_of(one), policy=default) for one in self.envelopes]


def content_of(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content


@contextmanager
def serving(sink: Sink, **options: Any) -> Iterator[int]:
    controller = Controller(sink, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def port(sink: Sink) -> Iterator[int]:
    with serving(sink, enable_SMTPUTF8=True) as port:
        yield port


class TestSmtpMailer(MailerContract):
    @pytest.fixture(autouse=True)
    def _server(self, sink: Sink, port: int) -> None:
        self.sink, self.port = sink, port

    def new_mailer(self) -> SmtpMailer:
        return SmtpMailer(f"smtp://localhost:{self.port}", timeout=5)

    def arrived(self, mailer: SmtpMailer) -> list[str]:
        return [mail["Message-ID"] for mail in self.sink.mails]

    def make_fail(self, mailer: SmtpMailer, error: type[DeliveryFailed]) -> None:
        # a reply outside of the protocol is the one uncertain end that aiosmtpd can be asked for
        replies = {Rejected: "554 no", Deferred: "451 later", Uncertain: "199 what?"}
        self.sink.next_reply = replies[error]


# -------------------------------------------------------------------------------------------- a server with a script
ALL_WELL = {
    "greeting": "220 hi", "EHLO": "250 scripted", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go",
    "END": "250 taken",
}  # fmt: skip
DROP, SILENCE, GARBAGE, HALF = "drop", "silence", "\x00\xffbla", "half"


class Scripted:
    """Speaks SMTP from a script: a reply for each command, or how to break off there. Counts whole mails."""

    def __init__(self, script: Mapping[str, str]) -> None:
        self.script = {**ALL_WELL, **script}
        self.whole_mails = 0
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.listener.close()
        self.thread.join(5)

    def serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rb") as lines:
            step = "greeting"
            while self.answer(connection, step):
                step = self.next_step(lines, after=step)
                if not step:
                    return

    def next_step(self, lines: Any, after: str) -> str:
        if after == "DATA" and self.script["DATA"].startswith("354"):
            for line in lines:
                if self.script["END"] == HALF:
                    return "END"
                if line == b".\r\n":
                    self.whole_mails += 1
                    return "END"
            return ""
        return str(lines.readline()[:4].decode("ascii", "replace").strip().upper())

    def answer(self, connection: socket.socket, step: str) -> bool:
        reply = self.script.get("EHLO" if step == "HELO" else step, "221 bye")
        if reply in (DROP, HALF):
            # RST instead of FIN, so that nothing is taken for a clean end
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            return False
        if reply == SILENCE:
            self.over.wait(10)
            return False
        connection.sendall(f"{reply}\r\n".encode("latin-1"))
        return step != "QUIT"


def sending_to(
    script: Mapping[str, str], *, timeout: float = 5, message: Message | None = None
) -> tuple[DeliveryFailed | None, int]:
    with Scripted(script) as server:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", timeout=timeout)
        try:
            mailer.send(message or a_message())
        except DeliveryFailed as failure:
            return failure, server.whole_mails
        return None, server.whole_mails


BEFORE_THE_END = ["greeting", "EHLO", "MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("step", BEFORE_THE_END)
@pytest.mark.parametrize("how", [DROP, "421 going away", "451 later", GARBAGE])
def test_what_breaks_before_the_end_of_the_mail_is_deferred(step: str, how: str) -> None:
    failure, whole = sending_to({step: how})
    assert (type(failure), whole) == (Deferred, 0)


@pytest.mark.parametrize("step", BEFORE_THE_END)
def test_a_server_that_falls_silent_before_the_end_of_the_mail_defers_it(step: str) -> None:
    failure, whole = sending_to({step: SILENCE}, timeout=0.2)
    assert (type(failure), whole) == (Deferred, 0)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "END"])
def test_a_5xx_to_the_mail_rejects_it(step: str) -> None:
    failure, _ = sending_to({step: "550 no such user"})
    assert isinstance(failure, Rejected)
    assert "550 no such user" in str(failure)


@pytest.mark.parametrize(
    ("step", "reply", "kind"),
    [
        ("RCPT", "550 no such user", Rejected),
        ("RCPT", "550 5.1.1 no such user", Rejected),
        ("RCPT", "554 5.7.1 your address is blocked", MailRefused),
        ("RCPT", "552 5.2.2 mailbox full", MailRefused),
        ("MAIL", "550 who are you?", MailRefused),
        ("MAIL", "553 5.1.8 no such domain of the sender", MailRefused),
        ("END", "550 no such user", Rejected),
        ("END", "554 5.1.1 no such user", Rejected),
        ("END", "554 spam", MailRefused),
        ("END", "550 5.7.1 spam", MailRefused),
    ],
)
def test_a_refused_mailbox_is_told_from_a_refused_mail(step: str, reply: str, kind: type[Rejected]) -> None:
    failure, _ = sending_to({step: reply})
    assert type(failure) is kind


@pytest.mark.parametrize("step", ["greeting", "EHLO"])
def test_a_5xx_to_the_connection_says_nothing_of_the_mail(step: str) -> None:
    failure, _ = sending_to({step: "554 no service"})
    assert isinstance(failure, Deferred)


def test_a_server_that_wants_a_log_in_defers_the_mail() -> None:
    failure, _ = sending_to({"MAIL": "530 5.7.0 Authentication required"})
    assert isinstance(failure, Deferred)


def test_a_4xx_to_the_whole_mail_defers_it() -> None:
    failure, whole = sending_to({"END": "452 disk full"})
    assert (type(failure), whole) == (Deferred, 1)


@pytest.mark.parametrize("how", [DROP, GARBAGE, "354 go on", "100 hm", "x" * 9000])
def test_what_breaks_after_the_end_of_the_mail_is_uncertain(how: str) -> None:
    failure, whole = sending_to({"END": how})
    assert (type(failure), whole) == (Uncertain, 1)


def test_a_server_that_falls_silent_after_the_mail_leaves_it_uncertain() -> None:
    failure, whole = sending_to({"END": SILENCE}, timeout=0.2)
    assert (type(failure), whole) == (Uncertain, 1)


def test_a_connection_that_breaks_in_the_middle_of_the_mail_delivers_nothing() -> None:
    big = a_message(text="a line of sixty characters, and another one of them, again\n" * 100_000)
    failure, whole = sending_to({"END": HALF}, message=big)
    assert (type(failure), whole) == (Deferred, 0)


@pytest.mark.parametrize("how", [DROP, "500 what?", GARBAGE])
def test_what_happens_after_the_mail_was_taken_does_not_matter(how: str) -> None:
    assert sending_to({"QUIT": how}) == (None, 1)


def test_a_connection_that_breaks_while_saying_goodbye_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plain = smtplib.SMTP.putcmd

    def breaking(connection: smtplib.SMTP, command: str, *more: str) -> None:
        if command == "quit":
            raise smtplib.SMTPServerDisconnected("gone")
        plain(connection, command, *more)

    monkeypatch.setattr(smtplib.SMTP, "putcmd", breaking)
    with caplog.at_level(logging.INFO, logger="leadflow"):
        assert sending_to({}) == (None, 1)
    assert caplog.messages == ["all mails were accepted; then quit failed: SMTPServerDisconnected"]


def test_no_connection_defers_the_mail() -> None:
    with pytest.raises(Deferred, match="no connection"):
        SmtpMailer(f"smtp://127.0.0.1:{free_port()}", timeout=2).send(a_message())


def test_the_name_of_this_machine_is_not_told(sink: Sink) -> None:
    heard: list[str] = []

    async def ehlo(server: Any, session: Any, envelope: Any, hostname: str, replies: list[str]) -> list[str]:
        heard.append(hostname)
        session.host_name = hostname
        return replies

    setattr(sink, "handle_EHLO", ehlo)  # noqa: B010  # aiosmtpd looks for it by name
    with serving(sink) as port:
        SmtpMailer(f"smtp://127.0.0.1:{port}").send(a_message())
    assert heard == ["acme.example"]


# ------------------------------------------------------------------------------------------------ TLS and log-in
@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed, it makes the certificate for TLS")
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", made[0], "-keyout", made[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@pytest.fixture
def server_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusting(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


def only_ada(server: Any, session: Any, envelope: Any, mechanism: str, credentials: Any) -> AuthResult:
    assert isinstance(credentials, LoginPassword)
    return AuthResult(success=credentials == LoginPassword(b"ada", PASSWORD.encode()), handled=False)


def test_starttls_with_a_log_in(sink: Sink, server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with serving(
        sink, tls_context=server_tls, require_starttls=True, authenticator=only_ada, auth_required=True
    ) as port:
        SmtpMailer(f"smtp://ada:{IN_URL}@localhost:{port}?starttls=1", tls=trusting).send(a_message())
    assert sink.peers_with_tls == [True]


def test_tls_from_the_start(sink: Sink, server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with serving(sink, ssl_context=server_tls) as port:
        SmtpMailer(f"smtps://localhost:{port}", tls=trusting).send(a_message())
    assert len(sink.envelopes) == 1


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning"
)  # smtplib leaves the socket of a failed handshake to the collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("url", ["smtps://localhost:{}", "smtp://localhost:{}?starttls=1", "smtps://127.0.0.1:{}"])
def test_a_certificate_that_nobody_vouches_for_is_not_taken(url: str, sink: Sink, server_tls: ssl.SSLContext) -> None:
    options = {"ssl_context": server_tls} if url.startswith("smtps") else {"tls_context": server_tls}
    with serving(sink, **options) as port, pytest.raises(Deferred, match="certificate"):
        SmtpMailer(url.format(port), timeout=5).send(a_message())
    assert sink.envelopes == []


def test_without_starttls_on_the_other_side_nothing_is_sent(sink: Sink, port: int) -> None:
    with pytest.raises(Deferred, match="STARTTLS"):
        SmtpMailer(f"smtp://localhost:{port}?starttls=1").send(a_message())
    assert sink.envelopes == []


def test_a_wrong_password_defers_the_mail_and_is_not_repeated(
    sink: Sink, server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    with serving(sink, tls_context=server_tls, authenticator=only_ada, auth_required=True) as port:
        mailer = SmtpMailer(f"smtp://ada:falsch-{IN_URL}@localhost:{port}?starttls=1", tls=trusting)
        with pytest.raises(Deferred) as refused:
            mailer.send(a_message())
    assert "falsch" not in f"{refused.value!r}{refused.value.__cause__!r}{mailer!r}"


def test_a_server_that_repeats_the_password_does_not_bring_it_into_the_message() -> None:
    with Scripted({"EHLO": "250-scripted\r\n250 AUTH PLAIN", "AUTH": f"535 your {PASSWORD} is wrong"}) as server:
        mailer = SmtpMailer(f"smtp://ada:{IN_URL}@127.0.0.1:{server.port}")
        with pytest.raises(Deferred, match="is wrong") as refused:
            mailer.send(a_message())
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://host",
        "smtp://",
        "smtp://host:port",
        "smtp://host:99999",
        f"smtp://ada:{PASSWORD}@host",
        f"smtp://ada:{IN_URL}@host",  # no TLS: the password would go in the open
        f"smtp://ada:{IN_URL}@host?starttls=0",
        f"smtps://ada:{IN_URL}@host?starttls=1",
        f"smtp://ada:{IN_URL}@host?tls=yes",
        f"smtps://ada:{IN_URL}@host/inbox",
        "smtps://ada:pässwort@host",
        "smtp://[::1",
    ],
)
def test_a_url_that_can_not_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        SmtpMailer(url)
    assert "geheim" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "url", ["smtp://localhost:1025", "smtps://mail.acme.example", f"smtps://ada:{IN_URL}@h?starttls=0"]
)
def test_a_mailer_shows_where_it_sends_but_not_its_password(url: str) -> None:
    assert "geheim" not in repr(SmtpMailer(url))


@pytest.mark.parametrize("sender", ["", "Acme", "a@b, c@d", "Acme <a@b> x", "=?utf-8?q?Acme?= <a@b>"])
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    with pytest.raises(DefinitionError, match="sender"):
        SmtpMailer("smtp://localhost", sender=sender)


# ------------------------------------------------------------------------------------------------ what is written
def parsed(message: Message) -> EmailMessage:
    """The message as a receiver reads it: dots undone, by Python's own parser."""
    payload = mail_of(message, None).payload
    lines = [line[1:] if line.startswith(b".") else line for line in payload.split(b"\r\n")]
    return email.message_from_bytes(b"\r\n".join(lines), policy=default)


def test_the_message_of_a_sequence_arrives_as_it_was_meant(sink: Sink, port: int) -> None:
    lead = a_lead(id="l-1", email="ada@müller.example", person={"first_name": "Ädá", "language": "de"})
    content = Content(
        "welcome", "Grüße, {{ person.first_name }}", "Hallo\n.\n{{ person.first_name }}", html="<p>Hallo</p>"
    )
    url = "https://acme.example/u?t=" + "t" * 200
    message = compose(
        lead, content, message_id="l-1.w.1.0", sender="Äcme <n@acme.example>", unsubscribe_url=url, now=NOW
    )
    SmtpMailer(f"smtp://localhost:{port}", sender="bounces@acme.example").send(message)

    (mail,), (envelope,) = sink.mails, sink.envelopes
    assert envelope.mail_from == "bounces@acme.example"
    assert envelope.rcpt_tos == ["ada@xn--mller-kva.example"]
    assert mail["From"] == "Äcme <n@acme.example>"
    assert mail["Subject"] == "Grüße, Ädá"
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@acme.example>")
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in content_of(envelope)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = mail.get_body(["plain"]), mail.get_body(["html"])
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == f"Hallo\n.\nÄdá\n\n--\nAbmelden: {url}\n"
    assert url in html.get_content()


def test_an_address_beyond_ascii_goes_where_the_server_takes_it(sink: Sink, port: int) -> None:
    SmtpMailer(f"smtp://localhost:{port}").send(a_message(to="jörg@müller.example"))
    assert sink.envelopes[0].rcpt_tos == ["jörg@xn--mller-kva.example"]


def test_an_address_beyond_ascii_is_refused_where_it_does_not() -> None:
    failure, whole = sending_to({}, message=a_message(to="jörg@x.example"))
    assert (type(failure), whole) == (MailRefused, 0)
    assert "SMTPUTF8" in str(failure)


def test_nobody_sends_a_message_without_sender() -> None:
    with pytest.raises(Rejected, match="give SmtpMailer a sender"):
        mail_of(a_message(headers={}), None)


@pytest.mark.parametrize(
    "name",
    ["Bcc", "bcc", "Cc", "To", "Subject", "SUBJECT", "Date", "Sender", "Return-Path", "Received", "MIME-Version",
     "from", "Content-Type", "content-transfer-encoding", "Resent-To", "X:Y", "X Y", "", "Ä", "message-id"],
)  # fmt: skip
def test_headers_that_say_where_a_mail_goes_can_not_be_given(name: str) -> None:
    with pytest.raises(Rejected):
        mail_of(a_message(headers={**a_message().headers, name: "evil@x.example"}), None)


def test_a_header_that_is_no_text_is_refused() -> None:
    with pytest.raises(Rejected, match="not a text"):
        mail_of(a_message(headers={**a_message().headers, "X-Number": 3}), None)


ENCODED = st.builds(
    "=?{}?{}?{}?=".format,
    st.sampled_from(["utf-8", "latin-1", "utf-16", "utf-7", ""]),
    st.sampled_from("qQbB"),
    st.text("=0DdAa:_ TWF4QpCY2M6\r\n?\x85", max_size=30),
)
ANY_TEXT = st.one_of(st.text(max_size=60), st.lists(st.one_of(ENCODED, st.text(max_size=8)), max_size=4).map("".join))
MEANT = {"from", "to", "date", "subject", "message-id", "x-campaign", "mime-version", "content-type",
         "content-transfer-encoding"}  # fmt: skip


@settings(max_examples=400)
@given(subject=ANY_TEXT, campaign=ANY_TEXT, name=ANY_TEXT, local=ANY_TEXT, text=st.text(max_size=80))
def test_whatever_is_written_into_a_message_only_the_meant_headers_are_read(
    subject: str, campaign: str, name: str, local: str, text: str
) -> None:
    headers = {**a_message().headers, "From": f"{name} <news@acme.example>", "X-Campaign": campaign}
    for message in (
        a_message(subject=subject, headers=headers, text=text),
        a_message(to=f"{local}@x.example", subject="s", text=text),
    ):
        try:
            payload = mail_of(message, None).payload
        except Rejected:
            continue
        mail = email.message_from_bytes(payload, policy=default)
        assert {field.lower() for field in mail} <= MEANT
        assert len(mail.keys()) == len({field.lower() for field in mail})
        assert len(mail["To"].addresses) == len(mail["From"].addresses) == 1
        assert mail["From"].addresses[0].addr_spec == "news@acme.example"
        assert b"\r\n.\r\n" not in payload
        assert not set(payload.replace(b"\r\n", b"")) & set(b"\r\n")


@given(st.text(max_size=300))
def test_the_text_arrives_but_for_its_line_breaks(text: str) -> None:
    message = Message(**a_message().model_dump() | {"text": text})
    mail = parsed(message)
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == message.text.rstrip("\n")


def test_unchecked_python_makes_headers_of_some_vectors_or_refuses_them() -> None:
    """The naive twin: the vectors are worth checking for. Which of both it is depends on the version of Python."""
    smuggled, refused = [], []
    for evil in HEADER_INJECTIONS:
        mail = EmailMessage()
        try:
            mail["From"] = Address(evil, "news", "acme.example")
            raw = bytes(mail)
        except (ValueError, MessageError):
            refused.append(evil)
        else:
            smuggled += [evil] if b"\nBcc:" in raw else []
    assert "=?utf-8?q?Max=0D=0ABcc:_evil@x.example?=" in smuggled + refused


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@x.example", "ada@x.example"),
        ("Ada <ada@X.example>", "ada@x.example"),
        ('"Lovelace, Ada" <ada+news@x.example>', "ada+news@x.example"),
        (" ada@x.example ", "ada@x.example"),
        ("o'hara@x.example", "o'hara@x.example"),
        ("ada@localhost", "ada@localhost"),
    ],
)
def test_addresses_that_are_taken(text: str, address: str) -> None:
    assert mailbox("To", text).address == address


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada@", "@x", "a@b@c", "a..b@x.de", ".a@x.de", "a.@x.de", "a b@x.de", '"a b"@x.de', "a@x..de",
     "a@-x.de", "a@x.de.", "a@[127.0.0.1]", "a@x_y.de", "a@x.de,b@x.de", "a@x.de b@x.de", "<a@x.de", "a@x.de>",
     "<<a@x.de>>", "a@x.de <b@x.de>", "alice@example.org]<bob@example.org>", "(c)a@x.de", "a@x.de(c)", "@r:a@x.de",
     "g: a@x.de;", "a@" + "x" * 64 + ".de", "a" * 65 + "@x.de", "a@" + "x." * 130 + "de", 'A"B <a@x.de>',
     "A\\ <a@x.de>", "=?utf-8?q?a?=@x.de"],
)  # fmt: skip
def test_addresses_that_are_refused(text: str) -> None:
    with pytest.raises(Rejected, match="not one e-mail address"):
        mailbox("To", text)


def test_the_mailer_can_be_shared_by_threads(sink: Sink, port: int) -> None:
    mailer = SmtpMailer(f"smtp://localhost:{port}")
    threads = [threading.Thread(target=mailer.send, args=(a_message(number),)) for number in range(16)]
    run(threads, threading.Thread.start)
    run(threads, threading.Thread.join)
    assert sorted(mail["Message-ID"] for mail in sink.mails) == sorted(f"<{n}@acme.example>" for n in range(16))


def run(threads: list[threading.Thread], what: Callable[[threading.Thread], None]) -> None:
    for thread in threads:
        what(thread)
