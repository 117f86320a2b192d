"""Moments and days as people and programs write them in files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final, Literal, NamedTuple, Self, TypeAlias

from leadflow.entities.text import without_marks

__all__ = ["DateOrder", "DateVotes", "day_of", "moment_of", "order_of", "other_reading"]

DateOrder: TypeAlias = Literal["day", "month"]
"""What comes first in a date with strokes: 31/12/2026 or 12/31/2026."""

CLOCK: Final = r"(?:[ T,]+(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?\s*([AaPp]\.? ?[Mm]\.?)?)?"
NUMERIC: Final = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{2})" + CLOCK, re.ASCII)
STROKES: Final = re.compile(r"(\d{1,2})([/-])(\d{1,2})[/-](?:\d{4}|\d{2})\b.*", re.ASCII)
NAMED: Final = re.compile(
    r"(?:(\d{1,2})[.\s-]+(?:de )?([A-Za-z]{3,12})\.?|([A-Za-z]{3,12})\.?\s+(\d{1,2}))"
    r"(?: de|[,.\s-])[,\s-]*(\d{4}|\d{2})" + CLOCK,
    re.ASCII,
)
ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|º|°)(?![^\W\d_])", re.IGNORECASE)
WEEKDAY: Final = re.compile(
    r"^[A-Za-z]{2,13}\.?(?:,\s*(?=\d|[A-Za-z]{3,})|\s+(?=\d{1,2}\.? (?:de )?[A-Za-z]{3}|[A-Za-z]{3,12}\.? \d))"
)
JOINTS: Final = re.compile(
    r"\s+(?:um|at|om|alle(?: ore)?|ore|a las|a|o|godz\.?|@|-|,)\s+(?=\d{1,2}(?:[:.h]\d{2}| ?[AaPp]\.?[Mm]))"
)
"""Words between a day and its time."""
NAMED_ZONE: Final = re.compile(r"\s*\([^()]{1,40}\)$")
ERA: Final = re.compile(r"\s+(?:r\.?|Uhr|h|hrs?)$")
HALF_HOUR: Final = re.compile(r"(?<= )(\d{1,2}) ?([AaPp]\.?[Mm]\.?)$")
ZONE: Final = re.compile(r"\s+(?:UTC|GMT|Z)$")
OFFSET: Final = re.compile(r"\s+(?:GMT|UTC)?([+-])(\d{2}):?(\d{2})$", re.ASCII)
OFFSET_BEHIND: Final = re.compile(r":\d{2}(?:[.,]\d+)?$", re.ASCII)
MONTHS: Final = tuple(names.split() for names in (
    "january januar jaenner janvier enero gennaio januari styczen stycznia jan janv jaen ene gen sty",
    "february februar fevrier febrero febbraio februari luty lutego feb fev fevr lut",
    "march maerz mars marzo maart marzec marca mar mrz maer mrt",
    "april avril abril aprile kwiecien kwietnia apr avr abr kwi",
    "may mai mayo maggio mei maj maja mag",
    "june juni juin junio giugno czerwiec czerwca jun giu cze",
    "july juli juillet julio luglio lipiec lipca jul juil lug lip",
    "august aout agosto augustus sierpien sierpnia aug ago sie",
    "september septembre septiembre setiembre settembre wrzesien wrzesnia sep sept set wrz",
    "october oktober octobre octubre ottobre pazdziernik pazdziernika oct okt ott paz",
    "november novembre noviembre listopad listopada nov lis",
    "december dezember decembre diciembre dicembre grudzien grudnia dec dez dic gru",
))  # fmt: skip
UMLAUTS: Final = str.maketrans({"ä": "ae", "Ä": "Ae", "ł": "l", "º": "", "°": ""})
SERIAL: Final = re.compile(r"([2-7]\d{4})([.,]\d{1,11})?", re.ASCII)
SERIAL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 (its zone is the caller's)
"""Days since then are how a spreadsheet counts: 46082 is the 1st of March 2026, 46082.5 its noon."""
COMPACT: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
UNIX: Final = {10: 1, 13: 1_000}
"""Seconds, or thousandths of them, since 1970, by how many digits they have."""


def moment_of(text: str, zone: tzinfo = UTC, order: DateOrder | None = None) -> datetime:
    """Return the moment that a text names, in UTC; without an offset of its own it is meant in ``zone``.

    ISO 8601 (also with a blank for the T), RFC 2822, ``31.12.2026 14:30 Uhr``, ``2026/12/31``, ``31 Dec 2026``,
    ``Dec 31st, 2026``, ``12/31/2026 2:30 PM``, months and times also as written in German, French, Spanish, Italian,
    Dutch and Polish, seconds since 1970, days as a spreadsheet counts them (46082.5); a day alone is its midnight. What
    may be the 1st of February or the 2nd of January is refused, unless ``order`` says which. Raises ``ValueError`` with
    the forms that are read.
    """
    text = text.strip()
    try:
        read = _read(text, order)
        return (read.replace(tzinfo=zone) if read.tzinfo is None else read).astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        why = "may be day/month or month/day" if isinstance(wrong, _Ambiguous) else "is not a moment"
        raise ValueError(f"{text[:60]!r} {why}; write it like 2026-12-31T14:30 or 31.12.2026 14:30") from None


class DateVotes(NamedTuple):
    """How many dates with strokes of a column can only have the day first, how many only the month, how many either.

    ``signs`` are the strokes between the numbers.
    """

    day: int = 0
    month: int = 0
    either: int = 0
    signs: frozenset[str] = frozenset()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Count the dates of a column."""
        dates = [found for text in texts if (found := STROKES.fullmatch(text.strip()))]
        may_be = [tuple(1 <= int(one[place]) <= 12 for place in (3, 1)) for one in dates]
        either = sum(one[1] != one[3] for one, both in zip(dates, may_be, strict=True) if all(both))
        return cls(may_be.count((True, False)), may_be.count((False, True)), either, frozenset(one[2] for one in dates))

    @property
    def order(self) -> DateOrder | None:
        """What comes first by most of them; None if as many say otherwise, or none says so."""
        return None if self.day == self.month else "day" if self.day > self.month else "month"

    @property
    def doubt(self) -> str | None:
        """Why dates that can be read either way are doubtful; None if nothing speaks against the order."""
        if self.order is None or not self.either:
            return None
        read = f"was read with the {self.order} first"
        if against := min(self.day, self.month):
            return f"{read}, but {against} of {self.day + self.month} dates of the column say otherwise"
        if len(self.signs) > 1:
            return f"{read}, but dates of the column are written with {' and with '.join(sorted(self.signs))}"
        return f"{read}, as one date of the column alone says" if max(self.day, self.month) == 1 else None


def order_of(texts: Iterable[str]) -> DateOrder | None:
    """What comes first in the dates of a column; None if they can be read either way, or none has strokes."""
    return DateVotes.of(texts).order


def other_reading(text: str, order: DateOrder | None) -> str | None:
    """Return the day that a text would be if day and month changed places; None if it can be read in one way only."""
    try:
        days = [moment_of(text, order=one).date() for one in ("day", "month")]
    except ValueError:
        return None
    return None if days[0] == days[1] else days[order == "day"].isoformat()


class _Ambiguous(ValueError):
    """Day and month can be taken for each other."""


def _read(text: str, order: DateOrder | None) -> datetime:
    if serial := SERIAL.fullmatch(text):
        return SERIAL_ZERO + timedelta(seconds=round(float(serial[0].replace(",", ".")) * 86_400))
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
    if len(text) > 90:
        raise ValueError("no moment")
    text = NAMED_ZONE.sub("", text)
    if ZONE.search(text):
        text, zone = ZONE.sub("", text), UTC
    elif (offset := OFFSET.search(text)) and OFFSET_BEHIND.search(text[: offset.start()]):
        length = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        text, zone = text[: offset.start()], timezone(-length if offset[1] == "-" else length)
    text = ERA.sub("", text)
    text = without_marks(text.translate(UMLAUTS)) if not text.isascii() else text
    text = ORDINAL.sub("", " ".join(text.split()))
    text = JOINTS.sub(" ", WEEKDAY.sub("", text) if not text[:1].isdigit() else text)
    return HALF_HOUR.sub(r"\1:00 \2", text), zone


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
