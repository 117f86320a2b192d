"""Leads of the past in any CSV file: types, outcomes, moments, and names that rules can use."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.conditions.values import checked_path
from leadflow.errors import InvalidInput
from leadflow.files.history import _paths, read_history, typed


def history(folder, text, **options):
    path = folder / "past.csv"
    path.write_text(text, encoding="utf-8")
    return read_history(path, **({"outcome": "won"} | options))


def test_columns_are_numbers_moments_or_texts_by_what_they_hold(tmp_path):
    rows = "size;since;code;won\n10;2026-01-02;A1;1\n;02.01.2026;7;0\n1e3;n/a;;1\n"
    read = history(tmp_path, rows)
    assert read.columns["size"] == [10.0, None, 1000.0]
    assert read.columns["since"] == [datetime(2026, 1, 2, tzinfo=UTC)] * 2 + [None]
    assert read.columns["code"] == ["A1", "7", None]
    assert read.outcomes == [True, False, True]
    assert read.leads[1] == {"size": None, "since": datetime(2026, 1, 2, tzinfo=UTC), "code": "7"}


def test_columns_get_names_that_rules_can_use(tmp_path):
    read = history(tmp_path, "Größe (m²),1st,größe m,%,won\na,b,c,d,1\na,b,c,d,0\n")
    assert read.names == {"groesse_m2": "Größe (m²)", "column_1st": "1st", "groesse_m": "größe m", "column": "%"}
    assert read.path("1st") == "column_1st"


@given(st.lists(st.text(max_size=8), unique=True, max_size=12))
def test_every_header_gets_a_name_of_its_own(headers):
    paths = _paths(headers)
    assert list(paths.values()) == headers
    assert [checked_path(path) for path in paths] == list(paths)


@pytest.mark.parametrize(("cells", "values"), [
    (["1.5", "2"], [1.5, 2]),
    (["1,5", "1.234,25", "-3"], [1.5, 1234.25, -3]),
    (["1.234", "2.5"], [1.234, 2.5]),
    (["1,5", "2.5"], ["1,5", "2.5"]),  # both: nobody knows what is meant
    (["1_000", "inf"], ["1_000", "inf"]),
    (["1e999", "1"], ["1e999", "1"]),
])  # fmt: skip
def test_numbers_have_a_point_or_a_comma_in_the_whole_column(cells, values):
    assert typed(cells) == values


@given(st.lists(st.text(max_size=6), min_size=1, max_size=10))
def test_any_cells_have_a_type(cells):
    assert len(typed(cells)) == len(cells)


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("Yes", "No"), ("ja", "nein"), ("Won", "Stalled"), ("x", "lost")])
def test_the_obvious_outcome_is_understood(tmp_path, yes, no):
    assert history(tmp_path, f"x,won\na,{yes}\nb,{no}\n").outcomes == [True, False]


def test_any_other_outcome_is_asked_for_and_never_guessed(tmp_path):
    rows = "x,won\na,open\nb,gold\nc,silver\n"
    with pytest.raises(InvalidInput, match=r"'gold'.*--won VALUE"):
        history(tmp_path, rows)
    assert history(tmp_path, rows, won=["gold", "silver"]).outcomes == [False, True, True]
    with pytest.raises(InvalidInput, match="never has this value"):
        history(tmp_path, rows, won=["golden"])


def test_rows_without_an_outcome_are_open_and_broken_ones_refused_by_line(tmp_path):
    read = history(tmp_path, "x,at,won\na,2026-01-01,1\nb,2026-01-02,\nc,soon,0\nd\ne,2026-01-03,0\n", time="at")
    assert (read.open, read.outcomes) == (1, [True, False])
    assert [line for line, _ in read.refused] == [4, 5]
    assert "at: 'soon' is no moment" in read.refused[0][1]
    assert read.times == [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 3)]
    assert list(read.columns) == ["x"]


@pytest.mark.parametrize("options", [{"outcome": "Won"}, {"time": "wonn"}])
def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path, options):
    with pytest.raises(InvalidInput, match="did you mean 'won'"):
        history(tmp_path, "x,won\na,1\nb,0\n", **options)


def test_a_file_of_outcomes_alone_has_leads_of_whom_nothing_is_known(tmp_path):
    assert history(tmp_path, "won\n1\n0\n").leads == [{}, {}]
