"""When a score falls below a threshold by ageing alone: the first moment, found by bounds, not by steps.

Time is cut at the moments at which something else than age changes: an activity dated ahead comes in, a condition
``within(days=…)`` begins or ends to hold. For an interval between two of them ``ranges`` gives a bound that the score
can't fall below. Where it is not under the threshold nothing needs to be looked at; else the interval is halved, the
earlier half first, down to a microsecond. Whatever is returned has been scored and is below. A dip of less than
``TOLERANCE`` that ends by itself may be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from leadflow.conditions.nodes import Condition, Within, leaves
from leadflow.conditions.values import read, read_activity
from leadflow.entities.behaviour import Activity
from leadflow.scoring.arithmetic import by_kind, summed
from leadflow.scoring.decay import MICROSECOND
from leadflow.scoring.plan import Plan, plan_of
from leadflow.scoring.ranges import Range, RuleRange, moment, number, rule_range, together
from leadflow.scoring.rules import FitRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

Side: TypeAlias = Literal["fit", "engagement", "total"]
LowerBound: TypeAlias = Callable[[int, int], float]

TOLERANCE: Final = 1e-9
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
        found = search.within(number(start), number(after) - 1)
        if found is not None:
            return moment(found)
    return None


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
        fit = self._fit(start)
        if self._is_below(start, fit):
            return start
        lowest = self._lowest(start, fit)
        pending = [(start, end)]
        while pending:
            first, last = pending.pop()
            bound = lowest(first, last - first)
            if bound >= self.threshold + TOLERANCE:
                continue
            if bound >= self.threshold - TOLERANCE and not self._is_below(last, fit):
                continue
            if last - first > 1:
                middle = (first + last) // 2
                pending += [(middle, last), (first, middle)]
            elif self._is_below(last, fit):
                return last
        return None

    def _fit(self, at: int) -> float:
        """The fit side, if it is asked for: the same until the next cut, so that functions are called once."""
        return 0.0 if self.side == "engagement" else summed(self.plan.fit(self.lead, moment(at)), self.plan.cap_fit)

    def _is_below(self, at: int, fit: float) -> bool:
        """Whether the score itself is below the threshold at this moment."""
        if self.side == "fit":
            return fit < self.threshold
        given = self.plan.engagement(self.lead, self.activities, moment(at))
        return fit + summed(given, self.plan.cap_engagement) < self.threshold

    def _lowest(self, start: int, fit: float) -> LowerBound:
        """From a start and a width to what the side can't fall below; valid until the next cut."""
        plan = self.plan
        if self.side == "fit":
            return lambda _start, _width: fit
        rules = self._ranges(moment(start))

        def lowest(start: int, width: int) -> float:
            groups: dict[str | None, list[Range]] = {}
            for name, rule in rules.items():
                groups.setdefault(plan.group_of.get(name), []).append(rule(start, width))
            sums = [
                together(parts).capped(plan.engagement_groups[group] if group is not None else None, width)
                for group, parts in groups.items()
            ]
            return fit + together(sums).capped(plan.cap_engagement, width).bounds(width)[0]

        return lowest

    def _ranges(self, now: datetime) -> dict[str, RuleRange]:
        told = by_kind(self.activities, self.plan.kinds, now)
        ranges: dict[str, RuleRange] = {}
        for engaging in self.plan.engaging:
            try:
                counted = engaging.counted(told.get(engaging.rule.activity, ()), self.lead, now)
            except Exception:  # noqa: BLE001, S112  # it fails at scoring, too, and gives nothing there
                continue
            ranges[engaging.rule.name] = rule_range(engaging.rule, counted)
        return ranges
