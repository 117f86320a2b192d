"""``leadflow run``: the whole journey over files."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import (
    ActivitiesOption,
    Config,
    Db,
    DryRun,
    LeadFileOptions,
    Leads,
    Output,
    Report,
    Smtp,
    mailer_at,
    naming,
)
from leadflow.cli.rendering import columns_read, summary_lines
from leadflow.files.config import read_config
from leadflow.files.destination import database_files
from leadflow.files.journey import RunPlan, run
from leadflow.files.output_files import check_outputs, csv_file, write_text
from leadflow.files.run_summary import Refusal, RunSummary
from leadflow.flow import LeadFlow

__all__ = ["run_files"]


def run_files(
    leads: Leads,
    reading: LeadFileOptions,
    output: Output,
    activities: ActivitiesOption = None,
    sales: Annotated[
        Path | None, typer.Option("--sales", metavar="S.csv", help="What sales did: lead, move, by, at, reason, …")
    ] = None,
    config: Config = None,
    db: Db = None,
    report: Report = None,
    refused: Annotated[
        Path | None, typer.Option("--refused", metavar="R.csv", help="Write all refused rows with the reasons.")
    ] = None,
    dry_run: DryRun = False,
    smtp: Smtp = None,
) -> None:
    """Take leads through the whole journey: captured, checked, scored, qualified, routed, then what sales did.

    Without --db the leads go into a temporary database. Running the same files again changes nothing.
    """
    inputs = (leads, activities, sales, config, *database_files(db))
    check_outputs({"--report": report, "--refused": refused}, inputs)
    settings = read_config(config)
    plan = reading.plan(
        leads, settings, activities=activities, sales=sales, db=db, dry=dry_run, mailer=mailer_at(smtp, settings)
    )
    with ExitStack() as files, naming(config), output.progress() as watch:
        summary = run(plan, watch=watch, refused=_refused_to(refused, files), after=_report_to(report, plan))
    written = [f"{what}: {path}" for what, path in (("report", report), ("refused rows", refused)) if path]
    lines = (
        *(f"leads: {note}" for note in summary.notes),
        *columns_read(summary.columns, summary.unknown, guessed=not settings.columns),
        *summary_lines(summary, dry=dry_run),
        *written,
    )
    output.show(partial(_as_json, summary), lines)
    raise typer.Exit(SOME_REFUSED if summary.refused else ALL_FINE)


def _as_json(summary: RunSummary) -> dict[str, object]:
    return {
        "where": summary.where,
        "files": {
            name: {
                **counts,
                "first_refused": [{"line": r.row.line, "reason": r.reason} for r in summary.tallies[name].refusals],
                "findings": [
                    {"severity": severity, "field": field, "code": code, "count": count}
                    for (severity, field, code), count in summary.tallies[name].findings.most_common()
                ],
            }
            for name, counts in summary.counts.items()
        },
        "columns": summary.columns,
        "notes": list(summary.notes),
        "stages": dict(summary.stages),
        "mails": dict(summary.mails),
        "tasks_done": summary.tasks_done,
        "tasks_failed": [list(one) for one in summary.tasks_failed],
        "seconds": round(summary.seconds, 3),
    }


def _refused_to(path: Path | None, files: ExitStack) -> Callable[[Refusal], None]:
    if path is None:
        return lambda _refusal: None
    writer = files.enter_context(csv_file(path, ("file", "line", "reason", "row")))

    def write(one: Refusal) -> None:
        cells = {column: cell[:200] for column, cell in one.row.cells.items()}
        writer.writerow((one.file, one.row.line, one.reason, json.dumps(cells, ensure_ascii=False)))

    return write


def _report_to(path: Path | None, plan: RunPlan) -> Callable[[LeadFlow], None]:
    def write(flow: LeadFlow) -> None:
        if path is not None:
            from leadflow import insights

            text = insights.render_report(
                insights.summarise(flow.storage, flow.policy.lifecycle, now=flow.clock()),
                title=plan.source or plan.config.source or plan.leads.stem,
            )
            write_text(path, text)

    return write
