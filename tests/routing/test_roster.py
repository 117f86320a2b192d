from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from leadflow.conditions import activity, always, field
from leadflow.entities.lead import Lead
from leadflow.errors import DefinitionError
from leadflow.routing import Absence, Gate, Rep, Router, Territory, least_loaded, only, round_robin
from leadflow.worktime import BusinessHours

DACH = field("address.country").is_in("DE", "AT", "CH")


@pytest.mark.parametrize(
    ("written", "exact"), [(2, 2), (0.5, Fraction(1, 2)), (0.1, Fraction(1, 10)), ("1/3", Fraction(1, 3))]
)
def test_weights_are_what_was_written(written: Any, exact: Fraction) -> None:
    assert Rep("anna", weight=written).weight == exact


ANY_REP: Any = Rep
ALL = Territory("all", always(), reps=["anna"])


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Rep(""), "id"),
        (lambda: Rep.model_validate({}), "Field required"),
        (lambda: ANY_REP("anna", id="anna"), "twice"),
        (lambda: ANY_REP("anna", 2), "by position"),
        (lambda: ANY_REP("anna", wieght=2), "'anna': there is no setting 'wieght'; did you mean 'weight'"),
        (lambda: Rep("anna", weight=0), "above 0"),
        (lambda: Rep("anna", weight=-1), "above 0"),
        (lambda: Rep("anna", weight=1e9), "at most"),
        (lambda: Rep("anna", weight=float("nan")), "weight"),
        (lambda: Rep("anna", weight="1/1234567"), "6 decimals"),
        (lambda: Rep("anna", daily_cap=-1), "daily_cap"),
        (lambda: Rep("anna", absences=[("2026-07-14", "2026-07-01")]), "before it begins"),
        (lambda: Territory.model_validate(["x", "DE"]), "condition"),
        (lambda: Territory("x", activity("path") == "/"), "not at activities"),
        (lambda: Territory("x", always(), reps=["anna", "anna"]), "'anna' is defined twice"),
        (lambda: Territory("x", always(), policy="fastest"), "round_robin or least_loaded"),
        (lambda: Gate(always(), ""), "because"),
        (lambda: Router([ALL, ALL]), "territory 'all' is defined twice"),
        (lambda: Router([ALL], zone="Europe/Atlantis"), "no time zone"),
        (
            lambda: Router([ALL, Territory("x", always(), reps=[Rep("anna", daily_cap=3)])]),
            "daily_cap in territory 'x'",
        ),
        (lambda: Router([ALL], gates=[Gate(always(), "ok"), Gate(always(), "ok")]), "gate 'ok'"),
        (lambda: Router.model_validate({"territories": [{"name": "x", "condition": {"op": "is"}}]}), "territories.0"),
        (lambda: Router.model_validate_json('{"teritories": []}'), "teritories"),
        (lambda: Router([Territory("x", field("adress.country") == "DE")]).bind(Lead), "territory 'x': adress.country"),
        (lambda: Router([], gates=[Gate(field("stagee") == "mql", "mql")]).bind(Lead), "gate 'mql': stagee"),
    ],
)
def test_what_cannot_work_is_refused_by_name_when_it_is_built(build: Callable[[], object], says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        build()


def test_a_rep_may_have_another_weight_in_another_territory() -> None:
    router = Router(
        [Territory("a", always(), reps=[Rep("anna", weight=2)]), Territory("b", always(), reps=["ben", "anna"])]
    )
    assert set(router.reps) == {"anna", "ben"}
    assert router.reps["anna"].weight == 2


def test_a_router_goes_to_json_and_back() -> None:
    hours = BusinessHours(zone="Europe/Vienna", week={"mon-fri": "09:00-17:00"})
    anna = Rep(
        "anna", weight=0.5, daily_cap=5, absences=[("2026-07-01", "2026-07-14")], hours=hours, email="a@b.example"
    )
    router = Router(
        [
            Territory("DACH", DACH, reps=[anna], policy=least_loaded, queue="dach", otherwise="next"),
            Territory("all", always(), reps=["ben"]),
        ],
        gates=[Gate(field("email.kind") != "disposable", because="real addresses")],
        zone="Europe/Berlin",
    )
    assert Router.model_validate_json(router.model_dump_json()) == router
    assert Router.model_validate(router.bind(Lead).model_dump()) == router


def test_a_marketing_team_writes_it_as_plain_values() -> None:
    written = {
        "territories": [
            {
                "name": "DACH",
                "condition": {"field": "address.country", "op": "in", "values": ["DE", "AT", "CH"]},
                "policy": "round_robin",
                "reps": ["anna", {"id": "ben", "weight": 0.5, "absences": [["2026-07-01", "2026-07-14"]]}],
            }
        ]
    }
    ben = Rep("ben", weight=0.5, absences=[Absence("2026-07-01", "2026-07-14")])
    expected = Router([Territory("DACH", DACH, reps=[Rep("anna"), ben], policy=round_robin)])
    assert Router.model_validate(written) == expected


def test_a_policy_in_python_is_not_written_as_json() -> None:
    territory = Territory("x", always(), policy=lambda contenders: only(contenders[0], "is the first"))
    with pytest.raises(Exception, match="Python code"):
        territory.model_dump_json()
