"""There and back exactly, and one clear error for each typo."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import BaseModel, ValidationError

from conditions.trees import CONDITIONS
from leadflow.conditions import CONDITION, Condition, activity, condition_from, field, to_json
from leadflow.errors import DefinitionError


class Rule(BaseModel):
    """What holds a condition in a model, as scoring does."""

    when: Condition


def exact(condition: Condition) -> str:
    """Values with their types, which == does not tell apart (1 and 1.0)."""
    return repr(condition)


@settings(max_examples=150)
@given(CONDITIONS)
def test_json_round_trip_is_exact(condition: Condition) -> None:
    for back in (
        condition_from(to_json(condition)),
        condition_from(json.loads(to_json(condition))),
        condition_from(condition.model_dump()),
        CONDITION.validate_json(to_json(condition, indent=2)),
        Rule.model_validate_json(Rule(when=condition).model_dump_json()).when,
        Rule.model_validate(Rule(when=condition).model_dump()).when,
    ):
        assert back == condition
        assert exact(back) == exact(condition)


FORMS: list[tuple[Condition, dict[str, Any]]] = [
    (field("company.employees") >= 250, {"op": "ge", "field": "company.employees", "value": 250}),
    (activity("path") == "/pricing", {"op": "eq", "activity": "path", "value": "/pricing"}),
    (field("a").is_in("x", "y"), {"op": "in", "field": "a", "values": ["x", "y"]}),
    (field("a").between(1, 2.5), {"op": "between", "field": "a", "low": 1, "high": 2.5}),
    (field("a").is_known(), {"op": "known", "field": "a"}),
    (field("a").within(days=30), {"op": "within", "field": "a", "days": 30}),
    (field("a") == "2026-01-31", {"op": "eq", "field": "a", "value": "2026-01-31"}),
    (field("a") < date(2026, 1, 31), {"op": "lt", "field": "a", "value": {"date": "2026-01-31"}}),
    (
        field("a") >= datetime(2026, 1, 31, 9, 0, 0, 5, tzinfo=UTC),
        {"op": "ge", "field": "a", "value": {"datetime": "2026-01-31T09:00:00.000005Z"}},
    ),
    (
        ~(field("a") == True) | (field("b").like("x*") & field("c").contains("y")),  # noqa: E712  # the notation
        {
            "op": "or",
            "any": [
                {"op": "not", "of": {"op": "eq", "field": "a", "value": True}},
                {
                    "op": "and",
                    "all": [
                        {"op": "like", "field": "b", "value": "x*"},
                        {"op": "contains", "field": "c", "value": "y"},
                    ],
                },
            ],
        },
    ),
]


@pytest.mark.parametrize(("condition", "form"), FORMS, ids=lambda one: str(one)[:30])
def test_the_form_is_the_documented_one(condition: Condition, form: dict[str, Any]) -> None:
    assert json.loads(to_json(condition)) == form
    assert condition_from(form) == condition


def test_dates_that_yaml_has_read_already_are_taken() -> None:
    assert condition_from({"op": "lt", "field": "a", "value": date(2026, 1, 31)}) == (field("a") < date(2026, 1, 31))


EQ = '{"op":"eq","field":"a","value":1}'


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{", "not JSON"),
        ("[]", "dictionary"),
        ("3", "dictionary"),
        ('{"field":"a"}', "op"),
        ('{"op":"gte","field":"a","value":1}', "gte"),
        ('{"op":"eq","field":"a"}', "Field required"),
        ('{"op":"eq","value":1}', "either field or activity"),
        ('{"op":"eq","field":"a","activity":"b","value":1}', "either field or activity"),
        ('{"op":"eq","feld":"a","value":1}', "feld"),
        ('{"op":"eq","field":"a","value":[1]}', "can't be compared"),
        ('{"op":"eq","field":"a","value":null}', "is_known"),
        ('{"op":"eq","field":"a","value":{"date":"2026-02-30"}}', "not a date"),
        ('{"op":"eq","field":"a","value":{"datetime":"2026-02-03T00:00:00"}}', "offset"),
        ('{"op":"eq","field":"a","value":{"when":"now"}}', "not a value"),
        ('{"op":"eq","field":"a b","value":1}', "not a path"),
        ('{"op":"eq","field":"a.__class__","value":1}', "not a path"),
        ('{"op":"in","field":"a","values":[1,null]}', "1: None can.t be compared"),
        ('{"op":"in","field":"a","values":[]}', "at least one"),
        ('{"op":"within","field":"a","days":"30"}', "integer"),
        ('{"op":"and","all":[]}', "at least one"),
        (
            f'{{"op":"and","all":[{EQ},{{"op":"not","of":{{"op":"lt","field":"a","value":true}}}}]}}',
            "all.1.of: .*order",
        ),
    ],
)
def test_one_typo_gives_one_error(written: str, says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        condition_from(written)
    if written != "{":
        with pytest.raises(ValidationError) as wrong:
            CONDITION.validate_python(json.loads(written))
        assert wrong.value.error_count() == 1


def _nested(depth: int) -> str:
    return '{"op":"not","of":' * depth + EQ + "}" * depth


def _circular() -> dict[str, Any]:
    loop: dict[str, Any] = {"op": "and"}
    loop["all"] = [loop, loop]
    return loop


@pytest.mark.parametrize(
    "written",
    [
        lambda: _nested(60),
        lambda: _nested(100_000),
        lambda: "[" * 100_000,
        lambda: '{"op":"or","any":[' + ",".join([EQ] * 10_000) + "]}",
        _circular,
    ],
)
def test_monsters_are_refused_clearly(written: Callable[[], Any]) -> None:
    with pytest.raises(DefinitionError, match=r"deep|parts"):
        condition_from(written())


@pytest.mark.parametrize("make", [Rule.model_validate, lambda tree: CONDITION.validate_python(tree["when"])])
def test_monsters_inside_models_are_refused_too(make: Callable[[Any], object]) -> None:
    tree: dict[str, Any] = {"op": "always"}
    for _ in range(20_000):
        tree = {"op": "not", "of": tree}
    with pytest.raises(ValidationError, match="deep"):
        make({"when": tree})
