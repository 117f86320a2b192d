"""What comes shipped keeps the contract of enrichers, and the contract catches what breaks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Any, ClassVar

import pytest

from ip_places import write_places
from leadflow import Entity, Lead
from leadflow.adapters.json_http import JsonEnricher, JsonService, JsonValueAt
from leadflow.enrichment import CompanyFromColleagues, Enricher, LanguageFromHeader, TimeZoneFromAddress
from leadflow.entities import EnrichedValue
from leadflow.testing import EnricherContract, a_lead

ACME, NOBODY = ({"company.domain": f"{name}.example"} for name in ("acme", "nobody"))


class Fields(Entity):
    time_zone: str | None = None
    device: str | None = None


class TestLanguageFromHeader(EnricherContract):
    known = MappingProxyType({"request.accept_language": "de-AT, en;q=0.5"})
    unknown = MappingProxyType({"request.accept_language": "*"})

    def new_enricher(self) -> Enricher:
        return LanguageFromHeader()


class TestTimeZoneFromAddress(EnricherContract):
    lead_type = Lead[Fields]
    known = MappingProxyType({"address.country": "DE", "address.region": None})
    unknown = MappingProxyType({"address.country": "US", "address.region": None})

    def new_enricher(self) -> Enricher:
        return TimeZoneFromAddress("custom.time_zone")


class TestCompanyFromColleagues(EnricherContract):
    known = ACME
    unknown = NOBODY

    def new_enricher(self) -> Enricher:
        acme = a_lead(company={"name": "Acme", "domain": "acme.example", "employees": 80})
        return CompanyFromColleagues(lambda domain: [acme] if domain == "acme.example" else [])


class TestPlaceFromIp(EnricherContract):
    lead_type = Lead[Fields]
    known = MappingProxyType({"request.ip": "81.2.69.142"})
    unknown = MappingProxyType({"request.ip": "10.0.0.1"})

    @pytest.fixture(autouse=True)
    def written(self, tmp_path: Path) -> None:
        self.file = write_places(tmp_path / "city.mmdb")

    def new_enricher(self) -> Enricher:
        from leadflow.adapters.geoip import PlaceFromIp

        return PlaceFromIp(self.file, time_zone="custom.time_zone")


class TestDeviceFromUserAgent(EnricherContract):
    lead_type = Lead[Fields]
    known = MappingProxyType({"request.user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Firefox/120.0"})
    unknown = MappingProxyType({"request.user_agent": "no browser"})

    def new_enricher(self) -> Enricher:
        pytest.importorskip("ua_parser")
        from leadflow.adapters.user_agents import DeviceFromUserAgent

        return DeviceFromUserAgent(device="custom.device")


class Service(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path.endswith("=acme.example")
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(b'{"size": 250}' if found else b"")

    def log_message(self, *_: object) -> None: ...


class TestJsonEnricher(EnricherContract):
    known = ACME
    unknown = NOBODY
    server: ClassVar[HTTPServer]

    @pytest.fixture(autouse=True)
    def served(self) -> Iterator[None]:
        type(self).server = HTTPServer(("127.0.0.1", 0), Service)
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        yield
        self.make_unreachable(None)

    def new_enricher(self) -> Enricher:
        url = f"http://127.0.0.1:{self.server.server_port}/?domain={{company.domain}}"
        gives = {"company.employees": JsonValueAt(at="size")}
        return JsonEnricher(JsonService(name="service", url=url, gives=gives))

    def make_unreachable(self, enricher: Any) -> None:
        self.server.shutdown()
        self.server.server_close()


def fill(path: str, value: Any, *, when: str = "acme.example") -> Any:
    def look_up(asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        return [[EnrichedValue(path=path, value=value)] if one["company.domain"] == when else [] for one in asked]

    return look_up


right = fill("company.employees", 250)


def breaks(asked: Sequence[Mapping[str, Any]]) -> Any:
    return [right([one])[0] if "example" in one["company.domain"] else 1 / 0 for one in asked]


@pytest.mark.parametrize(
    ("broken", "test"),
    [
        (fill("company.industry", "pumps"), "it_gives_what_its_fields_can_take"),
        (fill("company.employees", "many"), "it_gives_what_its_fields_can_take"),
        (fill("company.employees", 250, when="nobody.example"), "it_gives_what_its_fields_can_take"),
        (lambda asked: [one for one in right(asked) if one], "each_request_has_its_answer"),
        (lambda asked: right(asked)[::-1], "each_request_has_its_answer"),
        (breaks, "odd_values_are_no_errors"),
        (right, "an_outage_is_deferred"),
    ],
)
def test_the_contract_catches(broken: Any, test: str) -> None:
    class Register(Enricher):
        name = "register"
        needs = sends = ("company.domain",)
        gives = ("company.employees",)
        batch = 3
        look_up = staticmethod(broken)

    class Contract(EnricherContract):
        known = ACME
        unknown = NOBODY

        def new_enricher(self) -> Enricher:
            return Register()

        def make_unreachable(self, enricher: Any) -> None: ...

    arguments = ("-",) if test.startswith("odd") else ()
    with pytest.raises((AssertionError, ValueError, ZeroDivisionError, pytest.fail.Exception)) as failure:
        getattr(Contract(), f"test_{test}")(*arguments)
    assert any("The rule: " in note for note in failure.value.__notes__)
    Register.look_up = staticmethod(right)  # what is right passes
    if not test.startswith("an_outage"):
        getattr(Contract(), f"test_{test}")(*arguments)
