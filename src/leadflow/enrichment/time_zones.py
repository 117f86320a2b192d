"""The time zone of an address, from the IANA table of zones and countries that comes with Python's time zones."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from leadflow.enrichment.enricher import Enricher
from leadflow.entities import EnrichedValue

__all__ = ["TimeZoneFromAddress", "time_zone_at"]

TABLE: Final = "zone.tab"
REGIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "US": {
        "America/New_York": "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
        "America/Chicago": "AL AR IA IL LA MN MO MS OK WI",
        "America/Denver": "CO MT NM UT WY",
        "America/Phoenix": "AZ",
        "America/Los_Angeles": "CA WA",
        "Pacific/Honolulu": "HI",
    },
    "CA": {
        "America/Toronto": "QC",
        "America/Winnipeg": "MB",
        "America/Edmonton": "AB",
        "America/Halifax": "NS PE NB",
        "America/St_Johns": "NL",
    },
    "AU": {
        "Australia/Sydney": "NSW ACT",
        "Australia/Melbourne": "VIC",
        "Australia/Brisbane": "QLD",
        "Australia/Adelaide": "SA",
        "Australia/Hobart": "TAS",
        "Australia/Darwin": "NT",
        "Australia/Perth": "WA",
    },
}
"""States with one zone, by postal code of the state; divided ones (Texas, Florida, Ontario …) are left out."""


class TimeZoneFromAddress(Enricher):
    """Gives the time zone of an address to a field of yours: ``TimeZoneFromAddress("custom.time_zone")``.

    A country in which all clocks show the same has one; in the USA, Canada and Australia the state decides, if all of
    it has one. Where that leaves a doubt it gives nothing.
    """

    name = "time_zone"
    needs = ("address.country",)
    wants = ("address.region",)

    def __init__(self, to: str) -> None:
        self.gives = (to,)

    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        zones = (time_zone_at(one["address.country"], one["address.region"]) for one in asked)
        return [[EnrichedValue(path=self.gives[0], value=zone, confidence=0.8)] if zone else [] for zone in zones]


def time_zone_at(country: str, region: str | None = None) -> str | None:
    """Return the IANA name of the zone of a country (``DE``), or of a state in it (``CA``); None in doubt."""
    states = REGIONS.get(country.upper(), {})
    if region is not None:
        name = region.strip().upper().removeprefix(f"{country.upper()}-")
        if zone := next((zone for zone, some in states.items() if name in some.split()), None):
            return zone
    zones = _zones().get(country.upper(), ())
    return zones[0] if zones and len({_clock(one) for one in zones}) == 1 else None


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, tuple[str, ...]]:
    """Return the zones of each country, the most populous first; empty if this machine has no table."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _lines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), zone.strip())
    return found


def _lines() -> Iterator[str]:
    for folder in zoneinfo.TZPATH:
        if (table := Path(folder, TABLE)).is_file():
            yield from table.read_text(encoding="utf-8").splitlines()
            return
    try:
        yield from (files("tzdata") / "zoneinfo" / TABLE).read_text(encoding="utf-8").splitlines()
    except (ModuleNotFoundError, FileNotFoundError):
        return


@lru_cache(maxsize=1024)
def _clock(name: str) -> tuple[timedelta | None, ...]:
    """Return what the clock of a zone shows, month by month, in a year: two zones with the same are one."""
    zone = zoneinfo.ZoneInfo(name)
    return tuple(datetime(2026, month, 15, tzinfo=UTC).astimezone(zone).utcoffset() for month in range(1, 13))
