"""An index in memory: the records that one may be, found in about a millisecond among a million."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from leadflow.entities import Lead
from leadflow.quality.countries import home_country
from leadflow.quality.matching.blocks import block_keys
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.likeness import Likeness, Matcher
from leadflow.quality.matching.model import MatchModel
from leadflow.quality.matching.records import any_features

__all__ = ["IndexMatch", "MatchIndex"]


class IndexMatch(NamedTuple):
    """A record of an index that is the same as the one looked for, or that a person has to decide on."""

    id: str
    likeness: Likeness


class MatchIndex:
    """Records to find duplicates of one record in: for hosts that import in bulk and keep their records elsewhere.

    What is found is what ``dedupe_many({…: record}, model, against=records, estimated=False)`` finds: the same
    candidates, by blocks with caps, and the same verdicts. Records are leads, features or mappings; ``has_persons`` is
    false for mappings of a table of organisations. An index belongs to one thread.
    """

    def __init__(
        self, model: MatchModel = MATCH_MODEL, *, default_country: str | None = None, has_persons: bool = True
    ) -> None:
        self._model, self._country, self._has_persons = model, home_country(default_country), has_persons
        self._likeness = Matcher(model).likeness
        self._caps = [block.cap for block in model.blocks]
        self._records: dict[str, Features] = {}
        self._blocks: dict[int, str | dict[str, None]] = {}  # most have one record
        self._same: dict[object, Any] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, id: str) -> bool:
        return id in self._records

    def add(self, id: str, record: Lead[Any] | Features | Mapping[str, object]) -> None:
        """Add a record, in place of the one with this id."""
        features = self._shared(self._features(record))
        self.remove(id)
        self._records[id] = features
        for _, key in self._keys(features):
            there = self._blocks.get(key)
            if there is None:
                self._blocks[key] = id
            elif isinstance(there, str):
                self._blocks[key] = {there: None, id: None}
            else:
                there[id] = None

    def remove(self, id: str) -> None:
        """Take a record out, if it is there."""
        features = self._records.pop(id, None)
        for _, key in self._keys(features) if features is not None else ():
            there = self._blocks[key]
            if isinstance(there, str):
                del self._blocks[key]
            else:
                del there[id]
                if len(there) == 1:
                    self._blocks[key] = next(iter(there))

    def find(self, record: Lead[Any] | Features | Mapping[str, object]) -> list[IndexMatch]:
        """Return the records that are the same or unsure, most probable first."""
        features = self._features(record)
        likeness, records = self._likeness, self._records
        found = [
            IndexMatch(id, like)
            for id in self._candidates(features)
            if (like := likeness(features, records[id])).verdict != "different"
        ]
        return sorted(found, key=lambda match: (-match.likeness.probability, match.id))

    def _candidates(self, features: Features) -> set[str]:
        found: set[str] = set()
        for number, key in self._keys(features):
            there = self._blocks.get(key)
            if isinstance(there, str):
                found.add(there)
            elif there is not None and len(there) < self._caps[number]:  # the record itself is one more
                found.update(there)
        return found

    def _keys(self, features: Features) -> Iterator[tuple[int, int]]:
        # a hash takes half of the memory of a key; two keys with one hash are only compared in vain
        yield from {(number, hash((number, key))) for number, key in block_keys(features, self._model.blocks)}

    def _features(self, record: Lead[Any] | Features | Mapping[str, object]) -> Features:
        return any_features(record, default_country=self._country, has_persons=self._has_persons)

    def _shared(self, features: Features) -> Features:
        """Return the features with names, companies and places of which there is one in memory for all records."""
        once = self._same.setdefault
        return Features._make(once(one, one) if not isinstance(one, dict) else one for one in features)
