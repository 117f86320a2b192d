"""SVG charts with accessible titles and descriptions, and horizontal bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from leadflow.insights.report.labels import short
from leadflow.insights.report.markup import Markup, joined, tag

__all__ = ["WIDTH", "Bar", "Part", "bars", "legend", "picture", "rectangle", "said"]

WIDTH: Final = 420
"""The width in units: about as many as a phone has pixels, so that text stays readable there."""
ROW: Final = 42
BAR: Final = 13
LABEL: Final = 34


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a bar: its length, its colour (a class of the style sheet), and its label."""

    value: float
    colour: str
    says: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: label and note above, its parts side by side, or (``over``) overlapping from the left.

    ``marks`` are lines across the bar: a value and its label.
    """

    label: str
    parts: tuple[Part, ...]
    note: str = ""
    over: bool = False
    marks: tuple[tuple[float, str], ...] = ()

    @property
    def reach(self) -> float:
        """The greatest value in the row."""
        ends = [part.value for part in self.parts] or [0.0]
        return max([max(ends) if self.over else sum(ends), *(value for value, _ in self.marks)])


def picture(name: str, title: str, description: str, height: float, *shapes: str) -> Markup:
    """Return an SVG picture; ``name`` must be unique on the page."""
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        *shapes,
        viewBox=f"0 0 {WIDTH} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def said(x: float, y: float, text: str, class_: str = "", anchor: str | None = None) -> Markup:
    """Return a text in a picture."""
    return tag("text", text, x=f"{x:.1f}", y=f"{y:.1f}", class_=class_ or None, text_anchor=anchor)


def bars(name: str, title: str, description: str, rows: Sequence[Bar], most: float | None = None) -> Markup:
    """Return a chart of horizontal bars on one scale from 0 to ``most`` (by default the longest bar)."""
    reach = max([most or 0.0, *(row.reach for row in rows)]) or 1.0
    shapes = [_bar(row, place * ROW, WIDTH / reach) for place, row in enumerate(rows)]
    return picture(name, title, description, max(len(rows), 1) * ROW, *shapes)


def _bar(row: Bar, top: float, scale: float) -> Markup:
    parts: list[Markup] = []
    at = 0.0
    for part in row.parts:
        start = 0.0 if row.over else at
        parts.append(rectangle(start * scale, top + 19, part.value * scale, BAR, part))
        at += part.value
    return tag(
        "g",
        said(0, top + 12, short(row.label, LABEL)),
        said(WIDTH, top + 12, row.note, "note", "end"),
        tag("rect", x=0, y=top + 19, width=WIDTH, height=BAR, class_="track", rx=2),
        *parts,
        *(_mark(value * scale, top + 16, says) for value, says in row.marks),
    )


def rectangle(x: float, y: float, width: float, height: float, part: Part) -> Markup:
    """Return a part as a rectangle: none for zero, and at least a sliver otherwise."""
    if not part.value:
        return Markup()
    return tag(
        "rect",
        tag("title", part.says),
        x=f"{x:.2f}",
        y=f"{y:.2f}",
        width=f"{max(width, 1):.2f}",
        height=f"{height:g}",
        rx=2,
        class_=part.colour,
        data_value=f"{part.value:g}",
    )


def _mark(x: float, y: float, says: str) -> Markup:
    at = min(max(x, 1), WIDTH - 1)
    return tag("rect", tag("title", says), x=f"{at - 1:.2f}", y=f"{y:.2f}", width=2, height=BAR + 6, class_="mark")


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """Return a legend of the colours: (class, meaning)."""
    items = (tag("li", tag("span", class_=f"key {colour}"), meaning) for colour, meaning in entries)
    return tag("ul", joined(items), class_="legend")
