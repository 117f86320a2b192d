"""The commands that look at files and keep nothing: check, lint and score."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import (
    ActivitiesOption,
    Config,
    LanguageOption,
    LeadFileOptions,
    Leads,
    Output,
    Quiet,
    ScoringConfig,
    naming,
)
from leadflow.cli.progress import progress
from leadflow.cli.rendering import Ranking, check_lines, lint_lines, say, score_lines
from leadflow.files.config import read_config
from leadflow.files.file_check import check_file
from leadflow.files.lint_config import lint_config
from leadflow.files.output_files import check_outputs, csv_file
from leadflow.files.scores import COLUMNS, score_file
from leadflow.languages import language_named

__all__ = ["check", "lint", "score"]


def check(
    leads: Leads, reading: LeadFileOptions, output: Output, config: Config = None, language: LanguageOption = "en"
) -> None:
    """Say what is doubtful in a file of leads, by kind, with examples; nothing is written."""
    words = language_named(language)
    settings = read_config(config)
    plan = reading.plan(leads, settings)
    with naming(config), output.progress() as watch:
        found = check_file(plan, watch)
    output.show(found.as_json, check_lines(found, words, guessed=not settings.columns))
    raise typer.Exit(SOME_REFUSED if found.refused else ALL_FINE)


def lint(
    config: Annotated[Path, typer.Argument(metavar="FLOW.yaml", help="The rules: scoring, and perhaps qualification.")],
    output: Output,
    activities: Annotated[
        Path | None, typer.Option("--activities", metavar="A.csv", help="Activities of yours, to know their kinds.")
    ] = None,
) -> None:
    """Say what is doubtful about the rules: what never matches, contradicts itself, is out of reach.

    Exit code 1: something of it is an error.
    """
    with naming(config):
        found = lint_config(read_config(config), activities)
    output.show(found.as_json, lint_lines(found))
    raise typer.Exit(ALL_FINE if found.works else SOME_REFUSED)


def score(
    leads: Leads,
    config: ScoringConfig,
    reading: LeadFileOptions,
    activities: ActivitiesOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="SCORES.csv", help="Write every lead's score and reasons.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Score the leads in a file, with the reasons; nothing is kept. Without --out the best twenty are shown."""
    check_outputs({"--out": out}, (leads, activities, config))
    plan = reading.plan(leads, read_config(config), activities=activities)
    ranking = Ranking()
    with ExitStack() as files, naming(config), progress(quiet) as watch:
        writer = files.enter_context(csv_file(out, COLUMNS)) if out else None
        summary = score_file(plan, ranking.taker(writer), watch=watch)
    if not quiet:
        say(*score_lines(summary, ranking), *([f"scores: {out}"] if out else []))
    raise typer.Exit(SOME_REFUSED if summary.refused else ALL_FINE)
