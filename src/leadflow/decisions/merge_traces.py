"""Traces of a merge that was taken back: what the survivor's facts say of the other lead.

They are no part of the survivor's export.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from leadflow.decisions.reads import Asking, facts
from leadflow.entities import Activity, Lead, LeadId
from leadflow.events import (
    ActivityRetracted,
    ConsentChanged,
    DetailsCorrected,
    Fact,
    LeadCaptured,
    LeadsUnmerged,
)

__all__ = ["MergeTraces", "given_facts"]

OF_BOTH: Final = frozenset(("lead_scored", "message_failed", "message_uncertain", "message_skipped", "twin_suspected"))
"""Facts that, from the time as one lead, may have values of either."""


class MergeTraces:
    """Which facts and activities of a lead are those of leads that were merged into it for a time.

    ``undone`` are its facts of that; all others are shown to it in their order. What was merged again is its own.
    """

    def __init__(self, lead: Lead[Any], undone: Iterable[Fact]) -> None:
        self._lead = lead
        apart = (one for one in undone if isinstance(one, LeadsUnmerged) and one.into == one.lead_id)
        self._undone = [one for one in apart if one.absorbed not in lead.absorbed]
        self._given = {place for one in self._undone for place in one.places}
        self._versions = {one.version for one in self._undone}
        self._moved: set[str] = set()

    def own(self, fact: Fact) -> Fact | None:
        """Return a fact as far as it is the lead's own; None if it is not."""
        if isinstance(fact, ActivityRetracted) and fact.version in self._versions:
            self._moved.add(fact.activity_id)
            return None
        if self.is_given(fact):
            return None
        if not any(one.merged_version <= fact.version < one.version for one in self._undone):
            return fact
        return None if fact.kind in OF_BOTH else _own_part(self._lead, fact)

    def is_given(self, fact: Fact) -> bool:
        """Whether a fact went to a lead that was part of this one."""
        return (fact.lead_id, fact.version, fact.seq) in self._given

    def is_own(self, activity: Activity) -> bool:
        """Whether an activity is the lead's own, once its facts were shown."""
        return activity.id not in self._moved


def given_facts(lead: Lead[Any], told: Iterable[Fact]) -> Asking[list[Fact]]:
    """Read the facts that came with a lead when it was restored: they are among those of the former survivor.

    ``told`` are its facts of that. What it gave to leads that were part of it is not among them.
    """
    told = list(told)
    places = [place for undone in _undone(lead, told) for place in undone.places]
    there: dict[LeadId, set[tuple[LeadId, int, int]]] = {}
    for place in places:
        there.setdefault(place[0], set()).add(place)
    traces, found = MergeTraces(lead, told), list[Fact]()
    for whose, some in there.items():
        said = yield from facts(whose, min(version for _, version, _ in some) - 1)
        own = (one for one in said if (one.lead_id, one.version, one.seq) in some)
        found += [_own_part(lead, one) for one in own if not traces.is_given(one)]
    return found


def _own_part(lead: Lead[Any], fact: Fact) -> Fact:
    """Return a fact of the time as one lead without values that may be the other's.

    ``details`` are whole fields of both; what was typed in is in the submission.
    """
    if isinstance(fact, LeadsUnmerged):
        return fact.but(lead={})
    if isinstance(fact, LeadCaptured | DetailsCorrected):
        return fact.but(details={})
    own = {*(one.address for one in lead.emails), *(one.number for one in lead.phones)}
    if isinstance(fact, ConsentChanged) and fact.consent.address not in own:
        return fact.but(consent=fact.consent.but(address=None))
    return fact


def _undone(lead: Lead[Any], told: Iterable[Fact]) -> list[LeadsUnmerged]:
    inside = {lead.id, *lead.absorbed}
    undone = (one for one in told if isinstance(one, LeadsUnmerged))
    return [one for one in undone if one.absorbed == one.lead_id and one.into not in inside]
