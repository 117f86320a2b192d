"""The migrations make the tables that the code expects, wherever they are stopped and however often they run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import leadflow.adapters
from leadflow.adapters.sql import SqlStorage, migrator
from leadflow.adapters.sql.tables import metadata
from leadflow.errors import StorageError
from leadflow.testing.changes import everything_in, full

MINE = r"leadflow\_%"


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def drawn(engine: sa.Engine) -> list[Any]:
    """All that the database says about its tables and indexes, in its own words."""
    catalogs = {
        "sqlite": ["SELECT name, tbl_name, sql FROM sqlite_master WHERE name LIKE :mine ESCAPE '\\'"],
        "postgresql": [
            """SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default
               FROM information_schema.columns WHERE table_name LIKE :mine""",
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE :mine",
        ],
    }
    with engine.connect() as connection:
        rows = [
            tuple(row)
            for sql in catalogs[engine.dialect.name]
            for row in connection.execute(sa.text(sql), {"mine": MINE})
        ]
    kept = (row for row in rows if migrator.VERSION_TABLE not in row[:2])
    return sorted([" ".join(str(cell).replace("CONSTRAINT leadflow", "").split()) for cell in row] for row in kept)


def test_migrations_make_what_the_code_declares(engine: sa.Engine) -> None:
    metadata.create_all(engine)
    declared = drawn(engine)
    metadata.drop_all(engine)
    assert drawn(engine) == []
    SqlStorage(engine).migrate()
    assert drawn(engine) == declared
    with engine.connect() as connection:
        ours = {"include_name": lambda name, kind, _: kind != "table" or name.startswith("leadflow_")}
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": "leadflow_version", **ours}
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(engine: sa.Engine) -> None:
    storage = SqlStorage(engine).migrate()
    storage.save(full("a"))
    before = drawn(engine), everything_in(storage)
    storage.migrate().migrate()
    assert (drawn(engine), everything_in(storage)) == before


def test_a_migration_that_breaks_off_leaves_nothing_and_can_be_repeated(
    engine: sa.Engine,
) -> None:
    """Breaks off before each statement in turn, until there are no more of them."""
    for broken_at in range(100):
        left = iter(range(broken_at))

        def give_out(*_: object, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt

        sa.event.listen(engine, "before_cursor_execute", give_out)
        try:
            SqlStorage(engine).migrate()
            break
        except KeyboardInterrupt:
            pass
        finally:
            sa.event.remove(engine, "before_cursor_execute", give_out)
        assert drawn(engine) == []
    assert broken_at > 20
    metadata_says = {table.name for table in metadata.sorted_tables}
    assert metadata_says <= set(sa.inspect(engine).get_table_names())


def test_many_processes_migrate_at_once(url: str) -> None:
    code = "import sys; from leadflow.adapters.sql import SqlStorage; SqlStorage(sys.argv[1]).migrate().scan(None, 1)"
    started = [subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE) for _ in range(4)]
    errors = [process.communicate()[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * 4, errors
    storage = SqlStorage(url)
    storage.save(full("a"))
    storage.close()


def test_a_new_sqlite_file_needs_no_migrating_by_hand(tmp_path: Path) -> None:
    storage = SqlStorage(f"sqlite:///{tmp_path / 'new.db'}")
    assert storage.scan(None, 1) == []
    storage.save(full("a"))
    storage.close()


def test_without_tables_the_error_says_what_to_do(engine: sa.Engine) -> None:
    with pytest.raises(StorageError, match=r"migrate\(\)"):
        SqlStorage(engine).scan(None, 1)
    with pytest.raises(StorageError, match=r"migrate\(\)"):
        SqlStorage(engine).save(full("a"))


def test_a_host_migrates_in_a_transaction_of_its_own(engine: sa.Engine) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        SqlStorage(connection).migrate().save(full("a"))
        transaction.rollback()
    assert drawn(engine) == []


def test_the_migrations_are_files_of_the_package() -> None:
    folder = Path(leadflow.adapters.__path__[0]) / "migrations"
    assert {"env.py", "script.py.mako"} <= {path.name for path in folder.iterdir()}
    assert migrator.FOLDER.samefile(folder)


def test_alembic_is_loaded_by_migrating_only(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'leads.db'}"
    SqlStorage(url).migrate().close()
    code = "import sys; from leadflow.adapters.sql import SqlStorage; SqlStorage(sys.argv[1]).scan(None, 1)"
    code += "; assert 'alembic' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, url], check=True)


def test_without_sqlalchemy_the_error_says_what_to_install() -> None:
    code = "import sys; sys.modules['sqlalchemy'] = None; import leadflow.adapters.sql"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtra: sqlalchemy is not installed; run: pip install 'leadflow[sql]'" in done.stderr
