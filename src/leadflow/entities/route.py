"""Routes: who got the lead, and why nobody else did."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadflow.entities.base import Entity, Line, Moment, Text

__all__ = ["Candidate", "GateResult", "Route"]


class GateResult(Entity):
    """The result of one gate or territory for the lead: ``unknown`` if a value that it needs is missing."""

    name: Line
    outcome: Literal["true", "false", "unknown"]
    text: Text = ""


class Candidate(Entity):
    """One rep who was considered; ``entitled`` (an exact fraction) and ``assigned`` are as before this turn."""

    rep: Line
    eligible: bool
    because: Text = ""
    entitled: Line = "0"
    assigned: int = 0


class Route(Entity):
    """Where the lead went at one moment: to a rep (``owner``) or into a named ``queue``, with the whole trace."""

    at: Moment
    owner: Line | None = None
    queue: Line | None = None
    territory: Line | None = None
    turn: int = Field(default=0, ge=0)
    """The running number of this lead among those of the owner."""
    gates: tuple[GateResult, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    error: Text | None = None
    """Why the territory's policy could not choose, if it failed."""
    next_offer_at: Moment | None = None
    """When the rotation is offered the lead again for the first time, if nobody takes it from the queue before."""
