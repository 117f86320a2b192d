"""A CSV file as records: its encoding and delimiter are found out, and an open quote costs no more than its line."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from leadflow.errors import InvalidInput
from leadflow.files.encodings import Encoding, about_lines, encoding_of
from leadflow.files.table_source import TableRecord

__all__ = ["CsvSource", "csv_source"]

RECORD_LIMIT: Final = 4 << 20
"""The longest row; beyond it a quote was not closed."""
DELIMITERS: Final = (",", ";", "\t", "|")
ROWS_TO_SNIFF: Final = 50
BLANK: Final = " \t\r\n\u00a0,;|"
"""What a line with a single cell consists of, if that is none: another program's delimiters."""
SEPARATOR_HINT: Final = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)  # Excel's own hint
DELIMITER_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class CsvSource:
    """A CSV file with its encoding and its delimiter."""

    path: Path
    encoding: Encoding
    delimiter: str
    width: int = 0
    """How many cells most of the first rows have; 0 if that is not known."""
    quote: str = '"'

    @property
    def form(self) -> str:
        """How the file is written, for people: ``utf-8, comma``."""
        return f"{self.encoding.name}, {DELIMITER_NAMES.get(self.delimiter, repr(self.delimiter))}"

    @property
    def notes(self) -> tuple[str, ...]:
        """That the encoding is a guess, where it is one."""
        if not self.encoding.is_guess:
            return ()
        others = f" (or {', '.join(self.encoding.others)})" if self.encoding.others else ""
        return (f"the encoding is a guess: {self.encoding.name}{others}; if letters look wrong, set encoding",)

    @cached_property
    def length(self) -> int:
        """About the number of lines, of which a row may have several."""
        return about_lines(self.path)

    def records(self) -> Iterator[TableRecord]:
        """Read the rows, without blank lines and without Excel's hint at the delimiter."""
        with _opened(self.path, self.encoding) as file:
            lines = _Lines(file)
            first = next(lines, "")
            if SEPARATOR_HINT.fullmatch(first) is None:
                lines.back([first])
            yield from _records(lines, self.delimiter, self.width, self.quote)


def csv_source(path: Path, encoding: str | None = None, delimiter: str | None = None) -> CsvSource:
    """Look at a CSV file: find out its encoding and delimiter, as far as they are not given."""
    coded = encoding_of(path, encoding)
    with _opened(path, coded) as file:
        first = file.readline(RECORD_LIMIT)
        hint = SEPARATOR_HINT.fullmatch(first)
    given = delimiter or (hint and hint[1])
    tried = {one: _evenness(path, coded, one) for one in ((given,) if given else DELIMITERS)}
    best = max(tried, key=lambda one: tried[one])
    in_single = re.fullmatch(rf"\s*'[^']*'(?:{re.escape(best)}'[^']*')+\s*", first)
    return CsvSource(path, coded, best, tried[best][1], "'" if in_single else '"')


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


def _records(lines: _Lines, delimiter: str, width: int, quote: str) -> Iterator[TableRecord]:
    """Split lines into rows. An open quote costs what stands behind it in its line, no more."""
    if csv.field_size_limit() < 2 * RECORD_LIMIT:
        csv.field_size_limit(2 * RECORD_LIMIT)
    quoted = partial(
        _quoted, re.compile(rf'(^|{re.escape(delimiter)})(=?)"((?:[^"]|"")*)"(?={re.escape(delimiter)}|\s*$)')
    )
    reader = csv.reader(map(quoted, lines), delimiter=delimiter, quotechar=quote)
    while True:
        begun = lines.begin()
        try:
            cells = next(reader)
            endless = lines.ended  # more lines were asked for in the middle of a row
        except StopIteration:
            return
        except _Endless:
            cells, endless = [], True
        if endless or (
            len(lines.record) > 1 and _is_swallowed(cells, [*map(quoted, lines.record)], delimiter, width, quote)
        ):
            first, *others = lines.record
            lines.back(others)
            (cells,) = csv.reader([quoted(first)], delimiter=delimiter, quotechar=quote)
            yield TableRecord(begun, cells, opened=len(cells) - 1)
            reader = csv.reader(map(quoted, lines), delimiter=delimiter, quotechar=quote)
        elif any(cell.strip(BLANK if len(cells) == 1 else None) for cell in cells):
            yield TableRecord(begun, cells)


def _is_swallowed(cells: Sequence[str], lines: Sequence[str], delimiter: str, width: int, quote: str) -> bool:
    """Whether a row of several lines is one only because the quote of its first line is not closed there.

    It is, if the next quote is no closing one, or what stands in the cell are whole rows of the table with addresses.
    """
    others = (next(csv.reader([line], delimiter=delimiter, quotechar=quote)) for line in lines[1:])
    rows = [len(row) == width for row in others]
    within = "".join(lines[1:-1])
    if width > 2 and "@" in within and quote not in within and all(rows[:-1]):
        return True
    try:
        next(csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True))
    except csv.Error:
        return len(cells) != width or 2 * sum(rows) >= len(rows)
    return False


def _quoted(formulas: re.Pattern[str], line: str) -> str:
    """A line in which ``="a;b"`` is one cell, also where the exporter didn't quote it as CSV asks."""
    if '="' not in line:
        return line
    return formulas.sub(
        lambda found: found[1] + '"=""' + found[3].replace('"', '""') + '"""' if found[2] else found[0], line
    )


def _evenness(path: Path, encoding: Encoding, delimiter: str) -> tuple[float, int]:
    """The share of rows that have the usual number of cells, and that number; lead-in lines may have fewer."""
    records = CsvSource(path, encoding, delimiter).records()
    widths = Counter(len(record.cells) for record in islice(records, ROWS_TO_SNIFF + 1))
    usual, times = max(widths.items(), key=lambda one: (one[0] > 1, one[1]), default=(0, 0))
    return (times / widths.total(), usual) if usual > 1 else (0.0, 0)


def _opened(path: Path, encoding: Encoding) -> TextIO:
    try:
        return path.open(encoding=encoding.name, errors=encoding.errors, newline="")
    except OSError as error:
        raise InvalidInput("file", str(path), f"it can't be read ({error.strerror or error})") from None
