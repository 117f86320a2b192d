"""The frame of all pages: one HTML file that loads and runs nothing, and the layout of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from leadflow.insights.report.markup import Markup, joined, tag

__all__ = ["ReportSection", "beside", "framed", "nothing", "says"]

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Makes the browser enforce that the page loads and runs nothing."""

ReportSection = tuple[str, str, Markup]
"""Anchor, heading, content."""


def framed(
    sections: Sequence[ReportSection],
    *,
    kicker: str,
    title: str,
    when: str,
    figures: Iterable[tuple[str, str]] = (),
    made_from: str = "",
) -> str:
    """Return a complete page: a header with the key figures (number, label) and links, then the sections."""
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
    """Return a chart with its table beside it."""
    return tag("div", tag("figure", drawn), tag("div", *more), class_="beside")


def nothing(text: str) -> Markup:
    """Return the text for an empty section."""
    return tag("p", text, class_="empty")


def says(*text: str) -> Markup:
    """Return a note."""
    return tag("p", *text, class_="says")
