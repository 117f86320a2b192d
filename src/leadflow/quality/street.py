"""Streets: the house number apart from the street, each in one spelling; flats and floors stay behind the street."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leadflow.entities import Address, Finding
from leadflow.entities.contact import NUMBER_FIRST
from leadflow.quality.casing import proper_case
from leadflow.quality.results import means_nothing, warning

__all__ = [
    "FRENCH",
    "GERMAN_SPEAKING",
    "KIND_OF_STREET",
    "SMALL_WORDS",
    "split_street",
    "street_and_number",
    "street_line",
]

GERMAN_SPEAKING = frozenset({"DE", "AT", "CH", "LI"})
FRENCH = frozenset({"FR", "LU", "MC"})
SMALL_WORDS = frozenset("am an auf bei beim der dem den des die im in und unter von vor zu zum zur vom".split())
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
_NO_HOUSE_ENDS = "gebäude geb. halle tor block km etage stock og stiege top zimmer raum straße|des platz|des".split()
_NO_HOUSE_WORDS = "bte boîte bus ap apt app appt whg wohnung кв unit suite flat lgh floor level".split()
_NO_HOUSE = re.compile(
    rf"(?:{'|'.join(re.escape(end.replace('|', ' ')) for end in _NO_HOUSE_ENDS)}"
    rf"|\b(?:{'|'.join(_NO_HOUSE_WORDS)})\.?"
    rf"|[,;/(] ?(?:m|{_ANY_UNIT})\.?)$",
    re.IGNORECASE,
)
_NO_HOUSE_LAST = frozenset(
    word.rstrip(".")[-2:] for word in (*_NO_HOUSE_ENDS, *_NO_HOUSE_WORDS, *_UNIT_WORDS, " m", ",m", ";m", "/m", "(m")
)
_ODD_CASES = re.compile("[İıſ]")
"""Letters that are an i and an s to a pattern that ignores case."""
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
KIND_OF_STREET = re.compile(
    r"(?:str(?:\.|asse|aße|aat)?|weg|gasse|platz|allee|ring|ufer|damm|laan|plein|gracht|kade|dreef)(?![^\W\d_])"
    r"|\b(?:rue|avenue|av\.|boulevard|bd|place|quai|route|chemin|chaussée|impasse|allée|cours|square|via|viale|piazza"
    r"|corso|vicolo|calle|avenida|avda\.?|paseo|plaza|rua|ul\.|ulica|street|st\.?|road|rd\.?|lane|drive|dr\.?|ave\.?|blvd\.?"
    r"|way|court|ct\.?|highway|hwy\.?|parkway|pkwy\.?)(?![^\W\d_])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:^\D{0,20}| \d{1,2}(?:er)? [^\W\d]+ |\D{0,30} de )(?:1[5-9]|20)\d\d$")
_DOT_NUMBER = re.compile(r"(?<=[a-zß]\.)(?=\d)")


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
    if (country in NUMBER_FIRST and (country not in FRENCH or text[:1].isdigit() or _YEAR.search(text))) or (
        country not in GERMAN_SPEAKING and text[:1].isdigit() and not _ORDINAL.match(text)
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
    if not any(c.isalpha() for c in street) or means_nothing(street) or _is_no_house(street):
        return text, None, ""
    street = _HOUSE_WORD.sub("", f" {street} ").strip(" ,;")
    if not any(c.isalpha() for c in street):
        return text, None, ""
    return street, _tidy(number, country), behind


def _is_no_house(street: str) -> bool:
    """Whether a number behind these words is no house's: Halle 5, Etage 3; nearly all end in other letters."""
    last = street.rstrip(".")[-2:]
    may_be = last.casefold() in _NO_HOUSE_LAST or last.lower() in _NO_HOUSE_LAST or _ODD_CASES.search(last)
    return bool(may_be) and _NO_HOUSE.search(street[-20:]) is not None


def _number_in_front(text: str, country: str | None) -> tuple[str, str, str] | None:
    """Return street, number and flat where the number comes first: by the country, or by the words for a street."""
    found = _IN_FRONT.match(text) if country is not None else None
    if not found or (_ORDINAL.match(text) and not found["unit"]) or not any(c.isalpha() for c in found["street"]):
        return None
    if country not in NUMBER_FIRST and (
        not KIND_OF_STREET.search(found["street"]) or any(c.isdigit() for c in found["street"])
    ):
        return None
    if country in ("US", "CA", "AU") and " " in found["number"] and found["number"][-1:].isalpha():
        return None  # 100 A Street
    if country not in FRENCH and re.match(r"\d+ [A-Za-z]$", found["number"]) and found["street"].casefold() in _WAYS:
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
    text = number if number.isascii() and number.isalnum() else _joined(number)
    if country in _KEEPS_CASE or text.isdigit():
        return text
    parts = _ROMAN_NUMBER.split(text)  # Keizersgracht 12-II
    return "".join(part if place % 2 else part.lower() for place, part in enumerate(parts))


def _joined(number: str) -> str:
    """Return a house number without the blanks that don't tell its parts apart."""
    given = " ".join(number.replace("½", " 1/2").split())
    halved = _HALF.fullmatch(given)
    text = re.sub(r" ?([-–/+]) ?", r"\1", halved["whole"] if halved else given).replace("–", "-")
    text = re.sub(r"(?<=\d) (?=[a-zA-Z](?![\w.]))", "", text)
    return f"{text} 1/2{halved['letter'] or ''}" if halved else text


_ROMAN_NUMBER = re.compile(r"([IVX]{2,}\b)")


_HALF = re.compile(r"(?P<whole>.*\d) 1/2(?: ?(?P<letter>[a-zA-Z]))?")


def _one_spelling(street: str, country: str | None) -> str:
    head, comma, unit = street.partition(", ")
    if comma and _UNIT.fullmatch(f", {unit}"):
        return f"{_one_spelling(head, country)}, {unit}"
    street = proper_case(street, small=SMALL_WORDS) if country in GERMAN_SPEAKING or country is None else street
    if country not in GERMAN_SPEAKING and country is not None:
        return street
    ending = "trasse" if country in ("CH", "LI") else "traße"
    street = _SQUARE.sub("platz", street)
    if country or not street.casefold().startswith("str."):  # Str. Victoriei is Romanian
        street = _STREET.sub(lambda m: (m[1] or m[2]) + ending, street)
    return _STRASSE.sub(lambda m: m[1] + ending, street)


def street_and_number(
    text: str | None, number: str | None, country: str | None, findings: list[Finding]
) -> tuple[str | None, str | None]:
    """Return a street and a house number in one spelling; another number in the street is a doubt."""
    number = _tidy(number, country) if number and any(c.isalnum() for c in number) else None
    if text is None:
        return None, number
    if number is None:
        street, number = split_street(text, country)
        while number and number[0] in street and split_street(street, country)[1] == number:  # "Hauptstr. 5 5"
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
