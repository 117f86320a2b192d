"""``leadflow suppress`` and ``leadflow unsuppress``: mailboxes and numbers closed and opened by file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import DatabaseOptions, DryRun, Output
from leadflow.entities import ActedBy, Actor, Suppression
from leadflow.files.suppression_list import ListResult, apply_list
from leadflow.flow import LeadFlow

__all__ = ["suppress", "unsuppress"]

SHOWN: Final = 20


@dataclass(frozen=True)
class ListOptions:
    """A list of mailboxes and numbers, and for what and in whose name it counts."""

    listing: Annotated[
        Path,
        typer.Argument(metavar="LIST.csv", help="E-mail addresses or phone numbers: one a line, or a column of a CSV."),
    ]
    column: Annotated[
        str | None, typer.Option("--column", help="The column that has them; else it is found by its name.")
    ] = None
    purpose: Annotated[str | None, typer.Option("--purpose", help="For this purpose only; else for all.")] = None
    by: Annotated[str | None, typer.Option("--by", help="Who says so: a rep's id.")] = None
    dry_run: DryRun = False

    @property
    def who(self) -> ActedBy:
        """In whose name."""
        return self.by or Actor(kind="system", id="command line")


def suppress(
    listed: ListOptions,
    stored: DatabaseOptions,
    output: Output,
    reason: Annotated[str, typer.Option("--reason", help="Why; it outlives erasure, so write no personal data.")],
    why: Annotated[
        Literal["hand", "complaint", "bounce"], typer.Option("--why", help="What kind of refusal it is.")
    ] = "hand",
) -> None:
    """Close mailboxes and numbers: nothing goes there any more, for no lead. The same list again changes nothing.

    Give the config that mails are sent with: its secret finds what was suppressed with it.
    """
    closing = partial(LeadFlow.suppress, reason=reason, by=listed.who, purpose=listed.purpose, why=why)
    _for_each(closing, "closed", listed, stored, output)


def unsuppress(
    listed: ListOptions,
    stored: DatabaseOptions,
    output: Output,
    proof: Annotated[str, typer.Option("--proof", help="What proves that they want it; no personal data.")],
) -> None:
    """Open mailboxes and numbers again, with proof; what leads have withdrawn themselves stays withdrawn."""
    opening = partial(LeadFlow.unsuppress, proof=proof, by=listed.who, purpose=listed.purpose)
    _for_each(opening, "opened", listed, stored, output)


def _for_each(
    change: Callable[[LeadFlow, str], tuple[Suppression, ...]],
    done: str,
    listed: ListOptions,
    stored: DatabaseOptions,
    output: Output,
) -> None:
    """Close or open what is listed, and report the result."""
    with stored.opened(dry=listed.dry_run) as flow, output.progress() as watch:
        result = apply_list(listed.listing, flow, partial(change, flow), column=listed.column, watch=watch)
    output.show(result.as_json, _lines(result, done, dry=listed.dry_run))
    raise typer.Exit(SOME_REFUSED if result.refused else ALL_FINE)


def _lines(result: ListResult, done: str, *, dry: bool) -> Iterator[str]:
    would = "would be " if dry else ""
    counts = f"{result.changed:,} {would}{done} + {result.unchanged:,} {done} already + {result.refused:,} refused"
    shown = result.refusals[:SHOWN]
    yield f"{result.file}: {result.rows:,} rows = {counts}"
    yield from (f"  {one.file}, line {one.row.line}: {one.reason}" for one in shown)
    if result.refused > len(shown):
        yield f"  … and {result.refused - len(shown):,} more"
