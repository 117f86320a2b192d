"""How long a lead was in each stage: the latest stay, all stays together, and the number of stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

from leadflow.errors import InvalidInput
from leadflow.events.facts import Fact, StageChanged

__all__ = ["TimeInStage", "stage_entries", "times_in_stage"]


@dataclass(frozen=True, slots=True)
class TimeInStage:
    """The latest stay (continuing in the current stage), all stays together, and how often the stage was entered."""

    latest: timedelta
    cumulative: timedelta
    entered: int


def times_in_stage(entries: Sequence[tuple[str, datetime]], now: datetime) -> Mapping[str, TimeInStage]:
    """The time in each stage up to ``now``, from the entries in order of recording.

    A moment before that of the previous entry counts as the same moment, and none counts as later than ``now``: all
    times add up to the time since the first entry. Entering the current stage again is not a new entry.
    """
    for name, moment in (*entries, ("now", now)):
        if moment.tzinfo is None:
            raise InvalidInput(name, moment, "give a moment with a time zone, for example with tzinfo=UTC")
    times: dict[str, TimeInStage] = {}
    for (stage, start), (_, end) in pairwise([*_in_order(entries, now), ("", now)]):
        before = times.get(stage, TimeInStage(timedelta(0), timedelta(0), 0))
        stay = max(end - start, timedelta(0))
        times[stage] = TimeInStage(stay, before.cumulative + stay, before.entered + 1)
    return times


def _in_order(entries: Iterable[tuple[str, datetime]], now: datetime) -> Iterable[tuple[str, datetime]]:
    present, latest = None, None
    for stage, moment in entries:
        latest = min(moment if latest is None else max(moment, latest), now)
        if stage != present:
            yield stage, latest
        present = stage


def stage_entries(
    facts: Iterable[Fact], created_at: datetime | None = None, present: Mapping[str, str] = MappingProxyType({})
) -> list[tuple[str, datetime]]:
    """Every entry into a stage from a lead's facts, in order; with ``created_at`` including the first.

    ``present`` has the stage that took the place of one that is gone (``Lifecycle.present``).
    """
    moves = [fact for fact in facts if isinstance(fact, StageChanged)]
    moves.sort(key=lambda fact: (fact.version, fact.seq))
    first = [(moves[0].source, created_at)] if moves and created_at is not None else []
    entries = [*first, *((fact.target, fact.happened_at) for fact in moves if fact.source != fact.target)]
    return [(present.get(stage, stage), at) for stage, at in entries]
