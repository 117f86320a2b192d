"""From points to chances: against scikit-learn's own sigmoid, and where there is nothing to learn."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.scoring.platt_scaling import chance_of, line_of

WON = st.lists(st.tuples(st.integers(-40, 120), st.booleans()), min_size=4, max_size=60)


@settings(max_examples=60, deadline=None)
@given(WON.filter(lambda leads: len({won for _, won in leads}) == 2 and len({total for total, _ in leads}) > 1))
def test_the_line_is_that_of_scikit_learns_sigmoid_where_more_points_mean_more_won(leads):
    calibration = pytest.importorskip("sklearn.calibration")
    np = pytest.importorskip("numpy")
    totals, won = (list(one) for one in zip(*leads, strict=True))
    theirs = calibration._SigmoidCalibration().fit(np.array(totals, float), np.array(won, int))
    intercept, slope = line_of(totals, won)
    if -theirs.a_ <= 1e-5:  # they say that more points mean fewer won: we say the share won
        assert slope == pytest.approx(0, abs=1e-4)
        return
    expected = theirs.predict(np.array([-40.0, 0.0, 50.0, 120.0]))
    assert [chance_of(total, intercept, slope) for total in (-40, 0, 50, 120)] == pytest.approx(expected, abs=2e-3)


def test_the_true_line_is_found_among_many():
    chance = random.Random(5)
    totals = [chance.uniform(-50, 150) for _ in range(40_000)]
    won = [chance.random() < chance_of(total, -2.0, 0.03) for total in totals]
    intercept, slope = line_of(totals, won)
    assert intercept == pytest.approx(-2.0, abs=0.06)
    assert slope == pytest.approx(0.03, abs=0.001)


@given(WON, st.floats(1e-6, 1e9), st.floats(-1e6, 1e6))
def test_the_unit_of_points_changes_no_chance(leads, unit, start):
    totals, won = zip(*leads, strict=True)
    moved = [start + unit * total for total in totals]
    line, other = line_of(totals, won), line_of(moved, won)
    for total, there in zip(totals, moved, strict=True):
        assert chance_of(there, *other) == pytest.approx(chance_of(total, *line), abs=1e-4)


@pytest.mark.parametrize("totals", [[7] * 20, list(range(20, 0, -1))])
def test_where_points_say_nothing_every_chance_is_the_part_that_was_won(totals):
    won = [False] * 10 + [True] * 10
    intercept, slope = line_of(totals, won)
    assert slope == 0
    assert chance_of(1e9, intercept, slope) == pytest.approx(0.5)


def test_who_is_told_apart_perfectly_is_still_not_certain():
    intercept, slope = line_of([0] * 10 + [100] * 10, [False] * 10 + [True] * 10)
    assert 0.9 < chance_of(100, intercept, slope) < 0.95  # Platt's targets: 11 of 12
    assert math.isfinite(intercept)
