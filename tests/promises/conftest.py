"""Every promise is held on every storage: memory, SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from leadflow.ports import Storage


@pytest.fixture
def storage(every_storage: Storage) -> Storage:
    return every_storage
