"""A lead scored from its engagement state is scored as if all of its activities had been read again."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.worlds import NOW, models, world
from leadflow.conditions import activity, field
from leadflow.entities import Activity, Lead, Score
from leadflow.errors import DefinitionError
from leadflow.scoring.counting_rules import inactive, often
from leadflow.scoring.decay import half_life, linear, window
from leadflow.scoring.engagement_rules import on
from leadflow.scoring.engagement_state import EngagementState, is_incremental
from leadflow.scoring.model import ScoringModel
from leadflow.testing import a_lead, an_activity
from scoring.crossing import after, falls_below, merged, missing, state_of

DAY = timedelta(days=1)


def only_composing(model: ScoringModel) -> ScoringModel:
    return model.but(engagement=tuple(rule for rule in model.engagement if is_incremental(rule)))


def of_one_lead(activities: Iterable[Activity]) -> list[Activity]:
    """Those of the busiest lead, each id once, as a host would record them."""
    by_id: dict[str, Activity] = {}
    for one in sorted(activities, key=lambda one: one.recorded_at):
        if one.lead_id == "l0":
            by_id.setdefault(one.id, one)
    return list(by_id.values())


def said(score: Score) -> list[Any]:
    """What a score says, with rounded numbers; not how many, since what has faded to nothing is counted on.

    Of the activities behind it the newest: what is dated ahead takes places among those that are remembered, and what
    has faded to nothing is forgotten.
    """
    return [
        (one.rule, round(one.points, 8), round(one.raw or 0.0, 8), one.capped_by, one.activities[:1])
        for one in score.contributions
        if round(one.points, 8)
    ]


def told_in_turn(model: ScoringModel, activities: list[Activity], seed: int) -> EngagementState:
    """The state after the activities came in any order and in batches of any size, and went through JSON each time."""
    dice = random.Random(seed)
    dice.shuffle(activities)
    state = state_of(model, [], NOW)
    while activities:
        size = dice.choice([1, 1, 2, 30])
        batch, activities = activities[:size], activities[size:]
        state = EngagementState.from_json(json.loads(json.dumps(after(state, model, batch, NOW).as_json())))
    return state


@settings(max_examples=150)
@given(models().map(only_composing), st.integers(0, 10**6), st.sampled_from([0, 1, 8 * 24, 100 * 24]))
def test_the_state_scores_as_all_activities_do_now_and_later(model: ScoringModel, seed: int, hours: int) -> None:
    leads, everything = world(seed)
    activities = of_one_lead(everything)
    state = told_in_turn(model, list(activities), seed)
    now = NOW + timedelta(hours=hours)
    scanned, recalled = model.score(leads[0], activities, now), model.score(leads[0], None, now, state=state)
    assert recalled.grade == scanned.grade or recalled.total == pytest.approx(scanned.total, abs=1e-9)
    assert (recalled.fit, recalled.engagement) == pytest.approx((scanned.fit, scanned.engagement), abs=1e-9)
    assert said(recalled) == said(scanned)


@settings(max_examples=60)
@given(models().map(only_composing), st.integers(0, 10**6))
def test_states_of_different_activities_add_up(model: ScoringModel, seed: int) -> None:
    leads, everything = world(seed)
    activities = of_one_lead(everything)
    some, others = activities[::2], activities[1::2]
    one, other = (state_of(model, part, NOW) for part in (some, others))
    for both in (merged(one, model, other, NOW), merged(other, model, one, NOW)):
        score = model.score(leads[0], None, NOW, state=both)
        assert score.engagement == pytest.approx(model.score(leads[0], activities, NOW).engagement, abs=1e-9)


@settings(max_examples=60)
@given(
    models().map(only_composing),
    st.integers(0, 10**6),
    st.sampled_from(["fit", "engagement", "total"]),
    st.sampled_from([0.5, 3.0, 10.0]),
)
def test_it_falls_below_at_the_same_moment(model: ScoringModel, seed: int, side: Any, threshold: float) -> None:
    leads, everything = world(seed, most=40)
    activities = of_one_lead(everything)
    state = told_in_turn(model, list(activities), seed)
    horizon = 60 * DAY
    scanned = falls_below(model, leads[0], activities, NOW, side=side, threshold=threshold, horizon=horizon)
    recalled = falls_below(model, leads[0], None, NOW, side=side, threshold=threshold, horizon=horizon, state=state)
    if scanned != recalled:  # within rounding of the threshold only
        at = min(moment for moment in (scanned, recalled) if moment is not None)
        for score in (model.score(leads[0], activities, at), model.score(leads[0], None, at, state=state)):
            value = {"fit": score.fit, "engagement": score.engagement, "total": score.total}[side]
            assert value == pytest.approx(threshold, abs=1e-9)


def test_points_caps_groups_and_names_may_change_without_reading_again() -> None:
    before = ScoringModel(name="m", engagement=[on("demo", 10, decay=half_life(30), cap=20)])
    after = before.but(engagement=(on("demo", 7, decay=half_life(30), cap=50, name="demos"),))
    lead = a_lead()
    done = [an_activity(lead, "demo", ago=n * DAY) for n in range(25)]
    state = state_of(before, done, NOW)
    assert after.score(lead, None, NOW, state=state).engagement == pytest.approx(
        after.score(lead, done, NOW).engagement
    )


@pytest.mark.parametrize(
    "changed",
    [
        on("demo", 10, decay=half_life(31)),
        on("demo", 10, decay=window(30)),
        on("demo", 10),
        on("demos", 10, decay=half_life(30)),
        on("demo", 10, decay=half_life(30), where=activity("path") == "/"),
        on("demo", 10, decay=half_life(30), limit=(1, "day")),
        often("demo", {1: 10}, days=30),
    ],
)
def test_a_rule_that_looks_at_other_activities_must_read_them(changed: Any) -> None:
    before = ScoringModel(name="m", engagement=[on("demo", 10, decay=half_life(30))])
    after = before.but(engagement=(changed.but(name="changed"),))
    lead = a_lead()
    done = [an_activity(lead, "demo", at=NOW)]
    state = state_of(before, done, NOW)
    with pytest.raises(DefinitionError, match="changed"):
        after.score(lead, None, NOW, state=state)
    assert after.score(lead, done, NOW, state=state) == after.score(lead, done, NOW)


@pytest.mark.parametrize("where", [field("company.employees") >= 250, activity("due").within(days=3)])
def test_rules_that_look_at_what_may_change_do_not_compose(where: Any) -> None:
    model = ScoringModel(
        name="m", engagement=[on("demo", 10, where=where, name="changing"), on("demo", 1, name="plain")]
    )
    state = state_of(model, [], NOW)
    assert missing(state, model, NOW) == ["changing"]


def test_what_is_remembered_does_not_grow_with_what_is_done() -> None:
    lead = a_lead()
    model = ScoringModel(
        name="m",
        engagement=[
            on("page", 1, decay=half_life(30), name="fading"),
            on("page", 1, name="for ever"),
            on("page", 1, limit=(3, "ever"), name="first"),
            on("page", 1, decay=window(7), cap=20, name="window"),
            on("page", 1, limit=(2, "day"), decay=linear(50, days=2), name="limited"),
            inactive(-5, days=10),
        ],
    )
    sizes = []
    for many in (5_000, 10_000):
        done = [an_activity(lead, "page", at=NOW - n * timedelta(minutes=3), id=f"a{n}") for n in range(many)]
        sizes.append(len(json.dumps(state_of(model, done, NOW).as_json())))
    assert sizes[1] <= sizes[0] * 1.01


def test_a_moment_before_what_is_folded_can_not_be_told() -> None:
    model = ScoringModel(name="m", engagement=[on("page", 1, decay=half_life(30))])
    lead = a_lead()
    done = [an_activity(lead, "page", at=NOW + n * DAY) for n in range(20)]
    state = state_of(model, done, NOW + 30 * DAY)
    assert missing(state, model, NOW) == ["page"]
    assert missing(state, model, NOW + 30 * DAY) == []


@settings(max_examples=150)
@given(models().map(only_composing), st.integers(0, 10**6))
def test_whatever_clocks_said_the_state_tells_the_score_or_says_that_it_cannot(model: ScoringModel, seed: int) -> None:
    dice = random.Random(seed)
    leads, everything = world(seed)
    activities = of_one_lead(everything)
    state = state_of(model, [], NOW)
    for start in range(0, len(activities), 20):
        wrong = NOW + dice.choice([0, 0, -40, 40, 3]) * DAY
        state = after(state, model, activities[start : start + 20], wrong)
    for days in (-30, -2, 0, 1, 50):
        at = NOW + days * DAY
        if not missing(state, model, at):
            recalled = model.score(leads[0], None, at, state=state)
            assert recalled.engagement == pytest.approx(model.score(leads[0], activities, at).engagement, abs=1e-9)


def test_what_a_clock_far_ahead_has_let_go_is_missing_once_it_is_right_again() -> None:
    model = ScoringModel(name="m", engagement=[on("page", 1, decay=window(30))])
    lead = a_lead()
    state = state_of(model, [an_activity(lead, "page", at=NOW)], NOW)
    state = after(state, model, [an_activity(lead, "page", at=NOW + DAY)], NOW + 400 * DAY)
    assert missing(state, model, NOW + 2 * DAY) == ["page"]
    assert missing(state, model, NOW + 399 * DAY) == []  # clocks may differ by hours


@pytest.mark.parametrize(
    ("per", "began"), [("day", timedelta(hours=23)), ("week", timedelta(hours=167)), ("month", timedelta(hours=743))]
)
def test_what_counts_no_more_still_holds_its_place_in_its_period(per: Any, began: timedelta) -> None:
    end = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)  # of a Sunday, of the week, and of the month
    rule = on("page", 5, decay=window(1 / 24), limit=(1, per))
    model, lead = ScoringModel(name="m", engagement=[rule]), a_lead()
    first, late = an_activity(lead, "page", at=end - began, id="first"), an_activity(lead, "page", at=end, id="late")
    state = after(state_of(model, [first], end), model, [late], end)
    assert model.score(lead, [first, late], end).engagement == 0
    assert model.score(lead, None, end, state=state).engagement == 0


def test_what_is_dated_ahead_takes_no_place_of_what_counts() -> None:
    model = ScoringModel(
        name="m", engagement=[often("page", {90: 10}, days=30), on("page", 1, decay=window(30), cap=95, name="window")]
    )
    lead = a_lead()
    there = [an_activity(lead, "page", at=NOW - n * timedelta(minutes=1), id=f"a{n}") for n in range(99)]
    ahead = [an_activity(lead, "page", at=NOW + 3 * DAY, id=f"b{n}") for n in range(60)]
    state = state_of(model, [*there, *ahead], NOW)
    assert model.score(lead, None, NOW, state=state).engagement == 10 + 95


@pytest.mark.parametrize(
    "rule", [on("page", 5e-324, decay=window(30), cap=1e6), on("page", 1, decay=linear(5e-324, days=1))]
)
def test_bounds_that_nobody_reaches_are_none(rule: Any) -> None:
    model, lead = ScoringModel(name="m", engagement=[rule]), a_lead()
    done = [an_activity(lead, "page", at=NOW, id=f"a{n}") for n in range(200)]
    recalled = model.score(lead, None, NOW, state=state_of(model, done, NOW))
    assert recalled.engagement == model.score(lead, done, NOW).engagement


def test_what_another_version_wrote_is_missing() -> None:
    model, lead = ScoringModel(name="m", engagement=[on("page", 1)]), a_lead()
    written = state_of(model, [an_activity(lead, "page", at=NOW)], NOW).as_json()
    for other in (7, None, "", "{}", "[1,2]", [1]):
        assert missing(EngagementState.from_json(dict.fromkeys(written, other)), model, NOW) == ["page"]


def test_activities_dated_ahead_wait_in_the_state() -> None:
    model = ScoringModel(name="m", engagement=[on("fair", 10, decay=window(5))])
    lead: Lead = a_lead()
    state = state_of(model, [an_activity(lead, "fair", at=NOW + 2 * DAY)], NOW)
    given: list[tuple[datetime, float]] = [(NOW, 0), (NOW + 2 * DAY, 10), (NOW + 7 * DAY, 0)]
    for at, points in given:
        assert model.score(lead, None, at, state=state).engagement == points
