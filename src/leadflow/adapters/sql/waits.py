"""How database code waits for others, and the progress of a call."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import Literal, TypeAlias

__all__ = ["CallStage", "Waits"]

CallStage: TypeAlias = Literal["waiting", "working", "committing"]
"""Waiting for a turn or a connection; in a connection, where nothing may be left half-done; committing."""


class Waits:
    """In a thread: it blocks, and is never aborted."""

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)

    def lock(self) -> AbstractContextManager[object]:
        """Return a lock."""
        return Lock()

    def turn(self, of: str) -> AbstractContextManager[object]:  # noqa: ARG002
        """Return the queue for a shared resource: none here, the database's own locks suffice."""
        return nullcontext()

    def at(self, stage: CallStage) -> None:
        """Record the progress of the call."""
