"""Sides: the two leads of a merge while it is taken back, and what has gone to each of them."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as default
from datetime import datetime
from json import loads
from typing import Any, NamedTuple, TypeAlias

from leadflow.entities import Lead, LeadId, lead_json
from leadflow.events import ActivityRecorded, ActivityRetracted, Fact, apply

__all__ = ["FactPlace", "FactStep", "FactVersion", "Separation", "holds", "place_of", "stored_fields", "version_of"]

FactVersion: TypeAlias = tuple[LeadId, int]
FactPlace: TypeAlias = tuple[LeadId, int, int]
"""Where a fact is: whose it is, its version and number."""


class FactStep(NamedTuple):
    """A fact, and a lead before and after it."""

    fact: Fact
    before: Lead[Any]
    after: Lead[Any]


@dataclass
class Separation:
    """The two leads, as far as the facts have been gone through.

    ``given`` are the facts that went to the absorbed one; ``steps`` is all by which it changed, ``kept`` all by which
    the survivor did.
    """

    lead: Lead[Any]
    other: Lead[Any]
    journey_of_other: bool
    done: frozenset[str] = frozenset()
    done_by_other: frozenset[str] = frozenset()
    """Ids of activities: the survivor's, with those of the time as one lead; the absorbed lead's."""
    given: list[FactPlace] = default(default_factory=list)
    steps: list[FactStep] = default(default_factory=list)
    kept: list[FactStep] = default(default_factory=list)
    conflicts: dict[str, None] = default(default_factory=dict)
    acted: list[ActivityRecorded] = default(default_factory=list)
    retracted: dict[str, ActivityRetracted] = default(default_factory=dict)
    submitted: dict[FactVersion, bool | None] = default(default_factory=dict)
    """Whether a submission is the absorbed lead's; None if it has nobody's address or number."""
    followed: set[FactVersion] = default(default_factory=set)
    """The versions in which a submission of the absorbed lead came in: what else it caused is this lead's, too."""
    visitors: list[LeadId] = default(default_factory=list)
    """The anonymous visitors that turned out to be the absorbed lead."""
    closed: dict[tuple[FactVersion, datetime], str] = default(default_factory=dict)
    """The ids of the deals that were won or lost, by version and moment."""
    mailed: set[FactVersion] = default(default_factory=set)
    """The versions in which the outcome of a message became known."""

    def to_lead(self, fact: Fact) -> None:
        """Give a fact to the survivor."""
        self.make_lead(apply(self.lead, fact), fact)

    def to_other(self, fact: Fact) -> None:
        """Give a fact to the absorbed lead."""
        self.given.append(place_of(fact))
        self.make_other(apply(self.other, fact), fact)

    def to_both(self, fact: Fact) -> None:
        """Give a fact to both: it stays with the survivor, too."""
        self.to_lead(fact)
        self.make_other(apply(self.other, fact), fact)

    def make_lead(self, lead: Lead[Any], fact: Fact) -> None:
        """Change the survivor because of a fact."""
        self.kept.append(FactStep(fact, self.lead, lead))
        self.lead = lead

    def make_other(self, other: Lead[Any], fact: Fact) -> None:
        """Change the absorbed lead because of a fact."""
        self.steps.append(FactStep(fact, self.other, other))
        self.other = other


def version_of(fact: Fact) -> FactVersion:
    """Return whose a fact is, and its version."""
    return fact.lead_id, fact.version


def place_of(fact: Fact) -> FactPlace:
    """Return whose a fact is, its version and number."""
    return fact.lead_id, fact.version, fact.seq


def stored_fields(lead: Lead[Any]) -> dict[str, Any]:
    """Return a lead as the fact of an undoing has it: JSON values, without those that it has by default."""
    fields: dict[str, Any] = loads(lead_json(lead, exclude_defaults=True))
    return fields


def holds(lead: Lead[Any], point: str | None) -> int:
    """Whether an address or a number is one of the lead's: 2 if it has claimed it, 1 if it only lists it, else 0."""
    if point is None:
        return 0
    emails = {one.address.casefold(): 1 + one.claimed for one in lead.emails if one.address}
    return emails.get(point.casefold(), int(point in {one.number for one in lead.phones}))
