"""Facts: what happened, in the past tense, each with two times.

A fact says when it happened and when it was recorded, who did it, and which version of the lead it produced. Facts of
one Change for a lead share that version and are distinguished by ``seq``. Other leads are named by id only.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from leadflow.entities import (
    Actor,
    Adjustment,
    Consent,
    Deadline,
    Deal,
    Enrichment,
    Enrolment,
    Entity,
    FieldGroup,
    Finding,
    LeadId,
    Line,
    Moment,
    Placement,
    Properties,
    Route,
    Score,
    Text,
    Touch,
    Twin,
)
from leadflow.entities.base import JsonObject

__all__ = [
    "SCHEMA_NUMBER",
    "AccountChanged",
    "ActivityRecorded",
    "ActivityRetracted",
    "AddressTakenOver",
    "AdjustmentEnded",
    "AnyFact",
    "ConsentChanged",
    "ContactDue",
    "CoolingPlanned",
    "DeadlineBreached",
    "DeadlineMet",
    "DeadlineReminded",
    "DeadlineSet",
    "DealChanged",
    "DetailsCorrected",
    "EnrichmentWithdrawn",
    "EnrolmentChanged",
    "Fact",
    "FindingsNoted",
    "LeadCaptured",
    "LeadEnriched",
    "LeadErased",
    "LeadRouted",
    "LeadScored",
    "LeadsMerged",
    "LeadsUnmerged",
    "MessageClaimed",
    "MessageFailed",
    "MessageSent",
    "MessageSkipped",
    "MessageUncertain",
    "MomentAwaited",
    "OwnerReleased",
    "QualifyingPlanned",
    "RevisitDue",
    "ScoreAdjusted",
    "StageChanged",
    "TwinDismissed",
    "TwinSuspected",
    "VisitorAbsorbed",
    "VisitorMoved",
    "VisitorSeen",
]

SCHEMA_NUMBER = 1


class Fact(Entity):
    """The base of all facts; ``version`` and ``seq`` identify it permanently within its lead."""

    kind: str
    schema_number: int = SCHEMA_NUMBER
    lead_id: LeadId
    version: int = Field(default=0, ge=0)
    seq: int = Field(default=0, ge=0)
    happened_at: Moment
    recorded_at: Moment
    actor: Actor


class LeadCaptured(Fact):
    """A submission came in. ``details`` are the top-level fields that it set, ``submission`` the original input."""

    kind: Literal["lead_captured"] = "lead_captured"
    source: Line
    details: JsonObject = Field(default_factory=dict)
    touch: Touch | None = None
    findings: tuple[Finding, ...] = ()
    submission: Properties = Field(default_factory=dict)
    submission_id: Line | None = None
    repeats: tuple[FieldGroup, ...] = Field(default=(), exclude_if=lambda groups: not groups)
    """The groups of fields of which it said what was known already: that confirms them."""
    verified: bool = Field(default=False, exclude_if=lambda is_verified: not is_verified)
    """Whether the sender had proven who it is, so that it overwrote what was known."""


class VisitorSeen(Fact):
    """An anonymous visitor was seen for the first time."""

    kind: Literal["visitor_seen"] = "visitor_seen"
    visitor: Line


class VisitorAbsorbed(Fact):
    """An anonymous visitor turned out to be a known lead; recorded for both, ``into`` is the survivor."""

    kind: Literal["visitor_absorbed"] = "visitor_absorbed"
    absorbed: LeadId
    into: LeadId
    visitors: tuple[Line, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    """The manual points that come with it."""


class VisitorMoved(Fact):
    """A different person was identified on this browser: its activities now count for ``to``."""

    kind: Literal["visitor_moved"] = "visitor_moved"
    visitor: Line
    to: LeadId | None = None


class AddressTakenOver(Fact):
    """Lead ``to`` has verified an e-mail address of this lead: it is kept here, unclaimed and without mail."""

    kind: Literal["address_taken_over"] = "address_taken_over"
    address: Line
    to: LeadId
    finding: Finding


class DetailsCorrected(Fact):
    """Somebody corrected details; ``details`` are the top-level fields in their new form."""

    kind: Literal["details_corrected"] = "details_corrected"
    details: JsonObject
    emptied: tuple[Line, ...] = Field(default=(), exclude_if=lambda paths: not paths)
    """The paths that were emptied on purpose: no source fills them."""


class LeadEnriched(Fact):
    """A source said what it knows of the lead, in place of what it had said before."""

    kind: Literal["lead_enriched"] = "lead_enriched"
    enrichment: Enrichment
    under: LeadId | None = Field(default=None, exclude_if=lambda under: under is None)
    """The merged lead under whose id it was said, if it was one."""


class EnrichmentWithdrawn(Fact):
    """What a source had said of the lead was taken back: what was before it is there again."""

    kind: Literal["enrichment_withdrawn"] = "enrichment_withdrawn"
    source: Line
    reason: Line | None = None


class FindingsNoted(Fact):
    """Something about the lead is doubtful, and a person should look at it."""

    kind: Literal["findings_noted"] = "findings_noted"
    findings: tuple[Finding, ...]


class ActivityRecorded(Fact):
    """The lead did something; the activity itself is stored separately."""

    kind: Literal["activity_recorded"] = "activity_recorded"
    activity_id: Line
    activity: Line
    under: LeadId | None = None
    """The merged lead under whose id it was recorded, if it was one."""
    visitor: Line | None = None
    """The browser of a merged lead on which it was seen."""


class ActivityRetracted(Fact):
    """An activity was a bot's, or a mistake: it is kept, and counts for nothing."""

    kind: Literal["activity_retracted"] = "activity_retracted"
    activity_id: Line
    activity: Line
    reason: Line


class LeadScored(Fact):
    """The lead was scored."""

    kind: Literal["lead_scored"] = "lead_scored"
    score: Score


class ScoreAdjusted(Fact):
    """Somebody gave or took points by hand."""

    kind: Literal["score_adjusted"] = "score_adjusted"
    adjustment: Adjustment


class AdjustmentEnded(Fact):
    """Manual points stopped counting: they expired, or somebody took them back."""

    kind: Literal["adjustment_ended"] = "adjustment_ended"
    adjustment_id: Line
    reason: Line | None = None
    """Why they were taken back."""


class StageChanged(Fact):
    """The lead moved to another stage. ``skipped`` are the stages that a fast track left out."""

    kind: Literal["stage_changed"] = "stage_changed"
    move: Line
    source: Line
    target: Line
    skipped: tuple[Line, ...] = ()
    reason: Line | None = None
    note: Text | None = None
    """What else was said about it, in free words."""
    revisit: Line | None = None
    """The date on which to look at it again, ISO 8601."""
    round_ended: bool = False
    """Sales returned the lead: a round of nurturing begins."""


class RevisitDue(Fact):
    """The date on which to look at the lead again has come."""

    kind: Literal["revisit_due"] = "revisit_due"


class CoolingPlanned(Fact):
    """By ageing alone the lead will cool at ``cool_at``; None cancels that."""

    kind: Literal["cooling_planned"] = "cooling_planned"
    cool_at: Moment | None


class QualifyingPlanned(Fact):
    """By ageing alone the lead will qualify at ``qualify_at``; None cancels that."""

    kind: Literal["qualifying_planned"] = "qualifying_planned"
    qualify_at: Moment | None


class MomentAwaited(Fact):
    """Something is dated ahead: the lead is evaluated again at ``awaited_at``; None: all of it has arrived."""

    kind: Literal["moment_awaited"] = "moment_awaited"
    awaited_at: Moment | None


class LeadRouted(Fact):
    """A rep or a queue got the lead; the route has the complete trace."""

    kind: Literal["lead_routed"] = "lead_routed"
    route: Route


class OwnerReleased(Fact):
    """The lead no longer has an owner."""

    kind: Literal["owner_released"] = "owner_released"
    owner: Line


class ConsentChanged(Fact):
    """The person gave or withdrew consent, or an import said so; from now on this statement counts."""

    kind: Literal["consent_changed"] = "consent_changed"
    consent: Consent
    under: LeadId | None = Field(default=None, exclude_if=lambda under: under is None)
    """The merged lead under whose id it was recorded, if it was one."""


class DealChanged(Fact):
    """A deal was opened, changed, won or lost; the deal in its current form."""

    kind: Literal["deal_changed"] = "deal_changed"
    deal: Deal


class DeadlineSet(Fact):
    """A service level began to run."""

    kind: Literal["deadline_set"] = "deadline_set"
    deadline: Deadline


class DeadlineReminded(Fact):
    """The owner was reminded that a service level is about to expire."""

    kind: Literal["deadline_reminded"] = "deadline_reminded"
    stage: Line
    due_at: Moment


class DeadlineBreached(Fact):
    """A service level was breached."""

    kind: Literal["deadline_breached"] = "deadline_breached"
    stage: Line
    due_at: Moment


class DeadlineMet(Fact):
    """The stage was left; ``late`` if that was after the deadline."""

    kind: Literal["deadline_met"] = "deadline_met"
    stage: Line
    due_at: Moment
    late: bool = False


class EnrolmentChanged(Fact):
    """A sequence was begun, advanced a step, or ended; the enrolment in its current form."""

    kind: Literal["enrolment_changed"] = "enrolment_changed"
    enrolment: Enrolment


class _Message(Fact):
    message: Line
    """The message's id: lead, sequence, round and step."""
    content: Line
    channel: Line = "email"


class MessageClaimed(_Message):
    """Written before a message is handed to the mail server, so that it is sent at most once."""

    kind: Literal["message_claimed"] = "message_claimed"


class MessageSent(_Message):
    """The mail server accepted the message."""

    kind: Literal["message_sent"] = "message_sent"


class MessageFailed(_Message):
    """The mail server refused the message for good."""

    kind: Literal["message_failed"] = "message_failed"
    error: Text
    bounced: bool = Field(default=False, exclude_if=lambda bounced: not bounced)
    """The mailbox itself refuses mail; otherwise it was this message."""


class MessageUncertain(_Message):
    """It may or may not have been delivered; it is never sent again by itself."""

    kind: Literal["message_uncertain"] = "message_uncertain"
    error: Text


class MessageSkipped(_Message):
    """The message could not be sent, for all of these ``reasons``."""

    kind: Literal["message_skipped"] = "message_skipped"
    reasons: tuple[Text, ...]


class ContactDue(_Message):
    """A call or a letter is due: to be carried out by people or by the host."""

    kind: Literal["contact_due"] = "contact_due"


class TwinSuspected(Fact):
    """Another lead is probably the same person."""

    kind: Literal["twin_suspected"] = "twin_suspected"
    twin: Twin
    held: Line | None = None
    """The state with the submission that points to both, if there is one: removed once either is erased."""


class TwinDismissed(Fact):
    """Somebody decided that another lead is a different person: the two are never suggested as twins again."""

    kind: Literal["twin_dismissed"] = "twin_dismissed"
    other: LeadId


class LeadsMerged(Fact):
    """Two leads turned out to be one person; recorded for both, ``into`` is the survivor.

    It names versions and choices, no values: the merged lead results from both leads at these versions.
    """

    kind: Literal["leads_merged"] = "leads_merged"
    absorbed: LeadId
    absorbed_version: int = Field(ge=1)
    into: LeadId
    into_version: int = Field(ge=1)
    taken: tuple[Line, ...] = ()
    """Where both had a value, or a standing, the fields in which the absorbed lead's counts."""
    united: tuple[Line, ...] = ()
    """The lists of wishes that have the values of both; contact points always do."""
    conflicts: tuple[Line, ...] = ()
    """The fields in which the two contradicted each other."""


class LeadsUnmerged(Fact):
    """A merge was taken back; recorded for both. ``lead`` is the lead of this fact as it is from now on, no other.

    ``given`` are the facts of the survivor (version and number) that went to the absorbed lead with it;
    ``given_elsewhere`` those of leads into which the survivor was itself merged for a time (lead, version, number).
    """

    kind: Literal["leads_unmerged"] = "leads_unmerged"
    absorbed: LeadId
    into: LeadId
    merged_version: int = Field(ge=1)
    """The survivor's version that the merge had produced."""
    given: tuple[tuple[int, int], ...] = ()
    given_elsewhere: tuple[tuple[LeadId, int, int], ...] = Field(default=(), exclude_if=lambda places: not places)
    conflicts: tuple[Line, ...] = ()
    """What changed meanwhile and could belong to either of them: it stayed with the survivor."""
    lead: JsonObject = Field(default_factory=dict)

    @property
    def places(self) -> tuple[tuple[LeadId, int, int], ...]:
        """All facts that went to the absorbed lead, wherever they are."""
        return (*((self.into, *place) for place in self.given), *self.given_elsewhere)

    def undoes(self, same: LeadsUnmerged) -> bool:
        """Whether another fact, of either lead, is about the undoing of the same merge."""
        return (self.absorbed, self.into, self.merged_version) == (same.absorbed, same.into, same.merged_version)


class AccountChanged(Fact):
    """The lead was put into another account, or back into the one of its company (None): by hand, or with a merge."""

    kind: Literal["account_changed"] = "account_changed"
    placement: Placement | None = None


class LeadErased(Fact):
    """Everything known of this person was removed; this fact is what remains."""

    kind: Literal["lead_erased"] = "lead_erased"


AnyFact = Annotated[
    LeadCaptured
    | VisitorSeen
    | VisitorAbsorbed
    | VisitorMoved
    | AddressTakenOver
    | DetailsCorrected
    | LeadEnriched
    | EnrichmentWithdrawn
    | FindingsNoted
    | ActivityRecorded
    | ActivityRetracted
    | LeadScored
    | ScoreAdjusted
    | AdjustmentEnded
    | StageChanged
    | RevisitDue
    | CoolingPlanned
    | QualifyingPlanned
    | MomentAwaited
    | LeadRouted
    | OwnerReleased
    | ConsentChanged
    | DealChanged
    | DeadlineSet
    | DeadlineReminded
    | DeadlineBreached
    | DeadlineMet
    | EnrolmentChanged
    | MessageClaimed
    | MessageSent
    | MessageFailed
    | MessageUncertain
    | MessageSkipped
    | ContactDue
    | TwinSuspected
    | TwinDismissed
    | LeadsMerged
    | LeadsUnmerged
    | AccountChanged
    | LeadErased,
    Field(discriminator="kind"),
]
