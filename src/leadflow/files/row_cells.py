"""The cells of a record under the columns of its table, also where there are more or fewer of them than columns.

Of a row that can be read in several ways, what all of them agree on is used; the rest is kept as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from leadflow.entities import Finding
from leadflow.files.column_headers import heading_of
from leadflow.files.table_source import TableRecord
from leadflow.files.text_damage import LOST
from leadflow.quality.results import error, note, warning

__all__ = ["CELL_LIMIT", "KEPT", "ColumnForms", "FittedCells", "fitted", "plain_cell"]

CELL_LIMIT: Final = 100_000
"""The longest cell that is taken, in characters: as long as the longest text of a lead."""
KEPT: Final = "(row as it stands)"
"""The name under which a row is kept whose cells can't all be told apart."""
SPREADSHEET_ERRORS: Final = frozenset(
    "#REF! #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC! #FIELD! #BEZUG! #WERT! #ZAHL! #REF #VALEUR! #NOM? "
    "#NOMBRE! #¿NOMBRE? #¡VALOR! #¡REF! #¡DIV/0! #¡NUM! #VALORE! #NOME? #RIF! #GETAL! #WAARDE! #VERW! #NAAM? #ARG! "
    "#ADR! #NAZWA?".split()
)
FORMS: Final = (
    ("address", re.compile(r"[^\s@,;]+@[^\s@,;]+")),
    ("site", re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)),
    ("digits", re.compile(r"[+(]?\d[\d\s().,:/+-]*", re.ASCII)),
)
FORMS_BY_NAME: Final[Mapping[str, frozenset[str]]] = {
    "email": frozenset({"address"}), "website": frozenset({"site", "text"}), "phone": frozenset({"digits"}),
    "mobile": frozenset({"digits"}), "employees": frozenset({"digits"}),
}  # fmt: skip


@dataclass(frozen=True)
class ColumnForms:
    """What the cells of each column look like, in rows that have as many cells as there are columns."""

    forms: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, records: Iterable[TableRecord], columns: Sequence[str]) -> ColumnForms:
        """Look at some records; where they don't tell, at the names of the columns."""
        seen: list[set[str]] = [set() for _ in columns]
        for record in records:
            if len(record.cells) == len(columns) and record.problem is None and record.opened is None:
                for forms, cell in zip(seen, record.cells, strict=True):
                    forms.update([_form(cell)] if cell.strip() else [])
        named = (heading_of(column) for column in columns)
        usual = (FORMS_BY_NAME.get(one.key, frozenset()) if one else frozenset() for one in named)
        return cls(tuple(frozenset(forms) or by_name for forms, by_name in zip(seen, usual, strict=True)))

    def misfits(self, cells: Sequence[str]) -> int:
        """Count the cells that look like none of their column."""
        return sum(
            1
            for forms, cell in zip(self.forms, cells, strict=True)
            if forms and cell.strip() and _form(cell.strip()) not in forms
        )


@dataclass(frozen=True)
class FittedCells:
    """As many cells as there are columns (None: which one it is can't be told), the row as it stands if it is kept."""

    cells: tuple[str | None, ...]
    findings: tuple[Finding, ...] = ()
    kept: str | None = None


def fitted(record: TableRecord, columns: Sequence[str], delimiter: str | None, forms: ColumnForms) -> FittedCells:
    """Put the cells of a record under the columns. Findings say what was done, if anything was."""
    cells, width = list(record.cells), len(columns)
    if record.opened is not None:
        return _of_open_quote(cells[: record.opened], cells[record.opened], columns, delimiter or ",")
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) == width:
        return FittedCells(tuple(cells))
    if len(cells) < width:
        why = f"has {len(cells)} cells of {width}; the last ones count as blank"
        return FittedCells((*cells, *[""] * (width - len(cells))), (note("short_row", "row", why),))
    if delimiter is None:
        why = f"has cells beyond the {width} columns; they were kept and not used"
        return FittedCells(tuple(cells[:width]), (warning("surplus_cells", "row", why),), "; ".join(cells[width:]))
    return _joined(cells, columns, delimiter, forms)


def _joined(cells: Sequence[str], columns: Sequence[str], delimiter: str, forms: ColumnForms) -> FittedCells:
    """A row in one of whose cells the delimiter stands without quotes, or that has more cells behind all columns."""
    width, more = len(columns), len(cells) - len(columns)
    # "Acme, Inc.": within a text a blank stands behind a comma
    behind_blank = [place for place, cell in enumerate(cells) if cell[:1] == " "]
    readings = {(*cells[:width],): (forms.misfits(cells[:width]), 2)}
    for place in range(width):
        joined = delimiter.join(cells[place : place + more + 1])
        reading = (*cells[:place], joined, *cells[place + more + 1 :])
        readings[reading] = forms.misfits(reading), int(len(behind_blank) != more or behind_blank[0] != place + 1)
    likely = [reading for reading, cost in readings.items() if cost == min(readings.values())]
    agreed = tuple(one[0] if len(set(one)) == 1 else None for one in zip(*likely, strict=True))
    said = f"has {len(cells)} cells, but there are {width} columns; put cells with delimiters into quotes"
    if None in agreed:
        lost = _names(name for name, cell in zip(columns, agreed, strict=True) if cell is None)
        whole = delimiter.join(cells)
        return FittedCells(agreed, (error("surplus_cells", "row", f"{said}; not used: {lost}", whole),), whole)
    if joined_at := [place for place, cell in enumerate(agreed) if cell not in cells]:
        read_as = agreed[joined_at[0]]
        return FittedCells(agreed, (warning("surplus_cells", columns[joined_at[0]], f"{said}; read as one", read_as),))
    rest = delimiter.join(cells[width:])
    return FittedCells(agreed, (warning("surplus_cells", "row", f"{said}; the last were not used", rest),), rest)


def _of_open_quote(cells: Sequence[str], rest: str, columns: Sequence[str], delimiter: str) -> FittedCells:
    """A line with a quote that is never closed: what stands before it, and behind it what has the right width."""
    rest = rest.rstrip("\r\n")
    behind, width = rest.split(delimiter), len(columns)
    said = "a quote is opened here and never closed"
    if len(cells) + len(behind) == width:
        return FittedCells((*cells, *behind), (warning("open_quote", columns[len(cells)], said, rest),))
    unread = width - len(cells)
    if unread <= 0:
        return FittedCells(tuple(cells[:width]), (warning("open_quote", "row", said, rest),), rest)
    said = f"{said}; not used: {_names(columns[len(cells) :])}"
    return FittedCells((*cells, *[None] * unread), (error("open_quote", "row", said, rest),), rest)


def plain_cell(column: str, cell: str) -> tuple[str, Finding | None]:
    """Return a cell that can be used: without NUL bytes, not endless; with the finding if it was otherwise."""
    if len(cell) > CELL_LIMIT:
        why = f"has {len(cell):,} characters; at most {CELL_LIMIT:,} are taken, so it was not used"
        return "", error("too_long", column, why, cell)
    if cell[:1] == "#" and cell.strip().upper() in SPREADSHEET_ERRORS:
        return "", error("spreadsheet_error", column, "holds the error of a formula; put it right", cell)
    if "\0" not in cell:
        return cell, None
    bare = cell.strip("\0")
    if "\0" not in bare:
        return bare, note("nul_bytes", column, "has NUL bytes around it; they were dropped", bare)
    return bare.replace("\0", LOST), None  # lost letters, which are a finding


def _form(cell: str) -> str:
    return next((name for name, form in FORMS if form.fullmatch(cell.strip())), "text")


def _names(columns: Iterable[str]) -> str:
    return ", ".join(columns)[:200]
