"""The buying center: roles, their coverage and scores, from all leads of a company.

An account is computed from its leads, never stored (``Account`` defines what rules can use).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from math import fsum
from typing import Any, Final, NamedTuple, get_args

from leadflow.entities import Account, BuyingRole, Lead

__all__ = ["BUYING_ROLES", "Member", "account_name", "account_of"]

BUYING_ROLES: Final[tuple[BuyingRole, ...]] = get_args(BuyingRole)
"""All roles of a buying center."""


def account_name(leads: Iterable[Lead[Any]]) -> str | None:
    """Return the spelling of an account's name: that of most of its leads, of several the one that came first."""
    named = [lead for lead in leads if lead.company.name is not None]
    counts = Counter(lead.company.name for lead in named)
    first = min(named, key=lambda lead: (-counts[lead.company.name], lead.created_at, lead.id), default=None)
    return first.company.name if first is not None else None


class Member(NamedTuple):
    """A lead as part of its account; its scores are those without rules on the account."""

    fit: float = 0.0
    engagement: float = 0.0
    role: BuyingRole | None = None
    has_bought: bool = False


def account_of(key: str, members: Iterable[Member], wanted: Collection[BuyingRole] = BUYING_ROLES) -> Account:
    """Return the account of these leads; ``coverage`` is the percentage of wanted roles that are known."""
    members = list(members)
    roles = {member.role for member in members if member.role is not None}
    return Account(
        key=key,
        leads=len(members),
        engaged=sum(member.engagement > 0 for member in members),
        fit=max((member.fit for member in members), default=0.0),
        engagement=fsum(member.engagement for member in members),
        roles=tuple(role for role in BUYING_ROLES if role in roles),
        coverage=100 * len(roles & {*wanted}) / len({*wanted}) if wanted else 100.0,
        customers=sum(member.has_bought for member in members),
    )
