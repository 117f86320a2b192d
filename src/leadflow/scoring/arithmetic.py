"""The arithmetic of a score in its fixed order: limit per period, decay, cap per rule, per group, of the model.

Sums are ``math.fsum``, correctly rounded whatever the order. A cap of a group or of the model is taken from its
contributions from the last rule backwards, until they sum up to it: so the score stays the sum of what is listed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from math import fsum
from traceback import format_exception_only
from zoneinfo import ZoneInfo

from leadflow.conditions.compiling import Compiled, compile_condition
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Contribution, ScoreSide
from leadflow.errors import DefinitionError
from leadflow.scoring.decay import MICROSECOND, share_of
from leadflow.scoring.limits import first_of_each
from leadflow.scoring.rules import EngagementRule, FitRule, FunctionRule

SHOWN = 10
"""A contribution names so many of its activities, the newest."""
ERROR_LIMIT = 500


def bounded(value: float, cap: float | None) -> float:
    """The value, brought to between −cap and cap."""
    return value if cap is None else min(max(value, -cap), cap)


def failed(rule: FitRule | FunctionRule | EngagementRule, wrong: Exception, *, strict: bool) -> Contribution:
    """What a rule that raised gives: nothing, and its error; if strict, the error itself."""
    error = "".join(format_exception_only(wrong)).strip()[:ERROR_LIMIT]
    if strict:
        raise DefinitionError(f"rule {rule.name!r} failed: {error}") from wrong
    side: ScoreSide = "engagement" if isinstance(rule, EngagementRule) else "fit"
    return Contribution(rule=rule.name, side=side, points=0.0, because=rule.because, raw=0.0, error=error)


# --- activities ----------------------------------------------------------------------------------------------


def by_kind(activities: Iterable[Activity], kinds: Collection[str], now: datetime) -> dict[str, list[Activity]]:
    """Each activity of these kinds once, if it has happened by ``now``, sorted by (happened_at, id)."""
    sorted_out: dict[str, list[Activity]] = {}
    for activity in _once(activities):
        if activity.kind in kinds and activity.happened_at <= now:
            sorted_out.setdefault(activity.kind, []).append(activity)
    for of_kind in sorted_out.values():
        of_kind.sort(key=lambda activity: (activity.happened_at, activity.id))
    return sorted_out


def _once(activities: Iterable[Activity]) -> Collection[Activity]:
    """One activity per id: the one that was recorded first; of equals any, chosen by what they hold."""
    once: dict[str, Activity] = {}
    for activity in activities:
        twin = once.setdefault(activity.id, activity)
        if twin is not activity and _precedence(activity) < _precedence(twin):
            once[activity.id] = activity
    return once.values()


def _precedence(activity: Activity) -> tuple[datetime, datetime, str]:
    return (activity.recorded_at, activity.happened_at, activity.model_dump_json())


# --- engagement ----------------------------------------------------------------------------------------------


class Engaging:
    """An engagement rule, ready to be asked: its condition compiled, its decay a function."""

    __slots__ = ("_nothing", "_share", "_where", "_zone", "rule")

    def __init__(self, rule: EngagementRule, zone: ZoneInfo) -> None:
        self.rule, self._zone = rule, zone
        self._where: Compiled | None = None if rule.where is None else compile_condition(rule.where)
        self._share = share_of(rule.decay)
        self._nothing = Contribution(rule=rule.name, side="engagement", points=0.0, because=rule.because)

    def counted(self, of_kind: Iterable[Activity], lead: object, now: datetime) -> list[Activity]:
        """The activities that the rule looks at: those that its condition holds for, within its limit."""
        where = self._where
        if where is not None:
            of_kind = [activity for activity in of_kind if where(lead, now, activity)]
        return first_of_each(of_kind, self.rule.limit, self._zone)

    def gave(self, of_kind: Iterable[Activity], lead: object, now: datetime) -> Contribution | None:
        """What the rule gives this lead up to its own cap; None if that is nothing."""
        rule, share = self.rule, self._share
        counted = self.counted(of_kind, lead, now)
        shares = [share((now - activity.happened_at) // MICROSECOND) for activity in counted]
        raw = rule.points * fsum(shares)
        if not raw:
            return None
        left = [activity.id for activity, of_it in zip(counted, shares, strict=True) if of_it]
        value = bounded(raw, rule.cap)
        capped_by = None if value == raw else "rule"
        newest = tuple(left[: -SHOWN - 1 : -1])
        return self._nothing.but(points=value, raw=raw, capped_by=capped_by, count=len(left), activities=newest)


def engagement(
    rules: Iterable[Engaging], activities: Mapping[str, list[Activity]], lead: object, now: datetime, *, strict: bool
) -> list[Contribution]:
    """What each rule gives, before the caps of groups and model; a rule that raises is listed as failed."""
    given: list[Contribution] = []
    for engaging in rules:
        of_kind = activities.get(engaging.rule.activity)
        if not of_kind:
            continue
        try:
            contribution = engaging.gave(of_kind, lead, now)
        except Exception as wrong:  # noqa: BLE001  # conditions read the host's own objects
            contribution = failed(engaging.rule, wrong, strict=strict)
        if contribution is not None:
            given.append(contribution)
    return given


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
