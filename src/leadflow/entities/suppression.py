"""Suppressions of a mailbox or number: they hold for every lead that reaches it, and outlive erasure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadflow.entities.base import Entity, Line, Moment, Text

__all__ = ["Lift", "SuppressedFor", "Suppression"]

SuppressedFor = Literal["withdrawal", "complaint", "bounce", "hand", "erasure"]


class Lift(Entity):
    """An exception to a suppression: for a purpose (None: all), for one lead (None: everybody)."""

    purpose: Line | None = None
    whose: Line | None = None
    at: Moment
    by: Line
    proof: Text = ""


class Suppression(Entity):
    """One ban on a mailbox or number; it names neither the address nor a lead.

    ``purpose`` None means all. ``whose`` is the keyed hash of the lead that caused it: a new consent of that lead lifts
    it. ``imported``: it comes from another system, and counts by its own date.
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
        why = {
            "withdrawal": "consent was withdrawn",
            "complaint": "a complaint",
            "bounce": "the mailbox refuses mail",
            "hand": f"by {self.by}",
            "erasure": "its lead was erased",
        }[self.why]
        what = f" for {self.purpose}" if self.purpose else ""
        reason = f", {self.reason}" if self.reason else ""
        return f"the address is suppressed{what} since {self.since.date().isoformat()}: {why}{reason}"
