"""Duplicates among many records, on an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from leadflow.batch.column_reader import MOST_WORKERS
from leadflow.errors import InvalidInput, require
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.duplicates import (
    Duplicates,
    MatchedPair,
    MatchRecord,
    PairSearch,
    duplicates_among,
    duplicates_found,
)
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.model import MatchModel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from leadflow.batch.duplicate_engine import SearchKind

Records: TypeAlias = Mapping[str, MatchRecord] | Iterable[MatchRecord] | str | PathLike[str] | Any

__all__ = ["Duplicates", "MatchedPair", "Records", "dedupe_many", "is_table"]


def dedupe_many(
    records: Records,
    model: MatchModel = MATCH_MODEL,
    *,
    engine: Literal["duckdb", "python", "spark"] | None = None,
    against: Records | None = None,
    link: bool = False,
    estimated: bool | None = None,
    default_country: str | None = None,
    columns: Mapping[str, str] | None = None,
    session: SparkSession | None = None,
    workers: int = 1,
) -> Duplicates:
    """Find the records that are one person or one organisation.

    Records are leads, features, or mappings such as rows of a table (``name``, ``email``, ``company``, …: whatever of
    ``MATCH_KEYS`` there is), by id or in a sequence; ids are the keys, the leads' ids, or places in the sequence. With
    ``against``, which was cleaned before, only pairs with a new record are compared; with ``link`` only pairs of one
    new and one old record: linking two sources. Ids must differ between both.

    ``estimated`` fits the weights to these records first, without labels; keep ``found.model`` and give it next time.
    It is the default for rows of a table without a model of your own; leads are compared by the default model, as
    ``capture`` does. ``found.refused`` says why an estimate would have been wrong: from fewer than some hundred
    duplicates, or from persons of companies.

    Many records are a table, best: a path of Parquet or CSV files, a frame of pandas or Polars, or an Arrow table
    (``against`` too, then). ``columns`` maps its columns to keys, as ``{"Firma": "company"}``, where these are not
    their names; ids are in the column ``id``, or places. Each distinct value is read once; with ``workers`` in so many
    processes, which import the caller's main module: keep what a script does under ``if __name__ == "__main__":``.

    ``engine`` is DuckDB where it is installed (extra ``batch``), else Python. On ``"spark"`` (extra ``spark`` besides)
    the pairs are found in a ``session`` of Spark, or in the active one; all find the same.
    """
    if engine not in (None, "duckdb", "python", "spark"):
        raise InvalidInput("engine", engine, "there are 'duckdb', 'python' and 'spark'")
    if session is not None and engine != "spark":
        raise InvalidInput("session", session, "it is Spark's; give engine='spark'")
    if not isinstance(model, MatchModel):
        raise InvalidInput("model", model, "give a MatchModel, such as MATCH_MODEL.but(same=.9)")
    if not isinstance(workers, int) or isinstance(workers, bool) or not 1 <= workers <= MOST_WORKERS:
        raise InvalidInput("workers", workers, f"give a number of processes from 1 to {MOST_WORKERS}")
    if is_table(records) or is_table(against):
        return _among_tables(
            records, against, model, engine, link, estimated, default_country, columns or {}, session, workers
        )
    if workers != 1:
        raise InvalidInput("workers", workers, "it is for tables, such as the path of a CSV file; leave it out")
    if columns is not None:
        raise InvalidInput("columns", columns, "mappings have keys of their own; columns= is for tables")
    search: Callable[[Sequence[Features], int, bool], PairSearch] | None = None
    if engine in ("duckdb", "spark") or (engine is None and find_spec("duckdb") is not None):
        require("batch")
        from leadflow.batch.duplicate_engine import search_features

        search = partial(search_features, kind=_kind(engine, session))
    return duplicates_among(
        cast("Any", records), model, against=cast("Any", against), link=link, estimated=estimated,
        default_country=default_country, search=search,
    )  # fmt: skip


def is_table(records: object) -> bool:
    """Whether records are given as a file or a table of columns, not one by one."""
    return isinstance(records, str | PathLike) or hasattr(records, "__arrow_c_stream__")


def _among_tables(
    records: Records, against: Records | None, model: MatchModel, engine: str | None, link: bool,
    estimated: bool | None, country: str | None, columns: Mapping[str, str], session: SparkSession | None,
    workers: int,
) -> Duplicates:  # fmt: skip
    if engine == "python":
        raise InvalidInput("engine", engine, "tables are read by DuckDB; give the records one by one")
    require("batch")
    from leadflow.batch.duplicate_engine import search_tables
    from leadflow.batch.record_tables import RecordTable

    given = {"records": records} | ({} if against is None else {"against": against})
    for field, one in given.items():
        if not is_table(one):
            raise InvalidInput(field, type(one).__name__, "give new and old records both as tables")
    if link and against is None:
        raise InvalidInput("link", link, "there is nothing to link with; give against=…")
    tables = [RecordTable(field, one, columns) for field, one in given.items()]
    search, ids = search_tables(tables, link, country, _kind(engine, session), workers)
    if estimated is None:
        estimated = model is MATCH_MODEL
    return duplicates_found(search, ids, model, estimated=estimated)


def _kind(engine: str | None, session: SparkSession | None) -> SearchKind | None:
    if engine != "spark":
        return None
    require("spark")
    from leadflow.batch.spark_duplicates import SparkSearch

    return partial(SparkSearch, session=session)
