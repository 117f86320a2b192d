"""The commands on leads that are kept in a database, one by one or all of them, and on the lifecycle."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from leadflow.cli.options import Config, Database, Now, Quiet, Smtp, mailer_at, naming, present
from leadflow.cli.screen import progress, say, tick_lines
from leadflow.cli.telling import ALL_FINE, SOME_REFUSED
from leadflow.entities import Actor
from leadflow.errors import InvalidInput
from leadflow.files.config import FlowFile, read_config
from leadflow.files.finding_leads import lead_called
from leadflow.files.rules import rules_of
from leadflow.files.storing import existing, opened
from leadflow.flow import LeadFlow
from leadflow.lifecycle import DEFAULT
from leadflow.ports import Mailer, Storage

__all__ = ["explain", "lifecycle", "looking_at", "recount", "refresh_features", "retire", "tick", "unreadable"]


def explain(
    lead: Annotated[str, typer.Argument(metavar="ID", help="The lead's id, an e-mail address, or its id elsewhere.")],
    db: Database,
    config: Config = None,
    now: Now = None,
) -> None:
    """Explain a lead: every move, point, gate, candidate and message, with the reasons."""
    settings = read_config(config)
    with naming(config), looking_at(db, settings, now) as flow:
        lead_id = lead_called(flow, lead, settings.external_system)
        say(f"Lead {lead_id}", *str(flow.explain(lead_id)).splitlines())


def tick(
    db: Database,
    config: Config = None,
    smtp: Smtp = None,
    now: Now = None,
    quiet: Quiet = False,
) -> None:
    """Do what is due: mails, reminders, breaches, cooling.

    Exit code 1: a task failed, and will be tried again; or tasks are due that the config has no rules for: they wait.
    """
    settings = read_config(config)
    if settings.nurturing.sequences and smtp is None:
        raise InvalidInput(
            "--smtp", None, "the config has sequences; say where their mails go: --smtp smtp://localhost"
        )
    with naming(config), looking_at(db, settings, now, mailer=mailer_at(smtp, settings)) as flow:
        ticked = flow.run_due()
    if not quiet:
        say(*tick_lines(ticked))
    raise typer.Exit(SOME_REFUSED if ticked.failed or ticked.skipped else ALL_FINE)


def retire(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="As tick says it: nurture:SEQUENCE, notify:SUBSCRIBER, cool, route, …")
    ],
    db: Database,
    config: Config = None,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who wants it, for the history.")] = "command line",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how much would be ended, and write nothing.")] = False,
    quiet: Quiet = False,
) -> None:
    """End what waits for a sequence, subscriber or rule that was removed on purpose; run again, end what is left."""
    settings = read_config(config)
    with naming(config), looking_at(db, settings, None) as flow:
        ended = flow.retire(kind, by=Actor(kind="marketing", id=by), dry_run=dry_run)
    if not quiet:
        say(f"{kind}: {ended:,} {'would be ended' if dry_run else 'ended'}")


def recount(
    db: Database,
    config: Config = None,
    repair: Annotated[bool, typer.Option("--repair", help="Put right what is wrong; else nothing is written.")] = False,
    quiet: Quiet = False,
) -> None:
    """Count every rep's open leads again, and name the ledgers that are wrong; others may go on working.

    Exit code 1: a ledger is wrong, and was not put right.
    """
    settings = read_config(config)
    with naming(config), looking_at(db, settings, None) as flow:
        found = flow.recount(repair=repair)
    if not quiet:
        say(*map(str, found or ("every ledger tells what the leads do",)))
    raise typer.Exit(ALL_FINE if all(one.repaired for one in found) else SOME_REFUSED)


def refresh_features(
    db: Database,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Make what leads are compared by, for those that were stored before leadflow kept it; others may go on working.

    Once after an update whose changelog says so; captures are right without it, only slower. Interrupted, it is run
    again, and makes what is left.
    """
    settings = read_config(config)
    with naming(config), looking_at(db, settings, None) as flow, progress(quiet) as watch:
        made = flow.refresh_features(watch=lambda made: watch("features", made))
    if not quiet:
        say(f"{made:,} leads can be compared now that could not" if made else "every lead can be compared")


def unreadable(
    db: Database,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """List the leads that can't be read, which all else leaves out: each with its id and why, never what is stored.

    Exit code 1: there are any. A field whose type has changed is put back in the config, or the lead is corrected;
    what a newer leadflow wrote is read by that one.
    """
    settings = read_config(config)
    found = 0
    with naming(config), looking_at(db, settings, None) as flow:
        for one in flow.unreadable():
            found += 1
            say(*([] if quiet else [f"{one.lead_id}: {one.why}"]))
    if not quiet:
        say(f"{found:,} can't be read" if found else "every lead can be read")
    raise typer.Exit(SOME_REFUSED if found else ALL_FINE)


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
def looking_at(
    db: str, settings: FlowFile, now: str | None, mailer: Mailer | None = None, *, dry: bool = False
) -> Iterator[LeadFlow]:
    """Open a database that is there already, with the rules of a config; ``dry``: what is written is gone after it."""
    moment = present(now, settings)
    rules = rules_of(settings, mails=mailer is not None)

    def build(storage: Storage) -> LeadFlow:
        return LeadFlow(storage, **rules, mailer=mailer, clock=lambda: moment or datetime.now(UTC))

    with ExitStack() as stack:
        flow = stack.enter_context(existing(db, build))
        yield stack.enter_context(opened(db, build, dry=True)).flow if dry else flow
