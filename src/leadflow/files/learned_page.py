"""What was learned as one HTML page: how good it is, the points, the chances, the columns that were left out."""

from __future__ import annotations

from importlib.resources import files

from leadflow.files.learning import Learned, points_of
from leadflow.insights.report.drawing import Bar, Part, bars, legend
from leadflow.insights.report.markup import Markup, joined, tag
from leadflow.insights.report.tables import table
from leadflow.scoring.backtest import Backtest

__all__ = ["learned_page"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def learned_page(learned: Learned) -> str:
    """Return the page; it loads nothing and runs nothing, and what stands in the file can't become markup."""
    title = f"What {learned.plan.file.name} teaches"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(files("leadflow.insights.report").joinpath("style.css").read_text(encoding="utf-8"))),
    )
    split = "later leads, from earlier ones" if learned.examined.by_time else "leads that were not learned from"
    top = tag(
        "header",
        tag("p", "Learned scoring", class_="kicker"),
        tag("h1", title),
        tag("p", f"Judged on {split}, in {learned.examined.folds} parts", class_="when"),
    )
    sections = (
        _quality(learned),
        _calibration(learned),
        _lift(learned),
        _cuts(learned),
        _points(learned),
        _left(learned),
    )
    body = (tag("section", tag("h2", heading), content) for heading, content in sections)
    page = tag("body", top, tag("main", joined(body)), tag("footer", tag("p", "Made by leadflow.")))
    return f"<!DOCTYPE html>\n{tag('html', head, page, lang='en')}\n"


def _quality(learned: Learned) -> tuple[str, Markup]:
    both = (("Learned points", learned.examined.learned), ("Counting (naive Bayes)", learned.examined.baseline))
    rows = [(name, *map(_short, (of.auc, of.log_loss, of.brier, of.error))) for name, of in both]
    columns = ("Predicted by", "ROC-AUC", "Log loss", "Brier", "Calibration error")
    numbers = f"{learned.model.leads:,} leads, of which {learned.model.won:,} were won. "
    return "How good it is", joined([
        tag("p", f"{numbers}ROC-AUC: more is better; the others: less is better.", class_="says"),
        table("Quality on leads that were not learned from", columns, rows),
    ])  # fmt: skip


def _calibration(learned: Learned) -> tuple[str, Markup]:
    rows = [
        Bar(
            f"said {one.mean:.0%}",
            (Part(one.rate, "accent", f"{one.won:,} of {one.leads:,} were won"),),
            f"{one.rate:.0%} of {one.leads:,} won",
            marks=((one.mean, f"said {one.mean:.1%}"),),
        )
        for one in learned.examined.learned.calibration or ()
    ]
    key = legend((("accent", "were won"), ("mark", "was said")))
    drawn = bars("calibration", "Are the chances true?", "Chances said beside the part that was won", rows, most=1.0)
    return "Are the chances true?", joined([key, tag("figure", drawn)])


def _lift(learned: Learned) -> tuple[str, Markup]:
    rows = [
        (f"{one.rank}", one.leads, f"{one.rate:.1%}", f"{one.lift:.2f}", f"{one.gain:.1%}")
        for one in learned.examined.learned.deciles
    ]
    return "Tenths, best first", table(
        "Lift per decile", ("Tenth", "Leads", "Won", "Times the average", "Of all won so far"), rows
    )


def _cuts(learned: Learned) -> tuple[str, Markup]:
    of: Backtest = learned.examined.learned
    rows = [
        (f"{one.threshold:.1%}", one.leads, f"{one.precision:.1%}", f"{one.recall:.1%}", _week(one.per_week))
        for one in of.cuts
    ]
    columns = ("From this chance on", "Leads", "Won", "Of all won", "Leads a week")
    return "What a threshold gives", table("Precision and volume per threshold", columns, rows)


def _points(learned: Learned) -> tuple[str, Markup]:
    rows = [(because, f"{points:+.0f}") for points, because in points_of(learned.model)]
    bands = [
        ("lowest" if one.low is None else f"from {one.low:.0f}", one.leads, f"{one.rate:.1%}",
         f"{one.at_least:.1%} to {one.at_most:.1%}")
        for one in reversed(learned.model.bands)
    ]  # fmt: skip
    return "The points", joined([
        tag("p", "Ten points about double the odds of winning. Points may be edited.", class_="says"),
        table("Chances by points", ("Points", "Leads", "Won", "95 times in 100"), bands),
        table("Rules", ("If", "Points"), rows),
    ])  # fmt: skip


def _left(learned: Learned) -> tuple[str, Markup]:
    rows = [(one.column, one.kind.replace("_", " "), one.because) for one in learned.left_out]
    return "Columns that were left out", table(
        "They give the outcome away, or say nothing", ("Column", "Kind", "Why"), rows
    )


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _week(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
