"""The lease under which the reps' ledgers are written: a state with the time until which it is held.

A Change that finds it free only asserts that it stays free. A holder is fenced by the version: whatever the clocks say,
only one of two processes that believe to hold it can write.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from leadflow.events import StateWrite
from leadflow.ports import State

__all__ = ["HELD_FOR", "ROTATION", "given_back", "held_on", "is_free", "lease_in", "stays_free"]

ROTATION: Final = "rotation"
"""The state key of the lease."""
HELD_FOR: Final = timedelta(seconds=5)
"""How long a dead holder keeps others from routing."""


def lease_in(states: Mapping[str, State]) -> State:
    """Return the lease from the states that were read."""
    return states.get(ROTATION) or State(0, {})


def is_free(lease: State, now: datetime) -> bool:
    """Whether nobody holds it, or it has expired."""
    try:
        return datetime.fromisoformat(lease.value["until"]) <= now
    except (KeyError, TypeError, ValueError):  # returned, or not written by leadflow
        return True


def stays_free(lease: State) -> StateWrite:
    """Return the assertion that nobody takes it meanwhile; the first one creates the state."""
    return StateWrite(key=ROTATION, read_version=lease.version, value=None if lease.version else {})


def held_on(version: int, now: datetime) -> StateWrite:
    """Return the write that takes or extends the lease that was read at this version."""
    return StateWrite(key=ROTATION, read_version=version, value={"until": (now + HELD_FOR).isoformat()})


def given_back(version: int) -> StateWrite:
    """Return the write that returns the lease held at this version."""
    return StateWrite(key=ROTATION, read_version=version, value={})
