"""When each fact counts as recorded: a clock may have been ahead for a while; the order of facts is their version."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leadflow.events.facts import Fact

__all__ = ["Setbacks", "as_recorded"]

Place = tuple[int, int]


@dataclass(frozen=True)
class Setbacks:
    """The places where a lead's clock was set back, each with the earliest moment from there on: few of many facts.

    A fact counts as recorded by the earliest ``recorded_at`` of itself and of those after it, and ``by`` that moment.
    """

    places: tuple[Place, ...] = ()
    earliest: tuple[datetime, ...] = ()
    by: datetime | None = None

    @classmethod
    def of(cls, facts: Iterable[Fact], by: datetime | None = None) -> Setbacks:
        """Read facts, oldest first, once; none of them is kept."""
        found: list[tuple[Place, datetime]] = []
        before: datetime | None = None
        for fact in facts:
            if before is not None and fact.recorded_at < before:
                while found and found[-1][1] >= fact.recorded_at:
                    found.pop()
                found.append(((fact.version, fact.seq), fact.recorded_at))
            before = fact.recorded_at
        return cls(tuple(place for place, _ in found), tuple(at for _, at in found), by)

    def recorded_at(self, fact: Fact) -> datetime:
        """Return when a fact counts as recorded."""
        after = bisect_right(self.places, (fact.version, fact.seq))
        bounds = (*self.earliest[after : after + 1], self.by)
        return min((fact.recorded_at, *(bound for bound in bounds if bound is not None)))


def as_recorded(facts: Iterable[Fact], by: datetime | None = None) -> list[Fact]:
    """Return facts, oldest first, each recorded when it counts as recorded; all of them are there ``by`` then."""
    facts = [*facts]
    setbacks = Setbacks.of(facts, by)
    moments = ((fact, setbacks.recorded_at(fact)) for fact in facts)
    return [fact if at == fact.recorded_at else fact.but(recorded_at=at) for fact, at in moments]
