"""A model made ready to run: all fit rules as one generated Python function, engagement rules by kind of activity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias
from weakref import finalize
from zoneinfo import ZoneInfo

from leadflow.conditions.compiling import Code
from leadflow.conditions.evaluating import evaluate
from leadflow.conditions.reading import indented
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Contribution
from leadflow.scoring.arithmetic import adjusted, by_kind, capped, failed, unhelped
from leadflow.scoring.engaging import Engaging, engagement, engaging, kinds_of, loses
from leadflow.scoring.memory import Memory, Remembering, composes
from leadflow.scoring.rules import FitRule, FunctionRule
from leadflow.scoring.vetoes import Veto
from leadflow.scoring.weights import WeightRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

AnyFit: TypeAlias = FitRule | FunctionRule | WeightRule
NOTHING_REMEMBERED: Final[Mapping[str, Memory]] = {}
FitFunction: TypeAlias = Callable[[object, datetime, bool, object], list[Contribution]]
"""From lead, moment, strictness and account to what the fit rules give, before caps."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What scoring one lead after the other needs, derived from a model once."""

    ask_fit: FitFunction
    vetoes: tuple[Veto, ...]
    engaging: tuple[Engaging, ...]
    remembering: tuple[Remembering | None, ...]
    """How each of them remembers; None for those that don't compose."""
    may_rise: bool
    """Whether a score can rise by nothing but age: losses fade, too."""
    kinds: frozenset[str] | None
    """The kinds of activities that are asked for; None where all are."""
    group_of: Mapping[str, str]
    fit_groups: Mapping[str, float]
    engagement_groups: Mapping[str, float]
    cap_fit: float | None
    cap_engagement: float | None

    def veto(
        self, lead: object, now: datetime, account: object = None, *, strict: bool = False
    ) -> tuple[str | None, list[Contribution]]:
        """Why no points help this lead, if so; and the vetoes that failed."""
        broken: list[Contribution] = []
        for one in self.vetoes:
            try:
                if evaluate(one.when, lead, now, account=account):
                    return one.because, broken
            except Exception as wrong:  # noqa: BLE001  # a property of the host's own fields may raise anything
                broken.append(failed(one, "fit", wrong, strict=strict))
        return None, broken

    def fit(
        self, lead: object, now: datetime, account: object = None, *, vetoed: bool = False, strict: bool = False
    ) -> list[Contribution]:
        """The fit contributions, after all caps."""
        given = [*adjusted(lead, "fit", now), *self.ask_fit(lead, now, strict, account)]
        return capped(unhelped(given) if vetoed else given, self.group_of, self.fit_groups, self.cap_fit)

    def engagement(
        self,
        lead: object,
        activities: Iterable[Activity],
        now: datetime,
        account: object = None,
        *,
        memories: Mapping[str, Memory] = NOTHING_REMEMBERED,
        vetoed: bool = False,
        strict: bool = False,
    ) -> list[Contribution]:
        """The engagement contributions, after all caps; rules that have a memory need no activities."""
        told = by_kind(activities, self.kinds, now)
        rules = self.recalling(memories)
        given = [*adjusted(lead, "engagement", now), *engagement(rules, told, lead, now, account, strict=strict)]
        return capped(unhelped(given) if vetoed else given, self.group_of, self.engagement_groups, self.cap_engagement)

    def recalling(self, memories: Mapping[str, Memory]) -> Iterator[tuple[Engaging, Memory | None]]:
        """Each engagement rule with its memory, if there is one."""
        for one, how in zip(self.engaging, self.remembering, strict=True):
            yield one, None if how is None else memories.get(how.digest)


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
        vetoes=model.vetoes,
        engaging=tuple(engaging(rule, zone) for rule in model.engagement),
        remembering=tuple(Remembering(rule, zone) if composes(rule) else None for rule in model.engagement),
        may_rise=any(map(loses, model.engagement)),
        kinds=kinds_of(model.engagement),
        group_of=group_of,
        fit_groups={group: cap for group, cap in model.groups.items() if group in of_fit},
        engagement_groups={group: cap for group, cap in model.groups.items() if group not in of_fit},
        cap_fit=model.cap_fit,
        cap_engagement=model.cap_engagement,
    )


# --- fit -----------------------------------------------------------------------------------------------------


def fit_function(rules: Sequence[AnyFit]) -> FitFunction:
    """All fit rules as one function, in which each path of the lead is read once.

    What a rule gives never differs, so its contribution is made once. Should anything in the lead raise while it is
    read, the rules are asked one by one, so that only those that need it fail.
    """
    code, lines = Code(subject="lead"), list[str]()
    for rule in rules:
        lines += _asking(code, rule)
    body = ["given = []", *code.opening(), *code.reads("field"), "activity = None", *code.reads("activity"), *lines]
    together = code.function(["def fit(lead, now, strict, account):", *indented(body), "    return given"])

    def fit(lead: object, now: datetime, strict: bool, account: object) -> list[Contribution]:
        try:
            given: list[Contribution] = together(lead, now, strict, account)
        except Exception:  # noqa: BLE001  # a property of the host's own fields may raise anything
            asked = (_one_by_one(rule, lead, now, account, strict=strict) for rule in rules)
            return [one for one in asked if one is not None]
        return given

    return fit


def _asking(code: Code, rule: AnyFit) -> list[str]:
    match rule:
        case FunctionRule():
            ask = code.bound(lambda lead, strict: _asked(rule, lead, strict=strict))
            return [f"one = {ask}(lead, strict)", "if one is not None: given.append(one)"]
        case WeightRule():
            return _choosing(code, rule)
        case FitRule():
            if not rule.points:
                return []
            return [f"if {code.truth(rule.when).yes}: given.append({code.bound(_gives(rule, rule.points))})"]


def _choosing(code: Code, rule: WeightRule) -> list[str]:
    """The first case that is true, else what is given otherwise."""
    *values, otherwise = rule.values
    lines = []
    for number, (case, value) in enumerate(zip(rule.cases, values, strict=True)):
        then = f"given.append({code.bound(_gives(rule, value))})" if value else "pass"
        lines.append(f"{'elif' if number else 'if'} {code.truth(case.when).yes}: {then}")
    if otherwise:
        lines.append(f"else: given.append({code.bound(_gives(rule, otherwise))})")
    return lines


def _gives(rule: AnyFit, points: float) -> Contribution:
    return Contribution(rule=rule.name, side="fit", points=points, because=rule.because, raw=points)


def _asked(rule: FunctionRule, lead: object, *, strict: bool) -> Contribution | None:
    try:
        points = rule.worth(lead)
    except Exception as wrong:  # noqa: BLE001  # anything may go wrong in a function of the host
        return failed(rule, "fit", wrong, strict=strict)
    return _gives(rule, points) if points else None


def _one_by_one(rule: AnyFit, lead: object, now: datetime, account: object, *, strict: bool) -> Contribution | None:
    if isinstance(rule, FunctionRule):
        return _asked(rule, lead, strict=strict)
    try:
        points = fit_points(rule, lead, now, account)
    except Exception as wrong:  # noqa: BLE001  # as above
        return failed(rule, "fit", wrong, strict=strict)
    return _gives(rule, points) if points else None


def fit_points(rule: FitRule | WeightRule, lead: object, now: datetime, account: object = None) -> float:
    """The points of a rule, told by the interpreter."""
    if isinstance(rule, FitRule):
        return rule.points if evaluate(rule.when, lead, now, account=account) else 0.0
    *values, otherwise = rule.values
    true = (
        value for case, value in zip(rule.cases, values, strict=True) if evaluate(case.when, lead, now, account=account)
    )
    return next(true, otherwise)
