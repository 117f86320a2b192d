"""From leads that were won or lost to rules with whole points. Needs the extra ``learn``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from leadflow.conditions.values import read
from leadflow.errors import InvalidInput, require
from leadflow.scoring.evaluation import Backtest, folds, measure
from leadflow.scoring.grades import Grades
from leadflow.scoring.learning.column_profile import ColumnValue, bin_of, edges_of, kind_of_column, tidy
from leadflow.scoring.learning.fitting import Fitted, bins_for, candidates, fitted, holding
from leadflow.scoring.learning.leakage import Leak, find_leaks
from leadflow.scoring.learning.learned_model import LearnedModel, LeftOut, evidence
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.naive_bayes import Frequency
from leadflow.scoring.rules import FitRule

__all__ = ["ANY_TIME", "Examined", "examine", "learn"]

LEAST: Final = 30
"""With fewer won, or fewer lost leads nothing is learned."""
ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Learned rules don't depend on the present; given ones that do are evaluated at the ``now`` given."""


@dataclass(frozen=True, slots=True)
class Examined:
    """How good learned points are on leads that were not learned from, beside the counting baseline on the same leads.

    ``by_time`` says whether later leads were predicted from earlier ones. ``abstained`` is how many got points, but no
    chance; they are in the numbers all the same, with the chance that their points stand for.
    """

    learned: Backtest
    baseline: Backtest
    by_time: bool
    folds: int
    abstained: int

    @property
    def usual(self) -> Backtest:
        """What saying the part that was won to everybody is worth, on the same leads."""
        rate = self.learned.base_rate
        return measure([rate] * self.learned.leads, (won for _, won in self.learned.ranked))


def learn(
    leads: Sequence[object],
    outcomes: Sequence[bool],
    *,
    times: Sequence[datetime] | None = None,
    rules: Sequence[FitRule] | None = None,
    paths: Iterable[str] | None = None,
    keep: Collection[str] = (),
    exclude: Collection[str] = (),
    name: str = "learned",
    version: str = "1",
    bins: int | None = None,
    seed: int = 0,
    now: datetime = ANY_TIME,
) -> LearnedModel:
    """Learn from leads (objects or mappings) whole points per rule, and the chance that a total of them stands for.

    ``rules`` are weighed if given; else rules are made from the values at ``paths`` (for mappings: all their keys).
    Columns that give the outcome away are left out by name, those in ``exclude`` too, those in ``keep`` never. Raises
    ``InvalidInput`` with fewer than 30 won or 30 lost leads, and ``MissingExtra`` without scikit-learn.
    """
    require("learn")
    won = [bool(one) for one in outcomes]
    _enough(leads, won, times)
    left_out: tuple[LeftOut, ...] = ()
    if rules is None:
        columns = columns_at(leads, paths_in(leads) if paths is None else paths)
        left_out = tuple(_left_out(columns, won, times, keep=keep, exclude=exclude))
        gone = {one.column for one in left_out}
        rules = candidates({path: of for path, of in columns.items() if path not in gone}, bins=bins)
    if not rules:
        raise InvalidInput("leads", len(won), "no column is left that predicts anything; give more, or keep= some")
    fit = fitted(holding(rules, leads, now), won, seed=seed)
    span: dict[str, Any] = {} if times is None else {"since": min(times), "until": max(times)}
    return LearnedModel(scoring=_model(rules, fit, name, version), left_out=left_out, **evidence(fit, won), **span)


def examine(
    leads: Sequence[object],
    outcomes: Sequence[bool],
    *,
    times: Sequence[datetime] | None = None,
    paths: Sequence[str],
    rules: Sequence[FitRule] | None = None,
    bins: int | None = None,
    parts: int = 5,
    seed: int = 0,
    now: datetime = ANY_TIME,
) -> Examined:
    """Learn from a part and predict the rest, over and over: from earlier to later leads if there are times.

    Rules are made anew from each part that is learned from; the baseline sees the same values, numbers in bins.
    """
    require("learn")
    won = [bool(one) for one in outcomes]
    _enough(leads, won, times)
    columns = columns_at(leads, paths)
    predicted: list[tuple[float, float, bool, datetime | None, bool]] = []
    made = 0
    for outside, inside in folds(won, times, count=parts, seed=seed):
        past = [won[place] for place in outside]
        if min(sum(past), len(past) - sum(past)) < LEAST:
            continue
        made += 1
        of = {path: [values[place] for place in outside] for path, values in columns.items()}
        tried = candidates(of, bins=bins) if rules is None else rules
        held = holding(tried, leads, now)
        fit = fitted(held.of(outside), past, seed=seed)
        model = LearnedModel(scoring=ScoringModel(name="part"), **evidence(fit, past))
        counted = _as_counted(columns, outside, bins or bins_for(len(outside)))
        baseline = _baseline(counted, outside, won)
        for place, total in zip(inside, held.of(inside).totals(fit.points), strict=True):
            base = baseline.probability(counted[place])
            thin = model.band(total).leads < LEAST or not held.rows[place]
            when = None if times is None else times[place]
            predicted.append((model.chance(total), _either(base, past), won[place], when, thin))
    if not predicted:
        raise InvalidInput("leads", len(won), "too few were won or lost early on; give more leads, or no times")
    outcome = [one[2] for one in predicted]
    moments = None if times is None else [one[3] for one in predicted if one[3] is not None]
    return Examined(
        learned=measure([one[0] for one in predicted], outcome, moments),
        baseline=measure([one[1] for one in predicted], outcome, moments),
        by_time=times is not None,
        folds=made,
        abstained=sum(one[4] for one in predicted),
    )


def _either(chance: float | None, won: Sequence[bool]) -> float:
    return sum(won) / len(won) if chance is None else chance


def paths_in(leads: Iterable[object]) -> list[str]:
    """The keys of leads that are mappings, in the order in which they are met."""
    found: dict[str, None] = {}
    for lead in leads:
        if not isinstance(lead, Mapping):
            raise InvalidInput("paths", None, 'name the fields of a lead to learn from: paths=["company.employees", …]')
        found |= dict.fromkeys(map(str, lead))
    return list(found)


def columns_at(leads: Sequence[object], paths: Iterable[str]) -> dict[str, list[ColumnValue]]:
    """The values of the leads at each path."""
    return {path: tidy(read(lead, path) for lead in leads) for path in paths}


def _enough(leads: Sequence[object], won: Sequence[bool], times: Sequence[datetime] | None) -> None:
    if len(leads) != len(won) or (times is not None and len(times) != len(won)):
        raise InvalidInput("outcomes", len(won), f"give one, and one time if any, for each of the {len(leads)} leads")
    fewest = min(sum(won), len(won) - sum(won))
    if fewest < LEAST:
        remedy = f"{sum(won)} won and {len(won) - sum(won)} lost; at least {LEAST} of each are needed to learn anything"
        raise InvalidInput("outcomes", len(won), remedy)


def _left_out(
    columns: Mapping[str, Sequence[ColumnValue]],
    won: Sequence[bool],
    times: Sequence[datetime] | None,
    *,
    keep: Collection[str],
    exclude: Collection[str],
) -> Iterator[LeftOut]:
    for path in exclude:
        yield LeftOut(column=path, kind="excluded", because="excluded by hand")
    others = {path: values for path, values in columns.items() if path not in exclude and path not in keep}
    leaks: tuple[Leak, ...] = find_leaks(others, won, times)
    yield from (LeftOut(column=leak.column, kind=leak.kind, because=leak.because) for leak in leaks)
    named = {leak.column for leak in leaks}
    for path, values in others.items():
        kind = kind_of_column(values)
        if path not in named and kind in SILENT:
            yield LeftOut(column=path, kind=kind, because=SILENT[kind])


SILENT: Final[Mapping[str, str]] = {
    "empty": "it has no values",
    "constant": "it is the same for every lead",
    "moment": "dates by themselves don't come again; make what matters about them a column",
}


def _model(rules: Sequence[FitRule], fit: Fitted, name: str, version: str) -> ScoringModel:
    weighed = [
        rule.but(points=float(worth), group=None) for rule, worth in zip(rules, fit.points, strict=True) if worth
    ]
    ranked = sorted(weighed, key=lambda rule: -rule.points)
    return ScoringModel(name=name, version=version, fit=ranked, grades=_grades(fit.totals))


def _grades(totals: Sequence[int]) -> Grades:
    """A for the best fifth, B and C for the next two, D for the rest."""
    ordered = sorted(totals, reverse=True)
    cuts = dict.fromkeys(float(ordered[place * len(ordered) // 5]) for place in (1, 2, 3))
    return Grades(fit=tuple(cuts))


# --- the baseline ------------------------------------------------------------------------------------------------


def _as_counted(
    columns: Mapping[str, Sequence[ColumnValue]], past: Sequence[int], bins: int
) -> list[dict[str, ColumnValue]]:
    """Leads as the baseline sees them: numbers as the bins that the past has, everything else as it is."""
    seen: dict[str, list[ColumnValue]] = {}
    for path, values in columns.items():
        known = [values[place] for place in past]
        if kind_of_column(known) == "number":
            edges = edges_of((one for one in known if isinstance(one, int | float)), bins)
            seen[path] = [bin_of(one, edges) if isinstance(one, int | float) else None for one in values]
        else:
            seen[path] = list(values)
    return [dict(zip(seen, row, strict=True)) for row in zip(*seen.values(), strict=True)]


def _baseline(leads: Sequence[Mapping[str, ColumnValue]], places: Iterable[int], won: Sequence[bool]) -> Frequency:
    frequency = Frequency(leads[0])
    for place in places:
        frequency.learn(leads[place], "won" if won[place] else "lost")
    return frequency
