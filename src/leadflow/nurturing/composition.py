"""Composing a mail: a content rendered for one lead, with an unsubscribe link and a stable id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from hashlib import sha256
from html import escape
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from leadflow.entities import Lead, Message
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.nurturing.content import Content
from leadflow.nurturing.templates import filled, lines, one_line, values_of
from leadflow.worktime import in_utc

__all__ = ["Rendered", "compose", "message_id_header", "render", "unsubscribe_headers"]

NO_LINKS: Final[Mapping[str, str]] = MappingProxyType({})
UNSUBSCRIBE: Final[Mapping[str, str]] = {
    "en": "Unsubscribe",
    "de": "Abmelden",
    "fr": "Se désabonner",
    "es": "Darse de baja",
}
URL: Final = re.compile(r"https://[!-;=?-Z_a-z~]+")
DOMAIN: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)


class Rendered(NamedTuple):
    """A content as rendered for one lead."""

    subject: str
    text: str
    html: str | None


def render(
    content: Content, lead: Lead[Any], *, links: Mapping[str, str] = NO_LINKS, now: datetime | None = None
) -> Rendered:
    """Render a content with the values of a lead; ``{{ links.… }}`` reads the links, ``today`` needs ``now``.

    Missing values are empty (``| default: "…"`` replaces them); a template that fails or exceeds its limits is a
    ``DefinitionError``.
    """
    values = values_of(lead, links, now)
    where = f"content {content.name!r}"
    subject = one_line(filled(content.subject, values, html=False, where=f"{where}, subject"))
    if not subject:
        raise DefinitionError(f"{where}, subject: it is empty for lead {lead.id}; add fixed words or a default")
    text = lines(filled(content.body, values, html=False, where=f"{where}, body"))
    html = content.html and lines(filled(content.html, values, html=True, where=f"{where}, html"))
    return Rendered(subject, text, html)


def compose(
    lead: Lead[Any],
    content: Content,
    *,
    message_id: str,
    sender: str,
    unsubscribe_url: str | None,
    now: datetime,
    links: Mapping[str, str] = NO_LINKS,
    domain: str | None = None,
    to: str | None = None,
) -> Message:
    """Return the mail for this lead, ready to be sent.

    With an ``unsubscribe_url`` (https) it carries the one-click headers of RFC 8058 and a visible link, at
    ``{{ links.unsubscribe }}`` or else at the end. Only a transactional mail may do without. The Message-ID ends with
    ``domain``, by default the sender's. ``to`` is one of the lead's addresses, by default the first.
    """
    to = to or lead.email.address
    if not to:
        raise InvalidInput("email", None, f"lead {lead.id} has no e-mail address; check can_send first")
    headers = {
        "From": sender,
        "Message-ID": message_id_header(message_id, domain or _domain_of(sender)),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers, no loops
    }
    if unsubscribe_url:
        headers |= unsubscribe_headers(unsubscribe_url)
        links = {**links, "unsubscribe": unsubscribe_url}
    rendered = render(content, lead, links=links, now=now)
    if unsubscribe_url:
        rendered = _with_way_out(rendered, unsubscribe_url, content.language or lead.person.language)
    return Message(id=message_id, to=to, headers=dict(headers), at=in_utc(now, "now"), **rendered._asdict())


def message_id_header(message_id: str, domain: str) -> str:
    """Return the Message-ID header of a message: always the same for one id, without revealing the id."""
    if not DOMAIN.fullmatch(domain):
        raise InvalidInput("domain", domain, "give a domain such as mail.acme.example")
    return f"<{sha256(message_id.encode()).hexdigest()[:32]}@{domain.lower()}>"


def unsubscribe_headers(url: str) -> dict[str, str]:
    """Return the headers for one-click unsubscribing (RFC 8058); anything but https is ``InvalidInput``."""
    if not URL.fullmatch(url) or not urlsplit(url).hostname:
        raise InvalidInput("unsubscribe_url", url, "give an https address in ASCII: RFC 8058 requires https")
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _with_way_out(rendered: Rendered, url: str, language: str | None) -> Rendered:
    """Add a visible link where the author has not put one."""
    words = UNSUBSCRIBE.get((language or "en").split("-")[0].lower(), UNSUBSCRIBE["en"])
    text, html = rendered.text, rendered.html
    if url not in text:
        text = f"{text}\n\n--\n{words}: {url}"
    if html and url not in html and escape(url) not in html:
        link = f'<p><a href="{escape(url)}">{escape(words)}</a></p>'
        before, end, after = html.rpartition("</body>")
        html = f"{before}{link}{end}{after}" if end else f"{html}{link}"
    return rendered._replace(text=text, html=html)


def _domain_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]
