"""Liquid in bounds: what authors may write, and what comes of a lead's values."""

from __future__ import annotations

import sys
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.entities import Entity, Lead, Line, safe_line
from leadflow.errors import DefinitionError, LeadflowError, MissingExtra
from leadflow.nurturing import Content, render
from leadflow.testing.builders import a_lead
from leadflow.testing.clock import NOW


def text_of(template: str, lead: Lead[Any] | None = None, **more: Any) -> str:
    return render(Content("c", "s", template), lead or a_lead(), now=NOW, **more).text


def html_of(template: str, lead: Lead[Any]) -> str | None:
    return render(Content("c", "s", "b", html=template), lead).html


class Fleet(Entity):
    size: int | None = None


ADA = a_lead(
    email="ada@x.example",
    person={"first_name": "Ada", "last_name": "Lovelace", "seniority": "director"},
    company={"name": "A & B", "employees": 900},
    address={"city": "Kiel"},
    interests=("iot", "cloud"),
    timing="2026-03-01",
    custom=Fleet(size=12),
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hi {{ person.first_name }}", "Hi Ada"),
        ("{{ person.full_name }}, {{ company.employees }}, {{ address.city }}", "Ada Lovelace, 900, Kiel"),
        ("{{ email }} {{ custom.size }} {{ stage }} {{ timing }}", "ada@x.example 12 lead 2026-03-01"),
        ("{% for one in interests %}{{ one }};{% endfor %}", "iot;cloud;"),
        ("{{ person.salutation }}|{{ company.industry | default: 'your industry' }}", "|your industry"),
        ("{{ custom.nothing }}{{ links.nothing }}", ""),
        (
            "{{ today }} {{ today | date: '%d.%m.%Y' }} {{ today | date: '%-d.%-m.%y' }}",
            "2026-01-15 15.01.2026 15.1.26",
        ),
        ("{{ timing | date: '%B %Y' }} {{ 'soon' | date: '%Y' }}", "March 2026 soon"),
        ("{% if company.employees >= 250 %}big{% else %}small{% endif %}", "big"),
        ("{% assign name = person.first_name | upcase %}{{ name }}", "ADA"),
        ("{% for i in (1..3) %}{{ i }}{% endfor %}", "123"),
        ("{% raw %}{{ person }}{% endraw %}", "{{ person }}"),
        ("no template at all", "no template at all"),
        ("company: {{ company.name }}", "company: A & B"),
    ],
)
def test_templates_say_what_is_known(template: str, text: str) -> None:
    assert text_of(template, ADA) == text


def test_links_are_reached_by_name() -> None:
    assert text_of("{{ links.shop }}", links={"shop": "https://acme.example/shop"}) == "https://acme.example/shop"


# -------------------------------------------------------------------------------------------- a lead's values are data
EVIL = [
    "{{7*7}}",
    "{{ company.name }}",
    "{% assign x = 1 %}",
    "{{ '' | append: 'x' }}",
    "${7*7}",
    "%s%n",
    "{0.__class__}",
    "<%= 7 %>",
]


@pytest.mark.parametrize("name", EVIL)
def test_what_looks_like_a_template_in_a_value_arrives_as_it_is(name: str) -> None:
    lead = a_lead(person={"first_name": name}, company={"name": "secret"})
    for template in (
        "{{ person.first_name }}",
        "{% assign x = person.first_name %}{{ x }}",
        "{{ person['first_name'] }}",
    ):
        assert text_of(template, lead) == name


@given(st.text(max_size=60).filter(safe_line))
def test_any_value_arrives_as_it_is(value: str) -> None:
    lead = a_lead(custom={"note": value}, lead_type=Lead[Noted])
    assert text_of("[{{ custom.note }}]", lead) == f"[{lead.custom.note}]"


class Noted(Entity):
    note: Line


@pytest.mark.parametrize(
    "template",
    ["{{ company.name }}", "{{ company.name | upcase }}", "{{ company.name | append: '' | strip }}",
     "{% capture x %}{{ company.name }}{% endcapture %}{{ x }}", "{{ company.name | split: '' | join: '' }}",
     "{{ company.name | replace: 'q', '' }}", "{{ company.name | default: 'x' }}", "{{ company.name | truncate: 90 }}",
     "{% assign x = company.name %}{{ x }}", "{{ company.name | newline_to_br }}",
     "{{ company.name | strip_newlines }}", "{{ company.name | strip_html }}", "{{ company.name | squish }}",
     "{{ company.name | prepend: '' }}", "{{ company.name | slice: 0, 99 }}", "{{ company.name | truncatewords: 9 }}",
     "{{ company.name | remove_first: 'q' }}", "{{ company.name | url_encode }}", "{{ company.name | capitalize }}",
     "{{ company.name | split: ' ' | last }}", "{{ interests | uniq | compact }}", "{{ company.name | escape }}",
     "{{ company.name | default: 'x' | escape | downcase }}", "{{ company.name | replace: 'q', company.name }}",
     "{{ '' | append: company.name }}", "{{ company.name | escape_once }}", "{{ company }}", "{{ interests }}",
     "{% for x in interests %}{{ x }}{% endfor %}", "{{ interests | join: ' ' }}", "{{ interests | first }}",
     "{% cycle company.name %}", "{% echo company.name %}", "{{ interests | sort | reverse | first }}"],
)  # fmt: skip
@pytest.mark.parametrize("evil", ['<script>alert("1")</script>', "<img src=x onerror=alert(1)>", "&lt;script&gt;<b"])
def test_no_value_becomes_html(template: str, evil: str) -> None:
    html = html_of(f"<p>{template}</p>", a_lead(company={"name": evil}, interests=(evil,)))
    assert html is not None
    assert "<" not in html.removeprefix("<p>").removesuffix("</p>").replace("<br />", "")


def test_a_value_does_not_leave_its_attribute() -> None:
    lead = a_lead(company={"name": "\"' onclick=alert(1)"})
    html = html_of('<a title="{{ company.name }}">x</a>', lead)
    assert html is not None
    assert html.count('"') == 2
    assert "'" not in html


def test_nothing_internal_is_within_reach() -> None:
    lead = a_lead(note="do not call", owner="anna", consented="newsletter", need="cheap")
    for name in ("note", "owner", "consents", "score", "findings", "version", "id", "need", "budget"):
        with pytest.raises(DefinitionError, match=f"there is no '{name}'"):
            text_of(f"{{{{ {name} }}}}", lead)


# -------------------------------------------------------------------------------------------- authors' mistakes
@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("Hi\n{{ persn.first_name }}", "body, line 2: there is no 'persn'; there are address"),
        ("{% comment %}\n\n\n{% endcomment %}\n{{ email | shout }}", "body, line 5: there is no filter 'shout'"),
        ("Hi\n\n{{ person.firstname }}", "body, line 3: person has no 'firstname'; it has department"),
        ("{{ person['__class__'] }}", "person has no '__class__'"),
        ("{% for p in persons %}{% endfor %}", "there is no 'persons'"),
        ("{% if personal.x %}{% endif %}", "there is no 'personal'"),
        ("{{ email | shout }}", "body, line 1: there is no filter 'shout'"),
        ("{{ email | safe }}", "no filter 'safe'"),
        ("{{ email | url_decode }}", "no filter 'url_decode'"),
        ("{% include 'secrets' %}", "unexpected tag 'include'"),
        ("{% render '/etc/passwd' %}", "unexpected tag 'render'"),
        ("{% if email %}", "expected tag endif"),
        ("a\nb {{ email", "body: line 2: expected '}}'"),
        ("x" * 50_001, "50,001 characters; a template has at most 50,000"),
    ],
)
def test_mistakes_are_found_when_a_content_is_built(template: str, message: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        Content("c", "s", template)
    assert message in str(refused.value)


BIG = "a" * 1_000
ATTACKS = [
    "{% for i in (1..1000000000) %}x{% endfor %}",
    "{{ (1..1000000000) | join: 'x' }}",
    "{{ (1..99999999999999999999999999) | size }}",
    "{% assign n = 999999999 %}{% for i in (1..n) %}x{% endfor %}",
    "{% assign n = 999999999 %}{% if (1..n) contains 'x' %}y{% endif %}",
    "{% for i in interests limit: (1..99999999) %}{% endfor %}",
    "{% for i in (1..900) %}{% for j in (1..900) %}x{% endfor %}{% endfor %}",
    "{% for i in (1..900) %}{% endfor %}" * 3,
    f"{{% assign x = '{BIG}' %}}" + "{% assign x = x | append: x %}" * 30,
    f"{{% capture x %}}{BIG}{{% endcapture %}}" + "{% capture x %}{{ x }}{{ x }}{% endcapture %}" * 30,
    f"{{{{ '{BIG}' | replace: 'a', '{BIG}' }}}}",
    f"{{{{ '{BIG}' | split: '' | join: '{BIG}' }}}}",
    "{{ 'aaaaaaaaaa'" + "| replace: 'a', 'aaaaaaaaaa'" * 12 + " }}",
    "{{ 9" + "| times: 99999999999" * 50 + "}}",
    "{{ '1e999999999' | plus: 1 }}",
    "{{ '1e9999999' | floor }}",
    "{{ 'x' | slice: 0, 99999999999999999999999 }}",
    "{{ " + "9" * 5_000 + " }}",
    "{{ today | date: '%999999999d' }}",
    "{% if " + "email == 1 and " * 3_000 + "true %}{% endif %}",
    "{% if true %}" * 500 + "{% endif %}" * 500,
    "{{ " + "[" * 2_000 + "1",
    "{% for i in (1..900) %}" + BIG + "{% endfor %}",
    "{% for i in (1..999) %}{{ '" + BIG * 9 + "' | upcase | downcase | upcase | downcase | size }}{% endfor %}",
    "{% capture a %}"
    + BIG * 30
    + "{% endcapture %}"
    + "".join(f"{{% capture a{i} %}}{{{{ a }}}}{{{{ a }}}}{{{{ a }}}}{{% endcapture %}}" for i in range(200)),
    "{{ 1 | divided_by: 0 }}",
    "{{ 1 | modulo: 0 }}",
]


@pytest.mark.parametrize("template", ATTACKS, ids=lambda one: one[:40])
def test_a_template_that_would_do_too_much_is_stopped(template: str) -> None:
    with pytest.raises(DefinitionError, match=r"[Cc]ontent 'c'[:,] body"):
        text_of(template, ADA)


LONG = "a" * 40_000


@pytest.mark.parametrize(
    "template",
    [
        f"{{{{ '{LONG[:20_000]}' | replace: 'a', '{LONG[:20_000]}' }}}}",
        f"{{{{ '{BIG[:900]}' | split: '' | join: '{LONG}' }}}}",
    ],
    ids=["replace", "join"],
)
def test_what_would_grow_by_multiplying_is_stopped_before_it_grows(template: str) -> None:
    content = Content("c", "s", template)
    tracemalloc.start()
    try:
        with pytest.raises(DefinitionError, match="too much work"):
            render(content, ADA)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


PIECES = st.sampled_from(
    """{{ }} {% %} person .first_name | upcase replace: 'a' , for in (1..3) if endif endfor assign x = [ ] 0 raw endraw
    case when -%} cycle echo liquid capture endcapture custom == and contains #""".split()
)


@given(st.lists(PIECES, max_size=25).map(" ".join))
def test_any_template_renders_or_is_a_definition_error(template: str) -> None:
    with suppress(DefinitionError):
        assert isinstance(text_of(template, ADA), str)


# -------------------------------------------------------------------------------------------- subjects, and no Liquid
def test_a_subject_is_one_line_of_bounded_length() -> None:
    lead = a_lead(need="a\nb", custom={"note": "x\r\nBcc: evil@x.example\u2028y"}, lead_type=Lead[Noted])
    assert render(Content("c", "A\n{{ custom.note }}", "b"), lead).subject == "A x Bcc: evil@x.example y"
    long = render(Content("c", "{{ custom.note }}", "b"), lead.but(custom=Noted(note="x" * 900))).subject
    assert (len(long), long[-1]) == (250, "…")


@pytest.mark.parametrize("subject", ["", "  ", "{{ company.name }}"])
def test_an_empty_subject_is_refused(subject: str) -> None:
    with pytest.raises(DefinitionError, match="subject: it is empty for lead lead-1"):
        render(Content("c", subject, "b"), a_lead())


def test_plain_texts_need_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "liquid", None)
    from leadflow.nurturing import sandbox

    sandbox.environment.cache_clear()
    assert text_of("Just a text, { or 100 % of it") == "Just a text, { or 100 % of it"
    with pytest.raises(MissingExtra, match=r"leadflow\[templates\]"):
        Content("c", "s", "{{ today }} without liquid")
    assert issubclass(MissingExtra, LeadflowError)
