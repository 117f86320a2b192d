"""Duplicates among many records, on an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Literal

from leadflow.errors import InvalidInput, require
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.duplicates import Duplicates, MatchedPair, MatchRecord, PairSearch, duplicates_among
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.model import MatchModel

__all__ = ["Duplicates", "MatchedPair", "dedupe_many"]


def dedupe_many(
    records: Mapping[str, MatchRecord] | Iterable[MatchRecord],
    model: MatchModel = MATCH_MODEL,
    *,
    engine: Literal["duckdb", "python"] | None = None,
    against: Mapping[str, MatchRecord] | Iterable[MatchRecord] | None = None,
    link: bool = False,
    estimated: bool | None = None,
    default_country: str | None = None,
) -> Duplicates:
    """Find the records that are one person or one organisation.

    Records are leads, features, or mappings such as rows of a table (``name``, ``email``, ``company``, …: whatever of
    ``MATCH_KEYS`` there is), by id or in a sequence; ids are the keys, the leads' ids, or places in the sequence. With
    ``against``, which was cleaned before, only pairs with a new record are compared; with ``link`` only pairs of one
    new and one old record: linking two sources. Ids must differ between both.

    ``estimated`` fits the weights to these records first, without labels; keep ``found.model`` and give it next time.
    It is the default for rows of a table without a model of your own; leads are compared by the default model, as
    ``capture`` does. ``found.refused`` says why an estimate would have been wrong: from fewer than some hundred
    duplicates, or from persons of companies.

    ``engine`` is DuckDB where it is installed (extra ``batch``), else Python; both find the same.
    """
    if engine not in (None, "duckdb", "python"):
        raise InvalidInput("engine", engine, "there are 'duckdb' and 'python'")
    search: Callable[[Sequence[Features], int, bool], PairSearch] | None = None
    if engine == "duckdb" or (engine is None and find_spec("duckdb") is not None):
        require("batch")
        from leadflow.batch.duplicate_engine import DuckSearch

        search = DuckSearch
    return duplicates_among(
        records, model, against=against, link=link, estimated=estimated, default_country=default_country, search=search
    )
