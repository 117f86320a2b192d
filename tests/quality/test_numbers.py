import math
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.quality.numbers import check_amount, check_count, check_date, check_yes


@pytest.mark.parametrize(
    ("typed", "value", "codes"),
    [
        ("250", 250, []),
        ("1.200", 1200, []),
        ("1,200", 1200, []),
        ("1 200", 1200, []),
        ("1'200", 1200, []),
        ("1’200", 1200, []),
        ("1.234.567", 1234567, []),
        ("500+", 500, []),
        ("250 Mitarbeiter", 250, []),
        ("250 MA", 250, []),
        ("2 Tsd.", 2000, []),
        ("2k", 2000, []),
        ("ca. 250", 250, ["about"]),
        ("> 500", 500, ["about"]),
        ("mehr als 1.000", 1000, ["about"]),
        ("50-100", 50, ["range"]),
        ("10 – 50 Mitarbeiter", 10, ["range"]),
        ("1.000 bis 5.000", 1000, ["range"]),
        ("51 to 200 employees", 51, ["range"]),
        ("12.5", 12, ["rounded"]),
        (250, 250, []),
        (250.0, 250, []),
        (Decimal(250), 250, []),
        (0, 0, []),
        (None, None, []),
        (math.nan, None, []),
        ("", None, []),
        ("-5", None, ["out_of_range"]),
        (-5, None, ["out_of_range"]),
        ("10.000.000.000", None, ["out_of_range"]),
        (math.inf, None, ["out_of_range"]),
        (10**400, None, ["out_of_range"]),
        ("viele", None, ["not_a_number"]),
        ("1.2.3", None, ["not_a_number"]),
        ("1e9", None, ["not_a_number"]),
        ("0x10", None, ["not_a_number"]),
        (True, None, ["not_text"]),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_counts(typed: object, value: int | None, codes: list[str]) -> None:
    checked = check_count("company.employees", typed)
    assert (checked.value, [finding.code for finding in checked.findings]) == (value, codes)


@pytest.mark.parametrize(
    ("typed", "value", "codes"),
    [
        ("2,5 Mio. €", 2_500_000.0, []),
        ("EUR 12k", 12_000.0, []),
        ("€ 1.200,50", 1200.5, []),
        ("1,234.56", 1234.56, []),
        ("1.234", 1234.0, []),
        ("1.5", 1.5, []),
        ("0.123", 0.123, []),
        ("10 - 20 Mio EUR", 10_000_000.0, ["range"]),
        ("1,2 Mrd. Euro", 1_200_000_000.0, []),
        ("$10m", None, ["other_currency"]),
        ("100.000 CHF", None, ["other_currency"]),
        (-3.0, None, ["out_of_range"]),
        ("viel", None, ["not_a_number"]),
    ],
)
def test_amounts_are_in_euro(typed: object, value: float | None, codes: list[str]) -> None:
    checked = check_amount("budget", typed)
    assert (checked.value, [finding.code for finding in checked.findings]) == (value, codes)


@pytest.mark.parametrize(
    ("typed", "day", "codes"),
    [
        ("2026-12-31", date(2026, 12, 31), []),
        ("2026-12-31T10:00:00Z", date(2026, 12, 31), []),
        ("31.12.2026", date(2026, 12, 31), []),
        ("1. 2. 2026", date(2026, 2, 1), []),
        (date(2026, 12, 31), date(2026, 12, 31), []),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), date(2026, 12, 31), []),
        ("12/2026", date(2026, 12, 1), ["first_day"]),
        ("2026-12", date(2026, 12, 1), ["first_day"]),
        ("Q4 2026", date(2026, 10, 1), ["first_day"]),
        ("2026/Q4", date(2026, 10, 1), ["first_day"]),
        ("31.02.2026", None, ["invalid_date"]),
        ("2026-13-01", None, ["invalid_date"]),
        ("sofort", None, ["invalid_date"]),
        (5, None, ["invalid_date"]),
        ("", None, []),
    ],
)
def test_dates(typed: object, day: date | None, codes: list[str]) -> None:
    checked = check_date("timing", typed)
    assert (checked.value, [finding.code for finding in checked.findings]) == (day, codes)


@pytest.mark.parametrize(
    ("typed", "yes"),
    [
        (True, True),
        ("Ja", True),
        ("YES", True),
        ("1", True),
        (1, True),
        ("x", True),
        ("nein", False),
        ("No", False),
        (0, False),
        ("", None),
        ("-", None),
    ],
)
def test_yes_and_no(typed: object, yes: bool | None) -> None:
    checked = check_yes("authority", typed)
    assert (checked.value, checked.findings) == (yes, ())


def test_maybe_is_neither() -> None:
    assert [finding.code for finding in check_yes("authority", "maybe").findings] == ["not_yes_or_no"]


@given(st.integers(0, 100_000_000))
def test_german_and_english_thousands_read_alike(number: int) -> None:
    english = f"{number:,}"
    german = english.replace(",", ".")
    swiss = english.replace(",", "'")
    assert {check_count("company.employees", text).value for text in (english, german, swiss, str(number))} == {number}


@given(st.floats(0.01, 1e12).map(lambda value: round(value, 2)))
def test_amounts_with_cents_read_alike(amount: float) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert check_amount("budget", english).value == check_amount("budget", german).value == amount
