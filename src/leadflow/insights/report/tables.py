"""Tables, with what each row and column is for those who hear them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from leadflow.insights.report.markup import Markup, joined, tag
from leadflow.insights.report.words import number

__all__ = ["Cell", "grade_table", "table"]

Cell = str | int | float | None
SHADES: Final = 5


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Markup:
    """Return a table; the first column names the row, numbers stand to the right."""
    head = tag(
        "tr", *(tag("th", name, scope="col", class_="number" if at else None) for at, name in enumerate(columns))
    )
    body = (tag("tr", tag("th", _text(first), scope="row"), *map(_cell, cells)) for first, *cells in rows)
    inner = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", joined(body)))
    return tag("div", inner, class_="scroll", role="region", aria_label=caption, tabindex=0)


def grade_table(grades: Mapping[str, int]) -> Markup:
    """Return the grades as a square: letters (fit) down, numbers (engagement) across, shaded by how many leads."""
    letters = sorted({grade[0] for grade in grades if len(grade) > 1})
    digits = sorted({grade[1:] for grade in grades if len(grade) > 1}, key=lambda text: (len(text), text))
    most = max(grades.values(), default=0)
    head = tag("tr", tag("td"), *(tag("th", digit, scope="col", class_="number") for digit in digits))
    rows = (
        tag("tr", tag("th", letter, scope="row"), *(_shaded(grades.get(letter + digit, 0), most) for digit in digits))
        for letter in letters
    )
    caption = tag("caption", "Leads by grade: fit A (best) down, engagement 1 (best) across")
    return tag(
        "div", tag("table", caption, tag("thead", head), tag("tbody", joined(rows)), class_="grades"), class_="scroll"
    )


def _shaded(leads: int, most: int) -> Markup:
    shade = -(-leads * SHADES // most) if most else 0
    return tag("td", number(leads) if leads else "·", class_=f"number shade-{shade}")


def _cell(value: Cell) -> Markup:
    return tag("td", _text(value), class_="number")


def _text(value: Cell) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else number(value)
