"""Python functions as engagement rules: what they find counts as any other rule's, and they fail alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import fsum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow import DefinitionError, Lead, LeadFlow, activity, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.batch import Table, sql_for
from leadflow.conditions import Condition, evaluate
from leadflow.entities import Activity
from leadflow.scoring.decay import half_life, linear, window
from leadflow.scoring.engagement_rules import ActivityFunctionRule, activity_rule, on
from leadflow.scoring.linting import lint
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import points, veto
from leadflow.scoring.static_bounds import bounds_of_rule
from leadflow.testing import NOW, ClockAt, Timeline, a_lead, an_activity, assert_scores
from scoring.crossing import falls_below, missing, rises_to, state_of
from scoring.test_arithmetic import CAP, DECAYS, HISTORIES, LIMITS, WORTH
from scoring.test_arithmetic import NOW as THEIR_NOW

DAY = timedelta(days=1)
LEAD = a_lead(person={"language": "de"}, created_at=NOW - 400 * DAY)


@activity_rule("page_viewed", 5, because="read it to the end", limit=(3, "day"), decay=half_life(30), cap=20)
def read_to_the_end(viewed: Activity, lead: Lead[Any]) -> bool:
    return float(str(viewed.properties.get("seconds", 0))) >= 60 and lead.person.language == "de"


@activity_rule("survey_answered", 10, because="likes us", group="mood")
def mood(answered: Activity, _lead: Lead[Any]) -> float | None:
    stars: Any = answered.properties.get("stars")
    return None if stars is None else (stars - 3) * 5.0


MODEL = ScoringModel(name="m", engagement=[read_to_the_end, mood], groups={"mood": 15})


def viewed(seconds: float, *days_ago: float) -> list[Activity]:
    return [an_activity(LEAD, "page_viewed", ago=ago * DAY, seconds=seconds) for ago in days_ago]


def answered(*stars: float | None) -> list[Activity]:
    return [an_activity(LEAD, "survey_answered", ago=DAY, stars=one) for one in stars]


# ------------------------------------------------------------------------------------------------ what they give
def test_a_rule_is_called_like_its_function() -> None:
    (long,), (short,) = viewed(61, 0), viewed(5, 0)
    assert (read_to_the_end(long, LEAD), read_to_the_end(short, LEAD), read_to_the_end(long, a_lead())) == (
        True,
        False,
        False,
    )
    assert mood(answered(5)[0], LEAD) == 10.0
    assert (read_to_the_end.name, read_to_the_end.because) == ("read_to_the_end", "read it to the end")
    assert (read_to_the_end.points_of(long, LEAD), read_to_the_end.points_of(short, LEAD)) == (5, 0)


def test_each_activity_that_it_finds_counts_with_limit_decay_and_cap() -> None:
    assert_scores(MODEL, LEAD, viewed(61, 0), engagement=5, because=["read it to the end"])
    assert_scores(MODEL, LEAD, viewed(61, *[0.1] * 7), engagement=15 * 0.5 ** (0.1 / 30))  # three a day
    assert_scores(MODEL, LEAD, [*viewed(5, *[0.2] * 7), *viewed(61, 0)], engagement=5)  # others use no limit up
    assert_scores(MODEL, LEAD, viewed(61, *range(30)), engagement=20)
    assert_scores(MODEL, a_lead(), viewed(61, 0), engagement=0)
    (one,) = MODEL.score(LEAD, viewed(61, 0, 1), NOW).contributions
    assert (one.rule, one.count, len(one.activities)) == ("read_to_the_end", 2, 2)


def test_numbers_are_given_as_they_are_and_may_take_points() -> None:
    assert_scores(MODEL, LEAD, answered(4), engagement=5, because=["likes us"])
    assert_scores(MODEL, LEAD, answered(1, 2), engagement=-15, because=["likes us"])
    assert_scores(MODEL, LEAD, answered(5, 5, None), engagement=15)  # the cap of its group
    assert_scores(MODEL, LEAD, answered(3, None), engagement=0, because=[])


def test_a_condition_beside_it_chooses_what_it_is_asked_about() -> None:
    asked = []

    def is_seen(viewed: Activity, _lead: Lead[Any]) -> bool:
        asked.append(viewed.id)
        return True

    german = activity_rule("page_viewed", 1, because="x", where=activity("path").starts_with("/de"), name="german")
    rule = german(is_seen)
    told = [an_activity(LEAD, "page_viewed", path=path, id=path) for path in ("/de/1", "/en/1", "/de/2")]
    assert_scores(ScoringModel(name="m", engagement=[rule]), LEAD, told, engagement=2)
    assert set(asked) == {"/de/1", "/de/2"}
    wrong = ScoringModel(name="m", engagement=[rule.but(where=field("company.employes") > 1)])
    with pytest.raises(DefinitionError, match=r"rule 'german': .* company\.employees"):
        wrong.bind()


def test_a_veto_leaves_only_what_it_takes() -> None:
    model = MODEL.but(vetoes=(veto(field("person.language") == "de", because="no"),))
    assert_scores(model, LEAD, viewed(61, 0), engagement=0, veto="no")
    assert_scores(model, LEAD, answered(1), engagement=-10)


WHERE = st.sampled_from([
    activity("path").starts_with("/pricing"), activity("seconds") > 30, ~(activity("path") == "/jobs"),
    field("stage") == "lead", field("stage") == "mql",
])  # fmt: skip


def as_function(where: Condition) -> Callable[[Activity, Lead[Any]], bool | None]:
    return lambda one, lead: evaluate(where, lead, THEIR_NOW, one)


@given(WHERE, WORTH, DECAYS, LIMITS, CAP, HISTORIES)
def test_a_function_that_says_what_a_condition_says_gives_the_same(
    where: Condition, worth: float, decay: Any, limit: Any, cap: float | None, told: list[Activity]
) -> None:
    more: Any = {"decay": decay, "limit": limit, "cap": cap}
    plain = ScoringModel(name="m", engagement=[on("viewed", worth, where=where, because="x", **more)])
    rule = activity_rule("viewed", worth, because="x", name="viewed", **more)(as_function(where))
    asked = ScoringModel(name="m", engagement=[rule])
    lead = a_lead(id="lead")
    assert asked.score(lead, told, THEIR_NOW) == plain.score(lead, told, THEIR_NOW)
    for threshold in (0.5, 5, -5):
        limits: Any = {"side": "engagement", "threshold": threshold}
        fell, expected = (falls_below(one, lead, told, THEIR_NOW, **limits) for one in (asked, plain))
        assert fell == expected


def its_worth(one: Activity, _lead: Lead[Any]) -> float:
    return float(str(one.properties["worth"]))


GIVEN = st.sampled_from([-10, -3.5, 0, 1, 4.25, 10])


@given(st.lists(st.tuples(GIVEN, st.floats(0, 80)), max_size=12), st.sampled_from([None, 6, 30]), st.data())
def test_numbers_add_up_and_the_moment_of_falling_below_is_right(
    each: list[tuple[float, float]], cap: float | None, data: st.DataObject
) -> None:
    decay, share = data.draw(
        st.sampled_from(
            [
                (None, lambda _: 1.0),
                (half_life(7), lambda days: 0.5 ** (days / 7)),
                (window(7), lambda days: float(days < 7)),
                (linear(50, 7), lambda days: max(0.0, 1 - 0.5 * (days // 7))),
            ]
        )
    )
    rule = activity_rule("a", 10, because="x", decay=decay, cap=cap)(its_worth)
    told = [an_activity(LEAD, "a", ago=timedelta(days=days), worth=worth) for worth, days in each]
    model = ScoringModel(name="m", engagement=[rule])

    def naive(after: float) -> float:
        total = fsum(worth * share(after + timedelta(days=days) / DAY) for worth, days in each)
        return total if cap is None else min(max(total, -cap), cap)

    ahead = Timeline(model, LEAD, told)
    for after in (0, 0.5, 10, 100):
        assert ahead.engagement(after) == pytest.approx([naive(after)], abs=1e-6)
    fallen = ahead.falls_below(4)
    for after in range(0, 200, 3):
        if fallen is None or after < fallen - 1e-6:
            assert naive(after) >= 4 - 1e-6
    if fallen is not None:
        assert ahead.engagement(fallen)[0] < 4


def test_what_takes_points_fades_as_what_gives_them_so_a_score_may_dip_and_come_back() -> None:
    rule = activity_rule("a", 10, because="x", decay=window(7))(its_worth)
    model = ScoringModel(name="m", engagement=[rule])
    told = [an_activity(LEAD, "a", ago=days * DAY, worth=worth) for worth, days in ((10, 6), (-10, 5), (5, 0))]
    ahead = Timeline(model, LEAD, told)
    assert ahead.engagement(0, 0.99, 1, 1.99, 2, 6.99, 7) == [5, 5, -5, -5, 5, 5, 0]
    assert ahead.falls_below(4) == 1
    assert rises_to(model, LEAD, told, NOW + DAY, side="engagement", threshold=4) == NOW + 2 * DAY


# ------------------------------------------------------------------------------------------------ what fails
@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: float("nan"), "nan can't be used; return True, False or a number from -5 to 5"),
        (lambda: 1_000_000, "1000000 can't be used"),
    ],
)
def test_one_that_raises_or_returns_nonsense_costs_only_its_own_points(verdict: Callable[[], Any], error: str) -> None:
    broken = activity_rule("a", 5, because="broken")(lambda *_: verdict())
    model = ScoringModel(name="m", fit=[points(3, field("stage") == "lead")], engagement=[broken, on("a", 2)])
    told = [an_activity(LEAD, "a")]
    score = model.score(LEAD, told, NOW)
    assert (score.fit, score.engagement) == (3, 2)
    (failed,) = [one for one in score.contributions if one.error]
    assert error in (failed.error or "")
    with pytest.raises(DefinitionError, match="failed"):
        model.score(LEAD, told, NOW, strict=True)
    assert falls_below(model, LEAD, told, NOW, side="engagement", threshold=1) is None


def test_a_function_without_the_decorator_is_no_rule() -> None:
    def mine(_activity: Activity, _lead: Lead[Any]) -> bool:
        return True

    with pytest.raises(DefinitionError, match=r"'mine' is not a rule yet; put @activity_rule"):
        ScoringModel(name="m", engagement=[mine])  # type: ignore[list-item]


# ------------------------------------------------------------------------------------------------ where they can't go
def test_it_is_refused_by_name_where_json_or_sql_is_asked_for() -> None:
    for dump in (MODEL.model_dump_json, lambda: MODEL.model_dump(mode="json")):
        with pytest.raises(DefinitionError, match="rule 'read_to_the_end' is a Python function and has no JSON"):
            dump()
    leads = Table("leads", {"id": "varchar"})
    activities = Table("activities", {"lead_id": "varchar", "kind": "varchar", "happened_at": "timestamptz"})
    with pytest.raises(DefinitionError, match="rule 'read_to_the_end' is a Python function, which SQL can't run"):
        sql_for(MODEL, leads, activities, NOW)
    assert "ActivityFunctionRule" not in ScoringModel.model_json_schema()["$defs"]


def test_an_engagement_state_never_tells_it() -> None:
    state = state_of(MODEL, viewed(61, 0), NOW)
    assert missing(state, MODEL, NOW) == ["read_to_the_end", "mood"]
    with pytest.raises(DefinitionError, match="does not cover 'read_to_the_end'"):
        MODEL.score(LEAD, None, NOW, state=state)
    assert MODEL.score(LEAD, viewed(61, 0), NOW, state=state).engagement == 5


def test_a_flow_scores_with_it_on_every_command() -> None:
    clock = ClockAt(NOW)
    flow = LeadFlow(MemoryStorage(), scoring=MODEL.but(fit=(points(1, field("stage") == "lead"),)), clock=clock)
    ada = flow.capture({"email": "ada@acme.example", "language": "de"}, source="web").lead_id
    for number in range(5):
        flow.record(ada, "page_viewed", properties={"seconds": 61}, id=f"p{number}")
    assert flow.get(ada).score.engagement == 15
    clock.advance(days=30)
    flow.record(ada, "survey_answered", properties={"stars": 4})
    assert flow.get(ada).score.engagement == pytest.approx(7.5 + 5)


def test_bounds_and_lint_know_that_nobody_knows_what_it_finds() -> None:
    assert str(bounds_of_rule(mood)) == "any"
    assert str(bounds_of_rule(read_to_the_end)) == "from -20 to 20"
    flaws = {(flaw.code, flaw.rules) for flaw in lint(MODEL.but(engagement=(mood, twin(mood))))}
    assert ("not_remembered", ("mood",)) in flaws
    assert not any(code == "twice" for code, _ in flaws)


def twin(rule: ActivityFunctionRule) -> ActivityFunctionRule:
    return activity_rule(rule.activity, rule.points, because="other", name="other")(rule.function)
