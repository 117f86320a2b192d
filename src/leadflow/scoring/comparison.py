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
from math import fsum, inf
from typing import Any, Final, NamedTuple, TypeAlias

from leadflow.conditions.interpreter import evaluate
from leadflow.conditions.nodes import Condition, Node
from leadflow.entities.behaviour import Activity
from leadflow.entities.lead import Lead
from leadflow.entities.score import Account, Score
from leadflow.errors import ChangedTooMuch, DefinitionError, InvalidInput
from leadflow.scoring.model import Scorer, ScoringModel

__all__ = ["Comparison", "Passing", "Regraded", "RepLoad", "RepOf", "compare"]

SHOWN: Final = 10
LONGEST: Final = 80
NOBODY: Final = "nobody"


class Difference(NamedTuple):
    """What a rule gives by the one model and by the other; rules are the same if they have the same name."""

    rule: str
    because: str
    before: float
    after: float

    @property
    def change(self) -> float:
        """How many points more."""
        return self.after - self.before


class Regraded(NamedTuple):
    """A lead with another grade, and the rules that make the difference, the largest first.

    ``because`` is empty where the score is the same: then the thresholds of the grades differ, or a veto.
    """

    lead: str
    before: Score
    after: Score
    because: tuple[Difference, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words: what is vetoed, the rules with the points that they give more or less."""
        before, after = self.before.veto, self.after.veto
        vetoed = () if before == after else (f"vetoed: {after}" if after else f"no longer vetoed: {before}",)
        rules = (f"{_short(one.because)} {one.change:+.4g}" for one in self.because)
        return (*vetoed, *rules) or ("the thresholds of the grades differ",)


class RepLoad(NamedTuple):
    """How many leads a rep would get by the one model and by the other."""

    rep: str
    before: float
    after: float

    @property
    def change(self) -> float:
        """By what part it grows (0.2: a fifth more)."""
        return _change(self.before, self.after)


class Passing(NamedTuple):
    """How many leads qualify; of those whose outcome is known, how many were won.

    ``lift`` is how many times the rate of all leads with a known outcome that is.
    """

    leads: int
    known: int = 0
    won: int = 0
    base_rate: float = 0.0

    @property
    def rate(self) -> float | None:
        """The part that was won; None if of none the outcome is known."""
        return self.won / self.known if self.known else None

    @property
    def lift(self) -> float | None:
        """How many times the average that is."""
        return None if self.rate is None or not self.base_rate else self.rate / self.base_rate

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {"leads": self.leads, "known": self.known, "won": self.won, "rate": self.rate, "lift": self.lift}


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many leads were compared, how many went from which grade to which, and those that changed.

    ``order`` has the grades of both models, best first. With ``qualifies``: how many go to sales is in ``passing``
    (before, after), who does now in ``entering``, who does no longer in ``leaving``, and by rep in ``load``.
    """

    leads: int
    grades: Mapping[tuple[str, str], int]
    regraded: tuple[Regraded, ...]
    order: tuple[str, ...] = ()
    passing: tuple[Passing, Passing] | None = None
    load: tuple[RepLoad, ...] = ()
    entering: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()

    @property
    def before(self) -> dict[str, int]:
        """Leads per grade by the first model."""
        return _summed((old, count) for (old, _), count in self.grades.items())

    @property
    def after(self) -> dict[str, int]:
        """Leads per grade by the second model."""
        return _summed((new, count) for (_, new), count in self.grades.items())

    def as_json(self) -> dict[str, Any]:
        """The same for programs and for CI: the same keys always, leads and reps in the order of their names."""
        return {
            "leads": self.leads,
            "before": self.before,
            "after": self.after,
            "grades": [{"before": old, "after": new, "leads": n} for (old, new), n in self.grades.items()],
            "regraded": [_as_json(one) for one in sorted(self.regraded, key=lambda one: one.lead)],
            "passing": None if self.passing is None else dict(
                zip(("before", "after"), (one.as_json() for one in self.passing), strict=True)
            ),
            "entering": sorted(self.entering),
            "leaving": sorted(self.leaving),
            "load": [one._asdict() for one in self.load],
        }  # fmt: skip

    def check(self, *, max_regraded: float | None = None, max_load_change: float | None = None) -> None:
        """Raise ``ChangedTooMuch`` if too large a part of the leads changes grade, or of a rep's load.

        Both are parts: 0.05 is one lead in twenty. The load of all reps together counts like that of one.
        """
        if max_load_change is not None and self.passing is None:
            raise DefinitionError("the load is unknown; say who goes to sales: compare(…, qualifies=…)")
        problems = []
        if max_regraded is not None and len(self.regraded) > max_regraded * self.leads:
            part = f"{len(self.regraded):,} of {self.leads:,} leads ({len(self.regraded) / self.leads:.1%})"
            problems.append(f"{part} change grade, more than {max_regraded:.1%}: {_listed(self.regraded)}")
        if max_load_change is not None:
            total = () if self.passing is None else (RepLoad("all", *(float(one.leads) for one in self.passing)),)
            limit = f"more than {max_load_change:.1%}"
            problems += [
                f"the load of {one.rep} goes from {one.before:g} to {one.after:g} leads, {limit}"
                for one in (*total, *self.load)
                if abs(one.change) > max_load_change
            ]
        if problems:
            raise ChangedTooMuch("\n".join(problems))


def _as_json(one: Regraded) -> dict[str, Any]:
    return {
        "lead": one.lead,
        "before": {"grade": one.before.grade, "total": one.before.total, "veto": one.before.veto},
        "after": {"grade": one.after.grade, "total": one.after.total, "veto": one.after.veto},
        "because": [difference._asdict() for difference in one.because],
    }


def _listed(regraded: Sequence[Regraded]) -> str:
    shown = [f"{one.lead} {one.before.grade} → {one.after.grade} ({one.reasons[0]})" for one in regraded[:SHOWN]]
    more = len(regraded) - len(shown)
    return "; ".join([*shown, *([f"and {more:,} more"] if more else [])])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _change(before: float, after: float) -> float:
    if before:
        return (after - before) / before
    return inf if after else 0.0


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for grade, count in counts:
        total[grade] += count
    return dict(sorted(total.items()))


# --- comparing -----------------------------------------------------------------------------------------------

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
    known: from them comes how many of those who qualify were won.
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
    sales: dict[str, Any] = {} if qualifies is None else {
        "passing": tuple(side.passing(base_rate) for side in sides),
        "load": _loads(*sides),
        "entering": tuple(moved[False, True]),
        "leaving": tuple(moved[True, False]),
    }  # fmt: skip
    order = tuple(dict.fromkeys(name for model in (model_a, model_b) for name in _grades_of(model)))
    return Comparison(grades.total(), dict(sorted(grades.items())), tuple(regraded), order, **sales)


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
    scorers: dict[type, Scorer] = field(default_factory=dict)

    def scored(
        self,
        lead: Lead[Any],
        activities: Sequence[Activity],
        now: datetime,
        account: Account | None,
        won: bool | None,
    ) -> tuple[Score, bool]:
        """The score of a lead, and whether it qualifies."""
        scorer = self.scorers.get(type(lead)) or self.scorers.setdefault(type(lead), self.model.bind(type(lead)))
        score = scorer.score(lead, activities, now, account=account)
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


def _loads(before: _Side, after: _Side) -> tuple[RepLoad, ...]:
    reps = sorted({*before.load, *after.load})
    return tuple(RepLoad(rep, *(fsum(side.load.get(rep, ())) for side in (before, after))) for rep in reps)


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
