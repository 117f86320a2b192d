"""Postal addresses in one spelling: street, house number, postcode and city; best for German-speaking countries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from leadflow.entities import Address, Finding
from leadflow.entities.contact import NUMBER_FIRST
from leadflow.entities.folding import fold
from leadflow.quality.casing import proper_case
from leadflow.quality.countries import CODES, POSTCODES, check_country
from leadflow.quality.gazetteer import Gazetteer, place_findings
from leadflow.quality.postal import postal_findings
from leadflow.quality.results import Checked, error, line, means_nothing, note, warning

__all__ = ["check_address", "split_street", "street_line"]

_FIELDS = ("street", "house_number", "postcode", "city", "region")
_DACH = frozenset({"DE", "AT", "CH", "LI"})
_KEEPS_CASE = NUMBER_FIRST | {"NL"}

_BOX = re.compile(
    r"^(?:postfach|pf\.?|packstation|p\.?\s?o\.?\s?box|postlagernd|postbus|bo[iî]te postale|b\.?p\.?|"
    r"case postale|c\.?p\.?|cs(?= \d)|tsa(?= \d)|apartado|casella postale|skrytka pocztowa|а/я)(?![^\W\d_])",
    re.IGNORECASE,
)
_MANNHEIM = re.compile(
    r"^([A-Za-z]) ?(\d{1,2})(?: ?, ?| (?=\d))(\d{1,3} ?[A-Za-z]?(?: ?[-–] ?\d{1,3} ?[A-Za-z]?)?)$", re.ASCII
)
_BLOCK = re.compile(r"^[A-Z] \d{1,2}$", re.ASCII)
_LETTER = r"(?: ?[a-zA-Z](?![a-zA-Z.'’]))?"
_ROMAN = (
    r"(?:(?:[-/]| ?-? ?(?=bis|ter|quater|hs|huis)| (?=[IVX]{2,4}$))(?:bis|ter|quater|hs|huis|[IVX]{1,4})(?![^\W_]))?"
)
_NUMBER = rf"\d{{1,5}}(?!\d|[.ºª°]){_LETTER}{_ROMAN}"
_HOUSE = re.compile(
    rf"(?<![\w.-])(?<!\d,)({_NUMBER}(?: ?(?:[-–/+&]|u\.|und ) ?{_NUMBER}){{0,3}}"
    r"(?: ?[-–/+,&] ?[a-zA-Z](?![^\W_])){0,3}(?:(?: 1/2| ?½)(?: ?[a-zA-Z])?)?)$"
)
_HOUSE_WORD = re.compile(r"[ ,]+(?:(?:haus)?nr|no|num|n[°º]|№|number|nummer|hnr|дом|д)\.? ?$", re.IGNORECASE)
# Where in the house: a flat, a floor, a door, a stairway. What begins with one of these is kept behind the street.
_UNIT_WORDS = """
    hinterhaus hinterhof hofgebäude vorderhaus seitenflügel gartenhaus rückgebäude haus hh vh stiege stg stock stw
    stk obergeschoss erdgeschoss dachgeschoss untergeschoss etage geschoss og eg dg ug tür top wohnung whg wohn
    appartement ap app apt appt apartment apto flat unit suite ste room raum zimmer floor level lvl boîte boite bte
    bus box esc escalier escalera bât bat bâtiment batiment bldg building gebäude geb aufgang eingang links rechts
    mitte piso puerta pta planta dcha izq int interno scala piano lok lokal mieszkanie кв квартира офис оф корп
    корпус под подъезд эт этаж verdieping toren c/o z.hd postfach halle tor floor étage etg lgh tv th
""".split()
_PLAIN = re.compile(r"([^\d,;/(#]+) (\d{1,5}(?: ?[a-zA-Z])?)")
_ANY_UNIT = "|".join(sorted(map(re.escape, _UNIT_WORDS), key=len, reverse=True))
_UNIT = re.compile(
    r"(?P<gap> ?[,;/(] ?| )(?P<unit>(?:(?:(?:\d{1,2}|[IVX]{1,4}(?=\.))(?:\.|st|nd|rd|th|er|e|ème|[ºª°])? ?)?(?:"
    + _ANY_UNIT
    + r")(?![^\W\d_]).*|m\. ?\d.*|\d{1,2}[ºª°].*|# ?\w+|\(.*\)))$",
    re.IGNORECASE,
)
_NO_HOUSE = re.compile(
    r"(?:gebäude|geb\.|halle|tor|block|km|etage|stock|og|stiege|top|zimmer|raum|straße des|platz des"
    r"|\b(?:bte|boîte|bus|ap|apt|app|appt|whg|wohnung|кв|unit|suite|flat|lgh|floor|level)\.?"
    rf"|[,;/(] ?(?:m|{_ANY_UNIT})\.?)$",
    re.IGNORECASE,
)
_STREET = re.compile(r"(?<=[^\W\d_])(s)tr(?:\.|(?=$))|\b(s)tr(?:\.|(?=$))", re.IGNORECASE)
_STRASSE = re.compile(r"(s)(?:trasse|traße)(?![^\W\d_])", re.IGNORECASE)
_SQUARE = re.compile(r"(?<=[^\W\d_])pl\.$", re.IGNORECASE)
_IN_FRONT = re.compile(
    r"(?P<unit>(?:(?:flat|unit|apt|apartment|suite|room|studio|appt?|appartement|bât|bat|bâtiment|résidence|étage|etage)\.?"
    r" ?[\w/-]{1,8}|(?:\d{1,2}(?:st|nd|rd|th|er|e|ème)|ground|top|first|second|third) (?:floor|étage|etage)), )?"
    r"(?P<number>\d{1,5}(?:[a-zA-Z](?![^\W_])|-[A-Z](?![^\W_])| ?(?:bis|ter|quater)(?![^\W_])| [A-D](?= [a-zéA-Z]{3}))?"
    r"(?: ?[-–/&] ?\d{1,5}[a-zA-Z]?(?![^\W_]))?(?: 1/2| ?½)?)(?:, ?| )(?P<street>[^\W_].*)$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"\d{1,3}(?:e|er|ème|st|nd|rd|th|º|ª|°)[ ,]", re.IGNORECASE)
_KIND_OF_STREET = re.compile(
    r"(?:str(?:\.|asse|aße|aat)?|weg|gasse|platz|allee|ring|ufer|damm|laan|plein|gracht|kade|dreef)(?![^\W\d_])"
    r"|\b(?:rue|avenue|av\.|boulevard|bd|place|quai|route|chemin|chaussée|impasse|allée|cours|square|via|viale|piazza"
    r"|corso|vicolo|calle|avenida|avda\.?|paseo|plaza|rua|ul\.|ulica|street|st\.?|road|rd\.?|lane|drive|dr\.?|ave\.?|blvd\.?"
    r"|way|court|ct\.?|highway|hwy\.?|parkway|pkwy\.?)(?![^\W\d_])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:^\D{0,20}| \d{1,2}(?:er)? [^\W\d]+ |\D{0,30} de )(?:1[5-9]|20)\d\d$")
_DOT_NUMBER = re.compile(r"(?<=[a-zß]\.)(?=\d)")
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

    ``default_country`` (ISO alpha-2) is used for an address without a country if the postcode is possible there.
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
    doubted = any(one.code == "postcode_format" for one in findings)
    findings += postal_findings(address, format_is_checked=doubted)
    if gazetteer is not None and not doubted:
        findings += place_findings(address, gazetteer)
    return Checked(address, tuple(findings))


def street_line(address: Address) -> str | None:
    """Return street and house number as they are written in the country: ``Hauptstraße 12a, 2. OG``,
    ``221B Baker Street``.
    """
    if address.street is None or address.house_number is None:
        return address.street or address.house_number
    if address.country in NUMBER_FIRST:
        return f"{address.house_number} {address.street}"
    street, comma, unit = address.street.partition(", ")
    if comma and not _UNIT.fullmatch(f", {unit}"):
        street, unit = address.street, ""
    return f"{street} {address.house_number}, {unit}" if unit else f"{street} {address.house_number}"


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
    if country in NUMBER_FIRST and country not in _FRENCH:
        return None
    if _CODE_ALONE.fullmatch(part):
        return {"postcode": part, "city": None}
    found = _CODE_AND_CITY.match(part)
    return None if not found or _KIND_OF_STREET.search(found[2]) else {"postcode": found[1], "city": found[2]}


def split_street(text: str, country: str | None = None) -> tuple[str, str | None]:
    """Split off the house number: "Hauptstr. 12a" is ``("Hauptstraße", "12a")``, "C 4, 12" is ``("C 4", "12")``.

    "12 bis rue de la Paix" in France is ``("rue de la Paix", "12 bis")``. All of a PO box, and of a text without a
    number, is the street; so is one that begins with a number in an unknown country. Flats stand behind the street.
    """
    text = _DOT_NUMBER.sub(" ", text.strip(" ,;") or text)
    if text[-1:] == "." and text[-2:-1].isdecimal():
        text = text[:-1]
    if _BOX.match(text):
        return text, None
    if block := _MANNHEIM.match(text):
        return f"{block[1].upper()} {block[2]}", _tidy(block[3], country)
    street, number, behind = _apart(text, country)
    street = _one_spelling(street, country)
    return (f"{street}, {behind}" if behind else street), number


def _apart(text: str, country: str | None) -> tuple[str, str | None, str]:
    if front := _number_in_front(text, country):
        return front
    if (country in NUMBER_FIRST and (country not in _FRENCH or text[:1].isdigit() or _YEAR.search(text))) or (
        country not in _DACH and text[:1].isdigit() and not _ORDINAL.match(text)
    ):
        return text, None, ""
    behind = ""
    if plain := _PLAIN.fullmatch(text):
        street, number = plain[1].rstrip(), plain[2]
    else:
        unit = _unit_behind_number(text)
        bare, behind = (text[: unit.start()], unit["unit"].strip(" ,()")) if unit else (text, "")
        found = _HOUSE.search(bare[-60:])
        if not found:
            return text, None, ""
        street, number = bare[: len(bare[:-60]) + found.start()].rstrip(" ,;"), found[1]
    if not any(c.isalpha() for c in street) or means_nothing(street) or _NO_HOUSE.search(street[-20:]):
        return text, None, ""
    street = _HOUSE_WORD.sub("", f" {street} ").strip(" ,;")
    if not any(c.isalpha() for c in street):
        return text, None, ""
    return street, _tidy(number, country), behind


_FRENCH = frozenset({"FR", "LU", "MC"})


def _number_in_front(text: str, country: str | None) -> tuple[str, str, str] | None:
    """Return street, number and flat where the number comes first: by the country, or by the words for a street."""
    found = _IN_FRONT.match(text) if country is not None else None
    if not found or (_ORDINAL.match(text) and not found["unit"]) or not any(c.isalpha() for c in found["street"]):
        return None
    if country not in NUMBER_FIRST and (
        not _KIND_OF_STREET.search(found["street"]) or any(c.isdigit() for c in found["street"])
    ):
        return None
    if country in ("US", "CA", "AU") and " " in found["number"] and found["number"][-1:].isalpha():
        return None  # 100 A Street
    if country not in _FRENCH and re.match(r"\d+ [A-Za-z]$", found["number"]) and found["street"].casefold() in _WAYS:
        return None
    return found["street"].strip(" ,;"), _tidy(found["number"], country), (found["unit"] or "").strip(" ,")


_WAYS = frozenset("street road avenue way lane".split())


def _unit_behind_number(text: str) -> re.Match[str] | None:
    for unit in _units(text):
        if _HOUSE.search(text[: unit.start()][-60:]):
            return unit
        if unit["unit"][0].isdigit() and "," in unit["gap"]:  # the 3e of ", 3e étage" is no house number
            return None
    return None


def _units(text: str) -> Iterator[re.Match[str]]:
    """Yield where a unit may begin, from the left."""
    place = 0
    while found := _UNIT.search(text, place):
        yield found
        place = found.start() + 1


def _tidy(number: str, country: str | None) -> str:
    given = " ".join(number.replace("½", " 1/2").split())
    halved = _HALF.fullmatch(given)
    text = re.sub(r" ?([-–/+]) ?", r"\1", halved["whole"] if halved else given).replace("–", "-")
    text = re.sub(r"(?<=\d) (?=[a-zA-Z](?![\w.]))", "", text)
    if halved:
        text = f"{text} 1/2{halved['letter'] or ''}"
    if country in _KEEPS_CASE:
        return text
    parts = re.split(r"([IVX]{2,}\b)", text)  # Keizersgracht 12-II
    return "".join(part if place % 2 else part.lower() for place, part in enumerate(parts))


_HALF = re.compile(r"(?P<whole>.*\d) 1/2(?: ?(?P<letter>[a-zA-Z]))?")


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
    number = _tidy(number, country) if number and any(c.isalnum() for c in number) else None
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
    if in_street is not None and in_street != number and not _NAMED_FOR_A_YEAR.search(text):
        findings.append(warning("two_house_numbers", "address.house_number", f"the street says {in_street}", number))
        return _one_spelling(text, country), number
    return (street, number) if in_street in (None, number) else (_one_spelling(text, country), number)


_NAMED_FOR_A_YEAR = re.compile(r" (?:1[5-9]|20)\d\d$")


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


_LINES = re.compile(r"[ ,;]*[\r\n][\r\n ,;]*(?=\S)")


def _taken(key: str, raw: object, findings: list[Finding]) -> str | None:
    if isinstance(raw, str):
        raw = (
            re.sub(r"[ ,;]*[\r\n]+[ ,;]*(?=\S)", ", ", raw.strip(" ,;\r\n"))
            if key in ("street", "city")
            else raw.strip(" ,;")
        )
    checked = line(f"address.{key}", raw, limit=300)
    findings += checked.findings
    text = checked.value.strip(" ,;") if checked.value else ""
    return None if means_nothing(text) else text
