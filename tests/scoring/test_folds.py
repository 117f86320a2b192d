"""Splits: what is learned from lies before what is predicted, or apart from it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.errors import InvalidInput
from leadflow.scoring.evaluation import folds

START = datetime(2026, 1, 5, tzinfo=UTC)


@given(st.lists(st.integers(0, 30), min_size=4, max_size=80), st.integers(2, 6))
def test_a_split_by_time_never_learns_from_the_same_moment_or_later(days, count):
    times = [START + timedelta(days=day) for day in days]
    seen = []
    for past, later in folds([True] * len(times), times, count=count):
        assert max(times[place] for place in past) < min(times[place] for place in later)
        seen += later
    assert len(seen) == len(set(seen))


@given(st.lists(st.booleans(), min_size=4, max_size=80), st.integers(2, 6), st.integers(0, 3))
def test_a_stratified_split_predicts_each_lead_once_from_the_others(outcomes, count, seed):
    seen, rates = [], []
    for outside, inside in folds(outcomes, count=count, seed=seed):
        assert not set(outside) & set(inside)
        assert len(outside) + len(inside) == len(outcomes)
        rates.append(sum(outcomes[place] for place in inside))
        seen += inside
    assert sorted(seen) == list(range(len(outcomes)))
    assert max(rates) - min(rates) <= 1


def test_a_seed_gives_the_same_split_and_another_a_different_one():
    outcomes = [True, False] * 50
    assert list(folds(outcomes, seed=1)) == list(folds(outcomes, seed=1))
    assert list(folds(outcomes, seed=1)) != list(folds(outcomes, seed=2))


def test_one_part_is_no_split():
    with pytest.raises(InvalidInput, match="at least two"):
        folds([True, False], count=1)
