"""The queries of matching for Spark: DuckDB's, with Spark's words for what sqlglot leaves as it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import sqlglot
from sqlglot import exp

__all__ = ["on_spark"]

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
_CALLS: Final[Mapping[str, str]] = {
    "hash": "XXHASH64({0})",
    "strlen": "OCTET_LENGTH({0})",
    "list_has_all": "SIZE(ARRAY_EXCEPT({1}, {0})) = 0",
    "list_intersect": "ARRAY_INTERSECT({0}, {1})",
    "list_sum": "AGGREGATE({0}, 0, (total, each) -> total + each)",
    "damerau_levenshtein": "LEAST(LEVENSHTEIN({0}, {1}), IF(EXISTS(SEQUENCE(1, LENGTH({0})), i -> CONCAT("
    "LEFT({0}, i - 1), SUBSTRING({0}, i + 1, 1), SUBSTRING({0}, i, 1), SUBSTRING({0}, i + 2)) = {1}), 1, 2))",
}
"""Spark's words for what sqlglot leaves as DuckDB has it; slips are counted up to one, as nothing else is asked."""


def _of_spark(part: exp.Expr) -> exp.Expr:
    match part:
        case exp.ArrayOverlaps(this=one, expression=other):
            return exp.Anonymous(this="ARRAYS_OVERLAP", expressions=[one, other])
        case exp.JarowinklerSimilarity(this=one, expression=other):
            return exp.Anonymous(this="JARO_WINKLER_SIMILARITY", expressions=[one, other])
        case exp.Anonymous() if call := _CALLS.get(part.name.lower()):
            return sqlglot.parse_one(call.format(*(one.sql("spark") for one in part.expressions)), dialect="spark")
    return part


def on_spark(query: str, tables: Mapping[str, str] = NO_NAMES) -> str:
    """Return a query for DuckDB as Spark has it; ``tables`` says what some tables are called there."""
    tree = sqlglot.parse_one(query, dialect="duckdb")
    for table in tree.find_all(exp.Table):
        if table.name in tables:
            if not table.alias:  # its columns go on being called after it
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(tables[table.name]))
    for part in reversed([*tree.walk()]):  # inner calls first, as they become part of the outer ones
        if (ours := _of_spark(part)) is not part:
            part.replace(ours)
    return tree.sql("spark")
