"""Duplicates among many records: candidates by capped blocks, likeness of each pair, clusters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

from leadflow.entities import Lead
from leadflow.errors import InvalidInput
from leadflow.quality.matching.blocks import block_keys
from leadflow.quality.matching.clusters import clusters_of
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.estimation import estimate
from leadflow.quality.matching.features import Features, features_of
from leadflow.quality.matching.likeness import Likeness, Matcher
from leadflow.quality.matching.model import MatchModel
from leadflow.quality.matching.records import PERSON_KEYS, record_features

__all__ = ["Duplicates", "MatchRecord", "MatchedPair", "duplicates_among"]

ESTIMATED_FROM: Final = 300_000
"""The most candidate pairs from which a model is estimated."""
MatchRecord: TypeAlias = Mapping[str, Any] | Lead[Any] | Features


class MatchedPair(NamedTuple):
    """Two records that are the same, or that a person has to decide on."""

    one: str
    other: str
    likeness: Likeness


@dataclass(frozen=True)
class Duplicates:
    """What was found among many records: pairs that are the same or unsure, and clusters of records that are one.

    ``clusters`` have at least two ids each; ``unsure`` are pairs that no cluster has already, most probable first.
    ``compared`` is the number of pairs that were compared, ``uncompared`` the number of blocks that were above their
    caps. ``model`` is what the likeness is from, and ``refused`` says why weights could not be estimated.
    """

    pairs: tuple[MatchedPair, ...]
    clusters: tuple[tuple[str, ...], ...]
    compared: int
    uncompared: int
    model: MatchModel
    refused: str | None = None

    @property
    def unsure(self) -> tuple[MatchedPair, ...]:
        """The pairs for a person to decide: unsure ones, and same ones whose clusters contradict each other."""
        place = {id: number for number, ids in enumerate(self.clusters) for id in ids}
        apart = (pair for pair in self.pairs if place.get(pair.one, -1) != place.get(pair.other, -2))
        return tuple(sorted(apart, key=lambda pair: (-pair.likeness.probability, pair.one, pair.other)))


def duplicates_among(
    records: Mapping[str, MatchRecord] | Iterable[MatchRecord],
    model: MatchModel = MATCH_MODEL,
    *,
    against: Mapping[str, MatchRecord] | Iterable[MatchRecord] | None = None,
    link: bool = False,
    estimated: bool = False,
    default_country: str | None = None,
) -> Duplicates:
    """Find the records that are one person or one organisation.

    Records are leads, features, or mappings such as rows of a table (``name``, ``email``, ``company``, …: whatever of
    ``MATCH_KEYS`` there is), by id or in a sequence; ids are the keys, the leads' ids, or places in the sequence. With
    ``against``, which was cleaned before, only pairs with a new record are compared; with ``link`` only pairs of one
    new and one old record: linking two sources. Ids must differ between both. ``estimated`` fits the weights to these
    records first, without labels: worth it from some hundred duplicates on; keep ``found.model`` and give it next time.
    """
    new = dict(_features(records, default_country, ""))
    old = dict(_features(against, default_country, "old:")) if against is not None else {}
    if both := new.keys() & old.keys():
        raise InvalidInput("against", min(both), "an id is in both; give each record an id of its own")
    if link and against is None:
        raise InvalidInput("link", link, "there is nothing to link with; give against=…")
    return _Run(list(new.items()), list(old.items()), model, link, estimated).duplicates()


class _Run:
    def __init__(
        self,
        new: list[tuple[str, Features]],
        old: list[tuple[str, Features]],
        model: MatchModel,
        link: bool,
        estimated: bool,
    ) -> None:
        together = [*new, *old]
        self.ids = [id for id, _ in together]
        self.features = [features for _, features in together]
        self.new, self.link, self.model = len(new), link, model
        self.refused: str | None = None
        if estimated:
            self._estimate()
        self.matcher = Matcher(self.model)

    def _estimate(self) -> None:
        index, _ = self._blocks()
        pairs = ((one, other) for one, others in self._candidates(index) for other in others)
        found = estimate(self.features, islice(pairs, ESTIMATED_FROM), self.model)
        self.model, self.refused = found.model, found.refused

    def duplicates(self) -> Duplicates:
        index, over = self._blocks()
        found: list[tuple[float, int, int]] = []
        pairs: list[MatchedPair] = []
        compared = 0
        likeness, features, ids = self.matcher.likeness, self.features, self.ids
        for one, others in self._candidates(index):
            compared += len(others)
            for other in others:
                like = likeness(features[one], features[other])
                if like.verdict != "different":
                    pairs.append(MatchedPair(ids[one], ids[other], like))
                    if like.verdict == "same":
                        found.append((like.bits, one, other))
        clusters = clusters_of(found, self._bits, self.model.largest_cluster)
        named = tuple(tuple(ids[member] for member in members) for members in clusters)
        return Duplicates(tuple(pairs), named, compared, over, self.model, self.refused)

    def _bits(self, one: int, other: int) -> float:
        return self.matcher.likeness(self.features[one], self.features[other]).bits

    def _blocks(self) -> tuple[dict[tuple[int, str], list[int]], int]:
        index: dict[tuple[int, str], list[int]] = {}
        for number, features in enumerate(self.features):
            for key in block_keys(features, self.model.blocks):
                index.setdefault(key, []).append(number)
        caps = [block.cap for block in self.model.blocks]
        kept = {key: members for key, members in index.items() if 1 < len(members) <= caps[key[0]]}
        return kept, sum(len(members) > caps[key[0]] for key, members in index.items())

    def _candidates(self, index: Mapping[tuple[int, str], Sequence[int]]) -> Iterator[tuple[int, list[int]]]:
        for one in range(self.new):
            others = {
                other
                for key in block_keys(self.features[one], self.model.blocks)
                for other in index.get(key, ())
                if other > one and (not self.link or other >= self.new)
            }
            if others:
                yield one, sorted(others)


def _features(
    records: Mapping[str, MatchRecord] | Iterable[MatchRecord], country: str | None, prefix: str
) -> Iterator[tuple[str, Features]]:
    if isinstance(records, Mapping):
        named = [(str(id), record) for id, record in records.items()]
    else:
        named = [
            (record.id if isinstance(record, Lead) else f"{prefix}{place}", record)
            for place, record in enumerate(records)
        ]
    has_persons = any(isinstance(record, Mapping) and not PERSON_KEYS.isdisjoint(record) for _, record in named)
    for id, record in named:
        if isinstance(record, Features):
            yield id, record
        elif isinstance(record, Lead):
            yield id, features_of(record)
        else:
            yield id, record_features(record, default_country=country, has_persons=has_persons)
