"""What a lead itself tells: vetoes, points by hand and fit rules, in one generated function per class of leads.

Each path of the lead is read once, and what a rule gives never differs, so its contribution is made once. Should
anything in the lead raise while it is read, the rules are asked one by one, so that only those that need it fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import nan
from typing import Any, Final, Protocol, TypeAlias

from leadflow.conditions.codegen import Code
from leadflow.conditions.codegen_paths import indented
from leadflow.conditions.interpreter import evaluate
from leadflow.entities.score import Contribution
from leadflow.scoring.arithmetic import adjusted, adjustments_of, capped, failed, summed, unhelped
from leadflow.scoring.rules import FitRule, FunctionRule
from leadflow.scoring.vetoes import Veto
from leadflow.scoring.weights import WeightRule

AnyFit: TypeAlias = FitRule | FunctionRule | WeightRule
OfLead: TypeAlias = tuple[str | None, object, float, list[Contribution]]
"""Why no points help this lead (if so), its adjustments by hand, its fit, and the contributions of that, after caps."""
Ask: TypeAlias = Callable[[object, datetime, bool, object], OfLead]
"""From lead, moment (in UTC), strictness and account."""


class Scorer(Protocol):
    """From a lead and a moment to its fit, and the contributions that it is the sum of."""

    def __call__(
        self, lead: object, now: datetime, account: object = None, *, strict: bool = False
    ) -> tuple[float, list[Contribution]]: ...


CLASSES: Final = 32
"""Functions are kept for so many classes of leads; a host has one or two."""
_ASK: Final = ("ask(lead, now, strict, account)", "return veto, {by_hand}, fit, given", "return {otherwise}")
_FIT: Final = ("fit(lead, now, account=None, *, strict=False)", "return fit, given", "return {otherwise}[2:]")


@dataclass(frozen=True, slots=True)
class Asking:
    """The vetoes and fit rules of a model, with the caps of their side."""

    vetoes: tuple[Veto, ...]
    rules: tuple[AnyFit, ...]
    group_of: Mapping[str, str]
    groups: Mapping[str, float]
    cap: float | None
    by_class: dict[type, Ask] = field(default_factory=dict)

    def of(self, kind: type) -> Ask:
        """The function that asks leads of this class."""
        ask = self.by_class.get(kind)
        if ask is None:
            if len(self.by_class) >= CLASSES:
                self.by_class.clear()
            ask = self.by_class[kind] = self._written(kind, *_ASK)
        return ask

    def scorer(self, kind: type) -> Scorer:
        """The function that asks leads of any class, those of this one in the shortest way, for their fit alone."""
        scorer: Scorer = self._written(kind, *_FIT)
        return scorer

    def _written(self, kind: type, head: str, found: str, otherwise: str) -> Any:
        """A function with this head; the others are what it returns, and what if something in the lead raises."""
        code, exact = Code(subject="lead", subject_type=kind), self._is_exact()
        by_hand = code.value("adjustments")
        vetoing = self._vetoing(code)
        asking = [line for rule in self.rules for line in _asking(code, rule, exact=exact)]
        doing = code.reads("activity")
        body = [
            *code.reads("field"),
            *(["activity = None", *doing] if doing else ()),
            "veto, fit, given = None, 0.0, []",
            f"if {by_hand}: given += _adjusted({by_hand}, 'fit', now)",
            *vetoing,
            *asking,
            f"if {by_hand if exact else 'given'}: fit = _summed(given, None)",
            *self._capping(code),
            found.format(by_hand=by_hand),
        ]
        code.namespace |= {
            "_adjusted": adjusted,
            "_after_caps": self._after_caps,
            "_Exception": Exception,
            "_one_by_one": self._one_by_one,
            "_summed": summed,
        }
        last = otherwise.format(otherwise="_one_by_one(lead, now, strict, account)")
        lines = [*code.opening(), "try:", *indented(body), "except _Exception:", f"    {last}"]
        return code.function([f"def {head}:", *indented(lines)])

    def _is_exact(self) -> bool:
        """Whether points are whole numbers: they add up to the same in any order, so that the code may do it itself."""
        return all(float.is_integer(worth) for rule in self.rules for worth in _worths(rule))

    def _vetoing(self, code: Code) -> list[str]:
        return _first([(code.truth(one.when).yes, f"veto = {code.bound(one.because)}") for one in self.vetoes])

    def _capping(self, code: Code) -> Iterator[str]:
        """The line for where a cap or a veto bites."""
        bites = ["veto is not None"] if self.vetoes else []
        if self.groups:
            bites = ["True"]
        elif self.cap is not None:
            bites.append(f"not {code.bound(-self.cap)} <= fit <= {code.bound(self.cap)}")
        if bites:
            yield f"if {' or '.join(bites)}: fit, given = _after_caps(given, veto is not None)"

    def _after_caps(self, given: list[Contribution], vetoed: bool) -> tuple[float, list[Contribution]]:
        left = capped(unhelped(given) if vetoed else given, self.group_of, self.groups, self.cap)
        return summed(left, self.cap), left

    def _one_by_one(self, lead: object, now: datetime, strict: bool, account: object) -> OfLead:
        """The same, told by the interpreter; what can't be told fails alone."""
        by_hand = adjustments_of(lead)
        veto, broken = self._vetoed(lead, now, account, strict=strict)
        asked = (_given(rule, lead, now, account, strict=strict) for rule in self.rules)
        given = [*adjusted(by_hand, "fit", now), *(one for one in asked if one is not None)]
        fit, left = self._after_caps(given, veto is not None)
        return veto, by_hand, fit, [*broken, *left]

    def _vetoed(
        self, lead: object, now: datetime, account: object, *, strict: bool
    ) -> tuple[str | None, list[Contribution]]:
        broken: list[Contribution] = []
        for one in self.vetoes:
            try:
                if evaluate(one.when, lead, now, account=account):
                    return one.because, broken
            except Exception as wrong:  # noqa: BLE001  # a property of the host's own fields may raise anything
                broken.append(failed(one, "fit", wrong, strict=strict))
        return None, broken


# --- one rule ------------------------------------------------------------------------------------------------


def _asking(code: Code, rule: AnyFit, *, exact: bool) -> list[str]:
    """The lines that ask a rule; if ``exact`` they add up what it gives."""

    def giving(points: float) -> str:
        if not points:
            return "pass"
        give = f"given.append({code.bound(_gives(rule, points))})"
        return f"{give}; fit += {code.bound(points)}" if exact else give

    match rule:
        case FunctionRule():
            ask = code.bound(lambda lead, strict: _asked(rule, lead, strict=strict))
            return [f"one = {ask}(lead, strict)", "if one is not None: given.append(one)"]
        case WeightRule():
            *values, otherwise = rule.values
            cases = zip(rule.cases, values, strict=True)
            return _first([(code.truth(case.when).yes, giving(value)) for case, value in cases], giving(otherwise))
        case FitRule():
            return [f"if {code.truth(rule.when).yes}: {giving(rule.points)}"] if rule.points else []


def _first(ways: Sequence[tuple[str, str]], otherwise: str = "pass") -> list[str]:
    """The lines that do what belongs to the first of many conditions that is true.

    They leave a loop at once, for Python can't read thousands of ``elif``: each would be nested in the one before.
    """
    lines = [*(f"if {yes}: {then}; break" for yes, then in ways), f"{otherwise}; break"]
    return ["while True:", *indented(lines)] if ways else []


def _worths(rule: AnyFit) -> Iterable[float]:
    """What the rule may be worth; of a function nobody knows."""
    match rule:
        case FunctionRule():
            return (nan,)
        case WeightRule():
            return rule.values
        case FitRule():
            return (rule.points,)


def _gives(rule: AnyFit, points: float) -> Contribution:
    return Contribution(rule=rule.name, side="fit", points=points, because=rule.because, raw=points)


def _asked(rule: FunctionRule, lead: object, *, strict: bool) -> Contribution | None:
    try:
        points = rule.worth(lead)
    except Exception as wrong:  # noqa: BLE001  # anything may go wrong in a function of the host
        return failed(rule, "fit", wrong, strict=strict)
    return _gives(rule, points) if points else None


def _given(rule: AnyFit, lead: object, now: datetime, account: object, *, strict: bool) -> Contribution | None:
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
