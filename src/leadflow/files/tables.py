"""Rows of a table in a file, whatever program wrote it, with the line that each begins in and what is wrong with it.

CSV, Excel workbooks (extra ``excel``) and JSON lines. A row that can't be read is a row with a ``problem``; a file that
can't be read is ``InvalidInput``. A file is read as a stream: its size doesn't matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from leadflow.entities import Finding
from leadflow.errors import InvalidInput
from leadflow.files.csv_source import csv_source
from leadflow.files.encodings import openable
from leadflow.files.formulas import restored
from leadflow.files.json_lines import JsonLines, json_lines
from leadflow.files.table_layout import Layout, is_beside, layout_of
from leadflow.files.table_source import RecordSource, TableRecord
from leadflow.files.text_damage import mended
from leadflow.files.workbook import workbook
from leadflow.quality.results import note

__all__ = ["FileTable", "Row", "Watch", "table", "unwatched", "watched"]

CELL_LIMIT: Final = 100_000
"""The longest cell that is taken, in characters: as long as the longest text of a lead."""
NO_TABLES: Final = (
    (b"\xd0\xcf\x11\xe0", "it is a workbook of an old Excel; save it as .xlsx or CSV"),
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


@dataclass(frozen=True)
class FileTable:
    """An inspected file: its columns are known, its rows are read on demand."""

    path: Path
    source: RecordSource
    layout: Layout = field(repr=False)

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
        return (*self.source.notes, *self.layout.notes)

    @property
    def about(self) -> int | None:
        """About how many rows there are: the lines below the header, of which a row may have several."""
        length = self.source.length
        return None if length is None else max(length - self.header_line, 0)

    def rows(self) -> Iterator[Row]:
        """Read the rows: without what stands before the column names, without totals and other lines of a report."""
        for record in self.source.records():
            if record.line > self.header_line and not is_beside(record.cells, self.layout):
                yield self._row(record)

    def _row(self, record: TableRecord) -> Row:
        cells: Sequence[str] = record.cells
        width = len(self.columns)
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        row = dict(zip(self.columns, map(restored, cells), strict=False))
        problem = record.problem
        if problem is None and len(cells) > width:
            problem = f"has {len(cells)} cells, but there are {width} columns; put cells with delimiters into quotes"
        problem = problem or _problem(row)
        if problem is not None:
            return Row(record.line, row, problem)
        findings = mended(row)
        if len(cells) < width:
            row |= dict.fromkeys(self.columns[len(cells) :], "")
            findings.append(
                note("short_row", "row", f"has {len(cells)} cells of {width}; the last ones count as blank")
            )
        return Row(record.line, row, None, tuple(findings))


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


def _problem(row: Mapping[str, str]) -> str | None:
    for column, cell in row.items():
        if len(cell) > CELL_LIMIT:
            return f"{column}: has {len(cell):,} characters; at most {CELL_LIMIT:,} are taken"
        if "\0" in cell:
            return f"{column}: has NUL bytes; the file is damaged here"
    return None
