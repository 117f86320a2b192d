"""Findings: defects in the data as it came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from leadflow.entities import Lead, Severity
from leadflow.events import Fact, LeadCaptured
from leadflow.insights.journeys import Journey, folded

__all__ = ["Defect", "FindingFold", "findings"]

ORDER: Final = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Defect:
    """A kind of finding: the number of submissions and of leads with it."""

    code: str
    severity: Severity
    fields: tuple[str, ...]
    count: int
    leads: int


class FindingFold:
    """Counts the findings of all submissions."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Severity, str]] = Counter()
        self._leads: Counter[tuple[Severity, str]] = Counter()
        self._fields: dict[tuple[Severity, str], Counter[str]] = {}

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:  # noqa: ARG002 (a fold takes both)
        """Count one lead."""
        here = set()
        for finding in (one for fact in facts if isinstance(fact, LeadCaptured) for one in fact.findings):
            kind = (finding.severity, finding.code)
            here.add(kind)
            self._counts[kind] += 1
            self._fields.setdefault(kind, Counter())[finding.field] += 1
        self._leads.update(here)

    def result(self) -> tuple[Defect, ...]:
        """Return the kinds, worst first, then most frequent; likewise their fields."""
        kinds = sorted(self._counts, key=lambda kind: (ORDER.index(kind[0]), -self._counts[kind], kind[1]))
        return tuple(self._defect(kind) for kind in kinds)

    def _defect(self, kind: tuple[Severity, str]) -> Defect:
        fields = sorted(self._fields[kind].items(), key=lambda pair: (-pair[1], pair[0]))
        return Defect(kind[1], kind[0], tuple(name for name, _ in fields), self._counts[kind], self._leads[kind])


def findings(some: Iterable[Journey]) -> tuple[Defect, ...]:
    """Return the kinds of findings from the submissions of these leads."""
    return folded(FindingFold, some)
