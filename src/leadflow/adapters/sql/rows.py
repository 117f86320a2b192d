"""Converting values to rows and back.

Documents omit defaults, so a default is part of the schema: changing one needs a migration.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any

from leadflow.entities import (
    Activity,
    Lead,
    LeadId,
    Settlement,
    Task,
    lead_json,
    read_activity,
    read_task,
    stored_json,
)
from leadflow.entities.base import micros, moment_at
from leadflow.events import Fact, LeadWrite, Reply, StateWrite, read_fact
from leadflow.search.stored_paths import computed_values

__all__ = [
    "NOT_FOUND",
    "RowValues",
    "activity_from",
    "activity_row",
    "fact_from",
    "fact_row",
    "fit",
    "found_by",
    "ids_in",
    "lead_row",
    "reply_row",
    "settlement_row",
    "state_row",
    "task_from",
    "task_row",
    "text_list",
    "to_json",
]

KEY_LIMIT = 300  # characters: PostgreSQL's index entries hold 2,704 bytes

RowValues = dict[str, Any]


def fit(key: str) -> str:
    """Return the indexed form of a key: a very long one becomes its beginning and a digest."""
    if len(key) <= KEY_LIMIT:
        return key
    return f"{key[:200]}…{sha256(key.encode()).hexdigest()}"


def to_json(value: Mapping[str, Any]) -> str:
    """Return a JSON object as text."""
    return json.dumps(value, separators=(",", ":"))


def text_list(keys: Collection[str]) -> str:
    """Return a list as a parameter for SQLite's ``json_each``."""
    return json.dumps(list(keys), ensure_ascii=False)


def ids_in(found: str | list[LeadId]) -> list[LeadId]:
    """Return a list from a database: SQLite returns JSON."""
    ids: list[LeadId] = json.loads(found) if isinstance(found, str) else found
    return ids


def lead_row(write: LeadWrite) -> RowValues:
    """Return a lead's row, with the version at which it was ``read``; without features the stored ones are kept."""
    lead = write.lead
    assert lead is not None
    return {
        "id": lead.id,
        "version": lead.version,
        "stage": lead.stage,
        "doc": lead_json(lead, exclude_defaults=True),
        "features": write.features,
        "read": write.read_version,
        **found_by(lead),
    }


NOT_FOUND: RowValues = {
    "features": None,
    "owner": None, "account": None, "grade": None, "score": 0.0, "created_at": 0, "changed_at": 0, "computed": "{}"
}  # fmt: skip
"""The columns of a lead that must not be found."""


def found_by(lead: Lead[Any]) -> RowValues:
    """Return the columns by which leads are found and sorted."""
    score, computed = lead.score, computed_values(lead)
    return {
        "owner": _fitted(lead.owner),
        "account": _fitted(computed["account"]),
        "grade": _fitted(score.grade),
        "score": score.total,
        "created_at": micros(lead.created_at),
        "changed_at": micros(lead.recorded_at),
        "computed": to_json(computed),
    }


def _fitted(text: str | None) -> str | None:
    return None if text is None else fit(text)


def state_row(state: StateWrite) -> RowValues:
    """Return a state's row, with the next version."""
    doc = to_json(state.value or {})
    return {"key": fit(state.key), "version": state.read_version + 1, "lead_id": state.lead_id, "doc": doc}


def fact_row(fact: Fact) -> RowValues:
    """Return a fact's row."""
    # kind and schema number are defaults, but needed for reading a fact: always written
    rest = stored_json(fact, exclude_defaults=True, exclude={"kind", "schema_number"})
    doc = f'{{"kind":"{fact.kind}","schema_number":{fact.schema_number},{rest[1:]}'
    row = {"lead_id": fact.lead_id, "version": fact.version, "seq": fact.seq}
    return row | {"kind": fact.kind, "recorded_at": micros(fact.recorded_at), "doc": doc}


def activity_row(activity: Activity) -> RowValues:
    """Return an activity's row."""
    doc = stored_json(activity, exclude_defaults=True)
    row = {"lead_id": activity.lead_id, "id": fit(activity.id)}
    return row | {"happened_at": micros(activity.happened_at), "doc": doc}


def reply_row(reply: Reply) -> RowValues:
    """Return a reply's row."""
    return {"key": fit(reply.key), "digest": reply.digest, "lead_id": reply.lead_id, "doc": to_json(reply.value)}


def settlement_row(settlement: Settlement) -> RowValues:
    """Return the changes of a settlement to a task's row."""
    if settlement.outcome in ("done", "begun"):
        return {"key": fit(settlement.key)}
    return {
        "key": fit(settlement.key),
        "status": "waiting" if settlement.outcome == "retry" else "dead",
        "due_at": None if settlement.due_at is None else micros(settlement.due_at),
        "error": settlement.error,
    }


def task_row(task: Task) -> RowValues:
    """Return a task's row."""
    return {
        "key": fit(task.key),
        "kind": task.kind,
        "due_at": micros(task.due_at),
        "lead_id": task.lead_id,
        "status": task.status,
        "attempts": task.attempts,
        "lease": task.lease,
        "leased_until": None if task.leased_until is None else micros(task.leased_until),
        "error": task.error,
        "doc": stored_json(task, exclude_defaults=True),
    }


def fact_from(row: Any, lead_id: LeadId) -> Fact:
    """Return a lead's fact."""
    place = {"lead_id": lead_id, "version": row.version, "seq": row.seq}
    return read_fact(row.doc, **place, kind=row.kind, recorded_at=moment_at(row.recorded_at))


def activity_from(row: Any, lead_id: LeadId) -> Activity:
    """Return a lead's activity."""
    return read_activity(row.doc, lead_id=lead_id, id=row.id, happened_at=moment_at(row.happened_at), short=fit)


def task_from(row: Any) -> tuple[Task, str | None]:
    """Return a task, and if it can't be read, the reason why it must not run.

    Columns changed by leases and settlements take precedence over its document.
    """
    return read_task(
        row.doc,
        short=fit,
        key=row.key,
        kind=row.kind,
        lead_id=row.lead_id,
        due_at=moment_at(row.due_at),
        status=row.status,
        attempts=row.attempts,
        lease=row.lease,
        leased_until=None if row.leased_until is None else moment_at(row.leased_until),
        error=row.error,
    )
