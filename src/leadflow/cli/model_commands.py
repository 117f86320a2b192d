"""The commands that judge models on leads: backtest (on those of the past) and compare (two models)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import (
    ActivitiesOption,
    Db,
    LeadFileOptions,
    OutcomeOptions,
    Output,
    Report,
    ScoringConfig,
    naming,
    present,
)
from leadflow.cli.rendering import refusal_lines
from leadflow.entities.duration import duration_of
from leadflow.errors import ChangedTooMuch, InvalidInput
from leadflow.files.config import FlowFile, read_config
from leadflow.files.destination import database_files, existing
from leadflow.files.file_backtest import FileBacktest, PastFile, backtest_file
from leadflow.files.model_comparison import compare_on_file
from leadflow.files.output_files import check_outputs, write_text
from leadflow.files.rules import rules_of, scoring_of
from leadflow.files.run_summary import RunSummary
from leadflow.flow import LeadFlow
from leadflow.insights import backtest_page, comparison_page, history_of
from leadflow.scoring import Backtest, Comparison
from leadflow.scoring import backtest as judge

__all__ = ["backtest", "compare"]

SHOWN: Final = 12


def backtest(
    config: ScoringConfig,
    reading: LeadFileOptions,
    outcomes: OutcomeOptions,
    output: Output,
    leads: Annotated[
        Path | None, typer.Argument(metavar="PAST.csv", help="Leads of the past, with --outcome; or give --db.")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="COLUMN", help="The column that says who was won.")
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", metavar="COLUMN", help="When a lead came: what happened later won't count.")
    ] = None,
    activities: ActivitiesOption = None,
    db: Db = None,
    scored_at: Annotated[
        str, typer.Option("--scored-at", metavar="STAGE", help="With --db: score when a lead first came into it.")
    ] = "lead",
    after: Annotated[
        str | None, typer.Option("--after", metavar="LENGTH", help="Score so long after a lead came, such as 7d.")
    ] = None,
    within: Annotated[
        str | None, typer.Option("--within", metavar="LENGTH", help="With --db: who is open so long after is lost.")
    ] = None,
    imported: Annotated[
        bool, typer.Option("--imported", help="With --db: take what happened as recorded when it happened.")
    ] = False,
    slots: Annotated[
        float | None, typer.Option("--slots", metavar="N", help="How many points fill exactly so many calls a week?")
    ] = None,
    report: Report = None,
) -> None:
    """Replay the scoring over past leads: would it have predicted who was won? Only what was known then counts."""
    check_outputs({"--report": report}, (config, leads, activities, *database_files(db)))
    settings, later = read_config(config), _length("--after", after) or timedelta(0)
    with naming(config), output.progress() as watch:
        if leads is not None and outcome is not None and db is None:
            plan = reading.plan(leads, settings, activities=activities)
            past = PastFile(plan, outcome, outcomes.won or (), outcomes.lost or (), time, later)
            result = backtest_file(past, watch=watch)
        elif db is not None and leads is None:
            result = _in_database(db, settings, present(reading.now, settings), scored_at=scored_at, after=later,
                                within=_length("--within", within), imported=imported)  # fmt: skip
        else:
            raise InvalidInput("PAST.csv", str(leads), "give a file with --outcome COLUMN, or a database with --db URL")
    slot = None if slots is None else result.backtest.slots(slots)
    write_text(
        report, backtest_page(result.backtest, title=f"{result.model} over {leads.name if leads else 'the past'}")
    )

    def as_json() -> dict[str, Any]:
        extra = {"model": result.model, "outcomes": dict(result.meanings), "refused": result.summary.refused}
        return {**extra, **result.backtest.as_json(), "slots": None if slot is None else slot._asdict()}

    def lines() -> Iterator[str]:
        yield from refusal_lines(result.summary)
        yield from _backtest_lines(result.model, result.backtest)
        if slot is not None:
            ties = f", and {slot.of_tied:,} of the {slot.tied:,} on it" if slot.of_tied < slot.tied else ""
            yield (
                f"{slots:g} a week: call from {slot.threshold:g} points on{ties}; {slot.precision:.1%} of them were won"
            )
        yield from [f"report: {report}"] if report else []

    output.show(as_json, lines())
    raise typer.Exit(SOME_REFUSED if result.summary.refused else ALL_FINE)


def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD.yaml", help="The config as it is: columns, scoring, …")],
    new: Annotated[Path, typer.Argument(metavar="NEW.yaml", help="The config as it may become.")],
    leads: Annotated[Path, typer.Argument(metavar="LEADS.csv", help="The leads to compare them on.")],
    reading: LeadFileOptions,
    output: Output,
    activities: ActivitiesOption = None,
    max_regraded: Annotated[
        float | None, typer.Option("--max-regraded", metavar="PART", help="Fail if more leads change grade: 0.05.")
    ] = None,
    max_load_change: Annotated[
        float | None, typer.Option("--max-load-change", metavar="PART", help="Fail if a rep's load changes more: 0.2.")
    ] = None,
    report: Report = None,
) -> None:
    """Say who gets another grade by the new scoring and why, and how many leads each rep gets before and after.

    Exit code 1 also: more changes than --max-regraded or --max-load-change allow.
    """
    check_outputs({"--report": report}, (old, new, leads, activities))
    plan = reading.plan(leads, read_config(old), activities=activities)
    plan = replace(plan, now=plan.clock())
    with naming(old, new), output.progress() as watch:
        found = compare_on_file(plan, read_config(new), new, watch=watch)
    write_text(report, comparison_page(found.comparison, title=f"From {old.name} to {new.name}"))
    written = [f"report: {report}"] if report else []
    lines = (*refusal_lines(found.summary), *_comparison_lines(found.comparison), *written)
    output.show(found.comparison.as_json, lines)
    try:
        found.comparison.check(max_regraded=max_regraded, max_load_change=max_load_change)
    except ChangedTooMuch as wrong:
        typer.echo(f"leadflow: {wrong}", err=True)
        raise typer.Exit(SOME_REFUSED) from None
    raise typer.Exit(SOME_REFUSED if found.summary.refused else ALL_FINE)


def _in_database(db: str, settings: FlowFile, now: datetime | None, **options: Any) -> FileBacktest:
    scoring_of(settings)
    rules = rules_of(settings, mails=False)
    with existing(db, lambda storage: LeadFlow(storage, **rules)) as flow:
        scorer = flow.policy.scoring
        assert scorer is not None
        history = list(history_of(flow.storage, flow.policy.lifecycle, now=now, **options))
        if not history:
            remedy = "no lead in it was won or lost after its moment; --imported takes times from when things happened"
            raise InvalidInput("--db", db, remedy)
        return FileBacktest(scorer.model.label, judge(scorer.model, history), {}, RunSummary(db))


def _length(option: str, text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        return duration_of(text)
    except ValueError as wrong:
        raise InvalidInput(option, text, str(wrong)) from None


def _backtest_lines(model: str, of: Backtest) -> Iterator[str]:
    yield f"{model}: {of.leads:,} past leads, {of.won:,} won ({of.base_rate:.1%})"
    if of.auc is None:
        yield "all have the same outcome: there is nothing to rank"
        return
    yield f"ranking: ROC-AUC {of.auc:.4f}"
    if of.judged:
        numbers = f"log loss {of.log_loss:.4f}, Brier {of.brier:.4f}, calibration error {of.error:.4f}"
        how = "learned from other leads" if of.weeks is None else "learned from earlier leads"
        yield f"chances: {numbers}; {how}, judged on {of.judged:,}"
    else:
        yield "chances: none; there were too few leads to learn what points stand for"
    tenths = ", ".join(f"{one.rate:.0%}" for one in of.deciles)
    yield f"won in each tenth, best first: {tenths}"
    yield "from so many points on:"
    for one in of.cuts[:: -(-len(of.cuts) // SHOWN)]:
        week = "" if one.per_week is None else f", {one.per_week:.1f} a week"
        yield f"  {one.threshold:6g}: {one.leads:,} leads{week}; {one.precision:.1%} won, {one.recall:.1%} of all won"


def _comparison_lines(of: Comparison) -> Iterator[str]:
    yield f"{len(of.regraded):,} of {of.leads:,} leads change grade"
    for (old, new), count in sorted(of.grades.items(), key=lambda item: -item[1]):
        if old != new:
            yield f"  {old} → {new}: {count:,}"
    for one in of.regraded[:SHOWN]:
        yield f"  {one.lead}: {one.before.grade} → {one.after.grade} because {'; '.join(one.reasons[:3])}"
    if len(of.regraded) > SHOWN:
        yield f"  … and {len(of.regraded) - SHOWN:,} more; --json names all"
    if of.passing is None:
        yield "load: unknown; a qualification in a config says which leads go to sales"
        return
    before, after = of.passing
    moved = f"{len(of.entering):,} newly, {len(of.leaving):,} no longer"
    yield f"to sales: {before.leads:,} → {after.leads:,} leads; {moved}"
    yield from (f"  {one.rep}: {one.before:,.1f} → {one.after:,.1f}" for one in of.load)
