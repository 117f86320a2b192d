"""The commands that look at files and keep nothing: check, lint and score."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from leadflow.cli.options import (
    Activities,
    AsJson,
    Config,
    Leads,
    Limit,
    Map,
    Now,
    Quiet,
    Source,
    mapped,
    naming,
    present,
)
from leadflow.cli.screen import Ranking, check_lines, lint_lines, progress, say, score_lines
from leadflow.cli.telling import ALL_FINE, SOME_REFUSED
from leadflow.files.checking import checked
from leadflow.files.config import read_config
from leadflow.files.journey import Plan
from leadflow.files.judging import judged
from leadflow.files.scores import COLUMNS, scored
from leadflow.files.writing import check_outputs, csv_file

__all__ = ["check", "lint", "score"]


def check(
    leads: Leads,
    config: Config = None,
    map: Map = None,
    source: Source = None,
    limit: Limit = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say what is doubtful in a file of leads, by kind, with examples; nothing is written."""
    settings = read_config(config)
    plan = Plan(leads=leads, config=settings, columns=mapped(map), source=source, limit=limit)
    with naming(config), progress(quiet or as_json) as watch:
        found = checked(plan, watch)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    elif not quiet:
        say(*check_lines(found, guessed=not settings.columns))
    raise typer.Exit(SOME_REFUSED if found.refused else ALL_FINE)


def lint(
    config: Annotated[Path, typer.Argument(metavar="FLOW.yaml", help="The rules: scoring, and perhaps qualification.")],
    activities: Annotated[
        Path | None, typer.Option("--activities", metavar="A.csv", help="Activities of yours, to know their kinds.")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say what is doubtful about the rules: what never matches, contradicts itself, is out of reach.

    Exit code 1: something of it is an error.
    """
    with naming(config):
        found = judged(read_config(config), activities)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    elif not quiet:
        say(*lint_lines(found))
    raise typer.Exit(ALL_FINE if found.works else SOME_REFUSED)


def score(
    leads: Leads,
    config: Annotated[Path, typer.Option("--config", "-c", metavar="FLOW.yaml", help="Columns, and the scoring.")],
    activities: Activities = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="SCORES.csv", help="Write every lead's score and reasons.")
    ] = None,
    map: Map = None,
    now: Now = None,
    source: Source = None,
    limit: Limit = None,
    quiet: Quiet = False,
) -> None:
    """Score the leads in a file, with the reasons; nothing is kept. Without --out the best twenty are shown."""
    check_outputs({"--out": out}, (leads, activities, config))
    settings = read_config(config)
    plan = Plan(
        leads=leads,
        activities=activities,
        config=settings,
        columns=mapped(map),
        source=source,
        now=present(now, settings),
        limit=limit,
    )
    ranking = Ranking()
    with ExitStack() as files, naming(config), progress(quiet) as watch:
        writer = files.enter_context(csv_file(out, COLUMNS)) if out else None
        summary = scored(plan, ranking.taker(writer), watch=watch)
    if not quiet:
        say(*score_lines(summary, ranking), *([f"scores: {out}"] if out else []))
    raise typer.Exit(SOME_REFUSED if summary.refused else ALL_FINE)
