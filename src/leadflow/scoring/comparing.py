"""What another model would change: who gets another grade, and which rules are to blame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from leadflow.entities.behaviour import Activity
from leadflow.entities.lead import Lead
from leadflow.entities.score import Score
from leadflow.scoring.model import ScoringModel

__all__ = ["Comparison", "Difference", "Regraded", "compare"]


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

    ``because`` is empty where the score is the same and only the thresholds of the grades differ.
    """

    lead: str
    before: Score
    after: Score
    because: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many leads were compared, how many went from which grade to which, and those that changed."""

    leads: int
    grades: Mapping[tuple[str, str], int]
    regraded: tuple[Regraded, ...]

    @property
    def before(self) -> dict[str, int]:
        """Leads per grade by the first model."""
        return _summed((old, count) for (old, _), count in self.grades.items())

    @property
    def after(self) -> dict[str, int]:
        """Leads per grade by the second model."""
        return _summed((new, count) for (_, new), count in self.grades.items())

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "leads": self.leads,
            "before": self.before,
            "after": self.after,
            "grades": [{"before": old, "after": new, "leads": n} for (old, new), n in self.grades.items()],
            "regraded": [
                {
                    "lead": one.lead,
                    "before": {"grade": one.before.grade, "total": one.before.total},
                    "after": {"grade": one.after.grade, "total": one.after.total},
                    "because": [difference._asdict() for difference in one.because],
                }
                for one in self.regraded
            ],
        }


def compare(
    model_a: ScoringModel,
    model_b: ScoringModel,
    leads: Iterable[Lead[Any]],
    now: datetime,
    *,
    activities: Mapping[str, Sequence[Activity]] | None = None,
) -> Comparison:
    """Score leads by two models at one moment; ``activities`` are those of each lead, by its id."""
    done = activities or {}
    grades: Counter[tuple[str, str]] = Counter()
    regraded: list[Regraded] = []
    for lead in leads:
        before, after = (model.score(lead, done.get(lead.id, ()), now) for model in (model_a, model_b))
        grades[before.grade or "", after.grade or ""] += 1
        if before.grade != after.grade:
            regraded.append(Regraded(lead.id, before, after, tuple(differences(before, after))))
    return Comparison(grades.total(), dict(sorted(grades.items())), tuple(regraded))


def differences(before: Score, after: Score) -> list[Difference]:
    """The rules that give other points by the one score than by the other, the largest change first."""
    old, new = (_by_rule(score) for score in (before, after))
    found = [
        Difference(rule, (new.get(rule) or old[rule])[0], old.get(rule, ("", 0.0))[1], new.get(rule, ("", 0.0))[1])
        for rule in {**old, **new}
    ]
    return sorted((one for one in found if one.change), key=lambda one: (-abs(one.change), one.rule))


def _by_rule(score: Score) -> dict[str, tuple[str, float]]:
    return {one.rule: (one.because, one.points) for one in score.contributions}


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for grade, count in counts:
        total[grade] += count
    return dict(sorted(total.items()))
