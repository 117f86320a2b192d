"""Sales: moves, deals, and why leads were returned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from leadflow.entities import DealStatus, Lead
from leadflow.events import Fact, StageChanged
from leadflow.insights.journeys import Journey, folded

__all__ = ["Deals", "Selling", "SellingFold", "selling"]


@dataclass(frozen=True, slots=True)
class Deals:
    """The deals of one status in one currency; ``amount`` is the sum of the known amounts."""

    status: DealStatus
    currency: str
    count: int = 0
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Selling:
    """How often each move was made; why leads were returned, by move and reason; the current deals."""

    moves: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[tuple[str, str], int] = field(default_factory=dict)
    deals: tuple[Deals, ...] = ()


class SellingFold:
    """Counts moves and deals."""

    def __init__(self) -> None:
        self._moves: Counter[str] = Counter()
        self._reasons: Counter[tuple[str, str]] = Counter()
        self._deals: dict[tuple[DealStatus, str], Deals] = {}

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:
        """Count one lead."""
        for fact in facts:
            if isinstance(fact, StageChanged):
                self._moves[fact.move] += 1
                if fact.reason and (fact.round_ended or fact.move in ("disqualify", "lapse")):
                    self._reasons[fact.move, fact.reason] += 1
        for deal in lead.deals:
            key = deal.status, deal.currency
            known = self._deals.get(key, Deals(*key))
            self._deals[key] = Deals(*key, known.count + 1, known.amount + (deal.amount or 0))

    def result(self) -> Selling:
        """Return the result, most frequent moves first."""
        return Selling(
            _falling(self._moves),
            _falling(self._reasons),
            tuple(self._deals[key] for key in sorted(self._deals)),
        )


def _falling(counts: Counter[Any]) -> dict[Any, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def selling(some: Iterable[Journey]) -> Selling:
    """Return the moves and deals of these leads."""
    return folded(SellingFold, some)
