"""The keys that hash suppressed addresses: the host's secrets, and one generated key in the storage."""

from __future__ import annotations

import secrets as randomness
from base64 import b64decode, b64encode
from typing import Final

from leadflow.decisions.reads import states
from leadflow.errors import Stale
from leadflow.events import Change, StateWrite
from leadflow.flow.effects import Program, save

__all__ = ["KEPT_KEY", "KeyRing"]

KEPT_KEY: Final = "secret:1"
"""The state with the key in the storage."""


class KeyRing:
    """All keys that may have been used for hashing, the one for writing first.

    The stored key is used even if secrets are given: another process may have none, and its suppressions must be found
    here. Whoever has the database has the stored key; a secret of the host is stronger.
    """

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        self._secrets = secrets
        self._kept: bytes | None = None

    def keys(self, *, lasting: bool) -> Program[tuple[bytes, ...]]:
        """Return the host's secrets, then the stored key, which is generated on first use.

        ``lasting``: writes are permanent; otherwise the host may roll them back.
        """
        if self._kept is not None:
            return (*self._secrets, self._kept)
        kept = (yield from _stored_key()) or (yield from _new_key())
        if lasting:
            self._kept = kept
        return (*self._secrets, kept)


def _stored_key() -> Program[bytes | None]:
    state = (yield from states([KEPT_KEY])).get(KEPT_KEY)
    return b64decode(str(state.value["key"])) if state is not None else None


def _new_key() -> Program[bytes]:
    made = randomness.token_bytes(32)
    write = StateWrite(key=KEPT_KEY, read_version=0, value={"key": b64encode(made).decode()})
    try:
        yield from save(Change(states=(write,)))
    except Stale:  # another process was first
        kept = yield from _stored_key()
        if kept is None:  # the host's transaction does not see it yet
            raise
        return kept
    return made
