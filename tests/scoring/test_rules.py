"""Rules as values: names, reasons, JSON, functions."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from leadflow.conditions import activity, field
from leadflow.entities import Company, Lead
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.scoring.counting_rules import FrequencyRule, InactivityRule, inactive, often
from leadflow.scoring.decay import half_life, linear, no_decay, window
from leadflow.scoring.engagement_rules import EngagementRule, on
from leadflow.scoring.rules import FitRule, WeightRule, points, rule, veto, weighted

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
LARGE = field("company.employees") >= 250


def lead(**values: Any) -> Lead[Any]:
    return Lead(id="lead", created_at=NOW, recorded_at=NOW, **values)


def test_a_rule_is_named_after_its_reason_and_its_reason_is_the_condition_in_words() -> None:
    assert (points(25, LARGE, because="enterprise").name, points(25, LARGE).because) == (
        "enterprise",
        "company.employees ≥ 250",
    )
    assert points(25, LARGE, because="enterprise", name="size").name == "size"


def test_an_engagement_rule_is_named_after_what_was_done() -> None:
    rule = on("page_viewed", 3, where=activity("path").starts_with("/pricing"))
    assert (rule.name, rule.because) == ("page_viewed", "page viewed: activity.path starts with /pricing")
    assert on("page_viewed", 3).because == "page viewed"


def test_what_weighs_counts_or_forbids_is_named_in_words_too() -> None:
    by_value = weighted(40, {"c-level": 100}, of="person.seniority")
    by_condition = weighted(40, [(LARGE, 50), (field("address.country") == "DE", 12.5)])
    assert by_value.because == "person.seniority"
    assert by_condition.because == "company.employees ≥ 250: 50 %; address.country = DE: 12.5 %"
    assert weighted(40, {"c-level": 100}, of="person.seniority", because="can decide").name == "can decide"
    assert often("page_viewed", {3: 1}, days=7).because == "page viewed, often in 7 days"
    assert inactive(-1, days=30).because == "inactive for 30 days"
    assert inactive(-1, days=1.5, activities=["page_viewed", "demo"]).because == "no page viewed or demo for 1.5 days"
    assert veto(LARGE).because == "company.employees ≥ 250"


def test_where_no_case_is_true_a_weight_gives_nothing_unless_it_says_so() -> None:
    case = {"when": {"op": "eq", "field": "person.seniority", "value": "c-level"}, "percent": 100}
    assert WeightRule.model_validate({"weight": 40, "cases": [case]}).values == (40, 0)
    assert WeightRule.model_validate({"weight": 40, "cases": [case], "otherwise": 25}).values == (40, 10)


@pytest.mark.parametrize(
    "rule",
    [
        points(25, LARGE, because="enterprise"),
        points(-0.1, LARGE & ~field("email.kind").is_known(), group="firm", name="x"),
        on("demo", 30),
        on("demo", 0.1, decay=half_life(1 / 3), limit=(5, "week"), cap=60, group="web", because="so", name="y"),
        on("demo", 30, decay=linear(33.3, days=7), where=activity("seconds") > 3),
        on("demo", 30, decay=window(7)),
        on("demo", 30, decay=no_decay),
        weighted(0.1, {"c-level": 100, "staff": -33.3}, of="person.seniority", otherwise=7, group="firm"),
        weighted(-40, [(LARGE, 100)], name="x"),
        often("demo", {10: 25, 3: 0.1}, days=1 / 3, where=activity("seconds") > 3, group="web"),
        inactive(-10, days=30, activities=["demo", "page"]),
        inactive(1e-9, days=30),
        veto(LARGE | ~field("email.kind").is_known(), because="so", name="x"),
    ],
)
def test_json_gives_back_the_same_rule(rule: Any) -> None:
    assert type(rule).model_validate_json(rule.model_dump_json()) == rule
    assert type(rule).model_validate(rule.model_dump(mode="json", exclude_none=True)) == rule


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: points(float("nan"), LARGE),
        lambda: points(1_000_001, LARGE),
        lambda: FitRule.model_validate({"points": 3, "when": "company.employees > 3"}),
        lambda: FitRule.model_validate({"points": 3, "when": field("company.employees")}),
        lambda: on("", 3),
        lambda: on("demo", 3, cap=0),
        lambda: on("demo", 3, cap=-5),
        lambda: on("demo", 3, limit=(0, "day")),
        lambda: EngagementRule.model_validate({"activity": "demo", "points": 3, "limit": (5, "year")}),
        lambda: EngagementRule.model_validate({"activity": "demo", "points": 3, "decay": 30}),
        lambda: EngagementRule(activity="demo", points=3, decay={"half_life": 30}),
        lambda: FitRule.model_validate({"points": 3}),
        lambda: weighted(40, {"c-level": 100.1}, of="person.seniority"),
        lambda: weighted(40, {"c-level": -100.1}, of="person.seniority"),
        lambda: weighted(40, {"c-level": 100}),
        lambda: weighted(40, [(LARGE, 100)], of="person.seniority"),
        lambda: weighted(40, []),
        lambda: often("demo", {}, days=7),
        lambda: often("demo", {0: 5}, days=7),
        lambda: often("demo", {1_000_001: 5}, days=7),
        lambda: often("demo", {3: 5}, days=0),
        lambda: FrequencyRule(activity="demo", bands=[(3, 5), (3, 6)], days=7),
        lambda: inactive(-5, days=36_526),
        lambda: inactive(-5, days=30, activities=""),
        lambda: InactivityRule.model_validate({"inactive_days": 30, "points": -5, "of": "demo"}),
        lambda: FitRule.model_validate({"points": 3, "when": {"op": "always"}, "unless": {"op": "never"}}),
    ],
)
def test_a_rule_that_can_not_work_is_refused_when_it_is_written(wrong: Callable[[], object]) -> None:
    with pytest.raises(DefinitionError):
        wrong()


def test_the_error_names_the_rule_and_what_to_write() -> None:
    with pytest.raises(DefinitionError, match=r"'demo': decay: write \{half_life_days: 30\}"):
        EngagementRule(activity="demo", points=3, decay={"half_life": 30})


# --- functions ---------------------------------------------------------------------------------------------


@rule(15, because="works at a target account")
def target_account(lead: Lead[Any]) -> bool:
    return lead.company.domain == "acme.example"


def test_a_function_rule_is_named_after_the_function_and_can_be_called() -> None:
    assert (target_account.name, target_account.because) == ("target_account", "works at a target account")
    assert target_account(lead(company=Company(domain="acme.example"))) is True
    assert target_account(lead()) is False


@pytest.mark.parametrize(
    ("verdict", "worth"),
    [(True, 15), (False, 0), (None, 0), ("yes", 15), ("", 0), (7, 7), (-3.5, -3.5), (0, 0), (Decimal("1.5"), 1.5)],
)
def test_a_function_gives_all_points_none_or_some(verdict: Any, worth: float) -> None:
    assert rule(15, because="x")(lambda _: verdict).points_of(lead()) == worth


@pytest.mark.parametrize("verdict", [float("nan"), float("inf"), 1_000_000, 15.1, -16, Decimal("nan")])
def test_a_function_may_not_give_more_than_its_points(verdict: Any) -> None:
    with pytest.raises(InvalidInput, match="from -15 to 15"):
        rule(15, because="x")(lambda _: verdict).points_of(lead())


def test_a_function_has_no_json() -> None:
    with pytest.raises(Exception, match="'target_account' is a Python function"):
        target_account.model_dump_json()
