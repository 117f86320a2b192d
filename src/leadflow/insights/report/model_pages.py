"""Pages about backtests of models, and about what a different model would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Final

from leadflow.entities import Score
from leadflow.insights.report.labels import counted, number, percent, share, short
from leadflow.insights.report.markup import Markup, joined, tag
from leadflow.insights.report.model_charts import (
    CURVES,
    calibration_picture,
    cut_picture,
    lift_picture,
    load_picture,
    roc_picture,
    threshold,
)
from leadflow.insights.report.page_frame import ReportSection, beside, framed, nothing, says
from leadflow.insights.report.svg import legend
from leadflow.insights.report.tables import migration_table, table
from leadflow.scoring.comparison import Comparison, Passing, Regraded
from leadflow.scoring.evaluation import Backtest

__all__ = ["backtest_page", "comparison_page", "judged_sections", "replay_page"]

SHOWN: Final = 100
CAUSES: Final = 3
LONGEST: Final = 80


def backtest_page(backtest: Backtest, *, title: str = "Backtest") -> str:
    """Return one HTML page about how good a model would have been."""
    return replay_page({"the model": backtest}, title=title)


def comparison_page(comparison: Comparison, *, title: str = "What the new model would change") -> str:
    """Return one HTML page about who changes grade and why, and about the load of sales."""
    return replay_page(comparison=comparison, title=title)


def replay_page(
    backtests: Mapping[str, Backtest] | None = None,
    comparison: Comparison | None = None,
    *,
    title: str = "Models replayed",
) -> str:
    """Return both in one HTML page: backtests by the name of the model, and what a new model would change.

    It loads and runs nothing, and no value can become markup.
    """
    judged = backtests or {}
    first = next(iter(judged.values()), None)
    figures = []
    if first is not None:
        figures += [(number(first.leads), "past leads"), (percent(first.won, first.leads), "were won")]
    figures += [(_decimal(one.auc, 3), f"ROC-AUC, {short(name, 30)}") for name, one in judged.items()]
    if comparison is not None:
        part = percent(len(comparison.regraded), comparison.leads)
        figures += [(number(comparison.leads), "leads compared"), (part, "change grade")]
        if comparison.passing is not None:
            before, after = comparison.passing
            figures.append((f"{number(before.leads)} → {number(after.leads)}", "go to sales"))
    sections = [*judged_sections(judged), *(_comparison_sections(comparison) if comparison is not None else ())]
    return framed(sections, kicker="Lead scoring, replayed", title=title, when="", figures=figures)


# -------------------------------------------------------------------------------------------------- the backtest
def judged_sections(backtests: Mapping[str, Backtest], *, details: Sequence[str] | None = None) -> list[ReportSection]:
    """The sections about backtests by name; ``details`` selects those shown in full (by default all)."""
    if not backtests:
        return []
    full = {name: of for name, of in backtests.items() if details is None or name in details}
    several = len(full) > 1

    def each(draw: str) -> Markup:
        made = (DRAWN[draw](f"{draw}-{place}", of) for place, of in enumerate(full.values()))
        return joined(
            joined([tag("h3", name) if several else Markup(), one]) for name, one in zip(full, made, strict=True)
        )

    return [
        ("quality", "How well it ranks", _quality(backtests)),
        ("calibration", "Calibration", each("calibration")),
        ("lift", "Tenths, best first", each("lift")),
        ("cuts", "Thresholds", each("cuts")),
    ]


def _quality(backtests: Mapping[str, Backtest]) -> Markup:
    rows = [
        (short(name, 40), of.leads, _decimal(of.auc), _decimal(of.log_loss), _decimal(of.brier), _decimal(of.error))
        for name, of in backtests.items()
    ]
    columns = ("Model", "leads", "ROC-AUC", "log loss", "Brier", "calibration error")
    more = [
        legend(zip(CURVES, (short(name, 60) for name in backtests), strict=False)),
        table("Quality", columns, rows),
        says("ROC-AUC: higher is better, ½ is no better than chance. The others: lower is better."),
        *(says(text) for text in dict.fromkeys(map(_how_judged, backtests.values())) if text),
    ]
    if not any(of.roc for of in backtests.values()):
        return joined([nothing("All leads have the same outcome: there is nothing to rank."), *more[1:]])
    return beside(roc_picture("roc", backtests), *more)


def _how_judged(of: Backtest) -> str:
    if of.unit == "chance":
        return ""
    if not of.judged:
        return "Points are not probabilities, and there were too few leads to learn what they mean."
    if of.weeks is None:
        return "The probabilities were learned from different leads than those they are judged on."
    later = counted(of.judged, "later lead")
    return f"The probabilities were learned from earlier leads, and are judged on {later}."


def _calibration(name: str, of: Backtest) -> Markup:
    if not of.calibration:
        return nothing("There are no probabilities to judge: the predictions are points.")
    rows = [
        (share(one.mean), one.leads, share(one.rate), f"{share(one.at_least)} to {share(one.at_most)}")
        for one in reversed(of.calibration)
    ]
    columns = ("Said", "leads", "won", "95 times in 100")
    key = legend((("accent", "share won, with its interval"), ("mark dashed", "ideal")))
    return beside(calibration_picture(name, of.calibration), key, table("Probabilities and outcomes", columns, rows))


def _lift(name: str, of: Backtest) -> Markup:
    rows = [(f"{one.rank}", one.leads, share(one.rate), f"{one.lift:.2f}", share(one.gain)) for one in of.deciles]
    key = legend((("accent", "share won"), ("mark", "the average")))
    columns = ("Tenth", "leads", "won", "times the average", "of all won, cumulative")
    return beside(lift_picture(name, of), key, table("Lift per tenth", columns, rows))


def _cuts(name: str, of: Backtest) -> Markup:
    rows = [
        (threshold(one.threshold, of.unit), one.leads, share(one.precision), share(one.recall),
         None if one.per_week is None else f"{one.per_week:.1f}")
        for one in of.cuts
    ]  # fmt: skip
    columns = ("From this probability on" if of.unit == "chance" else "From this many points on",
               "leads", "won", "of all won", "a week")  # fmt: skip
    key = legend((("soft", "leads at or above it"), ("accent", "… that were won")))
    return beside(cut_picture(name, of), key, table("Precision and volume per threshold", columns, rows))


DRAWN: Final = {"calibration": _calibration, "lift": _lift, "cuts": _cuts}


# ------------------------------------------------------------------------------------------------ the comparison
def _comparison_sections(of: Comparison) -> list[ReportSection]:
    return [
        ("grades", "Who changes grade", joined([migration_table(of.grades, of.order), _moved(of)])),
        ("load", "What sales would get", _load(of)),
        ("regraded", "Why", _regraded(of)),
    ]


def _moved(of: Comparison) -> Markup:
    if not of.regraded:
        return says("No lead changes grade.")
    better = sum(_is_better(one) for one in of.regraded)
    return says(
        f"{counted(len(of.regraded), 'lead')} of {number(of.leads)} "
        f"({percent(len(of.regraded), of.leads)}) change grade; {number(better)} of them have more points than before."
    )


def _is_better(one: Regraded) -> bool:
    return one.after.total > one.before.total


def _load(of: Comparison) -> Markup:
    if of.passing is None:
        return nothing("Which leads go to sales was not specified.")
    columns = ("", "leads", "outcome known", "won", "rate", "times the average")
    rows = [_passing(name, one) for name, one in zip(("before", "after"), of.passing, strict=True)]
    loads = table(
        "Leads by rep",
        ("Rep", "before", "after", "change"),
        [(one.rep, one.before, one.after, _signed(one.change)) for one in of.load],
    )
    told = says(f"{counted(len(of.entering), 'lead')} would newly go to sales; {number(len(of.leaving))} no longer.")
    volume = table("Leads that qualify", columns, rows)
    if not of.load:
        return joined([volume, told])
    key = legend((("accent", "after"), ("mark", "before")))
    return beside(load_picture("loads", of.load), key, volume, told, loads)


def _passing(name: str, of: Passing) -> tuple[str | int | None, ...]:
    rate = None if of.rate is None else share(of.rate)
    return name, of.leads, of.known, of.won if of.known else None, rate, _decimal(of.lift, 2)


def _regraded(of: Comparison) -> Markup:
    if not of.regraded:
        return nothing("There is nothing to explain.")
    rules = ("Rule", "leads", "points, on average")
    blamed = _blamed(of)
    leads = [(short(one.lead, 60), _said(one.before), _said(one.after), _why(one)) for one in of.regraded[:SHOWN]]
    columns = ("Lead", "before", "after", "because")
    more = len(of.regraded) - len(leads)
    return joined([
        table("Rules behind the changes", rules, blamed, class_="reasons") if blamed else Markup(),
        table("Leads that change grade", columns, leads, words=("because",), class_="reasons"),
        says(f"… and {counted(more, 'lead')} more.") if more else Markup(),
    ])  # fmt: skip


def _blamed(of: Comparison) -> list[tuple[str, int, str]]:
    """The rules with different points for leads that change grade, most frequent first."""
    changes: dict[str, list[float]] = {}
    for one in of.regraded:
        for each in one.because:
            changes.setdefault(each.because, []).append(each.change)
    ranked = sorted(changes.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(short(because, LONGEST), len(given), _points(fmean(given))) for because, given in ranked[:SHOWN]]


def _said(score: Score) -> str:
    return f"{score.grade or '–'} · {number(score.total)}"


def _why(one: Regraded) -> str:
    told = one.reasons[:CAUSES]
    more = len(one.reasons) - len(told)
    return "; ".join([*told, *([f"{more} more"] if more else [])])


def _points(value: float) -> str:
    return f"{value:+.4g}".replace("-", "−")


def _signed(change: float) -> str:
    if change == float("inf"):
        return "new"
    return f"{100 * change:+.0f} %".replace("-", "−")


def _decimal(value: float | None, places: int = 4) -> str:
    return "–" if value is None else f"{value:.{places}f}"
