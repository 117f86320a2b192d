"""Grades: a letter for fit, a number for engagement; A1 is the best of both.

``Grades(fit=(60, 35, 15), engagement=(60, 30, 10))`` is A–D × 1–4; more or fewer thresholds make more or fewer classes.
``Grades.letters()`` has the thirteen letters F to A+ for fit (as in Pardot): a lead starts at D, and a point is a third
of a letter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise
from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from leadflow.entities.base import Line, Number
from leadflow.entities.definition import Definition
from leadflow.errors import DefinitionError

__all__ = ["Grades"]

Thresholds = Annotated[tuple[Number, ...], Field(max_length=len(ascii_uppercase) - 1)]


_LETTERS: Final = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")


class Grades(Definition):
    """A class per threshold, and one for what is below all of them: three thresholds give A–D × 1–4.

    Thresholds fall; a score on a threshold belongs to the better class.
    """

    fit: Thresholds = (60.0, 35.0, 15.0)
    engagement: Thresholds = (60.0, 30.0, 10.0)
    fit_names: tuple[Line, ...] | None = None
    """The classes of fit, best first; the letters from A on if left out."""
    engagement_names: tuple[Line, ...] | None = None
    """The classes of engagement, best first; the numbers from 1 on if left out."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            fit: Iterable[float] = (60.0, 35.0, 15.0),
            engagement: Iterable[float] = (60.0, 30.0, 10.0),
            fit_names: Iterable[str] | None = None,
            engagement_names: Iterable[str] | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _falling(self) -> Self:
        for side, thresholds in (("fit", self.fit), ("engagement", self.engagement)):
            if any(better <= worse for better, worse in pairwise(thresholds)):
                raise DefinitionError(f"the thresholds of {side} must fall, best first: {thresholds}")
        return self

    @model_validator(mode="after")
    def _named(self) -> Self:
        for side, names, thresholds in (
            ("fit", self.fit_names, self.fit),
            ("engagement", self.engagement_names, self.engagement),
        ):
            if names is not None and len(names) != len(thresholds) + 1:
                raise DefinitionError(
                    f"{side}_names: {len(thresholds)} thresholds make {len(thresholds) + 1} classes, not {len(names)}"
                )
        return self

    @classmethod
    def letters(cls, engagement: tuple[float, ...] = (60.0, 30.0, 10.0)) -> Self:
        """The letters F, D-, D, D+, … A+ for fit: 0 points are a D, each point is a third of a letter."""
        return cls(fit=tuple(range(10, -2, -1)), engagement=engagement, fit_names=_LETTERS)

    @property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The classes of both sides, best first."""
        letters = self.fit_names or tuple(ascii_uppercase[: len(self.fit) + 1])
        numbers = self.engagement_names or tuple(str(n + 1) for n in range(len(self.engagement) + 1))
        return letters, numbers

    @property
    def worst(self) -> str:
        """The grade of the worst class on both sides: that of a vetoed lead."""
        letters, numbers = self.names
        return f"{letters[-1]}{numbers[-1]}"

    def of(self, fit: float, engagement: float) -> str:
        """The grade of a score, such as ``B2``."""
        return self.lookup()(fit, engagement)

    def lookup(self) -> Callable[[float, float], str]:
        """The function from fit and engagement to the grade, for many scores."""
        fit, engagement = self.fit[::-1], self.engagement[::-1]
        letters, numbers = self.names
        grades = [[f"{letter}{number}" for number in reversed(numbers)] for letter in reversed(letters)]
        return lambda of_fit, of_engagement: grades[bisect_right(fit, of_fit)][bisect_right(engagement, of_engagement)]
