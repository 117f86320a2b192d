"""Details in which two leads contradict each other: is somebody on a known browser or address somebody else?"""

from __future__ import annotations

from typing import Any, Final

from leadflow.entities import Address, Lead, Person
from leadflow.entities.folding import words_of
from leadflow.quality.matching.agreement import compare_contacts, compare_names, compare_organisations
from leadflow.quality.matching.features import features_of

__all__ = ["contradictions"]

_LEVELS: Final = {
    "first": "name",
    "first_apart": "name",
    "last": "name",
    "siblings": "name",
    "different": "name",
    "other_mobile": "phone",
    "other_line": "phone",
    "other_profile": "profile",
    "other_postcode": "address",
    "other_city": "address",
}
_MEN: Final = frozenset({"Herr", "Mr", "M.", "Signor", "Señor", "Dhr.", "Sir"})
_WOMEN: Final = frozenset({"Frau", "Ms", "Mrs", "Miss", "Madam", "Mme", "Signora", "Señora", "Mevr."})


def contradictions(known: Lead[Any], typed: Lead[Any]) -> tuple[str, ...]:
    """Return the kinds of details that contradict each other (name, phone, profile, address, organisation), sorted.

    A different spelling is not a contradiction, nor is a missing value. One shared phone number is enough, but two
    different ones are a contradiction.
    """
    one, other = features_of(known), features_of(typed)
    levels = (compare_names(one, other), *compare_contacts(one, other), *compare_organisations(one, other))
    found = {_LEVELS[level] for level in levels if level in _LEVELS}
    if _other_salutation(known.person, typed.person):
        found.add("name")
    if _other_street(known.address, typed.address):
        found.add("address")
    if _other_organisation(known, typed):
        found.add("organisation")
    return tuple(sorted(found))


def _other_salutation(one: Person, other: Person) -> bool:
    given = {one.salutation, other.salutation}
    return bool(given & _MEN) and bool(given & _WOMEN)


def _other_street(one: Address, other: Address) -> bool:
    pairs = ((one.street, other.street), (one.house_number, other.house_number), (one.country, other.country))
    return any(a and b and words_of(a) != words_of(b) for a, b in pairs)


def _other_organisation(known: Lead[Any], typed: Lead[Any]) -> bool:
    """The input is a role address (info@) of an organisation at which the known lead has no address."""
    domains = {email.domain for email in known.emails} | {known.company.domain}
    roles = {email.domain for email in typed.emails if email.kind == "role"}
    return bool(known.emails and roles) and not roles & domains
