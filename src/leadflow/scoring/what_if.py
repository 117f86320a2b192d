"""What is missing for a condition on the score, the smallest sets of changes that would do, and until when it holds.

::

    outlook = scorer.what_if(lead, activities, now, (field("score.fit") >= 40) & (field("score.engagement") >= 25))
    outlook.missing                   # {"fit": 15.0}
    outlook.ways                      # each a set of suggestions, with the score that it leads to
    print(outlook)

Every way that is named has been scored, with all caps, limits, groups and vetoes. Single changes are tried first, then
pairs, then as many as it takes, the best first: a way of three steps or more need not be the only one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, combinations, pairwise, product
from math import ceil, inf
from operator import itemgetter
from typing import Any, Final, Protocol

from leadflow.conditions.interpreter import Truth, evaluate
from leadflow.conditions.nodes import NEVER, And, Compare, Condition, IsIn, Or, leaves
from leadflow.conditions.satisfiability import TRUE
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Score, rounded_down
from leadflow.languages import ENGLISH, Language
from leadflow.qualification import SCORES, Qualification
from leadflow.scoring.grades import Grades
from leadflow.scoring.suggestions import Suggestion, Suggestions, with_values

__all__ = ["LeadScorer", "Outlook", "Recommendation", "outlook", "outlook_lines", "rounded_up", "way_text"]

SHOWN: Final = 5
PAIRED: Final = 12
"""The suggestions, the best ones, that are tried in pairs."""
LONGEST: Final = 6
"""The most suggestions in one way."""
LEAST: Final = 0.01
"""The least that is missing of what has to be "more than" a number."""
FAR: Final = 1e9
"""What can't be counted in points is farther than any points."""


class LeadScorer(Protocol):
    """What scores one lead, whatever is known of its activities."""

    def score(self, lead: Any, new: Sequence[Activity], at: datetime) -> Score:
        """The score at a moment, with activities that are new."""

    def crossing(self, lead: Any, after: datetime, thresholds: Sequence[tuple[str, float]]) -> datetime | None:
        """When, by ageing alone, the next of these numbers is crossed, each of a side."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Steps that together reach the goal, and the score that they lead to.

    ``gains`` are what each adds to fit and to engagement after those before it. ``values`` of the lead, by path, and
    ``activities`` are what was supposed when it was scored.
    """

    steps: tuple[Suggestion, ...]
    gains: tuple[tuple[float, float], ...]
    values: Mapping[str, object]
    activities: tuple[Activity, ...]
    score: Score

    def __str__(self) -> str:
        steps = [(str(step), *gain) for step, gain in zip(self.steps, self.gains, strict=True)]
        return way_text(ENGLISH, steps, self.score.fit, self.score.engagement)


def way_text(words: Language, steps: Iterable[tuple[str, float, float]], fit: float, engagement: float) -> str:
    """Steps, each with what it adds to fit and to engagement, and the score that they lead to, in a language."""
    taken = words("and").join(f"{step}{_gained(words, *gain)}" for step, *gain in steps)
    return words("way", steps=taken, fit=rounded_down(fit), engagement=rounded_down(engagement))


def _gained(words: Language, fit: float, engagement: float) -> str:
    gains = [
        f"{words.number(rounded_down(round(points, 9)), signed=True)} {words(f'side_{side}')}"
        for side, points in (("fit", fit), ("engagement", engagement))
        if points
    ]
    return f": {', '.join(gains)}" if gains else ""


def rounded_up(missing: float) -> float:
    """What is missing, at least 0.01: who gets as much as is shown has enough."""
    return max(ceil(missing * 100 - 1e-7), 1) / 100


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a lead is from a goal, and what would take it there; or until when, by ageing alone, it stays there.

    ``missing`` are points by side (``fit``, ``engagement``, ``total``), ``unmet_conditions`` what else is not true,
    ``ways`` the smallest sets of changes that were found. ``turns`` is when, by ageing alone, the goal is reached, or
    missed again: None where that never comes within ten years, or can't be ``foreseen`` (of grades and contributions).
    """

    goal: Condition
    reached: bool
    missing: Mapping[str, float]
    unmet_conditions: tuple[Condition, ...]
    ways: tuple[Recommendation, ...]
    turns: datetime | None
    foreseen: bool

    @property
    def unmet(self) -> tuple[str, ...]:
        """What else than points is missing, in words."""
        return tuple(map(str, self.unmet_conditions))

    def lines(self) -> Iterator[str]:
        """The same in words."""
        ways = [str(way) for way in self.ways]
        return outlook_lines(ENGLISH, self.reached, self.foreseen, self.turns, self.missing, self.unmet, ways)

    def __str__(self) -> str:
        return "\n".join(self.lines())


def outlook_lines(
    words: Language,
    reached: bool,
    foreseen: bool,
    turns: datetime | None,
    missing: Mapping[str, float],
    unmet: Sequence[str],
    ways: Sequence[str],
) -> Iterator[str]:
    """An outlook in a language; what is unmet, and the ways, are in it already."""
    if reached:
        yield words("ends_at", at=turns) if turns else words("never_ends" if foreseen else "not_foreseen")
        return
    rounded = [(rounded_up(number), words(f"side_{side}")) for side, number in missing.items()]
    parts = [
        words("missing_point" if number == 1 else "missing_points", points=number, side=side)
        for number, side in rounded
    ]
    yield words("missing", parts=", ".join((*parts, *unmet)))
    if turns:
        yield words("comes_at", at=turns)
    yield from (words("would_do", way=way) for way in ways)
    if not turns and not ways:
        yield words("no_way")


def outlook(suggestions: Suggestions, grades: Grades, goal: Condition, scorer: LeadScorer) -> Outlook:
    """The outlook of a lead on a goal."""
    search = _Search(suggestions, grades, goal, scorer)
    gap, _ = search.result(())
    reached = not gap.size
    foreseen = not any(leaf.path.startswith("score.") and leaf.path not in SCORES for leaf in leaves(goal))
    turns = _turns(suggestions.lead, suggestions.now, goal, scorer, reached) if foreseen else None
    ways = () if reached else tuple(search.ways())
    return Outlook(goal, reached, gap.points, gap.unmet, ways, turns, foreseen)


def _turns(lead: Any, now: datetime, goal: Condition, scorer: LeadScorer, reached: bool) -> datetime | None:
    """When, by ageing alone, the goal is reached, or missed again."""
    policy, lead = Qualification(mql=goal), with_values(lead, {"revisit": None})

    def lead_at(moment: datetime) -> Any:
        return with_values(lead, {"score": scorer.score(lead, (), moment)})

    def crossing(after: datetime) -> datetime | None:
        return scorer.crossing(lead, after, policy.mql_thresholds)

    return (policy.cooling if reached else policy.qualifying)(lead_at, now, crossing, lead_at(now))


# --- the search ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Search:
    suggestions: Suggestions
    grades: Grades
    goal: Condition
    scorer: LeadScorer

    def ways(self) -> list[Recommendation]:
        """The smallest ways, the easiest first."""
        before, score = self.result(())
        first = tuple(self.suggestions.unvetoed()) if score.veto is not None else ()
        useful = self._useful(first, before, score)
        pairs = (two for two in combinations(useful[:PAIRED], 2) if not _alike(*two))
        for tried in ([()] if first else [], [(one,) for one in useful], pairs):
            found = [way for steps in tried if (way := self._least((*first, *steps))) is not None]
            if found:
                return _easiest(found)
        best = self._greedily(first, useful)
        return [] if best is None else [best]

    def _useful(self, first: Sequence[Suggestion], before: Gap, score: Score) -> list[Suggestion]:
        """The steps that bring the goal nearer by themselves, those that contradict what is known last."""
        given = {one.rule: one.points if one.raw is None else one.raw for one in score.contributions}
        required = (part for part in before.unmet if not any(leaf.path.startswith("score.") for leaf in leaves(part)))
        offered = chain(
            *(self.suggestions.of_lead("", (part, TRUE)) for part in required), self.suggestions.helping(given)
        )
        start, useful = self.result(first)[0].size, list[tuple[float, Suggestion]]()
        for one in offered:
            variants = (one, replace(one, count=1)) if one.count > 1 else (one,)  # many may be too many
            gain, best = max(((start - self.result((*first, it))[0].size, it) for it in variants), key=itemgetter(0))
            if gain > 0:
                useful.append((gain, best))
        return [one for _, one in sorted(useful, key=lambda pair: (pair[1].contrary, -pair[0]))]

    def _greedily(self, first: tuple[Suggestion, ...], useful: Sequence[Suggestion]) -> Recommendation | None:
        """The way that takes the best step each time."""
        chosen, size = first, self.result(first)[0].size
        while size and len(chosen) < LONGEST:
            left = (one for one in useful if one not in chosen and not any(_alike(one, it) for it in chosen))
            nearest = min(((self.result((*chosen, one))[0].size, one) for one in left), key=itemgetter(0), default=None)
            if nearest is None or nearest[0] >= size:
                return None
            chosen, size = (*chosen, nearest[1]), nearest[0]
        return self._least(chosen)

    def _least(self, steps: tuple[Suggestion, ...]) -> Recommendation | None:
        """The same without what is not needed, and with as few activities as will do; None if it does not do."""
        if not self._do(steps):
            return None
        for one in steps:
            fewer = ([], *([replace(one, count=count)] for count in range(1, one.count)))
            tried = (tuple(chain(*(less if it is one else [it] for it in steps))) for less in fewer)
            steps = next(filter(self._do, tried), steps)
        return self._way(steps)

    def _way(self, steps: tuple[Suggestion, ...]) -> Recommendation:
        scores = [self.result(steps[:number])[1] for number in range(len(steps) + 1)]
        gains = [(after.fit - was.fit, after.engagement - was.engagement) for was, after in pairwise(scores)]
        new = tuple(chain(*(one.activities(self.suggestions.lead, self.suggestions.now) for one in steps)))
        return Recommendation(steps, tuple(gains), self.suggestions.together(steps) or {}, new, scores[-1])

    def _do(self, steps: Sequence[Suggestion]) -> bool:
        return not self.result(steps)[0].size

    def result(self, steps: Sequence[Suggestion]) -> tuple[Gap, Score]:
        """The score if these steps are taken, and what is missing then; nothing does if they exclude each other."""
        taken = self.suggestions.taken(steps)
        if taken is None:
            return Gap({}, (NEVER,)), Score()
        lead, new = taken
        score = self.scorer.score(lead, new, self.suggestions.now)
        scored = with_values(lead, {"score": score})
        return gap_of(self.goal, score, self.grades, lambda part: evaluate(part, scored, self.suggestions.now)), score


def _alike(one: Suggestion, other: Suggestion) -> bool:
    """Whether both are the same activity, for two rules: one of them with more of it is the same."""
    return one.kind is not None and (one.kind, one.properties) == (other.kind, other.properties)


def _easiest(ways: Iterable[Recommendation]) -> list[Recommendation]:
    """The shortest ways, those that contradict what is known last, each once."""
    once: dict[str, Recommendation] = {}
    for way in sorted(ways, key=_effort):
        once.setdefault(repr((sorted(way.values.items()), [(one.kind, one.properties) for one in way.activities])), way)
    return list(once.values())[:SHOWN]


def _effort(way: Recommendation) -> tuple[int, ...]:
    return (len(way.steps), sum(one.contrary for one in way.steps), sum(one.count for one in way.steps))


# --- how far it is -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """The points that are missing by side (``fit``, ``engagement``, ``total``), and what else is not true."""

    points: Mapping[str, float] = field(default_factory=dict)
    unmet: tuple[Condition, ...] = ()

    @property
    def size(self) -> float:
        """Nothing where nothing is missing; more for what is farther."""
        return sum(self.points.values()) + FAR * len(self.unmet)

    def __add__(self, other: Gap) -> Gap:
        sides = {**self.points, **other.points}
        most = {side: max(self.points.get(side, 0.0), other.points.get(side, 0.0)) for side in sides}
        return Gap(most, (*self.unmet, *other.unmet))


def gap_of(condition: Condition, score: Score, grades: Grades, holds: Callable[[Condition], Truth]) -> Gap:
    """What is missing until the condition is true; of alternatives the nearest. ``holds`` evaluates a condition."""

    def gap(part: Condition) -> Gap:
        if holds(part) is True:
            return Gap()
        match part:
            case And(all=parts):
                return sum(map(gap, parts), Gap())
            case Or(any=parts):
                return min(map(gap, parts), key=lambda one: one.size)
            case Compare(op="ge" | "gt", value=float(least) | int(least)) if part.path in SCORES:
                side = part.path.removeprefix("score.")
                return Gap({side: max(least - getattr(score, side), LEAST if part.op == "gt" else 0.0)})
            case Compare(op="eq") | IsIn() if part.path == "score.grade":
                wanted = [_to_grade(str(grade), score, grades) for grade in part.constants]
                return min(wanted, key=lambda one: one.size) if any(one.points for one in wanted) else Gap({}, (part,))
            case _:
                return Gap({}, (part,))

    return gap(condition)


def _to_grade(grade: str, score: Score, grades: Grades) -> Gap:
    """The points that are missing for a grade; none where there is no such grade, or it is a worse one."""
    for fit, engagement in _least_scores(grades, grade):
        missing = {"fit": fit - score.fit, "engagement": engagement - score.engagement}
        return Gap({side: points for side, points in missing.items() if points > 0})
    return Gap()


def _least_scores(grades: Grades, grade: str) -> Iterator[tuple[float, float]]:
    letters, numbers = grades.names
    sides = (zip(letters, (*grades.fit, -inf), strict=True), zip(numbers, (*grades.engagement, -inf), strict=True))
    for (letter, fit), (number, engagement) in product(*sides):
        if f"{letter}{number}" == grade:
            yield fit, engagement
