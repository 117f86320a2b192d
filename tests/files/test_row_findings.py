"""What was found when a row of a file was read stays on the lead that came from it."""

from datetime import UTC, datetime

import pytest

from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.entities import ExternalId, Finding
from leadflow.errors import InvalidInput
from leadflow.files.config import FlowFile
from leadflow.files.journey import RunPlan, run
from leadflow.flow import LeadFlow

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADER = "E-Mail,Vorname,Nachname,Telefon,PLZ,Firma\n"
DOUBT = Finding(code="lost_letters", field="person.last_name", severity="warning", message="was read from a scan")


def leads_of(folder, text: bytes | str, **config):
    """The flow with the leads of a file, and the leads."""
    (folder / "leads.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    summary = run(RunPlan(folder / "leads.csv", config=FlowFile(**config), db=str(folder / "leads.db"), now=NOW))
    assert summary.adds_up
    flow = LeadFlow(SqlStorage(f"sqlite:///{folder / 'leads.db'}"), clock=lambda: NOW)
    return flow, sorted(flow.leads(), key=lambda lead: str(lead.email.address))


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("ada@acme.example,Ada,x,Lovelace,+49 30 901820,10115,Acme", "surplus_cells", "row"),
        ("ada@acme.example,Ada,Lovelace,+49 30 901820,10115,Acme, Inc.", "surplus_cells", "company.name"),
        ('ada@acme.example,Ada,Lovelace,+49 30 901820,10115,"Acme', "open_quote", "company.name"),
        ("ada@acme.example,Ada,M?ller,+49 30 901820,10115,Acme", "lost_letters", "person.last_name"),
        ("ada@acme.example,Ada,Lovelace,4.9E+11,10115,Acme", "rounded_number", "phone"),
        ("ada@acme.example,Ada,Lovelace,+49 30 901820,#REF!,Acme", "spreadsheet_error", "address.postcode"),
    ],
)
def test_a_finding_on_a_row_is_one_of_its_lead_and_takes_from_its_quality(tmp_path, row, code, field):
    flow, (ada, clean) = leads_of(tmp_path, f"{HEADER}{row}\nbo@beta.example,Bo,Berg,+49 30 901821,10115,Beta\n")
    (found,) = [one for one in ada.findings if one.code == code]
    assert (found.field, clean.findings) == (field, ())
    assert code in flow.quality(ada.id).text()
    assert flow.quality(ada.id).validity < flow.quality(clean.id).validity == 100
    assert found.reason("de") in flow.explain(ada.id).text("de")


def test_a_correction_settles_what_was_found_in_a_row(tmp_path):
    flow, (ada,) = leads_of(tmp_path, f"{HEADER}ada@acme.example,Ada,x,Lovelace,,,Acme\n")
    assert flow.quality(ada.id).validity < 100
    flow.correct(ada.id, {"company": "Acme SE"}, by="anna")
    assert flow.quality(ada.id).validity == 100


def test_a_file_that_is_imported_again_notes_nothing_twice(tmp_path):
    _, (once,) = leads_of(tmp_path, f"{HEADER}ada@acme.example,Ada,Lovelace,,,Acme,x,y\n")
    _, (twice,) = leads_of(tmp_path, f"{HEADER}ada@acme.example,Ada,Lovelace,,,Acme,x,y\n")
    assert once == twice


def test_a_host_brings_findings_of_its_own_reader():
    flow = LeadFlow(MemoryStorage())
    captured = flow.capture({"email": "ada@acme.example"}, source="scan", findings=[DOUBT])
    assert DOUBT in captured.findings
    assert DOUBT in flow.get(captured.lead_id).findings


def test_a_repeated_submission_is_one_whatever_was_found_in_it():
    flow = LeadFlow(MemoryStorage())
    flow.capture({"email": "ada@acme.example"}, source="scan", findings=[DOUBT])
    assert flow.capture({"email": "ada@acme.example"}, source="scan").repeated


def test_what_was_found_in_a_submission_that_was_held_comes_with_it_to_the_lead():
    flow, crm = LeadFlow(MemoryStorage()), ExternalId(system="crm", id="1")
    one = flow.capture({"email": "one@acme.example"}, source="crm", external_id=crm).lead_id
    flow.capture({"email": "other@acme.example"}, source="web")
    flow.capture({"email": "other@acme.example", "city": "Ulm"}, source="web", external_id=crm, findings=[DOUBT])
    assert DOUBT not in flow.get(one).findings
    (held,) = flow.held(one)
    flow.give_held(held, to=one, by="anna")
    assert DOUBT in flow.get(one).findings


@pytest.mark.parametrize("wrong", [DOUBT, "x", [{"code": "x"}], 3, [DOUBT] * 1_001])
def test_what_are_no_findings_is_refused(wrong):
    with pytest.raises(InvalidInput, match="findings: "):
        LeadFlow(MemoryStorage()).capture({"email": "ada@acme.example"}, source="scan", findings=wrong)


def test_a_refusal_quotes_no_value_that_a_reader_found():
    quoted = Finding(code="not_readable", field="phone", severity="error", message="'0301234' is none")
    with pytest.raises(InvalidInput) as refused:
        LeadFlow(MemoryStorage()).capture({"phone": ""}, source="scan", findings=[quoted])
    assert "0301234" not in str(refused.value)
