"""What another model would change: who gets another grade, which rules are to blame, and how much sales gets to do.

::

    change = compare(old, new, leads, now, activities=done, qualifies=field("score.fit") >= 40)
    change.regraded[0].because                            # the rules that make the difference
    change.load                                           # leads that qualify by rep, before and after
    change.check(max_regraded=0.05, max_load_change=0.2)  # for CI: raises, and names the leads
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import fsum
from typing import Any, Final, TypeAlias

from leadflow.conditions.interpreter import evaluate
from leadflow.conditions.nodes import Condition, Node
from leadflow.entities.behaviour import Activity
from leadflow.entities.lead import Lead
from leadflow.entities.score import Account, Score
from leadflow.errors import InvalidInput
from leadflow.scoring.comparison import Comparison, Difference, Load, Passing, Regraded
from leadflow.scoring.model import ScoringModel

__all__ = ["Comparison", "Difference", "Load", "Passing", "Regraded", "RepOf", "compare"]

NOBODY: Final = "nobody"

RepOf: TypeAlias = Callable[[Lead[Any]], str | Mapping[str, float] | None]
"""Whose lead it would be: a rep, several with their shares, or None for nobody's. The lead has the new score."""


def compare(
    model_a: ScoringModel,
    model_b: ScoringModel,
    leads: Iterable[Lead[Any]],
    now: datetime,
    *,
    activities: Mapping[str, Sequence[Activity]] | None = None,
    accounts: Mapping[str, Account] | None = None,
    qualifies: Condition | tuple[Condition, Condition] | None = None,
    rep: RepOf | tuple[RepOf, RepOf] | None = None,
    outcomes: Mapping[str, bool] | None = None,
) -> Comparison:
    """Score leads by two models at one moment; ``activities`` and ``accounts`` are those of each lead, by its id.

    ``qualifies`` says which leads go to sales, such as ``field("score.fit") >= 40``, and ``rep`` to whom (by default to
    the lead's owner): one for both models, or a pair. ``outcomes`` are what became of leads, by id, as far as it is
    known: they tell how many of those who qualify were won.
    """
    for gate in _pair(qualifies):
        if gate is not None and not isinstance(gate, Node):
            raise InvalidInput("qualifies", gate, "give a condition, such as the mql of a policy, or a pair of them")
    done = {} if activities is None else activities  # what is empty yet may be filled as the leads come
    of_company, known = accounts or {}, outcomes or {}
    sides = tuple(map(_Side, (model_a, model_b), _pair(qualifies), _pair(rep)))
    grades: Counter[tuple[str, str]] = Counter()
    regraded: list[Regraded] = []
    moved: dict[tuple[bool, bool], list[str]] = {(False, True): [], (True, False): []}
    rated: list[bool] = []
    for lead in leads:
        acts, account, won = done.get(lead.id, ()), of_company.get(lead.id), known.get(lead.id)
        (before, passed), (after, passes) = (side.scored(lead, acts, now, account, won) for side in sides)
        grades[before.grade or "", after.grade or ""] += 1
        if before.grade != after.grade:
            regraded.append(Regraded(lead.id, before, after, tuple(differences(before, after))))
        if passed != passes:
            moved[passed, passes].append(lead.id)
        if won is not None:
            rated.append(won)
    base_rate = sum(rated) / len(rated) if rated else 0.0
    told: dict[str, Any] = {} if qualifies is None else {
        "passing": tuple(side.passing(base_rate) for side in sides),
        "load": _loads(*sides),
        "entering": tuple(moved[False, True]),
        "leaving": tuple(moved[True, False]),
    }  # fmt: skip
    order = tuple(dict.fromkeys(name for model in (model_a, model_b) for name in _grades_of(model)))
    return Comparison(grades.total(), dict(sorted(grades.items())), tuple(regraded), order, **told)


def _grades_of(model: ScoringModel) -> Iterable[str]:
    letters, numbers = model.grades.names
    return (f"{letter}{number}" for letter in letters for number in numbers)


def _pair(given: Any) -> tuple[Any, Any]:
    return given if isinstance(given, tuple) else (given, given)


@dataclass(slots=True)
class _Side:
    """One of both models, and what it would give to sales."""

    model: ScoringModel
    qualifies: Condition | None
    rep: RepOf | None
    won: list[bool | None] = field(default_factory=list)
    load: dict[str, list[float]] = field(default_factory=dict)

    def scored(
        self,
        lead: Lead[Any],
        activities: Sequence[Activity],
        now: datetime,
        account: Account | None,
        won: bool | None,
    ) -> tuple[Score, bool]:
        """The score of a lead, and whether it qualifies."""
        score = self.model.score(lead, activities, now, account=account)
        if self.qualifies is None:
            return score, False
        judged = lead.but(score=score)
        if evaluate(self.qualifies, judged, now, account=account) is not True:
            return score, False
        self.won.append(won)
        for rep, share in self._reps(judged).items():
            self.load.setdefault(rep, []).append(share)
        return score, True

    def _reps(self, lead: Lead[Any]) -> Mapping[str, float]:
        rep = lead.owner if self.rep is None else self.rep(lead)
        return rep if isinstance(rep, Mapping) else {rep or NOBODY: 1.0}

    def passing(self, base_rate: float) -> Passing:
        """How many qualify, and how many of them were won."""
        known = [won for won in self.won if won is not None]
        return Passing(len(self.won), len(known), sum(known), base_rate)


def _loads(before: _Side, after: _Side) -> tuple[Load, ...]:
    reps = sorted({*before.load, *after.load})
    return tuple(Load(rep, *(fsum(side.load.get(rep, ())) for side in (before, after))) for rep in reps)


def differences(before: Score, after: Score) -> list[Difference]:
    """The rules that give other points by the one score than by the other, the largest change first."""
    old, new = (_by_rule(score) for score in (before, after))
    found = [
        Difference(rule, (new.get(rule) or old[rule])[0], old.get(rule, ("", 0.0))[1], new.get(rule, ("", 0.0))[1])
        for rule in {**old, **new}
    ]
    return sorted((one for one in found if one.change), key=lambda one: (-abs(one.change), one.rule))


def _by_rule(score: Score) -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for one in score.contributions:  # somebody may have adjusted the points twice
        found[one.rule] = one.because, one.points + found.get(one.rule, ("", 0.0))[1]
    return found
