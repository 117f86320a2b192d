"""Duplicates among many records: candidates by capped blocks, likeness of each pair, clusters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from leadflow.entities import Lead
from leadflow.errors import InvalidInput
from leadflow.quality.countries import home_country
from leadflow.quality.matching.blocks import block_keys
from leadflow.quality.matching.clusters import clusters_of, split_clear
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.estimation import estimate
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.likeness import Likeness, Matcher
from leadflow.quality.matching.model import MatchModel
from leadflow.quality.matching.records import PERSON_KEYS, any_features

__all__ = [
    "Duplicates",
    "MatchRecord",
    "MatchedPair",
    "PairSearch",
    "PythonSearch",
    "duplicates_among",
    "duplicates_found",
    "features_among",
]

SAMPLED: Final = 20_000
"""About so many records, each with its candidates, are enough to estimate a model from."""
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


class PairSearch(Protocol):
    """Finds pairs among records that were given to it: in Python, or on an engine."""

    compared: int
    """The pairs that were compared."""
    uncompared: int
    """The blocks above their caps."""

    def candidates(self, model: MatchModel, every: int) -> Iterable[tuple[int, int]]:
        """Return the candidate pairs of every so-manyth record."""
        ...

    def pairs(self, model: MatchModel) -> Iterable[tuple[int, int, Likeness]]:
        """Return the pairs that are the same or unsure, each once, the first record before the second."""
        ...

    def features(self, numbers: Iterable[int]) -> Mapping[int, Features]:
        """Return the features of some records."""
        ...


def duplicates_among(
    records: Mapping[str, MatchRecord] | Iterable[MatchRecord],
    model: MatchModel = MATCH_MODEL,
    *,
    against: Mapping[str, MatchRecord] | Iterable[MatchRecord] | None = None,
    link: bool = False,
    estimated: bool | None = None,
    default_country: str | None = None,
    search: Callable[[Sequence[Features], int, bool], PairSearch] | None = None,
) -> Duplicates:
    """Find the records that are one person or one organisation: ``leadflow.batch.dedupe_many`` says how."""
    for field, given in {"records": records, "against": () if against is None else against}.items():
        if not isinstance(given, Iterable):
            raise InvalidInput(field, given, "give leads or mappings, by id or in a sequence, or a table")
    default_country = home_country(default_country)
    records = records if isinstance(records, Mapping) else [*records]
    new = features_among(records, default_country)
    old = features_among(against, default_country, prefix="old:") if against is not None else {}
    if both := new.keys() & old.keys():
        raise InvalidInput("against", min(both), "an id is in both; give each record an id of its own")
    if link and against is None:
        raise InvalidInput("link", link, "there is nothing to link with; give against=…")
    ids, features = [*new, *old], [*new.values(), *old.values()]
    if estimated is None:
        estimated = model is MATCH_MODEL and not _has_leads(records)
    return duplicates_found((search or PythonSearch)(features, len(new), link), ids, model, estimated=estimated)


def duplicates_found(
    found: PairSearch, ids: Sequence[str], model: MatchModel = MATCH_MODEL, *, estimated: bool = False
) -> Duplicates:
    """Find pairs and clusters by a search; ``ids`` are those of its records."""
    refused = None
    if estimated:
        every = max(1, len(ids) // SAMPLED)
        sample = [*found.features(range(0, len(ids), every)).values()]
        estimate_ = estimate(sample, _candidates(found, model, every), model, every=every)
        model, refused = estimate_.model, estimate_.refused
    pairs = sorted(found.pairs(model), key=itemgetter(0, 1))
    return Duplicates(
        tuple([MatchedPair(ids[one], ids[other], like) for one, other, like in pairs]),
        tuple(tuple(ids[member] for member in members) for members in _clusters(pairs, found, model)),
        found.compared,
        found.uncompared,
        model,
        refused,
    )


def _candidates(found: PairSearch, model: MatchModel, every: int) -> Iterator[tuple[Features, Features]]:
    pairs = [*found.candidates(model, every)]
    features = found.features(sorted({number for pair in pairs for number in pair}))
    yield from ((features[one], features[other]) for one, other in pairs)


def _clusters(pairs: Iterable[tuple[int, int, Likeness]], found: PairSearch, model: MatchModel) -> list[list[int]]:
    same = ((like.bits, one, other) for one, other, like in pairs if like.verdict == "same")
    clear, chained = split_clear(same, model.largest_cluster)
    features, matcher = found.features(sorted({number for _, *both in chained for number in both})), Matcher(model)
    joined = clusters_of(
        chained, lambda one, other: matcher.evidence(features[one], features[other]), model.largest_cluster
    )
    return sorted(clear + joined)


class PythonSearch:
    """The search in Python: an index of the blocks, and each pair compared as it is online."""

    def __init__(self, features: Sequence[Features], new: int, link: bool) -> None:
        self._features, self._new, self._link = features, new, link
        self.compared = self.uncompared = 0

    def candidates(self, model: MatchModel, every: int) -> Iterator[tuple[int, int]]:
        """Return the candidate pairs of every so-manyth record."""
        for one, others in self._candidates(model):
            if one % every == 0:
                yield from ((one, other) for other in others)

    def features(self, numbers: Iterable[int]) -> Mapping[int, Features]:
        """Return the features of some records."""
        return {number: self._features[number] for number in numbers}

    def pairs(self, model: MatchModel) -> Iterator[tuple[int, int, Likeness]]:
        """Return the pairs that are the same or unsure."""
        likeness, features = Matcher(model).likeness, self._features
        for one, others in self._candidates(model):
            self.compared += len(others)
            for other in others:
                like = likeness(features[one], features[other])
                if like.verdict != "different":
                    yield one, other, like

    def _candidates(self, model: MatchModel) -> Iterator[tuple[int, list[int]]]:
        keys = [[*block_keys(one, model.blocks)] for one in self._features]
        index: dict[tuple[int, str], list[int]] = {}
        for number, some in enumerate(keys):
            for key in dict.fromkeys(some):
                index.setdefault(key, []).append(number)
        caps = [block.cap for block in model.blocks]
        over = [key for key, members in index.items() if len(members) > caps[key[0]]]
        self.uncompared = len(over)
        for key in over:
            del index[key]
        for one in range(self._new):
            others = {
                other
                for key in keys[one]
                for other in index.get(key, ())
                if other > one and (not self._link or other >= self._new)
            }
            if others:
                yield one, sorted(others)


def _has_leads(records: Mapping[str, MatchRecord] | Iterable[MatchRecord]) -> bool:
    """Whether there are leads: they are the same or not as ``capture`` says, whatever else is compared with them."""
    return any(isinstance(one, Lead) for one in (records.values() if isinstance(records, Mapping) else records))


def features_among(
    records: Mapping[str, MatchRecord] | Iterable[MatchRecord], default_country: str | None = None, *, prefix: str = ""
) -> dict[str, Features]:
    """Return the features of records by their ids: keys, ids of leads, or places in a sequence."""
    return dict(_features(records, default_country, prefix))


def _features(
    records: Mapping[str, MatchRecord] | Iterable[MatchRecord], country: str | None, prefix: str
) -> Iterator[tuple[str, Features]]:
    if isinstance(records, Mapping):
        named = [(str(id), record) for id, record in records.items()]
        for place, id in enumerate(records, 1):
            if id is None or not str(id).strip():
                raise InvalidInput("records", id, f"the id of record {place} is empty; give each one of its own")
    else:
        named = [
            (record.id if isinstance(record, Lead) else f"{prefix}{place}", record)
            for place, record in enumerate(records)
        ]
    has_persons = any(isinstance(record, Mapping) and not PERSON_KEYS.isdisjoint(record) for _, record in named)
    for id, record in named:
        yield id, any_features(record, default_country=country, has_persons=has_persons)
