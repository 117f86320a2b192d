"""A database of an older leadflow is brought up with all that is in it; one of a newer leadflow is refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from acme import Clock, acme_flow
from leadflow import Entity, field
from leadflow.adapters.sql import SqlStorage, migrator, revision
from leadflow.errors import StorageError, TooNew
from leadflow.events import Change
from leadflow.testing.changes import at, everything_in, full, leased, settlement, task


class Trucks(Entity):
    size: int | None = None


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path}/leads.db" if request.param == "sqlite" else request.getfixturevalue("pg_dsn")
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def at_revision(engine, number: str) -> None:
    with engine.begin() as connection:
        migrator.upgrade(connection, number)


def test_the_code_knows_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrator.FOLDER))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == revision.REVISION


def as_an_older_version_wrote_it(source: SqlStorage, old: sa.Engine, number: str) -> None:
    """Copy all rows into the tables of an older migration, as far as they have such columns."""
    at_revision(old, number)
    tables = sa.MetaData()
    tables.reflect(old, only=lambda name, _: name.startswith("leadflow_") and name != "leadflow_version")
    with source.engine.connect() as reading, old.begin() as writing:
        for table in tables.sorted_tables:
            names = ", ".join(table.columns.keys())
            rows = [dict(row) for row in reading.execute(text(f"SELECT {names} FROM {table.name}")).mappings()]
            if rows:
                writing.execute(table.insert(), rows)


@pytest.mark.parametrize("number", ["0001", "0002"])
def test_what_an_older_version_has_written_is_there_after_migrating(engine, number, tmp_path) -> None:
    kept = SqlStorage(f"sqlite:///{tmp_path}/written.db").migrate()
    kept.save(full("a"))
    kept.save(Change(put=(task("dead"), task("waits", 5))))
    (dead, *_) = leased(kept, 0, limit=1)
    kept.save(Change(settle=(settlement(dead, "dead", error="no"),)))
    before = everything_in(kept)
    as_an_older_version_wrote_it(kept, engine, number)
    kept.close()
    new = SqlStorage(engine).migrate()
    assert everything_in(new) == before | {"features": {}}  # flow.refresh_features makes them
    assert [one.key for one in new.tasks("dead")] == ["dead"]
    assert [one.key for one in new.lease(at(9), 9, at(10), "mine")] == ["task-1", "waits"]


@pytest.mark.parametrize("number", ["0001", "0002"])
def test_leads_of_an_older_version_are_found_after_migrating(engine, number, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("leadflow.adapters.sql.backfill.AT_ONCE", 3)  # several rounds
    kept = SqlStorage(f"sqlite:///{tmp_path}/written.db").migrate()
    clock, ids = Clock(), list[str]()
    flow = acme_flow(kept, clock, custom=Trucks)
    for nr in range(8):
        values = {"email": f"p{nr}@acme.example", "last_name": f"Müller{nr}", "custom.size": nr}
        ids.append(flow.capture(values, source="web").lead_id)
        clock.advance(minutes=1)
    flow.adjust(ids[3], 7, reason="known", by="anna")
    with kept.engine.begin() as connection:
        connection.execute(text("DELETE FROM leadflow_match_keys WHERE key LIKE 'word|%'"))
        connection.execute(text("UPDATE leadflow_leads SET doc = '{' WHERE id = :id"), {"id": ids[7]})
    as_an_older_version_wrote_it(kept, engine, number)
    kept.close()
    new = acme_flow(SqlStorage(engine).migrate(), clock, custom=Trucks)
    assert [lead.id for lead in new.find(order="created_at")] == ids[:7]
    assert new.first(order="-score.total").id == ids[3]
    assert [lead.id for lead in new.find(field("text").matches("mueller3 acme"))] == [ids[3]]
    assert new.count(field("account") == "acme.example") == 7
    assert new.count(field("email.domain") == "acme.example") == 7
    assert new.count(field("custom.size") >= 5) == 2


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
