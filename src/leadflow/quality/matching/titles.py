"""Names of organisations as words that don't depend on how they are shortened, and the names that stand beside them."""

from __future__ import annotations

import re
from typing import Final

from leadflow.entities.folding import fold, words_of
from leadflow.quality.matching.scripts import in_latin_letters
from leadflow.quality.matching.streets import ORDINAL, ORDINALS, TENS
from leadflow.quality.spellings import by_spelling

__all__ = ["initials", "split_trade_names", "title_words"]

# A word, and how it is shortened or spelled elsewhere.
_WORDS: Final = """
academy: acad | administration: admin | advertising: advertg | agency: agcy | american: amer | apartments: apts |
association: assoc, assn, asso, assocs, associates | authority: auth | automotive: auto | avenue: ave, av | board: bd
| boulevard: blvd | brothers: bros, gebrueder, gebr | building: bldg | center: ctr, cntr, centre, cent, cen |
charitable: charit | chemical: chem, chemicals | children: childrens, childs | church: ch | college: coll |
commission: commn | committee: cttee, cmte | communications: commns | community: comm, comty, cmty, commty |
construction: constr, const, constructions | consulting: consult, consultants, consultant | county: cnty, cty |
department: dept, dep, dpt | development: dev, devel, devt | distribution: distr, distrib | district: dist | division:
div | east: e | eastern: eastn | education: educ, edu, educational | electric: elec, electrical, elect | elementary:
elem | engineering: eng, engg, engr | enterprises: ent, enterprise, entr | environmental: environ, env | equipment:
equip, eqpt | exchange: exch | federal: fed | federation: fedn | financial: fin, finl | foundation: fdn, found, fndn |
fort: ft | general: gen, genl | government: govt | harbor: harbour | heights: hts | high: hs | hospital: hosp,
hospitals | independent: indep | industries: ind, inds, industry | information: info | institute: inst, institut |
institution: instn | insurance: ins, insur | international: intl, int, internatl, internacional, internationale |
investments: inv, invest, investment | junction: jct | labor: labour | laboratory: lab, labs, laboratories | library:
lib | machinery: mach | machines: machs | maintenance: maint | management: mgmt, mgt, mngmt | manufacturing: mfg,
manuf, manufg, mfrs | marketing: mktg | medical: med | memorial: meml, mem | metropolitan: metro | mount: mt |
mountain: mtn | municipal: mun, munic | museum: mus | national: natl, nat, nacional | north: n, nord | northeast: ne |
northwest: nw | number: no, nr | office: off, ofc | organization: org, orgn, organisation | pharmaceuticals: pharma,
pharm, pharmaceutical | pharmacy: phcy | place: pl | plaza: plz | presbyterian: presb | production: prod, productions,
prodn | products: prods | program: prog, programme, prgm | properties: props, property | public: publ | publishing:
publishers, publg | railway: rlwy, ry | real: rl | recreation: rec, recr | region: reg, regional | rehabilitation:
rehab | republic: rep | research: res, rsch | restaurant: rest, restaurants | road: rd | saint: st, ste, sankt, san,
sao, santa, street, sta | savings: sav, svgs | school: sch, schl, schools, schule | science: sci, sciences |
scientific: scient | secondary: sec | secretary: secy | security: secur, sec | service: svc, svcs, services, serv,
servs, srvc, srvcs | society: soc, societe | software: sw | south: s, sued | southeast: se | southwest: sw | square:
sq | station: stn | supply: sup, supplies | systems: sys, syst, system | technical: techn | technology: tech,
technologies, techs, tec | telecommunications: telecom, telecomms, tel | terrace: ter | theater: theatre | township:
twp | trading: trdg | training: trng | transportation: transp, transport, trans | travel: trvl | treatment: trtmt |
university: univ, uni, universitaet, universite, universidad, universita | united: utd | valley: vly | veterinary: vet
| village: vlg | warehouse: whse | west: w | wholesale: whsle | works: wks | yard: yd | zentralverband: zv
"""
_NUMBERS: Final = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen""".split()
_NOISE: Final = frozenset(
    """a an and company co corp corporation de del della der des die di d du e et firm for fuer group gruppe grupo
    groupe holding holdings im in inc incorporated l la las le les limited llc ltd of our on oder the und usa
    y""".split()
)
"""What is often left out and tells no organisation from another."""
_TRADE_NAME: Final = re.compile(
    r"(?<=[\w.)])\s*[,(]?\s*\b(?:d\.?/?\s?b\.?/?\s?a|t/a|a\.?k\.?a|a/k/a|f/k/a|doing business as|trading as|"
    r"formerly(?: known as)?|also known as|vormals|ehemals|genannt|auch bekannt als|firmierend als|"
    r"anciennement)\b\.?[\s:]*",
    re.IGNORECASE,
)
_BESIDE: Final = re.compile(r"^(?P<name>[^()]{3,})\((?P<other>[^()]{2,})\)\s*(?P<rest>[^()]*)$")


def split_trade_names(name: str) -> list[str]:
    """Return the names that a text gives to one organisation: ``Delgado LLC dba Casa Delgado`` are two."""
    names = [part for part in _TRADE_NAME.split(name) if any(sign.isalnum() for sign in part)]
    beside = _BESIDE.match(name) if len(names) == 1 else None
    if beside:
        names = [f"{beside['name']}{beside['rest']}", beside["other"]]
    return [part.strip(" ,;()") for part in names] or [name]


def title_words(name: str) -> list[str]:
    """Return the words of an organisation's name in one spelling, without those that are often left out.

    Abbreviations stand for their words (``Intl Svcs``), numbers for their digits (``First``, ``Twenty-Two``). A name of
    nothing but words that are left out keeps them.
    """
    words = [_CANONICAL.get(word, word) for word in _counted(_joined(words_of(in_latin_letters(name))))]
    return [word for word in words if word not in _NOISE] or words


def initials(words: list[str]) -> str:
    """Return the first letters of three words or more, as an acronym has them."""
    return "".join(word[0] for word in words) if len(words) >= 3 else ""


def _joined(words: list[str]) -> list[str]:
    """Join letters that stand alone: y m c a is ymca."""
    found: list[str] = []
    run = ""
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            run += word
            continue
        if run:
            found += [run] if len(run) > 2 else list(run)
            run = ""
        if word:
            found.append(word)
    return found


def _counted(words: list[str]) -> list[str]:
    """Return numbers as digits: twenty two is 22, 1st and first are 1."""
    found: list[str] = []
    ten = 0
    for word in words:
        number = _VALUES.get(word)
        if number is None and (ordinal := ORDINAL.fullmatch(word)):
            number = int(ordinal[1])
        if number is None:
            found.append(word)
        elif ten and number < 10:
            found[-1] = str(ten + number)
        else:
            found.append(str(number))
        ten = number if number is not None and number in range(20, 100, 10) else 0
    return found


_VALUES: Final = {
    **{word: number for number, word in enumerate(_NUMBERS)},
    **{word: 10 * ten for word, ten in TENS.items()},
    **ORDINALS,
}  # fmt: skip
_SPELLINGS: Final = by_spelling(_WORDS, key=lambda word: fold(word.strip()))
_CANONICAL: Final[dict[str, str]] = {fold(word): word for word in _SPELLINGS.values()} | _SPELLINGS
