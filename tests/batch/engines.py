"""Where the tests score: each engine has the tables of ``worlds`` and runs what ``sql_for`` writes for it.

All are set to a time zone that must not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet

from batch.worlds import ACTIVITIES, LEADS
from leadflow.batch import Table
from leadflow.batch.tables import Dialect

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Rows = list[tuple[Any, ...]]


class Engine(NamedTuple):
    """Tables that can be filled with leads and activities, and a query run over them."""

    dialect: Dialect
    fill: Callable[[Rows, Rows], None]
    run: Callable[[str], list[Any]]
    leads: Table = LEADS
    activities: Table = ACTIVITIES


def on_duckdb() -> Engine:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'Asia/Tokyo'; SET threads = 1")
    for table in (LEADS, ACTIVITIES):
        con.execute(created(table))

    def fill(leads: Rows, activities: Rows) -> None:
        for table, rows in ((LEADS, leads), (ACTIVITIES, activities)):
            con.execute(f"DELETE FROM {table.name}")
            if rows:
                slots = f"({', '.join('?' * len(table.columns))})"
                every = [value for row in rows for value in row]
                con.execute(f"INSERT INTO {table.name} VALUES {', '.join([slots] * len(rows))}", every)

    return Engine("duckdb", fill, lambda sql: con.execute(sql).fetchall())


def on_postgres(con: psycopg.Connection[Any]) -> Engine:
    con.execute("SET TimeZone = 'Asia/Tokyo'")
    for table in (LEADS, ACTIVITIES):
        con.execute(created(table).encode())

    def fill(leads: Rows, activities: Rows) -> None:
        con.execute("TRUNCATE leads, activities")
        with con.cursor() as cursor:
            for table, rows in ((LEADS, leads), (ACTIVITIES, activities)):
                slots = ", ".join(["%s"] * len(table.columns))
                cursor.executemany(f"INSERT INTO {table.name} VALUES ({slots})".encode(), rows)

    return Engine("postgres", fill, lambda sql: con.execute(sql.encode()).fetchall())


def created(table: Table) -> str:
    return f"CREATE TABLE {table.name} ({', '.join(f'{name} {type}' for name, type in table.columns.items())})"


ON_SPARK = {"varchar": "string", "bigint": "bigint", "double precision": "double"}
IN_ARROW = {"varchar": pa.string(), "bigint": pa.int64(), "double precision": pa.float64()}


def on_spark(session: SparkSession, folder: Path, *, zoned: bool) -> Engine:
    """Moments are stored with their zone, or without it as UTC."""
    types = ON_SPARK | {"timestamptz": "timestamp" if zoned else "timestamp_ntz"}
    arrow = IN_ARROW | {"timestamptz": pa.timestamp("us", "UTC" if zoned else None)}
    leads, activities = (
        Table(one.name, {name: types[type] for name, type in one.columns.items()}) for one in (LEADS, ACTIVITIES)
    )

    def fill(*filled: Rows) -> None:
        for table, rows in zip((LEADS, ACTIVITIES), filled, strict=True):
            columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [[]] * len(table.columns)
            arrays = [pa.array(v, arrow[t]) for v, t in zip(columns, table.columns.values(), strict=True)]
            path = folder / f"{table.name}-{len(list(folder.iterdir()))}.parquet"
            pa.parquet.write_table(pa.table(dict(zip(table.columns, arrays, strict=True))), path)
            session.read.parquet(str(path)).createOrReplaceTempView(table.name)

    return Engine("spark", fill, lambda sql: session.sql(sql).collect(), leads, activities)
