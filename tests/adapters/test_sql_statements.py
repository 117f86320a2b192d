"""How many statements a capture sends, BEGIN and COMMIT counted; and locks that are taken in one order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from random import Random

import pytest
import sqlalchemy as sa

from acme import ADA, Clock, acme_flow
from leadflow import Qualification, field
from leadflow.adapters.sql import SqlStorage
from leadflow.decisions.commands.intake import Capture
from leadflow.events import Change
from leadflow.testing.changes import claim, looked_at, reply, state, task, written
from leadflow.testing.contract_races import accepted, at_once

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


# --------------------------------------------------------------------------------------------- locks in one order
KEYS = [f"{nr:02}" for nr in range(12)]
SAME_ROWS: dict[str, Callable[[list[str], str], Change]] = {
    "new leads": lambda keys, _: Change(leads=[written(key) for key in keys]),
    "leads": lambda keys, _: Change(leads=[written(f"old-{key}", 2) for key in keys]),
    "leads, looked at": lambda keys, who: Change(
        leads=[written(f"old-{key}", 2) if (nr % 2 > 0) == (who == "ann") else looked_at(f"old-{key}", 1)
               for nr, key in enumerate(keys)]
    ),
    "new states": lambda keys, _: Change(states=[state(key, 0, {}) for key in keys]),
    "states": lambda keys, _: Change(states=[state(f"old-{key}", 1, {}) for key in keys]),
    "claims": lambda keys, who: Change(claims=[claim(key, who) for key in keys]),
    "claims, handed on": lambda keys, who: Change(
        claims=[claim(key, who) for key in keys] + [claim(f"old-{key}", who) for key in keys],
        release=[claim(f"old-{key}", "held") for key in keys],
    ),
    "tasks": lambda keys, _: Change(put=[task(key) for key in keys] + [task(f"old-{key}") for key in keys]),
    "tasks, cancelled": lambda keys, _: Change(cancel=[f"old-{key}" for key in keys], put=[task(key) for key in keys]),
    "replies": lambda keys, _: Change(replies=[reply(key) for key in keys]),
}  # fmt: skip
STORED = Change(
    leads=[written(f"old-{key}") for key in KEYS],
    states=[state(f"old-{key}", 0, {}) for key in KEYS],
    claims=[claim(f"old-{key}", "held") for key in KEYS],
    put=[task(f"old-{key}") for key in KEYS],
)


@pytest.fixture
def slow(pg_dsn) -> Iterator[SqlStorage]:
    """A storage that takes a moment for each row that it writes, so that those who lock in another order do meet."""
    kept = SqlStorage(pg_dsn).migrate()
    kept.save(STORED)
    with kept.engine.begin() as connection:
        connection.exec_driver_sql("""CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_sleep(0.005); RETURN NULL; END $$""")
        for table in ("leads", "states", "claims", "tasks", "replies"):
            connection.exec_driver_sql(f"""CREATE TRIGGER take_time AFTER INSERT OR UPDATE OR DELETE
                ON leadflow_{table} FOR EACH ROW EXECUTE FUNCTION take_time()""")
    with kept.engine.connect(), kept.engine.connect():  # so that neither is late
        pass
    yield kept
    kept.close()


def deadlocks_among(storage: SqlStorage, *changes: Callable[[], object]) -> list[str]:
    """Do it all at once; return what the database says of deadlocks."""
    said: list[str] = []
    note_deadlocks(storage, said)
    at_once(*changes)
    return said


@pytest.mark.parametrize("rows", SAME_ROWS)
def test_changes_that_write_the_same_rows_never_wait_for_each_other(slow, rows):
    given = (KEYS, "ann"), (KEYS[::-1], "ben")
    saves = [partial(accepted, slow, SAME_ROWS[rows](keys, who)) for keys, who in given]
    assert deadlocks_among(slow, *saves) == []


def test_written_in_any_order_they_would(slow):
    def save(keys: list[str]) -> None:
        with suppress(sa.exc.OperationalError), slow.engine.begin() as connection:
            for key in keys:
                connection.exec_driver_sql("INSERT INTO leadflow_claims VALUES ('default', %s, 'x')", (key,))

    assert len(deadlocks_among(slow, partial(save, KEYS), partial(save, KEYS[::-1]))) == 1


def note_deadlocks(storage: SqlStorage, said: list[str]) -> None:
    @sa.event.listens_for(storage.engine, "handle_error")
    def note(failure) -> None:
        if getattr(failure.original_exception, "sqlstate", None) == "40P01":
            said.append(str(failure.original_exception))


def people(many: int, **changed: str) -> list[dict[str, str]]:
    """People of a few companies, so that their leads share tasks and match keys, each with two claims."""
    return [
        {"email": f"p{nr}@acme{nr % 7}.example", "last_name": f"Name{nr % 5}", "company": f"Acme {nr % 7}", **changed}
        for nr in range(many)
    ]


def test_those_that_capture_one_shuffled_file_never_deadlock(pg_dsn):
    """First they all make the leads, then they all change them."""
    files = [people(60, postcode="10115"), people(60, postcode="88400", city="Biberach")]

    said: list[str] = []

    def take_in(seed: int) -> list[set[str]]:
        storage = SqlStorage(pg_dsn)
        note_deadlocks(storage, said)
        flow = acme_flow(storage, Clock())
        found = []
        for rows in files:
            given = [Capture(row, source="file", verified=True) for row in Random(seed).sample(rows, len(rows))]
            together = flow.capture_many(given, group=20)
            found.append({one.result().lead_id for one in together})
        storage.close()
        return found

    first = SqlStorage(pg_dsn).migrate()
    with ThreadPoolExecutor(3) as three:
        found = list(three.map(take_in, (1, 2, 3)))
    assert said == []
    assert all(ids == found[0][0] and len(ids) == 60 for each in found for ids in each)
    first.close()
