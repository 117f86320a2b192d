"""Tables, with accessible headers for rows and columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from leadflow.insights.report.labels import number, short
from leadflow.insights.report.markup import Markup, joined, tag

__all__ = ["TableCell", "grade_table", "migration_table", "table"]

TableCell = str | int | float | None
SHADES: Final = 5


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[TableCell]],
    *,
    words: Collection[str] = (),
    class_: str | None = None,
) -> Markup:
    """Return a table; the first column names the row, numbers are right-aligned, columns in ``words`` left-aligned."""
    classes = ["words" if name in words or not place else "number" for place, name in enumerate(columns)]
    head = (tag("th", name, scope="col", class_=class_) for name, class_ in zip(columns, classes, strict=True))
    body = (_row(cells, classes) for cells in rows)
    parts = tag("caption", caption), tag("thead", tag("tr", *head)), tag("tbody", joined(body))
    inner = tag("table", *parts, class_=class_)
    return tag("div", inner, class_="scroll", role="region", aria_label=caption, tabindex=0)


def grade_table(grades: Mapping[str, int]) -> Markup:
    """Return the grades as a matrix: letters (fit) down, numbers (engagement) across, shaded by the number of leads."""
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


def migration_table(grades: Mapping[tuple[str, str], int], order: Sequence[str] = ()) -> Markup:
    """Return how many leads move from one grade (down) to another (across), best first; the diagonal stays."""
    places = {grade: place for place, grade in enumerate(order)}
    names = sorted({grade for pair in grades for grade in pair}, key=lambda name: (places.get(name, len(places)), name))
    most = max((leads for (old, new), leads in grades.items() if old != new), default=0)
    head = tag(
        "tr",
        tag("td", "before ↓ after →", class_="corner"),
        *(tag("th", _grade(name), scope="col", class_="number") for name in names),
    )
    rows = (
        tag(
            "tr",
            tag("th", _grade(old), scope="row"),
            *(_migrated(grades.get((old, new), 0), most, old == new) for new in names),
        )
        for old in names
    )
    caption = tag("caption", "Leads by grade before (down) and after (across); the diagonal stays")
    inner = tag("table", caption, tag("thead", head), tag("tbody", joined(rows)), class_="grades migration")
    return tag("div", inner, class_="scroll", role="region", aria_label="Leads by grade before and after", tabindex=0)


def _grade(name: str) -> str:
    return short(name, 8) or "–"


def _migrated(leads: int, most: int, stays: bool) -> Markup:
    shade = "stays" if stays else f"shade-{-(-leads * SHADES // most) if most else 0}"
    return tag("td", number(leads) if leads else "·", class_=f"number {shade}")


def _shaded(leads: int, most: int) -> Markup:
    shade = -(-leads * SHADES // most) if most else 0
    return tag("td", number(leads) if leads else "·", class_=f"number shade-{shade}")


def _row(cells: Sequence[TableCell], classes: Sequence[str]) -> Markup:
    first, *others = (_text(cell) for cell in cells)
    written = (tag("td", text, class_=class_) for text, class_ in zip(others, classes[1:], strict=True))
    return tag("tr", tag("th", first, scope="row"), *written)


def _text(value: TableCell) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else number(value)
