"""The tables. Documents are text, as leadflow wrote them; the other columns are those by which rows are found."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from leadflow import entities, events
from leadflow.entities import lead_json, read_task, stored_json


def fit(key: str) -> str:
    """A key short enough for an index, which in PostgreSQL holds 2,704 bytes: the end of a long one is a digest."""
    return key if len(key) <= 300 else f"{key[:200]}…{sha256(key.encode()).hexdigest()}"


class Key(models.TextField):
    """Text that is compared by code point in every database: pages and order depend on it."""

    def db_parameters(self, connection: Any) -> Any:
        collation = "C" if connection.vendor == "postgresql" else None
        return super().db_parameters(connection) | {"collation": collation}


class Leads(models.QuerySet):
    def reachable(self) -> Leads:
        """Leave out the leads that were absorbed by another."""
        return self.filter(~Exists(Redirect.objects.filter(absorbed=OuterRef("pk"))))


class Lead(models.Model):
    id = Key(primary_key=True)
    version = models.BigIntegerField()
    stage = models.TextField()
    doc = models.TextField()
    features = models.TextField(default="")
    # yours, as many as your lists and your admin need: DjangoStorage fills them with each write
    owner = models.TextField(null=True)
    name = models.TextField(null=True)
    email = models.TextField(null=True)
    company = models.TextField(null=True)
    score = models.FloatField()
    entered_at = models.DateTimeField()

    objects = Leads.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["stage", "id"], name="leads_by_stage"),
            models.Index(fields=["stage", "-score"], name="leads_on_board"),
            models.Index(fields=["owner", "stage", "-score"], name="leads_of_owner"),
        )

    def __str__(self) -> str:
        return self.name or self.email or self.pk


class MatchKey(models.Model):
    key = Key()
    lead_id = Key(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["key", "lead_id"], name="match_key_of_lead"),)


class State(models.Model):
    key = Key(primary_key=True)
    version = models.BigIntegerField()
    lead_id = Key(null=True, db_index=True)
    doc = models.TextField()


class Fact(models.Model):
    lead_id = Key()
    version = models.BigIntegerField()
    seq = models.BigIntegerField()
    kind = models.TextField()
    doc = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["lead_id", "version", "seq"], name="place_of_fact"),)
        indexes = (models.Index(fields=["lead_id", "kind", "version", "seq"], name="facts_by_kind"),)


class Activity(models.Model):
    lead_id = Key()
    activity_id = Key()
    doc = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["lead_id", "activity_id"], name="activity_of_lead"),)


class Task(models.Model):
    key = Key(primary_key=True)
    due_at = models.DateTimeField()
    status = models.TextField()
    leased_until = models.DateTimeField(null=True)
    lead_id = Key(null=True)
    kind = models.TextField()
    doc = models.TextField()

    class Meta:
        indexes = (  # separate, so that dead tasks, however many, don't slow down the others
            models.Index(F("due_at"), F("key"), condition=~Q(status="dead"), name="tasks_by_due"),
            models.Index(F("due_at"), F("key"), condition=Q(status="dead"), name="tasks_by_death"),
            models.Index(fields=["lead_id", "due_at", "key"], name="tasks_of_lead"),
        )


class Claim(models.Model):
    key = Key(primary_key=True)
    lead_id = Key(db_index=True)


class Redirect(models.Model):
    absorbed = Key(primary_key=True)
    survivor = Key(db_index=True)


class Reply(models.Model):
    key = Key(primary_key=True)
    digest = models.TextField()
    lead_id = Key(null=True, db_index=True)
    doc = models.TextField()


# --------------------------------------------------------------------------------------------- values as rows, and back
def lead_row(lead: entities.Lead[Any]) -> dict[str, Any]:
    """A lead's row; its features are written apart."""
    own: dict[str, Any] = {
        "owner": lead.owner,
        "name": lead.person.full_name,
        "company": lead.company.name,
        "score": lead.score.total,
    }
    own |= {"email": lead.email.address, "entered_at": lead.entered_at or lead.created_at}
    return {"id": lead.id, "version": lead.version, "stage": lead.stage, "doc": lead_json(lead), **own}


def state_row(state: events.StateWrite) -> dict[str, Any]:
    doc = json.dumps(state.value)
    return {"key": fit(state.key), "version": state.read_version + 1, "lead_id": state.lead_id, "doc": doc}


def fact_row(fact: events.Fact) -> dict[str, Any]:
    place = {name: getattr(fact, name) for name in ("lead_id", "version", "seq", "kind")}
    return place | {"doc": stored_json(fact)}


def activity_row(activity: entities.Activity) -> dict[str, Any]:
    return {"lead_id": activity.lead_id, "activity_id": fit(activity.id), "doc": stored_json(activity)}


def task_row(task: entities.Task) -> dict[str, Any]:
    found_by = {name: getattr(task, name) for name in ("due_at", "status", "leased_until", "lead_id", "kind")}
    return {"key": fit(task.key), **found_by, "doc": stored_json(task)}


def task_from(row: Any) -> tuple[entities.Task, str | None]:
    """A task, and why it must not run if it can't be read; the columns take precedence over the document."""
    doc, key, kind, due_at, status, lead_id = row
    return read_task(doc, key=key, kind=kind, due_at=due_at, status=status, lead_id=lead_id, short=fit)


def is_under(settlement: entities.Settlement, task: entities.Task | None) -> bool:
    """Whether the task is still leased to who settles it; without a lease, whether it is dead."""
    held = ("dead", None) if settlement.lease is None else ("leased", settlement.lease)
    return task is not None and (task.status, task.lease) == held


def settled(task: entities.Task, settlement: entities.Settlement) -> entities.Task | None:
    """A task after its settlement; None if it is done."""
    if settlement.outcome == "done":
        return None
    if settlement.outcome == "begun":
        return task.but(attempts=task.attempts + 1, error=None)
    free = {"lease": None, "leased_until": None, "attempts": 0 if task.status == "dead" else task.attempts}
    ended = {"status": "waiting" if settlement.outcome == "retry" else "dead", "error": settlement.error}
    return task.but(due_at=settlement.due_at or task.due_at, **ended, **free)


def reply_row(reply: events.Reply) -> dict[str, Any]:
    return {"key": fit(reply.key), "digest": reply.digest, "lead_id": reply.lead_id, "doc": json.dumps(reply.value)}
