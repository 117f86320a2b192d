"""Records of a table, read column by column: each distinct value once, in Python; the rest is done by DuckDB."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple

import duckdb

from leadflow.batch import duck
from leadflow.batch.column_reader import VALUES_AT_ONCE, ColumnReader
from leadflow.batch.column_values import COLUMN_PARTS, csv_rows
from leadflow.batch.match_records import DERIVED, LIST_SIGN, MAILBOXES, READ, TITLES, record_columns
from leadflow.errors import InvalidInput
from leadflow.quality.countries import home_country
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.records import IDENTIFIER_PREFIX, MATCH_KEYS, PERSON_KEYS, is_compared

__all__ = ["RecordTable", "add_records", "create_records", "insert_features"]

_READ: Final = f"n INTEGER, {', '.join(f'{column} VARCHAR' for column in READ[1:])}".replace(
    "is_organisation VARCHAR, several VARCHAR", "is_organisation BOOLEAN, several BOOLEAN"
)
_IDS_AT_ONCE: Final = 10_000
_DERIVED: Final = ", ".join(f"{made} AS {column}" for column, made in DERIVED.items())


class RecordTable(NamedTuple):
    """A table of records: a path of Parquet or CSV files, a frame, or an Arrow table, under its name in messages.

    ``columns`` maps columns to keys of a record, where these are not their names; the rows are counted where no column
    is the ``id``.
    """

    field: str
    source: object
    columns: Mapping[str, str]


def create_records(db: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table ``records`` that records are compared in."""
    derived = ", ".join(f"{column} VARCHAR" for column in DERIVED)
    db.execute(f"CREATE OR REPLACE TEMP TABLE records ({_READ}, {derived})")


def insert_features(db: duckdb.DuckDBPyConnection, features: Iterable[Features]) -> None:
    """Create the table ``records`` with what was read of records before, numbered from 0."""
    create_records(db)
    rows = (csv_rows([record_columns(number, one)]) for number, one in enumerate(features))
    _insert_rows(db, "read_values", _READ, rows)
    db.execute(f"INSERT INTO records SELECT *, {_DERIVED} FROM read_values; DROP TABLE read_values")


def add_records(
    db: duckdb.DuckDBPyConnection,
    table: RecordTable,
    start: int,
    country: str | None,
    reader: ColumnReader | None = None,
) -> list[str]:
    """Add the rows of a table to the table ``records``, numbered from ``start``; return their ids."""
    country, reader = home_country(country), reader or ColumnReader()
    source, columns = _opened(db, table)
    has_persons = not PERSON_KEYS.isdisjoint(columns)
    place = f"row_number() OVER () + {start - 1}"
    texts = [f"coalesce(CAST({_quoted(column)} AS VARCHAR), '') AS {_given(key)}" for key, column in columns.items()]
    if "id" not in columns:
        texts.append(f"concat('{'old:' if start else ''}', n - {start}) AS {_given('id')}")
    db.execute(f"CREATE OR REPLACE TEMP TABLE texts AS SELECT {place} AS n, {', '.join(texts)} FROM {source}")
    kinds = tuple(key for key in columns if key.startswith(IDENTIFIER_PREFIX))
    joins, there, read_parts = [], set[str](), list[str]()
    for name, part in COLUMN_PARTS.items():
        keys = tuple(key for key in part.keys or kinds if key in columns)
        if keys and (name != "names" or has_persons):
            _read_part(db, name, keys, country, reader)
            equal = " AND ".join(f"texts.{_given(key)} = {name}.{_given(key)}" for key in keys)
            joins.append(f"JOIN {name} ON {equal}")
            there.update(part.columns)
            read_parts.append(name)
    given = {column: column if column in there else "''" for column in (*READ[3:], *_EXTRA)}
    alone = f"({given['is_named']} <> '' OR {given['mail0']} <> '')" if has_persons else "false"
    mailboxes = f"CASE WHEN organised THEN {given['all_mail0']} ELSE {given['mail0']} END"
    chosen = dict.fromkeys(MAILBOXES, mailboxes)  # whoever keeps the table answers for them
    chosen |= {column: f"CASE WHEN organised THEN {given[column]} ELSE '' END" for column in TITLES}
    chosen |= {"company": f"CASE WHEN organised THEN {given['title_key']} ELSE {given['company']} END"}
    chosen |= {"domain": f"coalesce(nullif({given['site']}, ''), {given['own']})"}
    listed = ", ".join(f"{chosen.get(column, given[column])} AS {column}" for column in READ[3:])
    several = " OR ".join(f"contains({given[column]}, '{LIST_SIGN}')" for column in _MAY_BE_SEVERAL)
    db.execute(
        f"INSERT INTO records SELECT *, {_DERIVED} FROM (SELECT n, organised AND {given['title']} <> '', {several}, "
        f"{listed} FROM (SELECT *, {given['has_title']} <> '' AND NOT {alone} AS organised FROM texts "
        f"{' '.join(joins)}))"
    )
    given_ids, ids = db.execute(f"SELECT {_given('id')} FROM texts ORDER BY n"), list[str]()
    while some := given_ids.fetchmany(_IDS_AT_ONCE):
        ids += [str(id) for (id,) in some]
    for name in ("texts", "distinct_values", "read_values", *read_parts):
        db.execute(f"DROP TABLE IF EXISTS {name}")
    if not all(map(str.strip, ids)):
        row = next(row for row, id in enumerate(ids, 1) if not id.strip())
        raise InvalidInput(table.field, "", f"the id of row {row} is empty; give each row one, or no column id")
    if len({*ids}) < len(ids):
        twice = next(id for id, times in Counter(ids).items() if times > 1)
        raise InvalidInput(table.field, twice, "two rows have this id; give each row one of its own, or no column id")
    return ids


def _opened(db: duckdb.DuckDBPyConnection, table: RecordTable) -> tuple[str, dict[str, str]]:
    """Return the name of a source, and which column has each key."""
    opened = duck.opened(db, table.field, table.source, texts=True)
    if unknown := table.columns.keys() - opened.columns.keys():
        raise InvalidInput(
            "columns", min(unknown), f"{table.field} has no such column; it has {', '.join(opened.columns)}"
        )
    for key in table.columns.values():
        if key != "id" and not (isinstance(key, str) and is_compared(key)):
            near = get_close_matches(str(key), MATCH_KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(MATCH_KEYS))}"
            raise InvalidInput("columns", key, f"it is nothing that is compared; {hint}")
    columns = {table.columns.get(column, column): column for column in opened.columns}
    known = {key: column for key, column in columns.items() if key == "id" or is_compared(key)}
    if not known.keys() - {"id"}:
        raise InvalidInput(
            table.field, ", ".join(opened.columns), "no column is compared; map some: columns={'Firma': 'company'}"
        )
    return opened.name, known


_MAY_BE_SEVERAL: Final = ("mail0", "all_mail0", "phones", "profiles", "external_ids", "identifiers")
_EXTRA: Final = ("all_mail0", "is_named", "own", "site", "title_key", "has_title")


def _read_part(
    db: duckdb.DuckDBPyConnection, name: str, keys: Sequence[str], country: str | None, reader: ColumnReader
) -> None:
    """Create the table of a part: each distinct combination of values with what is read of it."""
    named, columns = ", ".join(map(_given, keys)), COLUMN_PARTS[name].columns
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE distinct_values AS SELECT row_number() OVER () AS k, {named} FROM "
        f"(SELECT DISTINCT {named} FROM texts)"
    )
    values = db.execute(f"SELECT k, {named} FROM distinct_values")
    rows = reader.rows(name, keys, country, iter(lambda: values.fetchmany(VALUES_AT_ONCE), []))
    _insert_rows(db, "read_values", f"k BIGINT, {', '.join(f'{column} VARCHAR' for column in columns)}", rows)
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {named}, {', '.join(columns)} FROM distinct_values "
        "JOIN read_values USING (k)"
    )


def _insert_rows(db: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Iterable[bytes]) -> None:
    """Create a temporary table of rows in CSV, through a file: the fastest way in that needs no other package."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("wb") as file:
            file.writelines(rows)
        kinds = dict(one.split(" ") for one in columns.split(", "))
        db.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM read_csv($path, header=false, auto_detect=false, "
            f"delim=',', quote='\"', escape='\"', nullstr='\\0', columns={kinds!r}, max_line_size=10000000)",
            {"path": str(path)},
        )


def _given(key: str) -> str:
    return _quoted(f"given {key}")


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
