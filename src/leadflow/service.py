"""Service levels: how soon somebody must have acted on a lead that stands in a stage."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from leadflow.entities import Deadline, Line, Moment, utc
from leadflow.entities.definition import Definition
from leadflow.worktime import ALWAYS, BusinessHours

__all__ = ["ServiceLevel"]


def _with_a_unit(span: object) -> object:
    if isinstance(span, int | float):
        raise ValueError(f"{span} of what? give a timedelta, such as timedelta(hours=4)")  # noqa: TRY004  (pydantic's way)
    return span


Span = Annotated[timedelta, BeforeValidator(_with_a_unit)]


class ServiceLevel(Definition):
    """A lead leaves ``stage`` within so much business time; ``remind_before`` the end its owner is reminded.

    ``ServiceLevel(stage="mql", within=timedelta(hours=4), hours=BusinessHours(zone="Europe/Berlin"))``
    """

    stage: Line
    within: Span = Field(gt=timedelta(0))
    hours: BusinessHours = ALWAYS
    remind_before: Span | None = Field(default=None, gt=timedelta(0))

    def deadline(self, entered_at: Moment) -> Deadline:
        """Return when the service level runs out for a lead that entered the stage at this moment."""
        due_at = self.hours.deadline(utc(entered_at), self.within)
        remind_at = None
        if self.remind_before is not None and self.remind_before < self.within:
            remind_at = self.hours.deadline(utc(entered_at), self.within - self.remind_before)
        return Deadline(stage=self.stage, due_at=due_at, remind_at=remind_at)
