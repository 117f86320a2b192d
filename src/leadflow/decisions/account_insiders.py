"""Insiders: the leads of an account in its buying centers, with the roles that are confirmed and those proposed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from leadflow.buying_center import BuyingCenterState, CenterMember, Member, buying_center_of
from leadflow.decisions.policy import Policy
from leadflow.entities import Activity, Lead, RoleProposal
from leadflow.quality.buying_roles import RoleModel

__all__ = ["Insider", "center_members", "center_states"]


@dataclass(frozen=True)
class Insider:
    """A lead of an account: what it counts for there, and what it has done; roles are proposed once."""

    lead: Lead[Any]
    member: Member
    activities: Sequence[Activity] = ()
    _proposed: dict[bool, tuple[RoleProposal, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def began(self) -> tuple[datetime, str] | None:
        """When it did something for the first time; the second value decides between equal moments."""
        return min(((one.happened_at, one.id) for one in self.activities), default=None)

    def proposals(self, model: RoleModel, *, first: bool) -> tuple[RoleProposal, ...]:
        """Return the roles that it may have; none if its role is confirmed."""
        if self.member.role is not None:
            return ()
        if first not in self._proposed:
            self._proposed[first] = model.propose(self.lead, self.activities, first=first)
        return self._proposed[first]


def center_members(policy: Policy, insiders: Iterable[Insider]) -> list[CenterMember]:
    """Return who of an account counts in its buying centers: all but those who were disqualified."""
    inside = [one for one in insiders if policy.is_in_center(one.lead)]
    begun = [one for one in inside if one.began is not None]
    first = min(begun, key=lambda one: (one.began, one.lead.id), default=None) if len(inside) > 1 else None
    return [
        CenterMember(
            one.lead.id,
            one.lead.person.full_name or one.lead.email.address or one.lead.id,
            one.member.role,
            one.proposals(policy.role_model, first=one is first),
            one.member.engagement,
        )
        for one in inside
    ]


def center_states(
    policy: Policy, insiders: Sequence[Insider], members: Iterable[CenterMember]
) -> tuple[BuyingCenterState, ...]:
    """Return the account beside every template that is for it."""
    members = list(members)
    templates = policy.centers_for([one.lead for one in insiders])
    return tuple(buying_center_of(template, members) for template in templates)
