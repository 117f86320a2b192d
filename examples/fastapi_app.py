"""leadflow in a web application: a form, tracking, a board, an inbox, twins, unsubscribing, and tick in the background.

    pip install fastapi uvicorn 'leadflow[async,templates]'
    PASSWORDS='{"anna": "…", "ben": "…"}' SECRET=… uvicorn --factory --app-dir examples fastapi_app:from_environment

DATABASE_URL (else SQLite), SITE (where it is reached) and SMTP_URL may be given, too. What stands in front sees to TLS
and limits the rate of requests; your own sign-on replaces ``signed_in``. Ask before you track where the law wants that.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

import fastapi_pages as pages
import fastapi_twins
from fastapi_pages import html, page
from fastapi_requests import Flow, Form, SignedIn, Visitor, refused, with_headers
from leadflow import AsyncLeadFlow, Consent, Content, Qualification, Rep, Router, Sequence, Step, Territory, field
from leadflow.adapters.smtp import SmtpMailer
from leadflow.adapters.sql import AsyncSqlStorage
from leadflow.buying_center import BuyingCenter
from leadflow.conditions import always
from leadflow.errors import InvalidInput, LeadflowError, NotFound
from leadflow.ports import AsyncMailer, Mailer
from leadflow.scoring import ScoringModel, on, points

log = logging.getLogger("acme")
router = APIRouter(default_response_class=HTMLResponse)
RULES: dict[str, Any] = {
    "scoring": ScoringModel(
        name="acme",
        fit=[points(40, field("company.employees") >= 250, because="enterprise")],
        engagement=[on("page_viewed", 10, cap=30)],
    ),
    "qualification": Qualification(mql=field("score.total") >= 50),
    "router": Router([Territory("all", always(), reps=[Rep("anna"), Rep("ben")])]),
    "buying_centers": [BuyingCenter("acme", {"user": 1, "decider": 1, "buyer": 1})],
    "sequences": [
        Sequence("welcome", [Step(timedelta(0), "welcome")], purpose="newsletter"),
        Sequence("terms", [Step(timedelta(days=1), "terms")], audience=field("account.win_as") == "buyer"),
    ],
    "contents": [
        Content("welcome", subject="Welcome", body="Good to have you, {{ person.first_name }}."),
        Content("terms", subject="Terms", body="What a contract with us looks like, {{ person.first_name }}."),
    ],
    "sender": "Acme <news@acme.example>",
    "country": "DE",
}


# ------------------------------------------------------------------------------------------------ the app and its loop
def create_app(
    database: str,
    *,
    site: str,
    secret: bytes,
    passwords: Mapping[str, str],
    mailer: AsyncMailer | Mailer | None = None,
    every: float = 1.0,
) -> FastAPI:
    """Return the application; ``passwords`` are those of the reps; it ticks ``every`` so many seconds."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        storage = AsyncSqlStorage(database)
        try:
            await storage.migrate()
            unsubscribe_url = f"{site}/unsubscribe?token={{token}}"
            flow = AsyncLeadFlow(storage, mailer=mailer, secrets=secret, unsubscribe_url=unsubscribe_url, **RULES)
            app.state.flow, app.state.passwords = flow, passwords
            ticking = asyncio.create_task(keep_ticking(flow, every))
            try:
                yield
            finally:
                ticking.cancel()  # what is not begun is given back; a mail under way becomes uncertain
                await asyncio.wait([ticking])
        finally:
            await storage.close()

    app = FastAPI(lifespan=running, openapi_url=None)
    app.include_router(router)
    app.include_router(fastapi_twins.router)
    app.middleware("http")(with_headers)
    app.add_exception_handler(LeadflowError, refused)
    return app


def from_environment() -> FastAPI:
    given = os.environ
    return create_app(
        given.get("DATABASE_URL", "sqlite:///leads.db"),
        site=given.get("SITE", "https://localhost:8000"),
        secret=given["SECRET"].encode(),
        passwords=json.loads(given["PASSWORDS"]),
        mailer=SmtpMailer(given["SMTP_URL"]) if "SMTP_URL" in given else None,
    )


async def keep_ticking(flow: AsyncLeadFlow, every: float) -> None:
    """Do what is due, again and again; a database that is gone for a while doesn't end it."""
    while True:
        try:
            ticked = await flow.tick()
            if ticked.failed:
                log.error("tick: %s failed", ", ".join(key for key, _ in ticked.failed))
        except Exception as error:  # noqa: BLE001  (it must outlive whatever it is; errors may quote a person)
            log.error("tick: %s", type(error).__name__)  # noqa: TRY400
        await asyncio.sleep(every)


# --------------------------------------------------------------------------------------------------------- for anybody
@router.get("/")
@router.get("/pricing")
async def form(request: Request, flow: Flow, visitor: Visitor) -> str:
    await flow.visit(visitor, "page_viewed", properties={"path": request.url.path})
    return pages.contact_form()


@router.post("/contact", status_code=202)
async def contact(flow: Flow, visitor: Visitor, typed: Form) -> str:
    """Take a form in. Only ``public`` is shown: all else would tell who is known."""
    word = Consent(
        purpose="newsletter", channel="email", status="given", at=datetime.now(UTC), proof="contact form, box ticked"
    )
    captured = await flow.capture(
        {name: typed[name] for name in pages.TYPED_IN if name in typed},
        source="contact form",
        visitor=visitor,
        consents=[word] if typed.get("news") == "yes" else [],
    )
    return pages.thanks(captured.public.findings)


@router.get("/unsubscribe")
async def ask_to_unsubscribe() -> str:
    """Only a button: link scanners come here."""
    return pages.unsubscribe_button()


@router.post("/unsubscribe")
async def unsubscribe(flow: Flow, token: str = "") -> str:
    """One click (RFC 8058): on the button, or in a mail program. What it answers is for the team."""
    await flow.unsubscribe(token)
    return page("Unsubscribed", html("<p>You get no more mail of this kind."))


# -------------------------------------------------------------------------------------------------------- for the team
@router.get("/board")
async def board(flow: Flow, _rep: SignedIn) -> str:
    stages = [stage.name for stage in flow.policy.lifecycle.stages]
    columns = {name: await flow.find(field("stage") == name, order="-entered_at", limit=20) for name in stages}
    return pages.board(await flow.count(by="stage"), columns)


@router.get("/inbox")
async def inbox(flow: Flow, rep: SignedIn, after: str | None = None) -> str:
    """What waits for a rep, the best first."""
    waiting = (field("owner") == rep) & (field("stage") == "mql")
    leads = await flow.find(waiting, order="-score.total", limit=20, after=after)
    return pages.inbox(rep, await flow.count(waiting), leads)


@router.get("/accounts/{key:path}")
async def account(flow: Flow, _rep: SignedIn, key: str, after: str | None = None) -> str:
    """A company: its buying center, and all its leads."""
    return pages.account(await flow.account(key, limit=20, after=after))


@router.post("/leads/{lead_id}/accept")
async def accept(flow: Flow, rep: SignedIn, lead_id: str) -> Response:
    await check_own(flow, lead_id, rep)
    await flow.accept(lead_id, by=rep)
    return RedirectResponse("/inbox", 303)


@router.post("/leads/{lead_id}/reject")
async def reject(flow: Flow, rep: SignedIn, lead_id: str, typed: Form) -> Response:
    try:
        revisit = date.fromisoformat(typed.get("revisit", ""))
    except ValueError:
        raise InvalidInput("revisit", typed.get("revisit"), "give a date such as 2027-01-31") from None
    await check_own(flow, lead_id, rep)
    await flow.reject(lead_id, by=rep, reason=typed.get("reason", ""), revisit=revisit)
    return RedirectResponse("/inbox", 303)


async def check_own(flow: AsyncLeadFlow, lead_id: str, rep: str) -> None:
    """That a lead is another rep's is not said."""
    if (await flow.get(lead_id)).owner != rep:
        raise NotFound("lead", lead_id)
