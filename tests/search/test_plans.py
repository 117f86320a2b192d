"""At 100,000 leads a page is found by an index, in its order: no walk through all, and nothing to sort."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import postgres
from acme import Clock
from leadflow import Lead, field
from leadflow.adapters.sql import SqlStorage
from leadflow.adapters.sql.search import SearchStatements
from leadflow.conditions import Condition, always
from leadflow.search import LeadSearch, Order, Position, check_findable

MANY = 100_000
NOW = Clock().now
NUMBERS = {
    "sqlite": f"""WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY})
        SELECT n FROM numbers""",
    "postgresql": f"SELECT n FROM generate_series(1, {MANY}) AS listed (n)",
}
FILL = """INSERT INTO leadflow_leads
    (tenant, id, version, stage, doc, owner, account, grade, score, created_at, changed_at, computed)
    SELECT CASE WHEN n % 50 = 0 THEN 'other' ELSE 'default' END, 'l' || n, 1,
    CASE WHEN n % 10 < 6 THEN 'prospect' WHEN n % 10 < 9 THEN 'lead' WHEN n % 200 = 39 THEN 'customer' ELSE 'mql' END,
    '{{"id":"l' || n || '","created_at":"2026-01-01T00:00:00Z","recorded_at":"2026-01-01T00:00:00Z"}}',
    CASE WHEN n % 10 = 9 THEN 'rep' || n % 400 END, CASE WHEN n % 3 > 0 THEN 'acme' || n % 9999 || '.example' END,
    CASE WHEN n % 7 = 0 THEN 'A' || n % 4 END, n % 1000 / 8.0, n * 1000, n * 1000 + n % 77, '{{}}'
    FROM ({numbers}) AS numbered"""
WORDS = """INSERT INTO leadflow_match_keys (tenant, lead_id, key)
    SELECT tenant, id, 'word|' || id FROM leadflow_leads WHERE stage <> 'prospect'"""

MQL, ANNA = field("stage") == "mql", field("owner") == "rep19"
SEARCHES: dict[str, tuple[Condition, str, str]] = {
    "newest first": (always(), "-created_at", "created"),
    "oldest first": (always(), "created_at", "created"),
    "last changed first": (always(), "-recorded_at", "changed"),
    "by stage, newest first": (MQL, "-created_at", "stage_created"),
    "by stage, best first": (MQL, "-score.total", "stage_score"),
    "by owner and stage, best first": (ANNA & MQL, "-score.total", "owner"),
    "by score, best first": (always(), "-score.total", "score"),
    "by score, from a score on": (field("score.total") >= 120, "-score.total", "score"),
    "by grade, best first": (field("score.grade") == "A1", "-score.total", "grade"),
    "created in a week": (field("created_at").within(days=7), "-created_at", "created"),
}
SELECTIVE: dict[str, tuple[Condition, str]] = {
    "by owner": (ANNA, "owner"),
    "by owner and stage, newest first": (ANNA & MQL, "owner"),
    "by account, newest first": (field("account") == "acme77.example", "account"),
    "by account and a value in the document": (
        (field("account") == "acme77.example") & (field("company.employees") > 5), "account"
    ),
    "by a word": (field("text").matches("l777"), "match_keys"),
    "by words": (field("text").matches("l77712 l777"), "match_keys"),
}  # fmt: skip
"""Few leads are left, so that sorting them costs little."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStorage]:
    if request.param == "sqlite":
        yield from filled(f"sqlite:///{tmp_path_factory.mktemp('plans')}/leads.db")
    else:
        with postgres.fresh_database(request.getfixturevalue("pg_url")) as url:
            yield from filled(url)


def filled(url: str) -> Iterator[SqlStorage]:
    storage = SqlStorage(url).migrate()
    with storage.engine.begin() as connection:
        connection.execute(sa.text(FILL.format(numbers=NUMBERS[connection.dialect.name])))
        connection.execute(sa.text(WORDS))
    if storage.engine.dialect.name == "postgresql":  # SQLite has no statistics where nobody asks for them
        with storage.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    yield storage
    storage.close()


def plan(storage: SqlStorage, where: Condition, order: str, after: Position | None = None) -> str:
    dialect = storage.engine.dialect.name
    search = LeadSearch(check_findable(where, Lead), Order.read(order), 50, NOW, after)
    statement, values = SearchStatements(dialect, Lead, storage.tenant).page(search)
    explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
    with storage.engine.connect() as connection:
        rows: list[Any] = list(connection.execute(sa.text(explain + statement.text), values))
    return "\n".join(str(row[-1]) for row in rows)


def walks(said: str) -> bool:
    """Whether all leads are walked through, in whatever order."""
    return any(
        (line.strip().startswith("SCAN found") and "INDEX" not in line) or "Seq Scan on leadflow_leads" in line
        for line in said.splitlines()
    )


def sorts(said: str) -> bool:
    return "TEMP B-TREE" in said or "Sort" in said


@pytest.mark.parametrize("name", SEARCHES)
def test_a_page_is_found_in_the_order_of_an_index(storage: SqlStorage, name: str) -> None:
    where, order, index = SEARCHES[name]
    kind = Order.read(order).kind
    for after in (None, Position("l5" if kind == "text" else 60, "l77")):
        said = plan(storage, where, order, after)
        assert f"leadflow_leads_by_{index}" in said, said
        assert not sorts(said), said
        assert not walks(said), said


@pytest.mark.parametrize("name", SELECTIVE)
def test_few_leads_are_found_by_an_index(storage: SqlStorage, name: str) -> None:
    where, index = SELECTIVE[name]
    said = plan(storage, where, "-created_at")
    assert f"leadflow_{'' if index == 'match_keys' else 'leads_by_'}{index}" in said, said
    assert not walks(said), said
    assert "leads_by_created" not in said, said


def test_a_search_by_what_is_in_documents_only_reads_them_all(storage: SqlStorage) -> None:
    """The twin: so the plans above are not what they are anyway."""
    said = plan(storage, field("company.employees") > 5, "company.name")
    assert sorts(said), said
