"""Rules: what is looked for, and what it is worth.

::

    points(25, field("company.employees") >= 250, because="enterprise")       fit: something the lead is
    on("demo_requested", 30, decay=half_life(days=30), cap=60)                engagement: something the lead did

    @rule(15, because="works at a target account")                            fit, as a function of your own
    def target_account(lead): return lead.company.domain in TARGETS

All but functions are data, too::

    {"points": 25, "when": {"op": "ge", "field": "company.employees", "value": 250}, "because": "enterprise"}
    {"activity": "demo_requested", "points": 30, "decay": {"half_life_days": 30}, "limit": [5, "day"], "cap": 60}
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Callable, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, Final, Self, TypeAlias

from pydantic import ConfigDict, Field, SkipValidation, field_serializer

from leadflow.conditions.binding import bind
from leadflow.conditions.nodes import Condition
from leadflow.entities.base import Line, Text, safe_line
from leadflow.entities.definition import Definition
from leadflow.entities.lead import Lead
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.scoring.decay import Decay
from leadflow.scoring.limits import Limit, Period
from leadflow.scoring.worth import Cap, Points

NAME_LIMIT: Final = 200

Verdict: TypeAlias = bool | float | None
"""What a function rule returns: whether it gives its points, or how many of them."""


def short(text: str) -> str:
    """The text as a name: one line, not too long."""
    return str(safe_line(text))[:NAME_LIMIT].rstrip()


class FitRule(Definition):
    """Points for what the lead is: they are given where the condition is true (not where it is unknown).

    ``because`` is the reason that people read (the condition in words if left out), ``name`` what the rule is called in
    the model (else its reason), ``group`` one of the model's groups with a cap of their own.
    """

    points: Points
    when: Condition
    because: Text = Field(default_factory=lambda given: short(str(given["when"])))
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    def bound(self, lead_type: type[Lead[Any]]) -> Self:
        """The rule with its paths checked against the fields of this kind of lead."""
        return self.but(when=checked(self.name, self.when, lead_type))


def _or_on(schema: dict[str, Any]) -> None:
    schema["properties"]["on"] = schema["properties"]["activity"]
    schema["required"].remove("activity")
    schema["oneOf"] = [{"required": ["activity"]}, {"required": ["on"]}]


class OnActivity(Definition):
    """A rule on a kind of activity; JSON and YAML may say ``on`` (which older YAML takes for true) for ``activity``."""

    model_config = ConfigDict(json_schema_extra=_or_on)

    activity: Line

    @classmethod
    def _by_name(cls, written: Any) -> Any:
        if isinstance(written, Mapping) and any(key == "on" or key is True for key in written):
            if "activity" in written:
                raise DefinitionError("on and activity are the same; give one of them")
            written = {"activity" if key == "on" or key is True else key: value for key, value in written.items()}
        return super()._by_name(written)


class EngagementRule(OnActivity):
    """Points for each activity of a kind, where the condition on its properties (or the lead) is true.

    In this order: the first activities of each period (``limit``), their fading with age (``decay``), their sum, its
    bound (``cap``). ``because``, ``group`` and ``name`` are as for fit rules.
    """

    points: Points
    where: Condition | None = None
    decay: Decay | None = None
    limit: Limit | None = None
    cap: Cap | None = None
    because: Text = Field(default_factory=lambda given: done(given["activity"], given["where"]))
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: given["activity"])

    def bound(self, lead_type: type[Lead[Any]]) -> Self:
        """The rule with its paths checked; an activity's properties can't be, since they are the host's."""
        return self if self.where is None else self.but(where=checked(self.name, self.where, lead_type))


class FunctionRule(Definition):
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

    def worth(self, lead: object) -> float:
        """The points for this lead; what the function returns is checked (NaN or too many: ``InvalidInput``)."""
        return points_of(self.name, self.function(lead), self.points)

    def bound(self, lead_type: type[Lead[Any]]) -> Self:  # noqa: ARG002  # a function is checked by its own tests
        """The rule as it is: nobody can tell what a function reads."""
        return self

    def no_json(self) -> DefinitionError:
        """The error for asking for this rule as JSON."""
        return no_json(self.name, "points(…)")

    @field_serializer("function", when_used="json")
    def _refuse(self, _: object) -> str:
        raise self.no_json()


def points_of(name: str, verdict: object, points: float) -> float:
    """How many of its points a rule gives for what its function returned."""
    if isinstance(verdict, bool) or not isinstance(verdict, Real | Decimal):
        return points if verdict else 0.0
    number = float(verdict)
    if not abs(number) <= abs(points):
        remedy = f"return True, False or a number from {-abs(points):g} to {abs(points):g}"
        raise InvalidInput(name, verdict, remedy)
    return number


def no_json(name: str, instead: str) -> DefinitionError:
    """The error for asking for a function as JSON."""
    return DefinitionError(f"rule {name!r} is a Python function and has no JSON; write it with {instead}")


def done(kind: str, where: Condition | None) -> str:
    """What was done, in words."""
    spoken = kind.replace("_", " ")
    return spoken if where is None else short(f"{spoken}: {where}")


def checked(name: str, condition: Condition, lead_type: type[Lead[Any]]) -> Condition:
    """The condition of a rule, bound to this kind of lead; what is wrong names the rule."""
    try:
        return bind(condition, lead_type)
    except DefinitionError as wrong:
        raise DefinitionError(f"rule {name!r}: {wrong}") from None


def given_values(**values: object) -> dict[str, Any]:
    """The arguments that were given, to leave the others to their defaults."""
    return {name: value for name, value in values.items() if value is not None}


def points(
    worth: float, when: Condition, *, because: str | None = None, group: str | None = None, name: str | None = None
) -> FitRule:
    """Give ``worth`` points (they may be negative) to a lead for whom the condition is true."""
    return FitRule(points=worth, when=when, **given_values(because=because, group=group, name=name))


def on(
    kind: str,
    worth: float,
    *,
    where: Condition | None = None,
    decay: Decay | None = None,
    limit: tuple[int, Period] | None = None,
    cap: float | None = None,
    group: str | None = None,
    because: str | None = None,
    name: str | None = None,
) -> EngagementRule:
    """Give ``worth`` points for each activity of this kind, where the condition is true."""
    given = given_values(where=where, decay=decay, limit=limit, cap=cap, group=group, because=because, name=name)
    return EngagementRule(activity=kind, points=worth, **given)


def rule(
    worth: float, *, because: str, group: str | None = None, name: str | None = None
) -> Callable[[Callable[[Any], Verdict]], FunctionRule]:
    """Make a function of the lead a fit rule that gives ``worth`` points where it returns true."""

    def made(function: Callable[[Any], Verdict]) -> FunctionRule:
        return FunctionRule(points=worth, because=because, function=function, **given_values(group=group, name=name))

    return made
