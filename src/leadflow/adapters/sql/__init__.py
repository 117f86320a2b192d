"""Storage in SQLite or PostgreSQL, with SQLAlchemy Core; the tables come from the included migrations."""

from typing import TYPE_CHECKING, Any

from leadflow.errors import require

try:
    from leadflow.adapters.sql.storage import SqlStorage
except ModuleNotFoundError:
    require("sql")  # says what to install; Alembic is loaded by nobody but ``migrate``
    raise

if TYPE_CHECKING:
    from leadflow.adapters.sql.async_storage import AsyncSqlStorage

__all__ = ["AsyncSqlStorage", "SqlStorage"]


def __getattr__(name: str) -> Any:
    if name == "AsyncSqlStorage":  # who needs no event loop does not load what it takes
        from leadflow.adapters.sql.async_storage import AsyncSqlStorage

        return AsyncSqlStorage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
