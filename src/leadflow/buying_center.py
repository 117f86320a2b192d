"""The buying center: roles, their coverage and scores, from all leads of a company.

An account is computed from its leads, never stored (``Account`` defines what rules can use).
"""

# No `from __future__ import annotations`: pydantic reads these annotations.

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, get_args

from pydantic import Field

from leadflow.entities import Account, Activity, BuyingRole, Deal, Finding, Lead, LeadId, Line, RoleProposal
from leadflow.entities.definition import Definition, Name
from leadflow.entities.score import rounded_down
from leadflow.languages import ENGLISH

__all__ = [
    "BUYING_ROLES",
    "AccountView",
    "BuyingCenter",
    "BuyingCenterState",
    "CenterMember",
    "Member",
    "RoleState",
    "account_name",
    "account_of",
    "buying_center_of",
    "with_advice",
]

BUYING_ROLES: Final[tuple[BuyingRole, ...]] = get_args(BuyingRole)
"""All roles of a buying center."""
SHOWN: Final = 5
"""The names that are shown of a role."""


def account_name(leads: Iterable[Lead[Any]]) -> str | None:
    """Return the spelling of an account's name: that of most of its leads, of several the one that came first."""
    named = [lead for lead in leads if lead.company.name is not None]
    counts = Counter(lead.company.name for lead in named)
    first = min(named, key=lambda lead: (-counts[lead.company.name], lead.created_at, lead.id), default=None)
    return first.company.name if first is not None else None


class Member(NamedTuple):
    """A lead as part of its account; its scores are those without rules on the account.

    ``role`` is the one that it covers: confirmed by the team, of a lead that was not disqualified.
    """

    fit: float = 0.0
    engagement: float = 0.0
    role: BuyingRole | None = None
    has_bought: bool = False


def account_of(key: str, members: Iterable[Member], centers: Iterable["BuyingCenter"]) -> Account:
    """Return the account of these leads, beside the templates that are for it.

    ``missing`` are the roles that any of them lacks, ``coverage`` is that of the one with the least.
    """
    members, centers = list(members), list(centers)
    roles = Counter(member.role for member in members if member.role is not None)
    missing = {role for center in centers for role in center.missing(roles)}
    return Account(
        key=key,
        leads=len(members),
        engaged=sum(member.engagement > 0 for member in members),
        fit=max((member.fit for member in members), default=0.0),
        engagement=fsum(member.engagement for member in members),
        roles=tuple(role for role in BUYING_ROLES if role in roles),
        missing=tuple(role for role in BUYING_ROLES if role in missing),
        coverage=min((center.coverage(roles) for center in centers), default=100.0),
        customers=sum(member.has_bought for member in members),
    )


class BuyingCenter(Definition):
    """Who must be won to sell a product: how many of each role, and what the engagement of each counts.

    It is for accounts where somebody is interested in the ``product``; without one, for all.
    """

    positional = ("name", "wanted")

    name: Name
    wanted: dict[BuyingRole, Annotated[int, Field(ge=1, le=100)]] = Field(min_length=1)
    weights: dict[BuyingRole, Annotated[float, Field(ge=0, le=100)]] = Field(default_factory=dict)
    """What the engagement of a role is multiplied by; 1 for others, and for leads without a role."""
    product: Line | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            wanted: Mapping[BuyingRole, int],
            *,
            weights: Mapping[BuyingRole, float] = ...,
            product: str | None = None,
        ) -> None: ...

    def coverage(self, held: Mapping[BuyingRole, int]) -> float:
        """Return how much of it leads with these roles fill, in percent."""
        filled = sum(min(held.get(role, 0), number) for role, number in self.wanted.items())
        return 100 * filled / sum(self.wanted.values())

    def missing(self, held: Mapping[BuyingRole, int]) -> tuple[BuyingRole, ...]:
        """Return the roles of which leads with these roles are too few."""
        return tuple(role for role in BUYING_ROLES if held.get(role, 0) < self.wanted.get(role, 0))

    def suits(self, leads: Iterable[Lead[Any]]) -> bool:
        """Whether it is for an account with these leads."""
        product = self.product and self.product.casefold()
        return product is None or any(product == one.casefold() for lead in leads for one in lead.product_interest)


class CenterMember(NamedTuple):
    """A lead as part of a buying center: its role if the team has confirmed one, and the proposals otherwise."""

    lead_id: LeadId
    name: str
    role: BuyingRole | None = None
    proposals: tuple[RoleProposal, ...] = ()
    engagement: float = 0.0

    @property
    def likely(self) -> RoleProposal | None:
        """The most likely proposal; none if the role is known."""
        return self.proposals[0] if self.role is None and self.proposals else None


class RoleState(NamedTuple):
    """One role of a buying center: how many are wanted, who has it, and who probably has it."""

    role: BuyingRole
    wanted: int
    held: tuple[CenterMember, ...]
    likely: tuple[CenterMember, ...]

    @property
    def missing(self) -> int:
        """How many are still to be won."""
        return max(self.wanted - len(self.held), 0)


class BuyingCenterState(NamedTuple):
    """An account beside a template: role by role, in per cent, and whom to win next.

    ``coverage`` counts confirmed roles only; ``engagement`` is that of all leads, weighted by role.
    """

    name: str
    roles: tuple[RoleState, ...]
    coverage: float
    engagement: float

    @property
    def missing(self) -> tuple[BuyingRole, ...]:
        """The roles of which some are still to be won."""
        return tuple(state.role for state in self.roles if state.missing)

    @property
    def next(self) -> RoleState | None:
        """The role to win next: where somebody likely is known, else the one that lacks most, in order of the roles."""
        lacking = [state for state in self.roles if state.missing]
        return max(lacking, key=lambda state: (bool(state.likely), state.missing), default=None)

    @property
    def advice(self) -> str | None:
        """What to do next, in a sentence: confirm somebody in a role, or find somebody."""
        state = self.next
        if state is None:
            return None
        if not state.likely:
            return f"find somebody as {state.role}: nobody is known"
        member = state.likely[0]
        assert member.likely is not None
        because = "; ".join(member.likely.because)
        return f"win {member.name} as {state.role} ({member.likely.confidence:.0%}: {because})"


def buying_center_of(template: BuyingCenter, members: Iterable[CenterMember]) -> BuyingCenterState:
    """Return how far an account's leads fill a template."""
    members = sorted(members, key=lambda one: (-one.engagement, one.lead_id))
    states = tuple(
        RoleState(
            role,
            template.wanted[role],
            tuple(one for one in members if one.role == role),
            tuple(
                sorted(
                    (one for one in members if one.likely is not None and one.likely.role == role),
                    key=lambda one: -one.proposals[0].confidence,
                )
            ),
        )
        for role in BUYING_ROLES
        if role in template.wanted
    )
    held, weights = Counter(one.role for one in members if one.role is not None), template.weights
    engagement = fsum(one.engagement * (weights.get(one.role, 1.0) if one.role else 1.0) for one in members)
    return BuyingCenterState(template.name, states, template.coverage(held), engagement)


def with_advice(account: Account, centers: Iterable[BuyingCenterState], lead_id: LeadId | None = None) -> Account:
    """Return the account with the role to win next, and the one that this lead is to be won for."""
    advising = sorted((one for one in centers if one.next is not None), key=lambda one: one.coverage)
    following = [one.next for one in advising if one.next is not None]
    mine = (one.role for one in following if one.likely and one.likely[0].lead_id == lead_id)
    return account.but(next_role=following[0].role if following else None, win_as=next(mine, None))


@dataclass(frozen=True)
class AccountView:
    """Everything about an account at one moment: its leads, whose they are, deals, activities, score, buying centers.

    ``leads`` are a page of them, in order of id; ``next`` is for the next page. All else is of up to 200 leads, the
    ``activities`` are the newest ones of those on the page. ``count`` is the number of all leads.
    """

    key: str
    name: str | None
    spellings: Mapping[str, int]
    """Every spelling of the company's name, with the number of leads that have it."""
    count: int
    leads: tuple[Lead[Any], ...]
    owners: Mapping[str, int]
    """The reps that own its leads, the one with the most first."""
    deals: tuple[tuple[LeadId, Deal], ...]
    activities: tuple[Activity, ...]
    score: Account
    centers: tuple[BuyingCenterState, ...]
    members: tuple[CenterMember, ...]
    findings: tuple[tuple[LeadId, Finding], ...]
    at: datetime
    next: str | None = None

    @property
    def owner(self) -> str | None:
        """The rep that owns most of its leads."""
        return next(iter(self.owners), None)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Return what ``str`` joins, one entry per line."""
        score = self.score
        yield f"{self.name or self.key} ({self.key}): {self.count} leads, {score.engaged} of them engaged"
        yield f"  score {rounded_down(score.score)}: best fit {rounded_down(score.fit)}, engagement of all " + (
            f"{rounded_down(score.engagement)}"
        )
        if self.owners:
            yield "  owners: " + ", ".join(f"{rep} {number}" for rep, number in self.owners.items())
        for lead_id, deal in self.deals:
            worth = f", {deal.amount} {deal.currency or ''}".rstrip() if deal.amount is not None else ""
            yield f"  deal {deal.id} of {lead_id}: {deal.status}{worth}"
        for center in self.centers:
            yield f"  buying center {center.name}: {center.coverage:.0f} % covered"
            for state in center.roles:
                held = _first_of([one.name for one in state.held]) or "nobody"
                likely = _first_of([f"{one.name} {one.proposals[0].confidence:.0%}" for one in state.likely])
                yield f"    {state.role} ({len(state.held)} of {state.wanted}): {held}" + (
                    f"; perhaps {likely}" if likely else ""
                )
            if center.advice:
                yield f"    next: {center.advice}"
        for lead_id, finding in self.findings:
            yield f"  {lead_id}: {finding.text_in(ENGLISH)}"


def _first_of(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
