"""The probability that two leads are the same person, with the evidence.

After Fellegi and Sunter (1969): each agreement or disagreement has a weight, the base-2 logarithm of how much more
often it occurs in pairs of one person than in pairs of two. The weights are set by hand. Comparisons are grouped
(person, contact, organisation): what colleagues share counts only if the names do not contradict it, so that colleagues
do not become twins.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from leadflow.entities import Lead
from leadflow.quality.matching.agreement import compare_contacts, compare_names, compare_organisations, shares_contact
from leadflow.quality.matching.features import Features, features_of

__all__ = ["Likeness", "Verdict", "likeness", "may_be_one"]

Verdict = Literal["same", "unsure", "different"]

PRIOR = -7.0
"""Among leads that share a match key, about one pair in 128 is the same person."""
SAME, UNSURE = 0.95, 0.35

_NAMES = {
    "full": (10.0, "same first and last name"),
    "transposed": (9.0, "same names, first and last swapped"),
    "near": (8.0, "similar names"),
    "part": (5.0, "same first name, last names share a part"),
    "last_only": (4.0, "same last name, one has no first name"),
    "last_like_only": (2.0, "similar last names, one has no first name"),
    "first": (-6.0, "same first name, different last name"),
    "last": (-9.0, "same last name, different first name"),
    "different": (-12.0, "different first and last names"),
}
_CONTACTS = {
    "same_email": (14.0, "same e-mail address"),
    "same_unverified_email": (14.0, "same e-mail address, not verified on both sides"),
    "same_unclaimed_email": (8.0, "same e-mail address, given in addition to a main one"),
    "same_local_part": (4.0, "e-mail addresses that differ in the domain only"),
    "name_in_both": (0.0, "e-mail addresses as similar as the names"),
    "colleague_email": (-3.0, "different e-mail address in the same domain"),
    "other_email": (-1.0, "different e-mail address"),
    "same_mobile": (10.0, "same mobile phone"),
    "same_line": (4.0, "same phone line"),
    "other_mobile": (-2.0, "different mobile phone"),
    "other_line": (-0.5, "different phone"),
    "same_profile": (13.0, "same social profile"),
    "other_profile": (-6.0, "different profile on the same network"),
    "same_external_id": (15.0, "same id in another system"),
}
_ORGANISATION = {
    "same_domain": (2.5, "same company domain"),
    "same_company": (2.5, "same company"),
    "like_company": (1.5, "similar company names"),
    "other_company": (-3.0, "different company"),
    "other_domain": (-2.0, "different company domain"),
    "same_street": (2.5, "same street address"),
    "same_postcode": (2.0, "same postcode"),
    "same_city": (1.5, "same city"),
    "other_postcode": (-1.0, "different postcode"),
    "other_city": (-1.0, "different city"),
}
_TYPED = frozenset({"same_unverified_email", "same_unclaimed_email"})
_CERTAIN = frozenset({"same_email", "same_profile", "same_external_id"})
_SHARED_BY_COLLEAGUES = frozenset({"same_line"})
_ORGANISATION_CAP = 4.0
"""Company and address together count as one hint: most people in a company share both."""


class Likeness(NamedTuple):
    """The probability that two leads are the same person, and a verdict: ``same``, ``unsure`` (ask) or ``different``.

    ``weighed`` lists agreements and disagreements, each with its weight.
    """

    probability: float
    weighed: tuple[tuple[float, str], ...]
    verdict: Verdict

    @property
    def evidence(self) -> tuple[str, ...]:
        """Agreements and disagreements, strongest first, with their weights but without any values."""
        strongest_first = sorted(self.weighed, key=lambda found: (-abs(found[0]), found[1]))
        return tuple(f"{text} ({weight:+g})" for weight, text in strongest_first)


def likeness(a: Lead[Any] | Features, b: Lead[Any] | Features) -> Likeness:
    """Return the likeness of two leads: symmetric, and what either lead lacks is neutral.

    Each is given as a lead or as its features, with the same result.
    """
    one = a if isinstance(a, Features) else features_of(a)
    other = b if isinstance(b, Features) else features_of(b)
    name = compare_names(one, other)
    contacts, places = compare_contacts(one, other), compare_organisations(one, other)
    if name is not None and _NAMES[name][0] < 0:
        contacts = [level for level in contacts if level not in _SHARED_BY_COLLEAGUES]
        places = [level for level in places if _ORGANISATION[level][0] < 0]
    elif name is not None:  # two anna.mueller@ mean no more than two Anna Müller
        contacts = ["name_in_both" if level == "same_local_part" else level for level in contacts]
    person = [_NAMES[name]] if name else []
    contact = [_CONTACTS[level] for level in contacts]
    organisation = [_ORGANISATION[level] for level in places]
    bits = PRIOR + _sum(person) + _sum(contact) + min(_ORGANISATION_CAP, _sum(organisation))
    probability, unproven = _probability(bits), _unproven(name, contacts)
    proven = _probability(bits - unproven) if unproven else probability
    return Likeness(probability, (*person, *contact, *organisation), _verdict(probability, proven, name, contacts))


def may_be_one(a: Features, b: Features) -> bool:
    """Whether ``likeness`` could return anything but ``different``, at a fraction of its cost.

    If the names differ, the weights allow a match only for leads that share something that identifies a person.
    """
    name = compare_names(a, b)
    return name is None or _NAMES[name][0] >= 0 or shares_contact(a, b)


def _sum(found: list[tuple[float, str]]) -> float:
    return sum([weight for weight, _ in found])


def _unproven(name: str | None, contacts: list[str]) -> float:
    """Return the weight that alone can't make two leads the same: anybody can type in anybody's address.

    An unverified address that both gave as their own counts if anything else about the person agrees.
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
        return "unsure"  # a certain key under a different name: a shared mailbox, a new name, or a mistake; ask
    return "different"
