"""Where two leads agree and where they differ, as named levels: names, contacts, organisation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from leadflow.quality.matching.features import Features, NameFeatures
from leadflow.quality.matching.first_names import is_other_sex, is_short_for

__all__ = ["compare_contacts", "compare_names", "compare_organisations", "first_names", "shares_contact"]

_ALIKE = 0.92


def compare_names(a: Features, b: Features) -> str | None:
    """Return how the names compare, or None if either lead has no last name."""
    if not a.last.text or not b.last.text:
        return None
    level = _straight(a.first, a.last, b.first, b.last)
    if level in ("last", "first", "different") and (a.first.text, a.last.text) == (b.last.text, b.first.text):
        return "transposed"
    return level


def first_names(a: Features, b: Features) -> str | None:
    """Return how the first names compare: same, alike or different; None if either lead has none."""
    return _first(a.first, b.first)


def compare_contacts(a: Features, b: Features) -> list[str]:
    """Return how e-mail addresses, phones and profiles compare; what either lead lacks is left out."""
    return [level for level in (_emails(a, b), _phones(a, b), _profiles(a, b), _external(a, b)) if level]


def shares_contact(a: Features, b: Features) -> bool:
    """Whether they share a mailbox, a phone number, a profile or an id in another system."""
    return not (
        a.mailboxes.keys().isdisjoint(b.mailboxes)
        and a.phones.keys().isdisjoint(b.phones)
        and a.profiles.isdisjoint(b.profiles)
        and a.external_ids.isdisjoint(b.external_ids)
    )


def compare_organisations(a: Features, b: Features) -> list[str]:
    """Return how company and place compare; what either lead lacks is left out."""
    return [level for level in (_companies(a, b), _places(a, b)) if level]


def _straight(first: NameFeatures, last: NameFeatures, other_first: NameFeatures, other_last: NameFeatures) -> str:
    of_last, of_first = _last(last, other_last), _first(first, other_first)
    if of_last == "different":
        # a shared first name proves nothing, but a last name may have changed
        return "first" if of_first == "same" else "different"
    if of_first is None:
        return "last_only" if of_last == "same" else "last_like_only"
    if of_first == "different":
        return "last"
    if of_last == "same" and of_first == "same":
        return "full"
    return "near" if of_last != "part" else "part"


def _last(one: NameFeatures, other: NameFeatures) -> str:
    if one.text == other.text:
        return "same"
    alike = one.sound == other.sound and _starts_alike(one.text, other.text)
    if _alike(one.text, other.text, 0.85 if alike else _ALIKE):
        return "alike"
    if one.text == one.start and other.text == other.start:
        return "different"
    shared = set(one.text.split()) & set(other.text.split())
    return "part" if any(len(word) > 3 for word in shared) else "different"


def _first(one: NameFeatures, other: NameFeatures) -> str | None:
    if not one.text or not other.text:
        return None
    if one.text == other.text:
        return "same"
    short, long = one.start, other.start
    if (len(short), short) > (len(long), long):  # the same order, whichever lead comes first
        short, long = long, short
    if len(short) == 1:
        return "alike" if long.startswith(short) else "different"
    if short == long or is_short_for(short, long) or is_short_for(long, short):
        return "alike"
    sounds_alike = one.start_sound == other.start_sound and _starts_alike(short, long)
    alike = _alike(short, long, 0.85 if sounds_alike else _ALIKE)
    return "alike" if alike and not is_other_sex(short, long) else "different"


def _starts_alike(one: str, other: str) -> bool:
    return one[:1] == other[:1]


def _alike(one: str, other: str, least: float) -> bool:
    # ordered, since Jaro's greedy matching may depend on which text comes first
    if one > other:
        one, other = other, one
    return _similarity()(one, other) >= least


@cache
def _similarity() -> Callable[[str, str], float]:
    from rapidfuzz.distance import JaroWinkler

    return JaroWinkler.similarity


def _emails(a: Features, b: Features) -> str | None:
    ones, others = a.mailboxes, b.mailboxes
    if not ones or not others:
        return None
    if not ones.keys().isdisjoint(others):
        return _SAME_EMAIL[max(min(ones[one], others[one]) for one in ones.keys() & others.keys())]
    apart, others_apart = [_apart(one) for one in ones], [_apart(other) for other in others]
    if {local for local, _ in apart if local} & {local for local, _ in others_apart}:
        return "same_local_part"
    business = {domain for _, domain in apart} & {domain for _, domain in others_apart}
    return "colleague_email" if business else "other_email"


_SAME_EMAIL = ("same_unclaimed_email", "same_unverified_email", "same_email")


def _apart(address: str) -> tuple[str, str]:
    """Return the distinctive part of the local part (nothing if it is short), and the domain."""
    local, _, domain = address.rpartition("@")
    return local.replace(".", "").replace("_", "").replace("-", "") if len(local) >= 7 else "", domain


def _phones(a: Features, b: Features) -> str | None:
    ones, others = a.phones, b.phones
    if not ones or not others:
        return None
    if not ones.keys().isdisjoint(others):
        shared = ones.keys() & others.keys()
        mobile = any("mobile" in (ones[number], others[number]) for number in shared)
        return "same_mobile" if mobile else "same_line"
    both_mobile = "mobile" in ones.values() and "mobile" in others.values()
    return "other_mobile" if both_mobile else "other_line"


def _profiles(a: Features, b: Features) -> str | None:
    if not a.profiles or not b.profiles:
        return None
    if a.profiles & b.profiles:
        return "same_profile"
    networks = {network for network, _ in a.profiles} & {network for network, _ in b.profiles}
    return "other_profile" if networks else None


def _external(a: Features, b: Features) -> str | None:
    return None if a.external_ids.isdisjoint(b.external_ids) else "same_external_id"


def _companies(a: Features, b: Features) -> str | None:
    if a.domain and a.domain == b.domain:
        return "same_domain"
    one, other = a.company, b.company
    if one and other:
        if one == other:
            return "same_company"
        if min(len(one), len(other)) >= 6 and _alike(one, other, 0.95):
            return "like_company"
        return "other_company"
    return "other_domain" if a.domain and b.domain else None


def _places(a: Features, b: Features) -> str | None:
    if a.postcode and b.postcode:
        if a.postcode != b.postcode:
            return "other_postcode"
        return "same_street" if a.street and a.street == b.street else "same_postcode"
    if a.city and b.city:
        return "same_city" if a.city == b.city else "other_city"
    return None
