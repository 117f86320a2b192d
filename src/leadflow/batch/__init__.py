"""Many leads at once: a scoring model as one SQL query, run by DuckDB or Spark where tables are, or given as text."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from leadflow.errors import MissingExtra, require

if find_spec("sqlglot") is None:  # what each engine needs besides is asked for when it is used
    require("batch")

from leadflow.batch.query import sql_for
from leadflow.batch.scoring import score_many
from leadflow.batch.tables import Columns, Dialect, Table

if TYPE_CHECKING:
    from leadflow.batch.state import EngagementStates

__all__ = ["Columns", "Dialect", "EngagementStates", "Table", "score_many", "sql_for"]


def __getattr__(name: str) -> object:
    if name != "EngagementStates":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    require("batch")
    try:  # nothing else needs NumPy
        from leadflow.batch.state import EngagementStates
    except ModuleNotFoundError as missing:
        raise MissingExtra(f"{missing.name} is not installed; run: pip install 'leadflow[batch]'") from missing
    return EngagementStates
