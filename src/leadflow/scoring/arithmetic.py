"""The arithmetic of a score in its fixed order: limit per period, decay, cap per rule, veto, caps of groups and model.

Sums are ``math.fsum``, correctly rounded whatever the order. A cap of a group or of the model is taken from its
contributions from the last rule backwards, until they sum up to it: so the score stays the sum of what is listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import fsum
from operator import attrgetter
from traceback import format_exception_only
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

from leadflow.conditions.values import step
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Adjustment, Contribution, ScoreSide
from leadflow.errors import DefinitionError

__all__ = [
    "BY_HAND",
    "adjusted",
    "adjustments_of",
    "bounded",
    "by_kind",
    "capped",
    "failed",
    "first_of_each",
    "once",
    "summed",
    "unhelped",
]

ERROR_LIMIT: Final = 500
BY_HAND: Final = "adjusted by hand"
"""What the contribution of all adjustments of a side is called."""
BY_HAND_SHOWN: Final = 10


def bounded(value: float, cap: float | None) -> float:
    """The value, brought to between −cap and cap."""
    return value if cap is None else min(max(value, -cap), cap)


class Named(Protocol):
    """What every kind of rule has."""

    @property
    def name(self) -> str: ...
    @property
    def because(self) -> str: ...


def failed(rule: Named, side: ScoreSide, wrong: Exception, *, strict: bool) -> Contribution:
    """What a rule that raised gives: nothing, and its error; if strict, the error itself."""
    error = "".join(format_exception_only(wrong)).strip()[:ERROR_LIMIT]
    if strict:
        raise DefinitionError(f"rule {rule.name!r} failed: {error}") from wrong
    return Contribution(rule=rule.name, side=side, points=0.0, because=rule.because, raw=0.0, error=error)


# --- activities ----------------------------------------------------------------------------------------------

_when: Callable[[Activity], tuple[datetime, str]] = attrgetter("happened_at", "id")


def by_kind(activities: Iterable[Activity], kinds: Collection[str] | None, now: datetime) -> dict[str, list[Activity]]:
    """Each activity of these kinds (None: of any) once, if it has happened by ``now``, sorted by (happened_at, id)."""
    sorted_out: dict[str, list[Activity]] = {}
    for activity in once(activities):
        if (kinds is None or activity.kind in kinds) and activity.happened_at <= now:
            sorted_out.setdefault(activity.kind, []).append(activity)
    for of_kind in sorted_out.values():
        of_kind.sort(key=_when)
    return sorted_out


def once(activities: Iterable[Activity]) -> Collection[Activity]:
    """One activity per id: the one that was recorded first; of equals any, chosen by what they hold.

    One that is retracted is left out.
    """
    once: dict[str, Activity] = {}
    for activity in activities:
        twin = once.setdefault(activity.id, activity)
        if twin is not activity and _precedence(activity) < _precedence(twin):
            once[activity.id] = activity
    return [activity for activity in once.values() if activity.retracted_at is None]


def _precedence(activity: Activity) -> tuple[bool, datetime, datetime, str]:
    return (activity.retracted_at is None, activity.recorded_at, activity.happened_at, activity.model_dump_json())


_PERIOD_OF: Final[Mapping[str, Callable[[datetime], int]]] = {
    "day": lambda local: local.toordinal(),
    "week": lambda local: (local.toordinal() - 1) // 7,  # the first day of year 1 was a Monday
    "month": lambda local: local.year * 12 + local.month,
    "ever": lambda _: 0,
}
_T = TypeVar("_T")


def first_of_each(
    things: Iterable[_T], limit: tuple[int, str] | None, zone: ZoneInfo, happened_at: Callable[[_T], datetime]
) -> list[_T]:
    """The first things of each period, as many as the limit allows; they come in order, and stay so."""
    if limit is None:
        return list(things)
    (first, per), seen, kept = limit, Counter[int](), []
    for one in things:
        period = _PERIOD_OF[per](_local(happened_at(one), zone))
        seen[period] += 1
        if seen[period] <= first:
            kept.append(one)
    return kept


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    if moment.tzinfo is UTC and zone.key == "UTC":  # as it is where no zone was given
        return moment
    try:
        return moment.astimezone(zone)
    except OverflowError:  # a mistyped date at the edge of the calendar must not cost the others their points
        return moment


# --- what persons adjust, and vetoes ---------------------------------------------------------------------------


def adjustments_of(lead: object) -> object:
    """What persons gave and took by hand, as the lead lists it."""
    return step(lead, "adjustments")


def adjusted(listed: object, side: ScoreSide, now: datetime) -> list[Contribution]:
    """What persons gave and took by hand on this side, as far as it counts at ``now``: one contribution, or none."""
    holding = [
        one
        for one in (listed if isinstance(listed, tuple | list) else ())
        if isinstance(one, Adjustment) and one.side == side and one.holds(now)
    ]
    points = fsum(one.points for one in holding)
    if not points:
        return []
    return [Contribution(rule=BY_HAND, side=side, points=points, because=_by_hand(holding), raw=points)]


def _by_hand(holding: Sequence[Adjustment]) -> str:
    """Why and by whom; of many only the newest, since a text must not grow without end."""
    reasons = [f"{one.points:+g} {one.because} ({_author(one)})" for one in holding[-BY_HAND_SHOWN:]]
    if len(holding) > len(reasons):
        reasons.insert(0, f"{len(holding) - len(reasons)} more")
    return "; ".join(reasons)


def _author(one: Adjustment) -> str:
    return str(one.by) if one.until is None else f"{one.by}, until {one.until:%Y-%m-%d %H:%M}"


def unhelped(given: list[Contribution]) -> list[Contribution]:
    """The contributions under a veto: those that would help give nothing."""
    return [one.but(points=0.0, capped_by="veto") if one.points > 0 else one for one in given]


# --- caps ----------------------------------------------------------------------------------------------------


def capped(
    given: list[Contribution], group_of: Mapping[str, str], groups: Mapping[str, float], cap: float | None
) -> list[Contribution]:
    """The contributions of one side, cut to the caps of their groups, then to the cap of the model."""
    for group, of_group in groups.items():
        members = [index for index, one in enumerate(given) if group_of.get(one.rule) == group]
        given = _cut(given, members, of_group, "group")
    return given if cap is None else _cut(given, range(len(given)), cap, "model")


def _cut(given: list[Contribution], members: Sequence[int], cap: float, by: str) -> list[Contribution]:
    values = {index: given[index].points for index in members}
    excess = fsum(values.values()) - bounded(fsum(values.values()), cap)
    if not excess:
        return given
    cut, target = list(given), cap if excess > 0 else -cap
    for index in reversed(members):
        if values[index] * excess <= 0:
            continue
        rest = fsum([target, *(-value for other, value in values.items() if other != index)])
        values[index] = rest if rest * excess > 0 else 0.0
        cut[index] = given[index].but(points=values[index], capped_by=by)
        if rest * excess >= 0:
            break
    return cut


def summed(given: Iterable[Contribution], cap: float | None) -> float:
    """The sum of the contributions; bounded once more, since rounding may leave it a hair above its cap."""
    return bounded(fsum(one.points for one in given), cap)
