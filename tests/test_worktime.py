from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from leadflow.errors import DefinitionError, InvalidInput
from leadflow.worktime import ALWAYS, BusinessHours, in_utc

HOUR, MINUTE, TICK = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
OFFICE = BusinessHours(zone="Europe/Berlin", week={"mon-fri": "09:00-17:00"}, holidays=[date(2026, 5, 1)])

# Around these moments clocks change: ordinary, half an hour, a missing day, at midnight, twice a year, by two
# hours, a minute after midnight, a country that moved its whole offset, and one that never changes.
CHANGES = [
    (zone, datetime.fromisoformat(f"{moment}Z"))
    for zone, moments in {
        "Europe/Berlin": "2026-03-29T01:00 2026-10-25T01:00",
        "Australia/Lord_Howe": "2026-04-04T15:00 2026-10-03T15:30",
        "Pacific/Apia": "2011-12-30T10:00",
        "America/Sao_Paulo": "2018-11-04T03:00 2018-02-18T02:00",
        "Africa/Casablanca": "2026-02-15T02:00 2026-03-22T02:00",
        "Antarctica/Troll": "2026-03-29T01:00 2026-10-25T01:00",
        "America/St_Johns": "2010-11-07T02:31",
        "America/Havana": "2026-11-01T05:00",
        "Asia/Pyongyang": "2018-05-04T15:00",
        "America/New_York": "2026-03-08T07:00",
        "Asia/Kathmandu": "2026-06-01T00:00",
    }.items()
    for moment in moments.split()
]


class Wall:
    """The oracle looks at the clock on the wall once a minute; it shares no code with what is under test."""

    def __init__(self, zone: str, openings: dict[int, list[tuple[int, int]]], holidays: set[date]) -> None:
        self.zone, self.openings, self.holidays = ZoneInfo(zone), openings, holidays

    def open_at(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        spans = self.openings.get(local.weekday(), [])
        return local.date() not in self.holidays and any(a <= minute < b for a, b in spans)

    def worked(self, start: datetime, end: datetime) -> timedelta:
        minutes = int((end - start) / MINUTE)
        return sum((MINUTE for n in range(minutes) if self.open_at(start + n * MINUTE)), timedelta(0))

    def deadline(self, start: datetime, duration: timedelta) -> datetime:
        moment = start
        while duration > timedelta(0):
            duration -= MINUTE if self.open_at(moment) else timedelta(0)
            moment += MINUTE
        return moment

    def next_open(self, moment: datetime) -> datetime:
        while not self.open_at(moment):
            moment += MINUTE
        return moment


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def calendars(draw: st.DrawFn, zone: str, around: date) -> tuple[BusinessHours, Wall]:
    """A calendar and its oracle, from the same random openings of which every day but one may have none."""
    openings: dict[int, list[tuple[int, int]]] = {}
    for day in range(7):
        cuts = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
        openings[day] = list(zip(cuts[::2], cuts[1::2], strict=False))
    openings[around.weekday()] = openings[around.weekday()] or [(60, 200)]
    holidays = {around + timedelta(days=n) for n in draw(st.sets(st.integers(-2, 3), max_size=2))}
    times = {day: ", ".join(f"{clock(a)}-{clock(b)}" for a, b in spans) for day, spans in openings.items()}
    week = {WEEKDAYS[day]: text for day, text in times.items() if text}
    return BusinessHours(zone=zone, week=week, holidays=holidays), Wall(zone, openings, holidays)


Situation = tuple[BusinessHours, Wall, datetime]


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    zone, change = draw(st.sampled_from(CHANGES))
    hours, wall = draw(calendars(zone, change.astimezone(ZoneInfo(zone)).date()))
    return hours, wall, change + draw(st.integers(-1800, 1200)) * MINUTE


@settings(max_examples=120, deadline=None)
@given(situations(), st.integers(0, 2400))
def test_worked_time_is_what_the_clock_on_the_wall_shows_minute_by_minute(situation: Situation, minutes: int) -> None:
    hours, wall, start = situation
    assert hours.worked(start, start + minutes * MINUTE) == wall.worked(start, start + minutes * MINUTE)


@settings(max_examples=120, deadline=None)
@given(situations(), st.integers(1, 300))
def test_a_deadline_is_found_where_a_walk_by_minutes_finds_it(situation: Situation, minutes: int) -> None:
    hours, wall, start = situation
    assert hours.deadline(start, minutes * MINUTE) == wall.deadline(start, minutes * MINUTE)


@settings(max_examples=60, deadline=None)
@given(situations())
def test_the_next_opening_is_where_a_walk_by_minutes_finds_it(situation: Situation) -> None:
    hours, wall, start = situation
    assert hours.next_open(start) == wall.next_open(start)
    assert hours.is_open(start) == wall.open_at(start)


def test_ten_thousand_instants_in_all_zones_agree_with_the_wall() -> None:
    dice = random.Random(24)
    openings = {day: [(9 * 60, 12 * 60 + 30), (13 * 60, 17 * 60)] for day in range(7)} | {6: [(0, 180)]}
    week = {"mon-sat": "09:00-12:30, 13:00-17:00", "sun": "00:00-03:00"}
    for zone, change in CHANGES:
        hours, wall = BusinessHours(zone=zone, week=week), Wall(zone, openings, set())
        for _ in range(10_000 // len(CHANGES)):
            moment = change + dice.randrange(-200_000, 200_000) * MINUTE
            assert hours.is_open(moment) == wall.open_at(moment), (zone, moment)


@settings(max_examples=200, deadline=None)
@given(situations(), st.timedeltas(timedelta(0), timedelta(days=40)), st.timedeltas(timedelta(0), MINUTE))
def test_exactly_the_duration_is_worked_until_the_deadline(
    situation: Situation, duration: timedelta, odd: timedelta
) -> None:
    hours, _, start = situation
    due = hours.deadline(start + odd, duration)
    assert hours.worked(start + odd, due) == duration
    if duration:
        assert hours.worked(start + odd, due - TICK) == duration - TICK


@settings(max_examples=100, deadline=None)
@given(situations(), st.lists(st.integers(0, 5000), min_size=3, max_size=3).map(sorted))
def test_worked_time_adds_up(situation: Situation, marks: list[int]) -> None:
    hours, _, start = situation
    one, two, three = (start + mark * MINUTE for mark in marks)
    assert hours.worked(one, two) + hours.worked(two, three) == hours.worked(one, three)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (datetime(2026, 7, 3, 16, 30), datetime(2026, 7, 6, 9, 30)),  # Friday, half an hour before closing
        (datetime(2026, 7, 3, 16, 0), datetime(2026, 7, 3, 17, 0)),  # to the last minute of Friday
        (datetime(2026, 7, 3, 20, 0), datetime(2026, 7, 6, 10, 0)),  # Friday evening
        (datetime(2026, 7, 4, 18, 0), datetime(2026, 7, 6, 10, 0)),  # Saturday (Frappe said Tuesday)
        (datetime(2026, 4, 30, 16, 30), datetime(2026, 5, 4, 9, 30)),  # over the first of May and a weekend
        (datetime(2026, 3, 27, 16, 30), datetime(2026, 3, 30, 9, 30)),  # the clock goes forward in between
        (datetime(2026, 10, 23, 16, 30), datetime(2026, 10, 26, 9, 30)),  # and back
    ],
)
def test_one_hour_is_due_in_the_next_business_time_of_the_zone_that_counts(asked: datetime, due: datetime) -> None:
    asked, due = asked.replace(tzinfo=BERLIN), due.replace(tzinfo=BERLIN)
    assert OFFICE.deadline(asked, HOUR) == due
    assert OFFICE.deadline(asked.astimezone(TOKYO), HOUR).tzinfo is UTC


def test_what_comes_due_on_a_saturday_night_in_tokyo_waits_for_monday_nine() -> None:
    tokyo = BusinessHours(zone="Asia/Tokyo", week={"mon-fri": "09:00-18:00"})
    saturday = datetime(2026, 7, 4, 18, 13, tzinfo=TOKYO)
    assert tokyo.next_open(saturday) == datetime(2026, 7, 6, 9, 0, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("Antarctica/Troll", date(2026, 3, 29), 22),
    ],
)
def test_a_day_round_the_clock_is_as_long_as_its_clock_changes_make_it(zone: str, day: date, hours: float) -> None:
    around = BusinessHours(zone=zone, week={WEEKDAYS[day.weekday()]: "00:00-24:00"})
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert around.worked(noon - timedelta(days=3), noon + timedelta(days=3)) == timedelta(hours=hours)


def test_nobody_works_on_the_friday_that_samoa_skipped() -> None:
    fridays = BusinessHours(zone="Pacific/Apia", week={"fri": "00:00-24:00"})
    assert fridays.next_open(datetime(2011, 12, 29, 12, tzinfo=UTC)) == datetime(2012, 1, 5, 10, tzinfo=UTC)


def test_a_night_shift_runs_into_the_next_day_and_stops_for_its_holiday() -> None:
    nights = {"mon-fri": "22:00-06:00"}
    saturday = datetime(2026, 7, 4, 5, tzinfo=UTC)
    assert BusinessHours(week=nights).is_open(saturday)
    assert not BusinessHours(week=nights, holidays=[date(2026, 7, 4)]).is_open(saturday)
    assert BusinessHours(week={"sun": "22:00-06:00"}).is_open(datetime(2026, 7, 6, 5, tzinfo=UTC))


def test_round_the_clock_business_time_is_time() -> None:
    start = datetime(2026, 3, 28, 13, 14, 15, 16, tzinfo=UTC)
    assert ALWAYS.deadline(start, timedelta(days=400)) == start + timedelta(days=400)
    assert ALWAYS.worked(start, start + timedelta(days=400)) == timedelta(days=400)
    assert ALWAYS.next_open(start) == start


def test_no_duration_is_due_at_once() -> None:
    sunday = datetime(2026, 7, 5, 12, tzinfo=UTC)
    assert OFFICE.deadline(sunday, timedelta(0)) == sunday


@pytest.mark.parametrize("call", [
    lambda naive: OFFICE.deadline(naive, HOUR),
    lambda naive: OFFICE.worked(naive, datetime(2026, 7, 6, tzinfo=UTC)),
    lambda naive: OFFICE.worked(datetime(2026, 7, 1, tzinfo=UTC), naive),
    OFFICE.next_open,
    OFFICE.is_open,
    in_utc,
])  # fmt: skip
@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 7, 3, 9),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(HOUR)),
    ],
)
def test_a_moment_that_nobody_can_place_is_refused(call: Callable[[datetime], object], moment: datetime) -> None:
    with pytest.raises(InvalidInput):
        call(moment)


def test_what_cannot_be_reckoned_is_refused_and_does_not_hang() -> None:
    start = datetime(2026, 7, 3, 9, tzinfo=UTC)
    for duration in (-HOUR, timedelta.max, timedelta(days=20_000)):
        with pytest.raises(InvalidInput, match="duration"):
            OFFICE.deadline(start, duration)
    with pytest.raises(InvalidInput, match="not before start"):
        OFFICE.worked(start, start - HOUR)
    with pytest.raises(InvalidInput, match="50 years"):
        OFFICE.worked(start, datetime(2400, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="year 10000"):
        OFFICE.deadline(datetime(9998, 12, 31, 23, tzinfo=UTC), timedelta(days=200))
    fifty_years = [date(2026, 7, 3) + timedelta(n) for n in range(18_400)]
    closed = BusinessHours(week={"mon": "09:00-10:00"}, holidays=fifty_years)
    with pytest.raises(InvalidInput, match="no business hours in the next"):
        closed.next_open(start)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"week": {}}, "never open"),
        ({"week": {"monday": "09:00-17:00"}}, "'monday' is not a weekday"),
        ({"week": {"mon-": "9-17"}}, "can't be read"),
        ({"week": {"mon": "09:00-09:00"}}, "00:00-24:00"),
        ({"week": {"mon": "24:00-25:00"}}, "not a part of a day"),
        ({"week": {"mon": "09:00-12:00, 11:59-13:00"}}, "overlap"),
        ({"week": {"sun": "22:00-06:00", "mon": "05:00-09:00"}}, "overlap"),
        ({"week": "mon-fri"}, "mapping"),
        ({"zone": "Europe/Atlantis"}, "no time zone"),
        ({"zone": "../etc/passwd"}, "no time zone"),
        ({"holidays": "2026-12-25"}, "collection"),
        ({"holidays": ["25.12."]}, "not a date"),
        ({"holidays": [datetime(2026, 12, 25)]}, "not a date"),
        ({"closed": True}, "closed"),
    ],
)
def test_hours_that_cannot_work_are_refused_when_they_are_built(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        BusinessHours(**wrong)


def test_a_calendar_that_has_no_years_yet_is_refused_as_empty() -> None:
    class Germany(dict[date, str]):
        """As the calendars of the library ``holidays``: a dictionary that is filled as it is asked."""

        def __init__(self, years: Iterable[int] = ()) -> None:
            self.years = set(years)
            super().__init__({date(year, 5, 1): "Labor Day" for year in self.years})

    with pytest.raises(DefinitionError, match="give them: Germany"):
        BusinessHours(holidays=Germany())
    assert BusinessHours(holidays=Germany(years=[2026])).holidays == {date(2026, 5, 1)}


def test_business_hours_go_to_json_and_back() -> None:
    class Team(BaseModel):
        hours: BusinessHours

    week = {"sat,mon-wed": "9:00-12:00, 13:00-24:00"}
    team = Team(hours=BusinessHours(zone="Asia/Tokyo", week=week, holidays=OFFICE.holidays))
    assert Team.model_validate_json(team.model_dump_json()) == team
    assert Team.model_validate(team.model_dump()) == team
    assert len({team.hours, Team.model_validate(team.model_dump()).hours}) == 1


def test_any_collection_of_dates_will_do_for_holidays() -> None:
    named = {date(2026, 5, 1): "Tag der Arbeit"}
    hours = BusinessHours(holidays=named)
    assert hours == BusinessHours(holidays=iter(named)) == BusinessHours.model_validate({"holidays": ["2026-05-01"]})
    assert not hours.is_open(datetime(2026, 5, 1, 12, tzinfo=UTC))
