"""What a different model would change: who, from which grade to which, and because of which rules."""

import json
import math
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.conditions import field
from leadflow.entities import Account, Activity, Actor, Adjustment, Company, Lead
from leadflow.errors import ChangedTooMuch, DefinitionError, InvalidInput
from leadflow.qualification import Qualification
from leadflow.scoring import Grades, ScoringModel, on, points, veto
from leadflow.scoring.comparison import Comparison, RepLoad, compare

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
        "lead": "lead-10", "before": {"grade": "B2", "total": 5, "veto": None},
        "after": {"grade": "B1", "total": 25, "veto": None},
        "because": [{"rule": "demo", "because": "demo", "before": 0, "after": 20}],
    }]  # fmt: skip


def test_points_that_somebody_gave_twice_are_one_difference():
    given = [Adjustment(id=str(n), side="fit", points=n, because="met", by=Actor(kind="rep", id="anna"), at=NOW)
             for n in (3, 4)]  # fmt: skip
    lead = LEADS[0].but(adjustments=tuple(given))
    new = OLD.but(cap_fit=6.0, grades=Grades(fit=(7,), engagement=(10,)))
    (only,) = compare(OLD.but(grades=new.grades), new, [lead], NOW).regraded
    assert sum(one.change for one in only.because) == only.after.total - only.before.total == -6


def test_a_veto_is_a_reason_of_its_own():
    new = OLD.but(vetoes=(veto(field("company.employees") >= 250, because="competitor"),))
    (only,) = compare(OLD, new, LEADS, NOW).regraded
    assert (only.before.grade, only.after.grade) == ("A2", "B2")
    assert only.reasons == ("vetoed: competitor", "enterprise -30", "named -5")
    (back,) = compare(new, OLD, LEADS, NOW).regraded
    assert back.reasons[0] == "no longer vetoed: competitor"


def test_the_grades_of_both_models_are_in_order_best_first():
    new = OLD.but(grades=Grades(fit=(30,), engagement=(10,), fit_names=("Gold", "B")))
    assert compare(OLD, new, [], NOW).order == ("A1", "A2", "B1", "B2", "Gold1", "Gold2")


# --- what sales gets -------------------------------------------------------------------------------------------

SMALLER = OLD.but(fit=(points(30, field("company.employees") >= 50, because="enterprise"), OLD.fit[1]))
FITS = field("score.fit") >= 30


def owned(*owners):
    return [lead.but(owner=owner) for lead, owner in zip(LEADS, owners, strict=True)]


def test_the_load_is_who_qualifies_by_owner_before_and_after():
    result = compare(OLD, SMALLER, owned("anna", "ben", "anna"), NOW, qualifies=FITS)
    assert [one.leads for one in result.passing] == [1, 2]
    assert result.load == (RepLoad("anna", 1, 1), RepLoad("ben", 0, 1))
    assert (result.entering, result.leaving) == (("lead-100",), ())
    turned = compare(SMALLER, OLD, owned("anna", "ben", "anna"), NOW, qualifies=FITS)
    assert (turned.entering, turned.leaving, turned.load[1]) == ((), ("lead-100",), RepLoad("ben", 1, 0))


def test_reps_may_be_chosen_by_a_function_of_the_lead_with_its_new_score_or_shared():
    seen = []

    def rep(lead):
        seen.append(lead.score.model)
        return {"anna": 0.75, "ben": 0.25} if lead.id == "lead-100" else None

    result = compare(OLD, SMALLER.but(name="new"), LEADS, NOW, qualifies=FITS, rep=rep)
    assert result.load == (RepLoad("anna", 0, 0.75), RepLoad("ben", 0, 0.25), RepLoad("nobody", 1, 1))
    assert seen == ["new@1", "old@1", "new@1"]


def test_each_model_may_have_its_own_gate_to_sales():
    gates = (field("score.fit") >= 5, field("score.total") >= 100)
    result = compare(OLD, OLD, LEADS, NOW, qualifies=gates, rep=(lambda _: "a", lambda _: "b"))
    assert [one.leads for one in result.passing] == [3, 0]
    assert result.load == (RepLoad("a", 3, 0),)


def test_a_whole_policy_is_no_gate():
    policy: Any = Qualification(mql=field("score.fit") >= 20)
    with pytest.raises(InvalidInput, match=r"qualifies: .* give a condition, such as the mql of a policy"):
        compare(OLD, OLD, LEADS, NOW, qualifies=policy)


def test_an_unknown_value_does_not_qualify():
    assert compare(OLD, OLD, LEADS, NOW, qualifies=field("address.country") != "DE").passing[0].leads == 0


def test_what_became_of_leads_tells_how_good_those_are_who_qualify():
    outcomes = {"lead-10": False, "lead-100": True}
    before, after = compare(OLD, SMALLER, LEADS, NOW, qualifies=FITS, outcomes=outcomes).passing
    assert (before.leads, before.known, before.won, before.rate, before.lift) == (1, 0, 0, None, None)
    assert (after.leads, after.known, after.won, after.rate, after.lift) == (2, 1, 1, 1.0, 2.0)


def test_rules_and_gates_may_look_at_the_account():
    new = OLD.but(fit=(*OLD.fit, points(40, field("account.score") >= 50, because="a hot account")))
    accounts = {"lead-10": Account(key="acme", fit=20, engagement=30)}
    result = compare(OLD, new, LEADS, NOW, accounts=accounts, qualifies=field("account.score") >= 50)
    assert [one.lead for one in result.regraded] == ["lead-10"]
    assert [one.leads for one in result.passing] == [1, 1]


@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from(["anna", "ben", None])), max_size=12))
def test_no_lead_is_lost_between_grades_passing_and_load(leads):
    made = [
        Lead(id=str(place), created_at=NOW, recorded_at=NOW, company=Company(employees=size), owner=owner)
        for place, (size, owner) in enumerate(leads)
    ]
    result = compare(OLD, SMALLER, made, NOW, qualifies=FITS)
    before, after = (one.leads for one in result.passing)
    assert sum(result.grades.values()) == result.leads == len(leads)
    assert (sum(one.before for one in result.load), sum(one.after for one in result.load)) == (before, after)
    assert after - before == len(result.entering) - len(result.leaving)
    assert before == sum(size >= 250 for size, _ in leads)


def test_its_json_has_the_same_keys_and_order_always():
    leads = owned("ben", "anna", "anna")
    one, other = (compare(OLD, SMALLER, some, NOW, qualifies=FITS) for some in (leads, leads[::-1]))
    assert json.dumps(one.as_json()) == json.dumps(other.as_json())
    assert one.as_json().keys() == compare(OLD, OLD, [], NOW).as_json().keys()
    assert one.as_json()["load"] == [
        {"rep": "anna", "before": 1, "after": 2},
    ]


# --- for CI ----------------------------------------------------------------------------------------------------


def test_a_check_names_leads_and_reps_if_too_much_changes():
    result = compare(OLD, SMALLER, owned("anna", "ben", "anna"), NOW, qualifies=FITS)
    result.check()
    result.check(max_regraded=1 / 3, max_load_change=math.inf)
    with pytest.raises(
        ChangedTooMuch, match=r"1 of 3 leads \(33.3%\) change grade, more than 5.0%: lead-100 B2 → A2 \(ent"
    ):
        result.check(max_regraded=0.05)
    with pytest.raises(AssertionError) as wrong:
        result.check(max_load_change=0.5)
    assert str(wrong.value).splitlines() == [
        "the load of all goes from 1 to 2 leads, more than 50.0%",
        "the load of ben goes from 0 to 1 leads, more than 50.0%",
    ]
    assert str(pickle.loads(pickle.dumps(wrong.value))) == str(wrong.value)


def test_the_load_can_not_be_checked_if_it_is_not_known_who_goes_to_sales():
    with pytest.raises(DefinitionError, match="qualifies="):
        compare(OLD, OLD, LEADS, NOW).check(max_load_change=0.1)


def test_of_many_leads_the_first_are_named():
    many = [LEADS[1].but(id=f"lead-{n}") for n in range(30)]
    with pytest.raises(ChangedTooMuch, match=r"lead-9 B2 → A2 .*; and 20 more$"):
        compare(OLD, SMALLER, many, NOW).check(max_regraded=0)
    Comparison(0, {}, ()).check(max_regraded=0)
