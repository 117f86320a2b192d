"""Excel workbooks (.xlsx), a sheet as records, read as a stream (extra ``excel``)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from leadflow.errors import InvalidInput, require
from leadflow.files.table_source import TableRecord

__all__ = ["Workbook", "workbook"]

UNPACKED_LIMIT: Final = 4 << 30
ZEROS: Final = re.compile(r"0{2,20}")
"""A number format that shows leading zeros, such as that of a postcode."""
WHOLE_LIMIT: Final = 10**15
"""Above it a float no longer tells whole numbers apart."""


@dataclass(frozen=True)
class Workbook:
    """One sheet of a workbook."""

    path: Path
    sheet: str
    others: tuple[str, ...] = ()
    length: int | None = None
    delimiter = None

    @property
    def form(self) -> str:
        """How the file is written, for people."""
        return f"Excel workbook, sheet {self.sheet!r}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Which other sheets there are."""
        return (f"other sheets were not read: {', '.join(self.others)[:200]}; set sheet",) if self.others else ()

    def records(self) -> Iterator[TableRecord]:
        """Read the rows that have anything in them."""
        with _opened(self.path) as book:
            yield from _records(book[self.sheet])


def workbook(path: Path, sheet: str | None = None) -> Workbook:
    """Look at a workbook: the sheet that is named, otherwise the first visible one that has two rows."""
    with _opened(path) as book:
        names = [str(one.title) for one in book.worksheets]
        if sheet is not None and sheet not in names:
            raise InvalidInput("sheet", sheet, f"the workbook has no such sheet; there are: {', '.join(names)[:300]}")
        visible = [one for one in book.worksheets if one.sheet_state == "visible"]
        full = (str(one.title) for one in visible if sum(1 for _, _ in zip(_records(one), range(2), strict=False)) == 2)
        chosen = sheet or next(full, names[0] if names else None)
        if chosen is None:
            raise InvalidInput("file", str(path), "the workbook has no sheet with cells; export the table again")
        others = tuple(str(one.title) for one in visible if one.title != chosen)
        return Workbook(path, chosen, others, book[chosen].max_row)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    require("excel")
    import openpyxl

    try:
        with zipfile.ZipFile(path) as packed:
            if "xl/workbook.xml" not in packed.namelist():
                raise InvalidInput("file", str(path), "it is a packed file, but no .xlsx workbook; unpack it first")
            if sum(one.file_size for one in packed.infolist()) > UNPACKED_LIMIT:
                raise InvalidInput("file", str(path), "the workbook is larger than 4 GB unpacked; export it as CSV")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except InvalidInput:
        raise
    except Exception as error:  # noqa: BLE001 (a damaged workbook fails in as many ways as XML and zip can)
        raise InvalidInput("file", str(path), f"the workbook can't be read ({error}); save it again") from None
    try:
        yield book
    finally:
        book.close()


def _records(sheet: Any) -> Iterator[TableRecord]:
    sheet.reset_dimensions()  # what some programs write there is wrong
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield TableRecord(number, cells)


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
