"""What we may send, and the proof."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadflow.entities.base import Entity, Line, Moment, Text

__all__ = ["Channel", "Consent", "ConsentStatus"]

Channel = Literal["email", "phone", "letter"]
ConsentStatus = Literal["given", "withdrawn"]


class Consent(Entity):
    """A person's word on one purpose and channel; a later one replaces an earlier one of the same two.

    ``proof`` is what would convince a court: the wording shown, the form's address, the confirmation's id.
    """

    purpose: Line
    channel: Channel
    status: ConsentStatus
    at: Moment
    proof: Text = Field(min_length=1)
