"""Conditions as generated Python: for one function, or as parts of a larger one.

``Code`` collects what several conditions need, so that each path is read once however many rules look at it::

    code = Code()
    truth = code.truth(condition)            # truth.yes and truth.no are Python expressions
    source = ["def rule(subject, now, activity=None, account=None):", *indented(code.opening()),
              *indented(code.reads("field")), *indented(code.reads("activity")), f"    return {truth.yes}"]
    rule = code.function(source)

A truth is two expressions, is-true and is-false, for unknown is neither. Constants are never written into the source;
they are names in ``code.namespace``, and so are the names in paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from leadflow.conditions.base import Leaf, Scope
from leadflow.conditions.evaluating import Truth
from leadflow.conditions.likeness import likeness
from leadflow.conditions.nodes import (
    Always,
    And,
    Between,
    Compare,
    Condition,
    IsIn,
    Known,
    Matches,
    Never,
    Not,
    Or,
    Within,
)
from leadflow.conditions.values import ACTIVITY_FIELDS, SETTLED, Kind, is_of_account, moment_now, settled, way

Compiled = Callable[..., Truth]
"""Called with ``subject, now, activity=None, account=None``, like ``evaluate`` without the condition."""

_SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "eq": ("==", "!="), "ne": ("!=", "=="), "lt": ("<", ">="), "ge": (">=", "<"), "gt": (">", "<="), "le": ("<=", ">"),
}  # fmt: skip
_GUARDS: Final[Mapping[Kind, str]] = {
    "bool": "{0}.__class__ is bool",
    "number": "{0}.__class__ in _numbers",
    "text": "{0}.__class__ is str",
    "datetime": "{0}.__class__ is _datetime",
    "date": "{0}.__class__ is _date",
}
_THE_ACCOUNT: Final = "the account"
"""No name of a path: what is handed in beside the subject, else what the subject has itself."""
_NAMESPACE: Final[Mapping[str, object]] = {
    "_date": date,
    "_datetime": datetime,
    "_moment_now": moment_now,
    "_numbers": frozenset({int, float}),
    "_plain": SETTLED,
    "_settled": settled,
    "_way": way,
}


class Expressions(NamedTuple):
    """Two Python expressions; at most one of them is true, and neither where the condition is unknown."""

    yes: str
    no: str

    def flipped(self) -> Expressions:
        """Those of the opposite condition."""
        return Expressions(self.no, self.yes)


class Code:
    """What the conditions of one generated function need: the paths to read, and the names of their constants.

    ``subject``, ``now``, ``activity`` and ``account`` are the variables of that function (``now`` an aware datetime,
    ``account`` an ``Account``, or None to read a subject's own). Where the activities are gone through in a loop,
    ``reads("field")`` belongs before it and ``reads("activity")`` inside.
    """

    def __init__(
        self, *, subject: str = "subject", now: str = "now", activity: str = "activity", account: str = "account"
    ) -> None:
        self.namespace: dict[str, Any] = dict(_NAMESPACE)
        self._roots: dict[Scope, str] = {"field": subject, "activity": activity}
        self._now, self._account = now, account
        self._steps: dict[tuple[Scope, tuple[str, ...]], str] = {}
        self._lines: dict[Scope, list[str]] = {"field": [], "activity": []}
        self._values: dict[tuple[Scope, str], str] = {}

    def bound(self, value: object) -> str:
        """The name under which the function sees this value."""
        name = f"_k{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def value(self, scope: Scope, path: str) -> str:
        """The variable that holds the settled value at a path, read in ``reads(scope)``."""
        if (scope, path) not in self._values:
            parts = tuple(path.split("."))
            own = scope == "field" or parts[0] in ACTIVITY_FIELDS
            if scope == "field" and is_of_account(path):
                parts = (_THE_ACCOUNT, *parts[1:])
            step_name = self._step(scope, parts if own else ("properties", *parts))
            name = self._values[scope, path] = f"_{scope[0]}v{len(self._values)}"
            settling = f"{step_name} if {step_name}.__class__ in _plain else _settled({step_name})"
            self._lines[scope] += [f"{name} = {settling}"]
        return self._values[scope, path]

    def _step(self, scope: Scope, parts: tuple[str, ...]) -> str:
        """The variable for what a path reaches; paths that begin alike share their first steps."""
        if not parts:
            return self._roots[scope]
        if (scope, parts) not in self._steps:
            if parts == (_THE_ACCOUNT,):
                own = self._step(scope, ("account",))
                name = self._steps[scope, parts] = f"_{scope[0]}s{len(self._steps)}"
                self._lines[scope] += [f"{name} = {own} if {self._account} is None else {self._account}"]
                return name
            before = self._step(scope, parts[:-1])
            name = self._steps[scope, parts] = f"_{scope[0]}s{len(self._steps)}"
            key = self.bound(parts[-1])
            otherwise = f"_way({before}.__class__)({before}, {key})"
            self._lines[scope] += [f"{name} = {before}.get({key}) if {before}.__class__ is dict else {otherwise}"]
        return self._steps[scope, parts]

    def opening(self) -> list[str]:
        """The line that brings ``now`` to UTC and refuses a naive one."""
        return [f"{self._now} = _moment_now({self._now})"]

    def reads(self, scope: Scope) -> list[str]:
        """The lines that read the paths of a scope, each once; they come before any expression."""
        return list(self._lines[scope])

    def truth(self, condition: Condition) -> Expressions:
        """The expressions of a condition; each is safe to stand beside any operator."""
        match condition:
            case Always():
                return Expressions("True", "False")
            case Never():
                return Expressions("False", "True")
            case Not(of=part):
                return self.truth(part).flipped()
            case And(all=parts):
                truths = [self.truth(part) for part in parts]
                return Expressions(_joined("and", (t.yes for t in truths)), _joined("or", (t.no for t in truths)))
            case Or(any=parts):
                truths = [self.truth(part) for part in parts]
                return Expressions(_joined("or", (t.yes for t in truths)), _joined("and", (t.no for t in truths)))
            case Leaf():
                return self._leaf(condition, self.value(condition.scope, condition.path))
        raise AssertionError(condition)

    def _leaf(self, leaf: Leaf, value: str) -> Expressions:
        match leaf:
            case Known():
                return Expressions(f"({value} is not None)", f"({value} is None)")
            case Matches(op="contains", text=text):
                held = f"{self.bound(text)} in {value}"
                return _guarded(f"({value}.__class__ is str or {value}.__class__ is tuple)", held)
            case Matches():
                return _guarded(_GUARDS["text"].format(value), self._matches(leaf.op, value, leaf.text))
            case Within(days=days):
                return self._within(value, days)
            case Compare() | IsIn() | Between():
                return _guarded(_GUARDS[leaf.kind].format(value), *self._compares(leaf, value))
        raise AssertionError(leaf)

    def _compares(self, leaf: Compare | IsIn | Between, value: str) -> tuple[str, ...]:
        match leaf:
            case Compare(op=op, value=constant):
                name = self.bound(constant)
                return tuple(f"{value} {sign} {name}" for sign in _SIGNS[op])
            case IsIn(values=constants):
                return (f"{value} in {self.bound(frozenset(constants))}",)
            case Between(low=low, high=high):
                return (f"{self.bound(low)} <= {value} <= {self.bound(high)}",)

    def _matches(self, op: str, value: str, text: str) -> str:
        match op:
            case "starts_with":
                return f"{value}.startswith({self.bound(text)})"
            case "ends_with":
                return f"{value}.endswith({self.bound(text)})"
            case _:
                return f"{self.bound(likeness(text))}({value})"

    def _within(self, value: str, days: int) -> Expressions:
        none, span, today = self.bound(timedelta(0)), self.bound(timedelta(days=days)), f"{self._now}.date()"
        moment = _guarded(_GUARDS["datetime"].format(value), f"{none} <= {self._now} - {value} <= {span}")
        on_day = _guarded(_GUARDS["date"].format(value), f"{none} <= {today} - {value} <= {span}")
        return Expressions(f"({moment.yes} or {on_day.yes})", f"({moment.no} or {on_day.no})")

    def function(self, lines: Iterable[str]) -> Any:
        """The function that the source lines define (the first line is its ``def``)."""
        source = "\n".join(lines)
        scope = dict(self.namespace)
        exec(compile(source, "<leadflow.conditions>", "exec"), scope)  # noqa: S102  # no text of others is in it
        return scope[source.removeprefix("def ").partition("(")[0]]


def compile_condition(condition: Condition) -> Compiled:
    """A function of ``(subject, now, activity=None, account=None)`` that gives what ``evaluate`` gives, faster."""
    code = Code()
    truth = code.truth(condition)
    body = [*code.opening(), *code.reads("field"), *code.reads("activity")]
    body += [f"return True if {truth.yes} else False if {truth.no} else None"]
    function: Compiled = code.function(["def condition(subject, now, activity=None, account=None):", *indented(body)])
    return function


def indented(lines: Iterable[str]) -> list[str]:
    """The lines, one level deeper."""
    return [f"    {line}" for line in lines]


def _joined(word: str, expressions: Iterable[str]) -> str:
    return f"({f' {word} '.join(expressions)})"


def _guarded(guard: str, holds: str, fails: str | None = None) -> Expressions:
    return Expressions(f"({guard} and {holds})", f"({guard} and {fails or f'not ({holds})'})")
