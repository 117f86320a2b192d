"""What marketing and sales do with a lead: every move of the lifecycle as a command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from leadflow.decisions.commands import Moved, Step, command
from leadflow.decisions.draft import Decided, Draft
from leadflow.decisions.moving import accepted, close_deal, make_move, open_deal
from leadflow.entities import ActedBy, Deal, LeadId
from leadflow.flow.core import Core
from leadflow.flow.given import acting, amount_of, line_of

__all__ = ["Sales"]


class Sales(Core):
    """Every move of the lifecycle. ``by`` is a rep's id or an ``Actor``; ``at`` is when it happened, if not now."""

    def _command(
        self, name: str, lead_id: LeadId, step: Step, by: ActedBy, at: datetime | None, key: str | None,
        given: Mapping[str, object],
    ) -> Moved:  # fmt: skip
        def decide() -> Decided[Moved]:
            moment, lead = self._moment(by, at), self._lead(lead_id)
            return command(self.policy, moment, lead, self._known(lead, moment.now), step)

        payload = {"command": name, "lead": lead_id, "by": str(acting(by)), "at": at, **given}
        return self._run(decide, Moved, key=key, payload=payload)

    def move(
        self,
        lead_id: LeadId,
        move: str,
        *,
        by: ActedBy,
        to: str | None = None,
        reason: str | None = None,
        revisit: date | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Moved:
        """Make any move of the lifecycle by its name: for moves of your own."""
        name, to = line_of("move", move), None if to is None else line_of("to", to)

        def step(draft: Draft) -> None:
            make_move(draft, name, to=to, reason=reason, revisit=revisit)

        return self._command(name, lead_id, step, by, at, key, {"to": to, "reason": reason, "revisit": revisit})

    def qualify(self, lead_id: LeadId, *, by: ActedBy, reason: str, at: datetime | None = None,
                key: str | None = None) -> Moved:  # fmt: skip
        """Marketing makes a lead an MQL by hand; it is routed at once."""
        return self.move(lead_id, "qualify", by=by, reason=reason, at=at, key=key)

    def accept(self, lead_id: LeadId, *, by: ActedBy, at: datetime | None = None, key: str | None = None) -> Moved:
        """The rep takes the MQL: it becomes a SAL, and the service level's clock stops."""
        return self._command("accept", lead_id, accepted, by, at, key, {})

    def reject(self, lead_id: LeadId, *, by: ActedBy, reason: str, revisit: date, at: datetime | None = None,
               key: str | None = None) -> Moved:  # fmt: skip
        """The rep returns the MQL: it is nurtured on, and looked at again at ``revisit``."""
        return self.move(lead_id, "reject", by=by, reason=reason, revisit=revisit, at=at, key=key)

    def confirm(self, lead_id: LeadId, *, by: ActedBy, at: datetime | None = None, key: str | None = None) -> Moved:
        """The rep has spoken with the lead and confirms it: SAL to SQL."""
        return self.move(lead_id, "confirm", by=by, at=at, key=key)

    def recycle(self, lead_id: LeadId, *, by: ActedBy, reason: str, revisit: date, at: datetime | None = None,
                key: str | None = None) -> Moved:  # fmt: skip
        """The rep gives a lead of sales back to nurturing, with a reason and a date to look again."""
        return self.move(lead_id, "recycle", by=by, reason=reason, revisit=revisit, at=at, key=key)

    def step_back(self, lead_id: LeadId, *, by: ActedBy, reason: str, to: str | None = None,
                  at: datetime | None = None, key: str | None = None) -> Moved:  # fmt: skip
        """The rep takes the lead back to an earlier stage of sales."""
        return self.move(lead_id, "step_back", by=by, reason=reason, to=to, at=at, key=key)

    def fast_track(self, lead_id: LeadId, *, by: ActedBy, to: str, reason: str, at: datetime | None = None,
                   key: str | None = None) -> Moved:  # fmt: skip
        """The lead is further along than its stage says: skip to ``to``."""
        return self.move(lead_id, "fast_track", by=by, to=to, reason=reason, at=at, key=key)

    def promote(self, lead_id: LeadId, *, by: ActedBy, at: datetime | None = None, key: str | None = None) -> Moved:
        """The customer refers others: a promoter."""
        return self.move(lead_id, "promote", by=by, at=at, key=key)

    def settle(self, lead_id: LeadId, *, by: ActedBy, at: datetime | None = None, key: str | None = None) -> Moved:
        """The promoter is a plain customer again."""
        return self.move(lead_id, "settle", by=by, at=at, key=key)

    def lapse(self, lead_id: LeadId, *, by: ActedBy, reason: str, at: datetime | None = None,
              key: str | None = None) -> Moved:  # fmt: skip
        """The customer is one no more, and is nurtured as a former customer."""
        return self.move(lead_id, "lapse", by=by, reason=reason, at=at, key=key)

    def disqualify(self, lead_id: LeadId, *, by: ActedBy, reason: str, at: datetime | None = None,
                   key: str | None = None) -> Moved:  # fmt: skip
        """The lead will not buy; it is kept, and can be reopened."""
        return self.move(lead_id, "disqualify", by=by, reason=reason, at=at, key=key)

    def reopen(self, lead_id: LeadId, *, by: ActedBy, reason: str, at: datetime | None = None,
               key: str | None = None) -> Moved:  # fmt: skip
        """A disqualified lead is nurtured again."""
        return self.move(lead_id, "reopen", by=by, reason=reason, at=at, key=key)

    # ---------------------------------------------------------------------------------------------------- deals
    def open_deal(
        self,
        lead_id: LeadId,
        deal_id: str,
        *,
        by: ActedBy,
        name: str | None = None,
        amount: Decimal | int | float | str | None = None,
        currency: str = "EUR",
        expected: date | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Moved:
        """There is something to sell: an SQL becomes an opportunity; a customer's next deal leaves it a customer."""
        given: dict[str, Any] = {"id": deal_id, "name": name, "currency": currency, "expected": expected}
        given["amount"] = amount_of(amount)

        def step(draft: Draft) -> None:
            open_deal(draft, Deal(**given, opened_at=draft.moment.happened_at))

        return self._command("open_deal", lead_id, step, by, at, key, given)

    def win(
        self,
        lead_id: LeadId,
        deal_id: str | None = None,
        *,
        by: ActedBy,
        amount: Decimal | int | float | str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Moved:
        """The deal is won (the open one, unless named): the opportunity becomes a customer."""
        final = amount_of(amount)

        def step(draft: Draft) -> None:
            close_deal(draft, "won", deal_id, amount=final)

        return self._command("win", lead_id, step, by, at, key, {"deal": deal_id, "amount": final})

    def lose(
        self,
        lead_id: LeadId,
        deal_id: str | None = None,
        *,
        by: ActedBy,
        reason: str,
        revisit: date | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Moved:
        """The deal is lost: the opportunity is nurtured on; ``revisit`` is needed unless it is a customer's deal."""

        def step(draft: Draft) -> None:
            close_deal(draft, "lost", deal_id, reason=reason, revisit=revisit)

        given = {"deal": deal_id, "reason": reason, "revisit": revisit}
        return self._command("lose", lead_id, step, by, at, key, given)
