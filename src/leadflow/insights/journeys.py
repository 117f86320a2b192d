"""Journeys: leads with their facts, one at a time, and folds over them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, quantiles
from typing import Any, Protocol, TypeVar

from leadflow.entities import Lead, LeadId
from leadflow.errors import InvalidInput
from leadflow.events import Fact
from leadflow.ports import Storage, is_asynchronous

__all__ = ["Fold", "Journey", "Numbers", "Spread", "folded", "journeys"]

Journey = tuple[Lead[Any], Sequence[Fact]]
"""A lead in its current state, and its facts in the order of recording."""
PAGE = 500
R_co = TypeVar("R_co", covariant=True)


class Fold(Protocol[R_co]):
    """Accumulates numbers from journeys one by one, so that all insights together need a single pass."""

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:
        """Add one lead."""

    def result(self) -> R_co:
        """Return the result for all leads so far."""


def journeys(storage: Storage, page_size: int = PAGE) -> Iterator[Journey]:
    """Every lead with its facts, in order of id, read page by page; absorbed leads are left out."""
    if is_asynchronous(storage):
        remedy = "give SqlStorage, say, on the same database, in a thread (asyncio.to_thread)"
        raise InvalidInput("storage", storage, f"insights can't await {type(storage).__name__}; {remedy}")
    after: LeadId | None = None
    while page := storage.scan(after, page_size):
        for lead in page:
            yield lead, storage.facts(lead.id)
        after = page[-1].id


def folded(make: Callable[[], Fold[R_co]], some: Iterable[Journey]) -> R_co:
    """Return the result of one fold over these journeys."""
    fold = make()
    for lead, facts in some:
        fold.add(lead, facts)
    return fold.result()


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of numbers: count, mean, median, quartiles and bounds; all 0 if there are none."""

    count: int = 0
    mean: float = 0.0
    median: float = 0.0
    lower: float = 0.0
    upper: float = 0.0
    least: float = 0.0
    most: float = 0.0

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        """Return the distribution of these numbers; quartiles are interpolated between the nearest two."""
        if not numbers:
            return cls()
        several = len(numbers) > 1
        lower, _, upper = quantiles(numbers, n=4, method="inclusive") if several else (numbers[0],) * 3
        return cls(len(numbers), fmean(numbers), median(numbers), lower, upper, min(numbers), max(numbers))


@dataclass(slots=True)
class Numbers:
    """Many numbers, stored in eight bytes each."""

    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, number: float) -> None:
        self.values.append(number)

    @property
    def spread(self) -> Spread:
        """Their distribution."""
        return Spread.of(self.values)
