"""Which migration a database is at, and whether this version of leadflow may work on it."""

from __future__ import annotations

from sqlalchemy import Connection

from leadflow.errors import StorageError, TooNew

__all__ = ["REVISION", "VERSION_TABLE", "check_revision", "refuse_newer"]

REVISION = "0003"
"""The newest migration: what the statements of this version of leadflow need."""
VERSION_TABLE = "leadflow_version"
IS_THERE = {
    "sqlite": f"SELECT 1 FROM sqlite_master WHERE name = '{VERSION_TABLE}'",  # noqa: S608  (our own name)
    # a statement that fails would end the transaction of a host
    "postgresql": f"SELECT 1 WHERE to_regclass('{VERSION_TABLE}') IS NOT NULL",
}


def check_revision(connection: Connection) -> None:
    """Refuse tables of a newer leadflow, and older ones that have not been migrated yet."""
    found = refuse_newer(connection)
    if found is not None and found < REVISION:
        raise StorageError(f"the database is at migration {found}, not {REVISION}; run SqlStorage(…).migrate()")


def refuse_newer(connection: Connection) -> str | None:
    """Return the database's migration; None if it has no tables of ours, or a host made them without migrating."""
    if not connection.exec_driver_sql(IS_THERE[connection.dialect.name]).first():
        return None
    row = connection.exec_driver_sql(f"SELECT max(version_num) FROM {VERSION_TABLE}").one()  # noqa: S608  (our own name)
    if row[0] is not None and row[0] > REVISION:
        raise TooNew("the database", row[0], REVISION)
    return None if row[0] is None else str(row[0])
