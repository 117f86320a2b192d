"""How probable it is that two leads are one person, with the evidence.

Fellegi and Sunter (1969): each agreement or disagreement has a weight, the logarithm to base 2 of how much more often
it is seen on pairs of one person than on pairs of two. The weights are set by hand: a first working version; later they
come from EM on a bounded sample, then frozen. Comparisons stand in groups (person, contact, organisation): what
colleagues share counts only where the names don't speak against it, so that they don't become twins.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from leadflow.entities import Lead
from leadflow.quality.matching.comparing import compare_contacts, compare_names, compare_organisations, shares_contact
from leadflow.quality.matching.features import Features, features_of

__all__ = ["Likeness", "Verdict", "likeness", "may_be_one"]

Verdict = Literal["same", "unsure", "different"]

PRIOR = -7.0
"""Of leads that share a match key, about one pair in 128 is one person."""
SAME, UNSURE = 0.95, 0.35

_NAMES = {
    "full": (10.0, "same first and last name"),
    "transposed": (9.0, "same names, first and last exchanged"),
    "near": (8.0, "names alike"),
    "part": (5.0, "same first name, last names share a part"),
    "last_only": (4.0, "same last name, one has no first name"),
    "last_like_only": (2.0, "last names alike, one has no first name"),
    "first": (-6.0, "same first name, other last name"),
    "last": (-9.0, "same last name, other first name"),
    "different": (-12.0, "other first and last name"),
}
_CONTACTS = {
    "same_email": (14.0, "same e-mail address"),
    "same_unverified_email": (14.0, "same e-mail address, not verified on both sides"),
    "same_unclaimed_email": (8.0, "same e-mail address, typed beside another one"),
    "same_local_part": (4.0, "e-mail addresses alike but for the domain"),
    "name_in_both": (0.0, "e-mail addresses alike, as the names are"),
    "colleague_email": (-3.0, "other e-mail address in the same domain"),
    "other_email": (-1.0, "other e-mail address"),
    "same_mobile": (10.0, "same mobile phone"),
    "same_line": (4.0, "same phone line"),
    "other_mobile": (-2.0, "other mobile phone"),
    "other_line": (-0.5, "other phone"),
    "same_profile": (13.0, "same social profile"),
    "other_profile": (-6.0, "other profile on the same network"),
    "same_external_id": (15.0, "same id in another system"),
}
_ORGANISATION = {
    "same_domain": (2.5, "same company domain"),
    "same_company": (2.5, "same company"),
    "like_company": (1.5, "companies spelled alike"),
    "other_company": (-3.0, "other company"),
    "other_domain": (-2.0, "other company domain"),
    "same_street": (2.5, "same street address"),
    "same_postcode": (2.0, "same postcode"),
    "same_city": (1.5, "same city"),
    "other_postcode": (-1.0, "other postcode"),
    "other_city": (-1.0, "other city"),
}
_TYPED = frozenset({"same_unverified_email", "same_unclaimed_email"})
_CERTAIN = frozenset({"same_email", "same_profile", "same_external_id"})
_SHARED_BY_COLLEAGUES = frozenset({"same_line"})
_ORGANISATION_CAP = 4.0
"""Company and address together are one hint: most people of a company share both."""


class Likeness(NamedTuple):
    """The probability that two leads are one person, why, and what to do: ``same``, ``unsure`` (ask), ``different``.

    ``weighed`` is what agrees and what does not, each with its weight.
    """

    probability: float
    weighed: tuple[tuple[float, str], ...]
    verdict: Verdict

    @property
    def evidence(self) -> tuple[str, ...]:
        """What agrees and what does not, the strongest first, with weights, but none of the values."""
        strongest_first = sorted(self.weighed, key=lambda found: (-abs(found[0]), found[1]))
        return tuple(f"{text} ({weight:+g})" for weight, text in strongest_first)


def likeness(a: Lead[Any] | Features, b: Lead[Any] | Features) -> Likeness:
    """Return how probable it is that two leads are one person; symmetric, and what either lacks is neutral.

    Each lead is given itself or by its features, with the same result.
    """
    one = a if isinstance(a, Features) else features_of(a)
    other = b if isinstance(b, Features) else features_of(b)
    name = compare_names(one, other)
    contacts, places = compare_contacts(one, other), compare_organisations(one, other)
    if name is not None and _NAMES[name][0] < 0:
        contacts = [level for level in contacts if level not in _SHARED_BY_COLLEAGUES]
        places = [level for level in places if _ORGANISATION[level][0] < 0]
    elif name is not None:  # anna.mueller@ twice says no more than Anna Müller twice
        contacts = ["name_in_both" if level == "same_local_part" else level for level in contacts]
    person = [_NAMES[name]] if name else []
    contact = [_CONTACTS[level] for level in contacts]
    organisation = [_ORGANISATION[level] for level in places]
    bits = PRIOR + _sum(person) + _sum(contact) + min(_ORGANISATION_CAP, _sum(organisation))
    probability, unproven = _probability(bits), _unproven(name, contacts)
    proven = _probability(bits - unproven) if unproven else probability
    return Likeness(probability, (*person, *contact, *organisation), _verdict(probability, proven, name, contacts))


def may_be_one(a: Features, b: Features) -> bool:
    """Whether ``likeness`` may come to anything but ``different``; told at a fraction of its cost.

    Where the names speak against it, the weights let two be one only if they share what identifies a person.
    """
    name = compare_names(a, b)
    return name is None or _NAMES[name][0] >= 0 or shares_contact(a, b)


def _sum(found: list[tuple[float, str]]) -> float:
    return sum([weight for weight, _ in found])


def _unproven(name: str | None, contacts: list[str]) -> float:
    """Return the weight that can't make two leads one: anybody can type in anybody's address.

    One that both gave as their own, unverified, may count if anything else about the person agrees.
    """
    if _TYPED.isdisjoint(contacts):
        return 0.0
    for level in _TYPED.intersection(contacts):
        agreeing = [_CONTACTS[other][0] for other in contacts if other != level] + [_NAMES[name][0] if name else 0.0]
        if level == "same_unclaimed_email" or max(agreeing) <= 0:
            return _CONTACTS[level][0]
    return 0.0


def _probability(bits: float) -> float:
    return float(1 / (1 + 2.0**-bits))


def _verdict(probability: float, proven: float, name: str | None, contacts: list[str]) -> Verdict:
    if proven >= SAME:
        return "same"
    if probability >= UNSURE or not _TYPED.isdisjoint(contacts):
        return "unsure"
    if name is not None and not _CERTAIN.isdisjoint(contacts):
        return "unsure"  # a certain key under another name: a shared mailbox, a new name, or a mistake; ask
    return "different"
