"""Separation: two merged leads as they are without the merge, with what has come since given to the side it belongs to.

Facts since the merge are gone through in order. What names an address, a number, a browser, a deal or an id of one
side belongs to that side; a withdrawal counts for both; moves belong to the side whose stage the merged lead had;
everything else belongs to the survivor. What the survivor got when it was restored from a merge of its own is gone
through in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from leadflow.decisions.lead_differences import changed_lead
from leadflow.decisions.past_states import lead_at
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, activities_of, facts
from leadflow.decisions.side_details import give_details
from leadflow.decisions.side_sources import give_source
from leadflow.decisions.sides import FactPlace, FactStep, FactVersion, Separation, holds, place_of, version_of
from leadflow.entities import Lead, LeadId
from leadflow.events import (
    ActivityRecorded,
    ActivityRetracted,
    AddressTakenOver,
    AdjustmentEnded,
    ConsentChanged,
    CoolingPlanned,
    DeadlineBreached,
    DeadlineMet,
    DeadlineReminded,
    DeadlineSet,
    DealChanged,
    DetailsCorrected,
    EnrichmentWithdrawn,
    EnrolmentChanged,
    Fact,
    FindingsNoted,
    LeadCaptured,
    LeadEnriched,
    LeadRouted,
    LeadScored,
    LeadsMerged,
    LeadsUnmerged,
    MessageFailed,
    MessageSent,
    MessageUncertain,
    MomentAwaited,
    OwnerReleased,
    QualifyingPlanned,
    Replay,
    RevisitDue,
    StageChanged,
    TwinDismissed,
    TwinSuspected,
    VisitorAbsorbed,
    VisitorMoved,
    VisitorSeen,
    apply,
    needs_other,
)
from leadflow.nurturing.permission import contact_point

__all__ = ["merges_of", "separated"]

OWN: Final = frozenset({"id", "version", "recorded_at"})
COMPUTED: Final = (LeadScored, CoolingPlanned, QualifyingPlanned, MomentAwaited)
"""What is computed anew for each of the two."""
STANDING: Final = (
    StageChanged, LeadRouted, OwnerReleased, RevisitDue, DeadlineSet, DeadlineReminded, DeadlineBreached, DeadlineMet,
)  # fmt: skip


MAILED: Final = (MessageSent, MessageFailed, MessageUncertain)
FOLLOWING: Final = (VisitorSeen, VisitorMoved, VisitorAbsorbed, FindingsNoted, TwinSuspected)
"""What goes with the submission that caused it."""


def _is_in_survivor(fact: Fact) -> bool:
    """Whether a fact begins a lead's time within a survivor.

    If somebody of that time was erased, the lead's own part of it follows: of the ends of sequences only those that
    came with a message.
    """
    return isinstance(fact, LeadsMerged) and not needs_other(fact)


def separated(policy: Policy, said: Sequence[Fact], merge: LeadsMerged) -> Asking[Separation | None]:
    """Separate the survivor of a merge, with all its facts, from the absorbed lead.

    None if the absorbed lead can't be restored from its facts.
    """
    kind = policy.lead_type
    other = yield from lead_at(kind, merge.absorbed, merge.absorbed_version)
    mine = yield from lead_at(kind, merge.into, merge.into_version)
    if other is None or mine is None:
        return None
    own, left = Separation(mine, other, "stage" in merge.taken), _left_out(said, merge)
    own.done = frozenset(one.id for one in (yield from activities_of(mine)))
    own.done_by_other = frozenset(one.id for one in (yield from activities_of(other)))
    own.closed = {
        _moment_of(one): one.deal.id for one in said if isinstance(one, DealChanged) and one.deal.status != "open"
    }
    own.mailed = {version_of(one) for one in said if isinstance(one, MAILED) or _is_in_survivor(one)}
    first = min(version for _, version in left.gone)
    whole = Replay(kind, lead=(yield from lead_at(kind, merge.into, first - 1)))
    own.lead = whole.known or mine
    for fact in said:
        if fact.version < first:
            continue
        before = whole.known
        absorbed = (yield from lead_at(kind, fact.absorbed, fact.absorbed_version)) if needs_other(fact) else None
        whole.add(fact, absorbed)
        after = whole.known
        if before is None or after is None:
            own.lead = after or mine
        elif isinstance(fact, LeadsMerged):
            own.lead = apply(own.lead, fact, absorbed) if needs_other(fact) and fact not in left else own.lead
        elif isinstance(fact, LeadsUnmerged):
            of_lead = fact.version < merge.version
            yield from _undone(policy, own, fact, (before, after), said, left, of_lead=of_lead)
            own.make_lead(own.lead, fact)
        elif fact not in left and not isinstance(fact, COMPUTED):
            _give(policy, own, FactStep(fact, before, after), of_lead=fact.version < merge.version)
    return own


def _undone(
    policy: Policy,
    own: Separation,
    undone: LeadsUnmerged,
    states: tuple[Lead[Any], Lead[Any]],
    said: Sequence[Fact],
    left: _LeftOut,
    *,
    of_lead: bool,
) -> Asking[None]:
    """Go through what the survivor got when another merge was undone.

    If it was restored by that, this is all that came meanwhile; else only what an erasure has removed from its facts.
    """
    restored = undone.into != undone.lead_id
    if not restored and _is_complete(said, undone):
        return
    there = (yield from facts(undone.into)) if restored else said
    part = yield from _separated_by(policy, there, undone)
    if restored and part is not None:
        own.mailed |= part.mailed
        for one in part.steps:
            if one.fact not in left:
                _give(policy, own, one, of_lead=of_lead)
    if undone.lead:
        before, after = states
        known = before if part is None else part.other if restored else part.lead
        names = type(own.lead).model_fields.keys() - OWN
        own.lead = changed_lead(own.lead, names, known, after)


def _separated_by(policy: Policy, said: Sequence[Fact], undone: LeadsUnmerged) -> Asking[Separation | None]:
    """Separate what an undoing has separated; None if one of the two was erased since."""
    until = next((one.version for one in said if isinstance(one, LeadsUnmerged) and one.undoes(undone)), None)
    merge = next((one for one in said if needs_other(one) and one.version == undone.merged_version), None)
    if until is None or merge is None:
        return None
    return (yield from separated(policy, [one for one in said if one.version < until], merge))


def _is_complete(said: Iterable[Fact], undone: LeadsUnmerged) -> bool:
    """Whether no erasure has removed facts of the time before an undoing."""
    since = range(undone.merged_version, undone.version)
    there = [one for one in said if one.version in since]
    emptied = any(isinstance(one, LeadsUnmerged) and not one.lead for one in there)
    return not emptied and len(since) == len({one.version for one in there if one.seq == 0})


@dataclass(frozen=True)
class _LeftOut:
    """What has no part in the survivor without this merge, and without those that were taken back before.

    What the policy did at once about any merge, or its undoing, is left out, too: it is derived anew.
    """

    merges: frozenset[FactVersion]
    gone: frozenset[FactVersion]
    """The versions of all merges and of their undoing; of the merges that are gone."""
    places: frozenset[FactPlace]

    def __contains__(self, fact: Fact) -> bool:
        if isinstance(fact, LeadsMerged):
            return version_of(fact) in self.gone
        by_policy = version_of(fact) in self.merges and fact.actor.kind == "policy"
        return by_policy or place_of(fact) in self.places


def _left_out(said: Iterable[Fact], merge: LeadsMerged) -> _LeftOut:
    merges = frozenset(version_of(fact) for fact in said if isinstance(fact, LeadsUnmerged) or needs_other(fact))
    undone = _overlapping(said, merge)
    gone = frozenset((merge.into, one) for one in (merge.version, *(fact.merged_version for fact in undone)))
    return _LeftOut(merges, gone, frozenset(place for fact in undone for place in fact.places))


def _overlapping(said: Iterable[Fact], merge: LeadsMerged) -> list[LeadsUnmerged]:
    """Return the undoings of merges that were one with this one for a time, or with another one of them."""
    undone = [fact for fact in said if isinstance(fact, LeadsUnmerged) and fact.into == fact.lead_id]
    first, found = merge.version, list[LeadsUnmerged]()
    while more := [fact for fact in undone if fact.version > first and fact not in found]:
        found += more
        first = min(first, *(fact.merged_version for fact in more))
    return found


def _give(policy: Policy, own: Separation, step: FactStep, *, of_lead: bool) -> None:
    """Give a step to the side it belongs to; ``of_lead``: it comes from before the merge."""
    fact = step.fact
    if isinstance(fact, LeadCaptured | DetailsCorrected):
        give_details(policy, own, fact, step.before, step.after, of_lead=of_lead)
    elif isinstance(fact, STANDING):
        _standing(policy, own, fact, of_lead=of_lead)
    elif isinstance(fact, ConsentChanged) and fact.consent.status == "withdrawn":
        _withdrawal(own, fact, of_lead=of_lead)
    elif of_lead:
        own.to_lead(fact)
    elif isinstance(fact, LeadEnriched | EnrichmentWithdrawn):
        give_source(policy, own, fact)
    elif give := GIVEN.get(type(fact)):
        give(own, fact)
    elif _is_on_other(own.other, fact) or (isinstance(fact, FOLLOWING) and version_of(fact) in own.followed):
        own.visitors += [fact.absorbed] if isinstance(fact, VisitorAbsorbed) else []
        own.to_other(fact)
    else:
        own.to_lead(fact)


def _is_on_other(other: Lead[Any], fact: Fact) -> bool:
    """Whether a browser moved, or an address was taken over, that is the absorbed lead's."""
    moved = isinstance(fact, VisitorMoved) and fact.visitor in other.visitors
    return moved or (isinstance(fact, AddressTakenOver) and holds(other, fact.address) > 0)


def _activity(own: Separation, fact: ActivityRecorded | ActivityRetracted) -> None:
    other, by_both = own.other, False
    if isinstance(fact, ActivityRecorded):
        theirs = fact.under in (other.id, *other.merged) or fact.visitor in other.visitors
        own.acted += [fact] if theirs else []
    else:
        since = any(fact.activity_id == one.activity_id for one in own.acted)
        theirs = since or fact.activity_id in own.done_by_other
        by_both = theirs and not since and fact.activity_id in own.done
        own.retracted |= {fact.activity_id: fact} if theirs else {}
    if by_both:
        own.to_both(fact)
    elif theirs:
        own.to_other(fact)
    else:
        own.to_lead(fact)


def _withdrawal(own: Separation, fact: ConsentChanged, *, of_lead: bool) -> None:
    """It counts for both, at the address of each."""
    own.to_lead(_at_own_point(own.lead, fact))
    if not of_lead:
        theirs = _at_own_point(own.other, fact)
        own.make_other(apply(own.other, theirs), theirs)


def _consent(own: Separation, fact: ConsentChanged) -> None:
    """A consent counts for the side that gave it, in doubt for none."""
    theirs = _is_theirs(own, fact)
    if theirs:
        own.to_other(_at_own_point(own.other, fact))
    elif theirs is not None:
        own.to_lead(_at_own_point(own.lead, fact))
    elif fact.under is not None:
        own.given.append(place_of(fact))


def _is_theirs(own: Separation, fact: ConsentChanged) -> bool | None:
    """Whether a consent is the absorbed lead's: by its submission, its id, or its address; None: that can't be told."""
    to, other = fact.consent.address, own.other
    if version_of(fact) in own.submitted:
        return own.submitted[version_of(fact)]
    if fact.under in (other.id, *other.merged):
        return None if holds(own.lead, to) and not holds(other, to) else True
    return holds(other, to) > holds(own.lead, to)


def _at_own_point(lead: Lead[Any], fact: ConsentChanged) -> ConsentChanged:
    """Return a statement with the lead's own address, if it was given with one that is not the lead's."""
    said = fact.consent
    own = said.address if holds(lead, said.address) else contact_point(lead, said.channel)
    return fact if own == said.address else fact.but(consent=said.but(address=own))


def _adjustment(own: Separation, fact: AdjustmentEnded) -> None:
    name = fact.adjustment_id.removesuffix(f"@{own.other.id}")
    if any(one.id == fact.adjustment_id for one in own.lead.adjustments):
        own.to_lead(fact)
    elif any(one.id == name for one in own.other.adjustments):
        own.to_other(fact.but(adjustment_id=name))


def _enrolment(own: Separation, fact: EnrolmentChanged) -> None:
    """Both sides are as far as the merged lead was: no message is sent twice.

    What the policy has ended without a message is decided anew for each of them.
    """
    if fact.enrolment.ended and fact.actor.kind == "policy" and version_of(fact) not in own.mailed:
        return
    theirs, mine = (
        any(one.sequence == fact.enrolment.sequence for one in lead.enrolments) for lead in (own.other, own.lead)
    )
    if mine and theirs:
        own.to_both(fact)
    elif theirs:
        own.to_other(fact)
    else:
        own.to_lead(fact)


def _standing(policy: Policy, own: Separation, fact: Fact, *, of_lead: bool = False) -> None:
    """A move, or what follows it, belongs to the side whose stage the merged lead had, if it could make it.

    Who has the deal that was won or lost with a move makes it, and those that follow.
    """
    if isinstance(fact, StageChanged) and not of_lead:
        _move_with_deal(own, fact)
    of_other = own.journey_of_other and not of_lead
    stands, by_policy = own.other if of_other else own.lead, fact.actor.kind == "policy"
    if isinstance(fact, StageChanged) and fact.source != stands.stage:
        own.conflicts |= {} if by_policy else {"stage": None}
        return
    if isinstance(fact, LeadRouted) and by_policy and not policy.wants_owner(stands):
        return  # the merged lead was for sales, this one is not
    if of_other:
        own.to_other(fact)
    else:
        own.to_lead(fact)


def _move_with_deal(own: Separation, fact: StageChanged) -> None:
    """Let the moves be those of the side that has the deal which ended with this one, if it could make it."""
    deal = own.closed.get(_moment_of(fact), "")
    of_other = own.lead.deal(deal) is None
    stands = own.other if of_other else own.lead
    if stands.deal(deal.removesuffix(f"@{own.other.id}")) is not None and stands.stage == fact.source:
        own.journey_of_other = of_other


def _moment_of(fact: Fact) -> tuple[FactVersion, datetime]:
    """Return what the facts of one decision have in common."""
    return version_of(fact), fact.happened_at


def _deal(own: Separation, fact: DealChanged) -> None:
    """A deal goes to the side that has it; one that has ended while the moves were the other side's is a conflict."""
    name = fact.deal.id.removesuffix(f"@{own.other.id}")
    known = own.lead.deal(fact.deal.id) or own.other.deal(name)
    of_other = own.lead.deal(fact.deal.id) is None
    if known is not None and known.status == "open" != fact.deal.status and of_other != own.journey_of_other:
        own.conflicts["deals"] = None
    if of_other and (own.other.deal(name) is not None or own.journey_of_other):
        own.to_other(fact.but(deal=fact.deal.but(id=name)))
    else:
        own.to_lead(fact)


GIVEN: Final[Mapping[type[Fact], Callable[[Separation, Any], None]]] = {
    ActivityRecorded: _activity,
    ActivityRetracted: _activity,
    ConsentChanged: _consent,
    DealChanged: _deal,
    AdjustmentEnded: _adjustment,
    EnrolmentChanged: _enrolment,
    TwinDismissed: Separation.to_both,
}
"""How the other facts of the time as one lead are given."""


def merges_of(said: Iterable[Fact], absorbed: LeadId | None = None) -> list[LeadsMerged]:
    """Return the merges that stand, oldest first: those into the lead of these facts, of one lead or of any."""
    said = list(said)
    undone = {fact.merged_version for fact in said if isinstance(fact, LeadsUnmerged) and fact.into == fact.lead_id}
    merges = (fact for fact in said if needs_other(fact) and fact.version not in undone)
    return [fact for fact in merges if absorbed in (None, fact.absorbed)]
