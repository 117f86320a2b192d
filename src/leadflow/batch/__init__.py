"""Many leads at once, scored or de-duplicated by SQL: run by DuckDB or Spark where tables are, or given as text."""

from importlib.util import find_spec

from leadflow.errors import require

if find_spec("sqlglot") is None:  # what each engine needs besides is checked when it is used
    require("batch")

from leadflow.batch.account_index import AccountIndex
from leadflow.batch.duplicates import Duplicates, MatchedPair, dedupe_many
from leadflow.batch.match_query import feature_table, match_sql_for
from leadflow.batch.query import sql_for
from leadflow.batch.scoring import score_many
from leadflow.batch.tables import Columns, Dialect, Table

__all__ = [
    "AccountIndex",
    "Columns",
    "Dialect",
    "Duplicates",
    "MatchedPair",
    "Table",
    "dedupe_many",
    "feature_table",
    "match_sql_for",
    "score_many",
    "sql_for",
]
