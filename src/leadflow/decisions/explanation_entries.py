"""The entries of an explanation, as data: each kind with its names, numbers and moments, without a sentence."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import Field

from leadflow.conditions import Condition
from leadflow.data_quality import LeadQuality
from leadflow.decisions.message_log import Fate
from leadflow.entities import Actor, BuyingRole, Contribution, Entity, LeadId
from leadflow.entities.base import Moment
from leadflow.entities.enrichment import Known
from leadflow.entities.finding import Severity
from leadflow.qualification import Outcome

__all__ = [
    "SECTIONS",
    "AccountEntry",
    "AheadEntry",
    "AnyEntry",
    "ApartEntry",
    "BlockedEntry",
    "CandidateEntry",
    "DeadlineEntry",
    "EnrichmentEntry",
    "EnrolmentEntry",
    "FindingEntry",
    "GateEntry",
    "MergeEntry",
    "MessageEntry",
    "MoveEntry",
    "OutlookEntry",
    "PolicyEntry",
    "QualityEntry",
    "RouteEntry",
    "ScoreEntry",
    "StageEntry",
    "StaleScoreEntry",
    "TaskEntry",
    "ToleranceEntry",
    "TwinEntry",
    "UnmergeEntry",
    "UnmetCondition",
    "UnsentEntry",
    "Way",
    "WayStep",
]

SECTIONS: Final = (
    "Stage",
    "Score",
    "Route",
    "Nurturing",
    "Tasks",
    "Enrichment",
    "Account",
    "Data quality",
    "Findings",
    "Probable twins",
)


class StageEntry(Entity):
    """Where the lead stands, since when, and whose it is."""

    section: ClassVar = "Stage"
    kind: Literal["stage"] = "stage"
    stage: str
    since: Moment | None = None
    owner: str | None = None
    queue: str | None = None


class MoveEntry(Entity):
    """A move that was made; ``reason`` as it was recorded, ``label`` that of its code, ``note`` in free words."""

    section: ClassVar = "Stage"
    kind: Literal["move"] = "move"
    at: Moment
    move: str
    source: str
    target: str
    skipped: tuple[str, ...] = ()
    by: Actor
    reason: str = ""
    label: str = ""
    note: str = ""


class AheadEntry(Entity):
    """What happens by itself at a moment: the lead cools, it qualifies, or something dated ahead takes effect."""

    section: ClassVar = "Stage"
    kind: Literal["ahead"] = "ahead"
    event: Literal["cools", "qualifies", "takes_effect"]
    at: Moment


class DeadlineEntry(Entity):
    """The service level of the stage."""

    section: ClassVar = "Stage"
    kind: Literal["deadline"] = "deadline"
    due_at: Moment
    breached: bool


class ScoreEntry(Entity):
    """The stored score with every contribution; points are rounded down to two decimals."""

    section: ClassVar = "Score"
    kind: Literal["score"] = "score"
    fit: float
    engagement: float
    total: float
    grade: str | None = None
    veto: str | None = None
    model: str | None = None
    at: Moment
    contributions: tuple[Contribution, ...] = ()


class StaleScoreEntry(Entity):
    """The score is of another model than the current one."""

    section: ClassVar = "Score"
    kind: Literal["stale_score"] = "stale_score"
    model: str | None = None


class ToleranceEntry(Entity):
    """How many points below a number a score counts as having reached it."""

    section: ClassVar = "Score"
    kind: Literal["tolerance"] = "tolerance"
    points: float


class UnmetCondition(Entity):
    """A condition that is not true; ``unknown`` if a value that it needs is missing."""

    condition: Condition
    truth: Literal["false", "unknown"]


class PolicyEntry(Entity):
    """What the qualification decides now, and why."""

    section: ClassVar = "Score"
    kind: Literal["policy"] = "policy"
    outcome: Outcome
    stage: str
    move: str | None = None
    to: str | None = None
    reason: str = ""
    revisit: date | None = None
    cool_at: Moment | None = None
    unmet: tuple[UnmetCondition, ...] = ()


class WayStep(Entity):
    """One change: values of the lead, or activities that would have to come; and what it adds to fit and engagement."""

    text: str
    values: dict[str, str | int | float | bool] = Field(default_factory=dict)
    activity: str | None = None
    properties: dict[str, str | int | float | bool] = Field(default_factory=dict)
    count: int = 0
    fit: float
    engagement: float


class Way(Entity):
    """Changes that together reach the goal, and the score that they lead to."""

    steps: tuple[WayStep, ...]
    fit: float
    engagement: float


class OutlookEntry(Entity):
    """What is missing to become an MQL, or until when the lead stays one; ``missing`` is rounded up to two decimals."""

    section: ClassVar = "Score"
    kind: Literal["outlook"] = "outlook"
    goal: Literal["mql", "stay_mql"]
    reached: bool
    foreseen: bool
    turns: Moment | None = None
    missing: dict[str, float] = Field(default_factory=dict)
    unmet: tuple[Condition, ...] = ()
    ways: tuple[Way, ...] = ()


class RouteEntry(Entity):
    """Where the lead was routed to; ``error`` is why the territory's policy could not choose.

    ``next_offer_at`` is when a lead in a queue is offered to the rotation again.
    """

    section: ClassVar = "Route"
    kind: Literal["route"] = "route"
    at: Moment
    owner: str | None = None
    queue: str | None = None
    territory: str | None = None
    error: str | None = None
    next_offer_at: Moment | None = None


class GateEntry(Entity):
    """The result of a gate, or of a territory's condition."""

    section: ClassVar = "Route"
    kind: Literal["gate"] = "gate"
    name: str
    outcome: Literal["true", "false", "unknown"]
    text: str = ""


class CandidateEntry(Entity):
    """A rep who was considered; ``entitled`` is an exact fraction. Without a territory there are no shares."""

    section: ClassVar = "Route"
    kind: Literal["candidate"] = "candidate"
    rep: str
    eligible: bool
    because: str = ""
    assigned: int | None = None
    entitled: str | None = None


class EnrolmentEntry(Entity):
    """The lead's way through a sequence: the next step, or why it ended."""

    section: ClassVar = "Nurturing"
    kind: Literal["enrolment"] = "enrolment"
    sequence: str
    step: int
    due_at: Moment | None = None
    overdue: bool = False
    ended: str | None = None


class UnsentEntry(Entity):
    """A message that could not be sent so far: it waits for the next attempt, or was given up (``dead``)."""

    section: ClassVar = "Nurturing"
    kind: Literal["unsent"] = "unsent"
    sequence: str
    state: Literal["retry", "dead"]
    attempts: int
    due_at: Moment
    error: str


class BlockedEntry(Entity):
    """A sequence that may not be sent to the lead now, with all reasons."""

    section: ClassVar = "Nurturing"
    kind: Literal["blocked"] = "blocked"
    sequence: str
    reasons: tuple[str, ...]
    earliest: Moment | None = None


class MessageEntry(Entity):
    """What became of a message."""

    section: ClassVar = "Nurturing"
    kind: Literal["message"] = "message"
    message: str
    content: str
    fate: Fate
    at: Moment
    why: tuple[str, ...] = ()


class TaskEntry(Entity):
    """Another task of the lead that failed: it waits for the next attempt, or was given up (``dead``)."""

    section: ClassVar = "Tasks"
    kind: Literal["task"] = "task"
    key: str
    task: str
    state: Literal["retry", "dead"]
    attempts: int
    due_at: Moment
    error: str


class EnrichmentEntry(Entity):
    """A value that a source knows; ``fills``: it is the lead's, since nobody said anything else there."""

    section: ClassVar = "Enrichment"
    kind: Literal["enrichment"] = "enrichment"
    path: str
    value: Known
    source: str
    at: Moment
    confidence: float
    fills: bool


class AccountEntry(Entity):
    """The lead's account beside a buying center: what is covered, what is missing, and whom to win next.

    ``candidate`` is the lead that probably has the ``next_role``, by ``confidence`` in percent, with every reason;
    ``is_this``: it is the one that is explained.
    """

    section: ClassVar = "Account"
    kind: Literal["account"] = "account"
    account: str
    name: str | None = None
    leads: int
    center: str
    coverage: int
    missing: tuple[BuyingRole, ...] = ()
    next_role: BuyingRole | None = None
    candidate: LeadId | None = None
    candidate_name: str | None = None
    is_this: bool = False
    confidence: int | None = None
    because: tuple[str, ...] = ()


class QualityEntry(Entity):
    """The quality of the lead's data at the moment of the explanation, part by part."""

    section: ClassVar = "Data quality"
    kind: Literal["quality"] = "quality"
    quality: LeadQuality


class FindingEntry(Entity):
    """A defect in the data; ``code`` is for programs, ``message`` in English."""

    section: ClassVar = "Findings"
    kind: Literal["finding"] = "finding"
    code: str
    field: str
    severity: Severity
    message: str
    value: str | None = None
    suggestion: str | None = None


class TwinEntry(Entity):
    """A lead that is probably the same person; ``likeness`` in percent."""

    section: ClassVar = "Probable twins"
    kind: Literal["twin"] = "twin"
    lead_id: LeadId
    likeness: int
    evidence: tuple[str, ...] = ()
    since: Moment | None = None


class MergeEntry(Entity):
    """A lead that was merged into this one; ``conflicts`` are the fields in which the two contradicted each other."""

    section: ClassVar = "Probable twins"
    kind: Literal["merge"] = "merge"
    at: Moment
    lead_id: LeadId
    by: Actor
    conflicts: tuple[str, ...] = ()


class UnmergeEntry(Entity):
    """A merge that was taken back; ``conflicts`` could belong to either side, and stayed with the survivor."""

    section: ClassVar = "Probable twins"
    kind: Literal["unmerge"] = "unmerge"
    at: Moment
    lead_id: LeadId
    by: Actor
    conflicts: tuple[str, ...] = ()


class ApartEntry(Entity):
    """A lead that somebody has decided to be a different person."""

    section: ClassVar = "Probable twins"
    kind: Literal["apart"] = "apart"
    at: Moment
    lead_id: LeadId
    by: Actor


AnyEntry: TypeAlias = Annotated[
    StageEntry
    | MoveEntry
    | AheadEntry
    | DeadlineEntry
    | ScoreEntry
    | StaleScoreEntry
    | ToleranceEntry
    | PolicyEntry
    | OutlookEntry
    | RouteEntry
    | GateEntry
    | CandidateEntry
    | EnrolmentEntry
    | UnsentEntry
    | BlockedEntry
    | MessageEntry
    | TaskEntry
    | EnrichmentEntry
    | AccountEntry
    | QualityEntry
    | FindingEntry
    | TwinEntry
    | ApartEntry
    | MergeEntry
    | UnmergeEntry,
    Field(discriminator="kind"),
]
