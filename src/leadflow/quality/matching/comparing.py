"""What two leads agree and disagree in, each as a named level: names, contact points, organisation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leadflow.entities import Lead
from leadflow.entities.folding import words_of
from leadflow.quality.company import company_key
from leadflow.quality.email import same_mailbox
from leadflow.quality.matching.first_names import is_other_sex, is_short_for
from leadflow.quality.sounds import sound

__all__ = ["compare_contacts", "compare_names", "compare_organisations", "first_names"]

_ALIKE = 0.92


def compare_names(a: Lead[Any], b: Lead[Any]) -> str | None:
    """Return how the names compare, or None if either lead has no last name."""
    one, other = _name(a), _name(b)
    if not one[1] or not other[1]:
        return None
    level = _straight(one, other)
    if level in ("last", "first", "different") and all((*one, *other)) and _straight(one, other[::-1]) == "full":
        return "transposed"
    return level


def first_names(a: Lead[Any], b: Lead[Any]) -> str | None:
    """Return how the first names compare: same, alike or different; None if either lead has none."""
    return _first(_name(a)[0], _name(b)[0])


def compare_contacts(a: Lead[Any], b: Lead[Any]) -> list[str]:
    """Return how e-mail addresses, phones and profiles compare; what one of them lacks is not mentioned."""
    return [level for level in (_emails(a, b), _phones(a, b), _profiles(a, b), _external(a, b)) if level]


def compare_organisations(a: Lead[Any], b: Lead[Any]) -> list[str]:
    """Return how company and place compare; what one of them lacks is not mentioned."""
    return [level for level in (_companies(a, b), _places(a, b)) if level]


def _name(lead: Lead[Any]) -> tuple[str, str]:
    return " ".join(words_of(lead.person.first_name or "")), " ".join(words_of(lead.person.last_name or ""))


def _straight(one: tuple[str, str], other: tuple[str, str]) -> str:
    last = _last(one[1], other[1])
    first = _first(one[0], other[0])
    if last == "different":
        # the same first name proves nothing, but a last name may change
        return "first" if first == "same" else "different"
    if first is None:
        return "last_only" if last == "same" else "last_like_only"
    if first == "different":
        return "last"
    if last == "same" and first == "same":
        return "full"
    return "near" if last != "part" else "part"


def _last(one: str, other: str) -> str:
    if one == other:
        return "same"
    if _alike(one, other) or _sounds_alike(one, other):
        return "alike"
    shared = set(one.split()) & set(other.split())
    return "part" if any(len(word) > 3 for word in shared) else "different"


def _first(one: str, other: str) -> str | None:
    if not one or not other:
        return None
    if one == other:
        return "same"
    # by length, then by letters: the same order whichever lead comes first
    short, long = sorted((one.partition(" ")[0], other.partition(" ")[0]), key=lambda name: (len(name), name))
    if len(short) == 1:
        return "alike" if long.startswith(short) else "different"
    if short == long or is_short_for(short, long) or is_short_for(long, short):
        return "alike"
    alike = _alike(short, long) or _sounds_alike(short, long)
    return "alike" if alike and not is_other_sex(short, long) else "different"


def _sounds_alike(one: str, other: str) -> bool:
    return one[:1] == other[:1] and sound(one) == sound(other) and _alike(one, other, 0.85)


def _alike(one: str, other: str, least: float = _ALIKE) -> bool:
    from rapidfuzz.distance import JaroWinkler

    # ordered, since Jaro's greedy matching may depend on which text comes first
    low, high = sorted((one, other))
    return JaroWinkler.similarity(low, high) >= least


def _emails(a: Lead[Any], b: Lead[Any]) -> str | None:
    ones, others = _mailboxes(a), _mailboxes(b)
    if not ones or not others:
        return None
    if shared := ones.keys() & others.keys():
        return _SAME_EMAIL[max(min(ones[one], others[one]) for one in shared)]
    if {_local(one) for one in ones} & {_local(other) for other in others} - {""}:
        return "same_local_part"
    business = {one.rpartition("@")[2] for one in ones} & {other.rpartition("@")[2] for other in others}
    return "colleague_email" if business else "other_email"


_SAME_EMAIL = ("same_unclaimed_email", "same_unverified_email", "same_email")


def _mailboxes(lead: Lead[Any]) -> dict[str, int]:
    """Return the lead's mailboxes, each with how sure it is that it is the lead's: typed beside, claimed, verified."""
    found: dict[str, int] = {}
    for email in lead.emails:
        if email.address and email.kind != "role":
            mailbox = same_mailbox(email.address)
            found[mailbox] = max(found.get(mailbox, 0), email.claimed + (email.claimed and email.verified))
    return found


def _local(address: str) -> str:
    local = address.rpartition("@")[0]
    return local.replace(".", "").replace("_", "").replace("-", "") if len(local) >= 7 else ""


def _phones(a: Lead[Any], b: Lead[Any]) -> str | None:
    ones = {phone.number: phone.kind for phone in a.phones if phone.number}
    others = {phone.number: phone.kind for phone in b.phones if phone.number}
    if not ones or not others:
        return None
    shared = ones.keys() & others.keys()
    if any("mobile" in (ones[number], others[number]) for number in shared):
        return "same_mobile"
    if shared:
        return "same_line"
    both_mobile = "mobile" in ones.values() and "mobile" in others.values()
    return "other_mobile" if both_mobile else "other_line"


def _profiles(a: Lead[Any], b: Lead[Any]) -> str | None:
    ones = {(profile.network, profile.handle) for profile in a.social}
    others = {(profile.network, profile.handle) for profile in b.social}
    if ones & others:
        return "same_profile"
    networks = {network for network, _ in ones} & {network for network, _ in others}
    return "other_profile" if networks else None


def _external(a: Lead[Any], b: Lead[Any]) -> str | None:
    ones = {(external.system, external.id) for external in a.external_ids}
    return "same_external_id" if ones & {(external.system, external.id) for external in b.external_ids} else None


def _companies(a: Lead[Any], b: Lead[Any]) -> str | None:
    if a.company.domain and a.company.domain == b.company.domain:
        return "same_domain"
    if a.company.name and b.company.name:
        one, other = company_key(a.company.name), company_key(b.company.name)
        if one == other:
            return "same_company"
        if min(len(one), len(other)) >= 6 and _alike(one, other, 0.95):
            return "like_company"
        return "other_company"
    return "other_domain" if a.company.domain and b.company.domain else None


def _places(a: Lead[Any], b: Lead[Any]) -> str | None:
    one, other = a.address, b.address
    if one.postcode and other.postcode:
        if one.postcode != other.postcode:
            return "other_postcode"
        streets = [_words(address.street, address.house_number) for address in (one, other)]
        return "same_street" if streets[0] and streets[0] == streets[1] else "same_postcode"
    if one.city and other.city:
        return "same_city" if _words(one.city) == _words(other.city) else "other_city"
    return None


def _words(*texts: str | None) -> str:
    return " ".join(word for word in _flat(texts))


def _flat(texts: Iterable[str | None]) -> Iterable[str]:
    for text in texts:
        yield from words_of(text or "")
