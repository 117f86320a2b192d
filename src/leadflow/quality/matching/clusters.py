"""Clusters of records that are one: more than connected components, which a single wrong pair chains together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

__all__ = ["PairEvidence", "clusters_of", "split_clear"]

_STRONGEST: Final = 12.0
"""The most that one pair counts, in bits: no pair outvotes many."""
_CONTRADICTION: Final = -10.0
"""What a contradiction counts at least, however much else agrees; less than the strongest pair beside it is a veto."""

_CLEARLY: Final = 4.25
"""By so many bits (nineteen to one) a record is clearly more like one of two records."""


class PairEvidence(NamedTuple):
    """How much two records are one, in bits: all that is known, and that besides their names."""

    bits: float
    besides_names: float = 0.0
    renamed: bool = False
    """Whether their names contradict each other, or one of them says that it has another name."""
    named: bool = True
    """Whether their names could be compared."""
    same: bool = False
    """Whether they are the same by themselves."""
    contradicted: bool = False
    """Whether something says that they are two, whatever else agrees."""


def split_clear(
    pairs: Iterable[tuple[float, int, int]], largest: int
) -> tuple[list[list[int]], list[tuple[float, int, int]]]:
    """Return the clusters that need no evidence, and the pairs that do.

    Where any two of the records that pairs chain together are a pair, they are one cluster, whatever else is known.
    """
    pairs = [*pairs]
    chain: dict[int, list[int]] = {}
    for _, one, other in pairs:
        ours, others = chain.setdefault(one, [one]), chain.setdefault(other, [other])
        if ours is not others:
            if len(ours) < len(others):
                ours, others = others, ours
            ours += others
            chain.update(dict.fromkeys(others, ours))
    times = Counter(id(chain[one]) for _, one, _ in pairs)
    chains = {id(members): members for members in chain.values()}
    clear = {
        name: sorted(members)
        for name, members in chains.items()
        if len(members) <= largest and 2 * times[name] == len(members) * (len(members) - 1)
    }
    return [*clear.values()], [pair for pair in pairs if id(chain[pair[1]]) not in clear]


def clusters_of(
    pairs: Iterable[tuple[float, int, int]], evidence: Callable[[int, int], PairEvidence], largest: int
) -> list[list[int]]:
    """Return the clusters of at least two records, by average linkage; each sorted, in order of their first ones.

    ``pairs`` are those that are the same, as bits, one and the other; the strongest are joined first. Two clusters are
    joined if on average their pairs speak for it, those included that nobody proposed: ``evidence`` compares them; only
    the strongest pair outvotes a contradiction. Where a cluster is known to have two names, as a number of an authority
    shows, other names than one of its records has don't speak against a further one. No cluster outgrows ``largest``:
    what is left out by that stays a pair.
    """
    pairs = [*pairs]
    likes: dict[int, dict[int, float]] = {}
    for bits, one, other in pairs:
        likes.setdefault(one, {})[other] = bits
        likes.setdefault(other, {})[one] = bits
    cluster: dict[int, list[int]] = {}
    renamed: set[int] = set()
    for bits, one, other in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        ours, others = cluster.setdefault(one, [one]), cluster.setdefault(other, [other])
        if ours is others or len(ours) + len(others) > largest:
            continue
        if _has_rival(one, other, bits, likes, evidence) or _has_rival(other, one, bits, likes, evidence):
            continue
        two_names = evidence(one, other).renamed or id(ours) in renamed or id(others) in renamed
        if len(ours) == len(others) == 1 or _are_linked(ours, others, evidence, two_names):
            if len(ours) < len(others):
                ours, others = others, ours
            ours += others
            renamed.discard(id(others))
            if two_names:
                renamed.add(id(ours))
            for member in others:
                cluster[member] = ours
    distinct = {id(members): members for members in cluster.values() if len(members) > 1}
    return sorted(sorted(members) for members in distinct.values())


def _has_rival(
    one: int,
    other: int,
    bits: float,
    likes: Mapping[int, Mapping[int, float]],
    evidence: Callable[[int, int], PairEvidence],
) -> bool:
    """Whether a record is as much like a third one as like the other, and these two contradict each other.

    To a record without a name, two others that have different ones do.
    """
    for rival, strength in likes[one].items():
        if rival == other or rival in likes[other] or strength <= bits - _CLEARLY:
            continue
        pair = evidence(rival, other)
        if (pair.contradicted and pair.bits < 0) or (pair.renamed and not pair.same and not evidence(one, rival).named):
            return True
    return False


def _are_linked(
    ours: list[int], others: list[int], evidence: Callable[[int, int], PairEvidence], two_names: bool
) -> bool:
    found = [evidence(one, other) for one in ours for other in others]
    bits = [one.besides_names if two_names and one.bits < 0 else one.bits for one in found]
    if any(one.contradicted for one in found):
        if max(bits) < _STRONGEST:
            return False
        bits = [
            min(_CONTRADICTION, weight) if pair.contradicted else weight
            for weight, pair in zip(bits, found, strict=True)
        ]
    return sum(max(-_STRONGEST, min(_STRONGEST, one)) for one in bits) > 0
