"""What is to be done later or outside."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadflow.entities.base import Entity, LeadId, Line, Moment, Properties, Text
from leadflow.errors import Unreadable

__all__ = ["Settlement", "Task", "TaskStatus"]

TaskStatus = Literal["waiting", "leased", "dead"]


class Task(Entity):
    """Something to do at ``due_at``. Putting the same ``key`` replaces it, and takes it from whoever has leased it.

    ``kind`` says who can do it: ``nurture:welcome`` needs the sequence, ``notify:warehouse`` the subscriber.
    ``attempts`` counts how often it was begun; ``lease`` is the token of the present lease. A lease that runs out
    counts nothing: others of its batch may have been slow. ``error`` is what the latest attempt ended with: one that
    was begun and has none is being done, or killed who did it.
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
    """What became of a task that somebody holds.

    ``begun`` counts one attempt and takes the error of the last one away; the lease goes on. ``done`` removes the task,
    ``dead`` keeps it for a person, ``retry`` lets it wait again: until ``due_at``, if that is given.

    The Change that carries it is ``Stale`` unless ``lease`` is still the task's token. A ``lease`` of None stands for a
    dead task, which nobody has leased: the Change is ``Stale`` unless it is dead, and a retry counts from 0 again.
    """

    key: Line
    lease: Line | None
    outcome: Literal["done", "retry", "dead", "begun"]
    due_at: Moment | None = None
    error: Text | None = None
