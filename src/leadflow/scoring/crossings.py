"""When a score crosses a threshold by ageing alone: the first moment, found by bounds, not by steps.

Time is cut at the moments at which something else than age changes: an activity dated ahead comes in, a condition
``within(days=…)`` begins or ceases to hold, a lead begins to be inactive, an adjustment begins or ends. For an interval
between two of them ``interval_bounds`` gives bounds that the score stays within. Where they exclude the threshold, no
moment has to be scored; else the interval is cut in two, the earlier part first, down to a microsecond: close to where
what fades is expected to meet the threshold, else in the middle. Whatever is
returned has been scored and has crossed. A crossing by less than ``TOLERANCE`` that ends by itself may be missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

from leadflow.conditions.nodes import Condition, Within, leaves
from leadflow.conditions.values import read, read_activity
from leadflow.entities.base import micros, moment_at
from leadflow.entities.behaviour import Activity
from leadflow.scoring.arithmetic import adjusted, adjustments_of, by_kind, summed
from leadflow.scoring.decay import MICROSECOND
from leadflow.scoring.engagement import Engagement, Newest
from leadflow.scoring.engagement_state import RuleState
from leadflow.scoring.fit_engine import FitEngine
from leadflow.scoring.interval_bounds import Range, RuleRange, constant, rule_range, together

__all__ = ["LAST", "Crossings", "Side"]

Side: TypeAlias = Literal["fit", "engagement", "total"]

TOLERANCE: Final = 1e-9
NEAR: Final = 16
"""Microseconds: a cut that is as near to an end of its interval is not worth it."""
LAST: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Crossings:
    """All that one lead's score is made of, to find when it crosses thresholds."""

    fit: FitEngine
    engagement: Engagement
    lead: Any
    activities: tuple[Activity, ...]
    states: Mapping[str, RuleState]
    account: object

    def first(self, side: Side, threshold: float, now: datetime, end: datetime, *, rising: bool) -> datetime | None:
        """The first moment from now to the end at which the side is below, or, if rising, not below the threshold."""
        cuts = sorted({now, *(cut for cut in self._cuts(now) if now < cut <= end)})
        if len(cuts) == 1 and (side == "fit" or (rising and not self.engagement.gains_by_fading)):
            return None  # nothing but age changes, and that changes nothing here
        search = _ThresholdSearch(self, side, threshold, rising)
        for start, after in zip(cuts, [*cuts[1:], end + MICROSECOND if end < LAST else LAST], strict=True):
            found = search.within(micros(start), micros(after) - 1)
            if found is not None:
                return moment_at(found)
        return None

    def may_rise(self, now: datetime) -> bool:
        """Whether a side may rise after now: else all that happens is that points fade."""
        return self.engagement.gains_by_fading or any(cut > now for cut in self._cuts(now))

    # --- where something else than age changes -----------------------------------------------------------------

    def _cuts(self, now: datetime) -> Iterator[datetime]:
        yield from (activity.happened_at for activity in self.activities)
        ahead = (state.kept[len(state.known(micros(now))) :] for state in self.states.values())
        yield from (moment_at(at) for kept in ahead for at, _ in kept)
        for one in (*getattr(self.lead, "adjustments", ()),):
            yield from (moment for moment in (one.at, one.until) if moment is not None)
        for condition in self.fit.dated:
            yield from self._turns(condition, ())
        for measurer, state in self.engagement.with_states(self.states):
            rule = measurer.rule
            if rule.where is not None:
                yield from self._turns(rule.where, [one for one in self.activities if one.kind in rule.kinds])
            if isinstance(measurer, Newest):
                yield from self._silences(measurer, state)

    def _turns(self, condition: Condition, activities: Sequence[Activity]) -> Iterator[datetime]:
        """The moments at which a condition may change its mind."""
        for leaf in leaves(condition):
            if isinstance(leaf, Within):
                about_lead = leaf.scope == "field"
                values = (
                    [read(self.lead, leaf.path)] if about_lead else [read_activity(a, leaf.path) for a in activities]
                )
                yield from (moment for value in values for moment in leaf.turns(value))

    def _silences(self, measurer: Newest, state: RuleState | None) -> Iterator[datetime]:
        """When the lead begins to be inactive: after its creation, and after each activity without a near successor."""
        if state is None:
            kinds = measurer.rule.kinds
            happened = sorted(one.happened_at for one in self.activities if not kinds or one.kind in kinds)
        else:
            folded = [state.base] if state.folded else []
            happened = [moment_at(at) for at in sorted([*folded, *(at for at, _ in state.kept)])]
        for last, following in zip([None, *happened], [*happened, None], strict=True):
            begins = measurer.begins(last, self.lead)
            if begins is not None and (following is None or begins < following):
                yield begins


@dataclass(frozen=True, slots=True)
class _ThresholdSearch:
    """One threshold of one side; it is crossed where the side is below, or, if ``rising``, where it is not below."""

    of: Crossings
    side: Side
    threshold: float
    rising: bool

    def within(self, start: int, end: int) -> int | None:
        """The first moment of [start, end] that has crossed, if nothing but age changes from start to end."""
        # what the lead is worth by itself is the same until the next cut, so that functions are called once
        veto, _, fit, _ = self.of.fit(self.of.lead, moment_at(start), self.of.account)
        vetoed, fit = veto is not None, 0.0 if self.side == "engagement" else fit
        if self._has_crossed(start, fit, vetoed):
            return start
        if self.rising and not self.of.engagement.gains_by_fading:
            return None
        total = self._range(start, fit, vetoed)
        pending = [(start, end)]
        while pending:
            first, last = pending.pop()
            between = total(first, last - first)
            lowest, highest = between.bounds(last - first)
            distance = self.threshold - highest if self.rising else lowest - self.threshold
            touched = self.rising and distance <= 0  # on the threshold it is reached
            grazed = distance >= -TOLERANCE and not touched and not self._has_crossed(last, fit, vetoed)
            if distance >= TOLERANCE or grazed:
                continue
            if last - first > 1:
                cut = self._cut(first, last, between)
                pending += [(cut, last), (first, cut)]
            elif self._has_crossed(last, fit, vetoed):
                return last
        return None

    def _has_crossed(self, at: int, fit: float, vetoed: bool) -> bool:
        """Whether the score itself is beyond the threshold at this moment."""
        of = self.of
        if self.side != "fit":
            given = of.engagement.contributions(
                of.lead, of.activities, moment_at(at), of.account,
                by_hand=adjustments_of(of.lead), states=of.states, vetoed=vetoed,
            )  # fmt: skip
            fit += summed(given, of.engagement.cap)
        return fit >= self.threshold if self.rising else fit < self.threshold

    def _cut(self, first: int, last: int, between: Range) -> int:
        """Where to cut an interval in two: just before or just after the expected crossing, else in the middle."""
        for aside in (2 * TOLERANCE, -2 * TOLERANCE):
            met = between.meets(self.threshold - aside if self.rising else self.threshold + aside)
            if met is not None and NEAR < met < last - first - NEAR:
                return first + round(met)
        return (first + last) // 2

    def _range(self, start: int, fit: float, vetoed: bool) -> RuleRange:
        """The range of the side; valid until the next cut."""
        if self.side == "fit":
            return constant(fit)
        engagement, rules = self.of.engagement, self._ranges(moment_at(start))

        def total(start: int, width: int) -> Range:
            groups: dict[str | None, list[Range]] = {}
            for name, rule in rules.items():
                found = rule(start, width)
                groups.setdefault(engagement.group_of.get(name), []).append(found.unhelped(width) if vetoed else found)
            sums = [
                together(parts).capped(engagement.groups[group] if group is not None else None, width)
                for group, parts in groups.items()
            ]
            return together([Range(fit, fit), together(sums).capped(engagement.cap, width)])

        return total

    def _ranges(self, now: datetime) -> dict[str, RuleRange]:
        of = self.of
        done = by_kind(of.activities, of.engagement.kinds, now)
        ranges: dict[str, RuleRange] = {
            one.rule: constant(one.points) for one in adjusted(adjustments_of(of.lead), "engagement", now)
        }
        for measurer, state in of.engagement.with_states(of.states):
            try:
                ranges[measurer.rule.name] = rule_range(measurer, done, state, of.lead, now, of.account)
            except Exception:  # noqa: BLE001, S112  # it fails at scoring, too, and gives nothing there
                continue
        return ranges
