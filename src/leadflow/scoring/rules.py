"""Fit rules: what is looked for in a lead, and what it is worth; vetoes.

::

    points(25, field("company.employees") >= 250, because="enterprise")

    weighted(40, {"c-level": 100, "director": 75}, of="person.seniority")     shares of a weight, as in Eloqua
    weighted(60, [(field("company.employees") >= 1000, 100), (field("company.employees") >= 250, 50)])

    @rule(15, because="works at a target account")                            a function of your own
    def target_account(lead): return lead.company.domain in TARGETS

    veto(field("company.domain").is_in(*RIVALS), because="competitor")        no points help such a lead

All but functions are data, too::

    {"points": 25, "when": {"op": "ge", "field": "company.employees", "value": 250}, "because": "enterprise"}
    {"weight": 40, "cases": [{"when": {"op": "eq", "field": "person.seniority", "value": "c-level"}, "percent": 100}]}

Of the conditions of a rule the first that is true counts. Weights need not add up to 100.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Self, TypeAlias

from pydantic import Discriminator, Field, SkipValidation, Tag, field_serializer
from pydantic.json_schema import SkipJsonSchema

from leadflow.conditions.binding import bind
from leadflow.conditions.fields import field
from leadflow.conditions.nodes import Condition
from leadflow.entities.base import Line, NoTruth, Text, safe_line
from leadflow.entities.definition import Definition
from leadflow.entities.lead import Lead
from leadflow.entities.score import POINTS_LIMIT, Points
from leadflow.errors import DefinitionError, InvalidInput

if TYPE_CHECKING:
    from leadflow.conditions.path_names import KnownPath

__all__ = [
    "AnyFit",
    "Cap",
    "Case",
    "FitRule",
    "FunctionResult",
    "FunctionRule",
    "Heading",
    "Rule",
    "Veto",
    "WeightRule",
    "WrittenFit",
    "checked",
    "given_values",
    "kind_of_rule",
    "no_json",
    "points",
    "points_by",
    "rule",
    "short",
    "veto",
    "weighted",
]

NAME_LIMIT: Final = 200

Cap = Annotated[float, Field(gt=0, le=POINTS_LIMIT, allow_inf_nan=False, strict=True), NoTruth]
"""A bound of the absolute value: with a cap of 30, rules of −10 give −30 at the lowest."""
Percent = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False), NoTruth]

FunctionResult: TypeAlias = bool | float | None
"""What a function rule returns: whether it gives its points, or how many of them."""
Cases: TypeAlias = Mapping[Any, float] | Iterable[tuple[Condition, float]]
"""Values (whatever a field is compared with) with their percent, or conditions with theirs."""
Heading: TypeAlias = Literal["fit", "engagement", "vetoes"]


class Rule(Definition):
    """What all kinds of rules have: where they belong in a model, and what they may give."""

    heading: ClassVar[Heading] = "fit"

    @property
    @abstractmethod
    def values(self) -> tuple[float, ...]:
        """The points that one finding, or one activity, may give."""

    @property
    def outcomes(self) -> tuple[tuple[Condition, float], ...]:
        """Conditions on the lead with the points of each; the first that is true counts."""
        return ()

    @property
    def fallback(self) -> float:
        """The points where none of these conditions is true."""
        return 0.0

    def bound(self, lead_type: type[Lead[Any]]) -> Self:  # noqa: ARG002  # a function is checked by its own tests
        """The rule with its paths checked against the fields of this kind of lead."""
        return self


class FitRule(Rule):
    """Points for what the lead is: they are given where the condition is true (not where it is unknown).

    ``because`` is the reason that people read (the condition in words if left out), ``name`` what the rule is called in
    the model (else its reason), ``group`` one of the model's groups with a cap of their own.
    """

    points: Points
    when: Condition
    because: Text = Field(default_factory=lambda given: short(str(given["when"])))
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    @property
    def values(self) -> tuple[float, ...]:
        return (self.points,)

    @property
    def outcomes(self) -> tuple[tuple[Condition, float], ...]:
        return ((self.when, self.points),)

    def bound(self, lead_type: type[Lead[Any]]) -> Self:
        return self.but(when=checked(self.name, self.when, lead_type))


class Case(Definition):
    """This percentage of the weight, where the condition is true."""

    positional: ClassVar[tuple[str, ...]] = ("when", "percent")

    when: Condition
    percent: Percent


class WeightRule(Rule):
    """``weight × percent / 100`` points by the first case that is true, ``otherwise`` percent where none is."""

    weight: Points
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    otherwise: Percent = 0.0
    because: Text = Field(default_factory=lambda given: short(_about(given["cases"])))
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    @property
    def outcomes(self) -> tuple[tuple[Condition, float], ...]:
        return tuple((one.when, self.weight * one.percent / 100) for one in self.cases)

    @property
    def fallback(self) -> float:
        return self.weight * self.otherwise / 100

    @property
    def values(self) -> tuple[float, ...]:
        return (*(points for _, points in self.outcomes), self.fallback)

    def bound(self, lead_type: type[Lead[Any]]) -> Self:
        return self.but(cases=tuple(one.but(when=checked(self.name, one.when, lead_type)) for one in self.cases))


class FunctionRule(Rule):
    """Points for what a Python function finds in the lead; calling the rule calls the function, for tests.

    The function returns true for all points, false or None for none, or a number of them (at most as many as the rule
    has, either way). It gets the lead only, and must depend on nothing that changes with time.
    """

    points: Points
    because: Text
    function: SkipValidation[Callable[[Any], Any]] = Field(repr=False)
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: short(getattr(given["function"], "__name__", given["because"])))

    def __call__(self, lead: Any) -> Any:
        return self.function(lead)

    @property
    def values(self) -> tuple[float, ...]:
        return (self.points,)

    def points_of(self, lead: object) -> float:
        """The points for this lead; what the function returns is checked (NaN or too many: ``InvalidInput``)."""
        return points_by(self.name, self.function(lead), self.points)

    def no_json(self) -> DefinitionError:
        """The error for a rule that has no JSON."""
        return no_json(self.name, "points(…)")

    @field_serializer("function", when_used="json")
    def _refuse(self, _: object) -> str:
        raise self.no_json()


class Veto(Definition):
    """A lead for whom the condition is true gets no points on either side, only those that are taken away.

    Its grade is the worst, whatever the thresholds; ``Score.veto`` says why. Unknown does not veto.
    """

    heading: ClassVar[Heading] = "vetoes"

    when: Condition
    because: Line = Field(default_factory=lambda given: short(str(given["when"])))
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    def bound(self, lead_type: type[Lead[Any]]) -> Self:
        """The veto with its paths checked against the fields of this kind of lead."""
        return self.but(when=checked(self.name, self.when, lead_type))


def kind_of_rule(heading: Heading, decorator: str, function: type, **others: tuple[type, str]) -> Discriminator:
    """Tell what is written under a heading apart: a function, one of the ``others``, else a plain rule.

    Each of the others has its class, and the key that only it has where it is written as data.
    """

    def kind(written: Any) -> str:
        _check_heading(written, heading)
        if isinstance(written, function):
            return "function"
        _refuse_plain_function(written, decorator)
        for name, (built, key) in others.items():
            if isinstance(written, built) or (isinstance(written, dict) and key in written):
                return name
        return "rule"

    return Discriminator(kind)


AnyFit: TypeAlias = FitRule | WeightRule | FunctionRule


WrittenFit = Annotated[
    Annotated[FitRule, Tag("rule")]
    | Annotated[WeightRule, Tag("weighted")]
    | Annotated[SkipJsonSchema[FunctionRule], Tag("function")],
    kind_of_rule("fit", "@rule(points, because=…)", FunctionRule, weighted=(WeightRule, "weight")),
]
"""Any fit rule, as a type for pydantic fields: built, or as data."""


# --- for all kinds of rules ----------------------------------------------------------------------------------


def _refuse_plain_function(written: Any, decorator: str) -> None:
    """Refuse a function that was not made a rule, and name the decorator that does."""
    if callable(written):
        name = getattr(written, "__name__", written)
        raise DefinitionError(f"{name!r} is not a rule yet; put {decorator} above it")


def _check_heading(written: Any, heading: Heading) -> None:
    """Refuse a rule that stands under another heading than its own."""
    own = getattr(written, "heading", heading)
    if own != heading and isinstance(written, Definition):
        name = getattr(written, "name", "")
        raise DefinitionError(f"rule {name!r} belongs under {own}, not under {heading}")


def short(text: str) -> str:
    """The text as a name: one line, not too long."""
    return str(safe_line(text))[:NAME_LIMIT].rstrip()


def points_by(name: str, verdict: object, points: float) -> float:
    """How many of its points a rule gives for what its function returned."""
    if isinstance(verdict, bool) or not isinstance(verdict, Real | Decimal):
        return points if verdict else 0.0
    number = float(verdict)
    if not abs(number) <= abs(points):
        remedy = f"return True, False or a number from {-abs(points):g} to {abs(points):g}"
        raise InvalidInput(name, verdict, remedy)
    return number


def no_json(name: str, instead: str) -> DefinitionError:
    """The error for a function, which has no JSON."""
    return DefinitionError(f"rule {name!r} is a Python function and has no JSON; write it with {instead}")


def checked(name: str, condition: Condition, lead_type: type[Lead[Any]]) -> Condition:
    """The condition of a rule, bound to this kind of lead; what is wrong names the rule."""
    try:
        return bind(condition, lead_type)
    except DefinitionError as wrong:
        raise DefinitionError(f"rule {name!r}: {wrong}") from None


def given_values(**values: object) -> dict[str, Any]:
    """The arguments that were given, to leave the others to their defaults."""
    return {name: value for name, value in values.items() if value is not None}


def _about(cases: tuple[Case, ...]) -> str:
    return "; ".join(f"{one.when}: {one.percent:g} %" for one in cases)


# --- as they are written in Python ---------------------------------------------------------------------------


def points(
    points: float, when: Condition, *, because: str | None = None, group: str | None = None, name: str | None = None
) -> FitRule:
    """Give ``points`` (they may be negative) to a lead for whom the condition is true."""
    return FitRule(points=points, when=when, **given_values(because=because, group=group, name=name))


def weighted(
    weight: float,
    cases: Cases,
    *,
    of: KnownPath | str | None = None,
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


def rule(
    points: float, *, because: str, group: str | None = None, name: str | None = None
) -> Callable[[Callable[[Any], FunctionResult]], FunctionRule]:
    """Make a function of the lead a fit rule that gives ``points`` where it returns true."""

    def made(function: Callable[[Any], FunctionResult]) -> FunctionRule:
        return FunctionRule(points=points, because=because, function=function, **given_values(group=group, name=name))

    return made


def veto(when: Condition, *, because: str | None = None, name: str | None = None) -> Veto:
    """Let no points help a lead for whom the condition is true: a competitor, a student."""
    return Veto(when=when, **given_values(because=because, name=name))
