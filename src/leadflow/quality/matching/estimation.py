"""Estimating a match model from the records themselves, without labels, or from pairs that a person has decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from random import Random
from typing import Final

from leadflow.quality.matching.agreement import CONTRADICTIONS
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.likeness import LevelPattern, Matcher
from leadflow.quality.matching.model import FieldComparison, MatchModel, SubjectModel

__all__ = ["Estimate", "estimate"]

RANDOM_PAIRS: Final = 60_000
ROUNDS: Final = 12
LEAST_MATCHES: Final = 300.0
"""Fewer expected matches say too little: what was set stays."""
LEAST_VALUES: Final = 100.0
"""The same for the values of one field among them."""
LEAST_AGREEMENT: Final = 0.6
MOSTLY: Final = 0.5
COLLEAGUES: Final = "without labels, persons of companies can't be told from their colleagues"
HIGHEST, LOWEST = 18.0, -12.0
SMOOTHING: Final = 0.5
TRUSTED_MATCHES: Final = 200.0
"""What was set counts as much as so many matches: a few hundred that look odd don't turn it over."""
MOST_BITS: Final = {**dict.fromkeys(CONTRADICTIONS, -3.0), "kin": 2.0}
"""The most that other first or last names may weigh: in a household its members look like matches."""


@dataclass(frozen=True)
class Estimate:
    """A model with estimated weights, frozen, or the one given where an estimate would have been wrong, and why."""

    model: MatchModel
    refused: str | None = None


def estimate(
    sample: Sequence[Features], pairs: Iterable[tuple[Features, Features]], model: MatchModel, *, every: int = 1
) -> Estimate:
    """Estimate weights by expectation maximisation, from a sample of one record in ``every`` and its candidate pairs.

    How often levels occur in pairs of strangers is counted in random pairs of the sample; how often in pairs of one
    person, in the candidates, each counted with its probability. What was set counts as much as
    ``TRUSTED_MATCHES``; groups, caps and thresholds stay, and names that contradict each other go on weighing against.
    Refused is an estimate from persons most of whom are of companies, and one whose matches agree neither in name nor
    in mailbox: it finds colleagues.
    """
    kinds = [bool(one.organisation) for one in sample]
    of_companies = sum(bool(one.company) for one, kind in zip(sample, kinds, strict=True) if not kind)
    colleagues = of_companies >= MOSTLY * max(kinds.count(False), 1)
    candidates: tuple[Counter[LevelPattern], Counter[LevelPattern]] = (Counter(), Counter())
    matcher = Matcher(model)
    for one, other in pairs if not colleagues or any(kinds) else ():
        kind = bool(one.organisation)
        if kind == bool(other.organisation) and (kind or not colleagues):
            candidates[kind][matcher.pattern(one, other)] += 1
    fitted: dict[str, SubjectModel] = {}
    refusals = ["persons: " + COLLEAGUES] if colleagues else []
    for organisations, name in ((False, "persons"), (True, "organisations")):
        members = [one for one, kind in zip(sample, kinds, strict=True) if kind is organisations]
        if candidates[organisations]:
            found = _fit(model, name, members, candidates[organisations], every)
            if isinstance(found, str):
                refusals.append(f"{name}: {found}")
            else:
                fitted[name] = found
    return Estimate(model.but(**fitted), "; ".join(refusals) or None)


def _fit(
    model: MatchModel, name: str, members: Sequence[Features], counts: Counter[LevelPattern], every: int
) -> SubjectModel | str:
    organisations = name == "organisations"
    start: SubjectModel = getattr(model, name)
    subject = start
    random: Counter[LevelPattern] = Counter()
    count = len(members) * every
    possible = count * (count - 1) / 2
    for _ in range(ROUNDS):
        matcher = Matcher(model.but(**{name: subject}))
        matches = {one: n * matcher.weighed(one, organisations=organisations).probability for one, n in counts.items()}
        total = sum(matches.values())
        if total < LEAST_MATCHES:
            return f"about {total:.0f} matches are too few to estimate from"
        random = random or _random_patterns(model, members)
        strangers = {
            one: n * (1 - matcher.weighed(one, organisations=organisations).probability) for one, n in random.items()
        }
        known = total / (total + TRUSTED_MATCHES)
        prior = known * log2(total * every / max(possible - total * every, 1.0)) + (1 - known) * start.prior
        subject = SubjectModel(
            comparisons=[_reweighed(one, place, matches, strangers) for place, one in enumerate(start.comparisons)],
            prior=round(prior, 2),
            caps=subject.caps,
        )
    agreement = _agreement(subject, matches)
    if agreement < LEAST_AGREEMENT:
        return f"only {agreement:.0%} of the matches would agree in name or mailbox: these are colleagues"
    return subject


def _random_patterns(model: MatchModel, members: Sequence[Features]) -> Counter[LevelPattern]:
    """Return how pairs of strangers compare. The draw is the same for the same records."""
    draw, matcher = Random(0), Matcher(model)  # noqa: S311 (a sample, and the same one each time)
    found: Counter[LevelPattern] = Counter()
    if len(members) < 2:
        return found
    for _ in range(RANDOM_PAIRS):
        one, other = draw.sample(members, 2)
        found[matcher.pattern(one, other)] += 1
    return found


def _reweighed(
    comparison: FieldComparison,
    place: int,
    matches: Mapping[LevelPattern, float],
    strangers: Mapping[LevelPattern, float],
) -> FieldComparison:
    in_matches, in_strangers = _levels(place, matches), _levels(place, strangers)
    all_matches, all_strangers = sum(in_matches.values()), sum(in_strangers.values())
    if all_matches < LEAST_VALUES or all_strangers < LEAST_VALUES:
        return comparison
    smoothed = SMOOTHING * len(comparison.levels)
    seen_by = all_matches / (all_matches + TRUSTED_MATCHES)
    levels = []
    for level in comparison.levels:
        m = (in_matches.get(level.level, 0.0) + SMOOTHING) / (all_matches + smoothed)
        u = (in_strangers.get(level.level, 0.0) + SMOOTHING) / (all_strangers + smoothed)
        seen = in_matches.get(level.level, 0.0) + in_strangers.get(level.level, 0.0) >= 1
        bits = min(HIGHEST, max(LOWEST, log2(m / u))) if seen else level.bits
        bits = seen_by * bits + (1 - seen_by) * level.bits
        if comparison.by == "name":
            bits = min(bits, MOST_BITS.get(level.level, bits))
        levels.append(level.but(bits=round(bits, 2)))
    return FieldComparison(comparison.by, comparison.group, tuple(levels))


def _levels(place: int, counts: Mapping[LevelPattern, float]) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for pattern, count in counts.items():
        level = pattern[place]
        if level is not None:
            found[level] = found.get(level, 0.0) + count
    return found


def _agreement(subject: SubjectModel, matches: Mapping[LevelPattern, float]) -> float:
    """Return the share of the matches that agree in the name or a mailbox, among those that have either."""
    good = {0: {"full", "transposed", "near", "transposed_near", "part", "kin", "last_only", "last_like_only",
                "same_title", "like_title", "within_title", "part_title", "share_title"}}  # fmt: skip
    email = next((place for place, one in enumerate(subject.comparisons) if one.by == "email"), None)
    if email is not None:
        good[email] = {"same_email", "same_listed_email", "same_unverified_email", "same_unclaimed_email",
                       "same_local_part"}  # fmt: skip
    agreeing = known = 0.0
    for pattern, count in matches.items():
        seen = [(place, pattern[place]) for place in good if pattern[place] is not None]
        known += count if seen else 0
        agreeing += count if any(level in good[place] for place, level in seen) else 0
    return agreeing / known if known else 1.0
