"""What every stored value has in common: frozen, exact in JSON, and text that was made safe at the door."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, JsonValue, StringConstraints

__all__ = [
    "CLOCK_SKEW",
    "Entity",
    "LeadId",
    "Line",
    "Moment",
    "Number",
    "Properties",
    "Text",
    "keep_aside",
    "safe_line",
    "safe_text",
    "unchecked",
    "utc",
    "without_aside",
]

LINE_LIMIT = 1_000
TEXT_LIMIT = 100_000
PROPERTIES_LIMIT = 100
JSON_DEPTH_LIMIT = 20

CLOCK_SKEW = timedelta(minutes=5)
"""So far may a moment that somebody gives be ahead of our clock and still be now: clocks differ."""

LeadId = str
"""Opaque and unique; the host may give its own, else ``LeadFlow`` makes one that sorts by time."""


def safe_line(text: object) -> object:
    """Make outside text safe for a single-line field; anything but text is returned as it is.

    NFC, every control, line-break or unpaired-surrogate character becomes a blank, blanks are folded and stripped.
    """
    if not isinstance(text, str):
        return text
    if _is_plain(text) and "  " not in text:
        return text.strip(" ")
    return " ".join("".join(_visible(c) for c in unicodedata.normalize("NFC", text)).split())


def safe_text(text: object) -> object:
    """Make outside text safe for a multi-line field: like ``safe_line``, but line feeds and tabs stay."""
    if not isinstance(text, str):
        return text
    if _is_plain(text):
        return text.strip(" ")
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c if c == "\t" else _visible(c) for c in line).rstrip() for line in lines).strip()


def _is_plain(text: str) -> bool:
    """There is nothing to put right: the quick answer for nearly all text."""
    return text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text))


def _visible(character: str) -> str:
    # Cc control, Cs surrogate, Zl/Zp separators; bidirectional overrides can disguise a name or an address
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in "\u202a\u202b\u202c\u202d\u202e":
        return " "
    return character


def utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; a naive datetime is refused, since nobody knows when it is."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone, for example datetime(2026, 1, 31, 9, tzinfo=UTC)")
    return moment.astimezone(UTC)


def _no_truth(number: object) -> object:
    if isinstance(number, bool):
        raise ValueError(f"{number} is no number")  # noqa: TRY004  # pydantic makes of it what it says of other values
    return number


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


def _bounded(properties: Any) -> Any:
    if not isinstance(properties, Mapping):
        return properties
    if len(properties) > PROPERTIES_LIMIT:
        raise ValueError(f"at most {PROPERTIES_LIMIT} properties")
    return {str(safe_line(name)): _safe_json(value) for name, value in properties.items()}


def _safe_json(value: Any, depth: int = 0) -> Any:
    if depth > JSON_DEPTH_LIMIT:
        raise ValueError(f"nested deeper than {JSON_DEPTH_LIMIT} levels")
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, Mapping):
        return {safe_line(name): _safe_json(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_safe_json(inner, depth + 1) for inner in value]
    return safe_text(value)


Line = Annotated[str, BeforeValidator(safe_line), StringConstraints(min_length=1, max_length=LINE_LIMIT)]
"""Text of one line: normalised, never empty, at most 1,000 characters."""
Text = Annotated[str, BeforeValidator(safe_text), StringConstraints(max_length=TEXT_LIMIT)]
"""Text of several lines, at most 100,000 characters."""
Moment = Annotated[datetime, AfterValidator(utc)]
"""A moment in UTC."""
Number = Annotated[float, AfterValidator(_finite)]
"""A finite number."""
NoTruth = BeforeValidator(_no_truth)
"""Beside a type of numbers: true and false (in YAML also yes, no, on, off) are none, though Python counts with them."""
Properties = Annotated[dict[str, JsonValue], BeforeValidator(_bounded)]
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
