"""Candidates and their patterns on DuckDB, for many records."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from leadflow.batch.match_sql import (
    COLUMNS,
    LIST_SIGN,
    LISTS,
    block_sql,
    pattern_of_number,
    pattern_sql,
    record_columns,
)
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.likeness import Likeness, Matcher
from leadflow.quality.matching.model import MatchModel

__all__ = ["DuckSearch"]


class DuckSearch:
    """The pairs of some records that are the same or unsure, found by DuckDB; ``new`` is how many of them are new."""

    def __init__(self, features: Sequence[Features], new: int, link: bool) -> None:
        self._new, self._link = new, link
        self._db = duckdb.connect()
        self._load(features)
        self.compared = self.uncompared = 0

    def _load(self, features: Sequence[Features]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "records.csv"
            with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
                csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
                    record_columns(number, one) for number, one in enumerate(features)
                )
            kinds = dict.fromkeys(COLUMNS, "VARCHAR") | {"n": "INTEGER", "is_organisation": "BOOLEAN"}
            lists = ", ".join(
                f"CASE WHEN {one} = '' THEN []::VARCHAR[] ELSE string_split({one}, '{LIST_SIGN}') END AS {one}"
                for one in LISTS
            )
            self._db.execute(
                f"CREATE TABLE records AS SELECT * REPLACE ({lists}) FROM read_csv($path, header=false, "
                f"auto_detect=false, delim=',', quote='\"', escape='\"', nullstr='\\0', "
                f"columns={kinds!r}, max_line_size=10000000)",
                {"path": str(path)},
            )

    def candidates(self, model: MatchModel, every: int) -> Iterator[tuple[int, int]]:
        """Return the candidate pairs of every so-manyth record."""
        self._find_candidates(model)
        self._db.execute("SELECT one, other FROM candidates WHERE one % $every = 0 ORDER BY ALL", {"every": every})
        while rows := self._db.fetchmany(10_000):
            yield from rows

    def pairs(self, model: MatchModel) -> Iterator[tuple[int, int, Likeness]]:
        """Compare all candidates by the model."""
        self._find_candidates(model)
        matcher = Matcher(model)
        for organisations, subject in ((False, model.persons), (True, model.organisations)):
            self._db.execute(
                "CREATE OR REPLACE TABLE patterns AS "
                + pattern_sql(subject, "candidates", "records", organisations=organisations)
            )
            numbers = [number for (number,) in self._db.execute("SELECT DISTINCT pattern FROM patterns").fetchall()]
            likes = {
                number: matcher.weighed(pattern_of_number(subject, number), organisations=organisations)
                for number in numbers
            }
            yield from self._not_different(likes)

    def _not_different(self, likes: Mapping[int, Likeness]) -> Iterator[tuple[int, int, Likeness]]:
        kept = [number for number, like in likes.items() if like.verdict != "different"]
        query = "SELECT one, other, pattern FROM patterns WHERE pattern IN (SELECT unnest($kept)) ORDER BY one, other"
        self._db.execute(query, {"kept": kept})
        while rows := self._db.fetchmany(10_000):
            for one, other, number in rows:
                yield one, other, likes[number]

    def _find_candidates(self, model: MatchModel) -> None:
        blocks = " UNION ALL ".join(block_sql(number, one, "records") for number, one in enumerate(model.blocks))
        caps = " ".join(f"WHEN {number} THEN {one.cap}" for number, one in enumerate(model.blocks))
        self._db.execute(f"CREATE OR REPLACE TABLE keys AS SELECT DISTINCT block, hash(key) AS key, n FROM ({blocks})")
        self._db.execute(
            "CREATE OR REPLACE TABLE sizes AS SELECT block, key, count(*) AS size FROM keys GROUP BY ALL "
            "HAVING size > 1"
        )
        over = self._db.execute(f"SELECT count(*) FROM sizes WHERE size > CASE block {caps} END").fetchone()
        self.uncompared = over[0] if over else 0
        across = f" AND b.n >= {self._new}" if self._link else ""
        self._db.execute(
            "CREATE OR REPLACE TABLE candidates AS WITH kept AS (SELECT keys.* FROM keys JOIN sizes USING (block, key) "
            f"WHERE size <= CASE block {caps} END) SELECT DISTINCT a.n AS one, b.n AS other FROM kept a JOIN kept b ON "
            f"a.block = b.block AND a.key = b.key AND a.n < b.n WHERE a.n < {self._new}{across}"
        )
        count = self._db.execute("SELECT count(*) FROM candidates").fetchone()
        self.compared = count[0] if count else 0
