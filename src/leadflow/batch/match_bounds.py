"""Which pairs can't be anything but different, whatever else is compared: they are left out early."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Final

from leadflow.quality.matching.likeness import Matcher
from leadflow.quality.matching.model import Comparator, FieldComparison, MatchModel

__all__ = ["SHARED_LEVELS", "hopeless_names"]

SHARED_LEVELS: Final[Mapping[Comparator, frozenset[str]]] = {
    "email": frozenset({"same_email", "same_listed_email", "same_unverified_email", "same_unclaimed_email"}),
    "phone": frozenset({"same_mobile"}),
    "profile": frozenset({"same_profile"}),
    "external_id": frozenset({"same_external_id"}),
    "identifier": frozenset({"same_identifier", "near_identifier", "other_identifier"}),
    "born": frozenset({"same_birth", "near_birth", "slip_apart", "within_year", "other_birth", "generation_apart"}),
}
"""What two persons may share: a mailbox, a mobile phone, a profile, an id; or what both have: a number, a birthday."""


def hopeless_names(model: MatchModel) -> list[str]:
    """Return the levels of names at which two persons are different, unless they share what ``SHARED_LEVELS`` says.

    All else that may be found is weighed, in all combinations. What merely weighs against a match is left out, but for
    what is of the person: that decides whether shared evidence counts.
    """
    first, *rest = model.persons.comparisons
    if first.by != "name":
        return []
    matcher, possible = Matcher(model), [*product(*(_possible(one, first) for one in rest))]
    return [
        one.level
        for one in first.levels
        if all(matcher.weighed((one.level, *others), organisations=False).verdict == "different" for others in possible)
    ]


def _possible(comparison: FieldComparison, name: FieldComparison) -> list[str | None]:
    shared = SHARED_LEVELS.get(comparison.by, frozenset())
    told = (one for one in comparison.levels if one.level not in shared)
    return [
        None,
        *(one.level for one in told if one.bits > 0 or one.trust != "plain" or comparison.group == name.group),
    ]
