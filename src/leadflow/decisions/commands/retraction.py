"""Retraction: activities that were a bot's, or recorded by mistake, stop counting; they are kept, with a fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final

from leadflow.conditions import Condition, Node, bind, condition_from, evaluate, leaves, to_json
from leadflow.decisions.answers import Answer
from leadflow.decisions.arguments import line_of, lines_of
from leadflow.decisions.commands.command import LeadCommand, moment_by
from leadflow.decisions.consequences import follow_up
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, activities_of, activity_copies, lead_with
from leadflow.decisions.roster import check_actor
from leadflow.decisions.scoring_context import known_from
from leadflow.entities import Activity, Lead
from leadflow.errors import InvalidInput, NotFound
from leadflow.events import ActivityRetracted, Change

__all__ = ["Retract", "Retracted"]

AT_ONCE: Final = 10_000


class Retracted(Answer):
    """The activities that no longer count; ``repeated``: all of them were retracted before, nothing was written."""

    nothing = MappingProxyType({"repeated": True})

    activities: tuple[str, ...] = ()
    repeated: bool = False


@dataclass(frozen=True)
class Retract(LeadCommand[Retracted]):
    """Let activities of a bot, or recorded by mistake, count for nothing any more; they are kept, and so are their ids.

    ``activity`` is an id, several, or a condition: ``(activity("source") == "crawler") & (activity("kind") ==
    "page_viewed")``. The lead is scored as if they had never been; what follows from a lower score is what follows from
    ageing. The same id recorded again is a repetition: it stays retracted. ``NotFound`` for an id that the lead has no
    activity of.
    """

    answer: ClassVar = Retracted

    activity: str | Iterable[str] | Condition
    _: KW_ONLY
    reason: str

    def __post_init__(self) -> None:
        super().__post_init__()
        asked = self.activity
        which = condition_from(asked) if isinstance(asked, Node | Mapping) else lines_of("activity", asked)
        if isinstance(which, Node) and not any(leaf.scope == "activity" for leaf in leaves(which)):
            raise InvalidInput("activity", str(which), "it looks at no activity; write activity(…) instead of field(…)")
        self._read(activity=which, reason=line_of("reason", self.reason))

    def payload(self, policy: Policy, now: datetime) -> Mapping[str, object]:
        given = dict(super().payload(policy, now))
        return given | ({"activity": to_json(self.activity)} if isinstance(self.activity, Node) else {})

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Retracted]]:
        moment = moment_by(now, self.by, self.at)
        check_actor(policy, moment.by)
        lead = yield from lead_with(self.lead_id)
        every = yield from activities_of(lead)
        found = self._asked(lead, every, now)
        asked = [one for one in found if one.retracted_at is None]
        if not asked:
            return Decided(Change(), Retracted(lead_id=lead.id, repeated=bool(found)))
        if len(asked) > AT_ONCE:
            raise InvalidInput("activity", f"{len(asked):,} activities", f"retract at most {AT_ONCE:,} at once")
        gone = {one.id for one in asked}
        known = yield from known_from(policy, lead, [one for one in every if one.id not in gone], now)
        draft = Draft.of(lead, policy, moment)
        for one in asked:
            draft.say(ActivityRetracted, activity_id=one.id, activity=one.kind, reason=self.reason)
        copies = yield from activity_copies(lead, gone)
        draft.activities += [one.but(retracted_at=draft.recorded_at) for one in copies if one.retracted_at is None]
        follow_up(draft, known)
        return Decided(change_of(draft), Retracted(lead_id=lead.id, activities=tuple(one.id for one in asked)))

    def _asked(self, lead: Lead[Any], every: list[Activity], now: datetime) -> list[Activity]:
        if isinstance(self.activity, Node):
            where = bind(self.activity, type(lead))
            return [one for one in every if evaluate(where, lead, now, one) is True]
        there = {one.id: one for one in every}
        for id in self.activity:
            if id not in there:
                raise NotFound("activity of this lead", id)
        return [there[id] for id in dict.fromkeys(self.activity)]
