"""The keys that hash suppressed addresses: the host's secrets, and one that is made once and kept in the storage."""

from __future__ import annotations

import secrets as randomness
from base64 import b64decode, b64encode
from typing import Final

from leadflow.errors import Stale
from leadflow.events import Change, StateWrite
from leadflow.ports import Storage, is_hosted

__all__ = ["KEPT_KEY", "KeyRing"]

KEPT_KEY: Final = "secret:1"
"""The state that holds the key that is kept in the storage."""


class KeyRing:
    """All keys that something may be hashed with, the one to write with first.

    The kept key is there also when secrets are given: another process may have none, and what it suppresses must be
    found here. Whoever has the database has the kept key; a secret of the host's is stronger.
    """

    def __init__(self, storage: Storage, secrets: tuple[bytes, ...]) -> None:
        self._storage, self._secrets = storage, secrets
        self._kept: bytes | None = None

    def keys(self) -> tuple[bytes, ...]:
        """Return the host's secrets, then the kept key, which is made when it is first needed."""
        if self._kept is not None:
            return (*self._secrets, self._kept)
        kept = self._read() or self._made()
        if not is_hosted(self._storage):  # a host may roll back the transaction that made it
            self._kept = kept
        return (*self._secrets, kept)

    def _read(self) -> bytes | None:
        state = self._storage.states([KEPT_KEY]).get(KEPT_KEY)
        return b64decode(str(state.value["key"])) if state is not None else None

    def _made(self) -> bytes:
        made = randomness.token_bytes(32)
        write = StateWrite(key=KEPT_KEY, read_version=0, value={"key": b64encode(made).decode()})
        try:
            self._storage.save(Change(states=(write,)))
        except Stale:  # another process was first
            kept = self._read()
            if kept is None:  # the transaction of a host's does not see it yet
                raise
            return kept
        return made
