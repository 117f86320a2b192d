"""Service levels: how soon somebody must act on a lead in a stage."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from leadflow.entities import Deadline, Line, Moment, utc
from leadflow.entities.definition import Definition
from leadflow.entities.duration import Duration
from leadflow.worktime import ALWAYS, BusinessHours

__all__ = ["ServiceLevel"]


class ServiceLevel(Definition):
    """A lead must leave ``stage`` ``within`` this business time; ``remind_before`` the end its owner is reminded.

    ``ServiceLevel(stage="mql", within=timedelta(hours=4), hours=BusinessHours(zone="Europe/Berlin"))``
    """

    positional = ("stage", "within")

    stage: Line
    within: Duration = Field(gt=timedelta(0))
    hours: BusinessHours = ALWAYS
    remind_before: Duration | None = Field(default=None, gt=timedelta(0))

    if TYPE_CHECKING:

        def __init__(
            self,
            stage: str,
            within: timedelta | str,
            *,
            hours: BusinessHours = ALWAYS,
            remind_before: timedelta | str | None = None,
        ) -> None: ...

    def deadline(self, entered_at: Moment) -> Deadline:
        """Return the deadline for a lead that entered the stage at this moment."""
        due_at = self.hours.deadline(utc(entered_at), self.within)
        remind_at = None
        if self.remind_before is not None and self.remind_before < self.within:
            remind_at = self.hours.deadline(utc(entered_at), self.within - self.remind_before)
        return Deadline(stage=self.stage, due_at=due_at, remind_at=remind_at)
