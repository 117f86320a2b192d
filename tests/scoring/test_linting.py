"""What is said about models: that it is true of random leads, and that each flaw is found where it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.conditions import Condition, activity, always, evaluate, field, leaves, never
from leadflow.entities import Activity, Lead
from leadflow.qualification import Qualification
from leadflow.scoring.counting_rules import inactive, often
from leadflow.scoring.decay import half_life, linear, window
from leadflow.scoring.engagement_rules import on
from leadflow.scoring.grades import Grades
from leadflow.scoring.linting import Flaw, lint
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import points, rule, veto, weighted
from leadflow.scoring.static_bounds import bounds_of_rule
from scoring.models import CONDITIONS, DONE, EMPLOYEES, LEADS, NOW, PATH, POLICIES, SENIORITY, models

# --- what is said is true --------------------------------------------------------------------------------------


def said(model: ScoringModel, code: str, policy: Qualification | None = None) -> list[Flaw]:
    return [flaw for flaw in lint(model, qualification=policy) if flaw.code == code]


@given(models(), st.lists(LEADS, min_size=3, max_size=3), DONE)
def test_rules_that_never_match_give_nothing(model: ScoringModel, leads: list[Lead[Any]], done: list[Activity]) -> None:
    weights = {one.name for one in model.fit if one.name.startswith("weight")}
    dead = {name for flaw in said(model, "never") for name in flaw.rules} - weights
    idle = {flaw.rules[0] for flaw in said(model, "no_points")}
    useless = {flaw.rules[0] for flaw in said(model, "always_vetoed") if len(flaw.rules) == 2}
    for lead in leads:
        given_by = {one.rule: one.points for one in model.score(lead, done, NOW).contributions}
        assert not (dead | idle) & given_by.keys()
        assert all(given_by.get(name, 0) <= 0 for name in useless)
        if any(len(flaw.rules) == 1 for flaw in said(model, "always_vetoed")):
            assert model.score(lead, done, NOW).veto is not None


GROUPED = st.lists(st.tuples(st.sampled_from([3, 10, 30, 30, -5]), CONDITIONS), min_size=2, max_size=4).map(
    lambda given: [points(*one, name=f"fit-{n}", group="who") for n, one in enumerate(given)]
)


@given(GROUPED, st.lists(LEADS, min_size=3, max_size=3))
def test_rules_without_effect_may_go(rules: list[Any], leads: list[Lead[Any]]) -> None:
    full = model(*rules, groups={"who": 10})
    for flaw in said(full, "no_effect"):
        rest = full.but(fit=tuple(one for one in full.fit if one.name != flaw.rules[0]))
        for lead in leads:
            assert full.score(lead, [], NOW).fit == pytest.approx(rest.score(lead, [], NOW).fit, abs=1e-9)


@given(models(), LEADS, DONE)
def test_rules_that_are_compared_go_together(model: ScoringModel, lead: Lead[Any], done: list[Activity]) -> None:
    plain = model.but(vetoes=(), groups={"who": 1e6, "web": 1e6}, cap_fit=None, cap_engagement=None)
    fired = {one.rule for one in plain.score(lead, done, NOW).contributions}
    points_of = {one.name: one.points for one in (*model.fit, *model.engagement) if hasattr(one, "points")}
    for flaw in (*said(model, "twice"), *said(model, "contradiction")):
        one, other = flaw.rules
        if one in points_of and other in points_of:
            assert (one in fired) == (other in fired)
            assert (points_of[one] * points_of[other] < 0) == (flaw.code == "contradiction")
    for flaw in said(model, "opposite"):
        assert len(fired & set(flaw.rules)) != 1 or points_of[flaw.rules[0]] * points_of[flaw.rules[1]] < 0


@given(models(), LEADS, DONE, POLICIES)
def test_what_is_out_of_reach_no_lead_reaches_and_what_all_reach_none_misses(
    model: ScoringModel, lead: Lead[Any], done: list[Activity], policy: Qualification
) -> None:
    scored = lead.but(score=model.score(lead, done, NOW))
    told = {str(leaf): evaluate(leaf, scored, NOW) for leaf in leaves(policy.mql)}
    for flaw in said(model, "out_of_reach", policy):
        if flaw.severity == "error":
            assert evaluate(policy.mql, scored, NOW) is not True
        named = [text for text in told if flaw.message.startswith(f"{text} is out of reach")]
        assert all(told[text] is not True for text in named)
    for flaw in said(model, "always_reached", policy):
        assert [told[text] for text in told if flaw.message.startswith(f"{text} is true of everyone")] == [True]
    letter, number = list(str(scored.score.grade))
    for flaw in said(model, "class_out_of_reach"):
        missed = flaw.message.removeprefix("no lead is of class ").partition(" in ")[0].split(", ")
        assert (letter if flaw.rules == ("grades.fit",) else number) not in missed


# --- each flaw is found ----------------------------------------------------------------------------------------


def model(*fit: Any, engagement: Any = (), **rest: Any) -> ScoringModel:
    return ScoringModel(name="m", fit=fit, engagement=engagement, **rest)


def flaws(model: ScoringModel, **given: Any) -> dict[str, tuple[str, ...]]:
    """The rules of each flaw by its code, but for notes."""
    return {one.code: one.rules for one in lint(model, **given) if one.severity != "note"}


BIG, DIRECTOR = EMPLOYEES >= 250, SENIORITY == "director"
GOOD = model(
    points(25, BIG, because="enterprise"),
    points(20, DIRECTOR, because="can decide"),
    points(-40, field("email.kind") == "disposable", because="throw-away address"),
    engagement=[
        on("demo_requested", 30, decay=half_life(days=30), cap=60),
        on("page_viewed", 3, where=PATH.starts_with("/pricing"), limit=(5, "day"), decay=half_life(30), cap=20),
    ],
    grades=Grades(fit=(40, 20, 10)),
)


def test_of_a_model_without_flaws_nothing_is_said() -> None:
    policy = Qualification(mql=(field("score.fit") >= 40) & (field("score.engagement") >= 25))
    assert lint(GOOD, kinds=["demo_requested", "page_viewed", "left"], qualification=policy) == ()


@pytest.mark.parametrize(
    "condition", [(EMPLOYEES >= 10) & (EMPLOYEES < 5), DIRECTOR & (SENIORITY == "staff"), never()], ids=str
)
def test_conditions_that_contradict_themselves(condition: Condition) -> None:
    assert flaws(model(points(5, condition, name="dead"))) == {"never": ("dead",)}
    assert flaws(model(vetoes=[veto(condition, name="dead")])) == {"never": ("dead",)}
    assert "never" in flaws(model(weighted(5, [(condition, 100)], name="dead")))
    assert flaws(model(engagement=[on("a", 5, where=condition, name="dead")])) == {"never": ("dead",)}


def test_the_two_parts_that_exclude_each_other_are_named() -> None:
    (flaw,) = lint(model(points(5, BIG & DIRECTOR & (EMPLOYEES < 100), name="dead"), grades=Grades(fit=())))
    assert str(flaw) == (
        "error: dead: never matches: company.employees ≥ 250 and company.employees < 100 exclude each other"
    )
    assert flaw.as_json()["rules"] == ["dead"]


def test_a_condition_on_another_kind_of_activity() -> None:
    assert "never" in flaws(model(engagement=[on("viewed", 5, where=activity("kind") == "asked")]))
    assert "never" in flaws(model(engagement=[often("viewed", {1: 5}, days=7, where=activity("kind") == "asked")]))


def test_fit_sees_no_activities() -> None:
    apart = model(points(5, (PATH == "/") & BIG, name="a"), points(-5, (PATH == "/") & BIG, name="b"))
    assert {one.code for one in lint(apart) if one.severity != "note"} == {"activity_in_fit"}
    assert flaws(model(points(5, PATH == "/", name="misled"))) == {"activity_in_fit": ("misled",)}
    half = lint(model(points(5, (PATH == "/") | BIG, name="misled")))
    assert [(one.code, one.severity) for one in half if one.severity != "note"] == [("activity_in_fit", "warning")]
    assert flaws(model(vetoes=[veto(PATH == "/", name="misled")])) == {"activity_in_fit": ("misled",)}


def test_cases_that_it_never_comes_to() -> None:
    shadowed = model(weighted(10, [(EMPLOYEES >= 100, 50), (BIG, 100), (DIRECTOR, 20)], name="size"))
    (flaw,) = [one for one in lint(shadowed) if one.severity == "error"]
    assert (flaw.code, flaw.rules) == ("never_reached", ("size",))
    assert "company.employees ≥ 250: company.employees ≥ 100 comes first" in flaw.message
    assert "never_reached" in flaws(model(weighted(10, [(always(), 50)], otherwise=-10)))
    assert "never_reached" not in flaws(model(weighted(10, [(BIG, 100), (EMPLOYEES >= 100, 50)], otherwise=-10)))


def test_vetoes_that_leave_nothing() -> None:
    rival = field("company.domain") == "rival.example"
    assert flaws(model(points(5, BIG), vetoes=[veto(always(), name="all")]))["always_vetoed"] == ("all",)
    vetoed = model(points(5, rival & BIG, name="vain"), vetoes=[veto(rival, name="rival")])
    assert flaws(vetoed) == {"always_vetoed": ("vain", "rival")}
    assert "always_vetoed" not in flaws(model(points(-5, rival), vetoes=[veto(rival, name="rival")]))
    assert "always_vetoed" not in flaws(model(points(0, rival), vetoes=[veto(rival, name="rival")]))


def test_rules_worth_nothing() -> None:
    nothing = model(
        points(0, BIG, name="a"),
        weighted(10, [(DIRECTOR, 0)], name="b"),
        engagement=[on("a", 0, name="c"), often("a", {1: 0}, days=1, name="d"), inactive(0, days=1, name="e")],
    )
    assert [one.rules for one in said(nothing, "no_points")] == [("a",), ("b",), ("c",), ("d",), ("e",)]


def test_the_same_twice_and_opposites() -> None:
    same = ~(EMPLOYEES < 250)
    assert flaws(model(points(5, BIG, name="a"), points(9, same, name="b"))) == {"twice": ("a", "b")}
    assert flaws(model(points(5, BIG, name="a"), points(-9, same, name="b"))) == {"contradiction": ("a", "b")}
    assert flaws(model(points(5, BIG), points(9, EMPLOYEES >= 1000))) == {}  # one on top of the other
    (opposite,) = said(model(points(5, BIG, name="a"), points(-9, EMPLOYEES >= 1000, name="b")), "opposite")
    assert (opposite.severity, opposite.rules) == ("note", ("a", "b"))


def test_the_same_twice_in_engagement() -> None:
    def of(*rules: Any) -> dict[str, tuple[str, ...]]:
        return flaws(model(engagement=rules))

    one = on("a", 5, where=PATH == "/", decay=half_life(7), name="one")
    assert of(one, on("a", 7, where=PATH.is_in("/"), decay=half_life(7), name="two")) == {"twice": ("one", "two")}
    assert of(one, on("a", 7, where=PATH == "/", decay=half_life(30), name="two")) == {}
    assert of(one, on("b", 7, where=PATH == "/", decay=half_life(7), name="two")) == {}
    assert of(on("a", 5, name="one"), on("a", -5, name="two")) == {"contradiction": ("one", "two")}
    assert of(inactive(-5, days=9, name="one"), inactive(-6, days=9, name="two")) == {"twice": ("one", "two")}
    assert of(inactive(-5, days=9, name="one"), inactive(-6, days=99, name="two")) == {}
    assert of(often("a", {1: 2}, days=9, name="one"), often("a", {2: 3}, days=9, name="two")) == {
        "twice": ("one", "two")
    }
    assert flaws(model(weighted(5, [(BIG, 50)], name="x"), weighted(95, [(BIG, 10)], name="y"))) == {
        "twice": ("x", "y")
    }


def test_what_the_cap_of_a_group_swallows() -> None:
    stacked = [points(10, BIG, name="big", group="size"), points(5, EMPLOYEES >= 1000, name="huge", group="size")]
    assert flaws(model(*stacked, groups={"size": 10})) == {"no_effect": ("huge",)}
    assert flaws(model(*stacked, groups={"size": 15})) == {}
    lessened = model(*stacked, points(-3, DIRECTOR, group="size"), groups={"size": 10})
    assert flaws(lessened) == {}


def test_caps_below_points() -> None:
    assert flaws(model(engagement=[on("a", 10, cap=5)])) == {"cap_below_points": ("a",)}
    assert flaws(model(points(30, BIG, name="big"), cap_fit=20)) == {"cap_below_points": ("big",)}
    bands = often("b", {1: 5, 2: 40}, days=7, name="often")
    assert flaws(model(engagement=[bands], cap_engagement=30)) == {"cap_below_points": ("often",)}
    grouped = model(points(30, BIG, name="big", group="size"), points(9, DIRECTOR, group="size"), groups={"size": 20})
    assert flaws(grouped) == {"cap_below_points": ("big",)}
    frequent = model(engagement=[on("a", 10, cap=20), often("b", {1: 40}, days=7, name="often")], cap_engagement=30)
    assert flaws(frequent) == {"cap_below_points": ("often",)}
    assert flaws(model(points(5, BIG), groups={"size": 10})) == {"empty_group": ()}


def test_weights_that_do_not_add_up() -> None:
    parts = [weighted(40, {"director": 100}, of="person.seniority"), weighted(50, [(BIG, 100)], name="size")]
    assert flaws(model(*parts)) == {"weights_total": ("person.seniority", "size")}
    assert flaws(model(*parts, weighted(10, [(field("source") == "fair", 100)]))) == {}
    assert flaws(model(*parts, points(5, field("source") == "fair"))) == {}  # points, not parts of a hundred
    assert flaws(model(*parts, weighted(-20, [(field("source") == "list", 100)]))) == {}  # nor are losses


def test_times_that_do_not_go_together() -> None:
    def of(*rules: Any) -> dict[str, tuple[str, ...]]:
        return flaws(model(engagement=rules))

    assert of(on("a", 5, limit=(3, "month"), decay=window(7))) == {"fades_within_limit": ("a",)}
    assert of(on("a", 5, limit=(3, "week"), decay=linear(50, days=3))) == {"fades_within_limit": ("a",)}
    assert of(on("a", 5, limit=(3, "week"), decay=linear(50, days=4))) == {}
    assert of(on("a", 5, limit=(3, "day"), decay=window(7))) == {}
    assert of(on("a", 5, limit=(1, "ever"), decay=window(7))) == {}
    lately = activity("happened_at").within(days=3)
    assert of(often("a", {1: 5}, days=7, where=lately, name="often")) == {"two_windows": ("often",)}
    assert of(on("a", 5, where=lately & (PATH == "/"), decay=window(30))) == {"two_windows": ("a",)}
    assert of(on("a", 5, where=lately, decay=half_life(30))) == {}
    assert of(often("a", {3: 5, 5: 5}, days=7, name="often")) == {"idle_band": ("often",)}


def test_kinds_that_nobody_records() -> None:
    typo = model(
        engagement=[on("page_viewd", 3), often("x", {1: 2}, days=3, name="often"), inactive(-5, days=3, activities="x")]
    )
    assert "unknown_kind" not in flaws(typo)
    found = [one for one in lint(typo, kinds=["page_viewed"]) if one.code == "unknown_kind"]
    assert [one.rules[0] for one in found] == ["page_viewd", "often", "no x for 3 days"]
    assert "did you mean 'page_viewed'?" in found[0].message
    assert "there is page_viewed" in found[1].message


def test_thresholds_that_no_lead_reaches() -> None:
    small = model(points(25, BIG), points(10, EMPLOYEES < 100), engagement=[on("a", 5)], grades=Grades(fit=(20,)))
    policy = Qualification(mql=(field("score.fit") >= 40) & (field("score.engagement") >= 25))
    (flaw,) = lint(small, qualification=policy)
    assert (flaw.code, flaw.rules, flaw.severity) == ("out_of_reach", ("qualification.mql",), "error")
    assert flaw.message == "score.fit ≥ 40 is out of reach: fit is from 0 to 25"
    assert lint(small, qualification=Qualification(mql=field("score.fit") >= 25)) == ()
    perhaps = Qualification(mql=(field("score.fit") >= 40) | (field("score.engagement") >= 25), keep=always())
    assert [one.severity for one in lint(small, qualification=perhaps)] == ["warning"]
    easy = Qualification(mql=field("score.total") >= 5, keep=field("score.fit") >= 0)
    assert flaws(small, qualification=easy) == {"always_reached": ("qualification.keep",)}
    graded = Qualification(mql=field("score.grade").is_in("A1", "C1"), keep=always())
    assert flaws(small, qualification=graded) == {}
    assert flaws(small, qualification=Qualification(mql=field("score.grade") == "C1", keep=always())) == {
        "out_of_reach": ("qualification.mql",)
    }
    once = Qualification(mql=(field("score.fit") >= 20) & (field("score.total") < 10) & ~(field("score.fit") > 0))
    assert flaws(small, qualification=once) == {"never": ("qualification.mql",)} | {}


def test_a_threshold_below_which_one_activity_fades_at_once() -> None:
    fading = model(points(5, BIG), engagement=[
        on("demo", 30, decay=half_life(30)),
        on("offer", 40, decay=half_life(30), cap=30),
        on("fair", 30, decay=linear(50, days=30)),
        on("kept", 30),
    ])  # fmt: skip
    gate = field("score.engagement") >= 30

    def found(policy: Qualification) -> list[Flaw]:
        return [flaw for flaw in lint(fading, qualification=policy) if flaw.code == "fades_below"]

    (flaw,) = found(Qualification(mql=gate))
    assert (flaw.rules, flaw.severity) == (("qualification.mql", "demo"), "warning")
    assert flaw.message == (
        "one activity gives 30 points, but within an hour they fade below score.engagement ≥ 30; "
        "ask for less, or give the qualification a tolerance"
    )
    assert len(found(Qualification(mql=gate, tolerance=0.01))) == 1
    assert found(Qualification(mql=gate, tolerance=0.5)) == found(Qualification(mql=field("score.total") >= 25)) == []


def test_policies_that_contradict_themselves() -> None:
    student = SENIORITY == "student"
    out = Qualification(mql=(field("score.fit") >= 20) & student, disqualify=[(student, "a student")])
    assert "contradiction" in flaws(GOOD, qualification=out)
    apart = Qualification(mql=field("score.fit") >= 20, keep=field("score.fit") < 10)
    assert flaws(GOOD, qualification=apart)["contradiction"] == ("qualification.mql", "qualification.keep")


def test_classes_that_no_lead_is_in() -> None:
    poor = model(points(25, BIG), points(10, always(), name="base"), grades=Grades(fit=(60, 20, 10, 0)))
    (flaw,) = said(poor, "class_out_of_reach")
    assert flaw.message == "no lead is of class A, D, E in fit, which is from 10 to 35"
    assert flaw.severity == "warning"
    vetoed = poor.but(vetoes=(veto(DIRECTOR),))
    assert said(vetoed, "class_out_of_reach")[0].message.startswith("no lead is of class A in fit")
    assert [one.severity for one in said(model(points(25, BIG)), "class_out_of_reach")] == ["note"]  # not asked for


def test_what_the_engagement_state_must_keep() -> None:
    rules = [
        on("a", 5, where=BIG, name="looks at the lead"),
        on("a", 5, where=activity("happened_at").within(days=3), name="asks for days"),
        on("a", 5, decay=window(90), name="window"),
        on("a", 5, decay=linear(50, days=30), cap=20, name="steps"),
        on("a", 5, limit=(1, "day"), name="limit"),
        on("b", 5, decay=window(90), cap=20, name="bounded"),
        on("b", 5, decay=window(90), limit=(2, "day"), name="bounded, too"),
        on("b", 5, decay=half_life(30), name="one number"),
        on("b", 5, limit=(1, "ever"), name="once"),
        often("b", {3: 5}, days=7),
        inactive(-5, days=30),
    ]
    notes = [(one.code, one.rules[0]) for one in lint(model(engagement=rules)) if one.severity == "note"]
    assert [one for one in notes if one[0] == "not_remembered"] == [
        ("not_remembered", "looks at the lead"),
        ("not_remembered", "asks for days"),
    ]
    assert [name for code, name in notes if code == "state_grows"] == ["window", "steps", "limit"]


def test_functions_are_not_judged() -> None:
    @rule(15, because="mine")
    def mine(_lead: object) -> bool:
        return True

    assert flaws(model(mine, grades=Grades(fit=(10,)))) == {}
    assert bounds_of_rule(mine).high == 15


def test_errors_come_first() -> None:
    mixed = model(points(0, BIG, name="a"), points(5, never(), name="b"))
    assert [one.severity for one in lint(mixed)] == ["error", "warning", "note"]
