"""Any service that answers with JSON over HTTP, as an enricher: what is asked and what is taken is data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPMessage
from socket import gaierror
from typing import IO, Any, Final, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pydantic import Field, JsonValue

from leadflow.conditions import Condition
from leadflow.enrichment.enricher import Budget, Enricher
from leadflow.entities import EnrichedValue, Entity
from leadflow.errors import Deferred, DefinitionError

__all__ = ["JsonEnricher", "JsonService", "JsonValueAt"]

MOST_BYTES: Final = 1_000_000
PLACE: Final = re.compile(r"\{([a-z_.]+)\}")
THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
NOTHING_KNOWN: Final = frozenset({204, 400, 404, 410, 422})
NOT_DONE: Final = frozenset({401, 402, 403, 429, 503})
"""Refused before anything was done: not allowed, not paid, too often, not there now."""


class JsonValueAt(Entity):
    """Where a value stands in an answer: ``at="company.size.0"``; ``words`` are translated (``{"Mfg": "goods"}``)."""

    at: str = Field(pattern=r"^[^.]+(\.[^.]+)*$")
    confidence: float = Field(default=0.7, ge=0, le=1)
    words: dict[str, str] = Field(default_factory=dict)


class JsonService(Entity):
    """A service: ``url="https://api.example/company?domain={company.domain}"``, and where each value stands.

    What stands in braces are paths of the lead, and all that is sent; the host is fixed, and asked over https (http on
    this machine only). ``headers`` may hold a key; in a file,
    ``headers_from`` names the environment variables that hold them. Answers that are no JSON object, and redirects,
    count as failures.
    """

    name: str
    url: str
    gives: dict[str, JsonValueAt] = Field(min_length=1)
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    headers_from: dict[str, str] = Field(default_factory=dict)
    timeout_seconds: float = Field(default=10, gt=0, le=120)
    keeps_days: int = Field(default=90, gt=0)
    budget: Budget | None = None
    where: Condition | None = None
    personal: bool = True


class JsonEnricher(Enricher):
    """Asks a ``JsonService``, once for each request: a GET, no redirects, at most a megabyte.

    404 (and 204, 400, 410, 422) say that nothing is known. 429 and 503 are ``Deferred`` until ``Retry-After``; 401, 402
    and 403 are ``Deferred``, too. Whatever else happens after the request was sent, it may have been paid for.
    """

    def __init__(self, service: JsonService) -> None:
        if wrong := _wrong_with(service.url):
            raise DefinitionError(f"enricher {service.name!r}: url is {service.url!r}; {wrong}")
        self.service = service
        self.name, self.gives, self.budget, self.where = service.name, (*service.gives,), service.budget, service.where
        self.needs = self.sends = tuple(dict.fromkeys(PLACE.findall(service.url)))
        self.keeps, self.personal = timedelta(days=service.keeps_days), service.personal
        if not self.needs:
            raise DefinitionError(
                f"enricher {service.name!r}: url has no {{path}} of the lead, such as {{company.domain}}"
            )

    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        return [self._known(one) for one in asked]

    def _known(self, request: Mapping[str, Any]) -> list[EnrichedValue]:
        answer = self._answer(PLACE.sub(lambda place: quote(str(request[place[1]]), safe=""), self.service.url))
        values = {path: _taken(answer, where) for path, where in self.service.gives.items()}
        return [
            EnrichedValue(path=path, value=value, confidence=self.service.gives[path].confidence)
            for path, value in values.items()
            if value is not None
        ]

    def _answer(self, url: str) -> JsonValue:
        headers = {"Accept": "application/json", **self.service.headers}
        try:
            with _OPENER.open(Request(url, headers=headers), timeout=self.service.timeout_seconds) as came:  # noqa: S310  (http or https, see __init__)
                if came.status in NOTHING_KNOWN:
                    return {}
                text = came.read(MOST_BYTES + 1)
        except HTTPError as refused:
            with refused:
                return self._refused(refused)
        except URLError as wrong:
            if isinstance(wrong.reason, ConnectionRefusedError | gaierror):
                raise Deferred(f"{self.name} can't be reached: {wrong.reason}") from None
            raise
        if len(text) > MOST_BYTES:
            raise ValueError(f"{self.name} answered with more than {MOST_BYTES:,} bytes")
        answer: JsonValue = json.loads(text)
        if not isinstance(answer, dict):
            raise TypeError(f"{self.name} answered with JSON that is no object")
        return answer

    def _refused(self, refused: HTTPError) -> JsonValue:
        if refused.code in NOTHING_KNOWN:
            return {}
        if refused.code in NOT_DONE:
            until = _retry_after(refused.headers, datetime.now(UTC))
            raise Deferred(f"{self.name} answered with HTTP {refused.code}", until=until) from None
        raise OSError(f"{self.name} answered with HTTP {refused.code}") from None


def _wrong_with(url: str) -> str | None:
    """Return why a service can't be asked at a URL: what a lead says must not choose who is asked, and gets the key."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host:
        return "give one that begins with https:// and a host"
    if "{" in parts.scheme + parts.netloc:
        return "give its host in full; a {path} of the lead may stand behind it only"
    if parts.scheme != "https" and not (parts.scheme == "http" and host in THIS_MACHINE):
        return "give one that begins with https://"
    return None


class _NoRedirects(HTTPRedirectHandler):
    """What is sent goes to the service that was named, and nowhere else."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,  # noqa: ARG002  (as urllib gives it)
    ) -> NoReturn:
        raise HTTPError(req.full_url, code, msg, headers, fp)


_OPENER: Final = build_opener(_NoRedirects)


def _taken(answer: JsonValue, where: JsonValueAt) -> Any:
    """Return the value that stands at a place, if it is a plain one."""
    value = answer
    for name in where.at.split("."):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    if isinstance(value, str):
        return where.words.get(value, value).strip() or None
    return value if isinstance(value, bool | int | float) else None


def _retry_after(headers: Message, now: datetime) -> datetime | None:
    """Return the moment of a Retry-After header (RFC 9110, section 10.2.3): seconds, or a date."""
    given = str(headers.get("Retry-After", "")).strip()
    if given.isdecimal() and len(given) < 9:
        return now + timedelta(seconds=int(given))
    try:
        return parsedate_to_datetime(given).astimezone(UTC) if given else None
    except ValueError:
        return None
