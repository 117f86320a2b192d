"""Creating engines from URLs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import Pool

from leadflow.errors import InvalidInput, require

__all__ = ["DRIVERS", "PATIENCE", "engine_arguments", "is_in_memory", "url_of"]

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
USUAL = ("sqlite", "sqlite+pysqlite", "sqlite+aiosqlite")  # one URL serves both storages; others are used unchanged
PATIENCE = 30  # seconds that SQLite waits for another writer


def url_of(where: str | URL) -> URL:
    """Parse a URL."""
    try:
        return make_url(where)
    except ArgumentError:
        remedy = "give one like sqlite:///leads.db or postgresql://host/name"
        if not isinstance(where, str):
            remedy += ", your engine, or your open connection (a session's is session.connection())"
        raise InvalidInput("url", where, remedy) from None


def engine_arguments(url: URL, drivers: dict[str, str], alone: type[Pool]) -> tuple[URL, dict[str, Any]]:
    """Return the arguments of an engine created from a URL; ``alone`` is the pool for a single connection."""
    backend = {"postgres": "postgresql"}.get(url.get_backend_name(), url.get_backend_name())
    if backend == "sqlite":
        if url.host:
            shown = url.render_as_string(hide_password=True)
            raise InvalidInput("url", shown, "the path of a file follows three slashes: sqlite:///leads.db")
        made: dict[str, Any] = {"connect_args": {"timeout": PATIENCE, "check_same_thread": False}}
        if is_in_memory(url):  # it lives in one connection, which all share in turns
            made |= {"poolclass": alone, "pool_size": 1, "max_overflow": 0}
    elif backend == "postgresql":
        require("postgres")
        made = {"pool_pre_ping": True}
    else:
        raise InvalidInput("url", url.render_as_string(hide_password=True), "SqlStorage knows sqlite and postgresql")
    if backend == "postgresql" or url.drivername in USUAL:
        url = url.set(drivername=drivers[backend])
    return url, {"hide_parameters": True, **made}


def is_in_memory(url: URL) -> bool:
    """Whether it is a SQLite database that lives in its connection."""
    return url.database in (None, "", ":memory:")
