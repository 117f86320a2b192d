"""What was refused at a mailbox or number: it holds for whoever reaches it, and outlives erasure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadflow.entities.base import Entity, Line, Moment, Text

__all__ = ["Lift", "SuppressedFor", "Suppression"]

SuppressedFor = Literal["withdrawal", "complaint", "bounce", "hand", "erasure"]


class Lift(Entity):
    """What a suppression does not hold for any more: a purpose (None: all), one lead (None: everybody)."""

    purpose: Line | None = None
    whose: Line | None = None
    at: Moment
    by: Line
    proof: Text = ""


class Suppression(Entity):
    """One ban on a mailbox or number; it names neither the address nor a lead.

    ``purpose`` None is all of them. ``whose`` is the keyed hash of the lead by which it came: its own new word
    lifts it. ``imported``: it was told by another system, and counts by its own date.
    """

    purpose: Line | None = None
    why: SuppressedFor
    since: Moment
    by: Line
    reason: Text = Field(default="", max_length=1_000)
    whose: Line | None = None
    imported: bool = False
    lifted: tuple[Lift, ...] = ()

    def __str__(self) -> str:
        told = {
            "withdrawal": "consent was withdrawn",
            "complaint": "a complaint",
            "bounce": "the mailbox refuses mail",
            "hand": f"by {self.by}",
            "erasure": "its lead was erased",
        }[self.why]
        what = f" for {self.purpose}" if self.purpose else ""
        reason = f", {self.reason}" if self.reason else ""
        return f"the address is suppressed{what} since {self.since.date().isoformat()}: {told}{reason}"
