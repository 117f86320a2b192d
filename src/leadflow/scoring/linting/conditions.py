"""Rules that can never match, that repeat or contradict each other; points that never help; kinds nobody records."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from difflib import get_close_matches
from itertools import combinations, pairwise
from math import fsum
from typing import TypeAlias

from leadflow.conditions.nodes import And, Condition, leaves
from leadflow.conditions.satisfiability import exclude, implies, is_always_true, is_never_true
from leadflow.entities.finding import Severity
from leadflow.scoring.counting_rules import FrequencyRule
from leadflow.scoring.engagement_rules import ActivityFunctionRule
from leadflow.scoring.linting.flaws import Flaw
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import AnyFit, FitRule, WeightRule
from leadflow.scoring.static_bounds import bounds_of_rule, never_met, of_kinds, reachable

__all__ = ["contradicting", "helpless", "never_matching", "pointless", "unknown_kinds", "without_effect"]


def never_matching(model: ScoringModel) -> Iterator[Flaw]:
    """Rules that no lead and no activity can ever meet, and vetoes that all meet."""
    for veto in model.vetoes:
        yield from _of_the_lead(veto.name, veto.when)
        if is_always_true(veto.when):
            message = "is always true: no lead gets any points; leave it out, or narrow its condition"
            yield Flaw("always_vetoed", (veto.name,), message, "error")
    for rule in model.fit:
        yield from _of_outcomes(rule)
    for behaviour in model.engagement:
        if behaviour.where is not None and never_met(behaviour):
            why = _why(of_kinds(behaviour) & behaviour.where)
            yield Flaw("never", (behaviour.name,), f"never matches: {why}", "error")


def _of_the_lead(name: str, when: Condition) -> Iterator[Flaw]:
    if is_never_true(when):
        yield Flaw("never", (name,), f"never matches: {_why(when)}", "error")
        return
    looked_at = next((leaf for leaf in leaves(when) if leaf.scope == "activity"), None)
    if looked_at is not None:
        severity: Severity = "error" if is_never_true(when, activities=False) else "warning"
        message = f"asks for {looked_at.name}, but fit rules and vetoes see no activity; make it a rule of engagement"
        yield Flaw("activity_in_fit", (name,), message, severity)


def _of_outcomes(rule: AnyFit) -> Iterator[Flaw]:
    *reached, otherwise = reachable(rule)
    cases = [when for when, _ in rule.outcomes]
    for number, (when, is_reached) in enumerate(zip(cases, reached, strict=True)):
        own = list(_of_the_lead(rule.name, when))
        yield from own
        if not is_reached and not own:
            covering = next((one for one in cases[:number] if implies(when, one)), None)
            before = f"{covering} comes first" if covering is not None else "the cases before it cover it together"
            yield Flaw("never_reached", (rule.name,), f"it never comes to the case {when}: {before}", "error")
    if rule.fallback and not otherwise:
        yield Flaw("never_reached", (rule.name,), "otherwise is never given: one of the cases is always true", "error")


def _why(condition: Condition) -> str:
    """The two parts that exclude each other, if it is two; else the whole condition."""
    parts = condition.all if isinstance(condition, And) else ()
    for part in parts:
        if is_never_true(part):
            return f"nothing meets {part}"
    for one, other in combinations(parts, 2):
        if exclude(one, other):
            return f"{one} and {other} exclude each other"
    return f"nothing meets {condition}"


def helpless(model: ScoringModel) -> Iterator[Flaw]:
    """Points that never help, since whoever gets them is vetoed; bands that are worth what the one below is."""
    for rule in model.fit:
        if not isinstance(rule, FitRule) or rule.points <= 0 or is_never_true(rule.when, activities=False):
            continue
        for veto in model.vetoes:
            if implies(rule.when, veto.when) and not is_always_true(veto.when):
                message = f"never helps: whoever gets its points is vetoed by {veto.name!r}"
                yield Flaw("always_vetoed", (rule.name, veto.name), message, "error")
    for behaviour in model.engagement:
        if isinstance(behaviour, FrequencyRule):
            for few, more in pairwise(behaviour.bands):
                if few.points == more.points:
                    message = f"{more.at_least} are worth what {few.at_least} are ({few.points:g}); leave that band out"
                    yield Flaw("idle_band", (behaviour.name,), message, "warning")


def pointless(model: ScoringModel) -> Iterator[Flaw]:
    """Rules that give no points whatever they find."""
    for rule in (*model.fit, *model.engagement):
        if not any(rule.values):
            yield Flaw("no_points", (rule.name,), "gives 0 points whatever it finds", "warning")


def unknown_kinds(model: ScoringModel, kinds: Collection[str]) -> Iterator[Flaw]:
    """Rules on kinds of activities that are not among those recorded."""
    for rule in model.engagement:
        for kind in rule.kinds:
            if kind not in kinds:
                near = get_close_matches(kind, kinds, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(sorted(kinds)) or 'none'}"
                yield Flaw("unknown_kind", (rule.name,), f"no activity is {kind!r}; {hint}", "error")


# --- pairs of rules ------------------------------------------------------------------------------------------

ComparedRule: TypeAlias = tuple[str, Hashable, Condition, float]
"""A rule as far as it is compared: its name, what has to be the same, its condition, its points."""


def contradicting(model: ScoringModel) -> Iterator[Flaw]:
    """Rules with conditions that come to the same, and rules of opposite signs of which one implies the other."""
    for one, other in combinations(list(_comparable(model)), 2):
        if one[1] == other[1]:
            yield from _compared(one, other)
    yield from _weights_twice(model)


def _comparable(model: ScoringModel) -> Iterator[ComparedRule]:
    for rule in model.fit:
        if isinstance(rule, FitRule) and rule.points and not is_never_true(rule.when, activities=False):
            yield rule.name, "fit", rule.when, rule.points
    for behaviour in model.engagement:
        if isinstance(behaviour, ActivityFunctionRule) or never_met(behaviour) or not any(behaviour.values):
            continue  # what a function looks for is unknown
        met = of_kinds(behaviour) if behaviour.where is None else of_kinds(behaviour) & behaviour.where
        how = behaviour.model_dump(include={"decay", "limit", "days", "inactive_days", "activities"})
        points = behaviour.bands[-1].points if isinstance(behaviour, FrequencyRule) else behaviour.points
        yield behaviour.name, (type(behaviour).__name__, repr(how)), met, points


def _compared(one: ComparedRule, other: ComparedRule) -> Iterator[Flaw]:
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
