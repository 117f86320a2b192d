"""What is missing for a condition on the score, the smallest sets of changes that would do, and until when it holds.

::

    outlook = model.outlook(lead, activities, now, (field("score.fit") >= 40) & (field("score.engagement") >= 25))
    outlook.missing                   # {"fit": 15.0}
    outlook.ways                      # each a set of steps, with the score that it leads to
    print(outlook)

Every way that is named has been scored, with all caps, limits, groups and vetoes. Single changes are tried first, then
pairs, then as many as it takes, the best first: a way of three steps or more need not be the only one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, combinations, pairwise
from math import ceil
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from leadflow.conditions.interpreter import evaluate
from leadflow.conditions.nodes import NEVER, Condition, leaves
from leadflow.conditions.satisfiability import TRUE
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Account, Score
from leadflow.qualification import SCORES, Qualification
from leadflow.scoring.ageing import Side
from leadflow.scoring.gaps import Gap, gap_of
from leadflow.scoring.steps import Step, Steps
from leadflow.scoring.supposing import with_values

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel
    from leadflow.scoring.state import EngagementState

SHOWN: Final = 5
PAIRED: Final = 12
"""So many steps, the best ones, are tried in pairs."""
LONGEST: Final = 6
"""Longer ways are none."""


class Teller(Protocol):
    """What scores one lead, whatever is known of its activities."""

    def score(self, lead: Any, new: Sequence[Activity], at: datetime) -> Score:
        """The score at a moment, with activities that are new."""

    def crosses(self, lead: Any, after: datetime, *, side: Side, threshold: float) -> datetime | None:
        """When, by ageing alone, a side is next on the other side of a threshold."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A teller by what a model is given beside a lead."""

    model: ScoringModel
    activities: tuple[Activity, ...] | None
    state: EngagementState | None
    account: Account | None

    def score(self, lead: Any, new: Sequence[Activity], at: datetime) -> Score:
        told = None if self.activities is None else (*self.activities, *new)
        state = self.state.after(self.model, new, at) if self.state is not None and new else self.state
        return self.model.score(lead, told, at, state=state, account=self.account)

    def crosses(self, lead: Any, after: datetime, *, side: Side, threshold: float) -> datetime | None:
        score = self.score(lead, (), after)
        value = {"fit": score.fit, "engagement": score.engagement, "total": score.total}[side]
        find = self.model.rises_to if value < threshold else self.model.falls_below
        return find(
            lead, self.activities, after, side=side, threshold=threshold, state=self.state, account=self.account
        )


@dataclass(frozen=True, slots=True)
class Way:
    """Steps that together reach the goal, and the score that they lead to.

    ``gains`` are what each adds to fit and to engagement after those before it. ``values`` of the lead, by path, and
    ``activities`` are what was supposed when it was scored.
    """

    steps: tuple[Step, ...]
    gains: tuple[tuple[float, float], ...]
    values: Mapping[str, object]
    activities: tuple[Activity, ...]
    score: Score

    def __str__(self) -> str:
        taken = (f"{step}{_gained(*gain)}" for step, gain in zip(self.steps, self.gains, strict=True))
        return f"{' and '.join(taken)} → fit {self.score.fit:g}, engagement {self.score.engagement:g}"


def _gained(fit: float, engagement: float) -> str:
    gains = [f"{points:+.4g} {side}" for side, points in (("fit", fit), ("engagement", engagement)) if points]
    return f": {', '.join(gains)}" if gains else ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a lead is from a goal, and what would take it there; or until when, by ageing alone, it stays there.

    ``missing`` are points by side (``fit``, ``engagement``, ``total``), ``unmet`` what else is not true, ``ways`` the
    smallest sets of changes that were found. ``turns`` is when, by ageing alone, the goal is reached, or missed again:
    None where that never comes within ten years, or can't be ``foreseen`` (of grades and contributions).
    """

    goal: Condition
    reached: bool
    missing: Mapping[str, float]
    unmet: tuple[str, ...]
    ways: tuple[Way, ...]
    turns: datetime | None
    foreseen: bool

    def lines(self) -> Iterator[str]:
        """The same in words."""
        turns = f" at {self.turns:%Y-%m-%d %H:%M} UTC" if self.turns else ""
        if self.reached:
            never = "never ends by ageing alone" if self.foreseen else "reached; until when can't be foreseen"
            yield f"ends by ageing alone{turns}" if turns else never
            return
        points = [f"{ceil(number * 100 - 1e-7) / 100:g} of {side}" for side, number in self.missing.items()]
        yield f"missing: {', '.join((*points, *self.unmet))}"
        if turns:
            yield f"comes by ageing alone{turns}"
        yield from (f"would do: {way}" for way in self.ways)
        if not turns and not self.ways:
            yield "no change that the rules ask for would do"

    def __str__(self) -> str:
        return "\n".join(self.lines())


def outlook(model: ScoringModel, lead: Any, now: datetime, goal: Condition, teller: Teller, account: object) -> Outlook:
    """The outlook of a lead on a goal."""
    search = _Search(model, Steps(model, lead, now, account), goal, teller)
    gap, _ = search.result(())
    reached = not gap.size
    foreseen = not any(leaf.path.startswith("score.") and leaf.path not in SCORES for leaf in leaves(goal))
    turns = _turns(lead, now, goal, teller, reached) if foreseen else None
    ways = () if reached else tuple(search.ways())
    return Outlook(goal, reached, gap.points, tuple(map(str, gap.unmet)), ways, turns, foreseen)


def _turns(lead: Any, now: datetime, goal: Condition, teller: Teller, reached: bool) -> datetime | None:
    """When, by ageing alone, the goal is reached, or missed again."""
    policy, lead = Qualification(mql=goal), with_values(lead, {"revisit": None})

    def lead_at(moment: datetime) -> Any:
        return with_values(lead, {"score": teller.score(lead, (), moment)})

    def crossing(after: datetime) -> datetime | None:
        moments = (
            teller.crosses(lead, after, side=cast(Side, side), threshold=number)
            for side, number in policy.mql_thresholds
        )
        return min((moment for moment in moments if moment is not None and moment > after), default=None)

    return (policy.cooling if reached else policy.qualifying)(lead_at, now, crossing, lead_at(now))


# --- the search ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Search:
    model: ScoringModel
    steps: Steps
    goal: Condition
    teller: Teller

    def ways(self) -> list[Way]:
        """The smallest ways, the easiest first."""
        before, score = self.result(())
        first = tuple(self.steps.unvetoed()) if score.veto is not None else ()
        useful = self._useful(first, before, score)
        pairs = (two for two in combinations(useful[:PAIRED], 2) if not _alike(*two))
        for tried in ([()] if first else [], [(one,) for one in useful], pairs):
            found = [way for steps in tried if (way := self._least((*first, *steps))) is not None]
            if found:
                return _easiest(found)
        best = self._greedily(first, useful)
        return [] if best is None else [best]

    def _useful(self, first: Sequence[Step], before: Gap, score: Score) -> list[Step]:
        """The steps that bring the goal nearer by themselves, those that contradict what is known last."""
        given = {one.rule: one.points if one.raw is None else one.raw for one in score.contributions}
        asked = (part for part in before.unmet if not any(leaf.path.startswith("score.") for leaf in leaves(part)))
        offered = chain(*(self.steps.of_lead("", (part, TRUE)) for part in asked), self.steps.helping(given))
        start, useful = self.result(first)[0].size, list[tuple[float, Step]]()
        for one in offered:
            variants = (one, replace(one, count=1)) if one.count > 1 else (one,)  # many may be too many
            gain, best = max(((start - self.result((*first, it))[0].size, it) for it in variants), key=itemgetter(0))
            if gain > 0:
                useful.append((gain, best))
        return [one for _, one in sorted(useful, key=lambda pair: (pair[1].contrary, -pair[0]))]

    def _greedily(self, first: tuple[Step, ...], useful: Sequence[Step]) -> Way | None:
        """The way that takes the best step each time."""
        chosen, size = first, self.result(first)[0].size
        while size and len(chosen) < LONGEST:
            left = (one for one in useful if one not in chosen and not any(_alike(one, it) for it in chosen))
            nearest = min(((self.result((*chosen, one))[0].size, one) for one in left), key=itemgetter(0), default=None)
            if nearest is None or nearest[0] >= size:
                return None
            chosen, size = (*chosen, nearest[1]), nearest[0]
        return self._least(chosen)

    def _least(self, steps: tuple[Step, ...]) -> Way | None:
        """The same without what is not needed, and with as few activities as will do; None if it does not do."""
        if not self._do(steps):
            return None
        for one in steps:
            fewer = ([], *([replace(one, count=count)] for count in range(1, one.count)))
            tried = (tuple(chain(*(less if it is one else [it] for it in steps))) for less in fewer)
            steps = next(filter(self._do, tried), steps)
        return self._way(steps)

    def _way(self, steps: tuple[Step, ...]) -> Way:
        scores = [self.result(steps[:number])[1] for number in range(len(steps) + 1)]
        gains = [(after.fit - was.fit, after.engagement - was.engagement) for was, after in pairwise(scores)]
        new = tuple(chain(*(one.activities(self.steps.lead, self.steps.now) for one in steps)))
        return Way(steps, tuple(gains), self.steps.together(steps) or {}, new, scores[-1])

    def _do(self, steps: Sequence[Step]) -> bool:
        return not self.result(steps)[0].size

    def result(self, steps: Sequence[Step]) -> tuple[Gap, Score]:
        """The score if these steps are taken, and what is missing then; nothing does if they exclude each other."""
        taken = self.steps.taken(steps)
        if taken is None:
            return Gap({}, (NEVER,)), Score()
        lead, new = taken
        score = self.teller.score(lead, new, self.steps.now)
        scored = with_values(lead, {"score": score})
        return gap_of(self.goal, score, self.model.grades, lambda part: evaluate(part, scored, self.steps.now)), score


def _alike(one: Step, other: Step) -> bool:
    """Whether both are the same activity, for two rules: one of them with more of it says the same."""
    return one.kind is not None and (one.kind, one.properties) == (other.kind, other.properties)


def _easiest(ways: Iterable[Way]) -> list[Way]:
    """The shortest ways, those that contradict what is known last, each once."""
    once: dict[str, Way] = {}
    for way in sorted(ways, key=_effort):
        once.setdefault(repr((sorted(way.values.items()), [(one.kind, one.properties) for one in way.activities])), way)
    return list(once.values())[:SHOWN]


def _effort(way: Way) -> tuple[int, ...]:
    return (len(way.steps), sum(one.contrary for one in way.steps), sum(one.count for one in way.steps))
