"""Divided facts: at an erasure the facts of each time as one lead are divided among those who live.

What came in while two leads were one is in the facts of the survivor, in values of both. After the merge was taken back
that is right as long as nobody is erased. Then each of the two gets what belongs to it, in its own values: the former
survivor keeps its own part in place, the other one gets its part behind the fact of the merge. So nothing of the erased
lead is left, and what belongs to others is still told apart when further merges are taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, Facts, activities, facts
from leadflow.decisions.separation import separated
from leadflow.decisions.sides import FactPlace, FactStep, Separation, place_of, stored_fields
from leadflow.entities import Activity, Lead, LeadId
from leadflow.entities.decoder import details_of
from leadflow.events import (
    ActivityRetracted,
    Change,
    DetailsCorrected,
    Fact,
    LeadCaptured,
    LeadsMerged,
    LeadsUnmerged,
    LeadWrite,
    needs_other,
)
from leadflow.events.enriched_lead import as_said

__all__ = ["without_traces"]

HARMLESS: Final = frozenset(
    (
        "activity_recorded activity_retracted contact_due cooling_planned deadline_breached deadline_met "
        "deadline_reminded deadline_set enrichment_withdrawn lead_routed leads_merged message_claimed message_sent "
        "moment_awaited owner_released qualifying_planned revisit_due stage_changed twin_dismissed"
    ).split()
)
"""Facts without values of a person."""
OF_ONE: Final = frozenset(
    (
        "account_changed address_taken_over adjustment_ended consent_changed deal_changed details_corrected "
        "enrolment_changed lead_captured lead_enriched leads_unmerged score_adjusted visitor_absorbed visitor_moved "
        "visitor_seen"
    ).split()
)
"""Facts that, once they are given to one of the two, have no values of the other. Others may quote both: they go."""
T = TypeVar("T")


def without_traces(policy: Policy, lead: Lead[Any], told: Iterable[Fact]) -> Asking[Change]:
    """Return what removes the values of a lead from the facts of all with whom it was one for a time.

    ``told`` are the undoings among its own facts, and among those of the leads that were merged into it. Since an
    undoing says what each lead is, nothing that is stored of them depends on what is removed.
    """
    divided = _DividedFacts(policy, frozenset((lead.id, *lead.absorbed)))
    for fact in told:
        if isinstance(fact, LeadsUnmerged):
            yield from divided.divide(fact)
    return divided.change()


class _DividedFacts:
    """The facts of leads as they are without those that are ``gone``; ``stored`` are the same as they were."""

    def __init__(self, policy: Policy, gone: frozenset[LeadId]) -> None:
        self._policy, self._gone = policy, gone
        self._stored: dict[LeadId, list[Fact]] = {}
        self._now: dict[LeadId, list[Fact]] = {}
        self._activities: list[Activity] = []
        self._done: set[tuple[LeadId, LeadId, int]] = set()

    def divide(self, undone: LeadsUnmerged) -> Asking[None]:
        """Divide the facts of the time as one lead that an undoing has ended, those of times within it first."""
        time = (undone.into, undone.absorbed, undone.merged_version)
        if time in self._done or self._gone.issuperset(time[:2]):
            return
        self._done.add(time)
        said = yield from self._facts(undone.into)
        until = next((one.version for one in said if isinstance(one, LeadsUnmerged) and one.undoes(undone)), None)
        if until is None:
            return  # erased
        for fact in said:
            if isinstance(fact, LeadsUnmerged) and undone.merged_version <= fact.version < until:
                yield from self.divide(fact)
        before = [one for one in self._now[undone.into] if one.version < until]
        merge = next((one for one in before if needs_other(one) and one.version == undone.merged_version), None)
        if merge is None:
            return  # divided already, when somebody else was erased
        part = yield from self._over(separated(self._policy, before, merge))
        if part is not None:  # also to one who is gone, in whom there may be leads that live
            yield from self._give_back(part, merge)
        if undone.into not in self._gone and (part is not None or undone.absorbed in self._gone):
            self._keep_own(part, merge, until)
            yield from self._empty_moved(undone.into, until)

    def change(self) -> Change:
        """Return what writes the facts as they are by now."""
        was = {place_of(one): one for id, some in self._stored.items() if id not in self._gone for one in some}
        now = {place_of(one): one for id, some in self._now.items() if id not in self._gone for one in some}
        changed = [place for place in {**was, **now} if was.get(place) != now.get(place)]
        return Change(
            leads=tuple(
                LeadWrite(id=one, read_version=self._stored[one][-1].version)
                for one in dict.fromkeys(place[0] for place in changed)
            ),
            forget=tuple(place for place in changed if place in was),
            facts=tuple(now[place] for place in changed if place in now),
            activities=tuple(self._activities),
        )

    # ------------------------------------------------------------------------------------------------ reading
    def _facts(self, lead_id: LeadId) -> Asking[list[Fact]]:
        if lead_id not in self._now:
            self._stored[lead_id] = yield from facts(lead_id)
            self._now[lead_id] = self._stored[lead_id]
        return self._now[lead_id]

    def _over(self, asking: Asking[T]) -> Asking[T]:
        """Let a decision read the facts as they are by now."""
        answer: Any = None
        while True:
            try:
                read = asking.send(answer)
            except StopIteration as end:
                result: T = end.value
                return result
            if isinstance(read, Facts) and read.lead_id in self._now:
                answer = [one for one in self._now[read.lead_id] if one.version > read.since_version]
            else:
                answer = yield read

    # ----------------------------------------------------------------------------------------------- dividing
    def _keep_own(self, part: Separation | None, merge: LeadsMerged, until: int) -> None:
        """Leave the former survivor only what is its own, of the time as one lead."""
        own = {place_of(step.fact): step for step in part.kept} if part is not None else {}
        given = frozenset(part.given) if part is not None else frozenset()
        kept: list[Fact] = []
        for fact in self._now[merge.into]:
            place = place_of(fact)
            if not merge.version <= fact.version < until:
                kept.append(fact)
            elif place in given or fact is merge:
                continue
            elif place in own and fact.kind in OF_ONE:
                kept.append(_in_own_values(own[place]))
            elif fact.kind in HARMLESS:
                kept.append(fact)
        self._now[merge.into] = kept

    def _give_back(self, part: Separation, merge: LeadsMerged) -> Asking[None]:
        """Put what belongs to the former absorbed lead among its own facts, behind the merge."""
        said = yield from self._facts(merge.absorbed)
        own = [one for one in said if isinstance(one, LeadsMerged) and _is_same(one, merge)]
        if not own:
            return
        version = own[0].version
        first = 1 + max(one.seq for one in said if one.version == version)
        steps = [step for step in part.steps if step.fact.kind in OF_ONE | HARMLESS]
        told = [
            _in_own_values(step).but(lead_id=merge.absorbed, version=version, seq=first + n)
            for n, step in enumerate(steps)
        ]
        places = {place_of(step.fact): place_of(fact) for step, fact in zip(steps, told, strict=True)}
        self._now[merge.absorbed] = sorted((*said, *told), key=lambda one: (one.version, one.seq))
        self._now[merge.into] = [_renamed(places, one) for one in self._now[merge.into]]
        yield from self._rename(places, merge.absorbed)

    def _rename(self, places: Mapping[FactPlace, FactPlace], lead_id: LeadId) -> Asking[None]:
        """Say where the facts are now: in the undoings of this lead, and of those that were part of it."""
        said = yield from self._facts(lead_id)
        self._now[lead_id] = [_renamed(places, one) for one in said]
        for fact in said:
            if isinstance(fact, LeadsUnmerged) and fact.into == lead_id and not places.keys().isdisjoint(fact.places):
                yield from self._rename(places, fact.absorbed)

    def _empty_moved(self, lead_id: LeadId, until: int) -> Asking[None]:
        """Empty the activities that went away with the undoing; their ids remain, so that none is recorded twice."""
        said = self._now[lead_id]
        moved = [one.activity_id for one in said if isinstance(one, ActivityRetracted) and one.version == until]
        found = yield from activities(lead_id, moved)
        self._activities += [one.but(source=None, properties={}) for one in found if one.retracted_at is not None]


def _is_same(one: LeadsMerged, other: LeadsMerged) -> bool:
    return (one.absorbed, one.into, one.into_version) == (other.absorbed, other.into, other.into_version)


def _in_own_values(step: FactStep) -> Fact:
    """Return a fact with the values of the lead that it was given to."""
    fact, lead = step.fact, as_said(step.after)
    if isinstance(fact, LeadCaptured | DetailsCorrected):
        names = [name for name in fact.details if name in type(lead).model_fields]
        return fact.but(details=details_of(lead, {name: getattr(lead, name) for name in names}))
    return fact.but(lead=stored_fields(step.after)) if isinstance(fact, LeadsUnmerged) else fact


def _renamed(places: Mapping[FactPlace, FactPlace], fact: Fact) -> Fact:
    if not isinstance(fact, LeadsUnmerged) or places.keys().isdisjoint(fact.places):
        return fact
    now = [places.get(place, place) for place in fact.places]
    return fact.but(
        given=tuple(place[1:] for place in now if place[0] == fact.into),
        given_elsewhere=tuple(place for place in now if place[0] not in (fact.into, fact.absorbed)),
    )
