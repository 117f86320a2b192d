"""Accounts: finding colleagues, and evaluating them again when one of them changes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from leadflow.decisions.policy import AT_ONCE, Policy
from leadflow.entities import Lead, Task
from leadflow.entities.folding import name_key
from leadflow.events import (
    AccountChanged,
    ActivityRecorded,
    ActivityRetracted,
    AdjustmentEnded,
    DealChanged,
    DetailsCorrected,
    EnrichmentWithdrawn,
    Fact,
    LeadCaptured,
    LeadEnriched,
    LeadErased,
    LeadsMerged,
    LeadsUnmerged,
    ScoreAdjusted,
    StageChanged,
    VisitorAbsorbed,
)

__all__ = ["account_digest", "account_index", "account_key", "account_tasks", "company_index", "company_key_of"]

TELLING: Final = (
    AccountChanged, ActivityRecorded, ActivityRetracted, AdjustmentEnded, DealChanged, DetailsCorrected,
    EnrichmentWithdrawn, LeadCaptured, LeadEnriched, LeadErased, LeadsMerged, LeadsUnmerged, ScoreAdjusted,
    VisitorAbsorbed,
)  # fmt: skip
"""The facts that affect a lead's account; its colleagues ignore all others."""


def account_index(lead: Lead[Any]) -> frozenset[str]:
    """Return the index entry by which colleagues are found; it is not used for finding twins."""
    return frozenset() if lead.account is None else frozenset({account_key(lead.account)})


def account_key(account: str) -> str:
    """Return the index entry of the leads in an account."""
    return f"account|{account_digest(account)}"


def company_index(lead: Lead[Any]) -> frozenset[str]:
    """Return the index entry by which leads are found whose company is spelled alike, whatever their account."""
    return frozenset() if lead.company.name is None else frozenset({company_key_of(lead.company.name)})


def company_key_of(name: str) -> str:
    """Return the index entry of the leads with a company of this name, in any spelling."""
    return f"company|{account_digest(name_key(name))}"


def account_tasks(
    policy: Policy, before: Lead[Any] | None, after: Lead[Any] | None, facts: Sequence[Fact]
) -> list[Task]:
    """Return the tasks to evaluate a lead's colleagues, present and former, if a rule uses accounts."""
    scorer = policy.scoring
    if scorer is None or not scorer.needs_account or not any(_tells(policy, fact) for fact in facts):
        return []
    accounts = {lead.account for lead in (before, after) if lead is not None and lead.account is not None}
    return [_task(account) for account in sorted(accounts)]


def _tells(policy: Policy, fact: Fact) -> bool:
    """Whether a fact affects the account: who is disqualified leaves its buying center, and may return."""
    outside = policy.lifecycle.outside
    if isinstance(fact, StageChanged):
        return (fact.source in outside) != (fact.target in outside)
    return isinstance(fact, TELLING)


def _task(account: str) -> Task:
    """The task of an account; it belongs to no lead, and stays when one is erased."""
    digest = account_digest(account)
    return Task(key=f"colleagues:{digest}", kind="colleagues", due_at=AT_ONCE, payload={"of": f"account|{digest}"})


def account_digest(account: str) -> str:
    """Return the short form of an account's key, for keys of the storage."""
    return sha256(account.encode("utf-8", "replace")).hexdigest()[:32]
