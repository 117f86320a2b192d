"""What a storage is asked for, and the pages that it answers with.

``page_of`` is the reference: a storage finds what it finds among all leads that can be reached there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, cmp_to_key
from hashlib import sha256
from typing import Any, Generic

from typing_extensions import TypeVar

from leadflow.conditions import Condition, evaluate, to_json
from leadflow.conditions.values import read
from leadflow.entities import Entity, Lead
from leadflow.entities.lead import NoCustomFields
from leadflow.errors import InvalidInput
from leadflow.search.orders import Cursor, Order, Place

__all__ = ["LeadSearch", "Page", "counted", "page_of"]

Custom = TypeVar("Custom", bound=Entity, default=NoCustomFields)


@dataclass(frozen=True, slots=True)
class Page(Generic[Custom]):
    """Some of the leads that were found, in order: ``for lead in page``.

    ``next`` is given as ``after`` for the page that follows; None: that was all. ``now`` is the moment of the search,
    the same for all of its pages. A page may be shorter than its limit although another follows.
    """

    leads: tuple[Lead[Custom], ...]
    next: str | None
    now: datetime

    def __iter__(self) -> Iterator[Lead[Custom]]:
        return iter(self.leads)

    def __len__(self) -> int:
        return len(self.leads)

    def __getitem__(self, nr: int) -> Lead[Custom]:
        return self.leads[nr]


@dataclass(frozen=True)
class LeadSearch:
    """Leads for which a condition is true at ``now``, in an order, up to ``limit``, behind the place ``after``.

    The condition is bound to the class of the leads, and findable (``leadflow.search.findable``).
    """

    where: Condition
    order: Order
    limit: int
    now: datetime
    after: Place | None = None

    @classmethod
    def of(cls, where: Condition, order: Order, limit: int, now: datetime, after: str | None = None) -> LeadSearch:
        """Return a search; one that goes on at the end of a page is as of the same moment."""
        if after is None:
            return cls(where, order, limit, now)
        cursor = Cursor.read(after)
        search = cls(where, order, limit, cursor.now, cursor.place)
        if cursor.search != search.name or not order.holds(cursor.place.value):
            raise InvalidInput(
                "after", after, "it is of another search; give the condition and the order that it is of"
            )
        return search

    @cached_property
    def name(self) -> str:
        """What is looked for, in which order, as a cursor remembers it."""
        return sha256(f"{self.order} {to_json(self.where)}".encode()).hexdigest()[:16]

    def page(self, leads: Iterable[Lead[Any]], end: Place | None) -> Page[Any]:
        """Return a page of leads; ``end`` is the place of its last one, None if nothing comes behind it."""
        following = None if end is None else str(Cursor(end, self.now, self.name))
        return Page(tuple(leads), following, self.now)


def page_of(leads: Iterable[Lead[Any]], search: LeadSearch) -> Page[Any]:
    """Return what is found among these leads."""
    order, after = search.order, search.after
    found = {order.place(lead): lead for lead in leads if evaluate(search.where, lead, search.now) is True}
    places = [place for place in found if after is None or order.is_after(place, after)]

    def compared(one: Place, other: Place) -> int:
        return order.is_after(one, other) - order.is_after(other, one)

    places.sort(key=cmp_to_key(compared))
    here = places[: search.limit]
    return search.page((found[place] for place in here), here[-1] if len(places) > len(here) else None)


def counted(leads: Iterable[Lead[Any]], where: Condition, now: datetime, by: str | None) -> dict[Any, int]:
    """Return for how many of these leads a condition holds, by the value of a field: under None without one."""
    found = (lead for lead in leads if evaluate(where, lead, now) is True)
    return dict(Counter(None if by is None else read(lead, by) for lead in found))
