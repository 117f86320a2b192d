"""Service levels: how many deadlines were met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadflow.entities import Lead
from leadflow.events import DeadlineBreached, DeadlineMet, DeadlineReminded, DeadlineSet, Fact
from leadflow.insights.journeys import Journey, folded

__all__ = ["Attainment", "AttainmentFold", "service_levels"]


@dataclass(frozen=True, slots=True)
class Attainment:
    """The deadlines of one stage: ``begun`` = ``met`` + ``late`` + ``overdue`` + ``running``.

    ``late``: the stage was left after the deadline; ``overdue``: it expired and the lead is still in the stage.
    ``breached`` counts the breaches that were recorded, whatever happened later; ``reminded`` counts the reminders.
    """

    stage: str
    begun: int = 0
    met: int = 0
    late: int = 0
    overdue: int = 0
    running: int = 0
    reminded: int = 0
    breached: int = 0

    @property
    def share_met(self) -> float | None:
        """The share of decided deadlines that were met; None if none is decided."""
        decided = self.met + self.late + self.overdue
        return self.met / decided if decided else None


class AttainmentFold:
    """Follows every deadline to its end or to ``now``."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:  # noqa: ARG002 (a fold takes both)
        """Count one lead's deadlines."""
        running: DeadlineSet | None = None
        for fact in facts:
            match fact:
                case DeadlineSet():
                    if running is None:  # otherwise it was corrected: a clock was ahead
                        self._count(fact.deadline.stage, "begun")
                    running = fact
                case DeadlineMet():
                    running = None
                    self._count(fact.stage, "late" if fact.late else "met")
                case DeadlineReminded():
                    self._count(fact.stage, "reminded")
                case DeadlineBreached():
                    self._count(fact.stage, "breached")
                case _:
                    continue
        if running is not None:
            is_over = running.deadline.due_at <= self._now
            self._count(running.deadline.stage, "overdue" if is_over else "running")

    def _count(self, stage: str, what: str) -> None:
        self._counts[stage, what] += 1

    def result(self) -> tuple[Attainment, ...]:
        """Return the result for each stage that had a deadline."""
        stages = dict.fromkeys(stage for stage, _ in self._counts)
        return tuple(
            Attainment(stage, **{what: n for (where, what), n in self._counts.items() if where == stage})
            for stage in stages
        )


def service_levels(some: Iterable[Journey], now: datetime) -> tuple[Attainment, ...]:
    """Count the met, late, overdue and running deadlines of each stage with a service level."""
    return folded(lambda: AttainmentFold(now), some)
