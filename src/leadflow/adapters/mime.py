"""A message as the bytes on the wire, with exactly the intended headers.

Python decodes encoded words in a header's value, so that ``=?utf-8?q?Max=0D=0ABcc:_evil@x.y?=`` in a name becomes a
real Bcc (3.11). Hence every value is checked as given, decoded, and as Python reads it; and the output is compared with
the intention before it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.errors import MessageError
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from typing import Any, Final, NamedTuple
from unicodedata import category

from leadflow.entities import Message
from leadflow.errors import MailRefused

__all__ = ["Mail", "Mailbox", "mail_of", "mailbox"]

BREAKING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters that could end a line or a field somewhere: C0, C1 (with NEL), separators, lone surrogates."""
LONE_BREAK: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,70}")
OURS: Final = re.compile(
    r"(to|cc|bcc|subject|date|sender|return-path|received|mime-version|(content|resent)-.*)", re.IGNORECASE
)
"""Headers about delivery or encoding: written only by leadflow."""
ADDRESSES: Final = frozenset({"reply-to"})
MAILBOX: Final = re.compile(r"(?P<name>[^<>]*)<(?P<in>[^<>]+)>|(?P<bare>[^<>]+)")
ATOM: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~")
DOMAIN: Final = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
LONGEST: Final = 4_000


class Mailbox(NamedTuple):
    """One checked address with its display ``name``. A non-ASCII domain is in its ASCII form."""

    name: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        """The bare address, for the envelope."""
        return f"{self.local}@{self.domain}"


class Mail(NamedTuple):
    """What a mail server needs; ``payload`` ends with a line break, with dots doubled. ``utf8``: needs SMTPUTF8."""

    sender: str
    to: str
    payload: bytes
    utf8: bool


class _Unfolded(EmailPolicy):
    """Keeps a value without blanks on its line: Python would rewrite a long link as encoded words."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        text = str(value)
        if text.isascii() and " " not in text and len(text) < 900:
            return f"{name}: {text}\r\n".encode()
        return super().fold_binary(name, value)


def mail_of(message: Message, sender: Mailbox | None) -> Mail:
    """Return the message as sent; ``MailRefused`` if a header or address could be something other than it seems."""
    headers = dict(message.headers)
    origin = mailbox("From", str(headers.pop("From"))) if "From" in headers else sender
    if origin is None:
        raise MailRefused("From: nobody sends this mail; give SmtpMailer a sender, or the message a From header")
    to = mailbox("To", message.to)
    subject = {"Subject": _plain("Subject", message.subject)}
    mail = _envelope(message, {"From": origin, "To": to}, subject | _checked(headers))
    utf8 = not (to.address + origin.address + (sender or origin).address).isascii()
    return Mail((sender or origin).address, to.address, _bytes(mail, utf8=utf8), utf8)


def mailbox(field: str, text: str) -> Mailbox:
    """Read one address, with or without a name; anything else (two, comments, routes, quotes) is ``MailRefused``."""
    _refuse_breaking(field, text)
    found = MAILBOX.fullmatch(text.strip())
    local, _, domain = (found["in"] or found["bare"] if found else "").rpartition("@")
    name = (found["name"] or "").strip().strip('"').strip() if found else ""
    ascii_domain = _ascii(domain)
    if "=?" in text or not _is_local(local) or not DOMAIN.match(ascii_domain) or re.search(r'[@"\\]', name):
        raise MailRefused(f"{field}: {_short(text)} is not one e-mail address; give it like ada@acme.example")
    return Mailbox(name, local, ascii_domain)


def _envelope(message: Message, people: Mapping[str, Mailbox], headers: Mapping[str, str]) -> EmailMessage:
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    for field, one in people.items():
        mail[field] = Address(one.name, one.local, one.domain)
    mail["Date"] = message.at
    for field, value in headers.items():
        try:
            mail[field] = value
            as_read = str(mail[field])
        except (MessageError, ValueError, LookupError, IndexError) as wrong:
            raise _refusal(field, value) from wrong
        _refuse_breaking(field, as_read)
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    return mail


def _checked(headers: Mapping[str, object]) -> dict[str, str]:
    """Return the headers if each has an allowed name and a value that survives encoding."""
    seen = {"from"}
    for field in headers:
        if not NAME.fullmatch(field) or OURS.fullmatch(field) or field.lower() in seen:
            raise MailRefused(f"header {_short(field)} can't be given; leave it out")
        seen.add(field.lower())
    return {field: _plain(field, value) for field, value in headers.items()}


def _plain(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise MailRefused(f"header {field}: {_short(value)} is not a text")
    for reading in _readings(field, value):
        _refuse_breaking(field, reading)
    if field.lower() in ADDRESSES:
        mailbox(field, value)
    return value


def _readings(field: str, value: str) -> Iterator[str]:
    """Yield the value, and the result of decoding it repeatedly."""
    for _ in range(5):
        yield value
        try:
            decoded = str(make_header(decode_header(value)))
        except (MessageError, ValueError, LookupError) as wrong:
            raise _refusal(field, value) from wrong
        if decoded == value:
            return
        value = decoded
    raise _refusal(field, value)


def _refuse_breaking(field: str, value: str) -> None:
    if BREAKING.search(value) or len(value) > LONGEST:
        raise _refusal(field, value)


def _refusal(field: str, value: str) -> MailRefused:
    return MailRefused(f"{field}: {_short(value)} could become another header; give plain text on one line")


def _bytes(mail: EmailMessage, *, utf8: bool) -> bytes:
    meant = [field.lower() for field in mail]
    try:
        raw = mail.as_bytes(policy=_Unfolded(linesep="\r\n", cte_type="8bit" if utf8 else "7bit", utf8=utf8))
    except (MessageError, ValueError, LookupError) as wrong:
        raise MailRefused(f"the mail can't be written: {_short(str(wrong))}") from wrong
    written = re.findall(rb"^([!-9;-~]+):", raw.partition(b"\r\n\r\n")[0], re.MULTILINE)
    # Both follow from the checks above; a later Python that reads values differently is caught here. A line break of
    # one character could end the mail for one server and not for the next (SMTP smuggling).
    if [field.decode().lower() for field in written] != meant or LONE_BREAK.search(raw):
        raise MailRefused("the mail would go with other headers or lines than were meant")
    return re.sub(rb"^\.", b"..", raw if raw.endswith(b"\r\n") else raw + b"\r\n", flags=re.MULTILINE)


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""


def _is_local(local: str) -> bool:
    words = local.split(".")
    return len(local.encode("utf-8", "replace")) <= 64 and all(word and all(map(_is_atom, word)) for word in words)


def _is_atom(sign: str) -> bool:
    return sign in ATOM if sign.isascii() else category(sign)[0] in "LMN"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
