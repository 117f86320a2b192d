"""Erasure and export of everything known of a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from leadflow.decisions.accounts import account_tasks
from leadflow.decisions.draft import delivery
from leadflow.decisions.ledgers import released_by_erasure
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.suppression import SuppressionList, named
from leadflow.entities import Actor, Entity, Lead, Suppression, Task, stored_form
from leadflow.events import Change, LeadErased, LeadWrite

__all__ = ["erase", "in_export"]


def erase(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    listed: SuppressionList,
    held: Iterable[str] = (),
    *,
    leaves_colleagues: bool = True,
) -> Change:
    """Erase the lead with everything that carries its id; one fact without personal data and suppressions remain.

    Only its own addresses are suppressed, not one that another lead has claimed. ``held`` are submissions that may
    belong to this lead: they are erased, too. An account without other leads disappears, even its digest.
    """
    ban = Suppression(why="erasure", since=moment.now, by=named(moment.by))
    for point in listed.points_of(lead):
        listed.ban(listed.place(point), ban)
    gone = LeadErased(
        lead_id=lead.id,
        version=lead.version + 1,
        happened_at=moment.happened_at,
        recorded_at=moment.recorded_at,
        actor=moment.by if moment.by.kind != "person" else Actor(kind="person", id="self"),
    )
    purge = Task(key="purge", kind="purge", due_at=moment.now + timedelta(seconds=1))
    return Change(
        leads=(LeadWrite(id=lead.id, read_version=lead.version),),
        states=listed.writes(),
        erase=(lead.id, *lead.absorbed, *held),
        facts=(gone,),
        put=(
            purge,
            *released_by_erasure(policy, lead, gone),
            *(account_tasks(policy, lead, None, [gone]) if leaves_colleagues else ()),
            *((delivery([gone]),) if policy.delivers else ()),
        ),
    )


def in_export(what: str, value: Entity) -> dict[str, Any]:
    """Return a part of an export as JSON values."""
    return {what: stored_form(value)}
