import math
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from leadflow.conditions import always
from leadflow.entities import Contribution, Score
from leadflow.entities.score import rounded_down
from leadflow.scoring import Outlook, explain, points_text


def test_a_score_is_explained_to_the_point() -> None:
    score = Score(
        fit=-15.5,
        engagement=60,
        grade="D1",
        at=datetime(2026, 1, 31, 9, tzinfo=UTC),
        model="b2b@1",
        contributions=(
            Contribution(rule="big", side="fit", points=25, because="enterprise", raw=25),
            Contribution(rule="bad", side="fit", points=-40.5, because="throw-away address", raw=-40.5),
            Contribution(rule="mine", side="fit", points=0, because="target", error="ZeroDivisionError: oh"),
            Contribution(
                rule="demo", side="engagement", points=60, because="demo", raw=87.4999, capped_by="rule", count=3
            ),
            Contribution(rule="fair", side="engagement", points=0, because="fair", raw=8, capped_by="model", count=1),
        ),
    )
    assert explain(score).splitlines() == [
        "fit −15.5 + engagement 60 = 44.5, grade D1 (b2b@1, 2026-01-31 09:00 UTC)",
        "    +25  fit         enterprise",
        "  −40.5  fit         throw-away address",
        "      0  fit         target: failed, ZeroDivisionError: oh",
        "    +60  engagement  demo (3 activities; 87.49 before the cap of the rule)",
        "      0  engagement  fair (1 activity; 8 before the cap of the model)",
    ]


@given(
    st.one_of(st.floats(-1e6, 1e6), st.integers(-(10**6), 10**6).map(lambda number: math.nextafter(number, -math.inf))),
    st.integers(-(10**8), 10**8),
)
def test_points_are_never_shown_on_the_other_side_of_a_threshold(score: float, hundredths: int) -> None:
    nearest = round(score * 100)
    for threshold in (hundredths / 100, nearest / 100, (nearest + 1) / 100, (nearest - 1) / 100):
        assert (rounded_down(score) >= threshold) == (score >= threshold)
    assert 0 <= score - rounded_down(score) < 0.0101
    assert float(points_text(score).replace("−", "-")) == rounded_down(score)


def test_what_is_missing_is_never_shown_as_nothing() -> None:
    outlook = Outlook(always(), False, {"fit": 1e-12, "engagement": 4.2}, (), (), None, True)
    assert str(outlook).splitlines()[0] == "missing: 0.01 of fit, 4.2 of engagement"


def test_no_score_yet_is_nothing_in_words() -> None:
    assert explain(Score()) == "fit 0 + engagement 0 = 0"
