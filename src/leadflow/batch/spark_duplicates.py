"""Candidates and their patterns on Spark, by the queries that DuckDB runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import duckdb
from pyspark.sql import DataFrame, SparkSession

from leadflow.batch.duplicate_engine import DuckSearch
from leadflow.batch.match_records import COLUMNS
from leadflow.batch.spark import session_of
from leadflow.batch.spark_words import on_spark
from leadflow.quality.matching.likeness import Likeness
from leadflow.quality.matching.model import MatchModel

__all__ = ["SparkSearch"]


class SparkSearch(DuckSearch):
    """The same pairs, found in a session of Spark; the records are read here, on DuckDB, and sent there.

    Each table is kept on the executors until the pairs are read. The workers need ``rapidfuzz``, as Spark has no
    similarity of Jaro and Winkler.
    """

    def __init__(
        self, db: duckdb.DuckDBPyConnection, new: int, link: bool, session: SparkSession | None = None
    ) -> None:
        super().__init__(db, new, link)
        self._session = session or session_of()
        self._tables: dict[str, tuple[str, DataFrame]] = {}

    def pairs(self, model: MatchModel) -> Iterator[tuple[int, int, Likeness]]:
        """Compare all candidates by the model."""
        try:
            yield from super().pairs(model)
        finally:
            for table in [*self._tables]:
                self._drop(table)

    def _find_candidates(self, model: MatchModel) -> None:
        self._session.udf.register("jaro_winkler_similarity", _similarity(), "double")
        if "records" not in self._tables:
            rows = self._db.table("records").select(*COLUMNS).fetchall()
            columns = f"n INT, is_organisation BOOLEAN, several BOOLEAN, {' STRING, '.join(COLUMNS[3:])} STRING"
            self._keep("records", self._session.createDataFrame(rows, columns, verifySchema=False))
        super()._find_candidates(model)

    def _create(self, table: str, query: str) -> None:
        made = self._session.sql(self._named(query))
        if table in self._tables:
            self._drop(table)
        self._keep(table, made)

    def _keep(self, table: str, frame: DataFrame) -> None:
        name = f"leadflow_{table}_{uuid4().hex}"
        frame.persist().count()  # computed once, now: what reads it later may come when it is dropped
        frame.createOrReplaceTempView(name)
        self._tables[table] = name, frame

    def _drop(self, table: str) -> None:
        name, frame = self._tables.pop(table)
        self._session.catalog.dropTempView(name)
        frame.unpersist()

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        yield from map(tuple, self._session.sql(self._named(query)).toLocalIterator())

    def _named(self, query: str) -> str:
        return on_spark(query, {table: name for table, (name, _) in self._tables.items()})


def _similarity() -> Any:
    def alike(one: str, other: str) -> float:  # sent to the workers as it is: they need not have leadflow
        from rapidfuzz.distance import JaroWinkler

        if one.isascii() and other.isascii():
            return JaroWinkler.similarity(one, other)
        return JaroWinkler.similarity(one.encode(errors="replace"), other.encode(errors="replace"))

    return alike
