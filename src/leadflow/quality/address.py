"""Postal addresses in one spelling: street, house number, postcode and city; best for German-speaking countries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from leadflow.entities import Address, Finding
from leadflow.quality.casing import proper_case
from leadflow.quality.countries import CODES, POSTCODES, check_country
from leadflow.quality.results import Checked, error, line, means_nothing, warning

__all__ = ["check_address", "split_street"]

_FIELDS = ("street", "house_number", "postcode", "city", "region")
_DACH = frozenset({"DE", "AT", "CH", "LI"})
_NUMBER_FIRST = frozenset("US CA GB IE AU NZ FR LU ZA IN SG".split())

_BOX = re.compile(
    r"^(?:postfach|pf\.?|packstation|p\.?\s?o\.?\s?box|postlagernd|postbus|bo[iî]te postale|b\.?p\.?|"
    r"case postale|c\.?p\.?|apartado|casella postale|skrytka pocztowa|а/я)(?![^\W\d_])",
    re.IGNORECASE,
)
_MANNHEIM = re.compile(
    r"^([A-Za-z]) ?(\d{1,2})(?: ?, ?| (?=\d))(\d{1,3} ?[A-Za-z]?(?: ?[-–] ?\d{1,3} ?[A-Za-z]?)?)$", re.ASCII
)
_BLOCK = re.compile(r"^[A-Z] \d{1,2}$", re.ASCII)
_LETTER = r"(?: ?[a-zA-Z](?![a-zA-Z.'’]))?"
_ROMAN = r"(?:(?:-| ?-? ?(?=bis|ter|hs|huis))(?:bis|ter|hs|huis|[IVX]{1,4})(?![^\W_]))?"
_NUMBER = rf"\d{{1,5}}(?!\d|[.ºª°]){_LETTER}{_ROMAN}"
_HOUSE = re.compile(
    rf"(?<![\w.-])({_NUMBER}(?: ?[-–/+] ?{_NUMBER}){{0,3}}(?: ?[-/] ?[a-zA-Z](?![^\W_]))?(?: 1/2| ?½)?)$"
)
_HOUSE_WORD = re.compile(r"[ ,]+(?:(?:haus)?nr|no|num|n[°º]|№|number|nummer|hnr|дом|д)\.? ?$", re.IGNORECASE)
# Where in the house: a flat, a floor, a door, a stairway. What begins with one of these is kept behind the street.
_UNIT_WORDS = """
    hinterhaus hinterhof hofgebäude vorderhaus seitenflügel gartenhaus rückgebäude haus hh vh stiege stg stock stw
    stk obergeschoss erdgeschoss dachgeschoss untergeschoss etage geschoss og eg dg ug tür top wohnung whg wohn
    appartement app apt appt apartment apto flat unit suite ste room raum zimmer floor level lvl boîte boite bte
    bus box esc escalier escalera bât bat bâtiment batiment bldg building gebäude geb aufgang eingang links rechts
    mitte piso puerta pta planta dcha izq int interno scala piano lok lokal mieszkanie кв квартира офис оф корп
    корпус под подъезд эт этаж verdieping toren c/o z.hd postfach halle tor floor étage etg lgh tv th
""".split()
_PLAIN = re.compile(r"([^\d,;/(#]+) (\d{1,5}(?: ?[a-zA-Z])?)")
_ANY_UNIT = "|".join(sorted(map(re.escape, _UNIT_WORDS), key=len, reverse=True))
_UNIT = re.compile(
    r"(?P<gap> ?[,;/(] ?| )(?P<unit>(?:(?:\d{1,2}(?:\.|st|nd|rd|th|er|e|ème|[ºª°])? ?)?(?:"
    + _ANY_UNIT
    + r")(?![^\W\d_]).*|m\. ?\d.*|\d{1,2}[ºª°].*|# ?\w+|\(.*\)))$",
    re.IGNORECASE,
)
_NO_HOUSE = re.compile(
    r"(?:gebäude|geb\.|halle|tor|block|km|etage|stock|og|stiege|top|zimmer|raum|straße des|platz des"
    r"|\b(?:bte|boîte|bus|apt|app|appt|whg|wohnung|кв|unit|suite|flat|lgh|floor|level)\.?"
    rf"|[,;/(] ?(?:m|{_ANY_UNIT})\.?)$",
    re.IGNORECASE,
)
_STREET = re.compile(r"(?<=[^\W\d_])(s)tr(?:\.|(?=$))|\b(s)tr(?:\.|(?=$))", re.IGNORECASE)
_STRASSE = re.compile(r"(s)(?:trasse|traße)(?![^\W\d_])", re.IGNORECASE)
_SQUARE = re.compile(r"(?<=[^\W\d_])pl\.$", re.IGNORECASE)
_DOT_NUMBER = re.compile(r"(?<=[a-zß]\.)(?=\d)")
_CODE_AND_CITY = re.compile(
    r"^((?:[A-Za-z]{1,2}-)?(?:\d{4} ?[A-Z]{2}(?![^\W_])|\d{2}-\d{3}|\d{4}-\d{3}|\d{3} \d{2}|\d{4,5}(?! ?[A-Z]{2}$)))"
    r" +([^\W\d].*)$"
)
_PREFIXED = re.compile(r"^([A-Za-z]{1,2})(?:[ -] ?|(?=\d))(\d{4,6}|\d[\d -]{3,6}\d|\d{4} ?[A-Za-z]{2})$", re.ASCII)
_DOT_ZERO = re.compile(r"^(\d{3,6})[.,]0$", re.ASCII)
_CAR_CODES = {"D": "DE", "A": "AT", "F": "FR", "I": "IT", "B": "BE", "L": "LU", "FL": "LI"}


def check_address(given: Mapping[str, object], *, default_country: str | None = None) -> Checked[Address]:
    """Return an address from street, house_number, postcode, city, region and country.

    ``default_country`` (ISO alpha-2) is used for an address without a country if the postcode is possible there.
    Doubtful values (a postcode that the country can't have) are kept with a warning; nothing is corrected by guessing.
    """
    findings: list[Finding] = []
    lines = {key: _taken(key, given.get(key), findings) for key in _FIELDS}
    named = check_country(given.get("country"))
    findings += named.findings
    if (typed := lines["postcode"]) and (found := _DOT_ZERO.match(typed)):
        lines["postcode"] = found[1]
    code, city = _code_and_city(lines["postcode"], lines["city"])
    code, country = _country(code, named.value, default_country, any(lines.values()), findings)
    street, number = _street(lines["street"], lines["house_number"], country, findings)
    address = Address(
        street=street,
        house_number=number,
        postcode=_postcode(code, country, findings),
        city=_city(city, findings),
        region=lines["region"],
        country=country,
    )
    return Checked(address, tuple(findings))


def split_street(text: str, country: str | None = None) -> tuple[str, str | None]:
    """Split off the house number: "Hauptstr. 12a" is ``("Hauptstraße", "12a")``, "C 4, 12" is ``("C 4", "12")``.

    Where the number comes first (US, GB, FR …), and for a PO box or a text without a number, all of it is the street.
    """
    text = _DOT_NUMBER.sub(" ", text.strip(" ,;") or text)
    if text[-1:] == "." and text[-2:-1].isdecimal():
        text = text[:-1]
    if _BOX.match(text):
        return text, None
    if block := _MANNHEIM.match(text):
        return f"{block[1].upper()} {block[2]}", _tidy(block[3])
    street, number, behind = _apart(text, country)
    street = _one_spelling(street, country)
    return (f"{street}, {behind}" if behind else street), number


def _apart(text: str, country: str | None) -> tuple[str, str | None, str]:
    if country in _NUMBER_FIRST or (country not in _DACH and text[:1].isdigit()):
        return text, None, ""
    behind = ""
    if plain := _PLAIN.fullmatch(text):
        street, number = plain[1].rstrip(), plain[2]
    else:
        unit = next((unit for unit in _units(text) if _HOUSE.search(text[: unit.start()][-60:])), None)
        bare, behind = (text[: unit.start()], unit["unit"].strip(" ,()")) if unit else (text, "")
        found = _HOUSE.search(bare[-60:])
        if not found:
            return text, None, ""
        street, number = bare[: len(bare[:-60]) + found.start()].rstrip(" ,;"), found[1]
    if not any(c.isalpha() for c in street) or means_nothing(street) or _NO_HOUSE.search(street[-20:]):
        return text, None, ""
    street = _HOUSE_WORD.sub("", f"{street} ").rstrip(" ,;")
    if not any(c.isalpha() for c in street):
        return text, None, ""
    return street, _tidy(number), behind


def _units(text: str) -> Iterator[re.Match[str]]:
    """Yield where a unit may begin, from the left."""
    place = 0
    while found := _UNIT.search(text, place):
        yield found
        place = found.start() + 1


def _tidy(number: str) -> str:
    whole, half, _ = number.strip().replace("½", " 1/2").partition(" 1/2")
    parts = re.split(r"([IVX]{2,}\b)", whole.strip())  # Keizersgracht 12-II
    text = "".join(part if place % 2 else part.lower() for place, part in enumerate(parts))
    return re.sub(r" (?!bis|ter|hs|huis)", "", text).replace("–", "-") + half


def _one_spelling(street: str, country: str | None) -> str:
    head, comma, unit = street.partition(", ")
    if comma and _UNIT.fullmatch(f", {unit}"):
        return f"{_one_spelling(head, country)}, {unit}"
    street = proper_case(street, small=_SMALL) if country in _DACH or country is None else street
    if country not in _DACH and country is not None:
        return street
    ending = "trasse" if country in ("CH", "LI") else "traße"
    street = _SQUARE.sub("platz", street)
    if country or not street.casefold().startswith("str."):  # Str. Victoriei is Romanian
        street = _STREET.sub(lambda m: (m[1] or m[2]) + ending, street)
    return _STRASSE.sub(lambda m: m[1] + ending, street)


_SMALL = frozenset("am an auf bei beim der dem den des die im in und unter von vor zu zum zur vom".split())


def _street(
    text: str | None, number: str | None, country: str | None, findings: list[Finding]
) -> tuple[str | None, str | None]:
    number = _tidy(number) if number and any(c.isalnum() for c in number) else None
    if text is None:
        return None, number
    if number is None:
        street, number = split_street(text, country)
        while number and split_street(street, country)[1] == number:  # "Hauptstr. 5 5"
            street = split_street(street, country)[0]
        return street, number
    if _BLOCK.match(text):  # Mannheim's C 4 is a street
        return text, number
    street, in_street = split_street(text, country)
    if in_street is not None and in_street != number:
        findings.append(warning("two_house_numbers", "address.house_number", f"the street says {in_street}", number))
        return _one_spelling(text, country), number
    return street, number


def _code_and_city(code: str | None, city: str | None) -> tuple[str | None, str | None]:
    found = _CODE_AND_CITY.match(city) if city else None
    if found and (code is None or code == found[1]):
        return found[1], found[2]
    found = _CODE_AND_CITY.match(code) if code and not city else None
    return (found[1], found[2]) if found else (code, city)


def _country(
    code: str | None, named: str | None, default: str | None, has_address: bool, findings: list[Finding]
) -> tuple[str | None, str | None]:
    prefixed = _PREFIXED.match(code) if code else None
    if prefixed:
        sign = prefixed[1].upper()
        found = _CAR_CODES.get(sign) or (sign if sign in CODES else None)
        if found and named in (None, found):
            return prefixed[2], found
        if found:
            message = f"is a postcode of {found}, not {named}"
            findings.append(warning("other_country", "address.postcode", message, code))
    if named or not default or not has_address:
        return code, named
    fits = code is None or default not in POSTCODES or POSTCODES[default].fullmatch(_set_out(code, default))
    return code, default if fits else None


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
        return code.replace(" ", "") if country in _DACH else code
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
    return proper_case(city, small=_SMALL)


def _taken(key: str, raw: object, findings: list[Finding]) -> str | None:
    checked = line(f"address.{key}", raw.strip(" ,;") if isinstance(raw, str) else raw, limit=300)
    findings += checked.findings
    text = checked.value.strip(" ,;") if checked.value else ""
    return None if means_nothing(text) else text
