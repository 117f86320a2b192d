"""The command ``learn``: from past leads to points, chances and a report."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import OutcomeOptions, Output
from leadflow.files.output_files import check_outputs, write_text
from leadflow.files.training import MOST, Learned, LearningPlan, learned_from, learned_page, points_of

__all__ = ["learn"]

SHOWN: Final = 12
RANKS: Final = 0.55


def learn(
    outcomes: OutcomeOptions,
    output: Output,
    leads: Annotated[Path, typer.Argument(metavar="LEADS.csv", help="Leads of the past, any columns.")],
    outcome: Annotated[str, typer.Option("--outcome", metavar="COLUMN", help="The column that says who was won.")],
    time: Annotated[
        str | None, typer.Option("--time", metavar="COLUMN", help="When a lead came: judge on later leads, as in life.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="COLUMN", help="Don't learn from it; may be repeated.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="COLUMN", help="Learn from it, though it seems to give the outcome away."),
    ] = None,
    slots: Annotated[
        float | None, typer.Option("--slots", metavar="N", help="Which chance fills exactly so many calls a week?")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="MODEL.json", help="Write the model, to edit it.")
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="OUT.html", help="Write a report.")] = None,
    most: Annotated[
        int, typer.Option("--most", min=0, metavar="N", help="Of more leads so many are drawn by chance; 0: take all.")
    ] = MOST,
    seed: Annotated[int, typer.Option("--seed", help="Another one splits the leads another way.")] = 0,
) -> None:
    """Learn from leads that were won or lost how many points each fact is worth, and what chance they stand for.

    Columns that give the outcome away are left out, and named with the reason.
    """
    check_outputs({"--out": out, "--report": report}, (leads,))
    with output.progress() as watch:
        plan = LearningPlan(
            leads, outcome, won=tuple(outcomes.won or ()), lost=tuple(outcomes.lost or ()), time=time,
            exclude=tuple(exclude or ()), keep=tuple(keep or ()), slots=slots, most=most or None, seed=seed,
            watch=watch,
        )  # fmt: skip
        learned = learned_from(plan)
    write_text(out, learned.model.model_dump_json(indent=2))
    write_text(report, learned_page(learned))
    written = [f"{what}: {path}" for what, path in (("model", out), ("report", report)) if path]
    output.show(learned.as_json, (*learned_lines(learned), *written))
    raise typer.Exit(SOME_REFUSED if learned.history.refused else ALL_FINE)


def learned_lines(learned: Learned) -> Iterator[str]:
    """Say what was learned, how good it is, and what was left out."""
    history, model = learned.history, learned.model
    rows = f"{model.leads:,} leads, {model.won:,} won ({model.won / model.leads:.1%})"
    drawn = f", drawn by chance of {history.drawn_from:,} (--most)" if history.drawn_from else ""
    yield f"{learned.plan.file.name}: {rows}{drawn}; {history.open:,} open, {len(history.refused):,} refused"
    yield f"outcome: {'; '.join(_outcomes(history.meanings))}"
    yield from (f"  line {line}: {reason}" for line, reason in history.refused[:SHOWN])
    if history.odd:
        yield f"odd cells: {len(history.odd):,}, not what nearly all of their column are; they count as missing"
        yield from (f"  line {one.line}: {one.column}: {one.value!r}" for one in history.odd[:SHOWN])
    yield f"left out: {len(learned.left_out)} columns"
    yield from (f"  {one.column} ({one.kind.replace('_', ' ')}): {one.because}" for one in learned.left_out)
    dated = [one.column for one in learned.left_out if one.kind == "moment"]
    if learned.plan.time is None and dated:
        yield f"hint: {dated[0]} has dates; --time {dated[0]!r} judges on later leads, as in life"
    yield from _quality(learned)
    if model.slope <= 0:
        yield "nothing was learned that holds among other leads: the points below say nothing"
    rules = list(points_of(model))
    yield f"points: {len(rules)} rules; ten points double the odds"
    shown = rules if len(rules) <= 2 * SHOWN else [*rules[:SHOWN], *rules[-SHOWN:]]
    yield from (f"  {points:+5.0f}  {because}" for points, because in shown)
    yield "chances:"
    for band in reversed(model.bands):
        start = "below that" if band.low is None else f"from {band.low:.0f} points"
        yield f"  {start}: {band.rate:.1%} ({band.at_least:.1%} to {band.at_most:.1%}) of {band.leads:,} leads were won"


def _outcomes(meanings: Mapping[str, str]) -> Iterator[str]:
    for meaning in ("won", "lost", "open"):
        values = [repr(value[:40]) for value, its in meanings.items() if its == meaning]
        if values:
            more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
            yield f"{', '.join(values[:SHOWN])}{more} = {meaning}"


def _quality(learned: Learned) -> Iterator[str]:
    examined = learned.examined
    how = "later leads predicted from earlier ones" if examined.by_time else "each part predicted from the others"
    yield f"quality: {how}, {examined.folds} parts, {examined.learned.leads:,} leads"
    for name, of in (("learned points", examined.learned), ("counting (naive Bayes)", examined.baseline)):
        yield f"  {name}: ROC-AUC {of.auc or 0:.4f}, log loss {of.log_loss or 0:.4f}, Brier {of.brier or 0:.4f}"
    usual = examined.usual
    yield f"  the average for everybody: ROC-AUC 0.5000, log loss {usual.log_loss:.4f}, Brier {usual.brier:.4f}"
    if (examined.learned.log_loss or 0) >= (usual.log_loss or 0):
        ranks = (examined.learned.auc or 0) >= RANKS
        yield f"  so the chances are no better than the average{', but the points rank' if ranks else ''}"
    if learned.slots is not None:
        one = learned.slots
        ties = f", and {one.of_tied:,} of the {one.tied:,} on it" if one.of_tied < one.tied else ""
        yield (
            f"  {one.per_week:g} a week: call from a chance of {one.threshold:.1%} on{ties}; "
            f"{one.precision:.1%} of them were won"
        )
