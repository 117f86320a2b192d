"""How low and how high the sides of a score can be by a model's rules, whoever the lead is and whatever it did.

No score lies beyond these bounds; that one can reach them is not said. Rules that exclude each other are counted once
(the best of them), rules that are never true not at all, caps as they are. Points given by hand come on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite
from typing import TYPE_CHECKING, Final, TypeAlias

from leadflow.conditions.fields import activity
from leadflow.conditions.nodes import ALWAYS, Condition
from leadflow.conditions.satisfiability import (
    NOT_TRUE,
    TRUE,
    Constraint,
    exclude,
    is_always_true,
    is_never_true,
    satisfiable,
)
from leadflow.scoring.arithmetic import bounded
from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.decay import HalfLife, Linear, Window
from leadflow.scoring.functions import ActivityFunctionRule
from leadflow.scoring.limits import Period
from leadflow.scoring.rules import EngagementRule, FitRule, FunctionRule
from leadflow.scoring.weights import WeightRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

AnyRule: TypeAlias = FitRule | WeightRule | FunctionRule | EngagementRule | FrequencyRule | InactivityRule

HAIR: Final = 1e-9
SHORTEST: Final[dict[Period, int]] = {"day": 1, "week": 7, "month": 28}
"""So many days a period has at least."""
SHIFT: Final = 26 / 24
"""So many days the clocks of a zone may leap ahead meanwhile: Samoa left out a day."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and the highest that there can be; infinite where nothing bounds it."""

    low: float
    high: float

    def __str__(self) -> str:
        if isfinite(self.low) and isfinite(self.high):
            return f"from {self.low:g} to {self.high:g}"
        return (
            f"at most {self.high:g}"
            if isfinite(self.high)
            else f"{self.low:g} or more"
            if isfinite(self.low)
            else "any"
        )

    def __add__(self, other: Bounds) -> Bounds:
        return Bounds(self.low + other.low, self.high + other.high)

    @property
    def least(self) -> float:
        """What no score is below, however its sum was rounded."""
        return self.low if self.low.is_integer() else self.low - HAIR

    @property
    def most(self) -> float:
        """What no score is above, however its sum was rounded."""
        return self.high if self.high.is_integer() else self.high + HAIR

    def capped(self, cap: float | None) -> Bounds:
        """The same under a cap."""
        return Bounds(bounded(self.low, cap), bounded(self.high, cap))


NOTHING: Final = Bounds(0.0, 0.0)


def bounds_of(model: ScoringModel) -> tuple[Bounds, Bounds]:
    """The bounds of fit and of engagement."""
    vetoed, harmless = any(is_always_true(one.when) for one in model.vetoes), not model.vetoes
    sides: list[Bounds] = []
    for rules, cap in ((model.fit, model.cap_fit), (model.engagement, model.cap_engagement)):
        parts = [_together([rule for rule in rules if rule.group is None], vetoed, harmless)]
        for group, of_group in model.groups.items():
            members = [rule for rule in rules if rule.group == group]
            parts.append(_together(members, vetoed, harmless).capped(of_group))
        sides.append(sum(parts, NOTHING).capped(cap))
    return sides[0], sides[1]


def bounds_of_rule(rule: AnyRule) -> Bounds:
    """What a rule alone can give."""
    match rule:
        case FitRule():
            return _spanned(_given(rule.points, is_never_true(rule.when, activities=False), is_always_true(rule.when)))
        case FunctionRule():
            return Bounds(-abs(rule.points), abs(rule.points))
        case WeightRule():
            return _spanned(worth for worth, reached in zip(rule.values, reachable(rule), strict=True) if reached)
        case InactivityRule():
            return _spanned((0.0, rule.points))
        case FrequencyRule():
            bands = () if never_met(rule) else rule.bands
            return _spanned((0.0, *(band.points for band in bands)))
        case ActivityFunctionRule():
            most = abs(rule.points) * _most_shares(rule) if rule.points else 0.0
            return Bounds(-most, most).capped(rule.cap)
        case EngagementRule():
            return _adding(rule)


def never_met(rule: EngagementRule | FrequencyRule) -> bool:
    """Whether it is certain that no activity meets the rule's condition."""
    return rule.where is not None and not satisfiable((rule.where, TRUE), (of_kind(rule), TRUE))


def of_kind(rule: EngagementRule | FrequencyRule) -> Condition:
    """What is true of every activity that the rule looks at."""
    return activity("kind") == rule.activity


def reachable(rule: WeightRule) -> list[bool]:
    """Of each case, and of what is given otherwise, whether it may come to it: no earlier case is always true then."""
    earlier: list[Constraint] = []
    reached = []
    for when in (*(case.when for case in rule.cases), ALWAYS):
        reached.append(satisfiable((when, TRUE), *earlier, activities=False))
        earlier.append((when, NOT_TRUE))
    return reached


def _given(points: float, never: bool, always: bool) -> Iterable[float]:
    return (0.0,) if never else (points,) if always else (0.0, points)


def _spanned(values: Iterable[float]) -> Bounds:
    values = list(values)
    return Bounds(min(values), max(values))


def _adding(rule: EngagementRule) -> Bounds:
    if never_met(rule) or not rule.points:
        return NOTHING
    most = rule.points * _most_shares(rule)
    return Bounds(min(most, 0.0), max(most, 0.0)).capped(rule.cap)


def _most_shares(rule: EngagementRule) -> float:
    """How often the points of a rule can count at once, faded ones in part."""
    if rule.limit is None:
        return inf
    if rule.limit.per == "ever":
        return rule.limit.first
    length = SHORTEST[rule.limit.per]
    match rule.decay:
        case None:
            return inf
        case Window(window_days=days):
            periods = (days + SHIFT) // length + 2
        case Linear(linear_percent=percent, every_days=days):
            periods = (ceil(100 / percent) * days + SHIFT) // length + 2
        case HalfLife(half_life_days=days):
            # the present period, the one before, and those whose last moment is so many periods ago
            halves = [max(0.0, ago * length - SHIFT) / days for ago in (1, 2)]
            ratio = 0.5 ** (length / days)
            periods = 2 + 0.5 ** halves[0] + (0.5 ** halves[1] / (1 - ratio) if ratio < 1 else inf)
    return rule.limit.first * periods


def _together(rules: Sequence[AnyRule], vetoed: bool, harmless: bool) -> Bounds:
    """The sum of rules: of those that exclude each other one at most counts."""
    each = [(rule, bounds_of_rule(rule)) for rule in rules]
    lows = [(rule, one.low if harmless else min(one.low, 0.0)) for rule, one in each]
    highs = [(rule, min(one.high, 0.0) if vetoed else one.high) for rule, one in each]
    return Bounds(-_most([(rule, -low) for rule, low in lows]), _most(highs))


def _most(each: Sequence[tuple[AnyRule, float]]) -> float:
    """The highest sum, if of each circle of rules that exclude each other only one gives what it can."""
    total, circles = 0.0, list[list[Condition]]()
    for rule, worth in sorted(each, key=lambda one: -one[1]):
        if worth <= 0 or not isinstance(rule, FitRule):
            total += worth
            continue
        circle = next((one for one in circles if all(exclude(rule.when, other) for other in one)), None)
        if circle is None:
            circles.append([rule.when])
            total += worth
        else:
            circle.append(rule.when)
    return total
