"""Leads of the past in any CSV file: types, outcomes, moments, and names that rules can use."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.conditions.values import checked_path
from leadflow.errors import InvalidInput
from leadflow.files.training_data import _paths, read_history
from leadflow.files.typed_cells import typed


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
    (["$1,234.50", "-$5", "€ 7", "12 EUR"], [1234.5, -5, 7, 12]),
    (["45 %", "7%"], [45, 7]),
    (["1,234", "950"], [1234, 950]),  # a comma between thousands, or 950 would be more than 1.234
    (["1,234,567", "1,234"], [1234567, 1234]),
    (["4,857", "1,334"], [4.857, 1.334]),
    (["1.234,5 €", "2 €"], [1234.5, 2]),
    (["12,34", "950"], [12.34, 950]),
    (["$", "%", "5"], ["$", "%", "5"]),
])  # fmt: skip
def test_numbers_have_a_point_or_a_comma_in_the_whole_column(cells, values):
    assert typed(cells).values == values


def test_a_column_that_is_numeric_but_for_a_few_cells_stays_numeric_and_they_are_named(tmp_path):
    sizes = [str(place) for place in range(1, 41)]
    sizes[6], sizes[8] = "approx. 7", "n/a"
    rows = "".join(f"{size};{place % 2}\n" for place, size in enumerate(sizes))
    read = history(tmp_path, f"Size;won\n{rows}")
    assert read.odd == [(8, "Size", "approx. 7")]
    assert read.columns["size"] == [None if place in (7, 9) else place for place in range(1, 41)]


@given(st.lists(st.text(max_size=6), min_size=1, max_size=10))
def test_any_cells_have_a_type(cells):
    assert len(typed(cells).values) == len(cells)


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("Yes", "No"), ("ja", "nein"), ("Won", "Stalled"), ("x", "lost")])
def test_the_obvious_outcome_is_understood(tmp_path, yes, no):
    assert history(tmp_path, f"x,won\na,{yes}\nb,{no}\n").outcomes == [True, False]


def test_any_other_outcome_is_asked_for_and_never_guessed(tmp_path):
    rows = "x,won\na,bronze\nb,gold\nc,silver\n"
    with pytest.raises(InvalidInput, match=r"'gold'.*--won VALUE"):
        history(tmp_path, rows)
    assert history(tmp_path, rows, won=["gold", "silver"]).outcomes == [False, True, True]
    with pytest.raises(InvalidInput, match="never has this value"):
        history(tmp_path, rows, won=["golden"])


@pytest.mark.parametrize(("cells", "options", "outcomes"), [
    (["Won", "Lost", "Open"], {}, [True, False]),
    (["Closed Won", "Closed Lost", "Negotiation", "New"], {}, [True, False]),
    (["Gewonnen", "Verloren", "offen"], {}, [True, False]),
    (["Yes", "YES", "no"], {}, [True, True, False]),
    (["Customer", "Won", "Disqualified", "Contacted"], {}, [True, True, False]),
    (["gold", "silver", "open"], {"won": ["gold"]}, [True, False]),
    (["gold", "silver", "tin"], {"won": ["gold"]}, [True, False, False]),
    (["gold", "silver", "tin"], {"won": ["gold"], "lost": ["tin"]}, [True, False]),
    (["yes", "no", "maybe"], {"lost": ["no"]}, [True, False]),
])  # fmt: skip
def test_what_is_not_decided_is_open(tmp_path, cells, options, outcomes):
    rows = "x,won\n" + "".join(f"a,{cell}\n" for cell in cells)
    read = history(tmp_path, rows, **options)
    assert (read.outcomes, read.open) == (outcomes, len(cells) - len(outcomes))
    assert set(read.meanings) == set(cells)


@pytest.mark.parametrize(("rows", "options", "says"), [
    ("x,won\na,no\nb,no\n", {}, "every lead has the outcome 'no'; won and lost ones are needed"),
    ("x,won\na,yes\nb,no\nc,maybe\n", {}, "--won VALUE"),
    ("x,won\na,yes\nb,no\n", {"lost": ["nope"]}, "never has this value; it has 'yes', 'no'"),
    ("x,won\na,yes\nb,no\n", {"won": ["yes"], "lost": ["yes"]}, "it is given as won already"),
    ("x,won\na,\nb,\n", {}, "no row has a value in the column 'won'"),
    ("x,won\na,b,c\nb,b,c\n", {}, "none of its rows can be used; line 2: has 3 cells"),
    ("x,won\na\nb\n", {}, "no row has a value in the column 'won'"),
    ("x,at,won\na,soon,1\nb,later,0\n", {"time": "at"}, "none of its rows can be used; line 2: at: 'soon' is not a m"),
    ("x,at,won\na,1/2/2026,1\nb,3/4/2026,0\n", {"time": "at"}, "may be day/month or month/day"),
])  # fmt: skip
def test_what_is_wrong_is_said(tmp_path, rows, options, says):
    with pytest.raises(InvalidInput, match=re.escape(says)):
        history(tmp_path, rows, **options)


def test_a_column_of_moments_says_what_comes_first(tmp_path):
    read = history(tmp_path, "at,seen,won\n1/2/2026,1/2/26,1\n1/13/2026,13/1/26,0\n", time="at")
    assert read.times == [datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 13, tzinfo=UTC)]
    assert read.columns["seen"] == [datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 1, 13, tzinfo=UTC)]


def test_of_many_leads_some_are_drawn_each_with_the_same_chance_and_in_their_order(tmp_path):
    rows = "x,won\n" + "".join(f"{place},{('yes', 'no', '')[place % 3]}\n" for place in range(900))
    read = history(tmp_path, rows, most=60, seed=1)
    places = [int(one) for one in read.columns["x"]]
    assert (len(places), read.drawn_from, read.open) == (60, 600, 300)
    assert places == sorted(places)
    assert [place % 3 == 0 for place in places] == read.outcomes
    assert 5 < sum(place < 300 for place in places) < 35  # 20 are expected; no end of the file is favoured
    assert history(tmp_path, rows, most=60, seed=1).columns == read.columns != history(tmp_path, rows, most=60).columns
    assert history(tmp_path, rows, most=600).drawn_from is None


def test_rows_without_an_outcome_are_open_and_broken_ones_refused_by_line(tmp_path):
    read = history(tmp_path, "x,at,won\na,2026-01-01,1\nb,2026-01-02,\nc,soon,0\nd,,,x\ne,2026-01-03,0\n", time="at")
    assert (read.open, read.outcomes) == (1, [True, False])
    assert [line for line, _ in read.refused] == [4, 5]
    assert "at: 'soon' is not a moment" in read.refused[0][1]
    assert read.times == [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 3)]
    assert list(read.columns) == ["x"]


@pytest.mark.parametrize("options", [{"outcome": "Won"}, {"time": "wonn"}])
def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path, options):
    with pytest.raises(InvalidInput, match="did you mean 'won'"):
        history(tmp_path, "x,won\na,1\nb,0\n", **options)


def test_a_file_of_outcomes_alone_has_leads_of_whom_nothing_is_known(tmp_path):
    assert history(tmp_path, "won\n1\n0\n").leads == [{}, {}]
