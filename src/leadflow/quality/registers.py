"""Numbers that identify a company: in a register, for VAT, and its LEI, each checked by its check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, NamedTuple

from leadflow.entities import Finding
from leadflow.quality.results import Checked, error, line, note, warning

__all__ = ["CompanyNumbers", "check_lei", "check_register_number", "check_vat_number", "numbers_in"]

_WRONG_DIGIT: Final = "has a check digit that does not fit; compare it with what the company publishes"


class _Register(NamedTuple):
    """A register: its label in one spelling and as people write it, the form of a number, what checks it."""

    label: str
    country: str
    labels: str
    number: str
    checked_by: str | None = None


_NINE: Final = r"\d{3}[ .]?\d{3}[ .]?\d{3}"
_REGISTERS: Final = (
    _Register("FN", "AT", r"FN|Firmenbuch(?:nummer|[- ]?Nr\.?)?", r"\d{1,6} ?[a-z]", "at.businessid"),
    _Register("SIRET", "FR", "SIRET", rf"{_NINE}[ .]?\d{{3}} ?\d{{2}}", "fr.siret"),
    _Register("SIREN", "FR", "SIREN", _NINE, "fr.siren"),
    _Register("RCS", "FR", r"R\.?C\.?S\.?", rf"[A-Z][^\W\d][^\d,;:()]{{1,30}}?[ -](?:[A-D] ?)?{_NINE}", "fr.siren"),
    _Register("RCS", "LU", r"R\.?C\.?S\.?", r"Luxemb(?:o|u)urg,? B[ .]?\d{1,6}"),
    _Register("KvK", "NL", r"K\.?v\.?K\.?(?:[- ]?(?:nr|nummer|no)\.?)?", r"\d{8}"),
    _Register(
        "Company No.",
        "GB",
        r"(?:Company|Co\.?|CRN|Registered|Registration|Reg\.?|Companies House)(?: Reg(?:istration|istered)?\.?)?"
        r"(?: in (?:England(?: (?:and|&) Wales)?|Scotland|Wales))?(?: (?:No\.?|Number|Nr\.?))?",
        r"(?:[A-Z]{2}\d{6}|\d{7,8})",
    ),
    _Register("REA", "IT", r"R\.?E\.?A\.?", r"[A-Z]{2}[ -]*\d{5,7}"),
    _Register("CIF", "ES", r"C\.?I\.?F\.?|N\.?I\.?F\.?", r"[A-Z][- ]?\d{7}[- ]?[A-Z\d]", "es.cif"),
    _Register("KRS", "PL", "KRS", r"\d{10}"),
    _Register("REGON", "PL", "REGON", r"\d{9}(?:\d{5})?", "pl.regon"),
    _Register("EIN", "US", r"F?EIN|(?:Federal )?Tax ID(?: No\.?| Number)?", r"\d{2}-?\d{7}", "us.ein"),
    _Register("CVR", "DK", r"CVR(?:[- ]?nr\.?)?", r"\d{2} ?\d{2} ?\d{2} ?\d{2}", "dk.cvr"),
    _Register("Org.nr", "SE", r"Org(?:anisations?)?\.?[- ]?(?:nr|nummer)\.?", r"\d{6}-?\d{4}", "se.orgnr"),
    _Register("Org.nr", "NO", r"Org(?:anisasjons?)?\.?[- ]?(?:nr|nummer)\.?", _NINE, "no.orgnr"),
    _Register("Y-tunnus", "FI", r"Y-tunnus|Business ID", r"\d{7}-?\d", "fi.ytunnus"),
    _Register("IČO", "CZ", r"I[ČC]O", r"\d{8}"),
)
_LABELLED: Final = tuple(
    (one, re.compile(rf"(?<![^\W_])(?:{one.labels})[\s:#°.]*(?P<number>{one.number})(?![^\W_])", re.IGNORECASE))
    for one in _REGISTERS
)
_BARE: Final = tuple((one, re.compile(one.number)) for one in _REGISTERS)
_UID: Final = re.compile(
    r"(?<!\w)(?:UID[\s:-]*(?:Nr\.?|Nummer)?[\s:]*)?(?P<number>CHE[- .]?\d{3}[. ]?\d{3}[. ]?\d{3})"
    r"(?:[ /-]*(?P<vat>MWST|TVA|IVA|VAT)(?:[/-](?:MWST|TVA|IVA|VAT))*)?(?!\w)",
    re.IGNORECASE,
)

_GERMAN: Final = re.compile(
    r"(?<!\w)(?P<kind>HR ?[AB]|GnR|VR|PR|GsR)(?:[ -]?(?:Nr|Nummer)\b\.?)?[\s.:#-]*(?P<number>[1-9]\d{0,5})"
    r"(?: ?(?P<more>(?!AG\b)[A-ZÖ]{1,3})(?![\w.]| ?\d))?(?!\w)",
)
_COURT_WORD: Final = r"(?:(?:zust(?:ändiges|\.) )?Registergericht|Amtsgerichts?|Amtsger\.|AG|Handelsregister)"
_COURT: Final = r"(?P<court>[A-ZÄÖÜ][\w./()-]*(?: [\w./()-]+){0,4}?)"
_BEFORE: Final = re.compile(
    rf"(?P<word>(?:(?:eingetragen )?(?:im|beim|in das) )?{_COURT_WORD})"
    rf"(?:[\s:]+(?:des|der|beim|am|Amtsgerichts?|AG))*[\s:]+{_COURT}[\s,;:|/(-]*"
    r"(?:(?:unter|unter der|(?:Handels)?[Rr]egister(?:nummer|nr\.?)?|Nr\.?)[\s:]*)*$"
)
_BEHIND: Final = re.compile(
    rf"[\s,;(/-]*(?:beim |am |des |im )?(?P<word>{_COURT_WORD})(?:[\s:]+(?:des|beim|Amtsgerichts?))*[\s:]+"
    rf"{_COURT}(?=[,;)]|$)"
)
_PLAIN_BEFORE: Final = re.compile(rf"(?:^|[,;(/|-]\s*){_COURT}[\s,:]*$")
_PLAIN_BEHIND: Final = re.compile(rf"[\s,(/-]*{_COURT}(?=[,;)]|$)")

_EUROPE: Final = dict.fromkeys(
    "AT BE BG CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI".split()
)
_NATIONAL_VAT: Final = {"NIP": "PL", "PIVA": "IT", "PARTITAIVA": "IT", "BTW": "", "TVA": "", "IVA": ""}
_VAT_LABEL: Final = (
    r"(?:U(?:mSa?t|St)\.?[ -]*Id(?:ent)?\.?(?:ifikations)?[ -]*(?:Nr|Nummer|No)?\.?|Umsatzsteuer[- ]?"
    r"(?:Id(?:entifikations)?[- .]*(?:nummer|nr\.?)?)?|UID(?:[- ]?(?:Nr|Nummer))?\.?"
    r"|VAT(?:[ -]?(?:ID|No|Nr|Number|Reg(?:istration)?)\.?)*"
    r"|(?:n[°o]\.? ?)?(?:de )?TVA(?: intra(?:communautaire|com)?\.?)?"
    r"|P(?:artita|\.)? ?\.?IVA|BTW(?:[- ]?(?:nr|nummer|id))?\.?|NIP|MWST(?:[- ]?Nr)?\.?|IVA|SIRE[NT] TVA)"
)
_VAT_VALUE: Final = (
    rf"(?!HR ?[AB])(?:{'|'.join(_EUROPE)})[ .-]?[A-Z0-9]{{0,2}} ?\d(?:[ .-]?\d){{4,12}}"
    r"(?:[ .-]?[A-Z]{1,2}(?:\d{2})?)?(?![A-Za-z0-9])"
)
_VAT: Final = re.compile(rf"(?:(?<!\w)(?P<label>(?i:{_VAT_LABEL}))[\s:#.°]*|(?<!\w))(?P<number>{_VAT_VALUE})")
_NATIONAL: Final = re.compile(
    r"(?<!\w)(?P<label>NIP|P(?:artita|\.)? ?\.?IVA)[\s:.]*(?P<number>\d(?:[ -]?\d){9,10})(?!\d)", re.IGNORECASE
)
_LABEL: Final = re.compile(rf"^\s*(?P<label>{_VAT_LABEL})(?![^\W\d_])[\s:#.°-]*(?=\S)", re.IGNORECASE)
_NO_PART_OF_VAT: Final = re.compile(r"[^A-Z0-9+*]")
_NORWEGIAN: Final = re.compile(r"(?:NO)?(\d{9})MVA")
_LEI: Final = re.compile(r"(?<!\w)(?:LEI(?:[ -]?(?:Code|Nr\.?|No\.?))?[\s:#]*)?(?P<number>[A-Z0-9]{18}\d{2})(?!\w)")
_MAYBE: Final = re.compile(r"\d[\d .-]{4}|HR ?[AB]|GnR|\b[VP]R ?\d|Firmenbuch|FN ?\d|LEI")
_LEFT: Final = re.compile(r"\(\s*[,;:/-]*\s*\)|\[\s*\]")
_EDGES: Final = " ,;:/|–—-"


class CompanyNumbers(NamedTuple):
    """The numbers that stand in a text, as written."""

    register_number: str | None = None
    vat_number: str | None = None
    lei: str | None = None


def check_register_number(raw: object, country: str | None, field: str = "company.register_number") -> Checked[str]:
    """Return a register number with its label: ``HRB 12345, München``, ``FN 122119m``, ``CHE-107.787.577``.

    ``country`` names the register of a number without a label. Wrong check digits and unknown courts are warnings, and
    what is no known form is kept with one if it has
    digits.
    """
    given = line(field, raw, limit=200)
    if given.value is None:
        return Checked(None, given.findings)
    text = given.value
    if (german := _german(text, alone=True)) is not None:
        return _german_register(german, text, field, raw)
    if found := _UID.fullmatch(text):
        return _swiss(found["number"], None, field, raw)
    for one, form in _LABELLED:
        if found := form.fullmatch(text):
            return _of_register(one, found["number"], field, raw)
    for one, form in _BARE:
        if one.country == country and form.fullmatch(text):
            return _of_register(one, text, field, raw)
    message = "is not the form of a known register; give it as HRB 12345, München"
    return _as_it_stands("unknown_register", text, field, message, raw)


def check_vat_number(raw: object, country: str | None, field: str = "company.vat_number") -> Checked[str]:
    """Return a VAT number without blanks: ``DE136695976``, ``ATU13585627``, ``CHE-107.787.577 MWST``.

    A number without its country's letters gets those of ``country`` if it is right there, with a note. A wrong one is
    kept with a warning.
    """
    given = line(field, raw, limit=100)
    if given.value is None:
        return Checked(None, given.findings)
    text = given.value
    label = _LABEL.match(text)
    rest = text[label.end() :] if label else text
    if found := _UID.fullmatch(rest):
        return _swiss(found["number"], found["vat"], field, raw)
    bare = _NO_PART_OF_VAT.sub("", rest.upper())
    if found := _NORWEGIAN.fullmatch(bare):
        return Checked(f"NO{found[1]}MVA", _doubts("no.mva", found[0], "vat", field, raw))
    if bare[:2] in _EUROPE and any(c.isdigit() for c in bare[2:]):
        return Checked(bare.replace("GR", "EL", 1) if bare[:2] == "GR" else bare, _vat_doubts(bare, field, raw))
    named = _NATIONAL_VAT.get(re.sub(r"[^A-Z]", "", label["label"].upper()) if label else "") or country
    prefix = "EL" if named == "GR" else named
    if prefix in _EUROPE and bare[:1] and _refusal(_vat_checker(prefix + bare), prefix + bare) is None:
        return Checked(
            prefix + bare, (note("vat_country", field, f"was read as one of {named}, where its check digit fits", raw),)
        )
    return _as_it_stands("vat_format", text, field, "is not a VAT number; give it as DE136695976", raw)


def check_lei(raw: object, country: str | None = None, field: str = "company.lei") -> Checked[str]:  # noqa: ARG001 (as the others)
    """Return a Legal Entity Identifier: 20 letters and digits. Wrong check digits are a warning."""
    given = line(field, raw, limit=100)
    if given.value is None:
        return Checked(None, given.findings)
    bare = re.sub(r"^\s*LEI(?:[ -]?CODE)?[\s:#]+|[\s-]", "", given.value.upper())
    if not re.fullmatch(r"[A-Z0-9]{20}", bare):
        message = "is not an LEI, which has 20 letters and digits"
        return _as_it_stands("lei_format", given.value, field, message, raw)
    return Checked(bare, _doubts("lei", bare, "lei", field, raw))


def _as_it_stands(code: str, text: str, field: str, message: str, raw: object) -> Checked[str]:
    if any(c.isdigit() for c in text):
        return Checked(text, (warning(code, field, message, raw),))
    return Checked(None, (error(code, field, message, raw),))


def numbers_in(text: str) -> tuple[str, CompanyNumbers]:
    """Take the numbers out of a company's text: ``Muster GmbH, HRB 12345 Amtsgericht München``.

    A VAT number or LEI without a label counts only in its exact form.
    """
    if not _MAYBE.search(text):
        return text, CompanyNumbers()
    found: dict[str, str] = {}
    for name, start, end, number in _places(text):
        if name not in found:
            found[name] = number
            text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    if not found:
        return text, CompanyNumbers()
    while (shorter := " ".join(_LEFT.sub(" ", text).split()).strip(_EDGES)) != text:
        text = shorter
    text = re.sub(r"\s+([,;)])", r"\1", re.sub(r"([,;/|-])(?:\s*[,;/|])+", r"\1", text)).strip(_EDGES)
    if text.count("(") > text.count(")"):
        text = text.rstrip("( ").strip(_EDGES)
    return text, CompanyNumbers(**found)


def _places(text: str) -> Iterator[tuple[str, int, int, str]]:
    for found in _UID.finditer(text):
        yield "vat_number" if found["vat"] else "register_number", found.start(), found.end(), found.group()
    for found in _VAT.finditer(text):
        number = re.sub(r"[^A-Z0-9+*]", "", found["number"])
        if found["label"] or _refusal(_vat_checker(number), number) != "format":
            yield "vat_number", found.start(), found.end(), found["number"].strip()
    for found in _NATIONAL.finditer(text):
        yield "vat_number", found.start(), found.end(), found.group()
    for found in _LEI.finditer(text):
        if found.group() != found["number"] or _refusal("lei", found["number"]) != "format":
            yield "lei", found.start(), found.end(), found["number"]
    german = _german(text)
    if german is not None and german.is_plain(text):
        yield "register_number", german.start, german.end, german.text
    for _, form in _LABELLED:
        for found in form.finditer(text):
            yield "register_number", found.start(), found.end(), found.group()


class _GermanNumber(NamedTuple):
    kind: str
    number: str
    court: str | None
    start: int
    end: int

    def is_plain(self, text: str) -> bool:
        """Whether it is meant as a register number in a company's text: Autohaus PR 12 GmbH has none."""
        return self.court is not None or self.kind in ("HRA", "HRB") or self.end == len(text)

    @property
    def text(self) -> str:
        return f"{self.kind} {self.number}" + (f", {self.court}" if self.court else "")


def _german(text: str, *, alone: bool = False) -> _GermanNumber | None:
    """Return the German register number in a text, with its court before or behind; ``alone`` in a text, any place is
    taken for a court.
    """
    found = _GERMAN.search(text)
    if not found:
        return None
    start, end, court = found.start(), found.end(), None
    behind = _BEHIND.match(text, end) if end < len(text) else None
    before = _BEFORE.search(text, 0, start) if start else None
    if behind and _is_court(behind["court"], behind["word"]):
        court, end = behind["court"], behind.end()
    elif before and _is_court(before["court"], before["word"]):
        court, start = before["court"], before.start()
    elif (behind := _PLAIN_BEHIND.match(text, end)) and _is_known_court(behind["court"]):
        court, end = behind["court"], behind.end()
    elif start and (before := _PLAIN_BEFORE.search(text, 0, start)) and _is_known_court(before["court"]):
        court, start = before["court"], before.start("court")
    elif alone and behind and behind.end() == len(text):
        court, end = behind["court"], behind.end()
    kind = {"gnr": "GnR", "gsr": "GsR"}.get(found["kind"].casefold(), found["kind"].replace(" ", "").upper())
    number = found["number"] + (f" {found['more']}" if found["more"] else "")
    return _GermanNumber(kind, number, _balanced(court) if court else None, start, end)


def _balanced(text: str) -> str:
    return text.strip(" ()") if text.count("(") != text.count(")") else text.strip()


def _is_court(court: str, word: str) -> bool:
    return word != "AG" or _is_known_court(court)  # Muster AG Süd HRB 1


@lru_cache(maxsize=1024)
def _is_known_court(court: str) -> bool:
    from stdnum.de import handelsregisternummer

    named = re.sub(r"\ba\.? ?M\.?$", "am Main", _balanced(court))
    return handelsregisternummer.is_valid(f"{named} HRB 1")


def _german_register(found: _GermanNumber, text: str, field: str, raw: object) -> Checked[str]:
    findings: list[Finding] = []
    if found.court and not _is_known_court(found.court):
        findings.append(warning("unknown_court", field, "names no known register court", raw))
    rest = f"{text[: found.start]} {text[found.end :]}".strip(f"{_EDGES}().")
    if any(c.isalnum() for c in rest):
        findings.append(note("words_beside", field, "the words beside the number were left out", raw))
    return Checked(found.text, tuple(findings))


def _swiss(number: str, vat: str | None, field: str, raw: object) -> Checked[str]:
    digits = re.sub(r"\D", "", number)
    spelled = f"CHE-{digits[:3]}.{digits[3:6]}.{digits[6:]}"
    suffix = f" {vat.upper()}" if vat else ""
    return Checked(f"{spelled}{suffix}", _doubts("ch.uid", spelled, "vat" if vat else "register", field, raw))


def _of_register(one: _Register, number: str, field: str, raw: object) -> Checked[str]:
    gap = r"(?<=\d)[ .](?=\d)" if one.label == "RCS" else r"(?<=[\dA-Z])[ .](?=\d)"
    bare = re.sub(gap, "", number)
    if one.label == "FN":
        bare = bare.replace(" ", "").lower()
    if one.label == "CIF":
        bare = bare.replace("-", "").replace(" ", "").upper()
    checked = re.sub(r"\D", "", bare) if one.label == "RCS" else bare
    doubts = _doubts(one.checked_by, checked, "register", field, raw) if one.checked_by else ()
    return Checked(f"{one.label} {bare}", doubts)


def _vat_doubts(number: str, field: str, raw: object) -> tuple[Finding, ...]:
    return _doubts(_vat_checker(number), number, "vat", field, raw)


def _vat_checker(number: str) -> str:
    return "gb.vat" if number[:2] == "GB" else "eu.vat"


def _doubts(checked_by: str, number: str, kind: str, field: str, raw: object) -> tuple[Finding, ...]:
    refusal = _refusal(checked_by, number)
    if refusal is None:
        return ()
    message = _WRONG_DIGIT if refusal == "checksum" else "does not have the form of such a number"
    return (warning(f"{kind}_{refusal}", field, message, raw),)


@lru_cache(maxsize=4096)
def _refusal(checked_by: str, number: str) -> str | None:
    """Return why python-stdnum refuses a number: for its check digits, or for its form."""
    from stdnum.exceptions import InvalidChecksum, ValidationError

    checker: Any = import_module(f"stdnum.{checked_by}")
    try:
        checker.validate(number)
    except InvalidChecksum:
        return "checksum"
    except ValidationError:
        return "format"
    return None
