"""Scoring many leads on DuckDB, which reads the host's files and frames where they are."""

from __future__ import annotations

from os import PathLike
from typing import Final
from uuid import uuid4

import duckdb
import sqlglot.dialects.duckdb  # noqa: F401 (it would load with the first query)
from sqlglot import exp
from sqlglot.errors import SqlglotError

from leadflow.batch.query import ScoringRequest
from leadflow.batch.tables import Table
from leadflow.errors import InvalidInput

__all__ = ["scores"]

_READERS: Final = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv", ".csv.gz": "read_csv"}

_SPREADSHEETS: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
"""DuckDB would download an extension to read one."""


def scores(asked: ScoringRequest, connection: duckdb.DuckDBPyConnection | None) -> duckdb.DuckDBPyRelation:
    """What ``score_many`` gives on DuckDB."""
    on = duckdb.connect() if connection is None else connection
    tables = {field: opened(on, field, source) for field, source in asked.sources.items()}
    return on.sql(asked.query(tables, "duckdb"))


def opened(on: duckdb.DuckDBPyConnection, field: str, source: object, *, texts: bool = False) -> Table:
    """The source as a table of the connection: a temporary view, unless it is one already.

    ``texts`` keeps what CSV files hold as it is written, since 01067 is no number.
    """
    name = f"leadflow_{field}_{uuid4().hex}"
    if isinstance(source, str | PathLike) and str(source).lower().endswith(_SPREADSHEETS):
        remedy = "a spreadsheet is no table here; save it as CSV, or give a frame: pandas.read_excel(path)"
        raise InvalidInput(field, source, remedy)
    try:
        if not isinstance(source, str | PathLike):
            on.register(name, source)
        elif reader := _reader(str(source)):
            as_text = (
                [exp.EQ(this=exp.column("all_varchar"), expression=exp.true())] if texts and "csv" in reader else []
            )
            rows = exp.select("*").from_(exp.func(reader, exp.Literal.string(str(source)), *as_text))
            on.execute(f"CREATE TEMP VIEW {name} AS {rows.sql('duckdb')}")
        else:
            name = exp.to_table(str(source), dialect="duckdb").sql("duckdb")
        described = on.table(name)
    except (duckdb.Error, SqlglotError) as wrong:
        remedy = "give a path of Parquet or CSV files, a frame, an Arrow table, or a table of connection=…"
        raise InvalidInput(field, source, f"{remedy} ({wrong})") from wrong
    return Table(name, dict(zip(described.columns, map(str, described.types), strict=True)))


def _reader(source: str) -> str | None:
    return next((reader for suffix, reader in _READERS.items() if source.lower().endswith(suffix)), None)
