"""The quality of the data of all leads: how good, complete for what, how long ago confirmed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from leadflow.data_quality import quality_of
from leadflow.entities import Lead
from leadflow.events import Fact
from leadflow.insights.journeys import Journey, folded

__all__ = ["AGES", "BANDS", "QualityCounts", "QualityFold", "band_name", "data_quality"]

BANDS: Final = 10
"""The bands of ten points in which scores are counted; the last one includes 100."""
AGES: Final = ("fresh", "ageing", "outdated", "nothing")
"""How long ago a group of fields was confirmed; ``nothing``: the lead has no such data."""


def band_name(band: int) -> str:
    """Return the scores of a band: ``40–49``."""
    return f"{band * 10}–{band * 10 + 9 if band < BANDS - 1 else 100}"


@dataclass(frozen=True, slots=True)
class QualityCounts:
    """How good the data of the reachable leads is (``leads`` of them), at one moment.

    ``bands`` counts scores by tens, ``complete`` the leads that have everything for a purpose, ``missing`` those that
    lack a field for some purpose, most first, ``ages`` by group of fields.
    """

    leads: int = 0
    mean: float = 0.0
    bands: tuple[int, ...] = (0,) * BANDS
    complete: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)
    ages: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class QualityFold:
    """Measures every lead at one moment, by the definition of its class."""

    def __init__(self, at: datetime) -> None:
        self._at, self._sum = at, 0.0
        self._bands: Counter[int] = Counter()
        self._complete: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._ages: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:  # noqa: ARG002 (a fold takes both)
        """Measure one lead; a visitor of whom nothing is known, or a lead that was absorbed, does not count."""
        if not lead.is_reachable or lead.absorbed_by is not None:
            return
        quality = quality_of(lead, self._at)
        self._sum += quality.score
        self._bands[min(int(quality.score // BANDS), BANDS - 1)] += 1
        for purpose, whole in quality.complete.items():
            self._complete[purpose] += whole
        self._missing.update({path for part in quality.parts for one in part.missing for path in one.fields})
        for part in quality.parts:
            kind, _, group = part.part.partition(".")
            if kind == "freshness":
                self._ages[group][part.age or "nothing"] += 1

    def result(self) -> QualityCounts:
        """Return the counts."""
        leads = self._bands.total()
        missing = sorted(self._missing.items(), key=lambda one: (-one[1], one[0]))
        return QualityCounts(
            leads=leads,
            mean=round(self._sum / leads, 2) if leads else 0.0,
            bands=tuple(self._bands[band] for band in range(BANDS)),
            complete=MappingProxyType(dict(self._complete)),
            missing=MappingProxyType(dict(missing)),
            ages=MappingProxyType({group: {age: ages[age] for age in AGES} for group, ages in self._ages.items()}),
        )


def data_quality(some: Iterable[Journey], at: datetime) -> QualityCounts:
    """Return how good the data of these leads is at a moment."""
    return folded(lambda: QualityFold(at), some)
