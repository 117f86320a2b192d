"""The commands as people and scripts give them: what is said, which exit code, and never a traceback."""

import codecs
import csv
import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from typer.testing import CliRunner

from leadflow.cli import run_command
from leadflow.cli.commands import app
from leadflow.conditions import Condition, json_schema
from leadflow.files.config import FlowFile
from leadflow.lifecycle import DEFAULT
from leadflow.scoring import ScoringModel

LEADS = "E-Mail;Vorname;Nachname;Firma;Lieblingsfarbe\nada@acme.example;Ada;Lovelace;Acme GmbH;rot\n"
CONFIG = """
source: fair
scoring:
  name: fair
  fit: [{points: 40, when: {op: known, field: company.name}, because: works somewhere}]
qualification: {mql: {op: ge, field: score.fit, value: 40}}
routing: {territories: [{name: all, condition: {op: always}, reps: [anna]}]}
"""


def lead(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "leads.csv").write_text(LEADS, encoding="utf-8")
    (tmp_path / "flow.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


# --------------------------------------------------------------------------------------------------------- run
def test_a_run_says_what_it_understood_and_what_became_of_every_row(folder):
    done = lead("run", folder / "leads.csv", "--config", folder / "flow.yaml")
    assert done.exit_code == 0, done.output
    for said in (
        "E-Mail = email, Vorname = first_name",
        "no field of a lead: Lieblingsfarbe",
        "1 rows = 1 captured + 0 updated + 0 unsure + 0 refused",
        "stages: 1 mql",
        "temporary database",
    ):
        assert said in done.stdout


def test_refused_rows_are_named_and_written_and_give_exit_code_1(folder):
    rows = LEADS + "".join(f"=broken{n};x;y;z;\n" for n in range(30))
    (folder / "leads.csv").write_text(rows, encoding="utf-8")
    done = lead("run", folder / "leads.csv", "--refused", folder / "refused.csv")
    assert done.exit_code == 1
    assert "refused: 30 rows" in done.stdout
    assert "leads.csv, line 3: give an e-mail address" in done.stdout
    assert "and 10 more" in done.stdout
    with (folder / "refused.csv").open(newline="", encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert [row["line"] for row in written] == [str(line) for line in range(3, 33)]
    assert json.loads(written[0]["row"])["E-Mail"] == "=broken0"


def test_a_run_answers_programs_in_json(folder):
    done = lead("run", folder / "leads.csv", "--json")
    said = json.loads(done.stdout)
    assert said["files"]["leads"] == {
        "rows": 1, "captured": 1, "updated": 0, "unsure": 0, "refused": 0, "identical": 0, "first_refused": [],
        "findings": [{"severity": "note", "field": "Lieblingsfarbe", "code": "unknown_key", "count": 1}],
    }  # fmt: skip
    assert said["stages"] == {"lead": 1}


def test_quiet_is_quiet(folder):
    done = lead("run", folder / "leads.csv", "-q")
    assert (done.exit_code, done.output) == (0, "")


def test_a_column_can_be_mapped_by_hand(folder):
    (folder / "leads.csv").write_text("Wer,Was\nAda,Director\n", encoding="utf-8")
    assert lead("run", folder / "leads.csv").exit_code == 2
    (folder / "leads.csv").write_text("Wer,Was\nada@acme.example,Director\n", encoding="utf-8")
    done = lead("run", folder / "leads.csv", "--map", "Wer=email", "--map", "Was=job_title", "--json")
    assert json.loads(done.stdout)["columns"]["leads"] == {"Wer": "email", "Was": "job_title"}


def test_a_dry_run_says_so_and_leaves_no_database(folder):
    done = lead("run", folder / "leads.csv", "--db", folder / "leads.db", "--dry-run")
    assert done.exit_code == 0
    assert "dry run: nothing was written" in done.stdout
    assert "1 captured" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["flow.yaml", "leads.csv"]


def test_a_report_is_one_file_and_the_same_after_a_second_run(folder):
    pytest.importorskip("leadflow.insights")
    arguments = ("run", folder / "leads.csv", "--db", folder / "leads.db", "--now", "2026-03-02T09:00Z", "--report")
    assert lead(*arguments, folder / "one.html").exit_code == 0
    assert lead(*arguments, folder / "two.html").exit_code == 0
    one = (folder / "one.html").read_text(encoding="utf-8")
    assert one.lstrip().lower().startswith("<!doctype html")
    assert one == (folder / "two.html").read_text(encoding="utf-8")


def test_the_screen_can_not_be_moved_by_what_is_in_a_file(folder):
    evil = "\x1b[31mred\x1b[2J"
    (folder / "leads.csv").write_text(f"E-Mail,{evil}\n{evil},[bold]x[/bold]\n", encoding="utf-8")
    done = lead("run", folder / "leads.csv")
    assert done.exit_code == 1
    assert "\x1b" not in done.output


# ---------------------------------------------------------------------------------------------------- bad input
BAD = {
    "bom": (codecs.BOM_UTF8 + LEADS.encode(), 0, "1 captured"),
    "cp1252": (LEADS.replace("Ada", "Jürgen").encode("cp1252"), 0, "1 captured"),
    "utf16": (LEADS.encode("utf-16"), 0, "1 captured"),
    "utf16 without a mark": (LEADS.encode("utf-16-le"), 0, "1 captured"),
    "commas": (LEADS.replace(";", ",").encode(), 0, "1 captured"),
    "missing columns": (b"Vorname,Nachname\nAda,Lovelace\n", 2, "--map"),
    "twice the same column": (b"E-Mail,E-Mail\na@x.de,b@x.de\n", 0, "the same name were numbered: E-Mail"),
    "a megabyte": (
        LEADS.encode() + b"bob@b.example;" + b"x" * 1_048_576 + b";y;z;\n",
        0,
        "person.first_name: too_long",
    ),
    "NUL bytes": (LEADS.encode() + b"b\x00b@b.example;x;y;z;\n", 1, "line 3: E-Mail: has letters that were lost"),
    "ragged": (LEADS.encode() + b"bob@b.example;x;y;z;;a\n", 0, "surplus_cells"),
    "short": (LEADS.encode() + b"bob@b.example;x\n", 0, "short_row"),
    "an open quote": (LEADS.encode() + b'bob@b.example;"x;y;z;\n', 0, "open_quote"),
    "nothing but a header": (LEADS.splitlines()[0].encode(), 0, "0 rows"),
    "empty": (b"", 2, "it is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00", 2, "can't be used"),
}


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_message_or_refused_rows_never_a_traceback(tmp_path, name, command):
    content, code, said = BAD[name]
    (tmp_path / "leads.csv").write_bytes(content)
    done = lead(command, tmp_path / "leads.csv")
    assert done.exit_code == code, done.output
    assert said.replace("captured", "rows" if command == "check" else "captured") in done.output
    assert "Traceback" not in done.output
    assert "unexpected" not in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope.csv"], "there is no such file"),
        (["."], "it is a folder"),
        (["leads.csv", "--config", "nope.yaml"], "can't be read"),
        (["leads.csv", "--config", "leads.csv"], "it must have keys and values"),
        (["leads.csv", "--db", "no/such/leads.db"], "its folder doesn't exist"),
        (["leads.csv", "--db", "mysql://host/x"], "sqlite and postgresql"),
        (["leads.csv", "--db", "flow.yaml"], "not a database"),
        (["leads.csv", "--map", "email"], "write COLUMN=KEY"),
        (["leads.csv", "--now", "soon"], "write it like"),
        (["leads.csv", "--refused", "no/such/r.csv"], "can't be written"),
        (["leads.csv", "--smtp", "http://x"], "smtp"),
    ],
)
def test_what_can_not_be_used_is_one_line_and_exit_code_2(folder, monkeypatch, arguments, said):
    monkeypatch.chdir(folder)
    done = lead("run", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.startswith("leadflow: ")
    assert done.stderr.count("\n") == 1


def test_rules_that_can_not_work_are_named_with_their_file(folder):
    (folder / "flow.yaml").write_text(CONFIG.replace("company.name", "company.nmae"), encoding="utf-8")
    done = lead("run", folder / "leads.csv", "--config", folder / "flow.yaml")
    assert done.exit_code == 2
    assert "flow.yaml" in done.stderr
    assert "company.nmae" in done.stderr


def test_what_nobody_expected_is_one_line_and_a_traceback_only_on_demand(folder, monkeypatch):
    def breaks(*_arguments, **_more):
        raise RuntimeError("a bug")

    monkeypatch.setattr(run_command, "run", breaks)
    monkeypatch.delenv("LEADFLOW_DEBUG", raising=False)
    done = lead("run", folder / "leads.csv")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "LEADFLOW_DEBUG=1" in done.stderr
    monkeypatch.setenv("LEADFLOW_DEBUG", "1")
    assert isinstance(lead("run", folder / "leads.csv").exception, RuntimeError)


# ------------------------------------------------------------------------------------------------- other commands
def test_check_shows_kinds_of_findings_with_lines_and_suggestions(folder):
    (folder / "leads.csv").write_text("E-Mail,Land\nada@gmial.com,Mordor\nbob@gmial.com,DE\n", encoding="utf-8")
    done = lead("check", folder / "leads.csv")
    assert done.exit_code == 0
    assert "error: address.country" in done.stdout
    assert "line 2" in done.stdout
    assert "gmail.com" in done.stdout
    said = json.loads(lead("check", folder / "leads.csv", "--json").stdout)
    counts = {(one["field"], one["severity"]): one["count"] for one in said["findings"]}
    assert counts["address.country", "error"] == 1
    assert said["rows"] == 2


def test_lint_says_what_is_doubtful_about_the_rules(folder):
    done = lead("lint", folder / "flow.yaml")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (
        0,
        "fair@1: fit is from 0 to 40, engagement is from 0 to 0",
    )
    doubtful = CONFIG.replace("value: 40}", "value: 60}") + "custom: {visits: int}\n"
    doubtful = doubtful.replace(
        "fit: [", "engagement: [{on: page_viewd, points: 5}]\n  fit: [{points: 3, when: {op: never}, name: dead}, "
    )
    (folder / "flow.yaml").write_text(doubtful, encoding="utf-8")
    (folder / "log.csv").write_text("lead,kind,at\nada@acme.example,page_viewed,2026-01-01\nx,y\n", encoding="utf-8")
    done = lead("lint", folder / "flow.yaml", "--activities", folder / "log.csv")
    assert done.exit_code == 1, done.output
    assert "3 errors" in done.stdout
    assert "error: dead: never matches" in done.stdout
    assert "did you mean 'page_viewed'?" in done.stdout
    assert "score.fit ≥ 60 is out of reach: fit is from 0 to 40" in done.stdout
    said = json.loads(lead("lint", folder / "flow.yaml", "--json").stdout)
    assert said["bounds"] == {"fit": [0, 40], "engagement": [0, None]}
    assert [flaw["code"] for flaw in said["flaws"] if flaw["severity"] == "error"] == ["never", "out_of_reach"]


def test_lint_needs_rules_that_can_be_bound(folder):
    (folder / "flow.yaml").write_text("source: fair\n", encoding="utf-8")
    done = lead("lint", folder / "flow.yaml")
    assert (done.exit_code, "there is no scoring" in done.stderr) == (2, True)
    (folder / "flow.yaml").write_text(CONFIG.replace("company.name", "company.nmae"), encoding="utf-8")
    done = lead("lint", folder / "flow.yaml")
    assert (done.exit_code, "flow.yaml" in done.stderr, "company.name" in done.stderr) == (2, True, True)


def test_score_ranks_and_writes_reasons(folder):
    done = lead("score", folder / "leads.csv", "--config", folder / "flow.yaml", "--out", folder / "scores.csv")
    assert done.exit_code == 0, done.output
    assert "works somewhere +40" in done.stdout
    with (folder / "scores.csv").open(newline="", encoding="utf-8") as file:
        assert [(row["lead"], row["fit"], row["because"]) for row in csv.DictReader(file)] == [
            ("ada@acme.example", "40.0", "works somewhere +40")
        ]


def test_explain_finds_a_lead_by_its_address_and_says_why(folder):
    database = ("--db", folder / "leads.db", "--config", folder / "flow.yaml")
    lead("run", folder / "leads.csv", *database)
    done = lead("explain", "ADA@acme.example", *database)
    assert done.exit_code == 0, done.output
    assert "+40" in done.stdout
    assert "owned by anna" in done.stdout
    lead_id = done.stdout.split()[1]
    assert lead("explain", lead_id, *database).stdout == done.stdout
    german = lead("explain", lead_id, *database, "--language", "de").stdout
    assert "betreut von anna" in german and "Punkte" in german
    assert json.loads(lead("explain", lead_id, *database, "--json").stdout)["entries"][0]["owner"] == "anna"
    assert lead("explain", lead_id, *database, "--language", "fr").exit_code == 2
    assert lead("explain", "nobody@x.example", *database).exit_code == 2


def test_explain_wants_a_database_that_is_there(folder):
    done = lead("explain", "x", "--db", folder / "nope.db")
    assert (done.exit_code, (folder / "nope.db").exists()) == (2, False)


def test_fields_that_the_config_does_not_know_are_named_and_cost_nothing_else(folder):
    (folder / "own.yaml").write_text(
        "custom: {colour: text}\ncolumns: {E-Mail: email, Lieblingsfarbe: custom.colour}\n"
    )
    lead("run", folder / "leads.csv", "--config", folder / "own.yaml", "--db", folder / "leads.db")
    done = lead("explain", "ada@acme.example", "--db", folder / "leads.db")
    assert done.exit_code == 0
    assert "custom.colour" in done.stdout  # a finding; the value is kept aside


def test_tick_does_what_is_due(folder):
    database = ("--db", folder / "leads.db", "--config", folder / "flow.yaml")
    (folder / "flow.yaml").write_text(CONFIG + "service_levels: [{stage: mql, within: 1h}]\n", encoding="utf-8")
    lead("run", folder / "leads.csv", *database, "--now", "2026-03-02T09:00Z")
    assert "1 deadline" in lead("tick", *database, "--now", "2026-03-02T11:00Z").stdout
    assert "nothing was due" in lead("tick", *database, "--now", "2026-03-02T11:00Z").stdout


def test_features_are_made_for_leads_that_were_stored_without_any(folder):
    database = ("--db", f"sqlite:///{folder}/leads.db")
    assert lead("refresh-features", *database).exit_code == 2  # there is no database yet
    lead("run", folder / "leads.csv", *database)
    assert "every lead can be compared" in lead("refresh-features", *database).stdout
    with closing(sqlite3.connect(folder / "leads.db")) as connection, connection:
        before = connection.execute("SELECT features FROM leadflow_leads").fetchall()
        connection.execute("UPDATE leadflow_leads SET features = NULL")
    done = lead("refresh-features", *database)
    assert (done.exit_code, done.stdout.strip()) == (0, "1 leads can be compared and found now that could not")
    with closing(sqlite3.connect(folder / "leads.db")) as connection:
        assert connection.execute("SELECT features FROM leadflow_leads").fetchall() == before
    assert lead("refresh-features", *database, "--quiet").stdout == ""


def test_the_lifecycle_is_drawn_from_its_table():
    assert lead("lifecycle", "--diagram").stdout.startswith("stateDiagram")
    assert lead("lifecycle", "--diagram", "--all").stdout.strip() == DEFAULT.diagram().strip()
    assert lead("lifecycle").stdout.strip() == DEFAULT.table().strip()


def test_editors_get_a_schema_of_what_may_be_written(folder):
    written = lead("schema", "--out", folder / "flow.schema.json")
    assert (written.exit_code, written.stdout) == (0, "")
    of_config = json.loads((folder / "flow.schema.json").read_text(encoding="utf-8"))
    assert of_config == json_schema(FlowFile)
    assert json.loads(lead("schema", "--what", "model").stdout) == json_schema(ScoringModel)
    assert json.loads(lead("schema", "--what", "condition").stdout) == json_schema(Condition)


def test_the_schema_for_a_config_knows_its_own_fields(folder):
    (folder / "flow.yaml").write_text("custom: {fleet: int}\n" + CONFIG, encoding="utf-8")
    paths = json.loads(lead("schema", "--config", folder / "flow.yaml").stdout)["$defs"]["FieldPath"]["anyOf"]
    assert [set(one) for one in paths] == [{"enum"}]
    assert {"custom.fleet", "company.employees", "account.score"} <= set(paths[0]["enum"])


def test_a_row_with_cells_that_can_not_be_read_is_used_and_said(folder):
    text = "custom: {since: date}\ncolumns: {E-Mail: email, Wann: at, Seit: custom.since}\n"
    text += 'consent: {column: OK, proof: "ticked"}\n'
    (folder / "flow.yaml").write_text(CONFIG + text, encoding="utf-8")
    rows = "E-Mail;Wann;Seit;OK\nada@acme.example;31.31.2026;neulich;ja\n;31.31.2026;;ja\n"
    (folder / "leads.csv").write_text(rows, encoding="utf-8")
    given = folder / "leads.csv", "--config", folder / "flow.yaml"
    done = lead("run", *given, "--refused", folder / "refused.csv")
    assert done.exit_code == 1
    assert "2 rows = 1 captured + 0 updated + 0 unsure + 1 refused" in done.stdout
    assert "1 × error: at: not_readable" in done.stdout
    assert "1 × error: custom.since: not_readable" in done.stdout
    assert "1 × error: consents: undated_consent" in done.stdout
    with (folder / "refused.csv").open(newline="", encoding="utf-8") as file:
        (refused,) = csv.DictReader(file)
    assert (refused["line"], "give an e-mail address" in refused["reason"]) == ("3", True)
    found = json.loads(lead("run", *given, "--json").stdout)["files"]["leads"]["findings"]
    assert {"severity": "error", "field": "at", "code": "not_readable", "count": 1} in found
    shown = lead("check", *given).stdout
    assert "line 2: '31.31.2026' column 'Wann': '31.31.2026' is not a moment; write it like 2026-12-31T14:30" in shown
    assert "line 2: 'neulich' column 'Seit': 'neulich' is not a moment" in shown
    assert "column 'OK': column 'Wann' has no date that can be read" in shown


def test_leads_that_can_not_be_read_are_listed(folder):
    database = f"sqlite:///{folder / 'leads.db'}"
    lead("run", folder / "leads.csv", "--db", database)
    assert (fine := lead("unreadable", "--db", database)).exit_code == 0
    assert fine.stdout == "every lead can be read\n"
    with closing(sqlite3.connect(folder / "leads.db")) as connection, connection:
        (lead_id,) = connection.execute("SELECT id FROM leadflow_leads").fetchone()
        connection.execute('UPDATE leadflow_leads SET doc = \'{"note": "secret\'')
    done = lead("unreadable", "--db", database)
    assert done.exit_code == 1
    assert done.stdout.startswith(f"{lead_id}: ")
    assert "can't be read" in done.stdout
    assert done.stdout.endswith("1 can't be read\n")
    assert "secret" not in done.output
    assert (quiet := lead("unreadable", "--db", database, "--quiet")).exit_code == 1
    assert quiet.stdout == ""
    assert lead("unreadable", "--db", folder / "nope.db").exit_code == 2


@pytest.mark.parametrize("command", ["run", "check", "score", "explain", "tick", "unreadable", "schema", "lifecycle"])
def test_help_has_an_example(command):
    done = lead(command, "--help")
    assert done.exit_code == 0
    assert "Example" in done.stdout


def test_the_command_works_as_a_program(folder):
    program = [sys.executable, "-m", "leadflow.cli"]
    version = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("leadflow ")
    run = subprocess.run([*program, "run", "nope.csv"], cwd=folder, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("leadflow: file: 'nope.csv'")


def test_without_the_extra_it_says_what_to_install():
    code = "import sys; sys.modules['typer'] = None; from leadflow.cli import main; main()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "pip install 'leadflow[cli]'" in run.stderr
    assert "Traceback" not in run.stderr
