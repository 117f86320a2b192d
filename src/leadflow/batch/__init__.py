"""Many leads at once: a scoring model as one SQL query, run by DuckDB where the host's tables are, or given as text."""

from leadflow.errors import require

require("batch")

from leadflow.batch.duck import score_many  # noqa: E402 (says what to install before it is needed)
from leadflow.batch.query import sql_for  # noqa: E402
from leadflow.batch.tables import Columns, Dialect, Table  # noqa: E402

__all__ = ["Columns", "Dialect", "Table", "score_many", "sql_for"]
