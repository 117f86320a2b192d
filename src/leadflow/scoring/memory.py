"""What a rule must remember of a lead's activities so that later scores need not read them again.

A ``Memory`` has the moments that still count one by one, and all older ones folded into one number where the rule's
arithmetic allows it:

================================  =============================================================================
rule                              remembers
================================  =============================================================================
no decay or half-life, no limit   the newest ten; the rest as one sum of shares, which fades as a whole
window, linear, frequency         the moments whose share is not nothing yet
any limit                         the first of each period, until nothing in that period can count any more
inactivity                        the newest ten; the newest of the rest
================================  =============================================================================

It depends on which activities there were, not on their order. Two memories of different activities add up to that of
all. A rule composes unless its condition looks at the lead (which may change) or at the age of a property, or it is a
Python function.
"""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import fsum
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from leadflow.conditions.codegen import Compiled, compile_condition
from leadflow.conditions.json_form import to_json
from leadflow.conditions.nodes import Within, leaves
from leadflow.entities.behaviour import Activity
from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.decay import DAY, HalfLife, Window, microseconds, moment, number, share_of
from leadflow.scoring.functions import ActivityFunctionRule
from leadflow.scoring.limits import first_of_each
from leadflow.scoring.rules import EngagementRule

Remembered: TypeAlias = EngagementRule | FrequencyRule | InactivityRule
Entry: TypeAlias = tuple[int, str]
"""When, in microseconds since 1970, and the id of the activity: the order of both is that of activities."""

NEWEST: Final = 10
ENOUGH: Final = 100
"""So many moments are kept even of a rule that is bounded earlier by its cap or its bands."""
GONE: Final = 64
"""After so many half-lives what is left of a million points is less than 1e-13."""
_SLACK: Final = {"day": 2 * DAY, "week": 8 * DAY, "month": 32 * DAY, "ever": 0}
"""How long a period lasts at most, and clocks may differ meanwhile."""
CLOCKS: Final = DAY // 2
"""By so much a clock may be behind the one by which something was let go."""
MANY: Final = 1_000_000
"""More activities or periods than this need no bound: nobody gets there."""
FORMAT: Final = 2
"""Of a memory as text: one that was written otherwise is none."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The activities of one rule: ``kept`` one by one in order, ``folded`` older ones as ``rest``, their shares.

    ``base`` is the moment of the newest folded one, in microseconds; there the shares are ``rest``. The memory tells
    its rule from ``since`` on: before, what is folded had not happened yet, or what was let go still counted.
    """

    kept: tuple[Entry, ...] = ()
    folded: int = 0
    rest: float = 0.0
    base: int = 0
    since: int | None = None

    def as_text(self) -> str:
        """The same as JSON text; storages check and copy one text much faster than a thousand small lists."""
        return json.dumps([self.folded, self.rest, self.base, self.since, self.kept], separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Memory:
        """The memory that this JSON text stands for."""
        folded, rest, base, since, kept = json.loads(text)
        return cls(tuple((at, id) for at, id in kept), folded, rest, base, since)

    def tells(self, now: int) -> bool:
        """Whether it is known how it is at ``now``."""
        return self.since is None or self.since <= now

    def known(self, now: int) -> Sequence[Entry]:
        """What is kept and has happened by ``now``."""
        if not self.kept or self.kept[-1][0] <= now:
            return self.kept
        return [entry for entry in self.kept if entry[0] <= now]


class Remembering:
    """How one rule remembers; ``digest`` names all that its memory depends on (points, caps, names do not matter)."""

    __slots__ = ("_share", "_where", "_zone", "digest", "rule")

    def __init__(self, rule: Remembered, zone: ZoneInfo) -> None:
        self.rule, self._zone = rule, zone
        where = None if isinstance(rule, InactivityRule) else rule.where
        self._where: Compiled | None = None if where is None else compile_condition(where)
        self._share = share_of(rule.decay if isinstance(rule, EngagementRule) else None)
        self.digest = digest(rule, zone, _most(rule))

    def of(self, activities: Iterable[Activity], now: int) -> Memory:
        """The memory of activities, each there once."""
        kept = sorted((number(one.happened_at), one.id) for one in self._met(activities))
        return self._brought(kept, Memory(), now)

    def together(self, one: Memory, other: Memory, now: int) -> Memory:
        """The memory of both; no activity may be in both."""
        if not other.kept and not other.folded and other.since is None:
            return one
        kept = list(one.kept)
        for entry in other.kept:
            insort(kept, entry)
        first_new = other.kept[0][0] if other.kept else None
        return self._brought(kept, _both(one, other, self._share), now, first_new)

    def _met(self, activities: Iterable[Activity]) -> Iterator[Activity]:
        rule, where = self.rule, self._where
        if isinstance(rule, InactivityRule):
            yield from (one for one in activities if not rule.activities or one.kind in rule.activities)
            return
        for one in activities:
            # a condition that composes looks at the activity alone: neither lead nor moment matter
            if one.kind == rule.activity and (where is None or where(None, one.happened_at, one)):
                yield one

    def _brought(self, kept: list[Entry], rest: Memory, now: int, first_new: int | None = None) -> Memory:
        """The entries as the rule keeps them: limited, without those that can't count any more, older ones folded.

        What is dated ahead is kept one by one. Those that happened in periods before ``first_new`` are limited already.
        """
        kept, since = self._limited(kept, first_new), rest.since
        gone = gone_after(self.rule)
        if gone is not None and kept and now - kept[0][0] >= gone:
            end = bisect_left(kept, (now - gone + 1, ""))
            since, kept = _later(since, kept[end - 1][0] + gone - CLOCKS), kept[end:]
        past = bisect_left(kept, (now + 1, ""))
        most = _most(self.rule)
        if most is not None and past > most + NEWEST:  # a clock that is a little behind does without the newest few
            since, kept = _later(since, kept[past - NEWEST - 1][0]), kept[past - NEWEST - most :]
        if folds(self.rule) and past > NEWEST:
            for at, _ in kept[: past - NEWEST]:
                rest = _both(rest, Memory(folded=1, rest=1.0, base=at), self._share)
            since, kept = _later(since, rest.base), kept[past - NEWEST :]
        return Memory(tuple(kept), rest.folded, rest.rest, rest.base, since)

    def _limited(self, kept: list[Entry], first_new: int | None) -> list[Entry]:
        limit = self.rule.limit if isinstance(self.rule, EngagementRule) else None
        if limit is None:
            return kept
        settled = first_new is not None and limit.per != "ever"
        first = bisect_left(kept, (first_new - _SLACK[limit.per], "")) if settled and first_new else 0
        return kept[:first] + first_of_each(kept[first:], limit, self._zone, _happened)


def folds(rule: Remembered) -> bool:
    """Whether older activities of the rule can be one number."""
    if isinstance(rule, EngagementRule):
        return rule.limit is None and (rule.decay is None or isinstance(rule.decay, HalfLife))
    return isinstance(rule, InactivityRule)


def composes(rule: object) -> bool:
    """Whether the rule can be told from a memory, so that its activities need not be read again."""
    if isinstance(rule, InactivityRule):
        return True
    if not isinstance(rule, EngagementRule | FrequencyRule) or isinstance(rule, ActivityFunctionRule):
        return False
    asked = () if rule.where is None else tuple(leaves(rule.where))
    return not any(leaf.scope == "field" or isinstance(leaf, Within) for leaf in asked)


def shares(memory: Memory, share: Callable[[int], float], now: int) -> tuple[float, list[Entry]]:
    """The sum of all shares at ``now``, and what is kept of which something is left."""
    known = memory.known(now)
    each = [share(now - at) for at, _ in known]
    left = [entry for entry, of_it in zip(known, each, strict=True) if of_it]
    return fsum([memory.rest * share(now - memory.base), *each] if memory.folded else each), left


def _both(one: Memory, other: Memory, share: Callable[[int], float]) -> Memory:
    """What is folded in either, at the later moment."""
    since = other.since if one.since is None else _later(other.since, one.since)
    if not one.folded or not other.folded:
        folded = one if one.folded else other
        return Memory((), folded.folded, folded.rest, folded.base, since)
    late, early = (one, other) if one.base >= other.base else (other, one)
    rest = late.rest + early.rest * share(late.base - early.base)
    return Memory((), one.folded + other.folded, rest, late.base, since)


def _later(since: int | None, moment: int) -> int:
    return moment if since is None else max(since, moment)


def _happened(entry: Entry) -> datetime:
    return moment(entry[0])


def _most(rule: Remembered) -> int | None:
    """How many of the newest are enough, where all count the same and only so many can matter."""
    if isinstance(rule, FrequencyRule):
        return max(ENOUGH, rule.bands[-1].at_least)
    if not isinstance(rule, EngagementRule) or not isinstance(rule.decay, Window) or rule.limit is not None:
        return None
    if not rule.cap or not rule.points or rule.cap > abs(rule.points) * MANY:
        return None
    return max(ENOUGH, int(rule.cap / abs(rule.points)) + 1)


def gone_after(rule: Remembered) -> int | None:
    """How many microseconds after an activity neither it nor any other of its period can count any more."""
    match rule:
        case FrequencyRule():
            return microseconds(rule.days) + DAY
        case EngagementRule() if not folds(rule):
            if rule.limit is not None and rule.limit.per == "ever":
                return None
            left = _nothing_left_after(rule)
            return None if left is None else left + (DAY if rule.limit is None else _SLACK[rule.limit.per])
        case _:
            return None


def _nothing_left_after(rule: EngagementRule) -> int | None:
    match rule.decay:
        case None:
            return None
        case HalfLife(half_life_days=days):
            return microseconds(days) * GONE
        case Window(window_days=days):
            return microseconds(days)
        case linear:
            if linear.linear_percent * MANY < 100:
                return None
            periods = -(-100 // linear.linear_percent)
            return microseconds(linear.every_days) * int(periods)


def digest(rule: Remembered, zone: ZoneInfo, most: int | None = None) -> str:
    """A name for all that it depends on which activities count, and how many are kept at most."""
    told: list[Any] = [FORMAT, type(rule).__name__]
    if isinstance(rule, InactivityRule):
        told += [sorted(rule.activities)]
    else:
        told += [rule.activity, None if rule.where is None else to_json(rule.where), most]
    if isinstance(rule, FrequencyRule):
        told += [rule.days]
    elif isinstance(rule, EngagementRule):
        decay = None if rule.decay is None else rule.decay.model_dump()
        told += [decay, rule.limit, zone.key if rule.limit is not None else None]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
