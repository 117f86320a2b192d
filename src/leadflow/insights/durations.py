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

    ``left`` are the latest stays that have ended; the others (``still``) go on, so that ``latest`` grows by waiting.
    """

    stage: str
    latest: Spread
    cumulative: Spread
    left: Spread
    still: int = 0


class VelocityFold:
    """Measures stays up to ``now``. A stage that was passed through in the same moment was no stay."""

    def __init__(self, now: datetime, lifecycle: Lifecycle = DEFAULT) -> None:
        self._now = now
        self._stages = [stage.name for stage in lifecycle.stages]
        self._latest: defaultdict[str, Numbers] = defaultdict(Numbers)
        self._cumulative: defaultdict[str, Numbers] = defaultdict(Numbers)
        self._left: defaultdict[str, Numbers] = defaultdict(Numbers)
        self._still: Counter[str] = Counter()

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:
        """Measure one lead."""
        entries = stage_entries(facts, lead.created_at) or [(lead.stage, lead.entered_at or lead.created_at)]
        for stage, times in times_in_stage(entries, self._now).items():
            here = stage == lead.stage
            if not times.cumulative and not here:
                continue
            self._latest[stage].add(times.latest.total_seconds())
            self._cumulative[stage].add(times.cumulative.total_seconds())
            if here:
                self._still[stage] += 1
            else:
                self._left[stage].add(times.latest.total_seconds())

    def result(self) -> tuple[StageTime, ...]:
        """Return the stages in which somebody was, in their order."""
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
    """Return for each stage the median time of the latest stay, and of all stays of a lead together, up to ``now``."""
    measured = folded(lambda: VelocityFold(now, lifecycle), some)
    return {
        one.stage: (timedelta(seconds=one.latest.median), timedelta(seconds=one.cumulative.median)) for one in measured
    }
