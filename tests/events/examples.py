"""One fact of every kind, and what it does to a lead: written by hand, field by field."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from acme import START
from leadflow import events as e
from leadflow.entities import (
    Actor,
    Adjustment,
    Company,
    Confirmation,
    Confirmed,
    Consent,
    Deadline,
    Deal,
    Email,
    EnrichedValue,
    Enrichment,
    Enrolment,
    Finding,
    Lead,
    Person,
    Placement,
    Route,
    Score,
    Touch,
    Twin,
    lead_json,
)  # fmt: skip

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ANNA = Actor(kind="rep", id="anna")
PLACE: dict[str, Any] = {"lead_id": "lead-1", "version": 4, "happened_at": NOW - DAY, "recorded_at": NOW, "actor": ANNA}

DOUBT = Finding(code="doubt", field="email", severity="note", message="look at it")
TOUCH = Touch(at=NOW, source="fair")
EMAIL = Email(address="ada@acme.example", domain="acme.example", verified=True)
GIVEN = Adjustment(id="a", side="engagement", points=5, because="met", by=ANNA, at=NOW)
YES = Consent(purpose="newsletter", channel="email", status="given", at=NOW, proof="form", recorded_at=NOW)
DEAL = Deal(id="d1", opened_at=NOW)
DUE = Deadline(stage="mql", due_at=NOW + DAY, remind_at=NOW)
STEP = Enrolment(sequence="welcome", due_at=NOW + DAY)
TWIN = Twin(lead_id="bob", likeness=0.5)
ROUTE = Route(at=NOW, owner="anna", territory="DACH", turn=1)
SCORE = Score(fit=40, at=NOW)
REGISTER, IP = Enrichment(source="register", at=NOW), Enrichment(source="ip", at=NOW)
KNOWN = EnrichedValue(path="company.employees", value=9)
MESSAGE = {"message": "lead-1.welcome.1.0", "content": "welcome"}

BEFORE = Lead(
    id="lead-1", version=3, created_at=NOW - 9 * DAY, recorded_at=NOW - DAY, stage="mql", entered_at=NOW - 2 * DAY,
    emails=(EMAIL,), owner="ben", queue="unrouted", reason="old", revisit=date(2026, 4, 1), rounds=1,
    cool_at=NOW + DAY, qualify_at=NOW + DAY, awaited_at=NOW + DAY, deadline=DUE, visitors=("c1",), findings=(DOUBT,),
    adjustments=(GIVEN,), deals=(DEAL,), enrolments=(STEP,), twins=(TWIN,), acted_in=2,
    enrichments=(REGISTER,),
)  # fmt: skip
"""A lead to which each of them means something."""

RESTORED = Lead(id="lead-1", created_at=NOW - 9 * DAY, recorded_at=NOW, stage="lead", interests=("pumps",))

EFFECTS: list[tuple[e.Fact, dict[str, Any]]] = [
    (
        e.LeadCaptured(
            **PLACE, source="web", details={"person": {"last_name": "Lovelace"}, "interests": ["cranes"]}, touch=TOUCH
        ),
        {
            "source": "web", "person": Person(last_name="Lovelace"), "interests": ("cranes",), "touches": (TOUCH,),
            "confirmed": Confirmed(person=Confirmation(at=NOW - DAY, by="submission")),
        },
    ),
    (
        e.LeadCaptured(**PLACE, source="web", repeats=("email",)),
        {"source": "web", "confirmed": Confirmed(email=Confirmation(at=NOW - DAY, by="submission"))},
    ),
    (e.VisitorSeen(**PLACE, visitor="c2"), {"visitors": ("c1", "c2")}),
    (
        e.VisitorAbsorbed(**PLACE, absorbed="visitor-1", into="lead-1", visitors=("c1", "c2")),
        {"absorbed": ("visitor-1",), "visitors": ("c1", "c2"), "acted_in": 4},
    ),
    (
        e.VisitorAbsorbed(**PLACE, absorbed="lead-1", into="lead-2", visitors=("c1",)),
        {"absorbed_by": "lead-2", "visitors": ()},
    ),
    (e.VisitorMoved(**PLACE, visitor="c2"), {"visitors": ("c1", "c2")}),
    (e.VisitorMoved(**PLACE, visitor="c1", to="lead-2"), {"visitors": ()}),
    (
        e.AddressTakenOver(**PLACE, address="ada@acme.example", to="vera", finding=DOUBT.but(code="taken")),
        {"emails": (EMAIL.but(claimed=False, verified=False),), "findings": (DOUBT, DOUBT.but(code="taken"))},
    ),
    (
        e.DetailsCorrected(**PLACE, details={"emails": [{"address": "x@y.z"}]}),
        {
            "emails": (Email(address="x@y.z"),),
            "confirmed": Confirmed(email=Confirmation(at=NOW - DAY, by="correction")),
        },
    ),
    (e.DetailsCorrected(**PLACE, details={}, emptied=("need",)), {"left_blank": ("need",)}),
    (
        e.LeadEnriched(**PLACE, enrichment=REGISTER.but(values=(KNOWN, KNOWN.but(path="need", value="pumps")))),
        {
            "enrichments": (REGISTER.but(values=(KNOWN, KNOWN.but(path="need", value="pumps"))),),
            "enriched": ("company.employees", "need"), "company": Company(employees=9), "need": "pumps",
        },
    ),
    (e.LeadEnriched(**PLACE, enrichment=IP), {"enrichments": (REGISTER, IP)}),
    (e.EnrichmentWithdrawn(**PLACE, source="register"), {"enrichments": (), "withdrawn_sources": ("register",)}),
    (e.EnrichmentWithdrawn(**PLACE, source="another"), {"withdrawn_sources": ("another",)}),
    (e.FindingsNoted(**PLACE, findings=(DOUBT, DOUBT.but(code="more"))), {"findings": (DOUBT, DOUBT.but(code="more"))}),
    (e.ActivityRecorded(**PLACE, activity_id="p1", activity="page_viewed"), {"acted_in": 4}),
    (e.ActivityRetracted(**PLACE, activity_id="p1", activity="page_viewed", reason="a bot"), {"acted_in": 4}),
    (e.LeadScored(**PLACE, score=SCORE), {"score": SCORE}),
    (e.ScoreAdjusted(**PLACE, adjustment=GIVEN.but(id="b")), {"adjustments": (GIVEN, GIVEN.but(id="b"))}),
    (e.AdjustmentEnded(**PLACE, adjustment_id="a"), {"adjustments": (GIVEN.but(until=NOW - DAY, ended=True),)}),
    (
        e.StageChanged(**PLACE, move="recycle", source="mql", target="lead", reason="no budget", revisit="2027-01-15",
                       round_ended=True),
        {"stage": "lead", "entered_at": NOW - DAY, "last_move": "recycle", "moved_by": "rep", "reason": "no budget",
         "revisit": date(2027, 1, 15), "rounds": 2, "cool_at": None, "qualify_at": None},
    ),
    (
        e.StageChanged(**PLACE, move="accept", source="mql", target="sal"),
        {"stage": "sal", "entered_at": NOW - DAY, "last_move": "accept", "moved_by": "rep", "reason": None,
         "revisit": None, "cool_at": None, "qualify_at": None},
    ),
    (e.RevisitDue(**PLACE), {"revisit": None}),
    (e.CoolingPlanned(**PLACE, cool_at=NOW), {"cool_at": NOW}),
    (e.QualifyingPlanned(**PLACE, qualify_at=None), {"qualify_at": None}),
    (e.MomentAwaited(**PLACE, awaited_at=None), {"awaited_at": None}),
    (e.LeadRouted(**PLACE, route=ROUTE), {"route": ROUTE, "owner": "anna", "queue": None}),
    (e.OwnerReleased(**PLACE, owner="ben"), {"owner": None, "queue": None}),
    (e.ConsentChanged(**PLACE, consent=YES), {"consents": (YES,)}),
    (e.ConsentChanged(**PLACE, consent=YES.but(recorded_at=None)), {"consents": (YES,)}),
    (e.DealChanged(**PLACE, deal=DEAL.but(status="won")), {"deals": (DEAL.but(status="won"),)}),
    (e.DealChanged(**PLACE, deal=DEAL.but(id="d2")), {"deals": (DEAL, DEAL.but(id="d2"))}),
    (e.DeadlineSet(**PLACE, deadline=DUE.but(due_at=NOW)), {"deadline": DUE.but(due_at=NOW)}),
    (e.DeadlineReminded(**PLACE, stage="mql", due_at=NOW), {"deadline": DUE.but(remind_at=None)}),
    (e.DeadlineBreached(**PLACE, stage="mql", due_at=NOW), {"deadline": DUE.but(remind_at=None, breached=True)}),
    (e.DeadlineMet(**PLACE, stage="mql", due_at=NOW), {"deadline": None}),
    (e.EnrolmentChanged(**PLACE, enrolment=STEP.but(step=1)), {"enrolments": (STEP.but(step=1),)}),
    (e.MessageClaimed(**PLACE, **MESSAGE), {}),
    (
        e.MessageSent(**PLACE, **MESSAGE),
        {"confirmed": Confirmed(email=Confirmation(at=NOW - DAY, by="delivery"))},
    ),
    (
        e.MessageFailed(**PLACE, **MESSAGE, error="550", bounced=True),
        {"confirmed": Confirmed(email=Confirmation(at=NOW - DAY, by="bounce"))},
    ),
    (e.MessageFailed(**PLACE, **MESSAGE, error="550"), {}),
    (e.MessageUncertain(**PLACE, **MESSAGE, error="lost"), {}),
    (e.MessageSkipped(**PLACE, **MESSAGE, reasons=("no consent",)), {}),
    (e.ContactDue(**PLACE, **MESSAGE), {}),
    (e.TwinSuspected(**PLACE, twin=TWIN.but(likeness=0.9)), {"twins": (TWIN.but(likeness=0.9),)}),
    (
        e.LeadsMerged(**PLACE, absorbed="bob", absorbed_version=2, into=PLACE["lead_id"], into_version=3),
        {"absorbed": ("bob",), "merged": ("bob",), "acted_in": PLACE["version"]},
    ),
    (
        e.LeadsUnmerged(
            **PLACE, absorbed="bob", into=PLACE["lead_id"], merged_version=2, lead=json.loads(lead_json(RESTORED))
        ),
        {**dict(RESTORED), "id": BEFORE.id, "acted_in": PLACE["version"]},
    ),
    (
        e.AccountChanged(**PLACE, placement=Placement(account="acme.example")),
        {"placement": Placement(account="acme.example")},
    ),
    (e.TwinDismissed(**PLACE, other=TWIN.lead_id), {"twins": (), "not_same": (TWIN.lead_id,)}),
    (e.LeadErased(**PLACE), {}),
]  # fmt: skip
"""Each fact with the fields that it changes on that lead, and what they are then; all others stay."""
FACTS = [fact for fact, _ in EFFECTS]


def recorded_on(lead_id: str, days: list[int]) -> list[e.ActivityRecorded]:
    """Facts of one lead, each recorded on a day."""
    return [
        e.ActivityRecorded(
            lead_id=lead_id, version=nr, happened_at=START, recorded_at=START + DAY * one,
            actor=Actor(kind="system"), activity_id=f"a{nr}", activity="page_viewed",
        )
        for nr, one in enumerate(days, 1)
    ]  # fmt: skip
