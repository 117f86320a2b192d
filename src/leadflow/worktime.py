"""Business time: when four working hours are over, and how many have passed.

A team is open whenever the clock on its wall shows an opening time and its calendar shows no holiday. That sentence
settles every daylight-saving question: an hour that the clock skips is not worked, an hour that it shows twice is
worked twice, a day that a country skipped (Samoa, 2011-12-30) does not exist. All arithmetic is in UTC, because
subtracting wall-clock times of one zone ignores its clock changes.

::

    berlin = BusinessHours(zone="Europe/Berlin", week={"mon-fri": "09:00-12:30, 13:30-18:00"})
    berlin.deadline(friday_evening, timedelta(hours=1))      # Monday 10:00 in Berlin, as UTC
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, field_serializer
from pydantic_core import CoreSchema

from leadflow.errors import DefinitionError, InvalidInput

__all__ = ["ALWAYS", "BusinessHours", "Opening", "in_utc", "zone_named"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = timedelta(days=50 * 366)
_MINUTES_A_DAY = 24 * 60
_STEP = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_END = datetime(9999, 12, 30, tzinfo=UTC)
Span = tuple[datetime, datetime]
_WORKWEEK: Mapping[str, str] = {"mon-fri": "09:00-17:00"}


class Opening(NamedTuple):
    """Open from one minute of the local day until just before another (at most 1440, written 24:00)."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{self.closes // 60:02}:{self.closes % 60:02}"


class Stretch(NamedTuple):
    """From one moment until just before another, both UTC, with a constant offset from UTC."""

    since: datetime
    until: datetime
    offset: timedelta


class BusinessHours(BaseModel):
    """When a team works: opening times by weekday in its zone, except on holidays.

    ``week`` maps days (``"mon"``, ``"mon-fri"``, ``"sat,sun"``, ``"daily"``) to times (``"09:00-17:00"``,
    several with commas). ``"22:00-06:00"`` runs into the next day, ``"00:00-24:00"`` is all day.
    ``holidays`` is any collection of dates, including a calendar of the ``holidays`` library (with its years: it is
    filled lazily, and without them it is refused as empty). A holiday closes its date from midnight to midnight. A
    week that is never open, an unknown zone or an unknown day raises ``DefinitionError``.
    """

    model_config = ConfigDict(frozen=True)

    zone: str
    week: tuple[tuple[Opening, ...], ...]
    holidays: frozenset[date]

    def __init__(
        self,
        *,
        zone: str = "UTC",
        week: Mapping[str, str] = _WORKWEEK,
        holidays: Iterable[date] = (),
        **unknown: object,
    ) -> None:
        if unknown:
            raise DefinitionError(f"business hours have zone, week and holidays, no {', '.join(sorted(unknown))}")
        zone_named(zone)
        super().__init__(zone=zone, week=_parsed(week), holidays=_dates(holidays))

    def deadline(self, start: datetime, duration: timedelta) -> datetime:
        """The first moment (UTC) by which ``duration`` of business time has passed since ``start``."""
        moment = in_utc(start, "start")
        if duration < timedelta(0):
            raise InvalidInput("duration", duration, "give zero or more")
        if duration == timedelta(0):
            return moment
        if duration <= self._most_in(HORIZON):
            left = duration
            for opens, closes in self._open_from(moment):
                if left <= closes - opens:
                    return opens + left
                left -= closes - opens
        raise InvalidInput("duration", duration, "a deadline must lie within 50 years, and before the year 10000")

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """The business time between two moments at most 50 years apart; ``end`` must not be before ``start``."""
        since, until = in_utc(start, "start"), in_utc(end, "end")
        if until < since:
            raise InvalidInput("end", end, f"give a moment that is not before start ({start.isoformat()})")
        if until - since > HORIZON:
            raise InvalidInput("end", end, "at most 50 years after start")
        return sum((closes - opens for opens, closes in self._open_from(since, until)), timedelta(0))

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself (in UTC) if the team is at work, otherwise when it next opens."""
        for opens, _ in self._open_from(in_utc(moment, "moment")):
            return opens
        raise InvalidInput("moment", moment, "there are no business hours in the next 50 years")

    def is_open(self, moment: datetime) -> bool:
        """Whether the team is at work."""
        return self.next_open(moment) == moment

    def _most_in(self, span: timedelta) -> timedelta:
        """An upper bound for ``span``, folds included: twice the week's hours for every week begun."""
        minutes = sum(opening.closes - opening.opens for day in self.week for opening in day)
        return timedelta(minutes=2 * minutes) * (span // timedelta(days=7) + 1)

    def _open_from(self, since: datetime, until: datetime | None = None) -> Iterator[Span]:
        """All working times in order, in UTC, clipped to the range (without an end: to the horizon)."""
        for stretch in _stretches(zone_named(self.zone), since, until or _later(since, HORIZON)):
            # Within a stretch the wall clock runs evenly, so plain arithmetic on naive times is exact.
            first, last = stretch.since + stretch.offset, stretch.until + stretch.offset
            for opens, closes in self._on_the_wall(first, last):
                yield opens - stretch.offset, closes - stretch.offset

    def _on_the_wall(self, first: datetime, last: datetime) -> Iterator[Span]:
        for day in _days(first.date(), last.date()):
            if day in self.holidays:
                continue
            midnight = datetime.combine(day, time(), tzinfo=UTC)
            for opening in self.week[day.weekday()]:
                opens = max(first, midnight + timedelta(minutes=opening.opens))
                closes = min(last, midnight + timedelta(minutes=opening.closes))
                if opens < closes:
                    yield opens, closes

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        times = {"type": "string", "pattern": f"^{_TIMES.pattern}(,{_TIMES.pattern})*$"}
        return {
            "type": "object",
            "description": "Opening times by weekday, such as mon-fri: 09:00-12:30, 13:30-18:00, except on holidays.",
            "properties": {
                "zone": {"type": "string", "default": "UTC"},
                "week": {"type": "object", "additionalProperties": times, "default": dict(_WORKWEEK)},
                "holidays": {"type": "array", "items": {"type": "string", "format": "date"}},
            },
            "additionalProperties": False,
        }

    @field_serializer("week")
    def _written(self, week: tuple[tuple[Opening, ...], ...]) -> dict[str, str]:
        return {day: ", ".join(map(str, times)) for day, times in zip(DAYS, week, strict=True) if times}

    @field_serializer("holidays")
    def _sorted(self, holidays: frozenset[date]) -> list[date]:
        return sorted(holidays)


def in_utc(moment: datetime, field: str = "moment") -> datetime:
    """The same moment in UTC; a datetime without a zone is refused, since it is ambiguous."""
    if moment.utcoffset() is None:
        raise InvalidInput(field, moment, "give a datetime with a time zone, e.g. datetime.now(UTC)")
    if not 1 < moment.year < 9999:
        raise InvalidInput(field, moment, "give a moment in the years 2 to 9998")  # no zone overflows there
    return moment.astimezone(UTC)


@lru_cache(maxsize=128)
def zone_named(name: str) -> ZoneInfo:
    """The time zone with this IANA name, or a ``DefinitionError``."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        raise DefinitionError(f"there is no time zone {name!r}; use an IANA name, e.g. Europe/Berlin") from None


def _stretches(zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Stretch]:
    """Split a range at its clock changes (and at every day, so that a caller can stop early)."""
    while since < until:
        end, offset = min(until, _later(since, _STEP)), _offset(zone, since)
        if _offset(zone, end - _TICK) != offset:
            end = _change(zone, since, end)
        yield Stretch(since, end, offset)
        since = end


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first moment with a different offset than ``before`` (by bisection: zones don't list their changes)."""
    offset = _offset(zone, before)
    while after - before > _TICK:
        middle = before + (after - before) // 2
        before, after = (middle, after) if _offset(zone, middle) == offset else (before, middle)
    return after


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _later(moment: datetime, span: timedelta) -> datetime:
    """``moment + span``, but not into the calendar's last days, where local times don't exist."""
    return moment + span if moment < _END - span else max(moment, _END)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _dates(given: Iterable[date]) -> frozenset[date]:
    dates = frozenset(map(_date, given))
    if not dates and hasattr(given, "years"):  # a calendar of the library, which knows a year once it is asked for
        raise DefinitionError("the calendar of holidays has no years yet; give them: Germany(years=range(2026, 2036))")
    return dates


def _date(given: object) -> date:
    if isinstance(given, str):
        try:
            return date.fromisoformat(given)
        except ValueError:
            raise DefinitionError(f"holiday {given!r} is not a date; give a collection such as [2026-12-25]") from None
    if isinstance(given, datetime) or not isinstance(given, date):
        raise DefinitionError(f"holiday {given!r} is not a date; give datetime.date(2026, 12, 25)")
    return given


def _parsed(week: Mapping[str, str]) -> tuple[tuple[Opening, ...], ...]:
    """Seven days of openings, in order and without overlaps; parts after midnight belong to the next day."""
    if not isinstance(week, Mapping):
        raise DefinitionError(f'week is a mapping such as {{"mon-fri": "09:00-17:00"}}, not {week!r}')
    days: list[list[Opening]] = [[] for _ in DAYS]
    for names, times in week.items():
        for number in _weekdays(names):
            for opens, closes in _times(times):
                days[number].append(Opening(opens, min(closes, _MINUTES_A_DAY)))
                if closes > _MINUTES_A_DAY:
                    days[(number + 1) % 7].append(Opening(0, closes - _MINUTES_A_DAY))
    if not any(days):
        raise DefinitionError("these business hours are never open; give at least one opening time")
    return tuple(_in_order(name, openings) for name, openings in zip(DAYS, days, strict=True))


def _in_order(day: str, openings: list[Opening]) -> tuple[Opening, ...]:
    ordered = sorted(openings)
    for one, other in pairwise(ordered):
        if other.opens < one.closes:
            raise DefinitionError(f"the opening times {one} and {other} of {day} overlap")
    return tuple(ordered)


def _weekdays(names: str) -> list[int]:
    if names.strip().lower() == "daily":
        return list(range(7))
    return [number for part in names.lower().split(",") for number in _from_to(part)]


def _from_to(part: str) -> list[int]:
    first, _, last = (name.strip() for name in part.partition("-"))
    for name in (first, last or first):
        if name not in DAYS:
            raise DefinitionError(f"{name!r} is not a weekday; use mon, tue, …, a range such as mon-fri, or daily")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return [(start + n) % 7 for n in range((end - start) % 7 + 1)]


_TIMES = re.compile(r"\s*(\d\d?):([0-5]\d)\s*-\s*(\d\d?):([0-5]\d)\s*", re.ASCII)


def _times(text: str) -> Iterator[tuple[int, int]]:
    """Minutes after midnight; an opening that runs past midnight ends after 1440."""
    for part in str(text).split(","):
        found = _TIMES.fullmatch(part)
        if not found:
            raise DefinitionError(f"opening time {part.strip()!r} can't be read; write e.g. 09:00-12:30, 13:30-18:00")
        hour, minute, end_hour, end_minute = map(int, found.groups())
        opens, closes = hour * 60 + minute, end_hour * 60 + end_minute
        if opens >= _MINUTES_A_DAY or closes > _MINUTES_A_DAY or opens == closes:
            raise DefinitionError(f"opening time {part.strip()!r} is not a part of a day; all day is 00:00-24:00")
        yield opens, closes if closes > opens else closes + _MINUTES_A_DAY


ALWAYS = BusinessHours(zone="UTC", week={"daily": "00:00-24:00"})
"""Around the clock: business time is elapsed time."""
