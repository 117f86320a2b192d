"""Engagement rules made ready to be asked: their conditions compiled, their decay a function.

An ``Engaging`` is asked with what was told (each activity once, by kind, in order), the lead, the moment,
and the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import fsum
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from leadflow.conditions.compiling import Compiled, compile_condition
from leadflow.conditions.nodes import Condition
from leadflow.conditions.values import read
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Contribution
from leadflow.scoring.arithmetic import bounded, failed
from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.decay import MICROSECOND, microseconds, share_of
from leadflow.scoring.limits import first_of_each
from leadflow.scoring.rules import EngagementRule

AnyEngagement: TypeAlias = EngagementRule | FrequencyRule | InactivityRule
Told: TypeAlias = Mapping[str, Sequence[Activity]]
"""Activities by kind, each once, those of a kind by (happened_at, id)."""

SHOWN = 10
"""A contribution names so many of its activities, the newest."""


class Engaging(Protocol):
    """A rule that can be asked what it gives."""

    @property
    def rule(self) -> AnyEngagement: ...

    def gave(self, told: Told, lead: object, now: datetime, account: object) -> Contribution | None:
        """What the rule gives this lead up to its own cap; None if that is nothing."""


def engaging(rule: AnyEngagement, zone: ZoneInfo) -> Engaging:
    """The rule, ready to be asked."""
    match rule:
        case EngagementRule():
            return Adding(rule, zone)
        case FrequencyRule():
            return Counting(rule)
        case InactivityRule():
            return Waiting(rule)


def kinds_of(rules: Iterable[AnyEngagement]) -> frozenset[str] | None:
    """The kinds of activities that rules ask for; None where one asks for all."""
    kinds: set[str] = set()
    for rule in rules:
        of_rule = rule.activities if isinstance(rule, InactivityRule) else (rule.activity,)
        if not of_rule:
            return None
        kinds.update(of_rule)
    return frozenset(kinds)


def nothing(rule: AnyEngagement) -> Contribution:
    """The contribution of a rule that gives no points, to be filled in."""
    return Contribution(rule=rule.name, side="engagement", points=0.0, because=rule.because)


def _newest(counted: Sequence[Activity]) -> tuple[str, ...]:
    return tuple(one.id for one in counted[: -SHOWN - 1 : -1])


class _Met:
    """The activities of a kind that a condition holds for."""

    __slots__ = ("_kind", "_where")

    def __init__(self, kind: str, where: Condition | None) -> None:
        self._kind = kind
        self._where: Compiled | None = None if where is None else compile_condition(where)

    def of(self, told: Told, lead: object, now: datetime, account: object) -> Sequence[Activity]:
        of_kind, where = told.get(self._kind, ()), self._where
        return of_kind if where is None else [one for one in of_kind if where(lead, now, one, account)]


class Adding:
    """Points for each activity: limit, decay, sum, cap."""

    __slots__ = ("_met", "_nothing", "_share", "_zone", "rule")

    def __init__(self, rule: EngagementRule, zone: ZoneInfo) -> None:
        self.rule, self._zone = rule, zone
        self._met, self._share, self._nothing = _Met(rule.activity, rule.where), share_of(rule.decay), nothing(rule)

    def counted(self, told: Told, lead: object, now: datetime, account: object) -> Sequence[Activity]:
        """The activities that the rule looks at: those that its condition holds for, within its limit."""
        return first_of_each(self._met.of(told, lead, now, account), self.rule.limit, self._zone)

    def gave(self, told: Told, lead: object, now: datetime, account: object) -> Contribution | None:
        rule, share = self.rule, self._share
        counted = self.counted(told, lead, now, account)
        shares = [share((now - activity.happened_at) // MICROSECOND) for activity in counted]
        raw = rule.points * fsum(shares)
        if not raw:
            return None
        left = [activity for activity, of_it in zip(counted, shares, strict=True) if of_it]
        value = bounded(raw, rule.cap)
        capped_by = None if value == raw else "rule"
        return self._nothing.but(points=value, raw=raw, capped_by=capped_by, count=len(left), activities=_newest(left))


class Counting:
    """Points for how many activities there were lately."""

    __slots__ = ("_met", "_nothing", "_span", "rule")

    def __init__(self, rule: FrequencyRule) -> None:
        self.rule, self._met, self._nothing = rule, _Met(rule.activity, rule.where), nothing(rule)
        self._span = microseconds(rule.days) * MICROSECOND

    def counted(self, told: Told, lead: object, now: datetime, account: object) -> Sequence[Activity]:
        """The activities of the rule that are young enough."""
        met = self._met.of(told, lead, now, account)
        return [activity for activity in met if now - activity.happened_at < self._span]

    def gave(self, told: Told, lead: object, now: datetime, account: object) -> Contribution | None:
        counted = self.counted(told, lead, now, account)
        worth = self.rule.worth(len(counted))
        if not worth:
            return None
        return self._nothing.but(points=worth, raw=worth, count=len(counted), activities=_newest(counted))


class Waiting:
    """Points for a lead that has done nothing for long."""

    __slots__ = ("_nothing", "_span", "rule")

    def __init__(self, rule: InactivityRule) -> None:
        self.rule, self._nothing = rule, nothing(rule)
        self._span = microseconds(rule.inactive_days) * MICROSECOND

    def newest(self, told: Told) -> Activity | None:
        """The last activity of its kinds."""
        kinds = self.rule.activities or told.keys()
        last = [told[kind][-1] for kind in kinds if told.get(kind)]
        return max(last, key=lambda one: (one.happened_at, one.id), default=None)

    def begins(self, told: Told, lead: object) -> datetime | None:
        """From when on the lead is inactive if nothing new happens; None where that can't be known."""
        newest = self.newest(told)
        since = read(lead, "created_at") if newest is None else newest.happened_at
        return _after(since, self._span) if isinstance(since, datetime) else None

    def gave(self, told: Told, lead: object, now: datetime, account: object) -> Contribution | None:  # noqa: ARG002
        begins, worth = self.begins(told, lead), self.rule.points
        if begins is None or now < begins or not worth:
            return None
        newest = self.newest(told)
        return self._nothing.but(points=worth, raw=worth, activities=() if newest is None else (newest.id,))


def _after(since: datetime, span: timedelta) -> datetime | None:
    try:
        return since + span
    except OverflowError:  # later than the calendar goes
        return None


def engagement(
    rules: Iterable[Engaging], told: Told, lead: object, now: datetime, account: object, *, strict: bool
) -> list[Contribution]:
    """What each rule gives, before the caps of groups and model; a rule that raises is listed as failed."""
    given: list[Contribution] = []
    for one in rules:
        try:
            contribution = one.gave(told, lead, now, account)
        except Exception as wrong:  # noqa: BLE001  # conditions read the host's own objects
            contribution = failed(one.rule, "engagement", wrong, strict=strict)
        if contribution is not None:
            given.append(contribution)
    return given
