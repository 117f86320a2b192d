"""Short stories of a lead for the tests of insights: facts in a row, each at its day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from leadflow.entities import Actor, Lead, Route
from leadflow.events import Fact, LeadRouted, StageChanged
from leadflow.testing.builders import a_lead

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNA = Actor(kind="rep", id="anna")
POLICY = Actor(kind="policy")


def day(number: float) -> datetime:
    return START + timedelta(days=number)


class Story:
    """One lead's facts: ``Story("a").at(1, StageChanged, …)``; ``journey`` gives the lead as it stands, with them."""

    def __init__(self, lead_id: str = "lead-1", stage: str = "prospect") -> None:
        self.id, self.stage = lead_id, stage
        self.facts: list[Fact] = []
        self.entered = START

    def at(self, number: float, fact: type[Fact], by: Actor = POLICY, **values: Any) -> Story:
        named = {"lead_id": self.id, "version": len(self.facts) + 1, "actor": by}
        self.facts.append(fact(**named, happened_at=day(number), recorded_at=day(number), **values))
        return self

    def to(self, number: float, target: str, move: str = "move", by: Actor = POLICY, **values: Any) -> Story:
        self.at(number, StageChanged, by, move=move, source=self.stage, target=target, **values)
        self.stage, self.entered = target, day(number)
        return self

    def through(self, *stages: str) -> Story:
        """Go through these stages, one a day."""
        for stage in stages:
            self.to(len(self.facts) + 1, stage)
        return self

    def routed(self, number: float, owner: str | None, turn: int = 1, **values: Any) -> Story:
        return self.at(number, LeadRouted, route=Route(at=day(number), owner=owner, turn=turn, **values))

    def journey(self, **parts: Any) -> tuple[Lead[Any], list[Fact]]:
        stands: dict[str, Any] = {"id": self.id, "stage": self.stage, "created_at": START, "entered_at": self.entered}
        return a_lead(**stands | parts), self.facts
