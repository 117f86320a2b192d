"""Mailboxes closed and opened by file: every row accounted for, nothing written by a dry run, again harmless."""

import json

import pytest
from typer.testing import CliRunner

from leadflow import LeadFlow
from leadflow.adapters.sql import SqlStorage
from leadflow.cli.commands import app

SECRET = "a-secret-of-16-bytes-or-more"
CONFIG = "country: DE\nsecrets_from: TEST_LEADFLOW_SECRET\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_LEADFLOW_SECRET", SECRET)
    (tmp_path / "flow.yaml").write_text(CONFIG, encoding="utf-8")
    SqlStorage(f"sqlite:///{tmp_path}/leads.db").migrate().close()
    return tmp_path


def lead(folder, command, text, *more, config=True):
    (folder / "list.csv").write_text(text, encoding="utf-8")
    options = ["--config", folder / "flow.yaml"] if config else []
    told = "--reason" if command == "suppress" else "--proof"
    arguments = [command, folder / "list.csv", "--db", folder / "leads.db", told, "letters", *options, *more]
    return CliRunner().invoke(app, [str(one) for one in arguments])


def flow_in(folder, secrets=(b"a-secret-of-16-bytes-or-more",)):
    return LeadFlow(SqlStorage(f"sqlite:///{folder}/leads.db"), secrets=secrets, country="DE")


def test_a_line_each_without_a_name_of_the_column(folder):
    done = lead(folder, "suppress", "vera.meyer@gmail.com\nben@acme.example\n030 901820\nnobody\n")
    assert done.exit_code == 1, done.output
    assert "4 rows = 3 closed + 0 closed already + 1 refused" in done.stdout
    assert "list.csv, line 4" in done.stdout
    flow = flow_in(folder)
    assert all(map(flow.suppressed, ("verameyer+x@googlemail.com", "BEN@acme.example", "+4930901820")))
    again = lead(folder, "suppress", "vera.meyer@gmail.com\n")
    assert (again.exit_code, "0 closed + 1 closed already" in again.stdout) == (0, True)


def test_a_column_found_by_its_name_or_named(folder):
    text = "Name;E-Mail;Alt\nVera;vera@acme.example;old@acme.example\n"
    assert lead(folder, "suppress", text).exit_code == 0
    assert lead(folder, "suppress", text, "--column", "Alt", "--purpose", "offers", "--by", "anna").exit_code == 0
    flow = flow_in(folder)
    assert flow.suppressed("vera@acme.example")
    (ban,) = flow.suppressed("old@acme.example")
    assert (ban.purpose, ban.by, ban.reason, ban.why) == ("offers", "rep anna", "letters", "hand")
    assert "--column" in lead(folder, "suppress", text, "--column", "Neu").stderr
    assert lead(folder, "suppress", "a,b\n1,2\n").exit_code == 2


def test_a_dry_run_writes_nothing(folder):
    done = lead(folder, "suppress", "email\nvera@acme.example\n", "--dry-run")
    assert "1 would be closed" in done.stdout
    assert not flow_in(folder).suppressed("vera@acme.example")


def test_closing_more_than_was_closed_is_a_change(folder):
    assert lead(folder, "suppress", "vera@acme.example\n", "--purpose", "offers").exit_code == 0
    for changed, more in ((1, ("--dry-run",)), (1, ()), (0, ())):
        said = lead(folder, "suppress", "vera@acme.example\n", "--json", *more).stdout
        assert json.loads(said)["changed"] == changed
    assert {ban.purpose for ban in flow_in(folder).suppressed("vera@acme.example")} == {"offers", None}


def test_opened_again_with_proof(folder):
    assert lead(folder, "suppress", "email\nvera@acme.example\n", "--why", "bounce").exit_code == 0
    done = lead(folder, "unsuppress", "vera@acme.example\n", "--json")
    assert json.loads(done.stdout) == {
        "file": "list.csv", "rows": 1, "changed": 1, "unchanged": 0, "refused": 0, "refusals": []
    }  # fmt: skip
    assert not flow_in(folder).suppressed("vera@acme.example")


@pytest.mark.parametrize(("with_config", "secrets"), [(True, (SECRET.encode(),)), (False, ())])
def test_what_is_closed_without_the_secret_is_found_with_it(folder, with_config, secrets):
    assert lead(folder, "suppress", "vera@acme.example\n", config=False).exit_code == 0
    assert flow_in(folder, secrets).suppressed("vera@acme.example")
    assert lead(folder, "suppress", "vera@acme.example\n", config=with_config).stdout.count("1 closed already") == 1


def test_a_database_that_is_not_there_is_said(folder):
    (folder / "leads.db").unlink()
    assert lead(folder, "suppress", "vera@acme.example\n").exit_code == 2
