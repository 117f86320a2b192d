"""What comes shipped: language, time zone, place, device, and any service that answers with JSON."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acme import Clock
from ip_places import write_places
from leadflow import Entity, LeadFlow
from leadflow.adapters.json_http import JsonEnricher, JsonService, JsonValueAt
from leadflow.adapters.memory import MemoryStorage
from leadflow.enrichment import accepted_languages, time_zone_at
from leadflow.errors import Deferred, DefinitionError

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        ("da, en-gb;q=0.8, en;q=0.7", ("da", "en-GB", "en")),  # RFC 9110
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", ("fr-CH", "fr", "en", "de")),  # MDN
        ("en;q=0.3, de ;q=0.9", ("de", "en")),
        ("zh-hant-tw", ("zh-Hant-TW",)),
        ("sl-nedis", ("sl",)),
        ("es-419,es", ("es-419", "es")),
        ("de;q=0, en", ("en",)),
        ("mul, und;q=0.9, en;q=0.8", ("en",)),
        ("de;q=2, en;q=0.5", ("en",)),
        ("*", ()),
        ("", ()),
        ("x-klingon, i-default, 1, ;q=1, q=0.5", ()),
        ("de;q=0.5, DE;q=0.9", ("de",)),
        ("<script>, de\x00, fr", ("fr",)),
        (",".join(["de"] * 5_000), ("de",)),
    ],
)
def test_languages_of_a_header(header: str, languages: tuple[str, ...]) -> None:
    assert accepted_languages(header) == languages


@pytest.mark.parametrize(
    ("country", "region", "zone"),
    [
        ("DE", None, "Europe/Berlin"),  # Büsingen's clocks show the same
        ("AT", None, "Europe/Vienna"),
        ("ES", None, None),  # the Canary Islands
        ("ES", "Madrid", None),
        ("US", None, None),
        ("US", "CA", "America/Los_Angeles"),
        ("US", "US-NY", "America/New_York"),
        ("US", "TX", None),  # El Paso
        ("AU", "qld", "Australia/Brisbane"),
        ("CN", None, None),  # Ürümqi
        ("IN", None, "Asia/Kolkata"),
        ("XX", None, None),
    ],
)
def test_time_zones(country: str, region: str | None, zone: str | None) -> None:
    assert time_zone_at(country, region) == zone


class Visit(Entity):
    time_zone: str | None = None
    device: str | None = None
    browser: str | None = None
    system: str | None = None


def looked_up(enricher: Any, **request: str) -> Any:
    flow = LeadFlow(MemoryStorage(), custom=Visit, enrichers=[enricher], clock=Clock(), delivers=False)
    return flow.look_up(flow.capture({"email": "ada@acme.example"}, source="fair").lead_id, request)


def test_the_place_of_a_network(tmp_path: Path) -> None:
    file = write_places(tmp_path / "city.mmdb")
    from leadflow.adapters.geoip import PlaceFromIp

    enricher = PlaceFromIp(file, time_zone="custom.time_zone")
    lead = looked_up(enricher, ip="81.2.69.142")
    assert (lead.address.country, lead.address.region, lead.address.city) == ("GB", "ENG", "London")
    assert lead.custom.time_zone == "Europe/London"
    assert looked_up(enricher, ip="2001:218::1").address.country == "JP"
    for ip in ("::ffff:81.2.69.142", "::FFFF:5102:458f"):  # IPv4 as an IPv6 socket shows it
        assert looked_up(enricher, ip=ip).address.city == "London"
    for ip in (
        "5.6.7.8", "::ffff:5.6.7.8", "5.6.8.1", "10.0.0.1", "::1", "fe80::1%eth0", "::ffff:10.0.0.1", "81.2.69.142:443",
        "81.2.69.142, 81.2.69.143", "081.002.069.142", "no address", "81.2.69.142'; drop table", "1" * 5_000,
    ):  # fmt: skip
        assert looked_up(enricher, ip=ip).enriched == ()
    (tmp_path / "broken.mmdb").write_bytes(b"no database")
    for name in ("broken.mmdb", "missing.mmdb"):
        with pytest.raises(DefinitionError, match=name):
            PlaceFromIp(tmp_path / name)


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 "
    "Mobile/15E148 Safari/604.1"
)
GALAXY_TAB = (
    "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36"
)
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FIREFOX, ("desktop", "Firefox", "Linux")),
        (IPHONE, ("phone", "Mobile Safari", "iOS")),
        (GALAXY_TAB, ("tablet", "Chrome", "Android")),
        (GOOGLE, ("bot", "Googlebot", None)),
        ("curl/8.4.0", (None, "curl", None)),
        ("(" * 10_000, (None, None, None)),
    ],
)
def test_devices(agent: str, told: tuple[str | None, ...]) -> None:
    pytest.importorskip("ua_parser")
    from leadflow.adapters.user_agents import DeviceFromUserAgent

    enricher = DeviceFromUserAgent(device="custom.device", browser="custom.browser", system="custom.system")
    custom = looked_up(enricher, user_agent=agent).custom
    assert (custom.device, custom.browser, custom.system) == told


# ----------------------------------------------------------------------------------------------------- JSON over HTTP
SERVER = """
import json, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

ODD = {
    "nan.example": '{"company": {"sector": NaN, "size": [250]}}',
    "infinite.example": '{"company": {"sector": "Mfg", "size": [1e999]}}',
    "great.example": '{"company": {"sector": "Mfg", "size": [%s]}}' % ("9" * 4000),
    "text.example": json.dumps({"company": {"sector": "x" * 900_000, "size": [250]}}),
    "truth.example": '{"company": {"sector": "Mfg", "size": [true]}}',
    "controls.example": json.dumps({"company": {"sector": "%cpu%c%cmps%c" % (0, 13, 10, 27), "size": [5]}}),
    "deep.example": "[" * 100_000,
    "digits.example": "9" * 5000,
}
WAITS = {
    "past": "Mon, 01 Jan 2001 00:00:00 GMT",
    "date": "Fri, 31 Dec 2999 23:59:59 GMT",
    "far": "Fri, 31 Dec 9999 23:59:59 -0100",
    "first": "Mon, 01 Jan 0001 00:00:00 +0100",
    "years": "99999999",
    "digits": "9" * 400,
    "minus": "-5",
    "words": "soon",
}

class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        domain = parse_qs(urlsplit(self.path).query)["domain"][0]
        with open(sys.argv[1], "a") as file:
            file.write(f"{domain} {self.headers.get('X-Key')}\\n")
        status, _, rest = domain.partition(".")
        code = int(status) if status.isdecimal() else 200
        body = {"company": {"sector": "Mfg", "size": [250, 500], "nothing": None, "odd": {}}, "note": domain}
        text = "[1]" if "list" in domain else "<html>" if "html" in domain else json.dumps(body)
        text = ODD.get(domain, text)
        if "long" in domain:
            text = " " * 1_100_000 + text
        if "slow" in domain:
            time.sleep(3)
        self.send_response(code)
        if code in (429, 503):
            self.send_header("Retry-After", WAITS.get(rest.partition(".")[0], "120"))
        if code in (301, 302):
            self.send_header("Location", "http://localhost:%d/elsewhere?domain=secret.example" % server.server_port)
        if "drip" in domain:
            for _ in range(60 if "drips" in domain else 0):
                self.flush_headers()
                self.send_header("X-More", "x")
                time.sleep(0.05)
        self.end_headers()
        if "drip" in domain:
            for _ in range(60):
                self.wfile.write(b" ")
                time.sleep(0.05)
        if "broken" in domain:
            self.wfile.write(b'{"comp')
            return
        self.wfile.write(text.encode() if code == 200 else b"")

    def log_message(self, *_):
        pass

server = HTTPServer(("127.0.0.1", 0), Service)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A service in a process of its own, and the file in which it notes its calls."""
    calls = tmp_path_factory.mktemp("served") / "calls"
    calls.touch()
    command = [sys.executable, "-c", SERVER, str(calls)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline()), calls
        process.kill()


def service(port: int, **more: Any) -> JsonEnricher:
    gives = {
        "company.industry": JsonValueAt(at="company.sector", words={"Mfg": "manufacturing"}),
        "company.employees": JsonValueAt(at="company.size.0", confidence=0.9),
        "company.legal_form": JsonValueAt(at="company.nothing"),
        "company.lei": JsonValueAt(at="company.odd"),
        "company.vat_number": JsonValueAt(at="company.size.7"),
    }
    url = f"http://127.0.0.1:{port}/v1?domain={{company.domain}}"
    return JsonEnricher(JsonService(name="service", url=url, gives=gives, headers={"X-Key": "k"}, **more))


def asked(port: int, domain: str, **more: Any) -> dict[str, object]:
    (known,) = service(port, **more).look_up([{"company.domain": domain}])
    return {one.path: one.value for one in known}


def test_a_service_is_asked_as_its_definition_says(served: tuple[int, Path]) -> None:
    port, calls = served
    assert asked(port, "acme.example") == {"company.industry": "manufacturing", "company.employees": 250}
    assert asked(port, "a&b=c/../{x} ü.example")["company.employees"] == 250
    assert calls.read_text().splitlines()[-2:] == ["acme.example k", "a&b=c/../{x} ü.example k"]
    enricher = service(port)
    assert enricher.sends == ("company.domain",)
    assert "'k'" not in repr(enricher.service)
    assert JsonService.model_validate_json(enricher.service.model_dump_json()) == enricher.service


def test_what_a_service_refuses(served: tuple[int, Path]) -> None:
    port, calls = served
    assert asked(port, "404.example") == asked(port, "422.example") == {}
    for code in (429, 503):
        with pytest.raises(Deferred, match=str(code)) as deferred:
            asked(port, f"{code}.example")
        assert deferred.value.until is not None
    for code in (401, 402, 403):
        with pytest.raises(Deferred, match=str(code)):
            asked(port, f"{code}.example")
    for domain in (
        "500.example", "302.example", "list.example", "html.example", "long.example", "broken.example", "deep.example",
        "digits.example",
    ):  # fmt: skip
        with pytest.raises((OSError, ValueError, TypeError, RecursionError)):  # it may have been paid for
            asked(port, domain)
    with pytest.raises(OSError, match="timed out"):
        asked(port, "slow.example", timeout_seconds=0.3)
    for domain in ("drip.example", "drips.example"):  # byte by byte: the timeout is that of the whole answer
        with pytest.raises(OSError, match="timed out"):
            asked(port, domain, timeout_seconds=0.3)
    assert "secret" not in calls.read_text()
    with pytest.raises(Deferred, match="can't be reached"):
        asked(1, "acme.example")
    url = f"https://localhost:{port}/{{company.domain}}"  # there is no TLS: nothing is sent
    with pytest.raises(Deferred, match="can't be reached"):
        JsonEnricher(JsonService(name="s", url=url, gives=GIVES)).look_up([{"company.domain": "acme.example"}])


@pytest.mark.parametrize("wait", ["past", "far", "first", "years", "digits", "minus", "words", "date"])
def test_nobody_waits_for_years(served: tuple[int, Path], wait: str) -> None:
    before = datetime.now(UTC)
    with pytest.raises(Deferred) as deferred:
        asked(served[0], f"429.{wait}.example")
    until = deferred.value.until
    assert (until is not None and until > before) == (wait in ("years", "date"))
    assert until is None or until <= datetime.now(UTC) + timedelta(days=1)


@pytest.mark.parametrize(
    ("domain", "known"),
    [
        ("nan", {"company.employees": 250}),
        ("infinite", {"company.industry": "manufacturing"}),
        ("great", {"company.industry": "manufacturing"}),
        ("text", {"company.employees": 250}),
        ("truth", {"company.industry": "manufacturing"}),
        ("controls", {"company.industry": "pu mps", "company.employees": 5}),
    ],
)
def test_an_odd_value_costs_nothing_but_itself(served: tuple[int, Path], domain: str, known: dict[str, Any]) -> None:
    flow = LeadFlow(MemoryStorage(), enrichers=[service(served[0])], clock=Clock(), delivers=False)
    lead = flow.look_up(flow.capture({"email": f"ada@{domain}.example"}, source="fair").lead_id)
    assert {path: getattr(lead.company, path.partition(".")[2]) for path in lead.enriched} == known
    assert flow.tasks("dead") == []


def test_a_service_at_work(served: tuple[int, Path]) -> None:
    port, calls = served
    flow = LeadFlow(MemoryStorage(), enrichers=[service(port)], clock=Clock(), delivers=False)
    for domain in ("one.example", "two.example", "500.example"):
        flow.capture({"email": f"ada@{domain}"}, source="fair")
        flow.capture({"email": f"bob@{domain}"}, source="fair")
    before = len(calls.read_text().splitlines())
    flow.run_due()
    assert len(calls.read_text().splitlines()) - before == 3
    assert sum(lead.company.employees == 250 for lead in flow.leads()) == 4
    assert [task.key.partition(":")[0] for task in flow.tasks("dead")] == ["lost"]


GIVES = {"company.industry": JsonValueAt(at="sector")}


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://x/{company.domain}", "begins with https"),
        ("http://api.example/{company.domain}", "begins with https"),
        ("http://localhost.evil.example/{company.domain}", "begins with https"),
        ("https:///{company.domain}", "and a host"),
        ("https://[::1/{company.domain}", "and a host"),
        ("//api.example/{company.domain}", "begins with https"),
        ("https://x/", "url has no"),
        ("https://{company.domain}/x", "host in full"),
        ("https://api.{company.domain}/x", "host in full"),
        ("https://api.example{company.domain}", "host in full"),
        ("https://api.example@{company.domain}/x", "host in full"),
        ("https://api.example:{custom.port}/x", "host in full"),
        ("https://api.example\\@{company.domain}/x", "host in full"),
        ("https://api.example:x/{company.domain}", "and a host"),
        (f"https://{'x' * 64}.example/{{company.domain}}", "and a host"),
        ("https://ada:secret@api.example/{company.domain}", "in headers"),
        ("https://api.example/a b/{company.domain}", "without blanks"),
        ("https://api.example/a\n{company.domain}", "without blanks"),
        ("https://api.example/ü/{company.domain}", "in ASCII"),
        ("https://api.example/{company.domain}?x={a-b}", "each brace"),
        ("https://api.example/#{company.domain}", "behind a #"),
        ("{company.domain}://api.example/x", "host in full|and a host"),
    ],
)
def test_a_service_that_can_not_be_asked_is_refused(url: str, why: str) -> None:
    with pytest.raises(DefinitionError, match=why):
        JsonEnricher(JsonService(name="service", url=url, gives=GIVES))


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"headers": {"X": "a\r\nY: b"}}, "can't be sent"),
        ({"headers": {"X Y": "a"}}, "can't be sent"),
        ({"headers": {"X": "€"}}, "can't be sent"),
        ({"headers_from": {"Authorization": "COMPANIES_KEY"}}, "give 'Authorization' in headers"),
    ],
)
def test_headers_that_can_not_be_sent_are_refused(headers: dict[str, Any], why: str) -> None:
    with pytest.raises(DefinitionError, match=why):
        JsonEnricher(JsonService(name="s", url="https://api.example/{company.domain}", gives=GIVES, **headers))


@pytest.mark.parametrize("url", ["https://api.example?d={company.domain}", "http://[::1]:80/{company.domain}"])
def test_a_service_behind_a_fixed_host_is_taken(url: str) -> None:
    assert JsonEnricher(JsonService(name="service", url=url, gives=GIVES)).sends == ("company.domain",)


@pytest.mark.parametrize("gives", [{}, {"company.industry": {"at": ""}}, {"company.industry": {"at": "a..b"}}])
def test_a_service_that_gives_nothing_is_refused(gives: object) -> None:
    with pytest.raises(ValueError, match="gives"):
        JsonService.model_validate({"name": "s", "url": "https://x/{company.domain}", "gives": gives})
