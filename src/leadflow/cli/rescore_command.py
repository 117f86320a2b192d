"""``leadflow rescore``: new rules for the leads of a database."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import DatabaseOptions, DryRun, Output
from leadflow.cli.rendering import SHOWN
from leadflow.cli.search_commands import Selection
from leadflow.flow.rescore import Rescored

__all__ = ["rescore"]


def rescore(
    stored: DatabaseOptions,
    selection: Selection,
    output: Output,
    dry_run: DryRun = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Also leads whose score is of the current model: after a change of the other rules."
        ),
    ] = False,
) -> None:
    """Evaluate the leads of a database by the current rules: after a change of the scoring model, or of other rules.

    Scores, moves of the policy, plans to cool, enrolments, and routing follow. Others may go on working. Interrupted,
    it is run again, and does the rest: leads whose score is of the current model and version are left alone.

    Exit code 1: there are leads that can't be read or scored; they stay as they are.
    """
    with stored.opened() as flow, output.progress() as watch:
        done = flow.rescore(
            selection.narrowed,
            dry_run=dry_run,
            stale_only=not everything,
            watch=lambda seen, total: watch("leads", seen, total),
        )
    output.show(lambda: _as_json(done), _lines(done, dry=dry_run))
    raise typer.Exit(SOME_REFUSED if done.refused else ALL_FINE)


def _lines(done: Rescored, *, dry: bool) -> Iterator[str]:
    if dry:
        yield "dry run: nothing was written; this is what would happen"
    all_too = "; --all evaluates them, too" if done.current else ""
    yield f"evaluated: {done.leads:,} leads; scored by the current model already: {done.current:,}{all_too}"
    moves = Counter(f"{one.old_stage} → {one.stage}" for one in done.moves)
    yield f"moves: {', '.join(f'{count:,} {move}' for move, count in moves.most_common()) or 'none'}"
    shown = sorted(done.changes, key=lambda one: (not one.moves, one.cools_at is None))[:SHOWN]
    if shown:
        yield f"changes: {len(done.changes):,}"
        yield from (f"  {one}" for one in shown)
    if len(done.changes) > len(shown):
        yield f"  … and {len(done.changes) - len(shown):,} more; --json lists all"
    if done.refused:
        yield f"can't be read or scored: {len(done.refused):,}"
        yield from (f"  {lead_id}: {why}" for lead_id, why in done.refused[:SHOWN])


def _as_json(done: Rescored) -> dict[str, object]:
    return {
        "leads": done.leads,
        "current": done.current,
        "changes": [
            asdict(one) | {"cools_at": one.cools_at.isoformat() if one.cools_at else None} for one in done.changes
        ],
        "refused": [{"lead": lead_id, "why": why} for lead_id, why in done.refused],
    }
