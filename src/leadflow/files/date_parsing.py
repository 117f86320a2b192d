"""Moments and days as people and programs write them in files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final, Literal, TypeAlias

from leadflow.entities.text import without_marks

__all__ = ["DateOrder", "day_of", "moment_of", "order_of"]

DateOrder: TypeAlias = Literal["day", "month"]
"""What comes first in a date with strokes: 31/12/2026 or 12/31/2026."""

CLOCK: Final = r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?\s*([AaPp]\.?[Mm]\.?)?)?"
NUMERIC: Final = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{2})" + CLOCK, re.ASCII)
STROKES: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](?:\d{4}|\d{2})\b.*", re.ASCII)
NAMED: Final = re.compile(
    r"(?:(\d{1,2})[.\s-]+(?:de )?([A-Za-z]{3,10})\.?|([A-Za-z]{3,10})\.?\s+(\d{1,2}))(?: de|[,\s-])[,\s-]*(\d{4}|\d{2})"
    + CLOCK,
    re.ASCII,
)
ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th|er)\b", re.IGNORECASE)
WEEKDAY: Final = re.compile(r"^[A-Za-z]{2,10}\.?,\s+(?=\d|[A-Za-z]{3,})")
ZONE: Final = re.compile(r"\s+(?:UTC|GMT|Z)$")
OFFSET: Final = re.compile(r"\s+([+-])(\d{2}):?(\d{2})$", re.ASCII)
MONTHS: Final = tuple(names.split() for names in (
    "january januar jaenner janvier enero gennaio januari jan",
    "february februar fevrier febrero febbraio februari feb fev",
    "march maerz mars marzo maart mar mrz mrt",
    "april avril abril aprile apr avr",
    "may mai mayo maggio mei",
    "june juni juin junio giugno jun",
    "july juli juillet julio luglio jul",
    "august aout agosto augustus aug",
    "september septembre septiembre settembre sep sept",
    "october oktober octobre octubre ottobre oct okt",
    "november novembre noviembre nov",
    "december dezember decembre diciembre dicembre dec dez",
))  # fmt: skip
UMLAUTS: Final = str.maketrans({"ä": "ae", "Ä": "Ae"})
SERIAL: Final = re.compile(r"([2-7]\d{4})(\.\d{1,11})?", re.ASCII)
SERIAL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 (its zone is the caller's)
"""Days since then are how a spreadsheet counts: 46082 is the 1st of March 2026, 46082.5 its noon."""
COMPACT: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
UNIX: Final = {10: 1, 13: 1_000}
"""Seconds, or thousandths of them, since 1970, by how many digits they have."""


def moment_of(text: str, zone: tzinfo = UTC, order: DateOrder | None = None) -> datetime:
    """Return the moment that a text names, in UTC; without an offset of its own it is meant in ``zone``.

    ISO 8601 (also with a blank for the T), RFC 2822, ``31.12.2026 14:30 Uhr``, ``2026/12/31``, ``31 Dec 2026``,
    ``Dec 31st, 2026``, ``12/31/2026 2:30 PM``, months also in German, French, Spanish, Italian and Dutch, seconds since
    1970, days as a spreadsheet counts them (46082.5); a day alone is its midnight. What may be the 1st of February or
    the 2nd of January is refused, unless ``order`` says which. Raises ``ValueError`` with the forms that are read.
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
    if serial := SERIAL.fullmatch(text):
        return SERIAL_ZERO + timedelta(seconds=round(float(serial[0]) * 86_400))
    if text.isascii() and text.isdecimal():
        return _from_digits(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        plain, zone = _plain(text)
        if found := NUMERIC.fullmatch(plain):
            return datetime(*_day_in(found, order), *_clock(*found.groups()[4:]), tzinfo=zone)
        if found := NAMED.fullmatch(plain):
            day, month = (found[1], found[2]) if found[1] else (found[4], found[3])
            year = int(found[5]) if len(found[5]) == 4 else _century(int(found[5]))
            return datetime(year, _month(month), int(day), *_clock(*found.groups()[5:]), tzinfo=zone)
        return datetime.fromisoformat(plain).replace(tzinfo=zone)


def _plain(text: str) -> tuple[str, tzinfo | None]:
    """A moment without the words around it, in letters without accents; its offset, if it has one."""
    zone: tzinfo | None = None
    if len(text) > 60:
        raise ValueError("no moment")
    if ZONE.search(text):
        text, zone = ZONE.sub("", text), UTC
    elif (offset := OFFSET.search(text)) and ":" in text[: offset.start()]:
        length = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        text, zone = text[: offset.start()], timezone(-length if offset[1] == "-" else length)
    text = text.removesuffix(" Uhr").removesuffix(" h")
    text = without_marks(text.translate(UMLAUTS)) if not text.isascii() else text
    return " ".join(WEEKDAY.sub("", ORDINAL.sub("", text)).replace(" um ", " ").split()), zone


def _from_digits(text: str) -> datetime:
    if len(text) in UNIX:
        return datetime.fromtimestamp(int(text) / UNIX[len(text)], UTC)
    return datetime.strptime(text, COMPACT.get(len(text), "%Y-%m-%d"))  # noqa: DTZ007 (its zone is given by the caller)


def _day_in(found: re.Match[str], order: DateOrder | None) -> tuple[int, int, int]:
    """Year, month and day of a date in numbers: the year first if it has four digits, with dots the day first."""
    first, middle, last = int(found[1]), int(found[3]), int(found[4])
    if len(found[1]) == 4:
        return first, middle, last
    year = last if len(found[4]) == 4 else _century(last)
    if found[2] == ".":
        order = "day"
    if order is None and first != middle and max(first, middle) <= 12:
        raise _Ambiguous
    is_day_first = order == "day" or (order is None and first > 12)
    return (year, middle, first) if is_day_first else (year, first, middle)


def _century(year: int) -> int:
    return year + (2000 if year < 70 else 1900)


def _month(name: str) -> int:
    places = [place for place, names in enumerate(MONTHS, 1) if name.lower() in names]
    if len(places) != 1:
        raise ValueError("no month")
    return places[0]


def _clock(hour: str | None, minute: str | None, second: str | None, half: str | None) -> tuple[int, int, int]:
    if hour is None:
        return 0, 0, 0
    hours = int(hour)
    if half is not None:
        if not 1 <= hours <= 12:
            raise ValueError("no such hour")
        hours = hours % 12 + 12 * (half.lower().startswith("p"))
    return hours, int(minute or 0), int(second or 0)


def day_of(text: str) -> date:
    """Return the day that a text names; raises ``ValueError``."""
    return moment_of(text).date()
