"""What two leads agree and disagree in, by their features, each as a named level: names, contacts, organisation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from leadflow.quality.matching.features import Features, NameFeatures
from leadflow.quality.matching.first_names import is_other_sex, is_short_for

__all__ = ["compare_contacts", "compare_names", "compare_organisations", "first_names"]

_ALIKE = 0.92


def compare_names(a: Features, b: Features) -> str | None:
    """Return how the names compare, or None if either lead has no last name."""
    if not a.last.text or not b.last.text:
        return None
    level = _straight(a.first, a.last, b.first, b.last)
    if level in ("last", "first", "different") and a.first.text and b.first.text:
        return "transposed" if _straight(a.first, a.last, b.last, b.first) == "full" else level
    return level


def first_names(a: Features, b: Features) -> str | None:
    """Return how the first names compare: same, alike or different; None if either lead has none."""
    return _first(a.first, b.first)


def compare_contacts(a: Features, b: Features) -> list[str]:
    """Return how e-mail addresses, phones and profiles compare; what one of them lacks is not mentioned."""
    return [level for level in (_emails(a, b), _phones(a, b), _profiles(a, b), _external(a, b)) if level]


def compare_organisations(a: Features, b: Features) -> list[str]:
    """Return how company and place compare; what one of them lacks is not mentioned."""
    return [level for level in (_companies(a, b), _places(a, b)) if level]


def _straight(first: NameFeatures, last: NameFeatures, other_first: NameFeatures, other_last: NameFeatures) -> str:
    of_last, of_first = _last(last, other_last), _first(first, other_first)
    if of_last == "different":
        # the same first name proves nothing, but a last name may change
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
    # by length, then by letters: the same order whichever lead comes first
    short, long = sorted((one.start, other.start), key=lambda name: (len(name), name))
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
    return _similarity()(one, other) >= least if one < other else _similarity()(other, one) >= least


@cache
def _similarity() -> Callable[[str, str], float]:
    from rapidfuzz.distance import JaroWinkler

    return JaroWinkler.similarity


def _emails(a: Features, b: Features) -> str | None:
    ones, others = a.mailboxes, b.mailboxes
    if not ones or not others:
        return None
    if shared := ones.keys() & others.keys():
        return _SAME_EMAIL[max(min(ones[one], others[one]) for one in shared)]
    if {_local(one) for one in ones} & {_local(other) for other in others} - {""}:
        return "same_local_part"
    business = {one.rpartition("@")[2] for one in ones} & {other.rpartition("@")[2] for other in others}
    return "colleague_email" if business else "other_email"


_SAME_EMAIL = ("same_unclaimed_email", "same_unverified_email", "same_email")


def _local(address: str) -> str:
    local = address.rpartition("@")[0]
    return local.replace(".", "").replace("_", "").replace("-", "") if len(local) >= 7 else ""


def _phones(a: Features, b: Features) -> str | None:
    ones, others = a.phones, b.phones
    if not ones or not others:
        return None
    shared = ones.keys() & others.keys()
    if any("mobile" in (ones[number], others[number]) for number in shared):
        return "same_mobile"
    if shared:
        return "same_line"
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
    return "same_external_id" if a.external_ids & b.external_ids else None


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
