"""The commands: each reads its options, lets ``leadflow.files`` do the work, and says what came of it."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer

from leadflow.cli.screen import columns_read, progress, say, summary_lines
from leadflow.cli.telling import ALL_FINE, SOME_REFUSED, Commands
from leadflow.errors import InvalidInput
from leadflow.files.config import FlowFile, read_config
from leadflow.files.journey import Plan, Summary, run
from leadflow.files.moments import moment_of
from leadflow.files.running import Refusal
from leadflow.files.writing import csv_file, text_file
from leadflow.flow import LeadFlow
from leadflow.ports import Mailer

EXIT_CODES: Final = "Exit codes: 0 all fine, 1 some rows were refused, 2 the command or a file can't be used."

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Lead management over files: capture, check, score, qualify, route, nurture, explain.\n\n" + EXIT_CODES,
)

Leads = Annotated[Path, typer.Argument(metavar="LEADS.csv", help="The leads, with a line of column names.")]
Config = Annotated[Path | None, typer.Option("--config", "-c", metavar="FLOW.yaml", help="Columns and rules.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=KEY", help="What a column means, such as 'E-Mail=email'; may be repeated."),
]
Activities = Annotated[
    Path | None, typer.Option("--activities", metavar="A.csv", help="What the leads did: lead, kind, at, …")
]
Db = Annotated[str | None, typer.Option("--db", metavar="URL", help="sqlite:///leads.db or postgresql://…")]
Now = Annotated[
    str | None, typer.Option("--now", metavar="MOMENT", help="Take this for the present, such as 2026-03-02T09:00Z.")
]
Source = Annotated[
    str | None, typer.Option("--source", help="Where the leads come from; else the config's, else the file's name.")
]
Smtp = Annotated[str | None, typer.Option("--smtp", metavar="URL", help="The mail server, smtp://localhost:1025.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Read only so many rows of the leads.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"leadflow {version('leadflow')}")
        raise typer.Exit


@app.callback()
def leadflow(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Lead management over files: capture, check, score, qualify, route, nurture, explain."""


@app.command("run", epilog=f"Example: leadflow run leads.csv --db sqlite:///leads.db --report out.html   {EXIT_CODES}")
def run_command(
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
    settings = read_config(config)
    plan = Plan(
        leads=leads,
        activities=activities,
        sales=sales,
        config=settings,
        columns=_mapped(map),
        source=source,
        db=db,
        dry=dry_run,
        now=_now(now, settings),
        limit=limit,
        mailer=_mailer(smtp, settings),
    )
    with ExitStack() as files, progress(quiet or as_json) as watch:
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


def _mapped(written: list[str] | None) -> dict[str, str]:
    pairs = {}
    for one in written or ():
        column, sign, key = one.rpartition("=")
        if not sign or not column.strip() or not key.strip():
            raise InvalidInput("--map", one, "write COLUMN=KEY, such as --map 'E-Mail=email'")
        pairs[column.strip()] = key.strip()
    return pairs


def _now(text: str | None, settings: FlowFile) -> datetime | None:
    try:
        return moment_of(text, settings.timezone) if text else None
    except ValueError as wrong:
        raise InvalidInput("--now", text, str(wrong)) from None


def _mailer(url: str | None, settings: FlowFile) -> Mailer | None:
    if url is None:
        return None
    from leadflow.adapters.smtp import SmtpMailer

    return SmtpMailer(url, sender=settings.sender)


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
