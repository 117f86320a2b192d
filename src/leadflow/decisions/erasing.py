"""Erasure and export: all that is known of a person, gone or handed out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from leadflow.decisions.accounts import account_tasks
from leadflow.decisions.draft import joined
from leadflow.decisions.ledgers import released_by_erasure
from leadflow.decisions.policy import Moment, Policy
from leadflow.decisions.suppression import SuppressionList, named
from leadflow.entities import Activity, Actor, Entity, Lead, Suppression, Task, stored_form
from leadflow.events import Change, Fact, LeadErased, LeadWrite

__all__ = ["erase", "export", "line_in_export"]


def erase(policy: Policy, moment: Moment, lead: Lead[Any], listed: SuppressionList, held: Iterable[str] = ()) -> Change:
    """Remove the lead with all that carries its id; what remains is one fact without personal data, and suppression.

    Suppressed is what is its own: not an address that another lead has claimed. ``held`` are submissions that may be
    this lead's: they go with it.
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
    whole = Change(
        leads=(LeadWrite(id=lead.id, read_version=lead.version),),
        states=listed.writes(),
        erase=(lead.id, *lead.absorbed, *held),
        facts=(gone,),
        put=(
            purge,
            *released_by_erasure(policy, lead, gone),
            *account_tasks(policy, lead, None, [gone]),
        ),
    )
    return joined([whole], [[gone]])


def export(
    lead: Lead[Any], facts: Iterable[Fact], activities: Sequence[Activity], tasks: Iterable[Task]
) -> dict[str, Any]:
    """Return all that is known of a person, as JSON values."""
    return {
        "lead": stored_form(lead),
        "facts": [stored_form(fact) for fact in facts],
        "activities": [stored_form(activity) for activity in activities],
        "tasks": [stored_form(task) for task in tasks],
    }


def line_in_export(what: str, value: Entity) -> str:
    """Return a part of an export as a line of JSON."""
    return json.dumps({what: stored_form(value)}, ensure_ascii=False)
