"""The leads of a state in a fixed order: a lead's place there is its place in all columns that are kept.

New ones come last. Ids that are whole numbers lie in a column of NumPy and are looked up in a table, which is much
quicker than a join; others lie in a Parquet file and are joined by DuckDB, so that none becomes a Python object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from typing import Final, Protocol, TypeAlias
from uuid import uuid4

import duckdb
import numpy as np
from sqlglot import exp

from leadflow.batch.keeping import Array
from leadflow.batch.tables import Value

Rows: TypeAlias = Mapping[str, Array]

AT_ONCE: Final = 4_000_000
"""So many rows are held by NumPy at once where there may be very many."""
_ROOM: Final = 8
"""A table may have so many cells per lead; ids that lie farther apart are searched for."""
_IN_INT64: Final = frozenset("TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER".split())


class Places(Protocol):
    """Leads that get their places as they come."""

    @property
    def many(self) -> int: ...
    @property
    def type(self) -> str:
        """The type of their ids, as SQL names it."""

    def told(self, query: str, *, in_parts: bool) -> Iterator[Rows]:
        """The rows of a query that has a column ``lead_id``, with the place of the lead, ``who``, beside it."""

    def write(self, folder: Path) -> Path:
        """Write the leads in their order to a file of this folder."""


@contextmanager
def places(con: duckdb.DuckDBPyConnection, lead: Value, known: Path | None) -> Iterator[Places]:
    """The places of the leads that are known, by ids of this type, and of those to come."""
    if lead.type in _IN_INT64:
        yield _Whole(con, known)
        return
    joined = _Joined(con, known)
    try:
        yield joined
    finally:
        joined.close()


def column_of(leads: Path) -> Path | dict[str, Array]:
    """The leads of a file as a table of one column, ``lead_id``."""
    return {"lead_id": np.load(leads, mmap_mode="r")} if leads.suffix == ".npy" else leads


def numbered(con: duckdb.DuckDBPyConnection, leads: Path) -> str:
    """A query of the leads of a file, each with its place ``there``."""
    if leads.suffix != ".npy":
        return f"SELECT lead_id, file_row_number AS there FROM read_parquet({_text(leads)}, file_row_number = true)"
    name, ids = _name("leads"), np.load(leads, mmap_mode="r")
    con.register(name, {"lead_id": ids, "there": np.arange(len(ids))})
    return f"SELECT lead_id, there FROM {name}"


class _Whole:
    type = "BIGINT"

    def __init__(self, con: duckdb.DuckDBPyConnection, known: Path | None) -> None:
        self._con = con
        self._ids: Array = np.zeros(0, np.int64) if known is None else np.load(known, mmap_mode="r")

    @property
    def many(self) -> int:
        return len(self._ids)

    def told(self, query: str, *, in_parts: bool) -> Iterator[Rows]:
        for rows in self._in_parts(query) if in_parts else [self._rows(query)]:
            yield {**rows, "who": self._places(rows["lead_id"])}

    def write(self, folder: Path) -> Path:
        path = folder / "leads.npy"
        np.save(path, self._ids, allow_pickle=False)
        return path

    def _in_parts(self, query: str) -> Iterator[Rows]:
        with _kept(self._con, query) as (told, many):
            for first in _parts(many):
                yield self._rows(f"SELECT * FROM {told} {_part(told, first)}")

    def _rows(self, query: str) -> Rows:
        return fetched(self._con, f"SELECT * REPLACE (lead_id::BIGINT AS lead_id) FROM ({query})")

    def _places(self, wanted: Array) -> Array:
        found = _found(self._ids, wanted)
        absent = found < 0
        if absent.any():
            fresh, which = np.unique(wanted[absent], return_inverse=True)
            found[absent] = len(self._ids) + which
            self._ids = np.concatenate([self._ids, fresh])
        return found


def _found(ids: Array, wanted: Array) -> Array:
    """The place of each id that is wanted; −1 for those that are not there."""
    if not len(ids) or not len(wanted):
        return np.full(len(wanted), -1, np.int64)
    low, high = min(int(ids.min()), int(wanted.min())), max(int(ids.max()), int(wanted.max()))
    if high - low < _ROOM * (len(ids) + len(wanted)):
        table = np.full(high - low + 1, -1, np.int32)
        table[ids - low] = np.arange(len(ids))
        return np.asarray(table[wanted - low])
    order = np.argsort(ids)
    places = np.searchsorted(ids, wanted, sorter=order)
    found = order[np.minimum(places, len(ids) - 1)]
    return np.where(ids[found] == wanted, found, -1)


class _Joined:
    """Temporary tables of the connection: the leads that are new, what is told."""

    def __init__(self, con: duckdb.DuckDBPyConnection, known: Path | None) -> None:
        self._con, self._known, self._fresh = con, known, _name("leads")
        self._before = 0 if known is None else _count(con, f"read_parquet({_text(known)})")

    @property
    def many(self) -> int:
        return self._before + _count(self._con, self._fresh)

    @property
    def type(self) -> str:
        return str(self._con.table(self._fresh).types[0])

    def told(self, query: str, *, in_parts: bool) -> Iterator[Rows]:  # noqa: ARG002 (it is kept anyway)
        beside = f"SELECT NULL::BIGINT AS who, lead_id AS fresh_id, * EXCLUDE lead_id FROM ({query})"
        if self._known is not None:
            known = f"SELECT lead_id, there AS who FROM ({numbered(self._con, self._known)})"
            new = "CASE WHEN who IS NULL THEN lead_id END AS fresh_id"
            beside = f"SELECT who, {new}, * EXCLUDE (lead_id, who) FROM ({query}) LEFT JOIN ({known}) USING (lead_id)"
        with _kept(self._con, beside) as (told, many):
            self._add(told)
            who = "coalesce(who, place) AS who, * EXCLUDE (who, fresh_id, lead_id, place)"
            rows = f"SELECT {who} FROM {told} LEFT JOIN {self._fresh} ON fresh_id = lead_id"
            for first in _parts(many):
                yield fetched(self._con, f"{rows} {_part(told, first)}")

    def write(self, folder: Path) -> Path:
        path = folder / "leads.parquet"
        if self._known is not None and self.many == self._before:
            copyfile(self._known, path)
            return path
        rows = f"SELECT lead_id, place AS there FROM {self._fresh}"
        if self._known is not None:
            rows = f"{numbered(self._con, self._known)} UNION ALL {rows}"
        form = "FORMAT parquet, COMPRESSION uncompressed"  # ids are all different
        self._con.execute(f"COPY (SELECT lead_id FROM ({rows}) ORDER BY there) TO {_text(path)} ({form})")
        return path

    def _add(self, told: str) -> None:
        """Give the leads that are new their places."""
        fresh = f"SELECT DISTINCT fresh_id AS lead_id FROM {told} WHERE who IS NULL"
        place = f"{self._before} + row_number() OVER () - 1 AS place"
        self._con.execute(f"CREATE TEMP TABLE {self._fresh} AS SELECT lead_id, {place} FROM ({fresh})")

    def close(self) -> None:
        self._con.execute(f"DROP TABLE IF EXISTS {self._fresh}")


# --- the same for both -------------------------------------------------------------------------------------


def fetched(con: duckdb.DuckDBPyConnection, query: str) -> Rows:
    """The columns that a query gives, none of which may be NULL anywhere."""
    return {name: np.ma.getdata(column) for name, column in con.sql(query).fetchnumpy().items()}


@contextmanager
def _kept(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[str, int]]:
    """A temporary table of what a query gives, and how many rows it has."""
    name = _name("told")
    con.execute(f"CREATE TEMP TABLE {name} AS {query}")
    try:
        yield name, _count(con, name)
    finally:
        con.execute(f"DROP TABLE {name}")


def _parts(many: int) -> range:
    return range(0, max(many, 1), AT_ONCE)  # what is kept fades even where nothing is told


def _part(table: str, first: int) -> str:
    return f"WHERE {table}.rowid >= {first} AND {table}.rowid < {first + AT_ONCE}"


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    ((many,),) = con.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(many)


def _name(what: str) -> str:
    return f"leadflow_{what}_{uuid4().hex}"


def _text(path: Path) -> str:
    return exp.Literal.string(str(path)).sql("duckdb")
