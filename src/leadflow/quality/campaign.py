"""Where a visit came from: UTM parameters, the landing page, the referring page, the id of a click on an ad."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from leadflow.entities import Finding
from leadflow.quality.company import ascii_host
from leadflow.quality.results import Checked, line, note, warning

__all__ = ["CAMPAIGN_FIELDS", "check_campaign", "check_url"]

_UTM: Final = {"utm_medium": "medium", "utm_campaign": "campaign", "utm_content": "content", "utm_term": "term"}
CAMPAIGN_FIELDS: Final = (*_UTM, "landing_page", "referrer", "click_id", "gclid", "msclkid", "fbclid")
"""The names in a submission that say where it came from, beside utm_source."""
_CLICKS: Final = "gclid gbraid wbraid msclkid fbclid li_fat_id ttclid twclid epik yclid dclid".split()
_TRACKERS: Final = re.compile(
    r"utm_\w+|_ga|_gl|mc_[ce]id|_hs\w+|hs(?:ctatracking|a_\w+)|igshid|igsh|si|trk\w*|ref_src|mkt_tok|vero_id|gad_source"
    r"|gad_campaignid|srsltid|pk_\w+|mtm_\w+|piwik_\w+|wt_mc|wt\.mc_id|cmpid|s_kwcid|gclsrc|ga_\w+|oly_\w+|__s|wickedid",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?:[^@/?#\s]*@)?(?P<host>[^/?#:\s]+)(?::(?P<port>\d+))?(?P<rest>.*)", re.IGNORECASE
)
_LONGEST: Final = 1_000


def check_url(field: str, raw: object) -> Checked[str]:
    """Return a web address in one spelling: scheme and host in lower case and ASCII, without the parameters by which
    programs follow people, without user names. Other texts (a path, ``direct``) stay as they are.
    """
    given = line(field, raw, limit=10_000)
    text = given.value
    if text is None:
        return Checked(None, given.findings)
    findings: list[Finding] = []
    if found := _ADDRESS.fullmatch(text):
        host = ascii_host(found["host"].casefold().rstrip(".")) or found["host"].casefold()
        default = {"http": "80", "https": "443"}[found["scheme"].lower()]
        port = f":{found['port']}" if found["port"] and found["port"] != default else ""
        text = f"{found['scheme'].lower()}://{host}{port}{_without_trackers(found['rest'])}"
    elif text.startswith("/"):
        text = _without_trackers(text)
    if len(text) > _LONGEST:
        text = text.partition("?")[0][:_LONGEST]
        findings.append(note("query_left_out", field, "is very long; its parameters were left out", raw))
    return Checked(text, tuple(findings))


def check_campaign(given: Mapping[str, Any]) -> Checked[dict[str, str]]:
    """Return the fields of a touch beside its source: from the ``utm_`` parameters, the landing page and the referrer.

    What the landing page's own parameters say fills the fields that are not given; a contradiction is a warning.
    """
    touch: dict[str, str] = {}
    findings: list[Finding] = []
    parameters: dict[str, Any] = dict(_parameters(given.get("landing_page")))
    for key, name in _UTM.items():
        value, in_page = given.get(key), parameters.get(key)
        read = line(f"touch.{name}", value, keep=[value] if isinstance(value, str) else [])  # "none" is a valid medium
        findings += read.findings
        found = read.value or line(f"touch.{name}", in_page, keep=[in_page] if in_page else []).value
        touch |= {name: found} if found else {}
        if read.value and in_page and in_page.strip().casefold() != read.value.casefold():
            findings.append(warning("two_campaigns", f"touch.{name}", f"the landing page says {in_page[:80]}", value))
    for name in ("landing_page", "referrer"):
        page = check_url(f"touch.{name}", given.get(name))
        findings += page.findings
        touch |= {name: page.value} if page.value else {}
    clicks = parameters | {key: given[key] for key in _CLICKS if isinstance(given.get(key), str)}
    click = next((f"{key}:{clicks[key]}" for key in _CLICKS if clicks.get(key)), None)
    typed = line("touch.click_id", given.get("click_id") or click, limit=_LONGEST)
    findings += typed.findings
    touch |= {"click_id": typed.value} if typed.value else {}
    return Checked(touch, tuple(findings))


def _parameters(page: object) -> dict[str, str]:
    query = page.partition("?")[2].partition("#")[0] if isinstance(page, str) and len(page) <= 10_000 else ""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query):
        found.setdefault(name.casefold(), value)
    return found


def _without_trackers(rest: str) -> str:
    path, mark, behind = rest.partition("?")
    query, hash_mark, fragment = behind.partition("#")
    if not mark:
        return rest
    pairs = query.split("&")
    path = path.rstrip()
    kept = [pair for pair in pairs if pair and not _is_tracker(pair.partition("=")[0])]
    return f"{path}{'?' if kept else ''}{'&'.join(kept)}{hash_mark}{fragment}"


def _is_tracker(name: str) -> bool:
    return name.casefold() in _CLICKS or _TRACKERS.fullmatch(name) is not None
