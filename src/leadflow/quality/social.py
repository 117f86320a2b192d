"""Profiles on social networks: network and handle, from an address or as typed."""

from __future__ import annotations

import re

from leadflow.entities import SocialProfile
from leadflow.quality.results import Checked, error, line, means_nothing

__all__ = ["check_profile", "is_persons_page"]

_SITES = {
    "linkedin.com": "linkedin", "xing.com": "xing", "twitter.com": "twitter", "x.com": "twitter",
    "facebook.com": "facebook",
    "instagram.com": "instagram", "github.com": "github", "youtube.com": "youtube", "tiktok.com": "tiktok",
    "mastodon.social": "mastodon", "bsky.app": "bluesky",
}  # fmt: skip
_BEFORE_HANDLES = frozenset("in pub profile profiles people user u pg".split())
_NOT_PERSONS = frozenset("company companies school showcase groups group jobs feed pages".split())
_HANDLE = re.compile(r"[\w.%~-]{1,100}")


def check_profile(network: object, raw: object, *, field: str = "social") -> Checked[SocialProfile]:
    """Return the network and handle of a profile: ``https://www.linkedin.com/in/Ada-Lovelace/`` is linkedin,
    ada-lovelace.

    A company page does not identify a person and is refused.
    """
    given, named = line(field, raw, limit=500), line(field, network, limit=50)
    findings = (*given.findings, *named.findings)
    if given.value is None:
        return Checked(None, findings)
    site, path = _taken_apart(given.value)
    where = site or (named.value.casefold() if named.value else None)
    where = {"x": "twitter"}.get(where or "", where)
    if any(part in _NOT_PERSONS for part in path[:-1]):
        return Checked(None, (*findings, error("not_a_person", field, "is not a person's profile", raw)))
    handle = next((part for part in path if part not in _BEFORE_HANDLES), "").lstrip("@").casefold()
    if where is None or not _HANDLE.fullmatch(handle) or means_nothing(handle) or handle.strip("._-%~") == "":
        return Checked(None, (*findings, error("invalid_profile", field, "is not a profile; give its address", raw)))
    return Checked(SocialProfile(network=where, handle=handle), findings)


def is_persons_page(raw: object) -> bool:
    """Whether a text is the address of a person's page, as stands in a column that is named URL or Website."""
    site, path = _taken_apart(raw.strip()) if isinstance(raw, str) and len(raw) <= 500 else (None, [])
    return site in ("linkedin", "xing") and len(path) > 1 and path[0] in _BEFORE_HANDLES


def _taken_apart(text: str) -> tuple[str | None, list[str]]:
    """Return the network of an address and the parts of its path; no parts if it is a different site."""
    parts = [
        part.casefold()
        for part in re.split(r"[?#]", text.partition("://")[2] or text, maxsplit=1)[0].split("/")
        if part
    ]
    host = parts[0] if parts else ""
    site = next((site for ending, site in _SITES.items() if host == ending or host.endswith(f".{ending}")), None)
    if site:
        return site, parts[1:]
    is_address = "://" in text or (len(parts) > 1 and "." in host)
    return None, [] if is_address else parts
