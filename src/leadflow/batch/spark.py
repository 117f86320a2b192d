"""Scoring many leads on Spark: the query that DuckDB runs, too, in a session of the host's; its plan has no Python."""

from __future__ import annotations

from os import PathLike
from typing import Any, Final
from uuid import uuid4

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from leadflow.batch.query import ScoringRequest
from leadflow.batch.tables import Table
from leadflow.errors import InvalidInput

__all__ = ["scores", "session_of"]

# As DuckDB reads them: texts may hold line breaks and doubled quotes, moments without a zone are UTC.
_CSV: Final[dict[str, Any]] = {
    "header": True, "inferSchema": True, "multiLine": True, "escape": '"', "timeZone": "UTC",
}  # fmt: skip
_FORMATS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    ".parquet": ("parquet", {}), ".csv": ("csv", _CSV), ".csv.gz": ("csv", _CSV), ".tsv": ("csv", _CSV | {"sep": "\t"}),
}  # fmt: skip


def scores(asked: ScoringRequest, session: SparkSession | None) -> DataFrame:
    """What ``score_many`` gives on Spark."""
    on = session or session_of(*asked.sources.values())
    frames: dict[str, Any] = {}
    tables: dict[str, Table] = {}
    for field, source in asked.sources.items():
        frames[field], tables[field] = _opened(on, field, source)
    text = asked.query(tables, "spark").replace("{", "{{").replace("}", "}}")
    for field, table in tables.items():
        text = text.replace(table.name, f"{{{field}}}")
    return on.sql(text, **frames)  # the frames have names for as long as it reads the text


def session_of(*sources: object) -> SparkSession:
    """The session of a DataFrame among the sources, else the active one."""
    for source in sources:
        if isinstance(source, DataFrame):
            return source.sparkSession
    active = SparkSession.getActiveSession()
    if active is None:
        remedy = "give session=SparkSession.builder.getOrCreate() (Spark needs Java 17 or newer)"
        raise InvalidInput("session", None, remedy)
    return active


def _opened(on: SparkSession, field: str, source: object) -> tuple[DataFrame, Table]:
    """The source, and its columns under a name that stands nowhere else in the query."""
    remedy = "give a path of Parquet or CSV files, a DataFrame of Spark, or a table of the session"
    if not isinstance(source, DataFrame | str | PathLike):
        raise InvalidInput(field, source, remedy)
    try:
        frame = source if isinstance(source, DataFrame) else _read(on, str(source))
        columns = dict(frame.dtypes)  # Spark Connect looks for the table here
    except PySparkException as wrong:
        raise InvalidInput(field, source, f"{remedy} ({wrong})") from wrong
    return frame, Table(f"leadflow_{field}_{uuid4().hex}", columns)


def _read(on: SparkSession, source: str) -> DataFrame:
    for suffix, (format, options) in _FORMATS.items():
        if source.lower().endswith(suffix):
            return on.read.format(format).options(**options).load(source)
    return on.table(source)
