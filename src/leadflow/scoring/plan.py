"""A model made ready to run: all fit rules as one generated Python function, engagement rules by kind of activity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias
from weakref import finalize
from zoneinfo import ZoneInfo

from leadflow.conditions.compiling import Code, indented
from leadflow.conditions.evaluating import evaluate
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Contribution
from leadflow.scoring.arithmetic import Engaging, by_kind, capped, engagement, failed
from leadflow.scoring.rules import FitRule, FunctionRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

FitFunction: TypeAlias = Callable[[object, datetime, bool], list[Contribution]]
"""From lead, moment and strictness to what the fit rules give, before caps."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What scoring one lead after the other needs, derived from a model once."""

    ask_fit: FitFunction
    engaging: tuple[Engaging, ...]
    kinds: frozenset[str]
    group_of: Mapping[str, str]
    fit_groups: Mapping[str, float]
    engagement_groups: Mapping[str, float]
    cap_fit: float | None
    cap_engagement: float | None

    def fit(self, lead: object, now: datetime, *, strict: bool = False) -> list[Contribution]:
        """The fit contributions, after all caps."""
        return capped(self.ask_fit(lead, now, strict), self.group_of, self.fit_groups, self.cap_fit)

    def engagement(
        self, lead: object, activities: Iterable[Activity], now: datetime, *, strict: bool = False
    ) -> list[Contribution]:
        """The engagement contributions, after all caps."""
        told = by_kind(activities, self.kinds, now)
        given = engagement(self.engaging, told, lead, now, strict=strict)
        return capped(given, self.group_of, self.engagement_groups, self.cap_engagement)


_PLANS: dict[int, Plan] = {}


def plan_of(model: ScoringModel) -> Plan:
    """The plan of a model, made when it is first asked for and kept for as long as the model lives.

    It is kept beside the model, not in it: copies, pickles and comparisons of models know nothing of it.
    """
    plan = _PLANS.get(id(model))
    if plan is None:
        plan = _PLANS[id(model)] = _planned(model)
        finalize(model, _PLANS.pop, id(model), None)
    return plan


def _planned(model: ScoringModel) -> Plan:
    zone = ZoneInfo(model.zone)
    group_of = {rule.name: rule.group for rule in (*model.fit, *model.engagement) if rule.group is not None}
    of_fit = {rule.group for rule in model.fit}
    return Plan(
        ask_fit=fit_function(model.fit),
        engaging=tuple(Engaging(rule, zone) for rule in model.engagement),
        kinds=frozenset(rule.activity for rule in model.engagement),
        group_of=group_of,
        fit_groups={group: cap for group, cap in model.groups.items() if group in of_fit},
        engagement_groups={group: cap for group, cap in model.groups.items() if group not in of_fit},
        cap_fit=model.cap_fit,
        cap_engagement=model.cap_engagement,
    )


# --- fit -----------------------------------------------------------------------------------------------------


def fit_function(rules: Sequence[FitRule | FunctionRule]) -> FitFunction:
    """All fit rules as one function, in which each path of the lead is read once.

    What a rule gives never differs, so its contribution is made once. Should anything in the lead raise while it is
    read, the rules are asked one by one, so that only those that need it fail.
    """
    code, lines = Code(subject="lead"), list[str]()
    for rule in rules:
        lines += _asking(code, rule)
    body = ["given = []", *code.opening(), *code.reads("field"), "activity = None", *code.reads("activity"), *lines]
    together = code.function(["def fit(lead, now, strict):", *indented(body), "    return given"])

    def fit(lead: object, now: datetime, strict: bool) -> list[Contribution]:
        try:
            given: list[Contribution] = together(lead, now, strict)
        except Exception:  # noqa: BLE001  # a property of the host's own fields may raise anything
            asked = (_one_by_one(rule, lead, now, strict=strict) for rule in rules)
            return [one for one in asked if one is not None]
        return given

    return fit


def _asking(code: Code, rule: FitRule | FunctionRule) -> list[str]:
    if isinstance(rule, FunctionRule):
        ask = code.bound(lambda lead, strict: _asked(rule, lead, strict=strict))
        return [f"one = {ask}(lead, strict)", "if one is not None: given.append(one)"]
    if not rule.points:
        return []
    return [f"if {code.truth(rule.when).yes}: given.append({code.bound(_gives(rule, rule.points))})"]


def _gives(rule: FitRule | FunctionRule, points: float) -> Contribution:
    return Contribution(rule=rule.name, side="fit", points=points, because=rule.because, raw=points)


def _asked(rule: FunctionRule, lead: object, *, strict: bool) -> Contribution | None:
    try:
        points = rule.worth(lead)
    except Exception as wrong:  # noqa: BLE001  # anything may go wrong in a function of the host
        return failed(rule, wrong, strict=strict)
    return _gives(rule, points) if points else None


def _one_by_one(rule: FitRule | FunctionRule, lead: object, now: datetime, *, strict: bool) -> Contribution | None:
    if isinstance(rule, FunctionRule):
        return _asked(rule, lead, strict=strict)
    try:
        holds = evaluate(rule.when, lead, now)
    except Exception as wrong:  # noqa: BLE001  # as above
        return failed(rule, wrong, strict=strict)
    return _gives(rule, rule.points) if holds and rule.points else None
