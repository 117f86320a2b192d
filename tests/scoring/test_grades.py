import pytest

from leadflow.errors import DefinitionError
from leadflow.scoring import Grades


@pytest.mark.parametrize(
    ("fit", "engagement", "grade"),
    [
        (60, 60, "A1"),
        (59.999, 59.999, "B2"),
        (35, 30, "B2"),
        (15, 10, "C3"),
        (14.999, 9.999, "D4"),
        (-50, 1000, "D1"),
    ],
)
def test_a_score_on_a_threshold_has_the_better_grade(fit: float, engagement: float, grade: str) -> None:
    assert Grades().of(fit, engagement) == grade


def test_the_size_is_free() -> None:
    assert Grades(fit=(), engagement=(5,)).of(0, 5) == "A1"
    assert Grades(fit=(10,), engagement=(5, 4, 3, 2)).of(0, 1) == "B5"


@pytest.mark.parametrize("thresholds", [(10, 20), (10, 10), (20, 10, 15)])
def test_thresholds_that_do_not_fall_are_refused(thresholds: tuple[float, ...]) -> None:
    with pytest.raises(DefinitionError, match="must fall"):
        Grades(engagement=thresholds)
