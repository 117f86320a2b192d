"""Velocity: how long leads stay in each stage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from leadflow.entities import Lead
from leadflow.events import Fact
from leadflow.insights.journeys import Journey, Numbers, Spread, folded
from leadflow.lifecycle import DEFAULT, Lifecycle, stage_entries, times_in_stage

__all__ = ["StageTime", "VelocityFold", "velocity"]


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long leads were in a stage, in seconds: the latest stay of each, and all its stays together.

    ``left`` counts the latest stays that have ended; the others (``still``) continue, so that ``latest`` keeps growing.
    """

    stage: str
    latest: Spread
    cumulative: Spread
    left: Spread
    still: int = 0


class VelocityFold:
    """Measures stays up to ``now``. Passing through a stage at the same moment does not count as a stay."""

    def __init__(self, now: datetime, lifecycle: Lifecycle = DEFAULT) -> None:
        self._now = now
        self._present = lifecycle.present
        self._stages = [stage.name for stage in lifecycle.stages]
        self._latest: defaultdict[str, Numbers] = defaultdict(Numbers)
        self._cumulative: defaultdict[str, Numbers] = defaultdict(Numbers)
        self._left: defaultdict[str, Numbers] = defaultdict(Numbers)
        self._still: Counter[str] = Counter()

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:
        """Measure one lead."""
        present = self._present.get(lead.stage, lead.stage)
        entries = stage_entries(facts, lead.created_at, self._present) or [
            (present, lead.entered_at or lead.created_at)
        ]
        for stage, times in times_in_stage(entries, self._now).items():
            here = stage == present
            if not times.cumulative and not here:
                continue
            self._latest[stage].add(times.latest.total_seconds())
            self._cumulative[stage].add(times.cumulative.total_seconds())
            if here:
                self._still[stage] += 1
            else:
                self._left[stage].add(times.latest.total_seconds())

    def result(self) -> tuple[StageTime, ...]:
        """Return the stages that had leads, in order."""
        return tuple(
            StageTime(
                stage,
                self._latest[stage].spread,
                self._cumulative[stage].spread,
                self._left[stage].spread,
                self._still[stage],
            )
            for stage in (*self._stages, *sorted(self._latest.keys() - set(self._stages)))
            if stage in self._latest
        )


def velocity(
    some: Iterable[Journey], now: datetime, *, lifecycle: Lifecycle = DEFAULT
) -> dict[str, tuple[timedelta, timedelta]]:
    """Return how long leads stayed in each stage, up to ``now``."""
    measured = folded(lambda: VelocityFold(now, lifecycle), some)
    return {
        one.stage: (timedelta(seconds=one.latest.median), timedelta(seconds=one.cumulative.median)) for one in measured
    }
