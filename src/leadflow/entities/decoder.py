"""Reading leads, activities and tasks from storage; the columns beside a document (such as its key) take precedence.

A storage passes the text together with the columns by which it was found. Partly readable data never raises, and no
error quotes what is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from leadflow.entities.base import Entity, LeadId, keep_aside, safe_line, without_aside
from leadflow.entities.behaviour import Activity
from leadflow.entities.bounds import PlainJson
from leadflow.entities.enrichment import Enrichment
from leadflow.entities.finding import Finding
from leadflow.entities.former_names import has_former_names, present_path, under_present_names, with_present_names
from leadflow.entities.lead import Lead, field_of, present_deadline, present_stage
from leadflow.entities.stored_form import (
    ELEMENT,
    kept_aside,
    parsed,
    read_leniently,
    read_stored,
    stored_form,
    stored_json,
)
from leadflow.entities.task import Task
from leadflow.errors import StorageError, TooNew, Unreadable

__all__ = [
    "DOCUMENTS",
    "UNREADABLE",
    "details_of",
    "keeps_aside",
    "lead_json",
    "marked",
    "read_activity",
    "read_fields",
    "read_lead",
    "read_leads",
    "read_task",
    "read_value",
    "recorded_findings",
    "scanned",
    "under_present_paths",
]

LEAD_SCHEMA: Final = 1
"""The schema number of a lead's document, stored in it from 2 on. A higher number is refused: ``TooNew``."""
ESSENTIAL = frozenset({"created_at", "recorded_at"})
NO_DETAILS: Final = ESSENTIAL | {"id", "version", "schema_number"}
"""What no fact's details set: who the lead is, and its place among the facts."""
UNREADABLE: Final = "unreadable"
"""The code of findings about values kept aside; also the kind of an activity that can't be read."""
FINDINGS_LIMIT = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SKIPPED = "%s; it was left out"

DOCUMENTS: Final = ContextVar[dict[LeadId, str | bytes] | None]("leadflow_documents", default=None)
"""Where the stored text of every lead that is read is noted, for a migration that must know how it is stored."""

_ANY: TypeAdapter[Any] = TypeAdapter(Any)
_log = logging.getLogger("leadflow")


# ---------------------------------------------------------------------------------------------------------------- leads
def read_lead(kind: type[Lead[Any]], text: str | bytes, *, id: LeadId, version: int, stage: str) -> Lead[Any]:
    """Read a lead; what the current definitions can't read is kept aside, with a finding.

    Raises ``Unreadable`` or ``TooNew``.
    """
    stage = present_stage(kind, stage)
    what, truth = f"lead {id}", {"id": id, "version": version, "stage": stage}
    if (documents := DOCUMENTS.get()) is not None:
        documents[id] = text
    try:
        lead = kind.model_validate_json(with_present_names(kind, text))
    except ValidationError:
        value = parsed(text, what) | truth
        lead = marked(read_leniently(kind, value, what, newest=LEAD_SCHEMA, essential=ESSENTIAL))
    if has_former_names(kind):
        lead = _with_present_paths(lead)
    if lead.enriched:
        lead = _without_former_fields(lead)
    if (deadline := present_deadline(kind, lead.deadline)) is not lead.deadline:
        lead = lead.but(deadline=deadline)
    return lead if (lead.id, lead.version, lead.stage) == (id, version, stage) else lead.but(**truth)


def _with_present_paths(lead: Lead[Any]) -> Lead[Any]:
    """Return the lead with what sources know, and what the team left blank, under the fields' present names."""
    if not (lead.enrichments or lead.left_blank):
        return lead
    kind = type(lead)
    return lead.but(
        enrichments=tuple(under_present_paths(kind, one) for one in lead.enrichments),
        enriched=tuple(sorted({present_path(kind, path) for path in lead.enriched})),
        left_blank=tuple(sorted({present_path(kind, path) for path in lead.left_blank})),
    )


def _without_former_fields(lead: Lead[Any]) -> Lead[Any]:
    """Return the lead without what sources filled into custom fields that are gone: their statements still have it."""
    fields = type(lead.custom).model_fields
    gone = {path for path in lead.enriched if path.startswith("custom.") and path.partition(".")[2] not in fields}
    if not gone:
        return lead
    custom = without_aside(lead.custom.but(), {path.partition(".")[2] for path in gone})
    return marked(lead.but(custom=custom, enriched=tuple(path for path in lead.enriched if path not in gone)))


def under_present_paths(kind: type[Lead[Any]], enrichment: Enrichment) -> Enrichment:
    """Return what a source knows with the paths that its fields have now."""
    return enrichment.but(values=tuple(one.but(path=present_path(kind, one.path)) for one in enrichment.values))


def read_leads(kind: type[Lead[Any]], rows: Iterable[tuple[LeadId, LeadId, int, str, str]]) -> dict[LeadId, Lead[Any]]:
    """Read leads from (requested id, id, version, stage, text).

    Raises ``Unreadable``, which carries the readable ones, if one can't be read.
    """
    leads: dict[LeadId, Lead[Any]] = {}
    wrong: dict[LeadId, StorageError] = {}
    salvaged: dict[LeadId, Lead[Any]] = {}
    for asked, id, version, stage, text in rows:
        try:
            leads[asked] = read_lead(kind, text, id=id, version=version, stage=stage)
        except (Unreadable, TooNew) as error:
            wrong[asked], salvaged[asked] = error, _salvaged(kind, text, id, version, stage)
    if wrong:
        which, first = next(iter(wrong.items()))
        why = first.why if isinstance(first, Unreadable) else str(first)
        raised = Unreadable(f"lead {which}", why)
        raised.leads, raised.wrong, raised.salvaged = leads, wrong, salvaged
        raise raised
    return leads


def scanned(kind: type[Lead[Any]], rows: Iterable[tuple[LeadId, int, str, str]]) -> list[Lead[Any]]:
    """Read a page of leads from (id, version, stage, text); unreadable ones are left out and logged."""
    try:
        return list(read_leads(kind, ((id, id, version, stage, text) for id, version, stage, text in rows)).values())
    except Unreadable as error:
        for one in error.wrong.values():
            _log.warning(SKIPPED, one)
        return list(error.leads.values())


def _salvaged(kind: type[Lead[Any]], text: str | bytes, id: LeadId, version: int, stage: str) -> Lead[Any]:
    """Return what is needed of a lead to erase it, as far as readable: its contact points, whom it absorbed."""
    truth: dict[str, Any] = {"id": id, "version": version, "stage": stage}
    moments = {"created_at": EPOCH.isoformat(), "recorded_at": EPOCH.isoformat()}
    try:
        value = parsed(text, "") | truth | moments
        value.pop("schema_number", None)
        return read_leniently(kind, value, "")
    except Unreadable:
        return kind(**truth, created_at=EPOCH, recorded_at=EPOCH)


def lead_json(lead: Lead[Any], **how: Any) -> str:
    """Return the stored JSON text of a lead: with what was kept aside, without the findings about it."""
    recorded = recorded_findings(lead)
    return stored_json(lead if len(recorded) == len(lead.findings) else lead.but(findings=recorded), **how)


def recorded_findings(lead: Lead[Any]) -> tuple[Finding, ...]:
    """Return the findings that come from facts, without those about values kept aside."""
    return tuple(one for one in lead.findings if one.code != UNREADABLE)


def marked(lead: Lead[Any]) -> Lead[Any]:
    """Return the lead with one finding for each value kept aside."""
    recorded, aside = recorded_findings(lead), sorted(kept_aside(lead))[:FINDINGS_LIMIT]
    findings = (*recorded, *map(_finding, aside))
    return lead if findings == lead.findings else lead.but(findings=findings)


def _finding(path: str) -> Finding:
    message = "is stored in a form that the current definitions don't know; it is kept unchanged and not used"
    place = str(safe_line(path))[:1000] or "(empty)"
    return Finding(code=UNREADABLE, field=place, severity="warning", message=message)


# -------------------------------------------------------------------------------------------------- details of a lead
def details_of(lead: Lead[Any], changes: Mapping[str, Any], emptied: Collection[str] = ()) -> PlainJson:
    """Return top-level fields in the form that facts carry: JSON values, with what the lead keeps aside of them.

    Of ``emptied`` lists nothing is kept.
    """
    details = {name: _form(value) for name, value in changes.items()}
    for name, raw in sorted((lead.__pydantic_extra__ or {}).items(), key=lambda one: _place(one[0])):
        element, nr = _place(name)
        if element in details and element not in emptied and nr >= 0 and isinstance(details[element], list):
            details[element].insert(nr, raw)
    return PlainJson(details)


def keeps_aside(lead: Lead[Any], name: str) -> bool:
    """Whether the lead keeps something aside of a top-level field: its value, or elements of a list."""
    return any(_place(aside)[0] == name for aside in lead.__pydantic_extra__ or {})


def _place(name: str) -> tuple[str, int]:
    element = ELEMENT.fullmatch(name)
    return (element[1], int(element[2])) if element else (name, -1)


def _form(value: Any) -> Any:
    if isinstance(value, Entity):
        return stored_form(value)
    if isinstance(value, tuple | list):
        return [_form(one) for one in value]
    return _ANY.dump_python(value, mode="json")


def read_fields(lead: Lead[Any], details: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return top-level fields from their JSON forms, and what the lead itself keeps aside."""
    given = under_present_names(type(lead), {name: one for name, one in details.items() if name not in NO_DETAILS})
    if not lead.__pydantic_extra__:
        try:
            return {name: field_of(type(lead), name).validate_python(value) for name, value in given.items()}, {}
        except (ValidationError, KeyError):
            pass  # written under an older or newer definition
    own = {"id": lead.id, "created_at": EPOCH.isoformat(), "recorded_at": EPOCH.isoformat()}
    read = read_leniently(type(lead), given | own, f"lead {lead.id}")
    aside = {name: raw for name, raw in (lead.__pydantic_extra__ or {}).items() if _place(name)[0] not in given}
    values = {name: getattr(read, name) for name in given if name in type(lead).model_fields}
    return values, aside | (read.__pydantic_extra__ or {})


# ------------------------------------------------------------------------------------------------ activities and tasks
def read_activity(
    text: str | bytes,
    *,
    lead_id: LeadId,
    id: str,
    happened_at: datetime | None = None,
    short: Callable[[str], str] = str,
) -> Activity:
    """Read an activity; if it can't be read, it is still an activity, of the kind ``unreadable``.

    ``short`` is how the storage shortens a long id in its column.
    """
    what, essential = f"activity {id} of lead {lead_id}", frozenset({"kind", "happened_at"})
    try:
        activity = read_stored(Activity, text, what, essential=essential)
    except (Unreadable, TooNew):
        at = happened_at or EPOCH
        activity = Activity(id=id, lead_id=lead_id, kind=UNREADABLE, happened_at=at, recorded_at=at)
        keep_aside(activity, {UNREADABLE: _text(text)})
        return activity
    own_id = activity.id if short(activity.id) == id else id
    return (
        activity if (activity.id, activity.lead_id) == (own_id, lead_id) else activity.but(id=own_id, lead_id=lead_id)
    )


def read_task(text: str | bytes, *, short: Callable[[str], str] = str, **beside: Any) -> tuple[Task, str | None]:
    """Read a task; if it can't be read, also return the reason why it must not be run.

    ``beside`` has the columns, which take precedence: ``key``, ``kind``, ``due_at``, ``lead_id``, ``status`` and what
    leases and settlements change. ``short`` is how the storage shortens a long key there.
    """
    what, named = f"task {beside['key']}", {name: beside[name] for name in ("key", "kind", "due_at")}
    try:
        task = _task(text, what, named, beside)
    except (Unreadable, TooNew) as error:
        task = Task(**named).but(**beside)
        keep_aside(task, {UNREADABLE: _text(text)})
        return task.but(error=str(error)), str(error)
    key = task.key if short(task.key) == beside["key"] else beside["key"]
    return task.but(**{**beside, "key": key}), None


def _task(text: str | bytes, what: str, named: Mapping[str, Any], beside: Mapping[str, Any]) -> Task:
    try:
        return Task.model_validate_json(text)
    except ValidationError:
        value = parsed(text, what)
    own = {name: value[name] for name in value if name not in beside}
    key = value["key"] if isinstance(value.get("key"), str) and value["key"] else named["key"]
    due_at = named["due_at"].isoformat()
    return read_leniently(Task, own | {**named, "key": key, "due_at": due_at}, what, essential=frozenset({"payload"}))


def read_value(text: str | bytes) -> dict[str, JsonValue]:
    """Read the value of a state or a reply; ``{"unreadable": …}`` if it can't be read."""
    try:
        return parsed(text, "a value")
    except Unreadable as error:
        return {UNREADABLE: error.why}


def _text(text: str | bytes) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
