"""What may be written: lists, mappings and texts, wherever leadflow keeps tuples, numbers and moments.

Each is true at run time, and checked by mypy and pyright without a plugin (tests/test_type_checkers.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

from leadflow import Content, Qualification, Rep, Router, Sequence, ServiceLevel, Step, Territory, field
from leadflow.lifecycle import DEFAULT, FastTrack, Lifecycle, Move, Stage
from leadflow.qualification import Disqualification
from leadflow.rotation.roster import Absence
from leadflow.routing import Gate, round_robin
from leadflow.scoring import Grades, ScoringModel, inactive, often, on, points, rule, veto, weighted

known = field("company.employees") >= 250


@rule(15, because="target")
def target(lead: object) -> bool:
    return lead is not None


ACCEPTED: dict[str, Callable[[], object]] = {
    "no rules": lambda: ScoringModel(name="m"),
    "rules in lists": lambda: ScoringModel(
        name="m",
        fit=[points(25, known, because="enterprise"), target, weighted(40, {"director": 75}, of="person.seniority")],
        engagement=[on("demo", 20, limit=(1, "day")), often("page", {3: 10}, days=7), inactive(-10, days=60)],
        vetoes=[veto(known)],
        groups={"web": 20},
        buying_roles=["user", "decider"],
    ),
    "rules in tuples": lambda: ScoringModel(name="m", version=2, fit=(points(25, known),), grades=Grades(fit=[20])),
    "rules as data": lambda: ScoringModel(
        name="m", fit=[{"points": 25, "when": {"op": "ge", "field": "company.employees", "value": 250}}]
    ),
    "grades in lists": lambda: Grades(fit=[40, 20], engagement=(10,), fit_names=["A", "B", "C"]),
    "a weight as any number": lambda: [Rep("a", weight=1), Rep("b", weight=0.5), Rep("c", weight=Fraction(1, 3))],
    "days as texts": lambda: Absence("2026-12-24", date(2027, 1, 6)),
    "absences in a list": lambda: Rep(
        "anna", absences=[Absence("2026-12-24", "2027-01-06"), ("2027-02-01", "2027-02-05")]
    ),
    "reps by name": lambda: Router([Territory("all", known, reps=["anna", Rep("ben")], policy="least_loaded")]),
    "a router of lists": lambda: Router(
        [Territory("all", known, reps=["anna"], policy=round_robin)], gates=[Gate(known, because="size")]
    ),
    "a policy": lambda: Qualification(
        mql=known, dwell="7d", fast_track=[FastTrack("sql", known, "call")], disqualify=[(known, "too big")]
    ),
    "refusals": lambda: Qualification(known, dwell=timedelta(days=1), disqualify=[Disqualification(known, "no")]),
    "lengths as texts": lambda: ServiceLevel("mql", "4h", remind_before=timedelta(hours=1)),
    "a sequence": lambda: Sequence(
        "welcome", [Step("2d", "hello"), Step(timedelta(days=3), ["a", "b"]), Step("1d")], stages=["lead"]
    ),
    "a content": lambda: Content("hello", "Hi", "Hello", stages=["lead"], personas=("buyer",), interests={"robots"}),
    "moves of lists": lambda: Move("try", ["sql", "sal"], "trial", by=["rep"], needs=["reason"]),
    "a lifecycle": lambda: DEFAULT.extend(
        stages=[Stage("trial", after="sql")],
        moves=[Move("start_trial", "sql", "trial", by=["rep"]), Move("buy", "trial", "customer", by=["rep"])],
    ),
    "its parts": lambda: Lifecycle(list(DEFAULT.stages), list(DEFAULT.moves)),
}
