"""Companies: one spelling, the legal form, the company's own domain, and a key for comparisons."""

from __future__ import annotations

import re

from leadflow.entities import Company, Email, Finding
from leadflow.entities.folding import fold, words_of
from leadflow.entities.text import remembered
from leadflow.quality.casing import proper_case, shouts_or_whispers
from leadflow.quality.email import is_own_domain
from leadflow.quality.email_domains import NOT_OWN_SITES
from leadflow.quality.results import Checked, error, line, means_nothing, note

__all__ = ["check_company", "company_key", "split_legal_form"]

# Spelled as in law; a key is the form without dots, blanks, commas and brackets, in lower case.
_FORMS = """
GmbH: gmbh, gesmbh, gesellschaftmitbeschränkterhaftung, mbh | gGmbH: ggmbh | GmbH & Co. KG: gmbh&cokg,
gmbhundcokg, gmbhcokg, gmbh+cokg, gmbhu.cokg, gmbhucokg | GmbH & Co. KGaA: gmbh&cokgaa | GmbH & Co. OHG:
gmbh&coohg | AG: ag, aktiengesellschaft | AG & Co. KG: ag&cokg, agundcokg | AG & Co. KGaA: ag&cokgaa | KGaA:
kgaa | SE: se | SE & Co. KG: se&cokg | SE & Co. KGaA: se&cokgaa | UG (haftungsbeschränkt): ughaftungsbeschränkt,
ug, unternehmergesellschafthaftungsbeschränkt | UG & Co. KG: ug&cokg, ughaftungsbeschränkt&cokg | KG: kg,
kommanditgesellschaft, &cokg, cokg | OHG: ohg, &coohg | OG: og | GbR: gbr | e.K.: ek, ekfm, ekfr,
eingetragenerkaufmann, eingetragenekauffrau | e.U.: eu | eG: eg, eingetragenegenossenschaft | e.V.: ev,
eingetragenerverein | PartG: partg | PartG mbB: partgmbb, partnerschaftmbb | PartmbB: partmbb | eGbR: egbr |
KdöR: kdör | AöR: aör | gAG: gag | Genossenschaft: genossenschaft | Sàrl: sàrl, sarl | S.à r.l.: sàrl | Inc.:
inc, incorporated | Corp.: corp, corporation | LLC: llc | LLP: llp | LP: lp | PLC: plc | Ltd.: ltd, limited |
Ltd. & Co. KG: ltd&cokg, limited&cokg | Pty Ltd: ptyltd | Pte. Ltd.: pteltd | Pvt. Ltd.: pvtltd, privatelimited,
pvtlimited | Co., Ltd.: coltd | S.A.: sa | S.A.S.: sas, sasu | SARL: sarl | S.r.l.: srl | S.p.A.: spa | S.L.: sl
| S.L.U.: slu | S.A. de C.V.: sadecv | Ltda.: ltda | Lda.: lda | B.V.: bv | N.V.: nv | VOF: vof | BVBA: bvba |
BV: bv | Oy: oy | Oyj: oyj | AB: ab | A/S: a/s | ApS: aps | AS: as | ASA: asa | Sp. z o.o.: spzoo | s.r.o.: sro
| a.s.: as | d.o.o.: doo | d.d.: dd | Kft.: kft | Zrt.: zrt | OÜ: oü | SIA: sia | UAB: uab | OOO: ooo | K.K.: kk
| A.Ş.: aş | Ltd. Şti.: ltdşti
"""
# Also words or names: recognised only with dots or in the exact spelling, and not in a name in all capitals.
_WORDS_TOO = frozenset("spa og eu as ab sl lp sas kk ooo asa gag dd sia vof".split())
# Recognised only with dots or in capitals.
_NOT_SMALL = frozenset("se sa oy ug ev bv nv slu aps sro doo".split())
_NO_COMPANY = frozenset(
    "privat private privatperson self self-employed selbständig selbstständig freelancer freiberufler "
    "freiberuflich student rentner arbeitslos home me ich test asdf company firma".split()
)


def _table() -> dict[str, str]:
    forms: dict[str, str] = {}
    for row in _FORMS.replace("\n", " ").split("|"):
        form, _, keys = row.partition(":")
        for key in keys.split(","):
            forms.setdefault(key.strip(), form.strip())
    return forms


_BY_KEY = _table()
_LONGEST = 6
_PUNCTUATION = str.maketrans("", "", "., ()[]")
_AROUND = " \"'„“”»«,;-"
_VOWELS = frozenset("AEIOUYÄÖÜ")
_PREFIX = re.compile(r"^(?:fa\.|firma)\s+", re.IGNORECASE)
_SMALL = frozenset("und für der die das den dem des von van zu zur and of the for de la et & y e".split())
_JOINTS = frozenset("und and u et & + the".split())
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_][\w-]{0,62}")


def check_company(
    name: object = None, *, website: object = None, email: Email | None = None, field: str = "company.name"
) -> Checked[Company]:
    """Return a company with its name in one spelling, its legal form, and its own domain.

    ``Acme G.m.b.H. & Co.KG`` becomes name ``Acme``, legal form ``GmbH & Co. KG``. The domain is the website's, else the
    e-mail address's if that is neither free mail nor disposable. Names in capitals get proper case; short words and
    words without vowels (SAP, BMW, KPMG) stay capitals.
    """
    findings: list[Finding] = []
    given = line(field, name, limit=300)
    findings += given.findings
    spelled, form = split_legal_form(given.value) if given.value else (None, None)
    if spelled is not None and not any(c.isalnum() for c in spelled):
        findings.append(error("not_a_name", field, "has no letters or digits", name))
        spelled = form = None
    if spelled is not None and spelled.casefold() in _NO_COMPANY:
        findings.append(note("no_company", field, "says that there is no company", name))
        spelled = form = None
    if spelled is not None and form is None and means_nothing(spelled):
        spelled = None
    domain = _website(website, findings) or _mail_domain(email)
    return Checked(Company(name=spelled, legal_form=form, domain=domain), tuple(findings))


@remembered
def split_legal_form(name: str) -> tuple[str, str | None]:
    """Return a company's name in one spelling, and its legal form: ``("Acme", "GmbH")``."""
    found = _split(name)
    # that "MÜLLER ag" is in all capitals shows only once its form is spelled AG
    return _split(f"{found[0]} {found[1]}") if found[1] else found


def _split(name: str) -> tuple[str, str | None]:
    name = _PREFIX.sub("", name.strip(_AROUND)).strip(_AROUND) or name
    recase = shouts_or_whispers(name)
    words = name.replace("&", " & ").split()
    for count in range(min(_LONGEST, len(words) - 1), 0, -1):
        tail = words[-count:]
        form = _BY_KEY.get("".join(tail).translate(_PUNCTUATION).casefold())
        if form and _is_meant(tail, form, recase):
            rest = words[:-count]
            return _spelled(rest, recase), form
    return _spelled(words, recase), None


@remembered
def company_key(name: str) -> str:
    """Return what different spellings of a company name have in common: a key for comparisons, not for display.

    Case, punctuation, legal form, "und" and "&" are left out; Müller, Mueller and Muller have the same key.
    """
    bare = split_legal_form(name)[0]
    words = [word for word in words_of(bare) if word not in _JOINTS]
    return "".join(words) or fold(bare)


def _is_meant(tail: list[str], form: str, shouted: bool) -> bool:
    written = "".join(tail).strip(",")
    key = written.translate(_PUNCTUATION).casefold()
    if "." in written or (key not in _WORDS_TOO and key not in _NOT_SMALL):
        return True
    if len(tail) > 1:
        return False
    if key in _NOT_SMALL:
        return not written.islower()
    return written in (form, form.replace(".", "")) and not shouted


def _spelled(words: list[str], recase: bool) -> str:
    whole = " ".join(words)
    text = whole.strip(_AROUND) or whole
    if not recase:
        return text
    alone = len(words) == 1

    def is_acronym(word: str) -> bool:
        letters = word.strip(".,()")
        short = len(letters) <= (4 if alone else 3) or not _VOWELS.intersection(letters)
        return word.isupper() and short and letters.lower() not in _SMALL

    return proper_case(text, small=_SMALL, keep=is_acronym)


def _website(raw: object, findings: list[Finding]) -> str | None:
    given = line("company.domain", raw)
    findings += given.findings
    if given.value is None:
        return None
    host = given.value.casefold().partition("://")[2] or given.value.casefold()
    host = re.split(r"[/?#:\s]", host.lstrip("/"), maxsplit=1)[0].rpartition("@")[2].removeprefix("www.").rstrip(".")
    domain = _ascii(host)
    if domain is None or not _HOST.fullmatch(domain):
        findings.append(error("invalid_website", "company.domain", "is not a web address; give acme.example", raw))
        return None
    if domain in NOT_OWN_SITES or not is_own_domain(domain):
        return None
    return domain


def _ascii(host: str) -> str | None:
    if host.isascii():
        return host
    from email_validator import EmailNotValidError, validate_email  # its IDNA rules, so that both domains agree

    try:
        return validate_email(
            f"a@{host}", check_deliverability=False, test_environment=host.endswith(".test")
        ).ascii_domain
    except EmailNotValidError:
        return None


def _mail_domain(email: Email | None) -> str | None:
    return email.domain if email is not None and is_own_domain(email.domain) else None
