"""What is refused when duplicates are looked for: never a silent loss of matches, never a traceback of Python's."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from leadflow.batch import dedupe_many
from leadflow.batch.match_query import feature_table
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.quality.matching import MATCH_MODEL, LabelSession, Matcher, MatchIndex, record_features

ANNA = {"name": "Anna Müller", "phone": "0171 2345678"}
RECORDS = {"a": ANNA, "b": ANNA | {"phone": "+49 171 2345678"}}
ROWS = {"Nachname": ["Müller", "Mueller"], "first_name": ["Anna", "Anna"], "email": ["a@b.example"] * 2}


@pytest.mark.parametrize("country", ["DE", "de", "Deutschland"])
def test_a_country_is_read_as_everywhere_else(country: str) -> None:
    table = pa.table({key: [one[key] for one in RECORDS.values()] for key in ANNA})
    index = MatchIndex(default_country=country)
    index.add("b", RECORDS["b"])
    assert dedupe_many(RECORDS, default_country=country).clusters == (("a", "b"),)
    assert dedupe_many(RECORDS, engine="python", default_country=country).clusters == (("a", "b"),)
    assert dedupe_many(table, default_country=country).clusters == (("0", "1"),)
    assert [one.id for one in index.find(ANNA)] == ["b"]


@pytest.mark.parametrize("country", ["XX", "", "Absurdistan"])
def test_a_country_that_is_none_is_refused(country: str) -> None:
    for look in (
        lambda: dedupe_many(RECORDS, default_country=country),
        lambda: dedupe_many(pa.table(ROWS), default_country=country),
        lambda: feature_table(pa.table(ROWS), duckdb.connect(), default_country=country),
        lambda: MatchIndex(default_country=country),
        lambda: record_features(ANNA, default_country=country),
    ):
        with pytest.raises(InvalidInput, match="default_country"):
            look()


def test_a_column_mapped_to_nothing_that_is_compared_is_refused_with_the_nearest() -> None:
    table = pa.table(ROWS)
    with pytest.raises(InvalidInput, match=r"lastname.*did you mean 'last_name'\?"):
        dedupe_many(table, columns={"Nachname": "lastname"})
    with pytest.raises(InvalidInput, match=r"identifier\."):
        dedupe_many(table, columns={"Nachname": "identifier."})
    assert dedupe_many(table, columns={"Nachname": "last_name"}).clusters == (("0", "1"),)


@pytest.mark.parametrize("ids", [["1", None], ["1", ""], ["1", " "], [None, None]])
def test_an_empty_id_is_refused_with_its_row(ids: list[str | None]) -> None:
    place = 1 if ids[0] is None else 2
    with pytest.raises(InvalidInput, match=f"row {place} is empty"):
        dedupe_many(pa.table(ROWS | {"id": pa.array(ids, pa.string())}))
    if place > 1:
        with pytest.raises(InvalidInput, match="record 2 is empty"):
            dedupe_many(dict.fromkeys(ids, ANNA))


def test_what_is_no_record_and_no_model_is_refused_by_name() -> None:
    index = MatchIndex()
    index.add("b", ANNA)
    for field, wrong in (
        ("records", lambda: dedupe_many(None)),
        ("record", lambda: dedupe_many(["x"])),
        ("model", lambda: dedupe_many(RECORDS, {"same": 0.9})),  # type: ignore[arg-type]  # the mistake
        ("record", lambda: index.find("x")),  # type: ignore[arg-type]  # the mistake
        ("record", lambda: index.add("b", None)),
    ):
        with pytest.raises(InvalidInput) as refused:
            wrong()
        assert refused.value.field == field
    assert "b" in index


@pytest.mark.parametrize("answers", [{(0, 9): True}, {(-1, 0): True}, {(0, 0): True}, {(0, 1): "no"}, {"ab": True}])
def test_a_wrong_answer_is_refused_and_the_session_goes_on(answers: dict[tuple[int, int], bool]) -> None:
    session = LabelSession([record_features(one) for one in RECORDS.values()])
    with pytest.raises(InvalidInput, match="answers"):
        session.answer({(0, 1): True} | answers)
    assert session.labelled == 0
    session.answer({(0, 1): True})
    assert session.labelled == 1


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"same": 2.0}, "same"),
        ({"unsure": -1}, "unsure"),
        ({"same": 0.6, "unsure": 0.7}, "must not be above"),
        ({"sam": 0.9}, "did you mean 'same'"),
    ],
)
def test_a_model_with_thresholds_that_can_not_be_is_refused(values: dict[str, float], text: str) -> None:
    with pytest.raises(DefinitionError, match=text):
        MATCH_MODEL.but(**values)
    assert MATCH_MODEL.but(same=0.9).same == 0.9
    assert MATCH_MODEL.but() == MATCH_MODEL


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (date(1950, 1, 1), date(1980, 1, 1), "slip_apart"),
        (date(1950, 3, 4), date(1980, 3, 4), "slip_apart"),
        (date(1950, 3, 4), date(1981, 7, 9), "generation_apart"),
        (date(1950, 1, 1), date(1950, 1, 2), "near_birth"),
    ],
)
def test_years_far_apart_are_no_certain_slip(one: date, other: date, level: str) -> None:
    ann = {"name": "Ann Lee", "street": "1 Oak Rd", "postcode": "12345"}
    rows = [ann | {"born": one}, ann | {"born": other}]
    found = [dedupe_many(rows, engine=engine, estimated=False).pairs for engine in ("python", "duckdb")]
    assert [[pair.likeness for pair in pairs] for pairs in found[:1]] == [[pair.likeness for pair in found[1]]]
    pattern = Matcher(MATCH_MODEL).pattern(*map(record_features, rows))
    assert level in pattern
