"""The commands that judge models on leads: backtest (on those of the past) and compare (two models)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from leadflow.cli.options import (
    Activities,
    AsJson,
    Db,
    Limit,
    Map,
    Now,
    Quiet,
    Source,
    mapped,
    naming,
    present,
)
from leadflow.cli.screen import progress, refusal_lines, say
from leadflow.cli.telling import ALL_FINE, SOME_REFUSED
from leadflow.entities.duration import duration_of
from leadflow.errors import ChangedTooMuch, DefinitionError, InvalidInput
from leadflow.files.comparing import compared
from leadflow.files.config import FlowFile, read_config
from leadflow.files.journey import Plan
from leadflow.files.replaying import PastFile, Replayed, replayed
from leadflow.files.rules import rules_of
from leadflow.files.storing import database_files, existing
from leadflow.files.summing import Summary
from leadflow.files.writing import check_outputs, text_file
from leadflow.flow import LeadFlow
from leadflow.insights import backtest_page, comparison_page, history_of
from leadflow.scoring.backtest import Backtest
from leadflow.scoring.backtest import backtest as judge
from leadflow.scoring.comparing import Comparison

__all__ = ["backtest", "compare"]

SHOWN: Final = 12

Report = Annotated[Path | None, typer.Option("--report", metavar="OUT.html", help="Write a report with pictures.")]


def backtest(
    config: Annotated[Path, typer.Option("--config", "-c", metavar="FLOW.yaml", help="Columns, and the scoring.")],
    leads: Annotated[
        Path | None, typer.Argument(metavar="PAST.csv", help="Leads of the past, with --outcome; or give --db.")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="COLUMN", help="The column that says who was won.")
    ] = None,
    won: Annotated[
        list[str] | None, typer.Option("--won", metavar="VALUE", help="An outcome that means won; may be repeated.")
    ] = None,
    lost: Annotated[
        list[str] | None,
        typer.Option(
            "--lost", metavar="VALUE", help="An outcome that means lost; all others are open. May be repeated."
        ),
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", metavar="COLUMN", help="When a lead came: what happened later won't count.")
    ] = None,
    activities: Activities = None,
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
    map: Map = None,
    now: Now = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Replay the scoring over past leads: would it have told who is won? Only what was known then counts."""
    check_outputs({"--report": report}, (config, leads, activities, *database_files(db)))
    settings, later = read_config(config), _length("--after", after) or timedelta(0)
    moment = present(now, settings)
    with naming(config), progress(quiet or as_json) as watch:
        if leads is not None and outcome is not None and db is None:
            plan = Plan(leads=leads, activities=activities, config=settings, columns=mapped(map), now=moment)
            past = PastFile(plan, outcome, tuple(won or ()), tuple(lost or ()), time, later)
            told = replayed(past, watch=watch)
        elif db is not None and leads is None:
            told = _in_database(db, settings, moment, scored_at=scored_at, after=later,
                                within=_length("--within", within), imported=imported)  # fmt: skip
        else:
            raise InvalidInput("PAST.csv", str(leads), "give a file with --outcome COLUMN, or a database with --db URL")
    slot = None if slots is None else told.backtest.slots(slots)
    _write(report, backtest_page(told.backtest, title=f"{told.model} over {leads.name if leads else 'the past'}"))
    if as_json:
        extra = {"model": told.model, "outcomes": dict(told.meanings), "refused": told.summary.refused}
        said = {**extra, **told.backtest.as_json(), "slots": None if slot is None else slot._asdict()}
        typer.echo(json.dumps(said, indent=2, ensure_ascii=False))
    elif not quiet:
        say(*refusal_lines(told.summary), *_backtest_lines(told.model, told.backtest))
        if slot is not None:
            ties = f", and {slot.of_tied:,} of the {slot.tied:,} on it" if slot.of_tied < slot.tied else ""
            say(
                f"{slots:g} a week: call from {slot.threshold:g} points on{ties}; {slot.precision:.1%} of them were won"
            )
        say(*([f"report: {report}"] if report else []))
    raise typer.Exit(SOME_REFUSED if told.summary.refused else ALL_FINE)


def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD.yaml", help="The config as it is: columns, scoring, …")],
    new: Annotated[Path, typer.Argument(metavar="NEW.yaml", help="The config as it may become.")],
    leads: Annotated[Path, typer.Argument(metavar="LEADS.csv", help="The leads to compare them on.")],
    activities: Activities = None,
    max_regraded: Annotated[
        float | None, typer.Option("--max-regraded", metavar="PART", help="Fail if more leads change grade: 0.05.")
    ] = None,
    max_load_change: Annotated[
        float | None, typer.Option("--max-load-change", metavar="PART", help="Fail if a rep's load changes more: 0.2.")
    ] = None,
    report: Report = None,
    map: Map = None,
    now: Now = None,
    source: Source = None,
    limit: Limit = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say who gets another grade by the new scoring and why, and how many leads each rep gets before and after.

    Exit code 1 also: more changes than --max-regraded or --max-load-change allow.
    """
    check_outputs({"--report": report}, (old, new, leads, activities))
    settings = read_config(old)
    plan = Plan(
        leads=leads, activities=activities, config=settings, columns=mapped(map), source=source,
        now=present(now, settings) or datetime.now(UTC), limit=limit,
    )  # fmt: skip
    with naming(old, new), progress(quiet or as_json) as watch:
        other = read_config(new)
        found = compared(plan, other, new, watch=watch)
    _write(report, comparison_page(found.comparison, title=f"From {old.name} to {new.name}"))
    if as_json:
        typer.echo(json.dumps(found.comparison.as_json(), indent=2, ensure_ascii=False))
    elif not quiet:
        say(*refusal_lines(found.summary), *_comparison_lines(found.comparison))
        say(*([f"report: {report}"] if report else []))
    try:
        found.comparison.check(max_regraded=max_regraded, max_load_change=max_load_change)
    except ChangedTooMuch as wrong:
        typer.echo(f"leadflow: {wrong}", err=True)
        raise typer.Exit(SOME_REFUSED) from None
    raise typer.Exit(SOME_REFUSED if found.summary.refused else ALL_FINE)


def _in_database(db: str, settings: FlowFile, now: datetime | None, **options: Any) -> Replayed:
    rules = rules_of(settings, mails=False)
    with existing(db, lambda storage: LeadFlow(storage, **rules)) as flow:
        model = flow.policy.scoring
        if model is None:
            raise DefinitionError("there is no scoring in the config; add one, such as scoring: {name: …, fit: […]}")
        history = list(history_of(flow.storage, flow.policy.lifecycle, now=now, **options))
        if not history:
            remedy = "no lead in it was won or lost after its moment; --imported takes times from when things happened"
            raise InvalidInput("--db", db, remedy)
        return Replayed(model.label, judge(model, history), {}, Summary(db))


def _length(option: str, text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        read = duration_of(text)
    except ValueError as wrong:
        raise InvalidInput(option, text, str(wrong)) from None
    assert isinstance(read, timedelta)
    return read


def _write(path: Path | None, page: str) -> None:
    if path is not None:
        with text_file(path) as file:
            file.write(page)


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
