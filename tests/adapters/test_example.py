"""The storage that is written by hand in examples/ keeps the contract: the port is small enough."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

import sqlite_storage
from leadflow.ports import Purgeable, Storage
from leadflow.testing.storage_contract import StorageContract


class TestExampleStorage(StorageContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> Iterator[None]:
        self.files = (str(tmp_path / f"{n}.db") for n in count())
        self.opened: list[sqlite_storage.SqliteStorage] = []
        yield
        for storage in self.opened:
            storage.close()

    def new_storage(self) -> sqlite_storage.SqliteStorage:
        return self.open(next(self.files))

    def open(self, path: str) -> sqlite_storage.SqliteStorage:
        self.path = path
        self.opened.append(sqlite_storage.SqliteStorage(path))
        return self.opened[-1]

    def another_on(self, storage: Storage) -> Storage:
        return self.open(self.path)

    def rewrite(self, storage: Storage, what: str, key: str, text: str) -> None:
        assert isinstance(storage, sqlite_storage.SqliteStorage)
        column = {"lead": "id", "task": "key", "fact": "lead_id"}[what]
        storage._sql.execute(f"UPDATE {what}s SET doc = ? WHERE {column} = ?", (text, key))

    def test_it_can_purge(self, storage: Storage) -> None:
        assert isinstance(storage, Purgeable)
        assert storage.purge()


def test_it_fits_into_300_lines() -> None:
    text = Path(sqlite_storage.__file__).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
