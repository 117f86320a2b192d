"""Columns read by several processes give what one process reads, and leave nothing behind."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import tempfile

import duckdb
import pyarrow as pa
import pytest

from leadflow.batch import column_reader, dedupe_many, record_tables
from leadflow.batch.column_reader import ColumnReader
from leadflow.batch.record_tables import RecordTable, add_records, create_records
from leadflow.errors import InvalidInput
from match_rows import CHOICES, match_rows

HOSTILE = [
    "",
    " ",
    "\0",
    "\ud800",
    '"',
    '""',
    ",",
    "'",
    "a\r\nb",
    "\x1f",
    "\\0",
    "é" * 5_000,
    "x" * 50_000,
    "=1+1",
    "\u2028",
]
ROWS = [
    *match_rows(150, seed=4),
    *({"last_name": f"{text}{n}", "email": f"{text}@x.example"} for n, text in enumerate(HOSTILE)),
]
TABLE = pa.table({key: [row.get(key, "").replace("\ud800", "") for row in ROWS] for key in CHOICES})


@pytest.fixture
def few_at_once(monkeypatch) -> None:
    monkeypatch.setattr(record_tables, "VALUES_AT_ONCE", 10)


def read(reader: ColumnReader) -> list[tuple[object, ...]]:
    db = duckdb.connect()
    create_records(db)
    add_records(db, RecordTable("records", TABLE, {}), 0, "DE", reader)
    return db.execute("FROM records ORDER BY n").fetchall()


def test_several_processes_read_what_one_reads(few_at_once) -> None:
    portions = [[(number, text), (-number, text * 2)] for number, text in enumerate(HOSTILE)]
    with ColumnReader(2) as reader:
        assert read(reader) == read(ColumnReader())
        for part in ("names", "emails", "companies"):
            keys = [{"names": "name", "emails": "email", "companies": "company"}[part]]
            rows = [*reader.rows(part, keys, None, iter(portions))]
            assert rows == [*ColumnReader().rows(part, keys, None, iter(portions))]
            assert len(rows) == len(portions)
        assert len(multiprocessing.active_children()) == 2
    assert multiprocessing.active_children() == []


def test_dedupe_many_passes_them_on(few_at_once) -> None:
    found = dedupe_many(TABLE, estimated=False, workers=2)
    assert found == dedupe_many(TABLE, estimated=False)
    assert found.pairs


def test_few_values_start_no_process(monkeypatch) -> None:
    monkeypatch.setattr(column_reader, "ProcessPoolExecutor", None)
    assert dedupe_many(TABLE, estimated=False, workers=8).pairs


def test_a_daemonic_process_starts_no_other(few_at_once, monkeypatch) -> None:
    monkeypatch.setattr(column_reader, "current_process", lambda: multiprocessing.Process(daemon=True))
    monkeypatch.setattr(column_reader, "ProcessPoolExecutor", None)
    assert dedupe_many(TABLE, estimated=False, workers=2).pairs


def test_an_error_leaves_nothing_behind(few_at_once, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    short = iter([[(1, "a")]] * 9 + [[(1,)]] + [[(1, "a")]] * 99)
    with ColumnReader(2) as reader, pytest.raises(IndexError):
        record_tables._insert_rows(duckdb.connect(), "t", "k BIGINT", reader.rows("cities", ["city"], None, short))
    assert len([*short]) > 80  # no more was taken than is read at a time
    assert multiprocessing.active_children() == []
    assert [*tmp_path.iterdir()] == []


UNGUARDED = """
import pyarrow
from leadflow.batch import dedupe_many, record_tables
record_tables.VALUES_AT_ONCE = 1
dedupe_many(pyarrow.table({"city": list("abcdefgh")}), workers=2)
"""


@pytest.mark.parametrize("is_file", [True, False])
def test_a_script_without_a_guard_is_told_so(is_file, tmp_path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    command = [sys.executable, str(script) if is_file else "-"]
    done = subprocess.run(command, check=False, input=UNGUARDED, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "InvalidInput" in (told := done.stderr.splitlines()[-1])
    assert "workers" in told
    assert "under if __name__ == '__main__':, or give workers=1" in told


@pytest.mark.parametrize("workers", [0, -1, True, 2.0, "2", None, 62])
def test_what_is_no_number_of_processes_is_refused(workers) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 61"):
        dedupe_many(TABLE, workers=workers)


def test_records_one_by_one_are_read_by_one_process() -> None:
    with pytest.raises(InvalidInput, match="it is for tables"):
        dedupe_many(ROWS, workers=2)
