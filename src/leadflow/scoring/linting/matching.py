"""Rules that can never match, cases and bands that it never comes to, points that never help."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from leadflow.conditions.nodes import And, Condition, leaves
from leadflow.conditions.satisfiability import exclude, implies, is_always_true, is_never_true
from leadflow.entities.finding import Severity
from leadflow.scoring.bounds import never_met, of_kind, reachable
from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.linting.flaws import Flaw
from leadflow.scoring.rules import EngagementRule, FitRule
from leadflow.scoring.weights import WeightRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel


def never_matching(model: ScoringModel) -> Iterator[Flaw]:
    """Rules that no lead and no activity can ever meet, and vetoes that all meet."""
    for veto in model.vetoes:
        yield from _of_the_lead(veto.name, veto.when)
        if is_always_true(veto.when):
            message = "is always true: no lead gets any points; leave it out, or narrow its condition"
            yield Flaw("always_vetoed", (veto.name,), message, "error")
    for rule in model.fit:
        if isinstance(rule, FitRule):
            yield from _of_the_lead(rule.name, rule.when)
        elif isinstance(rule, WeightRule):
            yield from _of_weight(rule)
    for asked in model.engagement:
        if not isinstance(asked, InactivityRule) and asked.where is not None and never_met(asked):
            why = _why(of_kind(asked) & asked.where)
            yield Flaw("never", (asked.name,), f"never matches: {why}", "error")


def _of_the_lead(name: str, when: Condition) -> Iterator[Flaw]:
    if is_never_true(when):
        yield Flaw("never", (name,), f"never matches: {_why(when)}", "error")
        return
    looked_at = next((leaf for leaf in leaves(when) if leaf.scope == "activity"), None)
    if looked_at is not None:
        severity: Severity = "error" if is_never_true(when, activities=False) else "warning"
        message = f"asks for {looked_at.name}, but fit rules and vetoes see no activity; make it a rule of engagement"
        yield Flaw("activity_in_fit", (name,), message, severity)


def _of_weight(rule: WeightRule) -> Iterator[Flaw]:
    *reached, otherwise = reachable(rule)
    for number, (case, is_reached) in enumerate(zip(rule.cases, reached, strict=True)):
        own = list(_of_the_lead(rule.name, case.when))
        yield from own
        if not is_reached and not own:
            covering = next((one for one in rule.cases[:number] if implies(case.when, one.when)), None)
            before = f"{covering.when} comes first" if covering else "the cases before it cover it together"
            yield Flaw("never_reached", (rule.name,), f"it never comes to the case {case.when}: {before}", "error")
    if rule.otherwise and not otherwise:
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
    for asked in model.engagement:
        if isinstance(asked, FrequencyRule):
            for few, more in pairwise(asked.bands):
                if few.points == more.points:
                    message = f"{more.at_least} are worth what {few.at_least} are ({few.points:g}); leave that band out"
                    yield Flaw("idle_band", (asked.name,), message, "warning")


def pointless(model: ScoringModel) -> Iterator[Flaw]:
    """Rules that give no points whatever they find."""
    for rule in (*model.fit, *model.engagement):
        match rule:
            case WeightRule():
                values = rule.values
            case FrequencyRule():
                values = tuple(band.points for band in rule.bands)
            case FitRule() | EngagementRule() | InactivityRule():
                values = (rule.points,)
            case function:
                values = (function.points,)
        if not any(values):
            yield Flaw("no_points", (rule.name,), "gives 0 points whatever it finds", "warning")
