"""Sales: every move of the lifecycle by marketing and sales, and deals."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from leadflow.decisions.arguments import amount_of, as_invalid_input, line_of, name_of, text_of
from leadflow.decisions.commands.command import LeadCommand, moment_by
from leadflow.decisions.draft import Decided, Draft
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, lead_with
from leadflow.decisions.roster import check_actor, check_may_act
from leadflow.decisions.scoring_context import known_of
from leadflow.decisions.steps import Moved, take_step
from leadflow.decisions.transitions import accepted, change_deal, close_deal, make_move, open_deal, reopen_deal
from leadflow.entities import ActedBy, Deal, LeadId

__all__ = [
    "Accept",
    "ChangeDeal",
    "Lose",
    "MakeMove",
    "OpenDeal",
    "ReopenDeal",
    "SalesCommand",
    "Win",
    "confirm",
    "disqualify",
    "fast_track",
    "lapse",
    "promote",
    "qualify",
    "recycle",
    "reject",
    "reopen",
    "settle",
    "step_back",
]


@dataclass(frozen=True)
class SalesCommand(LeadCommand[Moved]):
    """One step with one lead."""

    answer: ClassVar = Moved

    def payload(self, policy: Policy, now: datetime) -> Mapping[str, object]:
        given = super().payload(policy, now)  # without a note as before there were any: keys outlive an upgrade
        return {name: value for name, value in given.items() if name != "note" or value is not None}

    @property
    @abstractmethod
    def verb(self) -> str:
        """The name by which teams say who may take this step."""

    @abstractmethod
    def step(self, draft: Draft) -> None:
        """Record what happened on a draft of the lead."""

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Moved]]:
        moment = moment_by(now, self.by, self.at)
        check_actor(policy, moment.by)
        lead = yield from lead_with(self.lead_id)
        check_may_act(policy, moment, lead, self.verb)
        known = yield from known_of(policy, lead, now)
        return take_step(policy, moment, lead, known, self.step)


@dataclass(frozen=True)
class MakeMove(SalesCommand):
    """Make any move of the lifecycle by name: for your own moves."""

    move: str
    _: KW_ONLY
    to: str | None = None
    reason: str | None = None
    note: str | None = None
    revisit: date | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        to = None if self.to is None else line_of("to", self.to)
        self._read(move=line_of("move", self.move), to=to, note=text_of("note", self.note))

    @property
    def verb(self) -> str:
        return self.move

    def step(self, draft: Draft) -> None:
        draft.policy.lifecycle.check_reason(self.move, self.reason)
        make_move(draft, self.move, to=self.to, reason=self.reason, note=self.note, revisit=self.revisit)


def qualify(
    lead_id: LeadId,
    *,
    by: ActedBy,
    reason: str,
    note: str | None = None,
    at: datetime | None = None,
    key: str | None = None,
) -> MakeMove:
    """Marketing qualifies a lead by hand; it becomes an MQL and is routed at once."""
    return MakeMove(lead_id, "qualify", by=by, reason=reason, note=note, at=at, key=key)


@dataclass(frozen=True)
class Accept(SalesCommand):
    """The rep accepts the MQL: it becomes a SAL, and the service level's clock stops."""

    verb = "accept"

    def step(self, draft: Draft) -> None:
        accepted(draft)


def reject(
    lead_id: LeadId,
    *,
    by: ActedBy,
    reason: str,
    note: str | None = None,
    revisit: date,
    at: datetime | None = None,
    key: str | None = None,
) -> MakeMove:
    """The rep returns the MQL: it is nurtured again, and evaluated again at ``revisit``."""
    return MakeMove(lead_id, "reject", by=by, reason=reason, note=note, revisit=revisit, at=at, key=key)


def confirm(lead_id: LeadId, *, by: ActedBy, at: datetime | None = None, key: str | None = None) -> MakeMove:
    """The rep has spoken with the lead and confirms it: the SAL becomes an SQL."""
    return MakeMove(lead_id, "confirm", by=by, at=at, key=key)


def recycle(
    lead_id: LeadId,
    *,
    by: ActedBy,
    reason: str,
    note: str | None = None,
    revisit: date,
    at: datetime | None = None,
    key: str | None = None,
) -> MakeMove:
    """The rep returns a lead from sales to nurturing, with a reason and a date on which to look again."""
    return MakeMove(lead_id, "recycle", by=by, reason=reason, note=note, revisit=revisit, at=at, key=key)


def step_back(
    lead_id: LeadId,
    *,
    by: ActedBy,
    reason: str,
    note: str | None = None,
    to: str | None = None,
    at: datetime | None = None,
    key: str | None = None,
) -> MakeMove:
    """The rep moves the lead back to an earlier stage of sales."""
    return MakeMove(lead_id, "step_back", by=by, reason=reason, note=note, to=to, at=at, key=key)


def fast_track(
    lead_id: LeadId,
    *,
    by: ActedBy,
    to: str,
    reason: str,
    note: str | None = None,
    at: datetime | None = None,
    key: str | None = None,
) -> MakeMove:
    """The lead is further along than its stage says: skip to ``to``."""
    return MakeMove(lead_id, "fast_track", by=by, to=to, reason=reason, note=note, at=at, key=key)


def promote(lead_id: LeadId, *, by: ActedBy, at: datetime | None = None, key: str | None = None) -> MakeMove:
    """The customer recommends you to others and becomes a promoter."""
    return MakeMove(lead_id, "promote", by=by, at=at, key=key)


def settle(lead_id: LeadId, *, by: ActedBy, at: datetime | None = None, key: str | None = None) -> MakeMove:
    """The promoter becomes an ordinary customer again."""
    return MakeMove(lead_id, "settle", by=by, at=at, key=key)


def lapse(
    lead_id: LeadId,
    *,
    by: ActedBy,
    reason: str,
    note: str | None = None,
    at: datetime | None = None,
    key: str | None = None,
) -> MakeMove:
    """The customer is lost, and is nurtured as a former customer."""
    return MakeMove(lead_id, "lapse", by=by, reason=reason, note=note, at=at, key=key)


def disqualify(
    lead_id: LeadId,
    *,
    by: ActedBy,
    reason: str,
    note: str | None = None,
    at: datetime | None = None,
    key: str | None = None,
) -> MakeMove:
    """The lead will not buy; it is kept, and can be reopened."""
    return MakeMove(lead_id, "disqualify", by=by, reason=reason, note=note, at=at, key=key)


def reopen(
    lead_id: LeadId,
    *,
    by: ActedBy,
    reason: str,
    note: str | None = None,
    at: datetime | None = None,
    key: str | None = None,
) -> MakeMove:
    """A disqualified lead is nurtured again."""
    return MakeMove(lead_id, "reopen", by=by, reason=reason, note=note, at=at, key=key)


# ------------------------------------------------------------------------------------------------------------- deals
@dataclass(frozen=True)
class OpenDeal(SalesCommand):
    """Open a deal: an SQL becomes an opportunity; a customer with a further deal remains a customer."""

    verb = "open_deal"

    deal_id: str
    _: KW_ONLY
    name: str | None = None
    amount: Decimal | int | float | str | None = None
    currency: str = "EUR"
    expected: date | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(amount=amount_of(self.amount))

    def step(self, draft: Draft) -> None:
        with as_invalid_input():
            deal = Deal(
                id=self.deal_id,
                name=self.name,
                amount=amount_of(self.amount),
                currency=self.currency,
                expected=self.expected,
                opened_at=draft.moment.happened_at,
            )
        open_deal(draft, deal)


@dataclass(frozen=True)
class ChangeDeal(SalesCommand):
    """Put an open deal right (the open one, unless named): its amount, currency, name, or the date it is expected."""

    verb = "change_deal"

    deal_id: str | None = None
    _: KW_ONLY
    amount: Decimal | int | float | str | None = None
    currency: str | None = None
    name: str | None = None
    expected: date | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(deal_id=name_of("deal_id", self.deal_id), amount=amount_of(self.amount))

    def step(self, draft: Draft) -> None:
        change_deal(
            draft,
            self.deal_id,
            amount=self.amount,
            currency=self.currency,
            name=self.name,
            expected=self.expected,
        )


@dataclass(frozen=True)
class ReopenDeal(SalesCommand):
    """A deal that was lost is open again; a lead that went back to nurturing with it is an opportunity again."""

    verb = "reopen_deal"

    deal_id: str | None = None
    _: KW_ONLY
    reason: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(deal_id=name_of("deal_id", self.deal_id), reason=line_of("reason", self.reason))

    def step(self, draft: Draft) -> None:
        reopen_deal(draft, self.deal_id, self.reason)


@dataclass(frozen=True)
class Win(SalesCommand):
    """The deal is won (the open one, unless named): the opportunity becomes a customer."""

    verb = "win"

    deal_id: str | None = None
    _: KW_ONLY
    amount: Decimal | int | float | str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(deal_id=name_of("deal_id", self.deal_id), amount=amount_of(self.amount))

    def step(self, draft: Draft) -> None:
        close_deal(draft, "won", self.deal_id, amount=amount_of(self.amount))


@dataclass(frozen=True)
class Lose(SalesCommand):
    """The deal is lost: the opportunity returns to nurturing; a customer's deal needs no ``revisit``."""

    verb = "lose"

    deal_id: str | None = None
    _: KW_ONLY
    reason: str
    note: str | None = None
    revisit: date | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(deal_id=name_of("deal_id", self.deal_id), note=text_of("note", self.note))

    def step(self, draft: Draft) -> None:
        close_deal(draft, "lost", self.deal_id, reason=self.reason, note=self.note, revisit=self.revisit)
