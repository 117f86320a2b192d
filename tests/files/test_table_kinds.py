"""Tables as exports come: with titles and totals around them, names twice, marks of spreadsheets, and not only CSV."""

import json
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from leadflow.errors import InvalidInput
from leadflow.files.spreadsheet_numbers import digits_of
from leadflow.files.tables import table


def read(folder, content, name="leads.csv", **options):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = table(path, **options)
    return found, [dict(row.cells) for row in found.rows() if row.problem is None]


# ------------------------------------------------------------------------------------------- around the table
@pytest.mark.parametrize(
    "before",
    [
        'Notes:\n"Some addresses, as you may notice, are missing."\n\n',
        "Messe 2026 - Leads,,,\n,,,\n",
        ",,,\n",
        "Report: Leads\nExported by:,Ada\nOn:,2026-01-31\n\n",
    ],
)
def test_the_column_names_are_found_below_a_title(tmp_path, before):
    found, rows = read(tmp_path, before + "First Name,Last Name,Email,Company\nAda,Lovelace,ada@x.example,Acme\n")
    assert found.columns == ("First Name", "Last Name", "Email", "Company")
    assert rows == [{"First Name": "Ada", "Last Name": "Lovelace", "Email": "ada@x.example", "Company": "Acme"}]
    assert bool(before.strip(",\n")) == any("passed over" in note for note in found.notes)


def test_column_names_that_nobody_knows_are_found_below_a_title_too(tmp_path):
    found, rows = read(tmp_path, "Survey\n\nColour,Size,Weight\nred,big,1\nblue,small,2\n")
    assert (found.columns, len(rows)) == (("Colour", "Size", "Weight"), 2)


def test_a_table_without_column_names_loses_nobody(tmp_path):
    found, rows = read(tmp_path, "ada@x.example;Ada;030 901820\nbob@x.example;Bob;030 901821\n")
    assert (found.columns, len(rows)) == (("(column 1)", "(column 2)", "(column 3)"), 2)
    assert rows[0] == {"(column 1)": "ada@x.example", "(column 2)": "Ada", "(column 3)": "030 901820"}
    assert "no line of column names" in found.notes[0]


def test_the_line_of_the_column_names_can_be_given(tmp_path):
    text = "Email,Name\na@x.example,A\nMail,Vorname\nb@x.example,B\n"
    assert read(tmp_path, text, header_line=3)[1] == [{"Mail": "b@x.example", "Vorname": "B"}]
    with pytest.raises(InvalidInput, match=r"header_line.*no row that begins in this line"):
        read(tmp_path, text, header_line=9)


@pytest.mark.parametrize(
    "line", ["Total,3,", "Grand Total: 3,,", "Summe;3", "Gesamt,,3", "Copyright (c) 2026,,", "Generated on 1.1.2026,,",
             "Confidential - do not distribute,,", "Email,First Name,Company", "3 records,,"]
)  # fmt: skip
def test_what_sums_up_a_report_is_no_row(tmp_path, line):
    text = f"Email,First Name,Company\na@x.example,Ada,Total Energies\n{line}\n"
    found, rows = read(tmp_path, text)
    assert [row["Email"] for row in rows] == ["a@x.example"]
    assert found.notes[-1].startswith("1 line is no row and was passed over: line 3, ")


def test_a_row_with_an_address_is_never_taken_for_a_total(tmp_path):
    assert len(read(tmp_path, "Company,Name,Email\nTotal,,t@total.example\n")[1]) == 1


def test_columns_with_one_name_are_numbered_and_said(tmp_path):
    found, rows = read(tmp_path, "Name,Phone,Phone,Phone (2),Phone\nA,1,2,3,4\n")
    assert found.columns == ("Name", "Phone", "Phone (3)", "Phone (2)", "Phone (4)")
    assert list(rows[0].values()) == ["A", "1", "2", "3", "4"]
    assert "columns with the same name were numbered: Phone" in found.notes


# ---------------------------------------------------------------------------------------- marks of spreadsheets
@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ('"=""04109"""', "04109"), ('="04109"', "04109"), ('="a,b"', "a,b"), ('="say ""hi"""', 'say "hi"'),
        ("'0123", "0123"), ("'+49 30 1", "+49 30 1"), ("'t Hooft", "'t Hooft"), ("'68er", "'68er"), ("''", "''"),
        ('="', '="'), ("=1+1", "=1+1"),
    ],
)  # fmt: skip
def test_marks_that_keep_text_text_are_taken_off(tmp_path, cell, meant):
    assert read(tmp_path, f"id,note,last\n1,{cell},x\n")[1] == [{"id": "1", "note": meant, "last": "x"}]


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("4930901820.0", "4930901820"), ("1001.0", "1001"), ("3.108207129E9", "3108207129"), ("3.1E9", "3100000000"),
        ("4.915112345678E+12", "4915112345678"), ("4,915112345678E+12", "4915112345678"), ("1.00000E+03", "1000"),
        ("030 901820", "030 901820"), ("1001.5", "1001.5"), ("A1E5", "A1E5"), ("030.0", "030"), ("", ""),
    ],
)  # fmt: skip
def test_digits_that_went_through_a_number_come_back(cell, digits):
    assert digits_of(cell) == digits


@pytest.mark.parametrize("cell", ["4.47900E+11", "4,91512E+11", "1.5E+11", "1.25E1"])
def test_digits_that_are_gone_are_not_made_up(cell):
    with pytest.raises(ValueError, match="rounded by a spreadsheet"):
        digits_of(cell)


@pytest.mark.parametrize("cell", ["#REF!", "#WERT!", "#NAME?", "#¡VALOR!"])
def test_the_error_of_a_formula_is_a_finding_and_no_value(tmp_path, cell):
    (tmp_path / "leads.csv").write_text(f"id,city\n1,{cell}\n", encoding="utf-8")
    (row,) = table(tmp_path / "leads.csv").rows()
    assert (row.cells["city"], [one.code for one in row.findings]) == ("", ["spreadsheet_error"])


# --------------------------------------------------------------------------------------------------- workbooks
def saved(folder, *sheets, **merged):
    """A workbook of sheets, each a list of rows; ``merged`` are ranges by the sheet's name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cells in merged.get(name, ()):
            sheet.merge_cells(cells)
    book.save(folder / "leads.xlsx")
    return book


def test_a_formula_without_its_result_is_a_finding_and_no_blank(tmp_path):
    saved(
        tmp_path, ("L", [["Email", "Vorname", "Ort"], ["a@x.example", '=PROPER("ada")', "Ulm"], ["b@x.example", "Bob"]])
    )
    found = table(tmp_path / "leads.xlsx")
    first, second = found.rows()
    assert (first.cells["Vorname"], first.cells["Ort"], second.findings[0].code) == ("", "Ulm", "short_row")
    (one,) = first.findings
    assert (one.code, one.field, '=PROPER("ada")' in one.message) == ("formula_without_value", "Vorname", True)


def test_the_sheet_with_the_most_column_names_is_read_and_hidden_and_merged_rows_are_said(tmp_path):
    people = [
        ["Email", "Vorname", "Firma"],
        ["a@x.example", "Ada", "Acme"],
        ["b@x.example", "Bob"],
        ["c@x.example", "C"],
    ]
    book = saved(tmp_path, ("Overview", [["Total", 3], ["By", "Eva"]]), ("People", people), People=["C2:C3"])
    book["People"].row_dimensions[3].hidden = True
    book.save(tmp_path / "leads.xlsx")
    found = table(tmp_path / "leads.xlsx")
    assert found.form == "Excel workbook, sheet 'People'"
    assert len([*found.rows()]) == 3
    assert found.notes == (
        "other sheets were not read: Overview; set sheet",
        "1 rows are hidden in the sheet; they were read like the others",
        "cells of several rows are merged; their value counts for the first row only",
    )


def test_names_of_groups_above_the_column_names_tell_equal_ones_apart(tmp_path):
    rows = [
        ["Kontakt", None, "Firma", None, "Land"],
        ["Name", "E-Mail", "Name", "Ort", None],
        ["Ada L", "a@x.example", "Acme", "Ulm", "DE"],
    ]
    saved(tmp_path, ("L", rows), L=["A1:B1", "C1:D1", "E1:E2"])
    assert table(tmp_path / "leads.xlsx").columns == ("Kontakt Name", "E-Mail", "Firma Name", "Ort", "Land")


def test_a_workbook_is_read_as_its_cells_mean(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "About"
    sheet = book.create_sheet("Leads")
    columns = ["Email", "Phone", "PLZ", "Since", "At", "VIP", "Size"]
    rows = [
        ["Messe 2026"],
        [],
        columns,
        ["a@x.example", 4915112345678.0, 4109, date(2026, 3, 2), datetime(2026, 3, 2, 9, 30), True, 2.5],
    ]
    for row in [*rows, ["b@x.example"]]:
        sheet.append(row)
    sheet["C4"].number_format = "00000"
    book.save(tmp_path / "leads.xlsx")
    found = table(tmp_path / "leads.xlsx")
    first, second = found.rows()
    assert list(first.cells.values()) == [
        "a@x.example", "4915112345678", "04109", "2026-03-02", "2026-03-02 09:30:00", "true", "2.5",
    ]  # fmt: skip
    assert (first.line, second.line, second.cells["Phone"]) == (4, 5, "")
    assert found.form == "Excel workbook, sheet 'Leads'"
    assert "other sheets were not read: About; set sheet" in found.notes
    with pytest.raises(InvalidInput, match="no such sheet; there are: About, Leads"):
        table(tmp_path / "leads.xlsx", sheet="Lead")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel, or has a password; save it as .xlsx or CSV"),
        (b"%PDF-1.7\n", "PDF; export the table as CSV"),
        (b"\x1f\x8b\x08\x00", "compressed; unpack it first"),
        (b"PK\x03\x04 and then nothing", "the workbook can't be read"),
    ],
)
def test_what_is_no_table_is_said_with_what_to_do(tmp_path, content, said):
    with pytest.raises(InvalidInput, match=said):
        read(tmp_path, content)


def test_another_packed_file_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as packed:
        packed.writestr("leads.csv", "a,b\n1,2\n")
    with pytest.raises(InvalidInput, match=r"no \.xlsx workbook; unpack it first"):
        table(tmp_path / "x.zip")


# -------------------------------------------------------------------------------------------------- JSON lines
def test_json_lines_are_rows_with_all_keys_as_columns(tmp_path):
    objects = [{"email": "a@x.example", "vip": True, "address": {"city": "Ulm"}, "tags": ["x", "y"]},
               {"email": None, "id": 12345678901234567890, "rate": 1.10}]  # fmt: skip
    found, rows = read(tmp_path, "\n".join(map(json.dumps, objects)) + "\n", "leads.jsonl")
    assert found.columns == ("email", "vip", "address.city", "tags", "id", "rate")
    assert list(rows[0].values()) == ["a@x.example", "true", "Ulm", "x; y", "", ""]
    assert list(rows[1].values()) == ["", "", "", "", "12345678901234567890", "1.1"]


def test_a_line_that_is_no_object_is_refused_alone(tmp_path):
    path = tmp_path / "leads.jsonl"
    path.write_text('{"email": "a@x.example"}\n[1]\n{"email": \n\n{"email": "b@x.example"}\n')
    assert [(row.line, row.problem is None) for row in table(path).rows()] == [
        (1, True),
        (2, False),
        (3, False),
        (5, True),
    ]


def test_a_json_array_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(InvalidInput, match="JSON array; write one object per line"):
        read(tmp_path, '[\n{"email": "a@x.example"}]', "leads.json")
