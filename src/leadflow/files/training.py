"""Learning from a file of past leads: the model, how good it is on leads it has not seen, what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from leadflow.files.columns import known_column
from leadflow.files.tables import Watch, unwatched
from leadflow.files.training_data import History, read_history
from leadflow.insights.report.labels import number, percent, share
from leadflow.insights.report.markup import joined
from leadflow.insights.report.model_pages import judged_sections
from leadflow.insights.report.page_frame import ReportSection, framed, says
from leadflow.insights.report.tables import table
from leadflow.scoring.learning import Examined, LearnedModel, LeftOut, examine, learn
from leadflow.scoring.metrics import Slots
from leadflow.scoring.rules import FitRule

__all__ = ["MOST", "Learned", "LearningPlan", "learned_from", "learned_page", "points_of"]

LEARNED: Final = "learned points"
MOST: Final = 50_000
"""With this many leads the points no longer change, and learning takes about a minute."""


@dataclass(frozen=True, slots=True)
class LearningPlan:
    """What is to be learned from: a file, its columns for outcome and time, and columns to leave out or to keep.

    ``most`` is of how many leads, if there are more they are drawn by chance; None: of all.
    """

    file: Path
    outcome: str
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    time: str | None = None
    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    slots: float | None = None
    most: int | None = MOST
    seed: int = 0
    watch: Watch = field(default=unwatched, repr=False)


@dataclass(frozen=True, slots=True)
class Learned:
    """A model with its proof; ``left_out`` has the columns by their own names."""

    plan: LearningPlan
    history: History
    model: LearnedModel
    examined: Examined
    slots: Slots | None

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The columns that were not learned from, with the reasons."""
        return self.model.left_out

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "file": self.plan.file.name,
            "leads": self.model.leads,
            "won": self.model.won,
            "open": self.history.open,
            "drawn_from": self.history.drawn_from,
            "outcomes": dict(self.history.meanings),
            "refused": len(self.history.refused),
            "first_refused": [{"line": line, "reason": reason} for line, reason in self.history.refused[:20]],
            "odd_cells": len(self.history.odd),
            "first_odd_cells": [one._asdict() for one in self.history.odd[:20]],
            "left_out": [one.model_dump() for one in self.left_out],
            "split": "time" if self.examined.by_time else "stratified",
            "folds": self.examined.folds,
            "abstained": self.examined.abstained,
            "learned": self.examined.learned.as_json(),
            "baseline": self.examined.baseline.as_json(),
            "slots": None if self.slots is None else self.slots._asdict(),
            "model": self.model.model_dump(mode="json"),
        }


def learned_from(plan: LearningPlan) -> Learned:
    """Read the file, leave out what gives the outcome away, judge on leads that were not learned from, learn from all.

    Splits are by time where there is a time column, so that the judgement is on later leads than those learned from.
    """
    history = read_history(
        plan.file, outcome=plan.outcome, won=plan.won, lost=plan.lost, time=plan.time, most=plan.most, seed=plan.seed,
        watch=plan.watch,
    )  # fmt: skip
    exclude, keep = (
        [history.path(known_column(column, tuple(history.names.values()), option)) for column in columns]
        for option, columns in (("--exclude", plan.exclude), ("--keep", plan.keep))
    )
    leads, paths = history.leads, list(history.columns)
    model = learn(
        leads, history.outcomes, times=history.times, paths=paths, exclude=exclude, keep=keep, name=plan.file.stem,
        seed=plan.seed,
    )  # fmt: skip
    gone = {one.column for one in model.left_out}
    used = [path for path in paths if path not in gone]
    examined = examine(leads, history.outcomes, times=history.times, paths=used, seed=plan.seed)
    slots = None if plan.slots is None else examined.learned.slots(plan.slots)
    return Learned(plan, history, _named(model, history), examined, slots)


def _named(model: LearnedModel, history: History) -> LearnedModel:
    """The model, with the columns that it uses and those left out by their own names."""
    return model.but(
        columns={path: history.names[path] for path in model.paths},
        left_out=tuple(one.but(column=history.names[one.column]) for one in model.left_out),
    )


def points_of(model: LearnedModel) -> Iterable[tuple[float, str]]:
    """The rules with their points, the most first."""
    return [(rule.points, rule.because) for rule in model.scoring.fit if isinstance(rule, FitRule)]


def learned_page(learned: Learned) -> str:
    """Return the page; it loads nothing and runs nothing, and what stands in the file can't become markup."""
    split = "later leads, from earlier ones" if learned.examined.by_time else "leads that were not learned from"
    judged = {LEARNED: learned.examined.learned, "counting (naive Bayes)": learned.examined.baseline}
    return framed(
        [*judged_sections(judged, details=[LEARNED]), _points(learned), _left(learned)],
        kicker="Learned scoring",
        title=f"What {learned.plan.file.name} teaches",
        when=f"Judged on {split}, in {learned.examined.folds} parts",
        figures=[
            (number(learned.model.leads), "leads"),
            (percent(learned.model.won, learned.model.leads), "were won"),
            (number(len(learned.model.scoring.fit)), "rules"),
            (number(len(learned.left_out)), "columns left out"),
        ],
    )


def _points(learned: Learned) -> ReportSection:
    rows = [(because, f"{points:+.0f}") for points, because in points_of(learned.model)]
    bands = [
        ("lowest" if one.low is None else f"from {one.low:.0f}", one.leads, share(one.rate),
         f"{share(one.at_least)} to {share(one.at_most)}")
        for one in reversed(learned.model.bands)
    ]  # fmt: skip
    return "points", "The points", joined([
        says("Ten points about double the odds of winning. Points may be edited."),
        table("Chances by points", ("Points", "Leads", "Won", "95 times in 100"), bands),
        table("Rules", ("If", "Points"), rows),
    ])  # fmt: skip


def _left(learned: Learned) -> ReportSection:
    rows = [(one.column, one.kind.replace("_", " "), one.because) for one in learned.left_out]
    return (
        "left-out",
        "Columns that were left out",
        table("They give the outcome away, or say nothing", ("Column", "Kind", "Why"), rows),
    )
