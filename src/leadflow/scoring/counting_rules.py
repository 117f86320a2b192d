"""Rules that count activities instead of adding each: how often something was done lately, and that nothing was.

::

    often("page_viewed", {3: 10, 10: 25}, days=7)       three visits in 7 days give 10, ten give 25
    inactive(-10, days=30)                              nothing done for 30 days

    {"activity": "page_viewed", "bands": {"3": 10, "10": 25}, "days": 7}
    {"inactive_days": 30, "points": -10}

Ages are whole microseconds: an activity is among those of the last seven days while it is younger than seven times 24
hours, and nothing was done for 30 days from 30 times 24 hours after the last activity on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Annotated, Any, ClassVar, NamedTuple, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, Tag
from pydantic.json_schema import SkipJsonSchema

from leadflow.conditions.nodes import Condition
from leadflow.entities.base import Line, NoTruth, Text
from leadflow.entities.definition import or_one
from leadflow.entities.score import POINTS_LIMIT, Points
from leadflow.errors import DefinitionError
from leadflow.scoring.decay import Days, Decay, Window, microseconds
from leadflow.scoring.engagement_rules import (
    ActivityFunctionRule,
    ActivityRule,
    EngagementRule,
    Limit,
    OnActivity,
    done,
)
from leadflow.scoring.rules import given_values, kind_of_rule, short

__all__ = [
    "AnyEngagement",
    "FrequencyBand",
    "FrequencyRule",
    "InactivityRule",
    "WrittenEngagement",
    "inactive",
    "often",
]

# --- bands ---------------------------------------------------------------------------------------------------


class FrequencyBand(NamedTuple):
    """What this many activities, or more, are worth."""

    at_least: Annotated[int, Field(ge=1, le=1_000_000), NoTruth]
    points: Points


def _pairs(written: Any) -> Any:
    return tuple(written.items()) if isinstance(written, Mapping) else written


def _rising(bands: tuple[FrequencyBand, ...]) -> tuple[FrequencyBand, ...]:
    rising = tuple(sorted(bands))
    for few, more in pairwise(rising):
        if few.at_least == more.at_least:
            raise DefinitionError(f"there are two bands from {few.at_least} on; give each number once")
    return rising


def _by_count(schema: dict[str, Any]) -> None:
    """Bands may be written as pairs, or by their number."""
    band = schema.pop("items")
    schema.pop("minLength", None)
    points = {"type": "number", "minimum": -POINTS_LIMIT, "maximum": POINTS_LIMIT}
    by_number = {
        "type": "object",
        "patternProperties": {"^[1-9][0-9]{0,6}$": points},
        "additionalProperties": False,
        "minProperties": 1,
    }
    schema.pop("type")
    schema["anyOf"] = [by_number, {"type": "array", "items": band, "minItems": 1}]


class FrequencyRule(OnActivity):
    """Points by how many activities of a kind were done in the last ``days``; the highest band that is reached counts.

    The condition on their properties (or the lead), ``because``, ``group`` and ``name`` are as for engagement rules.
    """

    limit: ClassVar[Limit | None] = None
    cap: ClassVar[float | None] = None

    bands: Annotated[
        tuple[FrequencyBand, ...],
        BeforeValidator(_pairs),
        AfterValidator(_rising),
        Field(min_length=1, json_schema_extra=_by_count),
    ]
    days: Days
    where: Condition | None = None
    because: Text = Field(default_factory=lambda given: _often(given["activity"], given["where"], given["days"]))
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    @property
    def decay(self) -> Window:
        return Window(window_days=self.days)

    def raw(self, measure: float) -> float:
        return next((band.points for band in reversed(self.bands) if measure >= band.at_least), 0.0)

    def raw_between(self, low: float, high: float) -> tuple[float, float]:
        between = (band.points for band in self.bands if low < band.at_least < high)
        reached = [self.raw(low), self.raw(high), *between]
        return min(reached), max(reached)

    @property
    def enough(self) -> int | None:
        return self.bands[-1].at_least

    @property
    def gains_by_fading(self) -> bool:
        return any(few > more for few, more in pairwise((0.0, *(band.points for band in self.bands))))

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(band.points for band in self.bands)


# --- inactivity ----------------------------------------------------------------------------------------------


def _kinds(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


class InactivityRule(ActivityRule):
    """Points, mostly negative, for a lead that has done none of these, or nothing at all, for these days.

    A lead that never did anything has been inactive since its ``created_at``; where that is unknown nothing is given.
    """

    where: ClassVar[Condition | None] = None
    decay: ClassVar[Decay | None] = None
    limit: ClassVar[Limit | None] = None
    cap: ClassVar[float | None] = None

    inactive_days: Days
    points: Points
    activities: Annotated[tuple[Line, ...], BeforeValidator(_kinds), Field(json_schema_extra=or_one)] = ()
    because: Text = Field(default_factory=lambda given: _idle(given["activities"], given["inactive_days"]))
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.activities

    @property
    def values(self) -> tuple[float, ...]:
        return (self.points,)

    def raw(self, measure: float) -> float:
        return self.points if measure >= microseconds(self.inactive_days) else 0.0


def _often(kind: str, where: Condition | None, days: float) -> str:
    return short(f"{done(kind, where)}, often in {days:g} days")


def _idle(kinds: tuple[str, ...], days: float) -> str:
    spoken = " or ".join(kind.replace("_", " ") for kind in kinds)
    return short(f"no {spoken} for {days:g} days" if kinds else f"inactive for {days:g} days")


# --- as they are written in Python ---------------------------------------------------------------------------


def often(
    activity: str,
    bands: Mapping[int, float],
    *,
    days: float,
    where: Condition | None = None,
    because: str | None = None,
    group: str | None = None,
    name: str | None = None,
) -> FrequencyRule:
    """Give points by how often it was done in the last ``days``: ``{3: 10, 10: 25}``; the highest band counts."""
    given = given_values(where=where, because=because, group=group, name=name)
    return FrequencyRule(activity=activity, bands=bands, days=days, **given)


def inactive(
    points: float,
    *,
    days: float,
    activities: str | Collection[str] = (),
    because: str | None = None,
    group: str | None = None,
    name: str | None = None,
) -> InactivityRule:
    """Give ``points`` (mostly negative) when nothing, or none of these activities, was done for ``days``."""
    kinds = (activities,) if isinstance(activities, str) else tuple(activities)
    given = given_values(because=because, group=group, name=name)
    return InactivityRule(inactive_days=days, points=points, activities=kinds, **given)


# --- all of them ---------------------------------------------------------------------------------------------

AnyEngagement: TypeAlias = EngagementRule | FrequencyRule | InactivityRule


WrittenEngagement = Annotated[
    Annotated[EngagementRule, Tag("rule")]
    | Annotated[FrequencyRule, Tag("frequency")]
    | Annotated[InactivityRule, Tag("inactivity")]
    | Annotated[SkipJsonSchema[ActivityFunctionRule], Tag("function")],
    kind_of_rule(
        "engagement",
        "@activity_rule(activity, points, because=…)",
        ActivityFunctionRule,
        frequency=(FrequencyRule, "bands"),
        inactivity=(InactivityRule, "inactive_days"),
    ),
]
"""Any engagement rule, as a type for pydantic fields: built, or as data."""
