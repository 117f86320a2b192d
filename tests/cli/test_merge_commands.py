"""Twins are decided on the command line: merged, told apart, merged in bulk, and taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadflow import Actor, LeadFlow
from leadflow.adapters.sql import SqlStorage
from leadflow.cli.commands import app

EVA = Actor(kind="marketing", id="eva")


def lead(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture
def flow(tmp_path: Path):
    storage = SqlStorage(f"sqlite:///{tmp_path}/leads.db").migrate()
    yield LeadFlow(storage, country="DE")
    storage.close()


@pytest.fixture
def database(tmp_path: Path, flow) -> tuple[str, str]:
    for number in range(3):
        person = {"first_name": f"Ada{number}", "last_name": f"Lovelace{number}x", "company": f"Firm{number} GmbH"}
        for mailbox, title in (("a", "CTO"), ("b", "Engineer")):
            typed = {"email": f"{mailbox}@firm{number}.example", "phone": f"+49 30 90182{number}", "job_title": title}
            flow.capture(person | typed, source=mailbox)
    assert len(flow.twins()) == 3
    return "--db", f"sqlite:///{tmp_path}/leads.db"


def test_a_merge_is_shown_made_and_taken_back(database, flow) -> None:
    pair = ("a@firm0.example", "b@firm0.example")
    ask = ("merge", *pair, *database, "--field", "person.job_title=newest", "--by", "eva")
    shown = lead(*ask, "--dry-run")
    assert "person.job_title: CTO (a) | Engineer (b); kept: absorbed (newest)" in shown
    assert "would be merged" in shown and len(flow.twins()) == 3
    done = json.loads(lead(*ask, "--json"))
    assert flow.get(done["absorbed_id"]).person.job_title == "Engineer"
    assert "marketing eva" in flow.explain(done["lead_id"]).text()
    assert lead(*ask) == f"they are one lead already: {done['lead_id']}\n"
    by_address = CliRunner().invoke(app, ["unmerge", *pair, *database])  # by now it is the survivor's
    assert by_address.exit_code == 2 and done["absorbed_id"] in by_address.output
    back = ("unmerge", pair[0], done["absorbed_id"], *database)
    assert "would be restored" in lead(*back, "--dry-run") and flow.get(done["absorbed_id"]).id == done["lead_id"]
    assert json.loads(lead(*back, "--json"))["conflicts"] == []
    assert flow.by_email(pair[1]).id == done["absorbed_id"]
    lead(*back, code=2)  # it is taken back


def test_different_people_are_told_apart(database, flow) -> None:
    pair = ("a@firm1.example", "b@firm1.example")
    assert "are two people" in lead("not-same", *pair, *database)
    assert len(flow.twins()) == 2
    lead("merge", *pair, *database, code=2)


def test_pairs_are_merged_in_bulk_after_a_dry_run_as_far_as_the_limit_goes(database, flow) -> None:
    ask = ("merge-all", *database, "--above", "0.9")
    lead(*ask, code=2)  # neither a dry run nor --yes
    foretold = json.loads(lead(*ask, "--dry-run", "--json"))
    assert (len(foretold["merged"]), foretold["more"], len(flow.twins())) == (3, False, 3)
    assert 0.9 <= foretold["precision"] <= 1
    said = lead(*ask, "--limit", 1, "--yes")
    assert said.startswith("merged: 1 pairs; expected to be right: 9") and "run it again" in said
    assert len(json.loads(lead(*ask, "--yes", "--json"))["merged"]) == 2
    assert lead(*ask, "--yes") == "merged: 0 pairs\n"
    assert len(list(flow.leads())) == 3
    lead(*ask, "--yes", "--field", "person.job_title", code=2)
    lead(*ask, "--yes", "--rule", "best", code=2)
    lead(*ask, "--yes", "--score", "average", code=2)
