"""The configs that are shown can be used: those in examples/, and the one in the documentation."""

import csv
import re
from pathlib import Path

import pytest

from leadflow.adapters.memory import MemoryStorage
from leadflow.files.config import read_config
from leadflow.files.journey import RunPlan, run
from leadflow.files.rules import rules_of
from leadflow.flow import LeadFlow

ROOT = Path(__file__).parents[2]


def csv_of(path: Path, rows: list[dict[str, str]], columns: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_config_of_the_documentation_works(tmp_path, monkeypatch):
    monkeypatch.setenv("LEADFLOW_SECRET", "a-secret-of-16-bytes-or-more")
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    path = tmp_path / "flow.yaml"
    path.write_text(block, encoding="utf-8")
    assert LeadFlow(MemoryStorage(), **rules_of(read_config(path))).policy.sequences.keys() == {"welcome"}


def test_x_education_scores_routes_and_plays_its_outcomes(tmp_path):
    config = read_config(ROOT / "examples" / "x_education.yaml")
    columns = [*config.columns, *config.ignore, "Converted"]
    best = {
        "What is your current occupation": "Working Professional", "Total Time Spent on Website": "1200",
        "Country": "India",
    }  # fmt: skip
    rows = [
        {"Prospect ID": "a", "Converted": "0", "TotalVisits": "5.0", "City": "Select"} | best,
        {"Prospect ID": "b", "Converted": "1"},
        {"Prospect ID": "c", "Converted": "0", "Total Time Spent on Website": "999"},
    ]
    summary = run(RunPlan(csv_of(tmp_path / "leads.csv", rows, columns), config=config))
    assert summary.stages == {"mql": 1, "customer": 1, "lead": 1}
    assert (summary.refused, summary.unknown) == (0, ())


def test_olist_plays_the_closed_deals(tmp_path):
    config = read_config(ROOT / "examples" / "olist.yaml")
    leads = [{"mql_id": name, "first_contact_date": "2018-02-01", "origin": "social"} for name in "abc"]
    deals = [{"mql_id": "b", "seller_id": "s", "sdr_id": "d", "sr_id": "r", "won_date": "2018-03-01 10:00:00"}]
    summary = run(
        RunPlan(
            csv_of(tmp_path / "leads.csv", leads, list(config.columns)),
            sales=csv_of(tmp_path / "deals.csv", deals, [*deals[0], "business_segment"]),
            config=config,
        )
    )
    assert summary.stages == {"mql": 2, "customer": 1}
    assert summary.refused == 0


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.name)
def test_no_example_holds_a_secret(path):
    assert not re.search(r"(?i)(password|token|secret)\s*:", path.read_text(encoding="utf-8"))
