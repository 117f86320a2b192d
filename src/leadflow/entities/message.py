"""A mail that is ready to be sent."""

from __future__ import annotations

from pydantic import Field

from leadflow.entities.base import Entity, Line, Moment, Properties, Text

__all__ = ["Message"]


class Message(Entity):
    """A mail that is ready to be sent; ``id`` is stable, so that a mail server's log can be searched for it."""

    id: Line
    to: Line
    subject: Line
    text: Text
    html: Text | None = None
    headers: Properties = Field(default_factory=dict)
    at: Moment
