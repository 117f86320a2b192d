"""What the host decided beforehand: all rules in one value, checked against the lead's fields when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from leadflow.entities import CLOCK_SKEW, Actor, Lead
from leadflow.lifecycle import DEFAULT, Lifecycle, Qualification
from leadflow.nurturing import Content, Sequence
from leadflow.routing import Router
from leadflow.scoring import Scorer
from leadflow.service import ServiceLevel
from leadflow.worktime import BusinessHours

__all__ = ["ATTEMPTS", "AT_ONCE", "ROUTE_AFTER", "SYSTEM", "THE_POLICY", "CommandContext", "Policy", "retry_at"]

SYSTEM = Actor(kind="system")
THE_POLICY = Actor(kind="policy")
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a task is due that waits for nothing: also if the clock was ahead when it was put."""
ROUTE_AFTER = timedelta(seconds=30)
"""How long the routing that follows a capture may take before the task does it instead."""


@dataclass(frozen=True)
class Policy:
    """The host's rules, bound to its class of lead."""

    lead_type: type[Lead[Any]] = Lead
    lifecycle: Lifecycle = DEFAULT
    scoring: Scorer | None = None
    qualification: Qualification | None = None
    router: Router | None = None
    sequences: Mapping[str, Sequence] = field(default_factory=dict)
    contents: tuple[Content, ...] = ()
    service_levels: Mapping[str, ServiceLevel] = field(default_factory=dict)
    country: str | None = None
    sender: str = "leadflow"
    unsubscribe_url: str | None = None
    quiet: BusinessHours | None = None
    secrets: tuple[bytes, ...] = ()
    delivers: bool = True
    """Somebody may subscribe to facts, here or in another process."""

    @property
    def moves_by_age(self) -> bool:
        """It can tell when a lead cools or qualifies by ageing alone; without that, what is planned stays planned."""
        return self.qualification is not None and self.scoring is not None

    def wants_owner(self, lead: Lead[Any]) -> bool:
        """The lead is for sales, and neither a rep nor a queue has it, whichever process has the router."""
        is_for_sales = self.lifecycle.stage(lead.stage).kind in ("marketing", "sales")
        return is_for_sales and not lead.owner and not lead.queue


@dataclass(frozen=True)
class CommandContext:
    """When a command is given, when what it tells happened, and who gave it."""

    now: datetime
    by: Actor = SYSTEM
    at: datetime | None = None
    clock: datetime | None = None
    """What the clock says, if a decision has to take another moment for now."""

    @property
    def recorded_at(self) -> datetime:
        """When it is recorded: what the clock says."""
        return self.clock or self.now

    @property
    def happened_at(self) -> datetime:
        """When it happened: now, unless the command says otherwise; slightly ahead of our clock is now as well."""
        if self.at is None or timedelta(0) < self.at - self.now <= CLOCK_SKEW:
            return self.now
        return self.at


FIRST_RETRY = timedelta(minutes=1)
ATTEMPTS = 8


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """Return when a task that failed after ``attempts`` earlier failures is tried again: in a minute, then doubled.

    None after eight failures: it becomes a dead letter.
    """
    return None if attempts + 1 >= ATTEMPTS else now + FIRST_RETRY * 2**attempts
