"""Conditions as generated Python: one function, or expressions within a larger one.

``Code`` collects what several conditions need, so that each path is read once, however many rules use it::

    code = Code()
    truth = code.truth(condition)            # truth.yes and truth.no are Python expressions
    source = ["def rule(subject, now, activity=None, account=None):", *indented(code.opening()),
              *indented(code.reads("field")), *indented(code.reads("activity")), f"    return {truth.yes}"]
    rule = code.function(source)

A truth value is two expressions, is-true and is-false, since unknown is neither. Constants and the names in paths are
never written into the source: they are bound to names in ``code.namespace``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import count
from typing import Any, Final, NamedTuple

from leadflow.conditions import nodes
from leadflow.conditions.codegen_paths import NAMES, Facet, PathNode, indented
from leadflow.conditions.globs import glob_test
from leadflow.conditions.interpreter import Truth
from leadflow.conditions.nodes import Condition, Leaf, Scope
from leadflow.conditions.values import ACTIVITY_FIELDS, account_in, is_of_account, is_of_quality, moment_now, quality_at
from leadflow.conditions.words import has_words
from leadflow.entities.score import Account

__all__ = ["Code", "Compiled", "compile_condition"]

Compiled = Callable[..., Truth]
"""Called with ``subject, now, activity=None, account=None``, like ``evaluate`` without the condition."""

_SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "lt": ("<", ">="), "ge": (">=", "<"), "gt": (">", "<="), "le": ("<=", ">"),
}  # fmt: skip
_METHODS: Final[Mapping[str, str]] = {"starts_with": "startswith", "ends_with": "endswith"}


class Expressions(NamedTuple):
    """Two Python expressions: at most one of them is true, neither if the condition is unknown."""

    yes: str
    no: str

    def flipped(self) -> Expressions:
        """The expressions of the negated condition."""
        return Expressions(self.no, self.yes)


class Code:
    """What the conditions of one generated function need: the paths to read and the constants.

    ``subject``, ``now``, ``activity`` and ``account`` are the variables of that function (``now`` an aware datetime,
    ``account`` an ``Account``, or None to read the subject's own). In a loop over activities, ``reads("field")`` goes
    before the loop and ``reads("activity")`` inside.

    With a ``subject_type`` (or ``activity_type``) values of exactly this class are read by the fastest way; if they
    lack an attribute that the class declares, the generated code raises.
    """

    def __init__(
        self,
        *,
        subject: str = "subject",
        now: str = "now",
        activity: str = "activity",
        account: str = "account",
        subject_type: type | None = None,
        activity_type: type | None = None,
    ) -> None:
        self.namespace: dict[str, Any] = {
            **NAMES,
            "_moment_now": moment_now,
            "_quality_at": quality_at,
            "_account_in": account_in,
        }
        self._now, self._account = now, account
        self.uses_now = False
        self._names = count()
        self._types: dict[Scope, type | None] = {"field": subject_type, "activity": activity_type}
        self._roots: dict[Scope, PathNode] = {
            "field": PathNode(subject, self._named, self.bound),
            "activity": PathNode(activity, self._named, self.bound),
        }
        self._of_account = PathNode(self._named(), self._named, self.bound)
        self._of_quality = PathNode(self._named(), self._named, self.bound)

    def bound(self, value: object) -> str:
        """The name that the function uses for this value."""
        name = f"_k{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def value(self, path: str) -> str:
        """The variable that holds the unconverted value at a path of the subject."""
        place = self._roots["field"]
        for part in path.split("."):
            place = place.below(part)
        return place.facet("anything")

    def _named(self) -> str:
        return f"_v{next(self._names)}"

    def _value_for(self, leaf: Leaf, facet: Facet) -> str:
        """The variable that holds a condition's value, converted to the facet that it needs."""
        place, parts = self._roots[leaf.scope], leaf.path.split(".")
        if leaf.scope == "activity" and parts[0] not in ACTIVITY_FIELDS:
            place = place.below("properties")
        if leaf.scope == "field" and is_of_account(leaf.path):
            place, parts = self._of_account, parts[1:]
        if leaf.scope == "field" and is_of_quality(leaf.path):
            place, parts, self.uses_now = self._of_quality, parts[1:], True
        for part in parts:
            place = place.below(part)
        return place.facet(facet)

    def opening(self) -> list[str]:
        """The line that converts ``now`` to UTC and refuses a naive one; needed only if ``uses_now``."""
        now = self._now
        return [f"if {now}.__class__ is not _datetime or {now}.tzinfo is not _utc: {now} = _moment_now({now})"]

    def reads(self, scope: Scope) -> list[str]:
        """The lines that read the paths of a scope, each once; they precede any expression."""
        root = self._roots[scope]
        lines = list(root.lines(self._types[scope]))
        read = list(self._of_account.lines(Account)) if scope == "field" else []
        if read:
            given, own = self._account, f"_account_in({root.name})"
            lines.append(f"{self._of_account.name} = {given} if {given} is not None else {own}")
        measured = list(self._of_quality.lines(None)) if scope == "field" else []
        if measured:
            lines.append(f"{self._of_quality.name} = _quality_at({root.name}, {self._now})")
        return lines + read + measured

    def truth(self, condition: Condition) -> Expressions:
        """The expressions of a condition, each safe to combine with any operator."""
        match condition:
            case nodes.Always():
                return Expressions("True", "False")
            case nodes.Never():
                return Expressions("False", "True")
            case nodes.Not(of=part):
                return self.truth(part).flipped()
            case nodes.And(all=parts):
                truths = [self.truth(part) for part in parts]
                return Expressions(_joined("and", (t.yes for t in truths)), _joined("or", (t.no for t in truths)))
            case nodes.Or(any=parts):
                truths = list(self._alternatives(parts))
                return Expressions(_joined("or", (t.yes for t in truths)), _joined("and", (t.no for t in truths)))
            case Leaf():
                return self._leaf(condition)
        raise AssertionError(condition)

    def _leaf(self, leaf: Leaf) -> Expressions:
        match leaf:
            case nodes.IsKnown():
                value = self._value_for(leaf, "known")
                return Expressions(f"({value} is not None)", f"({value} is None)")
            case nodes.Matches(op="contains", text=text):
                value, part = self._value_for(leaf, "holder"), self.bound(text)
                return _if_there(value, f"{part} in {value}", f"{part} not in {value}")
            case nodes.Matches():
                return self._matches(leaf, leaf.text)
            case nodes.HasWords(text=text):
                value = self._value_for(leaf, "text")
                held = f"{self.bound(has_words(text))}({value})"
                return _if_there(value, held, f"not {held}")
            case nodes.Within(days=days):
                return self._within(leaf, days)
            case nodes.Compare() | nodes.IsIn() | nodes.Between():
                return self._compares(leaf, self._value_for(leaf, leaf.kind))
        raise AssertionError(leaf)

    def _compares(self, leaf: nodes.AnyValued, value: str) -> Expressions:
        match leaf:
            case nodes.Compare(op="eq" | "ne" as op, value=constant):
                name = self.bound(constant)
                if leaf.kind == "bool":
                    equal = Expressions(f"{value} is {name}", f"{value} is {self.bound(not constant)}")
                else:
                    equal = Expressions(f"{value} == {name}", f"({value} is not None and {value} != {name})")
                return equal if op == "eq" else equal.flipped()
            case nodes.Compare(op=op, value=constant):
                name, (sign, opposite) = self.bound(constant), _SIGNS[op]
                return _if_there(value, f"{value} {sign} {name}", f"{value} {opposite} {name}")
            case nodes.IsIn(values=constants):
                name = self.bound(frozenset(constants))
                return Expressions(f"{value} in {name}", f"({value} is not None and {value} not in {name})")
            case nodes.Between(low=low, high=high):
                held = f"{self.bound(low)} <= {value} <= {self.bound(high)}"
                return _if_there(value, held, f"not {held}")

    def _matches(self, leaf: nodes.Matches, *texts: str) -> Expressions:
        """The expressions for a match with any of the texts."""
        value = self._value_for(leaf, "text")
        if leaf.op == "like":
            held = f"{self.bound(glob_test(*texts))}({value})"
        else:
            held = f"{value}.{_METHODS[leaf.op]}({self.bound(texts)})"
        return _if_there(value, held, f"not {held}")

    def _alternatives(self, parts: Iterable[Condition]) -> Iterator[Expressions]:
        """The expressions of several parts; all prefixes (or suffixes) of one path become a single test."""
        ends: dict[tuple[str, str], list[nodes.Matches]] = {}
        for part in parts:
            if isinstance(part, nodes.Matches) and part.op in _METHODS:
                ends.setdefault((part.op, part.name), []).append(part)
            else:
                yield self.truth(part)
        for alike in ends.values():
            yield self._matches(alike[0], *(one.text for one in alike))

    def _within(self, leaf: Leaf, days: int) -> Expressions:
        self.uses_now = True
        none, span = self.bound(timedelta(0)), self.bound(timedelta(days=days))
        moment, day = self._value_for(leaf, "datetime"), self._value_for(leaf, "date")
        held = f"{none} <= {self._now} - {moment} <= {span}"
        on_moment = _if_there(moment, held, f"not {held}")
        held = f"{none} <= {self._now}.date() - {day} <= {span}"
        on_day = _if_there(day, held, f"not {held}")
        return Expressions(f"({on_moment.yes} or {on_day.yes})", f"({on_moment.no} or {on_day.no})")

    def function(self, lines: Iterable[str]) -> Any:
        """The function that the source lines define (the first line is its ``def``)."""
        source = "\n".join(lines)
        scope = dict(self.namespace)
        exec(compile(source, "<leadflow.conditions>", "exec"), scope)  # noqa: S102  # contains no text from outside
        return scope[source.removeprefix("def ").partition("(")[0]]


def compile_condition(condition: Condition) -> Compiled:
    """A function of ``(subject, now, activity=None, account=None)`` that returns what ``evaluate`` returns, faster."""
    code = Code()
    truth = code.truth(condition)
    body = [*code.opening(), *code.reads("field"), *code.reads("activity")]
    body += [f"return True if {truth.yes} else False if {truth.no} else None"]
    function: Compiled = code.function(["def condition(subject, now, activity=None, account=None):", *indented(body)])
    return function


def _joined(word: str, expressions: Iterable[str]) -> str:
    return f"({f' {word} '.join(expressions)})"


def _if_there(value: str, holds: str, fails: str) -> Expressions:
    return Expressions(f"({value} is not None and {holds})", f"({value} is not None and {fails})")
