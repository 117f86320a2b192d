"""What a lead has done, and what that gives: the engagement rules of a model, compiled.

A ``Measurer`` measures from activities (each once, by kind, in order) or from what a state remembers of them; the rule
says what that is worth.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum
from operator import attrgetter
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from leadflow.conditions.codegen import Code
from leadflow.conditions.codegen_paths import indented
from leadflow.conditions.interpreter import evaluate
from leadflow.conditions.nodes import Condition
from leadflow.conditions.values import read
from leadflow.entities.base import micros, moment_at
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Contribution
from leadflow.scoring.arithmetic import adjusted, bounded, by_kind, capped, failed, first_of_each, unhelped
from leadflow.scoring.counting_rules import AnyEngagement, InactivityRule
from leadflow.scoring.decay import MICROSECOND, fading_of, microseconds
from leadflow.scoring.engagement_rules import ActivityFunctionRule
from leadflow.scoring.engagement_state import NEWEST, RuleState, StateReducer, is_incremental

__all__ = ["NOTHING_REMEMBERED", "ByKind", "DecayingSum", "Engagement", "FunctionSum", "Measurer", "Newest", "kinds_of"]

ByKind: TypeAlias = Mapping[str, Sequence[Activity]]
"""Activities by kind, each once, those of a kind by (happened_at, id)."""

NOTHING_REMEMBERED: Final[Mapping[str, RuleState]] = {}
_happened_at: Callable[[Activity], datetime] = attrgetter("happened_at")


def kinds_of(rules: Iterable[AnyEngagement]) -> frozenset[str] | None:
    """The kinds of activities that rules count; None where one counts all."""
    each = [rule.kinds for rule in rules]
    return frozenset(kind for kinds in each for kind in kinds) if all(each) else None


@dataclass(frozen=True, slots=True)
class Engagement:
    """The engagement rules of a model, with the caps of their side."""

    measurers: tuple[Measurer, ...]
    kinds: frozenset[str] | None
    """The kinds of activities that count; None where all do."""
    group_of: Mapping[str, str]
    groups: Mapping[str, float]
    cap: float | None

    @classmethod
    def of(
        cls,
        rules: Sequence[AnyEngagement],
        zone: ZoneInfo,
        group_of: Mapping[str, str],
        groups: Mapping[str, float],
        cap: float | None,
    ) -> Engagement:
        """The rules, compiled; limits count days in this zone."""
        return cls(tuple(_measurer(rule, zone) for rule in rules), kinds_of(rules), group_of, groups, cap)

    @property
    def gains_by_fading(self) -> bool:
        """Whether ageing alone may raise the score."""
        return any(one.rule.gains_by_fading for one in self.measurers)

    @property
    def reducers(self) -> Iterator[StateReducer]:
        """What makes the state of each rule that has one."""
        return (one.reducer for one in self.measurers if one.reducer is not None)

    def contributions(
        self,
        lead: object,
        activities: Iterable[Activity],
        now: datetime,
        account: object = None,
        *,
        by_hand: object,
        states: Mapping[str, RuleState] = NOTHING_REMEMBERED,
        vetoed: bool = False,
        strict: bool = False,
    ) -> list[Contribution]:
        """What each rule gives, after all caps; rules that have a state need no activities, one that raises fails."""
        done = by_kind(activities, self.kinds, now)
        given = adjusted(by_hand, "engagement", now)
        for one, state in self.with_states(states):
            try:
                of_rule = one.give(done, lead, now, account) if state is None else one.give_by_state(state, lead, now)
            except Exception as wrong:  # noqa: BLE001  # conditions read the host's own objects
                of_rule = failed(one.rule, "engagement", wrong, strict=strict)
            if of_rule is not None:
                given.append(of_rule)
        return capped(unhelped(given) if vetoed else given, self.group_of, self.groups, self.cap)

    def with_states(self, states: Mapping[str, RuleState]) -> Iterator[tuple[Measurer, RuleState | None]]:
        """Each rule with its state, if there is one."""
        for one in self.measurers:
            yield one, None if one.reducer is None else states.get(one.reducer.digest)


def _measurer(rule: AnyEngagement, zone: ZoneInfo) -> Measurer:
    if isinstance(rule, InactivityRule):
        return Newest(rule, zone)
    return FunctionSum(rule, zone) if isinstance(rule, ActivityFunctionRule) else DecayingSum(rule, zone)


# --- one rule ------------------------------------------------------------------------------------------------


class Measurer(ABC):
    """A rule with what measures it."""

    __slots__ = ("_nothing", "_zone", "reducer", "rule")

    def __init__(self, rule: AnyEngagement, zone: ZoneInfo) -> None:
        self.rule, self._zone = rule, zone
        self.reducer = StateReducer(rule, zone) if is_incremental(rule) else None
        self._nothing = Contribution(rule=rule.name, side="engagement", points=0.0, because=rule.because)

    @abstractmethod
    def give(self, done: ByKind, lead: object, now: datetime, account: object) -> Contribution | None:
        """What the rule gives this lead up to its own cap; None if that is nothing."""

    @abstractmethod
    def give_by_state(self, state: RuleState, lead: object, now: datetime) -> Contribution | None:
        """The same, from what is remembered."""

    def _contribution(self, measure: float, newest: tuple[str, ...], count: int = 0) -> Contribution | None:
        rule = self.rule
        raw = rule.raw(measure)
        if not raw:
            return None
        value = bounded(raw, rule.cap)
        capped_by = None if value == raw else "rule"
        return self._nothing.but(points=value, raw=raw, capped_by=capped_by, count=count, activities=newest)


class DecayingSum(Measurer):
    """What is left of each activity, added up."""

    __slots__ = ("_filter", "_kind", "fading")

    def __init__(self, rule: AnyEngagement, zone: ZoneInfo) -> None:
        super().__init__(rule, zone)
        (self._kind,), self.fading = rule.kinds, fading_of(rule.decay)
        self._filter = None if rule.where is None else _filter(rule.where)

    def counted(self, done: ByKind, lead: object, now: datetime, account: object) -> Sequence[Activity]:
        """The activities that count: those for which its condition is true, within its limit."""
        met, limit = self._met(done, lead, now, account), self.rule.limit
        return first_of_each(met, limit, self._zone, _happened_at) if met and limit else met

    def _met(self, done: ByKind, lead: object, now: datetime, account: object) -> Sequence[Activity]:
        of_kind, where = done.get(self._kind, ()), self.rule.where
        if where is None or self._filter is None or not of_kind:
            return of_kind
        try:
            return self._filter(of_kind, lead, now, account)
        except Exception:  # noqa: BLE001  # an activity that lacks a field: left to the interpreter
            return [one for one in of_kind if evaluate(where, lead, now, one, account)]

    def give(self, done: ByKind, lead: object, now: datetime, account: object) -> Contribution | None:
        counted, share = self.counted(done, lead, now, account), self.fading.share
        if not counted:
            return None
        each = [share((now - activity.happened_at) // MICROSECOND) for activity in counted]
        left = [activity.id for activity, of_it in zip(counted, each, strict=True) if of_it]
        return self._contribution(fsum(each), _newest(left), len(left))

    def give_by_state(self, state: RuleState, lead: object, now: datetime) -> Contribution | None:  # noqa: ARG002
        total, left = state.shares(self.fading.share, micros(now))
        return self._contribution(total, _newest([id for _, id in left]), len(left) + state.folded)


class FunctionSum(DecayingSum):
    """What is left of the points that a Python function gives each activity, added up."""

    __slots__ = ()
    rule: ActivityFunctionRule

    def found(self, done: ByKind, lead: object, now: datetime, account: object) -> list[tuple[Activity, float]]:
        """The activities in which the function finds something, within the limit, with the points of each."""
        each = ((one, self.rule.points_of(one, lead)) for one in self._met(done, lead, now, account))
        found = ((one, points) for one, points in each if points)
        return first_of_each(found, self.rule.limit, self._zone, lambda pair: pair[0].happened_at)

    def give(self, done: ByKind, lead: object, now: datetime, account: object) -> Contribution | None:
        left, shares = list[str](), dict[float, list[float]]()
        for activity, points in self.found(done, lead, now, account):
            share = self.fading.share((now - activity.happened_at) // MICROSECOND)
            shares.setdefault(points, []).append(share)
            left += [activity.id] if share else []
        total = fsum(points * fsum(each) for points, each in shares.items())
        return self._contribution(total, _newest(left), len(left))


class Newest(Measurer):
    """How long ago the newest activity was."""

    __slots__ = ()
    rule: InactivityRule

    def begins(self, last: datetime | None, lead: object) -> datetime | None:
        """From when on the lead is inactive if ``last`` was its last activity; None where that can't be known."""
        since, span = self._since(last, lead), timedelta(microseconds=microseconds(self.rule.inactive_days))
        try:
            return None if since is None else since + span
        except OverflowError:  # later than the calendar goes
            return None

    def _since(self, last: datetime | None, lead: object) -> datetime | None:
        since = read(lead, "created_at") if last is None else last
        return since if isinstance(since, datetime) else None

    def give(self, done: ByKind, lead: object, now: datetime, account: object) -> Contribution | None:  # noqa: ARG002
        last = [done[kind][-1] for kind in self.rule.kinds or done.keys() if done.get(kind)]
        newest = max(last, key=lambda one: (one.happened_at, one.id), default=None)
        return (
            self._by_age(None, (), lead, now)
            if newest is None
            else self._by_age(newest.happened_at, (newest.id,), lead, now)
        )

    def give_by_state(self, state: RuleState, lead: object, now: datetime) -> Contribution | None:
        known = state.known(micros(now))
        at = known[-1][0] if known else state.base if state.folded else None
        ids = (known[-1][1],) if known else ()
        return self._by_age(None if at is None else moment_at(at), ids, lead, now)

    def _by_age(self, last: datetime | None, ids: tuple[str, ...], lead: object, now: datetime) -> Contribution | None:
        since = self._since(last, lead)
        return None if since is None else self._contribution((now - since) // MICROSECOND, ids)


def _newest(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(ids[: -NEWEST - 1 : -1])


def _filter(where: Condition) -> Callable[[Sequence[Activity], object, datetime, object], list[Activity]]:
    """One generated loop, before which the paths of the lead are read."""
    code = Code(subject="lead", activity="one", activity_type=Activity)
    holds = code.truth(where).yes
    loop = [*code.reads("activity"), f"if {holds}: met.append(one)"]
    body = [*code.opening(), *code.reads("field"), "met = []", "for one in done:", *indented(loop), "return met"]
    function: Callable[..., list[Activity]] = code.function(["def met(done, lead, now, account):", *indented(body)])
    return function
