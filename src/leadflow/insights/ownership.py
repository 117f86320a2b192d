"""Ownership: leads per rep compared with the exact share, and their outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from leadflow.decisions.ledgers import ledger_key, ledger_of
from leadflow.entities import Lead
from leadflow.events import Fact, LeadRouted, OwnerReleased, StageChanged
from leadflow.insights.journeys import Journey, folded
from leadflow.lifecycle import DEFAULT, Lifecycle
from leadflow.ports import Storage
from leadflow.rotation.ledger import Ledger

__all__ = ["Owner", "OwnerFold", "Owners", "ledgers_of", "owners"]


@dataclass(frozen=True, slots=True)
class Owner:
    """A rep: leads ``received`` (returning ones count again), those by ``rotation``, and those ``open`` now.

    By the rep's ledger, ``entitled`` is the exact number of leads due and ``assigned`` the number given; both are None
    without a ledger. ``accepted``, ``given_back`` and ``won`` are the rep's own moves.
    """

    rep: str
    received: int = 0
    rotation: int = 0
    accepted: int = 0
    given_back: int = 0
    won: int = 0
    open: int = 0
    entitled: Fraction | None = None
    assigned: int | None = None


@dataclass(frozen=True, slots=True)
class Owners:
    """The reps by name; ``queues`` counts the leads now in each queue, ``queued`` how often one was put there."""

    reps: tuple[Owner, ...] = ()
    queues: Mapping[str, int] = field(default_factory=dict)
    queued: int = 0


class OwnerFold:
    """Follows the owners of each lead. ``ledgers`` is called at the end, for the reps that were seen."""

    def __init__(self, storage: Storage | None = None, lifecycle: Lifecycle = DEFAULT) -> None:
        self._storage, self._lifecycle = storage, lifecycle
        self._counts: Counter[tuple[str, str]] = Counter()
        self._reps: set[str] = set()
        self._queues: Counter[str] = Counter()
        self._queued = 0

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:
        """Count one lead."""
        owner: str | None = None
        for fact in facts:
            match fact:
                case LeadRouted():
                    owner = self._routed(fact, owner)
                case OwnerReleased():
                    owner = None
                case StageChanged() if fact.actor.kind == "rep":
                    self._moved(fact)
                case _:
                    continue
        if lead.owner is not None and self._lifecycle.stage(lead.stage).kind in ("marketing", "sales"):
            self._count(lead.owner, "open")
        if lead.queue is not None:
            self._queues[lead.queue] += 1

    def _routed(self, fact: LeadRouted, before: str | None) -> str | None:
        route = fact.route
        self._reps.update(one.rep for one in route.candidates)
        if route.owner is None:
            self._queued += route.queue is not None
        elif route.owner != before:
            self._count(route.owner, "received")
            if route.turn:
                self._count(route.owner, "rotation")
        return route.owner

    def _moved(self, fact: StageChanged) -> None:
        if fact.round_ended:
            self._count(fact.actor.id, "given_back")
        elif fact.move in ("accept", "win"):
            self._count(fact.actor.id, "accepted" if fact.move == "accept" else "won")

    def _count(self, rep: str, what: str) -> None:
        self._reps.add(rep)
        self._counts[rep, what] += 1

    def result(self) -> Owners:
        """Return the reps by name."""
        ledgers = ledgers_of(self._storage, self._reps) if self._storage is not None else {}
        return Owners(
            tuple(self._owner(rep, ledgers.get(rep)) for rep in sorted(self._reps)),
            dict(sorted(self._queues.items())),
            self._queued,
        )

    def _owner(self, rep: str, ledger: Ledger | None) -> Owner:
        counts: dict[str, Any] = {what: n for (whose, what), n in self._counts.items() if whose == rep}
        counted = Owner(rep, **counts)
        return replace(counted, entitled=ledger.entitled, assigned=ledger.assigned) if ledger else counted


def ledgers_of(storage: Storage, reps: Iterable[str]) -> dict[str, Ledger]:
    """Return the existing ledgers of these reps."""
    states = storage.states([ledger_key(rep) for rep in reps])
    return {rep: ledger_of(rep, state) for rep in reps if (state := states.get(ledger_key(rep))) is not None}


def owners(some: Iterable[Journey], storage: Storage | None = None, *, lifecycle: Lifecycle = DEFAULT) -> Owners:
    """Return the owners of these leads; with a ``storage``, including what their ledgers say was due."""
    return folded(lambda: OwnerFold(storage, lifecycle), some)
