"""The lease under which the reps' ledgers are written: a state that says until when somebody has it.

A Change that found it free asserts that it stays so, and needs no more. Who holds it is fenced by its version: whatever
others believe of clocks, only one of two who think that they have it can write.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from leadflow.events import StateWrite
from leadflow.ports import State

__all__ = ["HELD_FOR", "ROTATION", "given_back", "held_on", "is_free", "lease_in", "stays_free"]

ROTATION: Final = "rotation"
"""The key of the lease among the states."""
HELD_FOR: Final = timedelta(seconds=5)
"""So long a holder who died keeps others from routing."""


def lease_in(states: Mapping[str, State]) -> State:
    """Return the lease as it stands among states that were read."""
    return states.get(ROTATION) or State(0, {})


def is_free(lease: State, now: datetime) -> bool:
    """Whether nobody has it, or who had it let it run out."""
    try:
        return datetime.fromisoformat(lease.value["until"]) <= now
    except (KeyError, TypeError, ValueError):  # given back, or written by nobody of us
        return True


def stays_free(lease: State) -> StateWrite:
    """Return the assertion that nobody takes it meanwhile; the first of all makes the state."""
    return StateWrite(key=ROTATION, read_version=lease.version, value=None if lease.version else {})


def held_on(version: int, now: datetime) -> StateWrite:
    """Return what takes the lease that was read at this version, or holds it further."""
    return StateWrite(key=ROTATION, read_version=version, value={"until": (now + HELD_FOR).isoformat()})


def given_back(version: int) -> StateWrite:
    """Return what gives back the lease that is held at this version."""
    return StateWrite(key=ROTATION, read_version=version, value={})
