"""The commands: each reads its options, lets ``leadflow.files`` do the work, and says what came of it."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from leadflow.cli.screen import (
    Ranking,
    check_lines,
    columns_read,
    progress,
    say,
    score_lines,
    summary_lines,
    tick_lines,
)
from leadflow.cli.telling import ALL_FINE, SOME_REFUSED, Commands
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.files.checking import checked
from leadflow.files.config import FlowFile, read_config
from leadflow.files.finding_leads import lead_called
from leadflow.files.journey import Plan, Summary, run
from leadflow.files.moments import moment_of
from leadflow.files.rules import rules_of
from leadflow.files.running import Refusal
from leadflow.files.scores import COLUMNS, scored
from leadflow.files.storing import existing
from leadflow.files.writing import csv_file, text_file
from leadflow.flow import LeadFlow
from leadflow.lifecycle import DEFAULT
from leadflow.ports import Mailer, Storage

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
    with ExitStack() as files, _naming(config), progress(quiet or as_json) as watch:
        summary = run(plan, watch=watch, refused=_refused_to(refused, files), after=_report_to(report, plan))
    if as_json:
        typer.echo(json.dumps(_as_json(summary), indent=2, ensure_ascii=False))
    elif not quiet:
        say(*columns_read(summary.columns, summary.unknown, guessed=not settings.columns))
        say(*summary_lines(summary, dry=dry_run))
        say(*([f"report: {report}"] if report else []), *([f"refused rows: {refused}"] if refused else []))
    raise typer.Exit(SOME_REFUSED if summary.refused else ALL_FINE)


@app.command(epilog=f"Example: leadflow check leads.csv --json   {EXIT_CODES}")
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
    plan = Plan(leads=leads, config=settings, columns=_mapped(map), source=source, limit=limit)
    with _naming(config), progress(quiet or as_json) as watch:
        found = checked(plan, watch)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    elif not quiet:
        say(*check_lines(found, guessed=not settings.columns))
    raise typer.Exit(SOME_REFUSED if found.refused else ALL_FINE)


@app.command(epilog=f"Example: leadflow score leads.csv --config flow.yaml --out scores.csv   {EXIT_CODES}")
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
    settings = read_config(config)
    plan = Plan(
        leads=leads,
        activities=activities,
        config=settings,
        columns=_mapped(map),
        source=source,
        now=_now(now, settings),
        limit=limit,
    )
    ranking = Ranking()
    with ExitStack() as files, _naming(config), progress(quiet) as watch:
        writer = files.enter_context(csv_file(out, COLUMNS)) if out else None
        summary = scored(plan, ranking.taker(writer), watch=watch)
    if not quiet:
        say(*score_lines(summary, ranking), *([f"scores: {out}"] if out else []))
    raise typer.Exit(SOME_REFUSED if summary.refused else ALL_FINE)


@app.command(epilog="Example: leadflow explain ada@acme.example --db sqlite:///leads.db --config flow.yaml")
def explain(
    lead: Annotated[str, typer.Argument(metavar="ID", help="The lead's id, an e-mail address, or its id elsewhere.")],
    db: Annotated[str, typer.Option("--db", metavar="URL", help="sqlite:///leads.db or postgresql://…")],
    config: Config = None,
    now: Now = None,
) -> None:
    """Explain a lead: every move, point, gate, candidate and message, with the reasons."""
    settings = read_config(config)
    with _naming(config), _looking_at(db, settings, now) as flow:
        lead_id = lead_called(flow, lead, settings.external_system)
        say(f"Lead {lead_id}", *str(flow.explain(lead_id)).splitlines())


@app.command(
    epilog="Example, from cron: leadflow tick --db sqlite:///leads.db --config flow.yaml --smtp smtp://localhost"
)
def tick(
    db: Annotated[str, typer.Option("--db", metavar="URL", help="sqlite:///leads.db or postgresql://…")],
    config: Config = None,
    smtp: Smtp = None,
    now: Now = None,
    quiet: Quiet = False,
) -> None:
    """Do what is due: mails, reminders, breaches, cooling. Exit code 1: a task failed, and will be tried again."""
    settings = read_config(config)
    if settings.nurturing.sequences and smtp is None:
        raise InvalidInput(
            "--smtp", None, "the config has sequences; say where their mails go: --smtp smtp://localhost"
        )
    with _naming(config), _looking_at(db, settings, now, mailer=_mailer(smtp, settings)) as flow:
        ticked = flow.run_due()
    if not quiet:
        say(*tick_lines(ticked))
    raise typer.Exit(SOME_REFUSED if ticked.failed else ALL_FINE)


@app.command(epilog="Example: leadflow lifecycle --diagram > lifecycle.mmd")
def lifecycle(
    diagram: Annotated[bool, typer.Option("--diagram", help="Draw it, as Mermaid text.")] = False,
    all_moves: Annotated[
        bool, typer.Option("--all", help="Also the moves that are possible from nearly everywhere.")
    ] = False,
) -> None:
    """Show the lifecycle: its moves as a table, or drawn."""
    without = () if all_moves else ("disqualify", "fast_track")
    typer.echo((DEFAULT.diagram(without=without) if diagram else DEFAULT.table()).rstrip())


@contextmanager
def _naming(config: Path | None) -> Iterator[None]:
    """Name the file in which rules stand that can't work."""
    try:
        yield
    except DefinitionError as wrong:
        if config is None or str(wrong).startswith(str(config)):
            raise
        raise DefinitionError(f"{config}: {wrong}") from None
    except ValidationError as wrong:
        if not wrong.title.startswith("Lead"):
            raise
        fields = ", ".join(".".join(map(str, error["loc"])) for error in wrong.errors(include_url=False))
        remedy = f"the leads have fields that it doesn't define ({fields}); give the one that they were captured with"
        raise InvalidInput("--config", str(config or "none"), remedy) from None


@contextmanager
def _looking_at(db: str, settings: FlowFile, now: str | None, mailer: Mailer | None = None) -> Iterator[LeadFlow]:
    moment = _now(now, settings)
    rules = rules_of(settings, mails=mailer is not None)

    def build(storage: Storage) -> LeadFlow:
        return LeadFlow(storage, **rules, mailer=mailer, clock=lambda: moment or datetime.now(UTC))

    with existing(db, build) as flow:
        yield flow


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
