from datetime import UTC, datetime

from leadflow.entities import Contribution, Score
from leadflow.scoring import explain


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
        "    +60  engagement  demo (3 activities; 87.5 before the cap of the rule)",
        "      0  engagement  fair (1 activity; 8 before the cap of the model)",
    ]


def test_no_score_yet_is_nothing_in_words() -> None:
    assert explain(Score()) == "fit 0 + engagement 0 = 0"
