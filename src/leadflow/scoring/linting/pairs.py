"""Rules that say the same twice, or contradict each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import combinations
from math import fsum
from typing import TYPE_CHECKING, TypeAlias

from leadflow.conditions.nodes import ALWAYS, Condition
from leadflow.conditions.satisfiability import implies, is_never_true
from leadflow.scoring.bounds import bounds_of_rule, never_met, of_kind
from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.functions import ActivityFunctionRule
from leadflow.scoring.linting.flaws import Flaw
from leadflow.scoring.rules import EngagementRule, FitRule
from leadflow.scoring.weights import WeightRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

Comparable: TypeAlias = tuple[str, Hashable, Condition, float]
"""A rule as far as it is compared: its name, what has to be the same, its condition, its points."""


def contradicting(model: ScoringModel) -> Iterator[Flaw]:
    """Rules with conditions that come to the same, and rules of opposite signs of which one implies the other."""
    for one, other in combinations(list(_comparable(model)), 2):
        if one[1] == other[1]:
            yield from _compared(one, other)
    yield from _weights_twice(model)


def _comparable(model: ScoringModel) -> Iterator[Comparable]:
    for rule in model.fit:
        if isinstance(rule, FitRule) and rule.points and not is_never_true(rule.when, activities=False):
            yield rule.name, "fit", rule.when, rule.points
    for asked in model.engagement:
        match asked:
            case ActivityFunctionRule():
                continue  # nobody can tell what a function looks for
            case InactivityRule():
                if asked.points:
                    kinds = frozenset(asked.activities)
                    yield asked.name, ("inactive", kinds, asked.inactive_days), ALWAYS, asked.points
            case EngagementRule() | FrequencyRule() if not never_met(asked):
                met = of_kind(asked) if asked.where is None else of_kind(asked) & asked.where
                if isinstance(asked, FrequencyRule):
                    yield asked.name, ("often", asked.days), met, asked.bands[-1].points
                elif asked.points:
                    yield asked.name, ("on", asked.decay, asked.limit), met, asked.points


def _compared(one: Comparable, other: Comparable) -> Iterator[Flaw]:
    names, opposite = (one[0], other[0]), one[3] * other[3] < 0
    there, back = implies(one[2], other[2]), implies(other[2], one[2])
    if there and back and opposite:
        message = f"both look for the same, but one gives and the other takes ({one[3]:+g} and {other[3]:+g})"
        yield Flaw("contradiction", names, message, "warning")
    elif there and back:
        message = f"both look for the same ({one[3]:+g} and {other[3]:+g}); one of them is probably left over"
        yield Flaw("twice", names, message, "warning")
    elif (there or back) and opposite:
        narrow, wide = (one, other) if there else (other, one)
        message = f"whoever gets {narrow[3]:+g} from {narrow[0]!r} gets {wide[3]:+g} from {wide[0]!r}, too"
        yield Flaw("opposite", names, message, "note")


def _weights_twice(model: ScoringModel) -> Iterator[Flaw]:
    weights = [rule for rule in model.fit if isinstance(rule, WeightRule)]
    for one, other in combinations(weights, 2):
        if [case.when for case in one.cases] == [case.when for case in other.cases]:
            message = "both weigh the same cases; one of them is probably left over"
            yield Flaw("twice", (one.name, other.name), message, "warning")


def without_effect(model: ScoringModel) -> Iterator[Flaw]:
    """Rules of a group whose cap is reached already by what is always given together with them."""
    for group, cap in model.groups.items():
        members = [rule for rule in model.fit if rule.group == group]
        if any(bounds_of_rule(rule).low < 0 for rule in members):
            continue
        helping = [rule for rule in members if isinstance(rule, FitRule) and rule.points > 0]
        for number, rule in enumerate(helping):
            if is_never_true(rule.when, activities=False):
                continue
            given = [
                other
                for place, other in enumerate(helping)
                if other is not rule
                and implies(rule.when, other.when)
                and not (place > number and implies(other.when, rule.when))
            ]
            if fsum(other.points for other in given) >= cap:
                names = " and ".join(repr(other.name) for other in given)
                message = f"changes nothing: the cap of group {group!r} ({cap:g}) is reached already by {names}"
                yield Flaw("no_effect", (rule.name,), message, "warning")
