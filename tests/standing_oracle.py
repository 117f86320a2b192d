"""How a lead must stand by its facts: what waits for it, and what it alone may hold.

Written from the documentation (the design's "What always holds", ``docs/lifecycle.md``, ``docs/promises.md``), fact by
fact; it shares no code with what writes leads, tasks and claims.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from leadflow import events as e
from leadflow.entities import Lead

PASSING = ("fate", "deliver", "notify", "uncertain", "ledger")
"""Kinds of tasks that do not follow from how a lead stands, but from one Change."""
AT_ONCE = timedelta(seconds=30)
"""So long a command may take to route a lead before the task does."""


class Standing:
    """One lead as its facts tell it, taken one after the other."""

    def __init__(self, facts: Iterable[e.Fact]) -> None:
        self.stage = "prospect"
        self.owner: str | None = None
        self.queue: str | None = None
        self.next_offer: datetime | None = None
        self.revisit: str | None = None
        self.entered_at: datetime | None = None
        self.cool_at: datetime | None = None
        self.qualify_at: datetime | None = None
        self.awaited_at: datetime | None = None
        self.deadline: datetime | None = None
        self.by_hand: dict[str, datetime | None] = {}
        self.due_steps: dict[str, datetime] = {}
        self.browsers: list[str] = []
        self.all_addresses: set[str] = set()
        for fact in facts:
            self.entered_at = self.entered_at or fact.happened_at
            self._who(fact)
            self._where(fact)
            self._plans(fact)

    def _who(self, fact: e.Fact) -> None:
        match fact:
            case e.LeadCaptured() | e.DetailsCorrected():
                emails: Any = fact.details.get("emails", ())
                self.all_addresses |= {one["address"] for one in emails if one.get("address")}
            case e.VisitorSeen():
                self.browsers.append(fact.visitor)
            case e.VisitorMoved():
                self.browsers = [one for one in self.browsers if one != fact.visitor]
                self.browsers += [fact.visitor] if fact.to in (None, fact.lead_id) else []
            case e.VisitorAbsorbed() if fact.into == fact.lead_id:
                self.browsers += [one for one in fact.visitors if one not in self.browsers]
                self.by_hand |= {one.id: one.until for one in fact.adjustments if not one.ended}

    def _where(self, fact: e.Fact) -> None:
        match fact:
            case e.StageChanged():
                self.stage, self.entered_at = fact.target, fact.happened_at
                self.revisit = fact.revisit
                self.cool_at = self.qualify_at = None  # planned for the stage that was left
            case e.RevisitDue():
                self.revisit = None
            case e.LeadRouted():
                self.owner, self.queue = fact.route.owner, fact.route.queue
                self.next_offer = fact.route.next_offer_at
            case e.OwnerReleased():
                self.owner = self.queue = None
            case e.DeadlineSet():
                self.deadline = fact.deadline.remind_at or fact.deadline.due_at
            case e.DeadlineReminded():
                self.deadline = fact.due_at
            case e.DeadlineBreached() | e.DeadlineMet():
                self.deadline = None

    def _plans(self, fact: e.Fact) -> None:
        match fact:
            case e.CoolingPlanned():
                self.cool_at = fact.cool_at
            case e.QualifyingPlanned():
                self.qualify_at = fact.qualify_at
            case e.MomentAwaited():
                self.awaited_at = fact.awaited_at
            case e.ScoreAdjusted():
                self.by_hand[fact.adjustment.id] = fact.adjustment.until
            case e.AdjustmentEnded():
                self.by_hand.pop(fact.adjustment_id, None)
            case e.EnrolmentChanged():
                self.due_steps.pop(fact.enrolment.sequence, None)
                if fact.enrolment.due_at is not None:
                    self.due_steps[fact.enrolment.sequence] = fact.enrolment.due_at

    def waits(self, lead_id: str, for_sales: Iterable[str]) -> dict[str, datetime]:
        """Return the keys of the tasks that must wait, each with when it is due; ``for_sales`` are stages."""
        found: dict[str, datetime | None] = {
            "cool": self.cool_at,
            "qualify": self.qualify_at,
            "awaited": self.awaited_at,
            "deadline": self.deadline,
            "revisit": datetime.combine(date.fromisoformat(self.revisit), time(), UTC) if self.revisit else None,
            "adjustment": min((until for until in self.by_hand.values() if until), default=None),
        }
        if self.stage in for_sales and not (self.owner or self.queue) and self.entered_at:
            found["route"] = self.entered_at + AT_ONCE
        if self.stage in for_sales and self.queue and not self.owner:
            found["offer"] = self.next_offer
        keyed = {f"{kind}:{lead_id}": due for kind, due in found.items() if due is not None}
        return keyed | {f"nurture:{lead_id}:{sequence}": due for sequence, due in self.due_steps.items()}


def retracted(facts: Collection[e.Fact], merged: Collection[str] = ()) -> set[str]:
    """Return the ids of the activities that count for nothing any more; what went to one that is ``merged`` counts."""
    moved = {(one.into, one.version) for one in facts if isinstance(one, e.LeadsUnmerged) and one.absorbed in merged}
    gone = (fact for fact in facts if isinstance(fact, e.ActivityRetracted))
    return {fact.activity_id for fact in gone if (fact.lead_id, fact.version) not in moved}


def own_keys(lead: Lead[Any], newest_browsers: int = 100) -> set[str]:
    """Return the claims that are this lead's alone.

    Personal addresses that are the main one of a submission or verified; ids elsewhere; browsers it was last seen on.
    """
    addresses = {f"email:{one.address}" for one in lead.emails if one.claimed and one.kind != "role" and one.address}
    elsewhere = set()
    for one in lead.external_ids:
        system = one.system.replace("%", "%25").replace(":", "%3A")  # a colon would end it
        elsewhere.add(f"external:{system}:{one.id}")
    return addresses | elsewhere | {f"visitor:{one}" for one in lead.visitors[-newest_browsers:]}
