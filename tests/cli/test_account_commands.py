"""Companies of a database, and what confirmed buying roles teach, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadflow import LeadFlow
from leadflow.adapters.sql import SqlStorage
from leadflow.cli.commands import app
from leadflow.errors import DefinitionError
from leadflow.files.config import read_config
from leadflow.files.rules import rules_of
from leadflow.quality.buying_roles import RoleModel

LEADS = "email,first_name,job_title\nada@acme.example,Ada,Geschäftsführerin\nben@acme.example,Ben,Monteur\n" + "".join(
    f"p{number}@firm{number}.example,P{number},Monteur\n" for number in range(30)
)
CONFIG = """
scoring: {name: m, fit: [{points: 1, when: {op: ge, field: account.coverage, value: 50}}]}
buying_centers: [{name: fleet, wanted: {decider: 1, user: 1}, weights: {decider: 2}}]
"""


def lead(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture
def database(tmp_path: Path) -> tuple[object, ...]:
    (tmp_path / "leads.csv").write_text(LEADS, encoding="utf-8")
    (tmp_path / "flow.yaml").write_text(CONFIG, encoding="utf-8")
    given = "--db", tmp_path / "leads.db", "--config", tmp_path / "flow.yaml"
    lead("run", tmp_path / "leads.csv", *given, "-q")
    return given


def flow_of(tmp_path: Path) -> LeadFlow:
    return LeadFlow(SqlStorage(f"sqlite:///{tmp_path}/leads.db"), **rules_of(read_config(tmp_path / "flow.yaml")))


def confirm(flow: LeadFlow, role: str, *emails: str) -> None:
    for email in emails:
        found = flow.by_email(email)
        assert found is not None
        flow.correct(found.id, {"buying_role": role}, by="anna")


def test_companies_are_listed_by_what_they_lack_page_by_page(database: tuple[object, ...], tmp_path: Path) -> None:
    flow = flow_of(tmp_path)
    confirm(flow, "decider", "ada@acme.example")
    half = "{op: ge, field: account.coverage, value: 50}"
    shown = lead("accounts", *database, "--where", half)
    (line,) = shown.splitlines()
    assert line.startswith("acme.example: ")
    assert "2 leads, 0 engaged, 50 % covered; missing: user; win Ben as user (" in line
    rows = json.loads(lead("accounts", *database, "--where", half, "--json"))
    assert [(one["leads"], one["account"]["missing"]) for one in rows] == [(2, ["user"])]
    both = "{op: eq, field: person.first_name, value: P1}"
    assert lead("accounts", *database, "--where", both, "--where", half) == ""
    assert lead("accounts", *database, "--where", both).startswith("firm1.example: ")
    *_, more = lead("accounts", *database, "--limit", 1).splitlines()
    assert more == "more: --after acme.example"
    assert lead("accounts", *database, "--limit", 1, "--after", "acme.example").startswith("firm0.example: ")


def test_confirmed_roles_are_learned_shown_kept_and_used(database: tuple[object, ...], tmp_path: Path) -> None:
    flow = flow_of(tmp_path)
    confirm(flow, "influencer", *(f"p{number}@firm{number}.example" for number in range(25)))
    shown = lead("learn-roles", *database)
    assert "confirmed roles: 25 leads" in shown
    assert "other proposals than now: 6 of 7 leads" in shown and "user → influencer: 6" in shown
    assert "nothing was written" in shown
    roles = tmp_path / "roles.json"
    told = json.loads(lead("learn-roles", *database, "--out", roles, "--json"))
    assert (told["confirmed"], told["changes"]) == (25, [{"before": "user", "after": "influencer", "leads": 6}])
    assert RoleModel.model_validate_json(roles.read_bytes()) == RoleModel().taught_by(flow.leads())

    (tmp_path / "flow.yaml").write_text(CONFIG + "role_model: roles.json\n", encoding="utf-8")
    assert "user (0 of 1): nobody" in lead("account", "acme.example", *database)
    assert "Ben" not in lead("account", "acme.example", *database).split("user (0 of 1)")[1].splitlines()[0]
    assert "other proposals than now: 0 of 7 leads" in lead("learn-roles", *database)


def test_a_role_model_that_cannot_be_read_is_named(database: tuple[object, ...], tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(CONFIG + "role_model: roles.json\n", encoding="utf-8")
    for content in (None, "{", '{"taught": {"title: x": {"king": 1}}}', '{"taught": {"title: x": {"user": -1}}}'):
        if content is not None:
            (tmp_path / "roles.json").write_text(content)
        with pytest.raises(DefinitionError, match=r"roles\.json.*learn-roles --out"):
            flow_of(tmp_path)
