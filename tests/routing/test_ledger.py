from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from leadflow.routing import Ledger, released, taken

NOW = datetime(2026, 7, 31, 9, tzinfo=UTC)
TODAY = date(2026, 7, 31)


def test_a_lead_counts_for_its_day_and_month_and_among_the_open_ones() -> None:
    ledger = Ledger(rep="anna").given(NOW, TODAY).given(NOW, TODAY)
    assert (ledger.assigned, ledger.open, ledger.last_turn_at) == (2, 2, NOW)
    assert (ledger.given_on(TODAY), ledger.given_in_month(TODAY)) == (2, 2)
    tomorrow = TODAY + timedelta(days=1)
    assert (ledger.given_on(tomorrow), ledger.given_in_month(tomorrow)) == (0, 0)
    after = ledger.given(NOW + timedelta(days=1), tomorrow)
    assert (after.given_on(tomorrow), after.given_in_month(tomorrow), after.open) == (1, 1, 3)


def test_a_clock_that_goes_back_gives_no_new_day() -> None:
    ledger = Ledger(rep="anna").given(NOW, TODAY).given(NOW - timedelta(days=40), TODAY - timedelta(days=40))
    assert ledger.day == TODAY
    assert ledger.given_on(TODAY) == ledger.given_on(TODAY - timedelta(days=1)) == 2
    assert ledger.given_in_month(TODAY - timedelta(days=40)) == 2


def test_the_same_month_of_another_year_is_another_month() -> None:
    ledger = Ledger(rep="anna").given(NOW, TODAY)
    assert ledger.given_in_month(date(2027, 7, 1)) == 0


def test_a_lead_that_leaves_makes_room_and_never_more_than_there_was() -> None:
    ledger = Ledger(rep="anna").given(NOW, TODAY)
    assert released(ledger).open == 0
    assert released(released(ledger)).open == -1  # the other was taken, which is not noted yet
    assert released(ledger).but(open=1) == ledger


def test_what_a_rep_takes_counts_for_the_caps_and_owes_nothing() -> None:
    ledger = Ledger(rep="anna", entitled=Fraction(7, 3), assigned=2)
    after = taken(ledger, NOW, TODAY)
    assert after.owed == ledger.owed
    assert (after.assigned, after.open, after.given_on(TODAY)) == (3, 1, 1)


@given(st.fractions(min_value=0), st.integers(0, 10**9))
def test_a_ledger_goes_to_json_and_back_exactly(entitled: Fraction, assigned: int) -> None:
    ledger = Ledger(rep="anna", entitled=entitled, assigned=assigned)
    assert Ledger.model_validate_json(ledger.model_dump_json()) == ledger
    assert Ledger.model_validate(ledger.model_dump(mode="json")) == ledger


def test_entitlements_stay_storable_however_many_different_groups_a_rep_was_in() -> None:
    ledger, exact = Ledger(rep="anna"), Fraction(0)
    for total in range(1_000, 3_000):
        ledger, exact = ledger.accrued(Fraction(1, total)), exact + Fraction(1, total)
    assert exact.denominator > 10**300
    assert len(str(ledger.entitled)) < 500
    assert abs(ledger.entitled - exact) < Fraction(1, 10**90)


def test_a_fixed_group_is_never_rounded() -> None:
    ledger = Ledger(rep="anna")
    for _ in range(1_000):
        ledger = ledger.accrued(Fraction(10**6, 999_999_999_989))
    assert ledger.entitled == Fraction(10**9, 999_999_999_989)
