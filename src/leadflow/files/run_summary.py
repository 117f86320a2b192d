"""What a run did, in numbers that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from leadflow.entities import Finding
from leadflow.files.tables import Row

__all__ = ["IDENTICAL", "REFUSED", "Refusal", "RowOutcome", "RunSummary", "Tally"]

IDENTICAL: Final = "identical"
REFUSED: Final = "refused"
SHOWN: Final = 20
PLAYED: Final = ("played", "repeated", "refused")
WORDS: Final = {
    "leads": ("captured", "updated", "unsure", "refused"),
    "activities": ("recorded", "repeated", "refused"),
    "sales in leads": PLAYED,
    "sales": PLAYED,
}
"""What can become of the rows of each file; the numbers add up to its rows."""


class RowOutcome(NamedTuple):
    """What became of a row, in one word; the reason if it was refused."""

    word: str
    reason: str = ""
    findings: tuple[Finding, ...] = ()


class Refusal(NamedTuple):
    """A row that was not used, and why."""

    file: str
    row: Row
    reason: str


@dataclass
class Tally:
    """What became of the rows of one file: how many there were, how many of each outcome, the first refusals."""

    file: str
    rows: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By severity, field and code."""
    refusals: list[Refusal] = field(default_factory=list)

    def count(self, row: Row, outcome: RowOutcome) -> None:
        """Take note of a row whose chunk is written."""
        self.outcomes[outcome.word] += 1
        for finding in outcome.findings:
            self.findings[finding.severity, finding.field, finding.code] += 1
        if outcome.word == REFUSED and len(self.refusals) < SHOWN:
            self.refusals.append(Refusal(self.file, row, outcome.reason))

    @property
    def adds_up(self) -> bool:
        """Every row has exactly one outcome."""
        return self.rows == self.outcomes.total()


@dataclass
class RunSummary:
    """What a run did. ``tallies`` by name: leads, activities, sales in leads, sales.

    ``notes`` say how the file of leads was read, where that could be wrong.
    """

    where: str
    tallies: dict[str, Tally] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stages: Counter[str] = field(default_factory=Counter)
    mails: Counter[str] = field(default_factory=Counter)
    tasks_done: int = 0
    tasks_failed: list[tuple[str, str]] = field(default_factory=list)
    waiting: str = ""
    seconds: float = 0.0

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """By file: the rows, and what became of them; identical repetitions of a lead are counted among the updated."""
        return {name: _counts(WORDS[name], tally) for name, tally in self.tallies.items()}

    @property
    def refused(self) -> int:
        """How many rows were not used, in all files."""
        return sum(tally.outcomes["refused"] for tally in self.tallies.values())

    @property
    def adds_up(self) -> bool:
        """Every row of every file has exactly one outcome."""
        return all(tally.adds_up for tally in self.tallies.values())


def _counts(words: Iterable[str], tally: Tally) -> dict[str, int]:
    counts = {"rows": tally.rows} | {word: tally.outcomes[word] for word in words}
    if "updated" in counts:
        counts["updated"] += tally.outcomes["repeated"]
        counts[IDENTICAL] = tally.outcomes["repeated"]
    return counts
