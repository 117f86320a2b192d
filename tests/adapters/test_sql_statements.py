"""How many statements a capture sends, BEGIN and COMMIT counted; and locks that are taken in one order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random

import pytest
import sqlalchemy as sa

from acme import ADA, Clock, acme_flow
from leadflow import LeadFlow, Qualification, field
from leadflow.adapters.sql import SqlStorage

STRANGER = {"email": "zoe@zoe.example", "first_name": "Zoe", "last_name": "Zander", "phone": "+49 30 9018201"}


@contextmanager
def statements(storage: SqlStorage) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_) -> None:
        sent.append(statement)

    sa.event.listen(storage.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(storage.engine, "before_cursor_execute", note)


@pytest.fixture
def storage(tmp_path) -> Iterator[SqlStorage]:
    kept = SqlStorage(f"sqlite:///{tmp_path}/leads.db").migrate()
    yield kept
    kept.close()


def test_a_capture_that_qualifies_nobody_sends_at_most_twelve_statements(storage):
    flow = acme_flow(storage, Clock())
    flow.capture(STRANGER | {"email": "zoe.z@mail.example"}, source="fair")
    with statements(storage) as sent:
        captured = flow.capture(STRANGER, source="fair")
    assert (captured.outcome, flow.get(captured.lead_id).stage) == ("unsure", "lead")
    assert len(sent) <= 12, "\n".join(sent)


def test_a_capture_that_is_qualified_and_routed_sends_at_most_twenty_four(storage):
    flow = acme_flow(storage, Clock(), qualification=Qualification(mql=field("company.employees") >= 250))
    flow.capture(STRANGER, source="fair")
    with statements(storage) as sent:
        captured = flow.capture(ADA, source="fair")
    assert flow.get(captured.lead_id).owner is not None
    assert len(sent) <= 24, "\n".join(sent)


def test_where_nothing_is_delivered_no_task_is_written(storage):
    flow = LeadFlow(storage, delivers=False)
    lead_id = flow.capture(STRANGER, source="fair").lead_id
    flow.erase(lead_id, by="anna")
    assert {task.kind for task in storage.tasks()} == {"purge"}


def test_two_that_capture_one_shuffled_file_never_deadlock(pg_dsn):
    rows = [{"email": f"p{n}@acme{n % 7}.example", "last_name": f"Name{n % 5}", "postcode": "10115"} for n in range(60)]

    def take_in(seed: int) -> list[str]:
        shuffled = [dict(row) for row in rows]
        Random(seed).shuffle(shuffled)
        storage = SqlStorage(pg_dsn)
        found = [one.result().lead_id for one in LeadFlow(storage).capture_many(shuffled, source="file", group=20)]
        storage.close()
        return found

    first = SqlStorage(pg_dsn).migrate()
    with first.engine.connect() as connection, ThreadPoolExecutor(2) as two:
        count = sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        before = connection.execute(count).scalar_one()
        found = list(two.map(take_in, (1, 2)))
        connection.rollback()
        connection.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
        assert connection.execute(count).scalar_one() == before
    assert set(found[0]) == set(found[1])
    assert len(set(found[0])) == len(rows)
    first.close()
