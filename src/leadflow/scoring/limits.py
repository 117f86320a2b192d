"""How many activities a rule counts per day, week or month, or ever: the first ones do."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field

from leadflow.entities.base import NoTruth

Period: TypeAlias = Literal["day", "week", "month", "ever"]


class Limit(NamedTuple):
    """So many activities count per period: ``(5, "day")``, in JSON and YAML ``[5, day]``: the first five of a day.

    Days, weeks (from Monday) and months are those of the calendar in the model's zone.
    """

    first: Annotated[int, Field(ge=1, le=1_000_000), NoTruth]
    per: Period


_PERIOD_OF: Final[Mapping[Period, Callable[[datetime], int]]] = {
    "day": lambda local: local.toordinal(),
    "week": lambda local: (local.toordinal() - 1) // 7,  # the first day of year 1 was a Monday
    "month": lambda local: local.year * 12 + local.month,
    "ever": lambda _: 0,
}


_T = TypeVar("_T")


def first_of_each(
    things: Iterable[_T], limit: Limit | None, zone: ZoneInfo, happened_at: Callable[[_T], datetime]
) -> list[_T]:
    """The first things of each period, as many as the limit allows; they come in order, and stay so."""
    if limit is None:
        return list(things)
    period_of, seen, kept = _PERIOD_OF[limit.per], Counter[int](), []
    for one in things:
        period = period_of(_local(happened_at(one), zone))
        seen[period] += 1
        if seen[period] <= limit.first:
            kept.append(one)
    return kept


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    if moment.tzinfo is UTC and zone.key == "UTC":  # as it is where no zone was given
        return moment
    try:
        return moment.astimezone(zone)
    except OverflowError:  # a mistyped date at the edge of the calendar must not cost the others their points
        return moment
