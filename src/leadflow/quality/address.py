"""Postal addresses in one spelling, also those that stand in one cell; best for German-speaking countries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from leadflow.entities import Address, Finding
from leadflow.entities.base import made
from leadflow.entities.contact import NUMBER_FIRST
from leadflow.entities.folding import fold
from leadflow.quality.casing import proper_case
from leadflow.quality.countries import CODES, POSTCODES, check_country
from leadflow.quality.gazetteer import Gazetteer, place_findings
from leadflow.quality.postal import postal_findings
from leadflow.quality.results import Checked, error, line, means_nothing, note, warning
from leadflow.quality.street import FRENCH, GERMAN_SPEAKING, KIND_OF_STREET, SMALL_WORDS, street_and_number

__all__ = ["check_address"]

_FIELDS = ("street", "house_number", "postcode", "city", "region")

_CODE_AND_CITY = re.compile(
    r"^((?:[A-Za-z]{1,2}-)?(?:\d{4} ?[A-Z]{2}(?![^\W_])|\d{2}-\d{3}|\d{4}-\d{3}|\d{3} \d{2}|\d{4,5}(?! ?[A-Z]{2}$)))"
    r" +([^\W\d].*)$"
)
_PREFIXED = re.compile(r"^([A-Za-z]{1,2})(?:[ -] ?|(?=\d))(\d{4,6}|\d[\d -]{3,6}\d|\d{4} ?[A-Za-z]{2})$", re.ASCII)
_DOT_ZERO = re.compile(r"^(\d{3,6})[.,]0$", re.ASCII)
_CAR_CODES = {"D": "DE", "A": "AT", "F": "FR", "I": "IT", "B": "BE", "L": "LU", "FL": "LI"}


def check_address(
    given: Mapping[str, object], *, default_country: str | None = None, gazetteer: Gazetteer | None = None
) -> Checked[Address]:
    """Return an address from street, house_number, postcode, city, region and country.

    ``default_country`` (ISO alpha-2) says how an address without a country is read, if the postcode is possible there;
    it does not become the country of the address.
    Doubtful values (a postcode that the country can't have) are kept with a warning; nothing is corrected by guessing.
    The ``gazetteer`` suggests a city for a postcode, and the other way round.
    """
    findings: list[Finding] = []
    lines = {key: _taken(key, given.get(key), findings) for key in _FIELDS}
    named = check_country(given.get("country"))
    findings += named.findings
    if (whole := _in_one_cell(lines, named.value)) is not None:
        findings.append(_of_whole(whole))
        if not whole.contradicts:
            lines |= whole.lines
            named = named if named.value else Checked(whole.country)
    if (typed := lines["postcode"]) and (found := _DOT_ZERO.match(typed)):
        lines["postcode"] = found[1]
    code, city = _code_and_city(lines["postcode"], lines["city"])
    code, country = _country(code, named.value, findings)
    here = country or (default_country if _may_be_in(default_country, code) else None)
    street, number = street_and_number(lines["street"], lines["house_number"], here, findings)
    address = made(
        Address,
        street=street,
        house_number=number,
        postcode=_postcode(code, here, findings),
        city=_city(city, findings),
        region=lines["region"],
        country=country,
    )
    doubted = any(one.code == "postcode_format" for one in findings)
    as_read = address.but(country=here)
    findings += postal_findings(as_read, format_is_checked=doubted)
    if gazetteer is not None and not doubted:
        findings += place_findings(as_read, gazetteer)
    return Checked(address, tuple(findings))


class _WholeAddress(NamedTuple):
    text: str
    lines: dict[str, str | None]
    country: str | None
    contradicts: bool


_ENDS = re.compile(r"[,;|•·]|\s[–-]\s")
_BRITISH = re.compile(r"^(?:(?P<city>[^\d]+) )?(?P<postcode>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$", re.ASCII)
_OVERSEAS = re.compile(
    r"^(?:(?P<city>[^\d]+) )?(?P<region>[A-Z]{2,3}) (?P<postcode>\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)$", re.ASCII
)
_CODE_ALONE = re.compile(r"(?:[A-Z]{1,2}-)?\d{5}", re.ASCII)
_UNMARKED = re.compile(r"^(?P<street>\D.*?\D\d{1,4} ?[a-zA-Z]?) (?P<rest>(?:[A-Z]{1,2}-)?\d{4,5} [^\W\d].*)$")


def _in_one_cell(lines: Mapping[str, str | None], country: str | None) -> _WholeAddress | None:
    """Return what one cell holds: ``Hauptstr. 12, 80331 München``, ``10 Downing Street, London SW1A 2AA, UK``."""
    key = "street" if lines["street"] else "city"
    text = lines[key]
    if text is None or not any(c.isdigit() for c in text) or (key == "city" and lines["postcode"]):
        return None
    parts = [part.strip() for part in _ENDS.split(text) if part.strip()]
    if len(parts) == 1 and (found := _UNMARKED.match(text)):
        parts = [found["street"], found["rest"]]
    if len(parts) > 2 and (last := check_country(parts[-1]).value) and country in (None, last):
        country = last
        parts.pop()
    if len(parts) < 2:
        return None
    read = _place_in(parts[-1], country)
    if read is None:
        return None
    street = parts[:-1]
    if not read["city"] and len(street) > 1:
        read["city"] = street.pop()
    taken = ", ".join(street)
    if not any(c.isdigit() for c in taken) or not any(c.isalpha() for c in taken):
        return None
    place = {name: value for name, value in read.items() if value}
    same = all(_folded(lines[name]) in (None, _folded(place[name])) for name in place if name != key)
    return _WholeAddress(text, {**place, "street": taken}, country, contradicts=not same)


def _folded(text: str | None) -> str | None:
    return fold(text).replace(" ", "") if text else None


def _of_whole(whole: _WholeAddress) -> Finding:
    if whole.contradicts:
        said = " ".join(part for key, part in whole.lines.items() if key != "street" and part)
        return warning("two_places", "address.street", f"the street says {said}", whole.text)
    return note("whole_address", "address.street", "held postcode and city, too", whole.text)


def _place_in(part: str, country: str | None) -> dict[str, str | None] | None:
    if country in (None, "GB") and (found := _BRITISH.match(part)):
        return {"postcode": found["postcode"], "city": found["city"]}
    if country in (None, "US", "CA") and (found := _OVERSEAS.match(part)):
        return {"postcode": found["postcode"], "city": found["city"], "region": found["region"]}
    if country in NUMBER_FIRST and country not in FRENCH:
        return None
    if _CODE_ALONE.fullmatch(part):
        return {"postcode": part, "city": None}
    found = _CODE_AND_CITY.match(part)
    return None if not found or KIND_OF_STREET.search(found[2]) else {"postcode": found[1], "city": found[2]}


def _code_and_city(code: str | None, city: str | None) -> tuple[str | None, str | None]:
    found = _CODE_AND_CITY.match(city) if city else None
    if found and (code is None or code == found[1]):
        return found[1], found[2]
    found = _CODE_AND_CITY.match(code) if code and not city else None
    return (found[1], found[2]) if found else (code, city)


def _country(code: str | None, named: str | None, findings: list[Finding]) -> tuple[str | None, str | None]:
    prefixed = _PREFIXED.match(code) if code else None
    if prefixed:
        sign = prefixed[1].upper()
        found = _CAR_CODES.get(sign) or (sign if sign in CODES else None)
        if found and named in (None, found):
            return prefixed[2], found
        if found:
            message = f"is a postcode of {found}, not {named}"
            findings.append(warning("other_country", "address.postcode", message, code))
    return code, named


def _may_be_in(country: str | None, code: str | None) -> bool:
    """Whether a postcode is possible in a country."""
    return code is None or country not in POSTCODES or POSTCODES[country].fullmatch(_set_out(code, country)) is not None


def _postcode(code: str | None, country: str | None, findings: list[Finding]) -> str | None:
    if code is None or country is None or country not in POSTCODES:
        return code
    written = _set_out(code, country)
    if not POSTCODES[country].fullmatch(written):
        padded = f"0{code}" if country == "DE" and len(code) == 4 and code.isdigit() else None
        message = f"does not have the format of postcodes in {country}"
        findings.append(warning("postcode_format", "address.postcode", message, code, padded))
        return code
    return written


# The position of a blank or hyphen, counted from the end.
_GAPS = {"NL": (2, " "), "GB": (3, " "), "SE": (2, " "), "CZ": (2, " "), "SK": (2, " "), "GR": (2, " "),
         "CA": (3, " "),
         "PL": (3, "-"), "PT": (3, "-"), "BR": (3, "-"), "JP": (4, "-")}  # fmt: skip


def _set_out(code: str, country: str) -> str:
    if country not in _GAPS:
        return code.replace(" ", "") if country in GERMAN_SPEAKING else code
    bare = code.upper().replace(" ", "").replace("-", "")
    back, gap = _GAPS[country]
    return f"{bare[:-back]}{gap}{bare[-back:]}" if len(bare) > back else code


def _city(city: str | None, findings: list[Finding]) -> str | None:
    city = city.strip(" ,;") if city else ""
    if means_nothing(city):
        return None
    if not any(c.isalpha() for c in city):
        findings.append(error("not_a_city", "address.city", "has no letters", city))
        return None
    return proper_case(city, small=SMALL_WORDS)


_LINE_BREAKS = re.compile(r"[ ,;]*[\r\n]+[ ,;]*(?=\S)")


def _taken(key: str, raw: object, findings: list[Finding]) -> str | None:
    if raw is None:
        return None
    if isinstance(raw, str):
        raw = _LINE_BREAKS.sub(", ", raw.strip(" ,;\r\n")) if key in ("street", "city") else raw.strip(" ,;")
    checked = line(f"address.{key}", raw, limit=300)
    findings += checked.findings
    text = checked.value.strip(" ,;") if checked.value else ""
    return None if means_nothing(text) else text
