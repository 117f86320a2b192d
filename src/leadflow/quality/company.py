"""Companies: one spelling, the legal form, the company's own domain, and a key for comparisons."""

from __future__ import annotations

import re
from collections.abc import Callable

from leadflow.entities import Company, Email, Finding
from leadflow.entities.base import made
from leadflow.entities.folding import name_key
from leadflow.entities.text import remembered
from leadflow.quality.casing import proper_case, shouts_or_whispers
from leadflow.quality.email import is_own_domain
from leadflow.quality.email_domains import NOT_OWN_SITES
from leadflow.quality.homographs import homograph_findings
from leadflow.quality.registers import (
    CompanyNumbers,
    check_lei,
    check_register_number,
    check_vat_number,
    numbers_in,
)
from leadflow.quality.results import Checked, error, line, means_nothing, note, warning
from leadflow.quality.spellings import by_spelling

__all__ = ["ascii_host", "check_company", "company_key", "host_of", "split_legal_form"]

# Spelled as in law; a key is the form without dots, blanks, commas and brackets, in lower case.
_FORMS = """
GmbH: gmbh, gesmbh, gesellschaftmitbeschränkterhaftung, mbh | gGmbH: ggmbh | GmbH & Co. KG: gmbh&cokg, gmbhundcokg,
gmbhcokg, gmbh+cokg, gmbhu.cokg, gmbhucokg | GmbH & Co. KGaA: gmbh&cokgaa | GmbH & Co. OHG: gmbh&coohg | AG: ag,
aktiengesellschaft | AG & Co. KG: ag&cokg, agundcokg | AG & Co. KGaA: ag&cokgaa | KGaA: kgaa | SE: se | SE & Co. KG:
se&cokg | SE & Co. KGaA: se&cokgaa | UG (haftungsbeschränkt): ughaftungsbeschränkt, ug,
unternehmergesellschafthaftungsbeschränkt | UG & Co. KG: ug&cokg, ughaftungsbeschränkt&cokg | KG: kg,
kommanditgesellschaft, &cokg, cokg | OHG: ohg, &coohg | OG: og | GbR: gbr | e.K.: ek, ekfm, ekfr,
eingetragenerkaufmann, eingetragenekauffrau | e.U.: eu | eG: eg, eingetragenegenossenschaft | e.V.: ev,
eingetragenerverein | PartG: partg | PartG mbB: partgmbb, partnerschaftmbb | PartmbB: partmbb | mbB: mbb |
KEG: keg | OEG: oeg | eGbR: egbr | KdöR:
kdör | AöR: aör | gAG: gag | Genossenschaft: genossenschaft | Sàrl: sàrl, sarl | S.à r.l.: sàrl | Inc.: inc,
incorporated | Corp.: corp, corporation | LLC: llc | LLP: llp | LP: lp | PLC: plc | Ltd.: ltd, limited | Ltd. & Co.
KG: ltd&cokg, limited&cokg | Pty Ltd: ptyltd | Pte. Ltd.: pteltd | Pvt. Ltd.: pvtltd, privatelimited, pvtlimited |
Co., Ltd.: coltd | S.A.: sa | S.A.S.: sas, sasu | SARL: sarl | S.r.l.: srl | S.p.A.: spa | S.L.: sl | S.L.U.: slu |
S.A. de C.V.: sadecv | Ltda.: ltda | Lda.: lda | B.V.: bv | N.V.: nv | VOF: vof | BVBA: bvba | BV: bv | Oy: oy |
Oyj: oyj | AB: ab | A/S: a/s | ApS: aps | AS: as | ASA: asa | Sp. z o.o.: spzoo | s.r.o.: sro | a.s.: as | d.o.o.:
doo | d.d.: dd | Kft.: kft | Zrt.: zrt | OÜ: oü | SIA: sia | UAB: uab | OOO: ooo | K.K.: kk | A.Ş.: aş | Ltd. Şti.:
ltdşti | spol. s r.o.: spolsro | EURL: eurl | SASU: sasu | SCI: sci | SNC: snc | SCA: sca | SCS: scs | SCRL: scrl |
SPRL: sprl | CVBA: cvba | VZW: vzw | ASBL: asbl | Comm. V.: commv | C.V.: cv | S.r.l.s.: srls | S.a.s.: sas |
S.n.c.: snc | S.L.L.: sll | S.L.P.: slp | Soc. Coop.: soccoop | E.I.R.L.: eirl | sp.k.: spk | Sp. z o.o. sp.k.:
spzoospk, spzooispk | sp.j.: spj | S.K.A.: ska | k.s.: ks | v.o.s.: vos | Bt.: bt | Nyrt.: nyrt | EOOD: eood, еоод |
OOD: ood, оод | EAD: ead, еад | AD: ad, ад | S.R.L.: srl | P.F.A.: pfa | Lda.: lda | Unipessoal Lda.: unipessoallda
| EIRELI: eireli | ME: me | Ky: ky | Tmi: tmi | KB: kb | HB: hb | ANS: ans | DA: da | I/S: i/s | K/S: k/s | P/S: p/s
| IVS: ivs | ehf.: ehf | hf.: hf | Sdn. Bhd.: sdnbhd | Bhd.: bhd | PT: pt | Pty: pty | (Pty) Ltd.: ptyltd | CC: cc |
ООО: ооо, обществосограниченнойответственностью | ЗАО: зао | ПАО: пао | ОАО: оао | АО: ао, акционерноеобщество | ИП:
ип | ТОВ: тов | 株式会社: 株式会社, (株) | 有限会社: 有限会社 | 合同会社: 合同会社 | 주식회사: 주식회사, (주) |
有限公司: 有限公司 | 有限责任公司: 有限责任公司 | 股份有限公司: 股份有限公司 | P.C.: pc | P.L.L.C.: pllc | PLLC:
pllc | L.L.L.P.: lllp | LLLP: lllp | CIC: cic | DAC: dac | UC: uc | CLG: clg | W.L.L.: wll | FZE: fze | FZCO: fzco |
FZ-LLC: fz-llc | DMCC: dmcc | Stiftung & Co. KG: stiftung&cokg | Stiftung & Co. KGaA: stiftung&cokgaa | GmbH & Co.
KGaA: gmbhundcokgaa | UG & Co. KG: ugundcokg | gUG (haftungsbeschränkt): gug, gughaftungsbeschränkt | GesbR: gesbr |
FlexKapG: flexkapg | REIT-AG: reit-ag | InvAG: invag | VVaG: vvag | Anstalt: anstalt
"""
# What stands behind a legal form and belongs to it; a key as above.
_ADDITIONS = {
    "il": "i.L.", "inliquidation": "i.L.", "ig": "i.G.", "igr": "i.Gr.", "ingründung": "i.G.", "iins": "i.Ins.",
    "ininsolvenz": "i.Ins.", "publ": "(publ)", "tbk": "Tbk", "unipersonale": "unipersonale",
    "unipersonal": "unipersonal",
    "inliquidazione": "in liquidazione", "enliquidation": "en liquidation", "enliquidación": "en liquidación",
    "inliquidatie": "in liquidatie", "wlikwidacji": "w likwidacji", "vlikvidaci": "v likvidaci",
}  # fmt: skip
# Legal forms that stand in front, too; only in this spelling, and before a name.
_IN_FRONT = frozenset(
    """AB AS A/S ApS PT UAB SIA OÜ OOO ООО ЗАО ПАО ОАО АО ИП ТОВ SARL S.A.R.L. SAS S.A.S. SASU EURL SCI SNC NV N.V. BV
    B.V. BVBA CVBA VZW ASBL SPRL SA S.A. SRL S.R.L. SpA S.p.A. Oy EOOD OOD AD CV C.V.""".split()
)
_IN_SCRIPT = re.compile(
    r"^(?P<front>株式会社|有限会社|合同会社|\(株\)|㈱|\(주\)|주식회사)\s*(?P<rest>.*\S)|"
    r"(?P<name>.*\S?)\s*(?P<back>株式会社|有限会社|合同会社|\(株\)|\(주\)|주식회사|股份有限公司|有限责任公司|有限公司)$"
)
_OF_SCRIPT = re.compile(r"会社|公司|㈱|\([株주]\)|주식회사")
_SCRIPT_FORMS = {"(株)": "株式会社", "㈱": "株式会社", "(주)": "주식회사"}
# Also words or names: recognised only with dots or in the exact spelling, and not in a name in all capitals.
_WORDS_TOO = frozenset(
    """spa og eu as ab sl lp sas kk ooo asa gag dd sia vof ad cv ky kb hb ans da ks bt me pt cc pc cic dac uc sci snc
    sca scs ead ood hf tmi anstalt spk spj ska vos sll slp pfa clg ivs oo bhd pty""".split()
)
# Recognised only with dots or in capitals.
_NOT_SMALL = frozenset("se sa oy ug ev slu aps sro doo".split())
_NO_COMPANY = frozenset(
    "privat private privatperson self self-employed selbständig selbstständig freelancer freiberufler "
    "freiberuflich student rentner arbeitslos home me ich test asdf company firma".split()
)


_BY_KEY = by_spelling(_FORMS)
_LONGEST = 6
_PUNCTUATION = str.maketrans("", "", "., ()[]")


def _form_key(written: str) -> str:
    return written.translate(_PUNCTUATION).casefold()


_FORM_ENDS = frozenset(key[at:] for key in (*_BY_KEY, *_ADDITIONS) for at in range(len(key) + 1))
"""What the last word of a name can be if a legal form, or an addition to one, ends there."""
_AROUND = " \"'„“”»«,;-"
_SIGNS, _QUOTE = " ,;-", re.compile("[\"'„“”»«]")
_VOWELS = frozenset("AEIOUYÄÖÜ")
_PREFIX = re.compile(r"^(?:fa\.\s*|fa\s+(?=[A-ZÄÖÜ])|firma:?\s+)(?=[^\W\d_])", re.IGNORECASE)
_WORD = re.compile(r"&|[^\s&]+")
# Müller&Söhne gets blanks, P&G and H&M are names
_JOINED = re.compile(r"(?<=[^\W\d_]{3})&(?=[^\W\d_])|(?<=[^\W\d_])&(?=[^\W\d_]{3})|(?<=\s)&(?=\S)|(?<=\S)&(?=\s)")
_SMALL = frozenset("und für der die das den dem des von van zu zur and of the for de la et & y e".split())
_SCHEME = re.compile(
    r"^[\s(<\[]*(?:(?:web(?:site|seite)?|homepage|url|internet):\s*)?(?:h?t{1,2}ps?(?::/{0,3}|;//|/{2})|//)?"
)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_][\w-]{0,62}")


def check_company(
    name: object = None,
    *,
    website: object = None,
    email: Email | None = None,
    register_number: object = None,
    vat_number: object = None,
    lei: object = None,
    country: str | None = None,
    field: str = "company.name",
) -> Checked[Company]:
    """Return a company with its name in one spelling, its legal form, its own domain, and its numbers.

    ``Acme G.m.b.H. & Co.KG`` becomes name ``Acme``, legal form ``GmbH & Co. KG``. The domain is the website's, else the
    e-mail address's if that is neither free mail nor disposable. Names in capitals get proper case; short words and
    words without vowels (SAP, BMW, KPMG) stay capitals. Numbers of registers and taxes that stand in the name are taken
    from there; ``country`` (ISO alpha-2) says whose a number without a label is.
    """
    findings: list[Finding] = []
    given = line(field, name, limit=300)
    findings += given.findings
    bare, numbers = numbers_in(given.value) if given.value else ("", CompanyNumbers())
    spelled, form = split_legal_form(bare) if bare else (None, None)
    if spelled is not None and not any(c.isalnum() for c in spelled):
        findings.append(error("not_a_name", field, "has no letters or digits", name))
        spelled = form = None
    if spelled is not None and spelled.casefold() in _NO_COMPANY:
        findings.append(note("no_company", field, "says that there is no company", name))
        spelled = form = None
    if spelled is not None and form is None and means_nothing(spelled):
        spelled = None
    domain = _website(website, findings) or _mail_domain(email)
    taken = [
        _number(check_register_number, register_number, numbers.register_number, country, findings),
        _number(check_vat_number, vat_number, numbers.vat_number, country, findings),
        _number(check_lei, lei, numbers.lei, country, findings),
    ]
    company = made(
        Company,
        name=spelled,
        legal_form=form,
        domain=domain,
        industry=None,
        employees=None,
        revenue=None,
        country=None,
        register_number=taken[0],
        vat_number=taken[1],
        lei=taken[2],
    )
    return Checked(company, tuple(findings))


def _number(
    check: Callable[[object, str | None], Checked[str]],
    given: object,
    in_name: str | None,
    country: str | None,
    findings: list[Finding],
) -> str | None:
    """Return a number of the company: the one given, otherwise the one in its name; two different ones are a doubt."""
    if given is None and in_name is None:
        return None
    first = check(given, country)
    if in_name is None:
        findings += first.findings
        return first.value
    second = check(in_name, country)
    findings += first.findings if first.value else (*first.findings, *second.findings)
    if first.value and second.value and first.value != second.value:
        findings.append(warning("two_numbers", "company.name", f"the name says {second.value}", first.value))
    return first.value or second.value


@remembered
def split_legal_form(name: str) -> tuple[str, str | None]:
    """Return a company's name in one spelling, and its legal form: ``("Acme", "GmbH")``."""
    bare, form = _split(name)
    # that "MÜLLER ag" is in all capitals shows only once its form is spelled AG
    spelled = f"{bare} {form}"
    return _split(spelled) if form and spelled != name else (bare, form)


def _split(name: str) -> tuple[str, str | None]:
    name = _unquoted(_PREFIX.sub("", _unquoted(name))) or name
    if _OF_SCRIPT.search(name) and (found := _in_script(name)):
        return found
    recase = shouts_or_whispers(name)
    places = list(_WORD.finditer(name))
    words = [place.group() for place in places]
    behind, addition = _addition(words)
    longest = min(_LONGEST, behind - 1) if behind > 1 and _form_key(words[behind - 1]) in _FORM_ENDS else 0
    for count in range(longest, 0, -1):
        tail = words[behind - count : behind]
        form = _BY_KEY.get(_form_key("".join(tail)))
        if form and _is_meant(tail, form, recase):
            rest = name[: places[behind - count].start()]
            return _spelled(_without_joint(rest), recase), f"{form} {addition}" if addition else form
    if behind > 1 and words[0].strip(",") in _IN_FRONT and _is_name(words[1]) and not _OF_SCRIPT.search(name):
        form = _BY_KEY[_form_key(words[0])]
        rest = name[places[1].start() : places[behind - 1].end()]
        rest = _without_joint(rest)
        return _spelled(rest, shouts_or_whispers(rest) and len(rest) > 4), f"{form} {addition}" if addition else form
    return _with_form_inside(name) or (_spelled(name, recase), None)


def _with_form_inside(name: str) -> tuple[str, str | None] | None:
    """Return ``Acme GmbH (Berlin)`` as Acme (Berlin), GmbH: what stands behind the form belongs to the name."""
    place = _BEHIND_FORM.search(name) if _MAY_BE_BESIDE.search(name) else None
    if place is None or not any(c.isalpha() for c in place["beside"]):
        return None
    head, form = _split(name[: place.start()])
    if form is None:
        return None
    gap = "" if place["beside"].startswith(",") else " "
    found = _split(f"{head}{gap}{place['beside'].strip()} {form}")
    return found if found[1] == form else None


_MAY_BE_BESIDE = re.compile("[,(–-]")
_BEHIND_FORM = re.compile(r"(?<=[\w.)])\s*(?P<beside>,(?=\s).*|\(.*\)|(?<=\s)[–-]\s.*)$")


def _in_script(name: str) -> tuple[str, str] | None:
    """Return name and legal form where nothing stands between them: 株式会社サンプル."""
    found = _IN_SCRIPT.search(name)
    if not found:
        return None
    rest, form = (found["rest"], found["front"]) if found["front"] else (found["name"], found["back"])
    return (rest.strip(_AROUND), _SCRIPT_FORMS.get(form, form)) if rest and rest.strip(_AROUND) else None


def _unquoted(text: str) -> str:
    """Strip what stands around a name; quotes of a part of it stay: Bäckerei "Zum goldenen Brot", 't Hart."""
    text = text.strip(_SIGNS)
    inner = text.strip(_AROUND)
    keeps = _QUOTE.search(inner) is not None or text.startswith(("'t ", "'s-", "'n "))
    return text if keeps else inner


def _addition(words: list[str]) -> tuple[int, str | None]:
    """Return where an addition to the legal form begins, and the addition: GmbH i.L., AB (publ)."""
    if not words or _form_key(words[-1]) not in _FORM_ENDS:
        return len(words), None
    for count in (2, 1):
        addition = _ADDITIONS.get(_form_key("".join(words[-count:])))
        if addition and len(words) > count + 1:
            return len(words) - count, addition
    return len(words), None


def _is_name(word: str) -> bool:
    return any(c.isalpha() for c in word) and word.strip(",") not in _IN_FRONT


def _without_joint(rest: str) -> str:
    return _JOINT_BEHIND.sub("", rest.rstrip()) or rest


_JOINT_BEHIND = re.compile(r"(?:[\s,]+(?:&|und|and)|&)+\s*$")


@remembered
def company_key(name: str) -> str:
    """Return what different spellings of a company name have in common: a key for comparisons, not for display.

    Case, punctuation, legal form, "und" and "&" are left out; Müller, Mueller and Muller have the same key.
    """
    return name_key(split_legal_form(name)[0])


def _is_meant(tail: list[str], form: str, shouted: bool) -> bool:
    written = "".join(tail).strip(",")
    key = _form_key(written)
    first, rest = tail[0], _form_key("".join(tail[1:]))
    if len(first) == 1 and first.isalpha() and rest in _BY_KEY:  # Team G GmbH is no gGmbH
        return False
    if "." in written or (key not in _WORDS_TOO and key not in _NOT_SMALL):
        return True
    if len(tail) > 1:
        return False
    if key in _NOT_SMALL:
        return not written.islower()
    return written in (form, form.replace(".", "")) and not shouted


def _spelled(whole: str, recase: bool) -> str:
    if "&" in whole:
        whole = _JOINED.sub(" & ", whole.replace("&&", " & & "))
    whole = " ".join(whole.split())
    text = _unquoted(whole) or whole
    if not recase:
        return text
    alone = len(text.split()) == 1

    def is_acronym(word: str) -> bool:
        letters = word.strip(".,()")
        short = len(letters) <= (4 if alone else 3) or not _VOWELS.intersection(letters)
        return word.isupper() and short and letters.lower() not in _SMALL

    return proper_case(text, small=_SMALL, keep=is_acronym)


_BESIDE_SITE = re.compile(r"[\s;,|(<>]+")
_BEHIND_HOST = re.compile(r"[/?#:]")
_WWW = re.compile(r"^(?:www\d?|m|mobile|mobil)\.(?=[^.]+\.)")


def _website(raw: object, findings: list[Finding]) -> str | None:
    given = line("company.domain", raw)
    findings += given.findings
    if given.value is None:
        return None
    text = _SCHEME.sub("", given.value.casefold())
    text, *beside = _BESIDE_SITE.split(text, maxsplit=1)
    domain = host_of(text)
    if domain is None:
        findings.append(error("invalid_website", "company.domain", "is not a web address; give acme.example", raw))
        return None
    if any(c.isalnum() for c in "".join(beside)):
        findings.append(note("words_beside", "company.domain", "the words beside the address were left out", raw))
    findings += homograph_findings("company.domain", domain, raw)
    if domain in NOT_OWN_SITES or not is_own_domain(domain):
        findings.append(note("no_own_site", "company.domain", "is not the company's own domain", raw))
        return None
    return domain


def host_of(address: str) -> str | None:
    """Return the host of a web or e-mail address in ASCII, without www.; None if there is none."""
    text = _SCHEME.sub("", address.casefold())
    host = _BEHIND_HOST.split(text, maxsplit=1)[0].rpartition("@")[2].rstrip(".")
    domain = ascii_host(_WWW.sub("", host))
    return domain if domain is not None and _HOST.fullmatch(domain) else None


def ascii_host(host: str) -> str | None:
    """Return the name of a host in ASCII (``xn--…``); None if it is not one."""
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
