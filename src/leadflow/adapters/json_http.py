"""Any service that answers with JSON over HTTP, as an enricher: what is asked and what is taken is data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, quote, urlsplit
from urllib.request import Request

from pydantic import Field, JsonValue

from leadflow.adapters.http_requests import OPENER, NotConnected
from leadflow.conditions import Condition
from leadflow.enrichment.enricher import Budget, Enricher
from leadflow.entities import EnrichedValue, Entity
from leadflow.errors import Deferred, DefinitionError

__all__ = ["JsonEnricher", "JsonService", "JsonValueAt"]

MOST_BYTES: Final = 1_000_000
MOST_CHARACTERS: Final = 2_000
LONGEST_PAUSE: Final = timedelta(days=1)
PLACE: Final = re.compile(r"\{([A-Za-z0-9_.]+)\}")
HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+: [\t\x20-\x7e\xa0-\xff]*")
"""A header as RFC 9110 allows it (sections 5.1 and 5.5)."""
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

    404 (and 204, 400, 410, 422) say that nothing is known. 429 and 503 are ``Deferred`` until ``Retry-After``, at most
    a day; so are 401, 402 and 403, and if there is no connection. Whatever else happens after the request was sent, it
    may have been paid for. Of an answer that came, what is no plain value (an object, NaN, a text of more than 2,000
    characters) is not taken.
    """

    def __init__(self, service: JsonService) -> None:
        if wrong := _wrong_with(service.url):
            raise DefinitionError(f"enricher {service.name!r}: url is {service.url!r}; {wrong}")
        for name, value in service.headers.items():
            if not HEADER.fullmatch(f"{name}: {value}"):
                raise DefinitionError(f"enricher {service.name!r}: the header {name!r} can't be sent over HTTP")
        if missing := sorted(service.headers_from.keys() - service.headers.keys()):
            raise DefinitionError(
                f"enricher {service.name!r}: headers_from is for files; give {missing[0]!r} in headers"
            )
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
            with OPENER.open(Request(url, headers=headers), timeout=self.service.timeout_seconds) as came:  # noqa: S310  (http or https, see __init__)
                if came.status in NOTHING_KNOWN:
                    return {}
                text = came.read(MOST_BYTES + 1)
        except HTTPError as refused:
            with refused:
                return self._refused(refused)
        except URLError as wrong:
            if isinstance(wrong.reason, NotConnected):
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
    parts, host = _split(url)
    if parts is not None and "{" in parts.scheme + parts.netloc:
        return "give its host in full; a {path} of the lead may stand behind it only"
    if parts is None or not host:
        return "give one that begins with https:// and a host"
    if parts.scheme != "https" and not (parts.scheme == "http" and host in THIS_MACHINE):
        return "give one that begins with https://"
    if parts.username is not None:
        return "give what proves who you are in headers"
    rest = PLACE.sub("", parts.path + parts.query)
    if "{" in rest or "}" in rest or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        return "give it in ASCII and without blanks, each brace around a path of the lead, and nothing behind a #"
    return None


def _split(url: str) -> tuple[SplitResult | None, str | None]:
    """Return the parts of a URL, and its host: None for what can't be asked."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None, None
    try:
        _, name = parts.port, (parts.hostname or "").encode("idna")
    except ValueError:  # a port that is no number, a host that no name server can know
        return parts, None
    return parts, name.decode()


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
        text = where.words.get(value, value).strip()
        return text if 0 < len(text) <= MOST_CHARACTERS else None
    return value if isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)) else None


def _retry_after(headers: Message, now: datetime) -> datetime | None:
    """Return the moment of a Retry-After header (RFC 9110, section 10.2.3), seconds or a date: at most a day ahead."""
    given = str(headers.get("Retry-After", "")).strip()
    try:
        at = now + timedelta(seconds=int(given)) if given.isdecimal() else parsedate_to_datetime(given).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return min(at, now + LONGEST_PAUSE)
