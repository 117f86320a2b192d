"""A database of an older leadflow is brought up with all that is in it; one of a newer leadflow is refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from leadflow.adapters.sql import SqlStorage, migrating, revision
from leadflow.errors import StorageError, TooNew
from leadflow.events import Change
from leadflow.testing.changes import at, everything_in, full, leased, settlement, task


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path}/leads.db" if request.param == "sqlite" else request.getfixturevalue("pg_dsn")
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def at_revision(engine, number: str) -> None:
    with engine.begin() as connection:
        migrating.upgrade(connection, number)


def test_the_code_knows_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrating.FOLDER))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == revision.REVISION


def test_what_an_older_version_has_written_is_there_after_migrating(engine) -> None:
    at_revision(engine, "0001")
    old = SqlStorage(engine)
    old._ready = True  # as the older version wrote it
    old.save(full("a"))
    old.save(Change(put=(task("dead"), task("waits", 5))))
    (dead, *_) = leased(old, 0, limit=1)
    old.save(Change(settle=(settlement(dead, "dead", error="no"),)))
    before = everything_in(old)
    new = SqlStorage(engine).migrate()
    assert everything_in(new) == before
    assert [one.key for one in new.tasks("dead")] == ["dead"]
    assert [one.key for one in new.lease(at(9), 9, at(10), "mine")] == ["task-1", "waits"]


def test_an_older_database_is_refused_with_what_to_do(engine) -> None:
    at_revision(engine, "0001")
    for use in (lambda storage: storage.scan(None, 1), lambda storage: storage.save(full("a"))):
        with pytest.raises(StorageError, match=r"at migration 0001, not \d+; run SqlStorage\(…\)\.migrate\(\)"):
            use(SqlStorage(engine))
    SqlStorage(engine).migrate().save(full("a"))


def test_a_newer_database_is_refused_before_anything_is_read_or_written(engine) -> None:
    kept = SqlStorage(engine).migrate()
    kept.save(full("a"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE leadflow_version SET version_num = '9999'"))
    for use in (
        lambda storage: storage.scan(None, 1),
        lambda storage: storage.save(full("b")),
        lambda storage: storage.lease(at(0), 1, at(1), "mine"),
        lambda storage: storage.migrate(),
    ):
        with pytest.raises(TooNew, match="upgrade leadflow"):
            use(SqlStorage(engine))
    with engine.connect() as connection, pytest.raises(TooNew, match="upgrade leadflow"):
        SqlStorage(connection).load(["a"])
    assert kept.load(["b"]) == {}


def test_a_host_in_a_transaction_can_go_on_after_it_was_told_that_there_are_no_tables(engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE of_the_host (n INTEGER)"))
        with pytest.raises(StorageError, match="migrate"), connection.begin_nested():
            SqlStorage(connection).load(["a"])
        connection.execute(text("INSERT INTO of_the_host VALUES (1)"))
