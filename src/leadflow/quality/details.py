"""Checking a whole submission: input becomes entities, and everything doubtful about it a finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from leadflow.entities import (
    BuyingRole,
    Company,
    Email,
    Entity,
    Finding,
    Person,
    Phone,
    PhoneKind,
    SocialProfile,
    safe_text,
)
from leadflow.entities.folding import fold
from leadflow.quality.address import check_address
from leadflow.quality.company import check_company
from leadflow.quality.countries import home_country
from leadflow.quality.email import check_email, is_own_domain, split_addresses
from leadflow.quality.gazetteer import MAJOR_CITIES, Gazetteer
from leadflow.quality.numbers import check_amount, check_count, check_date, check_yes
from leadflow.quality.person import check_person
from leadflow.quality.phone import check_phone, split_numbers
from leadflow.quality.results import Checked, error, line, warning
from leadflow.quality.social import check_profile, is_persons_page, split_profiles

__all__ = ["FIELDS", "Details", "check", "path_of"]

T = TypeVar("T")

_PERSON = frozenset("name salutation title first_name last_name job_title department seniority language".split())
_COMPANY = frozenset("company website industry employees revenue register_number vat_number lei".split())
_ADDRESS = frozenset("street house_number postcode city region country".split())
_LISTS = ("interests", "pain_points", "product_interest")
_NETWORKS = ("linkedin", "xing", "twitter", "facebook", "instagram", "tiktok", "youtube", "github")
_EMAILS = ("email", "email2", "email3")
_PHONES: Mapping[str, PhoneKind | None] = MappingProxyType(
    {"phone": None, "phone2": None, "phone3": None, "mobile": "mobile", "phones": None}
)
_SINGLE = ("persona", "intended_use", "buying_role", "budget", "authority", "need", "timing", "note")

FIELDS: frozenset[str] = (
    _PERSON | _COMPANY | _ADDRESS | {*_SINGLE, *_LISTS, *_NETWORKS, *_EMAILS, *_PHONES, "emails", "social"}
)
"""The field names that ``check`` accepts."""

_PATHS: Mapping[str, str] = MappingProxyType(
    {key: f"person.{key}" for key in _PERSON}
    | {key: f"company.{key}" for key in _COMPANY}
    | {key: f"address.{key}" for key in _ADDRESS}
    | {"name": "person.last_name", "company": "company.name", "website": "company.domain"}
)


def path_of(key: str) -> str:
    """Return the lead's path by which findings name what is given as ``key``: ``address.city`` for ``city``."""
    return _PATHS.get(key, key)


_MOST_CONTACTS, _CONTACTS_LIMIT = 20, 10_000
_COLLECTIONS = (list, tuple, set, frozenset)
_MOST_ITEMS, _TEXT_LIMIT = 100, 100_000
_ROLES: dict[str, BuyingRole] = {
    "initiator": "initiator", "user": "user", "anwender": "user", "nutzer": "user", "benutzer": "user",
    "end user": "user",
    "influencer": "influencer", "beeinflusser": "influencer", "gatekeeper": "gatekeeper", "decider": "decider",
    "entscheider": "decider", "decision maker": "decider", "decision-maker": "decider", "economic buyer": "decider",
    "buyer": "buyer", "einkäufer": "buyer", "einkauf": "buyer", "purchaser": "buyer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Details:
    """What a submission says about a lead: normalised values by top-level field of ``Lead``, only those given.

    ``person``, ``company`` and ``address`` are partial: a None in them means that nothing was given.
    """

    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def emails(self) -> tuple[Email, ...]:
        """The usable e-mail addresses, in the order given."""
        found = self.values.get("emails", ())
        return found if isinstance(found, tuple) else ()

    @property
    def phones(self) -> tuple[Phone, ...]:
        """The usable phone numbers, in the order given."""
        found = self.values.get("phones", ())
        return found if isinstance(found, tuple) else ()


def check(
    values: Mapping[str, object],
    *,
    default_country: str | None = None,
    verified: bool = False,
    gazetteer: Gazetteer | None = MAJOR_CITIES,
) -> Checked[Details]:
    """Return the input as entities, with a finding for every problem; no text ever raises.

    ``values`` maps the names in ``FIELDS`` to text, numbers, dates or (where it makes sense) lists; other names are
    reported and not used. ``default_country`` (a code or name) says how phone numbers without ``+`` and addresses
    without a country are read; it is stored as nobody's country. ``verified`` means that the person has proven to own
    the main (first) e-mail address. The other addresses are kept unclaimed: anybody can type in anybody's. A
    ``gazetteer`` suggests what postcode and city say of each other.
    """
    home = home_country(default_country)
    findings = [
        error("unknown_field", "input", f"{_name(key)} is not a field of a lead") for key in values if key not in FIELDS
    ]
    take = _Taker(findings)
    values = {key: value for key, value in values.items() if value is not None}
    page = values.pop("website") if is_persons_page(values.get("website")) else None
    address = None
    if not _ADDRESS.isdisjoint(values):
        address = take(check_address(values, default_country=home, gazetteer=gazetteer))
    here = (address.country if address else None) or home
    person = None if _PERSON.isdisjoint(values) else take(check_person(values))
    emails = _emails(values, take, verified)
    findings += _of_others(emails, person)
    company = _company(values, take, emails, address.country if address else None, here)
    found: dict[str, object] = {
        "emails": emails,
        "phones": _phones(values, take, here),
        "social": _social(values, page, take),
        "address": address,
        "person": person,
        "company": company,
        **{key: _items(key, values[key], take) for key in _LISTS if key in values},
        **{key: take(_CHECKS[key](key, values[key])) for key in _SINGLE if key in values},
    }
    return Checked(Details({key: value for key, value in found.items() if _says(value)}), tuple(findings))


class _Taker:
    """Unwraps the value of a ``Checked`` and collects its findings."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings

    def __call__(self, checked: Checked[T]) -> T | None:
        self.findings += checked.findings
        return checked.value


def _says(value: object) -> bool:
    if isinstance(value, Entity):
        return any(inner is not None for inner in vars(value).values())
    return value is not None and value != ()


def _name(key: object) -> str:
    return repr(key)[:60] if isinstance(key, str) else f"({type(key).__name__})"


def _emails(values: Mapping[str, object], take: _Taker, verified: bool) -> tuple[Email, ...]:
    given = {key: _several(key, values[key], take, split_addresses) for key in (*_EMAILS, "emails") if key in values}
    found = [take(check_email(text)) for texts in given.values() for text in texts if text is not None]
    # the proof is about the first address given, not about its substitute, nor about one of several
    proven = verified and found[:1] != [None] and len(given.get("email", ())) < 2
    distinct = _distinct((email.address or "", email) for email in found if email)
    return tuple(email.but(claimed=place == 0, verified=proven and place == 0) for place, email in enumerate(distinct))


def _of_others(emails: tuple[Email, ...], person: Person | None) -> list[Finding]:
    """Warn about a further address that has the name of somebody else, where the main one has the person's."""
    if len(emails) < 2 or person is None or not (person.first_name and person.last_name):
        return []
    names = {*fold(person.full_name or "").split()}
    if not names & _words(emails[0]):
        return []
    others = (
        one.address
        for one in emails[1:]
        if one.kind != "role" and len(words := _words(one)) > 1 and not _is_named(words, names)
    )
    return [warning("other_persons_email", "email", "names somebody else", address) for address in others]


def _words(email: Email) -> set[str]:
    return {*re.split(r"[._-]", fold((email.address or "").partition("@")[0].partition("+")[0]))}


def _is_named(words: set[str], names: set[str]) -> bool:
    """Whether a word is one of the names, or may be short for one; what is no name says nothing."""
    short = any(name.startswith(word) for word in words for name in names)
    return short or not all(word.isalpha() and len(word) > 2 for word in words)


def _phones(values: Mapping[str, object], take: _Taker, country: str | None) -> tuple[Phone, ...]:
    found: dict[str | None, Phone] = {}
    for key, kind in _PHONES.items():
        if key in values:
            for text in _several(key, values[key], take, split_numbers):
                _add(found, take(check_phone(text, country, kind=kind)))
    return tuple(found.values())


def _add(found: dict[str | None, Phone], phone: Phone | None) -> None:
    if phone is not None and (phone.number not in found or found[phone.number].kind == "other"):
        found[phone.number] = phone


def _social(values: Mapping[str, object], persons_page: object, take: _Taker) -> tuple[SocialProfile, ...]:
    given: list[tuple[object, object]] = [
        (network, text)
        for network in _NETWORKS
        if network in values
        for text in _several(network, values[network], take, split_profiles)
    ]
    if persons_page is not None:
        given.append((None, persons_page))
    for entry in _several("social", values.get("social", ()), take, split_profiles):
        pair = (entry.get("network"), entry.get("handle")) if isinstance(entry, Mapping) else (None, entry)
        given.append(pair)
    found = [take(check_profile(network, raw)) for network, raw in given if raw is not None]
    return tuple(dict.fromkeys(profile for profile in found if profile))


def _company(
    values: Mapping[str, object], take: _Taker, emails: tuple[Email, ...], country: str | None, here: str | None
) -> Company | None:
    own = next((email for email in emails if is_own_domain(email.domain)), None)
    if own is None and _COMPANY.isdisjoint(values):
        return None
    company = take(
        check_company(
            values.get("company"),
            website=values.get("website"),
            email=own,
            register_number=values.get("register_number"),
            vat_number=values.get("vat_number"),
            lei=values.get("lei"),
            country=here,
        )
    )
    rest = {
        "industry": take(line("company.industry", values.get("industry"))),
        "employees": take(check_count("company.employees", values.get("employees"))),
        "revenue": take(check_amount("company.revenue", values.get("revenue"))),
    }
    if company is None:
        return None
    known = any((company.name, company.domain, company.register_number, company.vat_number, company.lei))
    return company.but(**rest, country=country if known else None)


def _items(key: str, raw: object, take: _Taker) -> tuple[str, ...]:
    texts = [take(line(key, item)) for item in _several(key, raw, take, _split_items)]
    return _distinct((text.casefold(), text) for text in texts if text)


def _distinct(keyed: Iterable[tuple[str, T]]) -> tuple[T, ...]:
    first: dict[str, T] = {}
    for key, value in keyed:
        first.setdefault(key, value)
    return tuple(first.values())


def _split_items(text: str) -> Iterable[str]:
    return text.replace(";", ",").replace("|", ",").replace("\n", ",").split(",")


def _several(key: str, raw: object, take: _Taker, split: Callable[[str], Iterable[str]]) -> list[object]:
    """Return the items of a list, or of a text that holds several; a surplus is reported."""
    most, limit = (_MOST_ITEMS, _TEXT_LIMIT) if key in _LISTS else (_MOST_CONTACTS, _CONTACTS_LIMIT)
    items: list[object] = [raw]
    if isinstance(raw, str):
        items = list(split(raw)) if len(raw) <= limit else items
    elif isinstance(raw, _COLLECTIONS):
        items = list(raw)
    if len(items) > most:
        take.findings.append(error("too_many", key, f"has {len(items)} values; the first {most} were used", raw))
    return items[:most]


def _buying_role(key: str, raw: object) -> Checked[BuyingRole]:
    given = line(key, raw)
    if given.value is None:
        return Checked(None, given.findings)
    role = _ROLES.get(given.value.casefold())
    if role is None:
        known = "initiator, user, influencer, gatekeeper, decider or buyer"
        return Checked(None, (error("unknown_buying_role", key, f"is unknown; give {known}", raw),))
    return Checked(role)


def _text(key: str, raw: object) -> Checked[str]:
    if not isinstance(raw, str):
        return line(key, raw)
    text = str(safe_text(raw)) if len(raw) <= _TEXT_LIMIT else raw
    if len(text) > _TEXT_LIMIT:
        return Checked(None, (error("too_long", key, f"is longer than {_TEXT_LIMIT:,} characters; shorten it", raw),))
    return Checked(text or None)


_CHECKS: Mapping[str, Callable[[str, object], Checked[object]]] = {
    "persona": line,
    "intended_use": line,
    "buying_role": _buying_role,
    "budget": check_amount,
    "authority": check_yes,
    "need": _text,
    "timing": check_date,
    "note": _text,
}
