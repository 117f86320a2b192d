"""What a lead is worth, with reasons."""

from __future__ import annotations

from typing import Literal

from leadflow.entities.base import Entity, Line, Moment, Number, Text

__all__ = ["Contribution", "Score", "ScoreSide"]

ScoreSide = Literal["fit", "engagement"]


class Contribution(Entity):
    """What one rule gave this lead, and why.

    ``points`` is what counts after the caps, ``raw`` what it was before them, ``capped_by`` the cap that cut it
    (``rule``, ``group``, ``model``); ``activities`` are the ids behind it (the newest ten), ``count`` how many.
    A rule that failed gives 0 points and says why in ``error``.
    """

    rule: Line
    side: ScoreSide
    points: Number
    because: Text
    raw: Number | None = None
    capped_by: Line | None = None
    count: int = 0
    activities: tuple[Line, ...] = ()
    error: Text | None = None


class Score(Entity):
    """Fit, engagement and their sum at one moment; the sum of the contributions is the score."""

    fit: Number = 0.0
    engagement: Number = 0.0
    grade: Line | None = None
    contributions: tuple[Contribution, ...] = ()
    at: Moment | None = None
    model: Line | None = None

    @property
    def total(self) -> float:
        """Fit plus engagement."""
        return self.fit + self.engagement
