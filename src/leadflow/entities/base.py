"""What every stored value has in common: frozen, exact in JSON, and text that was made safe at the door."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    JsonValue,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from leadflow.entities.bounds import PlainJson, stored_bounds
from leadflow.entities.text import Line, Text, safe_line, safe_text

__all__ = [
    "CLOCK_SKEW",
    "Entity",
    "JsonObject",
    "LeadId",
    "Line",
    "Moment",
    "Number",
    "Properties",
    "Text",
    "keep_aside",
    "made",
    "micros",
    "moment_at",
    "safe_line",
    "safe_text",
    "unchecked",
    "utc",
    "without_aside",
]

PROPERTIES_LIMIT = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
CLOCK_SKEW = timedelta(minutes=5)
"""So far may a moment that somebody gives be ahead of our clock and still be now: clocks differ."""

LeadId = str
"""Opaque and unique; the host may give its own, else ``LeadFlow`` makes one that sorts by time."""


def utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; a naive datetime is refused, since nobody knows when it is."""
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone, for example datetime(2026, 1, 31, 9, tzinfo=UTC)")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("its zone takes it out of the calendar; give a moment in the years 2 to 9998") from None


def micros(moment: datetime) -> int:
    """Return a moment as whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_at(micros: int) -> datetime:
    """Return the moment that so many microseconds since 1970 are."""
    return _EPOCH + micros * _MICROSECOND


def _no_truth(number: object) -> object:
    if isinstance(number, bool):
        raise ValueError(f"{number} is not a number")  # noqa: TRY004  # pydantic makes of it what it says of other values
    return number


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


def _bounded(properties: Any, read: ValidatorFunctionWrapHandler) -> Any:
    if type(properties) is PlainJson:
        return properties
    if not isinstance(properties, Mapping):
        return read(properties)
    if len(properties) > PROPERTIES_LIMIT:
        raise ValueError(f"at most {PROPERTIES_LIMIT} properties")
    return read(stored_bounds().taken(properties))


def _seen_to(values: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return values if type(values) is PlainJson else read(values)


Moment = Annotated[datetime, AfterValidator(utc)]
"""A moment in UTC."""
Number = Annotated[float, AfterValidator(_finite)]
"""A finite number."""
NoTruth = BeforeValidator(_no_truth)
"""Beside a type of numbers: true and false are none, though Python counts with them."""
JsonObject = Annotated[dict[str, JsonValue], WrapValidator(_seen_to)]
"""JSON values by name."""
Properties = Annotated[dict[str, JsonValue], WrapValidator(_bounded)]
"""What came with an activity or a submission: at most 100 JSON values by name."""


class Entity(BaseModel):
    """A frozen value that goes to JSON and back unchanged; unknown keys are an error, never swallowed."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def but(self, **values: object) -> Self:
        """Return a copy with some values replaced; they are taken as they are, so give valid ones."""
        if self.__pydantic_extra__ is not None or self.__pydantic_private__ is not None:
            copy = self.model_copy(update=values)  # a host's own class, or something was kept aside when it was read
            return copy if self.model_config.get("extra") == "allow" else without_aside(copy, values)
        return unchecked(type(self), self.__dict__ | values, self.__pydantic_fields_set__ | values.keys())


def without_aside(entity: _E, names: Iterable[str]) -> _E:
    """Return the entity without what was kept aside in place of these fields: they have a value now."""
    keep_aside(entity, {name: raw for name, raw in (entity.__pydantic_extra__ or {}).items() if name not in names})
    return entity


def keep_aside(entity: BaseModel, aside: Mapping[str, Any]) -> None:
    """Keep what could not be read on an entity that was just made; see ``leadflow.entities.stored``."""
    _set_extra(entity, dict(aside) or None)
    _set_names(entity, entity.__pydantic_fields_set__ & set(type(entity).model_fields))


_E = TypeVar("_E", bound=Entity)
_SLOTS = vars(BaseModel)
_set_values = _SLOTS["__dict__"].__set__
_set_names = _SLOTS["__pydantic_fields_set__"].__set__
_set_extra = _SLOTS["__pydantic_extra__"].__set__
_set_private = _SLOTS["__pydantic_private__"].__set__


def made(kind: type[_E], **values: Any) -> _E:
    """Return an entity of values that need no validation, given for every field: it is our own code that made them."""
    return unchecked(kind, values, set(values))


def unchecked(kind: type[_E], values: dict[str, Any], names: set[str]) -> _E:
    """Return an entity with exactly these values, a valid one for each of its fields; ``names`` are those it was given.

    For where validation, or ``model_construct``, would take most of the time. Neither argument may be changed later.
    """
    entity = object.__new__(kind)
    _set_values(entity, values)
    _set_names(entity, names)
    _set_extra(entity, None)
    _set_private(entity, None)
    return entity
