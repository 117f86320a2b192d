"""Clusters of records that are one: more than connected components, which a single wrong pair chains together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

__all__ = ["clusters_of"]

_STRONGEST: Final = 12.0
"""The most that one pair counts, in bits: no pair outvotes many."""


def clusters_of(
    pairs: Iterable[tuple[float, int, int]], bits: Callable[[int, int], float], largest: int
) -> list[list[int]]:
    """Return the clusters of at least two records, by average linkage; each sorted, in order of their first ones.

    ``pairs`` are those that are the same, as bits, one and the other; the strongest are joined first. Two clusters are
    joined if on average their pairs speak for it, those included that nobody proposed: ``bits`` compares them. No
    cluster outgrows ``largest``: what is left out by that stays a pair.
    """
    cluster: dict[int, list[int]] = {}
    for _bits, one, other in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        ours, others = cluster.setdefault(one, [one]), cluster.setdefault(other, [other])
        if ours is others or len(ours) + len(others) > largest:
            continue
        if len(ours) == len(others) == 1 or _linkage(ours, others, bits) > 0:
            if len(ours) < len(others):
                ours, others = others, ours
            ours += others
            for member in others:
                cluster[member] = ours
    distinct = {id(members): members for members in cluster.values() if len(members) > 1}
    return sorted(sorted(members) for members in distinct.values())


def _linkage(ours: list[int], others: list[int], bits: Callable[[int, int], float]) -> float:
    total = 0.0
    for one in ours:
        for other in others:
            total += max(-_STRONGEST, min(_STRONGEST, bits(one, other)))
    return total
