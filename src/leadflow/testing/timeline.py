"""Time travel for models: a lead's score on future days, and when it falls below a threshold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from leadflow.entities import Account, Activity, Lead, Score
from leadflow.scoring import ScoringModel, Side
from leadflow.testing.clock import NOW
from leadflow.worktime import in_utc

__all__ = ["Timeline"]

DAY = timedelta(days=1)


class Timeline:
    """One lead, its activities, and a model: ``Timeline(model, lead, [asked]).engagement(0, 30, 60) == [30, 15, 7.5]``.

    Days are counted from ``now`` and may be fractions; negative ones look back. The model is bound to the lead's class
    first, so that a misspelt field fails the test; so does a rule that raises.
    """

    def __init__(
        self,
        model: ScoringModel,
        lead: Lead[Any],
        activities: Iterable[Activity] = (),
        *,
        now: datetime = NOW,
        account: Account | None = None,
    ) -> None:
        self._scorer, self._lead, self._activities = model.bind(type(lead)), lead, tuple(activities)
        self._now, self._account = in_utc(now, "now"), account

    def at(self, days: float) -> Score:
        """Return the score on that day, with all contributions."""
        moment = self._now + days * DAY
        return self._scorer.score(self._lead, self._activities, moment, account=self._account, strict=True)

    def fit(self, *days: float) -> list[float]:
        """Return the fit on each of these days."""
        return [self.at(day).fit for day in days]

    def engagement(self, *days: float) -> list[float]:
        """Return the engagement on each of these days."""
        return [self.at(day).engagement for day in days]

    def total(self, *days: float) -> list[float]:
        """Return fit plus engagement on each of these days."""
        return [self.at(day).total for day in days]

    def grades(self, *days: float) -> list[str | None]:
        """Return the grade on each of these days."""
        return [self.at(day).grade for day in days]

    def falls_below(self, threshold: float, side: Side = "engagement") -> float | None:
        """Return the days until the side is below the threshold (0: already); None if not within ten years."""
        if getattr(self.at(0), side) < threshold:
            return 0.0
        moment = self._scorer.crossing(
            self._lead, self._activities, self._now, (side, threshold), account=self._account
        )
        return None if moment is None else (moment - self._now) / DAY
