"""``leadflow columns``: what a file is taken for, before anything is written."""

import json

import pytest
from typer.testing import CliRunner

from leadflow.cli.commands import app

FILE = "Report\n\nFirst Name,Title,Contact,Created Date,Colour\nAda,CTO,ada@x.example,3/15/2026,red\n"


@pytest.fixture
def leads(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def columns(*arguments):
    return CliRunner().invoke(app, ["columns", *map(str, arguments)])


def test_every_column_is_shown_with_its_meaning_the_reason_and_values(leads):
    done = columns(leads)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "leads.csv: utf-8, comma",
        "line 3 has the column names; what stands before it was passed over: 'Report'",
        "seen from the first 1 rows:",
        "  First Name = first_name, by its name ('Ada')",
        "  Title = job_title, by its values ('CTO')",
        "  Contact = email, by its values ('ada@x.example')",
        "  Created Date = at, by its name, month first ('3/15/2026')",
        "  Colour: no field of a lead, kept with the submission ('red')",
    ]


def test_the_same_for_programs_and_as_a_config_that_a_run_takes(leads, tmp_path):
    done = columns(leads, "--json", "--map", "Colour=note", "--save", tmp_path / "flow.yaml")
    said = json.loads(done.stdout)
    assert [(one["column"], one["means"], one["by"]) for one in said["columns"]][1:] == [
        ("Title", "job_title", "values"), ("Contact", "email", "values"), ("Created Date", "at", "name"),
        ("Colour", "note", "given"),
    ]  # fmt: skip
    assert (said["header_line"], said["rows_seen"]) == (3, 1)
    run = CliRunner().invoke(app, ["run", str(leads), "--config", str(tmp_path / "flow.yaml"), "--json"])
    assert run.exit_code == 0
    assert json.loads(run.stdout)["files"]["leads"]["captured"] == 1


def test_the_file_itself_is_never_written_over(leads):
    done = columns(leads, "--save", leads)
    assert (done.exit_code, leads.read_text(encoding="utf-8")) == (2, FILE)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0", b"PK\x03\x04", b"%PDF-1.4", b"[1]"])
def test_what_is_no_table_is_one_line_that_says_what_to_do(tmp_path, content):
    (tmp_path / "leads.json").write_bytes(content)
    done = columns(tmp_path / "leads.json")
    assert done.exit_code == 2
    assert "can't be used" in done.output and "Traceback" not in done.output
