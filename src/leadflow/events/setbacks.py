"""When each fact counts as recorded, if a clock was ahead for a while: the order of facts is their version."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leadflow.events.facts import Fact

__all__ = ["SetbackSearch", "Setbacks", "as_recorded"]

FactPosition = tuple[int, int]


@dataclass(frozen=True)
class Setbacks:
    """The few places at which a lead's clock was set back, each with the earliest moment from there on.

    A fact counts as recorded at the earliest ``recorded_at`` of itself and its successors, bounded by ``by``.
    """

    places: tuple[FactPosition, ...] = ()
    earliest: tuple[datetime, ...] = ()
    by: datetime | None = None

    @classmethod
    def of(cls, facts: Iterable[Fact], by: datetime | None = None) -> Setbacks:
        """Read facts once, oldest first, without keeping them."""
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
    """Finds setbacks in a stream of facts, oldest first, without keeping them."""

    def __init__(self) -> None:
        self._found: list[tuple[FactPosition, datetime]] = []
        self._before: datetime | None = None

    def add(self, fact: Fact) -> None:
        """Take the next fact."""
        if self._before is not None and fact.recorded_at < self._before:
            while self._found and self._found[-1][1] >= fact.recorded_at:
                self._found.pop()
            self._found.append(((fact.version, fact.seq), fact.recorded_at))
        self._before = fact.recorded_at

    def found(self, by: datetime | None = None) -> Setbacks:
        """Return the setbacks found so far."""
        return Setbacks(tuple(place for place, _ in self._found), tuple(at for _, at in self._found), by)


def as_recorded(facts: Iterable[Fact], by: datetime | None = None) -> list[Fact]:
    """Return facts, oldest first, with the ``recorded_at`` at which they count; all of them exist at ``by``."""
    facts = [*facts]
    setbacks = Setbacks.of(facts, by)
    moments = ((fact, setbacks.recorded_at(fact)) for fact in facts)
    return [fact if at == fact.recorded_at else fact.but(recorded_at=at) for fact, at in moments]
