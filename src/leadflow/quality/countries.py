"""Countries by name, and the format of their postcodes."""

from __future__ import annotations

import re
from functools import cache

from leadflow.entities.folding import fold
from leadflow.entities.text import remembered
from leadflow.errors import InvalidInput
from leadflow.quality.country_names import COUNTRY_NAMES
from leadflow.quality.results import Checked, error, line
from leadflow.quality.spellings import by_spelling

__all__ = ["CODES", "POSTCODES", "check_country", "home_country"]

CODES = frozenset(
    """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
    ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
    TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW""".split()
)


def _key(name: str) -> str:
    return " ".join(fold(name).replace(".", "").replace("&", " and ").translate(_MARKS).split())


_MARKS = str.maketrans("-,_()", "     ")
_ARTICLES = frozenset("the die der das la le les el los il lo de het".split())
_IN_BRACKETS = re.compile(r"([^()\[\]]+?)\s*[(\[]([^()\[\]]+)[)\]]")
_SIDE_BY_SIDE = re.compile(r"\s*[/|;,]\s*|\s+[-–]\s+")


@cache
def _by_name() -> dict[str, str]:
    return by_spelling(COUNTRY_NAMES, _key)


_OFTEN_MEANT = {"UK": "GB", "EN": "GB", "EL": "GR"}

POSTCODES = {
    code: re.compile(pattern, re.ASCII)
    for code, pattern in {
        "DE": r"(?!00)\d{5}", "AT": r"[1-9]\d{3}", "CH": r"[1-9]\d{3}", "LI": r"94[89]\d", "LU": r"[1-9]\d{3}",
        "NL": r"[1-9]\d{3} [A-Z]{2}", "BE": r"[1-9]\d{3}", "FR": r"\d{5}", "IT": r"\d{5}", "ES": r"[0-5]\d{4}",
        "PT": r"\d{4}-\d{3}", "GB": r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}", "DK": r"\d{4}", "SE": r"\d{3} \d{2}",
        "NO": r"\d{4}", "FI": r"\d{5}",
        "PL": r"\d{2}-\d{3}", "CZ": r"\d{3} \d{2}", "SK": r"\d{3} \d{2}", "HU": r"[1-9]\d{3}",
        "SI": r"[1-9]\d{3}", "HR": r"[1-5]\d{4}", "RO": r"\d{6}", "BG": r"\d{4}", "GR": r"\d{3} \d{2}", "EE": r"\d{5}",
        "TR": r"\d{5}", "UA": r"\d{5}", "RU": r"\d{6}", "US": r"\d{5}(?:-\d{4})?", "CA": r"[A-Z]\d[A-Z] \d[A-Z]\d",
        "MX": r"\d{5}", "BR": r"\d{5}-\d{3}", "AU": r"\d{4}", "NZ": r"\d{4}", "JP": r"\d{3}-\d{4}", "CN": r"\d{6}",
        "KR": r"\d{5}", "IN": r"[1-9]\d{5}", "SG": r"\d{6}", "ZA": r"\d{4}", "IS": r"\d{3}", "CY": r"\d{4}",
    }.items()
}  # fmt: skip
"""The format of a postcode, once blanks and hyphens are in place."""


def check_country(raw: object, field: str = "address.country") -> Checked[str]:
    """Return ISO 3166-1 alpha-2 for a code or a name, in English, German, French, Spanish, Italian, Dutch or the
    country's own languages.

    An unknown one is an error finding; it suggests a country only for a slip of the keys.
    """
    given = line(field, raw, limit=100)
    if given.value is None:
        return Checked(None, given.findings)
    code = _known(given.value) or _known_twice(given.value)
    if code:
        return Checked(code)
    message = "is not a known country; give its ISO code such as DE"
    return Checked(None, (error("unknown_country", field, message, raw, _nearest(given.value)),))


@remembered
def _known(name: str) -> str | None:
    upper = name.upper()
    if code := _OFTEN_MEANT.get(upper) or (upper if upper in CODES else None):
        return code
    names, words = _by_name(), _key(name).split()
    while words:
        if code := names.get(" ".join(words)):
            return code
        if words[0] in _ARTICLES:
            words = words[1:]
        elif words[-1] in _ARTICLES:
            words = words[:-1]
        else:
            break
    return None


def _known_twice(text: str) -> str | None:
    """Return the country of ``Germany (DE)`` and ``Suisse/Schweiz``: said twice, not two of them."""
    if found := _IN_BRACKETS.fullmatch(text):
        codes = {_known(part) for part in found.groups()}  # not "Korea (North)"
    else:
        codes = {_known(part) for part in _SIDE_BY_SIDE.split(text)} if len(text) <= 60 else set()
    return codes.pop() if len(codes) == 1 else None


def home_country(country: str | None) -> str | None:
    """Return the code of a default country, given as code or name; ``InvalidInput`` for what is none."""
    if country is None or (isinstance(country, str) and country in CODES):
        return country
    code = check_country(country).value
    if code is None:
        raise InvalidInput("default_country", country, "give an ISO 3166-1 code such as DE")
    return code


def _nearest(name: str) -> str | None:
    """Return the one country whose name is a slip of the keys away; never merely the most similar one."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    key = _key(name)
    if len(key) < 5:
        return None
    slips = 1 if len(key) < 9 else 2
    near = process.extract(key, _by_name().keys(), scorer=DamerauLevenshtein.distance, score_cutoff=slips, limit=20)
    codes = {_by_name()[found[0]] for found in near if found[1] == near[0][1] and len(found[0]) >= 5}
    return codes.pop() if len(codes) == 1 else None
