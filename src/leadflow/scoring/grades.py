"""Grades: a letter for fit, a number for engagement; A1 is the best of both."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from itertools import pairwise
from string import ascii_uppercase
from typing import Annotated, Self

from pydantic import Field, model_validator

from leadflow.entities.base import Number
from leadflow.entities.definition import Definition
from leadflow.errors import DefinitionError

Thresholds = Annotated[tuple[Number, ...], Field(max_length=len(ascii_uppercase) - 1)]


class Grades(Definition):
    """A class per threshold, and one for what is below all of them: three thresholds give A–D × 1–4.

    Thresholds fall; a score on a threshold belongs to the better class.
    """

    fit: Thresholds = (60.0, 35.0, 15.0)
    engagement: Thresholds = (60.0, 30.0, 10.0)

    @model_validator(mode="after")
    def _falling(self) -> Self:
        for side, thresholds in (("fit", self.fit), ("engagement", self.engagement)):
            if any(better <= worse for better, worse in pairwise(thresholds)):
                raise DefinitionError(f"the thresholds of {side} must fall, best first: {thresholds}")
        return self

    def of(self, fit: float, engagement: float) -> str:
        """The grade of a score, such as ``B2``."""
        return f"{ascii_uppercase[_class(fit, self.fit)]}{_class(engagement, self.engagement) + 1}"


def _class(value: float, thresholds: tuple[float, ...]) -> int:
    return sum(value < threshold for threshold in thresholds)
