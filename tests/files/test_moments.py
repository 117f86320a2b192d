"""Moments and lengths of time as people write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.files.moments import day_of, duration_of, moment_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T09:00:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02 09:00+01:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-07-02 09:00", datetime(2026, 7, 2, 7, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("02.03.2026", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        (" 2.3.2026 09:30 ", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("2018-02-26 19:58:54", datetime(2018, 2, 26, 18, 58, 54, tzinfo=UTC)),
        ("2026/03/02 09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_read_in_the_zone_of_the_file(text, moment):
    assert moment_of(text, BERLIN) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "31.02.2026", "2026-13-01", "0001-01-01", "12", "1/2/2026 x"])
def test_what_is_no_moment_is_said_with_the_forms(text):
    with pytest.raises(ValueError, match=r"write it like"):
        moment_of(text, BERLIN)


@given(st.text(max_size=30))
def test_no_text_raises_anything_else(text):
    try:
        moment = moment_of(text)
    except ValueError:
        return
    assert moment.tzinfo is UTC


def test_days_are_days():
    assert day_of("15.01.2027").isoformat() == day_of("2027-01-15").isoformat() == "2027-01-15"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("4h", timedelta(hours=4)),
        ("30 min", timedelta(minutes=30)),
        ("3 days", timedelta(days=3)),
        ("1d 12h", timedelta(days=1.5)),
        ("2 weeks", timedelta(weeks=2)),
        ("1.5 h", timedelta(minutes=90)),
    ],
)
def test_lengths_of_time(text, length):
    assert duration_of(text) == length
    assert duration_of(length) == length


@pytest.mark.parametrize("text", ["soon", "4", "4 moons", "", "4h later", "-3d"])
def test_what_is_no_length_of_time_is_said(text):
    with pytest.raises(ValueError, match="no length of time"):
        duration_of(text)
