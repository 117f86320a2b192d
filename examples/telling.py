"""What the demo prints."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from accounts import Accounts, Found
from leadflow import LeadFlow
from leadflow.insights.report.labels import exact

__all__ = ["tell"]


def tell(flow: LeadFlow, accounts: Accounts, report: Path, seconds: float) -> None:
    """Print what the demo came to, and where the report is."""
    console = Console(highlight=False, width=None if Console().is_terminal else 110)
    summary = accounts.summary
    console.rule("[bold]leadflow: a fair, a web form, four weeks")
    for table in (_rows(accounts), _stages(accounts), _reps(accounts), _levels(accounts)):
        console.print(table)
    won = [deal for deal in summary.selling.deals if deal.status == "won"]
    lines = [
        f"Deals: {', '.join(f'{one.count} won, {one.amount:,} {one.currency}' for one in won) or 'none won'}; moves by "
        f"reps: {', '.join(f'{n} {move}' for move, n in sorted(accounts.moves_by_reps.items()))}.",
        f"Mails: {summary.mails.total('sent')} sent, the mail server got {accounts.received}, each once; "
        f"{accounts.refused_mails} refused for good, {accounts.deferred_mails} sent again after a wait; "
        f"{summary.mails.total('skipped')} skipped; {accounts.unsubscribed} readers unsubscribed.",
        f"Duplicates, rows taken for one lead: {_said(accounts.joined)}.",
        f"Duplicates, with the pairs left for people: {_said(accounts.suspected)}.",
        f"Stage changes: {accounts.heard}, each heard once by the subscriber. Tasks done: {accounts.tasks_done:,}. "
        f"Facts: {summary.facts:,}.",
        "Every number above was counted in two ways, and every lead replayed from its facts: all agree.",
    ]
    for line in lines:
        console.print(escape(line))
    explanation = f"Lead {accounts.best}\n{flow.explain(accounts.best)}"
    console.print(Panel(escape(explanation), title="One lead, explained", title_align="left"))
    console.print(f"Report: {report.resolve()}", soft_wrap=True, markup=False)
    console.print(f"Database: {(report.parent / 'leads.db').resolve()}", soft_wrap=True, markup=False)
    console.print(f"{seconds:.0f} s")


def _said(found: Found) -> str:
    return (
        f"{found.right} of {found.true} true pairs found (recall {found.recall:.1%}), "
        f"{found.said - found.right} wrong among {found.said} (precision {found.precision:.1%})"
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    return table


def _rows(accounts: Accounts) -> Table:
    table = _table("Every row", "file", "rows", "captured", "updated", "unsure", "identical", "recorded", "refused")
    for name, tally in accounts.tallies.items():
        words = ("captured", "updated", "unsure", "repeated", "recorded", "refused")
        table.add_row(name, str(tally.rows), *(str(tally.outcomes[word] or "") for word in words))
    return table


def _stages(accounts: Accounts) -> Table:
    table = _table(f"{accounts.summary.leads} leads and visitors", "stage", "here now", "came this far", "strictly")
    for step in accounts.summary.funnel.steps:
        table.add_row(step.stage, str(step.here), str(step.reached), str(step.strict))
    for stage, leads in (accounts.summary.funnel.aside or {}).items():
        table.add_row(stage, str(leads), "", "")
    return table


def _reps(accounts: Accounts) -> Table:
    owners = accounts.summary.owners
    table = _table("Leads and reps", "rep", "got", "exact share", "accepted", "gave back", "won", "open now")
    for rep in owners.reps:
        counts = (rep.accepted, rep.given_back, rep.won, rep.open)
        table.add_row(rep.rep, str(rep.assigned), exact(rep.entitled), *map(str, counts))
    for queue, leads in owners.queues.items():
        table.add_row(f"queue {queue}", "", "", "", "", "", str(leads))
    return table


def _levels(accounts: Accounts) -> Table:
    table = _table("Service levels", "stage", "begun", "met", "late", "overdue", "running", "reminders", "met in time")
    for one in accounts.summary.service_levels:
        counts = (one.begun, one.met, one.late, one.overdue, one.running, one.reminded)
        share = "–" if one.share_met is None else f"{one.share_met:.0%}"
        table.add_row(one.stage, *map(str, counts), share)
    return table
