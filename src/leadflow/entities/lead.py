"""The lead: everything known of one person on the way from stranger to loyal customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, Generic

from pydantic import Field, TypeAdapter
from typing_extensions import TypeVar

from leadflow.entities.actor import ActorKind
from leadflow.entities.base import Entity, LeadId, Line, Moment, Number, Text
from leadflow.entities.behaviour import Touch
from leadflow.entities.confirmation import BY_TEAM, Confirmed
from leadflow.entities.consent import Channel, Consent, last_words
from leadflow.entities.contact import Address, Email, ExternalId, Phone, SocialProfile, dialled_forms
from leadflow.entities.deal import Deal
from leadflow.entities.enrichment import Enrichment
from leadflow.entities.finding import Finding
from leadflow.entities.journey import Deadline, Enrolment, Twin
from leadflow.entities.person import BuyingRole, Company, Person
from leadflow.entities.placement import Placement, own_account
from leadflow.entities.route import Route
from leadflow.entities.score import Adjustment, Score

__all__ = [
    "Custom",
    "Lead",
    "NoCustomFields",
    "field_of",
    "present_deadline",
    "present_stage",
    "unknown",
    "with_fields",
    "with_former_stages",
]


class NoCustomFields(Entity):
    """The custom fields of a host that defines none."""


Custom = TypeVar("Custom", bound=Entity, default=NoCustomFields)

NO_EMAIL, NO_PHONE = Email(), Phone()


class Lead(Entity, Generic[Custom]):
    """Everything known of one person; ``Lead[MyFields]`` has your own fields in ``custom``.

    Nested values are never None: ``lead.company.domain`` always works. ``version`` counts the Changes that wrote it.
    """

    __former_stages__: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The present stage for each one that is gone; see ``with_former_stages``."""
    __data_quality__: ClassVar[object] = None
    """How the quality of these leads is measured, if not as by default; see ``leadflow.data_quality``."""

    id: LeadId
    version: int = Field(default=0, ge=0)
    created_at: Moment
    recorded_at: Moment
    """When the last fact was recorded."""

    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    social: tuple[SocialProfile, ...] = ()
    address: Address = Address()
    external_ids: tuple[ExternalId, ...] = ()
    visitors: tuple[Line, ...] = ()
    """The cookies or devices on which this person was seen."""

    person: Person = Person()
    company: Company = Company()
    placement: Placement | None = None
    """The account that somebody has put the lead into."""
    persona: Line | None = None
    interests: tuple[Line, ...] = ()
    pain_points: tuple[Line, ...] = ()
    product_interest: tuple[Line, ...] = ()
    intended_use: Line | None = None
    buying_role: BuyingRole | None = None
    budget: Number | None = None
    authority: bool | None = None
    need: Text | None = None
    timing: date | None = None
    note: Text | None = None
    custom: Custom = Field(default_factory=dict, validate_default=True)  # {} is read as Custom

    source: Line | None = None
    """Where the lead first came from."""
    touches: tuple[Touch, ...] = ()
    referred_by: LeadId | None = None
    consents: tuple[Consent, ...] = ()
    findings: tuple[Finding, ...] = ()
    confirmed: Confirmed = Confirmed()
    """When each group of fields was last confirmed, and by what."""
    enrichments: tuple[Enrichment, ...] = ()
    """What each source knows of this lead: it fills blanks, and replaces nothing that somebody said."""
    enriched: tuple[Line, ...] = ()
    """The paths of the blanks that are filled in this way: ``company.employees``."""
    left_blank: tuple[Line, ...] = ()
    """The paths that the team has emptied on purpose: no source fills them."""
    withdrawn_sources: tuple[Line, ...] = ()
    """The sources that were taken back: they are not asked about this lead again by themselves."""
    twins: tuple[Twin, ...] = ()
    not_same: tuple[LeadId, ...] = ()
    """The leads that somebody has decided to be other people, whatever they look like."""
    absorbed: tuple[LeadId, ...] = ()
    """The visitors and leads that are this one: their ids lead here."""
    merged: tuple[LeadId, ...] = ()
    """Those of them that were merged: their activities stay under their own ids, and count here."""
    absorbed_by: LeadId | None = None

    stage: Line = "prospect"
    entered_at: Moment | None = None
    """When the current stage was entered."""
    last_move: Line | None = None
    moved_by: ActorKind | None = None
    """The move that led to the current stage, and who made it."""
    rounds: int = Field(default=0, ge=0)
    """How often sales has returned the lead."""
    reason: Line | None = None
    """Why the lead was last moved back or disqualified."""
    revisit: date | None = None
    cool_at: Moment | None = None
    """When the lead will return from MQL to lead by ageing alone."""
    qualify_at: Moment | None = None
    """When the lead will become an MQL by ageing alone: negative points fade, and activities dated ahead arrive."""
    awaited_at: Moment | None = None
    """The earliest moment of everything dated ahead: a consent, an activity, a move."""
    owner: Line | None = None
    queue: Line | None = None
    route: Route | None = None
    deadline: Deadline | None = None
    enrolments: tuple[Enrolment, ...] = ()
    deals: tuple[Deal, ...] = ()
    score: Score = Score()
    adjustments: tuple[Adjustment, ...] = ()
    """Points that people gave or took by hand."""
    acted_in: int = Field(default=0, ge=0)
    """The version that last recorded or retracted an activity, or 0. An engagement state from before it is wrong."""

    @property
    def email(self) -> Email:
        """The address for mail: the first verified one, else the first claimed one, else an empty one."""
        first = NO_EMAIL
        for email in self.emails:
            if email.claimed and email.verified:
                return email
            if email.claimed and first is NO_EMAIL:
                first = email
        return first

    @property
    def phone(self) -> Phone:
        """The first phone number, or an empty one."""
        return self.phones[0] if self.phones else NO_PHONE

    @property
    def is_reachable(self) -> bool:
        """A contact point is known: an e-mail address, a phone number, a social profile or a postal address."""
        return bool(
            self.emails
            or self.phones
            or self.social
            or self.address.is_deliverable
            or any(external.reachable for external in self.external_ids)
        )

    @property
    def account(self) -> str | None:
        """What colleagues share: where somebody put the lead, else the company's domain, else its name and country.

        None without a company. ``mail.acme.co.uk`` is ``acme.co.uk``; spellings of a name are one (``muller|DE``).
        """
        own, put = own_account(self.company), self.placement
        return put.account if put is not None and put.counts(own) else own

    @property
    def confirmed_role(self) -> BuyingRole | None:
        """The buying role that the team has given or confirmed; None if at most a submission says one."""
        return self.buying_role if self.confirmed.buying_role.by in BY_TEAM else None

    @property
    def text(self) -> str:
        """The text by which people search for this lead: name, company, e-mail addresses, phone numbers."""
        person, company = self.person, self.company
        parts = [person.first_name, person.last_name, company.name, company.domain]
        parts += [email.address for email in self.emails]
        parts += [form for phone in self.phones for form in dialled_forms(phone)]
        return " ".join(part for part in parts if part)

    @property
    def consented(self) -> tuple[str, ...]:
        """The purposes and channels with consent, as ``purpose/channel``: ``newsletter/email``."""
        last = last_words(self.consents)
        return tuple(f"{purpose}/{channel}" for (purpose, channel), said in last.items() if said.status == "given")

    def consent(self, purpose: str, channel: Channel) -> Consent | None:
        """Return the statement that counts for this purpose and channel."""
        return last_words(self.consents).get((purpose, channel))

    def deal(self, deal_id: str | None) -> Deal | None:
        """Return the deal with this id; without an id, the open deal, else the last one."""
        if deal_id is not None:
            return next((deal for deal in self.deals if deal.id == deal_id), None)
        deals = [deal for deal in self.deals if deal.status == "open"] or self.deals
        return deals[-1] if deals else None


def unknown(lead_type: type[Lead[Custom]], lead_id: LeadId, at: datetime) -> Lead[Custom]:
    """Return a lead with nothing known yet."""
    return _unknown(lead_type).but(id=lead_id, created_at=at, recorded_at=at)


@lru_cache(maxsize=64)
def _unknown(lead_type: type[Lead[Any]]) -> Lead[Any]:
    return lead_type(id="", created_at=datetime.min.replace(tzinfo=UTC), recorded_at=datetime.min.replace(tzinfo=UTC))


@lru_cache(maxsize=1024)
def field_of(lead_type: type[Lead[Any]], name: str) -> TypeAdapter[Any]:
    """Return the type adapter for the JSON form of a top-level field; ``KeyError`` if there is no such field."""
    annotation: Any = lead_type.model_fields[name].annotation
    return TypeAdapter(annotation)


def with_fields(lead: Lead[Custom], values: Mapping[str, object]) -> Lead[Custom]:
    """Return the lead with top-level fields replaced, each validated (JSON forms are read as their types)."""
    return lead.but(**{name: field_of(type(lead), name).validate_python(value) for name, value in values.items()})


def with_former_stages(lead_type: type[Lead[Any]], present: Mapping[str, str]) -> type[Lead[Any]]:
    """Return the class of leads that are in a present stage wherever one is stored that is gone."""
    return _with_former_stages(lead_type, tuple(sorted(present.items()))) if present else lead_type


@lru_cache(maxsize=64)
def _with_former_stages(lead_type: type[Lead[Any]], present: tuple[tuple[str, str], ...]) -> type[Lead[Any]]:
    names = {"__module__": lead_type.__module__, "__doc__": lead_type.__doc__}
    meta: Any = type(lead_type)
    kind: type[Lead[Any]] = meta(lead_type.__name__, (lead_type,), names)
    kind.__former_stages__ = MappingProxyType(dict(present))
    return kind


def present_stage(lead_type: type[Lead[Any]], stage: str) -> str:
    """Return the stage in which a lead is that was stored in this one."""
    return lead_type.__former_stages__.get(stage, stage)


def present_deadline(lead_type: type[Lead[Any]], deadline: Deadline | None) -> Deadline | None:
    """Return a stored deadline, of the present stage."""
    if deadline is None or deadline.stage not in lead_type.__former_stages__:
        return deadline
    return deadline.but(stage=lead_type.__former_stages__[deadline.stage])
