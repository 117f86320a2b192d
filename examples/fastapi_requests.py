"""What fastapi_app.py takes from requests, and answers when leadflow refuses."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from fastapi_pages import html, page
from leadflow import AsyncLeadFlow
from leadflow.errors import InvalidInput, LeadflowError, NotFound, Refused, StorageError, TooNew, Unreadable

log = logging.getLogger("acme")


async def typed_in(request: Request) -> dict[str, str]:
    """A form's fields, of which only those are used that are asked for by name."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > 20_000:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=50))
    except ValueError:
        raise HTTPException(400) from None


async def the_visitor(request: Request, response: Response) -> str:
    """Who comes back with the cookie that we gave: nobody can guess another's."""
    visitor = request.cookies.get("visitor", "")
    if not re.fullmatch(r"[\w-]{43}", visitor, re.ASCII):
        visitor = secrets.token_urlsafe(32)
    response.set_cookie("visitor", visitor, max_age=180 * 86_400, secure=True, httponly=True, samesite="lax")
    return visitor


async def signed_in(request: Request, given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> str:
    """The rep; what another site makes a browser post (CSRF) is not from one."""
    expected = request.app.state.passwords.get(given.username, secrets.token_urlsafe())
    if not secrets.compare_digest(given.password.encode(), expected.encode()):
        raise HTTPException(401, headers={"WWW-Authenticate": "Basic"})
    elsewhere = request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")
    if elsewhere and request.method != "GET":
        raise HTTPException(403)
    return given.username


async def the_flow(request: Request) -> AsyncLeadFlow:
    flow: AsyncLeadFlow = request.app.state.flow
    return flow


Flow = Annotated[AsyncLeadFlow, Depends(the_flow)]
Form = Annotated[dict[str, str], Depends(typed_in)]
Visitor = Annotated[str, Depends(the_visitor)]
SignedIn = Annotated[str, Depends(signed_in)]


async def with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = "default-src 'none'; form-action 'self'; frame-ancestors 'none'"
    response.headers["Referrer-Policy"], response.headers["Cache-Control"] = "no-referrer", "no-store"
    return response


ANSWERS: dict[type[Exception], tuple[int, str]] = {
    NotFound: (404, "There is no such lead."),
    Refused: (409, "That can't be done now: look at the lead again."),
    Unreadable: (500, "That is our fault."),
    TooNew: (500, "That is our fault."),
    StorageError: (503, "Please try again in a minute."),
    LeadflowError: (500, "That is our fault."),
}


def refused(_request: Request, error: Exception) -> Response:
    """Say what went wrong in words of ours: what an error says is for the log."""
    if isinstance(error, InvalidInput):
        return HTMLResponse(page("Please check", html("<p>{}: {}", error.field, error.remedy)), 422)
    status, words = next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)
    if status >= 500:
        log.error("%s", type(error).__name__)
    return HTMLResponse(page("Sorry", html("<p>{}", words)), status, {"Retry-After": "60"} if status == 503 else {})
