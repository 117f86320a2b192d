"""Python functions as engagement rules: asked about each activity of a kind, with the lead.

::

    @activity_rule("page_viewed", 5, because="read it to the end", limit=(3, "day"), decay=half_life(days=30))
    def read_to_the_end(activity, lead):
        return activity.properties.get("seconds", 0) >= 60 and lead.person.language == "de"

Limit, decay, cap and group are as for ``on(…)``. A function can't be told from an engagement state, nor be written as
JSON or run by SQL: there it is refused by name.
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Callable
from typing import Any

from pydantic import Field, SkipValidation, field_serializer

from leadflow.conditions.nodes import Condition
from leadflow.entities.behaviour import Activity
from leadflow.errors import DefinitionError
from leadflow.scoring.decay import Decay
from leadflow.scoring.limits import Period
from leadflow.scoring.rules import EngagementRule, Verdict, given_values, no_json, points_of, short


class ActivityFunctionRule(EngagementRule):
    """Points for each activity in which a Python function finds something; calling the rule calls the function.

    The function gets the activity and the lead, and returns true for all points, false or None for none (the activity
    does not count then, not for the limit either), or a number of them (at most as many as the rule has, either way).
    It must depend on nothing that changes with time.
    """

    function: SkipValidation[Callable[[Any, Any], Any]] = Field(repr=False)

    def __call__(self, activity: Activity, lead: Any) -> Any:
        return self.function(activity, lead)

    def worth(self, activity: Activity, lead: object) -> float:
        """The points for this activity; what the function returns is checked (NaN or too many: ``InvalidInput``)."""
        return points_of(self.name, self.function(activity, lead), self.points)

    def no_json(self) -> DefinitionError:
        """The error for asking for this rule as JSON."""
        return no_json(self.name, "on(…)")

    @field_serializer("function", when_used="json")
    def _refuse(self, _: object) -> str:
        raise self.no_json()


def activity_rule(
    kind: str,
    worth: float,
    *,
    because: str,
    where: Condition | None = None,
    decay: Decay | None = None,
    limit: tuple[int, Period] | None = None,
    cap: float | None = None,
    group: str | None = None,
    name: str | None = None,
) -> Callable[[Callable[[Activity, Any], Verdict]], ActivityFunctionRule]:
    """Make a function of an activity and its lead an engagement rule: ``worth`` points where it returns true.

    It is asked about the activities of this kind for which the condition ``where`` is true.
    """
    given = given_values(where=where, decay=decay, limit=limit, cap=cap, group=group)

    def made(function: Callable[[Activity, Any], Verdict]) -> ActivityFunctionRule:
        called = name or short(getattr(function, "__name__", because))
        return ActivityFunctionRule(
            activity=kind, points=worth, because=because, function=function, name=called, **given
        )

    return made
