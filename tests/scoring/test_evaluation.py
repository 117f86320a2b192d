"""What predictions were worth: against scikit-learn where it has the number, by hand where it has not."""

import json
import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.errors import InvalidInput
from leadflow.scoring.evaluation import measure
from leadflow.scoring.metrics import auc, brier, interval, log_loss

CHANCES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0]) | st.floats(0, 1, allow_subnormal=False)
LEADS = st.lists(st.tuples(CHANCES, st.booleans()), min_size=2, max_size=60)
START = datetime(2026, 1, 5, tzinfo=UTC)


def both_kinds(leads):
    return len({won for _, won in leads}) == 2


@settings(max_examples=30, deadline=None)
@given(LEADS.filter(both_kinds))
def test_the_numbers_are_those_of_scikit_learn(leads):
    metrics = pytest.importorskip("sklearn.metrics")
    chances, outcomes = zip(*leads, strict=True)
    assert auc(chances, outcomes) == pytest.approx(metrics.roc_auc_score(outcomes, chances), abs=1e-12)
    assert brier(chances, outcomes) == pytest.approx(metrics.brier_score_loss(outcomes, chances), abs=1e-12)
    doubtful = [0.01 + 0.98 * one for one in chances]  # certain ones are clipped elsewhere there
    assert log_loss(doubtful, outcomes) == pytest.approx(metrics.log_loss(outcomes, doubtful), abs=1e-12)


@given(LEADS)
def test_the_tables_account_for_every_lead_once(leads):
    result: Any = measure(*zip(*leads, strict=True))
    won = sum(is_won for _, is_won in leads)
    assert sum(one.leads for one in result.calibration) == sum(one.leads for one in result.deciles) == len(leads)
    assert sum(one.won for one in result.calibration) == won
    assert sum(one.won for one in result.deciles) == pytest.approx(won)
    assert (result.cuts[-1].leads, result.cuts[-1].won) == (len(leads), won)
    for cut in result.cuts:
        assert cut == result.at(cut.threshold)


@given(LEADS, st.randoms())
def test_the_order_of_the_leads_changes_nothing(leads, chance):
    shuffled = chance.sample(leads, len(leads))
    first, second = (measure(*zip(*some, strict=True)) for some in (leads, shuffled))
    assert first.cuts == second.cuts
    assert first.auc == second.auc
    assert [one.won for one in first.deciles] == pytest.approx([one.won for one in second.deciles])


@given(LEADS, st.integers(1, 60))
def test_slots_are_filled_exactly(leads, per_week):
    result: Any = measure(*zip(*leads, strict=True))
    if per_week > len(leads):
        with pytest.raises(InvalidInput, match="choose fewer"):
            result.slots(per_week, weeks=1)
        return
    slots = result.slots(per_week, weeks=1)
    assert slots.above + slots.of_tied == per_week
    assert 0 < slots.of_tied <= slots.tied
    assert slots.above == sum(chance > slots.threshold for chance, _ in leads)
    assert slots.tied == sum(chance == slots.threshold for chance, _ in leads)


def test_slots_per_week_follow_from_the_times():
    times = [START + timedelta(days=day) for day in range(29)]  # four weeks
    result = measure([day / 28 for day in range(29)], [day % 2 == 0 for day in range(29)], times)
    assert result.weeks == 4
    slots = result.slots(per_week=2)
    assert (slots.above, slots.tied, slots.of_tied, slots.threshold) == (7, 1, 1, 21 / 28)
    assert result.at(slots.threshold).per_week == 2
    assert slots.precision == 0.5  # of the leads 21 to 28 every second was won


def test_without_times_slots_ask_for_the_weeks():
    with pytest.raises(InvalidInput, match="the number of weeks"):
        measure([0.1, 0.9], [False, True]).slots(1)


def test_lift_is_that_of_the_textbook():
    outcomes = (
        [True] * 8 + [False] * 2 + [True] * 2 + [False] * 88
    )  # ten of a hundred are won, eight in the first tenth
    result = measure([1 - place / 100 for place in range(100)], outcomes)
    first, second = result.deciles[:2]
    assert (first.won, first.lift, first.gain) == (8, 8.0, 0.8)
    assert (second.won, second.gain) == (2, 1.0)


def test_ties_are_shared_out_not_given_to_those_who_come_first():
    result: Any = measure([0.5] * 100, [True] * 10 + [False] * 90)
    assert [one.lift for one in result.deciles] == pytest.approx([1.0] * 10)
    assert result.auc == 0.5
    assert len(result.calibration) == 1
    assert result.slots(10, weeks=1).precision == pytest.approx(0.1)


def test_points_rank_but_have_no_chances():
    result = measure([30, 10, -5], [True, False, False])
    assert (result.auc, result.log_loss, result.brier, result.calibration, result.error) == (
        1.0,
        None,
        None,
        None,
        None,
    )


def test_honest_chances_have_no_calibration_error():
    chances = [0.2] * 10 + [0.8] * 10
    outcomes = [True] * 2 + [False] * 8 + [True] * 8 + [False] * 2
    result = measure(chances, outcomes)
    assert result.error == pytest.approx(0)
    assert measure([1 - one for one in chances], outcomes).error == pytest.approx(0.6)


def test_one_kind_of_outcome_ranks_nothing():
    assert measure([0.1, 0.9], [True, True]).auc is None


@pytest.mark.parametrize(("predictions", "outcomes"), [([], []), ([0.5], [True, False]), ([float("nan")], [True])])
def test_what_can_not_be_compared_is_refused(predictions, outcomes):
    with pytest.raises(InvalidInput):
        measure(predictions, outcomes)


def test_intervals_are_wilsons():
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (won, count), expected in published.items():
        assert interval(won, count) == pytest.approx(expected, abs=1e-4)
    assert interval(0, 0) == (0.0, 1.0)


@given(LEADS.filter(both_kinds))
def test_the_area_under_the_roc_curve_is_the_auc(leads):
    result = measure(*zip(*leads, strict=True))
    curve = result.roc
    assert (curve[0], curve[-1]) == ((0, 0), (1, 1))
    area = sum((x - x0) * (y + y0) / 2 for (x0, y0), (x, y) in pairwise(curve))
    assert area == pytest.approx(result.auc)


def test_points_with_chances_are_ranked_by_the_one_and_judged_by_the_other():
    points, outcomes, chances = [30, 10, 20, -5], [True, False, True, False], [None, 0.2, 0.6, None]
    result = measure(points, outcomes, chances=chances)
    assert (result.unit, result.leads, result.judged, result.auc) == ("points", 4, 2, 1.0)
    assert result.brier == pytest.approx((0.2**2 + 0.4**2) / 2)
    assert result.log_loss == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    assert sum(one.leads for one in result.calibration) == 2
    assert result.cuts[0].threshold == 30
    assert measure(points, outcomes, chances=[None] * 4).calibration is None


def test_points_between_0_and_1_are_no_chances_if_chances_are_given():
    assert measure([0, 1], [False, True]).unit == "chance"
    assert measure([0, 1], [False, True], chances=[None, None]).unit == "points"


def test_it_answers_programs_with_the_same_keys_always():
    keys = {
        "auc", "base_rate", "brier", "calibration", "calibration_error", "cuts", "deciles", "judged", "leads",
        "log_loss", "unit", "weeks", "won",
    }  # fmt: skip
    some = measure([0.1, 0.9], [False, True]), measure([5, 9], [False, True]), measure([5, 9], [True, True])
    assert [set(json.loads(json.dumps(one.as_json()))) for one in some] == [keys] * 3
