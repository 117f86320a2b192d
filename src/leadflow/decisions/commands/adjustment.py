"""Points by hand: what a person knows of a lead beyond all rules, temporarily or permanently."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import ClassVar, Final

from leadflow.decisions.adjustments import Adjusted, adjust, new_adjustment, withdraw
from leadflow.decisions.arguments import line_of, moment_of, points_of
from leadflow.decisions.commands.command import LeadCommand, moment_by
from leadflow.decisions.draft import Decided
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, lead_with, new_id
from leadflow.decisions.roster import check_actor
from leadflow.decisions.scoring_context import known_of
from leadflow.entities import ScoreSide

__all__ = ["Adjust", "WithdrawAdjustment"]

ID_LIMIT: Final = 200


@dataclass(frozen=True)
class Adjust(LeadCommand[Adjusted]):
    """Give a lead points by hand, or take some: they are added to those of the rules, within the cap of the side.

    ``by`` is a rep's id, or an ``Actor`` of marketing or the CRM; author and reason appear in every explanation.
    From ``until`` on they no longer count. ``id`` (your own, or generated) is for withdrawing them with
    ``withdraw_adjustment``; the same id twice is one adjustment.
    """

    answer: ClassVar = Adjusted

    points: float
    _: KW_ONLY
    reason: str
    side: ScoreSide = "engagement"
    until: datetime | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(
            points=points_of(self.points),
            reason=line_of("reason", self.reason),
            until=None if self.until is None else moment_of("until", self.until),
            id=None if self.id is None else line_of("id", self.id, ID_LIMIT),
        )

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Adjusted]]:
        moment = moment_by(now, self.by, self.at)
        check_actor(policy, moment.by)
        given = new_adjustment(
            moment,
            id=self.id if self.id is not None else (yield from new_id()),
            side=self.side,
            points=self.points,
            reason=self.reason,
            until=self.until,
        )
        lead = yield from lead_with(self.lead_id)
        return adjust(policy, moment, lead, given, (yield from known_of(policy, lead, now)))


@dataclass(frozen=True)
class WithdrawAdjustment(LeadCommand[Adjusted]):
    """Withdraw points by hand: from now on (or from ``at`` on) they no longer count."""

    answer: ClassVar = Adjusted

    adjustment_id: str
    _: KW_ONLY
    reason: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(
            adjustment_id=line_of("adjustment_id", self.adjustment_id),
            reason=None if self.reason is None else line_of("reason", self.reason),
        )

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Adjusted]]:
        lead = yield from lead_with(self.lead_id)
        known = yield from known_of(policy, lead, now)
        moment = moment_by(now, self.by, self.at)
        check_actor(policy, moment.by)
        return withdraw(policy, moment, lead, self.adjustment_id, known, reason=self.reason)
