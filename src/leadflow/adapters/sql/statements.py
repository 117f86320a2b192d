"""All statements in one table; the two databases differ in four expressions only."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = ["ERASED_FROM", "REACHABLE", "Statements", "statements_for"]


class DialectWords(NamedTuple):
    """A database's expressions: a list parameter as a condition and as rows, ids as a list, two kinds of locks."""

    among: str
    given: str
    ids_from: str
    end_of_ids: str
    lock: str
    skip: str


WORDS = {
    "sqlite": DialectWords(  # a writing transaction is alone from its first statement on: nothing to lock
        "IN (SELECT value FROM json_each(:keys))",
        "json_each(:keys) AS given",
        "(SELECT json_group_array(id) FROM",
        ")",
        "",
        "",
    ),
    "postgresql": DialectWords(
        "= ANY(CAST(:keys AS text[]))",
        '(SELECT value COLLATE "C" AS value FROM unnest(CAST(:keys AS text[])) AS listed(value)) AS given',
        "ARRAY",
        "",
        "FOR UPDATE",
        "FOR UPDATE SKIP LOCKED",
    ),
}

PARAMETER = re.compile(r"(?<![:\w]):(\w+)")

ERASED_FROM = ("match_keys", "states", "facts", "activities", "tasks", "claims")

REACHABLE = """NOT EXISTS (SELECT 1 FROM leadflow_redirects AS r
        WHERE r.tenant = :tenant AND r.absorbed = found.id)"""

LEAD = "tenant id version stage doc owner account grade score created_at changed_at computed features".split()

SHARED = {  # each may use those before it
    "lead": ", ".join(LEAD),
    "given_lead": ", ".join(f":{name}" for name in LEAD),
    "changed_lead": ", ".join(
        (*(f"{name} = :{name}" for name in LEAD[2:-1]), "features = COALESCE(CAST(:features AS text), features)")
    ),
    "of_kinds": "(:every = 1 OR kind {among})",
    "task": "key, kind, lead_id, due_at, status, attempts, lease, leased_until, error, doc",
    # the conditions of the partial indexes, so that dead tasks are skipped
    "is_due": """tenant = :tenant AND due_at <= :now AND status <> 'dead'
        AND (status = 'waiting' OR (status = 'leased' AND leased_until <= :now)) AND {of_kinds}""",
    "reachable": REACHABLE,
}

SQL = {
    # ------------------------------------------------------------------------------- what was read must be unchanged
    # rows are locked in the order of their keys, table by table: two Changes can't wait for each other
    "lead_versions": """SELECT id, version FROM leadflow_leads
        WHERE tenant = :tenant AND id {among} ORDER BY id {lock}""",
    "state_versions": """SELECT key, version FROM leadflow_states
        WHERE tenant = :tenant AND key {among} ORDER BY key {lock}""",
    "versions_of_leads": "SELECT id, version FROM leadflow_leads WHERE tenant = :tenant AND id {among}",
    "versions_of_states": "SELECT key, version FROM leadflow_states WHERE tenant = :tenant AND key {among}",
    "leases": """SELECT key, status, lease FROM leadflow_tasks
        WHERE tenant = :tenant AND key {among} ORDER BY key {lock}""",
    # ------------------------------------------------------------------------------------------------------- leads
    "new_lead": """INSERT INTO leadflow_leads ({lead}) VALUES ({given_lead}) ON CONFLICT (tenant, id) DO NOTHING""",
    "put_lead": "UPDATE leadflow_leads SET {changed_lead} WHERE tenant = :tenant AND id = :id AND version = :read",
    "drop_leads": "DELETE FROM leadflow_leads WHERE tenant = :tenant AND id {among}",
    "drop_match_keys": """DELETE FROM leadflow_match_keys
        WHERE tenant = :tenant AND lead_id = :lead_id AND NOT (key {among})""",
    "put_match_keys": """INSERT INTO leadflow_match_keys (tenant, lead_id, key)
        SELECT :tenant, :lead_id, given.value FROM {given} WHERE true ON CONFLICT (tenant, lead_id, key) DO NOTHING""",
    # ------------------------------------------------------------------------------------------------------ states
    "new_state": """INSERT INTO leadflow_states (tenant, key, version, lead_id, doc)
        VALUES (:tenant, :key, :version, :lead_id, :doc) ON CONFLICT (tenant, key) DO NOTHING""",
    "put_state": """UPDATE leadflow_states SET version = :version, lead_id = :lead_id, doc = :doc
        WHERE tenant = :tenant AND key = :key AND version = :version - 1""",
    "drop_states": "DELETE FROM leadflow_states WHERE tenant = :tenant AND key {among}",
    # ------------------------------------------------------------------------------------------------------ claims
    "release_claim": "DELETE FROM leadflow_claims WHERE tenant = :tenant AND key = :key AND lead_id = :lead_id",
    "take_claim": """INSERT INTO leadflow_claims (tenant, key, lead_id)
        VALUES (:tenant, :key, :lead_id) ON CONFLICT (tenant, key) DO NOTHING""",
    # ------------------------------------------------------------------------------------------------------- tasks
    "task_done": "DELETE FROM leadflow_tasks WHERE tenant = :tenant AND key = :key",
    "task_begun": """UPDATE leadflow_tasks SET attempts = attempts + 1, error = NULL
        WHERE tenant = :tenant AND key = :key""",
    "task_failed": """UPDATE leadflow_tasks SET status = :status, due_at = COALESCE(CAST(:due_at AS BIGINT), due_at),
        attempts = CASE WHEN status = 'dead' THEN 0 ELSE attempts END,
        lease = NULL, leased_until = NULL, error = :error
        WHERE tenant = :tenant AND key = :key""",
    "cancel_tasks": "DELETE FROM leadflow_tasks WHERE tenant = :tenant AND key {among}",
    "put_task": """INSERT INTO leadflow_tasks
        (tenant, key, kind, due_at, lead_id, status, attempts, lease, leased_until, error, doc)
        VALUES (:tenant, :key, :kind, :due_at, :lead_id, :status, :attempts, :lease, :leased_until, :error, :doc)
        ON CONFLICT (tenant, key) DO UPDATE SET kind = excluded.kind, due_at = excluded.due_at,
        lead_id = excluded.lead_id, status = excluded.status, attempts = excluded.attempts, lease = excluded.lease,
        leased_until = excluded.leased_until, error = excluded.error, doc = excluded.doc""",
    "any_due": "SELECT 1 FROM leadflow_tasks WHERE {is_due} ORDER BY due_at, key LIMIT 1",
    "lease": """WITH due AS (SELECT key FROM leadflow_tasks WHERE {is_due} ORDER BY due_at, key LIMIT :limit {skip})
        UPDATE leadflow_tasks SET status = 'leased', lease = :token, leased_until = :until
        WHERE tenant = :tenant AND key IN (SELECT key FROM due) RETURNING {task}""",
    "task_is_dead": """UPDATE leadflow_tasks SET status = 'dead', lease = NULL, leased_until = NULL, error = :error
        WHERE tenant = :tenant AND key = :key""",
    "task": "SELECT {task} FROM leadflow_tasks WHERE tenant = :tenant AND key = :key",
    "tasks": """SELECT * FROM (SELECT {task} FROM leadflow_tasks WHERE tenant = :tenant AND status <> 'dead'
            AND {of_kinds} ORDER BY due_at, key LIMIT :limit) AS living
        UNION ALL SELECT * FROM (SELECT {task} FROM leadflow_tasks WHERE tenant = :tenant AND status = 'dead'
            AND {of_kinds} ORDER BY due_at, key LIMIT :limit) AS dead
        ORDER BY due_at, key LIMIT :limit""",
    "tasks_dead": """SELECT {task} FROM leadflow_tasks WHERE tenant = :tenant AND status = 'dead' AND {of_kinds}
        ORDER BY due_at, key LIMIT :limit""",
    "tasks_living": """SELECT {task} FROM leadflow_tasks
        WHERE tenant = :tenant AND status <> 'dead' AND status = :status AND {of_kinds}
        ORDER BY due_at, key LIMIT :limit""",
    "tasks_of_kind": """SELECT {task} FROM leadflow_tasks
        WHERE tenant = :tenant AND kind = :kind AND status <> 'dead' AND status = :status
        ORDER BY due_at, key LIMIT :limit""",
    "tasks_of_lead": """SELECT {task} FROM leadflow_tasks
        WHERE tenant = :tenant AND lead_id = :lead_id AND (:status = '' OR status = :status) AND {of_kinds}
        ORDER BY due_at, key LIMIT :limit""",
    # --------------------------------------------------------------------------------- facts, activities, the rest
    "forget_fact": """DELETE FROM leadflow_facts
        WHERE tenant = :tenant AND lead_id = :lead_id AND version = :version AND seq = :seq""",
    "add_fact": """INSERT INTO leadflow_facts (tenant, lead_id, version, seq, kind, recorded_at, doc)
        VALUES (:tenant, :lead_id, :version, :seq, :kind, :recorded_at, :doc)""",
    "add_activity": """INSERT INTO leadflow_activities (tenant, lead_id, id, happened_at, doc)
        VALUES (:tenant, :lead_id, :id, :happened_at, :doc) ON CONFLICT (tenant, lead_id, id) DO NOTHING""",
    "retract_activity": """INSERT INTO leadflow_activities (tenant, lead_id, id, happened_at, doc)
        VALUES (:tenant, :lead_id, :id, :happened_at, :doc) ON CONFLICT (tenant, lead_id, id)
        DO UPDATE SET doc = excluded.doc""",
    "put_redirect": """INSERT INTO leadflow_redirects (tenant, absorbed, survivor)
        VALUES (:tenant, :absorbed, :survivor) ON CONFLICT (tenant, absorbed)
        DO UPDATE SET survivor = excluded.survivor""",
    "cycles": """WITH RECURSIVE way (start, id) AS (
            SELECT absorbed, survivor FROM leadflow_redirects WHERE tenant = :tenant AND absorbed {among}
            UNION SELECT way.start, r.survivor FROM way
                JOIN leadflow_redirects AS r ON r.tenant = :tenant AND r.absorbed = way.id)
        SELECT start FROM way WHERE start = id LIMIT 1""",
    "drop_redirects_from": "DELETE FROM leadflow_redirects WHERE tenant = :tenant AND absorbed {among}",
    "drop_redirects_to": "DELETE FROM leadflow_redirects WHERE tenant = :tenant AND survivor {among}",
    "empty_replies": "UPDATE leadflow_replies SET doc = '{{}}' WHERE tenant = :tenant AND lead_id {among}",
    "add_reply": """INSERT INTO leadflow_replies (tenant, key, digest, lead_id, doc)
        VALUES (:tenant, :key, :digest, :lead_id, :doc) ON CONFLICT (tenant, key) DO NOTHING""",
    # ----------------------------------------------------------------------------------------------------- reading
    "load": """WITH RECURSIVE found (asked, id) AS (
            SELECT given.value, given.value FROM {given}
            UNION SELECT found.asked, r.survivor FROM found
                JOIN leadflow_redirects AS r ON r.tenant = :tenant AND r.absorbed = found.id)
        SELECT found.asked, l.id, l.version, l.stage, l.doc
        FROM found JOIN leadflow_leads AS l ON l.tenant = :tenant AND l.id = found.id
        WHERE {reachable}""",
    "holders": "SELECT key, lead_id FROM leadflow_claims WHERE tenant = :tenant AND key {among}",
    # each key is limited by itself, and however many keys there are, it is one statement
    "matching": """SELECT given.value AS key, {ids_from} (SELECT lead_id AS id FROM leadflow_match_keys AS found
        WHERE found.tenant = :tenant AND found.key = given.value AND NOT EXISTS (SELECT 1 FROM leadflow_redirects AS r
            WHERE r.tenant = :tenant AND r.absorbed = found.lead_id)
        ORDER BY lead_id LIMIT :limit){end_of_ids} AS ids FROM {given}""",
    "features": "SELECT id, features FROM leadflow_leads WHERE tenant = :tenant AND id {among} AND features <> ''",
    "states": "SELECT key, version, doc FROM leadflow_states WHERE tenant = :tenant AND key {among}",
    "facts": """SELECT version, seq, kind, recorded_at, doc FROM leadflow_facts
        WHERE tenant = :tenant AND lead_id = :lead_id AND version > :since ORDER BY version, seq LIMIT :limit""",
    "facts_of_kinds": """SELECT version, seq, kind, recorded_at, doc FROM leadflow_facts
        WHERE tenant = :tenant AND lead_id = :lead_id AND kind {among} AND version > :since
        ORDER BY +version, +seq LIMIT :limit""",  # + keeps SQLite from walking through all facts for their order
    "activities": "SELECT id, happened_at, doc FROM leadflow_activities WHERE tenant = :tenant AND lead_id = :lead_id",
    "activities_page": """SELECT id, happened_at, doc FROM leadflow_activities
        WHERE tenant = :tenant AND lead_id = :lead_id AND id > :after ORDER BY id LIMIT :limit""",
    "activities_named": """SELECT id, happened_at, doc FROM leadflow_activities
        WHERE tenant = :tenant AND lead_id = :lead_id AND id {among}""",
    "lead_ids": """SELECT id FROM leadflow_leads AS found WHERE tenant = :tenant AND id > :after
        AND {reachable} ORDER BY id LIMIT :limit""",
    "scan": """SELECT id, version, stage, doc FROM leadflow_leads AS found WHERE tenant = :tenant AND id > :after
        AND {reachable} ORDER BY id LIMIT :limit""",
    "scan_stage": """SELECT id, version, stage, doc FROM leadflow_leads AS found
        WHERE tenant = :tenant AND stage = :stage AND id > :after
        AND {reachable} ORDER BY id LIMIT :limit""",
    "reply": "SELECT key, digest, lead_id, doc FROM leadflow_replies WHERE tenant = :tenant AND key = :key",
} | {
    f"erase_from_{table}": "DELETE FROM leadflow_… WHERE tenant = :tenant AND lead_id {among}".replace("…", table)
    for table in ERASED_FROM
}

ONLY = {
    "postgresql": {
        "lock_redirects": "SELECT pg_advisory_xact_lock(hashtext('leadflow.redirects'), hashtext(:tenant))",
    },
}


class Statements:
    """The statements in the style of one database and its driver, sent unchanged with named parameters.

    SQLAlchemy would look each one up in its cache, and reorder the parameters of each row.
    """

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        words = WORDS[dialect]._asdict()
        for name, part in SHARED.items():
            words[name] = part.format(**words)
        texts = SQL | ONLY.get(dialect, {})
        self._texts = {name: _in_style(dialect, sql.format(**words)) for name, sql in texts.items()}

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __contains__(self, name: str) -> bool:
        return name in self._texts


def _in_style(dialect: str, sql: str) -> str:
    """Return a statement in the driver's style: ``:name`` for sqlite3, ``%(name)s`` for psycopg."""
    return sql if dialect == "sqlite" else PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))


@lru_cache(maxsize=4)
def statements_for(dialect: str) -> Statements:
    """Return the statements for ``sqlite`` or ``postgresql``."""
    return Statements(dialect)
