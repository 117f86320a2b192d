"""``leadflow account``, ``place`` and ``merge-accounts``: companies of a database, and who belongs to them."""

from collections.abc import Iterator
from typing import Annotated

import typer

from leadflow.buying_center import AccountView
from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import By, DatabaseOptions, DryRun, Output, somebody
from leadflow.cli.rendering import say
from leadflow.cli.search_commands import PageLength, PageStart, Selection
from leadflow.flow.account_suggestions import PlacedAll

__all__ = ["account", "accounts", "merge_accounts", "place"]


def account(
    stored: DatabaseOptions,
    key: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its domain, such as acme.example, or lead.account.")],
) -> None:
    """Show a company: its leads, score, owners, deals, and its buying center: who is there, and who is missing."""
    with stored.opened() as flow:
        say(*flow.account(key).lines())


def accounts(
    stored: DatabaseOptions,
    output: Output,
    selection: Selection,
    limit: PageLength = 50,
    after: PageStart = None,
) -> None:
    """List companies, by conditions on account.… and on their leads: who is there, who is missing, whom to win next.

    Conditions on account.… are computed for every company that has such leads; the others are found by indexes.
    """
    where, leads = selection.parted
    with stored.opened() as flow, output.progress() as watch:
        page = flow.find_accounts(
            where, leads=leads, limit=limit, after=after, watch=lambda seen: watch("accounts", seen)
        )
    more = [f"more: --after {page.next}"] if page.next else []
    output.show(lambda: [_as_row(one) for one in page], (*map(_in_a_line, page), *more))


def _as_row(view: AccountView) -> dict[str, object]:
    return {"name": view.name, "leads": view.count, "owner": view.owner, "account": view.score.model_dump(mode="json")}


def _in_a_line(view: AccountView) -> str:
    score = view.score
    missing = f"; missing: {', '.join(score.missing)}" if score.missing else ""
    covered = f"{view.count:,} leads, {score.engaged} engaged, {score.coverage:.0f} % covered{missing}"
    advice = next((one.advice for one in view.centers if one.advice), None)
    return f"{view.key}: {view.name or 'no name'}, {covered}{f'; {advice}' if advice else ''}"


def place(
    stored: DatabaseOptions,
    output: Output,
    above: Annotated[float, typer.Option("--above", min=0.5, max=1, help="How likely an account must be.")] = 0.9,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many leads.")] = 1_000,
    by: By = "command line",
    dry_run: DryRun = False,
) -> None:
    """Put leads without a company's domain into the account that they most probably belong to, each with its reasons.

    Leads that somebody has put where they are stay. Interrupted, run it again.

    Exit code 1: some leads have several likely accounts and wait for a person.
    """
    with stored.opened() as flow, output.progress() as watch:
        done = flow.place_all(
            above=above, by=somebody(by), limit=limit, dry_run=dry_run, watch=lambda seen: watch("leads", seen)
        )
    output.show(lambda: _as_json(done), _lines(done, dry=dry_run))
    raise typer.Exit(SOME_REFUSED if done.unsure else ALL_FINE)


def merge_accounts(
    stored: DatabaseOptions,
    output: Output,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The one that remains, such as acme.example.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The one whose leads are in it from now on.")],
    undo: Annotated[bool, typer.Option("--undo", help="Take the merge back.")] = False,
    by: By = "command line",
) -> None:
    """Decide that two accounts are one company, or with --undo that they are two again; the leads follow."""
    with stored.opened() as flow:
        link = flow.unmerge_accounts if undo else flow.merge_accounts
        done = link(account, other, by=somebody(by))
    left = f"{done.other} is {'an account of its own again' if undo else f'part of {done.account}'}"
    followed = f"{done.leads:,} leads have followed" if done.leads or done.repeated else "no lead is there"
    output.show(lambda: done.model_dump(mode="json"), [f"{left}: {followed}"])


def _lines(done: PlacedAll, *, dry: bool) -> Iterator[str]:
    if dry:
        yield "dry run: nothing was written; this is what would happen"
    yield from (f"{lead_id}: {one}" for lead_id, one in done.placed)
    yield f"put into accounts: {len(done.placed):,} leads{'; there are more' if done.more else ''}"
    if done.unsure:
        yield f"with several likely accounts, for a person to decide: {', '.join(done.unsure)}"


def _as_json(done: PlacedAll) -> dict[str, object]:
    placed = [
        {"lead": lead_id, "account": one.account, "likelihood": one.likelihood, "because": list(one.because)}
        for lead_id, one in done.placed
    ]
    return {"placed": placed, "unsure": list(done.unsure), "more": done.more}
