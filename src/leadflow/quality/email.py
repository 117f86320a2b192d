"""E-mail addresses: one spelling, the kind of mailbox, and what was probably meant."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from leadflow.entities import Email, EmailKind, Finding
from leadflow.entities.base import made
from leadflow.entities.domains import registrable_domain
from leadflow.entities.text import normal
from leadflow.errors import InvalidInput
from leadflow.quality.email_domains import (
    DISPOSABLE,
    FREE,
    FREE_ANYWHERE,
    FREE_ENDINGS,
    NO_ENDINGS,
    POPULAR,
    REAL,
    ROLES,
    SHORT_NAMES,
    SLIPPED_ENDINGS,
    UK_SLIPS,
)
from leadflow.quality.homographs import homograph_findings
from leadflow.quality.results import Checked, error, line, note, warning

__all__ = ["check_email", "email_key", "is_own_domain", "is_role", "same_mailbox", "split_addresses"]

FAKES = frozenset(
    "asdf@asdf asdf@asdf.de asdf@asdf.com test@test.de test@test.com a@a.de a@b.de a@b.com abc@abc.de".split()
)
_ORDINARY = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@[\w-]+(?:\.[\w-]+)+", re.ASCII)
"""An address with nothing around it and nothing to undo in it."""
_ROLE_ENDS = "0123456789"
_BLANKS = re.compile(r"\s{2,}")
_AT = re.compile(
    r"\s*[(\[{<]\s*(?:at|ät|aet|@|a|arroba|chiocciola|apenstaartje|arobase)\s*[)\]}>]\s*|&#0*64;|%40", re.IGNORECASE
)
_DOT = re.compile(r"\s*[(\[{<]\s*(?:dot|punkt|point|punto|\.)\s*[)\]}>]\s*", re.IGNORECASE)
_HIDDEN = re.compile(r"[(\[{&%]")
_SPELLED = re.compile(r"(?<![\w.+-])([\w.+-]+)\s+at\s+([\w-]+(?:\s+(?:dot|punkt)\s+[\w-]+)+)", re.IGNORECASE)
_SPELLED_DOT = re.compile(r"\s+(?:dot|punkt)\s+", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[^\s<>()\[\]{},;:\"'|/„“”«»@]{1,80}(?:'[^\s<>()\[\]{},;:\"'|/@]{1,60})?@[^\s<>()\[\]{},;:\"'|/„“”«»@]{1,255}"
)
_BETWEEN = re.compile(
    r"([>)\]]?(?:\s*\([^()@]*\))?)(?:\s*(?:[;,|/\n]|:::|&|\b(?:oder|or|und|and|et|y|e|o)\b)[\s;,|/:]*|\s+(?=[^\s<([]*@))",
    re.IGNORECASE,
)
_ONLY_BLANKS = re.compile(r"[^\s@,]+\s*@\s*[^\s@,]+(?:\s?\.\s?[^\s@,.]+)*")
_LABELS = frozenset(
    """e-mail email mail mailto e-mail-adresse mailadresse privat private geschäftlich work home office büro dienstlich
    adresse address""".split()
)


def check_email(text: object, *, verified: bool = False, field: str = "email") -> Checked[Email]:
    """Return one e-mail address in lower case, with its domain in ASCII (``xn--…``) and its kind; no network is used.

    ``Ada <ada@acme.example>``, ``mailto:ada@acme.example`` and ``ada (at) acme.example`` are parsed; words beside the
    address are left out with a note. A text with two addresses is refused, because it is unclear which one was meant
    (``split_addresses`` takes it apart). The correction of a likely typo (gmial.com) is suggested, never applied.
    """
    given = line(field, text)
    if given.value is None:
        return Checked(None, given.findings)
    bare = given.value if _ORDINARY.fullmatch(given.value) else _bare(_plain(given.value))
    findings: list[Finding] = []
    if bare.count("@") == 1:
        try:
            return _email(*_parts(bare), verified, field)
        except ValueError as refused:
            reason = _reason(refused)
    elif "@" in bare:
        reason = "is not an e-mail address (it holds more than one @)"
    else:
        reason = _reason(ValueError("An email address must have an @-sign."))
    found = _among_words(bare)
    if " " in bare and ".." not in bare and _ONLY_BLANKS.fullmatch(bare) and (meant := _likely(bare, [])):
        checked = _email(*_parts(meant), verified, field)
        findings.append(note("blanks", field, "had blanks in it, which were left out", text))
        return Checked(checked.value, (*findings, *checked.findings))
    if len(found) > 1 or (not found and bare.count("@") > 1):
        return Checked(None, (error("several_addresses", field, "holds several addresses; give one", text),))
    if found and found[0].is_apart:
        findings.append(note("words_beside", field, "the words beside the address were left out", text))
        checked = _email(*found[0].parts, verified, field)
        return Checked(checked.value, (*findings, *checked.findings))
    return Checked(None, (error("invalid_email", field, reason, text, _likely(bare, found)),))


def split_addresses(text: str) -> tuple[str, ...]:
    """Split a text with several addresses, ``Ada <a@b.example>; c@d.example (privat)``, each with the words around it.

    A text whose addresses nothing separates stays whole: ``"a@b.example" <c@d.example>`` may be one or the other.
    """
    plain = text if _ORDINARY.fullmatch(text) else _plain(text)
    if plain.count("@") < 2:
        return (text,)
    places = list(_ADDRESS.finditer(plain))
    if len(places) < 2:
        return (text,)
    parts, start = [], 0
    for place in places[:-1]:
        gap = _BETWEEN.match(plain, place.end())
        if gap is None:
            return (text,)
        parts.append(plain[start : gap.end(1)].strip())
        start = gap.end()
    return (*parts, plain[start:].strip())


def email_key(email: Email | str) -> str:
    """Return the claim for an address, ``email:ada@acme.example``: one for every spelling of it."""
    if isinstance(email, Email) and email.address:
        return f"email:{email.address}"
    checked = check_email(email if isinstance(email, str) else None).value
    if checked is None:
        raise InvalidInput("email", email, "give an e-mail address such as ada@acme.example")
    return f"email:{checked.address}"


def same_mailbox(address: str) -> str:
    """Return what identifies the mailbox: the address without a ``+tag``, and at Gmail without dots."""
    local, _, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def is_own_domain(domain: str | None) -> bool:
    """Whether a mail domain can be a company's own: neither free mail nor disposable, nor a likely typo of one.

    Nor is it one of their hosts (``eu.gmail.com``), or an ending that many share (``co.uk``).
    """
    registered = registrable_domain(domain) if domain is not None else None
    return registered is not None and not any(
        _is_free(one) or one in DISPOSABLE or _meant(one) is not None for one in {domain, registered} if one
    )


class _Found(NamedTuple):
    """An address among words, and whether it stands apart from them: nothing before it can be part of it."""

    parts: tuple[str, str]
    is_apart: bool


def _among_words(text: str) -> list[_Found]:
    found: dict[tuple[str, str], _Found] = {}
    for place in _ADDRESS.finditer(text):
        try:
            parts = _parts(place.group().strip("._-"))
        except ValueError:
            continue
        is_rest = place.group()[0] == "." and not text[place.start() - 1 : place.start()].isspace()  # x."y".ada@…
        is_apart = not (is_rest and place.start()) and _is_apart(text[: place.start()], text[place.end() :])
        found.setdefault(parts, _Found(parts, is_apart))
    return list(found.values())


def _is_apart(before: str, behind: str) -> bool:
    if "@" in before or "@" in behind or behind.lstrip()[:1] == ".":
        # a@b@c, a@b .example; the same address twice ("a@b" <a@b>) stands apart
        return bool(behind[:1] and before[:1] in "\"'<([" and "@" in behind and before.count("@") == 0)
    words = before.split()
    if not words or not before[-1].isspace():
        return not before or not before[-1].isalnum()
    last = words[-1].strip(":").casefold()
    if words[-1][-1] in ":;,<([|/-–=>)]}" or last in _LABELS:
        return True
    return len(words) > 1 and all(word[0].isupper() for word in words)  # Ada Lovelace ada@…; not "ada lovelace@…"


def _likely(bare: str, found: list[_Found]) -> str | None:
    """Return the address that a refused text probably means: blanks, commas and doubled dots taken back."""
    if found:
        local, domain = found[0].parts
        return f"{local}@{domain}"
    mended = re.sub(r"\.{2,}", ".", re.sub(r"\s*([@.,])\s*", r"\1", bare).replace(",", "."))
    try:
        local, domain = _parts(mended)
    except ValueError:
        return None
    return f"{local}@{domain}" if mended != bare and " " not in mended else None


def _plain(text: str) -> str:
    """Undo what hides an address from robots: ada (at) acme (dot) example, ada&#64;acme.example."""
    text = _BLANKS.sub(lambda run: "\n" if "\n" in run[0] else " ", text.replace("＠", "@"))
    if "@" in text and not _HIDDEN.search(text):
        return text
    if _AT.search(text):
        return _DOT.sub(".", _AT.sub("@", text))
    if "@" in text:
        return _DOT.sub(".", text)
    return _SPELLED.sub(lambda found: f"{found[1]}@{_SPELLED_DOT.sub('.', found[2])}", text)


def _bare(text: str) -> str:
    text = text.strip(" ,;\"'")
    head, bracket, tail = text.partition("<")
    if bracket and tail.endswith(">") and "@" not in head:
        text = tail[:-1].strip()
    if text[:7].casefold() == "mailto:":
        text = text[7:].partition("?")[0]
    text = text.strip(" ,;\"'").rstrip(".")
    lone = text[:1] in "<[(" or (text[-1:] in ">])" and "(" not in text)
    return text.strip("<>[]()").strip() if lone else text


def _email(local: str, domain: str, verified: bool, field: str) -> Checked[Email]:
    address = f"{local}@{domain}"
    email = made(Email, address=address, domain=domain, kind=_kind(local, domain), verified=verified, claimed=True)
    return Checked(email, tuple(_doubts(email, local, domain, field)))


def _parts(bare: str) -> tuple[str, str]:
    from email_validator import validate_email  # lazily: 45–70 ms

    domain = bare.rpartition("@")[2].casefold()
    found = validate_email(
        normal(bare.lower()),
        check_deliverability=False,
        allow_smtputf8=True,
        allow_quoted_local=False,
        allow_domain_literal=False,
        test_environment=domain.endswith(".test"),
    )
    local, domain = normal(found.local_part.lower()), found.ascii_domain.lower()
    if len(f"{local}@{domain}".encode()) > 254 or len(local.encode()) > 64:
        raise ValueError("The email address is too long.")
    return local, domain


def _reason(refused: ValueError) -> str:
    said = str(refused).rstrip(".") or "it has no usable form"
    return f"is not an e-mail address ({said}); give one such as ada@acme.example"


def _kind(local: str, domain: str) -> EmailKind:
    if domain in DISPOSABLE:
        return "disposable"
    is_free = bool(_is_free(domain) or _meant(domain))
    if is_role(local, is_free=is_free):
        return "role"
    return "free" if is_free else "business"


def is_role(local: str, *, is_free: bool) -> bool:
    """Whether the local part of an address is that of a role, at free mail or at a company."""
    if local.partition("+")[0].rstrip(_ROLE_ENDS) in ROLES:
        return True
    # info.berlin@, vertrieb-nord@: mistaking a person for a role costs a question, the reverse joins strangers
    first_word = local.replace("-", ".").replace("_", ".").partition(".")[0]
    return not is_free and first_word in ROLES


@lru_cache(maxsize=4096)
def _is_free(domain: str) -> bool:
    name, _, ending = domain.partition(".")
    return domain in FREE or (name in FREE_ANYWHERE and FREE_ENDINGS.fullmatch(ending) is not None)


def _doubts(email: Email, local: str, domain: str, field: str) -> list[Finding]:
    found: list[Finding] = []
    meant = _meant(domain)
    if meant:
        suggestion = f"{local}@{meant}"
        found.append(warning("email_typo", field, f"the domain is close to {meant}", email.address, suggestion))
    found += homograph_findings(field, domain, email.address)
    if email.kind == "disposable":
        found.append(warning("disposable_email", field, "is a throw-away address", email.address))
    if email.address in FAKES or local.startswith(("noreply", "no-reply", "donotreply")):
        found.append(warning("fake_email", field, "nobody is likely to read it", email.address))
    return found


_POPULAR_NAMES = {popular.partition(".")[0]: popular for popular in reversed(POPULAR)}
"""The first domain of each name."""


@lru_cache(maxsize=4096)
def _meant(domain: str) -> str | None:
    if _is_free(domain) or domain in REAL or domain in DISPOSABLE or len(domain) > 20:
        return None
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    name, _, ending = domain.partition(".")
    if name in SHORT_NAMES and ending in SLIPPED_ENDINGS:
        return f"{name}.{SHORT_NAMES[name]}"
    if ending in UK_SLIPS and f"{name}.co.uk" in POPULAR:
        return f"{name}.co.uk"
    if ending in SLIPPED_ENDINGS and name in _POPULAR_NAMES:
        return _POPULAR_NAMES[name]
    found = process.extract(domain, POPULAR, scorer=DamerauLevenshtein.distance, score_cutoff=2, limit=None)
    near = [
        (slips, popular)
        for popular, slips, _ in found
        if (other := popular.partition(".")[0]) != name and slips <= (2 if len(other) > 6 else 1)
    ]
    if near:
        return min(near)[1]
    if ending not in NO_ENDINGS or not name:
        return None
    return _meant(f"{name}.com") or f"{name}.com"
