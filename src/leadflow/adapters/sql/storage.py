"""Storage in SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import URL, Connection, Engine

from leadflow.adapters.sql import rows
from leadflow.adapters.sql.change_writer import Tenant, save, what_collided
from leadflow.adapters.sql.revision import check_revision, refuse_newer
from leadflow.adapters.sql.statements import statements_for
from leadflow.adapters.sql.transactions import Database, Units, opened
from leadflow.entities import Activity, Lead, LeadId, Task, TaskStatus, read_leads, read_value, scanned, utc
from leadflow.entities.base import micros
from leadflow.errors import Collision, InvalidInput, MissingExtra, StorageError, require
from leadflow.events import Change, Fact, Reply
from leadflow.ports import State
from leadflow.search import LeadSearch, Page, Position
from leadflow.search.stored_paths import stored_path

if TYPE_CHECKING:
    from leadflow.adapters.sql.search import SearchStatements
    from leadflow.conditions import Condition

__all__ = ["LOCK_TIMEOUT", "SqlStorage"]

NO_LIMIT = 2**63 - 1  # SQLite knows no other
LOCK_TIMEOUT = timedelta(seconds=10)


class SqlStorage:
    """Keeps leads in the database behind a URL, an engine, or a connection of the host.

    ``tenant`` scopes every statement. On a host's connection each save is a savepoint in the host's transaction, which
    the host commits, and ``lease`` is refused: ``tick`` needs its own transactions. ``migrate`` creates the tables; a
    new SQLite file given by URL gets them automatically.

    Inside your transaction leads are routed later, by ``tick``; with ``routes`` at once: then the reps' ledgers are
    locked until you commit, so commit at once.

    On PostgreSQL a write waits at most ``lock_timeout`` for a lock of another transaction, then raises ``Unavailable``;
    a ``lock_timeout`` of your connection is left alone, and None sets none. It applies to leadflow's statements only.
    """

    def __init__(
        self,
        where: str | URL | Engine | Connection | Units,
        tenant: str = "default",
        *,
        lock_timeout: timedelta | None = LOCK_TIMEOUT,
        routes: bool = False,
    ) -> None:
        if not tenant:
            raise InvalidInput("tenant", tenant, "give it a name")
        self.tenant, self.lock_timeout, self.routes = tenant, lock_timeout, routes
        self._units = opened(where)
        self._sql = statements_for(self._units.dialect)
        self._lead_type: type[Lead[Any]] = Lead
        self._ready, self._getting_ready = False, self._units.waiting.lock()

    @property
    def hosted(self) -> bool:
        """Whether it works inside a host's transaction: then saves can't be retried, and tasks can't be leased."""
        return self._units.hosted

    @property
    def engine(self) -> Engine:
        """Its engine: for storages of other tenants, and for the host's own statements."""
        return self._units.engine

    def bind(self, lead_type: type[Lead[Any]]) -> None:
        self._lead_type = lead_type

    def migrate(self) -> Self:
        """Migrate the tables to this version of leadflow, in one transaction; running it again changes nothing."""
        require("sql")
        from leadflow.adapters.sql.migrator import upgrade

        with self._units.waiting.turn("migrations"), self._units.writing() as connection:  # Alembic does one at a time
            refuse_newer(connection)
            upgrade(connection)
        self._ready = True
        return self

    def close(self) -> None:
        """Close the connections of an engine that was created from a URL; those of the host are left alone."""
        if isinstance(self._units, Database) and self._units.own:
            self._units.engine.dispose()

    def purge(self) -> bool:
        """Make erased data unreadable in SQLite's files; False if a reader, or a host's transaction, blocks it.

        On PostgreSQL this does nothing: VACUUM frees the space of dead rows, but leaves the bytes until something else
        is written there; VACUUM FULL rewrites the table without them. The log (WAL), replicas and backups keep the data
        until they are recycled or deleted.
        """
        return isinstance(self._units, Database) and self._units.purge()

    # ------------------------------------------------------------------------------------------------- writing
    def save(self, change: Change) -> None:
        if change.is_empty:
            return
        try:
            with self._writing() as on:
                save(on, change)
        except Collision as collision:
            if not (collision.leads or collision.states or collision.replies):  # nothing to determine
                raise
            with self._reading() as on:
                found = what_collided(on, collision, change)
            raise collision.but(str(collision), **found) from collision

    def lease(
        self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Collection[str] | None = None
    ) -> list[Task]:
        if self.hosted:
            raise StorageError("a host's connection can't lease tasks: give SqlStorage a URL or an engine for tick")
        at: dict[str, Any] = {"now": _micros("now", now), "until": _micros("until", until)}
        with self._reading() as on:  # a tick that finds nothing must not make writers wait
            if limit <= 0 or not on.rows("any_due", now=at["now"], **_of_kinds(kinds)):
                return []
        at |= {"limit": limit, "token": token}
        with self._writing() as on:
            tasks = self._leased(on, **at, **_of_kinds(kinds))
        return sorted(tasks, key=lambda task: (task.due_at, task.key))

    def _leased(self, on: Tenant, **how: Any) -> list[Task]:
        """Lease due tasks; an unreadable one becomes dead, and does not use up the limit."""
        while found := [rows.task_from(row) for row in on.rows("lease", **how)]:
            on.write("task_is_dead", ({"key": rows.fit(task.key), "error": why} for task, why in found if why))
            readable = [task for task, why in found if not why]
            if readable:
                return readable
        return []

    # ------------------------------------------------------------------------------------------------- reading
    def load(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]:
        return read_leads(self._lead_type, self._found("load", keys=ids)) if ids else {}

    def holders(self, claims: Collection[str]) -> dict[str, LeadId]:
        asked = {rows.fit(key): key for key in claims}
        return {asked[key]: holder for key, holder in self._found("holders", keys=asked)} if asked else {}

    def matching(self, keys: Collection[str], limit: int) -> dict[str, list[LeadId]]:
        asked = {rows.fit(key): key for key in keys}
        found = self._found("matching", keys=asked, limit=limit) if asked else ()
        return {asked[row.key]: rows.ids_in(row.ids) for row in found}

    def features(self, ids: Collection[LeadId]) -> dict[LeadId, str]:
        return {row.id: row.features for row in self._found("features", keys=ids)} if ids else {}

    def states(self, keys: Collection[str]) -> dict[str, State]:
        asked = {rows.fit(key): key for key in keys}
        found = self._found("states", keys=asked) if asked else ()
        return {asked[row.key]: State(row.version, read_value(row.doc)) for row in found}

    def facts(
        self,
        lead_id: LeadId,
        since_version: int = 0,
        *,
        kinds: Collection[str] | None = None,
        limit: int | None = None,
    ) -> list[Fact]:
        chosen: dict[str, Any] = {} if kinds is None else {"keys": kinds}
        name, most = "facts" if kinds is None else "facts_of_kinds", NO_LIMIT if limit is None else limit
        found = self._found(name, lead_id=lead_id, since=since_version, limit=most, **chosen)
        return [rows.fact_from(row, lead_id) for row in found]

    def activities(
        self,
        lead_id: LeadId,
        ids: Collection[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Activity]:
        if limit is not None:
            docs = self._found("activities_page", lead_id=lead_id, after=rows.fit(after or ""), limit=limit)
            return [rows.activity_from(row, lead_id) for row in docs]
        if ids is None:
            docs = self._found("activities", lead_id=lead_id)
        else:
            docs = self._found("activities_named", lead_id=lead_id, keys=[rows.fit(id) for id in ids]) if ids else []
        found = [rows.activity_from(row, lead_id) for row in docs]
        return sorted(found, key=lambda activity: (activity.happened_at, activity.id))

    def lead_ids(self, after: LeadId | None, limit: int) -> list[LeadId]:
        return [row.id for row in self._found("lead_ids", after=after or "", limit=limit)]

    def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> list[Lead[Any]]:
        name = "scan" if stage is None else "scan_stage"
        chosen = {} if stage is None else {"stage": stage}
        while page := self._found(name, after=after or "", limit=limit, **chosen):
            after = page[-1].id
            if leads := scanned(self._lead_type, page):
                return leads
        return []

    def find(self, search: LeadSearch) -> Page[Any]:
        with self._reading() as on:
            statement, values = self._finding.page(search)
            found = list(on.connection.execute(statement, values).all())
        here = found[: search.limit]
        leads = scanned(self._lead_type, ((row.id, row.version, row.stage, row.doc) for row in here))
        return search.page(leads, Position(here[-1].sorted_by, here[-1].id) if len(found) > len(here) else None)

    def count(self, where: Condition, now: datetime, by: str | None = None) -> dict[Any, int]:
        with self._reading() as on:
            statement, values = self._finding.count(where, now, by)
            found = {value: number for value, number in on.connection.execute(statement, values) if number}
        is_truth = by is not None and stored_path(self._lead_type, by).shape.kinds == {"bool"}
        return (
            {None if value is None else bool(value): number for value, number in found.items()} if is_truth else found
        )

    @property
    def _finding(self) -> SearchStatements:
        if find_spec("sqlglot") is None:  # which only this needs
            raise MissingExtra("sqlglot is not installed; run: pip install 'leadflow[sql]'")
        from leadflow.adapters.sql.search import SearchStatements

        return SearchStatements(self._units.dialect, self._lead_type, self.tenant)

    def reply(self, key: str) -> Reply | None:
        for row in self._found("reply", key=rows.fit(key)):
            return Reply(key=key, digest=row.digest, lead_id=row.lead_id, value=read_value(row.doc))
        return None

    def task(self, key: str) -> Task | None:
        return next((rows.task_from(row)[0] for row in self._found("task", key=rows.fit(key))), None)

    def tasks(
        self,
        status: TaskStatus | None = None,
        lead_id: LeadId | None = None,
        limit: int = 100,
        *,
        kinds: Collection[str] | None = None,
    ) -> list[Task]:
        chosen: dict[str, Any] = {"limit": limit, **_of_kinds(kinds)}
        if lead_id is not None:
            found = self._found("tasks_of_lead", status=status or "", lead_id=lead_id, **chosen)
        elif status is None or status == "dead":
            found = self._found("tasks_dead" if status else "tasks", **chosen)
        elif kinds is not None and len(kinds) == 1:
            found = self._found("tasks_of_kind", status=status, kind=next(iter(kinds)), limit=limit)
        else:
            found = self._found("tasks_living", status=status, **chosen)
        return [rows.task_from(row)[0] for row in found]

    # --------------------------------------------------------------------------------------------------- units
    def _found(self, name: str, **values: Any) -> list[Any]:
        with self._reading() as on:
            return on.rows(name, **values)

    @contextmanager
    def _reading(self) -> Iterator[Tenant]:
        self._get_ready()
        with self._units.reading() as connection:
            yield Tenant(connection, self._sql, self.tenant)

    @contextmanager
    def _writing(self) -> Iterator[Tenant]:
        self._get_ready()
        with self._units.writing(self.lock_timeout) as connection:
            yield Tenant(connection, self._sql, self.tenant)

    @property
    def _makes_its_own_tables(self) -> bool:
        return isinstance(self._units, Database) and self._units.own and self._units.dialect == "sqlite"

    def _get_ready(self) -> None:
        if not self._ready:
            with self._getting_ready:
                if not self._ready and self._makes_its_own_tables and self._is_new():
                    self.migrate()
                elif not self._ready:
                    with self._units.reading() as connection:
                        check_revision(connection)
                self._ready = True

    def _is_new(self) -> bool:
        return isinstance(self._units, Database) and self._units.is_new()


def _of_kinds(kinds: Collection[str] | None) -> dict[str, Any]:
    return {"every": int(kinds is None), "keys": kinds or ()}


def _micros(name: str, value: datetime) -> int:
    try:
        return micros(utc(value))
    except ValueError as naive:
        raise InvalidInput(name, value, str(naive)) from None
