"""Search requests to a storage, and the pages that it returns.

``page_of`` is the reference: a storage returns what ``page_of`` returns for all its readable leads.
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
from leadflow.search.orders import Cursor, Order, Position

__all__ = ["LeadSearch", "Page", "counted", "page_of"]

_Custom = TypeVar("_Custom", bound=Entity, default=NoCustomFields)


@dataclass(frozen=True, slots=True)
class Page(Generic[_Custom]):
    """Some of the leads found, in order: ``for lead in page``.

    Pass ``next`` as ``after`` to get the following page; None: this was the last. ``now`` is the moment of the search,
    the same for all its pages. A page may be shorter than its limit although more follow.
    """

    leads: tuple[Lead[_Custom], ...]
    next: str | None
    now: datetime

    def __iter__(self) -> Iterator[Lead[_Custom]]:
        return iter(self.leads)

    def __len__(self) -> int:
        return len(self.leads)

    def __getitem__(self, nr: int) -> Lead[_Custom]:
        return self.leads[nr]


@dataclass(frozen=True)
class LeadSearch:
    """A request for leads for which a condition is true at ``now``, in an order, up to ``limit``, after a position.

    The condition is bound to the class of the leads and supported (``leadflow.search.findable``).
    """

    where: Condition
    order: Order
    limit: int
    now: datetime
    after: Position | None = None

    @classmethod
    def of(cls, where: Condition, order: Order, limit: int, now: datetime, after: str | None = None) -> LeadSearch:
        """Return a search; one that continues after a page is as of the same moment."""
        if after is None:
            return cls(where, order, limit, now)
        cursor = Cursor.read(after)
        search = cls(where, order, limit, cursor.now, cursor.place)
        if cursor.search != search.name or not order.holds(cursor.place.value):
            raise InvalidInput("after", after, "it belongs to a different search; repeat that condition and order")
        return search

    @cached_property
    def name(self) -> str:
        """The condition and order, in the form that a cursor remembers."""
        return sha256(f"{self.order} {to_json(self.where)}".encode()).hexdigest()[:16]

    def page(self, leads: Iterable[Lead[Any]], end: Position | None) -> Page[Any]:
        """Return a page of leads; ``end`` is the position of its last one, None if nothing follows."""
        following = None if end is None else str(Cursor(end, self.now, self.name))
        return Page(tuple(leads), following, self.now)


def page_of(leads: Iterable[Lead[Any]], search: LeadSearch) -> Page[Any]:
    """Return the page found among these leads."""
    order, after = search.order, search.after
    found = {order.place(lead): lead for lead in leads if evaluate(search.where, lead, search.now) is True}
    places = [place for place in found if after is None or order.is_after(place, after)]

    def compared(one: Position, other: Position) -> int:
        return order.is_after(one, other) - order.is_after(other, one)

    places.sort(key=cmp_to_key(compared))
    here = places[: search.limit]
    return search.page((found[place] for place in here), here[-1] if len(places) > len(here) else None)


def counted(leads: Iterable[Lead[Any]], where: Condition, now: datetime, by: str | None) -> dict[Any, int]:
    """Count these leads for which a condition holds, by the value of a field (or under None)."""
    found = (lead for lead in leads if evaluate(where, lead, now) is True)
    return dict(Counter(None if by is None else read(lead, by) for lead in found))
