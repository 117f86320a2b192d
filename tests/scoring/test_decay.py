import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.errors import DefinitionError
from leadflow.scoring import Decay, half_life, linear, no_decay, window
from leadflow.scoring.decay import DAY, fading_of

DECAYS = st.one_of(
    st.just(no_decay),
    st.floats(0.01, 1000).map(half_life),
    st.builds(linear, st.floats(1, 100), st.floats(0.01, 1000)),
    st.floats(0.01, 1000).map(window),
)
AGES = st.integers(0, 20_000 * DAY)


@pytest.mark.parametrize(
    ("decay", "shares"),
    [
        (no_decay, [1, 1, 1, 1]),
        (half_life(30), [1, 0.5, 0.25, 0.125]),
        (linear(50, days=30), [1, 0.5, 0, 0]),
        (linear(30, days=30), [1, 0.7, 0.4, 0.1]),
        (window(60), [1, 1, 0, 0]),
    ],
)
def test_what_is_left_after_none_one_two_and_three_months(decay: Decay | None, shares: list[float]) -> None:
    assert [fading_of(decay).share(days * DAY) for days in (0, 30, 60, 90)] == pytest.approx(shares, abs=1e-12)


@given(DECAYS, AGES, AGES)
def test_a_share_lies_between_all_and_nothing_and_never_rises(decay: Decay | None, one: int, other: int) -> None:
    share = fading_of(decay).share
    assert 1 >= share(min(one, other)) >= share(max(one, other)) >= 0
    assert share(0) == 1


@given(DECAYS, AGES)
def test_steps_ends_and_half_lives_say_the_same_as_the_share(decay: Decay | None, age: int) -> None:
    fading = fading_of(decay)
    share = fading.share(age)
    if fading.steps is not None:
        assert share == next(left for start, left in reversed(fading.steps) if start <= age)
    if fading.ends is not None:
        assert fading.share(fading.ends) == 0 < fading.share(fading.ends - 1)
        assert (share == 0) is (age >= fading.ends)
    if fading.half_life is not None:
        assert fading.share(age + fading.half_life) == pytest.approx(share / 2, rel=1e-9)
    assert (fading.ends is None and fading.half_life is None) is (fading.lasts is None) is (decay is None)


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_length_of_time_that_makes_no_sense_is_refused(days: float) -> None:
    for decay in (half_life, window, lambda length: linear(50, days=length)):
        with pytest.raises(DefinitionError):
            decay(days)


def test_a_decay_of_more_than_everything_is_refused() -> None:
    with pytest.raises(DefinitionError, match="linear_percent"):
        linear(150, days=30)
