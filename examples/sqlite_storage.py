"""A storage of your own, written by hand on Python's ``sqlite3``: this is all that leadflow needs from a database.

It passes the same contract as the adapters that ship with leadflow (tests/adapters/test_example.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from pydantic_core import PydanticSerializationError

from leadflow.entities import Activity, Lead, LeadId, Settlement, Task, TaskStatus
from leadflow.entities.decoder import lead_json, read_activity, read_leads, read_task, read_value, scanned
from leadflow.entities.stored_form import stored_json
from leadflow.errors import InvalidInput, Stale, Taken, Unavailable
from leadflow.events import Change, Fact, Reply, read_fact
from leadflow.ports import State

SCHEMA = """
CREATE TABLE IF NOT EXISTS leads (id TEXT PRIMARY KEY, version INTEGER, stage TEXT, doc TEXT, features TEXT);
CREATE INDEX IF NOT EXISTS leads_by_stage ON leads (stage, id);
CREATE TABLE IF NOT EXISTS match_keys (key TEXT, lead_id TEXT, PRIMARY KEY (key, lead_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS match_keys_of_lead ON match_keys (lead_id);
CREATE TABLE IF NOT EXISTS states (key TEXT PRIMARY KEY, version INTEGER NOT NULL, lead_id TEXT, doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts (lead_id TEXT, version INTEGER, seq INTEGER, kind TEXT NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (lead_id, version, seq));
CREATE INDEX IF NOT EXISTS facts_by_kind ON facts (lead_id, kind, version, seq);
CREATE TABLE IF NOT EXISTS activities (lead_id TEXT, id TEXT, doc TEXT NOT NULL, PRIMARY KEY (lead_id, id));
CREATE TABLE IF NOT EXISTS tasks (key TEXT PRIMARY KEY, due_at TEXT NOT NULL, status TEXT NOT NULL, leased_until TEXT,
    lead_id TEXT, kind TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS tasks_by_due ON tasks (due_at, key) WHERE status <> 'dead';
CREATE INDEX IF NOT EXISTS tasks_by_death ON tasks (due_at, key) WHERE status = 'dead';
CREATE INDEX IF NOT EXISTS tasks_of_lead ON tasks (lead_id, due_at, key);
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, lead_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS redirects (absorbed TEXT PRIMARY KEY, survivor TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, digest TEXT NOT NULL, lead_id TEXT, doc TEXT NOT NULL);
"""
LEAD, TASK = "id, version, stage, doc", "key, kind, due_at, status, lead_id, doc"
OF_A_LEAD = ("match_keys", "states", "facts", "activities", "tasks", "claims")
Kinds = Collection[str] | None
OF_KINDS = "EXISTS (SELECT 1 FROM json_each(?) WHERE type = 'null' OR value = kind)"
REACHABLE = "NOT EXISTS (SELECT 1 FROM redirects WHERE absorbed ="


class SqliteStorage:
    """Leads in one SQLite file, through one connection that threads take turns with."""

    def __init__(self, path: str) -> None:
        self._turn = RLock()
        self._lead_type: type[Lead[Any]] = Lead
        self._sql = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._sql.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;" + SCHEMA)

    def bind(self, lead_type: type[Lead[Any]]) -> None:
        self._lead_type = lead_type

    def close(self) -> None:
        self._sql.close()

    def purge(self) -> bool:
        with self._turn:
            self._sql.execute("PRAGMA busy_timeout=200")
            busy = self._sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            self._sql.execute("PRAGMA busy_timeout=30000")
            return not busy

    # ------------------------------------------------------------------------------------------------- writing
    def save(self, change: Change) -> None:
        with self._transaction():
            self._check(change)
            list(map(self._erase, change.erase))
            for write in change.leads:
                if write.lead is not None:
                    self._put_lead(write.lead, write.match_keys, write.features)
            for one in (state for state in change.states if state.value is not None):
                row = (one.key, one.read_version + 1, one.lead_id, json.dumps(one.value))
                self._run("INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)", *row)
            self._claim(change)
            self._queue(change)
            self._add(change)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._turn:
            try:
                self._sql.execute("BEGIN IMMEDIATE")  # a plain BEGIN fails as soon as two of them begin to write
                yield
                self._sql.execute("COMMIT")
            except sqlite3.IntegrityError as error:
                raise Stale(str(error)) from error
            except sqlite3.Error as error:
                raise Unavailable(str(error)) from error
            except (UnicodeError, OverflowError, PydanticSerializationError) as error:
                raise InvalidInput("value", str(error), "leave out what is no UTF-8 text or 64-bit number") from error
            finally:
                if self._sql.in_transaction:
                    self._sql.execute("ROLLBACK")

    def _run(self, sql: str, *values: object) -> sqlite3.Cursor:
        return self._sql.execute(sql, values)

    def _check(self, change: Change) -> None:
        for write in change.leads:
            if self._version("leads", "id", write.id) != write.read_version:
                raise Stale(f"lead {write.id} is no longer at version {write.read_version}", leads=[write.id])
        for state in change.states:
            if self._version("states", "key", state.key) != state.read_version:
                raise Stale(f"state {state.key} is no longer at version {state.read_version}", states=[state.key])
        for settlement in change.settle:
            task = self.task(settlement.key)
            held = ("dead", None) if settlement.lease is None else ("leased", settlement.lease)
            if task is None or (task.status, task.lease) != held:
                raise Stale(f"the lease of task {settlement.key} is lost", tasks=[settlement.key])

    def _version(self, table: str, column: str, key: str) -> int:
        row = self._run(f"SELECT version FROM {table} WHERE {column} = ?", key).fetchone()
        return row[0] if row else 0

    def _erase(self, lead_id: LeadId) -> None:
        self._run("DELETE FROM leads WHERE id = ?", lead_id)
        self._run("DELETE FROM redirects WHERE absorbed = ? OR survivor = ?", lead_id, lead_id)
        self._run("UPDATE replies SET doc = '{}' WHERE lead_id = ?", lead_id)
        for table in OF_A_LEAD:
            self._run(f"DELETE FROM {table} WHERE lead_id = ?", lead_id)

    def _put_lead(self, lead: Lead[Any], match_keys: frozenset[str] | None, features: str | None) -> None:
        sql = "REPLACE INTO leads SELECT ?, ?, ?, ?, COALESCE(?, (SELECT features FROM leads WHERE id = ?))"
        self._run(sql, lead.id, lead.version, lead.stage, lead_json(lead), features, lead.id)
        if match_keys is not None:
            self._run("DELETE FROM match_keys WHERE lead_id = ?", lead.id)
            self._sql.executemany("INSERT INTO match_keys VALUES (?, ?)", [(key, lead.id) for key in match_keys])

    def _claim(self, change: Change) -> None:
        for claim in change.release:
            self._run("DELETE FROM claims WHERE key = ? AND lead_id = ?", claim.key, claim.lead_id)
        for claim in change.claims:
            self._run("INSERT OR IGNORE INTO claims VALUES (?, ?)", claim.key, claim.lead_id)
            holder = self.holders([claim.key])[claim.key]
            if holder != claim.lead_id:
                raise Taken(f"{claim.key} is held by lead {holder}, not by {claim.lead_id}", claims=[claim.key])

    def _queue(self, change: Change) -> None:
        for settlement in change.settle:
            if (task := self.task(settlement.key)) is not None:
                self._settle(task, settlement)
        for key in change.cancel:
            self._run("DELETE FROM tasks WHERE key = ?", key)
        for task in change.put:
            self._put_task(task)

    def _settle(self, task: Task, settlement: Settlement) -> None:
        if settlement.outcome == "done":
            self._run("DELETE FROM tasks WHERE key = ?", task.key)
        elif settlement.outcome == "begun":
            self._put_task(task.but(attempts=task.attempts + 1, error=None))
        else:
            free = {"lease": None, "leased_until": None, "attempts": 0 if task.status == "dead" else task.attempts}
            ended = {"status": "waiting" if settlement.outcome == "retry" else "dead", "error": settlement.error}
            self._put_task(task.but(due_at=settlement.due_at or task.due_at, **ended, **free))

    def _put_task(self, task: Task) -> None:
        until = _text(task.leased_until) if task.leased_until else None
        row = (task.key, _text(task.due_at), task.status, until, task.lead_id, task.kind, stored_json(task))
        self._run("INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?)", *row)

    def _add(self, change: Change) -> None:
        self._sql.executemany("DELETE FROM facts WHERE lead_id = ? AND version = ? AND seq = ?", change.forget)
        facts = [(one.lead_id, one.version, one.seq, one.kind, stored_json(one)) for one in change.facts]
        self._sql.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?)", facts)
        for did in change.activities:
            verb = "REPLACE" if did.retracted_at else "IGNORE"
            self._run(f"INSERT OR {verb} INTO activities VALUES (?, ?, ?)", did.lead_id, did.id, stored_json(did))
        self._sql.executemany("DELETE FROM redirects WHERE absorbed = ?", [(one,) for one in change.restored])
        ways = {one.absorbed: one.survivor for one in change.redirects}
        self._sql.executemany("INSERT OR REPLACE INTO redirects VALUES (?, ?)", ways.items())
        list(map(self._survivor, ways))  # which refuses a circle
        for reply in change.replies:
            if self.reply(reply.key):
                raise Taken(f"the key {reply.key} has a reply already", replies=[reply.key])
            value = json.dumps(reply.value)
            self._run("INSERT INTO replies VALUES (?, ?, ?, ?)", reply.key, reply.digest, reply.lead_id, value)

    # ------------------------------------------------------------------------------------------------- reading
    def _all(self, sql: str, *values: object) -> list[Any]:
        with self._turn:
            try:
                return self._run(sql, *values).fetchall()
            except sqlite3.Error as error:
                raise Unavailable(str(error)) from error

    def _survivor(self, lead_id: LeadId) -> LeadId:
        passed = set()
        while way := self._all("SELECT survivor FROM redirects WHERE absorbed = ?", lead_id):
            if lead_id in passed:
                raise InvalidInput("redirects", lead_id, "it would lead back to itself")
            passed.add(lead_id)
            lead_id = way[0][0]
        return lead_id

    def load(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]:
        sql = f"SELECT {LEAD} FROM leads WHERE id = ?"
        return read_leads(self._lead_type, ((one, *row) for one in ids for row in self._all(sql, self._survivor(one))))

    def lead_ids(self, after: LeadId | None, limit: int) -> list[LeadId]:
        sql = f"SELECT id FROM leads WHERE id > ? AND {REACHABLE} id) ORDER BY id LIMIT ?"
        return [row[0] for row in self._all(sql, after or "", limit)]

    def holders(self, claims: Collection[str]) -> dict[str, LeadId]:
        return {key: row[0] for key in claims for row in self._all("SELECT lead_id FROM claims WHERE key = ?", key)}

    def matching(self, keys: Collection[str], limit: int) -> dict[str, list[LeadId]]:
        sql = f"SELECT lead_id FROM match_keys WHERE key = ? AND {REACHABLE} lead_id) ORDER BY lead_id LIMIT ?"
        return {key: [row[0] for row in self._all(sql, key, limit)] for key in keys}

    def features(self, ids: Collection[LeadId]) -> dict[LeadId, str]:
        sql = "SELECT features FROM leads WHERE id = ? AND features <> ''"
        return {one: row[0] for one in ids for row in self._all(sql, one)}

    def states(self, keys: Collection[str]) -> dict[str, State]:
        sql = "SELECT version, doc FROM states WHERE key = ?"
        return {key: State(row[0], read_value(row[1])) for key in keys for row in self._all(sql, key)}

    def facts(
        self, lead_id: LeadId, since_version: int = 0, *, kinds: Kinds = None, limit: int | None = None
    ) -> list[Fact]:
        chosen = "" if kinds is None else f"AND kind IN ({', '.join('?' for _ in kinds)})"
        sql = f"""SELECT version, seq, kind, doc FROM facts WHERE lead_id = ? AND version > ? {chosen}
            ORDER BY version, seq LIMIT ?"""
        rows = self._all(sql, lead_id, since_version, *(kinds or ()), -1 if limit is None else limit)
        return [read_fact(doc, lead_id=lead_id, version=v, seq=seq, kind=kind) for v, seq, kind, doc in rows]

    def activities(
        self, lead_id: LeadId, ids: Kinds = None, *, after: str | None = None, limit: int | None = None
    ) -> list[Activity]:
        sql = "SELECT id, doc FROM activities WHERE lead_id = ? AND id"
        if ids is None:
            rows = self._all(f"{sql} > ? ORDER BY id LIMIT ?", lead_id, after or "", -1 if limit is None else limit)
        else:
            rows = [row for id in {*ids} for row in self._all(f"{sql} = ?", lead_id, id)]
        found = [read_activity(doc, lead_id=lead_id, id=id) for id, doc in rows]
        return sorted(found, key=lambda activity: (activity.happened_at, activity.id)) if limit is None else found

    def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> list[Lead[Any]]:
        sql = f"""SELECT {LEAD} FROM leads WHERE id > ? AND (? IS NULL OR stage = ?) AND {REACHABLE} id)
            ORDER BY id LIMIT ?"""
        while rows := self._all(sql, after or "", stage, stage, limit):
            if found := scanned(self._lead_type, rows):
                return found
            after = rows[-1][0]
        return []

    def reply(self, key: str) -> Reply | None:
        rows = self._all("SELECT digest, lead_id, doc FROM replies WHERE key = ?", key)
        return Reply(key=key, digest=rows[0][0], lead_id=rows[0][1], value=read_value(rows[0][2])) if rows else None

    # --------------------------------------------------------------------------------------------------- tasks
    def lease(self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Kinds = None) -> list[Task]:
        due, end, asked = _text(now), _text(until), json.dumps(kinds if kinds is None else [*kinds])
        sql = f"""SELECT {TASK} FROM tasks WHERE due_at <= ? AND status <> 'dead' AND (status = 'waiting'
            OR (status = 'leased' AND leased_until <= ?)) AND {OF_KINDS} ORDER BY due_at, key LIMIT ?"""
        with self._transaction():
            mine = {"status": "leased", "lease": token, "leased_until": datetime.fromisoformat(end)}
            while found := list(map(_task, self._all(sql, due, due, asked, limit))):
                taken = [task.but(**mine) for task, no in found if not no]
                for task in (*taken, *(task.but(status="dead") for task, no in found if no)):
                    self._put_task(task)
                if taken:
                    return taken
        return []

    def task(self, key: str) -> Task | None:
        rows = self._all(f"SELECT {TASK} FROM tasks WHERE key = ?", key)
        return _task(rows[0])[0] if rows else None

    def tasks(
        self, status: TaskStatus | None = None, lead_id: LeadId | None = None, limit: int = 100, *, kinds: Kinds = None
    ) -> list[Task]:
        index = "" if status is None else "status = 'dead' AND" if status == "dead" else "status <> 'dead' AND"
        sql = f"""SELECT {TASK} FROM tasks WHERE {index} (? IS NULL OR status = ?) AND {
            "? IS NULL" if lead_id is None else "lead_id = ?"
        } AND {OF_KINDS} ORDER BY due_at, key LIMIT ?"""
        asked = json.dumps(kinds if kinds is None else [*kinds])
        return [_task(row)[0] for row in self._all(sql, status, status, lead_id, asked, limit)]


def _task(row: Any) -> tuple[Task, str | None]:
    key, kind, due_at, status, lead_id, doc = row
    return read_task(doc, key=key, kind=kind, due_at=datetime.fromisoformat(due_at), status=status, lead_id=lead_id)


def _text(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise InvalidInput("now", moment, "give it a time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")  # of one width, so that text sorts like time
