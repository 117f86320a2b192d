"""Tables are compared as their rows are, one by one."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from leadflow.batch import dedupe_many
from leadflow.errors import InvalidInput
from match_rows import CHOICES, match_rows

ROWS = {str(number): row for number, row in enumerate(match_rows(400, seed=8))}
KEYS = [*CHOICES]


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("table") / "rows.csv", ROWS)


def written(path: Path, rows: dict[str, dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "rating", *KEYS])
        writer.writeheader()
        writer.writerows({"id": id, "rating": "1", **row} for id, row in rows.items())
    return path


def test_a_file_gives_what_its_rows_give(table) -> None:
    found = dedupe_many(table, default_country="DE")
    assert found == dedupe_many(ROWS, default_country="DE", engine="python")
    assert len(found.pairs) > 500
    assert found.clusters


def test_new_against_old_tables(table, tmp_path) -> None:
    new = {f"n{id}": row for id, row in ROWS.items() if int(id) < 80}
    for link in (False, True):
        found = dedupe_many(written(tmp_path / "new.csv", new), against=table, link=link, estimated=False)
        assert found == dedupe_many(new, against=ROWS, link=link, engine="python", estimated=False)


def test_frames_and_parquet_give_the_same(table, tmp_path) -> None:
    wanted = dedupe_many(table, estimated=False)
    frame = pd.read_csv(table, dtype=str)
    duckdb.from_arrow(pa.Table.from_pandas(frame)).write_parquet(str(tmp_path / "rows.parquet"))
    for source in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame), tmp_path / "rows.parquet"):
        assert dedupe_many(source, estimated=False) == wanted


def test_columns_are_mapped_and_rows_without_ids_are_counted() -> None:
    frame = pa.table({"Nachname": ["Müller", "Mueller", None], "first_name": ["Anna", "Anna", "Bob"],
                      "Tel": ["0171 1234567"] * 2 + [""], "postcode": [1067.0, 1067.0, None]})  # fmt: skip
    found = dedupe_many(frame, columns={"Nachname": "last_name", "Tel": "phone"}, default_country="DE")
    assert found.clusters == (("0", "1"),)


def test_files_hold_texts(tmp_path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("id,name,phone\n01,Anna Müller,0171 1234567\n002,Anna Müller,+491711234567\n", encoding="utf-8")
    assert dedupe_many(path, default_country="DE").clusters == (("01", "002"),)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"records": pa.table({"x": [1]})}, "records"),
        ({"columns": {"y": "name"}}, "columns"),
        ({"against": [{"name": "A"}]}, "against"),
        ({"engine": "python"}, "engine"),
        ({"link": True}, "link"),
        ({"records": "nowhere.csv"}, "records"),
        ({"records": pa.table({"id": [1, 1], "name": ["A", "B"]})}, "records"),
        ({"records": [{"name": "A"}], "columns": {"x": "name"}}, "columns"),
        ({"against": pa.table({"id": ["0"], "name": ["A"]})}, "against"),
    ],
)
def test_what_is_no_table_of_records_is_refused(wrong, field) -> None:
    given = {"records": pa.table({"name": ["A"]})} | wrong
    with pytest.raises(InvalidInput) as refused:
        dedupe_many(**given)
    assert refused.value.field == field


def test_a_spreadsheet_is_refused_with_the_remedy_and_nothing_is_downloaded(tmp_path) -> None:
    path = tmp_path / "Rows.XLSX"
    path.write_bytes(b"PK")
    with pytest.raises(InvalidInput, match=r"save it as CSV, or give a frame: pandas\.read_excel\(path\)"):
        dedupe_many(path)
