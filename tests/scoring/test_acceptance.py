"""What users of HubSpot, Eloqua, Marketo, Adobe, Mautic and Pardot rely on, one lead at a time and by the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from math import nan
from typing import Any

import polars as pl
import pytest

from leadflow import DefinitionError, Entity, Lead, LeadFlow, activity, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.batch import score_many
from leadflow.entities import Activity, Score
from leadflow.scoring.counting_rules import inactive, often
from leadflow.scoring.decay import half_life, linear, window
from leadflow.scoring.engagement_rules import on
from leadflow.scoring.explanation import explain
from leadflow.scoring.grades import Grades
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import points, rule, veto, weighted
from leadflow.testing import NOW, ClockAt, a_lead, an_activity
from scoring.crossing import falls_below

DAY = timedelta(days=1)
LEADS: dict[str, Any] = {
    "id": pl.String, "created_at": pl.Datetime("us", "UTC"), "person.seniority": pl.String,
    "company.employees": pl.Int64, "company.industry": pl.String, "company.domain": pl.String,
}  # fmt: skip
ACTIVITIES: dict[str, Any] = {
    "id": pl.String, "lead_id": pl.String, "kind": pl.String, "happened_at": pl.Datetime("us", "UTC"),
    "recorded_at": pl.Datetime("us", "UTC"), "path": pl.String,
}  # fmt: skip


def scored(model: ScoringModel, lead: Lead[Any], activities: Sequence[Activity] = (), now: datetime = NOW) -> Score:
    """The score of one lead; DuckDB gives the same by the table, in all and rule by rule."""
    score = model.score(lead, activities, now)
    company = lead.company
    known = lead.id, lead.created_at, lead.person.seniority, company.employees, company.industry, company.domain
    told = [(a.id, a.lead_id, a.kind, a.happened_at, a.recorded_at, a.properties.get("path")) for a in activities]
    leads = pl.DataFrame([known], schema=LEADS, orient="row")
    table = pl.DataFrame(told, schema=ACTIVITIES, orient="row")
    ((_, fit, engagement, total, grade, *each),) = score_many(model, leads, table, now, per_rule=True).fetchall()
    given = {one.rule: one.points for one in score.contributions}
    assert (fit, engagement, total) == pytest.approx((score.fit, score.engagement, score.total), abs=1e-9)
    assert grade == score.grade
    assert each == pytest.approx([given.get(rule.name, 0) for rule in (*model.fit, *model.engagement)], abs=1e-9)
    assert sum(given.values()) == pytest.approx(score.total, abs=1e-9)
    return score


LEAD = a_lead(created_at=NOW - 400 * DAY)


def did(kind: str, *days_ago: float, path: str | None = None) -> list[Activity]:
    properties: dict[str, Any] = {} if path is None else {"path": path}
    return [an_activity(LEAD, kind, ago=ago * DAY, **properties) for ago in days_ago]


# --------------------------------------------------------------------------------------------------------- HubSpot
def test_ten_points_at_50_percent_a_month_are_ten_then_five_then_none() -> None:
    model = ScoringModel(name="m", engagement=[on("mail_opened", 10, decay=linear(50, days=30))])
    opened = did("mail_opened", 0)
    seen = [scored(model, LEAD, opened, NOW + days * DAY).engagement for days in (0, 29.999, 30, 59.999, 60, 61, 400)]
    assert seen == [10, 10, 5, 5, 0, 0, 0]


def test_decay_is_per_event_not_for_the_whole_balance() -> None:
    model = ScoringModel(name="m", engagement=[on("mail_opened", 10, decay=linear(50, days=30))])
    assert scored(model, LEAD, did("mail_opened", 0, 31, 61)).engagement == 10 + 5 + 0


@pytest.mark.parametrize("many", [0, 1, 5, 7, 11, 30, 200])
def test_no_group_exceeds_its_cap_and_caps_of_60_and_40_make_at_most_100(many: int) -> None:
    model = ScoringModel(
        name="m",
        engagement=[
            on("page_viewed", 7, group="web"),
            on("form_sent", 25, group="web"),
            on("mail_opened", 3, group="mail"),
            on("mail_clicked", 11, group="mail"),
        ],
        groups={"web": 60, "mail": 40},
    )
    activities = [one for rule in model.engagement for one in did(str(rule.name), *range(many))]
    score = scored(model, LEAD, activities)
    of_group = {
        group: sum(p.points for p in score.contributions if group_of(model, p.rule) == group)
        for group in ("web", "mail")
    }
    assert of_group["web"] == min(60, many * (7 + 25))
    assert of_group["mail"] == min(40, many * (3 + 11))
    assert score.total <= 100


def group_of(model: ScoringModel, name: str) -> str | None:
    return next(rule.group for rule in (*model.fit, *model.engagement) if rule.name == name)


def test_limits_hold_from_the_inside_out_rule_then_group_then_total() -> None:
    engagement = [on("a", 10, cap=25, group="g"), on("b", 10, cap=25, group="g"), on("c", 10)]
    model = ScoringModel(name="m", engagement=engagement, groups={"g": 40}, cap_engagement=45)
    score = scored(model, LEAD, [*did("a", 1, 2, 3), *did("b", 1, 2, 3), *did("c", 1)])
    assert [(one.points, one.capped_by) for one in score.contributions] == [(25, "rule"), (15, "group"), (5, "model")]
    assert score.engagement == 45


def test_points_are_given_and_taken_and_totals_may_be_negative() -> None:
    model = ScoringModel(
        name="m",
        fit=[points(-40, field("company.industry") == "education", because="no customer of ours")],
        engagement=[on("unsubscribed", -50), on("mail_opened", 1), on("mail_bounced", -5, cap=10)],
    )
    student = a_lead(company={"industry": "education"})
    gone = [an_activity(student, kind) for kind in ("unsubscribed", "mail_opened", *["mail_bounced"] * 4)]
    score = scored(model, student, gone)
    assert (score.fit, score.engagement, score.total, score.grade) == (-40, -59, -99, "D4")


# ---------------------------------------------------------------------------------------------------------- Eloqua
PROFILE = ScoringModel(
    name="profile",
    fit=[
        weighted(50, {"c-level": 100, "director": 75, "manager": 40}, of="person.seniority", because="title"),
        weighted(
            40,
            [(field("company.employees") >= 1000, 100), (field("company.employees") >= 250, 50)],
            otherwise=10,
            because="size",
        ),
        weighted(30, {"software": 100, "education": -100}, of="company.industry", because="industry"),
    ],
)


@pytest.mark.parametrize(
    ("seniority", "employees", "industry", "fit"),
    [
        ("c-level", 5000, "software", 50 + 40 + 30),  # weights need not make 100
        ("director", 250, None, 37.5 + 20),
        ("manager", 999, "education", 20 + 20 - 30),
        (None, None, None, 4),  # nothing is known: only what is given otherwise
        ("staff", 3, "retail", 4),
    ],
)
def test_a_profile_is_the_sum_of_weights_times_values(
    seniority: str | None, employees: int | None, industry: str | None, fit: float
) -> None:
    lead = a_lead(person={"seniority": seniority}, company={"employees": employees, "industry": industry})
    assert scored(PROFILE, lead).fit == fit


def test_of_several_frequency_bands_the_best_that_is_reached_counts_not_their_sum() -> None:
    model = ScoringModel(name="m", engagement=[often("page_viewed", {1: 5, 3: 10, 10: 25}, days=7, name="visits")])
    seen = [scored(model, LEAD, did("page_viewed", *[1] * many)).engagement for many in (0, 1, 2, 3, 9, 10, 50)]
    assert seen == [0, 5, 5, 10, 10, 25, 25]


def test_three_visits_in_seven_days_are_over_when_the_first_is_seven_days_old() -> None:
    model = ScoringModel(name="m", engagement=[often("page_viewed", {3: 10}, days=7)])
    visits = did("page_viewed", 0, 1, 2)
    assert scored(model, LEAD, visits, NOW + 5 * DAY - timedelta(microseconds=1)).engagement == 10
    assert scored(model, LEAD, visits, NOW + 5 * DAY).engagement == 0
    assert falls_below(model, LEAD, visits, NOW, side="engagement", threshold=10) == NOW + 5 * DAY


# ----------------------------------------------------------------------------------------------------- Adobe, Mautic
def test_25_identical_opens_in_one_day_count_20() -> None:
    model = ScoringModel(name="m", engagement=[on("mail_opened", 1, limit=(20, "day"), decay=window(30))])
    opens = did("mail_opened", *[0.1] * 25)
    assert len({one.id for one in opens}) == 25
    score = scored(model, LEAD, opens)
    assert (score.engagement, score.contributions[0].count) == (20, 20)
    assert scored(model, LEAD, [*opens, *did("mail_opened", *[1.1] * 25)]).engagement == 40  # each day has its own
    assert scored(model, LEAD, opens, NOW + 29.9 * DAY).engagement == 0  # thirty days, rolling


def test_the_limit_is_of_each_kind() -> None:
    kinds = ("mail_opened", "mail_clicked")
    model = ScoringModel(name="m", engagement=[on(kind, 1, limit=(20, "day")) for kind in kinds])
    assert scored(model, LEAD, [one for kind in kinds for one in did(kind, *[0.1] * 25)]).engagement == 40


def test_an_action_counts_once_unless_it_is_repeatable() -> None:
    model = ScoringModel(
        name="m",
        engagement=[
            on("page_viewed", 5, where=activity("path") == "/pricing", limit=(1, "ever"), name="first time"),
            on("page_viewed", 1, name="each time"),
        ],
    )
    seen = [*did("page_viewed", 300, path="/jobs"), *did("page_viewed", 200, 100, 1, path="/pricing")]
    score = scored(model, LEAD, seen)
    assert {one.rule: one.points for one in score.contributions} == {"first time": 5, "each time": 4}
    assert score.contributions[0].activities == (seen[1].id,)


def test_silence_costs_until_something_is_done() -> None:
    model = ScoringModel(name="m", engagement=[on("mail_opened", 20), inactive(-15, days=30)])
    opened = did("mail_opened", 0)
    assert [scored(model, LEAD, opened, NOW + days * DAY).engagement for days in (29.9, 30)] == [20, 5]
    assert scored(model, LEAD, did("mail_opened", 0, -31), NOW + 31 * DAY).engagement == 40


# ---------------------------------------------------------------------------------------------------------- Pardot
@pytest.mark.parametrize(
    ("change", "letter"),
    [("0", "D"), ("2/3", "C-"), ("1", "C"), ("10/3", "A+"), ("-1/3", "D-"), ("-2/3", "F"), ("3", "A"), ("9", "A+")],
)
def test_a_grade_starts_at_d_and_moves_by_thirds_of_a_letter(change: str, letter: str) -> None:
    thirds = Fraction(change) * 3
    rules = [
        points(1 if thirds > 0 else -1, field("company.employees") >= number, because=f"third {number}")
        for number in range(abs(int(thirds)))
    ]
    model = ScoringModel(name="m", fit=rules, grades=Grades.letters())
    assert scored(model, a_lead(company={"employees": 1000})).grade == f"{letter}4"


# -------------------------------------------------------------------------------- Marketo: no drift, no plumbing
def flowing(model: ScoringModel, clock: ClockAt | None = None) -> LeadFlow:
    return LeadFlow(MemoryStorage(), scoring=model, clock=clock or ClockAt(NOW))


def test_fit_is_computed_anew_on_every_change_and_does_not_drift() -> None:
    model = ScoringModel(name="m", fit=[points(25, field("company.employees") >= 250, because="enterprise")])
    flow = flowing(model)
    ada = flow.capture({"email": "ada@acme.example", "company": "Acme", "employees": 900}, source="web").lead_id
    seen = []
    for employees in (900, 10, 900, 900, 300, 10):
        flow.correct(ada, {"employees": employees}, by="anna")
        seen.append(flow.get(ada).score.fit)
    assert seen == [25, 0, 25, 25, 25, 0]


def test_a_lead_that_comes_back_is_not_hidden_by_what_faded_long_ago() -> None:
    model = ScoringModel(name="m", engagement=[on("mail_ignored", -10, decay=half_life(30)), on("demo_requested", 30)])
    ignored = did("mail_ignored", *range(400, 340, -2))
    score = scored(model, LEAD, [*ignored, *did("demo_requested", 0)])
    assert 29 < score.engagement < 30


def test_three_visitors_of_ten_points_are_one_lead_whose_score_is_computed_anew() -> None:
    for cap, expected in ((None, 30), (25, 25)):
        clock = ClockAt(NOW)
        flow = flowing(ScoringModel(name="m", engagement=[on("page_viewed", 10, cap=cap)]), clock)
        ada = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
        for browser in ("one", "two", "three"):
            assert flow.get(flow.visit(browser, "page_viewed", id=browser).lead_id).score.engagement == 10
            flow.identify(browser, {"email": "ada@acme.example"}, source="web")
        assert flow.get(ada).score.engagement == expected
        assert flow.record(ada, "page_viewed", id="two").repeated  # told again, it doubles nothing
        assert flow.get(ada).score.engagement == expected


# ------------------------------------------------------------------------------------------- rules that fail
class Odd(Entity):
    name: str = "x"

    @property
    def risk(self) -> float:
        raise RuntimeError("the credit agency does not answer")


ODD: Lead[Any] = a_lead(custom=Odd(), company={"employees": 900})
GOOD = points(25, field("company.employees") >= 250, because="enterprise")
RISK = field("custom.risk") > 0.5


def function(value: Callable[[], Any]) -> Any:
    return rule(10, because="of one's own", name="my rule")(lambda _lead: value())


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda: nan, "nan can't be used; return True, False or a number from -10 to 10"),
        (lambda: float("inf"), "inf can't be used"),
        (lambda: 1_000_000, "1000000 can't be used"),
        (lambda: -1_000_000, "-1000000 can't be used"),
        (lambda: [1].index(2), "ValueError"),
    ],
)
def test_a_function_that_raises_or_returns_nonsense_costs_only_its_own_points(
    value: Callable[[], Any], error: str
) -> None:
    model = ScoringModel(name="m", fit=[GOOD, function(value)], engagement=[on("a", 5)])
    score = model.score(ODD, [an_activity(ODD, "a")], NOW)
    assert (score.fit, score.engagement) == (25, 5)
    (failed,) = [one for one in score.contributions if one.error]
    assert (failed.rule, failed.points) == ("my rule", 0)
    assert error in (failed.error or "")
    assert f"of one's own: failed, {failed.error}" in explain(score)
    with pytest.raises(DefinitionError, match="rule 'my rule' failed"):
        model.score(ODD, [], NOW, strict=True)


BROKEN = {
    "a condition": ScoringModel(name="m", fit=[points(10, RISK, because="risky", name="my rule"), GOOD]),
    "a weight": ScoringModel(name="m", fit=[GOOD, weighted(10, [(RISK, 100)], otherwise=50, name="my rule")]),
    "a veto": ScoringModel(name="m", fit=[GOOD], vetoes=[veto(RISK, because="risky", name="my rule")]),
    "where": ScoringModel(name="m", fit=[GOOD], engagement=[on("a", 5, where=RISK, name="my rule")]),
    "where of bands": ScoringModel(
        name="m", fit=[GOOD], engagement=[often("a", {1: 5}, days=7, where=RISK, name="my rule")]
    ),
}


@pytest.mark.parametrize("model", BROKEN.values(), ids=BROKEN.keys())
def test_a_condition_on_what_raises_costs_only_the_points_of_its_rule(model: ScoringModel) -> None:
    score = model.bind(Lead[Odd]).score(ODD, [an_activity(ODD, "a")], NOW)
    assert (score.total, score.veto) == (25, None)
    (failed,) = [one for one in score.contributions if one.error]
    assert (failed.rule, failed.points, failed.raw) == ("my rule", 0, 0)
    assert failed.error == "RuntimeError: the credit agency does not answer"
    with pytest.raises(DefinitionError, match="rule 'my rule' failed: RuntimeError"):
        model.score(ODD, [an_activity(ODD, "a")], NOW, strict=True)


def test_one_broken_veto_does_not_keep_another_from_being_true() -> None:
    rival = veto(field("company.employees") >= 250, because="competitor")
    model = ScoringModel(name="m", fit=[GOOD], vetoes=[veto(RISK, because="risky"), rival]).bind(Lead[Odd])
    score = model.score(ODD, [], NOW)
    assert (score.fit, score.veto) == (0, "competitor")
    assert [one.rule for one in score.contributions if one.error] == ["risky"]


def test_a_lead_is_captured_although_a_rule_fails_and_its_explanation_says_so() -> None:
    flow = flowing(ScoringModel(name="m", fit=[GOOD, function(lambda: 1 / 0)]))
    ada = flow.capture({"email": "ada@acme.example", "company": "Acme", "employees": 900}, source="web").lead_id
    assert flow.get(ada).score.fit == 25
    assert "of one's own: failed, ZeroDivisionError" in str(flow.explain(ada))


# ---------------------------------------------------------------------------------------------------------- vetoes
def test_no_points_help_a_competitor_and_those_taken_stay() -> None:
    model = ScoringModel(
        name="m",
        fit=[GOOD, points(-5, field("company.industry") == "education", because="student")],
        engagement=[on("demo_requested", 90), on("mail_bounced", -7)],
        vetoes=[veto(field("company.domain").is_in("rival.example"), because="competitor")],
    )
    rival = a_lead(company={"employees": 900, "industry": "education", "domain": "rival.example"})
    score = scored(model, rival, [an_activity(rival, "demo_requested"), an_activity(rival, "mail_bounced")])
    assert (score.fit, score.engagement, score.grade, score.veto) == (-5, -7, "D4", "competitor")
    assert {one.rule for one in score.contributions if one.capped_by == "veto"} == {"enterprise", "demo_requested"}
    assert scored(model, a_lead(company={"employees": 900})).veto is None  # an unknown domain is no veto
