"""Accounts: finding colleagues, and evaluating them again when one of them changes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from leadflow.decisions.policy import AT_ONCE, Policy
from leadflow.entities import Lead, Task
from leadflow.events import (
    ActivityRecorded,
    ActivityRetracted,
    AdjustmentEnded,
    DealChanged,
    DetailsCorrected,
    Fact,
    LeadCaptured,
    LeadErased,
    LeadsMerged,
    LeadsUnmerged,
    ScoreAdjusted,
    VisitorAbsorbed,
)

__all__ = ["account_index", "account_tasks"]

TELLING: Final = (
    ActivityRecorded, ActivityRetracted, AdjustmentEnded, DealChanged, DetailsCorrected, LeadCaptured, LeadErased,
    LeadsMerged, LeadsUnmerged,     ScoreAdjusted, VisitorAbsorbed,
)  # fmt: skip
"""The facts that affect a lead's account; its colleagues ignore all others."""


def account_index(lead: Lead[Any]) -> frozenset[str]:
    """Return the index entry by which colleagues are found; it is not used for finding twins."""
    return frozenset() if lead.account is None else frozenset({f"account|{_digest(lead.account)}"})


def account_tasks(
    policy: Policy, before: Lead[Any] | None, after: Lead[Any] | None, facts: Sequence[Fact]
) -> list[Task]:
    """Return the tasks to evaluate a lead's colleagues, present and former, if a rule uses accounts."""
    scorer = policy.scoring
    if scorer is None or not scorer.needs_account or not any(isinstance(fact, TELLING) for fact in facts):
        return []
    accounts = {lead.account for lead in (before, after) if lead is not None and lead.account is not None}
    return [_task(account) for account in sorted(accounts)]


def _task(account: str) -> Task:
    """The task of an account; it belongs to no lead, and stays when one is erased."""
    digest = _digest(account)
    return Task(key=f"colleagues:{digest}", kind="colleagues", due_at=AT_ONCE, payload={"of": f"account|{digest}"})


def _digest(account: str) -> str:
    return sha256(account.encode("utf-8", "replace")).hexdigest()[:32]
