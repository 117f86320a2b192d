"""Entries in the reps' ledgers, which must be made whatever happens to the lead.

A ledger counts every lead that a rep gets or loses. Assignments by the rotation are counted in their own Change.
Everything else is a task: it belongs to no lead and has no personal data, so that it outlives an erasure; it contains
its day, so that any process can run it, even one without the router.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import ValidationError

from leadflow.decisions.policy import AT_ONCE, Policy
from leadflow.entities import Lead, Task, utc
from leadflow.entities.stored_form import refuse_newer, schema_of, stored_form
from leadflow.errors import Unreadable
from leadflow.events import Change, Fact, LeadRouted, StateWrite
from leadflow.lifecycle import Lifecycle
from leadflow.ports import State
from leadflow.routing import Ledger, released, taken

__all__ = [
    "is_readable",
    "ledger_key",
    "ledger_of",
    "ledger_tasks",
    "noted_in_ledger",
    "released_by_erasure",
    "worked_by",
]


def ledger_key(rep: str) -> str:
    """Return the state key of a rep's ledger."""
    return f"ledger:{rep}"


def ledger_of(rep: str, state: State | None) -> Ledger:
    """Return a rep's stored ledger, or a new one."""
    if state is None:
        return Ledger(rep=rep)
    what = f"the ledger of {rep}"
    try:
        return Ledger.model_validate(state.value)
    except ValidationError:
        refuse_newer(schema_of(state.value), what, 1)
    try:
        return Ledger.model_validate(state.value, extra="allow")  # unknown keys are written back
    except ValidationError:
        raise Unreadable(what, "a count does not fit the current definitions") from None


def worked_by(lead: Lead[Any] | None, lifecycle: Lifecycle) -> str | None:
    """Return the rep of an open lead; customers and leads in nurturing are not open."""
    if lead is None or lead.absorbed_by or lifecycle.stage(lead.stage).kind not in ("marketing", "sales"):
        return None
    return lead.owner


def ledger_tasks(policy: Policy, before: Lead[Any] | None, after: Lead[Any], fact: Fact) -> list[Task]:
    """Return the ledger entries for this fact: a lead has left a rep, or came to one outside the rotation."""
    had, has = worked_by(before, policy.lifecycle), worked_by(after, policy.lifecycle)
    if had == has:
        return []
    by_rotation = isinstance(fact, LeadRouted) and fact.route.turn > 0
    noted = [_task(policy, had, "released", fact)] if had else []
    return [*noted, _task(policy, has, "taken", fact)] if has and not by_rotation else noted


def released_by_erasure(policy: Policy, lead: Lead[Any], gone: Fact) -> list[Task]:
    """Return the ledger entry for the rep of an erased lead."""
    rep = worked_by(lead, policy.lifecycle)
    return [_task(policy, rep, "released", gone)] if rep else []


def _task(policy: Policy, rep: str, what: Literal["taken", "released"], fact: Fact) -> Task:
    at = fact.recorded_at
    day = policy.router.day_of(at).isoformat() if policy.router is not None else None
    return Task(
        key=f"ledger:{rep}:{fact.lead_id}:{fact.version}:{fact.seq}:{what}",
        kind="ledger",
        due_at=AT_ONCE,
        payload={"rep": rep, "what": what, "day": day, "at": at.isoformat()},
    )


def is_readable(task: Task) -> bool:
    """Whether a ledger task names the rep and the event; without them it can never be done."""
    return isinstance(task.payload.get("rep"), str) and task.payload.get("what") in ("taken", "released")


def noted_in_ledger(task: Task, state: State | None) -> Change:
    """Enter in a rep's ledger that a lead was taken outside the rotation, or has left the rep."""
    rep = task.text("rep")
    ledger = ledger_of(rep, state)
    ledger = taken(ledger, _at(task), _day(task)) if task.text("what") == "taken" else released(ledger)
    version = state.version if state is not None else 0
    write = StateWrite(key=ledger_key(rep), read_version=version, value=stored_form(ledger))
    return Change(states=(write,), cancel=(task.key,))


def _at(task: Task) -> datetime:
    try:
        return utc(datetime.fromisoformat(task.text("at")))
    except ValueError:
        raise Unreadable(f"task {task.key}", "its payload has no moment named at") from None


def _day(task: Task) -> date | None:
    try:
        return date.fromisoformat(task.text("day")) if task.payload.get("day") else None
    except ValueError:
        raise Unreadable(f"task {task.key}", "its payload has no date named day") from None
