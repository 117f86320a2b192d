"""Whether the reps' ledgers tell what the leads do, and what puts them right."""

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
    """A rep's ledger that does not tell what the leads do."""

    rep: Line
    open: int | None
    """How many leads the ledger says the rep has open now; None where it can't be read."""
    counted: int = Field(ge=0)
    """How many it is."""
    pending: int = 0
    """What tasks that wait will still add to ``open``."""
    assigned: int = Field(default=0, ge=0)
    turn: int = Field(default=0, ge=0)
    """The latest turn of the rotation by which a lead came to the rep; never above ``assigned``."""
    repaired: bool = False
    """The ledger has been put right."""

    def __str__(self) -> str:
        waiting = f" ({self.pending:+} waiting)" if self.pending else ""
        has = "can't be read" if self.open is None else f"has {self.open}{waiting} open"
        end = "; put right" if self.repaired else ""
        return (
            f"{self.rep}: the ledger {has}, the leads are {self.counted}; "
            f"{self.assigned} assigned, the latest turn is {self.turn}{end}"
        )


class Count(Entity):
    """What the leads and the waiting tasks say of one rep."""

    counted: int = 0
    pending: int = 0
    turn: int = 0


def recounted(
    leads: Iterable[Lead[Any]],
    tasks: Iterable[Task],
    lifecycle: Lifecycle,
    before: Mapping[str, Count] = MappingProxyType({}),
) -> dict[str, Count]:
    """Count for each rep the leads that are open now, and what tasks that wait will still add to the ledger.

    ``before`` is what was counted of others: so many leads are counted some at a time.
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
    """Return what is wrong with a rep's ledger; None if it tells what was counted."""
    ledger = _readable(rep, state)
    if ledger is None:
        return Miscount(rep=rep, open=None, **dict(count))
    if ledger.open + count.pending == count.counted and count.turn <= ledger.assigned:
        return None
    return Miscount(rep=rep, open=ledger.open, assigned=ledger.assigned, **dict(count))


def put_right(rep: str, state: State | None, count: Count) -> Change:
    """Write what was counted into a rep's ledger, unless that moves meanwhile; one that can't be read begins anew.

    What the rep is owed stays: for turns that nobody noted it owes nothing, and is owed nothing.
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
