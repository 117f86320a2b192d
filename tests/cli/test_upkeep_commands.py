"""What is done to stored leads on the command line: handed on, migrated, retracted, erased."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadflow import LeadFlow, field
from leadflow.adapters.sql import SqlStorage
from leadflow.cli.commands import app
from leadflow.events import replay
from leadflow.lifecycle import DEFAULT
from leadflow.moves import Move, Stage

LEADS = "email,country,id,machines\nada@acme.example,DE,1,12\nbob@beta.example,AT,2,30\ncy@beta.example,,3,7\n"
CONFIG = """
custom: {machines: int}
columns: {email: email, country: country, id: external_id, machines: custom.machines}
scoring: {name: m, fit: [{points: 40, when: {op: eq, field: address.country, value: DE}, because: home}],
  engagement: [{on: page_viewed, points: 5}]}
qualification: {mql: {op: ge, field: score.fit, value: 40}}
routing: {territories: [{name: all, condition: {op: always}, reps: [%s]}]}
"""


def lead(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return request.getfixturevalue("pg_dsn") if request.param == "postgresql" else f"sqlite:///{tmp_path}/leads.db"


@pytest.fixture
def database(tmp_path: Path, url: str) -> tuple[object, ...]:
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "log.csv").write_text(
        "lead,kind,id,at\n" + "".join(f"ada@acme.example,page_viewed,v{n},2026-01-05T09:00Z\n" for n in (1, 2))
    )
    (tmp_path / "flow.yaml").write_text(CONFIG % "anna, ben")
    files = tmp_path / "leads.csv", "--activities", tmp_path / "log.csv"
    lead("run", *files, "--config", tmp_path / "flow.yaml", "--db", url, "-q")
    return "--db", url, "--config", tmp_path / "flow.yaml"


def owners(*database: object) -> str:
    return lead("count", *database, "--by", "owner")


def test_leads_are_handed_on_after_a_dry_run(database) -> None:
    ask = ("reassign", *database, "--owner", "anna", "--to", "ben", "--reason", "anna left")
    foreseen = json.loads(lead(*ask, "--dry-run", "--json"))
    assert (foreseen["leads"], foreseen["owners"]) == (1, {"ben": 1})
    assert "anna" in owners(*database)
    assert lead(*ask).splitlines() == ["handed on: 1 leads", "  1 to ben"]
    assert "anna" not in owners(*database)
    assert lead(*ask) == "handed on: 0 leads\n"
    said = CliRunner().invoke(app, [*map(str, ask), "--to", "bem"])
    assert (said.exit_code, "ben" in said.output) == (2, True)
    lead("reassign", *database, "--reason", "x", code=2)  # whose?
    refused = lead("reassign", *database, "--where", "{op: always}", "--reason", "x", code=1)
    assert "refused: 2" in refused, "leads of nurturing are not for the rotation"


def test_who_is_gone_leaves_leads_to_the_others(database, tmp_path) -> None:
    config = tmp_path / "gone.yaml"
    config.write_text(CONFIG % "{id: anna, active: false}, ben")
    now = (*database[:2], "--config", config)
    assert "1 to ben" in lead("hand-over", *now, "--dry-run")
    assert "anna" in owners(*now)
    assert "1 to ben" in lead("hand-over", "anna", *now, "--reason", "left")
    assert "ben" in owners(*now)
    lead("hand-over", "ben", *now, code=2)  # ben is there
    config.write_text(CONFIG % "{id: ben, active: false}")
    assert "nobody can get them now: 1" in lead("hand-over", *now, code=1)


def test_fields_are_renamed_and_retyped_as_the_config_says(database, tmp_path, url) -> None:
    config = tmp_path / "new.yaml"
    config.write_text("custom: {fleet: text}\nrenamed: {machines: fleet}\n")
    now = (*database[:2], "--config", config)
    assert "fleet: 3 renamed, 3 kept" in lead("migrate-custom", *now, "--dry-run", code=1)
    done = json.loads(lead("migrate-custom", *now, "--retype", "fleet", "--json"))
    assert (done["leads"], done["fields"]["fleet"]["retyped"]) == (3, 3)
    assert lead("migrate-custom", *now) == "0 leads rewritten, 0 can't be read\n"
    found = json.loads(lead("find", *now, "--where", "{op: eq, field: custom.fleet, value: '12'}", "--json"))
    assert [one["emails"][0]["address"] for one in found["leads"]] == ["ada@acme.example"]
    config.write_text("custom: {size: text}\nrenamed: {machines: fleet, fleet: null}\n")
    assert "fleet: 3 dropped" in lead("migrate-custom", *now, "--drop", "fleet")
    lead("migrate-custom", *now, "--retype", "fleet", code=2)
    config.write_text("custom: {size: text}\nrenamed: {machines: sise}\n")
    assert "renamed" in CliRunner().invoke(app, ["doctor", *map(str, now)]).output


def test_a_stage_that_is_gone_is_named_in_the_config(database, tmp_path, url) -> None:
    trial = DEFAULT.extend(
        stages=[Stage("trial", "sales", after="sal")],
        moves=[Move("start_trial", "sal", "trial"), Move("end_trial", "trial", "sql")],
    )
    storage = SqlStorage(url)
    flow = LeadFlow(storage, lifecycle=trial)
    ada = flow.first(field("stage") == "mql").id
    flow.accept(ada, by="anna")
    flow.move(ada, "start_trial", by="anna")
    storage.close()
    config = tmp_path / "stages.yaml"
    config.write_text("custom: {machines: int}\nrenamed_stages: {trial: sql}\n")
    assert "1 sql" in lead("count", *database[:2], "--config", config, "--by", "stage")
    assert "stage trial" not in CliRunner().invoke(app, ["doctor", *map(str, database[:2]), "-c", str(config)]).output
    config.write_text("renamed_stages: {trial: sqll}\n")
    assert "renamed_stages" in CliRunner().invoke(app, ["count", *map(str, database[:2]), "-c", str(config)]).output


def test_activities_of_a_bot_are_retracted(database) -> None:
    ask = ("retract", "ada@acme.example", *database, "--reason", "bot")
    assert "engagement 10 → 5" in lead(*ask, "--activity", "v1", "--dry-run")
    assert "engagement 10 → 5" in lead(*ask, "--activity", "v1")
    which = "{op: eq, activity: kind, value: page_viewed}"
    assert json.loads(lead(*ask, "--which", which, "--json"))["activities"] == ["v2"]
    lead(*ask, "--activity", "v9", code=2)
    lead(*ask, code=2)
    lead(*ask, "--activity", "v1", "--which", which, code=2)


def test_an_erasure_is_asked_for_twice_and_names_who_is_not_there(database, url) -> None:
    lead("erase", "ada@acme.example", *database, code=2)
    assert "would be erased" in lead("erase", "ada@acme.example", *database, "--dry-run")
    assert lead("count", *database) == "3\n"
    done = json.loads(lead("erase", "ada@acme.example", "eve@acme.example", *database, "--yes", "--json", code=1))
    assert ([*done["erased"]], [*done["refused"]]) == (["ada@acme.example"], ["eve@acme.example"])
    assert lead("count", *database) == "2\n"
    storage = SqlStorage(url)
    assert all(replay(storage.facts(one)) is None for one in done["erased"].values())
    storage.close()


@pytest.mark.parametrize("command", ["reassign", "hand-over", "migrate-custom", "erase", "retract"])
def test_help_says_what_happens_and_gives_an_example(command) -> None:
    text = " ".join(lead(command, "--help").split())
    assert "Example" in text
    assert "--dry-run" in text
