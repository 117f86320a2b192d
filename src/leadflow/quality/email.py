"""E-mail addresses: one spelling, the kind of mailbox, and what was probably meant."""

from __future__ import annotations

from functools import lru_cache

from leadflow.entities import Email, EmailKind, Finding
from leadflow.entities.text import normal
from leadflow.errors import InvalidInput
from leadflow.quality.email_domains import DISPOSABLE, FREE, POPULAR, REAL, ROLES, SLIPPED_ENDINGS
from leadflow.quality.results import Checked, error, line, warning

__all__ = ["check_email", "email_key", "is_own_domain", "same_mailbox"]

FAKES = frozenset(
    "asdf@asdf asdf@asdf.de asdf@asdf.com test@test.de test@test.com a@a.de a@b.de a@b.com abc@abc.de".split()
)
_ROLE_ENDS = "0123456789"


def check_email(text: object, *, verified: bool = False, field: str = "email") -> Checked[Email]:
    """Return one e-mail address in lower case, with its domain in ASCII (``xn--…``) and its kind; no network is used.

    ``Ada <ada@acme.example>`` and ``mailto:ada@acme.example`` are parsed; a text with two addresses is refused,
    because it is unclear which one was meant. The correction of a likely typo (gmial.com) is suggested, never applied.
    """
    given = line(field, text)
    if given.value is None:
        return Checked(None, given.findings)
    bare = _bare(given.value)
    if bare.count("@") > 1:
        return Checked(None, (error("several_addresses", field, "holds several addresses; give one", text),))
    try:
        local, domain = _parts(bare)
    except ValueError as refused:
        return Checked(None, (error("invalid_email", field, _reason(refused), text),))
    address = f"{local}@{domain}"
    email = Email(address=address, domain=domain, kind=_kind(local, domain), verified=verified)
    return Checked(email, tuple(_doubts(email, local, domain, field)))


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
    """Whether a mail domain can be a company's own: neither free mail nor disposable, nor a likely typo of one."""
    return domain is not None and domain not in FREE and domain not in DISPOSABLE and _meant(domain) is None


def _bare(text: str) -> str:
    text = text.strip(" ,;\"'")
    head, bracket, tail = text.partition("<")
    if bracket and tail.endswith(">") and "@" not in head:
        text = tail[:-1].strip()
    if text[:7].casefold() == "mailto:":
        text = text[7:].partition("?")[0]
    return text.strip(" ,;\"'").rstrip(".")


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
    if local.partition("+")[0].rstrip(_ROLE_ENDS) in ROLES:
        return "role"
    if domain in FREE:
        return "free"
    # info.berlin@, vertrieb-nord@: mistaking a person for a role costs a question, the reverse joins strangers
    first_word = local.replace("-", ".").replace("_", ".").partition(".")[0]
    return "role" if first_word in ROLES else "business"


def _doubts(email: Email, local: str, domain: str, field: str) -> list[Finding]:
    found: list[Finding] = []
    meant = _meant(domain)
    if meant:
        suggestion = f"{local}@{meant}"
        found.append(warning("email_typo", field, f"the domain is close to {meant}", email.address, suggestion))
    if email.kind == "disposable":
        found.append(warning("disposable_email", field, "is a throw-away address", email.address))
    if email.address in FAKES or local.startswith(("noreply", "no-reply", "donotreply")):
        found.append(warning("fake_email", field, "nobody is likely to read it", email.address))
    return found


@lru_cache(maxsize=4096)
def _meant(domain: str) -> str | None:
    if domain in FREE or domain in REAL or domain in DISPOSABLE or len(domain) > 20:
        return None
    from rapidfuzz.distance import DamerauLevenshtein

    name, _, ending = domain.partition(".")
    for popular in POPULAR:
        popular_name = popular.partition(".")[0]
        if name == popular_name and ending in SLIPPED_ENDINGS:
            return popular
        slips = 2 if len(popular_name) > 6 else 1
        if abs(len(domain) - len(popular)) > slips or name == popular_name:
            continue
        if DamerauLevenshtein.distance(domain, popular, score_cutoff=slips) <= slips:
            return popular
    return None
