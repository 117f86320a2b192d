"""Progress of a lead: deadlines, enrolments, suspected twins."""

from __future__ import annotations

from pydantic import Field

from leadflow.entities.base import Entity, LeadId, Line, Moment, Text

__all__ = ["Deadline", "Enrolment", "Twin"]


class Deadline(Entity):
    """When the service level of the current stage expires; ``remind_at`` is None once the reminder was sent."""

    stage: Line
    due_at: Moment
    remind_at: Moment | None = None
    breached: bool = False


class Enrolment(Entity):
    """One lead's way through a sequence: ``step`` comes next, at ``due_at``; None means that it has ended.

    ``since`` is when it reached this step, by the clock.
    """

    sequence: Line
    round: int = Field(default=1, ge=1)
    step: int = Field(default=0, ge=0)
    due_at: Moment | None = None
    since: Moment | None = None
    ended: Line | None = None


class Twin(Entity):
    """A lead that is probably the same person; a human decides. ``since`` is when the pair was first noticed."""

    lead_id: LeadId
    likeness: float = Field(ge=0, le=1)
    evidence: tuple[Text, ...] = ()
    since: Moment | None = None
