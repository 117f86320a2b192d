"""Countries by name, and the format of their postcodes."""

from __future__ import annotations

import re

from leadflow.entities.folding import fold
from leadflow.quality.results import Checked, error, line

__all__ = ["CODES", "POSTCODES", "check_country"]

# ISO 3166-1 alpha-2: German name, English name, native name and what people write.
_NAMES = """
DE: Deutschland, Germany, Bundesrepublik Deutschland, BRD, Allemagne, D, GER, DEU | AT: Österreich, Austria,
Oesterreich, A, AUT, Autriche | CH: Schweiz, Switzerland, Suisse, Svizzera, CHE, SUI | LI: Liechtenstein, FL,
LIE | LU: Luxemburg, Luxembourg, LUX | NL: Niederlande, Netherlands, The Netherlands, Holland, Nederland, NLD |
BE: Belgien, Belgium, België, Belgique, BEL | FR: Frankreich, France, FRA | IT: Italien, Italy, Italia, ITA |
ES: Spanien, Spain, España, ESP | PT: Portugal, PRT | GB: Vereinigtes Königreich, United Kingdom, UK,
Großbritannien, Great Britain, Britain, England, Scotland, Schottland, Wales, Northern Ireland, Nordirland, GBR
| IE: Irland, Ireland, IRL | DK: Dänemark, Denmark, Danmark, DNK | SE: Schweden, Sweden, Sverige, SWE | NO:
Norwegen, Norway, Norge, NOR | FI: Finnland, Finland, Suomi, FIN | IS: Island, Iceland, ISL | PL: Polen, Poland,
Polska, POL | CZ: Tschechien, Czechia, Czech Republic, Tschechische Republik, Česko, CZE | SK: Slowakei,
Slovakia, Slovensko, SVK | HU: Ungarn, Hungary, Magyarország, HUN | SI: Slowenien, Slovenia, SVN | HR: Kroatien,
Croatia, Hrvatska, HRV | RS: Serbien, Serbia, SRB | BA: Bosnien und Herzegowina, Bosnia and Herzegovina,
Bosnien, BIH | ME: Montenegro | MK: Nordmazedonien, North Macedonia | AL: Albanien, Albania | XK: Kosovo | RO:
Rumänien, Romania, România, ROU | BG: Bulgarien, Bulgaria, BGR | GR: Griechenland, Greece, GRC | CY: Zypern,
Cyprus | MT: Malta | EE: Estland, Estonia, EST | LV: Lettland, Latvia, LVA | LT: Litauen, Lithuania, LTU | UA:
Ukraine, UKR | BY: Belarus, Weißrussland | MD: Moldau, Moldova | RU: Russland, Russia, Russische Föderation,
Russian Federation, RUS | TR: Türkei, Turkey, Türkiye, TUR | MC: Monaco | AD: Andorra | SM: San Marino | US:
Vereinigte Staaten, United States, USA, United States of America, Vereinigte Staaten von Amerika, U.S.A., U.S.,
America, Amerika | CA: Kanada, Canada, CAN | MX: Mexiko, Mexico, México, MEX | BR: Brasilien, Brazil, Brasil,
BRA | AR: Argentinien, Argentina, ARG | CL: Chile, CHL | CO: Kolumbien, Colombia, COL | PE: Peru | AU:
Australien, Australia, AUS | NZ: Neuseeland, New Zealand, NZL | JP: Japan, JPN | CN: China, Volksrepublik China,
CHN | HK: Hongkong, Hong Kong | TW: Taiwan | KR: Südkorea, South Korea, Korea, KOR | IN: Indien, India, IND |
PK: Pakistan | BD: Bangladesch, Bangladesh | LK: Sri Lanka | SG: Singapur, Singapore, SGP | MY: Malaysia | TH:
Thailand | VN: Vietnam | ID: Indonesien, Indonesia | PH: Philippinen, Philippines | IL: Israel, ISR | AE:
Vereinigte Arabische Emirate, United Arab Emirates, UAE, VAE, Dubai | SA: Saudi-Arabien, Saudi Arabia | QA:
Katar, Qatar | KW: Kuwait | BH: Bahrain | OM: Oman | EG: Ägypten, Egypt | MA: Marokko, Morocco | TN: Tunesien,
Tunisia | ZA: Südafrika, South Africa, ZAF | NG: Nigeria | KE: Kenia, Kenya | GH: Ghana | UG: Uganda | NA:
Namibia | KZ: Kasachstan, Kazakhstan | GE: Georgien, Georgia
"""

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
    return fold(name).replace(".", "").replace("-", " ").strip()


def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for row in _NAMES.replace("\n", " ").split("|"):
        code, _, names = row.partition(":")
        table.update({_key(name): code.strip() for name in names.split(",")})
    return table


_BY_NAME = _table()
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
    """Return ISO 3166-1 alpha-2 for a code or a German, English or native name; an unknown one is an error
    finding that suggests the nearest name.
    """
    given = line(field, raw, limit=100)
    if given.value is None:
        return Checked(None, given.findings)
    upper = given.value.upper()
    code = _OFTEN_MEANT.get(upper) or (upper if upper in CODES else _BY_NAME.get(_key(given.value)))
    if code:
        return Checked(code)
    message = "is not a known country; give its ISO code such as DE"
    return Checked(None, (error("unknown_country", field, message, raw, _nearest(given.value)),))


def _nearest(name: str) -> str | None:
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    found = process.extractOne(_key(name), _BY_NAME.keys(), scorer=JaroWinkler.normalized_similarity, score_cutoff=0.88)
    return _BY_NAME[found[0]] if found and len(name) > 3 else None
