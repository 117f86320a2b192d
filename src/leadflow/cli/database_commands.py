"""The commands on leads that are kept in a database, one by one or all of them."""

from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import AsJson, DatabaseOptions, LanguageOption, Output, Quiet, Smtp, mailer_at
from leadflow.cli.progress import progress
from leadflow.cli.rendering import health_lines, say, say_json, tick_lines
from leadflow.entities import Actor
from leadflow.entities.duration import duration_of
from leadflow.errors import InvalidInput
from leadflow.files.row_actions import find_lead_id
from leadflow.flow.health import Health
from leadflow.languages import language_named

__all__ = ["doctor", "explain", "health", "recount", "refresh_features", "retire", "tick", "unreadable"]


def explain(
    lead: Annotated[str, typer.Argument(metavar="ID", help="The lead's id, an e-mail address, or its id elsewhere.")],
    stored: DatabaseOptions,
    as_json: AsJson = False,
    language: LanguageOption = "en",
) -> None:
    """Explain a lead: every move, point, gate, candidate, message and failed task, with the reasons."""
    language_named(language)
    with stored.opened() as flow:
        lead_id = find_lead_id(flow, lead, stored.settings.external_system)
        explanation = flow.explain(lead_id)
    if as_json:
        say_json(explanation.model_dump(mode="json"))
    else:
        say(f"Lead {lead_id}", *explanation.text(language).splitlines())


def tick(
    stored: DatabaseOptions,
    smtp: Smtp = None,
    quiet: Quiet = False,
) -> None:
    """Do what is due: mails, reminders, breaches, cooling.

    Exit code 1: a task failed, and will be tried again or has failed for good; or tasks are due that the config has no
    rules for: they wait.
    """
    if stored.settings.nurturing.sequences and smtp is None:
        raise InvalidInput(
            "--smtp", None, "the config has sequences; say where their mails go: --smtp smtp://localhost"
        )
    with stored.opened(mailer_at(smtp, stored.settings)) as flow:
        ticked = flow.run_due()
    if not quiet:
        say(*tick_lines(ticked))
    raise typer.Exit(SOME_REFUSED if ticked.failed or ticked.skipped else ALL_FINE)


def health(
    stored: DatabaseOptions,
    output: Output,
    grace: Annotated[
        str, typer.Option("--grace", metavar="TIME", help="How late a task may be, such as 5m or 1h.")
    ] = "5m",
) -> None:
    """Say how the work behind the scenes goes: what is due, overdue, failing, and has failed for good.

    Exit code 1: something is overdue (no tick runs, or not often enough), fails, or has failed for good.
    """
    try:
        late = duration_of(grace)
    except ValueError as wrong:
        raise InvalidInput("--grace", grace, str(wrong)) from None
    with stored.opened() as flow:
        found = flow.health(grace=late)
    output.show(lambda: _health_json(found), health_lines(found))
    raise typer.Exit(ALL_FINE if found.is_good else SOME_REFUSED)


def _health_json(found: Health) -> dict[str, object]:
    return {
        "is_good": found.is_good,
        "due": found.due,
        "overdue": found.overdue,
        "oldest_due": found.oldest_due and found.oldest_due.isoformat(),
        "failing": [{**one._asdict(), "since": one.since.isoformat()} for one in found.failing],
        "dead": found.dead,
    }


def doctor(
    stored: DatabaseOptions,
    output: Output,
) -> None:
    """Say what is stored and does not fit the config: each with how often, example ids and what to do.

    Exit code 1: something does not fit.
    """
    with stored.opened() as flow, output.progress() as watch:
        found = flow.doctor(watch=lambda seen: watch("leads", seen))
    lines = map(str, found or ("everything that is stored fits",))
    output.show(lambda: {"misfits": [one._asdict() for one in found]}, lines)
    raise typer.Exit(SOME_REFUSED if found else ALL_FINE)


def retire(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="As tick says it: nurture:SEQUENCE, notify:SUBSCRIBER, cool, route, …")
    ],
    stored: DatabaseOptions,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who wants it, for the history.")] = "command line",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how much would be ended, and write nothing.")] = False,
    quiet: Quiet = False,
) -> None:
    """End what waits for a sequence, subscriber or rule that was removed on purpose; run again, end what is left."""
    with stored.opened() as flow:
        ended = flow.retire(kind, by=Actor(kind="marketing", id=by), dry_run=dry_run)
    if not quiet:
        say(f"{kind}: {ended:,} {'would be ended' if dry_run else 'ended'}")


def recount(
    stored: DatabaseOptions,
    repair: Annotated[bool, typer.Option("--repair", help="Put right what is wrong; else nothing is written.")] = False,
    quiet: Quiet = False,
) -> None:
    """Count every rep's open leads again, and name the ledgers that are wrong; others may go on working.

    Exit code 1: a ledger is wrong, and was not put right.
    """
    with stored.opened() as flow:
        found = flow.recount(repair=repair)
    if not quiet:
        say(*map(str, found or ("every ledger tells what the leads do",)))
    raise typer.Exit(ALL_FINE if all(one.repaired for one in found) else SOME_REFUSED)


def refresh_features(
    stored: DatabaseOptions,
    quiet: Quiet = False,
) -> None:
    """Make what leads are compared and found by, for those stored before leadflow kept it; others may go on working.

    Once after an update whose changelog says so, or if doctor does; captures are right without it, only slower.
    Interrupted, it is run again, and makes what is left.
    """
    with stored.opened() as flow, progress(quiet) as watch:
        made = flow.refresh_features(watch=lambda made: watch("features", made))
    if not quiet:
        say(f"{made:,} leads can be compared and found now that could not" if made else "every lead can be compared")


def unreadable(
    stored: DatabaseOptions,
    quiet: Quiet = False,
) -> None:
    """List the leads that can't be read, which all else leaves out: each with its id and why, never what is stored.

    Exit code 1: there are any. A field whose type has changed is put back in the config, or the lead is corrected;
    what a newer leadflow wrote is read by that one.
    """
    found = 0
    with stored.opened() as flow:
        for one in flow.unreadable():
            found += 1
            say(*([] if quiet else [f"{one.lead_id}: {one.why}"]))
    if not quiet:
        say(f"{found:,} can't be read" if found else "every lead can be read")
    raise typer.Exit(SOME_REFUSED if found else ALL_FINE)
