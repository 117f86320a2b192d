"""How code that talks to a database waits for others, and how far one call has come."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import Literal, TypeAlias

__all__ = ["CallStage", "Waits"]

CallStage: TypeAlias = Literal["waiting", "working", "committing"]
"""For a turn or a connection; with a connection, where nothing may be left half-done; told to commit."""


class Waits:
    """In a thread: it blocks, and nobody breaks it off."""

    def sleep(self, seconds: float) -> None:
        """Do nothing for a while."""
        time.sleep(seconds)

    def lock(self) -> AbstractContextManager[object]:
        """Return a lock."""
        return Lock()

    def turn(self, of: str) -> AbstractContextManager[object]:  # noqa: ARG002
        """Return what makes those that use one thing queue up: here nothing, the database's own locks do."""
        return nullcontext()

    def at(self, stage: CallStage) -> None:
        """Note how far the call has come."""
