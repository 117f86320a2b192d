"""What could still change for a lead: rules that give more than they do now, with what it takes.

A ``Suggestion`` is one such change: values of the lead that would have to be different, or activities that would have
to come. What happened, what persons did and what the account is can't be changed; negative activities fade only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from typing import Any, Final

from leadflow.conditions.interpreter import Truth, evaluate
from leadflow.conditions.nodes import ALWAYS, And, Condition, Scope
from leadflow.conditions.satisfiability import NOT_TRUE, TRUE, Constraint, Disjunct, Literal
from leadflow.conditions.values import COLLECTIONS, is_of_account, read, step
from leadflow.conditions.witnesses import Witness, nearest_disjunct, witness_for
from leadflow.entities.base import Entity
from leadflow.entities.behaviour import Activity
from leadflow.entities.lead import Lead
from leadflow.scoring.counting_rules import AnyEngagement, FrequencyRule, InactivityRule
from leadflow.scoring.engagement_rules import EngagementRule, done
from leadflow.scoring.rules import AnyFit, Veto

__all__ = ["Suggestion", "Suggestions", "with_values"]

MOST: Final = 10
"""The most activities at once that are suggested."""
OPEN: Final = frozenset({
    "emails", "phones", "social", "address", "person", "company", "persona", "interests", "pain_points",
    "product_interest", "intended_use", "buying_role", "budget", "authority", "need", "timing", "note", "custom",
})  # fmt: skip
"""What may turn out to be different."""
FIXED: Final = frozenset({*Lead.model_fields, "account", "is_reachable"}) - OPEN
"""Of the lead what has happened, or is decided by others: no suggestion supposes otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class Suggestion:
    """One thing that would change a score: what it is in words, and what it takes.

    ``rule`` is the rule that it is for; empty where the goal itself requires it.
    ``values`` are those of the lead by path, of which any other would do for which the condition holds; ``count``
    activities of ``kind`` with such ``properties`` are supposed to happen now.
    """

    rule: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    kind: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    count: int = 0
    required: Mapping[str, tuple[Literal, ...]] = field(default_factory=dict, repr=False)
    """What has to hold at each path of the lead."""
    contrary: int = 0
    """How many of the values are known to be different now."""

    def __str__(self) -> str:
        return f"{self.count} × {self.text}" if self.kind else self.text

    def activities(self, lead: object, now: datetime) -> list[Activity]:
        """The activities that are supposed to happen."""
        lead_id = str(read(lead, "id") or "lead")
        return [
            Activity(
                id=f"supposed-{number}-{self.rule}"[:1_000],
                lead_id=lead_id,
                kind=str(self.kind),
                happened_at=now,
                recorded_at=now,
                properties=dict(self.properties),
            )
            for number in range(self.count)
        ]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The suggestions that there are for one lead at one moment, by the rules of a model."""

    vetoes: Sequence[Veto]
    fit: Sequence[AnyFit]
    engagement: Sequence[AnyEngagement]
    lead: Any
    now: datetime
    account: object

    def unvetoed(self) -> Iterator[Suggestion]:
        """What would lift each veto that holds."""
        for veto in self.vetoes:
            if self._truth(veto.when):
                yield from self.of_lead(veto.name, (veto.when, NOT_TRUE))

    def helping(self, given: Mapping[str, float]) -> Iterator[Suggestion]:
        """What would let a rule give more; ``given`` is what each gives now, before caps of groups and sides."""
        for rule in self.fit:
            yield from self._by_values(rule)
        for behaviour in self.engagement:
            if isinstance(behaviour, InactivityRule):
                if behaviour.points < 0 and behaviour.name in given:
                    kind = behaviour.activities[0] if behaviour.activities else "any activity"
                    yield Suggestion(behaviour.name, kind.replace("_", " "), kind=kind, count=1)
            elif behaviour.raw_between(0, inf)[1] > max(0.0, given.get(behaviour.name, 0.0)):
                yield from self._by_activity(behaviour)

    def of_lead(self, rule: str, *claims: Constraint) -> Iterator[Suggestion]:
        """The suggestion that makes these claims about the lead true, if there is a way."""
        disjunct = nearest_disjunct(claims, self._read, self.now, self._is_fixed)
        values = None if disjunct is None else witness_for(disjunct, self._read, self.now)
        if disjunct and values:
            yield self._made(rule, self._spoken(claims), disjunct, values)

    def _by_values(self, rule: AnyFit) -> Iterator[Suggestion]:
        now = next((points for when, points in rule.outcomes if self._truth(when)), rule.fallback)
        earlier: list[Constraint] = []
        for when, points in (*rule.outcomes, (ALWAYS, rule.fallback)):
            if points > now:
                yield from self.of_lead(rule.name, (when, TRUE), *earlier)
            earlier.append((when, NOT_TRUE))

    def _by_activity(self, rule: EngagementRule | FrequencyRule) -> Iterator[Suggestion]:
        def there(scope: Scope, path: str) -> object:
            own = {"kind": rule.activity, "happened_at": self.now}
            return own.get(path) if scope == "activity" else self._read(scope, path)

        def is_fixed(scope: Scope, path: str) -> bool:
            return path in ("kind", "happened_at", "source") if scope == "activity" else self._is_fixed(scope, path)

        claims: list[Constraint] = [] if rule.where is None else [(rule.where, TRUE)]
        disjunct = nearest_disjunct(claims, there, self.now, is_fixed)
        values = None if disjunct is None else witness_for(disjunct, there, self.now)
        if disjunct is None or values is None:
            return
        of_lead = {place: value for place, value in values.items() if place[0] == "field"}
        made = self._made(rule.name, done(rule.activity, rule.where), disjunct, of_lead)
        properties = {path: value for (scope, path), value in values.items() if scope == "activity"}
        if of_lead:  # what was done already may count then
            yield made
        elif all(isinstance(value, str | int | float | None) for value in properties.values()):
            yield replace(made, kind=rule.activity, properties=tree_of(properties), count=MOST)

    def _made(self, rule: str, text: str, disjunct: Disjunct, values: Witness) -> Suggestion:
        required = {path: literals for (scope, path), literals in disjunct.items() if scope == "field"}
        there = {path: self._read("field", path) for _, path in values}
        known = {path: "unknown" if value is None else str(value) for path, value in there.items()}
        now = known.values() if len(known) == 1 else (f"{path} {value}" for path, value in known.items())
        shown = f"{text} ({', '.join(now)} now)" if known else text
        contrary = sum(value is not None for value in there.values())
        return Suggestion(
            rule, shown, {path: value for (_, path), value in values.items()}, required=required, contrary=contrary
        )

    def together(self, steps: Sequence[Suggestion]) -> Mapping[str, object] | None:
        """The values of the lead with which all of these hold; None if they exclude each other."""
        required: dict[tuple[Scope, str], tuple[Literal, ...]] = {}
        for one in steps:
            for path, literals in one.required.items():
                required["field", path] = (*required.get(("field", path), ()), *literals)
        values = witness_for(required, self._read, self.now)
        return None if values is None else {path: value for (_, path), value in values.items()}

    def taken(self, steps: Sequence[Suggestion]) -> tuple[Any, list[Activity]] | None:
        """The lead and the new activities if all of these are followed; None if they exclude each other."""
        values = self.together(steps)
        if values is None:
            return None
        new = [activity for one in steps for activity in one.activities(self.lead, self.now)]
        return with_values(self.lead, values), new

    def _read(self, scope: Scope, path: str) -> object:
        if scope == "activity":
            return None
        own = self.account is None or not is_of_account(path)
        return read(self.lead, path) if own else read(self.account, path.partition(".")[2])

    def _is_fixed(self, scope: Scope, path: str) -> bool:
        return scope == "activity" or path.partition(".")[0] in FIXED or not is_changeable(self.lead, path)

    def _truth(self, condition: Condition) -> Truth:
        try:
            return evaluate(condition, self.lead, self.now, account=self.account)
        except Exception:  # noqa: BLE001  # a property of the host's own fields may raise anything
            return None

    def _spoken(self, claims: Sequence[Constraint]) -> str:
        """What isn't so yet, in words."""
        words = []
        for condition, wanted in claims:
            if self._truth(condition) in wanted:
                continue
            parts = condition.all if isinstance(condition, And) and wanted == TRUE else (condition,)
            open_parts = [str(part) for part in parts if self._truth(part) not in wanted]
            words += open_parts if wanted == TRUE else [f"no longer {part}" for part in open_parts]
        return " and ".join(words)


# --- a lead as it would be -----------------------------------------------------------------------------------


class Branch(dict[str, Any]):
    """Changed values by name, below a name of its own or at the top; no value of a lead is one."""


class Hypothetical:
    """Something with some values changed to those of a tree, the rest as they are."""

    def __init__(self, base: object, tree: Branch) -> None:
        self._base, self._tree = base, tree

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._tree:
            value = self._tree[name]
            return Hypothetical(step(self._base, name), value) if isinstance(value, Branch) else value
        if isinstance(self._base, Mapping) and name in self._base:
            return self._base[name]
        return getattr(self._base, name)


def with_values(subject: Any, values: Mapping[str, object]) -> Any:
    """The subject with these values at their paths: of its own class where they are fields, else something like it."""
    return _with(subject, tree_of(values)) if values else subject


def tree_of(values: Mapping[str, object]) -> Branch:
    """Values by path as a tree."""
    tree = Branch()
    for path, value in values.items():
        *above, last = path.split(".")
        place = tree
        for name in above:
            below = place.get(name)
            if not isinstance(below, Branch):
                below = place[name] = Branch()
            place = below
        place[last] = value
    return tree


def _with(subject: Any, tree: Branch) -> Any:
    if not isinstance(subject, Entity) or not tree.keys() <= type(subject).model_fields.keys():
        return Hypothetical(subject, tree)
    made = {
        name: _with(getattr(subject, name), below) if isinstance(below, Branch) else below
        for name, below in tree.items()
    }
    return (
        Hypothetical(subject, tree)
        if any(isinstance(one, Hypothetical) for one in made.values())
        else subject.but(**made)
    )


def is_changeable(subject: object, path: str) -> bool:
    """Whether a value can be supposed at a path: none of its steps goes through a list."""
    for name in path.split("."):
        if isinstance(subject, COLLECTIONS):
            return False
        subject = step(subject, name)
    return True
