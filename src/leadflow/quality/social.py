"""Profiles on social networks: network and handle, from an address or as typed."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote

from leadflow.entities import SocialProfile
from leadflow.entities.base import made
from leadflow.quality.results import Checked, error, line, means_nothing

__all__ = ["check_profile", "is_persons_page", "split_profiles"]


class _Network(NamedTuple):
    """Where a handle stands in the addresses of a network: behind these words, or at once; or in the query."""

    hosts: str
    before: str = ""
    at_once: bool = True
    not_persons: str = ""
    pages: str = ""
    """Pages of the network itself, which are no handles."""
    query: str = ""


_NETWORKS: Final = {
    "linkedin": _Network(
        "linkedin.com", "in pub", at_once=False, not_persons="company companies school showcase groups group jobs"
    ),
    "xing": _Network(
        "xing.com", "profile profiles", at_once=False, query="name",
        not_persons="pages companies company communities jobs",
    ),
    "twitter": _Network(
        "twitter.com x.com", pages="home search i hashtag share explore settings login messages notifications intent",
        query="screen_name",
    ),
    "facebook": _Network(
        "facebook.com fb.com", "people", not_persons="groups pages pg events business marketplace", query="id",
        pages="sharer sharer.php login login.php watch photo photo.php story.php permalink.php hashtag share "
        "profile.php",
    ),
    "instagram": _Network("instagram.com instagr.am", "stories", pages="p reel reels explore tv accounts direct"),
    "github": _Network(
        "github.com", "sponsors users", not_persons="orgs enterprise",
        pages="features topics search login marketplace settings about pricing explore trending collections",
    ),
    "youtube": _Network(
        "youtube.com", "user c channel", pages="watch playlist results shorts feed live embed redirect gaming premium"
    ),
    "tiktok": _Network("tiktok.com", pages="tag music discover foryou following live t"),
    "mastodon": _Network("mastodon.social", "users", pages="explore public about"),
    "bluesky": _Network("bsky.app", "profile", at_once=False),
    "threads": _Network("threads.net threads.com"),
}  # fmt: skip
_HOSTS: Final = {host: name for name, network in _NETWORKS.items() for host in network.hosts.split()}
_SHORT_LINKS: Final = frozenset("lnkd.in t.co xing.to fb.me vm.tiktok.com youtu.be bit.ly tinyurl.com".split())
_NAMES: Final = {
    "x": "twitter", "x/twitter": "twitter", "twitter/x": "twitter", "fb": "facebook", "insta": "instagram",
    "ig": "instagram", "linked in": "linkedin", "yt": "youtube", "bsky": "bluesky", "git": "github",
}  # fmt: skip
_LABEL: Final = re.compile(
    r"^(?P<name>linked ?in|xing|twitter|x|facebook|fb|instagram|insta|ig|github|youtube|tiktok|mastodon|bluesky|bsky)"
    r"(?:[ -]?(?:profile?|url|handle|account))?\s*:(?!//)\s*(?=\S)",
    re.IGNORECASE,
)
_SCHEME: Final = re.compile(r"^[\s<(\[]*(?:h?t{1,2}ps?:/{1,3}|//)?")
_IDS: Final = re.compile(r"UC[\w-]{22}|AC[ow]AA[\w-]{10,}")
"""Ids of YouTube and LinkedIn, in which capitals count."""
_HANDLE: Final = re.compile(r"[\w.%~-]{1,100}")
_BETWEEN: Final = re.compile(r"[\s,;|]+")
_WRAPPERS: Final = frozenset("mwlite comm app m".split())
"""What stands before the path in applications and mails."""


def check_profile(network: object, raw: object, *, field: str = "social") -> Checked[SocialProfile]:
    """Return the network and handle of a profile: ``https://www.linkedin.com/in/Ada-Lovelace/`` is linkedin,
    ada-lovelace.

    A company page does not identify a person and is refused, as are pages of the network itself and short links.
    """
    given, named = line(field, raw, limit=500), line(field, network, limit=50)
    findings = (*given.findings, *named.findings)
    if given.value is None:
        return Checked(None, findings)
    name = named.value.casefold() if named.value else None
    read = _read(given.value, _NAMES.get(name or "", name))
    if read.refusal == "not_a_person":
        return Checked(None, (*findings, error("not_a_person", field, "is not a person's profile", raw)))
    if read.network is None or read.handle is None:
        message = (
            "is a short link; give the profile's address" if read.refusal else "is not a profile; give its address"
        )
        return Checked(None, (*findings, error("invalid_profile", field, message, raw)))
    return Checked(made(SocialProfile, network=read.network, handle=read.handle), findings)


def is_persons_page(raw: object) -> bool:
    """Whether a text is the address of a person's page, as stands in a column that is named URL or Website."""
    if not isinstance(raw, str) or len(raw) > 500 or "/" not in raw:
        return False
    folded = raw.casefold()
    if "linked" not in folded and "xing" not in folded and "%" not in folded:
        return False
    read = _read(raw.strip(), None)
    return read.network in ("linkedin", "xing") and read.handle is not None


def split_profiles(text: str) -> list[str]:
    """Split a text with several addresses; anything else stays whole."""
    parts = [part for part in _BETWEEN.split(text) if part]
    return parts if len(parts) > 1 and all("/" in part and "." in part for part in parts) else [text]


class _Read(NamedTuple):
    network: str | None
    handle: str | None
    refusal: str = ""


def _read(text: str, named: str | None) -> _Read:
    if label := _LABEL.match(text):
        name = label["name"].casefold().replace(" ", "")
        named, text = named or _NAMES.get(name, name), text[label.end() :]
    bare = _SCHEME.sub("", text.replace("/#!/", "/"), count=1).strip(" <>()[]\"'").rstrip(".,;")
    address, _, query = bare.partition("?")
    parts = [unquote(part) for part in address.partition("#")[0].split("/") if part]
    host = parts[0].casefold().removeprefix("www.") if parts else ""
    if host in _SHORT_LINKS:
        return _Read(None, None, "short_link")
    site = _site(host)
    if site is None:
        is_address = "://" in text or (len(parts) > 1 and "." in host)
        return _Read(named, None if is_address else _typed(parts, named))
    network = _NETWORKS[site]
    path = parts[1:]
    while path and path[0].casefold() in _WRAPPERS:
        path = path[1:]
    if path and path[0].casefold() in network.not_persons.split():
        return _Read(site, None, "not_a_person")
    if path and path[0].casefold() in network.before.split() and len(path) > 1:
        last = site == "facebook" and len(path) > 2 and path[2].isdecimal()
        return _Read(site, _handle(path[2] if last else path[1]))
    if network.query and (given := parse_qs(query).get(network.query)):
        return _Read(site, _handle(given[0]))
    if not path or not network.at_once or path[0].casefold() in network.pages.split():
        return _Read(site, None)
    return _Read(site, _handle(path[0]))


def _site(host: str) -> str | None:
    """Return the network of a host, ``de.linkedin.com``."""
    while host and host not in _HOSTS:
        host = host.partition(".")[2]
    return _HOSTS.get(host)


def _typed(parts: list[str], named: str | None) -> str | None:
    """Return a handle as people type it: ada, @ada, in/ada."""
    known = _NETWORKS.get(named or "")
    before = {"u", "user", "profile", *(known.before.split() if known else ())}
    if known and len(parts) > 1 and parts[0].casefold() in known.not_persons.split():
        return None
    rest = parts[1:] if len(parts) > 1 and parts[0].casefold() in before else parts
    return _handle(rest[0]) if len(rest) == 1 else None


def _handle(text: str) -> str | None:
    text = text.lstrip("@")
    handle = text if _IDS.fullmatch(text) else text.casefold()
    unusable = not _HANDLE.fullmatch(handle) or means_nothing(handle) or handle.strip("._-%~") == ""
    return None if unusable else handle
