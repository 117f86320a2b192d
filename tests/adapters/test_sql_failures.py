"""What the SQL storage says when the database can't: the right error, nothing half-written, no personal data."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

import postgres
from leadflow.adapters.sql import SqlStorage
from leadflow.adapters.sql.failures import meaning
from leadflow.errors import InvalidInput, LeadflowError, Stale, StorageError, Unavailable
from leadflow.events import Change
from leadflow.testing.changes import at, claim, everything_in, fact, full, lead, state, task, written

CANARY = "canary-in-a-coal-mine"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leads.db"


@pytest.fixture
def storage(path: Path) -> Iterator[SqlStorage]:
    storage = SqlStorage(f"sqlite:///{path}").migrate()
    yield storage
    storage.close()


# ------------------------------------------------------------------------------------------------------------- SQLite
def pragma(storage: SqlStorage, name: str) -> Any:
    with storage._units.writing() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_sqlite_is_set_up_to_last_and_to_forget(storage: SqlStorage) -> None:
    found = {name: pragma(storage, name) for name in ("journal_mode", "synchronous", "secure_delete", "busy_timeout")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "busy_timeout": 30_000}


def test_a_hosts_engine_is_set_up_the_same_however_it_was(path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    for careless in ("synchronous=OFF", "secure_delete=OFF"):
        sa.event.listen(engine, "connect", lambda raw, _, careless=careless: raw.execute(f"PRAGMA {careless}"))
    storage = SqlStorage(engine).migrate()
    assert (pragma(storage, "synchronous"), pragma(storage, "secure_delete")) == (2, 1)
    engine.dispose()


def test_a_locked_database_is_unavailable(path: Path, storage: SqlStorage) -> None:
    impatient = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 0.05})
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            SqlStorage(impatient).save(full("a"))
        other.execute("ROLLBACK")
    SqlStorage(impatient).save(full("a"))
    impatient.dispose()
    other.close()


def test_a_writer_waits_its_turn(path: Path, storage: SqlStorage) -> None:
    with sqlite3.connect(path, isolation_level=None, check_same_thread=False) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.2, lambda: other.execute("ROLLBACK")).start()
        storage.save(full("a"))
    other.close()
    assert storage.load(["a"])


def test_a_full_disk_is_unavailable_and_writes_nothing(path: Path, storage: SqlStorage) -> None:
    storage.save(full("a"))
    before = everything_in(storage)
    pages = pragma(storage, "page_count")
    small = sa.create_engine(f"sqlite:///{path}")
    sa.event.listen(small, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages + 3}"))
    note = "long " * 19_000
    with pytest.raises(Unavailable, match="full"):
        SqlStorage(small).save(full("b", 2).but(leads=(written("b", note=note, need=note),)))
    small.dispose()
    assert everything_in(storage) == before
    storage.save(full("b", 2))


@pytest.mark.parametrize("content", [b"this is no database, it is a letter " * 100])
def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "letter.db").write_bytes(content)
    with pytest.raises(Unavailable, match="not a database"):
        SqlStorage(f"sqlite:///{tmp_path / 'letter.db'}").scan(None, 1)
    assert (tmp_path / "letter.db").read_bytes() == content


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="unable to open"):
        SqlStorage(f"sqlite:///{tmp_path / 'no' / 'leads.db'}").save(full("a"))


def test_a_number_that_does_not_fit_is_refused_whole(storage: SqlStorage) -> None:
    with pytest.raises((InvalidInput, StorageError)):
        storage.save(Change(leads=(written("b"),), facts=(fact("b").but(version=2**70),)))
    assert storage.scan(None, 9) == []


def test_erased_text_can_not_be_read_from_the_files(path: Path, storage: SqlStorage) -> None:
    for nr in range(30):
        storage.save(Change(leads=(written(f"l{nr}", keys={f"key {nr}"}, note=f"note {nr}"),)))
    change = full("a")
    storage.save(
        change.but(
            leads=(written("a", note=CANARY, keys={CANARY}),),
            states=(state(CANARY, 0, {CANARY: CANARY}, lead_id="a"),),
            facts=(fact("a", reason=CANARY),),
            put=(task(CANARY, lead_id="a", error=CANARY),),
            claims=(claim(CANARY, "a"),),
        )
    )
    assert CANARY.encode() in in_files(path)
    storage.save(Change(erase=("a",)))
    assert storage.purge()
    assert CANARY.encode() not in in_files(path)


def test_a_reader_blocks_the_purge_and_it_can_be_repeated(path: Path, storage: SqlStorage) -> None:
    storage.save(Change(leads=(written("a", note=CANARY),)))
    with sqlite3.connect(path, isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM leadflow_leads").fetchall()
        storage.save(Change(erase=("a",)))
        assert not storage.purge()
        reader.execute("COMMIT")
    assert storage.purge()
    assert CANARY.encode() not in in_files(path)
    assert pragma(storage, "busy_timeout") == 30_000
    reader.close()


def in_files(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))


def test_every_statement_is_scoped_by_tenant() -> None:
    from leadflow.adapters.sql.statements import SQL, WORDS, statements_for

    given = {"sqlite": ":tenant", "postgresql": "%(tenant)s"}
    assert given.keys() == WORDS.keys()
    for dialect, tenant in given.items():
        statements = statements_for(dialect)
        scoped = f"tenant = {tenant}", f"VALUES ({tenant}, ", f"SELECT {tenant}, "
        assert all(any(words in statements[name] for words in scoped) for name in SQL)
    for sql in SQL.values():
        tables = sql.count("leadflow_") - sql.count("INTO leadflow_")
        assert sql.count("tenant = ") + sql.count("{is_due}") + sql.count("{reachable}") >= tables, sql


# --------------------------------------------------------------------------------------------------------- PostgreSQL
def test_a_server_that_went_away_is_unavailable_and_its_return_is_noticed(pg_dsn: str) -> None:
    storage = SqlStorage(pg_dsn).migrate()
    storage.save(full("a"))
    mine = "datname = current_database() AND pid <> pg_backend_pid()"  # other workers' tests have databases beside it
    postgres.execute(pg_dsn, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")
    assert storage.load(["a"]).keys() == {"a"}
    storage.close()
    gone = SqlStorage(pg_dsn.replace("/leadflow_", "/nothing_"))
    with pytest.raises(Unavailable, match="does not exist"):
        gone.scan(None, 1)
    gone.close()


def test_a_connection_that_breaks_in_the_middle_writes_nothing(pg_dsn: str) -> None:
    storage = SqlStorage(pg_dsn).migrate()

    def hang_up(connection: sa.Connection, *rest: Any) -> None:
        if "leadflow_claims" in rest[1]:
            pid = connection.connection.driver_connection.info.backend_pid
            postgres.execute(pg_dsn, f"SELECT pg_terminate_backend({pid})")

    sa.event.listen(storage.engine, "before_cursor_execute", hang_up)
    with pytest.raises(Unavailable):
        storage.save(full("a"))
    sa.event.remove(storage.engine, "before_cursor_execute", hang_up)
    assert storage.scan(None, 9) == []
    storage.save(full("a"))
    storage.close()


def test_a_deadlock_is_stale(pg_dsn: str) -> None:
    """Two transactions of a host's that wait for each other; the one that PostgreSQL ends may be decided again."""
    engine = sa.create_engine(pg_dsn)
    SqlStorage(engine).migrate().save(Change(states=(state("x", 0, {}), state("y", 0, {}))))
    both = threading.Barrier(2)

    def write(first: str, second: str) -> type[LeadflowError] | None:
        with engine.connect() as connection:
            storage = SqlStorage(connection)
            storage.save(Change(states=(state(first, 1, {}),)))
            both.wait()
            try:
                storage.save(Change(states=(state(second, 1, {}),)))
                connection.commit()
            except LeadflowError as error:
                return type(error)
        return None

    from leadflow.testing.contract_races import at_once

    found = at_once(lambda: write("x", "y"), lambda: write("y", "x"))
    assert Stale in found
    assert set(found) <= {Stale, None}
    engine.dispose()


# -------------------------------------------------------------------------------------------------- what errors reveal
class FromTheServer(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate
        super().__init__(f"what happened\nDETAIL: Key (key)=({CANARY}) already exists.")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("40001", Stale),
        ("40P01", Stale),
        ("23505", Stale),
        ("08006", Unavailable),
        ("53100", Unavailable),
        ("53300", Unavailable),
        ("55P03", Unavailable),
        ("57014", Unavailable),
        ("57P01", Unavailable),
        ("25006", Unavailable),
        ("22021", InvalidInput),
        ("54000", InvalidInput),
        ("42P01", StorageError),
        ("42501", StorageError),
        (None, Unavailable),
    ],
)
def test_each_code_has_its_meaning(code: str | None, error: type[LeadflowError]) -> None:
    found = meaning(DBAPIError("INSERT", {"x": CANARY}, FromTheServer(code)))
    assert type(found) is error
    assert CANARY not in str(found)


def test_no_error_quotes_what_was_stored(url_of: str) -> None:
    storage = SqlStorage(url_of).migrate()
    storage.save(Change(facts=(fact("a", reason=CANARY),), states=(state("s", 0, {}),)))
    for bad in (
        Change(facts=(fact("a", reason=CANARY),)),
        Change(facts=(fact("b", reason=CANARY).but(version=2**70),)),
    ):
        with pytest.raises(LeadflowError) as caught:
            storage.save(bad)
        error: BaseException | None = caught.value
        while error:
            assert CANARY not in str(error)
            error = error.__cause__
    storage.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url_of(request: pytest.FixtureRequest, path: Path) -> Any:
    return f"sqlite:///{path}" if request.param == "sqlite" else request.getfixturevalue("pg_dsn")


@pytest.mark.parametrize(
    "look", [lambda s: s.load(["\0"]), lambda s: s.holders(["x", "a\0b"]), lambda s: s.facts("a\0")]
)
def test_looking_for_what_can_not_be_there_finds_nothing_or_is_refused(
    url_of: str, look: Callable[[SqlStorage], Any]
) -> None:
    storage = SqlStorage(url_of).migrate()
    storage.save(full("a"))
    with suppress(InvalidInput):
        assert not look(storage)
    assert storage.load(["a"]) == {"a": lead("a")}
    assert storage.lease(at(0), 1, at(1), "mine")
    storage.close()
