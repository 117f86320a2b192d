"""What could still change for a lead: rules that give more than they do now, with what it takes.

A ``Step`` is one such change: values of the lead that would have to be others, or activities that would have to come.
What happened, what persons did and what the account is can't be changed; negative activities fade only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from leadflow.conditions.interpreter import Truth, evaluate
from leadflow.conditions.nodes import ALWAYS, And, Condition, Scope
from leadflow.conditions.satisfiability import NOT_TRUE, TRUE, Constraint, Disjunct, Literal
from leadflow.conditions.values import is_of_account, read
from leadflow.conditions.witnesses import Witness, nearest_disjunct, witness_for
from leadflow.entities.behaviour import Activity
from leadflow.entities.lead import Lead
from leadflow.scoring.asking import fit_points
from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.rules import EngagementRule, FitRule, done
from leadflow.scoring.supposing import is_changeable, tree_of, with_values
from leadflow.scoring.weights import WeightRule

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

MOST: Final = 10
"""More activities at once than so many are no suggestion."""
OPEN: Final = frozenset({
    "emails", "phones", "social", "address", "person", "company", "persona", "interests", "pain_points",
    "product_interest", "intended_use", "buying_role", "budget", "authority", "need", "timing", "note", "custom",
})  # fmt: skip
"""What may turn out to be different."""
FIXED: Final = frozenset({*Lead.model_fields, "account", "is_reachable"}) - OPEN
"""Of the lead what has happened, or is decided by others: no step supposes that it were different."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One thing that would change a score: what it is in words, and what it takes.

    ``rule`` is the rule that it is for; empty where the goal itself asks for it.
    ``values`` are those of the lead by path, of which any other would do for which the condition holds; ``count``
    activities of ``kind`` with such ``properties`` are supposed to happen now.
    """

    rule: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    kind: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    count: int = 0
    asks: Mapping[str, tuple[Literal, ...]] = field(default_factory=dict, repr=False)
    """What has to hold at each path of the lead."""
    contrary: int = 0
    """So many values are known to be others."""

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
class Steps:
    """The steps that there are for one lead at one moment."""

    model: ScoringModel
    lead: Any
    now: datetime
    account: object

    def unvetoed(self) -> Iterator[Step]:
        """What would lift each veto that holds."""
        for veto in self.model.vetoes:
            if self._truth(veto.when):
                yield from self.of_lead(veto.name, (veto.when, NOT_TRUE))

    def helping(self, given: Mapping[str, float]) -> Iterator[Step]:
        """What would let a rule give more; ``given`` is what each gives now, before caps of groups and sides."""
        for rule in self.model.fit:
            match rule:
                case FitRule() if rule.points > 0 and not self._truth(rule.when):
                    yield from self.of_lead(rule.name, (rule.when, TRUE))
                case FitRule() if rule.points < 0 and self._truth(rule.when):
                    yield from self.of_lead(rule.name, (rule.when, NOT_TRUE))
                case WeightRule():
                    yield from self._weighted(rule)
        for asked in self.model.engagement:
            match asked:
                case EngagementRule() if asked.points > 0:
                    yield from self._by_activity(asked)
                case FrequencyRule() if max(band.points for band in asked.bands) > given.get(asked.name, 0.0):
                    yield from self._by_activity(asked)
                case InactivityRule() if asked.points < 0 and asked.name in given:
                    kind = asked.activities[0] if asked.activities else "any activity"
                    yield Step(asked.name, kind.replace("_", " "), kind=kind, count=1)

    def of_lead(self, rule: str, *claims: Constraint) -> Iterator[Step]:
        """The step to these claims about the lead, if there is a way."""
        disjunct = nearest_disjunct(claims, self._read, self.now, self._is_fixed)
        values = None if disjunct is None else witness_for(disjunct, self._read, self.now)
        if disjunct and values:
            yield self._step(rule, self._spoken(claims), disjunct, values)

    def _weighted(self, rule: WeightRule) -> Iterator[Step]:
        *values, otherwise = rule.values
        now = fit_points(rule, self.lead, self.now, self.account)
        earlier: list[Constraint] = []
        for when, worth in zip((*(case.when for case in rule.cases), ALWAYS), (*values, otherwise), strict=True):
            if worth > now:
                yield from self.of_lead(rule.name, (when, TRUE), *earlier)
            earlier.append((when, NOT_TRUE))

    def _by_activity(self, rule: EngagementRule | FrequencyRule) -> Iterator[Step]:
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
        step = self._step(rule.name, done(rule.activity, rule.where), disjunct, of_lead)
        properties = {path: value for (scope, path), value in values.items() if scope == "activity"}
        if of_lead:  # what was done already may count then
            yield step
        elif all(isinstance(value, str | int | float | None) for value in properties.values()):
            yield replace(step, kind=rule.activity, properties=tree_of(properties), count=MOST)

    def _step(self, rule: str, text: str, disjunct: Disjunct, values: Witness) -> Step:
        asks = {path: literals for (scope, path), literals in disjunct.items() if scope == "field"}
        there = {path: self._read("field", path) for _, path in values}
        known = {path: "unknown" if value is None else str(value) for path, value in there.items()}
        now = known.values() if len(known) == 1 else (f"{path} {value}" for path, value in known.items())
        said = f"{text} ({', '.join(now)} now)" if known else text
        contrary = sum(value is not None for value in there.values())
        return Step(rule, said, {path: value for (_, path), value in values.items()}, asks=asks, contrary=contrary)

    def together(self, steps: Sequence[Step]) -> Mapping[str, object] | None:
        """The values of the lead for which all steps hold; None if they exclude each other."""
        asks: dict[tuple[Scope, str], tuple[Literal, ...]] = {}
        for one in steps:
            for path, literals in one.asks.items():
                asks["field", path] = (*asks.get(("field", path), ()), *literals)
        values = witness_for(asks, self._read, self.now)
        return None if values is None else {path: value for (_, path), value in values.items()}

    def taken(self, steps: Sequence[Step]) -> tuple[Any, list[Activity]] | None:
        """The lead and the new activities if all these steps are taken; None if they exclude each other."""
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
