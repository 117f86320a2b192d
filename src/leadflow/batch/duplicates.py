"""Duplicates among many records, on an engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from leadflow.errors import InvalidInput
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.duplicates import Duplicates, MatchedPair, MatchRecord, duplicates_among
from leadflow.quality.matching.model import MatchModel

__all__ = ["Duplicates", "MatchedPair", "dedupe_many"]


def dedupe_many(
    records: Mapping[str, MatchRecord] | Iterable[MatchRecord],
    model: MatchModel = MATCH_MODEL,
    *,
    engine: Literal["python"] = "python",
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
    if engine != "python":
        raise InvalidInput("engine", engine, "there is 'python'")
    return duplicates_among(
        records, model, against=against, link=link, estimated=estimated, default_country=default_country
    )
