"""Miscounts: ledgers of reps that disagree with the leads, and their correction."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import Field

from leadflow.decisions.ledgers import ledger_key, ledger_of, worked_by
from leadflow.entities import Entity, Lead, Line, Task, stored_form
from leadflow.errors import Unreadable
from leadflow.events import Change, StateWrite
from leadflow.lifecycle import Lifecycle
from leadflow.ports import State
from leadflow.routing import Ledger

__all__ = ["Count", "Miscount", "miscount", "put_right", "recounted"]

_log = logging.getLogger("leadflow")


class Miscount(Entity):
    """A rep's ledger that disagrees with the leads."""

    rep: Line
    open: int | None
    """The open leads of the rep by the ledger; None if it can't be read."""
    counted: int = Field(ge=0)
    """The actual number of open leads."""
    pending: int = 0
    """What waiting tasks will still add to ``open``."""
    assigned: int = Field(default=0, ge=0)
    turn: int = Field(default=0, ge=0)
    """The latest turn of the rotation by which a lead came to the rep; never above ``assigned``."""
    repaired: bool = False
    """Whether the ledger has been corrected."""

    def __str__(self) -> str:
        waiting = f" ({self.pending:+} waiting)" if self.pending else ""
        has = "can't be read" if self.open is None else f"has {self.open}{waiting} open"
        end = "; corrected" if self.repaired else ""
        return (
            f"{self.rep}: the ledger {has}, the leads are {self.counted}; "
            f"{self.assigned} assigned, the latest turn is {self.turn}{end}"
        )


class Count(Entity):
    """The counts of one rep, from leads and waiting tasks."""

    counted: int = 0
    pending: int = 0
    turn: int = 0


def recounted(
    leads: Iterable[Lead[Any]],
    tasks: Iterable[Task],
    lifecycle: Lifecycle,
    before: Mapping[str, Count] = MappingProxyType({}),
) -> dict[str, Count]:
    """Count for each rep the leads that are open now, and what waiting tasks will still add to the ledger.

    ``before`` has the counts of other leads: large numbers are counted in batches.
    """
    counts: defaultdict[str, Count] = defaultdict(Count, before)
    for lead in leads:
        if (rep := worked_by(lead, lifecycle)) is not None:
            counts[rep] = counts[rep].but(counted=counts[rep].counted + 1)
        if lead.route is not None and (rep := lead.route.owner) is not None:
            counts[rep] = counts[rep].but(turn=max(counts[rep].turn, lead.route.turn))
    for task in tasks:
        if task.kind == "ledger":
            rep, step = task.text("rep"), 1 if task.text("what") == "taken" else -1
            counts[rep] = counts[rep].but(pending=counts[rep].pending + step)
    return dict(counts)


def miscount(rep: str, state: State | None, count: Count) -> Miscount | None:
    """Return what is wrong with a rep's ledger; None if it agrees with the counts."""
    ledger = _readable(rep, state)
    if ledger is None:
        return Miscount(rep=rep, open=None, **dict(count))
    if ledger.open + count.pending == count.counted and count.turn <= ledger.assigned:
        return None
    return Miscount(rep=rep, open=ledger.open, assigned=ledger.assigned, **dict(count))


def put_right(rep: str, state: State | None, count: Count) -> Change:
    """Write the counts into a rep's ledger, unless it changes meanwhile; an unreadable one is started again.

    What the rep is owed stays the same: turns that were not recorded change nothing.
    """
    ledger = _readable(rep, state) or Ledger(rep=rep)
    unnoted = max(count.turn - ledger.assigned, 0)
    right = ledger.but(
        open=count.counted - count.pending,
        assigned=ledger.assigned + unnoted,
        entitled=ledger.entitled + unnoted,
    )
    version = state.version if state is not None else 0
    return Change(states=(StateWrite(key=ledger_key(rep), read_version=version, value=stored_form(right)),))


def _readable(rep: str, state: State | None) -> Ledger | None:
    try:
        return ledger_of(rep, state)
    except Unreadable as error:
        _log.warning("%s", error)
        return None
