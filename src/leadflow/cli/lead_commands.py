"""``leadflow erase`` and ``leadflow retract``: what is stored of a lead, or counts for it, is taken back."""

from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import By, DatabaseOptions, DryRun, Output, somebody
from leadflow.conditions import Condition, condition_from
from leadflow.errors import InvalidInput, LeadflowError, NotFound, Unreadable
from leadflow.files.row_actions import find_lead_id
from leadflow.files.yaml_text import yaml_mapping
from leadflow.flow import LeadFlow

__all__ = ["NAMED", "erase", "retract"]

NAMED = "A lead's id, an e-mail address, or its id elsewhere."


def erase(
    leads: Annotated[list[str], typer.Argument(metavar="ID...", help=NAMED)],
    stored: DatabaseOptions,
    output: Output,
    yes: Annotated[bool, typer.Option("--yes", help="I have looked: erase them. It can't be undone.")] = False,
    by: By = "command line",
    dry_run: DryRun = False,
) -> None:
    """Erase leads with all that is known of them; their addresses stay suppressed. It can't be undone.

    Give the config that mails are sent with: its secret keeps erased addresses from getting mail again.

    Exit code 1: there is no such lead, or one could not be erased; the others are erased.
    """
    if not (yes or dry_run):
        raise InvalidInput("--yes", None, "an erasure can't be undone: give --yes, after a look with --dry-run")
    erased: dict[str, str] = {}
    refused: dict[str, str] = {}
    with stored.opened(dry=dry_run) as flow, output.progress() as watch:
        for number, name in enumerate(dict.fromkeys(leads), 1):
            try:
                erased[name] = _named(flow, name, stored.settings.external_system)
                flow.erase(erased[name], by=somebody(by))
            except LeadflowError as error:
                erased.pop(name, None)
                refused[name] = str(error)
            watch("leads", number)
    would = "would be " if dry_run else ""
    lines = [f"{name}: lead {lead_id} {would}erased" for name, lead_id in erased.items()]
    lines += [f"{name}: {why}" for name, why in refused.items()]
    output.show(lambda: {"erased": erased, "refused": refused}, lines)
    raise typer.Exit(SOME_REFUSED if refused else ALL_FINE)


def _named(flow: LeadFlow, name: str, system: str) -> str:
    """Return the id of a lead, also of one that can't be read, if that is how it is named."""
    try:
        return find_lead_id(flow, name, system)
    except Unreadable:
        return name
    except NotFound:
        if name not in {one.lead_id for one in flow.unreadable()}:
            raise
        return name


def retract(
    lead: Annotated[str, typer.Argument(metavar="ID", help=NAMED)],
    stored: DatabaseOptions,
    output: Output,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the history: bot, recorded twice, …")],
    activity: Annotated[
        list[str] | None, typer.Option("--activity", metavar="ID", help="The id of an activity; may be repeated.")
    ] = None,
    which: Annotated[
        str | None,
        typer.Option(
            "--which",
            metavar="CONDITION",
            help="Or those for which it is true: '{activity: source, op: eq, value: x}'.",
        ),
    ] = None,
    by: By = "command line",
    dry_run: DryRun = False,
) -> None:
    """Let activities of a bot, or recorded by mistake, count for nothing any more; the lead is scored anew."""
    if bool(activity) == bool(which):
        raise InvalidInput("--activity", activity, "give ids of activities, or --which with a condition on them")
    asked: list[str] | Condition = activity or condition_from(yaml_mapping(which or "", "--which"))
    with stored.opened(dry=dry_run) as flow:
        lead_id = find_lead_id(flow, lead, stored.settings.external_system)
        before = flow.get(lead_id)
        done = flow.retract(lead_id, asked, by=somebody(by), reason=reason)
        after = flow.get(lead_id)
    what = f"{'would ' if dry_run else ''}count for nothing{' (as before)' if done.repeated else ''}"
    lines = [
        f"{len(done.activities):,} activities {what}: {', '.join(done.activities) or 'none'}",
        f"engagement {before.score.engagement:g} → {after.score.engagement:g}, {before.stage} → {after.stage}",
    ]
    output.show(lambda: {"lead": lead_id, "activities": list(done.activities), "repeated": done.repeated}, lines)
