"""What a state keeps of one rule, for all leads at once: columns of NumPy, in which a lead is a place.

================================  =============================================================================
rule                              keeps
================================  =============================================================================
no decay or half-life, no limit   per lead the sum of what is left of each activity, which fades as a whole
inactivity                        per lead the moment of the newest activity
window, linear, frequency         the moments of which something is left
any limit                         the first moments of each period, until none of a period can count any more
================================  =============================================================================

It is the same as ``scoring.memory`` keeps for one lead, without the ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.decay import Decay, HalfLife, Linear, Window, microseconds
from leadflow.scoring.limits import Limit, Period
from leadflow.scoring.memory import Remembered, folds, gone_after

Array: TypeAlias = NDArray[Any]
Kept: TypeAlias = Mapping[str, Array]
"""The columns of one rule, by name."""

_AT_ONCE: Final = 1_000_000
_NEVER: Final = np.iinfo(np.int64).min


class Told(NamedTuple):
    """Activities of a rule that are new: places of their leads, ages in microseconds, and days if the rule has a limit.

    Days are those of the model's zone, counted from 1970.
    """

    who: Array
    age: Array
    day: Array | None = None


class Moment(NamedTuple):
    """The moment of a state: how many leads it has, when it is, how long after the state before (microseconds)."""

    many: int
    now: int
    passed: int


class Keeping(Protocol):
    """How a rule is kept."""

    def nothing(self) -> Kept:
        """What is kept of no activities of no leads."""

    def later(self, kept: Kept, new: Told, at: Moment) -> Kept:
        """What is kept at a later moment, with activities that are new by then."""

    def joined(self, kept: Kept, other: Kept, places: Array, at: Moment) -> Kept:
        """What is kept of two sets of activities; the other's leads have these places here."""

    def told(self, kept: Kept, at: Moment) -> Array:
        """Per lead what a pass over all activities would tell: shares, a count, or an age (NaN if there is none)."""


def keeping(rule: Remembered) -> Keeping:
    """How this rule is kept."""
    match rule:
        case InactivityRule():
            return _Newest()
        case FrequencyRule():
            return _Moments(Window(window_days=rule.days), None, gone_after(rule))
        case _ if folds(rule):
            return _Sum(rule.decay)
        case _:
            return _Moments(rule.decay, rule.limit, gone_after(rule))


def left(decay: Decay | None, ages: Array) -> Array:
    """The share of the points that is left at each age, as ``scoring.decay`` has it."""
    match decay:
        case None:
            return np.ones(len(ages))
        case HalfLife(half_life_days=days):
            return np.exp2(ages * (-1 / microseconds(days)))
        case Window(window_days=days):
            return (ages < microseconds(days)).astype(np.float64)
        case Linear(linear_percent=percent, every_days=days):
            return np.maximum(100 - percent * (ages // microseconds(days)), 0) / 100


class _Sum:
    def __init__(self, decay: Decay | None) -> None:
        self._decay = decay

    def nothing(self) -> Kept:
        return {"sum": np.zeros(0)}

    def later(self, kept: Kept, new: Told, at: Moment) -> Kept:
        sums = np.zeros(at.many)
        np.multiply(kept["sum"], self._fades(at), out=sums[: len(kept["sum"])])
        np.add.at(sums, new.who, left(self._decay, new.age))
        return {"sum": sums}

    def joined(self, kept: Kept, other: Kept, places: Array, at: Moment) -> Kept:
        sums = _grown(kept["sum"], at.many, 0.0)
        sums[places] += other["sum"]
        return {"sum": sums}

    def told(self, kept: Kept, at: Moment) -> Array:
        return kept["sum"] * self._fades(at) if at.passed else kept["sum"]

    def _fades(self, at: Moment) -> float:
        return float(left(self._decay, np.array([at.passed]))[0])


class _Newest:
    def nothing(self) -> Kept:
        return {"newest": np.zeros(0, np.int64)}

    def later(self, kept: Kept, new: Told, at: Moment) -> Kept:
        newest = _grown(kept["newest"], at.many, _NEVER)
        np.maximum.at(newest, new.who, at.now - new.age)
        return {"newest": newest}

    def joined(self, kept: Kept, other: Kept, places: Array, at: Moment) -> Kept:
        newest = _grown(kept["newest"], at.many, _NEVER)
        newest[places] = np.maximum(newest[places], other["newest"])
        return {"newest": newest}

    def told(self, kept: Kept, at: Moment) -> Array:
        newest = kept["newest"]
        return np.where(newest == _NEVER, np.nan, at.now - newest.astype(np.float64))


class _Moments:
    def __init__(self, decay: Decay | None, limit: Limit | None, gone: int | None) -> None:
        self._decay, self._limit, self._gone = decay, limit, gone

    def nothing(self) -> Kept:
        columns: dict[str, Array] = {"who": np.zeros(0, np.int32), "at": np.zeros(0, np.int64)}
        return columns if self._limit is None else columns | {"day": np.zeros(0, np.int32)}

    def later(self, kept: Kept, new: Told, at: Moment) -> Kept:
        fresh = {"who": new.who.astype(np.int32), "at": at.now - new.age}
        if new.day is not None:
            fresh["day"] = new.day
        return self._brought(kept, fresh, at)

    def joined(self, kept: Kept, other: Kept, places: Array, at: Moment) -> Kept:
        return self._brought(kept, {**other, "who": places[other["who"]].astype(np.int32)}, at)

    def told(self, kept: Kept, at: Moment) -> Array:
        shares = np.zeros(at.many)
        for first in range(0, len(kept["at"]), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            np.add.at(shares, kept["who"][part], left(self._decay, at.now - kept["at"][part]))
        return shares

    def _brought(self, kept: Kept, fresh: Kept, at: Moment) -> Kept:
        """Both together, without what can't count any more."""
        old, new = (self._counting(columns["at"], at) for columns in (kept, fresh))
        if self._limit is not None and len(new):
            # a period that no new activity falls into is as it was; most new ones fall into the last
            period, fresh_period = (_periods(columns["day"], self._limit.per) for columns in (kept, fresh))
            near = np.flatnonzero(period >= fresh_period.min())
            who, when = (np.concatenate([kept[name][near], fresh[name]]) for name in ("who", "at"))
            first = _are_first(who, np.concatenate([period[near], fresh_period]), when, self._limit.first)
            old[near] &= first[: len(near)]
            new &= first[len(near) :]
        mine, added = (_where(stays, columns) for stays, columns in ((old, kept), (new, fresh)))
        return {name: np.concatenate([column, added[name]]) for name, column in mine.items()}

    def _counting(self, moments: Array, at: Moment) -> Array:
        return np.ones(len(moments), bool) if self._gone is None else moments > at.now - self._gone


def _where(stays: Array, columns: Kept) -> Kept:
    return columns if stays.all() else {name: column[stays] for name, column in columns.items()}


def _grown(column: Array, many: int, nothing: float) -> Array:
    """A copy for more leads."""
    grown = np.full(many, nothing, column.dtype)
    grown[: len(column)] = column
    return grown


def _periods(day: Array, per: Period) -> Array:
    """A number for the day, week (from Monday) or month of each day."""
    match per:
        case "day":
            return day
        case "week":
            return (day + 3) // 7  # 1970 began on a Thursday
        case "month":
            return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        case "ever":
            return np.zeros(len(day), np.int32)


def _are_first(who: Array, period: Array, at: Array, most: int) -> Array:
    """Which moments are among the first of their lead and period."""
    order = np.lexsort((at, period, who))
    who, period = who[order], period[order]
    begins = np.ones(len(order), bool)
    begins[1:] = (who[1:] != who[:-1]) | (period[1:] != period[:-1])
    place = np.arange(len(order))
    turn = place - np.maximum.accumulate(np.where(begins, place, 0))
    first = np.empty(len(order), bool)
    first[order] = turn < most
    return first
