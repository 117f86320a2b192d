"""The model as a value: definition errors, plain data, binding, copies, and rules that fail."""

import copy
import gc
import json
import pickle
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from leadflow.conditions import activity, field
from leadflow.entities import Activity, Company, Entity, Lead, Person
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.scoring import Grades, ScoringModel, explain, half_life, on, points, rule, veto
from scoring.crossing import falls_below, what_if

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
LARGE = field("company.employees") >= 250
MODEL = ScoringModel(
    name="b2b",
    version="7",
    zone="Europe/Berlin",
    fit=[
        points(25, LARGE, because="enterprise"),
        points(20, field("person.seniority").is_in("director", "c-level"), because="can decide"),
        points(-40, field("email.kind") == "disposable", because="throw-away address"),
    ],
    engagement=[
        on("demo_requested", 30, decay=half_life(days=30), cap=60),
        on("page_viewed", 3, where=activity("path").starts_with("/pricing"), limit=(5, "day"), group="web"),
    ],
    groups={"web": 20},
    cap_fit=80,
    cap_engagement=90,
    grades=Grades(fit=(40, 20), engagement=(50,)),
)


def lead(**values: Any) -> Lead[Any]:
    return Lead(id="lead", created_at=NOW, recorded_at=NOW, **values)


ADA = lead(company=Company(employees=900), person=Person(seniority="director"))
DEMO = Activity(id="d", lead_id="lead", kind="demo_requested", happened_at=NOW, recorded_at=NOW)


def test_the_score_carries_reasons_grade_moment_and_model() -> None:
    score = MODEL.score(ADA, [DEMO], NOW)
    assert (score.fit, score.engagement, score.grade, score.at, score.model) == (45, 30, "A2", NOW, "b2b@7")
    assert [(one.because, one.points) for one in score.contributions] == [
        ("enterprise", 25),
        ("can decide", 20),
        ("demo requested", 30),
    ]
    assert score.contributions[2].activities == ("d",)


def test_a_lead_of_whom_nothing_is_known_gets_nothing() -> None:
    score = MODEL.score(lead(), [], NOW)
    assert (score.total, score.grade, score.contributions) == (0, "C2", ())


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvalidInput, match="aware datetime"):
        MODEL.score(ADA, [], datetime(2026, 4, 1))
    with pytest.raises(InvalidInput, match="aware datetime"):
        falls_below(MODEL, ADA, [], datetime(2026, 4, 1), side="fit", threshold=1)


# --- as data -----------------------------------------------------------------------------------------------

AS_YAML = """
name: b2b
version: "7"
zone: Europe/Berlin
fit:
  - points: 25
    when: {field: company.employees, op: ge, value: 250}
    because: enterprise
  - points: 20
    when: {field: person.seniority, op: in, values: [director, c-level]}
    because: can decide
  - points: -40
    when: {field: email.kind, op: eq, value: disposable}
    because: throw-away address
engagement:
  - on: demo_requested
    points: 30
    decay: {half_life_days: 30}
    cap: 60
  - activity: page_viewed
    points: 3
    where: {activity: path, op: starts_with, value: /pricing}
    limit: [5, day]
    group: web
groups: {web: 20}
cap_fit: 80
cap_engagement: 90
grades: {fit: [40, 20], engagement: [50]}
"""


def test_yaml_spells_the_same_model() -> None:
    assert ScoringModel.model_validate(yaml.safe_load(AS_YAML)) == MODEL


def test_json_gives_back_the_same_model() -> None:
    assert ScoringModel.model_validate_json(MODEL.model_dump_json()) == MODEL
    assert ScoringModel.model_validate(json.loads(json.dumps(MODEL.model_dump(mode="json")))) == MODEL


def test_editors_get_a_json_schema_of_what_may_be_written() -> None:
    definitions = ScoringModel.model_json_schema()["$defs"]
    assert {"FitRule", "EngagementRule", "Grades"} <= definitions.keys()
    assert "FunctionRule" not in definitions


def test_functions_are_refused_by_name_where_json_is_asked_for() -> None:
    @rule(5, because="x")
    def my_own(lead: Lead[Any]) -> bool:
        return True

    model = MODEL.but(fit=(*MODEL.fit, my_own))
    for dump in (model.model_dump_json, lambda: model.model_dump(mode="json")):
        with pytest.raises(DefinitionError, match="'my_own' is a Python function"):
            dump()
    assert model.model_dump()["fit"][-1]["function"](None) is True


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ({"fit": [{"points": "many", "when": {"op": "always"}}]}, "fit.0.*points.*valid number"),
        ({"fit": [{"points": 1, "when": {"op": "bigger", "field": "x"}}]}, "fit.0.*when"),
        ({"engagement": [{"activity": "a", "points": 1, "pionts": 1}]}, "engagement.0.*pionts"),
        ({"engagement": [{"activity": "a", "points": 1, "group": "wbe"}], "groups": {"web": 2}}, "is 'web' meant"),
        ({"engagement": [{"activity": "a", "points": 1}, {"activity": "a", "points": 2}]}, "several.*'a'.*name="),
        ({"zone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
        ({"zone": "Europe"}, "no time zone"),
        ({"zone": "../../etc/passwd"}, "no time zone"),
        ({"groups": {"web": -1}}, "groups.web"),
        ({"grades": {"fit": [1, 2]}}, "must fall"),
        ({"cap": 3}, "cap"),
        ({"grades": "A-D"}, "grades"),
        ({"fit": [{"points": True, "when": {"op": "always"}}]}, "fit.0.*points.*True is not a number"),
        ({"fit": [{"weight": 5, "cases": [{"percent": False, "when": {"op": "always"}}]}]}, "percent.*False"),
        ({"engagement": [{"activity": "a", "points": 1, "cap": True}]}, "cap.*True"),
        ({"engagement": [{"activity": "a", "points": 1, "limit": [True, "day"]}]}, "limit.*True"),
        ({"engagement": [{"activity": "a", "points": 1, "decay": {"window_days": True}}]}, "window_days.*True"),
        ({"engagement": [{"activity": "a", "bands": [[True, 5]], "days": 3}]}, "bands.*True"),
        ({"engagement": [{"activity": "a", "points": 1, "name": "a" * 300, "cap": 0}]}, "a{200}….*cap"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(written: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DefinitionError, match=f"(?s){complaint}"):
        ScoringModel.model_validate({"name": "m", **written})
    with pytest.raises(DefinitionError, match=f"(?s){complaint}"):
        ScoringModel(name="m", **written)


def test_a_group_belongs_to_one_side() -> None:
    with pytest.raises(DefinitionError, match="two groups"):
        ScoringModel(
            name="m", fit=[points(1, LARGE, group="g")], engagement=[on("demo", 1, group="g")], groups={"g": 5}
        )


def test_a_plain_function_is_told_how_to_become_a_rule() -> None:
    def looks_good(lead: Lead[Any]) -> bool:
        return True

    with pytest.raises(DefinitionError, match=r"'looks_good' is not a rule yet; put @rule"):
        ScoringModel(name="m", fit=[looks_good])  # type: ignore[list-item]


# --- binding -----------------------------------------------------------------------------------------------


class Fleet(Entity):
    fleet_size: int | None = None

    @property
    def broken(self) -> int:
        raise RuntimeError("no connection")


def test_binding_names_the_rule_and_the_nearest_field() -> None:
    model = ScoringModel(name="m", fit=[points(5, field("company.employes") > 3, because="size")])
    with pytest.raises(DefinitionError, match=r"'size'.*company\.employees"):
        model.bind()


def test_binding_knows_custom_fields() -> None:
    model = ScoringModel(name="m", fit=[points(5, field("custom.fleet_size") > 3)])
    trucks = Lead[Fleet](id="lead", created_at=NOW, recorded_at=NOW, custom=Fleet(fleet_size=9))
    assert model.bind(Lead[Fleet]).score(trucks, [], NOW).fit == 5
    with pytest.raises(DefinitionError, match="fleet_size"):
        model.bind(Lead)


def test_binding_changes_no_score() -> None:
    assert MODEL.bind().score(ADA, [DEMO], NOW) == MODEL.score(ADA, [DEMO], NOW)


def test_binding_checks_conditions_of_engagement_rules() -> None:
    with pytest.raises(DefinitionError, match=r"'demo'.*company\.employees"):
        ScoringModel(name="m", engagement=[on("demo", 3, where=field("company.employes") > 3)]).bind()


# --- copies ------------------------------------------------------------------------------------------------


def test_a_copy_with_other_rules_scores_by_its_own() -> None:
    assert MODEL.score(ADA, [], NOW).fit == 45
    assert MODEL.but(fit=MODEL.fit[:1]).score(ADA, [], NOW).fit == 25


def test_a_model_that_has_scored_can_be_pickled_and_copied() -> None:
    score = MODEL.score(ADA, [DEMO], NOW)
    for twin in (pickle.loads(pickle.dumps(MODEL)), copy.deepcopy(MODEL)):
        assert twin == MODEL
        assert twin.score(ADA, [DEMO], NOW) == score


def test_a_model_keeps_nothing_of_the_engines_it_was_bound_to() -> None:
    engine = weakref.ref(MODEL.bind())
    gc.collect()
    assert engine() is None


# --- rules that fail ---------------------------------------------------------------------------------------


def failing(verdict: Any) -> ScoringModel:
    @rule(15, because="odd")
    def odd(lead: Lead[Any]) -> Any:
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    return ScoringModel(
        name="m", fit=[points(25, LARGE, because="enterprise"), odd], engagement=[on("demo_requested", 30)]
    )


@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (ZeroDivisionError("oh"), "ZeroDivisionError: oh"),
        (float("nan"), "odd: nan can't be used"),
        (1_000_000, "odd: 1000000 can't be used; return True, False or a number from -15 to 15"),
        (RecursionError(), "RecursionError"),
    ],
)
def test_a_lead_is_scored_although_a_rule_fails(verdict: Any, error: str) -> None:
    score = failing(verdict).score(ADA, [DEMO], NOW)
    assert (score.fit, score.engagement) == (25, 30)
    failed = score.contributions[1]
    assert (failed.rule, failed.points) == ("odd", 0)
    assert failed.error is not None
    assert error in failed.error
    assert "odd: failed" in explain(score)


def test_a_strict_caller_gets_the_error_with_the_rules_name() -> None:
    with pytest.raises(DefinitionError, match="rule 'odd' failed: ZeroDivisionError: oh") as caught:
        failing(ZeroDivisionError("oh")).score(ADA, [DEMO], NOW, strict=True)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert failing(True).score(ADA, [DEMO], NOW, strict=True).fit == 40


def test_a_function_that_gives_nothing_is_not_listed() -> None:
    assert [one.rule for one in failing(False).score(ADA, [], NOW).contributions] == ["enterprise"]


def test_a_field_of_the_host_that_raises_fails_only_the_rules_that_read_it() -> None:
    model = ScoringModel(
        name="m",
        fit=[
            points(1, field("custom.broken") > 3, because="broken"),
            points(2, field("custom.fleet_size") > 3),
            points(32, field("company.employees") > 3, because="unknown"),
            target,
        ],
        engagement=[on("demo_requested", 4, where=field("custom.broken") > 3), on("other", 8)],
    )
    trucks = Lead[Fleet](id="lead", created_at=NOW, recorded_at=NOW, custom=Fleet(fleet_size=9))
    score = model.score(trucks, [DEMO, DEMO.but(id="o", kind="other")], NOW)
    assert (score.fit, score.engagement) == (18, 8)
    errors = [(one.rule, one.error) for one in score.contributions if one.error]
    assert errors == [("broken", "RuntimeError: no connection"), ("demo_requested", "RuntimeError: no connection")]
    assert falls_below(model, trucks, [DEMO], NOW, side="engagement", threshold=1) == NOW
    with pytest.raises(DefinitionError, match="rule 'broken' failed: RuntimeError"):
        model.score(trucks, [], NOW, strict=True)


@rule(16, because="target")
def target(lead: Lead[Any]) -> bool:
    return True


def test_contributions_stay_in_the_order_of_the_rules() -> None:
    model = ScoringModel(name="m", fit=[points(1, LARGE, because="first"), target, points(2, LARGE, because="last")])
    assert [one.rule for one in model.score(ADA, [], NOW).contributions] == ["first", "target", "last"]


def test_activities_may_come_from_a_generator() -> None:
    done = (DEMO.but(id=f"{n}", happened_at=NOW - timedelta(days=n)) for n in range(3))
    assert MODEL.score(lead(), done, NOW).contributions[0].count == 3


# -------------------------------------------------------------------------------- what beginners write
@pytest.mark.parametrize(("fit", "engagement", "says"), [
    ([on("demo", 3)], [], "rule 'demo' belongs under engagement, not under fit"),
    ([], [points(3, field("stage") == "mql", because="far")], "rule 'far' belongs under fit, not under engagement"),
    ([veto(field("stage") == "mql", because="rival")], [], "rule 'rival' belongs under vetoes, not under fit"),
    ([{"points": 3, "when": {"op": "gte", "field": "stage", "value": 3}}], [], "no op 'gte'; did you mean .*'ge'"),
    ([{"points": 3, "when": {"op": ">=", "field": "stage", "value": 3}}], [], "there is no op '>='; there is eq, ne"),
    ([{"points": 3, "when": {"field": "stage", "value": 3}}], [], "when: op is missing"),
    ([{"points": 3, "when": "stage = mql"}], [], "'stage = mql' is not a condition; write field"),
])  # fmt: skip
def test_a_rule_that_is_misplaced_or_no_condition_says_what_to_write(fit: Any, engagement: Any, says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        ScoringModel(name="m", fit=fit, engagement=engagement)


def test_a_field_that_is_not_compared_is_no_condition() -> None:
    with pytest.raises(DefinitionError, match=r'when: field\("email.address"\) is not a condition; write .*is_known'):
        points(5, field("email.address"))  # type: ignore[arg-type]


@pytest.mark.parametrize(("model", "says"), [
    (ScoringModel(name="m", fit=[points(3, field("custom.seats") > 3)]), r"no custom fields; .*Lead\[MyFields\]"),
    (ScoringModel(name="m", engagement=[on("page", 3, where=field("path") == "/")]), r"use activity\('path'\)"),
])  # fmt: skip
def test_fields_that_stand_elsewhere_are_said_where(model: ScoringModel, says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        model.bind(Lead)


def test_a_goal_is_a_condition() -> None:
    with pytest.raises(InvalidInput, match="give a condition, such as field"):
        what_if(ScoringModel(name="m"), Lead(id="l", created_at=NOW, recorded_at=NOW), [], NOW, "mql")
