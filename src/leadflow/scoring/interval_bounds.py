"""What a score can be during an interval in which nothing changes but age: the bounds that ``crossings`` searches with.

- Window, linear and no decay: over an interval such a rule is between its values at both ends.
- Half-life: while no cap bounds it, the rule is amplitude × 2^(−t/half-life); equal half-lives add up to one amplitude,
  so that gains and losses which fade alike cancel exactly instead of widening the bounds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from math import fsum, log
from typing import Final, TypeAlias

from leadflow.entities.base import micros
from leadflow.entities.behaviour import Activity
from leadflow.scoring.arithmetic import bounded
from leadflow.scoring.engagement import ByKind, DecayingSum, FunctionSum, Measurer
from leadflow.scoring.engagement_state import RuleState

__all__ = ["Range", "RuleRange", "constant", "rule_range", "together"]

STEPS: Final = 50
"""Newton's method takes as many only if a lead has several hundred times the points in question."""


@dataclass(frozen=True, slots=True)
class Range:
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

    def meets(self, number: float) -> float | None:
        """After how many microseconds it is on this number, where all that fades has one sign; None if it never is.

        By Newton's method, which can't overshoot there: what fades is convex, what is lost and fades is concave.
        """
        gaining = {amplitude > 0 for amplitude in self.fading.values()}
        if self.low != self.high or len(gaining) != 1 or (number > self.low) is not gaining.pop():
            return None
        at = 0.0
        for _ in range(STEPS):
            left = [(amplitude * 0.5 ** (at / span), span) for span, amplitude in self.fading.items()]
            beyond = self.low + fsum(amplitude for amplitude, _ in left) - number
            slope = fsum(amplitude / span for amplitude, span in left) * log(2)
            if slope == 0:
                break
            at += beyond / slope
            if abs(beyond / slope) < 1:
                return at
        return None

    def capped(self, cap: float | None, width: int) -> Range:
        """The same under a cap; where the cap may bite, fading becomes a plain range."""
        if cap is None:
            return self
        low, high = self.bounds(width)
        return self if -cap <= low and high <= cap else Range(bounded(low, cap), bounded(high, cap))

    def unhelped(self, width: int) -> Range:
        """The same under a veto: what is gained gives nothing."""
        low, high = self.bounds(width)
        return self if high <= 0 else Range(min(low, 0.0), 0.0)


def together(parts: Iterable[Range]) -> Range:
    """The range of a sum."""
    parts, fading = list(parts), dict[int, float]()
    for part in parts:
        for span, amplitude in part.fading.items():
            fading[span] = fading.get(span, 0.0) + amplitude
    return Range(fsum(part.low for part in parts), fsum(part.high for part in parts), fading)


RuleRange: TypeAlias = Callable[[int, int], Range]
"""From a start and a width, in microseconds, to the range of a rule under its own cap."""


def constant(points: float) -> RuleRange:
    """The range of what does not change until the next cut."""
    return lambda _start, _width: Range(points, points)


def rule_range(
    one: Measurer, done: ByKind, state: RuleState | None, lead: object, now: datetime, account: object
) -> RuleRange:
    """The range of a rule from ``now`` up to the next cut, from its state or from what was done."""
    if isinstance(one, FunctionSum):
        return _of_function(one, one.found(done, lead, now, account))
    if isinstance(one, DecayingSum):
        if state is None:
            counted = one.counted(done, lead, now, account)
            state = RuleState(tuple((micros(activity.happened_at), activity.id) for activity in counted))
        return _of_sum(one, replace(state, kept=tuple(state.known(micros(now)))))
    given = one.give(done, lead, now, account) if state is None else one.give_by_state(state, lead, now)
    return constant(0.0 if given is None else given.points)


def _of_sum(one: DecayingSum, state: RuleState) -> RuleRange:
    rule, fading, happened = one.rule, one.fading, [at for at, _ in state.kept]
    if fading.half_life is not None and (state.kept or state.folded):
        base = happened[-1] if happened else state.base
        return _halving(fading.half_life, base, rule.raw(state.shares(fading.share, base)[0]), rule.cap)

    def total(at: int) -> float:
        if fading.steps is None:
            return state.shares(fading.share, at)[0]
        counts = [*(bisect_right(happened, at - age) for age, _ in fading.steps), 0]
        each = (
            share * (count - older) for (_, share), (count, older) in zip(fading.steps, pairwise(counts), strict=True)
        )
        return fsum([state.rest, *each])

    def stepping(start: int, width: int) -> Range:
        low, high = rule.raw_between(total(start + width), total(start))
        return Range(bounded(low, rule.cap), bounded(high, rule.cap))

    return stepping


def _of_function(one: FunctionSum, found: Sequence[tuple[Activity, float]]) -> RuleRange:
    """Some activities may give and others take: what is gained falls, what is lost rises."""
    fading, cap = one.fading, one.rule.cap
    each = [(micros(activity.happened_at), points) for activity, points in found]

    def value(at: int, sign: float) -> float:
        return fsum(points * fading.share(at - then) for then, points in each if points * sign > 0)

    def stepping(start: int, width: int) -> Range:
        gains, losses = ([value(at, sign) for at in (start, start + width)] for sign in (1.0, -1.0))
        return Range(bounded(gains[1] + losses[0], cap), bounded(gains[0] + losses[1], cap))

    if fading.half_life is None or not each:
        return stepping
    base = each[-1][0]
    newest = fsum(points * fading.share(base - then) for then, points in each)
    return _halving(fading.half_life, base, newest, cap)


def _halving(span: int, base: int, newest: float, cap: float | None) -> RuleRange:
    """What is ``newest`` at ``base``, and half of it after each span."""
    return lambda start, width: Range(fading={span: newest * 0.5 ** ((start - base) / span)}).capped(cap, width)
