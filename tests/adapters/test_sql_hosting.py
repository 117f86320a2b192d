"""The SQL storage on a host's engine and inside a host's transaction, however the host has set them up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from leadflow.adapters.sql import SqlStorage
from leadflow.entities import Entity, Lead
from leadflow.errors import InvalidInput, Stale, StorageError, Taken
from leadflow.events import Change, LeadWrite
from leadflow.ports import Purgeable
from leadflow.testing.changes import at, claim, everything_in, full, lead, leased, looked_at, state, task, written


@pytest.fixture
def engine_of(url: str) -> Iterator[Callable[..., sa.Engine]]:
    engines: list[sa.Engine] = []

    def make(**options: Any) -> sa.Engine:
        engines.append(sa.create_engine(url, **options))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(engine_of: Callable[..., sa.Engine]) -> sa.Engine:
    engine = engine_of()
    SqlStorage(engine).migrate()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)")
    return engine


def orders(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM orders").scalar_one())


# ------------------------------------------------------------------------------------------------ a host's connection
def test_what_the_host_commits_is_there(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        storage = SqlStorage(connection)
        connection.exec_driver_sql("INSERT INTO orders VALUES (1, 'x')")
        storage.save(full("a"))
        assert storage.load(["a"]).keys() == {"a"}
        mine = everything_in(storage)
    assert everything_in(SqlStorage(engine)) == mine
    assert orders(engine) == 1


@pytest.mark.parametrize("host_writes_first", [True, False])
def test_what_the_host_rolls_back_was_never_there(engine: sa.Engine, host_writes_first: bool) -> None:
    nothing = everything_in(SqlStorage(engine))
    with engine.connect() as connection:
        if host_writes_first:
            connection.exec_driver_sql("INSERT INTO orders VALUES (1, 'x')")
        SqlStorage(connection).save(full("a"))
        SqlStorage(connection).save(full("b", 2))
        connection.rollback()
    assert everything_in(SqlStorage(engine)) == nothing
    assert orders(engine) == 0


def test_a_refused_save_undoes_itself_and_nothing_of_the_host(engine: sa.Engine) -> None:
    SqlStorage(engine).save(full("a"))
    with engine.begin() as connection:
        storage = SqlStorage(connection)
        connection.exec_driver_sql("INSERT INTO orders VALUES (1, 'x')")
        for refused, error in ((Change(leads=(written("b"), looked_at("a", 7))), Stale), (full("a"), Stale)):
            with pytest.raises(error):
                storage.save(refused)
        with pytest.raises(Taken):
            storage.save(Change(leads=(written("b"),), claims=(claim("claim-1", "b"),)))
        storage.save(Change(leads=(written("c"),)))
    assert SqlStorage(engine).load(["a", "b", "c"]).keys() == {"a", "c"}
    assert orders(engine) == 1


def test_a_hosts_connection_does_not_tick(engine: sa.Engine) -> None:
    SqlStorage(engine).save(Change(put=(task("t"),)))
    with engine.begin() as connection:
        storage = SqlStorage(connection)
        assert storage.hosted
        with pytest.raises(StorageError, match="URL or an engine"):
            leased(storage)
        assert storage.tasks() == [task("t")]
        assert not storage.purge()
    assert not SqlStorage(engine).hosted


def test_a_connection_in_autocommit_is_refused(engine: sa.Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite is told where a transaction begins")
    with (
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(StorageError, match="autocommit"),
    ):
        SqlStorage(connection).save(full("a"))
    assert SqlStorage(engine).scan(None, 1) == []


# ---------------------------------------------------------------------------------------------------- a host's engine
@pytest.mark.parametrize("level", [None, "AUTOCOMMIT", "SERIALIZABLE"])
def test_a_save_is_whole_or_not_at_all_on_any_engine(engine_of: Callable[..., sa.Engine], level: str | None) -> None:
    engine = engine_of(**({"isolation_level": level} if level else {}))
    hosts = mode(engine)
    storage = SqlStorage(engine).migrate()
    storage.save(full("a"))
    before = everything_in(storage)
    with pytest.raises(Taken):
        storage.save(Change(leads=(written("b"),), states=(state("state-3", 0, {}),), claims=(claim("claim-1", "b"),)))
    assert everything_in(storage) == before
    assert [each.key for each in leased(storage)] == ["task-1"]
    assert mode(engine) == hosts


def mode(engine: sa.Engine) -> list[Any]:
    """How the host finds its connections set up."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        by_itself = driver.autocommit if engine.dialect.name == "postgresql" else driver.isolation_level
        return [by_itself, connection.get_isolation_level()]


def test_an_engine_that_begins_by_itself_is_no_obstacle(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'leads.db'}")

    @sa.event.listens_for(engine, "begin")  # SQLAlchemy's own recipe for savepoints on SQLite
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    storage = SqlStorage(engine).migrate()
    storage.save(full("a"))
    assert storage.load(["a"]).keys() == {"a"}
    with engine.connect() as connection:
        SqlStorage(connection).save(full("b", 2))
        connection.rollback()
    assert storage.load(["a", "b"]).keys() == {"a"}
    engine.dispose()


def test_a_hosts_engine_is_left_open(engine: sa.Engine) -> None:
    storage = SqlStorage(engine)
    storage.save(full("a"))
    checked_out = engine.pool
    storage.close()
    assert engine.pool is checked_out
    assert isinstance(storage, Purgeable)


# -------------------------------------------------------------------------------------------------------- the arguments
class Fleet(Entity):
    size: int = 0
    brands: tuple[str, ...] = ()


def test_custom_fields_come_back_as_their_class(engine: sa.Engine) -> None:
    storage = SqlStorage(engine)
    storage.bind(Lead[Fleet])
    mine = Lead[Fleet](**lead("a").model_dump(exclude={"custom"}), custom=Fleet(size=3, brands=("VW",)))
    storage.save(Change(leads=(LeadWrite(id="a", read_version=0, lead=mine),)))
    assert storage.load(["a"])["a"] == mine
    assert [type(each.custom) for each in storage.scan(None, 9)] == [Fleet]


@pytest.mark.parametrize("where", ["mysql://localhost/x", "sqlite://leads.db", "leads.db", ""])
def test_a_url_that_means_nothing_is_refused(where: str) -> None:
    with pytest.raises(InvalidInput, match="sqlite"):
        SqlStorage(where)


def test_a_tenant_has_a_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="tenant"):
        SqlStorage(f"sqlite:///{tmp_path / 'x.db'}", tenant="")


def test_a_lease_leaves_no_transaction_open(engine: sa.Engine) -> None:
    storage = SqlStorage(engine)
    storage.save(Change(put=(task("t"),)))
    leased(storage)
    storage.lease(at(1), 1, at(2), "nothing left")
    assert engine.pool.status().count("Checked out connections: 0") or "checked out: 0" in engine.pool.status().lower()
