"""Paths in stored documents, as expressions of SQLite or PostgreSQL.

Names in paths are identifiers, and quoted anyway; constants of conditions never appear here. A document that is not
JSON has no values, so that it does not affect others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

from leadflow.conditions.values import Kind, kind_of
from leadflow.entities.base import micros
from leadflow.search.stored_paths import Level, StoredPath

__all__ = ["FUNCTIONS", "JSON", "Json", "known", "scalar", "texts"]

JSON_TYPES: Final[dict[Kind, str]] = {
    "bool": "bool", "number": "number", "text": "text", "datetime": "text", "date": "text"
}  # fmt: skip


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Json(Protocol):
    """How a database reads JSON."""

    @property
    def types(self) -> Mapping[str, tuple[str, ...]]:
        """The database's names of JSON types."""

    def document(self, column: str) -> str:
        """A column of the leads as JSON; NULL if it is not JSON."""

    def type_of(self, base: str, names: tuple[str, ...]) -> str:
        """The type of the value below a value; NULL if there is none."""

    def value(self, base: str, names: tuple[str, ...], kind: Kind, path: StoredPath) -> str:
        """The value below a value, of a kind."""

    def constant(self, value: object) -> str:
        """A default in comparable form."""

    def items(self, base: str, level: Level) -> str:
        """The list below a value; NULL if there is none."""

    def members(self, items: str) -> str:
        """The texts among the items of a list, as a list of texts."""

    def joined(self, items: str, item: str, of_each: str, *, flat: bool) -> str:
        """An expression for each item of a list, as a list of texts; ``flat``: the expression is itself such a list."""


class _Sqlite:
    types: Final[Mapping[str, tuple[str, ...]]] = {
        "number": ("integer", "real"),
        "text": ("text",),
        "bool": ("true", "false"),
        "list": ("array",),
    }

    def document(self, column: str) -> str:
        return f"CASE WHEN json_valid(found.{column}) THEN found.{column} END"

    def type_of(self, base: str, names: tuple[str, ...]) -> str:
        return f"json_type({base}, {self._path(names)})" if names else f"json_type({base})"

    def _path(self, names: tuple[str, ...]) -> str:
        return _quoted("$" + "".join(f'."{name}"' for name in names))

    def value(self, base: str, names: tuple[str, ...], kind: Kind, path: StoredPath) -> str:
        found = f"json_extract({base}, {self._path(names)})"
        match kind:
            case "bool":
                return f"({self.type_of(base, names)} = 'true')"
            case "number" if path.decimal:
                return f"CASE WHEN json_valid({found}) THEN CAST(json_extract({found}, '$') AS REAL) END"
            case "datetime":
                return _SQLITE_MICROS.replace("…", found)
            case "date":
                return f"CASE WHEN {found} GLOB '????-??-??' THEN {found} END"
        return found

    def constant(self, value: object) -> str:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"json_extract({_quoted(repr(value))}, '$')" if number else _plain(value)

    def items(self, base: str, level: Level) -> str:
        found = f"json_extract({base}, {self._path(level.names)})"
        return _cases(self, base, level, found, ("array",), _listed)

    def members(self, items: str) -> str:
        return items

    def joined(self, items: str, item: str, of_each: str, *, flat: bool) -> str:
        inner = f", json_each({of_each}) AS {item}_in WHERE {item}_in.type = 'text'" if flat else ""
        said = f"{item}_in.value" if flat else of_each
        listed = f"(SELECT json_group_array({said}) FROM json_each({items}) AS {item}{inner})"
        return f"(CASE WHEN {items} IS NOT NULL THEN {listed} END)"


_SQLITE_MICROS: Final = """(SELECT CASE WHEN zone <> '' AND t GLOB '????-??-??T??:??:??*'
 THEN CAST(strftime('%s', substr(t, 1, 19) || zone) AS INTEGER) * 1000000 + fraction END
 FROM (SELECT t, CASE WHEN substr(t, 20, 1) = '.' THEN substr(t, 27) ELSE substr(t, 20) END AS zone,
 CASE WHEN substr(t, 20, 1) = '.' THEN CAST(substr(t, 21, 6) AS INTEGER) ELSE 0 END AS fraction
 FROM (SELECT … AS t)))""".replace("\n", "")


class _Postgres:
    types: Final[Mapping[str, tuple[str, ...]]] = {
        "number": ("number",),
        "text": ("string",),
        "bool": ("boolean",),
        "list": ("array",),
    }

    def document(self, column: str) -> str:
        return f"stored.{column}"

    def _below(self, base: str, names: tuple[str, ...], text: str = "") -> str:
        return f"jsonb_extract_path{text}({', '.join((base, *map(_quoted, names)))})"

    def type_of(self, base: str, names: tuple[str, ...]) -> str:
        return f"jsonb_typeof({self._below(base, names) if names else base})"

    def value(self, base: str, names: tuple[str, ...], kind: Kind, path: StoredPath) -> str:
        found = self._below(base, names, "_text")
        match kind:
            case "bool":
                return f"CAST({found} AS boolean)"
            case "number" if path.whole:
                return f"CAST({found} AS numeric)"
            case "number":
                return f"leadflow_number({found})"
            case "datetime":
                return f"leadflow_moment({found})"
            case "date":
                return f"CASE WHEN {found} LIKE '____-__-__' THEN {found} END"
        return found

    def constant(self, value: object) -> str:
        return f"CAST({_quoted(repr(value))} AS double precision)" if isinstance(value, float) else _plain(value)

    def items(self, base: str, level: Level) -> str:
        return _cases(self, base, level, self._below(base, level.names), ("array",), _listed_as_jsonb)

    def members(self, items: str) -> str:
        found = f"SELECT item.value #>> '{{}}' FROM jsonb_array_elements({items}) AS item (value)"
        return f"(CASE WHEN {items} IS NOT NULL THEN ARRAY({found} WHERE jsonb_typeof(item.value) = 'string') END)"

    def joined(self, items: str, item: str, of_each: str, *, flat: bool) -> str:
        inner = f", unnest({of_each}) AS {item}_in (value)" if flat else ""
        said = f"{item}_in.value" if flat else of_each
        listed = f"ARRAY(SELECT {said} FROM jsonb_array_elements({items}) AS {item} (value){inner})"
        return f"(CASE WHEN {items} IS NOT NULL THEN {listed} END)"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return str(micros(value))
    return str(value) if isinstance(value, int | float) else _quoted(str(value))


def _listed(value: object) -> str:
    return _quoted(json.dumps([one for one in value if isinstance(one, str)])) if isinstance(value, tuple) else "NULL"


def _listed_as_jsonb(value: object) -> str:
    return f"CAST({_listed(value)} AS jsonb)"


JSON: Final[dict[str, Json]] = {"sqlite": _Sqlite(), "postgresql": _Postgres()}

FUNCTIONS: Final = (
    """CREATE OR REPLACE FUNCTION leadflow_json(value text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN RETURN value::jsonb; EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$""",
    """CREATE OR REPLACE FUNCTION leadflow_number(value text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT
AS $$ BEGIN RETURN NULLIF(value::double precision, 'NaN'); EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$""",
    """CREATE OR REPLACE FUNCTION leadflow_moment(value text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    IF value !~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)$' THEN RETURN NULL; END IF;
    RETURN (extract(epoch FROM value::timestamptz) * 1000000)::bigint;
EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$""",
)
"""PostgreSQL functions for reading documents: a value of the wrong kind is NULL, without an error."""


# --------------------------------------------------------------------------------------------------------- expressions
def scalar(db: Json, path: StoredPath, kind: Kind) -> str:
    """The value at a path, if it is of this kind."""
    (level,) = path.levels
    return _scalar(db, db.document(_column(path)), level, kind, path)


def known(db: Json, path: StoredPath) -> str:
    """An expression that is not NULL if there is a value at a path."""
    (level,) = path.levels
    base, shape = db.document(_column(path)), path.shape
    types = [name for kind in sorted(shape.kinds) for name in _types(db, kind, path)]
    types += ["object"] if shape.groups or shape.mapped else []
    types += ["object", "array", *(name for names in db.types.values() for name in names)] if shape.open else []

    def there(level: Level) -> str:
        return _cases(db, base, level, "1", tuple(types), lambda value: "NULL" if value is None else "1")

    return _under_any_name(db, base, level, there)


def texts(db: Json, path: StoredPath) -> str:
    """The texts of the list that a path leads to or through."""
    return _texts(db, db.document(_column(path)), path.levels, path, 0)


def _column(path: StoredPath) -> str:
    return "computed" if path.computed else "doc"


def _texts(db: Json, base: str, levels: tuple[Level, ...], path: StoredPath, depth: int) -> str:
    level, *below = levels
    items, item = _under_any_name(db, base, level, lambda one: db.items(base, one)), f"item{depth}"
    if not below:
        return db.members(items)
    if len(below) == 1 and not path.ends_in_list:
        return db.joined(items, item, _scalar(db, f"{item}.value", below[0], "text", path), flat=False)
    return db.joined(items, item, _texts(db, f"{item}.value", tuple(below), path, depth + 1), flat=True)


def _scalar(db: Json, base: str, level: Level, kind: Kind, path: StoredPath) -> str:
    def default(value: object) -> str:
        return db.constant(value) if value is not None and kind_of(value) == kind else "NULL"

    def value(level: Level) -> str:
        return _cases(db, base, level, db.value(base, level.names, kind, path), _types(db, kind, path), default)

    return _under_any_name(db, base, level, value)


def _under_any_name(db: Json, base: str, level: Level, expression: Callable[[Level], str]) -> str:
    """An expression for the first name of each field, present or former, under which something is stored."""
    nr = level.renamed
    if nr is None:
        return expression(level)
    levels = [level.named(nr, name) for name in (level.names[nr], *level.former[nr])]
    cases = [
        f"WHEN {db.type_of(base, one.names[: nr + 1])} IS NOT NULL THEN {_under_any_name(db, base, one, expression)}"
        for one in levels
    ]
    return f"(CASE {' '.join(cases)} ELSE {_under_any_name(db, base, levels[0], expression)} END)"


def _types(db: Json, kind: Kind, path: StoredPath) -> tuple[str, ...]:
    return db.types[JSON_TYPES[kind]] + (db.types["text"] if kind == "number" and path.decimal else ())


def _cases(
    db: Json, base: str, level: Level, found: str, types: tuple[str, ...], default: Callable[[object], str]
) -> str:
    """The value found, if it has one of these JSON types; else the default for omitted values."""
    above = [level.names[: nr + 1] for nr in range(len(level.names) - 1)]
    last = level.absent[-1]
    cases = [
        f"WHEN {db.type_of(base, names)} IS NULL THEN {default(value)}"
        for names, value in zip(above, level.absent, strict=False)
        if (value.__class__, value) != (last.__class__, last)
    ]
    if last is not None:  # nothing replaced it
        cases += [f"WHEN {db.type_of(base, names)} = 'null' THEN NULL" for names in (*above, level.names)]
    cases.append(f"WHEN {db.type_of(base, level.names)} IN ({', '.join(map(_quoted, types))}) THEN {found}")
    return f"(CASE {' '.join(cases)} ELSE {default(last)} END)"
