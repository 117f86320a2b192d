"""Where two records agree and where they differ, as named levels; None where either has nothing to compare."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from leadflow.entities.folding import fold_umlauts
from leadflow.quality.matching.features import Features, NameFeatures
from leadflow.quality.matching.first_names import is_first_name, is_other_sex, is_short_for
from leadflow.quality.matching.model import Comparator
from leadflow.quality.matching.streets import StreetParts, street_parts
from leadflow.quality.matching.titles import initials

__all__ = [
    "COMPARATORS",
    "CONTRADICTIONS",
    "compare_contacts",
    "compare_names",
    "compare_organisations",
    "consonants",
    "shares_contact",
]

_GOOD: Final = frozenset({"full", "near", "part"})
_ALIKE = 0.92
_HEARD_ALIKE = 0.83
"""Names with one sound are alike with more differences: Carl and Karl."""
_KIN = 0.8
CONTRADICTIONS: Final = frozenset({"first_apart", "last", "siblings", "first", "different"})
_ALIKE_TITLE = 0.92
_SHORTEST_SLIP = 6
_SHORTEST_KIN = 3
_SHORTEST_SPELLING = 4
_MOST_LEFT_OUT = 2
"""Nobody leaves out more letters of a first name by a slip."""
_SHORTEST_TITLE = 5
_GENERATION = 15
"""By so many years a parent is older, at least."""
_YEAR = 12


def compare_names(a: Features, b: Features) -> str | None:
    """Return how the names compare, or None if neither both last names nor both first names are known."""
    if not a.last.text or not b.last.text:
        of_first = _first(a.first, b.first)
        if of_first == "different":
            return (
                "last_like_only"
                if _is_other_name(a.first, b.last) or _is_other_name(b.first, a.last)
                else "first_apart"
            )
        return of_first and "first_only"
    level = _straight(a.first, a.last, b.first, b.last)
    if level in _GOOD and (_in_two_scripts(a.first, b.first) or _in_two_scripts(a.last, b.last)):
        return "script"
    if level in CONTRADICTIONS and a.first.text and b.first.text:
        crossed = {_last(a.first, b.last), _last(a.last, b.first)}
        if crossed <= {"same", "alike"}:
            return "transposed_near" if "alike" in crossed else "transposed"
        if _is_part({*_words(a)}, {*_words(b)}):
            return "part"  # Susan Meyer, Susan Meyer Thomas: whatever of it is the last name
    elif level == "different" and (_is_other_name(a.last, b.first) or _is_other_name(b.last, a.first)):
        return "first_only"
    return level


def _is_other_name(one: NameFeatures, other: NameFeatures) -> bool:
    """Whether the only name of one record, given as a first or a last name, is what the other has as the other one."""
    return bool(other.text) and _last(one, other) in ("same", "alike")


def _words(one: Features) -> list[str]:
    return f"{one.first.text} {one.last.text}".split()


def _is_part(ones: set[str], others: set[str]) -> bool:
    return min(len(ones), len(others)) >= 2 and (ones <= others or others <= ones)


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
        if _are_two_names(first, other_first):
            return "siblings"
        return "kin" if _are_kin(first, other_first) else "last"
    if of_last == "same" and of_first == "same":
        return "full"
    return "near" if of_last != "part" else "part"


def _in_two_scripts(one: NameFeatures, other: NameFeatures) -> bool:
    return bool(one.script) != bool(other.script)


def _alike_in_two_scripts(one: NameFeatures, other: NameFeatures) -> bool:
    """Whether a name and one in another script have the same consonants: some scripts have no other letters."""
    return _in_two_scripts(one, other) and consonants(one.sound) == consonants(other.sound) != ""


def _start_alike_in_two_scripts(one: NameFeatures, other: NameFeatures) -> bool:
    """Whether the first words are: a father's name behind the first is often left out, or spelled otherwise."""
    return _in_two_scripts(one, other) and consonants(one.start_sound) == consonants(other.start_sound) != ""


def consonants(code: str) -> str:
    """Return a phonetic code without its vowels: each sound once where it is repeated."""
    found = ""
    for sign in code:
        if sign != "0" and sign != found[-1:]:
            found += sign
    return found


def _last(one: NameFeatures, other: NameFeatures) -> str:
    if one.text == other.text:
        return "same" if one.script == other.script else "alike"
    if _alike_in_two_scripts(one, other):
        return "alike"
    alike = one.sound == other.sound and _starts_alike(one.text, other.text)
    if _alike(one.text, other.text, _HEARD_ALIKE if alike else _ALIKE):
        return "alike"
    if one.text == one.start and other.text == other.start:
        return "different"
    shared = set(one.text.split()) & set(other.text.split())
    return "part" if any(len(word) > 3 for word in shared) else "different"


def _first(one: NameFeatures, other: NameFeatures) -> str | None:
    if not one.text or not other.text:
        return None
    if one.text == other.text:
        return "same" if one.script == other.script else "alike"
    if one.text.replace(" ", "") == other.text.replace(" ", ""):
        return "alike"
    if _alike_in_two_scripts(one, other) or _start_alike_in_two_scripts(one, other):
        return "alike"
    short, long = one.start, other.start
    if (len(short), short) > (len(long), long):  # the same order, whichever lead comes first
        short, long = long, short
    if len(short) == 1:
        return "alike" if long.startswith(short) else "different"
    if short == long or is_short_for(short, long) or is_short_for(long, short):
        return "alike"
    if _are_two_names(one, other):
        return "different"
    sounds_alike = one.start_sound == other.start_sound and _starts_alike(short, long)
    if len(short) < _SHORTEST_SPELLING and one.start_sound != other.start_sound:
        return "different"  # Lea and Lena are two names
    if len(long) - len(short) > _MOST_LEFT_OUT:
        return "different"  # Darla and Darletta, Rose and Rosemary
    alike = _alike(short, long, _HEARD_ALIKE if sounds_alike else _ALIKE)
    return "alike" if alike and not is_other_sex(short, long) else "different"


def _are_kin(one: NameFeatures, other: NameFeatures) -> bool:
    """Whether two first names may be one, heard or written differently: Mary and Marie, Zara and Sarah."""
    if min(len(one.start), len(other.start)) < _SHORTEST_KIN or is_other_sex(
        *sorted((one.start, other.start), key=len)
    ):
        return False
    return one.start_sound == other.start_sound or _alike(one.start, other.start, _KIN)


def _are_two_names(one: NameFeatures, other: NameFeatures) -> bool:
    """Whether two first names that sound different are both frequent: Julia and Julian, Mark and Marsha."""
    return one.start_sound != other.start_sound and is_first_name(one.start) and is_first_name(other.start)


def _starts_alike(one: str, other: str) -> bool:
    """Whether two names with one sound start with the same letter, or with letters for one sound."""
    return _initial(one) == _initial(other)


def _initial(name: str) -> str:
    return name[:1].translate(_ONE_SOUND)


_ONE_SOUND: Final = str.maketrans("kqszjyvwp", "cccciifff")
"""Letters that names with one sound start with: Carl and Karl, Zara and Sara, Yvonne and Ivonne, Philip and Filip."""


def _alike(one: str, other: str, least: float) -> bool:
    # ordered, since Jaro's greedy matching may depend on which text comes first
    if one > other:
        one, other = other, one
    if one.isascii() and other.isascii():
        return _similarity()(one, other) >= least
    # bytes, as databases compare: a batch gives the same verdict
    return _similarity()(one.encode(errors="replace"), other.encode(errors="replace")) >= least


@cache
def _similarity() -> Callable[[str | bytes, str | bytes], float]:
    from rapidfuzz.distance import JaroWinkler

    return JaroWinkler.similarity


@cache
def _slips() -> Callable[..., Any]:
    from rapidfuzz.distance import OSA

    return OSA.distance


def _emails(a: Features, b: Features) -> str | None:
    ones, others = a.mailboxes, b.mailboxes
    if not ones or not others:
        return None
    if not ones.keys().isdisjoint(others):
        return _SAME_EMAIL[max(min(ones[one], others[one]) for one in ones.keys() & others.keys())]
    if _are_spelled_apart(a, b):
        return "spelled_apart"
    apart, others_apart = [_apart(one) for one in ones], [_apart(other) for other in others]
    if {local for local, _ in apart if local} & {local for local, _ in others_apart}:
        return "same_local_part"
    business = {domain for _, domain in apart} & {domain for _, domain in others_apart}
    return "colleague_email" if business else "other_email"


_SAME_EMAIL = ("same_unclaimed_email", "same_unverified_email", "same_email", "same_listed_email")


def _are_spelled_apart(a: Features, b: Features) -> bool:
    """Whether similar last names are no slip: each stands in its own address, s.schmitt@ and s.schmitz@."""
    return a.last.text != b.last.text and _last(a.last, b.last) == "alike" and _is_spelled(a) and _is_spelled(b)


def _is_spelled(one: Features) -> bool:
    """Whether a word of an own address ends in the last name: j.schmidt@, jschmidt7@, julia_schmidt@."""
    name = one.last.text.replace(" ", "")
    return len(name) >= _SHORTEST_SPELLING and any(
        f"{name} " in fold_umlauts(_NO_LETTERS.sub(" ", f" {address.rpartition('@')[0]} ")) for address in one.mailboxes
    )


_NO_LETTERS: Final = re.compile("[^a-z]+")
_JOINTS: Final = str.maketrans("", "", ".-_")


def _apart(address: str) -> tuple[str, str]:
    """Return the distinctive part of the local part (nothing if it is short), and the domain."""
    local, _, domain = address.rpartition("@")
    return local.translate(_JOINTS) if len(local) >= 7 else "", domain


def _phones(a: Features, b: Features) -> str | None:
    ones, others = a.phones, b.phones
    if not ones or not others:
        return None
    if not ones.keys().isdisjoint(others):
        if any("mobile" in (ones[number], others[number]) for number in ones.keys() & others.keys()):
            return "same_mobile"
        return "same_private_line" if _are_private(a, b) else "same_line"
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
    one, other, same_domain = a.company, b.company, bool(a.domain) and a.domain == b.domain
    if not one or not other:
        return _domains(a, b)
    if one == other:
        return "same_domain" if same_domain else "same_company"
    alike = min(len(one), len(other)) >= 6 and _alike(one, other, 0.95)
    if same_domain:  # of a group, or of a host that many have their mail at
        return "same_domain" if alike or one in other or other in one else "shared_domain"
    return "like_company" if alike else "other_company"


def _domains(a: Features, b: Features) -> str | None:
    if not a.domain or not b.domain:
        return None
    return "same_domain" if a.domain == b.domain else "other_domain"


def _places(a: Features, b: Features) -> str | None:
    if _are_homes(a, b):
        return None
    if a.postcode and b.postcode:
        if a.postcode != b.postcode:
            return "other_postcode"
        return "same_street" if a.street and a.street == b.street else "same_postcode"
    if a.city and b.city:
        return "same_city" if a.city == b.city else "other_city"
    return None


def _are_homes(a: Features, b: Features) -> bool:
    """Whether the addresses are where people live."""
    return bool(a.street and b.street) and _are_private(a, b)


def _are_private(a: Features, b: Features) -> bool:
    """Whether neither has anything of a company."""
    return not (a.company or b.company or a.domain or b.domain)


def _homes(a: Features, b: Features) -> str | None:
    if not _are_homes(a, b):
        return None
    one, other = street_parts(a.street), street_parts(b.street)
    same_area = bool(a.postcode and a.postcode == b.postcode) or bool(a.city and a.city == b.city)
    if bool(one.route and other.route) and _same_route(one, other):
        if one.number == other.number:
            return "same_home"
        return "near_home" if same_area else "other_home"
    if same_area:
        return "near_home" if one.number and one.number == other.number else "same_town"
    return "other_home"


def _sites(a: Features, b: Features) -> str | None:
    if a.street and b.street:
        one, other = street_parts(a.street), street_parts(b.street)
        if one.route and other.route:
            same_route = _same_route(one, other)
            if not one.number or not other.number:
                return "same_route" if same_route else "other_site"
            if one.number == other.number:
                return "same_site" if same_route else "other_site"
            return "other_number" if same_route else "other_site"
    if a.postcode and b.postcode:
        return "same_area" if a.postcode == b.postcode else "other_area"
    if a.city and b.city:
        return "same_area" if a.city == b.city else "other_area"
    return None


def _same_route(one: StreetParts, other: StreetParts) -> bool:
    ones, others = {*one.route.split()}, {*other.route.split()}
    return ones <= others or others <= ones or _alike(one.route, other.route, 0.9)


def _births(a: Features, b: Features) -> str | None:
    one, other = a.born, b.born
    if not one or not other:
        return None
    if one == other:
        return "same_birth"
    is_apart = abs(_year(one) - _year(other)) >= _GENERATION
    if _is_slip(one, other) or _swapped(one) == other:
        return "slip_apart" if is_apart else "near_birth"
    if is_apart:
        return "generation_apart"
    return "within_year" if abs(_month(one) - _month(other)) <= _YEAR else "other_birth"


def _year(born: str) -> int:
    return int(born[:4]) if born[:4].isdecimal() else 0


def _month(born: str) -> int:
    """Return the number of months from the year 0."""
    return _year(born) * _YEAR + (int(born[5:7]) if born[5:7].isdecimal() else 0)


def _generations(a: Features, b: Features) -> str | None:
    one, other = a.generation, b.generation
    if one == other:
        return None
    if one and other:
        return "other_generation"
    known = bool(a.born and a.born == b.born) or not a.identifiers.isdisjoint(b.identifiers)
    return None if known else "one_generation"


def _swapped(born: str) -> str:
    return f"{born[:5]}{born[8:]}-{born[5:7]}"


def _identifiers(a: Features, b: Features) -> str | None:
    ones, others = a.identifiers, b.identifiers
    if not ones or not others:
        return None
    if not ones.isdisjoint(others):
        return "same_identifier"
    pairs = [(one, other) for kind, one in ones for other_kind, other in others if kind == other_kind]
    if not pairs:
        return None
    return "near_identifier" if any(_is_slip(one, other) for one, other in pairs) else "other_identifier"


def _is_slip(one: str, other: str) -> bool:
    """Whether one sign is different, missing or exchanged with its neighbour."""
    ones, others = one.encode(errors="replace"), other.encode(errors="replace")
    return min(len(ones), len(others)) >= _SHORTEST_SLIP and _slips()(ones, others, score_cutoff=1) <= 1


def _organisations(a: Features, b: Features) -> str | None:
    one, other = a.organisation, b.organisation
    if not one or not other:
        return None
    if one == other or a.company in (b.company, *b.other_names) or b.company in a.other_names:
        return "same_title"  # not two that say the same beside their names: Acme (Berlin), Foo (Berlin)
    ones, others = frozenset(one.split()), frozenset(other.split())
    if _alike(a.company, b.company, _ALIKE_TITLE) or len(ones & others) >= 0.75 * len(ones | others):
        return "like_title"
    shared, least = _letters(ones & others), min(_letters(ones), _letters(others))
    if shared == least and shared >= _SHORTEST_TITLE:
        return "within_title" if min(len(ones), len(others)) > 1 else "part_title"
    if a.company == initials(other.split()) or b.company == initials(one.split()):
        return "acronym"
    return "share_title" if 2 * shared >= least else "other_title"


def _letters(words: frozenset[str]) -> int:
    return sum(map(len, words))


COMPARATORS: Final[Mapping[Comparator, Callable[[Features, Features], str | None]]] = {
    "name": compare_names,
    "born": _births,
    "generation": _generations,
    "email": _emails,
    "phone": _phones,
    "profile": _profiles,
    "external_id": _external,
    "identifier": _identifiers,
    "company": _companies,
    "place": _places,
    "home": _homes,
    "organisation": _organisations,
    "domain": _domains,
    "site": _sites,
}
"""How each field is compared: symmetric, and with the names of the levels that a match model weighs."""
