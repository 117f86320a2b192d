"""What sources know of the leads of a database, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadflow import LeadFlow
from leadflow.adapters.sql import SqlStorage
from leadflow.cli.commands import app
from leadflow.errors import DefinitionError
from leadflow.files.config import FlowFile
from leadflow.files.rules import rules_of

LEADS = "email,industry,id\nada@acme.example,,1\nbob@acme.example,pumps,2\ncy@beta.example,,3\n"
CONFIG = """
enrichment:
  - name: companies
    url: "http://127.0.0.1:1/{company.domain}"
    headers_from: {Authorization: COMPANIES_KEY}
    gives: {company.industry: {at: sector}}
    budget: {per_day: 2, zone: Europe/Berlin}
"""


def lead(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    monkeypatch.setenv("COMPANIES_KEY", "Bearer k")
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "flow.yaml").write_text(CONFIG)
    lead("run", tmp_path / "leads.csv", "--db", tmp_path / "leads.db", "-q")
    return "--db", tmp_path / "leads.db", "--config", tmp_path / "flow.yaml"


def test_leads_are_looked_up_within_the_budget_that_is_shown(database: tuple[object, ...]) -> None:
    said = lead("enrich", *database, "--dry-run")
    assert "companies: 2 leads to look up; sends company.domain" in said
    assert "calls: 0 today, 0 this month, 2 left" in said
    assert json.loads(lead("enrich", *database, "--json"))[0]["leads"] == 2
    assert "companies: 0 leads to look up" in lead("enrich", *database)
    lead("tick", *database, code=1)  # nobody is there: nothing was spent
    assert "calls: 0 today" in lead("enrich", *database)


def test_a_source_is_taken_back(database: tuple[object, ...]) -> None:
    storage = SqlStorage(f"sqlite:///{database[1]}")
    flow = LeadFlow(storage)
    for one in [*flow.leads()]:
        flow.enrich(one.id, {"need": "pumps"}, source="register", by="anna")
    assert "of 3 leads, with 3 values" in lead("withdraw-source", "register", *database, "--dry-run")
    assert json.loads(lead("withdraw-source", "register", *database, "--json"))["leads"] == 3
    assert "no lead has anything from registre" in lead("withdraw-source", "registre", *database)
    assert {one.need for one in flow.leads()} == {None}
    storage.close()


def test_a_key_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPANIES_KEY", raising=False)
    service = {
        "name": "companies", "url": "https://x/{company.domain}", "gives": {"need": {"at": "x"}},
        "headers_from": {"Authorization": "COMPANIES_KEY"},
    }  # fmt: skip
    with pytest.raises(DefinitionError, match="COMPANIES_KEY is not set"):
        rules_of(FlowFile.model_validate({"enrichment": [service]}))
