"""Moments and days as people and programs write them in files."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

__all__ = ["day_of", "duration_of", "moment_of"]

FORMS: Final = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
)  # fmt: skip
LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
UNITS: Final = {
    "w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}  # fmt: skip
UNIT_NAMES: Final = {
    name: UNITS[short]
    for short, names in {
        "w": "w week weeks", "d": "d day days", "h": "h hour hours", "m": "m min minute minutes", "s": "s sec seconds",
    }.items()
    for name in names.split()
}  # fmt: skip


def moment_of(text: str, zone: tzinfo = UTC) -> datetime:
    """Return the moment that a text names, in UTC; without an offset of its own it is meant in ``zone``.

    ISO 8601 (also with a blank for the T), ``31.12.2026 14:30``, ``2026/12/31``; a day alone is its midnight.
    Raises ``ValueError`` with the forms that are read.
    """
    text = text.strip()
    try:
        read = _read(text)
        return (read.replace(tzinfo=zone) if read.tzinfo is None else read).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:60]!r} is no moment; write it like 2026-12-31T14:30 or 31.12.2026 14:30") from None


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        for form in FORMS:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007 (its zone is given by the caller)
            except ValueError:
                continue
        raise


def day_of(text: str) -> date:
    """Return the day that a text names; raises ``ValueError``."""
    return moment_of(text).date()


def duration_of(written: object) -> object:
    """Read ``4h``, ``3 days``, ``1d 12h`` as a length of time; anything else is returned as it is."""
    if not isinstance(written, str):
        return written
    parts = LENGTH.findall(written.strip().lower())
    if not parts or LENGTH.sub("", written.lower()).strip() or any(unit not in UNIT_NAMES for _, unit in parts):
        raise ValueError(f"{written!r} is no length of time; write it like 4h, 30 min, 3 days or 1d 12h")
    return sum((float(number) * UNIT_NAMES[unit] for number, unit in parts), timedelta())
