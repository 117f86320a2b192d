"""Rows of a CSV file, whatever program wrote it, with the line that each begins in and what is wrong with it.

A row that can't be read is a row with a ``problem``; a file that can't be read is ``InvalidInput``. A file is read as
a stream: its size doesn't matter.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TextIO

from leadflow.errors import InvalidInput
from leadflow.files.encodings import Encoding, encoding_of, openable
from leadflow.files.formulas import restored

__all__ = ["CsvTable", "Row", "Watch", "table", "unwatched", "watched"]

CELL_LIMIT: Final = 100_000
"""The longest cell that is taken, in characters: as long as the longest text of a lead."""
RECORD_LIMIT: Final = 4 << 20
"""The longest row; beyond it a quote was not closed."""
COLUMNS_LIMIT: Final = 1_000
DELIMITERS: Final = (",", ";", "\t", "|")
ROWS_TO_SNIFF: Final = 50
SEPARATOR_HINT: Final = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)  # Excel's own hint
DELIMITER_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


class Watch(Protocol):
    """Is told how many rows are done of what is being read, and of about how many, if that is known."""

    def __call__(self, name: str, rows: int, of: int | None = None, /) -> None: ...


def unwatched(_name: str, _rows: int, _of: int | None = None, /) -> None:
    """The ``Watch`` of nobody."""


class Row(NamedTuple):
    """One row: the line of the file that it begins in, its cells by column, and why it can't be used."""

    line: int
    cells: Mapping[str, str]
    problem: str | None = None


@dataclass(frozen=True)
class CsvTable:
    """An inspected CSV file: its columns are known, its rows are read on demand."""

    path: Path
    encoding: Encoding
    delimiter: str
    columns: tuple[str, ...]
    header_line: int = field(default=1, repr=False)

    @property
    def form(self) -> str:
        """How the file is written, for people: ``utf-8, comma``."""
        return f"{self.encoding.name}, {DELIMITER_NAMES.get(self.delimiter, repr(self.delimiter))}"

    @cached_property
    def about(self) -> int:
        """About how many rows there are: the lines below the header, of which a row may have several."""
        with self.path.open("rb") as file:
            lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
        return max(lines - self.header_line, 0)

    def rows(self) -> Iterator[Row]:
        """Read the rows, without the header and without blank lines."""
        with _opened(self.path, self.encoding) as file:
            records = _records(_Lines(file), self.delimiter)
            for line, cells, problem in records:
                if line > self.header_line:
                    yield self._row(line, cells, problem)

    def _row(self, line: int, cells: Sequence[str], problem: str | None) -> Row:
        width = len(self.columns)
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        row = dict(zip(self.columns, map(restored, cells), strict=False))
        if problem is None and len(cells) != width:
            problem = f"has {len(cells)} cells, but there are {width} columns"
        return Row(line, row, problem or _problem(row))


def table(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> CsvTable:
    """Look at a CSV file: find out its encoding, delimiter and columns. ``InvalidInput`` if it has none."""
    coded = encoding_of(openable(path), encoding)
    with _opened(path, coded) as file:
        lines = _Lines(file)
        first = next(lines, "")
        hint = SEPARATOR_HINT.fullmatch(first)
        if hint is None:
            lines.back([first])
        separator = delimiter or (hint and hint[1]) or _sniffed(path, coded)
        for line, cells, problem in _records(lines, separator):
            if problem:
                raise InvalidInput("file", str(path), f"line {line}, the column names: {problem}")
            return CsvTable(path, coded, separator, _columns(path, cells), lines.number)
    raise InvalidInput("file", str(path), "it has no column names; a CSV file begins with a line of them")


def watched(name: str, read: CsvTable, watch: Watch, limit: int | None = None) -> Iterator[Row]:
    """Read the first rows of a table, all without a limit, and report how many are done."""
    of = read.about if limit is None else min(limit, read.about)
    for number, row in enumerate(islice(read.rows(), limit), 1):
        watch(name, number, of)
        yield row


def _columns(path: Path, cells: Sequence[str]) -> tuple[str, ...]:
    names = [restored(name).strip().strip("\ufeff") for name in cells]
    while names and not names[-1]:
        names.pop()
    if any("\0" in name for name in names):
        raise InvalidInput("file", str(path), "its first line has NUL bytes: it is not a text; export it again as CSV")
    if len(names) > COLUMNS_LIMIT:
        raise InvalidInput("file", str(path), f"it has {len(names)} columns; at most {COLUMNS_LIMIT} are read")
    twice = [name for name, times in Counter(names).items() if name and times > 1]
    if twice:
        places = " and ".join(str(at) for at, name in enumerate(names, 1) if name == twice[0])
        raise InvalidInput("file", str(path), f"columns {places} are both called {twice[0]!r}; rename one of them")
    return tuple(name or f"(column {at})" for at, name in enumerate(names, 1))


def _problem(row: Mapping[str, str]) -> str | None:
    for column, cell in row.items():
        if len(cell) > CELL_LIMIT:
            return f"{column}: has {len(cell):,} characters; at most {CELL_LIMIT:,} are taken"
        if cell.isascii() and "\0" not in cell:
            continue
        if "\0" in cell:
            return f"{column}: has NUL bytes; the file is damaged here"
        if any("\ud800" <= c <= "\udfff" for c in cell):
            return f"{column}: is not UTF-8 like the rest of the file; save it again as UTF-8"
    return None


# ------------------------------------------------------------------------------------------------------- records
class _Endless(Exception):
    """A row that doesn't end: a quote was opened and not closed."""


class _Lines:
    """Physical lines, which can be put back; ``record`` are those of the present row, ``number`` the last line."""

    def __init__(self, file: TextIO) -> None:
        self._file, self._waiting = file, deque[str]()
        self.number, self.ended = 0, False
        self.record: list[str] = []
        self._length = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._file.readline(RECORD_LIMIT)
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        self.record.append(line)
        self._length += len(line)
        if self._length > RECORD_LIMIT and len(self.record) > 1:
            raise _Endless
        if len(line) >= RECORD_LIMIT:
            self._skip_rest(line)
        return line

    def _skip_rest(self, line: str) -> None:
        while line and line[-1] not in "\r\n":
            line = self._file.readline(RECORD_LIMIT)

    def begin(self) -> int:
        """Begin a row and return the number of its first line."""
        self.record, self._length, self.ended = [], 0, False
        return self.number + 1

    def back(self, lines: Sequence[str]) -> None:
        """Put lines back, to be read again."""
        self._waiting.extendleft(reversed(lines))
        self.number -= len(lines)


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    """Split lines into rows: first line, cells, problem. An open quote costs the line that it stands in, no more."""
    if csv.field_size_limit() < 2 * RECORD_LIMIT:
        csv.field_size_limit(2 * RECORD_LIMIT)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        begun = lines.begin()
        try:
            cells = next(reader)
            endless = lines.ended  # more lines were asked for in the middle of a row
        except StopIteration:
            return
        except _Endless:
            cells, endless = [], True
        except csv.Error as error:
            yield begun, [], f"can't be read as CSV ({error})"
            continue
        if endless:
            lines.back(lines.record[1:])
            yield begun, [], "a quote is opened here and never closed"
            reader = csv.reader(lines, delimiter=delimiter)
        elif any(cell.strip() for cell in cells):
            yield begun, cells, None


def _sniffed(path: Path, encoding: Encoding) -> str:
    """Return the delimiter that splits the first rows most evenly, and into the most cells."""
    return max(DELIMITERS, key=lambda delimiter: _evenness(path, encoding, delimiter))


def _evenness(path: Path, encoding: Encoding, delimiter: str) -> tuple[float, int]:
    with _opened(path, encoding) as file:
        widths = []
        for _, cells, _ in _records(_Lines(file), delimiter):
            widths.append(len(cells))
            if len(widths) > ROWS_TO_SNIFF:
                break
    if not widths or widths[0] < 2:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def _opened(path: Path, encoding: Encoding) -> TextIO:
    try:
        return path.open(encoding=encoding.name, errors=encoding.errors, newline="")
    except OSError as error:
        raise InvalidInput("file", str(path), f"it can't be read ({error.strerror or error})") from None
