"""``leadflow reassign`` and ``leadflow hand-over``: leads of a database that get another rep."""

from collections.abc import Iterator
from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import By, DatabaseOptions, DryRun, Output, somebody
from leadflow.cli.rendering import SHOWN
from leadflow.cli.search_commands import Selection
from leadflow.errors import InvalidInput
from leadflow.flow.reassignment import Reassigned

__all__ = ["hand_over", "reassign"]


def reassign(
    stored: DatabaseOptions,
    selection: Selection,
    output: Output,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the history and the explanation.")],
    to: Annotated[str | None, typer.Option("--to", metavar="REP", help="The rep who gets them.")] = None,
    queue: Annotated[str | None, typer.Option("--queue", help="The queue that they wait in.")] = None,
    by: By = "command line",
    dry_run: DryRun = False,
) -> None:
    """Give leads to a rep (--to), put them into a queue (--queue), or, with neither, offer them to the rotation.

    Say which: --owner, --stage, --where or --text. The dry run says who would get how many. Interrupted, it is run
    again: leads that have left the condition are passed over. The rotation takes leads of marketing and sales only.

    Exit code 1: leads were refused and stay as they are, or nobody can get them now.
    """
    if selection.narrowed is None:
        raise InvalidInput("--owner", None, "say which leads are meant: --owner, --stage, --where or --text")
    with stored.opened() as flow, output.progress() as watch:
        done = flow.reassign(
            selection.narrowed,
            to=to,
            queue=queue,
            by=somebody(by),
            reason=reason,
            dry_run=dry_run,
            watch=lambda seen: watch("leads", seen),
        )
    _finish(done, output, dry=dry_run)


def hand_over(
    stored: DatabaseOptions,
    output: Output,
    rep: Annotated[
        str | None, typer.Argument(metavar="[REP]", help="Who is away or gone; all who are, if none.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, beside that the rep is away or gone.")] = None,
    by: By = "command line",
    dry_run: DryRun = False,
) -> None:
    """Hand on the open leads of reps who are away or gone, as the config's routing.handover says. For cron, daily.

    Exit code 1: leads were refused and stay as they are, or nobody can get them now.
    """
    with stored.opened() as flow, output.progress() as watch:
        done = flow.hand_over(
            rep, by=somebody(by), reason=reason, dry_run=dry_run, watch=lambda seen: watch("leads", seen)
        )
    _finish(done, output, dry=dry_run)


def _finish(done: Reassigned, output: Output, *, dry: bool) -> None:
    output.show(lambda: _as_json(done), _lines(done, dry=dry))
    raise typer.Exit(SOME_REFUSED if done.refused or done.unplaced else ALL_FINE)


def _lines(done: Reassigned, *, dry: bool) -> Iterator[str]:
    if dry:
        yield "dry run: nothing was written; this is what would happen"
    yield f"handed on: {done.leads:,} leads"
    yield from (f"  {number:,} to {rep}" for rep, number in sorted(done.owners.items()))
    for text, some in (("nobody can get them now", done.unplaced), ("refused", done.refused)):
        if some:
            yield f"{text}: {len(some):,}"
            yield from (f"  {lead_id}: {why}" for lead_id, why in some[:SHOWN])
        if len(some) > SHOWN:
            yield f"  … and {len(some) - SHOWN:,} more; --json lists all"


def _as_json(done: Reassigned) -> dict[str, object]:
    return {
        "leads": done.leads,
        "owners": dict(done.owners),
        "unplaced": [{"lead": lead_id, "why": why} for lead_id, why in done.unplaced],
        "refused": [{"lead": lead_id, "why": why} for lead_id, why in done.refused],
    }
