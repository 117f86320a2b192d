"""What a score can be during an interval in which nothing changes but age: the bounds that ``ageing`` searches with.

- Window, linear and no decay: over an interval such a rule is between its values at both ends.
- Half-life: while no cap bounds it, the rule is amplitude × 2^(−t/half-life); equal half-lives add up to one amplitude,
  so that gains and losses which fade alike cancel exactly instead of widening the bounds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import ceil, fsum, log
from typing import Final, TypeAlias

from leadflow.entities.behaviour import Activity
from leadflow.scoring.arithmetic import bounded
from leadflow.scoring.counting import FrequencyRule
from leadflow.scoring.decay import Decay, HalfLife, Linear, Window, microseconds, number, share_of
from leadflow.scoring.engaging import Adding, Asking, Counting, Engaging, Told
from leadflow.scoring.functions import ActivityFunctionRule
from leadflow.scoring.memory import Memory, shares
from leadflow.scoring.rules import EngagementRule

STEPS_LIMIT: Final = 100
"""Decay in more steps than this is looked at activity by activity."""


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
    engaging: Engaging, told: Told, memory: Memory | None, lead: object, now: datetime, account: object
) -> RuleRange:
    """The range of a rule from ``now`` up to the next cut, from its memory or from what was told."""
    if isinstance(engaging, Asking):
        return _asking(engaging.rule, engaging.found(told, lead, now, account))
    if isinstance(engaging, Adding | Counting):
        if memory is None:
            counted = engaging.counted(told, lead, now, account)
            memory = Memory(tuple((number(one.happened_at), one.id) for one in counted))
        memory = Memory(tuple(memory.known(number(now))), memory.folded, memory.rest, memory.base)
        return _adding(engaging.rule, memory) if isinstance(engaging, Adding) else _counting(engaging.rule, memory)
    given = engaging.gave(told, lead, now, account) if memory is None else engaging.recalled(memory, lead, now)
    return constant(0.0 if given is None else given.points)


def _counting(rule: FrequencyRule, memory: Memory) -> RuleRange:
    span, happened = microseconds(rule.days), [at for at, _ in memory.kept]

    def counting(start: int, width: int) -> Range:
        most, least = (len(happened) - bisect_right(happened, at - span) for at in (start, start + width))
        between = (band.at_least for band in rule.bands if least < band.at_least < most)
        worth = [rule.worth(count) for count in (least, most, *between)]
        return Range(min(worth), max(worth))

    return counting


def _asking(rule: ActivityFunctionRule, found: Sequence[tuple[Activity, float]]) -> RuleRange:
    """Some activities may give and others take: what is gained falls, what is lost rises."""
    share, each = share_of(rule.decay), [(number(one.happened_at), worth) for one, worth in found]

    def value(at: int, sign: float) -> float:
        return fsum(worth * share(at - then) for then, worth in each if worth * sign > 0)

    def stepping(start: int, width: int) -> Range:
        gains, losses = ([value(at, sign) for at in (start, start + width)] for sign in (1.0, -1.0))
        return Range(bounded(gains[1] + losses[0], rule.cap), bounded(gains[0] + losses[1], rule.cap))

    def halving(start: int, width: int) -> Range:
        return Range(fading={span: newest * 0.5 ** ((start - base) / span)}).capped(rule.cap, width)

    if not isinstance(rule.decay, HalfLife) or not each:
        return stepping
    span, base = microseconds(rule.decay.half_life_days), each[-1][0]
    newest = fsum(worth * share(base - then) for then, worth in each)
    return halving


def _steps(decay: Decay | None) -> list[tuple[int, float]] | None:
    """The ages from which on another share is left: what is of one age need not be looked at one by one."""
    match decay:
        case None:
            return [(0, 1.0)]
        case Window(window_days=days):
            return [(0, 1.0), (microseconds(days), 0.0)]
        case Linear(linear_percent=percent, every_days=days) if percent * STEPS_LIMIT >= 100:
            period, share = microseconds(days), share_of(decay)
            ages = range(0, period * (ceil(100 / percent) + 1), period)
            return [(age, share(age)) for age in ages]
        case _:
            return None


def _adding(rule: EngagementRule, memory: Memory) -> RuleRange:
    share = share_of(rule.decay)
    steps, happened = _steps(rule.decay), [at for at, _ in memory.kept]

    def left(at: int) -> float:
        if steps is None:
            return shares(memory, share, at)[0]
        counts = [bisect_right(happened, at - age) for age, _ in steps]
        each = (
            share * (count - older) for (_, share), (count, older) in zip(steps, pairwise([*counts, 0]), strict=True)
        )
        return fsum([memory.rest, *each])

    def value(at: int) -> float:
        return bounded(rule.points * left(at), rule.cap)

    def stepping(start: int, width: int) -> Range:
        first, last = value(start), value(start + width)
        return Range(min(first, last), max(first, last))

    def halving(start: int, width: int) -> Range:
        return Range(fading={span: newest * 0.5 ** ((start - base) / span)}).capped(rule.cap, width)

    if not isinstance(rule.decay, HalfLife) or not (memory.kept or memory.folded):
        return stepping
    span, base = microseconds(rule.decay.half_life_days), memory.kept[-1][0] if memory.kept else memory.base
    newest = rule.points * shares(memory, share, base)[0]
    return halving
