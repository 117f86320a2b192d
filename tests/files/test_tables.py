"""Files as programs and people write them: what is read, in which line, and what is refused."""

import codecs
import csv
import io
import json
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from leadflow.errors import InvalidInput
from leadflow.files.row_cells import CELL_LIMIT, KEPT
from leadflow.files.tables import table

SPECTRUM = Path(os.environ.get("LEADFLOW_TEST_DATA", "nowhere")) / "csv_spectrum"
UMLAUTS = "E-Mail;Vorname\nada@x.de;Jürgen\nbob@x.de;Žofie\n"


def written(folder, content):
    path = folder / "leads.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder, content, **options):
    found = table(written(folder, content), **options)
    return found, list(found.rows())


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (UMLAUTS.encode(), "utf-8"),
        (codecs.BOM_UTF8 + UMLAUTS.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + UMLAUTS.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + UMLAUTS.encode("utf-16-be"), "utf-16"),
        (UMLAUTS.encode("utf-16-le"), "utf-16-le"),
        (UMLAUTS.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + UMLAUTS.encode("utf-32-le"), "utf-32"),
        (UMLAUTS.encode("cp1252", "replace").replace(b"?", b"\x8e"), "cp1252"),
    ],
)
def test_encodings_are_found_out(tmp_path, content, encoding):
    found, rows = read(tmp_path, content)
    assert found.source.encoding.name == encoding
    assert found.columns == ("E-Mail", "Vorname")
    assert [row.cells["Vorname"] for row in rows] == ["Jürgen", "Žofie"]


def test_one_bad_byte_does_not_spoil_a_utf8_file(tmp_path):
    content = "name,city\nJürgen,Köln\n".encode() + b"J\xfcrgen,Bonn\n" + "Änne,Würzburg\n".encode()
    found, rows = read(tmp_path, content)
    assert found.source.encoding.name == "utf-8"
    assert [row.problem for row in rows] == [None] * 3
    (mended,) = rows[1].findings
    assert (rows[1].line, rows[1].cells["name"], mended.code) == (3, "Jürgen", "other_encoding")
    assert (mended.field, mended.value, mended.suggestion) == ("name", "J\ufffdrgen", "Jürgen")
    assert rows[2].cells["name"] == "Änne"


def test_an_encoding_can_be_given(tmp_path):
    _, rows = read(tmp_path, "name,city\nŁódź,x\n".encode("cp1250"), encoding="cp1250")
    assert rows[0].cells["name"] == "Łódź"
    with pytest.raises(InvalidInput, match="utf-9"):
        read(tmp_path, "a,b\n1,2\n", encoding="utf-9")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_out_although_cells_hold_others(tmp_path, delimiter):
    lines = [["name", "note", "size"], ["Ada", "one, two; three", "1,5"], ["Bob", "a|b", "2,5"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(lines)
    found, rows = read(tmp_path, text.getvalue())
    assert found.source.delimiter == delimiter
    assert [list(row.cells.values()) for row in rows] == lines[1:]


def test_excels_own_word_on_the_delimiter_is_heard(tmp_path):
    found, rows = read(tmp_path, "sep=;\nname;a,b,c\nAda;1,2,3\n")
    assert found.columns == ("name", "a,b,c")
    assert rows == [(3, {"name": "Ada", "a,b,c": "1,2,3"}, None, ())]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_those_of_the_file_whatever_cells_span(tmp_path, newline):
    text = newline.join(["name,note", 'Ada,"one', 'two, ""three"""', "", "Bob,x", '"Ce', 'c",y', ""])
    _, rows = read(tmp_path, text)
    assert [(row.line, row.cells["name"]) for row in rows] == [(2, "Ada"), (5, "Bob"), (6, f"Ce{newline}c")]
    assert rows[0].cells["note"] == f'one{newline}two, "three"'


def test_the_ends_of_short_rows_are_blank(tmp_path):
    _, rows = read(tmp_path, "a,b,c\n1,2,3\n1,2\n1,2,3,,\n")
    assert [(row.line, row.cells, codes(row)) for row in rows] == [
        (2, {"a": "1", "b": "2", "c": "3"}, []),
        (3, {"a": "1", "b": "2", "c": ""}, ["short_row"]),
        (4, {"a": "1", "b": "2", "c": "3"}, []),
    ]


def codes(row):
    return [one.code for one in row.findings]


GOOD = "First,Last,Company,Email,Phone\nBob,Berg,Berg AG,bob@x.de,030 1\n"


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        # a blank behind the delimiter, as within a text
        ("Ada,Lovelace,Acme, Inc.,ada@x.de,030 2", ["Ada", "Lovelace", "Acme, Inc.", "ada@x.de", "030 2"]),
        ("Ada,Lovelace,Acme,ada@x.de,030 2, 030 3", ["Ada", "Lovelace", "Acme", "ada@x.de", "030 2, 030 3"]),
        # the form of the columns leaves only one reading
        ("Ada,Lovelace,Acme,ada@x.de,030 2,030 3", ["Ada", "Lovelace", "Acme", "ada@x.de", "030 2,030 3"]),
        # which of the texts it is can't be told
        ("Ada,Lovelace,Acme,Inc.,ada@x.de,030 2", ["", "", "", "ada@x.de", "030 2"]),
        ("Ada,Lovelace,Acme,Inc.,Ltd.,ada@x.de,030 2", ["", "", "", "ada@x.de", "030 2"]),
    ],
)
def test_of_a_row_with_a_delimiter_in_a_cell_is_used_what_all_readings_agree_on(tmp_path, line, cells):
    _, (_, row) = read(tmp_path, f"{GOOD}{line}\n")
    kept = row.cells.pop(KEPT, None)
    assert ([*row.cells.values()], row.problem) == (cells, None)
    assert codes(row) == ["surplus_cells"]
    assert kept == (line if "" in cells else None)


@pytest.mark.parametrize(
    ("cell", "read_as", "found"),
    [
        ("\0Ada\0\0", "Ada", ["nul_bytes"]),
        ("A\0da", "A\ufffdda", ["lost_letters"]),
        ("\0\0", "", ["nul_bytes"]),
        ("x" * 1_048_576, "", ["too_long"]),
        ('"' + "x" * 1_048_576 + '"', "", ["too_long"]),
        ("x" * 9_000_000, "", ["too_long", "short_row"]),
    ],
    ids=range(6),
)
def test_a_cell_that_can_not_be_used_costs_no_more_than_itself(tmp_path, cell, read_as, found):
    _, rows = read(tmp_path, f"name,note,last\nBob,{cell},y\nCec,z,z\n")
    assert [(row.line, row.problem) for row in rows] == [(2, None), (3, None)]
    assert [rows[0].cells["name"], rows[0].cells["note"]] == ["Bob", read_as]
    assert codes(rows[0]) == found
    if "too_long" in found:
        assert f"at most {CELL_LIMIT:,} are taken" in rows[0].findings[0].message


@pytest.mark.parametrize(
    ("line", "cells", "kept"),
    [
        ('Ada,"open,x', ["Ada", "open", "x"], None),
        ('Ada,open,"x', ["Ada", "open", "x"], None),
        ('Ada,"open', ["Ada", "", ""], "open"),
        ('Ada,"open, and more,x', ["Ada", "", ""], "open, and more,x"),
    ],
)
@pytest.mark.parametrize("rest", ["Bob,y,y\nCec,z,z\n", 'Bob,y,y\nCec,"z",z\n', 'Bob,y,"y"\n"Cec",z,z\n'])
def test_a_quote_that_is_never_closed_costs_what_stands_behind_it_in_its_line(tmp_path, line, cells, kept, rest):
    _, rows = read(tmp_path, f"name,note,last\n{line}\n{rest}")
    assert rows[0].cells.pop(KEPT, None) == kept
    assert [[*row.cells.values()] for row in rows] == [cells, ["Bob", "y", "y"], ["Cec", "z", "z"]]
    assert [codes(row) for row in rows] == [["open_quote"], [], []]


def test_single_quotes_around_all_column_names_are_those_of_the_file(tmp_path):
    found, rows = read(tmp_path, "'Email','Name'\n'a@x.example','L, Ada'\n'b@x.example','O\"Neill'\n")
    assert (found.columns, rows[0].cells["Name"]) == (("Email", "Name"), "L, Ada")
    assert rows[1].cells["Name"] == 'O"Neill'
    assert read(tmp_path, "Email,Name\na@x.example,'t Hooft\n")[1][0].cells["Name"] == "'t Hooft"


def test_lines_within_a_cell_are_no_rows(tmp_path):
    _, rows = read(tmp_path, 'name,note,last\nAda,"one, two\nthree, four, five\n\nsix",x\n')
    assert [(row.line, row.cells["last"], codes(row)) for row in rows] == [(2, "x", [])]


def test_whole_rows_within_a_cell_are_rows_also_where_a_closing_quote_follows(tmp_path):
    _, rows = read(tmp_path, 'name,note,mail\nAda,"open,a@x.de\nBob,y,b@x.de\nCec,z,c@x.de\nDee",z,d@x.de\n')
    assert [(row.line, row.cells["mail"]) for row in rows] == [
        (line, f"{name}@x.de") for line, name in zip(range(2, 6), "abcd", strict=True)
    ]


def test_an_open_quote_before_many_lines_does_not_swallow_them(tmp_path):
    rest = "".join(f"name{n},{'y' * 90}\n" for n in range(60_000))
    _, rows = read(tmp_path, 'name,note\nAda,"open\n' + rest)
    assert [row.line for row in rows if row.findings] == [2]
    assert len(rows) == 60_001
    assert rows[-1].line == 60_002


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (codecs.BOM_UTF8, "no column names"),
        (b"\n \n\n", "no column names"),
        (b"\x00\x00\x00\x01\x02abc\x00\xff", "NUL"),
        (b'"open,b\n1,2\n', "line 1, the column names"),
    ],
)
def test_what_is_no_csv_file_is_said_in_one_message(tmp_path, content, said):
    with pytest.raises(InvalidInput, match=said):
        read(tmp_path, content)


def test_what_is_no_file_is_said(tmp_path):
    with pytest.raises(InvalidInput, match="there is no such file"):
        table(tmp_path / "nope.csv")
    with pytest.raises(InvalidInput, match="folder"):
        table(tmp_path)


def test_a_header_alone_has_no_rows_and_blank_names_get_one(tmp_path):
    found, rows = read(tmp_path, "a,,c,\n")
    assert (found.columns, rows) == (("a", "(column 2)", "c"), [])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('a,b\n1,"ha ""ha"" ha"\n', [["1", 'ha "ha" ha']]),
        ('a,b\n1,"ha \n""ha"" \nha"\n3,4\n', [["1", 'ha \n"ha" \nha'], ["3", "4"]]),
        ('a,b,c\n1,"",""\n2,3,4\n', [["1", "", ""], ["2", "3", "4"]]),
        ('a,b\n1,"{""type"": ""Point"", ""at"": [102.0, 0.5]}"\n', [["1", '{"type": "Point", "at": [102.0, 0.5]}']]),
        ('a,b\n"120 any st.","Anytown, WW"', [["120 any st.", "Anytown, WW"]]),
        ('a,b\n5" pipe,He said "hi"\n', [['5" pipe', 'He said "hi"']]),
        ("a,b,c\n4,5,ʤ\n", [["4", "5", "ʤ"]]),
    ],
)
def test_odd_but_valid_cells_mean_what_they_say(tmp_path, text, meant):
    assert [list(row.cells.values()) for row in read(tmp_path, text)[1]] == meant


@pytest.mark.skipif(not SPECTRUM.is_dir(), reason="LEADFLOW_TEST_DATA names no folder with csv_spectrum in it")
@pytest.mark.parametrize("name", sorted(path.stem for path in SPECTRUM.glob("*.csv")))
def test_the_odd_files_of_csv_spectrum_mean_what_they_say(name):
    content = (SPECTRUM / f"{name}.csv").read_bytes()
    meant = json.loads((SPECTRUM / f"{name}.json").read_text(encoding="utf-8"))
    meant = meant if isinstance(meant, list) else [meant]
    if b"\r" not in content:  # some copies of the corpus have lost their carriage returns
        meant = [{name: cell.replace("\r\n", "\n") for name, cell in row.items()} for row in meant]
    if name == "location_coordinates":  # its two halves disagree about the phone number
        meant[0]["Contact Phone Number"] = "2095257564"
    assert [dict(row.cells) for row in table(SPECTRUM / f"{name}.csv").rows()] == meant


cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(rows=st.lists(st.tuples(cell, cell, cell), max_size=8), delimiter=st.sampled_from(",;\t|"))
@example(rows=[("a", ',=",', "b")], delimiter=",")
def test_what_csv_writes_is_read_back_row_by_row(tmp_path, rows, delimiter):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([("first", "second", "third"), *rows])
    _, found = read(tmp_path, text.getvalue(), delimiter=delimiter)
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    for row, cells in zip(found, expected, strict=True):
        assert tuple(row.cells.values()) == cells or {one.code for one in row.findings} == {"encoded_twice"}
    assert [row.problem for row in found] == [None] * len(expected)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_whatever_raise_anything_but_a_message(tmp_path, content):
    try:
        _, rows = read(tmp_path, content)
    except InvalidInput:
        return
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))


def test_a_file_is_read_as_a_stream(tmp_path):
    path = written(tmp_path, "name,note\n" + f"Ada Lovelace,{'to be noted ' * 40}\n" * 30_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in table(path).rows()) == 30_000
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 2
    finally:
        tracemalloc.stop()
