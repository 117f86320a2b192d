"""``leadflow enrich`` and ``leadflow withdraw-source``: what sources know of the leads of a database."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import By, DatabaseOptions, DryRun, Output, somebody
from leadflow.cli.rendering import SHOWN
from leadflow.cli.search_commands import Selection
from leadflow.flow.enrichment_tasks import EnricherUse
from leadflow.flow.source_withdrawal import SourceWithdrawal

__all__ = ["enrich", "withdraw_source"]


def enrich(
    stored: DatabaseOptions,
    selection: Selection,
    output: Output,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="NAME", help="By these enrichers only.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Have leads that are there already looked up by the enrichers of the config: leadflow tick asks them.

    Leads that come in, or change, are looked up by themselves. It says what each enricher sends away, and what is used
    of its budget. The dry run counts the leads, and writes nothing.
    """
    with stored.opened() as flow, output.progress() as watch:
        counted = flow.look_up_all(
            selection.narrowed, only=only or None, dry_run=dry_run, watch=lambda seen: watch("leads", seen)
        )
        used = flow.enrichers()
    output.show(lambda: _as_json(counted, used), _lines(counted, used, dry=dry_run))
    raise typer.Exit(ALL_FINE)


def _lines(counted: Mapping[str, int], used: tuple[EnricherUse, ...], *, dry: bool) -> Iterator[str]:
    if dry:
        yield "dry run: nothing was written; this is what would happen"
    if not used:
        yield "the config has no enrichment"
    for one in used:
        yield f"{one.name}: {counted.get(one.name, 0):,} leads to look up; sends {', '.join(one.sends) or 'nothing'}"
        left = "no limit" if one.left is None else f"{one.left:,} left"
        yield f"  calls: {one.today:,} today, {one.this_month:,} this month, {left}"
        if one.opens_at is not None:
            yield f"  it is asked again from {one.opens_at:%Y-%m-%d %H:%M} UTC on"


def _as_json(counted: Mapping[str, int], used: tuple[EnricherUse, ...]) -> list[dict[str, object]]:
    return [
        one._asdict() | {"leads": counted.get(one.name, 0), "opens_at": one.opens_at and one.opens_at.isoformat()}
        for one in used
    ]


def withdraw_source(
    stored: DatabaseOptions,
    selection: Selection,
    output: Output,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source, or enricher, by its name.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Why, for the history.")] = None,
    by: By = "command line",
    dry_run: DryRun = False,
) -> None:
    """Take back what a source has said of the leads of a database: what was before it is there again.

    Interrupted, it is run again, and does the rest.

    Exit code 1: leads were refused and stay as they are.
    """
    with stored.opened() as flow, output.progress() as watch:
        done = flow.withdraw_source(
            source,
            by=somebody(by),
            where=selection.narrowed,
            reason=reason,
            dry_run=dry_run,
            watch=lambda seen: watch("leads", seen),
        )
    output.show(done._asdict, _withdrawn(done, source, dry=dry_run))
    raise typer.Exit(SOME_REFUSED if done.refused else ALL_FINE)


def _withdrawn(done: SourceWithdrawal, source: str, *, dry: bool) -> Iterator[str]:
    if dry:
        yield "dry run: nothing was written; this is what would happen"
    if not done.leads and not done.refused:
        yield f"nothing to take back: no lead has anything from {source}"
        return
    yield f"taken back: of {done.leads:,} leads, with {done.values:,} values that change"
    yield from (f"  {lead_id}: {why}" for lead_id, why in done.refused[:SHOWN])
