"""What a lead is worth, with reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from leadflow.entities.actor import Actor
from leadflow.entities.base import Entity, Line, Moment, NoTruth, Number, Text
from leadflow.entities.person import BuyingRole

__all__ = ["POINTS_LIMIT", "Account", "Adjustment", "Contribution", "Points", "Score", "ScoreSide"]

ScoreSide = Literal["fit", "engagement"]

POINTS_LIMIT: Final = 1_000_000

Points = Annotated[float, Field(ge=-POINTS_LIMIT, le=POINTS_LIMIT, allow_inf_nan=False), NoTruth]
"""What a rule, or a person, gives at a time, at most a million either way: sums of them stay exact."""


class Contribution(Entity):
    """What one rule gave this lead, and why.

    ``points`` is what counts after the caps, ``raw`` what it was before them, ``capped_by`` what cut it (``rule``,
    ``veto``, ``group``, ``model``); ``activities`` are the ids behind it (the newest ten), ``count`` how many.
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


class Adjustment(Entity):
    """Points that a person gave or took by hand, and why; they count from ``at`` on, and before ``until``.

    ``ended``: its end was noted, because ``until`` has come or somebody took it back.
    """

    id: Line
    side: ScoreSide
    points: Points
    because: Line
    by: Actor
    at: Moment
    until: Moment | None = None
    ended: bool = False

    def holds(self, now: datetime) -> bool:
        """Whether it counts at this moment."""
        return self.at <= now and (self.until is None or now < self.until)


class Account(Entity):
    """What is known of a company by all of its leads: rules reach it as ``field("account.score")``.

    ``fit`` is the best fit among them, ``engagement`` the sum of their engagement, ``score`` both together. ``roles``
    are the buying roles that are known, ``coverage`` the percentage of those wanted that is among them.
    """

    key: Line
    leads: int = 0
    engaged: int = 0
    """How many of them have any engagement."""
    fit: Number = 0.0
    engagement: Number = 0.0
    roles: tuple[BuyingRole, ...] = ()
    coverage: Number = 0.0
    customers: int = 0
    """How many of them have bought."""

    @property
    def score(self) -> float:
        """The best fit plus the engagement of all."""
        return self.fit + self.engagement


class Score(Entity):
    """Fit, engagement and their sum at one moment; the sum of the contributions is the score.

    ``veto`` is why no points help this lead, if that is so.
    """

    fit: Number = 0.0
    engagement: Number = 0.0
    grade: Line | None = None
    contributions: tuple[Contribution, ...] = ()
    at: Moment | None = None
    model: Line | None = None
    veto: Line | None = None

    @property
    def total(self) -> float:
        """Fit plus engagement."""
        return self.fit + self.engagement
