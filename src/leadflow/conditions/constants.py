"""The constants in conditions: text, numbers, bools, dates and moments, with their exact JSON form."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from leadflow.conditions.values import KINDS, Kind, Scalar, normalized, short
from leadflow.entities.text import normal
from leadflow.errors import DefinitionError

__all__ = ["Constant", "day", "is_day", "moment", "same_kind"]

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def constant(value: object) -> Scalar:
    """A value that may be used in a condition, or a ``DefinitionError`` that says what to write instead.

    Text comes back in NFC, datetimes in UTC. In JSON, where a plain string is text, dates are
    ``{"date": "2026-01-31"}`` and ``{"datetime": "2026-01-31T09:00:00Z"}``.
    """
    if isinstance(value, Mapping):
        return _tagged(value)
    if value is None:
        raise DefinitionError("None can't be compared with; use .is_known() or ~….is_known()")
    plain = normalized(value)
    if isinstance(plain, str):
        return _text(plain)
    if isinstance(plain, datetime):
        return plain.replace(fold=0)  # has no meaning in UTC, and no place in ISO text
    if isinstance(plain, bool | date):
        return plain
    if isinstance(plain, int | float):
        return _number(plain)
    if plain is None:
        raise DefinitionError(f"{short(value)} can't be compared with; a number in a condition is finite")
    if isinstance(value, datetime):
        raise DefinitionError(f"{value!r} has no time in UTC; give it a time zone, for example tzinfo=UTC")
    remedy = "give a text, number, bool, date or aware datetime"
    raise DefinitionError(f"{short(value)} can't be compared with; {remedy}")


def _tagged(value: Mapping[object, object]) -> Scalar:
    match dict(value):
        case {"date": str(text), **rest} if not rest:
            return day(text)
        case {"datetime": str(text), **rest} if not rest:
            return moment(text)
    remedy = 'write {"date": "2026-01-31"} or {"datetime": "2026-01-31T09:00:00Z"}'
    raise DefinitionError(f"{short(value)} is not a value; {remedy}")


def _text(value: str) -> str:
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise DefinitionError(f"{value!r} holds half a character (a lone surrogate); write the whole one")
    return normal(value)


def _number(value: int | float) -> int | float:
    if isinstance(value, int) and abs(value) >= 2**63:
        raise DefinitionError("a whole number in a condition is less than 2**63; write a float")
    if not math.isfinite(value):
        raise DefinitionError(f"{value} can't be compared with; a number in a condition is finite")
    return value


def day(text: str) -> date:
    """The date given by an ISO text."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise DefinitionError(f"{short(text)} is not a date; write it like 2026-01-31")


def moment(text: str) -> datetime:
    """The moment, in UTC, given by an ISO text with an offset."""
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is not None:
            return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise DefinitionError(f"{short(text)} is not a moment; write it with its offset, like 2026-01-31T09:00:00Z")


def is_day(text: str) -> bool:
    """Whether a text has the form of an ISO date without a time."""
    return _DAY.fullmatch(text) is not None


def as_json(value: Scalar) -> object:
    """The JSON form of a constant: dates are tagged, since a plain string is text."""
    if isinstance(value, datetime):
        return {"datetime": value.isoformat().replace("+00:00", "Z")}
    return {"date": value.isoformat()} if isinstance(value, date) else value


def same_kind(values: Iterable[Scalar]) -> Kind:
    """The common kind of several constants, or a ``DefinitionError`` that names the different kinds."""
    kinds = {KINDS[value.__class__] for value in values}
    if len(kinds) > 1:
        raise DefinitionError(f"the values are of different kinds ({', '.join(sorted(kinds))}); use one kind")
    return kinds.pop()


_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": ["boolean", "number", "string"]},
        {"type": "object", "properties": {"date": {"type": "string", "format": "date"}},
         "required": ["date"], "additionalProperties": False},
        {"type": "object", "properties": {"datetime": {"type": "string", "format": "date-time"}},
         "required": ["datetime"], "additionalProperties": False},
    ]
}  # fmt: skip
Constant = Annotated[
    Scalar, PlainValidator(constant), PlainSerializer(as_json, return_type=Any, when_used="json"),
    WithJsonSchema(_SCHEMA),
]  # fmt: skip
