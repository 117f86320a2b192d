"""Accounts in a report: for each company its buying centers, who is there, who may be, and who is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from leadflow.buying_center import AccountView, BuyingCenterState, RoleState
from leadflow.events.enriched_lead import as_said, fillings
from leadflow.insights.report.labels import counted, number
from leadflow.insights.report.markup import Markup, joined, tag
from leadflow.insights.report.page_frame import ReportSection, beside, says
from leadflow.insights.report.svg import Bar, Part, bars, legend
from leadflow.insights.report.tables import TableCell, table

__all__ = ["account_section"]

KEY = (("good", "confirmed"), ("warn", "probably, to be confirmed"), ("faint", "missing"))


def account_section(accounts: Iterable[AccountView]) -> ReportSection:
    """Return the section with these accounts, in their order."""
    return "accounts", "Accounts and buying centers", joined(_shown(place, one) for place, one in enumerate(accounts))


def _shown(place: int, account: AccountView) -> Markup:
    score = account.score
    owners = f"; owned by {', '.join(account.owners)}" if account.owners else ""
    told = f"{account.key}: {counted(account.count, 'lead')}, {number(score.engaged)} engaged, score "
    heading = tag("h3", account.name or account.key)
    centers = (_center(f"center-{place}-{nr}", account, one) for nr, one in enumerate(account.centers))
    return tag("div", heading, says(f"{told}{number(score.score)}{owners}."), *_sources(account), *centers)


def _sources(account: AccountView) -> Iterator[Markup]:
    """What sources have filled in, and which; what people said needs no source."""
    filled = Counter(
        f"{path} from {one.enrichment.source}"
        for lead in account.leads
        for path, one in fillings(as_said(lead)).items()
    )
    if filled:
        listed = (f"{what} ({counted(times, 'lead')})" for what, times in sorted(filled.items()))
        yield says(f"Not said by people: {', '.join(listed)}.")


def _center(name: str, account: AccountView, center: BuyingCenterState) -> Markup:
    title = f"Buying center {center.name} of {account.name or account.key}"
    missing = ", ".join(center.missing) or "nobody"
    description = f"{center.coverage:.0f} per cent are covered; missing: {missing}."
    drawn = bars(name, title, description, [_bar(state) for state in center.roles])
    rows = list(_rows(account))
    people = table(f"{title}: who is there", ("Lead", "role", "engagement"), rows, words=("role",))
    advice = says(f"Next: {center.advice}.") if center.advice else says("Every role is confirmed.")
    return beside(drawn, legend(KEY), says(f"{center.coverage:.0f} % covered."), people, advice)


def _bar(state: RoleState) -> Bar:
    held, likely = min(len(state.held), state.wanted), min(len(state.likely), state.missing)
    names = [one.name for one in state.held] + [f"{one.name}?" for one in state.likely]
    parts = (
        Part(held, "good", f"{held} confirmed"),
        Part(likely, "warn", f"{likely} probable"),
        Part(state.missing - likely, "faint", f"{state.missing - likely} missing"),
    )
    return Bar(f"{state.role}: {', '.join(names) or 'nobody'}", parts, f"{len(state.held)} of {state.wanted}")


def _rows(account: AccountView) -> Iterator[tuple[TableCell, ...]]:
    for member in account.members:
        likely = f"perhaps {member.likely.role}, {member.likely.confidence:.0%}" if member.likely else "not known"
        yield member.name, member.role or likely, member.engagement
