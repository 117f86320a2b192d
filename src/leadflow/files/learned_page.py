"""What was learned as one HTML page: how good it is, the points, the chances, the columns that were left out."""

from __future__ import annotations

from leadflow.files.learning import Learned, points_of
from leadflow.insights.report.labels import number, percent, share
from leadflow.insights.report.markup import joined
from leadflow.insights.report.model_pages import judged_sections
from leadflow.insights.report.page_frame import ReportSection, framed, says
from leadflow.insights.report.tables import table

__all__ = ["learned_page"]

LEARNED = "learned points"


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
