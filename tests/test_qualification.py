"""When the policy moves a lead by itself: hysteresis, dwell, and moments computed ahead."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.conditions import activity, always, evaluate, field, never
from leadflow.conditions.nodes import And, Not, Or
from leadflow.entities import Email, Lead, Score
from leadflow.errors import DefinitionError
from leadflow.lifecycle import DEFAULT, FastTrack, NextMove, Qualification, thresholds
from leadflow.qualification import SCORES
from leadflow.scoring import ScoringModel, half_life, on, points

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIT, ENGAGEMENT = field("score.fit"), field("score.engagement")


def a_lead(stage: str = "lead", fit: float = 0, engagement: float = 0, **values: Any) -> Lead:
    score = Score(fit=fit, engagement=engagement)
    return Lead(id="ada", created_at=NOW, recorded_at=NOW, stage=stage, score=score, **values)


POLICY = Qualification(
    mql=(FIT >= 40) & (ENGAGEMENT >= 25),
    keep=ENGAGEMENT >= 15,
    dwell=7 * DAY,
    auto_accept=field("company.employees") >= 1000,
    fast_track=[
        FastTrack("opportunity", field("interests").contains("offer"), "asked for an offer"),
        FastTrack("sql", field("score.total") >= 120, "very hot"),
    ],
    disqualify=[(field("email.kind") == "disposable", "throw-away address"), (FIT <= -50, "no customer of ours")],
    promote=field("interests").contains("reference"),
)


def decide(policy: Qualification, lead: Lead, now: datetime = NOW, allowed: Any = None) -> NextMove:
    """The verdict, by default on the default lifecycle."""
    return policy.verdict(lead, now, DEFAULT.allowed(lead.stage, "policy") if allowed is None else allowed)


# --------------------------------------------------------------------------------------------------------- verdicts
@pytest.mark.parametrize(
    ("lead", "move", "to", "because"),
    [
        (a_lead(fit=40, engagement=25), "qualify", "mql", "score.fit ≥ 40 and score.engagement ≥ 25"),
        (a_lead(fit=40, engagement=24), None, None, "not qualified: score.engagement ≥ 25 is false"),
        (a_lead(fit=80, engagement=45), "fast_track", "sql", "very hot"),
        (a_lead("mql", fit=80, engagement=45), "fast_track", "sql", "very hot"),
        (a_lead("sql", fit=80, engagement=45), None, None, "nothing to decide for a lead that is sql"),
        (a_lead("sql", interests=("offer",)), "fast_track", "opportunity", "asked for an offer"),
        (a_lead(fit=80, engagement=45, emails=(Email(kind="disposable"),)), "disqualify", "disqualified", "throw-away"),
        (a_lead("prospect", fit=-50), "disqualify", "disqualified", "no customer of ours"),
        (a_lead("prospect", fit=80, engagement=45), None, None, "nothing to decide"),
        (a_lead("customer", fit=-50, interests=("reference",)), "promote", "promoter", "interests contains"),
        (a_lead("customer", fit=80, engagement=45), None, None, "nothing to decide"),
        (a_lead("disqualified", fit=80, engagement=45), None, None, "nothing to decide"),
        (a_lead("mql", fit=40, engagement=20), None, None, "nothing to decide for a lead that is mql"),
        (
            a_lead("mql", engagement=10),
            None,
            None,
            "does not cool by itself, a person moved it: score.eng",
        ),
        (a_lead("mql", engagement=10, cool_at=NOW + HOUR), None, None, "will cool at 2026-06-01 10:00"),
        (a_lead("mql", engagement=10, cool_at=NOW), "cool", "lead", "score.engagement ≥ 15 is false"),
        (a_lead("mql", engagement=15, cool_at=NOW), None, None, "nothing to decide"),
    ],
)
def test_the_next_move_of_the_policy(lead: Lead, move: str | None, to: str | None, because: str) -> None:
    verdict = decide(POLICY, lead, NOW)
    assert (verdict.move, verdict.to) == (move, to)
    assert because in verdict.because


def test_the_policy_accepts_what_it_was_told_to_accept_and_nothing_that_cools() -> None:
    large = a_lead("mql", engagement=20).but(company=a_lead().company.but(employees=5000))
    assert decide(POLICY, large, NOW).move == "accept"
    assert decide(POLICY, large.but(score=Score(engagement=1), cool_at=NOW), NOW).move == "cool"
    assert decide(POLICY, a_lead("mql", engagement=20), NOW).move is None


def test_unknown_is_no_reason_to_qualify_and_the_trace_says_so() -> None:
    policy = Qualification(mql=(FIT >= 0) & (field("company.employees") >= 50))
    assert decide(policy, a_lead(), NOW).because == "not qualified: company.employees ≥ 50 is unknown"
    cooling = Qualification(mql=FIT >= 0, keep=field("company.employees") >= 50)
    assert decide(cooling, a_lead(), NOW).move is None, "it would begin to cool at once"
    assert decide(cooling, a_lead("mql", cool_at=NOW), NOW).move == "cool"


def test_a_lead_that_sales_gave_back_waits_for_the_date_to_look_again() -> None:
    waiting = a_lead(fit=80, engagement=45, interests=("offer",), revisit=date(2026, 6, 2))
    assert decide(POLICY, waiting, NOW).because == "returned by sales; to be looked at again on 2026-06-02"
    assert decide(POLICY, waiting, datetime(2026, 6, 1, 23, 59, tzinfo=UTC)).move is None
    assert decide(POLICY, waiting, datetime(2026, 6, 2, tzinfo=UTC)).move == "fast_track"
    assert decide(POLICY, waiting.but(emails=(Email(kind="disposable"),)), NOW).move == "disqualify"


def test_what_the_lifecycle_does_not_allow_is_passed_over() -> None:
    lead = a_lead(fit=80, engagement=45, emails=(Email(kind="disposable"),))
    assert decide(POLICY, lead, NOW, {"fast_track": ("mql", "opportunity")}).move is None
    assert decide(POLICY, lead, NOW, {"qualify": ("demo",)}).to == "demo"
    assert decide(POLICY, a_lead("demo", fit=80, engagement=45), NOW).move is None


def test_a_long_condition_gives_a_reason_that_can_be_stored() -> None:
    policy = Qualification(mql=field("company.name").is_in(*(f"Company {n}" for n in range(500))))
    assert len(decide(policy, a_lead(), NOW).because) <= 300


@given(st.floats(-100, 200), st.floats(-100, 200), st.floats(-100, 200), st.floats(-100, 200))
def test_what_was_just_qualified_does_not_cool(fit: float, engagement: float, keep: float, at: float) -> None:
    try:
        enough = (field("score.fit") >= at) | (field("score.engagement") >= at)
        policy = Qualification(mql=enough, keep=field("score.engagement") >= keep)
    except DefinitionError:
        return
    if decide(policy, a_lead(fit=fit, engagement=engagement), NOW).move == "qualify":
        mql = a_lead("mql", fit=fit, engagement=engagement, cool_at=NOW)
        assert decide(policy, mql, NOW).move is None
        assert policy.cooling(lambda _: mql, NOW, lambda _: None, mql) is None


# ---------------------------------------------------------------------------------------------------------- cooling
def by_the_hour(scores: list[int]) -> Any:
    """A lead whose engagement is ``scores[h]`` from hour h on, and when that changes next."""

    def engagement(moment: datetime) -> int:
        return scores[min(max(int((moment - NOW) / HOUR), 0), len(scores) - 1)]

    def lead_at(moment: datetime) -> Lead:
        return a_lead("mql", engagement=engagement(moment))

    def crossings(moment: datetime) -> datetime | None:
        changes = (NOW + hour * HOUR for hour in range(1, len(scores)) if scores[hour] != scores[hour - 1])
        return next((change for change in changes if change > moment), None)

    return lead_at, crossings


def first_below_for(scores: list[int], dwell: int) -> int | None:
    """By looking at every hour: when a stretch below 15 has lasted for the dwell time; the last hour lasts for ever."""
    below = 0
    for hour in range(len(scores) + dwell + 1):
        if hour and scores[min(hour - 1, len(scores) - 1)] < 15:
            below += 1
        else:
            below = 0
        if below >= dwell and scores[min(hour, len(scores) - 1)] < 15:
            return hour
        if dwell and below >= dwell:  # it rises in the very moment in which the time is over
            return hour
    return None


@given(st.lists(st.sampled_from([10, 14, 15, 30]), min_size=1, max_size=30), st.integers(0, 6))
def test_cooling_is_when_it_has_been_below_for_the_dwell_time(scores: list[int], dwell: int) -> None:
    policy = Qualification(mql=ENGAGEMENT >= 25, keep=ENGAGEMENT >= 15, dwell=dwell * HOUR)
    lead_at, crossings = by_the_hour(scores)
    hour = first_below_for(scores, dwell)
    expected = None if hour is None else NOW + hour * HOUR
    assert policy.cooling(lead_at, NOW, crossings, lead_at(NOW)) == expected


@given(st.lists(st.sampled_from([10, 14, 15, 30]), min_size=1, max_size=20), st.integers(1, 6), st.data())
def test_asking_again_later_does_not_put_it_off(scores: list[int], dwell: int, data: st.DataObject) -> None:
    """The plan is the same however often it is made before it is due (``tick`` may be called at any time)."""
    policy = Qualification(mql=ENGAGEMENT >= 25, keep=ENGAGEMENT >= 15, dwell=dwell * HOUR)
    lead_at, crossings = by_the_hour(scores)
    planned = policy.cooling(lead_at, NOW, crossings, lead_at(NOW))
    now = NOW
    for minutes in data.draw(st.lists(st.integers(0, 300), max_size=5)):
        now += timedelta(minutes=minutes)
        if planned is not None and now >= planned:
            break
        again = policy.cooling(lead_at, now, crossings, lead_at(now).but(cool_at=planned))
        assert again == planned


def test_once_below_the_planned_moment_stays_unless_it_is_now_earlier() -> None:
    def planned(cool_at: datetime | None) -> datetime | None:
        lead = a_lead("mql", engagement=10, cool_at=cool_at)
        return POLICY.cooling(lambda _: lead, NOW, lambda _: None, lead)

    assert planned(None) == NOW + 7 * DAY
    assert planned(NOW + 3 * DAY) == NOW + 3 * DAY
    assert planned(NOW - DAY) == NOW - DAY, "overdue, since tick was late"
    assert planned(NOW + 30 * DAY) == NOW + 7 * DAY, "it was corrected to below before its time"


def test_an_unknown_score_does_not_keep() -> None:
    policy = Qualification(mql=FIT >= 0, keep=field("company.employees") >= 50, dwell=DAY)
    lead = a_lead("mql")
    assert policy.cooling(lambda _: lead, NOW, lambda _: None, lead) == NOW + DAY


def test_what_is_so_for_some_days_only_cools_by_itself() -> None:
    policy = Qualification(mql=always(), keep=field("persona").is_known() | field("entered_at").within(days=30))
    lead = a_lead("mql", entered_at=NOW - 10 * DAY)
    cools = policy.cooling(lambda _: lead, NOW, lambda _: None, lead)
    assert cools == NOW + 20 * DAY + timedelta(microseconds=1)
    assert decide(policy, lead.but(cool_at=cools), cools).move == "cool"
    assert decide(policy, lead.but(cool_at=cools), cools - timedelta(microseconds=1)).move is None
    by_day = Qualification(mql=always(), keep=field("timing").within(days=3), dwell=DAY)
    dated = lead.but(timing=date(2026, 6, 1))
    assert by_day.cooling(lambda _: dated, NOW, lambda _: None, dated) == datetime(2026, 6, 6, tzinfo=UTC)
    assert by_day.cooling(lambda _: dated, NOW, lambda _: None, dated.but(timing=date.max)) is not None


def test_a_crossing_that_does_not_move_on_ends_nothing_for_ever() -> None:
    lead = a_lead("mql", engagement=20)
    assert POLICY.cooling(lambda _: lead, NOW, lambda _: NOW, lead) is None
    assert POLICY.cooling(lambda _: lead, NOW, lambda after: after + timedelta(microseconds=1), lead) is None


# ------------------------------------------------------------------------------------------------------- definition
def above(number: float) -> float:
    return math.nextafter(number, math.inf)


def test_thresholds_are_the_numbers_at_which_conditions_on_scores_turn() -> None:
    score = (FIT >= 40) & ~((ENGAGEMENT < 15) | field("score.total").between(10, 90)) & FIT.is_in(40, 50)
    condition = score & (field("company.employees") >= 250) & field("score.fit").is_known()
    assert thresholds(condition) == [
        ("score.engagement", 15), ("score.fit", 40), ("score.fit", above(40)), ("score.fit", 50),
        ("score.fit", above(50)), ("score.total", 10), ("score.total", above(90)),
    ]  # fmt: skip
    assert thresholds((FIT > 40) | (ENGAGEMENT <= 5)) == [("score.engagement", above(5)), ("score.fit", above(40))]
    assert POLICY.keep_thresholds == (("engagement", 15.0),)
    assert Qualification(mql=FIT >= 40).keep_thresholds == (("fit", 40.0),)
    assert thresholds(never()) == []


def test_of_several_lower_bounds_the_highest_counts() -> None:
    assert Qualification(mql=(FIT >= 40) & (FIT >= 10)).stays_while == (FIT >= 40) & (FIT >= 10)
    with pytest.raises(DefinitionError, match=r"keep: score\.fit 50 is above 40"):
        Qualification(mql=(FIT >= 40) & (FIT >= 10), keep=FIT >= 50)


def test_an_mql_cools_when_it_falls_onto_what_it_must_be_above() -> None:
    assert Qualification(mql=FIT > 40).keep_thresholds == (("fit", above(40)),)


# -------------------------------------------------------------------------------------------------------- tolerance
CONDITIONS = st.recursive(
    st.one_of(
        st.builds(
            lambda path, op, number: getattr(field(path), op)(number),
            st.sampled_from(["score.fit", "score.engagement", "score.total", "company.employees"]),
            st.sampled_from(["__ge__", "__gt__", "__le__", "__lt__"]),
            st.integers(-20, 20),
        ),
        st.builds(lambda low, more: ENGAGEMENT.between(low, low + more), st.integers(-20, 20), st.integers(0, 9)),
    ),
    lambda some: st.one_of(
        st.builds(lambda a, b: a & b, some, some), st.builds(lambda a, b: a | b, some, some), some.map(lambda a: ~a)
    ),
    max_leaves=4,
)


@given(CONDITIONS, st.integers(-80, 80), st.integers(-80, 80), st.integers(0, 40))
def test_with_a_tolerance_a_score_counts_as_if_it_were_so_much_higher(
    mql: Any, fit: int, engagement: int, tolerance: int
) -> None:
    """In quarters, which floats add exactly; the total has one tolerance, too, not that of both sides."""
    policy = Qualification(mql=mql, keep=always(), tolerance=tolerance / 4)
    lead = a_lead(fit=fit / 4, engagement=engagement / 4)

    def holds(condition: Any) -> Any:
        match condition:
            case And(all=parts):
                return three_valued(all, map(holds, parts))
            case Or(any=parts):
                return three_valued(any, map(holds, parts))
            case Not(of=part):
                return {True: False, False: True, None: None}[holds(part)]
        if condition.path not in SCORES:
            return evaluate(condition, lead, NOW)
        side = condition.path.removeprefix("score.")
        higher = getattr(lead.score, side) + tolerance / 4
        return evaluate(condition, a_lead(**{"fit" if side == "total" else side: higher}), NOW)

    assert (decide(policy, lead).move == "qualify") == (holds(mql) is True)
    assert Qualification.model_validate_json(policy.model_dump_json()) == policy


def three_valued(together: Any, truths: Any) -> bool | None:
    known = list(truths)
    decisive = together is any
    return decisive if decisive in known else None if None in known else not decisive


@given(st.integers(1, 60), st.integers(1, 90), st.floats(0.001, 5), st.booleans())
def test_a_lead_cools_at_the_first_moment_at_which_it_is_below_by_more_than_the_tolerance(
    given_points: int, days: int, tolerance: float, total: bool
) -> None:
    model = ScoringModel(name="m", fit=[points(2, always(), because="all")], engagement=[
        on("demo", given_points, decay=half_life(days))
    ])  # fmt: skip
    side = "total" if total else "engagement"
    gate = field(f"score.{side}") >= given_points + 2 * total
    flow = LeadFlow(
        MemoryStorage(), scoring=model, qualification=Qualification(mql=gate, tolerance=tolerance), clock=lambda: NOW
    )
    ada = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    flow.record(ada, "demo", id="1")
    lead = flow.get(ada)
    scorer, done = model.bind(Lead), flow.storage.activities(ada)
    lowest = float(Decimal(str(given_points + 2 * total)) - Decimal(str(tolerance)))

    def below(moment: datetime) -> bool:
        return getattr(scorer.score(lead, done, moment), side) < lowest

    assert lead.stage == "mql"
    if lead.cool_at is None:
        assert not below(NOW + timedelta(days=3650))
    else:
        assert below(lead.cool_at)
        assert not below(lead.cool_at - timedelta(microseconds=1))


def test_a_demo_of_two_seconds_ago_reaches_a_gate_of_its_points_within_the_tolerance() -> None:
    model = ScoringModel(name="m", engagement=[on("demo", 30, decay=half_life(30))])

    def explained(tolerance: float) -> tuple[str, str]:
        policy = Qualification(mql=ENGAGEMENT >= 30, tolerance=tolerance)
        flow = LeadFlow(MemoryStorage(), scoring=model, qualification=policy, clock=lambda: NOW)
        ada = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
        flow.record(ada, "demo", id="1", at=NOW - timedelta(seconds=2))
        return flow.get(ada).stage, str(flow.explain(ada))

    assert explained(0.01)[0] == "mql"
    stage, text = explained(0)
    assert stage == "lead"
    assert "fit 0 + engagement 29.99 = 29.99" in text
    assert "+29.99  engagement  demo" in text
    assert "score.engagement ≥ 30 is false" in text
    assert "missing: 0.01 of engagement" in text


MQL: Any = (FIT >= 40) & (ENGAGEMENT >= 25)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"mql": FIT}, ['mql: field("score.fit") is not a condition']),
        ({"mql": None, "promote": 5}, ["mql: None is not a condition", "promote: 5 is not a condition"]),
        ({"keep": (FIT >= 10) & (ENGAGEMENT >= 30)}, ["keep: score.engagement 30 is above 25, the number in mql"]),
        ({"keep": field("score.grade") == "A1"}, ["keep: when score.grade changes by ageing can't be computed"]),
        ({"mql": field("score.grade") == "A1"}, ["(without keep, mql is what keeps)"]),
        ({"promote": activity("path") == "/"}, ['promote: activity.path = "/": there is no activity']),
        ({"dwell": -DAY, "auto_accept": True}, ["dwell: ", "auto_accept: True is not a condition"]),
        ({"tolerance": -1}, ["tolerance: "]),
        ({"tolerance": math.inf}, ["tolerance: "]),
        ({"dwell": 7}, ["dwell: 7 has no unit; write it like 4h"]),
        (
            {"fast_track": [{"to": "sql", "when": always(), "reason": " "}]},
            ["fast_track.0: FastTrack: reason: '' is blank"],
        ),
        ({"disqualify": [(always(), "")]}, ["disqualify.0: Disqualification: reason: '' is blank"]),
    ],
)
def test_what_cant_work_is_refused_with_everything_that_is_wrong(values: dict[str, Any], expected: list[str]) -> None:
    with pytest.raises(DefinitionError) as wrong:
        Qualification(**{"mql": MQL, **values})
    assert [part for part in expected if part not in str(wrong.value)] == []


def test_a_misspelt_score_is_a_misspelling() -> None:
    with pytest.raises(DefinitionError, match=r"did you mean score\.engagement"):
        Qualification(mql=field("score.engagment") >= 3).bind(Lead)


def test_every_condition_is_bound_to_the_hosts_class_of_lead() -> None:
    assert POLICY.bind(Lead) == POLICY
    wrong = field("company.employes") >= 1
    for values in (
        {"mql": wrong},
        {"keep": wrong},
        {"auto_accept": wrong},
        {"promote": wrong},
        {"fast_track": [FastTrack("sql", wrong, "hot")]},
        {"disqualify": [(wrong, "small")]},
    ):
        with pytest.raises(DefinitionError, match=r"did you mean company.employees\?"):
            Qualification(**{"mql": MQL, **values}).bind(Lead)
