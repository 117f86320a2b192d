"""The JSON Schema that editors get: what may be written fits, what is misspelt does not."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import Field

from conditions.trees import CONDITIONS
from leadflow import Entity, Lead, field
from leadflow.conditions import Condition, condition_from, json_schema, to_json

ANY: dict[str, Any] = json_schema(Condition)
VALIDATOR = Draft202012Validator(ANY)


class Fleet(Entity):
    size: int | None = None
    extra: dict[str, int] = Field(default_factory=dict)


def test_it_is_a_schema_of_a_dialect_that_editors_know() -> None:
    Draft202012Validator.check_schema(ANY)
    assert ANY["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert ANY["$defs"]["Compare"]["properties"]["op"]["enum"] == ["eq", "ne", "lt", "le", "gt", "ge"]
    assert ANY["$defs"]["And"]["properties"]["all"]["items"] == {"$ref": "#/$defs/Condition"}
    assert not any("discriminator" in node for node in nodes(ANY))


@given(CONDITIONS)
def test_every_condition_fits(condition: Condition) -> None:
    VALIDATOR.validate(json.loads(to_json(condition)))


@given(CONDITIONS, st.data())
def test_a_misspelt_key_does_not_fit(condition: Condition, data: st.DataObject) -> None:
    written = json.loads(to_json(condition))
    node = data.draw(st.sampled_from(list(nodes(written))))
    key = data.draw(st.sampled_from(sorted(node)))
    node[f"{key}s"] = node.pop(key)
    assert not VALIDATOR.is_valid(written)
    with pytest.raises(ValueError, match=r"\w"):
        condition_from(written)


def nodes(tree: Any) -> Any:
    """Every mapping in a tree."""
    if isinstance(tree, dict):
        yield tree
    for below in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from nodes(below)


@pytest.mark.parametrize(
    "wrong",
    [
        {"op": "equals", "field": "stage", "value": "mql"},
        {"op": "eq", "value": 1},
        {"op": "eq", "field": "stage", "activity": "path", "value": 1},
        {"op": "eq", "field": "two words", "value": 1},
        {"op": "eq", "field": "_hidden", "value": 1},
        {"op": "eq", "field": "stage", "value": None},
        {"op": "eq", "field": "stage", "value": {"day": "2026-01-01"}},
        {"op": "in", "field": "stage", "values": []},
        {"op": "within", "field": "created_at", "days": 0},
        {"op": "and", "all": [{"op": "always"}, "x"]},
    ],
)
def test_what_cannot_be_read_does_not_fit(wrong: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(wrong)
    with pytest.raises(ValueError, match=r"\w"):
        condition_from(deepcopy(wrong))


def asks(path: str) -> dict[str, Any]:
    return {"op": "known", "field": path}


def test_known_paths_are_suggested_and_others_taken() -> None:
    suggested = ANY["$defs"]["FieldPath"]["anyOf"][0]["enum"]
    assert {"company.employees", "account.score", "score.fit"} <= set(suggested)
    assert all(VALIDATOR.is_valid(asks(path)) for path in [*suggested, "custom.fleet", "größe.länge"])


def test_for_a_class_of_lead_a_path_that_it_does_not_have_is_wrong() -> None:
    exact = Draft202012Validator(json_schema(Condition, lead_type=Lead[Fleet]))
    right = ("company.employees", "custom.size", "custom.extra.anything", "account.score", "deadline", "interests")
    assert [path for path in right if not exact.is_valid(asks(path))] == []
    wrong = ("company.employes", "custom.sizes", "account.scores", "custom.extra", "adjustments.points")
    assert [path for path in wrong if exact.is_valid(asks(path))] == ["custom.extra"]  # a group that can be asked for
    assert exact.is_valid(json.loads(to_json(field("custom.size") > 3)))
    assert exact.is_valid({"op": "eq", "activity": "whatever", "value": 1})
