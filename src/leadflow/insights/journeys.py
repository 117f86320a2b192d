"""Leads with their facts, one at a time, and what all of them come to."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, quantiles
from typing import Any, Protocol, TypeVar

from leadflow.entities import Lead, LeadId
from leadflow.events import Fact
from leadflow.ports import Storage

__all__ = ["Fold", "Journey", "Numbers", "Spread", "folded", "journeys"]

Journey = tuple[Lead[Any], Sequence[Fact]]
"""A lead as it stands, and its facts in the order in which they were recorded."""
PAGE = 500
R_co = TypeVar("R_co", covariant=True)


class Fold(Protocol[R_co]):
    """Takes in journeys one by one and holds no more than numbers of them, so that all insights need one pass."""

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:
        """Take in one lead."""

    def result(self) -> R_co:
        """Return what all of them come to."""


def journeys(storage: Storage, page_size: int = PAGE) -> Iterator[Journey]:
    """Every lead with its facts, in order of id, a page at a time; absorbed ones are left out."""
    after: LeadId | None = None
    while page := storage.scan(after, page_size):
        for lead in page:
            yield lead, storage.facts(lead.id)
        after = page[-1].id


def folded(make: Callable[[], Fold[R_co]], some: Iterable[Journey]) -> R_co:
    """Return what one insight says of these journeys."""
    fold = make()
    for lead, facts in some:
        fold.add(lead, facts)
    return fold.result()


@dataclass(frozen=True, slots=True)
class Spread:
    """How numbers are spread: how many, their mean, median, quartiles and bounds; all 0 if there are none."""

    count: int = 0
    mean: float = 0.0
    median: float = 0.0
    lower: float = 0.0
    upper: float = 0.0
    least: float = 0.0
    most: float = 0.0

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        """Return the spread of these numbers; the quartiles are interpolated between the nearest two."""
        if not numbers:
            return cls()
        several = len(numbers) > 1
        lower, _, upper = quantiles(numbers, n=4, method="inclusive") if several else (numbers[0],) * 3
        return cls(len(numbers), fmean(numbers), median(numbers), lower, upper, min(numbers), max(numbers))


@dataclass(slots=True)
class Numbers:
    """Many numbers in eight bytes each."""

    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, number: float) -> None:
        self.values.append(number)

    @property
    def spread(self) -> Spread:
        """How they are spread."""
        return Spread.of(self.values)
