"""Candidates and their patterns on DuckDB, for many records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import duckdb

from leadflow.batch.column_reader import ColumnReader
from leadflow.batch.match_records import COLUMNS, features_of_row
from leadflow.batch.match_sql import candidate_sql, cascade_sql, over_caps_sql, pattern_of_number, pattern_sql
from leadflow.batch.record_tables import RecordTable, add_records, create_records, insert_features
from leadflow.errors import InvalidInput
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.likeness import Likeness, Matcher
from leadflow.quality.matching.model import MatchModel

__all__ = ["DuckSearch", "SearchKind", "search_features", "search_tables"]


SearchKind: TypeAlias = Callable[[duckdb.DuckDBPyConnection, int, bool], "DuckSearch"]
"""A search among the ``records`` of a connection, so many of which are new; whether only new and old are linked."""


def search_features(features: Iterable[Features], new: int, link: bool, kind: SearchKind | None = None) -> DuckSearch:
    """Return the search among records that were read before."""
    db = duckdb.connect()
    insert_features(db, features)
    return (kind or DuckSearch)(db, new, link)


def search_tables(
    tables: Sequence[RecordTable], link: bool, country: str | None, kind: SearchKind | None = None, workers: int = 1
) -> tuple[DuckSearch, list[str]]:
    """Return the search among the rows of one table, or of new and old ones, and the ids of the rows."""
    db, ids, new = duckdb.connect(), list[str](), 0
    create_records(db)
    with ColumnReader(workers) as reader:
        for table in tables:
            more = add_records(db, table, len(ids), country, reader)
            if both := set(ids).intersection(more):
                raise InvalidInput("against", min(both), "an id is in both; give each record an id of its own")
            ids += more
            new = new or len(ids)
    return (kind or DuckSearch)(db, new, link), ids


class DuckSearch:
    """The pairs of the table ``records`` that are the same or unsure; ``new`` is how many of them are new."""

    def __init__(self, db: duckdb.DuckDBPyConnection, new: int, link: bool) -> None:
        self._db, self._new, self._link = db, new, link
        self.compared = self.uncompared = 0

    def features(self, numbers: Iterable[int]) -> Mapping[int, Features]:
        """Return the features of some records."""
        wanted = f"SELECT {', '.join(COLUMNS)} FROM records WHERE n IN (SELECT unnest($numbers)) ORDER BY n"
        rows = self._db.execute(wanted, {"numbers": [*numbers]})
        return {row[0]: features_of_row(row) for row in rows.fetchall()}

    def candidates(self, model: MatchModel, every: int) -> Iterator[tuple[int, int]]:
        """Return the candidate pairs of every so-manyth record."""
        self._find_candidates(model)
        yield from self._rows(f"SELECT one, other FROM candidates WHERE one % {every} = 0 ORDER BY one, other")

    def pairs(self, model: MatchModel) -> Iterator[tuple[int, int, Likeness]]:
        """Compare all candidates by the model."""
        self._find_candidates(model)
        for table, query in cascade_sql(model).items():
            self._create(table, query)
        matcher = Matcher(model)
        for organisations, subject in ((False, model.persons), (True, model.organisations)):
            self._create("patterns", pattern_sql(subject, organisations=organisations))
            likes = {
                number: matcher.weighed(pattern_of_number(subject, number), organisations=organisations)
                for (number,) in self._rows("SELECT DISTINCT pattern FROM patterns")
            }
            kept = ", ".join(str(number) for number, like in likes.items() if like.verdict != "different")
            found = f"SELECT one, other, pattern FROM patterns WHERE pattern IN ({kept or 'NULL'}) ORDER BY one, other"
            for one, other, number in self._rows(found):
                yield one, other, likes[number]

    def _find_candidates(self, model: MatchModel) -> None:
        for table, query in candidate_sql(model, new=self._new, link=self._link).items():
            self._create(table, query)
        self._drop("keys")
        ((self.uncompared,),) = self._rows(over_caps_sql(model))
        ((self.compared,),) = self._rows("SELECT count(*) FROM candidates")

    def _create(self, table: str, query: str) -> None:
        self._db.execute(f"CREATE OR REPLACE TABLE {table} AS {query}")

    def _drop(self, table: str) -> None:
        self._db.execute(f"DROP TABLE {table}")

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        self._db.execute(query)
        while rows := self._db.fetchmany(10_000):
            yield from rows
