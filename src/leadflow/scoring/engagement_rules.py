"""Engagement rules: a measure of what the lead did, and what that measure is worth.

=====================================  =================================================  ===========================
rule                                   measure                                            worth
=====================================  =================================================  ===========================
``on("demo_requested", 30, …)``        what is left of each activity, added up            points for each, up to a cap
``often("page_viewed", {3: 10, …})``   the activities of the last days, counted           the highest band reached
``inactive(-10, days=30)``             how long ago the newest activity was               points from an age on
``@activity_rule("page_viewed", 5)``   as the first; a function says how much each gives  the sum, up to a cap
=====================================  =================================================  ===========================

As data::

    {"activity": "demo_requested", "points": 30, "decay": {"half_life_days": 30}, "limit": [5, "day"], "cap": 60}

``often`` and ``inactive`` are in ``counting_rules``. A function can neither be computed from an engagement state, nor
be written as JSON or run by SQL: there it is refused by name.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, NamedTuple, Self, TypeAlias

from pydantic import ConfigDict, Field, SkipValidation, field_serializer

from leadflow.conditions.nodes import Condition
from leadflow.entities.base import Line, NoTruth, Text
from leadflow.entities.behaviour import Activity
from leadflow.entities.lead import Lead
from leadflow.entities.score import Points
from leadflow.errors import DefinitionError
from leadflow.scoring.arithmetic import bounded
from leadflow.scoring.decay import Decay
from leadflow.scoring.rules import Cap, FunctionResult, Heading, Rule, checked, given_values, no_json, points_by, short

__all__ = [
    "ActivityFunctionRule",
    "ActivityRule",
    "EngagementRule",
    "Limit",
    "OnActivity",
    "Period",
    "activity_rule",
    "done",
    "on",
]

MANY: Final = 1_000_000
"""Where more activities than this would be needed, there never are enough."""

Period: TypeAlias = Literal["day", "week", "month", "ever"]


class Limit(NamedTuple):
    """How many activities count per period: ``(5, "day")``, in JSON and YAML ``[5, day]``: the first five of a day.

    Days, weeks (from Monday) and months are those of the calendar in the model's zone.
    """

    first: Annotated[int, Field(ge=1, le=1_000_000), NoTruth]
    per: Period


class ActivityRule(Rule):
    """A measure of activities of ``kinds`` (of any, if empty) for which ``where`` is true, and what it is worth.

    The measure is what is left of each by ``decay``, added up, of the first of each period (``limit``). What it is
    worth is ``raw(measure)``, at most ``cap`` either way.
    """

    heading: ClassVar[Heading] = "engagement"

    @property
    @abstractmethod
    def kinds(self) -> tuple[str, ...]:
        """The kinds of activities that count; empty: all."""

    @abstractmethod
    def raw(self, measure: float) -> float:
        """The points for this measure, before the cap."""

    def raw_between(self, low: float, high: float) -> tuple[float, float]:
        """The lowest and the highest points for measures from ``low`` to ``high``, before the cap."""
        ends = self.raw(low), self.raw(high)
        return min(ends), max(ends)

    @property
    def enough(self) -> int | None:
        """The number of activities beyond which more make no difference, where each counts in full."""
        return None

    @property
    def gains_by_fading(self) -> bool:
        """Whether less of an activity may be worth more: what takes points away fades, too."""
        return False


def _or_on(schema: dict[str, Any]) -> None:
    schema["properties"]["on"] = schema["properties"]["activity"]
    schema["required"].remove("activity")
    schema["oneOf"] = [{"required": ["activity"]}, {"required": ["on"]}]


class OnActivity(ActivityRule):
    """A rule on one kind of activity; JSON and YAML may say ``on`` (which older YAML takes for true) for ``activity``.

    The condition ``where`` reads properties of the activity, or the lead.
    """

    model_config = ConfigDict(json_schema_extra=_or_on)

    if TYPE_CHECKING:  # fields, each kind has them in its own order
        name: Line
        where: Condition | None

    activity: Line

    def bound(self, lead_type: type[Lead[Any]]) -> Self:
        """The rule with its paths checked; an activity's properties can't be, since they are the host's."""
        return self if self.where is None else self.but(where=checked(self.name, self.where, lead_type))

    @property
    def kinds(self) -> tuple[str, ...]:
        return (self.activity,)

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

    def raw(self, measure: float) -> float:
        return self.points * measure if self.points else 0.0  # zero times infinity is not a number

    @property
    def enough(self) -> int | None:
        if not self.cap or not self.points or self.cap > abs(self.points) * MANY:
            return None
        return int(self.cap / abs(self.points)) + 1

    @property
    def gains_by_fading(self) -> bool:
        return self.points < 0

    @property
    def values(self) -> tuple[float, ...]:
        return (bounded(self.points, self.cap),)


class ActivityFunctionRule(EngagementRule):
    """Points for each activity in which a Python function finds something; calling the rule calls the function.

    The function gets the activity and the lead, and returns true for all points, false or None for none (the activity
    does not count then, not for the limit either), or a number of them (at most as many as the rule has, either way).
    It must depend on nothing that changes with time.
    """

    function: SkipValidation[Callable[[Any, Any], Any]] = Field(repr=False)

    def __call__(self, activity: Activity, lead: Any) -> Any:
        return self.function(activity, lead)

    def points_of(self, activity: Activity, lead: object) -> float:
        """The points for this activity; what the function returns is checked (NaN or too many: ``InvalidInput``)."""
        return points_by(self.name, self.function(activity, lead), self.points)

    def raw(self, measure: float) -> float:
        return measure

    @property
    def gains_by_fading(self) -> bool:
        return True

    def no_json(self) -> DefinitionError:
        """The error for a rule that has no JSON."""
        return no_json(self.name, "on(…)")

    @field_serializer("function", when_used="json")
    def _refuse(self, _: object) -> str:
        raise self.no_json()


def done(kind: str, where: Condition | None) -> str:
    """What was done, in words."""
    spoken = kind.replace("_", " ")
    return spoken if where is None else short(f"{spoken}: {where}")


# --- as they are written in Python ---------------------------------------------------------------------------


def on(
    activity: str,
    points: float,
    *,
    where: Condition | None = None,
    decay: Decay | None = None,
    limit: tuple[int, Period] | None = None,
    cap: float | None = None,
    because: str | None = None,
    group: str | None = None,
    name: str | None = None,
) -> EngagementRule:
    """Give ``points`` for each activity of this kind, where the condition is true."""
    given = given_values(where=where, decay=decay, limit=limit, cap=cap, because=because, group=group, name=name)
    return EngagementRule(activity=activity, points=points, **given)


def activity_rule(
    activity: str,
    points: float,
    *,
    because: str,
    where: Condition | None = None,
    decay: Decay | None = None,
    limit: tuple[int, Period] | None = None,
    cap: float | None = None,
    group: str | None = None,
    name: str | None = None,
) -> Callable[[Callable[[Activity, Any], FunctionResult]], ActivityFunctionRule]:
    """Make a function of an activity and its lead an engagement rule: ``points`` where it returns true.

    It is called for the activities of this kind for which the condition ``where`` is true.
    """
    given = given_values(where=where, decay=decay, limit=limit, cap=cap, group=group)

    def made(function: Callable[[Activity, Any], FunctionResult]) -> ActivityFunctionRule:
        called = name or short(getattr(function, "__name__", because))
        return ActivityFunctionRule(
            activity=activity, points=points, because=because, function=function, name=called, **given
        )

    return made
