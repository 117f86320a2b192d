"""Device, browser and operating system, from the user agent that a browser sends (extra ``ua``)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from leadflow.enrichment.enricher import REQUEST, Enricher
from leadflow.entities import EnrichedValue
from leadflow.errors import require

__all__ = ["Device", "DeviceFromUserAgent", "device_of"]

AGENT: Final = f"{REQUEST}user_agent"
LONGEST: Final = 1_000
"""Longer ones are cut: matching them against hundreds of patterns takes too long."""
Device = Literal["phone", "tablet", "desktop", "bot"]
DESKTOPS: Final = frozenset({"Windows", "Mac OS X", "Linux", "Ubuntu", "Chrome OS", "Fedora", "Debian", "FreeBSD"})
TABLET: Final = re.compile(r"\biPad\b|\bTablet\b|\bKindle\b|\bSilk/|\bPlayBook\b", re.ASCII)
PHONE: Final = re.compile(r"\bMobile\b|\biPhone\b|\biPod\b|\bPhone\b|\bOpera Mini\b|\bMIDP\b", re.ASCII)


class DeviceFromUserAgent(Enricher):
    """Gives what a person came with to fields of yours: ``DeviceFromUserAgent(device="custom.device")``.

    ``device`` is phone, tablet, desktop or bot; ``browser`` and ``system`` are families without version: ``Firefox``,
    ``Mac OS X``. What the user agent does not tell is not given.
    """

    name = "user_agent"
    needs = (AGENT,)

    def __init__(self, *, device: str | None = None, browser: str | None = None, system: str | None = None) -> None:
        require("ua")
        self._paths = (device, browser, system)
        self.gives = tuple(path for path in self._paths if path is not None)

    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        return [self._known(str(one[AGENT])) for one in asked]

    def _known(self, agent: str) -> list[EnrichedValue]:
        return [
            EnrichedValue(path=path, value=value, confidence=0.7)
            for path, value in zip(self._paths, device_of(agent), strict=True)
            if path is not None and value is not None
        ]


def device_of(agent: str) -> tuple[Device | None, str | None, str | None]:
    """Return the kind of device, the browser and the operating system of a user agent, as far as it tells them."""
    from ua_parser import parse

    agent = agent[:LONGEST]
    found = parse(agent)
    browser, system = (one.family if one else None for one in (found.user_agent, found.os))
    if found.device is not None and found.device.family == "Spider":
        return "bot", browser, system
    return _kind(agent, system), browser, system


def _kind(agent: str, system: str | None) -> Device | None:
    if TABLET.search(agent) or (system == "Android" and not PHONE.search(agent)):
        return "tablet"
    if PHONE.search(agent):
        return "phone"
    return "desktop" if system in DESKTOPS else None
