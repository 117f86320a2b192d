"""What every test may ask for: Hypothesis as we want it, a database of its own, every storage, a Spark session."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import postgres
import spark
from acme import Clock, Outbox, acme_flow
from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.ports import Storage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOME = "LEADFLOW_TEST_PG_HOME"  # handed from the process that began the session to the workers of xdist
IN_CI = bool(os.environ.get("CI"))

# No deadline: a busy machine is no bug. Failures are printed so that they can be replayed anywhere.
settings.register_profile("leadflow", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("leadflow"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "leadflow"))


def pytest_configure(config: pytest.Config) -> None:
    """Name the folder in which the first worker that needs it starts PostgreSQL."""
    if not hasattr(config, "workerinput"):
        os.environ[HOME] = tempfile.mkdtemp(prefix="leadflow-pg-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop(Path(os.environ.pop(HOME)))


@pytest.fixture(scope="session")
def pg_url() -> str:
    """The server that all workers share; skips without one, but fails in CI."""
    try:
        return postgres.running(Path(os.environ[HOME]))
    except (postgres.NoPostgres, ImportError) as missing:
        if IN_CI:
            pytest.fail(f"CI must test on PostgreSQL: {missing}")
        pytest.skip(f"NO POSTGRESQL, NOT TESTED ON IT: {missing}")


@pytest.fixture
def pg_dsn(pg_url: str) -> Iterator[str]:
    """An empty PostgreSQL database for this test alone, as ``postgresql+psycopg://…``."""
    with postgres.fresh_database(pg_url) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind for this test alone."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'leads.db'}"
    dsn: str = request.getfixturevalue("pg_dsn")
    return dsn


@pytest.fixture
def database(url: str) -> Iterator[SqlStorage]:
    """A migrated storage on a database of each kind."""
    kept = SqlStorage(url).migrate()
    yield kept
    kept.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def every_storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """Each storage that leadflow has: what is asked of it holds on all three."""
    if request.param == "memory":
        yield MemoryStorage()
        return
    url = request.getfixturevalue("pg_dsn") if request.param == "postgresql" else f"sqlite:///{tmp_path / 'leads.db'}"
    kept = SqlStorage(url).migrate()
    yield kept
    kept.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def flow(storage: Storage, clock: Clock, outbox: Outbox) -> LeadFlow:
    """Acme's leadflow on the storage of the tests around."""
    return acme_flow(storage, clock, outbox)


@pytest.fixture
def opened() -> Iterator[Callable[[SqlStorage], SqlStorage]]:
    """Close a storage when the test ends, however it does: one left open fails whatever test runs next."""
    with ExitStack() as kept:

        def opened(storage: SqlStorage) -> SqlStorage:
            kept.callback(storage.close)
            return storage

        yield opened


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A Spark session for all tests of a worker; skips without Java or pyspark, but fails in CI."""
    try:
        session = spark.running(tmp_path_factory.mktemp("spark"))
    except spark.NoSpark as missing:
        if IN_CI:
            pytest.fail(f"CI must test on Spark: {missing}")
        pytest.skip(f"NO SPARK, NOT TESTED ON IT: {missing}")
    yield session
    session.stop()
