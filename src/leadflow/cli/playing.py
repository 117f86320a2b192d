"""``leadflow run``: the whole journey over files."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from leadflow.cli.options import (
    Activities,
    AsJson,
    Config,
    Db,
    Leads,
    Limit,
    Map,
    Now,
    Quiet,
    Smtp,
    Source,
    mailer_at,
    mapped,
    naming,
    present,
)
from leadflow.cli.screen import columns_read, progress, say, summary_lines
from leadflow.cli.telling import ALL_FINE, SOME_REFUSED
from leadflow.files.config import read_config
from leadflow.files.journey import Plan, run
from leadflow.files.running import Refusal
from leadflow.files.storing import database_files
from leadflow.files.summing import Summary
from leadflow.files.writing import check_outputs, csv_file, text_file
from leadflow.flow import LeadFlow

__all__ = ["run_files"]


def run_files(
    leads: Leads,
    activities: Activities = None,
    sales: Annotated[
        Path | None, typer.Option("--sales", metavar="S.csv", help="What sales did: lead, move, by, at, reason, …")
    ] = None,
    config: Config = None,
    map: Map = None,
    db: Db = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="OUT.html", help="Write a report with pictures.")
    ] = None,
    refused: Annotated[
        Path | None, typer.Option("--refused", metavar="R.csv", help="Write all refused rows with the reasons.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    now: Now = None,
    source: Source = None,
    limit: Limit = None,
    smtp: Smtp = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Take leads through the whole journey: captured, checked, scored, qualified, routed, then what sales did.

    Without --db the leads go into a temporary database. Running the same files again changes nothing.
    """
    inputs = (leads, activities, sales, config, *database_files(db))
    check_outputs({"--report": report, "--refused": refused}, inputs)
    settings = read_config(config)
    plan = Plan(
        leads=leads,
        activities=activities,
        sales=sales,
        config=settings,
        columns=mapped(map),
        source=source,
        db=db,
        dry=dry_run,
        now=present(now, settings),
        limit=limit,
        mailer=mailer_at(smtp, settings),
    )
    with ExitStack() as files, naming(config), progress(quiet or as_json) as watch:
        summary = run(plan, watch=watch, refused=_refused_to(refused, files), after=_report_to(report, plan))
    if as_json:
        typer.echo(json.dumps(_as_json(summary), indent=2, ensure_ascii=False))
    elif not quiet:
        say(*columns_read(summary.columns, summary.unknown, guessed=not settings.columns))
        say(*summary_lines(summary, dry=dry_run))
        say(*([f"report: {report}"] if report else []), *([f"refused rows: {refused}"] if refused else []))
    raise typer.Exit(SOME_REFUSED if summary.refused else ALL_FINE)


def _as_json(summary: Summary) -> dict[str, object]:
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


def _report_to(path: Path | None, plan: Plan) -> Callable[[LeadFlow], None]:
    def write(flow: LeadFlow) -> None:
        if path is not None:
            from leadflow import insights

            text = insights.render_report(
                insights.summarise(flow.storage, flow.policy.lifecycle, now=flow.clock()),
                title=plan.source or plan.config.source or plan.leads.stem,
            )
            with text_file(path) as file:
                file.write(text)

    return write
