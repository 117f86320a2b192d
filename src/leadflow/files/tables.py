"""Rows of a table in a file, whatever program wrote it, with the line that each begins in and what is wrong with it.

CSV, Excel workbooks (extra ``excel``) and JSON lines. A row that can't be read is a row with a ``problem``; a file that
can't be read is ``InvalidInput``. A file is read as a stream: its size doesn't matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from leadflow.entities import Finding
from leadflow.errors import InvalidInput
from leadflow.files.csv_source import csv_source
from leadflow.files.encodings import openable
from leadflow.files.formulas import restored
from leadflow.files.json_lines import JsonLines, json_lines
from leadflow.files.row_cells import KEPT, ColumnForms, fitted, plain_cell
from leadflow.files.table_layout import Layout, PassedOver, is_beside, layout_of
from leadflow.files.table_source import RecordSource, TableRecord
from leadflow.files.text_damage import mended
from leadflow.files.workbook import workbook
from leadflow.quality.results import warning

__all__ = ["FileTable", "Row", "Watch", "table", "unwatched", "watched"]

FORMS_SAMPLE: Final = 200
NO_TABLES: Final = (
    (b"\xd0\xcf\x11\xe0", "it is a workbook of an old Excel, or has a password; save it as .xlsx or CSV"),
    (b"%PDF", "it is a PDF; export the table as CSV"),
    (b"\x1f\x8b", "it is compressed; unpack it first"),
    (b"Rar!", "it is compressed; unpack it first"),
)


class Watch(Protocol):
    """Is told how many rows are done of what is being read, and of about how many, if that is known."""

    def __call__(self, name: str, rows: int, of: int | None = None, /) -> None: ...


def unwatched(_name: str, _rows: int, _of: int | None = None, /) -> None:
    """The ``Watch`` of nobody."""


class Row(NamedTuple):
    """One row: the line of the file that it begins in, its cells by column, and why it can't be used.

    ``findings`` are on what was put right in it, such as letters in another encoding.
    """

    line: int
    cells: Mapping[str, str]
    problem: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def broken(self) -> str | None:
        """Why its cells can't all be told apart, if that is so: nothing is learned from such a row."""
        return self.problem or (self.findings[-1].message if KEPT in self.cells else None)

    def refused(self, why: str) -> str:
        """Return why it is not used, with what is wrong with its cells before that."""
        found = (one for one in self.findings if one.severity != "note")
        said = [one.message if one.field == "row" else f"{one.field}: {one.message}" for one in found]
        return ": ".join(["; ".join(said), why] if said else [why])


@dataclass(frozen=True)
class FileTable:
    """An inspected file: its columns are known, its rows are read on demand."""

    path: Path
    source: RecordSource
    layout: Layout = field(repr=False)
    passed_over: PassedOver = field(default_factory=PassedOver, repr=False, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, each once."""
        return self.layout.columns

    @property
    def header_line(self) -> int:
        """The line of the column names."""
        return self.layout.line

    @property
    def form(self) -> str:
        """How the file is written, for people: ``utf-8, comma``."""
        return self.source.form

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how it was read."""
        return (*self.source.notes, *self.layout.notes, *self.passed_over.notes)

    @property
    def about(self) -> int | None:
        """About how many rows there are: the lines below the header, of which a row may have several."""
        length = self.source.length
        return None if length is None else max(length - self.header_line, 0)

    def rows(self) -> Iterator[Row]:
        """Read the rows: without what stands before the column names, without totals and other lines of a report."""
        self.passed_over.clear()
        for record in self._records():
            if is_beside(record.cells, self.layout):
                self.passed_over.add(record)
            else:
                yield self._row(record)

    @cached_property
    def _forms(self) -> ColumnForms:
        """What the cells of the columns look like in the first rows."""
        return ColumnForms.of(islice(self._records(), FORMS_SAMPLE), self.columns)

    def _records(self) -> Iterator[TableRecord]:
        return (record for record in self.source.records() if record.line > self.header_line)

    def _row(self, record: TableRecord) -> Row:
        if record.problem is not None:
            return Row(record.line, {}, record.problem)
        width = len(self.columns)
        needs_forms = len(record.cells) > width and record.opened is None
        fit = fitted(record, self.columns, self.source.delimiter, self._forms if needs_forms else ColumnForms(()))
        row: dict[str, str] = {}
        findings = [warning(one.code, self.columns[one.place], one.why) for one in record.doubts if one.place < width]
        for column, cell in zip(self.columns, fit.cells, strict=True):
            row[column], found = plain_cell(column, restored(cell or ""))
            findings += [found] if found else []
        if fit.kept is not None:
            row[KEPT] = plain_cell(KEPT, fit.kept)[0]
        return Row(record.line, row, None, (*findings, *mended(row), *fit.findings))


def table(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header_line: int | None = None,
) -> FileTable:
    """Look at a file: find out how it is written and its columns. ``InvalidInput`` if it has none.

    What is given is not found out: ``encoding`` and ``delimiter`` of CSV, the ``sheet`` of a workbook, the line of the
    column names.
    """
    source = _source(openable(path), encoding, delimiter, sheet)
    return FileTable(path, source, layout_of(path, source, header_line))


def _source(path: Path, encoding: str | None, delimiter: str | None, sheet: str | None) -> RecordSource:
    with path.open("rb") as file:
        start = file.read(512)
    for mark, why in NO_TABLES:
        if start.startswith(mark):
            raise InvalidInput("file", str(path), why)
    if start.startswith(b"PK\x03\x04"):
        return workbook(path, sheet)
    if JsonLines.begins_like(path, start):
        return json_lines(path)
    return csv_source(path, encoding, delimiter)


def watched(name: str, read: FileTable, watch: Watch, limit: int | None = None) -> Iterator[Row]:
    """Read the first rows of a table, all without a limit, and report how many are done."""
    about = read.about
    of = about if limit is None else limit if about is None else min(limit, about)
    for number, row in enumerate(islice(read.rows(), limit), 1):
        watch(name, number, of)
        yield row
