"""Leads in SQLite or PostgreSQL, by SQLAlchemy Core; the tables come from the migrations that ship with it."""

from leadflow.errors import require

require("sql")

from leadflow.adapters.sql.storage import SqlStorage  # noqa: E402 (says what to install before it is needed)

__all__ = ["SqlStorage"]
