"""The policy of the host: all rules in one value, checked against the lead's fields when it is created."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from leadflow.buying_center import BUYING_ROLES, BuyingCenter
from leadflow.enrichment.enricher import Enricher
from leadflow.entities import CLOCK_SKEW, Actor, BuyingRole, Lead
from leadflow.errors import InvalidInput
from leadflow.lifecycle import DEFAULT, Lifecycle, Qualification
from leadflow.nurturing import Content, Sequence
from leadflow.quality import MAJOR_CITIES, Gazetteer
from leadflow.quality.buying_roles import RoleModel
from leadflow.routing import Router, Team
from leadflow.scoring import Scorer
from leadflow.service import ServiceLevel
from leadflow.worktime import BusinessHours

__all__ = [
    "ATTEMPTS",
    "AT_ONCE",
    "FIRST_RETRY",
    "ROUTE_AFTER",
    "SYSTEM",
    "THE_POLICY",
    "UNTAUGHT",
    "CommandContext",
    "Policy",
    "retry_at",
]

SYSTEM = Actor(kind="system")
THE_POLICY = Actor(kind="policy")
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""The due time of tasks that need not wait, valid even if the clock was ahead when they were put."""
UNTAUGHT = RoleModel()
"""Proposes buying roles by the table alone."""
ROUTE_AFTER = timedelta(seconds=30)
"""How long the routing after a capture may take before its task runs instead."""


@dataclass(frozen=True)
class Policy:
    """The host's rules, bound to its class of lead."""

    lead_type: type[Lead[Any]] = Lead
    lifecycle: Lifecycle = DEFAULT
    scoring: Scorer | None = None
    qualification: Qualification | None = None
    router: Router | None = None
    teams: tuple[Team, ...] = ()
    sequences: Mapping[str, Sequence] = field(default_factory=dict)
    contents: tuple[Content, ...] = ()
    service_levels: Mapping[str, ServiceLevel] = field(default_factory=dict)
    buying_centers: tuple[BuyingCenter, ...] = ()
    role_model: RoleModel = UNTAUGHT
    enrichers: Mapping[str, Enricher] = field(default_factory=dict)
    country: str | None = None
    gazetteer: Gazetteer | None = MAJOR_CITIES
    sender: str = "leadflow"
    unsubscribe_url: str | None = None
    quiet: BusinessHours | None = None
    secrets: tuple[bytes, ...] = ()
    delivers: bool = True
    """Whether somebody may subscribe to facts, in this or any other process."""

    @property
    def moves_by_age(self) -> bool:
        """Whether it can compute when a lead cools or qualifies by ageing alone; otherwise existing plans are kept."""
        return self.qualification is not None and self.scoring is not None

    @property
    def roster(self) -> frozenset[str]:
        """Everybody who may act as a rep: the reps of the router and the people of the teams; empty: anybody may."""
        reps = frozenset(self.router.reps) if self.router is not None else frozenset()
        return reps.union(*(team.people for team in self.teams))

    @property
    def scorer(self) -> Scorer:
        """The bound scoring model; ``InvalidInput`` if there is none."""
        if self.scoring is None:
            raise InvalidInput("scoring", None, "give LeadFlow a scoring model: LeadFlow(…, scoring=ScoringModel(…))")
        return self.scoring

    def is_in_center(self, lead: Lead[Any]) -> bool:
        """Whether a lead counts in the buying center of its company; one that was disqualified does not."""
        return lead.stage not in self.lifecycle.outside

    def centers_for(self, leads: Collection[Lead[Any]]) -> tuple[BuyingCenter, ...]:
        """Return the templates that an account with these leads is compared with, at least one."""
        suiting = tuple(one for one in self.buying_centers if one.suits(leads))
        roles = (self.scoring.model.buying_roles if self.scoring is not None else ()) or BUYING_ROLES
        return suiting or (_one_of_each(roles),)

    def wants_owner(self, lead: Lead[Any]) -> bool:
        """Whether the lead is for sales but has neither a rep nor a queue, whichever process has the router."""
        is_for_sales = self.lifecycle.stage(lead.stage).kind in ("marketing", "sales")
        return is_for_sales and not lead.owner and not lead.queue

    def next_offer(self, lead: Lead[Any]) -> datetime | None:
        """When a lead that a router put into its queue is first offered again, if nobody has taken it yet."""
        is_for_sales = self.lifecycle.stage(lead.stage).kind in ("marketing", "sales")
        waits = is_for_sales and lead.queue and not lead.owner
        return lead.route.next_offer_at if waits and lead.route is not None else None


@lru_cache(maxsize=16)
def _one_of_each(roles: tuple[BuyingRole, ...]) -> BuyingCenter:
    """The template for accounts that none of the host's is for."""
    return BuyingCenter("default", dict.fromkeys(roles, 1))


@dataclass(frozen=True)
class CommandContext:
    """When a command is given, when its event happened, and who gave it."""

    now: datetime
    by: Actor = SYSTEM
    at: datetime | None = None
    clock: datetime | None = None
    """The clock's time, if the decision uses a different moment as now."""

    @property
    def recorded_at(self) -> datetime:
        """The recording time: the clock's."""
        return self.clock or self.now

    @property
    def happened_at(self) -> datetime:
        """The time of the event: now by default; a moment slightly ahead of our clock also counts as now."""
        if self.at is None or timedelta(0) < self.at - self.now <= CLOCK_SKEW:
            return self.now
        return self.at


FIRST_RETRY = timedelta(minutes=1)
ATTEMPTS = 8


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """Return when to retry a task that failed after ``attempts`` earlier failures: in a minute, then doubled.

    None after eight failures: it becomes a dead letter.
    """
    return None if attempts + 1 >= ATTEMPTS else now + FIRST_RETRY * 2**attempts
