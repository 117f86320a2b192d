"""Past states of leads, from their facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from leadflow.decisions.reads import Asking, facts
from leadflow.entities import Lead, LeadId
from leadflow.events import Fact, Replay, needs_other
from leadflow.events.replay import restored_in

__all__ = ["FARTHEST", "added", "lead_at"]

FARTHEST: Final = 2**62
"""A version that no lead reaches: the lead as it is now."""


def lead_at(lead_type: type[Lead[Any]], lead_id: LeadId, version: int) -> Asking[Lead[Any] | None]:
    """Read a lead as it was at a version, also one that has been absorbed since; None if it was erased."""
    said = [one for one in (yield from facts(lead_id)) if one.version <= version]
    replaying, since = Replay(lead_type), restored_in(said)
    yield from added(replaying, lead_type, said, since=since)
    return replaying.known


def added(replaying: Replay, lead_type: type[Lead[Any]], said: Iterable[Fact], *, since: int = 0) -> Asking[None]:
    """Add facts to a replay; what a merge after version ``since`` needs of the absorbed lead is read."""
    for fact in said:
        absorbed = None
        if needs_other(fact) and fact.version > since:
            absorbed = yield from lead_at(lead_type, fact.absorbed, fact.absorbed_version)
        replaying.add(fact, absorbed)
