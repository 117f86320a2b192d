"""Sort orders, and the cursor at which the next page starts."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any, Final, NamedTuple, Self, TypeAlias

from leadflow.conditions.values import Kind, read
from leadflow.entities import Lead, LeadId
from leadflow.entities.base import micros, moment_at
from leadflow.errors import InvalidInput

__all__ = ["ORDERS", "Cursor", "Order", "Position", "Sorted"]

Sorted: TypeAlias = str | int | float | None
"""A sort value: moments are whole microseconds since 1970."""

ORDERS: Final[Mapping[str, tuple[Kind, bool]]] = {
    "company.name": ("text", True),
    "created_at": ("datetime", False),
    "deadline.due_at": ("datetime", True),
    "entered_at": ("datetime", True),
    "id": ("text", False),
    "person.last_name": ("text", True),
    "recorded_at": ("datetime", False),
    "score.engagement": ("number", False),
    "score.fit": ("number", False),
    "score.total": ("number", False),
}
"""The fields that leads can be sorted by: the kind of their values, and whether they are optional."""
_TYPES: Final[Mapping[Kind, tuple[type, ...]]] = {"text": (str,), "datetime": (int,), "number": (int, float)}
_LONGEST: Final = 10_000


class Position(NamedTuple):
    """The position of a lead in an order."""

    value: Sorted
    id: LeadId


@dataclass(frozen=True, slots=True)
class Order:
    """The field that leads are sorted by; leads without a value come last, in either direction.

    Leads with the same value are sorted by their ids. Texts are sorted by code points, as conditions compare them.
    """

    path: str
    descending: bool = False

    @classmethod
    def read(cls, written: object) -> Self:
        """Parse an order: ``"score.total"``, or ``"-score.total"`` for the highest first."""
        path = written.removeprefix("-") if isinstance(written, str) else ""
        if path not in ORDERS:
            remedy = f"give one of {', '.join(ORDERS)}, with a leading - to reverse the direction"
            raise InvalidInput("order", written, remedy)
        return cls(path, str(written).startswith("-"))

    @property
    def kind(self) -> Kind:
        """The kind of the sort value."""
        return ORDERS[self.path][0]

    @property
    def may_miss(self) -> bool:
        """Whether leads may lack a value."""
        return ORDERS[self.path][1]

    def place(self, lead: Lead[Any]) -> Position:
        """Return the position of a lead."""
        value: Any = read(lead, self.path)
        return Position(micros(value) if isinstance(value, datetime) else value, lead.id)

    def is_after(self, one: Position, other: Position) -> bool:
        """Whether one position comes after the other."""
        if (one.value is None) != (other.value is None):
            return one.value is None
        mine: Any = one if one.value is not None else one.id
        theirs: Any = other if other.value is not None else other.id
        return bool(mine < theirs if self.descending else mine > theirs)

    def holds(self, value: Sorted) -> bool:
        """Whether it is a valid value of this field."""
        return self.may_miss if value is None else isinstance(value, _TYPES[self.kind])

    def __str__(self) -> str:
        return f"-{self.path}" if self.descending else self.path


@dataclass(frozen=True, slots=True)
class Cursor:
    """The end of a page, and the moment of the search, which is the same for all its pages.

    As text it is opaque, for links and forms. ``search`` identifies the condition and the order.
    """

    place: Position
    now: datetime
    search: str

    @classmethod
    def read(cls, text: object) -> Self:
        """Parse a cursor; ``InvalidInput`` if the text is not one."""
        try:
            if not isinstance(text, str) or len(text) > _LONGEST:
                raise ValueError
            value, id, now, search = json.loads(urlsafe_b64decode(text.encode("ascii")))
            if not (_is_sorted(value) and isinstance(id, str) and isinstance(search, str) and type(now) is int):
                raise ValueError
            cursor = cls(Position(value, id), moment_at(now), search)
            if str(cursor) != text:
                raise ValueError
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise InvalidInput("after", text, "give the `next` of a page, or None for the first page") from None
        return cursor

    def __str__(self) -> str:
        parts = [*self.place, micros(self.now), self.search]
        return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def _is_sorted(value: object) -> bool:
    if isinstance(value, str):
        return "\0" not in value
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value))
