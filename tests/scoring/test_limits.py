"""Limits per day, week and month are those of the calendar in the model's zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadflow.entities import Activity
from leadflow.scoring import Limit
from leadflow.scoring.arithmetic import first_of_each

BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def kept(*moments: str, limit: tuple[int, Any], zone: ZoneInfo = UTC) -> list[str]:
    activities = []
    for moment in moments:
        at = datetime.fromisoformat(moment)
        activities.append(Activity(id=moment, lead_id="l", kind="viewed", happened_at=at, recorded_at=at))
    return [one.id for one in first_of_each(activities, Limit(*limit), zone, lambda one: one.happened_at)]


def test_a_day_of_twenty_five_hours_is_one_day() -> None:
    first, last = "2026-10-24T22:30:00Z", "2026-10-25T22:30:00Z"  # 00:30 and 23:30 on the same day in Berlin
    assert kept(first, last, limit=(1, "day"), zone=BERLIN) == [first]
    assert kept(first, last, limit=(1, "day"), zone=UTC) == [first, last]


def test_a_day_of_twenty_three_hours_ends_an_hour_earlier() -> None:
    first, next_day = "2026-03-28T23:30:00Z", "2026-03-29T22:30:00Z"  # 00:30 on the 29th, 00:30 on the 30th
    assert kept(first, next_day, limit=(1, "day"), zone=BERLIN) == [first, next_day]


@pytest.mark.parametrize(
    ("per", "within", "beyond"),
    [
        ("week", "2026-01-04T23:00:00Z", "2026-01-05T00:00:00Z"),  # Sunday, Monday
        ("month", "2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z"),
        ("month", "2026-01-31T23:59:59Z", "2027-01-01T00:00:00Z"),
        ("day", "2025-12-29T23:59:59.999999Z", "2025-12-30T00:00:00Z"),
    ],
)
def test_a_period_ends_with_the_calendars(per: Any, within: str, beyond: str) -> None:
    first = "2025-12-29T00:00:00Z" if per != "month" else "2026-01-01T00:00:00Z"
    assert kept(first, within, beyond, limit=(1, per)) == [first, beyond]


def test_a_week_goes_on_over_new_year() -> None:
    assert kept("2025-12-31T12:00:00Z", "2026-01-01T12:00:00Z", limit=(1, "week")) == ["2025-12-31T12:00:00Z"]


def test_the_first_ever_counts_only_once() -> None:
    assert kept("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", limit=(1, "ever")) == ["2020-01-01T00:00:00Z"]


def test_several_may_count() -> None:
    moments = [f"2026-01-01T0{hour}:00:00Z" for hour in range(5)]
    assert kept(*moments, limit=(3, "day")) == moments[:3]


def test_a_date_at_the_edge_of_the_calendar_fails_nothing() -> None:
    first, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
    for zone in ("America/New_York", "Asia/Tokyo"):
        assert kept(first, last, limit=(1, "day"), zone=ZoneInfo(zone)) == [first, last]
