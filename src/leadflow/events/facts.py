"""The facts: what happened, in the past tense, each with two times.

A fact says when it happened and when it was recorded, who did it, and which version of the lead it made. Facts that one
Change writes for a lead share that version and are told apart by ``seq``. Other leads are named by id only.
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
    Enrolment,
    Entity,
    Finding,
    LeadId,
    Line,
    Moment,
    Properties,
    Route,
    Score,
    Text,
    Touch,
    Twin,
)
from leadflow.entities.base import JsonObject

__all__ = [
    "ActivityRecorded",
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
    "EnrolmentChanged",
    "Fact",
    "FindingsNoted",
    "LeadCaptured",
    "LeadErased",
    "LeadRouted",
    "LeadScored",
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
    "TwinSuspected",
    "VisitorAbsorbed",
    "VisitorMoved",
    "VisitorSeen",
]

SCHEMA_NUMBER = 1


class Fact(Entity):
    """What every fact has; ``version`` and ``seq`` name it within its lead for ever."""

    kind: str
    schema_number: int = SCHEMA_NUMBER
    lead_id: LeadId
    version: int = Field(default=0, ge=0)
    seq: int = Field(default=0, ge=0)
    happened_at: Moment
    recorded_at: Moment
    actor: Actor


class LeadCaptured(Fact):
    """A submission came in. ``details`` are the lead's top-level fields that it set, ``submission`` what was typed."""

    kind: Literal["lead_captured"] = "lead_captured"
    source: Line
    details: JsonObject = Field(default_factory=dict)
    touch: Touch | None = None
    findings: tuple[Finding, ...] = ()
    submission: Properties = Field(default_factory=dict)
    submission_id: Line | None = None


class VisitorSeen(Fact):
    """An anonymous visitor was seen for the first time."""

    kind: Literal["visitor_seen"] = "visitor_seen"
    visitor: Line


class VisitorAbsorbed(Fact):
    """An anonymous visitor turned out to be a known lead: written for both, ``into`` is the lead that stays."""

    kind: Literal["visitor_absorbed"] = "visitor_absorbed"
    absorbed: LeadId
    into: LeadId
    visitors: tuple[Line, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    """The points by hand that come with it."""


class VisitorMoved(Fact):
    """Another person was identified on this browser: what it does from now on is counted for ``to``."""

    kind: Literal["visitor_moved"] = "visitor_moved"
    visitor: Line
    to: LeadId | None = None


class AddressTakenOver(Fact):
    """Lead ``to`` has verified an e-mail address that this one has, too: it is kept, unclaimed and not written to."""

    kind: Literal["address_taken_over"] = "address_taken_over"
    address: Line
    to: LeadId
    finding: Finding


class DetailsCorrected(Fact):
    """Somebody put details right; ``details`` are the top-level fields in their new form."""

    kind: Literal["details_corrected"] = "details_corrected"
    details: JsonObject


class FindingsNoted(Fact):
    """Something about the lead is doubtful, and a person should know."""

    kind: Literal["findings_noted"] = "findings_noted"
    findings: tuple[Finding, ...]


class ActivityRecorded(Fact):
    """The lead did something; the activity itself is stored beside the facts."""

    kind: Literal["activity_recorded"] = "activity_recorded"
    activity_id: Line
    activity: Line


class LeadScored(Fact):
    """The lead was scored."""

    kind: Literal["lead_scored"] = "lead_scored"
    score: Score


class ScoreAdjusted(Fact):
    """Somebody gave the lead points by hand, or took some."""

    kind: Literal["score_adjusted"] = "score_adjusted"
    adjustment: Adjustment


class AdjustmentEnded(Fact):
    """Points by hand ceased to count when this happened: their time was over, or somebody took them back."""

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
    revisit: Line | None = None
    """The date to look again, ISO 8601."""
    round_ended: bool = False
    """Sales gave it back: a round of nurturing begins."""


class RevisitDue(Fact):
    """The date to look again has come."""

    kind: Literal["revisit_due"] = "revisit_due"


class CoolingPlanned(Fact):
    """By ageing alone the lead will cool at ``cool_at``; None takes that back."""

    kind: Literal["cooling_planned"] = "cooling_planned"
    cool_at: Moment | None


class QualifyingPlanned(Fact):
    """By ageing alone the lead will qualify at ``qualify_at``; None takes that back."""

    kind: Literal["qualifying_planned"] = "qualifying_planned"
    qualify_at: Moment | None


class MomentAwaited(Fact):
    """Something is dated ahead: the lead is looked at again at ``awaited_at``; None: all of it has come."""

    kind: Literal["moment_awaited"] = "moment_awaited"
    awaited_at: Moment | None


class LeadRouted(Fact):
    """A rep, or a queue, got the lead; the route has the whole trace."""

    kind: Literal["lead_routed"] = "lead_routed"
    route: Route


class OwnerReleased(Fact):
    """The lead has no owner any more."""

    kind: Literal["owner_released"] = "owner_released"
    owner: Line


class ConsentChanged(Fact):
    """The person gave or withdrew consent, or an import said so; from now on this word counts."""

    kind: Literal["consent_changed"] = "consent_changed"
    consent: Consent


class DealChanged(Fact):
    """A deal was opened, changed, won or lost; the deal as it is now."""

    kind: Literal["deal_changed"] = "deal_changed"
    deal: Deal


class DeadlineSet(Fact):
    """A service level began to run."""

    kind: Literal["deadline_set"] = "deadline_set"
    deadline: Deadline


class DeadlineReminded(Fact):
    """The owner was reminded that a service level runs out."""

    kind: Literal["deadline_reminded"] = "deadline_reminded"
    stage: Line
    due_at: Moment


class DeadlineBreached(Fact):
    """A service level ran out."""

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
    """A sequence was begun, went a step on, or ended; the enrolment as it is now."""

    kind: Literal["enrolment_changed"] = "enrolment_changed"
    enrolment: Enrolment


class _Message(Fact):
    message: Line
    """The message's id: lead, sequence, round and step."""
    content: Line
    channel: Line = "email"


class MessageClaimed(_Message):
    """Written before a message is handed to the mail server, so that it goes at most once."""

    kind: Literal["message_claimed"] = "message_claimed"


class MessageSent(_Message):
    """The mail server took the message."""

    kind: Literal["message_sent"] = "message_sent"


class MessageFailed(_Message):
    """The mail server refused the message for good."""

    kind: Literal["message_failed"] = "message_failed"
    error: Text


class MessageUncertain(_Message):
    """It may or may not have been delivered; it is never sent again by itself."""

    kind: Literal["message_uncertain"] = "message_uncertain"
    error: Text


class MessageSkipped(_Message):
    """The message could not go; ``reasons`` are all that stood against it."""

    kind: Literal["message_skipped"] = "message_skipped"
    reasons: tuple[Text, ...]


class ContactDue(_Message):
    """A call or a letter is due: people or a host's own service do it."""

    kind: Literal["contact_due"] = "contact_due"


class TwinSuspected(Fact):
    """Another lead is probably the same person."""

    kind: Literal["twin_suspected"] = "twin_suspected"
    twin: Twin
    held: Line | None = None
    """The state that holds the submission which points to both, if one does: it is gone once one of them is erased."""


class LeadErased(Fact):
    """All that was known of this person was removed; this is what remains."""

    kind: Literal["lead_erased"] = "lead_erased"


AnyFact = Annotated[
    LeadCaptured
    | VisitorSeen
    | VisitorAbsorbed
    | VisitorMoved
    | AddressTakenOver
    | DetailsCorrected
    | FindingsNoted
    | ActivityRecorded
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
    | LeadErased,
    Field(discriminator="kind"),
]
