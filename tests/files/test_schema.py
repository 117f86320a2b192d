"""What editors know of a config: all that is read fits its JSON Schema, and what is misspelt does not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from files.test_config import WHOLE
from leadflow.conditions import json_schema
from leadflow.errors import DefinitionError
from leadflow.files.config import FlowFile, read_config
from leadflow.files.yaml_text import yaml_file

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema(FlowFile)
VALIDATOR = Draft202012Validator(SCHEMA)
DOCUMENTED = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/command-line.md").read_text(encoding="utf-8"), re.DOTALL)[0]
MORE = """
custom: {a: str, b: yes_no}
missing: [0, true, x]
sales:
  columns: {Wer: lead, Schritt: move}
  where: {Won: 1, Type: [a, b]}
  moves: [accept, {move: confirm, by: {column: Rep, otherwise: policy}, at: 2026-01-01}]
sales_in_leads: {where: {}, moves: "accept, confirm"}
qualification:
  mql: {op: always}
  fast_track: [{to: customer, when: {op: never}, reason: x}]
  disqualify: [{when: {op: never}, reason: x}]
teams: [[north, [anna]], {name: south, members: [ben], leads: [c], substitutes: {ben: [d]}, who_may: {win: team}}]
routing:
  gates: [[{op: always}, sales sees all], {condition: {op: always}, because: all}]
  territories:
    - [all, {op: always}]
    - name: north
      condition: {op: always}
      policy: least_loaded
      reps: [anna, {id: ben, weight: 1/3, absences: [[2026-12-24, 2027-01-02]], hours: {week: {daily: "00:00-24:00"}}}]
nurturing:
  contents: [{name: a, subject: b, body: c, stages: [lead]}]
  sequences: [{name: a, steps: [{after: 1d 12h, content: [a, b]}], channel: letter, reenrol: never}]
quiet: {zone: Europe/Berlin, week: {mon-fri: "08:00-12:00, 13:00-18:00"}, holidays: [2026-12-25]}
"""


def as_json(text: str, folder: Path) -> Any:
    path = folder / "flow.yaml"
    path.write_text(text, encoding="utf-8")
    return json.loads(json.dumps(yaml_file(path), default=str))


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "text", [WHOLE, DOCUMENTED, MORE, "", *(one.read_text() for one in ROOT.glob("examples/*.yaml"))]
)
def test_every_config_that_is_read_fits(text: str, tmp_path: Path) -> None:
    written = as_json(text, tmp_path)
    read_config(tmp_path / "flow.yaml")
    assert [error.message for error in VALIDATOR.iter_errors(written)] == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("source:", "sorce:"),
        ("columns: {Mail: email", "columns: {Mail: emial"),
        ("visits: int", "visits: integr"),
        ("points: 25", "point: 25"),
        ("op: ge", "op: gee"),
        ("half_life_days: 30", "half_life: 30"),
        ("dwell: 7 days", "dwell: soon"),
        ("id: ben, weight: 2", "id: ben, wieght: 2"),
        ("weight: 2", "weight: -2"),
        ("zone: Europe/Berlin}, remind", "zne: Europe/Berlin}, remind"),
        ("after: 1d", "after: [1]"),
        ("proof: the list", "prof: the list"),
        ("moves:", "mvoes:"),
        ("{name: welcome, subject", "{nam: welcome, subject"),
    ],
)
def test_a_mistake_neither_fits_nor_is_read(right: str, wrong: str, tmp_path: Path) -> None:
    assert right in WHOLE
    written = as_json(WHOLE.replace(right, wrong, 1), tmp_path)
    assert not VALIDATOR.is_valid(written)
    with pytest.raises(DefinitionError):
        read_config(tmp_path / "flow.yaml")
