"""Scoring many leads on DuckDB, which reads the host's files and frames where they are."""

from __future__ import annotations

from datetime import datetime
from os import PathLike
from typing import Any, Final, Literal, TypeAlias
from uuid import uuid4

import duckdb
from sqlglot import exp
from sqlglot.errors import SqlglotError

from leadflow.batch.query import NO_MAPPING, Query
from leadflow.batch.tables import Columns, Table
from leadflow.errors import InvalidInput
from leadflow.scoring.model import ScoringModel

Source: TypeAlias = Any
"""A path of Parquet or CSV files (``*`` takes several), a pandas or Polars frame, an Arrow table, a DuckDB relation,
or the name of a table of the connection."""

_READERS: Final = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv", ".csv.gz": "read_csv"}


def score_many(
    model: ScoringModel,
    leads: Source,
    activities: Source | None,
    as_of: datetime,
    *,
    engine: Literal["duckdb"] = "duckdb",
    columns: Columns = NO_MAPPING,
    per_rule: bool = False,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> duckdb.DuckDBPyRelation:
    """Score every lead as ``model.score`` would: a relation of lead_id, fit, engagement, total and grade.

    With ``per_rule`` there is also a column per rule, named after it, with the points that it gives after all caps. The
    relation is computed when it is read: ``.to_arrow_table()``, ``.pl()``, ``.df()``, ``.write_parquet(…)``,
    ``.fetchall()``; rows come in no order.

    Leads and activities are files, frames, or tables of ``connection``; which column is what, ``columns`` tells where
    names don't. Raises ``DefinitionError`` for function rules, for paths without a column (naming the nearest) and for
    columns that can't be what they are taken for, ``InvalidInput`` for what is no table.
    """
    if engine != "duckdb":
        raise InvalidInput("engine", engine, "there is 'duckdb'; sql_for(…) gives the query for another database")
    on = duckdb.connect() if connection is None else connection
    told = None if activities is None else _opened(on, "activities", activities)
    query = Query(model, _opened(on, "leads", leads), told, as_of, columns, "duckdb")
    return on.sql(query.scores(per_rule=per_rule).sql("duckdb"))


def _opened(on: duckdb.DuckDBPyConnection, field: str, source: Source) -> Table:
    """The source as a table of the connection: a temporary view, unless it is one already."""
    name = f"leadflow_{field}_{uuid4().hex}"
    try:
        if not isinstance(source, str | PathLike):
            on.register(name, source)
        elif reader := _reader(str(source)):
            rows = exp.select("*").from_(exp.func(reader, exp.Literal.string(str(source))))
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
