"""Merges: two leads that turned out to be one person become one, and two again if they were not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, get_args

from leadflow.decisions.account_links import place_anew
from leadflow.decisions.answers import Answer
from leadflow.decisions.arguments import acting, flag_of, lead_id_of
from leadflow.decisions.commands.command import Command, moment_by
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.merge_choices import ORIGINS, MergedField, ScoreOfMerge, Survivorship, choices, two_ids
from leadflow.decisions.messages import message_claim, message_id
from leadflow.decisions.past_states import FARTHEST, lead_at
from leadflow.decisions.policy import THE_POLICY, Policy
from leadflow.decisions.reads import Asking, activities, activities_of, facts, holders, lead_with
from leadflow.decisions.rivals import are_apart
from leadflow.decisions.roster import check_actor
from leadflow.decisions.scoring_context import ScoringContext, known_from, known_of
from leadflow.decisions.separation import merges_of, separated
from leadflow.decisions.sides import stored_fields
from leadflow.entities import ActedBy, Adjustment, Lead, LeadId, ScoreSide
from leadflow.errors import InvalidInput, Refused
from leadflow.events import (
    ActivityRecorded,
    ActivityRetracted,
    Change,
    Fact,
    LeadsMerged,
    LeadsUnmerged,
    Redirect,
    ScoreAdjusted,
)
from leadflow.events.enriched_lead import as_said

__all__ = ["Merge", "Merged", "Unmerge", "Unmerged"]

BY_DEFAULT = Survivorship()


class Merged(Answer):
    """The survivor of a merge; ``conflicts`` are the fields in which the two leads contradicted each other.

    ``fields`` are those in which both have a value, with values and origins: in a dry run only, since a stored answer
    would outlive an erasure. ``repeated``: the two are one lead already, nothing was written.
    """

    nothing = MappingProxyType({"absorbed_id": "", "repeated": True})

    absorbed_id: LeadId
    stage: str = ""
    owner: str | None = None
    conflicts: tuple[str, ...] = ()
    fields: tuple[MergedField, ...] = ()
    dry_run: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class Merge(Command[Merged]):
    """Merge two leads that are one person: ``survivor`` remains, ``absorbed`` is folded in, and its id leads there.

    Blanks are filled, contact points, touches, activities, deals and enrolments united; the score is recomputed from
    all activities; a withdrawal of either counts; the furthest stage counts, and its owner. ``survivorship`` says whose
    value counts where both have one. Nothing is mailed, and no enrolment begins. ``dry_run`` answers with both values
    of each such field, and writes nothing.

    Refused: a lead that was merged into another one, two leads that somebody told apart (``not_same``), two customers
    with different ids in one system, and a lead with a message on its way.
    """

    answer: ClassVar = Merged

    survivor: LeadId
    absorbed: LeadId
    _: KW_ONLY
    by: ActedBy
    survivorship: Survivorship = field(default=BY_DEFAULT)
    dry_run: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.survivorship, Survivorship):
            raise InvalidInput("survivorship", self.survivorship, "give Survivorship(default=…, fields={path: rule})")
        self._read(
            survivor=lead_id_of("survivor", self.survivor),
            absorbed=lead_id_of("absorbed", self.absorbed),
            by=acting(self.by),
            dry_run=flag_of("dry_run", self.dry_run),
        )
        if self.dry_run and self.key is not None:
            raise InvalidInput("key", self.key, "leave it out of a dry run: nothing is carried out")

    def payload(self, policy: Policy, now: datetime) -> Mapping[str, object]:  # noqa: ARG002  (as all commands)
        given = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in self.unkeyed}
        return {"command": "Merge", **given, "by": str(self.by), "survivorship": self.survivorship.named}

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Merged]]:
        moment = moment_by(now, self.by)
        check_actor(policy, moment.by)
        if self.survivor == self.absorbed:
            raise InvalidInput("absorbed", self.absorbed, "give two different leads")
        lead, other = (yield from lead_with(self.survivor)), (yield from lead_with(self.absorbed))
        if lead.id == other.id:
            repeated = Merged(lead_id=lead.id, absorbed_id=self.absorbed, stage=lead.stage, owner=lead.owner)
            return Decided(Change(), repeated.but(repeated=True, dry_run=self.dry_run))
        if other.id != self.absorbed:
            raise Refused(f"lead {self.absorbed} was merged into {other.id}; merge {other.id} instead")
        _check(policy, lead, other)
        yield from _check_mail(lead)
        yield from _check_mail(other)
        mine, theirs = (yield from facts(lead.id, kinds=ORIGINS)), (yield from facts(other.id, kinds=ORIGINS))
        chosen = choices(policy, self.survivorship, as_said(lead), as_said(other), (mine, theirs))
        draft, gone = (Draft.of(one, policy, moment) for one in (lead, other))
        for one, beside in ((draft, other), (gone, None)):
            one.say(
                LeadsMerged,
                known=beside,
                absorbed=other.id,
                absorbed_version=other.version,
                into=lead.id,
                into_version=lead.version,
                taken=chosen.taken,
                united=chosen.united,
                conflicts=chosen.conflicts,
            )
        yield from place_anew(draft)
        known = yield from known_from(policy, draft.lead, (yield from activities_of(draft.lead)), now)
        yield from _keep_points(draft, known, self.survivorship.score, lead, other)
        follow_up(draft, known, since=draft.lead)
        after = draft.lead
        result = Merged(
            lead_id=lead.id,
            absorbed_id=other.id,
            stage=after.stage,
            owner=after.owner,
            conflicts=chosen.conflicts,
            fields=chosen.fields if self.dry_run else (),
            dry_run=self.dry_run,
        )
        if self.dry_run:
            return Decided(Change(), result)
        redirect = Redirect(absorbed=other.id, survivor=lead.id)
        return Decided(change_of(draft, gone, redirects=(redirect,)), result)


def _keep_points(
    draft: Draft, known: ScoringContext, what: ScoreOfMerge, lead: Lead[Any], other: Lead[Any]
) -> Asking[None]:
    """Give the points that bring the recomputed score to the sum, or the maximum, of both."""
    policy, now = draft.policy, draft.moment.now
    if what == "recomputed" or policy.scoring is None:
        return
    mine = (yield from known_of(policy, lead, now)).score(policy, lead, now)
    theirs = (yield from known_of(policy, other, now)).score(policy, other, now)
    recomputed = known.score(policy, draft.lead, now)
    for side in get_args(ScoreSide):
        wanted = (sum if what == "sum" else max)(getattr(score, side) for score in (mine, theirs))
        if points := wanted - getattr(recomputed, side):
            given = Adjustment(
                id=f"merge:{other.id}:{side}",
                side=side,
                points=points,
                because=f"the {what} of both scores when lead {other.id} was merged",
                by=draft.moment.by,
                at=draft.moment.happened_at,
            )
            draft.say(ScoreAdjusted, by=THE_POLICY, adjustment=given)


def _check(policy: Policy, lead: Lead[Any], other: Lead[Any]) -> None:
    if are_apart(lead, other):
        raise Refused(f"somebody decided that leads {lead.id} and {other.id} are different people (not_same)")
    customers = [policy.lifecycle.stage(one.stage).kind == "customer" for one in (lead, other)]
    if all(customers) and (systems := two_ids(lead, other)):
        where = ", ".join(systems)
        raise Refused(f"leads {lead.id} and {other.id} are two customers in {where}; merge them there first")


def _check_mail(lead: Lead[Any]) -> Asking[None]:
    """Refuse while a message to one of the leads is on its way: it would not be known whether it has arrived."""
    claims = {message_claim(message_id(lead, one)) for one in lead.enrolments if not one.ended}
    if (yield from holders(claims)):
        raise Refused(f"a message to lead {lead.id} is on its way; merge again when its outcome is known")


class Unmerged(Answer):
    """The two leads of a merge that was taken back: the survivor and the lead that is restored.

    ``conflicts`` changed since the merge and could belong to either: they stayed with the survivor.
    """

    nothing = MappingProxyType({"restored_id": ""})

    restored_id: LeadId
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unmerge(Command[Unmerged]):
    """Take back a merge, at any later time: both leads are as they would be without it.

    What has come since goes to the side that it belongs to: by address, number, browser, deal, and the id that it was
    recorded under; a withdrawal counts for both; everything else stays with the survivor. What the absorbed lead had
    filled is blank again. Nothing is mailed, and no enrolment begins. Refused if the lead came by way of another one
    that was merged: take back that merge first. An erased lead is not restored.
    """

    answer: ClassVar = Unmerged

    survivor: LeadId
    absorbed: LeadId
    _: KW_ONLY
    by: ActedBy

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(
            survivor=lead_id_of("survivor", self.survivor),
            absorbed=lead_id_of("absorbed", self.absorbed),
            by=acting(self.by),
        )

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Unmerged]]:
        moment = moment_by(now, self.by)
        check_actor(policy, moment.by)
        lead = yield from lead_with(self.survivor)
        said = yield from facts(lead.id)
        merge = next(iter(merges_of(said, self.absorbed)), None)
        if merge is None:
            raise Refused(_why_not(lead, self.absorbed, said))
        own = yield from separated(policy, said, merge)
        gone = yield from lead_at(policy.lead_type, self.absorbed, FARTHEST)
        if own is None or gone is None:
            raise Refused(f"lead {self.absorbed} can't be restored: its facts are gone")
        kept, back = Draft.of(lead, policy, moment), Draft.of(gone, policy, moment)
        conflicts = tuple(own.conflicts)
        for draft, restored in ((kept, own.lead), (back, own.other)):
            draft.say(
                LeadsUnmerged,
                known=restored,
                absorbed=gone.id,
                into=lead.id,
                merged_version=merge.version,
                given=tuple(place[1:] for place in own.given if place[0] == lead.id),
                given_elsewhere=tuple(place for place in own.given if place[0] != lead.id),
                conflicts=conflicts,
                lead=stored_fields(restored),
            )
            yield from place_anew(draft)  # accounts may have been merged since
        away = {one.activity_id for one in own.acted}
        for visitor in own.visitors:
            away |= {one.id for one in (yield from activities(visitor))}
        moved = (yield from activities(lead.id, away)) if away else []
        for one in moved:
            kept.say(ActivityRetracted, activity_id=one.id, activity=one.kind, reason=f"it belongs to lead {gone.id}")
            back.say(ActivityRecorded, activity_id=one.id, activity=one.kind)
        for fact in own.retracted.values():
            back.say(ActivityRetracted, activity_id=fact.activity_id, activity=fact.activity, reason=fact.reason)
        kept.activities += [one.but(retracted_at=kept.recorded_at) for one in moved]
        back.activities += [one.but(lead_id=gone.id) for one in moved]
        mine = [one for one in (yield from activities_of(kept.lead)) if one.id not in away]
        theirs = [*(yield from activities_of(back.lead)), *back.activities]
        for draft, acted in ((kept, mine), (back, theirs)):
            follow_up(draft, (yield from known_from(policy, draft.lead, acted, now)), since=draft.lead)
        result = Unmerged(lead_id=lead.id, restored_id=gone.id, conflicts=conflicts)
        ways = [Redirect(absorbed=visitor, survivor=gone.id) for visitor in own.visitors]
        return Decided(change_of(kept, back, restored=(gone.id, *own.visitors), redirects=ways), result)


def _why_not(lead: Lead[Any], absorbed: LeadId, said: Iterable[Fact]) -> str:
    ways = ", ".join(fact.absorbed for fact in merges_of(said))
    if absorbed in lead.merged:
        return f"lead {absorbed} came to {lead.id} by way of another one; take back that merge first: {ways}"
    known = f"give the id of the lead that is: {ways}" if ways else "no lead is"
    return f"lead {absorbed} is not merged into {lead.id}; {known}"
