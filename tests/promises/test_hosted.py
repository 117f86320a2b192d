"""Inside a host's transaction a collision is said at once, errors are what they are, and nothing of ours leaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from acme import ADA, Clock, acme_flow, consistent
from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.errors import LeadflowError, Stale, StorageError, Taken, Unavailable
from leadflow.events import Change
from leadflow.flow.runner import BEGIN_AGAIN
from leadflow.ports import Hosted, is_hosted
from leadflow.testing.contract_races import at_once

LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
FROZEN = LEVELS[1:]


class Counted(SqlStorage):
    saves = 0

    def save(self, change: Change) -> None:
        self.saves += 1
        super().save(change)


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    own = SqlStorage(url).migrate()
    own.close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    yield engine
    engine.dispose()


@pytest.fixture
def pg(pg_dsn: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(pg_dsn)
    SqlStorage(engine).migrate()
    yield engine
    engine.dispose()


def orders(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM orders").scalar_one())


def lock_timeout(connection: sa.Connection) -> str:
    return str(connection.exec_driver_sql("SHOW lock_timeout").scalar_one())


# ---------------------------------------------------------------------------------------------------------- collisions
@pytest.mark.parametrize("level", FROZEN)
@pytest.mark.parametrize("command", ["record", "capture"])
def test_what_collides_in_a_frozen_snapshot_is_said_at_once(pg, clock, level, command):
    outside = acme_flow(SqlStorage(pg), clock)
    lead_id = outside.capture(ADA, source="web").lead_id
    with pg.connect().execution_options(isolation_level=level) as connection:
        storage = Counted(connection)
        inside = acme_flow(storage, clock, budget=timedelta(days=1))
        inside.get(lead_id)  # the snapshot is taken
        outside.record(lead_id, "page_viewed", id="outside")
        outside.capture({"email": "bob@acme.example"}, source="web")
        collides = {
            "record": lambda: inside.record(lead_id, "page_viewed", id="inside"),
            "capture": lambda: inside.capture({"email": "bob@acme.example"}, source="fair"),
        }[command]
        with pytest.raises((Stale, Taken), match=BEGIN_AGAIN):
            collides()
        assert storage.saves <= 1
        connection.rollback()
        inside.record(lead_id, "page_viewed", id="inside")  # as it was told: a new transaction
        connection.commit()
    assert {one.id for one in outside.storage.activities(lead_id)} == {"outside", "inside"}


def test_sqlite_says_at_once_that_its_snapshot_is_old(tmp_path, clock):
    own = SqlStorage(f"sqlite:///{tmp_path}/hosted.db").migrate()
    outside = acme_flow(own, clock)
    lead_id = outside.capture(ADA, source="web").lead_id
    engine = sa.create_engine(f"sqlite:///{tmp_path}/hosted.db")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        inside = acme_flow(SqlStorage(connection), clock, budget=timedelta(days=1))
        inside.get(lead_id)
        outside.record(lead_id, "page_viewed", id="outside")
        with pytest.raises(Stale, match=BEGIN_AGAIN):
            inside.record(lead_id, "page_viewed", id="inside")
        connection.rollback()
    engine.dispose()
    own.close()


def test_a_deadlock_of_two_hosts_ends_one_of_them_at_once(pg, clock):
    outside = acme_flow(SqlStorage(pg), clock)
    a, b = (outside.capture({"email": f"{name}@{name}.example"}, source="web").lead_id for name in "ab")
    both = threading.Barrier(2)

    def host(first: str, second: str) -> LeadflowError | None:
        with pg.connect() as connection:
            flow = acme_flow(SqlStorage(connection), clock, budget=timedelta(days=1))
            flow.record(first, "page_viewed", id=f"1 {first}")
            both.wait()
            try:
                flow.record(second, "page_viewed", id=f"2 {second}")
            except Stale as collision:
                connection.rollback()
                return collision
            connection.commit()
        return None

    found = [error for error in at_once(lambda: host(a, b), lambda: host(b, a)) if error is not None]
    assert len(found) == 1
    assert BEGIN_AGAIN in str(found[0])


@pytest.mark.parametrize("level", LEVELS)
def test_hosts_that_do_as_they_are_told_lose_nothing(pg, level):
    outside = acme_flow(SqlStorage(pg), Clock())
    lead_id = outside.capture(ADA, source="web").lead_id

    def host(name: str) -> None:
        for number in range(6):
            while True:
                with pg.connect().execution_options(isolation_level=level) as connection:
                    flow = acme_flow(SqlStorage(connection), Clock())
                    try:
                        flow.record(lead_id, "page_viewed", id=f"{name} {number}")
                        flow.capture({"email": f"p{number}@acme.example"}, source="web", id=name)
                        connection.commit()
                        break
                    except (Stale, Taken):
                        connection.rollback()
                    except DBAPIError as refused:
                        if getattr(refused.orig, "sqlstate", None) != "40001":  # at SERIALIZABLE a commit may fail, too
                            raise
                        connection.rollback()

    at_once(lambda: host("x"), lambda: host("y"))
    assert {one.id for one in outside.storage.activities(lead_id)} == {f"{n} {i}" for n in "xy" for i in range(6)}
    assert len(list(outside.leads())) == 7
    consistent(outside)


# -------------------------------------------------------------------------------------------------------------- errors
@pytest.mark.parametrize("hosted", [True, False])
def test_a_constraint_of_the_hosts_is_no_collision(engine, clock, hosted):
    """What the host added to our tables is not tried again for ten seconds, and not called stale."""
    lead_id = acme_flow(SqlStorage(engine), clock).capture(ADA, source="web").lead_id
    refuse = {
        "sqlite": f"""CREATE TRIGGER not_here BEFORE INSERT ON leadflow_leads WHEN NEW.id <> '{lead_id}'
            BEGIN SELECT RAISE(ABORT, 'not here'); END""",
        "postgresql": f"ALTER TABLE leadflow_leads ADD CONSTRAINT not_here CHECK (id = '{lead_id}')",
    }[engine.dialect.name]
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX one_of_a_kind ON leadflow_activities (happened_at)")
        connection.exec_driver_sql(refuse)
    with engine.connect() as connection:
        storage = Counted(connection if hosted else engine)
        flow = acme_flow(storage, clock, budget=timedelta(days=1))
        flow.record(lead_id, "page_viewed", id="1")
        storage.saves = 0
        for command in (
            lambda: flow.capture({"email": "bob@acme.example"}, source="web"),
            lambda: flow.record(lead_id, "page_viewed", id="2"),
        ):
            with pytest.raises(StorageError) as caught:
                command()
            assert type(caught.value) is StorageError
        assert storage.saves == 2
        connection.rollback()


@pytest.mark.parametrize("level", LEVELS)
def test_a_statement_that_failed_leaves_the_hosts_transaction_usable(pg_dsn, level):
    engine = sa.create_engine(pg_dsn)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    with engine.connect().execution_options(isolation_level=level) as connection:
        connection.exec_driver_sql("INSERT INTO orders VALUES (1)")
        flow = LeadFlow(SqlStorage(connection))
        for command in (lambda: list(flow.leads()), lambda: flow.capture(ADA, source="web"), lambda: flow.get("x")):
            with pytest.raises(StorageError, match="migrate"):
                command()
        connection.exec_driver_sql("INSERT INTO orders VALUES (2)")
        connection.commit()
    assert orders(engine) == 2
    engine.dispose()


# --------------------------------------------------------------------------------------------------------------- locks
def test_who_waits_too_long_for_a_lock_is_told_so(pg, clock):
    with pg.connect() as connection:
        inside = acme_flow(SqlStorage(connection), clock)
        inside.capture(ADA, source="web")
        waiting = acme_flow(SqlStorage(pg, lock_timeout=timedelta(milliseconds=30)), clock)
        with pytest.raises(Unavailable, match="lock_timeout"):
            waiting.capture(ADA, source="fair")
        with pg.connect() as other:
            too = acme_flow(SqlStorage(other, lock_timeout=timedelta(milliseconds=30)), clock)
            with pytest.raises(Unavailable, match="lock_timeout"):
                too.capture(ADA, source="fair")
        connection.commit()
    assert waiting.capture(ADA, source="fair").outcome == "updated"


@pytest.mark.parametrize("hosts", [None, "7s", "3ms"])
def test_our_lock_timeout_ends_with_our_statements(pg, clock, hosts):
    with pg.connect() as connection:
        if hosts:
            connection.exec_driver_sql(f"SET lock_timeout = '{hosts}'")
            connection.commit()
        before = lock_timeout(connection)
        storage = SqlStorage(connection)
        flow = acme_flow(storage, clock)
        seen: list[str] = []

        @sa.event.listens_for(connection, "after_cursor_execute")
        def look(conn, cursor, statement, *rest):
            if "INTO leadflow_leads" in statement:
                seen.append(conn.connection.driver_connection.execute("SHOW lock_timeout").fetchone()[0])

        flow.capture(ADA, source="web")
        assert seen
        assert set(seen) == {hosts or "10s"}
        assert lock_timeout(connection) == before
        with pytest.raises(Stale):
            storage.save(Change(leads=({"id": "nobody", "read_version": 7},)))
        assert lock_timeout(connection) == before
        connection.commit()
        assert lock_timeout(connection) == before
    with pg.connect() as connection:
        assert lock_timeout(connection) in (before, "0")


def test_an_engine_of_the_hosts_keeps_its_own_lock_timeout(pg, clock):
    acme_flow(SqlStorage(pg), clock).capture(ADA, source="web")
    with pg.connect() as connection:
        assert lock_timeout(connection) == "0"


# ------------------------------------------------------------------------------------------------------------- routing
def test_routing_is_left_to_tick(engine, clock):
    outside = acme_flow(SqlStorage(engine), clock)
    with engine.connect() as connection:
        inside = acme_flow(SqlStorage(connection), clock)
        lead_id = inside.capture(ADA, source="fair").lead_id
        inside.record(lead_id, "demo_requested", id="1")
        assert (inside.get(lead_id).stage, inside.get(lead_id).owner) == ("mql", None)
        assert inside.storage.states(["ledger:anna", "ledger:ben"]) == {}
        connection.commit()
    clock.advance(seconds=31)
    outside.run_due()
    assert outside.get(lead_id).owner == "anna"
    with engine.connect() as connection:
        inside = acme_flow(SqlStorage(connection), clock)
        inside.disqualify(lead_id, by="anna", reason="student")
        assert inside.storage.states(["ledger:anna"])["ledger:anna"].value["open"] == 1
        connection.commit()
    assert outside.recount() == ()
    outside.run_due()
    assert outside.storage.states(["ledger:anna"])["ledger:anna"].value["open"] == 0
    consistent(outside)


def test_an_erasure_that_the_host_rolls_back_never_was(engine, clock):
    outside = acme_flow(SqlStorage(engine), clock, secrets=(b"another secret of 16 bytes",))
    lead_id = outside.capture(ADA, source="fair").lead_id
    with engine.connect() as connection:
        acme_flow(SqlStorage(connection), clock).erase(lead_id, by="anna")
        connection.rollback()
    assert outside.get(lead_id).email.address == "ada@acme.example"
    consistent(outside)


def test_hosted_is_a_stated_ability(engine):
    assert not is_hosted(MemoryStorage())
    with engine.connect() as connection:
        assert isinstance(SqlStorage(connection), Hosted)
        assert is_hosted(SqlStorage(connection))
    assert not is_hosted(SqlStorage(engine))


def test_a_transaction_that_ends_right_away_may_route(engine, clock):
    with engine.begin() as connection:
        flow = acme_flow(SqlStorage(connection, routes=True), clock)
        lead_id = flow.capture(ADA, source="fair").lead_id
        flow.record(lead_id, "demo_requested", id="1")
        assert flow.get(lead_id).owner == "anna"
    consistent(acme_flow(SqlStorage(engine), clock))
