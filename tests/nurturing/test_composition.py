"""A content as a mail that may go."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.entities import Message
from leadflow.errors import InvalidInput
from leadflow.nurturing import Content, compose, message_id_header
from leadflow.testing.builders import a_lead
from leadflow.testing.clock import NOW

ADA = a_lead(email="ada@x.example", person={"first_name": "Ada"})
PLAIN = Content(
    "hello", "Hello {{ person.first_name }}", "Hi {{ person.first_name }}", html="<html><body>Hi</body></html>"
)
URL = "https://acme.example/u?t=abc&x=1"


def composed(content: Content = PLAIN, **given_: Any) -> Message:
    usual: dict[str, Any] = {
        "message_id": "lead-1.w.1.0",
        "sender": "Acme <n@Mail.Acme.example>",
        "unsubscribe_url": URL,
        "now": NOW,
    }
    return compose(given_.pop("lead", ADA), content, **usual | given_)


def test_a_mail_carries_who_when_and_how_to_get_out() -> None:
    message = composed()
    assert (message.id, message.to, message.at) == ("lead-1.w.1.0", "ada@x.example", NOW)
    assert (message.subject, message.text) == ("Hello Ada", f"Hi Ada\n\n--\nUnsubscribe: {URL}")
    assert message.html == (
        '<html><body>Hi<p><a href="https://acme.example/u?t=abc&amp;x=1">Unsubscribe</a></p></body></html>'
    )
    assert message.headers == {
        "From": "Acme <n@Mail.Acme.example>",
        "Message-ID": message_id_header("lead-1.w.1.0", "mail.acme.example"),
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{URL}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_where_the_author_put_the_link_none_is_added() -> None:
    content = Content("c", "s", "Out: {{ links.unsubscribe }} Bye", html='<a href="{{ links.unsubscribe }}">Out</a>')
    message = composed(content)
    assert message.text == f"Out: {URL} Bye"
    assert message.html == '<a href="https://acme.example/u?t=abc&amp;x=1">Out</a>'


@pytest.mark.parametrize(
    ("content_language", "lead_language", "word"),
    [("de", None, "Abmelden"), (None, "de-AT", "Abmelden"), ("en", "de", "Unsubscribe"), (None, "tlh", "Unsubscribe")],
)
def test_the_link_speaks_the_language_of_the_mail(content_language: str, lead_language: str, word: str) -> None:
    lead = a_lead(email="ada@x.example", person={"language": lead_language})
    assert f"\n{word}: https" in composed(Content("c", "s", "b", language=content_language), lead=lead).text


def test_a_transactional_mail_does_without_a_way_out() -> None:
    message = composed(unsubscribe_url=None)
    assert set(message.headers) == {"From", "Message-ID", "Auto-Submitted"}
    assert message.text == "Hi Ada"


def test_html_without_a_body_gets_the_link_at_its_end() -> None:
    assert str(composed(Content("c", "s", "b", html="<p>Hi</p>")).html).endswith("Unsubscribe</a></p>")


@pytest.mark.parametrize(
    "url",
    ["http://acme.example/u", "acme.example", "https://", "https://[", "https://?x", "mailto:u@acme.example",
     "https://acme.example/u>,<https://evil", "https://acme.example/ä",
     "https://acme.example/a b", "https://acme.example/a\r\nBcc: x@y.example",
     "javascript:x"],
)  # fmt: skip
def test_a_way_out_is_an_https_address(url: str) -> None:
    with pytest.raises(InvalidInput, match="RFC 8058"):
        composed(unsubscribe_url=url)


def test_without_an_address_nothing_is_composed() -> None:
    with pytest.raises(InvalidInput, match="has no e-mail address"):
        composed(lead=a_lead())


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        composed(now=datetime(2026, 1, 1))
    assert composed(now=datetime(2026, 1, 1, tzinfo=UTC)).at == datetime(2026, 1, 1, tzinfo=UTC)


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
def test_a_message_id_is_stable_unique_and_tells_nothing(one: str, other: str) -> None:
    header = message_id_header(one, "acme.example")
    assert re.fullmatch(r"<[0-9a-f]{32}@acme\.example>", header)
    assert header == message_id_header(one, "acme.example")
    assert (header == message_id_header(other, "acme.example")) == (one == other)


def test_the_domain_of_the_message_id_can_be_chosen() -> None:
    assert composed(domain="ids.acme.example").headers["Message-ID"] == message_id_header(
        "lead-1.w.1.0", "ids.acme.example"
    )
    assert str(composed().headers["Message-ID"]).endswith("@mail.acme.example>")


@pytest.mark.parametrize("domain", ["", "a b", "x>\r\nBcc: y", "-", "a@b"])
def test_a_domain_that_is_none_is_refused(domain: str) -> None:
    with pytest.raises(InvalidInput, match="domain"):
        message_id_header("m", domain)
