"""What another model would change, as a value: other grades with the rules to blame, and the load of sales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Final, NamedTuple

from leadflow.entities.score import Score
from leadflow.errors import ChangedTooMuch, DefinitionError

__all__ = ["Comparison", "Difference", "Load", "Passing", "Regraded"]

SHOWN: Final = 10
LONGEST: Final = 80


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


class Load(NamedTuple):
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

    ``order`` has the grades of both models, best first. If it was said who goes to sales: how many do is in ``passing``
    (before, after), who does now in ``entering``, who does no longer in ``leaving``, and by rep in ``load``.
    """

    leads: int
    grades: Mapping[tuple[str, str], int]
    regraded: tuple[Regraded, ...]
    order: tuple[str, ...] = ()
    passing: tuple[Passing, Passing] | None = None
    load: tuple[Load, ...] = ()
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
            raise DefinitionError("nobody knows the load; say who goes to sales: compare(…, qualifies=…)")
        problems = []
        if max_regraded is not None and len(self.regraded) > max_regraded * self.leads:
            part = f"{len(self.regraded):,} of {self.leads:,} leads ({len(self.regraded) / self.leads:.1%})"
            problems.append(f"{part} change grade, more than {max_regraded:.1%}: {_listed(self.regraded)}")
        if max_load_change is not None:
            total = () if self.passing is None else (Load("all", *(float(one.leads) for one in self.passing)),)
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
    told = [f"{one.lead} {one.before.grade} → {one.after.grade} ({one.reasons[0]})" for one in regraded[:SHOWN]]
    more = len(regraded) - len(told)
    return "; ".join([*told, *([f"and {more:,} more"] if more else [])])


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
