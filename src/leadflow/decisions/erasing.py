"""Erasure and export: all that is known of a person, gone or handed out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from leadflow.decisions.accounts import account_tasks
from leadflow.decisions.draft import joined
from leadflow.decisions.ledgers import released_by_erasure
from leadflow.decisions.policy import Moment, Policy
from leadflow.entities import Activity, Lead, Task
from leadflow.events import Change, Fact, LeadErased, LeadWrite, StateWrite
from leadflow.nurturing import suppression_key
from leadflow.ports import State

__all__ = ["erase", "export", "suppression_keys"]


def suppression_keys(keys: Collection[bytes], lead: Lead[Any]) -> list[str]:
    """Return the keyed hashes under which the lead's addresses and numbers would be suppressed, for each key.

    An address that the lead does not claim is another's, perhaps: it is not suppressed with this lead.
    """
    addresses = [("email", email.address) for email in lead.emails if email.claimed]
    points = addresses + [("phone", phone.number) for phone in lead.phones]
    return [
        f"suppressed:{suppression_key('email' if kind == 'email' else 'phone', value, secret)}"
        for kind, value in points
        if value
        for secret in keys
    ]


def erase(
    policy: Policy, moment: Moment, lead: Lead[Any], states: Mapping[str, State], keys: Collection[bytes]
) -> Change:
    """Remove the lead with all that carries its id; what remains is one fact without personal data, and suppression.

    ``keys`` hash the suppressed addresses, ``states`` are those that were suppressed before.
    """
    gone = LeadErased(
        lead_id=lead.id,
        version=lead.version + 1,
        happened_at=moment.happened_at,
        recorded_at=moment.recorded_at,
        actor=moment.by,
    )
    suppressed = tuple(
        StateWrite(key=key, read_version=0, value={"suppressed": True})
        for key in dict.fromkeys(suppression_keys(keys, lead))
        if key not in states
    )
    purge = Task(key="purge", kind="purge", due_at=moment.now + timedelta(seconds=1))
    whole = Change(
        leads=(LeadWrite(id=lead.id, read_version=lead.version),),
        states=suppressed,
        erase=(lead.id, *lead.absorbed),
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
        "lead": lead.model_dump(mode="json"),
        "facts": [fact.model_dump(mode="json") for fact in facts],
        "activities": [activity.model_dump(mode="json") for activity in activities],
        "tasks": [task.model_dump(mode="json") for task in tasks],
    }
