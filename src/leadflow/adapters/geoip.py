"""The place of an IP address, from a database in MaxMind's format on this machine (extra ``geoip``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from leadflow.enrichment.enricher import REQUEST, Enricher
from leadflow.entities import EnrichedValue
from leadflow.errors import DefinitionError, require

__all__ = ["PlaceFromIp"]

IP: Final = f"{REQUEST}ip"
ANONYMOUS: Final = ("is_anonymous", "is_anonymous_proxy", "is_anonymous_vpn", "is_tor_exit_node")


class PlaceFromIp(Enricher):
    """Gives country, region (ISO code) and city of the network from which somebody came, and ``time_zone`` if named.

    ``database`` is a file such as ``GeoLite2-City.mmdb`` or ``GeoIP2-Country.mmdb``. Networks of anonymisers give
    nothing, where the database marks them. A place is that of a network: countries are given with a confidence of 0.8,
    cities of 0.4.
    """

    name = "ip"
    needs = (IP,)

    def __init__(self, database: str | Path, *, time_zone: str | None = None) -> None:
        require("geoip")
        import maxminddb

        try:
            self._reader = maxminddb.open_database(database)
        except (OSError, maxminddb.InvalidDatabaseError) as wrong:
            raise DefinitionError(f"{database} can't be read as a MaxMind database: {wrong}") from wrong
        self._time_zone = time_zone
        self.gives = (
            "address.country", "address.region", "address.city", *([time_zone] if time_zone else []),
        )  # fmt: skip

    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        return [self._known(str(one[IP])) for one in asked]

    def _known(self, ip: str) -> list[EnrichedValue]:
        try:
            address = ip_address(ip)
            found = self._reader.get(getattr(address, "ipv4_mapped", None) or address)
        except ValueError:
            return []  # not an IP address, or an IPv6 one in a database of IPv4
        if not isinstance(found, Mapping) or any(_of(found, "traits", name) for name in ANONYMOUS):
            return []
        divisions = found.get("subdivisions")
        region = divisions[0] if isinstance(divisions, list) and divisions else {}
        values = {
            "address.country": (_of(found, "country", "iso_code"), 0.8),
            "address.region": (_of({"region": region}, "region", "iso_code"), 0.5),
            "address.city": (_of(found, "city", "names", "en"), 0.4),
            self._time_zone: (_of(found, "location", "time_zone"), 0.7),
        }
        return [
            EnrichedValue(path=path, value=value, confidence=sure)
            for path, (value, sure) in values.items()
            if path is not None and isinstance(value, str)
        ]


def _of(found: Any, *names: str) -> Any:
    """Return what stands below these names, if all of them are there."""
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
