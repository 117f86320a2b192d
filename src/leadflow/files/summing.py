"""What a run did, in numbers that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from leadflow.files.running import Tally

__all__ = ["IDENTICAL", "Summary"]

IDENTICAL: Final = "identical"
PLAYED: Final = ("played", "repeated", "refused")
WORDS: Final = {
    "leads": ("captured", "updated", "unsure", "refused"),
    "activities": ("recorded", "repeated", "refused"),
    "sales in leads": PLAYED,
    "sales": PLAYED,
}
"""What can become of the rows of each file; the numbers add up to its rows."""


@dataclass
class Summary:
    """What a run did. ``tallies`` by name: leads, activities, sales in leads, sales."""

    where: str
    tallies: dict[str, Tally] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
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
