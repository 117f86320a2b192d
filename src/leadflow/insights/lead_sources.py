"""Sources: where leads came from, and how far they progressed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from leadflow.entities import Lead
from leadflow.events import Fact, LeadCaptured
from leadflow.insights.journeys import Journey, folded
from leadflow.lifecycle import DEFAULT, Lifecycle, stage_entries

__all__ = ["Source", "SourceFold", "sources"]


@dataclass(frozen=True, slots=True)
class Source:
    """One source: the leads whose ``first`` contact it was, and its submissions and campaign ``touches``.

    Of those leads, ``qualified`` reached a marketing or sales stage, ``customers`` bought.
    """

    source: str
    first: int = 0
    touches: int = 0
    qualified: int = 0
    customers: int = 0


class SourceFold:
    """Counts by source."""

    def __init__(self, lifecycle: Lifecycle = DEFAULT) -> None:
        names = [*(stage.name for stage in lifecycle.stages), *lifecycle.present]
        self._kinds = {name: lifecycle.stage(lifecycle.present.get(name, name)).kind for name in names}
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:
        """Count one lead."""
        for fact in facts:
            if isinstance(fact, LeadCaptured):
                self._counts[fact.source, "touches"] += 1
        if lead.source is None:
            return
        self._counts[lead.source, "first"] += 1
        kinds = {self._kinds.get(stage) for stage, _ in stage_entries(facts)} | {self._kinds.get(lead.stage)}
        self._counts[lead.source, "qualified"] += bool(kinds & {"marketing", "sales", "customer"})
        self._counts[lead.source, "customers"] += "customer" in kinds

    def result(self) -> tuple[Source, ...]:
        """Return the sources, most leads first."""
        names = {source for source, _ in self._counts}
        found = (
            Source(name, **{what: n for (which, what), n in self._counts.items() if which == name}) for name in names
        )
        return tuple(sorted(found, key=lambda one: (-one.first, -one.touches, one.source)))


def sources(some: Iterable[Journey], *, lifecycle: Lifecycle = DEFAULT) -> tuple[Source, ...]:
    """Return the sources of these leads."""
    return folded(lambda: SourceFold(lifecycle), some)
