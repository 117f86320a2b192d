"""What grows is never read whole: the plan of every statement, on SQLite and PostgreSQL, is one that was meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from leadflow.adapters.sql import SqlStorage

# For every statement: by which columns, beside the tenant, it finds its rows in which table. A new one needs a line.
FINDS = {
    "lead_versions": "leads.id",
    "state_versions": "states.key",
    "versions_of_leads": "leads.id",
    "versions_of_states": "states.key",
    "leases": "tasks.key",
    "new_lead": "",
    "put_lead": "leads.id",
    "drop_leads": "leads.id",
    "drop_match_keys": "match_keys.lead_id",
    "put_match_keys": "",
    "new_state": "",
    "put_state": "states.key",
    "drop_states": "states.key",
    "release_claim": "claims.(key|lead_id)",
    "take_claim": "",
    "task_done": "tasks.key",
    "task_begun": "tasks.key",
    "task_failed": "tasks.key",
    "task_is_dead": "tasks.key",
    "cancel_tasks": "tasks.key",
    "put_task": "",
    "any_due": "tasks.due_at",
    "lease": "tasks.due_at tasks.key",
    "task": "tasks.key",
    "tasks": "tasks.tenant",  # a page in the order of an index
    "tasks_dead": "tasks.tenant",
    "tasks_living": "tasks.tenant",
    "tasks_of_kind": "tasks.kind",
    "tasks_of_lead": "tasks.lead_id",
    "forget_fact": "facts.seq",
    "add_fact": "",
    "add_activity": "",
    "retract_activity": "",
    "put_redirect": "",
    "cycles": "redirects.absorbed",
    "drop_redirects_from": "redirects.absorbed",
    "drop_redirects_to": "redirects.survivor",
    "add_reply": "",
    "load": "leads.id redirects.absorbed",
    "holders": "claims.key",
    "states": "states.key",
    "facts": "facts.version",
    "facts_of_kinds": "facts.kind",
    "activities": "activities.lead_id",
    "activities_page": "activities.id",
    "activities_named": "activities.id",
    "lead_ids": "leads.id redirects.absorbed",  # a page in the order of the ids
    "scan": "leads.id redirects.absorbed",  # a page in the order of the ids
    "scan_stage": "leads.stage redirects.absorbed",
    "reply": "replies.key",
    "erase_from_match_keys": "match_keys.lead_id",
    "erase_from_states": "states.lead_id",
    "erase_from_facts": "facts.lead_id",
    "erase_from_activities": "activities.lead_id",
    "erase_from_tasks": "tasks.lead_id",
    "erase_from_claims": "claims.lead_id",
    "empty_replies": "replies.lead_id",
    "lock_redirects": "",
    "matching": "match_keys.key redirects.absorbed",
    "features": "leads.id",
}
LIMITED_WALKS = {"tasks", "tasks_dead", "tasks_living"}
VALUES: dict[str, Any] = {
    "tenant": "t", "limit": 5, "now": 50, "until": 60, "token": "x", "status": "waiting", "lead_id": "l7", "id": "l7",
    "after": "l5", "stage": "mql", "since": 0, "key": "k7", "key0": "k7", "key1": "k8", "lease": "x", "doc": "{}",
    "due_at": 0, "error": "x", "version": 1, "seq": 0, "kind": "x", "attempts": 0, "leased_until": 0, "digest": "x",
    "recorded_at": 0, "happened_at": 0, "absorbed": "l7", "survivor": "l8",
    "every": 0, "read": 1,
}  # fmt: skip
ROWS = 10_000
FILLED = {
    "leads": "'t', 'l' || n, 1, CASE WHEN n % 50 = 0 THEN 'mql' ELSE 'lead' END, '{}'",
    "match_keys": "'t', 'l' || n, 'k' || n",
    "states": "'t', 'k' || n, 1, 'l' || n, '{}'",
    "facts": "'t', 'l' || (n % 4 + 5), n, 0, CASE WHEN n % 100 = 3 THEN 'l7' ELSE 'x' END, 0, '{}'",
    "activities": "'t', 'l' || (n % 40), 'k' || n, 0, '{}'",
    "tasks": """'t', 'k' || n, 'l7', n, 'l' || n, CASE WHEN n % 10 = 0 THEN 'waiting' ELSE 'dead' END, 0,
        NULL, NULL, NULL, '{"key":"k","kind":"x","due_at": 0}'""",
    "claims": "'t', 'k' || n, 'l' || n",
    "redirects": "'t', 'a' || n, 'l' || n",
    "replies": "'t', 'k' || n, '', 'l' || n, '{}'",
}
MANY = {
    "sqlite": "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {rows})",
    "postgresql": "WITH many (n) AS (SELECT generate_series(1, {rows}))",
}


PARAMETERS = re.compile(r"(?<![:\w]):(\w+)|%\((\w+)\)s")


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory) -> Iterator[SqlStorage]:
    storage = SqlStorage(f"sqlite:///{tmp_path_factory.mktemp('plans')}/leads.db").migrate()
    yield storage
    storage.close()


@pytest.fixture
def postgresql(pg_dsn) -> Iterator[SqlStorage]:
    storage = SqlStorage(pg_dsn).migrate()
    with storage.engine.begin() as connection:
        for table, columns in FILLED.items():
            many = MANY["postgresql"].format(rows=ROWS)
            connection.execute(sa.text(f"{many} INSERT INTO leadflow_{table} SELECT {columns} FROM many"))
        connection.exec_driver_sql("ANALYZE")
    yield storage
    storage.close()


def statements(storage: SqlStorage) -> dict[str, str]:
    return dict(storage._sql._texts)


def plan_of(storage: SqlStorage, statement: str, explain: str) -> list[Any]:
    used = {name: VALUES.get(name) for names in PARAMETERS.findall(statement) for name in names if name}
    if "keys" in used:
        used["keys"] = '["l7"]' if storage._sql.dialect == "sqlite" else ["l7"]
    with storage.engine.connect() as connection:
        if storage._sql.dialect == "postgresql":  # the question is whether there is a way, not when another is cheaper
            for other in ("seqscan", "hashjoin", "mergejoin", "bitmapscan"):
                connection.exec_driver_sql(f"SET LOCAL enable_{other} = off")
        return [row[-1] for row in connection.exec_driver_sql(f"{explain} {statement}", used)]


@pytest.mark.parametrize("name", [*FINDS])
def test_sqlite_finds_rows_by_an_index(sqlite: SqlStorage, name: str) -> None:
    plan = plan_of(sqlite, statements(sqlite)[name], "EXPLAIN QUERY PLAN") if name != "lock_redirects" else []
    ours = [step for step in plan if re.match(r"(SEARCH|SCAN) (leadflow_\w+|found|l|r)\b.*(INDEX|KEY|leadflow)", step)]
    for step in ours:
        assert step.startswith("SEARCH"), plan
        by = re.findall(r"(\w+)[=<>]", step)
        assert len(by) > 1 or name in LIMITED_WALKS, plan
    for wanted in FINDS[name].split():
        column = wanted.partition(".")[2]
        assert any(re.search(rf"\b{column}[=<>]", step) for step in ours), (wanted, plan)
    if FINDS[name] == "":
        assert ours == []


def test_every_statement_has_a_plan_that_was_meant(sqlite: SqlStorage, postgresql: SqlStorage) -> None:
    assert set(FINDS) == {*statements(sqlite), *statements(postgresql)}


def nodes(plan: dict[str, Any], above: str = "") -> Iterator[dict[str, Any]]:
    name = plan.get("Relation Name", above)
    yield {**plan, "Relation Name": name}
    for inner in plan.get("Plans", ()):
        yield from nodes(inner, name)


def test_postgresql_finds_rows_by_an_index(postgresql: SqlStorage) -> None:
    for name, statement in statements(postgresql).items():
        (found,) = plan_of(postgresql, statement, "EXPLAIN (FORMAT JSON)")
        plan = json.loads(found) if isinstance(found, str) else found
        seen = [node for node in nodes(plan[0]["Plan"]) if "leadflow_" in node["Relation Name"]]
        assert all(node["Node Type"] != "Seq Scan" for node in seen), (name, found)
        conditions = [(node["Relation Name"], node["Index Cond"]) for node in seen if "Index Cond" in node]
        for table, condition in conditions:
            by = [column for column in re.findall(r"(\w+) (?:=|<|>)", condition) if column != "tenant"]
            assert by or name in LIMITED_WALKS, (name, table, condition)
        for wanted in FINDS[name].split():
            table, _, column = wanted.partition(".")
            there = any(
                found_in == f"leadflow_{table}" and re.search(rf"\b{column} ", condition)
                for found_in, condition in conditions
            )
            assert there, (name, wanted, found)


# -------------------------------------------------------------------------------------- counted by SQLite's own steps
def steps_of(storage: SqlStorage, use) -> int:
    """How many hundreds of instructions SQLite's machine takes: a measure that no busy machine disturbs."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with storage.engine.connect() as connection:
        connection.connection.driver_connection.set_progress_handler(count, 100)
        use(SqlStorage(connection))
        connection.connection.driver_connection.set_progress_handler(None, 0)
    return counted


@pytest.mark.parametrize(
    "use",
    [
        lambda storage: storage._found("any_due", now=10**9, every=1, keys=()),
        lambda storage: storage.tasks("waiting", limit=1),
        lambda storage: storage.task("k77"),
        lambda storage: storage.tasks(limit=1),
        lambda storage: storage.tasks("dead", limit=1),
    ],
)
def test_what_is_dead_slows_nothing(tmp_path, use) -> None:
    def steps(rows: int) -> int:
        storage = SqlStorage(f"sqlite:///{tmp_path}/{rows}.db", tenant="t").migrate()
        with storage.engine.begin() as connection:
            many, columns = MANY["sqlite"].format(rows=rows), FILLED["tasks"].replace("'waiting'", "'dead'")
            connection.exec_driver_sql(f"{many} INSERT INTO leadflow_tasks SELECT {columns} FROM many")
            assert "'waiting'" not in columns
        try:
            return steps_of(storage, lambda one: use(_of_tenant(one)))
        finally:
            storage.close()

    assert steps(20_000) <= steps(100) + 2


def _of_tenant(storage: SqlStorage) -> SqlStorage:
    storage.tenant, storage._ready = "t", True
    return storage
