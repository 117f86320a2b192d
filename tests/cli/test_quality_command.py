"""The quality of the data in a database, as people and scripts ask for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadflow.cli.commands import app

LEADS = """email,last_name,company,phone,created
ada@acme.example,Müller,Acme GmbH,+49 30 901820,2026-01-10
bob@gmial.com,King,,12,2023-01-10
"""
CONFIG = """
data_quality:
  purposes:
    - {name: mailing, needs: [email.address]}
    - {name: visit, needs: [phone.number, [[person.last_name, company.name]]]}
  freshness: [[email, 365 days]]
  completeness_weight: 50
  validity_weight: 0
  freshness_weight: 50
"""


def lead(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def database(tmp_path: Path) -> tuple[object, ...]:
    (tmp_path / "leads.csv").write_text(LEADS, encoding="utf-8")
    (tmp_path / "flow.yaml").write_text(CONFIG, encoding="utf-8")
    options = ("--db", tmp_path / "leads.db", "--config", tmp_path / "flow.yaml", "--now", "2026-03-02T09:00Z")
    done = lead("run", tmp_path / "leads.csv", *options[:4], "-q")
    assert done.exit_code == 0, done.output
    return options


def test_the_quality_of_all_leads_by_hand(database) -> None:
    """Ada: both purposes 25 + 25, fresh 50. Bob: mailing 25, neither need of a visit, an e-mail of three years ago."""
    done = lead("quality", *database, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["leads"], found["mean"]) == (2, 62.5)
    assert {name: leads for name, leads in found["bands"].items() if leads} == {"20–29": 1, "90–100": 1}
    assert found["complete"] == {"mailing": 2, "visit": 1}
    assert found["missing"] == {"company.name": 1, "phone.number": 1}
    assert found["ages"] == {"email": {"fresh": 1, "ageing": 0, "outdated": 1, "nothing": 0}}
    assert {one["code"] for one in found["findings"]} >= {"email_typo", "impossible_phone"}


def test_it_is_said_in_english_and_in_german(database) -> None:
    english, german = (lead("quality", *database, "--language", one).stdout for one in ("en", "de"))
    assert "62.5 of 100 on average over 2 reachable leads" in english
    assert "e-mail confirmed: 1 fresh, 0 ageing, 1 outdated, 0 without" in english
    assert "62,5 von 100 im Mittel über 2 erreichbare Leads" in german
    assert "1 × Warnung: email: die Domain sieht nach einem Tippfehler aus → nachfragen" in german
    assert lead("quality", *database, "--language", "fr").exit_code == 2


def test_a_definition_that_can_not_work_names_the_config(tmp_path: Path, database) -> None:
    config = tmp_path / "flow.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("phone.number", "phone.numbr"), encoding="utf-8")
    done = lead("quality", *database)
    assert done.exit_code == 2
    assert "purpose 'visit': phone.numbr: Lead has no such field; did you mean phone.number?" in done.output


def test_what_check_finds_is_said_in_german_with_what_to_do(database, tmp_path: Path) -> None:
    done = lead("check", tmp_path / "leads.csv", "--language", "de")
    assert "line 3: 'bob@gmial.com' die Domain ähnelt gmail.com; vermutlich bob@gmail.com" in done.stdout
    assert "→ nachfragen; der Vorschlag wird nicht übernommen" in done.stdout
    (tmp_path / "refused.csv").write_text("Name,Email\nAda Lovelace,\n", encoding="utf-8")
    refused = lead("check", tmp_path / "refused.csv", "--language", "de")
    assert "line 2: eine E-Mail-Adresse, Telefonnummer, Postanschrift oder ein Profil" in refused.stdout
