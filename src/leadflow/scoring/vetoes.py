"""Vetoes: where one is true, no points help. ``veto(field("company.domain").is_in(*RIVALS), because="competitor")``."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from typing import Any, Self

from pydantic import Field

from leadflow.conditions.nodes import Condition
from leadflow.entities.base import Line
from leadflow.entities.definition import Definition
from leadflow.entities.lead import Lead
from leadflow.scoring.rules import checked, given_values, short


class Veto(Definition):
    """A lead for whom the condition is true gets no points on either side, only those that are taken away.

    Its grade is the worst, whatever the thresholds; ``Score.veto`` says why. Unknown is no veto.
    """

    when: Condition
    because: Line = Field(default_factory=lambda given: short(str(given["when"])))
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    def bound(self, lead_type: type[Lead[Any]]) -> Self:
        """The veto with its paths checked against the fields of this kind of lead."""
        return self.but(when=checked(self.name, self.when, lead_type))


def veto(when: Condition, *, because: str | None = None, name: str | None = None) -> Veto:
    """Let no points help a lead for whom the condition is true: a competitor, a student."""
    return Veto(when=when, **given_values(because=because, name=name))
