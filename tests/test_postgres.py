"""The fixture that other tests stand on: every test starts from nothing, and sees nobody else."""

from __future__ import annotations

import psycopg
import pytest

import postgres


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""))


@pytest.mark.parametrize("turn", range(2))
def test_each_test_starts_with_an_empty_database(pg_dsn: str, turn: int) -> None:
    with connect(pg_dsn) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        connection.execute("CREATE TABLE lead (id int)")
    assert tables == (0,), turn


def test_a_database_is_dropped_although_somebody_is_connected(pg_url: str) -> None:
    with postgres.fresh_database(pg_url) as url:
        left_open = connect(url)
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(url)


@pytest.mark.parametrize(
    "given", ["postgres://u:p@h:5433/d", "postgresql://u:p@h:5433/d", "postgresql+psycopg://u:p@h:5433/d"]
)
def test_any_spelling_of_a_url_names_the_driver(given: str) -> None:
    assert postgres.sqlalchemy_url(given) == "postgresql+psycopg://u:p@h:5433/d"
