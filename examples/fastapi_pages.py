"""The pages of fastapi_app.py: HTML in which all that comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from leadflow import Lead
from leadflow.buying_center import AccountView, BuyingCenterState, CenterMember
from leadflow.entities import Finding
from leadflow.search import Page

TYPED_IN = {"email": "E-mail", "name": "Name", "company": "Company", "employees": "Employees", "phone": "Phone"}


class Html(str):
    """What is HTML already."""

    __slots__ = ()


def html(template: str, *parts: object) -> Html:
    """Put parts into a template; what isn't HTML is escaped."""
    return Html(template.format(*(part if isinstance(part, Html) else escape(str(part)) for part in parts)))


def every(template: str, rows: Iterable[Iterable[object]]) -> Html:
    return Html("\n".join(html(template, *row) for row in rows))


def page(title: str, *parts: Html) -> Html:
    return html("<!doctype html><html lang=en><title>{}</title><h1>{}</h1>{}", title, title, Html("\n".join(parts)))


def contact_form() -> Html:
    return page(
        "Talk to us",
        Html("<form method=post action=/contact>"),
        every("<p><label>{} <input name={}></label>", ((label, name) for name, label in TYPED_IN.items())),
        Html("<p><label><input type=checkbox name=news value=yes> Send me news by e-mail</label>"),
        Html("<p><button>Send</button></form>"),
    )


def thanks(findings: Iterable[Finding]) -> Html:
    rows = ((one.field, one.message, one.suggestion or "") for one in findings)
    return page("Thank you", html("<p>We will be in touch.<ul>{}</ul>", every("<li>{}: {} {}", rows)))


def unsubscribe_button() -> Html:
    """It posts to the address that it stands at, token included."""
    return page("Unsubscribe", Html("<form method=post><button>No more mail of this kind</button></form>"))


def board(numbers: Mapping[str, int], columns: Mapping[str, Page[Any]]) -> Html:
    return page("Board", *(_column(stage, numbers.get(stage, 0), leads) for stage, leads in columns.items()))


def _column(stage: str, number: int, leads: Page[Any]) -> Html:
    cards = every("<li>{}, {}", ((_name(lead), lead.owner or "nobody") for lead in leads))
    return html("<h2>{} ({})</h2><ul>{}</ul>", stage, number, cards)


def inbox(rep: str, number: int, leads: Page[Any]) -> Html:
    more = html("<p><a href='/inbox?after={}'>More</a>", leads.next) if leads.next else Html()
    return page(f"{number} leads for {rep}", *map(_card, leads), more)


def account(account: AccountView) -> Html:
    """Who of a company is there, who may be, and who is missing."""
    centers = (
        html("<h2>{}: {} % covered</h2><ul>{}</ul><p>{}", one.name, round(one.coverage), _roles(one), one.advice or "")
        for one in account.centers
    )
    leads = every("<li>{}, {}, {}", ((_name(lead), lead.stage, lead.owner or "nobody") for lead in account.leads))
    following = quote(account.key, safe=""), account.next
    more = html("<p><a href='/accounts/{}?after={}'>More</a>", *following) if account.next else Html()
    return page(account.name or account.key, *centers, html("<h2>{} leads</h2><ul>{}</ul>", account.count, leads), more)


def _roles(center: BuyingCenterState) -> Html:
    def names(members: Iterable[CenterMember]) -> str:
        return ", ".join(one.name for one in members) or "nobody"

    rows = ((one.role, one.wanted, names(one.held), names(one.likely)) for one in center.roles)
    return every("<li>{} ({} wanted): {}; perhaps {}", rows)


def _card(lead: Lead[Any]) -> Html:
    company, role = lead.account, lead.score.account and lead.score.account.win_as
    shown = _name(lead), lead.company.name or "", round(lead.score.total)
    return Html(
        html("<h2>{}, {}</h2><p>{} points", *shown)
        + (html("; win as {}", role) if role else "")
        + (html(", <a href='/accounts/{}'>the company</a>", quote(company, safe="")) if company else "")
        + html("<form method=post action='/leads/{}/accept'><button>Accept</button></form>", lead.id)
        + html("<form method=post action='/leads/{}/reject'><input name=reason required>", lead.id)
        + "<input name=revisit type=date required><button>Not now</button></form>"
    )


def _name(lead: Lead[Any]) -> str:
    return lead.person.full_name or lead.email.address or lead.id
