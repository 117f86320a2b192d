"""Past leads with their outcomes, for backtests: who was won, who was lost, and when to score them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from leadflow.entities import Activity, Lead, utc
from leadflow.events import ActivityRecorded, Fact, LeadsMerged, StageChanged, VisitorAbsorbed, as_recorded
from leadflow.insights.journeys import journeys
from leadflow.lifecycle import DEFAULT, Lifecycle
from leadflow.ports import Storage
from leadflow.scoring.backtests import PastLead

__all__ = ["as_it_happened", "history_of"]

LOST: Final = ("lose",)


def history_of(
    storage: Storage,
    lifecycle: Lifecycle = DEFAULT,
    *,
    scored_at: str = "lead",
    after: timedelta = timedelta(0),
    within: timedelta | None = None,
    lost: Collection[str] = LOST,
    imported: bool = False,
    now: datetime | None = None,
) -> Iterator[PastLead]:
    """The leads of a storage with a known outcome, each as it was known when it first entered a stage.

    By default that stage is ``lead``: the moment from which it could be reached. ``after`` shifts the moment, so that
    there is some behaviour to score. **Won** leads became customers after the moment; **lost** ones were disqualified,
    or made one of the moves ``lost``, and have neither returned nor bought since. All others are open and left out, and
    so are leads that were decided before the moment.

    With ``within``, the outcome is the one after this much time: leads that are still open then count as lost, and
    leads younger than that at ``now`` (by default the clock's) are left out. Without it, leads that stay open for ever
    are missing, and rates look better than they are.

    ``imported`` treats everything as recorded when it happened: for a history that was imported at once.
    """
    lifecycle.stage(scored_at)
    present = datetime.now(UTC) if now is None else utc(now)
    reading = _Reading(storage, lifecycle, scored_at, after, within, frozenset(lost), imported, present)
    for lead, facts in journeys(storage):
        past = reading.past(lead, facts)
        if past is not None:
            yield past


@dataclass(frozen=True, slots=True)
class _Reading:
    """How to read a journey: from when, until when, what counts as lost."""

    storage: Storage
    lifecycle: Lifecycle
    scored_at: str
    after: timedelta
    within: timedelta | None
    lost: frozenset[str]
    imported: bool
    now: datetime
    kinds: dict[str, str | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.kinds.update({stage.name: stage.kind for stage in self.lifecycle.stages})

    def past(self, lead: Lead[Any], facts: Sequence[Fact]) -> PastLead | None:
        """The lead at its moment, with its outcome; None if it did not get that far, or if the outcome is open."""
        known = as_it_happened(facts) if self.imported else as_recorded(facts, self.now)
        moves = [fact for fact in known if isinstance(fact, StageChanged) and fact.recorded_at <= self.now]
        moment = self._moment(known, moves)
        if moment is None or moment > self.now:
            return None
        before = [fact for fact in moves if fact.recorded_at <= moment]
        if before and self.kinds.get(before[-1].target) in ("customer", "out"):
            return None
        won = self._outcome(moment, [fact for fact in moves if fact.recorded_at > moment])
        if won is None:
            return None
        activities = self._activities(lead, known)
        seen = [fact for fact in known if fact.recorded_at <= moment]
        activities = [
            one.but(retracted_at=None) if one.retracted_at is not None and one.retracted_at > moment else one
            for one in activities
        ]
        return PastLead.of_facts(
            seen, at=moment, won=won, activities=activities, lead_type=type(lead), facts_of=self.storage.facts
        )

    def _moment(self, facts: Sequence[Fact], moves: Sequence[StageChanged]) -> datetime | None:
        if self.scored_at == self.lifecycle.first and facts:
            return facts[0].recorded_at + self.after
        entries = (fact for fact in moves if self.scored_at in (fact.target, *fact.skipped))
        first = next(entries, None)
        return None if first is None else first.recorded_at + self.after

    def _outcome(self, moment: datetime, moves: Sequence[StageChanged]) -> bool | None:
        end = self.now if self.within is None else moment + self.within
        if end > self.now:  # even if it is decided: otherwise only the quick ones among the young leads would count
            return None
        lost = False
        for fact in moves:
            if fact.recorded_at > end:
                break
            kind = self.kinds.get(fact.target)
            if kind == "customer":
                return True
            if kind == "out" or fact.move in self.lost:
                lost = True
            elif self.kinds.get(fact.source) == "out":
                lost = False
        return False if lost or self.within is not None else None

    def _activities(self, lead: Lead[Any], facts: Sequence[Fact]) -> list[Activity]:
        """The lead's activities, known since their facts; those of an absorbed visitor, since it was absorbed."""
        activities = self.storage.activities(lead.id)
        activities += [one for absorbed in lead.merged for one in self.storage.activities(absorbed)]
        if self.imported:
            return [one.but(recorded_at=one.happened_at) for one in activities]
        own = {fact.activity_id: fact.recorded_at for fact in facts if isinstance(fact, ActivityRecorded)}
        activities = [one.but(recorded_at=min(one.recorded_at, own.get(one.id, one.recorded_at))) for one in activities]
        since = {
            one.id: fact.recorded_at
            for fact in facts
            if isinstance(fact, VisitorAbsorbed | LeadsMerged) and fact.into == lead.id
            for one in self.storage.activities(fact.absorbed)
        }
        return [one.but(recorded_at=max(one.recorded_at, since.get(one.id, one.recorded_at))) for one in activities]


def as_it_happened(facts: Sequence[Fact]) -> list[Fact]:
    """The facts as if each had been recorded when it happened, in that order."""
    told = sorted(facts, key=lambda fact: (fact.happened_at, fact.version, fact.seq))
    return [fact.but(recorded_at=fact.happened_at) for fact in told]
