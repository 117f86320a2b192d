"""``leadflow backtest`` and ``leadflow compare``: what is said, written and answered, and which exit code."""

import csv
import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from leadflow import LeadFlow
from leadflow.adapters.sql import SqlStorage
from leadflow.cli.commands import app
from leadflow.testing import ClockAt

START = datetime(2026, 1, 5, tzinfo=UTC)
CONFIG = """
source: web
scoring:
  name: b2b
  fit: [{points: 30, when: {op: ge, field: company.employees, value: 250}, because: enterprise}]
  engagement: [{activity: demo, points: 20}]
  grades: {fit: [30], engagement: [20]}
qualification: {mql: {op: ge, field: score.fit, value: 30}}
routing: {territories: [{name: all, condition: {op: always}, reps: [{id: anna, weight: 3}, ben]}]}
"""
EVERYBODY = CONFIG.replace("value: 250", "value: 50").replace("name: b2b", "name: b2b-new")


def leadflow(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Leads who are won if they are large, or asked for a demo before; those who asked afterwards always are."""
    path, chance = tmp_path_factory.mktemp("past"), random.Random(4)
    (path / "flow.yaml").write_text(CONFIG, encoding="utf-8")
    (path / "new.yaml").write_text(EVERYBODY, encoding="utf-8")
    with (path / "past.csv").open("w", newline="") as leads, (path / "done.csv").open("w", newline="") as done:
        rows, acts = csv.writer(leads), csv.writer(done)
        rows.writerow(["Lead ID", "E-Mail", "Employees", "Came", "Status"])
        acts.writerow(["lead", "kind", "at"])
        for place in range(120):
            size, asked, came = (
                chance.choice([10, 100, 400]),
                chance.random() < 0.3,
                START + timedelta(hours=12 * place),
            )
            won = chance.random() < 0.15 + 0.4 * (size > 250) + 0.3 * asked
            status = "Open" if place % 10 == 9 else "Won" if won else "Lost"
            address = f"a@firm{place}.example"
            rows.writerow([place, address, size, came.isoformat(), status])
            if asked:
                acts.writerow([address, "demo", (came - timedelta(days=1)).isoformat()])
            if won:
                acts.writerow([address, "demo", (came + timedelta(days=1)).isoformat()])
    return path


PAST = ("past.csv", "--outcome", "Status", "--time", "Came", "--config", "flow.yaml", "--activities", "done.csv")


def in_folder(folder, arguments):
    return [folder / one if str(one).endswith((".csv", ".yaml", ".html")) else one for one in arguments]


# ----------------------------------------------------------------------------------------------------- backtest
def test_a_backtest_says_how_good_the_model_would_have_been(folder, tmp_path):
    report = tmp_path / "report.html"
    done = leadflow("backtest", *in_folder(folder, PAST), "--slots", 3, "--report", report)
    assert done.exit_code == 0, done.output
    assert "b2b@1: 108 past leads" in done.stdout
    assert "learned from earlier leads, judged on 72" in done.stdout
    assert "from so many points on:" in done.stdout
    assert "3 a week: call from" in done.stdout
    assert "b2b@1 over past.csv" in report.read_text(encoding="utf-8")


def test_what_happened_after_the_moment_does_not_count_unless_the_moment_is_later(folder):
    said = [
        json.loads(leadflow("backtest", *in_folder(folder, PAST), "--json", *more).stdout)
        for more in ((), ("--after", "2d"))
    ]
    assert [one["leads"] for one in said] == [108, 108]
    assert said[0]["auc"] < 0.9 < said[1]["auc"] < 1  # two days later it is known who asked for a demo on being won
    assert said[0]["outcomes"] == {"Won": "won", "Lost": "lost", "Open": "open"}
    assert (said[0]["unit"], said[0]["slots"], said[0]["model"]) == ("points", None, "b2b@1")


def test_the_outcome_itself_is_never_seen_by_the_model(folder, tmp_path):
    peeks = tmp_path / "peeks.yaml"
    rules = CONFIG.replace("op: ge, field: company.employees, value: 250", "op: eq, field: custom.status, value: Won")
    custom = "columns: {E-Mail: email, Came: at, Status: custom.status}\ncustom: {status: text}\n"
    peeks.write_text(rules + custom, encoding="utf-8")
    done = leadflow("backtest", folder / "past.csv", "--outcome", "Status", "--config", peeks, "--json")
    assert json.loads(done.stdout)["auc"] == 0.5


def test_a_database_is_replayed_by_its_facts(folder, tmp_path):
    clock = ClockAt(START)
    storage = SqlStorage(f"sqlite:///{tmp_path / 'leads.db'}").migrate()
    flow = LeadFlow(storage, clock=clock)
    for place in range(12):
        size = 300 if place % 3 else 10
        lead = flow.capture({"email": f"a@firm{place}.example", "employees": size}, source="web").lead_id
        clock.advance(days=1)
        if place % 3 or place == 0:
            flow.fast_track(lead, by="anna", to="customer", reason="bought")
        elif place == 3:
            flow.disqualify(lead, by="anna", reason="a student")
        clock.advance(days=1)
    storage.close()
    more = ("--db", tmp_path / "leads.db", "--config", folder / "flow.yaml", "--now", clock().isoformat(), "--json")
    said = json.loads(leadflow("backtest", *more).stdout)
    assert (said["leads"], said["won"]) == (10, 9)
    said = json.loads(leadflow("backtest", *more, "--within", "1w").stdout)
    assert (said["leads"], said["won"], said["auc"]) == (9, 7, pytest.approx(13 / 14))


@pytest.mark.parametrize(("arguments", "says"), [
    (["--config", "flow.yaml"], "give a file with --outcome COLUMN, or a database with --db URL"),
    (["past.csv", "--config", "flow.yaml"], "give a file with --outcome"),
    (["past.csv", "--outcome", "Statu", "--config", "flow.yaml"], "did you mean 'Status'"),
    (["past.csv", "--outcome", "Status", "--config", "flow.yaml", "--after", "soon"], "not a length of time"),
    (["past.csv", "--outcome", "Status", "--config", "flow.yaml", "--time", "Cam"], "did you mean 'Came'"),
    (["past.csv", "--outcome", "Employees", "--config", "flow.yaml"], "--won VALUE"),
    (["--db", "nope.db", "--config", "flow.yaml"], "there is no such database"),
])  # fmt: skip
def test_what_can_not_be_done_is_said_in_a_line(folder, arguments, says):
    done = leadflow("backtest", *in_folder(folder, arguments))
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())
    assert "Traceback" not in done.output and "unexpected" not in done.output


def test_refused_rows_give_exit_code_1(folder, tmp_path):
    path = tmp_path / "past.csv"
    path.write_text((folder / "past.csv").read_text(encoding="utf-8") + "1,a@b.example,x,y,z,q,r\n", encoding="utf-8")
    done = leadflow("backtest", path, "--outcome", "Status", "--config", folder / "flow.yaml")
    assert done.exit_code == 1
    assert "line 122" in done.stdout


def test_a_lead_that_came_nobody_knows_when_is_not_replayed(folder, tmp_path):
    path = tmp_path / "past.csv"
    path.write_text(
        (folder / "past.csv").read_text(encoding="utf-8") + "1,a@b.example,10,neulich,Won\n", encoding="utf-8"
    )
    done = leadflow("backtest", *in_folder(folder, [path, *PAST[1:]]))
    assert done.exit_code == 1
    assert "line 122: at: 'neulich'" in done.stdout


# ------------------------------------------------------------------------------------------------------ compare
def test_a_comparison_says_who_changes_grade_why_and_what_each_rep_gets(folder, tmp_path):
    report = tmp_path / "report.html"
    done = leadflow("compare", *in_folder(folder, ["flow.yaml", "new.yaml", "past.csv"]), "--report", report)
    assert done.exit_code == 0, done.output
    said = json.loads(leadflow("compare", *in_folder(folder, ["flow.yaml", "new.yaml", "past.csv"]), "--json").stdout)
    before, after = said["passing"]["before"]["leads"], said["passing"]["after"]["leads"]
    with (folder / "past.csv").open(newline="") as file:
        sizes = [int(row["Employees"]) for row in csv.DictReader(file)]
    assert (before, after) == (sizes.count(400), sizes.count(400) + sizes.count(100))
    assert f"{sizes.count(100)} of 120 leads change grade" in done.stdout
    assert "because enterprise +30" in done.stdout
    assert f"to sales: {before} → {after} leads; {after - before} newly, 0 no longer" in done.stdout
    assert said["load"] == [
        {"rep": "anna", "before": 0.75 * before, "after": 0.75 * after},
        {"rep": "ben", "before": 0.25 * before, "after": 0.25 * after},
    ]
    assert {one["lead"] for one in said["regraded"]} == {str(n) for n, size in enumerate(sizes) if size == 100}
    assert "From flow.yaml to new.yaml" in report.read_text(encoding="utf-8")


def test_what_the_leads_did_counts_in_a_comparison(folder, tmp_path):
    files = in_folder(folder, ["flow.yaml", "new.yaml", "past.csv"])
    said = json.loads(leadflow("compare", *files, "--activities", folder / "done.csv", "--json").stdout)
    with (folder / "done.csv").open(newline="") as file:
        asked = {row["lead"] for row in csv.DictReader(file)}
    assert sum(n for grade, n in said["before"].items() if grade.endswith("1")) == len(asked) > 20


def test_it_fails_in_ci_if_too_much_changes(folder):
    files = in_folder(folder, ["flow.yaml", "new.yaml", "past.csv"])
    assert leadflow("compare", *files, "--max-regraded", 0.9, "--max-load-change", 9, "-q").exit_code == 0
    done = leadflow("compare", *files, "--max-regraded", 0.1, "--max-load-change", 0.1, "-q")
    assert done.exit_code == 1
    assert "B2 → A2 (enterprise +30)" in done.output
    assert "the load of anna goes from" in done.output


def test_a_mistake_is_named_with_the_file_that_it_is_in(folder, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(EVERYBODY.replace("company.employees", "company.employes"), encoding="utf-8")
    done = leadflow("compare", folder / "flow.yaml", wrong, folder / "past.csv")
    assert done.exit_code == 2
    assert "wrong.yaml" in done.output and "flow.yaml: " not in done.output.replace("wrong.yaml", "")
    assert "company.employees" in done.output
    wrong.write_text("source: web\n", encoding="utf-8")
    assert "there is no scoring in it" in leadflow("compare", folder / "flow.yaml", wrong, folder / "past.csv").output


def test_a_config_without_a_gate_says_nothing_of_load(folder, tmp_path):
    bare = tmp_path / "bare.yaml"
    bare.write_text(CONFIG[: CONFIG.index("qualification")], encoding="utf-8")
    done = leadflow("compare", bare, bare, folder / "past.csv")
    assert "load: unknown" in done.stdout and "0 of 120 leads change grade" in done.stdout


def test_quiet_is_quiet(folder):
    done = leadflow("backtest", *in_folder(folder, PAST), "--now", "2026-06-01", "-q")
    assert (done.exit_code, done.output) == (0, "")


def test_rules_on_the_account_are_refused_rather_than_left_out(folder, tmp_path):
    config = tmp_path / "account.yaml"
    config.write_text(CONFIG.replace("field: company.employees, value: 250", "field: account.score, value: 1"))
    said = leadflow("compare", folder / "flow.yaml", config, folder / "past.csv")
    assert said.exit_code == 2
    assert "account" in said.output
