"""When a score crosses a threshold by ageing alone: the first moment, found by bounds, not by steps.

Time is cut at the moments at which something else than age changes: an activity dated ahead comes in, a condition
``within(days=…)`` begins or ends to hold, a lead begins to be inactive, an adjustment begins or ends. For an interval
between two of them ``ranges`` gives bounds that the score stays within. Where they exclude the threshold, nothing
has to be looked at; else the interval is halved, the earlier half first, down to a microsecond. Whatever is returned
has been scored and has crossed. A crossing by less than ``TOLERANCE`` that ends by itself may be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from leadflow.conditions.nodes import Condition, Within, leaves
from leadflow.conditions.values import read, read_activity
from leadflow.entities.behaviour import Activity
from leadflow.scoring.arithmetic import adjusted, adjustments_of, by_kind, summed
from leadflow.scoring.counting import InactivityRule
from leadflow.scoring.decay import MICROSECOND, moment, number
from leadflow.scoring.engaging import Waiting
from leadflow.scoring.memory import Memory
from leadflow.scoring.plan import Plan
from leadflow.scoring.ranges import Range, RuleRange, constant, rule_range, together
from leadflow.scoring.rules import FitRule
from leadflow.scoring.vetoes import Veto
from leadflow.scoring.weights import WeightRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

Side: TypeAlias = Literal["fit", "engagement", "total"]
Bounds: TypeAlias = Callable[[int, int], tuple[float, float]]
"""From a start and a width, in microseconds, to the lowest and the highest that a side can be."""

TOLERANCE: Final = 1e-9
LAST: Final = datetime.max.replace(tzinfo=UTC)


# --- where something else than age changes ---------------------------------------------------------------------


def _cuts(
    model: ScoringModel,
    plan: Plan,
    lead: Any,
    activities: Sequence[Activity],
    memories: Mapping[str, Memory],
    now: datetime,
) -> Iterator[datetime]:
    yield from (activity.happened_at for activity in activities)
    ahead = (memory.kept[len(memory.known(number(now))) :] for memory in memories.values())
    yield from (moment(at) for kept in ahead for at, _ in kept)
    for one in (*getattr(lead, "adjustments", ()),):
        yield from (moment for moment in (one.at, one.until) if moment is not None)
    for condition in _about_the_lead(model):
        yield from _turns(condition, lead, ())
    for rule in model.engagement:
        if not isinstance(rule, InactivityRule) and rule.where is not None:
            yield from _turns(rule.where, lead, [one for one in activities if one.kind == rule.activity])
    for engaging, memory in plan.recalling(memories):
        if isinstance(engaging, Waiting):
            yield from _silences(engaging, lead, _moments(engaging, activities, memory))


def conditions(model: ScoringModel) -> Iterator[Condition]:
    """Every condition of a model."""
    yield from _about_the_lead(model)
    for rule in model.engagement:
        if not isinstance(rule, InactivityRule) and rule.where is not None:
            yield rule.where


def _about_the_lead(model: ScoringModel) -> Iterator[Condition]:
    for rule in (*model.vetoes, *model.fit):
        match rule:
            case WeightRule():
                yield from (case.when for case in rule.cases)
            case FitRule() | Veto():
                yield rule.when


def _moments(engaging: Waiting, activities: Iterable[Activity], memory: Memory | None) -> list[datetime]:
    """When the activities that an inactivity rule looks at happened, in order, as far as is known."""
    if memory is not None:
        folded = [memory.base] if memory.folded else []
        return [moment(at) for at in sorted([*folded, *(at for at, _ in memory.kept)])]
    wanted = engaging.rule.activities
    return sorted(one.happened_at for one in activities if not wanted or one.kind in wanted)


def _silences(engaging: Waiting, lead: object, happened: Sequence[datetime]) -> Iterator[datetime]:
    """When the lead begins to be inactive: after its creation, and after each activity that is long the last one."""
    for last, following in zip([None, *happened], [*happened, None], strict=True):
        begins = engaging.begins(last, lead)
        if begins is not None and (following is None or begins < following):
            yield begins


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
class Search:
    """A threshold of one side of a lead's score, and all that the score is made of.

    It is crossed where the side is below, or, if ``rising``, where it is not below.
    """

    model: ScoringModel
    plan: Plan
    lead: Any
    activities: tuple[Activity, ...]
    memories: Mapping[str, Memory]
    account: object
    side: Side
    threshold: float
    rising: bool = False

    def first(self, now: datetime, horizon: timedelta) -> datetime | None:
        """The first moment in [now, now + horizon] at which the threshold is crossed; None if there is none."""
        end = now + min(max(horizon, timedelta(0)), LAST - now)
        cuts = _cuts(self.model, self.plan, self.lead, self.activities, self.memories, now)
        starts = sorted({now, *(cut for cut in cuts if now < cut <= end)})
        for start, after in zip(starts, [*starts[1:], end + MICROSECOND if end < LAST else LAST], strict=True):
            found = self._within(number(start), number(after) - 1)
            if found is not None:
                return moment(found)
        return None

    def _within(self, start: int, end: int) -> int | None:
        """The first moment of [start, end] that has crossed, if nothing but age changes from start to end."""
        # what the lead itself tells is the same until the next cut, so that functions are called once
        veto, _, fit, _ = self.plan.of_lead(self.lead, moment(start), self.account)
        vetoed, fit = veto is not None, 0.0 if self.side == "engagement" else fit
        if self._has_crossed(start, fit, vetoed):
            return start
        if self.rising and not self.plan.may_rise:
            return None
        bounds = self._bounds(start, fit, vetoed)
        pending = [(start, end)]
        while pending:
            first, last = pending.pop()
            lowest, highest = bounds(first, last - first)
            distance = self.threshold - highest if self.rising else lowest - self.threshold
            touched = self.rising and distance <= 0  # on the threshold it is reached
            grazed = distance >= -TOLERANCE and not touched and not self._has_crossed(last, fit, vetoed)
            if distance >= TOLERANCE or grazed:
                continue
            if last - first > 1:
                middle = (first + last) // 2
                pending += [(middle, last), (first, middle)]
            elif self._has_crossed(last, fit, vetoed):
                return last
        return None

    def _has_crossed(self, at: int, fit: float, vetoed: bool) -> bool:
        """Whether the score itself is beyond the threshold at this moment."""
        if self.side != "fit":
            given = self.plan.engagement(
                self.lead, self.activities, moment(at), self.account,
                by_hand=adjustments_of(self.lead), memories=self.memories, vetoed=vetoed,
            )  # fmt: skip
            fit += summed(given, self.plan.cap_engagement)
        return fit >= self.threshold if self.rising else fit < self.threshold

    def _bounds(self, start: int, fit: float, vetoed: bool) -> Bounds:
        """What the side stays within; valid until the next cut."""
        plan = self.plan
        if self.side == "fit":
            return lambda _start, _width: (fit, fit)
        rules = self._ranges(moment(start))

        def bounds(start: int, width: int) -> tuple[float, float]:
            groups: dict[str | None, list[Range]] = {}
            for name, rule in rules.items():
                found = rule(start, width)
                groups.setdefault(plan.group_of.get(name), []).append(found.unhelped(width) if vetoed else found)
            sums = [
                together(parts).capped(plan.engagement_groups[group] if group is not None else None, width)
                for group, parts in groups.items()
            ]
            lowest, highest = together(sums).capped(plan.cap_engagement, width).bounds(width)
            return fit + lowest, fit + highest

        return bounds

    def _ranges(self, now: datetime) -> dict[str, RuleRange]:
        told = by_kind(self.activities, self.plan.kinds, now)
        ranges: dict[str, RuleRange] = {
            one.rule: constant(one.points) for one in adjusted(adjustments_of(self.lead), "engagement", now)
        }
        for engaging, memory in self.plan.recalling(self.memories):
            try:
                ranges[engaging.rule.name] = rule_range(engaging, told, memory, self.lead, now, self.account)
            except Exception:  # noqa: BLE001, S112  # it fails at scoring, too, and gives nothing there
                continue
        return ranges
