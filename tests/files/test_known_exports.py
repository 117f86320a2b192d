"""Exports of well-known programs map without a config: moment, id, campaign, opt-outs; a form's tests are nobody."""

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leadflow.files.config import FlowFile, read_config
from leadflow.files.config_draft import config_draft
from leadflow.files.journey import RunPlan, columns_in, run
from leadflow.files.tables import table

EXPORTS = Path(__file__).parent / "exports"
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
MARCH = datetime(2026, 3, 15, 14, 30, tzinfo=UTC)


def leads(path, config=None):
    there = []
    plan = RunPlan(path, config=config or FlowFile(country="DE"), now=NOW)
    return run(plan, after=lambda flow: there.extend(flow.leads())), there


EXPECTED = {
    "apollo": ("apollo", "5f1", NOW, None, False),
    "cvent": ("badge cvent", "1001", MARCH, None, False),
    "hubspot": ("hubspot", "51", datetime(2025, 3, 4, 10, tzinfo=UTC), None, True),
    "icapture": ("file", "7", MARCH, "Expo", False),
    "linkedin_lead_gen": ("linkedin lead gen", "abc", MARCH, "Q1", False),
    "mailchimp": ("mailchimp", "123", datetime(2025, 6, 12, 7, 53, 28, tzinfo=UTC), None, True),
    "outlook_de": (None, None, NOW, None, False),
    "outlook_en": (None, None, NOW, None, False),
    "pipedrive": ("pipedrive", "77", MARCH, None, True),
    "salesforce_api": ("salesforce", "00Q1", MARCH, None, True),
    "salesforce_report": ("salesforce", "00Q1", datetime(2026, 3, 15, tzinfo=UTC), "Expo", True),
    "scan2lead": ("badge scan2lead", "1", MARCH, None, False),
    "snapaddy": (None, None, MARCH, None, False),
    "swapcard": (None, None, MARCH, None, False),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_export_brings_person_company_moment_id_campaign_and_opt_out(name):
    system, id, at, campaign, is_out = EXPECTED[name]
    summary, (lead,) = leads(EXPORTS / f"{name}.csv")
    assert not summary.refused
    assert (lead.person.first_name, lead.person.last_name, lead.company.name) == ("Ada", "Lovelace", "Acme")
    assert lead.emails[0].address == "ada@acme.example"
    assert [(one.system, one.id) for one in lead.external_ids] == ([(system, id)] if system else [])
    assert (lead.touches[0].at, lead.touches[0].campaign) == (at, campaign)
    assert bool([one for one in lead.consents if one.status == "withdrawn"]) == is_out
    assert [one.code for one in lead.findings if one.severity == "error"] == []
    if name != "mailchimp":
        assert lead.phones, "and the phone number"


def test_the_business_number_comes_before_the_private_one_and_the_assistants_is_none():
    _, (lead,) = leads(EXPORTS / "outlook_en.csv")
    assert [one.number for one in lead.phones] == ["+4930901820", "+49301111111", "+4915112345678"]


def test_a_submission_that_its_provider_calls_a_test_is_no_lead():
    summary, there = leads(EXPORTS / "google_ads.csv")
    assert (summary.counts["leads"]["captured"], len(there)) == (1, 1)
    assert "a test of the form's provider" in summary.tallies["leads"].refusals[0].reason


@pytest.mark.parametrize(
    ("header", "cells"),
    [("Status", "Unsubscribed,Subscribed"), ("Abgemeldet am", "02.03.2026,"), ("Opt-Out", "yes,no")],
)
def test_a_column_of_opt_outs_is_known_by_its_name_or_its_values(tmp_path, header, cells):
    out, stays = cells.split(",")
    (tmp_path / "leads.csv").write_text(f"Email,{header}\na@x.example,{out}\nb@x.example,{stays}\n", encoding="utf-8")
    _, there = leads(tmp_path / "leads.csv")
    assert {str(lead.emails[0].address) for lead in there if lead.consents} == {"a@x.example"}


def test_badges_of_two_events_with_one_number_are_two_people(tmp_path):
    for name, person in (("one", "Ada"), ("two", "Bob")):
        text = f"Badge ID,First Name,Phone\n1001,{person},+49 30 90182{len(person)}{name == 'two':d}\n"
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        run(RunPlan(tmp_path / f"{name}.csv", db=str(tmp_path / "leads.db"), now=NOW))
    last = run(RunPlan(tmp_path / "two.csv", db=str(tmp_path / "leads.db"), now=NOW))
    assert last.stages.total() == 2


@pytest.mark.parametrize("path", sorted(EXPORTS.glob("*.csv")), ids=lambda path: path.stem)
def test_what_was_understood_of_an_export_can_be_saved_and_gives_the_same_leads(tmp_path, path):
    copy = Path(shutil.copy(path, tmp_path))
    plan = RunPlan(copy, config=FlowFile(country="DE"), now=NOW)
    (tmp_path / "flow.yaml").write_text(config_draft(*columns_in(plan)), encoding="utf-8")
    config = read_config(tmp_path / "flow.yaml").model_copy(update={"country": "DE"})
    one, two = (
        [lead.model_dump_json(exclude={"id"}) for lead in found] for found in (leads(path)[1], leads(copy, config)[1])
    )
    assert one == two


@pytest.mark.parametrize(
    ("header", "cell", "fields"),
    [
        ("PLZ/Ort", "10115 Berlin", {"postcode": "10115", "city": "Berlin", "country": None}),
        ("PLZ Ort", "D-10115 Berlin", {"postcode": "10115", "city": "Berlin", "country": "DE"}),
        ("Ort, PLZ", "Berlin, 10115", {"postcode": "10115", "city": "Berlin"}),
        ("PLZ und Ort", "10115 Berlin, Deutschland", {"postcode": "10115", "city": "Berlin", "country": "DE"}),
        ("Postcode/City", "1010 Wien, Österreich", {"postcode": "1010", "city": "Wien", "country": "AT"}),
        ("City/State/Zip", "Boston, MA 02110",
         {"postcode": "02110", "city": "Boston", "region": "MA", "country": "US"}),
        ("City, State Zip", "New York NY 10001-1234",
         {"postcode": "10001-1234", "city": "New York", "region": "NY", "country": "US"}),
        ("City", "Boston, MA 02110", {"postcode": "02110", "city": "Boston", "region": "MA", "country": "US"}),
        ("CP Ville", "75008 Paris", {"postcode": "75008", "city": "Paris"}),
        ("PLZ/Ort", "Berlin", {"city": "Berlin"}),
        ("Name, Vorname", "Lovelace, Ada", {"first_name": "Ada", "last_name": "Lovelace"}),
        ("Nachname Vorname", "von Berg Ada", {"first_name": "Ada", "last_name": "von Berg"}),
        ("Name/Vorname", "Lovelace / Ada", {"first_name": "Ada", "last_name": "Lovelace"}),
        ("Vorname, Name", "Ada Lovelace", {"first_name": "Ada", "last_name": "Lovelace"}),
        ("Straße, Nr.", "Ring 5", {"street": "Ring", "house_number": "5"}),
    ],
)  # fmt: skip
def test_a_column_that_holds_several_fields_is_taken_apart(tmp_path, header, cell, fields):
    with (tmp_path / "leads.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["E-Mail", header], ["ada@acme.example", cell]])
    _, (lead,) = leads(tmp_path / "leads.csv", FlowFile())
    found = {
        **lead.person.model_dump(exclude_none=True),
        **(lead.address.model_dump(exclude_none=True) if lead.address else {}),
    }
    assert {key: found.get(key) for key in fields} == fields


def test_the_exports_are_what_their_names_say():
    assert {path.stem for path in EXPORTS.glob("*.csv")} == {*EXPECTED, "google_ads"}
    assert all(len(table(path).columns) > 8 for path in EXPORTS.glob("*.csv"))
