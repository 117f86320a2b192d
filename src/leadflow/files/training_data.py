"""Leads of the past in any CSV file: typed columns, what became of each lead, and when it came."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

from leadflow.entities.text import without_marks
from leadflow.errors import InvalidInput
from leadflow.files.column_headers import SPELLED
from leadflow.files.columns import known_column
from leadflow.files.date_parsing import moment_of, order_of
from leadflow.files.tables import Row, Watch, table, unwatched, watched
from leadflow.files.typed_cells import Cell, tidy, typed

__all__ = ["History", "OddCell", "PastOutcome", "outcome_meanings", "read_history"]


PastOutcome: TypeAlias = Literal["won", "lost", "open"]

WON: Final = frozenset(
    {"1", "1.0", "true", "t", "yes", "y", "ja", "j", "won", "win", "gewonnen", "converted", "customer", "kunde",
     "success", "closed won", "closed - won", "sold", "verkauft"}
)  # fmt: skip
LOST: Final = frozenset(
    {"0", "0.0", "false", "f", "no", "n", "nein", "lost", "loss", "verloren", "not converted", "failure", "closed lost",
     "closed - lost", "disqualified"}
)  # fmt: skip
LOST_DEALS: Final = frozenset({"lost", "loss", "verloren", "closed lost", "closed - lost", "disqualified"})
"""Where one of these is among the outcomes, they are stages of deals, and what is neither won nor lost is open."""
OPEN: Final = frozenset({"open", "offen", "pending", "in progress", "in bearbeitung", "ongoing", "new", "neu"})
SHOWN: Final = 8


class OddCell(NamedTuple):
    """A text in a column of numbers or moments: its line, the column's own name, what it holds."""

    line: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class History:
    """Leads with a known outcome: values by path, the columns' own names by path, outcomes, moments.

    ``open`` rows say nothing about the outcome and were left out; ``refused`` ones can't be read: line and reason.
    ``drawn_from`` is the number of leads that these were drawn from at random, if the file has more than ``most``;
    ``meanings`` is what each outcome was taken for. ``odd`` are the cells that are not what nearly all of their column
    are, numbers or moments; they count as missing.
    """

    columns: Mapping[str, Sequence[Cell]]
    names: Mapping[str, str]
    outcomes: Sequence[bool]
    times: Sequence[datetime] | None
    open: int
    refused: Sequence[tuple[int, str]]
    drawn_from: int | None = None
    meanings: Mapping[str, PastOutcome] = field(default_factory=dict)
    odd: Sequence[OddCell] = ()

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
    lost: Collection[str] = (),
    time: str | None = None,
    most: int | None = None,
    seed: int = 0,
    watch: Watch = unwatched,
) -> History:
    """Read a file of past leads.

    ``won`` and ``lost`` name the outcomes that mean that, where it is not obvious; with ``lost``, all others are open.
    Of more than ``most`` leads, that many are drawn at random.
    """
    read = table(file)
    for option, column in (("--outcome", outcome), ("--time", time)):
        if column is not None:
            known_column(column, read.columns, option)
    sample = _Sample(outcome, most, random.Random(seed))  # noqa: S311  (repeatable, not secret)
    for row in watched("leads", read, watch):
        sample.take(row)
    if not sample.counts:
        raise InvalidInput("file", str(file), _why_nothing(outcome, sample.refused))
    meanings = outcome_meanings(sample.counts, won, lost, outcome)
    rows = [
        row for row in sorted(sample.rows, key=lambda row: row.line) if meanings[row.cells[outcome].strip()] != "open"
    ]
    times, rows, late = _timed(rows, time)
    if not rows:
        raise InvalidInput("file", str(file), _why_nothing(outcome, late))
    names = _paths(column for column in read.columns if column not in (outcome, time))
    decided = sum(count for value, count in sample.counts.items() if meanings[value] != "open")
    columns = {path: typed(row.cells[name] for row in rows) for path, name in names.items()}
    return History(
        columns={path: column.values for path, column in columns.items()},
        names=names,
        outcomes=[meanings[row.cells[outcome].strip()] == "won" for row in rows],
        times=times,
        open=sample.blank + sum(sample.counts.values()) - decided,
        refused=sorted([*sample.refused, *late]),
        drawn_from=decided if most is not None and sum(sample.counts.values()) > most else None,
        meanings=meanings,
        odd=sorted(
            OddCell(rows[place].line, names[path], rows[place].cells[names[path]][:80])
            for path, column in columns.items()
            for place in column.odd
        ),
    )


@dataclass
class _Sample:
    """The rows with an outcome; of more than ``most`` so many, each with the same chance."""

    outcome: str
    most: int | None
    chance: random.Random
    rows: list[Row] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    blank: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    def take(self, row: Row) -> None:
        if broken := row.broken:
            self.refused.append((row.line, broken))
        elif tidy(row.cells[self.outcome]) is None:
            self.blank += 1
        else:
            self.counts[row.cells[self.outcome].strip()] += 1
            self._keep(row)

    def _keep(self, row: Row) -> None:
        if self.most is None or len(self.rows) < self.most:
            self.rows.append(row)
            return
        place = self.chance.randrange(self.counts.total())
        if place < self.most:
            self.rows[place] = row


def _timed(rows: list[Row], time: str | None) -> tuple[list[datetime] | None, list[Row], list[tuple[int, str]]]:
    """The moments of the rows, the rows that have one, and those whose moment can't be read."""
    if time is None:
        return None, rows, []
    order = order_of(row.cells[time] for row in rows)
    times: list[datetime] = []
    kept: list[Row] = []
    refused: list[tuple[int, str]] = []
    for row in rows:
        try:
            times.append(moment_of(row.cells[time], order=order))
            kept.append(row)
        except ValueError as wrong:
            refused.append((row.line, f"{time}: {wrong}"))
    return times, kept, refused


def _why_nothing(outcome: str, refused: Sequence[tuple[int, str]]) -> str:
    if not refused:
        return f"no row has a value in the column {outcome!r}"
    line, reason = refused[0]
    return f"none of its rows can be used; line {line}: {reason}"


def _paths(columns: Iterable[str]) -> dict[str, str]:
    """A path for each column that rules can name: ``Total Time (s)`` becomes ``total_time_s``."""
    paths: dict[str, str] = {}
    for column in columns:
        text = without_marks(column.casefold().translate(SPELLED))
        words = re.sub(r"[^0-9a-z]+", "_", text).strip("_")
        first = (words if words[:1].isalpha() else f"column_{words}".rstrip("_"))[:150]
        path, number = first, 2
        while path in paths:
            path, number = f"{first}_{number}", number + 1
        paths[path] = column
    return paths


def outcome_meanings(
    counts: Mapping[str, int], won: Collection[str], lost: Collection[str], outcome: str
) -> dict[str, PastOutcome]:
    """What each outcome means: as given, otherwise by its word; ``InvalidInput`` where that is ambiguous."""
    listed = ", ".join(repr(value[:40]) for value, _ in Counter(counts).most_common(SHOWN))
    for option, given in (("--won", won), ("--lost", lost)):
        if unknown := [value for value in given if value not in counts]:
            raise InvalidInput(option, unknown[0], f"{outcome!r} never has this value; it has {listed}")
    if both := [value for value in won if value in lost]:
        raise InvalidInput("--lost", both[0], "it is given as won already; give it once")
    if len(counts) == 1:
        raise InvalidInput("--outcome", outcome, f"every lead has the outcome {listed}; won and lost ones are needed")
    yes = [value for value in counts if value.casefold() in WON and value not in lost]
    no = [value for value in counts if value.casefold() in LOST]
    are_stages = any(value.casefold() in LOST_DEALS for value in no)
    if not won:
        if not ((yes and (are_stages or lost)) or _are_two(counts, yes, no)):
            remedy = f"{outcome!r} has {listed}; say which mean that a lead was won: --won VALUE"
            raise InvalidInput("--won", None, remedy)
        won = yes or [value for value in counts if value not in no]
    gone = lost or (no if are_stages else [value for value in counts if value.casefold() not in OPEN])
    return {value: "won" if value in won else "lost" if value in gone else "open" for value in counts}


def _are_two(counts: Iterable[str], yes: Iterable[str], no: Iterable[str]) -> bool:
    """Whether there are two outcomes, however they are spelled, one of them a known word."""
    spelled, won_words, lost_words = ({value.casefold() for value in values} for values in (counts, yes, no))
    return len(spelled) == 2 and (len(won_words) == 1 or len(lost_words) == 1)
