"""What a lead did: activities, and touches with campaigns."""

from __future__ import annotations

from pydantic import Field

from leadflow.entities.base import Entity, LeadId, Line, Moment, Properties

__all__ = ["Activity", "Touch"]


class Activity(Entity):
    """Something the lead did: a page viewed, a mail opened, a fair visited, a demo requested.

    ``id`` is the caller's, or a hash of lead, kind, moment and properties; the same id twice is one activity.
    One with ``retracted_at`` is kept, but counts for nothing: it was a bot's, or a mistake.
    """

    id: Line
    lead_id: LeadId
    kind: Line
    happened_at: Moment
    recorded_at: Moment
    source: Line | None = None
    properties: Properties = Field(default_factory=dict)
    retracted_at: Moment | None = None


class Touch(Entity):
    """One contact with a campaign; ``click_id`` has the name of its parameter with it: ``gclid:Cj0K…``."""

    at: Moment
    source: Line
    medium: Line | None = None
    campaign: Line | None = None
    content: Line | None = None
    term: Line | None = None
    landing_page: Line | None = None
    referrer: Line | None = None
    click_id: Line | None = None
