"""What another model would change: who, from which grade to which, and because of which rules."""

from datetime import UTC, datetime

from leadflow.conditions import field
from leadflow.entities import Activity, Company, Lead
from leadflow.scoring import Grades, ScoringModel, on, points
from leadflow.scoring.comparing import compare

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
LARGE = points(30, field("company.employees") >= 250, because="enterprise")
OLD = ScoringModel(name="old", fit=[LARGE, points(5, field("company.name").is_known(), because="named")],
                   grades=Grades(fit=(30,), engagement=(10,)))  # fmt: skip
LEADS = [
    Lead(id=f"lead-{employees}", created_at=NOW, recorded_at=NOW, company=Company(name="Acme", employees=employees))
    for employees in (10, 100, 1000)
]


def test_a_model_compared_with_itself_changes_nothing():
    result = compare(OLD, OLD, LEADS, NOW)
    assert (result.leads, result.regraded) == (3, ())
    assert result.grades == {("A2", "A2"): 1, ("B2", "B2"): 2}
    assert result.before == result.after == {"A2": 1, "B2": 2}


def test_who_changes_grade_is_named_with_the_rules_that_did_it():
    new = OLD.but(fit=(points(30, field("company.employees") >= 50, because="enterprise"), OLD.fit[1]))
    (only,) = compare(OLD, new, LEADS, NOW).regraded
    assert (only.lead, only.before.grade, only.after.grade) == ("lead-100", "B2", "A2")
    assert [(one.rule, one.before, one.after, one.change) for one in only.because] == [("enterprise", 0, 30, 30)]


def test_rules_that_are_gone_or_new_are_differences_the_largest_first():
    new = OLD.but(fit=(points(40, field("company.employees") < 50, because="small"),))
    result = compare(OLD, new, LEADS, NOW)
    told = {one.lead: [(d.rule, d.change) for d in one.because] for one in result.regraded}
    assert told == {"lead-10": [("small", 40), ("named", -5)], "lead-1000": [("enterprise", -30), ("named", -5)]}


def test_where_only_thresholds_differ_no_rule_is_blamed():
    new = OLD.but(grades=Grades(fit=(36,), engagement=(10,)))
    (only,) = compare(OLD, new, LEADS, NOW).regraded
    assert (only.before.grade, only.after.grade, only.because) == ("A2", "B2", ())


def test_activities_count_and_it_goes_to_json():
    new = OLD.but(engagement=(on("demo", 20),))
    demo = Activity(id="d", lead_id="lead-10", kind="demo", happened_at=NOW, recorded_at=NOW)
    result = compare(OLD, new, LEADS, NOW, activities={"lead-10": [demo]})
    assert result.as_json()["regraded"] == [{
        "lead": "lead-10", "before": {"grade": "B2", "total": 5}, "after": {"grade": "B1", "total": 25},
        "because": [{"rule": "demo", "because": "demo", "before": 0, "after": 20}],
    }]  # fmt: skip
