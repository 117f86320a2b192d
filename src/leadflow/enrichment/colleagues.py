"""The company of a domain, as the other people of that domain have said it: from your own leads, at no cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from leadflow.enrichment.enricher import Enricher
from leadflow.entities import EnrichedValue, Lead
from leadflow.events.enriched_lead import as_said

__all__ = ["CompanyFromColleagues"]

MOST_SURE: Final = 0.9


class CompanyFromColleagues(Enricher):
    """Gives name, legal form, industry, size and country of a company, where most colleagues who said it say the same.

    ``colleagues`` returns the leads of a domain: ``lambda domain: flow.find(field("company.domain") == domain)``. What
    sources filled in counts for nothing. The confidence is the share of those who agree, at most 0.9.
    """

    name = "colleagues"
    needs = ("company.domain",)
    gives = tuple(f"company.{part}" for part in ("name", "legal_form", "industry", "employees", "revenue", "country"))
    keeps = timedelta(days=7)

    def __init__(self, colleagues: Callable[[str], Iterable[Lead[Any]]]) -> None:
        self._colleagues = colleagues

    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        return [self._known(one["company.domain"]) for one in asked]

    def _known(self, domain: str) -> list[EnrichedValue]:
        companies = [as_said(lead).company for lead in self._colleagues(domain)]
        known: list[EnrichedValue] = []
        for path in self.gives:
            said = Counter(value for one in companies if (value := getattr(one, path.partition(".")[2])) is not None)
            for value, times in said.most_common(1):
                if 2 * times > said.total():
                    share = min(times / said.total(), MOST_SURE)
                    known.append(EnrichedValue(path=path, value=value, confidence=share))
        return known
