"""The page of fastapi_app.py on which the team decides about twins: side by side, with the evidence, and the undo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from fastapi_pages import Html, every, html, page
from fastapi_requests import Flow, Form, SignedIn
from leadflow import Lead
from leadflow.flow.twins import TwinPair
from leadflow.quality import likeness
from leadflow.quality.matching import waterfall_svg

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/twins")
async def twins(flow: Flow, _rep: SignedIn, after: str | None = None, merged: str = "") -> str:
    """Show the first pair after a place; ``merged`` is what was merged last: survivor, absorbed."""
    found = await flow.twins(limit=1, after=after)
    survivor, _, absorbed = merged.partition(" ")
    undo = _button("undo", "Undo the last merge", survivor, absorbed, after) if absorbed else Html()
    pairs = [_side_by_side(pair, after, found.next) for pair in found]
    return page("Twins", undo, *(pairs or [html("<p>No pair waits here. <a href='/twins'>From the beginning</a>")]))


@router.post("/twins/merge")
async def merge(flow: Flow, rep: SignedIn, typed: Form) -> Response:
    done = await flow.merge(typed.get("one", ""), typed.get("other", ""), by=rep)
    return _back(typed, f"{done.lead_id} {done.absorbed_id}")


@router.post("/twins/not-same")
async def not_same(flow: Flow, rep: SignedIn, typed: Form) -> Response:
    await flow.not_same(typed.get("one", ""), typed.get("other", ""), by=rep)
    return _back(typed)


@router.post("/twins/undo")
async def undo(flow: Flow, rep: SignedIn, typed: Form) -> Response:
    await flow.unmerge(typed.get("one", ""), typed.get("other", ""), by=rep)
    return _back(typed)


def _back(typed: dict[str, str], merged: str = "") -> Response:
    """Go on where the team was: pairs that were left for later stay behind."""
    given = {"after": typed.get("after", ""), "merged": merged}
    query = "&".join(f"{name}={quote(value)}" for name, value in given.items() if value)
    return RedirectResponse(f"/twins?{query}" if query else "/twins", 303)


def _side_by_side(pair: TwinPair[Any], after: str | None, following: str | None) -> Html:
    one, other, later = pair.one, pair.other, f"?after={quote(following)}" if following else ""
    rows = zip(_shown(one), _shown(other), strict=True)
    table = every("<tr><th>{}<td>{}<td>{}<td>{}", ((n, v, "" if v == w else "≠", w) for (n, v), (_, w) in rows))
    held = html("<p>{} submissions point to both: see flow.give_held", len(pair.held)) if pair.held else Html()
    picture = Html(waterfall_svg(likeness(one, other)))  # it escapes what it shows, which are no values
    return Html(
        html(
            "<p>One person? {} since {}", f"{pair.likeness:.0%}", f"{pair.since:%Y-%m-%d}" if pair.since else "long ago"
        )
        + html("<table>{}</table>{}{}", table, held, picture)
        + _button("merge", "Same: keep the left one's id", one.id, other.id, after)
        + _button("merge", "Same: keep the right one's id", other.id, one.id, after)
        + _button("not-same", "Different people", one.id, other.id, after)
        + html("<p><a href='/twins{}'>Later</a>", later)
    )


def _button(act: str, label: str, one: str, other: str, after: str | None) -> Html:
    fields = every("<input type=hidden name={} value='{}'>", (("one", one), ("other", other), ("after", after or "")))
    return html("<form method=post action='/twins/{}'>{}<button>{}</button></form>", act, fields, label)


def _shown(lead: Lead[Any]) -> Iterator[tuple[str, str]]:
    yield "Name", lead.person.full_name or ""
    yield "Position", lead.person.job_title or ""
    yield "Company", lead.company.name or ""
    yield "E-mail", ", ".join(one.address for one in lead.emails if one.address)
    yield "Phone", ", ".join(one.number for one in lead.phones if one.number)
    yield "City", lead.address.city or ""
    yield "Source", lead.source or ""
    yield "Known since", f"{lead.created_at:%Y-%m-%d}"
    yield "Stage, owner", f"{lead.stage}, {lead.owner or 'nobody'}"
    yield "Points", f"{lead.score.total:.0f}"
