"""Accounts: how colleagues are found, and that they are looked at again when one of them changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from leadflow.entities import Lead, Task
from leadflow.events import (
    ActivityRecorded,
    AdjustmentEnded,
    DetailsCorrected,
    Fact,
    LeadCaptured,
    ScoreAdjusted,
    VisitorAbsorbed,
)

__all__ = ["account_index", "account_tasks"]

TELLING: Final = (
    ActivityRecorded, AdjustmentEnded, DetailsCorrected, LeadCaptured, ScoreAdjusted, VisitorAbsorbed,
)  # fmt: skip
"""What changes what a lead is worth by itself; all else that happens to it is no news for its colleagues."""


def account_index(lead: Lead[Any]) -> frozenset[str]:
    """Return the index entry under which colleagues are found; it is none of those by which twins are looked for."""
    return frozenset() if lead.account is None else frozenset({f"account|{_digest(lead.account)}"})


def account_tasks(before: Lead[Any] | None, after: Lead[Any], facts: Sequence[Fact], at: datetime) -> list[Task]:
    """Return the tasks to look at the lead's colleagues again, those of a former company included."""
    if not any(isinstance(fact, TELLING) for fact in facts):
        return []
    accounts = {lead.account for lead in (before, after) if lead is not None and lead.account is not None}
    return [_task(account, after, at) for account in sorted(accounts)]


def _task(account: str, lead: Lead[Any], at: datetime) -> Task:
    digest = _digest(account)
    payload = {"of": f"account|{digest}"}
    return Task(key=f"colleagues:{digest}", kind="colleagues", due_at=at, lead_id=lead.id, payload=payload)


def _digest(account: str) -> str:
    return sha256(account.encode("utf-8", "replace")).hexdigest()[:32]
