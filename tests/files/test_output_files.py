"""What we write appears whole or not at all, and is harmless in a spreadsheet."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.errors import InvalidInput
from leadflow.files.formulas import harmless
from leadflow.files.output_files import csv_file, text_file


@given(st.sampled_from("=+-@\t\r"), st.text())
def test_no_cell_begins_like_a_formula(sign, rest):
    assert not str(harmless(sign + rest)).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert str(harmless(sign + rest)).endswith(sign + rest)


@pytest.mark.parametrize("value", ["Ada", "a=b", "", -5, 3.5, None])
def test_what_is_no_formula_stays_as_it_is(value):
    assert harmless(value) == value


def test_a_csv_file_is_read_back_with_its_formulas_neutralised(tmp_path):
    with csv_file(tmp_path / "out.csv", ["name", "=head"]) as writer:
        writer.writerow(['=HYPERLINK("http://evil")', -5])
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["name", "'=head"], ['\'=HYPERLINK("http://evil")', "-5"]]


def test_a_file_that_fails_on_the_way_leaves_the_old_one(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(UnicodeError), text_file(path) as file:
        file.write("half" + b"\xff".decode("ascii"))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InvalidInput, match="can't be written"), text_file(tmp_path / "no" / "out.txt"):
        pass
