"""When a score falls below a threshold by itself: against scoring at very many moments."""

from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.conditions import Condition, activity, field
from leadflow.entities import Activity, Actor, Adjustment, Company, Lead
from leadflow.entities.base import micros
from leadflow.scoring.counting_rules import inactive, often
from leadflow.scoring.crossings import Crossings, _ThresholdSearch
from leadflow.scoring.decay import half_life, linear, window
from leadflow.scoring.engagement_rules import EngagementRule, on
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import points, veto, weighted
from scoring.crossing import falls_below, rises_to

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
HORIZON = 120 * DAY


def lead(**values: Any) -> Lead[Any]:
    return Lead(id="lead", **({"created_at": NOW, "recorded_at": NOW} | values))


def did(kind: str, ago: timedelta, **properties: Any) -> Activity:
    moment = NOW - ago
    return Activity(
        id=f"{kind}-{moment.isoformat()}",
        lead_id="lead",
        kind=kind,
        happened_at=moment,
        recorded_at=NOW,
        properties=properties,
    )


def model(*rules: EngagementRule, **rest: Any) -> ScoringModel:
    return ScoringModel(name="m", engagement=rules, **rest)


def value(model: ScoringModel, side: Any, lead: Lead[Any], activities: list[Activity], at: datetime) -> float:
    score = model.score(lead, activities, at)
    return {"fit": score.fit, "engagement": score.engagement, "total": score.total}[side]


def by_hand(points: float, days: int | None) -> Adjustment:
    """Begins two days later than now, and ends after so many days."""
    begins, until = NOW + 2 * DAY, None if days is None else NOW + days * DAY
    return Adjustment(
        id=f"{points}", side="engagement", points=points, because="a talk", by=Actor(kind="rep"), at=begins, until=until
    )


DECAYS = st.one_of(
    st.none(),
    st.sampled_from([1, 7, 30, 31]).map(half_life),
    st.builds(linear, st.sampled_from([10, 50, 100]), st.sampled_from([1, 30])),
    st.sampled_from([0.5, 7, 30]).map(window),
)
WHERE = st.sampled_from([None, activity("happened_at").within(days=9), field("created_at").within(days=4)])
WHEN: st.SearchStrategy[Condition] = st.sampled_from(
    [
        field("company.employees") > 100,
        field("created_at").within(days=12),
        ~field("created_at").within(days=3),
        field("timing").within(days=6),
    ]
)
WORTH = st.sampled_from([-20.0, -5.0, 3.0, 10.0, 10.0, 30.0])
CAP = st.none() | st.sampled_from([8.0, 25.0, 40.0])


OFTEN = [
    often("viewed", {1: 5, 2: -10, 3: 30}, days=7),
    often("asked", {2: 8}, days=30, group="web", name="asked often"),
]
COUNTING = st.sampled_from([
    *OFTEN, inactive(-10, days=9), inactive(5, days=1, activities=["asked", "left"]),
    inactive(-3, days=20, activities="viewed", group="web"),
])  # fmt: skip


@st.composite
def models(
    draw: st.DrawFn,
    decays: st.SearchStrategy[Any] = DECAYS,
    where: st.SearchStrategy[Any] = WHERE,
    when: st.SearchStrategy[Condition] = WHEN,
    counting: st.SearchStrategy[Any] = COUNTING,
) -> ScoringModel:
    engagement = [
        on(
            draw(st.sampled_from(["viewed", "asked", "left"])),
            draw(WORTH),
            decay=draw(decays),
            where=draw(where),
            limit=draw(st.none() | st.just((1, "day"))),
            cap=draw(CAP),
            group=draw(st.sampled_from([None, "web"])),
            name=f"did-{n}",
        )
        for n in range(draw(st.integers(2, 5)))
    ]
    engagement += draw(st.lists(counting, max_size=2, unique_by=lambda rule: rule.name))
    fit = [points(draw(WORTH), draw(when), name=f"fit-{n}") for n in range(draw(st.integers(0, 2)))]
    fit += draw(st.sampled_from([[], [weighted(10, [(draw(when), 50)], otherwise=-10)]]))
    vetoes = draw(st.sampled_from([[], [], [], [veto(draw(when))]]))
    return ScoringModel(
        name="random", fit=fit, engagement=engagement, groups={"web": 20}, cap_fit=draw(CAP),
        cap_engagement=draw(CAP), vetoes=vetoes,
    )  # fmt: skip


ADJUSTED = st.sampled_from([(), (), (by_hand(12, None),), (by_hand(-4, 3), by_hand(9, 20))])
LEADS = st.builds(
    lambda created, timing, adjusted: lead(
        company=Company(employees=500), created_at=created, timing=timing, adjustments=adjusted
    ),
    st.timedeltas(-5 * DAY, 20 * DAY).map(lambda ago: NOW - ago),
    st.none() | st.dates(date(2026, 3, 20), date(2026, 4, 20)),
    ADJUSTED,
)
HAPPENED = st.builds(
    did, st.sampled_from(["viewed", "asked", "left"]), st.timedeltas(-20 * DAY, 40 * DAY) | st.just(DAY)
)


def moments(activities: list[Activity], lead: Lead[Any], end: datetime) -> list[datetime]:
    """Where a score may turn, each with the ticks around it, and a scan in between."""
    edges = {one.happened_at + n * DAY / 2 for one in activities for n in (0, 1, 2, 14, 18, 20, 40, 60, 62)}
    edges |= {one.happened_at + n * DAY for one in activities for n in range(1, 10)}
    edges |= {lead.created_at + n * DAY for n in (0, 3, 4, 12)}
    around = chain.from_iterable((edge - TICK, edge, edge + TICK) for edge in edges)
    scan = (NOW + n * (end - NOW) / 150 for n in range(151))
    return sorted(at for at in chain(around, scan) if NOW <= at <= end)


FADING = st.one_of(st.sampled_from([7, 30, 31]).map(half_life), DECAYS)
DONE = [did(kind, DAY * days) for days in (0, 1, 15) for kind in ("viewed", "asked", "left")]


@settings(max_examples=300)
@given(
    models(FADING, where=st.none(), when=st.just(field("company.employees") > 100), counting=st.sampled_from(OFTEN)),
    LEADS.map(lambda lead: lead.but(adjustments=())),  # nothing but age changes
    st.sampled_from(["fit", "engagement", "engagement", "total"]),
    st.timedeltas(timedelta(0), 60 * DAY) | st.just(timedelta(0)),
    st.sampled_from([timedelta(0), TICK, DAY / 24, DAY, 10 * DAY, 60 * DAY]),
)
def test_the_bound_of_an_interval_holds_at_every_moment_of_it_and_is_sharp_at_a_point(
    model: ScoringModel, lead: Lead[Any], side: Any, later: timedelta, width: timedelta
) -> None:
    start = micros(NOW + later)
    scorer, now = model.bind(type(lead)), micros(NOW)
    search = _ThresholdSearch(
        Crossings(scorer.of_lead, scorer.engagement, lead, tuple(DONE), {}, None), side, 0.0, rising=False
    )
    score = model.score(lead, DONE, NOW)
    between = search._range(now, 0.0 if side == "engagement" else score.fit, score.veto is not None)
    lowest, highest = between(start, width // TICK).bounds(width // TICK)
    for n in range(11):
        assert lowest - 1e-9 <= value(model, side, lead, DONE, NOW + later + n * width / 10) <= highest + 1e-9
    exact = value(model, side, lead, DONE, NOW + later)
    assert between(start, 0).bounds(0) == pytest.approx((exact, exact), abs=1e-9)


@given(
    models(),
    LEADS,
    st.lists(HAPPENED, max_size=6, unique_by=lambda one: one.id),
    st.sampled_from(["fit", "engagement", "engagement", "total"]),
    st.sampled_from([-5.0, 0.0, 0.001, 5.0, 10.0, 17.3, 25.0]),
)
@pytest.mark.parametrize("rising", [False, True])
def test_it_is_the_first_moment_on_the_other_side(
    rising: bool, model: ScoringModel, lead: Lead[Any], activities: list[Activity], side: Any, threshold: float
) -> None:
    crossing, sign = (rises_to, -1) if rising else (falls_below, 1)
    crossed = crossing(model, lead, activities, NOW, side=side, threshold=threshold, horizon=HORIZON)
    end = NOW + HORIZON if crossed is None else crossed - TICK
    for at in moments(activities, lead, end):
        assert sign * (value(model, side, lead, activities, at) - threshold) >= -1e-9
    if crossed is not None:
        assert crossed >= NOW
        assert (value(model, side, lead, activities, crossed) >= threshold) is rising


def test_a_loss_that_fades_lets_the_score_rise() -> None:
    rules = [on("demo", 30), on("left", -20, decay=half_life(10))]
    done = [did("demo", timedelta(0)), did("left", timedelta(0))]
    rose = rises_to(model(*rules), lead(), done, NOW, side="engagement", threshold=25)
    assert rose == NOW + 20 * DAY  # 30 − 20 / 4


def test_half_of_the_points_are_left_after_the_half_life() -> None:
    demo = model(on("demo", 40, decay=half_life(30)))
    fell = falls_below(demo, lead(), [did("demo", timedelta(0))], NOW, side="engagement", threshold=20)
    assert fell == NOW + 30 * DAY + TICK  # after exactly 30 days it is 20, which is not below


def test_what_fades_is_cut_where_it_meets_the_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    cut, cuts = _ThresholdSearch._cut, list[int]()

    def counted(*given: Any) -> int:
        cuts.append(cut(*given))
        return cuts[-1]

    monkeypatch.setattr(_ThresholdSearch, "_cut", counted)
    fading = model(on("demo", 40, decay=half_life(30)), on("page", 10, decay=half_life(7)))
    done = [did("demo", DAY), did("page", timedelta(0))]
    fell = falls_below(fading, lead(), done, NOW, side="engagement", threshold=20)
    assert fell is not None and NOW + 30 * DAY < fell < NOW + 40 * DAY
    assert len(cuts) < 20  # halving alone takes more than forty


def test_a_window_and_a_step_end_at_their_exact_moment() -> None:
    for decay, days in ((window(7), 7), (linear(50, days=30), 30)):
        fading = model(on("demo", 10, decay=decay))
        fell = falls_below(fading, lead(), [did("demo", DAY)], NOW, side="engagement", threshold=10)
        assert fell == NOW + (days - 1) * DAY


def test_a_score_that_is_below_already_fell_now() -> None:
    assert falls_below(model(on("demo", 10)), lead(), [], NOW, side="engagement", threshold=1) == NOW


def test_what_does_not_fade_never_falls() -> None:
    done = [did("demo", DAY)]
    assert falls_below(model(on("demo", 10)), lead(), done, NOW, side="engagement", threshold=10) is None
    halving = model(on("demo", 10, decay=half_life(30)))
    assert falls_below(halving, lead(), done, NOW, side="engagement", threshold=0) is None


def test_a_fall_beyond_the_horizon_is_none() -> None:
    done, halving = [did("demo", timedelta(0))], model(on("demo", 40, decay=half_life(30)))
    assert falls_below(halving, lead(), done, NOW, side="engagement", threshold=20, horizon=30 * DAY) is None
    fell = falls_below(halving, lead(), done, NOW, side="engagement", threshold=20, horizon=30 * DAY + TICK)
    assert fell == NOW + 30 * DAY + TICK
    late = datetime(9999, 1, 1, tzinfo=UTC)
    assert falls_below(model(on("demo", 10)), lead(), done, late, side="engagement", threshold=5) is None


def test_a_loss_that_fades_first_does_not_hide_the_fall() -> None:
    rules = [on("demo", 30, decay=half_life(30)), on("left", -20, decay=window(2))]
    done = [did("demo", timedelta(0)), did("left", timedelta(0))]
    # 10 at once, 28.6 after two days; below 25 only after 30 × log2(30 / 25) = 7.89 days
    fell = falls_below(model(*rules), lead(), done, NOW + 3 * DAY, side="engagement", threshold=25)
    assert fell is not None
    assert abs(fell - (NOW + 7.8910277 * DAY)) < timedelta(seconds=10)


def test_gains_and_losses_that_fade_alike_are_not_searched_for_ever() -> None:
    rules = [on("visit", 25), on("demo", 10, decay=half_life(30)), on("left", -10, decay=half_life(30))]
    done = [did("visit", DAY), did("demo", DAY), did("left", DAY)]
    assert falls_below(model(*rules), lead(), done, NOW, side="engagement", threshold=25) is None


def test_a_threshold_that_is_only_touched_for_a_while_is_reached() -> None:
    rules = [on("visit", 30, decay=window(7)), on("left", -20, decay=window(0.5))]
    done = [did("visit", timedelta(0)), did("left", timedelta(0))]  # 10, then 30 for six days and a half, then 0
    assert rises_to(model(*rules), lead(), done, NOW, side="engagement", threshold=30) == NOW + DAY / 2
    assert rises_to(model(*rules), lead(), done, NOW, side="engagement", threshold=30.001) is None
    shorter = [on("visit", 30, decay=window(0.5)), on("left", -20, decay=window(0.5))]
    assert rises_to(model(*shorter), lead(), done, NOW, side="engagement", threshold=30) is None


def test_gains_and_losses_that_nearly_cancel_are_not_searched_for_ever() -> None:
    rules = [on("visit", 25), on("demo", 10, decay=half_life(31)), on("left", -10, decay=half_life(30))]
    done = [did("visit", DAY), did("demo", DAY), did("left", DAY)]
    assert falls_below(model(*rules), lead(), done, NOW, side="engagement", threshold=25) is None
    turned = [on("visit", 25), on("demo", -10, decay=half_life(31)), on("left", 10, decay=half_life(30))]
    lowest = min(
        model(*turned).score(lead(), done, NOW + n * DAY / 24).engagement for n in range(24 * 120)
    )  # it dips, and recovers by itself
    grazed = falls_below(model(*turned), lead(), done, NOW, side="engagement", threshold=lowest - 1e-6)
    assert grazed is None
    assert falls_below(model(*turned), lead(), done, NOW, side="engagement", threshold=lowest + 1e-6) is not None


def test_an_activity_dated_ahead_is_waited_for() -> None:
    rule = on("fair", 20, decay=window(5))
    done = [did("fair", DAY), did("fair", -3 * DAY)]
    fell = falls_below(model(rule), lead(), done, NOW, side="engagement", threshold=20)
    assert fell == NOW + 8 * DAY


@pytest.mark.parametrize("side", ["fit", "total"])
def test_fit_falls_when_a_condition_on_time_ends_to_hold(side: Any) -> None:
    fresh = ScoringModel(name="m", fit=[points(20, field("created_at").within(days=30))])
    assert falls_below(fresh, lead(), [], NOW, side=side, threshold=15) == NOW + 30 * DAY + TICK


def test_a_date_counts_by_days_in_utc() -> None:
    soon = ScoringModel(name="m", fit=[points(20, field("timing").within(days=2))])
    fell = falls_below(soon, lead(timing=date(2026, 4, 1)), [], NOW, side="fit", threshold=15)
    assert fell == datetime(2026, 4, 4, tzinfo=UTC)
