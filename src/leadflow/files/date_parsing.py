"""Moments and days as people and programs write them in files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo
from typing import Final, Literal, TypeAlias

__all__ = ["DateOrder", "day_of", "moment_of", "order_of"]

DateOrder: TypeAlias = Literal["day", "month"]
"""What comes first in a date with strokes: 31/12/2026 or 12/31/2026."""

CLOCK: Final = r"(?:[ T,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?\s*([AaPp][Mm])?)?"
NUMERIC: Final = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{2})" + CLOCK, re.ASCII)
STROKES: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](?:\d{4}|\d{2})\b.*", re.ASCII)
NAMED: Final = re.compile(
    r"(?:(\d{1,2})[.\s-]+([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?\s+(\d{1,2}))[,\s-]+(\d{4})" + CLOCK,
    re.ASCII,
)
MONTHS: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                 "november", "december")  # fmt: skip
COMPACT: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
UNIX: Final = {10: 1, 13: 1_000}
"""Seconds, or thousandths of them, since 1970, by how many digits they have."""


def moment_of(text: str, zone: tzinfo = UTC, order: DateOrder | None = None) -> datetime:
    """Return the moment that a text names, in UTC; without an offset of its own it is meant in ``zone``.

    ISO 8601 (also with a blank for the T), ``31.12.2026 14:30``, ``2026/12/31``, ``31 Dec 2026``, ``Dec 31, 2026``,
    ``12/31/2026 2:30 PM``, seconds since 1970; a day alone is its midnight. What may be the 1st of February or the 2nd
    of January is refused, unless ``order`` says which. Raises ``ValueError`` with the forms that are read.
    """
    text = text.strip()
    try:
        read = _read(text, order)
        return (read.replace(tzinfo=zone) if read.tzinfo is None else read).astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        why = "may be day/month or month/day" if isinstance(wrong, _Ambiguous) else "is not a moment"
        raise ValueError(f"{text[:60]!r} {why}; write it like 2026-12-31T14:30 or 31.12.2026 14:30") from None


def order_of(texts: Iterable[str]) -> DateOrder | None:
    """What comes first in the dates of a column; None if they can be read either way, or none has strokes."""
    dates = [found for text in texts if (found := STROKES.fullmatch(text.strip()))]
    day, month = (sum(1 <= int(one[place]) <= 12 for one in dates) for place in (2, 1))
    return None if day == month else "day" if day > month else "month"


class _Ambiguous(ValueError):
    """Day and month can be taken for each other."""


def _read(text: str, order: DateOrder | None) -> datetime:
    if text.isascii() and text.isdecimal():
        return _from_digits(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        if found := NUMERIC.fullmatch(text):
            return datetime(*_day_in(found, order), *_clock(*found.groups()[4:]))  # noqa: DTZ001 (the caller's zone)
        if found := NAMED.fullmatch(text):
            day, month = (found[1], found[2]) if found[1] else (found[4], found[3])
            return datetime(int(found[5]), _month(month), int(day), *_clock(*found.groups()[5:]))  # noqa: DTZ001
        raise


def _from_digits(text: str) -> datetime:
    if len(text) in UNIX:
        return datetime.fromtimestamp(int(text) / UNIX[len(text)], UTC)
    return datetime.strptime(text, COMPACT.get(len(text), "%Y-%m-%d"))  # noqa: DTZ007 (its zone is given by the caller)


def _day_in(found: re.Match[str], order: DateOrder | None) -> tuple[int, int, int]:
    """Year, month and day of a date in numbers: the year first if it has four digits, with dots the day first."""
    first, middle, last = int(found[1]), int(found[3]), int(found[4])
    if len(found[1]) == 4:
        return first, middle, last
    year = last if len(found[4]) == 4 else last + (2000 if last < 70 else 1900)
    if found[2] == ".":
        order = "day"
    if order is None and first != middle and max(first, middle) <= 12:
        raise _Ambiguous
    is_day_first = order == "day" or (order is None and first > 12)
    return (year, middle, first) if is_day_first else (year, first, middle)


def _month(name: str) -> int:
    places = [place for place, month in enumerate(MONTHS, 1) if month.startswith(name.lower())]
    if len(places) != 1 and name.lower() != "sept":
        raise ValueError("no month")
    return places[0]


def _clock(hour: str | None, minute: str | None, second: str | None, half: str | None) -> tuple[int, int, int]:
    if hour is None:
        return 0, 0, 0
    hours = int(hour)
    if half is not None:
        if not 1 <= hours <= 12:
            raise ValueError("no such hour")
        hours = hours % 12 + 12 * (half.lower() == "pm")
    return hours, int(minute or 0), int(second or 0)


def day_of(text: str) -> date:
    """Return the day that a text names; raises ``ValueError``."""
    return moment_of(text).date()
