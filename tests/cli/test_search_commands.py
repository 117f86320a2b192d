"""Leads of a database are listed, counted and written into files, as people and scripts ask for it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadflow.cli.commands import app
from leadflow.files.formulas import restored

LEADS = """email,first_name,last_name,company,country,id,job_title
ada@acme.example,Ada,Müller,Acme GmbH,DE,1,
bob@acme.example,Bob,Koch,Acme GmbH,AT,2,=cmd|'/c calc'!A0
cy@beta.example,Cy,King,"Beta ""B"" AG",,3,
"""
CONFIG = """
scoring: {name: m, fit: [{points: 40, when: {op: eq, field: company.country, value: DE}, because: home}]}
qualification: {mql: {op: ge, field: score.fit, value: 40}}
routing: {territories: [{name: all, condition: {op: always}, reps: [anna]}]}
"""


def lead(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def database(tmp_path: Path) -> tuple[object, ...]:
    (tmp_path / "leads.csv").write_text(LEADS, encoding="utf-8")
    (tmp_path / "flow.yaml").write_text(CONFIG, encoding="utf-8")
    done = lead("run", tmp_path / "leads.csv", "--config", tmp_path / "flow.yaml", "--db", tmp_path / "leads.db", "-q")
    assert done.exit_code == 0, done.output
    return "--db", tmp_path / "leads.db", "--config", tmp_path / "flow.yaml"


def names(done) -> list[str]:
    assert done.exit_code == 0, done.output
    return [one["person"]["first_name"] for one in json.loads(done.stdout)["leads"]]


def test_find_lists_leads_with_what_a_person_looks_for(database) -> None:
    done = lead("find", *database, "--text", "mueller acme")
    assert done.exit_code == 0, done.output
    assert ": mql, anna, 40 B4; Ada Müller, Acme, ada@acme.example" in done.stdout
    assert "Bob" not in done.stdout
    assert lead("find", *database, "--text", "nobody").stdout == "no lead is like that\n"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), ["Ada", "Bob", "Cy"]),
        (("--stage", "mql"), ["Ada"]),
        (("--owner", "anna"), ["Ada"]),
        (("--where", "{op: eq, field: company.country, value: AT}"), ["Bob"]),
        (("--where", '{"op": "known", "field": "company.country"}', "--stage", "lead"), ["Bob"]),
        (("--where", "{op: known, field: owner}", "--where", "{op: never}"), []),
        (("--where", "{op: within, field: created_at, days: 1}", "--now", "2030-01-01T00:00Z"), []),
    ],
)
def test_conditions_are_written_as_options_or_data(database, options, found) -> None:
    assert sorted(names(lead("find", *database, *options, "--json"))) == found


def test_pages_go_on_where_the_one_before_ended(database) -> None:
    first = json.loads(lead("find", *database, "--order", "person.first_name", "--limit", 1, "--json").stdout or "{}")
    assert first == {}  # there is no such order
    done = lead("find", *database, "--order=-score.total", "--limit", 1)
    assert done.stdout.splitlines()[1].startswith("more: --after ")
    following = done.stdout.split("--after ")[1].strip()
    rest = names(lead("find", *database, "--order=-score.total", "--limit", 2, "--after", following, "--json"))
    assert sorted(rest) == ["Bob", "Cy"]


def test_count_says_how_many(database) -> None:
    assert lead("count", *database).stdout == "3\n"
    assert lead("count", *database, "--text", "acme").stdout == "2\n"
    assert lead("count", *database, "--by", "company.country").stdout.split() == ["1", "AT", "1", "DE", "1", "(none)"]
    counted = json.loads(lead("count", *database, "--by", "stage", "--json").stdout)
    assert counted == [{"value": "lead", "leads": 2}, {"value": "mql", "leads": 1}]


def test_export_writes_a_table_that_no_spreadsheet_runs(database, tmp_path) -> None:
    out = tmp_path / "out.csv"
    done = lead("export", *database, "--out", out, "--order", "company.name")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{out}: 3 leads\n"
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["person.first_name"] for row in rows] == ["Ada", "Bob", "Cy"]
    assert rows[1]["person.job_title"].startswith("'=")
    assert restored(rows[1]["person.job_title"]) == "=cmd|'/c calc'!A0"
    assert (rows[0]["score.total"], rows[0]["stage"], rows[0]["owner"]) == ("40.0", "mql", "anna")
    assert rows[2]["company.country"] == ""


def test_export_writes_chosen_columns_and_whole_leads(database, tmp_path) -> None:
    out, lines = tmp_path / "out.csv", tmp_path / "out.jsonl"
    done = lead("export", *database, "--out", out, "--column", "emails.domain", "--column", "stage", "--stage", "mql")
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8").split() == ["emails.domain,stage", "acme.example,mql"]
    assert lead("export", *database, "--out", lines, "-q").stdout == ""
    leads = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert len(leads) == 3
    assert leads[0].keys() >= {"id", "emails", "score", "stage"}


def test_what_can_not_be_done_is_a_line_with_a_remedy(database, tmp_path) -> None:
    for options, remedy in (
        (("find", "--where", "stage = mql"), "keys and values"),
        (("find", "--where", "{op: eq, field: stag, value: x}"), "did you mean stage"),
        (("find", "--where", "{op: equals, field: stage, value: x}"), "write one like"),
        (("find", "--where", "{op: eq, activity: kind, value: x}"), "score those"),
        (("find", "--order", "score"), "score.total"),
        (("find", "--after", "x"), "`next` of a page"),
        (("count", "--by", "emails"), "such as stage"),
        (("export", "--out", tmp_path / "x.csv", "--column", "stag"), "did you mean stage"),
        (("export", "--out", tmp_path / "leads.db"), "it is read by this command"),
        (("export", "--out", tmp_path / "no" / "x.csv"), "no such folder"),
    ):
        done = lead(options[0], *database, *options[1:])
        assert done.exit_code == 2, (options, done.output)
        assert remedy in done.output, (options, done.output)
        assert "Traceback" not in done.output
    assert not (tmp_path / "x.csv").exists()
    gone = lead("find", "--db", tmp_path / "none.db")
    assert (gone.exit_code, "there is no such database" in gone.output) == (2, True)


def test_help_shows_an_example() -> None:
    for command in ("find", "count", "export"):
        done = lead(command, "--help")
        assert done.exit_code == 0
        assert f"leadflow {command} --db" in done.stdout


def test_pairs_that_wait_for_a_person_are_listed(database, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("email,first_name,last_name,company,country\nada.mueller@b.example,Ada,Müller,Acme GmbH,DE\n")
    assert lead("twins", *database).stdout == "no pair waits\n"
    assert lead("run", more, "--config", database[3], "--db", database[1], "-q").exit_code == 0
    done = lead("twins", *database)
    assert "Ada Müller, Acme, ada@acme.example" in done.stdout and "ada.mueller@b.example" in done.stdout
    (pair,) = json.loads(lead("twins", *database, "--json", "--text", "mueller").stdout)["pairs"]
    assert pair["likeness"] > 0.5 and {pair["one"]["person"]["last_name"], pair["other"]["person"]["last_name"]} == {
        "Müller"
    }


def test_accounts_are_placed_and_merged_with_reasons_and_taken_back(tmp_path: Path) -> None:
    rows = "email,company\nada@acme.example,Acme GmbH\ngus@gmail.com,ACME\neva@acme.de,Acme\n"
    (tmp_path / "leads.csv").write_text(rows, encoding="utf-8")
    database = "--db", tmp_path / "leads.db"
    assert lead("run", tmp_path / "leads.csv", *database, "-q").exit_code == 0
    unsure = lead("place", *database, "--above", "0.8")
    assert unsure.exit_code == 1 and "put into accounts: 0 leads" in unsure.stdout
    merged = lead("merge-accounts", "acme.example", "acme.de", *database)
    assert merged.stdout == "acme.de is part of acme.example: 1 leads have followed\n"
    (placed,) = json.loads(lead("place", *database, "--above", "0.8", "--json").stdout)["placed"]
    assert (placed["account"], placed["because"]) == ("acme.example", ["the company ACME is Acme"])
    shown = lead("account", "acme.de", *database).stdout  # as what it is part of
    assert (
        shown.startswith("Acme (acme.example): 3 leads")
        and "\n    next: find somebody as initiator: nobody is known\n" in shown
    )
    assert (
        "is part of acme.example: no lead is there"
        in lead("merge-accounts", "acme.example", "wine.example", *database).stdout
    )
    undone = lead("merge-accounts", "acme.example", "acme.de", "--undo", *database)
    assert undone.stdout == "acme.de is an account of its own again: 1 leads have followed\n"
