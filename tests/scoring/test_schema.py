"""Models as data: the JSON Schema has every kind of rule in every form that is read, and no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conditions.test_editor_schema import nodes
from leadflow import DefinitionError, Lead
from leadflow.conditions import json_schema
from leadflow.scoring import ScoringModel
from scoring.test_arithmetic import models

SCHEMAS = [ScoringModel.model_json_schema(), json_schema(ScoringModel), json_schema(ScoringModel, lead_type=Lead)]
VALIDATORS = [Draft202012Validator(schema) for schema in SCHEMAS]
EVERYTHING = """
name: everything
version: "2"
zone: Europe/Berlin
fit:
  - {points: 25, when: {op: ge, field: company.employees, value: 250}, because: enterprise, group: firm, name: big}
  - weight: 40
    cases:
      - {when: {op: eq, field: person.seniority, value: c-level}, percent: 100}
      - [{op: eq, field: person.seniority, value: director}, 75]
    otherwise: 10
    because: can decide
engagement:
  - {on: demo_requested, points: 30, decay: {half_life_days: 30}, cap: 60}
  - {activity: page_viewed, points: 3, where: {op: starts_with, activity: path, value: /pricing}, limit: [5, day]}
  - {on: mail_opened, points: 1, decay: {linear_percent: 50, every_days: 30}, group: web}
  - {on: mail_clicked, points: 5, decay: {window_days: 90}}
  - {on: mail_bounced, points: -5, limit: null}
  - {on: page_viewed, bands: {3: 10, "10": 25}, days: 7, because: keeps coming}
  - {activity: page_viewed, bands: [[3, 10]], days: 7, where: {op: always}, name: pairs}
  - {inactive_days: 30, points: -10}
  - {inactive_days: 60, points: -10, activities: [page_viewed, mail_opened], name: silent}
  - {inactive_days: 90, points: -10, activities: page_viewed, name: gone}
vetoes:
  - {when: {op: in, field: company.domain, values: [rival.example]}, because: competitor}
groups: {web: 20, firm: 40.5}
cap_fit: 100
cap_engagement: 100
grades: {fit: [60, 35], engagement: [30], fit_names: [top, good, rest]}
"""


def everything() -> Any:
    """The same as JSON: keys are texts there."""
    return json.loads(json.dumps(yaml.safe_load(EVERYTHING.replace("{on:", '{"on":'))))


def fits(written: Any) -> bool:
    verdicts = {validator.is_valid(written) for validator in VALIDATORS}
    assert len(verdicts) == 1
    return verdicts.pop()


def is_read(written: Any) -> bool:
    try:
        ScoringModel.model_validate(written)
    except DefinitionError:
        return False
    return True


def test_they_are_schemas() -> None:
    for schema in SCHEMAS:
        Draft202012Validator.check_schema(schema)


def test_every_form_of_every_rule_fits_and_is_read() -> None:
    written = everything()
    assert fits(written)
    model = ScoringModel.model_validate(written)
    assert ScoringModel.model_validate_json(model.model_dump_json()) == model
    assert ScoringModel.model_validate(yaml.safe_load(EVERYTHING)) == model  # where YAML takes a bare on for true


@given(models())
def test_every_dump_fits(model: ScoringModel) -> None:
    assert fits(json.loads(model.model_dump_json()))


def settings_of(written: Any) -> list[tuple[dict[str, Any], str]]:
    """Every key that is a setting, with the mapping that it stands in."""
    closed = [node for node in nodes(written) if node is not written["groups"] and not set(node) <= {"3", "10"}]
    return [(node, key) for node in closed for key in node]


@pytest.mark.parametrize("number", range(len(settings_of(everything()))))
def test_a_misspelt_key_neither_fits_nor_is_read(number: int) -> None:
    written = everything()
    node, key = settings_of(written)[number]
    node[f"{key}s"] = node.pop(key)
    assert (fits(written), is_read(written)) == (False, False)


@pytest.mark.parametrize("number", ["2", True, "many"])
def test_text_and_truth_are_no_numbers_neither_here_nor_there(number: object) -> None:
    written = everything() | {"cap_engagement": number}
    assert (fits(written), is_read(written)) == (False, False)


@given(st.data())
def test_what_is_read_fits(data: st.DataObject) -> None:
    written = everything()
    for _ in range(data.draw(st.integers(1, 2))):
        node = data.draw(st.sampled_from(list(nodes(written))))
        key = data.draw(st.sampled_from(sorted(node)))
        change = data.draw(st.sampled_from(["leave out", "null", "negative", "huge", "empty", "copied"]))
        others = {"null": None, "negative": -1, "huge": 10**7, "empty": [], "copied": node[key]}
        if change == "leave out" and len(node) > 1:
            del node[key]
        else:
            node[data.draw(st.sampled_from(sorted(node)))] = others.get(change)
    if is_read(written):  # also where it asks for a field that no lead has: models are bound later
        assert all(validator.is_valid(written) for validator in VALIDATORS[:2])


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("fit", 0, "points"), "many"),
        (("fit", 0, "points"), 1_000_001),
        (("fit", 0, "when"), {"op": "bigger", "field": "stage", "value": 1}),
        (("fit", 1, "cases"), []),
        (("fit", 1, "cases", 1), [{"op": "always"}]),
        (("fit", 1, "otherwise"), 101),
        (("engagement", 0, "activity"), "both"),
        (("engagement", 0, "decay"), {"half_life": 30}),
        (("engagement", 0, "cap"), 0),
        (("engagement", 1, "limit"), [5, "daily"]),
        (("engagement", 1, "limit"), [0, "day"]),
        (("engagement", 5, "bands"), {}),
        (("engagement", 5, "bands"), {"three": 10}),
        (("engagement", 5, "bands"), {"0": 10}),
        (("engagement", 7, "inactive_days"), 0),
        (("vetoes", 0, "when"), None),
        (("groups", "web"), -1),
        (("grades", "fit"), "high"),
    ],
)
def test_what_cannot_be_read_does_not_fit(place: tuple[Any, ...], value: Any) -> None:
    written = everything()
    *path, last = place
    node = written
    for part in path:
        node = node[part]
    node[last] = value
    assert (fits(written), is_read(written)) == (False, False)
