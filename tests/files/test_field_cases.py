"""Files that people met in practice with other systems, each with the leads that are right."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from leadflow.cli.commands import app
from leadflow.files.config import FlowFile, read_config
from leadflow.files.file_check import check_file
from leadflow.files.journey import RunPlan, columns_in, run

FIELD = Path(__file__).parent / "field"
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def value(lead, path):
    """``emails`` and ``phones`` as texts, ``at``, ``campaign``, ``id``, ``social``, ``out`` (opted out), or a path."""
    touch = lead.touches[0]
    own = {
        "emails": [str(one.address) for one in lead.emails],
        "phones": [one.number for one in lead.phones],
        "at": None if touch.at == NOW else touch.at.isoformat()[:16].removesuffix("T00:00"),
        "campaign": touch.campaign,
        "id": next((f"{one.system}:{one.id}" for one in lead.external_ids), None),
        "social": next((f"{one.network}:{one.handle}" for one in lead.social), None),
        "out": any(one.status == "withdrawn" for one in lead.consents),
    }
    if path in own:
        return own[path]
    for name in path.split("."):
        lead = getattr(lead, name, None)
    return lead


ADA, BEN = (
    {"person.first_name": "Ada", "person.last_name": "Lovelace"},
    {"person.first_name": "Ben", "person.last_name": "Berg"},
)
LINKEDIN: list[dict[str, Any]] = [
    {
        **ADA,
        "emails": ["ada@acme.example"],
        "social": "linkedin:ada-example",
        "person.job_title": "CTO",
        "at": "2024-03-15",
    },
    {**BEN, "emails": [], "social": "linkedin:ben-example", "company.name": "Acme", "at": "2023-02-02"},
    {"social": "linkedin:ghost", "company.name": "Ghost", "at": "2020-01-01"},
]
BERLIN = {
    "address.street": "Musterstraße",
    "address.house_number": "5",
    "address.postcode": "10115",
    "address.city": "Berlin",
}
MULLER = {"person.first_name": "Jürgen", "person.last_name": "Müller", "address.city": "Köln"}
CASES: dict[str, list[dict[str, Any]]] = {
    "C01 01_linkedin": LINKEDIN,
    "C01 08_title_rows": [
        {**ADA, "id": "file:LD-001", "phones": ["+4930901820"], "note": "Callback Monday"},
        {**BEN, "id": "file:LD-002"},
        {"person.last_name": "Clay", "note": "Wrong number"},
    ],
    "C01 08b_blank_first": [{**ADA, "emails": ["ada@acme.example"], "phones": ["+4930901820"]}, {**BEN, "phones": []}],
    "C02 01b_linkedin_nopre": LINKEDIN,
    "C03 02_google_old": [
        {
            **ADA,
            **BERLIN,
            "person.title": "Dr.",
            "emails": ["ada@acme.example", "ada@home.example"],
            "company.name": "Acme",
            "phones": ["+4930901820", "+4930901821", "+4915112345678"],
            "person.job_title": "CTO",
            "company.domain": "acme.example",
        },
        {**BEN, "emails": [], "phones": ["+491711234567"]},
    ],
    "C03 02b_google_new": [
        {**ADA, **BERLIN, "company.name": "Acme", "person.department": "IT", "phones": ["+4930901820"]}
    ],
    "C04 03_meta_utf16": [
        {
            **ADA,
            "phones": ["+4915112345678"],
            "at": "2026-03-02T07:12",
            "id": "meta:1200300400500601",
            "campaign": "Q1 Leads",
        },
        {
            **BEN,
            "phones": ["+491711234567"],
            "at": "2026-03-02T08:12",
            "id": "meta:1200300400500602",
            "campaign": "Q1 Leads",
        },
    ],
    "C06 05_hubspot": [
        {"phones": ["+33450112233", "+33611223344"], "at": "2023-04-12T09:31", "id": "hubspot:5101", "out": True},
        {"address.country": "FR", "at": "2024-11-02T16:05", "out": False},
        {"phones": ["+33298001122"], "at": "2025-01-15", "address.country": "FR"},
        {"emails": ["ann@other.example", "ann2@other.example"], "address.country": "US"},
    ],
    "C07 29_sf_title": [
        {**ADA, "person.title": None, "person.job_title": "VP of Sales", "person.seniority": "director"},
        {**BEN, "person.title": None, "person.job_title": "Student"},
    ],
    "C09 25_float": [
        {"phones": ["+4930901820"], "address.postcode": "4109", "company.employees": 250, "id": "file:1001"},
    ],
    "C10 06_excel_sci": [
        {**ADA, "phones": []},
        {**BEN, "phones": []},
        {"phones": ["+4915112345678"]},
        {"phones": ["+4930901820"], "address.postcode": "04109"},
        {"phones": ["+4930901820"], "address.postcode": "04109"},
    ],
    "C11 26_eq": [
        {
            **ADA,
            "emails": ["ada@acme.example"],
            "company.name": "Acme",
            "company.legal_form": "GmbH",
            "phones": ["+4930901820"],
            "address.postcode": "04109",
            "id": "file:00123",
        },
    ],
    "C11 28_eq_raw": [
        {"emails": ["a@acme.example"], "address.city": "MaVille", "address.postcode": "01234", "note": "Mon;Memo"},
        {"emails": ["b@berg.example"], "address.city": "Ville", "phones": ["+4930901821"], "note": "x;y"},
    ],
    "C12 23_excel_trailing": [{"emails": [f"p{n}@acme{n}.example"], "person.first_name": "Anna"} for n in range(1, 21)],
    "C12 19_short_rows": [{**ADA, "phones": []}, {**BEN, "phones": []}],
    "C15 14c_cp1251": [{"emails": ["ivan@firma.example"], "phones": ["+74951234567"]}],
    "C15 14b_cp1250": [{"person.first_name": "Łukasz", "person.last_name": "Żółć", "company.name": "Przykład"}],
    "C15 11b_macroman": [MULLER],
    "C15 14_sjis": [{"emails": ["taro@sample.example"]}],
    "C15 16_mojibake": [MULLER],
    "C16 24_us_dates": [{"at": "2026-03-15"}, {"at": "2025-12-01"}, {"at": "2026-04-02T14:30"}, {"at": "2025-11-30"}],
    "C16 20_serial": [
        {"at": "2026-03-01"},
        {"at": "2026-03-01T12:00"},
        {"at": None},
        {"at": "2026-03-02T07:12"},
        {"at": "2026-03-02T07:12"},
        {"at": "2026-03-02T08:12"},
        {"at": "2026-03-02"},
        {"at": "2026-03-02T08:12"},
        {"at": "2026-03-02"},
    ],
    "C18 09_dup_headers": [{"emails": ["ada@acme.example"], "phones": ["+4930901820"], "person.last_name": "Ada"}],
    "C18 09b_dup_exact": [{**ADA, "phones": ["+4930901820", "+4915112345678"], "note": "a"}],
    "C19 21_google_form_de": [{**ADA, "phones": ["+4915112345678"], "at": "2025-02-07T00:13"}],
}
CONFIGS = {"C04 03_meta_utf16": "03.yaml", "C16 24_us_dates": "24.yaml"}
SAID = {
    "C04 03_meta_utf16": (4, "a test of the form's provider"),
    "C09 25_float": (2, "spreadsheet_number"),
    "C10 06_excel_sci": (2, "rounded_number"),
    "C12 23_excel_trailing": (17, "short_row"),
    "C12 19_short_rows": (2, "short_row"),
    "C15 16_mojibake": (2, "encoded_twice"),
    "C16 20_serial": (4, "not_readable"),
}
"""What is said of a line: the code of a finding, or why it was refused."""


def leads(case, config=None):
    there = []
    settings = (config or FlowFile()).model_copy(update={"country": "DE"})
    run(RunPlan(path_of(case), config=settings, now=NOW), after=lambda flow: there.extend(flow.leads()))
    return sorted(there, key=lambda lead: lead.id)


def path_of(case):
    return FIELD / f"{case.split()[1]}.csv"


def test_every_file_has_a_case():
    assert {path_of(case) for case in CASES} == {*FIELD.glob("*.csv")}


@pytest.mark.parametrize("case", CASES)
def test_the_leads_of_a_file_are_right(case):
    found = leads(case)
    assert [
        {path: value(lead, path) for path in right} for lead, right in zip(found, CASES[case], strict=True)
    ] == CASES[case]


@pytest.mark.parametrize("case", CONFIGS)
def test_a_config_that_says_what_columns_mean_gives_the_same(case):
    one, two = (
        [value(lead, "at") for lead in leads(case, config)] for config in (None, read_config(FIELD / CONFIGS[case]))
    )
    assert one == two


@pytest.mark.parametrize("case", SAID)
def test_what_is_doubtful_in_a_file_is_said_with_its_line(case):
    check = check_file(RunPlan(path_of(case), config=FlowFile(country="DE"), now=NOW))
    lines = {(one.line, kind.code) for kind, _ in check.kinds for one in check.examples[kind]}
    line, said = SAID[case]
    assert (line, said) in lines or any(line == at and said in why for at, why in check.refusals)


@pytest.mark.parametrize(
    ("case", "note"),
    [
        ("C01 01_linkedin", "line 4 has the column names"),
        ("C15 14c_cp1251", "is a guess"),
        ("C18 09b_dup_exact", "were numbered: Phone, Notes"),
    ],
)
def test_how_a_file_was_read_is_said_before_anything_is_written(case, note):
    assert any(note in one for one in columns_in(RunPlan(path_of(case)))[0].notes)
    assert note in CliRunner().invoke(app, ["columns", str(path_of(case))]).output
