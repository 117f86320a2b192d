"""The funnel: how many leads reached each stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from leadflow.entities import Lead
from leadflow.errors import InvalidInput
from leadflow.events import Fact
from leadflow.insights.journeys import Journey, folded
from leadflow.lifecycle import DEFAULT, Lifecycle, stage_entries

__all__ = ["Funnel", "FunnelFold", "FunnelStep", "Mode", "funnel"]

Mode = Literal["strict", "reached"]
MODES: Final = ("strict", "reached")


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One stage: leads that got here without skipping one (``strict``), got at least this far, are here now."""

    stage: str
    strict: int = 0
    reached: int = 0
    here: int = 0


@dataclass(frozen=True, slots=True)
class Funnel:
    """The steps in the order of the journey; ``aside`` are the leads outside it (disqualified)."""

    steps: tuple[FunnelStep, ...] = ()
    aside: Mapping[str, int] | None = None

    def counts(self, mode: Mode = "strict") -> dict[str, int]:
        """Return the number of leads per stage.

        ``strict``: a lead counts for a stage if it entered all stages up to it, in order; skipping one drops it from
        all later stages. ``reached``: it counts for every stage up to the furthest that it entered.
        """
        if mode not in MODES:
            raise InvalidInput("mode", mode, f"give one of {', '.join(MODES)}")
        return {step.stage: step.strict if mode == "strict" else step.reached for step in self.steps}


class FunnelFold:
    """Counts journeys; ``stages`` selects some stages (by default all of the journey)."""

    def __init__(self, lifecycle: Lifecycle = DEFAULT, stages: Sequence[str] | None = None) -> None:
        journey = [stage.name for stage in lifecycle.stages if stage.kind != "out"]
        for unknown in set(stages or ()) - set(journey):
            raise InvalidInput("stages", unknown, f"give some of {', '.join(journey)}")
        self._present = lifecycle.present
        self._places = {name: place for place, name in enumerate(journey)}
        self._stages = [name for name in journey if stages is None or name in stages]
        self._strict: Counter[str] = Counter()
        self._reached: Counter[str] = Counter()
        self._here: Counter[str] = Counter()

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:
        """Count one lead."""
        here = self._present.get(lead.stage, lead.stage)
        entered = [stage for stage, _ in stage_entries(facts, lead.created_at, self._present)] or [here]
        self._here[here] += 1
        furthest = max((self._places[stage] for stage in entered if stage in self._places), default=-1)
        self._reached.update(stage for stage in self._stages if self._places[stage] <= furthest)
        self._strict.update(_in_order(self._stages, entered))

    def result(self) -> Funnel:
        """Return the funnel."""
        steps = (FunnelStep(one, self._strict[one], self._reached[one], self._here[one]) for one in self._stages)
        return Funnel(tuple(steps), {one: n for one, n in sorted(self._here.items()) if one not in self._places})


def funnel(
    some: Iterable[Journey],
    mode: Mode = "strict",
    *,
    lifecycle: Lifecycle = DEFAULT,
    stages: Sequence[str] | None = None,
) -> dict[str, int]:
    """Count these leads by stage, both ``strict`` and ``reached``."""
    return folded(lambda: FunnelFold(lifecycle, stages), some).counts(mode)


def _in_order(stages: Sequence[str], entered: Iterable[str]) -> list[str]:
    """Return the stages that were entered in order, up to the first that was skipped."""
    passed = 0
    for stage in entered:
        if passed < len(stages) and stage == stages[passed]:
            passed += 1
    return list(stages[:passed])
