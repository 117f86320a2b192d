"""Points against caps, thresholds and grades; weights against a hundred; decay against limits and the state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import fsum, inf, isfinite
from typing import Final

from leadflow.conditions.fields import field
from leadflow.conditions.nodes import Always, And, Compare, Condition, Never, Not, OnPath, Or, Within, leaves
from leadflow.conditions.satisfiability import NOT_TRUE, TRUE, Constraint, exclude, implies, is_never_true, satisfiable
from leadflow.entities.finding import Severity
from leadflow.qualification import Qualification
from leadflow.scoring.counting_rules import AnyEngagement
from leadflow.scoring.decay import DAY, fading_of
from leadflow.scoring.engagement_rules import ActivityFunctionRule, EngagementRule
from leadflow.scoring.engagement_state import is_compressible, is_incremental
from leadflow.scoring.linting.flaws import Flaw
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import FitRule, WeightRule
from leadflow.scoring.static_bounds import SHORTEST, AnyRule, ScoreBounds, bounds_of

__all__ = ["caps", "grades", "qualifying", "states", "times", "weights"]

FULL: Final = 100.0
HOUR: Final = DAY // 24


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


def _cut(members: Sequence[AnyRule], cap: float | None, of: str) -> Iterator[Flaw]:
    above = tuple(rule.name for rule in members if cap is not None and max(map(abs, rule.values)) > cap)
    if above:
        yield Flaw("cap_below_points", above, f"the cap of {of} ({cap:g}) is less than it gives at once", "warning")


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
        fading = fading_of(rule.decay)
        if fading.lasts is None:
            continue
        days, length = fading.lasts / DAY, SHORTEST.get(rule.limit.per, 0) if rule.limit is not None else 0
        if rule.limit is not None and days < length:
            message = (
                f"fades within {days:g} days, but its limit counts the first {rule.limit.first} of a whole "
                f"{rule.limit.per}: later ones give nothing although the earlier ones are gone"
            )
            yield Flaw("fades_within_limit", (rule.name,), message, "warning")
        own = _asked_days(rule.where)
        if own is not None and fading.ends is not None:
            message = f"has two windows, {own} days in its condition and {days:g} days besides; the shorter one decides"
            yield Flaw("two_windows", (rule.name,), message, "warning")


def _asked_days(where: Condition | None) -> int | None:
    """The days that a condition itself gives an activity."""
    parts = where.all if isinstance(where, And) else (where,)
    days = [part.days for part in parts if isinstance(part, Within) and part.activity == "happened_at"]
    return min(days, default=None)


def states(model: ScoringModel) -> Iterator[Flaw]:
    """What costs more with every activity: rules that no engagement state covers, or that let it grow."""
    for rule in model.engagement:
        if not is_incremental(rule):
            message = f"its activities are read again for every score: {_obstacle(rule)}"
            yield Flaw("not_remembered", (rule.name,), message, "note")
        elif isinstance(rule, EngagementRule) and (kept := _kept(rule)) is not None:
            yield Flaw("state_grows", (rule.name,), f"the engagement state keeps {kept}", "note")


def _obstacle(rule: AnyEngagement) -> str:
    if isinstance(rule, ActivityFunctionRule):
        return "it is a Python function"
    of_rule = () if rule.where is None else tuple(leaves(rule.where))
    of_lead = next((leaf for leaf in of_rule if leaf.scope == "field"), None)
    if of_lead is not None:
        return f"its condition looks at the lead ({of_lead.name}), which may change"
    return "its condition asks how long ago something was; for its own age take decay=window(days=…)"


def _kept(rule: EngagementRule) -> str | None:
    fading = fading_of(rule.decay)
    if rule.limit is not None:
        if rule.decay is not None or rule.limit.per == "ever":
            return None
        return f"the first {rule.limit.first} of every {rule.limit.per} for ever; a decay would let go of them"
    if is_compressible(rule) or fading.lasts is None or (fading.is_window and rule.cap is not None):
        return None
    remedy = "a limit or a cap" if fading.is_window else "a limit"
    return f"the moment of every activity of the last {fading.lasts / DAY:g} days; {remedy} would bound that"


# --- what no lead can reach, or none can miss ------------------------------------------------------------------


def grades(model: ScoringModel) -> Iterator[Flaw]:
    """Classes that no score falls into."""
    severity: Severity = "warning" if "grades" in model.model_fields_set else "note"
    for side, rules, missed, bounds in zip(
        ("fit", "engagement"), (model.fit, model.engagement), _missed(model), bounds_of(model), strict=True
    ):
        if rules and missed:
            message = f"no lead is of class {', '.join(missed)} in {side}, which is {bounds}"
            yield Flaw("class_out_of_reach", (f"grades.{side}",), message, severity)


def _missed(model: ScoringModel) -> tuple[list[str], list[str]]:
    """The classes of fit and of engagement that no score falls into; a vetoed lead is of the worst."""
    letters, numbers = (
        [
            name
            for name, (above, least) in zip(names, pairwise((inf, *thresholds, -inf)), strict=True)
            if (bounds.most < least or bounds.least >= above) and not (model.vetoes and name == names[-1])
        ]
        for names, thresholds, bounds in zip(
            model.grades.names, (model.grades.fit, model.grades.engagement), bounds_of(model), strict=True
        )
    )
    return letters, numbers


def qualifying(model: ScoringModel, qualification: Qualification) -> Iterator[Flaw]:
    """Conditions on the score that its bounds make impossible, or true of everyone."""
    qualification, bounds = qualification.effective, _bounds(model)
    claims = [*_claims(bounds), (_grades(model), TRUE)]
    for name, condition in qualification.conditions():
        where = f"qualification.{name}"
        if is_never_true(condition):
            yield Flaw("never", (where,), f"is never true: {condition}", "error")
            continue
        impossible = not satisfiable((condition, TRUE), *claims)
        beyond = [leaf for leaf in _asked(condition) if not satisfiable((leaf, TRUE), *claims)]
        for leaf in beyond:
            message = f"{leaf} is out of reach: {_reason(leaf, bounds)}"
            yield Flaw("out_of_reach", (where,), message, "error" if impossible else "warning")
        if impossible and not beyond:
            yield Flaw("out_of_reach", (where,), f"no score of this model makes it true: {condition}", "error")
        for leaf in _asked(condition):
            if leaf.path in bounds and not satisfiable((leaf, NOT_TRUE), *claims):
                message = f"{leaf} is true of everyone: {_reason(leaf, bounds)}"
                yield Flaw("always_reached", (where,), message, "warning")
            yield from _fading(model, where, leaf)
    yield from _against_each_other(qualification)


def _fading(model: ScoringModel, where: str, leaf: OnPath) -> Iterator[Flaw]:
    """Rules that reach a number by one activity, but fade below it within an hour."""
    if not (isinstance(leaf, Compare) and leaf.op == "ge" and isinstance(leaf.value, int | float)):
        return
    if leaf.path not in ("score.engagement", "score.total"):
        return
    for rule in model.engagement:
        if not isinstance(rule, EngagementRule):
            continue
        first, later = (min(rule.points * share, rule.cap or inf) for share in (1.0, fading_of(rule.decay).share(HOUR)))
        if first >= leaf.value > later:
            message = (
                f"one activity gives {first:g} points, but within an hour they fade below {leaf}; "
                "ask for less, or give the qualification a tolerance"
            )
            yield Flaw("fades_below", (where, rule.name), message, "warning")


def _against_each_other(qualification: Qualification) -> Iterator[Flaw]:
    mql, keep = qualification.mql, qualification.stays_while
    if is_never_true(mql):
        return
    if exclude(mql, keep) and not is_never_true(keep):
        message = "exclude each other: no lead qualifies"
        yield Flaw("contradiction", ("qualification.mql", "qualification.keep"), message, "error")
    for one in qualification.disqualify:
        if implies(mql, one.when):
            names = ("qualification.mql", f"qualification.disqualify for {one.reason!r}")
            yield Flaw("contradiction", names, "whoever qualifies is disqualified at once", "error")


def _bounds(model: ScoringModel) -> dict[str, ScoreBounds]:
    fit, engagement = bounds_of(model)
    return {"score.fit": fit, "score.engagement": engagement, "score.total": fit + engagement}


def _claims(bounds: dict[str, ScoreBounds]) -> Iterator[Constraint]:
    for path, side in bounds.items():
        yield field(path).is_known(), TRUE
        if isfinite(side.low):
            yield field(path) >= side.least, TRUE
        if isfinite(side.high):
            yield field(path) <= side.most, TRUE


def _grades(model: ScoringModel) -> Condition:
    """The grades that there are: those of classes that are not missed."""
    letters, numbers = (
        [name for name in names if name not in missed]
        for names, missed in zip(model.grades.names, _missed(model), strict=True)
    )
    return field("score.grade").is_in(*(f"{letter}{number}" for letter in letters for number in numbers))


def _asked(condition: Condition) -> Iterator[OnPath]:
    """The comparisons of the score, except those below a not."""
    match condition:
        case And(all=parts) | Or(any=parts):
            for part in parts:
                yield from _asked(part)
        case Not() | Always() | Never():
            return
        case leaf if leaf.path.startswith("score."):
            yield leaf


def _reason(leaf: OnPath, bounds: dict[str, ScoreBounds]) -> str:
    side = bounds.get(leaf.path)
    return "no lead gets that grade" if side is None else f"{leaf.path.removeprefix('score.')} is {side}"
