"""Points by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from leadflow.decisions.adjusting import Adjusted, adjust, new_adjustment, withdraw
from leadflow.decisions.draft import Decided
from leadflow.entities import ActedBy, LeadId, ScoreSide
from leadflow.flow.core import Core
from leadflow.flow.given import acting, line_of, moment_of, points_of

__all__ = ["Adjusting"]

ID_LIMIT: Final = 200


class Adjusting(Core):
    """What a person knows of a lead beyond all rules: points given or taken by hand, until a day or for good."""

    def adjust(
        self,
        lead_id: LeadId,
        points: float,
        *,
        reason: str,
        by: ActedBy,
        side: ScoreSide = "engagement",
        until: datetime | None = None,
        at: datetime | None = None,
        id: str | None = None,
        key: str | None = None,
    ) -> Adjusted:
        """Give a lead points by hand, or take some: they count beside those of the rules, within the cap of the side.

        ``by`` is a rep's id, or an ``Actor`` of marketing or the CRM; author and reason stand in every explanation.
        From ``until`` on they no longer count. ``id`` (of your own, else one is made) is for taking them back with
        ``withdraw_adjustment``; the same id twice is one adjustment.
        """
        adjustment_id = line_of("id", id, ID_LIMIT) if id is not None else self.new_id(self._moment().now)
        number, until = points_of(points), None if until is None else moment_of("until", until)
        reason = line_of("reason", reason)

        def decide() -> Decided[Adjusted]:
            moment = self._moment(by, at)
            given = new_adjustment(moment, id=adjustment_id, side=side, points=number, reason=reason, until=until)
            lead = self._lead(lead_id)
            return adjust(self.policy, moment, lead, given, self._known(lead, moment.now))

        payload = {
            "command": "adjust", "lead": lead_id, "points": number, "side": side, "reason": reason,
            "by": str(acting(by)), "until": until, "at": at, "id": id,
        }  # fmt: skip
        return self._run(decide, Adjusted, key=key, payload=payload)

    def withdraw_adjustment(
        self,
        lead_id: LeadId,
        adjustment_id: str,
        *,
        by: ActedBy,
        reason: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Adjusted:
        """Take points by hand back: from now on (or from ``at`` on) they no longer count."""
        adjustment_id = line_of("adjustment_id", adjustment_id)
        reason = None if reason is None else line_of("reason", reason)

        def decide() -> Decided[Adjusted]:
            moment, lead = self._moment(by, at), self._lead(lead_id)
            return withdraw(self.policy, moment, lead, adjustment_id, self._known(lead, moment.now), reason=reason)

        payload = {
            "command": "withdraw_adjustment", "lead": lead_id, "adjustment": adjustment_id, "by": str(acting(by)),
            "reason": reason, "at": at,
        }  # fmt: skip
        return self._run(decide, Adjusted, key=key, payload=payload)
