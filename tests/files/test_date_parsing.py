"""Moments and lengths of time as people write them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.entities.duration import duration_of
from leadflow.files.date_parsing import day_of, moment_of, order_of

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
        ("02-Mar-2026", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("2 March 2026 09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("Mar 2, 2026", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("Sept. 2, 2026, 9:30 pm", datetime(2026, 9, 2, 19, 30, tzinfo=UTC)),
        ("03/22/2026 12:05 AM", datetime(2026, 3, 21, 23, 5, tzinfo=UTC)),
        ("22/03/2026", datetime(2026, 3, 21, 23, tzinfo=UTC)),
        ("22-03-2026 08:00:30", datetime(2026, 3, 22, 7, 0, 30, tzinfo=UTC)),
        ("3/3/26", datetime(2026, 3, 2, 23, tzinfo=UTC)),
        ("02.03.26", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("2.3.99", datetime(1999, 3, 1, 23, tzinfo=UTC)),
        ("20260302", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("202603020930", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("46083", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("46083.5", datetime(2026, 3, 2, 11, tzinfo=UTC)),
        ("02.03.2026 08:12 Uhr", datetime(2026, 3, 2, 7, 12, tzinfo=UTC)),
        ("2. März 2026", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("Montag, 2. März 2026 um 09:30 Uhr", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("2 mars 2026", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("2 de marzo de 2026", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("1er août 2026", datetime(2026, 7, 31, 22, tzinfo=UTC)),
        ("March 2nd, 2026", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("02-Mar-26", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("2026-03-02 08:12:34 UTC", datetime(2026, 3, 2, 8, 12, 34, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 08:12:34 +0100", datetime(2026, 3, 2, 7, 12, 34, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 08:12:34 GMT", datetime(2026, 3, 2, 8, 12, 34, tzinfo=UTC)),
        ("03/22/2026 2:05 p.m.", datetime(2026, 3, 22, 13, 5, tzinfo=UTC)),
        ("2 marca 2026 r.", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("poniedziałek, 2 marca 2026, 09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("2 paź 2026", datetime(2026, 10, 1, 22, tzinfo=UTC)),
        ("2 de marzo de 2026 a las 09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("lundi 2 mars 2026 à 9h30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("2 févr. 2026", datetime(2026, 2, 1, 23, tzinfo=UTC)),
        ("lunedì 2 marzo 2026 alle ore 09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("2 dic 2026", datetime(2026, 12, 1, 23, tzinfo=UTC)),
        ("maandag 2 maart 2026 om 09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("02.03.2026 um 9.30 Uhr", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("March 2, 2026 at 9:30 AM", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("Mar 2, 2026 9 am", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("Mon Mar 02 2026 09:30:00 GMT+0100 (Central European Standard Time)", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("46083,5", datetime(2026, 3, 2, 11, tzinfo=UTC)),
        ("1772442000", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("1772442000500", datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_moments_are_read_in_the_zone_of_the_file(text, moment):
    assert moment_of(text, BERLIN) == moment


@pytest.mark.parametrize("text", [
    "", "yesterday", "31.02.2026", "2026-13-01", "0001-01-01", "12", "1/2/2026 x", "1/2/2026", "13/13/2026",
    "Ma 2, 2026", "2 Hans 2026", "3/22/2026 13:00 PM", "3/22/2026 0:00 AM", "123456789", "99999999",
    "12345678901234567890", "٠٣/٢٢/٢٠٢٦",
])  # fmt: skip
def test_what_is_no_moment_is_said_with_the_forms(text):
    with pytest.raises(ValueError, match=r"write it like"):
        moment_of(text, BERLIN)


def test_what_may_be_two_days_is_refused_unless_it_is_known_what_comes_first():
    with pytest.raises(ValueError, match=r"'1/2/2026' may be day/month or month/day; write it like"):
        moment_of("1/2/2026")
    assert moment_of("1/2/2026", order="day") == datetime(2026, 2, 1, tzinfo=UTC)
    assert moment_of("1/2/2026", order="month") == datetime(2026, 1, 2, tzinfo=UTC)
    assert moment_of("1.2.2026", order="month") == datetime(2026, 2, 1, tzinfo=UTC)  # dots are never American


@given(st.lists(st.dates(date(1970, 1, 1), date(2069, 12, 31)), min_size=1), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_a_column_tells_what_comes_first_as_soon_as_one_of_its_days_does(days, form):
    order = order_of(["", "unknown", *(day.strftime(form) for day in days)])
    if all(day.day <= 12 for day in days):
        assert order is None
    else:
        assert order == ("day" if form == "%d/%m/%Y" else "month")
        assert [moment_of(day.strftime(form), order=order).date() for day in days] == days


@given(st.datetimes(datetime(1970, 1, 1), datetime(2069, 12, 31)))
def test_every_form_names_the_same_moment(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    forms = ["%Y-%m-%dT%H:%M:%S", "%Y%m%d%H%M%S", "%d.%m.%Y %H:%M:%S", "%d-%b-%Y %H:%M:%S", "%B %d, %Y %I:%M:%S %p"]
    assert {moment_of(moment.strftime(form)) for form in forms} == {moment}


@given(st.text(max_size=30) | st.from_regex(r"\A\d{1,20}\Z") | st.from_regex(r"\A\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\Z"))
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


@pytest.mark.parametrize("text", ["soon", "4", "4 moons", "", "4h later", "-3d"])
def test_what_is_no_length_of_time_is_said(text):
    with pytest.raises(ValueError, match="not a length of time"):
        duration_of(text)
