"""Reading the facts of a lead page by page: it may have 100,000."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Final

from leadflow.decisions.reads import Asking, facts
from leadflow.entities import LeadId
from leadflow.events import Fact
from leadflow.flow.effects import Program, emit

__all__ = ["FACTS_PAGE", "FactPages", "facts_of"]

FACTS_PAGE: Final = 500


class FactPages:
    """A cursor over the facts of a lead, oldest first, with at most one page in memory."""

    def __init__(
        self,
        lead_id: LeadId,
        since_version: int = 0,
        *,
        kinds: Collection[str] | None = None,
        page: int = FACTS_PAGE,
    ) -> None:
        self._lead_id, self._since, self._kinds, self._page = lead_id, since_version, kinds, page
        self._read: deque[Fact] = deque()
        self._is_over = False

    def next(self) -> Asking[Fact | None]:
        """Return the next fact; None at the end."""
        if not self._read:
            self._read.extend((yield from self.next_page()))
        return self._read.popleft() if self._read else None

    def next_page(self) -> Asking[list[Fact]]:
        """Return the next facts, all of one version together; none at the end."""
        limit = self._page
        while not self._is_over:
            found = yield from facts(self._lead_id, self._since, kinds=self._kinds, limit=limit)
            self._is_over = len(found) < limit
            whole = found if self._is_over else [fact for fact in found if fact.version < found[-1].version]
            if whole:
                self._since = whole[-1].version
                return whole
            limit *= 2  # one Change with more facts than a page
        return []


def facts_of(
    lead_id: LeadId, since_version: int = 0, *, kinds: Collection[str] | None = None, page: int = FACTS_PAGE
) -> Program[None]:
    """Emit the facts of a lead, oldest first, without keeping them all."""
    pages = FactPages(lead_id, since_version, kinds=kinds, page=page)
    while found := (yield from pages.next_page()):
        for fact in found:
            yield from emit(fact)
