"""Columns are understood by their names and their values together; known exports without a config."""

from datetime import UTC, datetime
from typing import Any

import pytest

from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.files.config import FlowFile, read_config
from leadflow.files.config_draft import config_draft
from leadflow.files.journey import RunPlan, columns_in, leads_in, run
from leadflow.files.row_mapping import LeadRow

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def keys(folder, text, **config):
    path = folder / "leads.csv"
    path.write_text(text, encoding="utf-8")
    return columns_in(RunPlan(path, config=FlowFile(**config)))[1].keys


def leads(folder, text, **config) -> list[LeadRow]:
    path = folder / "leads.csv"
    path.write_text(text, encoding="utf-8")
    read, meaning = leads_in(RunPlan(path, config=FlowFile(**config)))
    return [meaning.lead_in(row, NOW) for row in read.rows()]


@pytest.mark.parametrize(
    ("values", "meaning"),
    [
        (["VP of Sales", "Student"], "job_title"),
        (["Dr.", "Prof. Dr.", "Dipl.-Ing."], "title"),
        (["Herr", "Frau"], "title"),
        (["Dr.", "", "Dr. med."], "title"),
        (["", ""], "title"),
        (["CTO", "Dr.", "Buyer", "Owner"], "job_title"),
    ],
)
def test_values_decide_what_a_title_is(tmp_path, values, meaning):
    rows = "".join(f"a{at}@x.example,{value}\n" for at, value in enumerate(values))
    assert keys(tmp_path, f"Email,Title\n{rows}")["Title"] == meaning


@pytest.mark.parametrize(
    ("header", "value", "meaning"),
    [
        ("URL", "https://www.linkedin.com/in/ada", "linkedin"),
        ("Website", "https://acme.example", "website"),
        ("URL", "https://www.xing.com/profile/Ada_L", "xing"),
        ("URL", "https://www.linkedin.com/company/acme", "website"),
        ("Kontakt", "ada@acme.example", "email"),
        ("Kontakt", "Ada Lovelace", "name"),
        ("メールアドレス", "taro@sample.example", "email"),
        ("Телефон", "+7 495 1234567", "phone"),
        ("Что-то", "030 901820", None),
        ("Nom", "Ada Lovelace", "name"),
        ("Nombre", "Ada", "first_name"),
    ],
)
def test_values_decide_between_meanings(tmp_path, header, value, meaning):
    assert keys(tmp_path, f"Ort,{header}\nUlm,{value}\n").get(header) == meaning


def test_a_name_beside_a_first_name_is_the_last_one(tmp_path):
    assert keys(tmp_path, "E-Mail,Name,Vorname\na@x.example,Lovelace,Ada\n")["Name"] == "last_name"
    assert keys(tmp_path, "E-Mail,Name,Vorname\na@x.example,Ada Lovelace,Ada\n")["Name"] == "name"


def test_of_two_alike_the_one_with_values_counts(tmp_path):
    text = "Business Street,Home Street,E-Mail,Phone,Phone\n,Ring 5,a@x.example,030 1,030 2\n"
    assert keys(tmp_path, text) == {
        "Home Street": "street", "E-Mail": "email", "Phone": "phone", "Phone (2)": "phone2",
    }  # fmt: skip


def test_what_a_config_says_is_not_guessed(tmp_path):
    text = "Email,Title,URL\na@x.example,CTO,https://linkedin.com/in/a\n"
    assert keys(tmp_path, text, columns={"Email": "email"}) == {"Email": "email"}
    assert "URL" not in keys(tmp_path, text, ignore=["URL"])


# ------------------------------------------------------------------------------------------------------- dates
def moments(folder, cells, **config):
    rows = "".join(f"a{at}@x.example,{cell}\n" for at, cell in enumerate(cells))
    return [lead.capture.at for lead in leads(folder, f"Email,Created Date\n{rows}", **config)]


def test_one_order_of_day_and_month_holds_for_the_whole_column(tmp_path):
    cells = ["3/15/2026", "12/1/2025", "4/2/2026 2:30 PM"]
    assert [(at.month, at.day) for at in moments(tmp_path, cells)] == [(3, 15), (12, 1), (4, 2)]
    assert [(at.month, at.day) for at in moments(tmp_path, ["15/3/2026", "1/12/2025"])] == [(3, 15), (12, 1)]
    assert moments(tmp_path, ["1/12/2025"]) == [None]
    assert moments(tmp_path, ["1/12/2025"], date_order="month") == [datetime(2025, 1, 12, tzinfo=UTC)]


def test_a_row_that_contradicts_the_order_is_a_finding_and_still_a_lead(tmp_path):
    found = leads(tmp_path, "Email,Created Date\na@x.example,3/15/2026\nb@x.example,3/16/2026\nc@x.example,17/3/2026\n")
    assert [[one.code for one in lead.findings] for lead in found] == [[], [], ["not_readable"]]
    assert found[2].capture.values["email"] == "c@x.example"


# ----------------------------------------------------------------------------------------------------- exports
META = "id\tcreated_time\tcampaign_id\tcampaign_name\tform_id\tplatform\tfull_name\temail\n"


def test_meta_lead_ads_bring_moment_id_and_campaign_and_tests_are_no_leads(tmp_path):
    rows = "l:12\t2026-03-02T08:12:34+01:00\tc:1\tQ1\tf:1\tfb\tAda Lovelace\tada@acme.example\n"
    test = "l:13\t2026-03-02T08:12:34+01:00\tc:1\tQ1\tf:1\tfb\t<test lead: dummy data for full_name>\ttest@fb.com\n"
    (tmp_path / "leads.csv").write_text(META + rows + test, encoding="utf-16")
    there: list[Any] = []
    summary = run(RunPlan(tmp_path / "leads.csv", now=NOW), after=lambda flow: there.extend(flow.leads()))
    (lead,) = there
    assert lead.external_ids[0].system == "meta" and lead.external_ids[0].id == "12"
    (touch,) = lead.touches
    assert (touch.at, touch.source, touch.campaign) == (datetime(2026, 3, 2, 7, 12, 34, tzinfo=UTC), "fb", "Q1")
    assert summary.refused == 1
    assert "a test of the form's provider" in summary.tallies["leads"].refusals[0].reason


def test_who_opted_out_of_mail_in_hubspot_has_opted_out_here(tmp_path):
    text = (
        "Record ID,Email,Lifecycle Stage,Create Date,Country/Region,Unsubscribed from all email\n"
        "51,a@x.example,Lead,2023-04-12 09:31,France,true\n52,b@x.example,Lead,2023-04-12 09:31,France,\n"
    )
    out, stays = leads(tmp_path, text)
    said: list[Any] = [*out.capture.consents]
    assert [(one.purpose, one.channel, one.status) for one in said] == [("newsletter", "email", "withdrawn")]
    assert stays.capture.consents == ()
    assert out.capture.external_id is not None and out.capture.external_id.system == "hubspot"
    flow = LeadFlow(MemoryStorage(), clock=lambda: NOW)
    lead = flow.get(flow.run(out.capture).lead_id)
    assert [one.status for one in lead.consents] == ["withdrawn"]


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("First Name,Last Name,URL,Email Address,Company,Position,Connected On", "linkedin"),
        ("First Name,Organization Name,Labels,E-mail 1 - Value,Phone 1 - Value", "google contacts"),
        ("Lead ID,Lead Owner,First Name,Title,Company,Email,Email Opt Out", "salesforce"),
        ("First Name,Title,Company,Email,Person Linkedin Url,Company Linkedin Url,Apollo Contact Id", "apollo"),
        ("First Name,E-mail Address,E-mail Display Name,Business Phone", "outlook"),
        ("First Name,Email", None),
    ],
)
def test_exports_are_known_by_the_columns_that_only_they_have(tmp_path, header, meant):
    (tmp_path / "leads.csv").write_text(f"{header}\n", encoding="utf-8")
    export = columns_in(RunPlan(tmp_path / "leads.csv"))[1].export
    assert (export.system if export else None) == meant


def test_a_column_of_addresses_and_numbers_is_taken_apart(tmp_path):
    (lead, odd) = leads(tmp_path, "Email / Phone\nada@x.example / +49 30 901820\nada@x.example / call Bob\n")
    assert lead.capture.values == {"email": "ada@x.example", "phone": "+49 30 901820"}
    assert odd.capture.values["Email / Phone (unreadable)"] == "ada@x.example / call Bob"


@pytest.mark.parametrize(
    ("cell", "phone", "code"),
    [
        ("4930901820.0", "4930901820", "spreadsheet_number"),
        ("4.915112345678E+12", "4915112345678", "spreadsheet_number"),
        ("4,91512E+11", None, "rounded_number"),
    ],
)
def test_a_number_that_a_spreadsheet_spoiled_is_its_digits_or_a_finding(tmp_path, cell, phone, code):
    (lead,) = leads(tmp_path, f'Email;Telefon\na@x.example;"{cell}"\n')
    assert lead.capture.values.get("phone") == phone
    assert [one.code for one in lead.findings] == [code]


def test_a_name_with_lost_letters_is_not_used_but_kept(tmp_path):
    (lead,) = leads(tmp_path, "Email,Nachname\na@x.example,M\ufffdller\n")
    assert "last_name" not in lead.capture.values
    assert lead.capture.values["Nachname (unreadable)"] == "M\ufffdller"
    assert [one.code for one in lead.findings] == ["lost_letters"]


def test_what_was_understood_can_be_saved_and_means_the_same(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes(
        "Messe 2026\n\nVorname;Titel;E-Mail;Datum;Farbe\nJürgen;CTO;j@x.example;15/3/2026;rot\n".encode("cp1252")
    )
    read, meanings = columns_in(RunPlan(path))
    (tmp_path / "flow.yaml").write_text(config_draft(read, meanings), encoding="utf-8")
    config = read_config(tmp_path / "flow.yaml")
    assert (config.encoding, config.delimiter, config.header_line, config.date_order) == ("cp1252", ";", 3, "day")
    assert columns_in(RunPlan(path, config=config))[1].keys == meanings.keys
    assert "#   Farbe:" in (tmp_path / "flow.yaml").read_text(encoding="utf-8")


def test_a_column_without_a_meaning_never_overwrites_a_field_by_its_name(tmp_path):
    text = "EMAIL;email;Mail 2;owner;stage\na@x.example;b@x.example;c@x.example;eve;mql\n"
    (lead,) = leads(tmp_path, text)
    assert (lead.capture.values["email"], lead.capture.values["email2"]) == ("a@x.example", "c@x.example")
    kept = {key: one for key, one in lead.capture.values.items() if key.endswith("(column)")}
    assert kept == {"email (column)": "b@x.example", "stage (column)": "mql", "owner (column)": "eve"}


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("Contact: Last Name", "last_name"), ("lead_last_name", "last_name"), ("Account: Account Name", "company"),
        ("What's your full name?", "name"), ("Ihre Nachricht an uns", "note"), ("name.first", "first_name"),
        ("Last contacted", None), ("Date d'inscription", "at"), ("Fecha de alta", "at"), ("Kd-Nr", "external_id"),
    ],
)  # fmt: skip
def test_more_headers_mean_what_they_say(tmp_path, header, meaning):
    assert keys(tmp_path, f"X,{header}\ny,z\n").get(header) == meaning


def test_a_particle_in_a_column_of_its_own_belongs_to_the_last_name(tmp_path):
    (lead,) = leads(tmp_path, "E-mailadres;Voornaam;Tussenvoegsel;Achternaam\na@x.example;Ada;van der;Berg\n")
    assert lead.capture.values["last_name"] == "van der Berg"
