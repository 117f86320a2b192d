"""Where in a file the table stands: the line of column names below a title, lines of a report that are no rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from leadflow.errors import InvalidInput
from leadflow.files.column_headers import is_known_header
from leadflow.files.formulas import restored
from leadflow.files.table_source import RecordSource, TableRecord

__all__ = ["Layout", "PassedOver", "is_beside", "layout_of"]

COLUMNS_LIMIT: Final = 1_000
NAME_LIMIT: Final = 500
"""Longer names of columns are cut; a question of a form may be one."""
WINDOW: Final = 50
"""The column names stand among so many first records."""
ADDRESS: Final = re.compile(r"\s*[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+\s*")
FOOTER: Final = re.compile(
    r"\s*(?:(?:grand |sub)?totals?\b|(?:zwischen)?summe\b|gesamt(?:summe|zahl)?\b|insgesamt\b|confidential|copyright\b"
    r"|(?:report |list )?(?:generated|exported|created|printed|downloaded) (?:by|on|at|from)\b"
    r"|(?:exportiert|erstellt|erzeugt|gedruckt) (?:am|von|mit)\b|powered by\b|end of (?:report|file|list)\b"
    r"|page \d+ (?:of|/)|seite \d+ (?:von|/)|\d+ (?:records?|rows?|leads?|contacts?|datensätze|zeilen|kontakte)\s*$)",
    re.IGNORECASE,
)
"""How a line begins that sums up a report, or says where it is from."""


@dataclass(frozen=True)
class Layout:
    """The columns, the line of their names and the names as they stand there; what was passed over before them."""

    columns: tuple[str, ...]
    line: int
    header: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class PassedOver:
    """The lines that are no rows of the table, counted while it is read: totals, words on the report itself."""

    count: int = 0
    first: tuple[int, str] | None = None

    def clear(self) -> None:
        """Count from zero: the table is read again."""
        self.count, self.first = 0, None

    def add(self, record: TableRecord) -> None:
        """Take note of a line."""
        self.count += 1
        self.first = self.first or (record.line, " ".join(" ".join(record.cells).split())[:60])

    @property
    def notes(self) -> tuple[str, ...]:
        """How many there were, and the first, for people."""
        if self.first is None:
            return ()
        lines = "1 line is no row" if self.count == 1 else f"{self.count:,} lines are no rows"
        return (f"{lines} and was passed over: line {self.first[0]}, {self.first[1]!r}",)


def layout_of(path: Path, source: RecordSource, header_line: int | None = None) -> Layout:
    """Find the column names of a file. ``InvalidInput`` if it has none."""
    records = list(islice(source.records(), WINDOW if header_line is None else header_line))
    if not records:
        raise InvalidInput("file", str(path), "it has no column names; a table begins with a line of them")
    header = records[_header_at(records)] if header_line is None else _given(path, records, header_line)
    if header.problem or header.opened is not None:
        why = header.problem or "a quote is opened here and never closed"
        raise InvalidInput("file", str(path), f"line {header.line}, the column names: {why}")
    below = [[*map(str.strip, record.cells)] for record in records if record.line > header.line]
    above = next((record.cells for record in reversed(records) if record.line == header.line - 1), [])
    if header_line is None and not _known(header) and any(map(ADDRESS.fullmatch, header.cells)):
        return _without_names(header)
    columns = _columns(path, _of_two_lines(above, header.cells), below)
    before = [record for record in records if record.line < header.line]
    notes = [] if not before else [
        f"line {header.line} has the column names; what stands before it was passed over: "
        f"{' '.join(' '.join(before[0].cells).split())[:60]!r}"
    ]  # fmt: skip
    twice = [name for name, times in Counter(map(_clean, header.cells)).items() if name and times > 1]
    if twice:
        notes.append(f"columns with the same name were numbered: {', '.join(twice)[:200]}")
    return Layout(columns, header.line, tuple(header.cells), tuple(notes))


def is_beside(cells: Sequence[str], layout: Layout) -> bool:
    """Whether a record is no row of the table: the column names once more, a total, a word on the report itself."""
    if not cells:
        return False
    if layout.header and cells[0] == layout.header[0] and tuple(cells) == layout.header:
        return True
    if len(layout.columns) < 3 or FOOTER.match(cells[0]) is None:
        return False
    return _filled(cells) <= 2 and not any("@" in cell for cell in cells)


def _given(path: Path, records: Iterable[TableRecord], line: int) -> TableRecord:
    found = next((record for record in records if record.line == line), None)
    if found is None:
        raise InvalidInput("header_line", line, f"{path.name} has no row that begins in this line")
    return found


def _header_at(records: Sequence[TableRecord]) -> int:
    """The first record, unless it is much narrower than the others and one below it has names that are known."""
    first = _filled(records[0].cells)
    width = Counter(len(record.cells) for record in records).most_common(1)[0][0]
    usual = Counter(_filled(record.cells) for record in records if record.problem is None).most_common(1)
    known = [_known(record) for record in records]
    if len(records) > 1 and known[1] > 1 and _is_of_groups(records[0], records[1]):
        return 1
    best = max(range(len(records)), key=lambda at: (known[at], -at))
    wide = _filled(records[best].cells)
    if (
        known[best] >= 2
        and (known[best] > 2 * known[0] or (known[best] > known[0] and 2 * first <= wide))
        and first < wide
    ):
        return best
    if known[0] == 0 and width >= 3 and usual and first * 2 <= usual[0][0]:
        names = (at for at, record in enumerate(records) if _is_like_names(record, usual[0][0]))
        return next(names, 0)
    return 0


def _is_of_groups(one: TableRecord, below: TableRecord) -> bool:
    """Whether a line has names of groups, with blanks that the line below it fills."""
    blank = [at for at, cell in enumerate(one.cells) if not cell.strip()]
    filled = {at for at, cell in enumerate(below.cells) if cell.strip()}
    return _filled(one.cells) > 1 and bool(blank) and filled.issuperset(blank) and _is_like_names(below, 2)


def _known(record: TableRecord) -> int:
    if record.problem or len(record.cells) > COLUMNS_LIMIT:
        return 0
    return sum(map(is_known_header, {*record.cells}))


def _is_like_names(record: TableRecord, width: int) -> bool:
    filled = [cell for cell in record.cells if cell.strip()]
    return len(filled) >= width and not any("@" in cell or cell.strip()[:1].isdigit() for cell in filled)


def _filled(cells: Iterable[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _clean(name: str) -> str:
    return " ".join(restored(name[: 2 * NAME_LIMIT]).strip().strip("\ufeff").splitlines())[:NAME_LIMIT]


def _columns(path: Path, cells: Sequence[str], below: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The names, each once; a blank one is a column if there is something below it."""
    names = [_clean(name) for name in cells]
    while names and not names[-1] and not any(row[len(names) - 1 : len(names)] not in ([], [""]) for row in below):
        names.pop()
    if any("\0" in name for name in names):
        raise InvalidInput("file", str(path), "its first line has NUL bytes: it is not a text; export it again as CSV")
    if len(names) > COLUMNS_LIMIT:
        raise InvalidInput("file", str(path), f"it has {len(names)} columns; at most {COLUMNS_LIMIT} are read")
    return tuple(_numbered([name or f"(column {at})" for at, name in enumerate(names, 1)]))


def _without_names(first: TableRecord) -> Layout:
    """The layout of a table that begins with its first row."""
    columns = tuple(f"(column {at})" for at in range(1, len(first.cells) + 1))
    note = "there is no line of column names: the first one has an e-mail address; say what columns mean with --map"
    return Layout(columns, first.line - 1, notes=(note,))


def _of_two_lines(above: Sequence[str], cells: Sequence[str]) -> list[str]:
    """The column names, with what stands above them where they have none, or the same one as others.

    ``above`` has names of groups of columns, in merged cells of which only the first has the name.
    """
    names = [_clean(cell) for cell in cells]
    if not 2 <= _filled(above) < len(names) + 1:
        return names
    names += [""] * (len(above) - len(names))
    times, group = Counter(names), ""
    for place, over in enumerate(map(_clean, above)):
        group = over or group
        if not names[place]:
            names[place] = over
        elif times[names[place]] > 1 and group:
            names[place] = f"{group} {names[place]}"
    return names


def _numbered(names: Sequence[str]) -> list[str]:
    """The names, each once: the second ``Phone`` is ``Phone (2)``."""
    given: list[str] = []
    taken = set(names)
    seen: set[str] = set()
    for name in names:
        one, number = name, 2
        while one in seen or (one != name and one in taken):
            one, number = f"{name} ({number})", number + 1
        seen.add(one)
        given.append(one)
    return given
