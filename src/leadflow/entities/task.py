"""Tasks: what is to be done later or elsewhere."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadflow.entities.base import Entity, LeadId, Line, Moment, Properties, Text
from leadflow.errors import Unreadable

__all__ = ["Settlement", "Task", "TaskStatus"]

TaskStatus = Literal["waiting", "leased", "dead"]


class Task(Entity):
    """Something to do at ``due_at``. Putting a task with the same ``key`` replaces it and ends its lease.

    ``kind`` says who can run it: ``nurture:welcome`` needs the sequence, ``notify:warehouse`` the subscriber.
    ``attempts`` counts how often it was begun; ``lease`` is the token of the current lease. An expired lease does not
    count as an attempt: other tasks of the batch may have been slow. ``error`` is the result of the latest attempt; a
    task that was begun and has none is running, or has killed its process.
    A ``dead`` task has failed too often (or must not be repeated): it is listed and can be retried by hand.
    """

    key: Line
    kind: Line
    due_at: Moment
    lead_id: LeadId | None = None
    payload: Properties = Field(default_factory=dict)
    status: TaskStatus = "waiting"
    attempts: int = Field(default=0, ge=0)
    lease: Line | None = None
    leased_until: Moment | None = None
    error: Text | None = None

    def text(self, name: str) -> str:
        """Return a text of the payload; ``Unreadable`` if there is none under this name."""
        value = self.payload.get(name)
        if not isinstance(value, str):
            raise Unreadable(f"task {self.key}", f"its payload has no text named {name}")
        return value

    def number(self, name: str) -> int:
        """Return a whole number of the payload; ``Unreadable`` if there is none under this name."""
        value = self.payload.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Unreadable(f"task {self.key}", f"its payload has no whole number named {name}")
        return value


class Settlement(Entity):
    """The outcome of a leased task.

    ``begun`` counts an attempt and clears the previous error; the lease continues. ``done`` removes the task, ``dead``
    keeps it for a person to look at, ``retry`` makes it wait again, until ``due_at`` if that is given.

    The Change is ``Stale`` unless ``lease`` is still the token of the task. A ``lease`` of None refers to a dead task,
    which nobody has leased: the Change is ``Stale`` unless the task is dead, and a retry counts attempts from 0.
    """

    key: Line
    lease: Line | None
    outcome: Literal["done", "retry", "dead", "begun"]
    due_at: Moment | None = None
    error: Text | None = None
