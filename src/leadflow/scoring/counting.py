"""Rules that count activities instead of adding each: how often something was done lately, and that nothing was.

::

    often("page_viewed", {3: 10, 10: 25}, days=7)       three visits in 7 days give 10, ten give 25
    inactive(-10, days=30)                              nothing done for 30 days

    {"activity": "page_viewed", "bands": {"3": 10, "10": 25}, "days": 7}
    {"inactive_days": 30, "points": -10}

Ages are whole microseconds, as for decay: an activity is among those of the last seven days while it is younger than
seven times 24 hours, and nothing was done for 30 days from 30 times 24 hours after the last activity on.
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, BeforeValidator, Field

from leadflow.conditions.nodes import Condition
from leadflow.entities.base import Line, NoTruth, Text
from leadflow.entities.definition import Definition, or_one
from leadflow.entities.lead import Lead
from leadflow.errors import DefinitionError
from leadflow.scoring.decay import Days
from leadflow.scoring.rules import OnActivity, checked, done, given_values, short
from leadflow.scoring.worth import POINTS_LIMIT, Points


class Band(NamedTuple):
    """What so many activities, or more, are worth."""

    at_least: Annotated[int, Field(ge=1, le=1_000_000), NoTruth]
    points: Points


def _pairs(written: Any) -> Any:
    return tuple(written.items()) if isinstance(written, Mapping) else written


def _rising(bands: tuple[Band, ...]) -> tuple[Band, ...]:
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

    bands: Annotated[
        tuple[Band, ...],
        BeforeValidator(_pairs),
        AfterValidator(_rising),
        Field(min_length=1, json_schema_extra=_by_count),
    ]
    days: Days
    where: Condition | None = None
    because: Text = Field(default_factory=lambda given: _often(given["activity"], given["where"], given["days"]))
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    def worth(self, count: int) -> float:
        """The points for so many activities."""
        return next((band.points for band in reversed(self.bands) if count >= band.at_least), 0.0)

    def bound(self, lead_type: type[Lead[Any]]) -> Self:
        """The rule with its paths checked; an activity's properties can't be, since they are the host's."""
        return self if self.where is None else self.but(where=checked(self.name, self.where, lead_type))


def _kinds(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


class InactivityRule(Definition):
    """Points, mostly negative, for a lead that has done none of these, or nothing at all, for so many days.

    A lead that never did anything has been inactive since its ``created_at``; where that is unknown nothing is given.
    """

    inactive_days: Days
    points: Points
    activities: Annotated[tuple[Line, ...], BeforeValidator(_kinds), Field(json_schema_extra=or_one)] = ()
    because: Text = Field(default_factory=lambda given: _idle(given["activities"], given["inactive_days"]))
    group: Line | None = None
    name: Line = Field(default_factory=lambda given: short(given["because"]))

    def bound(self, lead_type: type[Lead[Any]]) -> Self:  # noqa: ARG002  # it asks for no path
        """The rule as it is."""
        return self


def _often(kind: str, where: Condition | None, days: float) -> str:
    return short(f"{done(kind, where)}, often in {days:g} days")


def _idle(kinds: tuple[str, ...], days: float) -> str:
    spoken = " or ".join(kind.replace("_", " ") for kind in kinds)
    return short(f"no {spoken} for {days:g} days" if kinds else f"inactive for {days:g} days")


def often(
    kind: str,
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
    return FrequencyRule(activity=kind, bands=bands, days=days, **given)


def inactive(
    worth: float,
    *,
    days: float,
    of: str | Collection[str] = (),
    because: str | None = None,
    group: str | None = None,
    name: str | None = None,
) -> InactivityRule:
    """Give ``worth`` points (mostly negative) when nothing (``of`` these kinds) was done for ``days``."""
    kinds = (of,) if isinstance(of, str) else tuple(of)
    return InactivityRule(
        inactive_days=days, points=worth, activities=kinds, **given_values(because=because, group=group, name=name)
    )
