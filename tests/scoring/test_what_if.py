"""What would take a lead to a goal: each way is really taken and scored anew; and until when a goal holds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.conditions import Condition, activity, evaluate, field
from leadflow.entities import Account, Activity, Address, Adjustment, Company, Email, Lead, Person
from leadflow.entities import Actor as By
from leadflow.scoring.counting_rules import FrequencyBand, FrequencyRule, inactive, often
from leadflow.scoring.decay import half_life, window
from leadflow.scoring.engagement_rules import on
from leadflow.scoring.grades import Grades
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import points, rule, veto, weighted
from leadflow.scoring.what_if import Outlook, Recommendation
from scoring.crossing import missing, state_of, what_if
from scoring.models import DAY, DONE, EMPLOYEES, GOALS, LEADS, NOW, SENIORITY, did, models

FIT, ENGAGEMENT, TOTAL = field("score.fit"), field("score.engagement"), field("score.total")
TICK = timedelta(microseconds=1)

# --- every way leads there -------------------------------------------------------------------------------------


def taken(lead: Lead[Any], values: dict[str, Any]) -> Lead[Any]:
    """The lead with these values, set by hand."""
    for path, value in values.items():
        group, _, name = path.rpartition(".")
        lead = lead.but(**{group: getattr(lead, group).but(**{name: value})}) if group else lead.but(**{name: value})
    return lead


def is_there(model: ScoringModel, lead: Lead[Any], done: list[Activity], goal: Condition) -> bool:
    return evaluate(goal, lead.but(score=model.score(lead, done, NOW)), NOW) is True


def doing(way: Recommendation) -> list[Activity]:
    return [
        Activity(
            id=f"new-{step.rule}-{number}", lead_id="lead", kind=step.kind, happened_at=NOW, recorded_at=NOW,
            properties=step.properties,
        )
        for step in way.steps if step.kind is not None
        for number in range(step.count)
    ]  # fmt: skip


WANTED = st.one_of(
    GOALS,
    st.builds(lambda fit, engagement: (fit <= FIT) & (engagement <= ENGAGEMENT), st.sampled_from([5, 20, 40]),
              st.sampled_from([5, 20, 40])),
    st.sampled_from(["A1", "B1", "A2"]).map(lambda grade: field("score.grade") == grade),
    st.builds(lambda score, of_lead: score & of_lead, GOALS, st.sampled_from([SENIORITY == "staff", EMPLOYEES < 90])),
)  # fmt: skip


@given(models(), LEADS, DONE, WANTED)
def test_every_way_really_leads_there_and_none_of_its_steps_can_be_left_out(
    model: ScoringModel, lead: Lead[Any], done: list[Activity], goal: Condition
) -> None:
    outlook = what_if(model, lead, done, NOW, goal)
    assert outlook.reached == is_there(model, lead, done, goal)
    assert not (outlook.reached and outlook.ways)
    for way in outlook.ways:
        there = taken(lead, dict(way.values))
        assert is_there(model, there, [*done, *doing(way)], goal)
        assert model.score(there, [*done, *doing(way)], NOW).total == pytest.approx(way.score.total)
        assert len(way.activities) == len(doing(way))
        assert sum(fit + engagement for fit, engagement in way.gains) == pytest.approx(
            way.score.total - model.score(lead, done, NOW).total
        )
        for step in way.steps:
            if step.kind is not None:
                fewer = replace(way, steps=tuple(replace(one, count=one.count - (one is step)) for one in way.steps))
                assert not is_there(model, there, [*done, *doing(fewer)], goal)


ONE_CHANGE: list[dict[str, Any]] = [
    *({"company.employees": number} for number in (50, 100, 250, 900)),
    *({"person.seniority": one} for one in ("director", "manager", "staff")),
    {"company.domain": "rival.example"},
]


MORE = st.builds(lambda side, number: side >= number, st.sampled_from([FIT, ENGAGEMENT, TOTAL]),
                 st.sampled_from([-30, 5, 20, 45, 70]))  # fmt: skip


def helping(rule: Any) -> Any:
    """The rule with gains only."""
    match rule:
        case FrequencyRule():
            return rule.but(bands=tuple(FrequencyBand(band.at_least, abs(band.points)) for band in rule.bands))
        case _:
            return rule.but(points=abs(rule.points))


CLIMBING = st.lists(
    st.tuples(
        st.sampled_from([3, 10, 30]),
        st.sampled_from(
            [
                EMPLOYEES >= 100,
                EMPLOYEES >= 250,
                SENIORITY == "director",
                SENIORITY.is_in("director", "manager"),
                SENIORITY.is_known(),
                (EMPLOYEES >= 100) & (SENIORITY == "director"),
                (EMPLOYEES >= 250) | SENIORITY.is_known(),
            ]
        ),
        st.sampled_from([None, None, "who"]),
    ),
    max_size=5,
).map(lambda given: [points(worth, when, group=group, name=f"fit-{n}") for n, (worth, when, group) in enumerate(given)])
"""Rules that never ask for less: what helps one of them harms no other."""


@given(models(), CLIMBING, LEADS, DONE, MORE)
def test_what_one_change_can_do_is_found(
    model: ScoringModel, fit: list[Any], lead: Lead[Any], done: list[Activity], goal: Condition
) -> None:
    model = model.but(fit=tuple(fit), engagement=tuple(map(helping, model.engagement)), vetoes=())
    outlook = what_if(model, lead, done, NOW, goal)
    changes = [values for values in ONE_CHANGE if is_there(model, taken(lead, values), done, goal)]
    visits = [
        (kind, path, count)
        for kind in ("asked", "viewed")
        for path in ("/pricing", "/")
        for count in (1, 4, 10)
        if is_there(model, lead, [*done, *(did(kind, 0 * DAY, path, 100 + n) for n in range(count))], goal)
    ]
    assert outlook.reached or outlook.ways or not (changes or visits), (changes, visits)


@given(models(), LEADS, DONE, GOALS)
def test_a_state_gives_the_same_outlook(
    model: ScoringModel, lead: Lead[Any], done: list[Activity], goal: Condition
) -> None:
    state = state_of(model, done, NOW)
    if missing(state, model, NOW):
        return
    one, other = what_if(model, lead, None, NOW, goal, state=state), what_if(model, lead, done, NOW, goal)
    assert (one.reached, one.turns) == (other.reached, other.turns)
    assert [way.values for way in one.ways] == [way.values for way in other.ways]


EXACT = st.builds(lambda side, number: side > number, st.sampled_from([FIT, ENGAGEMENT, TOTAL]),
                  st.sampled_from([0, 10, 20, 30]))  # fmt: skip


@settings(max_examples=60)
@given(models(), LEADS, DONE, st.one_of(GOALS, EXACT, EXACT.map(lambda goal: ~goal),
                                        st.builds(lambda one, other: one & other, GOALS, GOALS)))  # fmt: skip
def test_it_turns_at_the_first_moment_at_which_scores_say_otherwise(
    model: ScoringModel, lead: Lead[Any], done: list[Activity], goal: Condition
) -> None:
    outlook = what_if(model, lead, done, NOW, goal)

    def holds(at: Any) -> bool:
        return evaluate(goal, lead.but(score=model.score(lead, done, at)), at) is True

    end = NOW + 60 * DAY if outlook.turns is None else outlook.turns
    assert outlook.turns is None or holds(end) != outlook.reached
    edges = [one.happened_at + n * DAY / 2 for one in done for n in (0, 1, 2, 4, 6, 14, 20)]
    around = [edge + tick for edge in edges for tick in (-TICK, 0 * TICK, TICK)]
    scan = [NOW + n * (end - NOW) / 40 for n in range(41)]
    for at in sorted(at for at in (*around, *scan) if NOW <= at < end):
        assert holds(at) == outlook.reached or _grazes(model, lead, done, at)


def _grazes(model: ScoringModel, lead: Lead[Any], done: list[Activity], at: Any) -> bool:
    """Whether a number is missed by less than rounding."""
    score = model.score(lead, done, at)
    numbers = [-30, -10, 0, 5, 10, 20, 30, 45, 70]
    return any(0 < abs(side - n) < 1e-9 for side in (score.fit, score.engagement, score.total) for n in numbers)


# --- what is said ----------------------------------------------------------------------------------------------


def lead(**values: Any) -> Lead[Any]:
    return Lead(id="lead", created_at=NOW, recorded_at=NOW, **values)


MODEL = ScoringModel(
    name="b2b",
    fit=[
        points(25, EMPLOYEES >= 250, because="enterprise"),
        points(15, SENIORITY.is_in("director", "c-level"), because="can decide"),
        points(-40, field("email.kind") == "disposable", because="throw-away address"),
    ],
    engagement=[
        on("demo_requested", 30, decay=half_life(days=30), cap=60),
        on("page_viewed", 5, where=activity("path").starts_with("/pricing"), limit=(4, "day"), decay=window(30)),
    ],
    vetoes=[veto(field("company.domain") == "rival.example", because="rival")],
    grades=Grades(fit=(40, 15), engagement=(30, 10)),
)
DIRECTOR = Person(seniority="director")


def outlook(goal: Condition, done: Any = (), model: ScoringModel = MODEL, **values: Any) -> Outlook:
    return what_if(model, lead(**values), done, NOW, goal)


def texts(given: Outlook) -> list[list[str]]:
    return [[str(step) for step in way.steps] for way in given.ways]


def test_what_is_missing_and_what_would_give_it() -> None:
    short = outlook(FIT >= 40, person=DIRECTOR)
    assert (short.reached, short.missing, short.turns) == (False, {"fit": 25}, None)
    assert str(short).splitlines() == [
        "missing: 25 of fit",
        "would do: company.employees ≥ 250 (unknown now): +25 fit → fit 40, engagement 0",
    ]
    assert short.ways[0].values == {"company.employees": 250}
    assert outlook(FIT > 15, person=DIRECTOR).missing == {"fit": 0.01}


def test_as_many_activities_as_it_takes_and_no_more() -> None:
    assert texts(outlook(ENGAGEMENT >= 12)) == [
        ["1 × demo requested"],
        ["3 × page viewed: activity.path starts with /pricing"],
    ]
    assert texts(outlook(ENGAGEMENT >= 21)) == [["1 × demo requested"]]  # only four pages a day count
    done = [did("page_viewed", DAY / 24, "/pricing", n) for n in range(3)]
    assert texts(outlook(ENGAGEMENT >= 20, done))[1] == ["1 × page viewed: activity.path starts with /pricing"]
    assert texts(outlook(ENGAGEMENT >= 65)) == [
        ["2 × demo requested", "1 × page viewed: activity.path starts with /pricing"]
    ]


def test_both_sides_together() -> None:
    both = outlook((FIT >= 40) & (ENGAGEMENT >= 25), person=DIRECTOR)
    assert both.missing == {"fit": 25, "engagement": 25}
    assert texts(both) == [["company.employees ≥ 250 (unknown now)", "1 × demo requested"]]
    assert both.ways[0].gains == ((25, 0), (0, 30))


def test_what_contradicts_what_is_known_comes_last() -> None:
    either = ScoringModel(name="m", fit=[points(20, SENIORITY == "director"), points(20, EMPLOYEES >= 250)])
    assert texts(outlook(FIT >= 20, model=either, person=Person(seniority="staff"))) == [
        ["company.employees ≥ 250 (unknown now)"],
        ["person.seniority = director (staff now)"],
    ]


def test_more_steps_than_two_if_need_be() -> None:
    many = ScoringModel(name="m", fit=[points(10, field(f"custom.f{n}") == n, name=f"{n}") for n in range(5)])
    (way,) = outlook(FIT >= 40, model=many).ways
    assert (len(way.steps), way.score.fit) == (4, 40)
    assert not outlook(FIT >= 60, model=many).ways
    assert str(outlook(FIT >= 60, model=many)).endswith("no change that a rule rewards would do")


def test_a_veto_has_to_go_first() -> None:
    rival = outlook(FIT >= 25, company=Company(employees=900, domain="rival.example"))
    assert texts(rival) == [["no longer company.domain = rival.example (rival.example now)"]]
    assert rival.ways[0].score.veto is None
    both = outlook(FIT >= 40, company=Company(employees=900, domain="rival.example"))
    assert [len(steps) for steps in texts(both)] == [2]


def test_points_that_were_taken_can_come_back() -> None:
    thrown = outlook(FIT >= 0, emails=(Email(address="a@b.example", kind="disposable"),))
    assert texts(thrown) == [["no longer email.kind = disposable (disposable now)"]]
    silent = ScoringModel(name="m", engagement=[inactive(-10, days=3)])
    idle = what_if(silent, lead().but(created_at=NOW - 9 * DAY), [], NOW, ENGAGEMENT >= 0)
    assert texts(idle) == [["1 × any activity"]]


def test_groups_and_caps_are_respected() -> None:
    grouped = ScoringModel(
        name="m",
        fit=[
            points(20, EMPLOYEES >= 250, group="size", name="a"),
            points(20, field("company.revenue") >= 1e6, group="size", name="b"),
            points(10, SENIORITY == "director", name="c"),
        ],
        groups={"size": 25},
    )
    big = Company(employees=900)
    assert texts(outlook(FIT >= 30, model=grouped, company=big)) == [["person.seniority = director (unknown now)"]]
    assert ["company.revenue ≥ 1000000.0 (unknown now)"] in texts(outlook(FIT >= 25, model=grouped, company=big))
    assert ["company.revenue ≥ 1000000.0 (unknown now)"] not in texts(outlook(FIT >= 26, model=grouped, company=big))


def test_weights_and_bands() -> None:
    weights = ScoringModel(name="m", fit=[weighted(40, {"c-level": 100, "director": 75}, of="person.seniority")])
    assert texts(outlook(FIT >= 40, model=weights, person=DIRECTOR)) == [["person.seniority = c-level (director now)"]]
    visits = ScoringModel(name="m", engagement=[often("viewed", {3: 10, 8: 25}, days=7)])
    done = [did("viewed", DAY, None, n) for n in range(2)]
    assert texts(outlook(ENGAGEMENT >= 25, done, model=visits)) == [["6 × viewed"]]
    assert not outlook(ENGAGEMENT >= 26, done, model=visits).ways


def test_one_kind_of_activity_is_no_pair_with_itself() -> None:
    visits = ScoringModel(name="m", engagement=[on("viewed", 2), often("viewed", {15: 30}, days=7), on("asked", 1)])
    assert not outlook(ENGAGEMENT >= 50, model=visits).ways  # twenty at once are no suggestion
    several = ScoringModel(name="m", engagement=[on(kind, 10, limit=(1, "day")) for kind in ("a", "b", "c")])
    assert sorted(texts(outlook(ENGAGEMENT >= 20, model=several))) == [
        ["1 × a", "1 × b"], ["1 × a", "1 × c"], ["1 × b", "1 × c"],
    ]  # fmt: skip


def test_too_many_may_be_worse_than_one() -> None:
    pushy = ScoringModel(name="m", engagement=[often("called", {1: 10, 4: -20}, days=7)])
    assert texts(outlook(ENGAGEMENT >= 10, model=pushy)) == [["1 × called"]]
    helped = ScoringModel(name="m", engagement=[on("called", 10), often("called", {4: -100}, days=7)])
    assert texts(outlook(ENGAGEMENT >= 10, model=helped)) == [["1 × called"]]


def test_of_alternatives_the_nearest_is_missing() -> None:
    assert outlook((FIT >= 40) | (ENGAGEMENT >= 10), person=DIRECTOR).missing == {"engagement": 10}
    graded = outlook(field("score.grade").is_in("A1", "A2"), person=DIRECTOR)
    assert graded.missing == {"fit": 25, "engagement": 10}  # A2 is nearer than A1


def test_what_is_known_of_the_account_stays_as_it_is() -> None:
    shared = ScoringModel(name="m", fit=[points(20, (field("account.score") >= 50) & (EMPLOYEES >= 250))])
    account = Account(key="acme.example", engagement=60)
    (way,) = what_if(shared, lead(), [], NOW, FIT >= 20, account=account).ways
    assert way.values == {"company.employees": 250}
    assert not what_if(shared, lead(), [], NOW, FIT >= 20).ways


def test_a_condition_that_is_more_than_scores() -> None:
    german = (FIT >= 15) & field("address.country").is_in("DE", "AT")
    there = outlook(german, person=DIRECTOR)
    assert (there.missing, there.unmet) == ({}, ("address.country in DE, AT",))
    assert texts(there) == [["address.country in DE, AT (unknown now)"]]
    assert outlook(german, person=DIRECTOR, address=Address(country="AT")).reached
    past = (FIT >= 15) & (field("source") == "fair")
    assert not outlook(past, person=DIRECTOR, source="web").ways  # what has been can't be changed


def test_grades_are_reached_by_their_thresholds() -> None:
    graded = outlook(field("score.grade").is_in("A1", "B1"), person=DIRECTOR)
    assert graded.missing == {"engagement": 30}
    assert texts(graded) == [["1 × demo requested"]]
    b3 = outlook(field("score.grade") == "B3", person=DIRECTOR)
    assert (b3.reached, b3.turns, b3.foreseen) == (True, None, False)


def test_when_it_turns_by_ageing() -> None:
    done = [did("demo_requested", 0 * DAY, None, 1)]
    assert outlook(ENGAGEMENT >= 15, done).turns == NOW + 30 * DAY + TICK
    assert outlook(ENGAGEMENT >= 30, done).turns == NOW + TICK
    assert outlook((ENGAGEMENT >= 15) & (TOTAL >= 22.5), done).turns == outlook(TOTAL >= 22.5, done).turns
    assert str(outlook(ENGAGEMENT >= 15, done)) == "ends by ageing alone at 2026-05-01 12:00 UTC"
    assert str(outlook(FIT >= 15, person=DIRECTOR)) == "never ends by ageing alone"
    assert str(outlook(field("score.grade") == "B1", done, person=DIRECTOR)) == "reached; until when can't be foreseen"
    left = [*done, did("left", 0 * DAY, None, 2)]
    fading = MODEL.but(engagement=(*MODEL.engagement, on("left", -20, decay=window(3))))
    below = outlook(ENGAGEMENT >= 25, left, model=fading)
    assert (below.reached, below.turns) == (False, NOW + 3 * DAY)
    assert "comes by ageing alone at 2026-04-04 12:00 UTC" in str(below)
    either = outlook((ENGAGEMENT >= 15) | field("created_at").within(days=90), done)
    assert either.turns == NOW + 90 * DAY + TICK


def test_points_by_hand_count() -> None:
    given = Adjustment(id="1", side="fit", points=20, because="a talk", by=By(kind="rep", id="anna"), at=NOW)
    assert outlook(FIT >= 40, person=DIRECTOR, adjustments=(given,)).missing == {"fit": 5}


def test_functions_and_failing_rules_are_scored_as_they_are() -> None:
    @rule(15, because="a large one")
    def large(lead: Lead[Any]) -> bool:
        return isinstance(lead, Lead) and (lead.company.employees or 0) > 100

    @rule(5, because="broken")
    def broken(_lead: Lead[Any]) -> bool:
        raise ZeroDivisionError

    own = ScoringModel(name="m", fit=[large, broken, points(25, EMPLOYEES >= 250)])
    (way,) = outlook(FIT >= 40, model=own).ways
    assert way.score.fit == 40


def test_leads_may_be_plain_mappings() -> None:
    plain: Any = {"company": {"employees": 10}}
    found = what_if(MODEL, plain, [], NOW, FIT >= 40)
    assert [dict(way.values) for way in found.ways] == [{"company.employees": 250, "person.seniority": "director"}]
