"""Scoring many leads on Spark: the query that DuckDB runs, too, in a session of the host's; its plan has no Python."""

from __future__ import annotations

from datetime import datetime
from os import PathLike
from typing import Any, Final
from uuid import uuid4

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from leadflow.batch.dialects import written
from leadflow.batch.query import Query
from leadflow.batch.tables import Columns, Table
from leadflow.errors import InvalidInput
from leadflow.scoring.model import ScoringModel

__all__ = ["scores"]

# As DuckDB reads them: texts may hold line breaks and doubled quotes, moments without a zone are UTC.
_CSV: Final[dict[str, Any]] = {
    "header": True, "inferSchema": True, "multiLine": True, "escape": '"', "timeZone": "UTC",
}  # fmt: skip
_FORMATS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    ".parquet": ("parquet", {}), ".csv": ("csv", _CSV), ".csv.gz": ("csv", _CSV), ".tsv": ("csv", _CSV | {"sep": "\t"}),
}  # fmt: skip


def scores(
    model: ScoringModel,
    leads: object,
    activities: object | None,
    as_of: datetime,
    *,
    columns: Columns,
    per_rule: bool,
    session: SparkSession | None,
) -> DataFrame:
    """What ``score_many`` gives on Spark."""
    on = session or _session_of(leads, activities)
    given = {"leads": leads} if activities is None else {"leads": leads, "activities": activities}
    frames: dict[str, Any] = {}
    tables: dict[str, Table] = {}
    for field, source in given.items():
        frames[field], tables[field] = _opened(on, field, source)
    query = Query(model, tables["leads"], tables.get("activities"), as_of, columns, "spark")
    text = written(query.scores(per_rule=per_rule), "spark").replace("{", "{{").replace("}", "}}")
    for field, table in tables.items():
        text = text.replace(table.name, f"{{{field}}}")
    return on.sql(text, **frames)  # the frames have names for as long as it reads the text


def _session_of(*sources: object) -> SparkSession:
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
