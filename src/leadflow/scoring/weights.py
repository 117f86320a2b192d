"""Weights times values: how much a criterion counts, and what each of its values is worth of that (as in Eloqua).

::

    weighted(40, {"c-level": 100, "director": 75}, of="person.seniority")
    weighted(60, [(field("company.employees") >= 1000, 100), (field("company.employees") >= 250, 50)])

    {"weight": 40, "cases": [{"when": {"op": "eq", "field": "person.seniority", "value": "c-level"}, "percent": 100}]}

The first case that is true counts: ``weight × percent / 100`` points. Weights need not add up to 100.
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeAlias

from pydantic import Field

from leadflow.conditions.fields import field
from leadflow.conditions.nodes import Condition
from leadflow.entities.base import Line, NoTruth, Text
from leadflow.entities.definition import Definition
from leadflow.entities.lead import Lead
from leadflow.errors import DefinitionError
from leadflow.scoring.rules import checked, given_values, short
from leadflow.scoring.worth import Points

if TYPE_CHECKING:
    from leadflow.conditions.path_names import KnownPath

Percent = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False), NoTruth]

Cases: TypeAlias = Mapping[Any, float] | Iterable[tuple[Condition, float]]
"""Values (whatever a field is compared with) with their percent, or conditions with theirs."""


class Case(Definition):
    """So many percent of the weight, where the condition is true."""

    positional: ClassVar[tuple[str, ...]] = ("when", "percent")

    when: Condition
    percent: Percent


class WeightRule(Definition):
    """``weight × percent / 100`` points by the first case that is true, ``otherwise`` percent where none is."""

    weight: Points
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    otherwise: Percent = 0.0
    because: Text = Field(default_factory=lambda given: short(_about(given["cases"])))
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    @property
    def values(self) -> tuple[float, ...]:
        """The points of each case, and at the end those where none is true."""
        return tuple(self.weight * percent / 100 for percent in (*(one.percent for one in self.cases), self.otherwise))

    def bound(self, lead_type: type[Lead[Any]]) -> Self:
        """The rule with its paths checked against the fields of this kind of lead."""
        return self.but(cases=tuple(one.but(when=checked(self.name, one.when, lead_type)) for one in self.cases))


def _about(cases: tuple[Case, ...]) -> str:
    return "; ".join(f"{one.when}: {one.percent:g} %" for one in cases)


def weighted(
    weight: float,
    cases: Cases,
    *,
    of: "KnownPath | str | None" = None,
    otherwise: float = 0.0,
    because: str | None = None,
    group: str | None = None,
    name: str | None = None,
) -> WeightRule:
    """Give a share of ``weight`` points by value: ``of`` names the field whose values the cases are.

    Without ``of`` the cases are conditions with their percent. The first that is true counts.
    """
    pairs = cases.items() if isinstance(cases, Mapping) else cases
    if isinstance(cases, Mapping) and of is None:
        raise DefinitionError('weighted: values need a field: weighted(40, {"c-level": 100}, of="person.seniority")')
    if not isinstance(cases, Mapping) and of is not None:
        raise DefinitionError(f'weighted: with of={of!r} give a mapping of values to percent: {{"c-level": 100}}')
    made = tuple(Case(when=when if of is None else field(of) == when, percent=percent) for when, percent in pairs)
    given = given_values(because=because if because or of is None else of, group=group, name=name)
    return WeightRule(weight=weight, cases=made, otherwise=otherwise, **given)
