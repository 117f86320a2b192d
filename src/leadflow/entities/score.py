"""Scores, with reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from leadflow.entities.actor import Actor
from leadflow.entities.base import Entity, Line, Moment, NoTruth, Number, Text
from leadflow.entities.person import BuyingRole

__all__ = ["POINTS_LIMIT", "Account", "Adjustment", "Contribution", "Points", "Score", "ScoreSide", "rounded_down"]

ScoreSide = Literal["fit", "engagement"]

POINTS_LIMIT: Final = 1_000_000

Points = Annotated[float, Field(ge=-POINTS_LIMIT, le=POINTS_LIMIT, allow_inf_nan=False), NoTruth]
"""Points that a rule or a person gives at once: at most a million either way, so that sums stay exact."""


class Contribution(Entity):
    """What one rule contributed to the score, and why.

    ``points`` are those that count after the caps, ``raw`` those before them, ``capped_by`` says which cap applied
    (``rule``, ``veto``, ``group``, ``model``); ``activities`` are the ids behind it (the newest ten), ``count`` their
    number. A rule that failed contributes 0 points, with the reason in ``error``.
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
    """Points that a person gave or took by hand, and why; they count from ``at`` until just before ``until``.

    ``ended``: its end has been recorded, because ``until`` was reached or somebody took it back.
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
    """What all leads of one company together show; rules use it as ``field("account.score")``.

    ``fit`` is the best fit among them, ``engagement`` the sum of their engagement, ``score`` the sum of both.
    ``roles`` are the buying roles that the team has confirmed, ``coverage`` is the percentage that they fill of what
    the buying center wants. What people say of their own role, and other proposals, count only for ``next_role``.
    """

    key: Line
    leads: int = 0
    engaged: int = 0
    """How many of them have any engagement."""
    fit: Number = 0.0
    engagement: Number = 0.0
    roles: tuple[BuyingRole, ...] = ()
    coverage: Number = 0.0
    missing: tuple[BuyingRole, ...] = ()
    """The wanted roles that too few leads have."""
    next_role: BuyingRole | None = None
    """The role to win next; None if nothing is missing."""
    win_as: BuyingRole | None = None
    """The role that the lead itself is to be won for next: it is the one who most probably has it."""
    customers: int = 0
    """How many of them have bought."""

    @property
    def score(self) -> float:
        """The best fit plus the engagement of all."""
        return self.fit + self.engagement


class Score(Entity):
    """Fit, engagement and their sum at one moment; the sum of the contributions is the score.

    ``veto`` is the reason why no points help this lead, if there is one.
    """

    fit: Number = 0.0
    engagement: Number = 0.0
    grade: Line | None = None
    contributions: tuple[Contribution, ...] = ()
    at: Moment | None = None
    model: Line | None = None
    veto: Line | None = None
    account: Account | None = None
    """The account at that moment, if a rule of routing, qualification or nurturing looks at it."""

    @property
    def total(self) -> float:
        """Fit plus engagement."""
        return self.fit + self.engagement


def rounded_down(points: float) -> float:
    """Points as they are shown: the next number of two decimals that is not above them.

    Rounded to the nearest, 29.998 would look as if it reached 30. Rounded down, ``shown >= 30`` is what
    ``points >= 30`` is, for every threshold of two decimals.
    """
    hundredths = round(points * 100)
    return (hundredths - (hundredths / 100 > points)) / 100
