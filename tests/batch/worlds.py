"""Random models, leads and activities, and the same as tables."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from leadflow.batch import Table
from leadflow.conditions import Condition, activity, field
from leadflow.entities import Activity, Actor, Address, Adjustment, Company, Lead
from leadflow.scoring import (
    FrequencyRule,
    Grades,
    InactivityRule,
    Limit,
    ScoringModel,
    half_life,
    linear,
    points,
    veto,
    weighted,
    window,
)
from leadflow.scoring.engagement_rules import EngagementRule

NOW = datetime(2026, 3, 31, 0, 30, tzinfo=UTC)  # two days after a change to summer time
KINDS = ("page", "mail", "demo")
LEADS = Table(
    "leads",
    {
        "id": "varchar",
        "employees": "bigint",
        "country": "varchar",
        "budget": "double precision",
        "created_at": "timestamptz",
        "adjusted_fit": "double precision",
        "adjusted_engagement": "double precision",
    },
)
ACTIVITIES = Table(
    "activities",
    {
        "id": "varchar", "lead_id": "varchar", "kind": "varchar", "happened_at": "timestamptz",
        "recorded_at": "timestamptz", "path": "varchar", "minutes": "double precision",
        "retracted_at": "timestamptz",
    },
)  # fmt: skip

FIT_CONDITIONS = st.sampled_from([
    field("company.employees") >= 250,
    field("company.employees") < 250,
    field("address.country").is_in("DE", "AT"),
    ~field("budget").is_known(),
    field("budget").between(1000, 5000.5) | (field("address.country") != "DE"),
    field("created_at").within(days=30),
    activity("path") == "/pricing",  # of no activity: unknown
])  # fmt: skip
WHERE: st.SearchStrategy[Condition | None] = st.sampled_from([
    None,
    activity("path") == "/pricing",
    activity("path") != "/pricing",
    activity("path").is_in("/", "/pricing"),
    activity("minutes") >= 5,
    ~(activity("minutes") >= 5),
    (activity("path") == "/") & (field("address.country") == "DE"),
    field("company.employees") >= 250,
])  # fmt: skip
DECAYS = st.one_of(
    st.none(),
    st.sampled_from(
        [half_life(1 / 24), half_life(7), half_life(30.5), window(7), window(1), linear(50, 7), linear(30, 1)]
    ),
)
WORTH = st.sampled_from([10, 1, 3, 25.5, -5, -30, 0])
CAPS = st.none() | st.sampled_from([0.5, 5, 20, 40])
LIMITS = st.none() | st.builds(Limit, st.integers(1, 3), st.sampled_from(["day", "week", "month", "ever"]))
GROUPS = st.sampled_from([None, None, "one", "two"])


GRADES = [
    Grades(), Grades(fit=(10,), engagement=()), Grades(fit=(5, 0, -5), engagement=(3, 1)), Grades.letters((5, 1)),
]  # fmt: skip
WEIGHTS = st.sampled_from([
    weighted(40, {"DE": 100, "FR": 50}, of="address.country", otherwise=-12.5),
    weighted(-7, [(field("company.employees") >= 250, 90), (field("created_at").within(days=30), 30)], group="fit one"),
])  # fmt: skip
OFTEN = st.builds(
    FrequencyRule,
    activity=st.sampled_from(KINDS), bands=st.sampled_from([{1: 5}, {2: 10, 4: -3, 9: 40}]),
    days=st.sampled_from([1, 7, 30]), where=WHERE, group=st.sampled_from([None, "one"]),
)  # fmt: skip
INACTIVE = st.builds(
    InactivityRule,
    inactive_days=st.sampled_from([1 / 24, 1, 7]), points=st.sampled_from([-10, 4, 0]),
    activities=st.sampled_from([(), ("page",), ("mail", "demo")]), group=st.sampled_from([None, "two"]),
)  # fmt: skip
VETOES = st.sampled_from([
    (), (), (veto(field("address.country") == "FR"),),
    (veto(field("company.employees") == 10), veto(~(field("budget") > 999), because="no money")),
])  # fmt: skip


@st.composite
def models(draw: st.DrawFn) -> ScoringModel:
    grouped = draw(st.booleans())
    fit: list[Any] = [
        points(draw(WORTH), draw(FIT_CONDITIONS), name=f"fit {n}", group=_in_fit(draw(GROUPS)) if grouped else None)
        for n in range(draw(st.integers(0, 4)))
    ]
    limited = draw(st.booleans())
    engagement: list[Any] = [
        EngagementRule(
            activity=draw(st.sampled_from(["page", *KINDS])), points=draw(WORTH), where=draw(WHERE), decay=draw(DECAYS),
            limit=draw(LIMITS) if limited else None, cap=draw(CAPS), name=f"engagement {n}",
            group=draw(GROUPS) if grouped else None,
        )
        for n in range(draw(st.integers(1, 6)))
    ]  # fmt: skip
    fit += draw(st.lists(WEIGHTS, max_size=1))
    engagement += draw(st.lists(st.one_of(OFTEN, INACTIVE), max_size=2, unique_by=lambda rule: rule.name))
    groups = {"one": 7.0, "two": 30.0, "fit one": 12.0, "fit two": 3.0}
    return ScoringModel(
        name="random", zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"])), fit=fit,
        engagement=engagement, groups=groups, vetoes=draw(VETOES), cap_fit=draw(CAPS), cap_engagement=draw(CAPS),
        grades=draw(st.sampled_from(GRADES)),
    )  # fmt: skip


def _in_fit(group: str | None) -> str | None:
    return group and f"fit {group}"


EDGES = [timedelta(0), timedelta(days=7), timedelta(days=1), timedelta(hours=1), timedelta(minutes=31)]


def moment(dice: random.Random) -> datetime:
    """Now and then beside an edge, else within days or months, seldom ages ago."""
    match dice.randrange(12):
        case 0 | 1:
            return NOW - dice.choice(EDGES) + timedelta(microseconds=dice.choice([-1, 0, 1]))
        case 2 | 3 | 4:
            return NOW - timedelta(hours=dice.randrange(24 * 150))
        case 5 if dice.random() < 0.2:
            return datetime(1969, 12, 31, 23, 59, tzinfo=UTC)
        case _:
            return NOW - timedelta(minutes=dice.randrange(60 * 24 * 4))


def world(seed: int, most: int = 160, least: int = 0) -> tuple[list[Lead], list[Activity]]:
    """Some leads, and the activities of theirs and of a stranger in no order; some ids come twice."""
    dice = random.Random(seed)
    many = dice.randint(least, most)
    leads = [
        Lead(
            id=f"l{n}",
            created_at=moment(dice),
            recorded_at=NOW,
            company=Company(employees=dice.choice([None, 10, 249, 250, 900])),
            address=Address(country=dice.choice([None, "DE", "FR"])),
            budget=dice.choice([None, 999.0, 1000.0, 5000.5, 7000.0]),
            adjustments=[adjustment(dice, number) for number in range(dice.choice([0, 0, 1, 3]))],
        )
        for n in range(6)
    ]
    activities = []
    for number in range(many):
        properties: dict[str, Any] = {"path": dice.choice(["/", "/pricing", "/jobs"])} if dice.random() < 0.9 else {}
        properties |= {"minutes": dice.choice([4.9, 5.0, 30])} if dice.random() < 0.8 else {}
        activities.append(
            Activity(
                id=f"a{dice.randrange(2 * many)}",
                lead_id=f"l{dice.choice([0, 0, 0, 1, 1, 2, 3, 4, 7])}",
                kind=dice.choice(["page", "page", "page", *KINDS, "other"]),
                happened_at=moment(dice),
                recorded_at=NOW + timedelta(seconds=number),  # no two at the same moment
                properties=properties,
                retracted_at=NOW if dice.random() < 0.1 else None,
            )
        )
    dice.shuffle(activities)
    return leads, activities


def adjustment(dice: random.Random, number: int) -> Adjustment:
    ends = dice.choice([None, NOW, NOW + timedelta(days=1)])
    return Adjustment(
        id=str(number), side=dice.choice(["fit", "engagement"]), points=dice.choice([5, -2.5, 20]), because="a talk",
        by=Actor(kind="rep", id="anna"), at=dice.choice([moment(dice), NOW, NOW + timedelta(hours=1)]), until=ends,
    )  # fmt: skip


def by_hand(lead: Lead, side: str) -> float | None:
    """What a host's table says, told by itself: the sum of what counts now."""
    now = [one for one in lead.adjustments if one.at <= NOW and (one.until is None or one.until > NOW)]
    return sum(one.points for one in now if one.side == side) if now else None


def lead_row(lead: Lead) -> tuple[Any, ...]:
    known = lead.id, lead.company.employees, lead.address.country, lead.budget, lead.created_at
    return *known, by_hand(lead, "fit"), by_hand(lead, "engagement")


def activity_row(one: Activity) -> tuple[Any, ...]:
    told = one.id, one.lead_id, one.kind, one.happened_at, one.recorded_at
    return *told, one.properties.get("path"), one.properties.get("minutes"), one.retracted_at
