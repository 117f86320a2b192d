"""The probability that two leads are the same person, with the evidence.

After Fellegi and Sunter (1969): each agreement or disagreement has a weight, the base-2 logarithm of how much more
often it occurs in pairs of one person than in pairs of two. Comparisons are grouped (person, contact, organisation):
what colleagues share counts only if the names do not contradict it, so that colleagues do not become twins.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import log2
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from leadflow.entities import Lead
from leadflow.quality.matching.agreement import COMPARATORS, CONTRADICTIONS, compare_names, shares_contact
from leadflow.quality.matching.clusters import PairEvidence
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.features import Features, features_of
from leadflow.quality.matching.model import EvidenceLevel, MatchModel, SubjectModel

__all__ = ["LevelPattern", "Likeness", "Matcher", "Verdict", "likeness", "may_be_one"]

Verdict = Literal["same", "unsure", "different"]
LevelPattern: TypeAlias = tuple[str | None, ...]
"""The level of each comparison, in the order of the model; None where either record has nothing to compare."""
_IMPLIED: Final = "e-mail addresses as similar as the names"
_UNPROVEN: Final = frozenset({"listed", "typed", "unclaimed"})
_LEAST: Final = 2.0**-40
_PATTERNS_KEPT: Final = 100_000


class Likeness(NamedTuple):
    """The probability that two leads are the same person, and a verdict: ``same``, ``unsure`` (ask) or ``different``.

    ``weighed`` lists agreements and disagreements, each with its weight.
    """

    probability: float
    weighed: tuple[tuple[float, str], ...]
    verdict: Verdict
    prior: float = 0.0
    """The bits before anything is compared."""
    contradicted: bool = False
    """Whether something says that they are two people: then never ``same``."""

    @property
    def bits(self) -> float:
        """The probability as base-2 logarithm of the odds: 0 is one in two, 10 about 1,000 to 1."""
        return log2(max(self.probability, _LEAST) / max(1 - self.probability, _LEAST))

    @property
    def evidence(self) -> tuple[str, ...]:
        """Agreements and disagreements, strongest first, with their weights but without any values."""
        strongest_first = sorted(self.weighed, key=lambda found: (-abs(found[0]), found[1]))
        return tuple(f"{text} ({weight:+g})" for weight, text in strongest_first)


_OTHER_KIND: Final = Likeness(0.0, ((-30.0, "one is a person, the other an organisation"),), "different")
_OF_OTHER_KIND: Final = PairEvidence(_OTHER_KIND.bits, _OTHER_KIND.bits)


class Matcher:
    """A match model, ready to compare: online and in batches the same likeness of the same two records."""

    def __init__(self, model: MatchModel = MATCH_MODEL) -> None:
        self.model = model
        self._persons = _Subject(model.persons, model)
        self._organisations = _Subject(model.organisations, model)

    def likeness(self, a: Lead[Any] | Features, b: Lead[Any] | Features) -> Likeness:
        """Return the likeness of two records: symmetric, and what either record lacks is neutral."""
        one = a if isinstance(a, Features) else features_of(a)
        other = b if isinstance(b, Features) else features_of(b)
        is_organisation = bool(one.organisation)
        if is_organisation != bool(other.organisation):
            return _OTHER_KIND
        subject = self._organisations if is_organisation else self._persons
        return subject.weighed(subject.pattern(one, other))

    def evidence(self, a: Features, b: Features) -> PairEvidence:
        """Return how much two records are one, with and without their names: what clusters are made by."""
        is_organisation = bool(a.organisation)
        if is_organisation != bool(b.organisation):
            return _OF_OTHER_KIND
        subject = self._organisations if is_organisation else self._persons
        found = subject.evidence(subject.pattern(a, b))
        return found._replace(renamed=True) if a.other_names or b.other_names else found

    def pattern(self, a: Features, b: Features) -> LevelPattern:
        """Return how two records of one kind compare, before anything is weighed."""
        return (self._organisations if a.organisation else self._persons).pattern(a, b)

    def weighed(self, pattern: LevelPattern, *, organisations: bool) -> Likeness:
        """Return what a pattern of levels amounts to."""
        return (self._organisations if organisations else self._persons).weighed(pattern)


class _Subject:
    """How two persons, or two organisations, compare: a pattern of levels, and what it amounts to."""

    def __init__(self, subject: SubjectModel, model: MatchModel) -> None:
        self._subject, self._model = subject, model
        self._comparators = [COMPARATORS[one.by] for one in subject.comparisons]
        self._levels = [(one.group, one.by_level) for one in subject.comparisons]
        self._is_coarse = any(len(one.by_level) > len(one.levels) for one in subject.comparisons)
        self._caps: dict[str, float] = {str(group): cap for group, cap in subject.caps.items()}
        self._weighed: dict[LevelPattern, Likeness] = {}  # patterns are few: each is weighed once
        self._evidence: dict[LevelPattern, PairEvidence] = {}

    def pattern(self, a: Features, b: Features) -> LevelPattern:
        """Return how two records compare, before anything is weighed."""
        found = tuple([compare(a, b) for compare in self._comparators])
        return self._listed(found) if self._is_coarse else found

    def _listed(self, pattern: LevelPattern) -> LevelPattern:
        """Return the pattern in levels of the model only."""
        levels = zip(self._levels, pattern, strict=True)
        return tuple([by_level[key].level if key in by_level else key for (_, by_level), key in levels])

    def weighed(self, pattern: LevelPattern) -> Likeness:
        found = self._weighed.get(pattern)
        if found is None:
            found = self._weigh(pattern)
            if len(self._weighed) < _PATTERNS_KEPT:
                self._weighed[pattern] = found
        return found

    def evidence(self, pattern: LevelPattern) -> PairEvidence:
        """Return how much a pattern says, with and without the names."""
        found = self._evidence.get(pattern)
        if found is None:
            like, besides = self.weighed(pattern), self.weighed((None, *pattern[1:]))
            found = PairEvidence(
                like.bits,
                besides.bits - besides.prior,
                pattern[0] in CONTRADICTIONS,
                pattern[0] is not None,
                like.verdict == "same",
                like.contradicted,
            )
            if len(self._evidence) < _PATTERNS_KEPT:
                self._evidence[pattern] = found
        return found

    def _weigh(self, pattern: LevelPattern) -> Likeness:
        (_, names), name = self._levels[0], pattern[0]
        named = names.get(name) if name is not None else None
        rest = [
            (group, level)
            for (group, levels), key in zip(self._levels[1:], pattern[1:], strict=True)
            if key is not None and (level := levels.get(key)) is not None
        ]
        personal = [level for group, level in rest if group == self._levels[0][0]]
        trusts = {level.trust for _, level in rest}
        of_twins = named is not None and named.trust == "family" and "family" in trusts
        against = {"contradicts", "family"} if of_twins else {"contradicts"}
        agreeing = [level for level in personal if level.bits > 0 and level.trust not in against]
        contradicted = (of_twins or "contradicts" in trusts) and not agreeing and "certain" not in trusts
        of_person = sum(level.bits for level in personal)
        if named is not None and named.bits < 0 and named.bits + of_person < 0:
            rest = [(group, level) for group, level in rest if not self._is_shared(group, level)]
        elif named is not None:  # two anna.mueller@ mean no more than two Anna Müller
            rest = [(group, _implied(level)) for group, level in rest]
            if named.trust == "shared":
                again = _said_again(level for _, level in rest)
                rest = [(group, level) for group, level in rest if level not in again]
        evidence = [*([(self._levels[0][0], named)] if named else []), *rest]
        bits = self._subject.prior + self._sum(evidence)
        unproven = _unproven(named, [level for group, level in rest if group not in self._subject.caps])
        probability = _probability(bits)
        proven = _probability(bits - unproven) if unproven else probability
        weighed = tuple((level.bits, level.text) for _, level in evidence)
        verdict = self._verdict(probability, 0.0 if contradicted else proven, named, trusts)
        return Likeness(probability, weighed, verdict, self._subject.prior, contradicted)

    def _is_shared(self, group: str, level: EvidenceLevel) -> bool:
        """Whether colleagues share it, so that it says nothing of people with different names."""
        return level.trust == "shared" or (group in self._subject.caps and level.bits > 0)

    def _sum(self, evidence: Iterable[tuple[str, EvidenceLevel]]) -> float:
        sums: dict[str, float] = {}
        for group, level in evidence:
            sums[group] = sums.get(group, 0.0) + level.bits
        caps = self._caps
        return sum(min(bits, caps.get(group, bits)) for group, bits in sums.items())

    def _verdict(
        self, probability: float, proven: float, named: EvidenceLevel | None, trusts: Collection[str]
    ) -> Verdict:
        if proven >= self._model.same:
            return "same"
        if probability >= self._model.unsure or not _UNPROVEN.isdisjoint(trusts):
            return "unsure"
        if named is not None and "certain" in trusts:
            return "unsure"  # a certain key under a different name: a shared mailbox, a new name, or a mistake; ask
        return "different"


def likeness(a: Lead[Any] | Features, b: Lead[Any] | Features) -> Likeness:
    """Return the likeness of two leads by the default model: symmetric, and what either lead lacks is neutral.

    Each is given as a lead or as its features, with the same result.
    """
    return _MATCHER.likeness(a, b)


_MATCHER: Final = Matcher()


def may_be_one(a: Features, b: Features) -> bool:
    """Whether ``likeness`` could return anything but ``different``, at a fraction of its cost.

    If the names differ, the weights allow a match only for leads that share something that identifies a person.
    """
    name = compare_names(a, b)
    return name is None or MATCH_MODEL.persons.comparisons[0].by_level[name].bits >= 0 or shares_contact(a, b)


def _implied(level: EvidenceLevel) -> EvidenceLevel:
    return level.but(bits=0.0, text=_IMPLIED) if level.trust == "implied" else level


def _said_again(levels: Iterable[EvidenceLevel]) -> list[EvidenceLevel]:
    """Return what a household shares but for the strongest: who shares its address shares its phone."""
    return sorted((level for level in levels if level.trust == "shared"), key=lambda level: level.bits)[:-1]


def _unproven(named: EvidenceLevel | None, rest: list[EvidenceLevel]) -> float:
    """Return the weight that alone can't make two leads the same: anybody can type in anybody's address.

    An unverified address that both gave as their own counts if anything else about the person agrees; one that a table
    lists, also if one of them says no name: then there is nobody else whose address it could be.
    """
    for level in rest:
        if level.trust in _UNPROVEN:
            agreeing = [other.bits for other in rest if other is not level] + [named.bits if named else 0.0]
            alone = max(agreeing) <= 0 and not (level.trust == "listed" and named is None)
            if level.trust == "unclaimed" or alone:
                return level.bits
    return 0.0


def _probability(bits: float) -> float:
    return float(1 / (1 + 2.0**-bits))
