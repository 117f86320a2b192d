"""Leads of the past in any CSV file: typed columns, what became of each lead, and when it came."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from leadflow.errors import InvalidInput
from leadflow.files.columns import SPELLED, meant
from leadflow.files.moments import moment_of
from leadflow.files.reading import Row, table

__all__ = ["History", "read_history"]

MISSING: Final = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "–", "?"})
WON: Final = frozenset(
    {"1", "1.0", "true", "t", "yes", "y", "ja", "j", "won", "win", "gewonnen", "converted", "customer", "kunde",
     "success", "closed won", "sold", "verkauft"}
)  # fmt: skip
LOST: Final = frozenset(
    {"0", "0.0", "false", "f", "no", "n", "nein", "lost", "loss", "verloren", "not converted", "failure", "closed lost"}
)
SHOWN: Final = 8

Cell = float | str | datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """Leads with a known outcome: values by path, the columns' own names by path, outcomes, moments.

    ``open`` rows say nothing about the outcome and were left out; ``refused`` ones can't be read: line and reason.
    """

    columns: Mapping[str, Sequence[Cell]]
    names: Mapping[str, str]
    outcomes: Sequence[bool]
    times: Sequence[datetime] | None
    open: int
    refused: Sequence[tuple[int, str]]

    @property
    def leads(self) -> list[dict[str, Cell]]:
        """One mapping per lead, by path."""
        return [{path: values[at] for path, values in self.columns.items()} for at in range(len(self.outcomes))]

    def path(self, column: str) -> str:
        """The path by which rules reach a column."""
        return next(path for path, name in self.names.items() if name == column)


def read_history(
    file: Path,
    *,
    outcome: str,
    won: Collection[str] = (),
    time: str | None = None,
    watch: Callable[[str, int], None] = lambda _name, _rows: None,
) -> History:
    """Read a file of leads of the past; ``won`` are the outcomes that mean won, where that is not obvious."""
    read = table(file)
    for option, column in (("--outcome", outcome), ("--time", time)):
        if column is not None:
            known_column(column, read.columns, option)
    rows, refused = _readable(read.rows(), outcome, time, watch)
    if not rows:
        raise InvalidInput("file", str(file), f"no row has a value in the column {outcome!r}")
    kept = [row for row in rows if _tidy(row.cells[outcome]) is not None]
    is_won = _won([row.cells[outcome].strip() for row in kept], won, outcome)
    times = None if time is None else [moment_of(row.cells[time]) for row in kept]
    names = _paths(column for column in read.columns if column not in (outcome, time))
    columns = {path: typed(row.cells[name] for row in kept) for path, name in names.items()}
    return History(columns, names, is_won, times, len(rows) - len(kept), refused)


def known_column(column: str, columns: Sequence[str], option: str) -> str:
    """The column, if the file has it; else ``InvalidInput`` with the nearest."""
    if column not in columns:
        there = meant(column, columns) or f"; there are: {', '.join(columns)[:300]}"
        raise InvalidInput(option, column, f"the file has no such column{there}")
    return column


def _readable(
    rows: Iterable[Row], outcome: str, time: str | None, watch: Callable[[str, int], None]
) -> tuple[list[Row], list[tuple[int, str]]]:
    """The rows that can be used, and those that can't be, with the reason."""
    good: list[Row] = []
    refused: list[tuple[int, str]] = []
    for count, row in enumerate(rows, 1):
        problem = row.problem or _time_problem(row, outcome, time)
        if problem is None:
            good.append(row)
        else:
            refused.append((row.line, problem))
        watch("leads", count)
    return good, refused


def _time_problem(row: Row, outcome: str, time: str | None) -> str | None:
    if time is None or _tidy(row.cells[outcome]) is None:
        return None
    try:
        moment_of(row.cells[time])
    except ValueError as wrong:
        return f"{time}: {wrong}"
    return None


# --- values ------------------------------------------------------------------------------------------------------


def typed(cells: Iterable[str]) -> list[Cell]:
    """Cells as numbers if all of them are, as moments if all are, else as texts; what stands for missing is None.

    Numbers may have a decimal point or a decimal comma, one of both in the whole column.
    """
    tidy = [_tidy(cell) for cell in cells]
    known = [cell for cell in tidy if cell is not None]
    for read in (_number, _german_number, moment_of):
        try:
            values = {cell: read(cell) for cell in dict.fromkeys(known)}
        except ValueError:
            continue
        return [None if cell is None else values[cell] for cell in tidy]
    return list(tidy)


def _tidy(cell: str) -> str | None:
    text = unicodedata.normalize("NFC", cell.strip())
    return None if text.casefold() in MISSING else text


def _number(text: str) -> float:
    """A number as programs write it; ``1.5``, ``1e3``, but no ``1_000`` and no infinity."""
    if re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", text) is None:
        raise ValueError("no number")
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("no finite number")
    return number


def _german_number(text: str) -> float:
    """A number with a decimal comma, maybe with dots between thousands: ``1.234,5``."""
    if re.fullmatch(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?", text) is None:
        raise ValueError("no number")
    return _number(text.replace(".", "").replace(",", "."))


def _won(cells: Sequence[str], given: Collection[str], outcome: str) -> list[bool]:
    """Which cells mean won: those given, else the one of two that says so."""
    counts = Counter(cells)
    listed = ", ".join(repr(value[:40]) for value, _ in counts.most_common(SHOWN))
    if unknown := [value for value in given if value not in counts]:
        raise InvalidInput("--won", unknown[0], f"{outcome!r} never has this value; it has {listed}")
    if not given:
        yes = [value for value in counts if value.casefold() in WON]
        no = [value for value in counts if value.casefold() in LOST]
        clear = len(counts) == 2 and (len(yes) == 1 or len(no) == 1)
        if not clear:
            raise InvalidInput(
                "--won", None, f"{outcome!r} has {listed}; say which mean that a lead was won: --won VALUE"
            )
        given = yes or [value for value in counts if value not in no]
    return [cell in given for cell in cells]


def _paths(columns: Iterable[str]) -> dict[str, str]:
    """A path for each column that rules can name: ``Total Time (s)`` becomes ``total_time_s``."""
    paths: dict[str, str] = {}
    for column in columns:
        text = unicodedata.normalize("NFKD", column.casefold().translate(SPELLED))
        words = re.sub(r"[^0-9a-z]+", "_", "".join(c for c in text if not unicodedata.combining(c))).strip("_")
        first = (words if words[:1].isalpha() else f"column_{words}".rstrip("_"))[:150]
        path, number = first, 2
        while path in paths:
            path, number = f"{first}_{number}", number + 1
        paths[path] = column
    return paths
