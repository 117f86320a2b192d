"""``leadflow suppress`` and ``leadflow unsuppress``: mailboxes and numbers closed and opened by file."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from leadflow.cli.keeping import looking_at
from leadflow.cli.options import AsJson, Config, Database, Now, Quiet, naming
from leadflow.cli.screen import progress, say
from leadflow.cli.telling import ALL_FINE, SOME_REFUSED
from leadflow.entities import ActedBy, Actor, Suppression
from leadflow.files.config import read_config
from leadflow.files.suppressing import Listed, listed_in
from leadflow.flow import LeadFlow

__all__ = ["suppress", "unsuppress"]

SHOWN = 20
Listing = Annotated[
    Path,
    typer.Argument(metavar="LIST.csv", help="E-mail addresses or phone numbers: one a line, or a column of a CSV."),
]
Column = Annotated[str | None, typer.Option("--column", help="The column that has them; else it is found by its name.")]
Purpose = Annotated[str | None, typer.Option("--purpose", help="For this purpose only; else for all.")]
By = Annotated[str | None, typer.Option("--by", help="Who says so: a rep's id.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it outlives erasure, so write no personal data.")]
Why = Annotated[Literal["hand", "complaint", "bounce"], typer.Option("--why", help="What kind of refusal it is.")]
Proof = Annotated[str, typer.Option("--proof", help="What proves that they want it; no personal data.")]


def suppress(
    listing: Listing,
    db: Database,
    reason: Reason,
    why: Why = "hand",
    column: Column = None,
    purpose: Purpose = None,
    by: By = None,
    config: Config = None,
    now: Now = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Close mailboxes and numbers: nothing goes there any more, for no lead. The same list again changes nothing.

    Give the config that mails are sent with: its secret finds what was suppressed with it.
    """
    output = _Output("closed", quiet=quiet, as_json=as_json, dry=dry_run)
    closing = partial(LeadFlow.suppress, reason=reason, by=_who(by), purpose=purpose, why=why)
    _for_each(listing, closing, output, db=db, column=column, config=config, now=now)


def unsuppress(
    listing: Listing,
    db: Database,
    proof: Proof,
    column: Column = None,
    purpose: Purpose = None,
    by: By = None,
    config: Config = None,
    now: Now = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Open mailboxes and numbers again, with proof; what leads have withdrawn themselves stays withdrawn."""
    output = _Output("opened", quiet=quiet, as_json=as_json, dry=dry_run)
    opening = partial(LeadFlow.unsuppress, proof=proof, by=_who(by), purpose=purpose)
    _for_each(listing, opening, output, db=db, column=column, config=config, now=now)


def _who(by: str | None) -> ActedBy:
    return by or Actor(kind="system", id="command line")


@dataclass(frozen=True)
class _Output:
    """What is said of a list: what was ``done`` with its rows, and how."""

    done: str
    quiet: bool
    as_json: bool
    dry: bool

    def say(self, told: Listed) -> None:
        if self.as_json:
            typer.echo(json.dumps(told.as_json(), indent=2, ensure_ascii=False))
        elif not self.quiet:
            done, would = self.done, "would be " if self.dry else ""
            counts = f"{told.changed:,} {would}{done} + {told.unchanged:,} {done} already + {told.refused:,} refused"
            shown = told.refusals[:SHOWN]
            say(f"{told.file}: {told.rows:,} rows = {counts}")
            say(*(f"  {one.file}, line {one.row.line}: {one.reason}" for one in shown))
            if told.refused > len(shown):
                say(f"  … and {told.refused - len(shown):,} more")


def _for_each(
    listing: Path,
    change: Callable[[LeadFlow, str], tuple[Suppression, ...]],
    output: _Output,
    *,
    db: str,
    column: str | None,
    config: Path | None,
    now: str | None,
) -> None:
    """Close or open what is listed, and say what became of it."""
    settings, silent = read_config(config), output.quiet or output.as_json
    with naming(config), looking_at(db, settings, now, dry=output.dry) as flow, progress(silent) as watch:
        told = listed_in(listing, flow, partial(change, flow), column=column, watch=watch)
    output.say(told)
    raise typer.Exit(SOME_REFUSED if told.refused else ALL_FINE)
