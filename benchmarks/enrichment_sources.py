"""How often the shipped enrichers are right: devices of real user agents, places of MaxMind's published test database.

    python benchmarks/enrichment_sources.py --data FOLDER

The folder ``enrichment`` in it holds ``user-agents.json`` (10,000 visits, with the kind of device that was measured:
``npm pack user-agents@2.1.198``, package/dist), and ``GeoIP2-City-Test.mmdb`` with the JSON it was made from
(``pip download --no-deps --no-binary :all: maxminddb==3.2.0``, tests/data). Each user agent counts once.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leadflow.adapters.geoip import PlaceFromIp
from leadflow.adapters.user_agents import device_of

KINDS = {"mobile": "phone", "tablet": "tablet", "desktop": "desktop"}
SYSTEMS = {"Win": "Windows", "Mac": "Mac OS X", "iP": "iOS"}
"""What ``navigator.platform`` says of the system, where it is not shared by several."""


def devices(folder: Path) -> Iterator[tuple[str, bool | None]]:
    visits = json.loads((folder / "user-agents.json").read_text(encoding="utf-8"))
    for one in {visit["userAgent"]: visit for visit in visits}.values():
        kind, browser, system = device_of(one["userAgent"])
        yield "device", None if kind is None else kind == KINDS[one["deviceCategory"]]
        meant = next((name for start, name in SYSTEMS.items() if one["platform"].startswith(start)), None)
        if meant is not None:
            yield "system", None if system is None else system == meant
        yield "a browser is named", browser is not None


def places(folder: Path) -> Iterator[tuple[str, bool | None]]:
    enricher = PlaceFromIp(folder / "GeoIP2-City-Test.mmdb", time_zone="custom.time_zone")
    for entry in json.loads((folder / "GeoIP2-City-Test.json").read_text(encoding="utf-8")):
        for network, known in entry.items():
            ip = str(ipaddress.ip_network(network, strict=False)[0])
            (found,) = enricher.look_up([{"request.ip": ip}])
            values = {one.path: one.value for one in found}
            for path, want in meant_by(known).items():
                if want is not None:
                    yield path, None if path not in values else values[path] == want


def meant_by(known: dict[str, Any]) -> dict[str, Any]:
    divisions = known.get("subdivisions") or [{}]
    return {
        "address.country": known.get("country", {}).get("iso_code"),
        "address.region": divisions[0].get("iso_code"),
        "address.city": known.get("city", {}).get("names", {}).get("en"),
        "custom.time_zone": known.get("location", {}).get("time_zone"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("LEADFLOW_TEST_DATA", "nowhere")))
    folder = parser.parse_args().data / "enrichment"
    for name, counted in (("user agents", devices(folder)), ("places of networks", places(folder))):
        counts: dict[str, Counter[bool | None]] = {}
        for what, right in counted:
            counts.setdefault(what, Counter())[right] += 1
        print(name)
        for what, count in counts.items():
            print(f"  {what:20} {count[True]:4} right, {count[False]:3} wrong, {count[None]:3} not given")


if __name__ == "__main__":
    main()
