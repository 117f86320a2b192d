"""Engagement rules made ready to be asked: their conditions compiled, their decay a function.

An ``Engaging`` is asked with what was told (each activity once, by kind, in order), the lead, the moment,
and the account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import fsum
from operator import attrgetter
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from leadflow.conditions.codegen import Code
from leadflow.conditions.codegen_paths import indented
from leadflow.conditions.interpreter import evaluate
from leadflow.conditions.nodes import Condition
from leadflow.conditions.values import read
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Contribution
from leadflow.scoring.arithmetic import bounded, failed
from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.decay import MICROSECOND, microseconds, moment, number, share_of
from leadflow.scoring.functions import ActivityFunctionRule
from leadflow.scoring.limits import first_of_each
from leadflow.scoring.memory import NEWEST, Memory, shares
from leadflow.scoring.rules import EngagementRule

AnyEngagement: TypeAlias = EngagementRule | FrequencyRule | InactivityRule
Told: TypeAlias = Mapping[str, Sequence[Activity]]
"""Activities by kind, each once, those of a kind by (happened_at, id)."""

_happened_at: Callable[[Activity], datetime] = attrgetter("happened_at")


class Engaging(Protocol):
    """A rule that can be asked what it gives."""

    @property
    def rule(self) -> AnyEngagement: ...

    def gave(self, told: Told, lead: object, now: datetime, account: object) -> Contribution | None:
        """What the rule gives this lead up to its own cap; None if that is nothing."""

    def recalled(self, memory: Memory, lead: object, now: datetime) -> Contribution | None:
        """The same, from what is remembered instead of what was told."""


def engaging(rule: AnyEngagement, zone: ZoneInfo) -> Engaging:
    """The rule, ready to be asked."""
    match rule:
        case ActivityFunctionRule():
            return Asking(rule, zone)
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


def loses(rule: AnyEngagement) -> bool:
    """Whether older activities of the rule may be worth more than younger ones: what takes points away fades, too."""
    match rule:
        case ActivityFunctionRule():
            return True  # it may give as well as take
        case EngagementRule():
            return rule.points < 0
        case FrequencyRule():
            worth = [0.0, *(band.points for band in rule.bands)]
            return any(few > more for few, more in pairwise(worth))
        case InactivityRule():
            return False  # it begins at a moment of its own


def nothing(rule: AnyEngagement) -> Contribution:
    """The contribution of a rule that gives no points, to be filled in."""
    return Contribution(rule=rule.name, side="engagement", points=0.0, because=rule.because)


def _newest(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(ids[: -NEWEST - 1 : -1])


class _Met:
    """The activities of a kind that a condition holds for."""

    __slots__ = ("_filter", "_kind", "_where")

    def __init__(self, kind: str, where: Condition | None) -> None:
        self._kind, self._where = kind, where
        self._filter = None if where is None else _filter(where)

    def of(self, told: Told, lead: object, now: datetime, account: object) -> Sequence[Activity]:
        of_kind = told.get(self._kind, ())
        if self._where is None or self._filter is None or not of_kind:
            return of_kind
        try:
            return self._filter(of_kind, lead, now, account)
        except Exception:  # noqa: BLE001  # an activity that lacks a field: told by the interpreter
            return [one for one in of_kind if evaluate(self._where, lead, now, one, account)]


def _filter(where: Condition) -> Callable[[Sequence[Activity], object, datetime, object], list[Activity]]:
    """One generated loop, before which the paths of the lead are read."""
    code = Code(subject="lead", activity="one", activity_type=Activity)
    holds = code.truth(where).yes
    loop = [*code.reads("activity"), f"if {holds}: met.append(one)"]
    body = [*code.opening(), *code.reads("field"), "met = []", "for one in told:", *indented(loop), "return met"]
    function: Callable[..., list[Activity]] = code.function(["def met(told, lead, now, account):", *indented(body)])
    return function


class Adding:
    """Points for each activity: limit, decay, sum, cap."""

    __slots__ = ("_met", "_nothing", "_share", "_zone", "rule")

    def __init__(self, rule: EngagementRule, zone: ZoneInfo) -> None:
        self.rule, self._zone = rule, zone
        self._met, self._share, self._nothing = _Met(rule.activity, rule.where), share_of(rule.decay), nothing(rule)

    def counted(self, told: Told, lead: object, now: datetime, account: object) -> Sequence[Activity]:
        """The activities that the rule looks at: those that its condition holds for, within its limit."""
        met = self._met.of(told, lead, now, account)
        return first_of_each(met, self.rule.limit, self._zone, _happened_at) if met and self.rule.limit else met

    def gave(self, told: Told, lead: object, now: datetime, account: object) -> Contribution | None:
        share, counted = self._share, self.counted(told, lead, now, account)
        if not counted:
            return None
        each = [share((now - activity.happened_at) // MICROSECOND) for activity in counted]
        left = [activity.id for activity, of_it in zip(counted, each, strict=True) if of_it]
        return self._worth(self.rule.points * fsum(each), left, len(left))

    def recalled(self, memory: Memory, lead: object, now: datetime) -> Contribution | None:  # noqa: ARG002
        total, left = shares(memory, self._share, number(now))
        return self._worth(self.rule.points * total, [id for _, id in left], len(left) + memory.folded)

    def _worth(self, raw: float, left: Sequence[str], count: int) -> Contribution | None:
        if not raw:
            return None
        value = bounded(raw, self.rule.cap)
        capped_by = None if value == raw else "rule"
        return self._nothing.but(points=value, raw=raw, capped_by=capped_by, count=count, activities=_newest(left))


class Asking(Adding):
    """Points for each activity by what a Python function finds in it: limit, decay, sum, cap."""

    __slots__ = ()
    rule: ActivityFunctionRule

    def found(self, told: Told, lead: object, now: datetime, account: object) -> list[tuple[Activity, float]]:
        """The activities in which the function finds something, within the limit, with the points of each."""
        each = ((one, self.rule.worth(one, lead)) for one in self._met.of(told, lead, now, account))
        found = ((one, worth) for one, worth in each if worth)
        return first_of_each(found, self.rule.limit, self._zone, lambda pair: pair[0].happened_at)

    def gave(self, told: Told, lead: object, now: datetime, account: object) -> Contribution | None:
        left, shares = list[str](), dict[float, list[float]]()
        for activity, worth in self.found(told, lead, now, account):
            share = self._share((now - activity.happened_at) // MICROSECOND)
            shares.setdefault(worth, []).append(share)
            left += [activity.id] if share else []
        return self._worth(fsum(worth * fsum(each) for worth, each in shares.items()), left, len(left))


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
        return self._worth([activity.id for activity in self.counted(told, lead, now, account)])

    def recalled(self, memory: Memory, lead: object, now: datetime) -> Contribution | None:  # noqa: ARG002
        end, span = number(now), microseconds(self.rule.days)
        return self._worth([id for at, id in memory.known(end) if end - at < span])

    def _worth(self, ids: Sequence[str]) -> Contribution | None:
        worth = self.rule.worth(len(ids))
        if not worth:
            return None
        return self._nothing.but(points=worth, raw=worth, count=len(ids), activities=_newest(ids))


class Waiting:
    """Points for a lead that has done nothing for long."""

    __slots__ = ("_nothing", "_span", "rule")

    def __init__(self, rule: InactivityRule) -> None:
        self.rule, self._nothing = rule, nothing(rule)
        self._span = microseconds(rule.inactive_days) * MICROSECOND

    def begins(self, last: datetime | None, lead: object) -> datetime | None:
        """From when on the lead is inactive if ``last`` was its last activity; None where that can't be known."""
        since = read(lead, "created_at") if last is None else last
        return _after(since, self._span) if isinstance(since, datetime) else None

    def gave(self, told: Told, lead: object, now: datetime, account: object) -> Contribution | None:  # noqa: ARG002
        kinds = self.rule.activities or told.keys()
        last = [told[kind][-1] for kind in kinds if told.get(kind)]
        newest = max(last, key=lambda one: (one.happened_at, one.id), default=None)
        if newest is None:
            return self._worth(None, (), lead, now)
        return self._worth(newest.happened_at, (newest.id,), lead, now)

    def recalled(self, memory: Memory, lead: object, now: datetime) -> Contribution | None:
        known = memory.known(number(now))
        if known:
            at, id = known[-1]
            return self._worth(moment(at), (id,), lead, now)
        return self._worth(moment(memory.base) if memory.folded else None, (), lead, now)

    def _worth(self, last: datetime | None, ids: tuple[str, ...], lead: object, now: datetime) -> Contribution | None:
        begins, worth = self.begins(last, lead), self.rule.points
        if begins is None or now < begins or not worth:
            return None
        return self._nothing.but(points=worth, raw=worth, activities=ids)


def _after(since: datetime, span: timedelta) -> datetime | None:
    try:
        return since + span
    except OverflowError:  # later than the calendar goes
        return None


def engagement(
    rules: Iterable[tuple[Engaging, Memory | None]],
    told: Told,
    lead: object,
    now: datetime,
    account: object,
    *,
    strict: bool,
) -> list[Contribution]:
    """What each rule gives, from its memory or what was told, before the caps of groups and model.

    A rule that raises is listed as failed.
    """
    given: list[Contribution] = []
    for one, memory in rules:
        try:
            contribution = one.gave(told, lead, now, account) if memory is None else one.recalled(memory, lead, now)
        except Exception as wrong:  # noqa: BLE001  # conditions read the host's own objects
            contribution = failed(one.rule, "engagement", wrong, strict=strict)
        if contribution is not None:
            given.append(contribution)
    return given
