"""The comparisons of a match model as text, for DuckDB or Spark, and the table of features that they read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from leadflow.batch.duplicates import Records, is_table
from leadflow.batch.match_sql import candidate_sql, cascade_sql, level_sql
from leadflow.batch.spark_words import on_spark
from leadflow.errors import InvalidInput, require
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.duplicates import features_among
from leadflow.quality.matching.model import MatchModel

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["feature_table", "match_sql_for"]


def match_sql_for(
    model: MatchModel = MATCH_MODEL,
    *,
    dialect: Literal["duckdb", "spark"] = "duckdb",
    new: int | None = None,
    link: bool = False,
) -> dict[str, str]:
    """Return the queries that ``dedupe_many`` runs, as text: for a job of your own, or to read.

    Keys are the tables to create, in this order, each from its query (``CREATE TABLE keys AS …``); later ones read
    those before, and all read ``records``, which ``feature_table`` creates:

    - ``keys``, ``sizes``: the blocks of each record (``block`` numbers ``model.blocks``), and how many it has;
    - ``candidates``: the pairs to compare, by the numbers (``one`` < ``other``) of their records;
    - ``people``, ``names``, ``name_levels``: the records of persons, each with the number of the first record of that
      ``name``; the pairs of names among the candidates, and how each pair compares;
    - ``hopeful``: the candidates of two persons, without those whose names and contacts leave no verdict but
      ``different``, whatever else is compared;
    - ``persons``, ``organisations``: the hopeful pairs of persons, and the candidates of two organisations, each with a
      column ``level_<comparator>`` per comparison of the model: the name of its level, or NULL where nothing can be
      compared.

    ``Matcher(model).weighed(levels, organisations=…)`` gives the likeness of a row's levels. Of the records, the first
    ``new`` are compared with all, as ``against=`` does (None: all are new), or with ``link`` with the others only.

    On Spark, where ``dedupe_many(engine="spark")`` runs them, too, the function ``jaro_winkler_similarity`` has to be
    registered first; docs/matching.md shows how.
    """
    if new is not None and new < 0:
        raise InvalidInput("new", new, "give the number of records that are new, or None")
    if link and new is None:
        raise InvalidInput("link", link, "there is nothing to link with; say how many records are new=…")
    queries = candidate_sql(model, new=new, link=link) | cascade_sql(model)
    for name, subject in (("persons", model.persons), ("organisations", model.organisations)):
        queries[name] = level_sql(subject, organisations=name == "organisations")
    if dialect == "duckdb":
        return queries
    if dialect == "spark":
        return {name: on_spark(query) for name, query in queries.items()}
    raise InvalidInput("dialect", dialect, "there are 'duckdb' and 'spark'")


def feature_table(
    records: Records,
    connection: DuckDBPyConnection,
    *,
    default_country: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> list[str]:
    """Create the temporary table ``records`` that ``match_sql_for`` reads; return the ids of its rows.

    Records and ``columns`` are those of ``dedupe_many``. The id of the row numbered n is the nth of the result.
    """
    require("batch")
    from leadflow.batch.record_tables import RecordTable, add_records, create_records, insert_features

    if is_table(records):
        create_records(connection)
        return add_records(connection, RecordTable("records", records, columns or {}), 0, default_country)
    if columns is not None:
        raise InvalidInput("columns", columns, "mappings have keys of their own; columns= is for tables")
    features = features_among(cast("Any", records), default_country)
    insert_features(connection, features.values())
    return [*features]
