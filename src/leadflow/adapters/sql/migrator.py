"""The migrations that ship with leadflow, run by Alembic without an alembic.ini."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from leadflow.adapters.sql.revision import VERSION_TABLE

__all__ = ["VERSION_TABLE", "upgrade"]

_log = logging.getLogger("leadflow")

FOLDER = Path(__file__).parent.parent / "migrations"
ALONE = "SELECT pg_advisory_xact_lock(hashtext('leadflow.migrate'))"


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to a revision, within the transaction that the connection is in."""
    if connection.dialect.name == "postgresql":  # on SQLite whoever writes is alone already
        connection.exec_driver_sql(ALONE)
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    before = context.get_current_revision()
    command.upgrade(config, revision)
    if (after := context.get_current_revision()) != before:
        _log.info("the tables were migrated from %s to %s", before or "nothing", after)
