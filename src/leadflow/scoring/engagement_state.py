"""What must be remembered of a lead's activities so that later scores need not read them again.

::

    state = scorer.state(activities, now)
    state = scorer.state_after(state, [new_activity], now)     # with each that is new
    scorer.score(lead, None, now, state=state)                 # as if all activities had been given

The ``RuleState`` of a rule has the moments that still count one by one, and all older ones folded into one number where
its arithmetic allows it:

================================  =============================================================================
rule                              remembers
================================  =============================================================================
no decay or half-life, no limit   the newest ten; the rest as one sum of shares, which fades as a whole
window, linear, frequency         the moments whose share is not nothing yet
any limit                         the first of each period, until nothing in that period can count any more
inactivity                        the newest ten; the newest of the rest
================================  =============================================================================

It depends on which activities there were, not on their order; two states of different activities add up to that of all.
It depends on the rules' kinds, conditions, decays and limits; points, groups and names may change freely, and so may
caps, unless they bound how many activities of a window matter. A rule is incremental unless its condition reads
the lead (which may change) or the age of a property, or it is a Python function. Activities that were counted
already must not be given again: the state does not know their ids.
"""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import fsum
from typing import Any, Final, Self, TypeAlias
from zoneinfo import ZoneInfo

from leadflow.conditions.codegen import compile_condition
from leadflow.conditions.json_form import to_json
from leadflow.conditions.nodes import Within, leaves
from leadflow.entities.base import micros, moment_at
from leadflow.entities.behaviour import Activity
from leadflow.scoring.arithmetic import first_of_each
from leadflow.scoring.counting_rules import AnyEngagement
from leadflow.scoring.decay import DAY, fading_of
from leadflow.scoring.engagement_rules import ActivityFunctionRule

__all__ = ["NEWEST", "EngagementState", "RuleState", "StateReducer", "is_compressible", "is_incremental"]

Entry: TypeAlias = tuple[int, str]
"""When, in microseconds since 1970, and the id of the activity: the order of both is that of activities."""

NEWEST: Final = 10
ENOUGH: Final = 100
"""The least number of moments kept of a rule that its cap or its bands bound earlier."""
GONE: Final = 64
"""After this many half-lives what is left of a million points is less than 1e-13."""
_SLACK: Final = {"day": 2 * DAY, "week": 8 * DAY, "month": 32 * DAY, "ever": 0}
"""How long a period lasts at most, and clocks may differ meanwhile."""
CLOCKS: Final = DAY // 2
"""How far a clock may be behind the one by which something was let go."""
FORMAT: Final = 3
"""Of a state as text; one in another format is ignored."""


@dataclass(frozen=True, slots=True)
class RuleState:
    """The activities of one rule: ``kept`` one by one in order, ``folded`` older ones as ``rest``, their shares.

    ``base`` is the moment of the newest folded one, in microseconds; there the shares are ``rest``. The state holds
    from ``since`` on: before, what is folded had not happened yet, or what was let go still counted.
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
    def from_text(cls, text: Any) -> Self | None:
        """The state that this JSON text stands for; None for what another version may have written there."""
        try:
            folded, rest, base, since, kept = json.loads(text)
            return cls(tuple((at, id) for at, id in kept), folded, rest, base, since)
        except (ValueError, TypeError):
            return None

    def holds(self, now: int) -> bool:
        """Whether it is known how it is at ``now``."""
        return self.since is None or self.since <= now

    def known(self, now: int) -> Sequence[Entry]:
        """What is kept and has happened by ``now``."""
        if not self.kept or self.kept[-1][0] <= now:
            return self.kept
        return [entry for entry in self.kept if entry[0] <= now]

    def shares(self, share: Callable[[int], float], now: int) -> tuple[float, list[Entry]]:
        """The sum of all shares at ``now``, and what is kept of which something is left."""
        known = self.known(now)
        each = [share(now - at) for at, _ in known]
        left = [entry for entry, of_it in zip(known, each, strict=True) if of_it]
        return fsum([self.rest * share(now - self.base), *each] if self.folded else each), left

    def folded_with(self, other: RuleState, share: Callable[[int], float]) -> RuleState:
        """What is folded in either, at the later moment."""
        since = other.since if self.since is None else _later(other.since, self.since)
        if not self.folded or not other.folded:
            folded = self if self.folded else other
            return RuleState((), folded.folded, folded.rest, folded.base, since)
        late, early = (self, other) if self.base >= other.base else (other, self)
        rest = late.rest + early.rest * share(late.base - early.base)
        return RuleState((), self.folded + other.folded, rest, late.base, since)


@dataclass(frozen=True, slots=True)
class EngagementState:
    """The state of each rule, by a digest of what it depends on; rules with the same measure share one."""

    rules: Mapping[str, RuleState]

    def ahead(self, now: datetime) -> list[datetime]:
        """The moments of those activities that are dated after ``now``, in order."""
        at = micros(now)
        return [moment_at(one) for one, _ in sorted({e for m in self.rules.values() for e in m.kept if e[0] > at})]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values, exactly."""
        return {digest: state.as_text() for digest, state in self.rules.items()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The state that these JSON values stand for; what can't be read is missing."""
        states = {digest: RuleState.from_text(one) for digest, one in value.items()}
        return cls({digest: state for digest, state in states.items() if state is not None})


class StateReducer:
    """How the state of one rule is made; ``digest`` names all that it depends on."""

    __slots__ = ("_fading", "_folds", "_gone", "_kinds", "_limit", "_most", "_where", "_zone", "digest")

    def __init__(self, rule: AnyEngagement, zone: ZoneInfo) -> None:
        self._kinds, self._limit, self._zone = rule.kinds, rule.limit, zone
        self._where = None if rule.where is None else compile_condition(rule.where)
        self._fading, self._folds = fading_of(rule.decay), is_compressible(rule)
        self._most, self._gone = _most(rule), _gone_after(rule)
        parts = [
            FORMAT,
            sorted(rule.kinds),
            None if rule.where is None else to_json(rule.where),
            None if rule.decay is None else rule.decay.model_dump(),
            rule.limit,
            None if rule.limit is None else zone.key,
            self._most,
        ]
        self.digest = sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    def of(self, activities: Iterable[Activity], now: int) -> RuleState:
        """The state of activities, each there once."""
        kept = sorted((micros(one.happened_at), one.id) for one in activities if self._counts(one))
        return self._reduced(kept, RuleState(), now)

    def together(self, one: RuleState, other: RuleState, now: int) -> RuleState:
        """The state of both; no activity may be in both."""
        if not other.kept and not other.folded and other.since is None:
            return one
        kept = list(one.kept)
        for entry in other.kept:
            insort(kept, entry)
        first_new = other.kept[0][0] if other.kept else None
        return self._reduced(kept, one.folded_with(other, self._fading.share), now, first_new)

    def _counts(self, one: Activity) -> bool:
        if self._kinds and one.kind not in self._kinds:
            return False
        # an incremental condition reads the activity alone: neither lead nor moment matter
        return self._where is None or bool(self._where(None, one.happened_at, one))

    def _reduced(self, kept: list[Entry], rest: RuleState, now: int, first_new: int | None = None) -> RuleState:
        """The entries as the rule keeps them: limited, without those that can't count any more, older ones folded.

        What is dated ahead is kept one by one. Those that happened in periods before ``first_new`` are limited already.
        """
        kept, since = self._limited(kept, first_new), rest.since
        if self._gone is not None and kept and now - kept[0][0] >= self._gone:
            end = bisect_left(kept, (now - self._gone + 1, ""))
            since, kept = _later(since, kept[end - 1][0] + self._gone - CLOCKS), kept[end:]
        past = bisect_left(kept, (now + 1, ""))
        if self._most is not None and past > self._most + NEWEST:  # a clock that is a little behind lacks the newest
            since, kept = _later(since, kept[past - NEWEST - 1][0]), kept[past - NEWEST - self._most :]
        if self._folds and past > NEWEST:
            for at, _ in kept[: past - NEWEST]:
                rest = rest.folded_with(RuleState(folded=1, rest=1.0, base=at), self._fading.share)
            since, kept = _later(since, rest.base), kept[past - NEWEST :]
        return RuleState(tuple(kept), rest.folded, rest.rest, rest.base, since)

    def _limited(self, kept: list[Entry], first_new: int | None) -> list[Entry]:
        limit = self._limit
        if limit is None:
            return kept
        settled = first_new is not None and limit.per != "ever"
        first = bisect_left(kept, (first_new - _SLACK[limit.per], "")) if settled and first_new else 0
        return kept[:first] + first_of_each(kept[first:], limit, self._zone, lambda entry: moment_at(entry[0]))


def is_compressible(rule: AnyEngagement) -> bool:
    """Whether older activities of the rule can be one number."""
    return rule.limit is None and fading_of(rule.decay).is_uniform


def is_incremental(rule: AnyEngagement) -> bool:
    """Whether the rule can be computed from its state, so that its activities need not be read again."""
    where = () if rule.where is None else tuple(leaves(rule.where))
    is_function = isinstance(rule, ActivityFunctionRule)
    return not is_function and not any(leaf.scope == "field" or isinstance(leaf, Within) for leaf in where)


def _most(rule: AnyEngagement) -> int | None:
    """How many of the newest are enough, where all of a window count the same and only so many can matter."""
    in_window = rule.limit is None and fading_of(rule.decay).is_window
    return max(ENOUGH, rule.enough) if in_window and rule.enough is not None else None


def _gone_after(rule: AnyEngagement) -> int | None:
    """How many microseconds after an activity neither it nor any other of its period can count any more."""
    fading, per = fading_of(rule.decay), None if rule.limit is None else rule.limit.per
    left = fading.half_life * GONE if fading.half_life is not None else fading.ends
    if is_compressible(rule) or left is None or per == "ever":
        return None
    return left + (DAY if per is None else _SLACK[per])


def _later(since: int | None, moment: int) -> int:
    return moment if since is None else max(since, moment)
