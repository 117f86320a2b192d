"""Many leads scored at once, on DuckDB or Spark."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from leadflow.batch.query import NO_MAPPING, ScoringRequest
from leadflow.batch.tables import Columns
from leadflow.errors import InvalidInput, require
from leadflow.scoring.model import ScoringModel

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["score_many"]

TableSource: TypeAlias = Any
"""A path of Parquet or CSV files (``*`` takes several) or the name of a table; on DuckDB also a pandas or Polars frame,
an Arrow table or a relation, on Spark a DataFrame of the session."""


@overload
def score_many(
    model: ScoringModel,
    leads: TableSource,
    activities: TableSource | None,
    as_of: datetime,
    *,
    engine: Literal["duckdb"] = "duckdb",
    columns: Columns = NO_MAPPING,
    per_rule: bool = False,
    connection: DuckDBPyConnection | None = None,
) -> DuckDBPyRelation: ...


@overload
def score_many(
    model: ScoringModel,
    leads: TableSource,
    activities: TableSource | None,
    as_of: datetime,
    *,
    engine: Literal["spark"],
    columns: Columns = NO_MAPPING,
    per_rule: bool = False,
    session: SparkSession | None = None,
) -> DataFrame: ...


def score_many(
    model: ScoringModel,
    leads: TableSource,
    activities: TableSource | None,
    as_of: datetime,
    *,
    engine: Literal["duckdb", "spark"] = "duckdb",
    columns: Columns = NO_MAPPING,
    per_rule: bool = False,
    connection: DuckDBPyConnection | None = None,
    session: SparkSession | None = None,
) -> DuckDBPyRelation | DataFrame:
    """Score every lead as ``model.score`` would: a relation of lead_id, fit, engagement, total and grade.

    With ``per_rule`` there is also a column per rule, named after it, with the points that it gives after all caps. On
    DuckDB the relation is computed when it is read: ``.to_arrow_table()``, ``.pl()``, ``.df()``,
    ``.write_parquet(…)``, ``.fetchall()``; on Spark it is a DataFrame, computed when something is done with it. Rows
    come in no order.

    Leads and activities are files, frames, or tables of ``connection`` or ``session`` (without one: the session of the
    DataFrames, or the active one); ``columns`` maps what names alone don't show. Without activities (None) every
    lead is scored as one that did nothing. Raises ``DefinitionError`` for function rules, for paths without a column
    (naming the nearest) and for columns of the wrong type, ``InvalidInput`` for what is not a table.
    """
    asked = ScoringRequest(model, leads, activities, as_of, columns, per_rule)
    if engine == "duckdb":
        _check_absent("session", session, "it is Spark's; give engine='spark', or connection=… for DuckDB")
        require("batch")
        from leadflow.batch import duck

        return duck.scores(asked, connection)
    if engine == "spark":
        _check_absent("connection", connection, "it is DuckDB's; give session=… for Spark")
        require("spark")
        from leadflow.batch import spark

        return spark.scores(asked, session)
    raise InvalidInput(
        "engine", engine, "there are 'duckdb' and 'spark'; sql_for(…) gives the query for another database"
    )


def _check_absent(field: str, value: object, remedy: str) -> None:
    if value is not None:
        raise InvalidInput(field, value, remedy)
