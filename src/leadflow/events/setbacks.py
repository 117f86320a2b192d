"""When each fact counts as recorded: a clock may have been ahead for a while; the order of facts is their version."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leadflow.events.facts import Fact

__all__ = ["SetbackSearch", "Setbacks", "as_recorded"]

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
        search = SetbackSearch()
        for fact in facts:
            search.add(fact)
        return search.found(by)

    def recorded_at(self, fact: Fact) -> datetime:
        """Return when a fact counts as recorded."""
        after = bisect_right(self.places, (fact.version, fact.seq))
        bounds = (*self.earliest[after : after + 1], self.by)
        return min((fact.recorded_at, *(bound for bound in bounds if bound is not None)))


class SetbackSearch:
    """Finds setbacks among facts that come one after the other, oldest first; none of them is kept."""

    def __init__(self) -> None:
        self._found: list[tuple[Place, datetime]] = []
        self._before: datetime | None = None

    def add(self, fact: Fact) -> None:
        """Take the next fact."""
        if self._before is not None and fact.recorded_at < self._before:
            while self._found and self._found[-1][1] >= fact.recorded_at:
                self._found.pop()
            self._found.append(((fact.version, fact.seq), fact.recorded_at))
        self._before = fact.recorded_at

    def found(self, by: datetime | None = None) -> Setbacks:
        """Return the setbacks among those that came."""
        return Setbacks(tuple(place for place, _ in self._found), tuple(at for _, at in self._found), by)


def as_recorded(facts: Iterable[Fact], by: datetime | None = None) -> list[Fact]:
    """Return facts, oldest first, each recorded when it counts as recorded; all of them are there ``by`` then."""
    facts = [*facts]
    setbacks = Setbacks.of(facts, by)
    moments = ((fact, setbacks.recorded_at(fact)) for fact in facts)
    return [fact if at == fact.recorded_at else fact.but(recorded_at=at) for fact, at in moments]
