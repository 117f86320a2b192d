"""Settings in YAML: what they mean, and one clear line for every mistake."""

from datetime import timedelta
from typing import Any

import pytest

from leadflow import field
from leadflow.adapters.memory import MemoryStorage
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.files.config import FlowFile, read_config
from leadflow.files.rules import custom_fields, rules_of
from leadflow.flow import LeadFlow
from leadflow.scoring import ScoringModel, half_life, inactive, linear, often, on, points, veto, weighted

WHOLE = """
source: fair
country: NO          # Norway, not false
zone: Europe/Berlin
custom: {visits: int, vip: bool}
columns: {Mail: email, Visits: custom.visits}
missing: ["Select", 0]
scoring:
  name: fair
  fit:
    - {points: 25, when: {op: ge, field: company.employees, value: 250}, because: enterprise}
    - {points: 5, when: {op: ge, field: custom.visits, value: 3}}
  engagement:
    - {on: demo_requested, points: 30, decay: {half_life_days: 30}, cap: 60}
qualification: {mql: {op: ge, field: score.fit, value: 25}, dwell: 7 days}
routing:
  territories: [{name: all, condition: {op: always}, reps: [anna, {id: ben, weight: 2}]}]
nurturing:
  contents: [{name: welcome, subject: Hello, body: Good to have you.}]
  sequences: [{name: welcome, steps: [{after: 1d, content: welcome}]}]
service_levels: [{stage: mql, within: 4h, hours: {zone: Europe/Berlin}, remind_before: 30 min}]
sender: Fair <fair@acme.example>
unsubscribe_url: https://acme.example/u?t={token}
secrets_from: TEST_LEADFLOW_SECRET
consent: {column: Newsletter, proof: the list at the fair}
sales_in_leads: {where: {Won: 1}, moves: "fast_track", to: customer, by: policy, reason: won}
"""


def config(folder, text):
    path = folder / "flow.yaml"
    path.write_text(text, encoding="utf-8")
    return read_config(path)


def test_everything_can_be_said(tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_LEADFLOW_SECRET", "a secret of 16 bytes or more".replace(" ", "-"))
    settings = config(tmp_path, WHOLE)
    assert settings.country == "NO"
    assert settings.missing == ("Select", "0")
    assert settings.sales_in_leads.where == {"Won": ("1",)}
    policy: Any = LeadFlow(MemoryStorage(), **rules_of(settings)).policy
    assert policy.qualification.dwell == timedelta(days=7)
    assert set(policy.router.reps) == {"anna", "ben"}
    assert policy.service_levels["mql"].within == timedelta(hours=4)
    assert policy.sequences["welcome"].steps[0].after == timedelta(days=1)
    assert policy.scoring.model.engagement[0].activity == "demo_requested"
    assert policy.secrets == (b"a-secret-of-16-bytes-or-more",)


def test_nothing_need_be_said(tmp_path):
    assert config(tmp_path, "") == read_config(None) == FlowFile()
    LeadFlow(MemoryStorage(), **rules_of(FlowFile()))


def test_custom_fields_may_be_missing_and_have_their_types():
    fields: Any = custom_fields(FlowFile(custom={"visits": "int", "vip": "bool", "since": "date"}))
    assert fields() == fields(visits=None, vip=None, since=None)
    assert fields.model_validate({"visits": "5.0", "vip": "yes"}).visits == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colums: {a: email}", "there is no setting 'colums'; did you mean 'columns'?"),
        ("columns: {A: emial}", "columns.A: 'emial' is nothing that a column can mean; did you mean 'email'?"),
        ("columns: {A: custom.vists}\ncustom: {visits: int}", "did you mean 'custom.visits'?"),
        ("columns: {A: stage}", "columns.A: 'stage' is nothing that a column can mean"),
        ("custom: {a: integr}", "custom.a: there is no 'integr'; give 'text', 'int'"),
        ("zone: Mars/Olympus", "zone: there is no time zone 'Mars/Olympus'"),
        ("scoring: {name: x, fitt: []}", "there is no setting 'fitt'; did you mean 'fit'?"),
        ("scoring: {name: x, fit: [{point: 3, when: {op: always}}]}", "did you mean 'points'?"),
        ("scoring: {name: x, fit: [{points: 3, when: {op: gee, field: a, value: 1}}]}", "'gee'"),
        ("qualification: {mql: {op: ge, field: score.fit}}", "qualification.mql.value: Field required"),
        ("qualification: {mqll: {op: always}}", "qualification.mqll: there is no setting 'mqll'; did you mean 'mql'?"),
        ("routing: {territories: [{name: x, condition: {op: always}, rep: []}]}", "did you mean 'reps'?"),
        ("service_levels: [{stage: mql, within: soon}]", "service_levels.0.within: 'soon' is not a length of time"),
        ("sales: {moves: [{mov: accept}]}", "sales.moves.0.mov: there is no setting 'mov'; did you mean 'move'?"),
        ("sales: {by: {colum: x}}", "sales.by.colum: there is no setting 'colum'; did you mean 'column'?"),
        ("a: [", "line 1"),
        ("source: a\nsource: b", "line 2: 'source' is defined twice"),
        ("- a", "it must have keys and values"),
        ("source: !!python/object/apply:os.system [true]", "could not determine a constructor"),
    ],
)
def test_a_mistake_is_one_line_with_file_place_and_remedy(tmp_path, text, said):
    with pytest.raises(DefinitionError) as wrong:
        config(tmp_path, text)
    assert str(wrong.value).startswith(f"{tmp_path / 'flow.yaml'}: ")
    assert said in str(wrong.value)
    assert "\n" not in str(wrong.value)


EVERY_RULE = """
scoring:
  name: all
  fit:
    - {points: 25, when: {op: ge, field: company.employees, value: 250}, because: enterprise}
    - weight: 40
      because: can decide
      cases:
        - {when: {op: eq, field: person.seniority, value: c-level}, percent: 100}
        - [{op: eq, field: person.seniority, value: director}, 75]
  engagement:
    - {on: demo_requested, points: 30, decay: {half_life_days: 30}, cap: 60}
    - {activity: mail_opened, points: 1, limit: [5, day], decay: {linear_percent: 50, every_days: 30}, group: web}
    - {on: page_viewed, bands: {3: 10, 10: 25}, days: 7, because: keeps coming}
    - {inactive_days: 30, points: -10}
  vetoes:
    - {when: {op: eq, field: company.domain, value: rival.example}, because: competitor}
  groups: {web: 20}
"""


def test_every_kind_of_rule_can_be_said(tmp_path):
    model = config(tmp_path, EVERY_RULE).scoring
    director = field("person.seniority") == "director"
    assert model == ScoringModel(
        name="all",
        fit=[
            points(25, field("company.employees") >= 250, because="enterprise"),
            weighted(40, [(field("person.seniority") == "c-level", 100), (director, 75)], because="can decide"),
        ],
        engagement=[
            on("demo_requested", 30, decay=half_life(30), cap=60),
            on("mail_opened", 1, limit=(5, "day"), decay=linear(50, days=30), group="web"),
            often("page_viewed", {3: 10, 10: 25}, days=7, because="keeps coming"),
            inactive(-10, days=30),
        ],
        vetoes=[veto(field("company.domain") == "rival.example", because="competitor")],
        groups={"web": 20},
    )


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("points: 25", "point: 25", 5, "there is no setting 'point'; did you mean 'points'?"),
        ("weight: 40", "weight: lots", 6, "fit.1.weight: Input should be a valid number"),
        ("percent: 100", "procent: 100", 9, "there is no setting 'procent'; did you mean 'percent'?"),
        ("director}, 75]", "director}, 750]", 10, "fit.1.cases.1.percent: Input should be less than or equal to 100"),
        ("op: eq, field: person.seniority, value: director", "op: eqq, field: a, value: b", 10, "'eqq'"),
        ("half_life_days", "half_life", 12, "write {half_life_days: 30}"),
        (
            "limit: [5, day]",
            "limit: [5, dayly]",
            13,
            "engagement.1.limit.1: there is no 'dayly'; give 'day', 'week', 'month' or 'ever'",
        ),
        ("{activity: mail", "{on: x, activity: mail", 13, "on and activity are the same; give one of them"),
        ("{3: 10, 10: 25}", "{x: 10}", 14, "engagement.2.bands: Input should be a valid integer"),
        ("days: 7", "dyas: 7", 14, "there is no setting 'dyas'; did you mean 'days'?"),
        ("points: -10", "points: much", 15, "engagement.3.points: Input should be a valid number"),
        ("because: competitor", "becuase: competitor", 17, "there is no setting 'becuase'; did you mean 'because'?"),
        ("groups: {web", "groups: {wbe", 2, "group 'web' has no cap; is 'wbe' meant?"),
        ("  vetoes:", "  vetos:", 16, "there is no setting 'vetos'; did you mean 'vetoes'?"),
    ],
)
def test_a_mistake_in_a_rule_is_said_with_its_line(tmp_path, right, wrong, line, said):
    assert EVERY_RULE.count(right) >= 1
    with pytest.raises(DefinitionError) as mistake:
        config(tmp_path, EVERY_RULE.replace(right, wrong, 1))
    assert str(mistake.value).startswith(f"{tmp_path / 'flow.yaml'}: line {line}: scoring")
    assert said in str(mistake.value)


def test_several_mistakes_have_a_line_each(tmp_path):
    with pytest.raises(DefinitionError) as wrong:
        config(
            tmp_path, "source: a\nzone: Mars\ncolumns: {A: b}\nservice_levels:\n- stage: mql\n  within: x\n- stage: sal"
        )
    lines = [line.split(": ")[1:3] for line in str(wrong.value).splitlines()]
    assert lines == [["line 2", "zone"], ["line 6", "service_levels.0.within"], ["line 7", "service_levels.1.within"]]


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InvalidInput, match="can't be read"):
        read_config(tmp_path / "nope.yaml")


def test_a_secret_that_is_not_set_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("TEST_LEADFLOW_SECRET", raising=False)
    settings = config(tmp_path, WHOLE)
    with pytest.raises(DefinitionError, match="TEST_LEADFLOW_SECRET is not set"):
        rules_of(settings)
    rules_of(settings, mails=False)
