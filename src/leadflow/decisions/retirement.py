"""Retirement: ending what waits for a definition that was removed on purpose, with a fact if a lead is concerned."""

from __future__ import annotations

from typing import Any

from leadflow.decisions.draft import Draft, change_of
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.entities import Lead, Task
from leadflow.events import Change, CoolingPlanned, EnrolmentChanged, QualifyingPlanned

__all__ = ["retired"]


def retired(policy: Policy, moment: CommandContext, task: Task, lead: Lead[Any] | None) -> Change:
    """End this task, and with it the enrolment or plan that it belongs to."""
    draft = Draft.of(lead, policy, moment) if lead is not None else None
    if draft is not None:
        _say_why(draft, task)
    told = change_of(draft) if draft is not None and draft.facts else Change()
    return told if task.key in told.cancel else told.but(cancel=(*told.cancel, task.key))


def _say_why(draft: Draft, task: Task) -> None:
    if task.kind == "cool" and draft.lead.cool_at is not None:
        draft.say(CoolingPlanned, cool_at=None)
    if task.kind == "qualify" and draft.lead.qualify_at is not None:
        draft.say(QualifyingPlanned, qualify_at=None)
    for enrolment in draft.lead.enrolments:
        if task.kind == f"nurture:{enrolment.sequence}" and not enrolment.ended:
            draft.say(EnrolmentChanged, enrolment=enrolment.but(due_at=None, ended="the sequence was retired"))
