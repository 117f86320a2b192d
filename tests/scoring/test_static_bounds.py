"""How high and low a score can be: against random leads, and against models whose bounds are known."""

from math import inf
from typing import Any

import pytest
from hypothesis import given, settings

from leadflow.conditions import always, field, never
from leadflow.entities import Activity, Lead
from leadflow.scoring import ScoringModel, half_life, inactive, linear, often, on, points, rule, veto, weighted, window
from leadflow.scoring.static_bounds import ScoreBounds, bounds_of
from scoring.models import DONE, EMPLOYEES, LEADS, NOW, PATH, SENIORITY, models


@settings(max_examples=200)
@given(models(), LEADS, DONE)
def test_no_score_is_beyond_its_bounds(model: ScoringModel, lead: Lead[Any], done: list[Activity]) -> None:
    fit, engagement = bounds_of(model)
    score = model.score(lead, done, NOW)
    assert fit.low - 1e-9 <= score.fit <= fit.high + 1e-9
    assert engagement.low - 1e-9 <= score.engagement <= engagement.high + 1e-9


def fit(*rules: Any, **rest: Any) -> ScoreBounds:
    return bounds_of(ScoringModel(name="m", fit=rules, **rest))[0]


def engagement(*rules: Any, **rest: Any) -> ScoreBounds:
    return bounds_of(ScoringModel(name="m", engagement=rules, **rest))[1]


def test_of_rules_that_exclude_each_other_the_best_one_counts() -> None:
    sizes = [points(10, EMPLOYEES < 100), points(25, EMPLOYEES >= 250), points(20, SENIORITY == "director")]
    assert fit(*sizes) == ScoreBounds(0, 45)
    assert fit(points(-5, SENIORITY == "staff"), points(-15, SENIORITY == "student")) == ScoreBounds(-15, 0)
    assert fit(points(10, EMPLOYEES >= 100), points(25, EMPLOYEES >= 250)) == ScoreBounds(0, 35)


def test_what_is_always_given_and_what_never_is() -> None:
    assert fit(points(10, always()), points(20, never()), points(-5, always(), name="less")) == ScoreBounds(5, 5)
    assert fit(points(10, always()), vetoes=[veto(EMPLOYEES == 1)]) == ScoreBounds(0, 10)
    assert fit(points(10, always()), points(-5, EMPLOYEES > 1), vetoes=[veto(always(), name="all")]) == ScoreBounds(
        -5, 0
    )


def test_weights_give_what_one_of_their_cases_is_worth() -> None:
    assert fit(weighted(40, {"director": 75, "staff": 10}, of="person.seniority")) == ScoreBounds(0, 30)
    assert fit(weighted(40, [(EMPLOYEES >= 100, 50), (EMPLOYEES >= 250, 100)], otherwise=-10)) == ScoreBounds(-4, 20)
    assert fit(weighted(40, [(always(), 50)], otherwise=-10)) == ScoreBounds(20, 20)


def test_a_function_gives_at_most_its_points_either_way() -> None:
    @rule(15, because="mine")
    def mine(_lead: object) -> bool:
        return True

    assert fit(mine) == ScoreBounds(-15, 15)


def test_caps_of_rules_groups_and_sides() -> None:
    grouped = [points(30, EMPLOYEES > 1, group="who"), points(20, SENIORITY == "director", group="who")]
    assert fit(*grouped, points(5, field("source") == "fair"), groups={"who": 40}) == ScoreBounds(0, 45)
    assert fit(*grouped, groups={"who": 40}, cap_fit=25) == ScoreBounds(0, 25)
    assert engagement(on("a", 10, cap=25), on("b", -10)) == ScoreBounds(-inf, 25)
    assert engagement(on("a", 10), on("b", -10), cap_engagement=90) == ScoreBounds(-90, 90)


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        (on("a", 10), inf),
        (on("a", 10, limit=(3, "ever")), 30),
        (on("a", 10, limit=(3, "day")), inf),
        (on("a", 10, limit=(3, "day"), decay=window(0.5)), 3 * 3 * 10),  # clocks may leap a day ahead
        (on("a", 10, limit=(1, "month"), decay=window(30)), 3 * 10),
        (on("a", 10, limit=(1, "month"), decay=linear(50, days=30)), 4 * 10),
        (on("a", 10, where=PATH.is_in("x") & (PATH == "y")), 0),
        (often("a", {3: 10, 10: 25}, days=7), 25),
        (inactive(5, days=30), 5),
    ],
)
def test_what_engagement_can_give(asked: Any, most: float) -> None:
    assert engagement(asked).high == most


def test_a_half_life_bounds_what_is_limited() -> None:
    fading = engagement(on("a", 10, limit=(1, "day"), decay=half_life(7)))
    forever = 10 / (1 - 0.5 ** (1 / 7))  # one at the same time of every day
    assert forever < fading.high < 2 * forever
    quick = engagement(on("a", 10, limit=(1, "day"), decay=half_life(0.1)))
    assert 2 * 10 < quick.high < 3.01 * 10  # today's and yesterday's, perhaps a hair apart
