"""Points against caps, weights against a hundred, decay against limits; what the engagement state must keep."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum
from typing import TYPE_CHECKING, Final

from leadflow.conditions.nodes import And, Condition, Within, leaves
from leadflow.scoring.bounds import SHORTEST, AnyRule
from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.decay import HalfLife, Linear, Window
from leadflow.scoring.functions import ActivityFunctionRule
from leadflow.scoring.linting.flaws import Flaw
from leadflow.scoring.memory import composes, folds
from leadflow.scoring.rules import EngagementRule, FitRule
from leadflow.scoring.weights import WeightRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

FULL: Final = 100.0


def caps(model: ScoringModel) -> Iterator[Flaw]:
    """Caps that cut a rule each time it gives points, and groups without rules."""
    for rule in model.engagement:
        if isinstance(rule, EngagementRule) and rule.cap is not None and rule.cap < abs(rule.points):
            message = f"its cap of {rule.cap:g} is less than one activity gives ({rule.points:g})"
            yield Flaw("cap_below_points", (rule.name,), message, "warning")
    rules: list[AnyRule] = [*model.fit, *model.engagement]
    for group, cap in model.groups.items():
        members = [rule for rule in rules if rule.group == group]
        yield from _cut(members, cap, f"group {group!r}")
        if not members:
            message = f"group {group!r} has a cap, but no rules; give it some (group={group!r}), or leave it out"
            yield Flaw("empty_group", (), message, "warning")
    yield from _cut(model.fit, model.cap_fit, "fit")
    yield from _cut(model.engagement, model.cap_engagement, "engagement")


def _cut(members: tuple[AnyRule, ...] | list[AnyRule], cap: float | None, of: str) -> Iterator[Flaw]:
    above = tuple(rule.name for rule in members if cap is not None and _at_once(rule) > cap)
    if above:
        yield Flaw("cap_below_points", above, f"the cap of {of} ({cap:g}) is less than it gives at once", "warning")


def _at_once(rule: AnyRule) -> float:
    """The most points, either way, that one finding or one activity gives."""
    match rule:
        case WeightRule():
            return max(abs(value) for value in rule.values)
        case FrequencyRule():
            return max(abs(band.points) for band in rule.bands)
        case EngagementRule(cap=float(cap)):
            return min(cap, abs(rule.points))
        case _:
            return abs(rule.points)


def weights(model: ScoringModel) -> Iterator[Flaw]:
    """Weights that are meant to be parts of a hundred, and are not."""
    parts = [rule for rule in model.fit if isinstance(rule, WeightRule)]
    others = [rule for rule in model.fit if isinstance(rule, FitRule) and rule.points > 0]
    total = fsum(rule.weight for rule in parts)
    if len(parts) > 1 and not others and all(rule.weight > 0 for rule in parts) and abs(total - FULL) > 1e-9:
        message = f"the weights add up to {total:g}, not to 100; fine if the thresholds are made for that"
        yield Flaw("weights_total", tuple(rule.name for rule in parts), message, "warning")


def times(model: ScoringModel) -> Iterator[Flaw]:
    """Limits of periods that are longer than what they limit lasts, and two windows in one rule."""
    for rule in model.engagement:
        if isinstance(rule, InactivityRule):
            continue
        days = rule.days if isinstance(rule, FrequencyRule) else _lasts(rule)
        if isinstance(rule, EngagementRule) and rule.limit is not None and days is not None:
            length = SHORTEST.get(rule.limit.per)
            if length is not None and days < length:
                message = (
                    f"fades within {days:g} days, but its limit counts the first {rule.limit.first} of a whole "
                    f"{rule.limit.per}: later ones give nothing although the earlier ones are gone"
                )
                yield Flaw("fades_within_limit", (rule.name,), message, "warning")
        own = _asked_days(rule.where)
        if own is not None and days is not None and not _halves(rule):
            message = f"has two windows, {own} days in its condition and {days:g} days besides; the shorter one decides"
            yield Flaw("two_windows", (rule.name,), message, "warning")


def _halves(rule: EngagementRule | FrequencyRule) -> bool:
    return isinstance(rule, EngagementRule) and isinstance(rule.decay, HalfLife)


def _lasts(rule: EngagementRule) -> float | None:
    """For how many days an activity counts, or until half of it is left."""
    match rule.decay:
        case Window(window_days=days) | HalfLife(half_life_days=days):
            return days
        case Linear(linear_percent=percent, every_days=days):
            return -(-FULL // percent) * days
        case None:
            return None


def _asked_days(where: Condition | None) -> int | None:
    """The days that a condition itself gives an activity."""
    parts = where.all if isinstance(where, And) else (where,)
    asked = [part.days for part in parts if isinstance(part, Within) and part.activity == "happened_at"]
    return min(asked, default=None)


def memory(model: ScoringModel) -> Iterator[Flaw]:
    """What costs more with every activity: rules that are not told from an engagement state, or let it grow."""
    for rule in model.engagement:
        if isinstance(rule, InactivityRule):
            continue
        if not composes(rule):
            message = f"its activities are read again for every score: {_obstacle(rule)}"
            yield Flaw("not_remembered", (rule.name,), message, "note")
        elif isinstance(rule, EngagementRule) and not folds(rule):
            kept = _kept(rule)
            if kept is not None:
                yield Flaw("state_grows", (rule.name,), f"the engagement state keeps {kept}", "note")


def _obstacle(rule: EngagementRule | FrequencyRule) -> str:
    if isinstance(rule, ActivityFunctionRule):
        return "it is a Python function"
    asked = () if rule.where is None else tuple(leaves(rule.where))
    of_lead = next((leaf for leaf in asked if leaf.scope == "field"), None)
    if of_lead is not None:
        return f"its condition looks at the lead ({of_lead.name}), which may change"
    return "its condition asks how long ago something was; for its own age take decay=window(days=…)"


def _kept(rule: EngagementRule) -> str | None:
    if rule.limit is not None:
        if rule.decay is not None or rule.limit.per == "ever":
            return None
        return f"the first {rule.limit.first} of every {rule.limit.per} for ever; a decay would let go of them"
    if isinstance(rule.decay, Window) and rule.cap is not None:
        return None
    remedy = "a limit or a cap" if isinstance(rule.decay, Window) else "a limit"
    return f"the moment of every activity of the last {_lasts(rule):g} days; {remedy} would bound that"
