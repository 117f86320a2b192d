"""What a lead is worth by itself: vetoes, points by hand and fit rules, as one generated function per class of leads.

Each path of the lead is read once, and what a rule gives never differs, so its contribution is made once. Should
anything in the lead raise while it is read, the rules are evaluated one by one, so that only those that need it fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias

from leadflow.conditions.codegen import Code
from leadflow.conditions.codegen_paths import indented
from leadflow.conditions.interpreter import evaluate
from leadflow.conditions.nodes import Condition, Within, leaves
from leadflow.entities.score import Contribution
from leadflow.scoring.arithmetic import adjusted, adjustments_of, capped, failed, summed, unhelped
from leadflow.scoring.rules import AnyFit, FunctionRule, Veto

__all__ = ["CLASSES", "FitEngine", "FitFunction"]

OfLead: TypeAlias = tuple[str | None, object, float, list[Contribution]]
"""Why no points help this lead (if so), its adjustments by hand, its fit, and the contributions of that, after caps."""
Ask: TypeAlias = Callable[[object, datetime, bool, object], OfLead]
"""From lead, moment (in UTC), strictness and account."""


class FitFunction(Protocol):
    """From a lead and a moment to its fit, and the contributions that it is the sum of."""

    def __call__(
        self, lead: object, now: datetime, account: object = None, *, strict: bool = False
    ) -> tuple[float, list[Contribution]]: ...


CLASSES: Final = 32
"""The classes of leads for which functions are kept; a host has one or two."""
_ASK: Final = ("ask(lead, now, strict, account)", "return veto, {by_hand}, fit, given", "return {otherwise}")
_FIT: Final = ("fit(lead, now, account=None, *, strict=False)", "return fit, given", "return {otherwise}[2:]")


@dataclass(frozen=True, slots=True)
class FitEngine:
    """The vetoes and fit rules of a model, with the caps of their side."""

    vetoes: tuple[Veto, ...]
    rules: tuple[AnyFit, ...]
    group_of: Mapping[str, str]
    groups: Mapping[str, float]
    cap: float | None
    by_class: dict[type, Ask] = field(default_factory=dict)
    dated: tuple[Condition, ...] = field(init=False)
    """The conditions that time alone can change."""

    def __post_init__(self) -> None:
        dated = (one for one in self.conditions() if any(isinstance(leaf, Within) for leaf in leaves(one)))
        object.__setattr__(self, "dated", tuple(dated))

    def __call__(self, lead: object, now: datetime, account: object = None, *, strict: bool = False) -> OfLead:
        """What the lead is worth by itself."""
        ask = self.by_class.get(type(lead)) or self._for(type(lead))
        return ask(lead, now, strict, account)

    def _for(self, kind: type) -> Ask:
        if len(self.by_class) >= CLASSES:
            self.by_class.clear()
        ask: Ask = self._written(kind, *_ASK)
        self.by_class[kind] = ask
        return ask

    def fit_function(self, kind: type) -> FitFunction:
        """The function for the fit alone of leads of any class, compiled for those of this one."""
        function: FitFunction = self._written(kind, *_FIT)
        return function

    def conditions(self) -> Iterator[Condition]:
        """Every condition on the lead."""
        yield from (veto.when for veto in self.vetoes)
        yield from (when for rule in self.rules for when, _ in rule.outcomes)

    def _written(self, kind: type, head: str, found: str, otherwise: str) -> Any:
        """A function with this head; the others are what it returns, and what if something in the lead raises."""
        code, exact = Code(subject="lead", subject_type=kind), self._is_exact()
        by_hand = code.value("adjustments")
        vetoing = self._vetoing(code)
        evaluating = [line for rule in self.rules for line in _evaluating(code, rule, exact=exact)]
        doing = code.reads("activity")
        body = [
            *code.reads("field"),
            *(["activity = None", *doing] if doing else ()),
            "veto, fit, given = None, 0.0, []",
            f"if {by_hand}: given += _adjusted({by_hand}, 'fit', now)",
            *vetoing,
            *evaluating,
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
        functions = any(isinstance(rule, FunctionRule) for rule in self.rules)  # what they give is unknown
        return not functions and all(float.is_integer(points) for rule in self.rules for points in rule.values)

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
        """The same by the interpreter; what can't be evaluated fails alone."""
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


def _evaluating(code: Code, rule: AnyFit, *, exact: bool) -> list[str]:
    """The lines that evaluate a rule; if ``exact`` they add up what it gives."""

    def giving(points: float) -> str:
        if not points:
            return "pass"
        give = f"given.append({code.bound(_gives(rule, points))})"
        return f"{give}; fit += {code.bound(points)}" if exact else give

    if isinstance(rule, FunctionRule):
        ask = code.bound(lambda lead, strict: _given(rule, lead, None, None, strict=strict))
        return [f"one = {ask}(lead, strict)", "if one is not None: given.append(one)"]
    if not any(rule.values):
        return []
    ways = [(code.truth(when).yes, giving(points)) for when, points in rule.outcomes]
    if len(ways) == 1 and not rule.fallback:
        return [f"if {ways[0][0]}: {ways[0][1]}"]
    return _first(ways, giving(rule.fallback))


def _first(ways: Sequence[tuple[str, str]], otherwise: str = "pass") -> list[str]:
    """The lines that do what belongs to the first of many conditions that is true.

    They leave a loop at once, for Python can't read thousands of ``elif``: each would be nested in the one before.
    """
    lines = [*(f"if {yes}: {then}; break" for yes, then in ways), f"{otherwise}; break"]
    return ["while True:", *indented(lines)] if ways else []


def _gives(rule: AnyFit, points: float) -> Contribution:
    return Contribution(rule=rule.name, side="fit", points=points, because=rule.because, raw=points)


def _given(rule: AnyFit, lead: object, now: Any, account: object, *, strict: bool) -> Contribution | None:
    try:
        points = rule.points_of(lead) if isinstance(rule, FunctionRule) else _points(rule, lead, now, account)
    except Exception as wrong:  # noqa: BLE001  # anything may go wrong in a function, or a property, of the host
        return failed(rule, "fit", wrong, strict=strict)
    return _gives(rule, points) if points else None


def _points(rule: AnyFit, lead: object, now: datetime, account: object) -> float:
    """The points of a rule by the interpreter."""
    true = (points for when, points in rule.outcomes if evaluate(when, lead, now, account=account))
    return next(true, rule.fallback)
