"""Leads in SQLite or PostgreSQL, by SQLAlchemy Core; the tables come from the migrations that ship with it."""

from leadflow.errors import require

try:
    from leadflow.adapters.sql.storage import SqlStorage
except ModuleNotFoundError:
    require("sql")  # says what to install; Alembic is loaded by nobody but ``migrate``
    raise

__all__ = ["SqlStorage"]
