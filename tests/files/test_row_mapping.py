"""What the cells of a row mean: one that can't be read is a finding, and the row is used."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.decisions.intake import read_submission
from leadflow.files.column_headers import LEAD_KEYS
from leadflow.files.config import FlowFile
from leadflow.files.file_check import check_file
from leadflow.files.journey import RunPlan, run
from leadflow.files.row_mapping import LeadRow, RowMapping
from leadflow.files.rules import rules_of

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
CUSTOM = {"since": "date", "seen": "moment", "vip": "bool", "size": "int", "rate": "float", "nick": "text"}
CONSENT = {"column": "Newsletter", "proof": "ticked at the fair"}
CONFIG = FlowFile.model_validate(
    {
        "source": "fair",
        "zone": "Europe/Berlin",
        "custom": CUSTOM,
        "consent": CONSENT,
        "columns": {"Mail": "email", "Wann": "at", "Kunde seit": "custom.since", "Gesehen": "custom.seen"},
    }
)
COLUMNS = ["Mail", "Wann", "Kunde seit", "Gesehen", "Newsletter"]
MEANING = RowMapping(CONFIG.columns, CONFIG, "fair", frozenset({"Newsletter"}))
UNREADABLE = ["31.31.2026", "gestern", "01/02/2026", "46023.5.1", "0", "-1", "2026-13-01", "9" * 5_000, "\x00?"]


def consents(lead: LeadRow) -> Any:
    return lead.capture.consents


def row(**cells: str) -> dict[str, str]:
    return {"Mail": "ada@acme.example"} | cells


@pytest.mark.parametrize("cell", UNREADABLE)
@pytest.mark.parametrize(
    ("column", "field"), [("Wann", "at"), ("Kunde seit", "custom.since"), ("Gesehen", "custom.seen")]
)
def test_a_moment_that_can_not_be_read_is_a_finding_and_kept_as_it_is(column, field, cell):
    lead = MEANING.lead(row(**{column: cell}), NOW)
    assert lead.capture.at is None
    assert lead.capture.values["email"] == "ada@acme.example"
    (found,) = lead.findings
    assert (found.code, found.field, found.severity) == ("not_readable", field, "error")
    assert repr(column) in found.message, "the column"
    assert found.value is not None and found.value.strip("… ")[:60] in cell.replace("\x00", "\ufffd "), "the value"
    assert "write it like 2026-12-31T14:30" in found.message, "the remedy"
    assert lead.capture.values[f"{column} (unreadable)"] == cell
    assert not {"at", "since", "seen"} & {*lead.capture.values}


def test_moments_that_can_be_read_are_read_as_ever():
    lead = MEANING.lead(row(Wann="31.12.2025 14:30", **{"Kunde seit": " 3.4.2021 ", "Gesehen": "20260102"}), NOW)
    assert lead.capture.at == datetime(2025, 12, 31, 13, 30, tzinfo=UTC)
    assert lead.capture.values == {
        "email": "ada@acme.example",
        "since": "2021-04-02",
        "seen": "2026-01-01T23:00:00+00:00",
    }
    assert not lead.findings


# ------------------------------------------------------------------------------------------------------------ consent
@pytest.mark.parametrize("cell", [*UNREADABLE, "9" * 1_001, "x" * 1_001])
def test_a_yes_whose_date_can_not_be_read_is_no_consent(cell):
    lead = MEANING.lead(row(Wann=cell, Newsletter="ja"), NOW)
    assert lead.capture.consents == ()
    _, found = lead.findings
    assert (found.code, found.field, found.severity) == ("undated_consent", "consents", "error")
    assert "'Newsletter'" in found.message and "'Wann'" in found.message and "put the date right" in found.message


def test_a_yes_is_taken_with_its_date_and_without_one_as_of_now():
    dated = MEANING.lead(row(Wann="2026-05-01T09:00Z", Newsletter="ja"), NOW)
    assert [one.at for one in consents(dated)] == [datetime(2026, 5, 1, 9, tzinfo=UTC)]
    assert [one.at for one in consents(MEANING.lead(row(Wann=" ", Newsletter="ja"), NOW))] == [NOW]


def test_nothing_is_said_of_a_consent_that_nobody_gave():
    lead = MEANING.lead(row(Wann="?", Newsletter="nein"), NOW)
    assert not lead.capture.consents
    assert [one.field for one in lead.findings] == ["at"]


def test_a_yes_with_an_unreadable_date_opens_nothing_in_a_run_and_its_right_date_does(tmp_path):
    for cell, allowed in (("31.31.2026", set()), ("31.05.2026", {("newsletter", "email")})):
        (lead,) = run_with(tmp_path, row(Wann=cell, Newsletter="ja"))
        assert {(one.purpose, one.channel) for one in lead.consents if one.status == "given"} == allowed


# ---------------------------------------------------------------------------------------------------- never the row
def run_with(folder: Path, cells: dict[str, str]) -> list[Any]:
    """The leads after a run with one row, which was not refused."""
    path, there = folder / "leads.csv", []
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(zip(*(dict.fromkeys(COLUMNS, "") | cells).items(), strict=True))
    plan = RunPlan(leads=path, config=CONFIG, db=f"sqlite:///{folder / 'leads.db'}", now=NOW)
    summary = run(plan, after=lambda flow: there.extend(flow.leads()))
    assert not summary.refused, summary.tallies["leads"].refusals
    assert check_file(plan).refused == 0
    return there


def test_a_row_without_anything_readable_but_an_address_is_a_lead_and_all_is_kept(tmp_path):
    (lead,) = run_with(tmp_path, row(Wann="tba", **{"Kunde seit": "?", "Gesehen": "--.--"}))
    assert lead.emails[0].address == "ada@acme.example"
    assert (lead.custom.since, lead.custom.seen) == (None, None)
    assert lead.touches[0].at == NOW
    kept = {one.field: one.value for one in lead.findings if one.code == "unknown_key"}
    assert kept == {"Wann (unreadable)": "tba", "Kunde seit (unreadable)": "?", "Gesehen (unreadable)": "--.--"}


def test_a_row_that_has_no_room_for_one_more_value_is_used(tmp_path):
    assert len(run_with(tmp_path, row(Wann="tba", **{f"c{number}": "x" for number in range(99)}))) == 1


def test_a_row_with_more_columns_than_a_submission_may_have_values_is_used_and_all_is_kept(tmp_path):
    (lead,) = run_with(tmp_path, row(**{f"c{number}": f"v{number}" for number in range(400)}, Gesehen="20260102"))
    assert lead.custom.seen
    assert "v399" in str([one.value for one in lead.findings]) or lead.findings[-1].field == "(more columns)"


@pytest.mark.parametrize(("key", "used"), [("email2", False), ("phone", False), ("company", False), ("note", True)])
def test_a_cell_with_lost_letters_is_used_for_free_text_only(key, used):
    cells = row(X="030 90\ufffd1820")
    lead = RowMapping({"Mail": "email", "X": key}, CONFIG, "fair").lead(cells, NOW)
    assert (key in lead.capture.values) == used
    assert ("X (unreadable)" in lead.capture.values) != used


LONG = st.builds(
    str.__mul__, st.sampled_from(["x", "\u0958", "\U0001d160", "9", "\u0301", "\x01"]), st.sampled_from([1, 400, 1_001])
)
ODD = [*UNREADABLE, "0001-01-01", "9999-12-31T23:59:59-12:00", "ja", "1e999", "nan"]
CELLS = st.text(max_size=30) | LONG | st.sampled_from(ODD)
KEYS = sorted({*LEAD_KEYS, *(f"custom.{name}" for name in CUSTOM)} - {"email"})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.dictionaries(st.sampled_from(KEYS), CELLS, max_size=6), said=st.sampled_from(["ja", "?"]))
def test_no_cell_costs_the_row(flow, cells, said):
    """Whatever stands in the other cells: who has an e-mail address is captured, and consent has a date."""
    columns = {key: key for key in ("email", *KEYS)}
    read = RowMapping(columns, CONFIG, "fair", frozenset({"Newsletter"})).lead(
        {"email": "ada@acme.example", "Newsletter": said, **cells}, NOW
    )
    assert flow.run(read.capture).lead_id
    if "at" in {one.field for one in read.findings}:
        assert read.capture.at is None and not read.capture.consents
    submission = read_submission(flow.policy, read.capture.values, source=read.capture.source, at=NOW, dated=None)
    assert submission.main_email is not None, "nor the address"


@pytest.fixture
def flow() -> LeadFlow:
    return LeadFlow(MemoryStorage(), **rules_of(CONFIG), clock=lambda: NOW)
