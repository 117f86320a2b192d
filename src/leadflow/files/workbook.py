"""Excel workbooks (.xlsx), a sheet as records, read as a stream (extra ``excel``)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Final, NamedTuple

from leadflow.errors import InvalidInput, require
from leadflow.files.column_headers import is_known_header
from leadflow.files.table_source import CellDoubt, TableRecord

__all__ = ["SheetMarks", "Workbook", "workbook"]

UNPACKED_LIMIT: Final = 4 << 30
ZEROS: Final = re.compile(r"0{2,20}")
"""A number format that shows leading zeros, such as that of a postcode."""
WHOLE_LIMIT: Final = 10**15
"""Above it a float no longer tells whole numbers apart."""
SCANNED: Final = 16 << 20
WINDOW: Final = 50


class SheetMarks(NamedTuple):
    """What is in a sheet beside the values of its cells."""

    has_formulas: bool = False
    hidden_rows: int = 0
    is_merged: bool = False


@dataclass(frozen=True)
class Workbook:
    """One sheet of a workbook."""

    path: Path
    sheet: str
    others: tuple[str, ...] = ()
    length: int | None = None
    marks: SheetMarks = field(default_factory=SheetMarks)
    delimiter = None

    @property
    def form(self) -> str:
        """How the file is written, for people."""
        return f"Excel workbook, sheet {self.sheet!r}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Which other sheets there are, and what is not seen in the rows as they are read."""
        notes = [f"other sheets were not read: {', '.join(self.others)[:200]}; set sheet"] if self.others else []
        if self.marks.hidden_rows:
            notes.append(f"{self.marks.hidden_rows:,} rows are hidden in the sheet; they were read like the others")
        if self.marks.is_merged:
            notes.append("cells of several rows are merged; their value counts for the first row only")
        return tuple(notes)

    def records(self) -> Iterator[TableRecord]:
        """Read the rows that have anything in them."""
        with _opened(self.path) as book:
            if not self.marks.has_formulas:
                yield from _records(book[self.sheet])
                return
            with _opened(self.path, values=False) as formulas:
                yield from _records(book[self.sheet], formulas[self.sheet])


def workbook(path: Path, sheet: str | None = None) -> Workbook:
    """Look at a workbook: the sheet that is named, else the visible one with the most names of columns, the first if
    there is none.
    """
    with _opened(path) as book:
        names = [str(one.title) for one in book.worksheets]
        if sheet is not None and sheet not in names:
            raise InvalidInput("sheet", sheet, f"the workbook has no such sheet; there are: {', '.join(names)[:300]}")
        visible = [one for one in book.worksheets if one.sheet_state == "visible"]
        if sheet is None and not names:
            raise InvalidInput("file", str(path), "the workbook has no sheet with cells; export the table again")
        chosen = sheet or str(max(visible or book.worksheets, key=_likeness).title)
        others = tuple(str(one.title) for one in visible if one.title != chosen)
        return Workbook(path, chosen, others, book[chosen].max_row, _marks(path, book[chosen]))


def _likeness(sheet: Any) -> tuple[int, bool]:
    """How many names of columns a sheet has in one of its first rows, and whether there is anything below."""
    records = [record.cells for record in islice(_records(sheet), WINDOW)]
    return max((sum(map(is_known_header, {*cells})) for cells in records), default=0), len(records) > 1


def _marks(path: Path, sheet: Any) -> SheetMarks:
    """Look into the first 16 MB of the sheet; of a longer one it is taken for granted that it has formulas."""
    with zipfile.ZipFile(path) as packed, packed.open(str(sheet._worksheet_path).lstrip("/")) as file:
        text = file.read(SCANNED)
        has_formulas = bool(file.read(1)) or re.search(rb"<(?:\w+:)?f[ />]", text) is not None
    hidden = sum(1 for _ in re.finditer(rb"<(?:\w+:)?row [^>]*hidden=\"(?:1|true)\"", text))
    spans = re.findall(rb"<(?:\w+:)?mergeCell [^>]*ref=\"[A-Z]+(\d+):[A-Z]+(\d+)\"", text)
    return SheetMarks(has_formulas, hidden, any(first != last and int(first) > 1 for first, last in spans))


@contextmanager
def _opened(path: Path, *, values: bool = True) -> Iterator[Any]:
    require("excel")
    import openpyxl

    try:
        with zipfile.ZipFile(path) as packed:
            if "xl/workbook.xml" not in packed.namelist():
                what = "it is a packed file, but no .xlsx workbook; unpack it first, or save the table as .xlsx or CSV"
                raise InvalidInput("file", str(path), what)
            if sum(one.file_size for one in packed.infolist()) > UNPACKED_LIMIT:
                raise InvalidInput("file", str(path), "the workbook is larger than 4 GB unpacked; export it as CSV")
        book = openpyxl.load_workbook(path, read_only=True, data_only=values, keep_links=False)
    except InvalidInput:
        raise
    except Exception as error:  # noqa: BLE001 (a damaged workbook fails in as many ways as XML and zip can)
        raise InvalidInput("file", str(path), f"the workbook can't be read ({error}); save it again") from None
    try:
        yield book
    finally:
        book.close()


def _records(sheet: Any, formulas: Any = None) -> Iterator[TableRecord]:
    behind = repeat(()) if formulas is None else _rows(formulas)
    for number, (row, written) in enumerate(zip(_rows(sheet), behind, strict=False), 1):
        cells = [_text(cell) for cell in row]
        doubts = [*_errors(row), *_uncomputed(row, written)]
        while cells and not cells[-1].strip() and len(cells) - 1 not in {one.place for one in doubts}:
            cells.pop()
        if cells:
            yield TableRecord(number, cells, doubts=tuple(doubts))


def _rows(sheet: Any) -> Iterator[Sequence[Any]]:
    sheet.reset_dimensions()  # what some programs write there is wrong
    yield from sheet.iter_rows()


def _errors(row: Sequence[Any]) -> Iterator[CellDoubt]:
    for place, cell in enumerate(row):
        if cell.value is not None and cell.data_type == "e":
            yield CellDoubt(place, "spreadsheet_error", f"holds the error {cell.value} of a formula; put it right")


def _uncomputed(row: Sequence[Any], written: Sequence[Any]) -> Iterator[CellDoubt]:
    """Formulas whose result the workbook doesn't have, since no spreadsheet program has computed them."""
    for place, cell in enumerate(written):
        if cell.data_type == "f" and (place >= len(row) or row[place].value is None):
            formula = str(cell.value)[:60]
            why = f"holds the formula {formula} without its result; open the file in a spreadsheet and save it"
            yield CellDoubt(place, "formula_without_value", why)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE_LIMIT:
        value = int(value)
    if isinstance(value, int) and ZEROS.fullmatch(str(cell.number_format)):
        return str(value).zfill(len(cell.number_format))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)
