"""``leadflow learn``: what is said, written and answered, and which exit code."""

import csv
import json
import random

import pytest
from typer.testing import CliRunner

from leadflow.cli.commands import app
from leadflow.scoring.learning import LearnedModel

pytest.importorskip("sklearn")


def learn(*arguments: object):
    return CliRunner().invoke(app, ["learn", *map(str, arguments)])


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """Leads whose source decides how likely they are won, and a column that gives it away."""
    chance = random.Random(4)
    path = tmp_path_factory.mktemp("past") / "past.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["Lead ID", "Source", "Team Size", "Created", "Sales <b>Verdict</b>", "Converted"])
        for place in range(900):
            source, size = chance.choice(["fair", "web"]), chance.randrange(1, 100)
            won = chance.random() < (0.7 if source == "fair" else 0.2)
            created = f"2026-{1 + place // 100:02}-{1 + place % 28:02}"
            rows.writerow([f"lead-{place}", source, size, created, "good" if won else "bad", int(won)])
    return path


def test_it_says_what_was_learned_how_good_it_is_and_what_was_left_out(past):
    done = learn(past, "--outcome", "Converted", "--time", "Created", "--slots", 5)
    assert done.exit_code == 0, done.output
    assert "past.csv: 900 leads" in done.stdout
    assert "Sales <b>Verdict</b> (tells outcome): by itself it ranks" in done.stdout
    assert "Lead ID (identifier)" in done.stdout
    assert "later leads predicted from earlier ones, 5 parts" in done.stdout
    assert "source = fair" in done.stdout
    assert "5 a week: call from a chance of" in done.stdout


def test_it_answers_programs_in_json_and_writes_model_and_report(past, tmp_path):
    model, report = tmp_path / "model.json", tmp_path / "report.html"
    done = learn(past, "--outcome", "Converted", "--exclude", "Created", "--json", "--out", model, "--report", report)
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["leads"], said["split"], said["folds"], said["slots"]) == (900, "stratified", 5, None)
    assert 0.65 < said["learned"]["auc"] < 0.85
    assert {one["column"] for one in said["left_out"]} == {"Lead ID", "Sales <b>Verdict</b>", "Created"}
    written = LearnedModel.model_validate_json(model.read_text(encoding="utf-8"))
    assert written == LearnedModel.model_validate(said["model"])
    assert written.columns["source"] == "Source"
    page = report.read_text(encoding="utf-8")
    assert "Sales &lt;b&gt;Verdict&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "source = fair" in page


def test_what_each_outcome_was_taken_for_is_said_and_open_leads_are_left_out(past, tmp_path):
    stages = {"1": "Closed Won", "0": "Closed Lost"}
    rows = [line.rsplit(",", 1) for line in past.read_text(encoding="utf-8").splitlines()]
    path = tmp_path / "deals.csv"
    cells = ["Stage", *("Negotiation" if place % 5 == 0 else stages[end] for place, (_, end) in enumerate(rows[1:]))]
    path.write_text(
        "\n".join(f"{start},{cell}" for (start, _), cell in zip(rows, cells, strict=True)), encoding="utf-8"
    )
    done = learn(path, "--outcome", "Stage")
    assert "outcome: 'Closed Won' = won; 'Closed Lost' = lost; 'Negotiation' = open" in done.stdout
    assert "no better than the average" not in done.stdout
    assert "720 leads" in done.stdout and "180 open" in done.stdout
    done = learn(path, "--outcome", "Stage", "--won", "Closed Won", "--lost", "Negotiation", "--json")
    assert json.loads(done.stdout)["outcomes"] == {
        "Closed Won": "won", "Negotiation": "lost", "Closed Lost": "open",
    }  # fmt: skip


def test_dates_that_nobody_asked_for_are_pointed_out(past):
    assert (
        "hint: Created has dates; --time 'Created' judges on later leads"
        in learn(past, "--outcome", "Converted").stdout
    )
    assert "hint" not in learn(past, "--outcome", "Converted", "--time", "Created").stdout


def test_of_a_large_file_a_part_is_drawn_and_that_is_said(past):
    done = learn(past, "--outcome", "Converted", "--most", 500)
    assert "500 leads" in done.stdout and "drawn by chance of 900 (--most)" in done.stdout
    assert json.loads(learn(past, "--outcome", "Converted", "--most", 500, "--json").stdout)["drawn_from"] == 900
    assert json.loads(learn(past, "--outcome", "Converted", "--most", 0, "--json").stdout)["drawn_from"] is None


def test_points_that_say_nothing_are_said_to_say_nothing(tmp_path):
    chance = random.Random(0)
    path = tmp_path / "noise.csv"
    lines = [f"{chance.random()},{chance.choice('abcdefghijkl')},{chance.choice('01')}" for _ in range(500)]
    path.write_text("x,letter,won\n" + "\n".join(lines), encoding="utf-8")
    done = learn(path, "--outcome", "won")
    assert "the average for everybody: ROC-AUC 0.5000, log loss 0.69" in done.stdout
    assert "so the chances are no better than the average\n" in done.stdout


def test_a_column_can_be_kept_after_all(past):
    done = learn(past, "--outcome", "Converted", "--keep", "Sales <b>Verdict</b>", "--json")
    assert json.loads(done.stdout)["learned"]["auc"] > 0.99


@pytest.mark.parametrize(("options", "says"), [
    (["--outcome", "Convrted"], "did you mean 'Converted'"),
    (["--outcome", "Source"], "--won VALUE"),
    (["--outcome", "Converted", "--exclude", "Sorce"], "did you mean 'Source'"),
    (["--outcome", "Converted", "--time", "Created", "--slots", "1e6"], "choose fewer"),
    (["--outcome", "Converted", "--slots", "5"], "the number of weeks"),
])  # fmt: skip
def test_what_can_not_be_done_is_said_in_a_line(past, options, says):
    done = learn(past, *options)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_refused_rows_give_exit_code_1(past, tmp_path):
    path = tmp_path / "past.csv"
    path.write_text(past.read_text(encoding="utf-8") + "a cell too many" + "," * 60 + "x\n", encoding="utf-8")
    done = learn(path, "--outcome", "Converted", "-q")
    assert (done.exit_code, done.output) == (1, "")
