"""The frame of every page: one HTML file that loads nothing and runs nothing, and how its parts stand together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from leadflow.insights.report.markup import Markup, joined, tag

__all__ = ["Section", "beside", "framed", "nothing", "says"]

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The browser itself sees to it that the page loads and runs nothing."""

Section = tuple[str, str, Markup]
"""Its anchor, its heading, what stands in it."""


def framed(
    sections: Sequence[Section],
    *,
    kicker: str,
    title: str,
    when: str,
    figures: Iterable[tuple[str, str]] = (),
    made_from: str = "",
) -> str:
    """Return a whole page: a head with the key figures (number, what it counts) and links, then the sections."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", _style()),
    )
    links = (tag("a", heading, href=f"#{name}") for name, heading, _ in sections)
    top = tag(
        "header",
        tag("p", kicker, class_="kicker"),
        tag("h1", title),
        tag("p", when, class_="when") if when else Markup(),
        _figures(figures),
        tag("nav", joined(links), aria_label="Sections"),
    )
    body = (tag("section", tag("h2", heading, id=name), content) for name, heading, content in sections)
    source = f" from {made_from}" if made_from else ""
    end = f"Made by leadflow{source}. This page loads nothing from the network and runs no script."
    page = tag("body", top, tag("main", joined(body)), tag("footer", tag("p", end)))
    return f"<!DOCTYPE html>\n{tag('html', head, page, lang='en')}\n"


@cache
def _style() -> Markup:
    return Markup(files("leadflow.insights.report").joinpath("style.css").read_text(encoding="utf-8"))


def _figures(figures: Iterable[tuple[str, str]]) -> Markup:
    told = joined(tag("div", tag("dt", text), tag("dd", value)) for value, text in figures)
    return tag("dl", told, class_="figures") if told else Markup()


def beside(drawn: Markup, *more: Markup) -> Markup:
    """Return a picture with what belongs beside it."""
    return tag("div", tag("figure", drawn), tag("div", *more), class_="beside")


def nothing(text: str) -> Markup:
    """Return what is said where there is nothing."""
    return tag("p", text, class_="empty")


def says(*text: str) -> Markup:
    """Return a note."""
    return tag("p", *text, class_="says")
