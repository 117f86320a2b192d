"""The engagement state of a lead: what later scoring needs of its activities, so that old ones need not be read again.

::

    state = EngagementState.of(model, activities, now)
    state = state.after(model, [new_activity], now)          # with each that is new
    model.score(lead, None, now, state=state)                # as if all activities had been given

It depends on the rules' kinds, conditions, decays and limits; points, caps, groups and names may change freely.
Activities that were counted already must not be given again: the state does not know their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from leadflow.entities.behaviour import Activity
from leadflow.scoring.arithmetic import once
from leadflow.scoring.decay import moment, number
from leadflow.scoring.memory import Memory
from leadflow.scoring.plan import plan_of

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel


@dataclass(frozen=True, slots=True)
class EngagementState:
    """What each rule remembers, by a digest of what its memory depends on; rules that look alike share one."""

    memories: Mapping[str, Memory]

    @classmethod
    def of(cls, model: ScoringModel, activities: Iterable[Activity], now: datetime) -> Self:
        """The state after all of these activities, which may come twice and in any order."""
        told, at = list(once(activities)), number(now)
        return cls({one.digest: one.of(told, at) for one in plan_of(model).remembering if one is not None})

    def after(self, model: ScoringModel, new: Iterable[Activity], now: datetime) -> Self:
        """The state with activities that were not there before, however late they come."""
        return self.merged(model, EngagementState.of(model, new, now), now)

    def merged(self, model: ScoringModel, other: EngagementState, now: datetime) -> Self:
        """The state of two sets of activities that have none in common."""
        at, mine, theirs = number(now), self.memories, other.memories
        return type(self)({
            one.digest: one.together(mine[one.digest], theirs[one.digest], at)
            for one in plan_of(model).remembering
            if one is not None and one.digest in mine and one.digest in theirs
        })  # fmt: skip

    def missing(self, model: ScoringModel, now: datetime) -> list[str]:
        """The rules that this state can't tell: they don't compose, are new, or it knows more than was then."""
        plan, at = plan_of(model), number(now)
        return [
            engaging.rule.name
            for engaging, memory in plan.recalling(self.memories)
            if memory is None or not memory.tells(at)
        ]

    def ahead(self, now: datetime) -> list[datetime]:
        """Return when those activities happen that are dated after ``now``, in order."""
        at = number(now)
        return [moment(one) for one, _ in sorted({e for m in self.memories.values() for e in m.kept if e[0] > at})]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values, exactly."""
        return {digest: memory.as_text() for digest, memory in self.memories.items()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The state that these JSON values stand for; what can't be read is missing."""
        memories = {digest: _read(one) for digest, one in value.items()}
        return cls({digest: memory for digest, memory in memories.items() if memory is not None})


def _read(text: object) -> Memory | None:
    """The memory that a text stands for; None for what another version of leadflow may have written there."""
    try:
        return Memory.from_text(text) if isinstance(text, str) else None
    except (ValueError, TypeError):
        return None
