"""Every value that is stored or passed around; no behaviour beyond its own validity."""

from leadflow.entities.actor import ActedBy, Actor, ActorKind
from leadflow.entities.base import (
    CLOCK_SKEW,
    Entity,
    LeadId,
    Line,
    Moment,
    Number,
    Properties,
    Text,
    safe_line,
    safe_text,
    utc,
)
from leadflow.entities.behaviour import Activity, Touch
from leadflow.entities.confirmation import Confirmation, Confirmed, ConfirmedBy, FieldGroup
from leadflow.entities.consent import Channel, Consent, ConsentOrigin, ConsentStatus, last_words, word_that_counts
from leadflow.entities.contact import Address, Email, EmailKind, ExternalId, Phone, PhoneKind, SocialProfile
from leadflow.entities.deal import Deal, DealStatus
from leadflow.entities.decoder import (
    lead_json,
    read_activity,
    read_lead,
    read_leads,
    read_task,
    read_value,
    scanned,
)
from leadflow.entities.enrichment import EnrichedValue, Enrichment
from leadflow.entities.finding import Finding, Severity
from leadflow.entities.journey import Deadline, Enrolment, Twin
from leadflow.entities.lead import Custom, Lead, NoCustomFields, with_fields
from leadflow.entities.message import Message
from leadflow.entities.person import BuyingRole, Company, Person, RoleProposal, Seniority
from leadflow.entities.placement import Placement
from leadflow.entities.route import Candidate, GateResult, Route
from leadflow.entities.score import POINTS_LIMIT, Account, Adjustment, Contribution, Score, ScoreSide
from leadflow.entities.stored_form import kept_aside, stored_form, stored_json
from leadflow.entities.suppression import Lift, SuppressedFor, Suppression
from leadflow.entities.task import Settlement, Task, TaskStatus

__all__ = [
    "CLOCK_SKEW",
    "POINTS_LIMIT",
    "Account",
    "ActedBy",
    "Activity",
    "Actor",
    "ActorKind",
    "Address",
    "Adjustment",
    "BuyingRole",
    "Candidate",
    "Channel",
    "Company",
    "Confirmation",
    "Confirmed",
    "ConfirmedBy",
    "Consent",
    "ConsentOrigin",
    "ConsentStatus",
    "Contribution",
    "Custom",
    "Deadline",
    "Deal",
    "DealStatus",
    "Email",
    "EmailKind",
    "EnrichedValue",
    "Enrichment",
    "Enrolment",
    "Entity",
    "ExternalId",
    "FieldGroup",
    "Finding",
    "GateResult",
    "Lead",
    "LeadId",
    "Lift",
    "Line",
    "Message",
    "Moment",
    "NoCustomFields",
    "Number",
    "Person",
    "Phone",
    "PhoneKind",
    "Placement",
    "Properties",
    "RoleProposal",
    "Route",
    "Score",
    "ScoreSide",
    "Seniority",
    "Settlement",
    "Severity",
    "SocialProfile",
    "SuppressedFor",
    "Suppression",
    "Task",
    "TaskStatus",
    "Text",
    "Touch",
    "Twin",
    "kept_aside",
    "last_words",
    "lead_json",
    "read_activity",
    "read_lead",
    "read_leads",
    "read_task",
    "read_value",
    "safe_line",
    "safe_text",
    "scanned",
    "stored_form",
    "stored_json",
    "utc",
    "with_fields",
    "word_that_counts",
]
