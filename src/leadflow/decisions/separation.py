"""Separation: two merged leads as they are without the merge, with what has come since given to the side it belongs to.

Facts since the merge are gone through in order. What names an address, a number, a browser, a deal or an id of one
side belongs to that side; a withdrawal counts for both; moves belong to the side whose stage the merged lead had;
everything else belongs to the survivor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Final

from leadflow.decisions.intake import read_submission
from leadflow.decisions.past_states import lead_at
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking
from leadflow.decisions.survivorship import key_of
from leadflow.entities import Activity, Entity, Lead, LeadId
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
    EnrolmentChanged,
    Fact,
    LeadCaptured,
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
    VisitorMoved,
    apply,
    needs_other,
)
from leadflow.nurturing.permission import contact_point

__all__ = ["Separation", "merges_of", "separated"]

OWN: Final = frozenset({"id", "version", "recorded_at"})
COMPUTED: Final = (LeadScored, CoolingPlanned, QualifyingPlanned, MomentAwaited)
"""What is computed anew for each of the two."""
STANDING: Final = (
    StageChanged, LeadRouted, OwnerReleased, RevisitDue, DeadlineSet, DeadlineReminded, DeadlineBreached, DeadlineMet,
)  # fmt: skip


@dataclass
class Separation:
    """The two leads, as far as the facts have been gone through; ``given`` are those that went to the absorbed one."""

    lead: Lead[Any]
    other: Lead[Any]
    journey_of_other: bool
    given: list[tuple[int, int]] = default(default_factory=list)
    conflicts: dict[str, None] = default(default_factory=dict)
    acted: list[ActivityRecorded] = default(default_factory=list)
    retracted: list[ActivityRetracted] = default(default_factory=list)
    submitted: dict[int, bool | None] = default(default_factory=dict)
    """By version whether a submission is the absorbed lead's; None if it has nobody's address or number."""
    mailed: frozenset[int] = frozenset()
    """The versions in which the outcome of a message became known."""

    def to_lead(self, fact: Fact) -> None:
        """Give a fact to the survivor."""
        self.lead = apply(self.lead, fact)

    def to_other(self, fact: Fact) -> None:
        """Give a fact to the absorbed lead."""
        self.other = apply(self.other, fact)
        self.given.append((fact.version, fact.seq))

    def to_both(self, fact: Fact) -> None:
        """Give a fact to both: it stays with the survivor, too."""
        self.lead, self.other = apply(self.lead, fact), apply(self.other, fact)


def separated(
    policy: Policy, said: Sequence[Fact], merge: LeadsMerged, activities: Collection[Activity]
) -> Asking[Separation | None]:
    """Separate the survivor of a merge, with all its facts, from the absorbed lead, with its own activities.

    None if the absorbed lead can't be restored from its facts.
    """
    kind = policy.lead_type
    other = yield from lead_at(kind, merge.absorbed, merge.absorbed_version)
    mine = yield from lead_at(kind, merge.into, merge.into_version)
    if other is None or mine is None:
        return None
    own, left = Separation(mine, other, "stage" in merge.taken), _left_out(said, merge)
    own.mailed = frozenset(
        one.version for one in said if isinstance(one, MessageSent | MessageFailed | MessageUncertain)
    )
    done, first = {one.id for one in activities}, min(left.gone)
    whole = Replay(kind)
    for fact in said:
        before = whole.known
        absorbed = (yield from lead_at(kind, fact.absorbed, fact.absorbed_version)) if needs_other(fact) else None
        whole.add(fact, absorbed)
        after = whole.known
        if before is None or after is None or fact.version < first:
            own.lead = after or mine
        elif fact in left or isinstance(fact, COMPUTED):
            continue
        elif needs_other(fact):
            own.lead = apply(own.lead, fact, absorbed)
        elif isinstance(fact, LeadsUnmerged):
            own.lead = own.lead.but(**_difference(type(mine).model_fields.keys() - OWN, before, after, own.lead))
        elif isinstance(fact, LeadCaptured | DetailsCorrected):
            _details(policy, own, fact, before, after, of_lead=fact.version < merge.version)
        elif fact.version < merge.version:
            _standing(policy, own, fact, of_lead=True) if isinstance(fact, STANDING) else own.to_lead(fact)
        else:
            _give(policy, own, fact, done)
    return own


@dataclass(frozen=True)
class _LeftOut:
    """What has no part in the survivor without this merge, and without those that were taken back before.

    What the policy did at once about any merge, or its undoing, is left out, too: it is derived anew.
    """

    merges: frozenset[int]
    gone: frozenset[int]
    """The versions of all merges and of their undoing; of the merges that are gone."""
    places: frozenset[tuple[int, int]]

    def __contains__(self, fact: Fact) -> bool:
        if isinstance(fact, LeadsMerged):
            return fact.version in self.gone
        by_policy = fact.version in self.merges and fact.actor.kind == "policy"
        return by_policy or (fact.version, fact.seq) in self.places


def _left_out(said: Iterable[Fact], merge: LeadsMerged) -> _LeftOut:
    merges = frozenset(fact.version for fact in said if isinstance(fact, LeadsMerged | LeadsUnmerged))
    undone = [fact for fact in said if isinstance(fact, LeadsUnmerged) and fact.into == fact.lead_id]
    gone = frozenset({merge.version, *(fact.merged_version for fact in undone)})
    places = frozenset(place for fact in undone for place in ((fact.version, fact.seq), *fact.given))
    return _LeftOut(merges, gone, places)


def _give(policy: Policy, own: Separation, fact: Fact, done: Collection[str]) -> None:
    if isinstance(fact, STANDING):
        _standing(policy, own, fact)
    elif isinstance(fact, ActivityRecorded | ActivityRetracted):
        _activity(own, fact, done)
    elif isinstance(fact, ConsentChanged):
        _consent(own, fact)
    elif isinstance(fact, DealChanged):
        _deal(own, fact)
    elif isinstance(fact, AdjustmentEnded):
        _adjustment(own, fact)
    elif isinstance(fact, EnrolmentChanged):
        _enrolment(own, fact)
    elif isinstance(fact, TwinDismissed):
        own.to_both(fact)
    elif _is_on_other(own.other, fact):
        own.to_other(fact)
    else:
        own.to_lead(fact)


def _is_on_other(other: Lead[Any], fact: Fact) -> bool:
    """Whether a browser moved, or an address was taken over, that is the absorbed lead's."""
    moved = isinstance(fact, VisitorMoved) and fact.visitor in other.visitors
    return moved or (isinstance(fact, AddressTakenOver) and _has(other, fact.address) > 0)


def _activity(own: Separation, fact: ActivityRecorded | ActivityRetracted, done: Collection[str]) -> None:
    other = own.other
    if isinstance(fact, ActivityRecorded):
        theirs = fact.under in (other.id, *other.merged) or fact.visitor in other.visitors
        own.acted += [fact] if theirs else []
    else:
        theirs = fact.activity_id in done or any(fact.activity_id == one.activity_id for one in own.acted)
        own.retracted += [fact] if theirs else []
    if theirs:
        own.to_other(fact)
    else:
        own.to_lead(fact)


def _consent(own: Separation, fact: ConsentChanged) -> None:
    """A withdrawal counts for both, at the address of each; a consent, for the side that gave it, in doubt for none."""
    if fact.consent.status == "withdrawn":
        own.lead, own.other = (apply(lead, _at_own_point(lead, fact)) for lead in (own.lead, own.other))
        return
    theirs = _is_theirs(own, fact)
    if theirs:
        own.to_other(_at_own_point(own.other, fact))
    elif theirs is not None:
        own.to_lead(_at_own_point(own.lead, fact))
    elif fact.under is not None:
        own.given.append((fact.version, fact.seq))


def _is_theirs(own: Separation, fact: ConsentChanged) -> bool | None:
    """Whether a consent is the absorbed lead's: by its submission, its id, or its address; None: that can't be told."""
    to, other = fact.consent.address, own.other
    if fact.version in own.submitted:
        return own.submitted[fact.version]
    if fact.under in (other.id, *other.merged):
        return None if _has(own.lead, to) and not _has(other, to) else True
    return _has(other, to) > _has(own.lead, to)


def _at_own_point(lead: Lead[Any], fact: ConsentChanged) -> ConsentChanged:
    """Return a statement with the lead's own address, if it was given with one that is not the lead's."""
    said = fact.consent
    own = said.address if _has(lead, said.address) else contact_point(lead, said.channel)
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
    if fact.enrolment.ended and fact.actor.kind == "policy" and fact.version not in own.mailed:
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
    """A move, or what follows it, belongs to the side whose stage the merged lead had, if it could make it."""
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


def _has(lead: Lead[Any], point: str | None) -> int:
    """Whether an address or a number is one of the lead's: 2 if it has claimed it, 1 if it only lists it, else 0."""
    if point is None:
        return 0
    emails = {one.address.casefold(): 1 + one.claimed for one in lead.emails if one.address}
    return emails.get(point.casefold(), int(point in {one.number for one in lead.phones}))


# ----------------------------------------------------------------------------------------------------------- details
def _details(
    policy: Policy,
    own: Separation,
    fact: LeadCaptured | DetailsCorrected,
    before: Lead[Any],
    after: Lead[Any],
    *,
    of_lead: bool,
) -> None:
    """Give what a submission or a correction changed: the difference that it made, not the whole fields."""
    to_other = False
    if isinstance(fact, LeadCaptured) and not of_lead:
        to_other, own.submitted[fact.version] = _sender(policy, own, fact)
    side, opposite = (own.other, own.lead) if to_other else (own.lead, own.other)
    changed, lost = _difference(fact.details, before, after, side), {}
    for name in fact.details:
        old, new = getattr(before, name, None), getattr(after, name, None)
        if isinstance(old, tuple) and isinstance(new, tuple):
            lost[name] = _without(getattr(opposite, name), old, new)
        elif isinstance(fact, DetailsCorrected) and not of_lead:
            own.conflicts |= dict.fromkeys(_of_other(name, old, new, side, opposite))
    bare = fact.but(details={})
    if to_other:
        own.to_other(bare)
        own.other, own.lead = own.other.but(**changed), own.lead.but(**lost)
    else:
        own.to_lead(bare)
        own.lead = own.lead.but(**changed)
        own.other = own.other if of_lead else own.other.but(**lost)


def _difference(names: Iterable[str], before: Lead[Any], after: Lead[Any], on: Lead[Any]) -> dict[str, Any]:
    """Return the fields of a lead with the difference between two others made to them."""
    return {
        name: _rebased(getattr(before, name), getattr(after, name), getattr(on, name))
        for name in names
        if name in type(on).model_fields
    }


def _sender(policy: Policy, own: Separation, fact: LeadCaptured) -> tuple[bool, bool | None]:
    """Whether a submission is the absorbed lead's, and whether that is proven: by its first address or number.

    Without one that either has, it is the side's that alone was known from its source: that proves nothing.
    """
    read = read_submission(policy, fact.submission, source=fact.source, at=fact.happened_at, dated=None)
    emails, phones = read.details.get("emails", ()), read.details.get("phones", ())
    for point in (*(one.address for one in emails), *(one.number for one in phones)):
        mine, theirs = _has(own.lead, point), _has(own.other, point)
        if mine != theirs:
            return theirs > mine, theirs > mine
    from_theirs, from_mine = ({touch.source for touch in lead.touches} for lead in (own.other, own.lead))
    return not emails and not phones and fact.source in from_theirs - from_mine, None


def _rebased(old: Any, new: Any, on: Any) -> Any:
    """Return a value with the difference between two others made to it."""
    if isinstance(new, tuple) and isinstance(old, tuple) and isinstance(on, tuple):
        was, now = {key_of(one): one for one in old}, {key_of(one): one for one in new}
        kept = tuple(now.get(key_of(one), one) for one in on if key_of(one) in now or key_of(one) not in was)
        known = {key_of(one) for one in on}
        return (*kept, *(one for key, one in now.items() if key not in was and key not in known))
    if isinstance(new, Entity) and type(old) is type(new) is type(on):
        names = [name for name in type(new).model_fields if getattr(old, name) != getattr(new, name)]
        return on.but(**{name: getattr(new, name) for name in names}) if names else on
    return new if new != old else on


def _without(values: tuple[Any, ...], old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return values without those that were taken away."""
    gone = {key_of(one) for one in old} - {key_of(one) for one in new}
    return tuple(one for one in values if key_of(one) not in gone)


def _of_other(name: str, old: Any, new: Any, side: Lead[Any], opposite: Lead[Any]) -> Iterable[str]:
    """Return the paths in which a correction replaced a value that only the absorbed lead had."""
    mine, theirs = getattr(side, name, None), getattr(opposite, name, None)
    if not isinstance(new, Entity):
        return [name] if new != old and old == theirs != mine else []
    return [
        f"{name}.{sub}"
        for sub in type(new).model_fields
        if getattr(old, sub) != getattr(new, sub) and getattr(old, sub) == getattr(theirs, sub) != getattr(mine, sub)
    ]


def merges_of(said: Iterable[Fact], absorbed: LeadId | None = None) -> list[LeadsMerged]:
    """Return the merges that stand, oldest first: those into the lead of these facts, of one lead or of any."""
    said = list(said)
    undone = {fact.merged_version for fact in said if isinstance(fact, LeadsUnmerged) and fact.into == fact.lead_id}
    merges = (fact for fact in said if needs_other(fact) and fact.version not in undone)
    return [fact for fact in merges if absorbed in (None, fact.absorbed)]
