"""Lengths of time as definitions take and write them: a timedelta, or a text like ``4h`` or ``1d 12h``."""

# No `from __future__ import annotations`: pydantic reads these annotations.
import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

__all__ = ["Duration", "duration_of"]

ISO: Final = re.compile(r"P[0-9WYMDTHS.]+")
"""``P1DT12H`` (ISO 8601), which pydantic reads."""
PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
LONGEST: Final = 100
"""No length of time is written in more characters; finding the parts of a text takes the square of its length."""
UNITS: Final = {
    name: unit
    for names, unit in {
        "w week weeks": timedelta(weeks=1),
        "d day days": timedelta(days=1),
        "h hour hours": timedelta(hours=1),
        "m min minute minutes": timedelta(minutes=1),
        "s sec seconds": timedelta(seconds=1),
    }.items()
    for name in names.split()
}
REMEDY: Final = "write it like 4h, 30 min, 3 days or 1d 12h, or give a timedelta"


def duration_of(text: str) -> timedelta:
    """Read ``4h``, ``3 days``, ``1d 12h`` as a length of time; ``ValueError`` if it is none."""
    parts = PART.findall(text.strip().lower()) if len(text) <= LONGEST else []
    if not parts or PART.sub("", text.lower()).strip() or any(unit not in UNITS for _, unit in parts):
        raise ValueError(f"{text[:LONGEST]!r} is not a length of time; {REMEDY}")
    try:
        return sum((float(number) * UNITS[unit] for number, unit in parts), timedelta())
    except OverflowError:
        raise ValueError(f"{text!r} is longer than time can be counted; {REMEDY}") from None


def _read(written: object) -> object:
    if isinstance(written, int | float):
        raise ValueError(f"{written} has no unit; {REMEDY}")  # noqa: TRY004  (pydantic's way)
    return duration_of(written) if isinstance(written, str) and not ISO.fullmatch(written) else written


def _text_of(length: timedelta) -> str:
    """The shortest text that reads as exactly this length."""
    hours, seconds = divmod(length.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{length.microseconds:06}".rstrip("0.")
    parts = {"d": length.days, "h": hours, "m": minutes, "s": f"{seconds}{fraction}" if fraction else seconds}
    return " ".join(f"{number}{unit}" for unit, number in parts.items() if number) or "0s"


def _not_negative(length: timedelta) -> timedelta:
    if length < timedelta(0):
        raise ValueError(f"{length} is less than nothing; {REMEDY}")
    return length


Duration = Annotated[
    timedelta,
    BeforeValidator(_read),
    AfterValidator(_not_negative),
    PlainSerializer(_text_of, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\s*(P\S+|(\d+(\.\d+)?\s*[A-Za-z]+\s*)+)$", "examples": ["4h", "7 days"]}
    ),
]
"""A length of time, zero or more: a timedelta, or a text; in JSON the text."""
