"""The score against a naive scorer that shares no code with it, and the order of limits, decay and caps."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from math import exp, fsum, log
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.conditions import Condition, activity, evaluate, field
from leadflow.entities import Activity, Actor, Adjustment, Company, Lead, Score
from leadflow.scoring.counting_rules import FrequencyRule, InactivityRule, inactive, often
from leadflow.scoring.decay import Decay, HalfLife, Linear, Window, half_life, linear, no_decay, window
from leadflow.scoring.engagement_rules import EngagementRule, on
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import FitRule, WeightRule, points, veto, weighted

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def lead(**values: Any) -> Lead[Any]:
    return Lead(id="lead", **({"created_at": NOW, "recorded_at": NOW} | values))


def did(kind: str, ago: timedelta, id: str | None = None, recorded_at: datetime = NOW, **properties: Any) -> Activity:
    moment = NOW - ago
    return Activity(
        id=id or f"{kind}-{moment.isoformat()}",
        lead_id="lead",
        kind=kind,
        happened_at=moment,
        recorded_at=recorded_at,
        properties=properties,
    )


# --- the naive scorer --------------------------------------------------------------------------------------


def naive_period(moment: datetime, per: Any, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return {"day": f"{local:%Y-%m-%d}", "week": f"{local:%G-%V}", "month": f"{local:%Y-%m}", "ever": ""}[per]


def naive_share(decay: Decay | None, days: float) -> float:
    if isinstance(decay, HalfLife):
        return exp(-log(2) * days / decay.half_life_days)
    if isinstance(decay, Linear):
        share = 1.0
        while days >= decay.every_days:
            days, share = days - decay.every_days, share - decay.linear_percent / 100
        return max(share, 0.0)
    if isinstance(decay, Window):
        return 1.0 if days < decay.window_days else 0.0
    return 1.0


def naive_fit(rule: FitRule | WeightRule, lead: Lead[Any], now: datetime) -> float:
    if isinstance(rule, FitRule):
        return rule.points if evaluate(rule.when, lead, now) else 0.0
    for case in rule.cases:
        if evaluate(case.when, lead, now) is True:
            return rule.weight * case.percent / 100
    return rule.weight * rule.otherwise / 100


def naive_counting(
    rule: FrequencyRule | InactivityRule, lead: Lead[Any], activities: list[Activity], now: datetime
) -> float:
    if isinstance(rule, InactivityRule):
        mine = [one.happened_at for one in activities if one.kind in rule.activities or not rule.activities]
        return rule.points if (now - max(mine, default=lead.created_at)) / DAY >= rule.inactive_days else 0.0
    count = 0
    for one in activities:
        if one.kind == rule.activity and (rule.where is None or evaluate(rule.where, lead, now, one) is True):
            count += (now - one.happened_at) / DAY < rule.days
    reached = [band for band in rule.bands if band.at_least <= count]
    return reached[-1].points if reached else 0.0


def naive_rule(rule: EngagementRule, lead: Lead[Any], activities: list[Activity], now: datetime, zone: str) -> float:
    if not isinstance(rule, EngagementRule):
        return naive_counting(rule, lead, activities, now)
    sums, counts = 0.0, dict[str, int]()
    for one in activities:
        if one.kind != rule.activity or (rule.where is not None and evaluate(rule.where, lead, now, one) is not True):
            continue
        if rule.limit is not None:
            period = naive_period(one.happened_at, rule.limit.per, zone)
            counts[period] = counts.get(period, 0) + 1
            if counts[period] > rule.limit.first:
                continue
        sums += rule.points * naive_share(rule.decay, (now - one.happened_at) / DAY)
    return clamp(sums, rule.cap)


def clamp(value: float, cap: float | None) -> float:
    if cap is None:
        return value
    return -cap if value < -cap else min(value, cap)


def naive_side(
    model: ScoringModel,
    rules: Iterable[Any],
    worth: Callable[[Any], float],
    cap: float | None,
    by_hand: float,
    help: Callable[[float], float],
) -> float:
    by_group: dict[str | None, list[float]] = {None: [help(by_hand)]}
    for rule in rules:
        by_group.setdefault(rule.group, []).append(help(worth(rule)))
    caps: dict[Any, Any] = {None: None, **model.groups}
    return clamp(fsum(clamp(fsum(values), caps[group]) for group, values in by_group.items()), cap)


def naive_score(model: ScoringModel, lead: Lead[Any], activities: list[Activity], now: datetime) -> tuple[float, float]:
    once = {one.id: one for one in activities if one.happened_at <= now}
    in_order = sorted(once.values(), key=lambda one: (one.happened_at, one.id))
    vetoed = any(evaluate(one.when, lead, now) is True for one in model.vetoes)

    def help(value: float) -> float:
        return min(value, 0.0) if vetoed else value

    by_hand = {"fit": 0.0, "engagement": 0.0}
    for one in lead.adjustments:
        if one.at <= now and not (one.until and one.until <= now):
            by_hand[one.side] += one.points
    fit = naive_side(model, model.fit, lambda rule: naive_fit(rule, lead, now), model.cap_fit, by_hand["fit"], help)
    engagement = naive_side(
        model,
        model.engagement,
        lambda rule: naive_rule(rule, lead, in_order, now, model.zone),
        model.cap_engagement,
        by_hand["engagement"],
        help,
    )
    return fit, engagement


# --- random models, leads and activities -------------------------------------------------------------------

WORTH = st.one_of(st.integers(-40, 40), st.floats(-40, 40, allow_nan=False)).map(float)
CAP = st.none() | st.floats(0.5, 80)
DECAYS = st.one_of(
    st.none(),
    st.sampled_from([1, 7, 30, 45.5]).map(half_life),
    st.builds(linear, st.sampled_from([10, 30, 50, 100]), st.sampled_from([1, 30])),
    st.sampled_from([1, 7, 30]).map(window),
)
LIMITS: st.SearchStrategy[Any] = st.none() | st.tuples(
    st.integers(1, 3), st.sampled_from(["day", "week", "month", "ever"])
)
WHERE: st.SearchStrategy[Condition | None] = st.sampled_from(
    [
        None,
        activity("path").starts_with("/pricing"),
        activity("seconds") > 30,
        ~(activity("path") == "/jobs"),
        field("company.employees") >= 100,
        activity("happened_at").within(days=10),
    ]
)
WHEN: st.SearchStrategy[Condition] = st.sampled_from(
    [
        field("company.employees") >= 100,
        field("company.country").is_in("DE", "AT"),
        ~field("company.country").is_known(),
        (field("company.employees") < 50) | (field("company.industry") == "software"),
        field("created_at").within(days=5),
    ]
)


CASES = st.lists(st.tuples(WHEN, st.sampled_from([100, 50, -30])), min_size=1, max_size=3)
OFTEN = st.builds(
    often, st.sampled_from(["viewed", "asked"]), st.sampled_from([{1: 5.0}, {2: 10.0, 4: -3.0, 5: 40.0}]),
    days=st.sampled_from([1, 7, 30]), where=WHERE, group=st.sampled_from([None, "web"]),
)  # fmt: skip
INACTIVE = st.builds(
    inactive, st.sampled_from([-10.0, 4.0]), days=st.sampled_from([1, 5, 30]),
    activities=st.sampled_from([(), "viewed", ("asked", "other")]), group=st.sampled_from([None, "web"]),
)  # fmt: skip
BY_HAND = st.builds(
    Adjustment, id=st.just("1"), side=st.sampled_from(["fit", "engagement"]), points=st.sampled_from([7.0, -3.0]),
    because=st.just("a talk"), by=st.just(Actor(kind="rep", id="anna")), at=st.sampled_from([NOW, NOW + DAY]),
    until=st.sampled_from([None, NOW, NOW + DAY]),
)  # fmt: skip


@st.composite
def models(draw: st.DrawFn) -> ScoringModel:
    fit: list[Any] = [
        points(draw(WORTH), draw(WHEN), name=f"fit-{n}", group=draw(st.sampled_from([None, "firm"])))
        for n in range(draw(st.integers(0, 5)))
    ]
    engagement: list[Any] = [
        on(
            draw(st.sampled_from(["viewed", "asked"])),
            draw(WORTH),
            where=draw(WHERE),
            decay=draw(DECAYS),
            limit=draw(LIMITS),
            cap=draw(CAP),
            group=draw(st.sampled_from([None, "web", "mail"])),
            name=f"did-{n}",
        )
        for n in range(draw(st.integers(0, 5)))
    ]
    fit += draw(st.lists(st.builds(weighted, WORTH, CASES, otherwise=st.sampled_from([0, 20])), max_size=1))
    engagement += draw(st.lists(st.one_of(OFTEN, INACTIVE), max_size=2, unique_by=lambda rule: rule.name))
    return ScoringModel(
        name="random",
        vetoes=draw(st.lists(WHEN, max_size=1).map(lambda some: [veto(when) for when in some])),
        fit=fit,
        engagement=engagement,
        zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "Asia/Tokyo", "America/St_Johns"])),
        groups={group: draw(st.floats(1, 60)) for group in ("firm", "web", "mail")},
        cap_fit=draw(CAP),
        cap_engagement=draw(CAP),
    )


LEADS = st.builds(
    lambda employees, country, industry, created, adjustments: lead(
        company=Company(employees=employees, country=country, industry=industry),
        created_at=created,
        adjustments=tuple(adjustments),
    ),
    st.none() | st.integers(0, 300),
    st.sampled_from([None, "DE", "US"]),
    st.sampled_from([None, "software"]),
    st.sampled_from([NOW, NOW - DAY, NOW - 20 * DAY]),
    st.lists(BY_HAND, max_size=3),
)
HAPPENED = st.builds(
    did,
    st.sampled_from(["viewed", "asked", "other"]),
    st.one_of(st.integers(-50, 2000).map(lambda hours: timedelta(hours=hours)), st.timedeltas(-DAY, 90 * DAY)),
    path=st.sampled_from(["/pricing", "/pricing/eu", "/jobs"]),
    seconds=st.integers(0, 60),
)
HISTORIES = st.lists(HAPPENED, max_size=25, unique_by=lambda one: one.id)


@given(models(), LEADS, HISTORIES)
def test_the_score_is_the_naive_scorers(model: ScoringModel, lead: Lead[Any], activities: list[Activity]) -> None:
    score = model.score(lead, activities, NOW)
    assert (score.fit, score.engagement) == pytest.approx(naive_score(model, lead, activities, NOW), abs=1e-9)


@given(models(), LEADS, HISTORIES)
def test_the_contributions_sum_up_to_the_score_and_no_cap_is_exceeded(
    model: ScoringModel, lead: Lead[Any], activities: list[Activity]
) -> None:
    score = model.score(lead, activities, NOW)
    for side, total, cap in (("fit", score.fit, model.cap_fit), ("engagement", score.engagement, model.cap_engagement)):
        assert fsum(one.points for one in score.contributions if one.side == side) == pytest.approx(total, abs=1e-9)
        assert cap is None or abs(total) <= cap
    group_of = {rule.name: rule.group for rule in (*model.fit, *model.engagement)}
    for group, cap in model.groups.items():
        of_group = [one.points for one in score.contributions if group_of.get(one.rule) == group]
        assert model.cap_engagement is not None or abs(fsum(of_group)) <= cap + 1e-9
    for one in score.contributions:
        assert one.raw
        assert 0 <= one.points / one.raw <= 1  # a cap never raises points, nor turns their sign
        assert (one.capped_by is None) == (one.points == one.raw)


@given(models(), LEADS, HISTORIES, st.randoms(use_true_random=False))
def test_shuffled_repeated_and_late_activities_give_the_same_score_to_the_bit(
    model: ScoringModel, lead: Lead[Any], activities: list[Activity], chance: Random
) -> None:
    repeated = [*activities, *chance.sample(activities, len(activities) // 2)]
    late = [one.but(recorded_at=one.recorded_at + 30 * DAY) for one in repeated]
    chance.shuffle(late)
    assert model.score(lead, late, NOW) == model.score(lead, activities, NOW)


@given(models(), LEADS, HISTORIES)
def test_what_has_not_happened_yet_does_not_count(
    model: ScoringModel, lead: Lead[Any], activities: list[Activity]
) -> None:
    past = [one for one in activities if one.happened_at <= NOW]
    assert model.score(lead, activities, NOW) == model.score(lead, past, NOW)


# --- by hand -----------------------------------------------------------------------------------------------


def engagement(*rules: EngagementRule, activities: list[Activity], now: datetime = NOW, **model: Any) -> Score:
    return ScoringModel(name="m", engagement=rules, **model).score(lead(), activities, now)


def test_ten_points_at_half_a_month_are_ten_then_five_then_none() -> None:
    rule = on("opened", 10, decay=linear(50, days=30))
    scored = [
        engagement(rule, activities=[did("opened", days * DAY)]).engagement for days in (0, 29.999, 30, 59.999, 60, 999)
    ]
    assert scored == [10, 10, 5, 5, 0, 0]


def test_twenty_five_identical_opens_in_one_day_count_twenty() -> None:
    opens = [did("opened", timedelta(minutes=n), id=f"open-{n}") for n in range(25)]
    score = engagement(on("opened", 1, limit=(20, "day")), activities=opens)
    assert (score.engagement, score.contributions[0].count) == (20, 20)


def test_groups_of_sixty_and_forty_give_a_hundred_at_most() -> None:
    rules = [
        on("demo", 50, group="intent"),
        on("trial", 50, group="intent"),
        on("opened", 30, group="mail"),
        on("clicked", 30, group="mail"),
    ]
    done = [did(kind, DAY) for kind in ("demo", "trial", "opened", "clicked")]
    score = engagement(*rules, activities=done, groups={"intent": 60, "mail": 40}, cap_engagement=100)
    assert [(one.points, one.raw, one.capped_by) for one in score.contributions] == [
        (50, 50, None),
        (10, 50, "group"),
        (30, 30, None),
        (10, 30, "group"),
    ]
    assert score.total == 100


def test_the_limit_comes_before_the_decay_and_takes_the_first() -> None:
    viewed = [did("viewed", 10 * DAY + timedelta(hours=1)), did("viewed", 10 * DAY)]
    score = engagement(on("viewed", 8, limit=(1, "day"), decay=window(10.02)), activities=viewed)
    assert score.engagement == 0  # the first is over, the second was never counted


def test_the_decay_comes_before_the_cap() -> None:
    score = engagement(
        on("demo", 30, decay=half_life(30), cap=60), activities=[did("demo", 30 * DAY, id=f"{n}") for n in range(5)]
    )
    assert score.engagement == 60  # 5 × 15 = 75, not min(150, 60) / 2


def test_caps_are_rule_then_group_then_model_and_are_taken_from_the_last_rules() -> None:
    rules = [on("a", 50, cap=40, group="g"), on("b", 50, group="g"), on("c", 20)]
    score = engagement(*rules, activities=[did(kind, DAY) for kind in "abc"], groups={"g": 60}, cap_engagement=55)
    assert [(one.rule, one.points, one.raw, one.capped_by) for one in score.contributions] == [
        ("a", 40, 50, "rule"),
        ("b", 15, 50, "model"),
        ("c", 0, 20, "model"),
    ]
    assert score.engagement == 55


def test_a_contribution_names_the_last_cap_that_took_something() -> None:
    rules = [on("a", 50), on("b", 30, group="g"), on("c", 30, group="g")]
    score = engagement(*rules, activities=[did(kind, DAY) for kind in "abc"], groups={"g": 30}, cap_engagement=40)
    assert [(one.points, one.capped_by) for one in score.contributions] == [(40, "model"), (0, "model"), (0, "group")]


def test_rounding_does_not_lift_a_score_over_its_cap() -> None:
    rules = [on("a", 26.057098304459345), on("b", -8.776400678657858)]
    cap = 1.992388578744971  # what is left of the first can't be written so that the sum is exactly the cap
    score = engagement(*rules, activities=[did(kind, DAY) for kind in "ab"], cap_engagement=cap)
    assert fsum(one.points for one in score.contributions) > cap
    assert score.engagement == cap


def test_a_cap_bounds_losses_too() -> None:
    unsubscribed = [did("unsubscribed", n * DAY) for n in range(5)]
    score = engagement(on("unsubscribed", -10, cap=30), activities=unsubscribed)
    assert (score.engagement, score.contributions[0].raw) == (-30, -50)


def test_a_losing_group_is_bounded_below_and_gains_are_left_alone() -> None:
    rules = [on("a", -40, group="g"), on("b", 5, group="g"), on("c", -40, group="g")]
    score = engagement(*rules, activities=[did(kind, DAY) for kind in "abc"], groups={"g": 50})
    assert [one.points for one in score.contributions] == [-40, 5, -15]


def test_an_activity_at_the_moment_of_scoring_counts_and_one_after_it_does_not() -> None:
    at, after = did("demo", timedelta(0)), did("demo", -timedelta(microseconds=1))
    assert engagement(on("demo", 30, decay=no_decay), activities=[at, after]).engagement == 30


def test_a_window_ends_at_an_exact_moment() -> None:
    rule = on("demo", 30, decay=window(7))
    inside, over = did("demo", 7 * DAY - timedelta(microseconds=1)), did("demo", 7 * DAY)
    contribution = engagement(rule, activities=[inside, over]).contributions[0]
    assert (contribution.activities, contribution.count) == ((inside.id,), 1)


def test_of_an_id_that_names_two_activities_the_first_recorded_counts() -> None:
    true = did("demo", DAY, id="x", recorded_at=NOW - DAY)
    forged = did("demo", 40 * DAY, id="x")
    for order in ([true, forged], [forged, true]):
        assert engagement(on("demo", 30, decay=window(7)), activities=order).engagement == 30
    other_kind = did("spam", DAY, id="x", recorded_at=NOW - 2 * DAY)
    assert engagement(on("demo", 30), activities=[true, other_kind]).engagement == 0


def test_the_newest_ten_activities_are_named_and_all_are_counted() -> None:
    done = [did("viewed", n * DAY, id=f"v{n:02}") for n in range(15)]
    Random(4).shuffle(done)
    contribution = engagement(on("viewed", 1), activities=done).contributions[0]
    assert contribution.activities == tuple(f"v{n:02}" for n in range(10))
    assert contribution.count == 15
