"""New rules for the leads of a database, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadflow.cli.commands import app

LEADS = "email,country,id\nada@acme.example,DE,1\nbob@acme.example,AT,2\ncy@beta.example,,3\n"
CONFIG = """
scoring: {name: m, version: %s, fit: [{points: %d, when: {op: eq, field: address.country, value: DE}, because: home}]}
qualification: {mql: {op: ge, field: score.fit, value: 40}}
routing: {territories: [{name: all, condition: {op: always}, reps: [anna]}]}
"""


def lead(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture
def database(tmp_path: Path) -> tuple[object, ...]:
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "old.yaml").write_text(CONFIG % (1, 20))
    (tmp_path / "new.yaml").write_text(CONFIG % (2, 40))
    lead("run", tmp_path / "leads.csv", "--config", tmp_path / "old.yaml", "--db", tmp_path / "leads.db", "-q")
    return "--db", tmp_path / "leads.db", "--config", tmp_path / "new.yaml"


def test_a_dry_run_says_what_the_run_does(database) -> None:
    foreseen = json.loads(lead("rescore", *database, "--dry-run", "--json"))
    assert foreseen["leads"] == 3
    (change,) = foreseen["changes"]
    assert (change["old_stage"], change["stage"]) == ("lead", "mql")
    assert change["because"] == ["qualify: score.fit ≥ 40", "home: 20 → 40"]
    assert lead("count", *database, "--by", "stage") == "        3 lead\n"

    said = lead("rescore", *database)
    assert said.splitlines()[:2] == [
        "evaluated: 3 leads; scored by the current model already: 0", "moves: 1 lead → mql"
    ]  # fmt: skip
    assert ": lead → mql, 20 C4 → 40 B4; qualify: score.fit ≥ 40; home: 20 → 40" in said
    again = "evaluated: 0 leads; scored by the current model already: 3; --all evaluates them, too"
    assert again in lead("rescore", *database)
    assert "evaluated: 3 leads" in lead("rescore", *database, "--all", "--dry-run")


def test_it_can_be_for_some_leads_only(database) -> None:
    assert "evaluated: 1 leads" in lead("rescore", *database, "--where", "{op: eq, field: address.country, value: AT}")


def test_without_a_scoring_model_it_says_what_to_give(database) -> None:
    assert CliRunner().invoke(app, ["rescore", "--db", str(database[1])]).exit_code == 2
