"""``leadflow merge``, ``unmerge``, ``not-same`` and ``merge-all``: decisions about what ``leadflow twins`` lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.lead_commands import NAMED
from leadflow.cli.options import By, DatabaseOptions, DryRun, Output, somebody
from leadflow.cli.rendering import SHOWN
from leadflow.decisions.commands.merges import Merged
from leadflow.decisions.merge_choices import MergedField, ScoreOfMerge, Survivorship, SurvivorshipRule
from leadflow.errors import InvalidInput
from leadflow.files.row_actions import find_lead_id
from leadflow.flow.bulk_merges import MergedAll

__all__ = ["merge", "merge_all", "not_same", "unmerge"]

SurvivorArgument = Annotated[str, typer.Argument(metavar="SURVIVOR", help=f"The lead that remains. {NAMED}")]
AbsorbedArgument = Annotated[str, typer.Argument(metavar="ABSORBED", help="The lead that is folded into it.")]


@dataclass(frozen=True)
class SurvivorshipOptions:
    """Whose value counts where both leads have one."""

    rule: Annotated[
        SurvivorshipRule,
        typer.Option("--rule", help="Whose value counts where both have one and --field says nothing."),
    ] = "most_complete"
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field", metavar="FIELD=RULE", help="A rule for one field: person.job_title=newest. Repeatable."
        ),
    ] = None
    trusted: Annotated[
        list[str] | None,
        typer.Option(
            "--trusted", metavar="SOURCE", help="For most_trusted: a source, the most trusted first. Repeatable."
        ),
    ] = None
    score: Annotated[ScoreOfMerge, typer.Option("--score", help="What the two scores become.")] = "recomputed"

    def read(self) -> Survivorship:
        """Return the rules."""
        rules = {}
        for one in self.field or ():
            path, sign, rule = one.partition("=")
            if not sign:
                raise InvalidInput("--field", one, "write FIELD=RULE, such as --field person.job_title=newest")
            rules[path.strip()] = rule.strip()
        # the names of rules are checked when it is made
        return Survivorship(self.rule, rules, self.trusted or (), self.score)  # type: ignore[arg-type]  # names as given


def merge(
    survivor: SurvivorArgument,
    absorbed: AbsorbedArgument,
    stored: DatabaseOptions,
    output: Output,
    rules: SurvivorshipOptions,
    by: By = "command line",
    dry_run: DryRun = False,
) -> None:
    """Merge two leads that are one person; the dry run shows each field in which both have a value.

    leadflow unmerge takes it back at any time.
    """
    survivorship = rules.read()
    with stored.opened() as flow:
        one, other = (find_lead_id(flow, name, stored.settings.external_system) for name in (survivor, absorbed))
        if one == other:
            done = Merged(lead_id=one, absorbed_id=other, dry_run=dry_run, repeated=True)
        else:
            done = flow.merge(one, other, by=somebody(by), survivorship=survivorship, dry_run=dry_run)
    output.show(lambda: done.model_dump(mode="json"), _merge_lines(done))


def unmerge(
    survivor: SurvivorArgument,
    absorbed: Annotated[str, typer.Argument(metavar="ABSORBED", help="The id of the lead that was folded into it.")],
    stored: DatabaseOptions,
    output: Output,
    by: By = "command line",
    dry_run: DryRun = False,
) -> None:
    """Take back a merge: both leads are as they would be without it.

    Exit code 1: it is undone, but something that changed meanwhile could belong to either; it stayed with the survivor.
    """
    with stored.opened(dry=dry_run) as flow:
        lead_id = find_lead_id(flow, survivor, stored.settings.external_system)
        done = flow.unmerge(lead_id, absorbed, by=somebody(by))
    would = "would be " if dry_run else ""
    lines = [f"lead {done.restored_id} {would}restored from {done.lead_id}"]
    lines += [f"  could belong to either: {', '.join(done.conflicts)}"] if done.conflicts else []
    output.show(lambda: done.model_dump(mode="json"), lines)
    raise typer.Exit(SOME_REFUSED if done.conflicts else ALL_FINE)


def not_same(
    one: Annotated[str, typer.Argument(metavar="ONE", help=NAMED)],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The lead that is somebody else.")],
    stored: DatabaseOptions,
    output: Output,
    by: By = "command line",
) -> None:
    """Decide that two leads are different people, for good: they are never suggested as twins again."""
    with stored.opened() as flow:
        first, second = (find_lead_id(flow, name, stored.settings.external_system) for name in (one, other))
        flow.not_same(first, second, by=somebody(by))
    output.show(lambda: {"one": first, "other": second}, [f"leads {first} and {second} are two people"])


def merge_all(
    stored: DatabaseOptions,
    output: Output,
    rules: SurvivorshipOptions,
    above: Annotated[
        float, typer.Option("--above", metavar="P", help="The least probability that a pair is one person.")
    ] = 0.99,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Merge at most so many pairs.")] = 1_000,
    by: By = "command line",
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="I have looked at the dry run: merge them.")] = False,
) -> None:
    """Merge all pairs of leadflow twins that are at least so probable: of the merges, so many are right, as expected.

    Look at --dry-run first. Interrupted, or at the limit, it is run again, and does the rest. Each merge can be taken
    back by leadflow unmerge.

    Exit code 1: pairs were refused and stay as they are.
    """
    if not (yes or dry_run):
        raise InvalidInput("--yes", None, "many leads are merged: give --yes, after a look with --dry-run")
    survivorship = rules.read()
    with stored.opened() as flow, output.progress() as watch:
        done = flow.merge_all(
            above=above,
            by=somebody(by),
            survivorship=survivorship,
            limit=limit,
            dry_run=dry_run,
            watch=lambda pairs: watch("pairs", pairs),
        )
    output.show(lambda: _as_json(done), _lines(done, dry=dry_run))
    raise typer.Exit(SOME_REFUSED if done.refused else ALL_FINE)


def _merge_lines(done: Merged) -> Iterator[str]:
    if done.repeated:
        yield f"they are one lead already: {done.lead_id}"
        return
    would = "would be " if done.dry_run else ""
    yield f"{done.absorbed_id} {would}merged into {done.lead_id}: {done.stage}, {done.owner or 'no owner'}"
    yield from (f"  {_field_line(one)}" for one in done.fields)
    if done.conflicts:
        yield f"  the two contradict each other: {', '.join(done.conflicts)}"


def _field_line(one: MergedField) -> str:
    sides = ((one.survivor, one.survivor_source), (one.absorbed, one.absorbed_source))
    mine, theirs = (f"{value}{f' ({source})' if source else ''}" for value, source in sides)
    return f"{one.path}: {mine} | {theirs}; kept: {one.kept} ({one.rule})"


def _lines(done: MergedAll, *, dry: bool) -> Iterator[str]:
    if dry:
        yield "dry run: nothing was written; this is what would happen"
    right = f"; expected to be right: {done.precision:.1%}" if done.precision is not None else ""
    yield f"merged: {len(done.merged):,} pairs{right}"
    for one in done.merged[:SHOWN] if dry else ():
        yield from (f"  {line}" for line in _merge_lines(one))
    if dry and len(done.merged) > SHOWN:
        yield f"  … and {len(done.merged) - SHOWN:,} more; --json lists all"
    if done.refused:
        yield f"refused: {len(done.refused):,}"
        yield from (f"  {one.survivor} {one.absorbed}: {one.why}" for one in done.refused[:SHOWN])
    if done.more:
        yield "the limit is reached; run it again for the rest"


def _as_json(done: MergedAll) -> dict[str, object]:
    return {
        "merged": [one.model_dump(mode="json") for one in done.merged],
        "refused": [one._asdict() for one in done.refused],
        "precision": done.precision,
        "more": done.more,
    }
