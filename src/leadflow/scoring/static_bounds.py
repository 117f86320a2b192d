"""How low and how high the sides of a score can be by a model's rules, whoever the lead is and whatever it did.

No score lies beyond these bounds; not every bound can be reached. Rules that exclude each other are counted once
(the best of them), rules that are never true not at all, caps as they are. Points given by hand come on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final, TypeAlias

from leadflow.conditions.fields import activity
from leadflow.conditions.nodes import ALWAYS, Condition, any_of
from leadflow.conditions.satisfiability import NOT_TRUE, TRUE, Constraint, exclude, is_always_true, satisfiable
from leadflow.scoring.arithmetic import bounded
from leadflow.scoring.counting_rules import AnyEngagement
from leadflow.scoring.decay import DAY, fading_of
from leadflow.scoring.engagement_rules import ActivityFunctionRule, ActivityRule, Period
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import AnyFit, FitRule, FunctionRule

__all__ = ["SHORTEST", "AnyRule", "ScoreBounds", "bounds_of", "bounds_of_rule", "never_met", "of_kinds", "reachable"]

AnyRule: TypeAlias = AnyFit | AnyEngagement

HAIR: Final = 1e-9
SHORTEST: Final[dict[Period, int]] = {"day": 1, "week": 7, "month": 28}
"""The days that a period has at least."""
SHIFT: Final = 26 / 24
"""The days that the clocks of a zone may leap ahead meanwhile: Samoa left out a day."""


@dataclass(frozen=True, slots=True)
class ScoreBounds:
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

    def __add__(self, other: ScoreBounds) -> ScoreBounds:
        return ScoreBounds(self.low + other.low, self.high + other.high)

    @property
    def least(self) -> float:
        """What no score is below, however its sum was rounded."""
        return self.low if self.low.is_integer() else self.low - HAIR

    @property
    def most(self) -> float:
        """What no score is above, however its sum was rounded."""
        return self.high if self.high.is_integer() else self.high + HAIR

    def capped(self, cap: float | None) -> ScoreBounds:
        """The same under a cap."""
        return ScoreBounds(bounded(self.low, cap), bounded(self.high, cap))


NOTHING: Final = ScoreBounds(0.0, 0.0)


def bounds_of(model: ScoringModel) -> tuple[ScoreBounds, ScoreBounds]:
    """The bounds of fit and of engagement."""
    vetoed, harmless = any(is_always_true(one.when) for one in model.vetoes), not model.vetoes
    sides: list[ScoreBounds] = []
    for rules, cap in ((model.fit, model.cap_fit), (model.engagement, model.cap_engagement)):
        parts = [_together([rule for rule in rules if rule.group is None], vetoed, harmless)]
        for group, of_group in model.groups.items():
            members = [rule for rule in rules if rule.group == group]
            parts.append(_together(members, vetoed, harmless).capped(of_group))
        sides.append(sum(parts, NOTHING).capped(cap))
    return sides[0], sides[1]


def bounds_of_rule(rule: AnyRule) -> ScoreBounds:
    """What a rule alone can give."""
    if isinstance(rule, FunctionRule):
        return ScoreBounds(-abs(rule.points), abs(rule.points))
    if isinstance(rule, ActivityRule):
        return _of_engagement(rule)
    values = [*(points for _, points in rule.outcomes), rule.fallback]
    given = [points for points, reached in zip(values, reachable(rule), strict=True) if reached]
    return ScoreBounds(min(given), max(given))


def _of_engagement(rule: AnyEngagement) -> ScoreBounds:
    most = 0.0 if never_met(rule) else _most_shares(rule)
    if isinstance(rule, ActivityFunctionRule):
        most = most * abs(rule.points) if rule.points else 0.0
        return ScoreBounds(-most, most).capped(rule.cap)
    return ScoreBounds(*rule.raw_between(0.0, most)).capped(rule.cap)


def never_met(rule: AnyEngagement) -> bool:
    """Whether it is certain that no activity meets the rule's condition."""
    return rule.where is not None and not satisfiable((rule.where, TRUE), (of_kinds(rule), TRUE))


def of_kinds(rule: AnyEngagement) -> Condition:
    """What is true of every activity that the rule counts."""
    return any_of(*(activity("kind") == kind for kind in rule.kinds)) if rule.kinds else ALWAYS


def reachable(rule: AnyFit) -> list[bool]:
    """Of each outcome, and of the fallback, whether it may come to it: no earlier condition is always true then."""
    earlier: list[Constraint] = []
    reached = []
    for when in (*(when for when, _ in rule.outcomes), ALWAYS):
        reached.append(satisfiable((when, TRUE), *earlier, activities=False))
        earlier.append((when, NOT_TRUE))
    return reached


def _most_shares(rule: AnyEngagement) -> float:
    """How often the points of a rule can count at once, faded ones in part."""
    if rule.limit is None:
        return inf
    if rule.limit.per == "ever":
        return rule.limit.first
    fading, length = fading_of(rule.decay), SHORTEST[rule.limit.per]
    periods = inf
    if fading.ends is not None:
        periods = (fading.ends / DAY + SHIFT) // length + 2
    elif fading.half_life is not None:
        days = fading.half_life / DAY
        # the present period, the one before, and those whose last moment is this many periods ago
        halves = [max(0.0, ago * length - SHIFT) / days for ago in (1, 2)]
        ratio = 0.5 ** (length / days)
        periods = 2 + 0.5 ** halves[0] + (0.5 ** halves[1] / (1 - ratio) if ratio < 1 else inf)
    return rule.limit.first * periods


def _together(rules: Sequence[AnyRule], vetoed: bool, harmless: bool) -> ScoreBounds:
    """The sum of rules: of those that exclude each other one at most counts."""
    each = [(rule, bounds_of_rule(rule)) for rule in rules]
    lows = [(rule, one.low if harmless else min(one.low, 0.0)) for rule, one in each]
    highs = [(rule, min(one.high, 0.0) if vetoed else one.high) for rule, one in each]
    return ScoreBounds(-_most([(rule, -low) for rule, low in lows]), _most(highs))


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
