"""When a score falls below a threshold by ageing alone: the first moment, found by bounds, not by steps.

Time is cut at the moments at which something else than age changes: an activity dated ahead comes in, a condition
``within(days=…)`` begins or ends to hold. Between two of them the score consists of parts that only fade:

- window, linear and no decay: over an interval [a, b] such a rule is between its values at a and at b;
- half-life: while no cap bounds it, the rule is amplitude × 2^(−t/half-life); equal half-lives add up to one amplitude,
  so that gains and losses which fade alike cancel exactly instead of widening the bounds.

From this ``_lowest`` derives a bound that the score can't fall below in [a, b]. Where the bound is not under the
threshold nothing needs to be looked at; else the interval is halved, earlier half first, down to a microsecond.
Whatever is returned has been scored and is below. A dip of less than ``TOLERANCE`` that ends by itself may be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import fsum, log
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from leadflow.conditions.nodes import Condition, Within, leaves
from leadflow.conditions.values import read, read_activity
from leadflow.entities.behaviour import Activity
from leadflow.scoring.arithmetic import Engaging, bounded, by_kind, summed
from leadflow.scoring.decay import MICROSECOND, HalfLife, microseconds, share_of
from leadflow.scoring.plan import Plan, plan_of
from leadflow.scoring.rules import FitRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

Side: TypeAlias = Literal["fit", "engagement", "total"]

TOLERANCE: Final = 1e-9
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)


def first_below(
    model: ScoringModel,
    lead: object,
    activities: tuple[Activity, ...],
    now: datetime,
    *,
    side: Side,
    threshold: float,
    horizon: timedelta,
) -> datetime | None:
    """The first moment in [now, now + horizon] at which the side is below the threshold; None if there is none."""
    search = _Search(plan_of(model), lead, activities, side, threshold)
    end = now + min(max(horizon, timedelta(0)), LAST - now)
    starts = sorted({now, *(cut for cut in _cuts(model, lead, activities) if now < cut <= end)})
    for start, after in zip(starts, [*starts[1:], end + MICROSECOND if end < LAST else LAST], strict=True):
        found = search.within(_number(start), _number(after) - 1)
        if found is not None:
            return EPOCH + timedelta(microseconds=found)
    return None


def _number(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


# --- where something else than age changes ---------------------------------------------------------------------


def _cuts(model: ScoringModel, lead: object, activities: Iterable[Activity]) -> Iterator[datetime]:
    yield from (activity.happened_at for activity in activities)
    for rule in model.fit:
        if isinstance(rule, FitRule):
            yield from _turns(rule.when, lead, ())
    for engaging in model.engagement:
        if engaging.where is not None:
            of_kind = [activity for activity in activities if activity.kind == engaging.activity]
            yield from _turns(engaging.where, lead, of_kind)


def _turns(condition: Condition, lead: object, activities: Iterable[Activity]) -> Iterator[datetime]:
    """The moments at which a condition may change its mind."""
    for leaf in leaves(condition):
        if isinstance(leaf, Within):
            about_lead = leaf.scope == "field"
            values = [read(lead, leaf.path)] if about_lead else [read_activity(one, leaf.path) for one in activities]
            for value in values:
                yield from _edges(value, timedelta(days=leaf.days))


def _edges(value: object, span: timedelta) -> Iterator[datetime]:
    """When a moment comes to be within the span, and when it no longer is."""
    try:
        if isinstance(value, datetime):
            yield from (value, value + span + MICROSECOND)
        elif isinstance(value, date):
            first = datetime.combine(value, time(), UTC)
            yield from (first, first + span + timedelta(days=1))
    except OverflowError:  # later than the calendar goes: it never ends
        return


# --- what a part of the score can be during an interval ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Range:
    """Between ``low`` and ``high``, and on top of it amplitudes that fade, by half-life in microseconds."""

    low: float = 0.0
    high: float = 0.0
    fading: Mapping[int, float] = field(default_factory=dict)

    def bounds(self, width: int) -> tuple[float, float]:
        """The lowest and the highest value during ``width`` microseconds."""
        if not self.fading:
            return self.low, self.high
        ends = [(amplitude, amplitude * 0.5 ** (width / span)) for span, amplitude in self.fading.items()]
        slopes = [
            (-first * log(2) * width / span, -last * log(2) * width / span)
            for (first, last), span in zip(ends, self.fading, strict=True)
        ]
        start = fsum(first for first, _ in ends)
        # the first bound is sharp where all fade alike, the second where gains and losses nearly cancel
        lowest = max(fsum(map(min, ends)), start + min(0.0, fsum(map(min, slopes))))
        highest = min(fsum(map(max, ends)), start + max(0.0, fsum(map(max, slopes))))
        return self.low + lowest, self.high + highest

    def capped(self, cap: float | None, width: int) -> _Range:
        """The same under a cap; where the cap may bite, fading becomes a plain range."""
        if cap is None:
            return self
        low, high = self.bounds(width)
        return self if -cap <= low and high <= cap else _Range(bounded(low, cap), bounded(high, cap))


def _together(parts: Iterable[_Range]) -> _Range:
    parts, fading = list(parts), dict[int, float]()
    for part in parts:
        for span, amplitude in part.fading.items():
            fading[span] = fading.get(span, 0.0) + amplitude
    return _Range(fsum(part.low for part in parts), fsum(part.high for part in parts), fading)


RuleRange: TypeAlias = Callable[[int, int], _Range]
"""From a start and a width, in microseconds, to the range of a rule under its own cap."""


def _rule_range(engaging: Engaging, counted: Iterable[Activity]) -> RuleRange:
    rule, moments = engaging.rule, [_number(activity.happened_at) for activity in counted]
    share = share_of(rule.decay)

    def value(at: int) -> float:
        return bounded(rule.points * fsum(share(at - moment) for moment in moments), rule.cap)

    def stepping(start: int, width: int) -> _Range:
        first, last = value(start), value(start + width)
        return _Range(min(first, last), max(first, last))

    def halving(start: int, width: int) -> _Range:
        return _Range(fading={span: newest * 0.5 ** ((start - base) / span)}).capped(rule.cap, width)

    if not isinstance(rule.decay, HalfLife) or not moments:
        return stepping
    span, base = microseconds(rule.decay.half_life_days), max(moments)
    newest = rule.points * fsum(share(base - moment) for moment in moments)
    return halving


# --- the search ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Search:
    plan: Plan
    lead: Any
    activities: tuple[Activity, ...]
    side: Side
    threshold: float

    def within(self, start: int, end: int) -> int | None:
        """The first moment of [start, end] that is below, if nothing but age changes from start to end."""
        if self.is_below(start):
            return start
        bound = self._bound(start)
        pending = [(start, end)]
        while pending:
            first, last = pending.pop()
            lowest = bound(first, last - first)
            if lowest >= self.threshold + TOLERANCE:
                continue
            if lowest >= self.threshold - TOLERANCE and not self.is_below(last):
                continue
            if last - first <= 1:
                if self.is_below(last):
                    return last
                continue
            middle = (first + last) // 2
            pending += [(middle, last), (first, middle)]
        return None

    def is_below(self, at: int) -> bool:
        """Whether the score itself is below the threshold at this moment."""
        now, total = EPOCH + timedelta(microseconds=at), []
        if self.side != "engagement":
            total.append(summed(self.plan.fit(self.lead, now), self.plan.cap_fit))
        if self.side != "fit":
            given = self.plan.engagement(self.lead, self.activities, now)
            total.append(summed(given, self.plan.cap_engagement))
        return sum(total) < self.threshold

    def _bound(self, start: int) -> Callable[[int, int], float]:
        """From a start and a width to what the side can't fall below; valid until the next cut."""
        now, plan = EPOCH + timedelta(microseconds=start), self.plan
        fit = 0.0 if self.side == "engagement" else summed(plan.fit(self.lead, now), plan.cap_fit)
        if self.side == "fit":
            return lambda _start, _width: fit
        rules = self._ranges(now)

        def lowest(start: int, width: int) -> float:
            groups: dict[str | None, list[_Range]] = {}
            for name, rule in rules.items():
                groups.setdefault(plan.group_of.get(name), []).append(rule(start, width))
            sums = [
                _together(parts).capped(plan.engagement_groups[group] if group is not None else None, width)
                for group, parts in groups.items()
            ]
            return fit + _together(sums).capped(plan.cap_engagement, width).bounds(width)[0]

        return lowest

    def _ranges(self, now: datetime) -> dict[str, RuleRange]:
        told = by_kind(self.activities, self.plan.kinds, now)
        ranges: dict[str, RuleRange] = {}
        for engaging in self.plan.engaging:
            try:
                counted = engaging.counted(told.get(engaging.rule.activity, ()), self.lead, now)
            except Exception:  # noqa: BLE001, S112  # it fails at scoring, too, and gives nothing there
                continue
            ranges[engaging.rule.name] = _rule_range(engaging, counted)
        return ranges
