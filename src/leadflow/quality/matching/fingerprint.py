"""The fingerprint of a lead: its match keys and its features, each made once for the same details."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from leadflow.entities import Lead
from leadflow.quality.matching.features import Features, features_of
from leadflow.quality.matching.keys import match_keys

__all__ = ["Fingerprint"]

MADE_OF: Final = ("emails", "phones", "social", "external_ids", "address", "person", "company")


class Fingerprint:
    """What a lead is found by and compared by."""

    def __init__(self, lead: Lead[Any]) -> None:
        self._lead = lead

    @cached_property
    def match_keys(self) -> frozenset[str]:
        """The index entries under which its twins are found."""
        return match_keys(self._lead)

    @cached_property
    def features(self) -> Features:
        """What likeness compares."""
        return features_of(self._lead)

    def is_of(self, lead: Lead[Any]) -> bool:
        """Whether that lead has the same: nothing has changed of what it is made of."""
        mine, others = self._lead.__dict__, lead.__dict__
        return all(mine[name] is others[name] or mine[name] == others[name] for name in MADE_OF)

    def of(self, lead: Lead[Any]) -> Fingerprint:
        """Return the fingerprint of that lead: this one if it is the same."""
        return self if self.is_of(lead) else Fingerprint(lead)
