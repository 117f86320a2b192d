"""A small company that uses leadflow: rules, a clock that stands until it is moved, an outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from leadflow import BusinessHours, Lead, LeadFlow, Qualification, Rep, Router, ServiceLevel, Territory, field
from leadflow.decisions.derived_records import claims_of, tasks_of
from leadflow.events import StageChanged, replay
from leadflow.nurturing import Content, Sequence, Step
from leadflow.scoring import ScoringModel, half_life, on, points
from standing_oracle import PASSING, Standing, own_keys, retracted

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday

SCORING = ScoringModel(
    name="b2b",
    fit=[
        points(25, field("company.employees") >= 250, because="enterprise"),
        points(20, field("person.seniority").is_in("director", "c-level"), because="can decide"),
        points(-40, field("email.kind") == "disposable", because="throw-away address"),
    ],
    engagement=[
        on("demo_requested", 30, decay=half_life(days=30), cap=60),
        on("page_viewed", 3, cap=20),
    ],
)
QUALIFICATION = Qualification(
    mql=(field("score.fit") >= 40) & (field("score.engagement") >= 25),
    keep=(field("score.fit") >= 40) & (field("score.engagement") >= 10),
    dwell=timedelta(days=7),
)
ROUTER = Router(
    [
        Territory(
            "DACH",
            field("address.country").is_in("DE", "AT", "CH"),
            reps=[Rep("anna", weight=2), Rep("ben", daily_cap=5)],
        )
    ]
)
CONTENTS = (
    Content("welcome", "Welcome {{ person.first_name | default: 'there' }}", "Good to have you."),
    Content("case", "A case for you", "See what others did."),
)
WELCOME = Sequence("welcome", [Step(timedelta(days=1), "welcome"), Step(timedelta(days=3), "case")])
OFFICE = BusinessHours(zone="Europe/Berlin")
SLA = ServiceLevel(stage="mql", within=timedelta(hours=4), hours=OFFICE, remind_before=timedelta(hours=1))

ADA = {
    "email": "ADA@acme.example",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "job_title": "Director of IT",
    "company": "Acme GmbH",
    "employees": 900,
    "country": "DE",
}


def person(number: int) -> dict:
    """One of many colleagues of Ada's, each with a name and an address of their own."""
    return ADA | {"email": f"p{number}@acme.example", "first_name": f"F{number}", "last_name": f"Name{number}"}


def hot_lead(flow: LeadFlow, number: int) -> str:
    """Let one of them become an MQL, which is routed."""
    lead_id = flow.capture(person(number), source="fair").lead_id
    flow.record(lead_id, "demo_requested", id=f"demo {number}")
    return lead_id


def people(flow: LeadFlow, number: int) -> list[str]:
    """Capture some, and return their ids in order, as their tasks come."""
    return sorted(flow.capture(person(n), source="fair").lead_id for n in range(number))


def all_ask_for_demos(flow: LeadFlow, ids: list[str], turn: int) -> None:
    for lead_id in ids:
        flow.record(lead_id, "demo_requested", id=f"{turn}-{lead_id}")


def killed_before_ledgers(flow: Any) -> LeadFlow:
    """Let every further command of this flow end where a kill right after its Change would end it."""
    flow._runner.follow = lambda _: iter(())
    return flow


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class Outbox:
    """A mailer that keeps what it is given, or fails as it is told."""

    def __init__(self) -> None:
        self.sent: list = []
        self.failures: list[Exception] = []

    def send(self, message) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)


def acme_flow(storage, clock, outbox=None, flow=LeadFlow, **more) -> LeadFlow:
    rules = {
        "mailer": outbox,
        "scoring": SCORING,
        "qualification": QUALIFICATION,
        "router": ROUTER,
        "sequences": [WELCOME],
        "contents": CONTENTS,
        "service_levels": [SLA],
        "country": "DE",
        "sender": "Acme <news@acme.example>",
        "unsubscribe_url": "https://acme.example/u?t={token}",
        "secrets": (b"a secret of 16 bytes or more",),
        "clock": clock,
    }
    return flow(storage, **(rules | more))


def consistent(flow: LeadFlow) -> None:
    """Every stored lead is what its facts say, came there by moves of the table, and has its tasks and claims.

    What waits for it and what it holds is compared with what the facts tell the oracle, which is written from the
    documentation. Its engagement state tells the score that all of its activities do. The reps' ledgers count what the
    leads do.
    """
    assert flow.recount() == ()
    for_sales = {stage.name for stage in flow.policy.lifecycle.stages if stage.kind in ("marketing", "sales")}
    for lead in flow.leads():
        facts = flow.storage.facts(lead.id)
        assert replay(facts, flow.policy.lead_type, facts_of=flow.storage.facts) == lead
        if any(fact.kind in ("leads_merged", "leads_unmerged") for fact in facts):
            _has_what_follows(flow, lead)
        else:
            _came_there_by_moves(flow, lead, facts, for_sales)
        done, gone = activities_of(flow, lead), retracted(list(flow.history(lead.id)), {lead.id, *lead.merged})
        assert {one.id for one in done if one.retracted_at is not None} == gone
        if flow.policy.scoring is not None:
            remembered = flow.score(lead.id)
            assert remembered.at is not None
            scanned = flow.policy.scoring.score(lead, [one for one in done if one.id not in gone], remembered.at)
            assert abs(remembered.engagement - scanned.engagement) < 1e-9


def _came_there_by_moves(flow: LeadFlow, lead: Lead, facts: list, for_sales: set[str]) -> None:
    stage = flow.policy.lifecycle.first
    for fact in facts:
        if isinstance(fact, StageChanged):
            assert fact.source == stage
            stage = flow.policy.lifecycle.target(stage, fact.move, actor=fact.actor, to=fact.target)
            assert fact.target == stage
    assert lead.stage == stage
    stands = Standing(facts)
    assert (lead.owner, lead.queue, lead.entered_at) == (stands.owner, stands.queue, stands.entered_at)
    _has_its_tasks(flow, lead, stands.waits(lead.id, for_sales))
    _has_its_claims(flow, lead, stands)


def _has_what_follows(flow: LeadFlow, lead: Lead) -> None:
    """The oracle knows no merges: a merged lead has what the code derives from it, those it absorbed have nothing."""
    there = {task.key for task in flow.storage.tasks(lead_id=lead.id, limit=10_000)}
    assert {key for key in there if key.split(":")[0] not in PASSING} == tasks_of(lead, flow.policy).keys()
    held = flow.storage.holders(claims_of(lead))
    assert held == dict.fromkeys(claims_of(lead), lead.id)
    for one in lead.absorbed:
        left = flow.storage.tasks(lead_id=one, limit=10_000)
        assert [task.key for task in left if task.key.split(":")[0] not in PASSING] == []


def activities_of(flow: LeadFlow, lead: Lead) -> list:
    """What counts as its activities: also those of the leads that were merged into it, the same id once."""
    every = [one for id in (lead.id, *lead.merged) for one in flow.storage.activities(id)]
    once = {one.id: one for one in reversed(every)} | {one.id: one for one in every if one.retracted_at is None}
    return sorted(once.values(), key=lambda one: (one.happened_at, one.id))


def _has_its_tasks(flow: LeadFlow, lead: Lead, waits: dict[str, datetime]) -> None:
    there = {task.key: task for task in flow.storage.tasks(lead_id=lead.id, limit=10_000)}
    there = {key: task for key, task in there.items() if key.split(":")[0] not in PASSING}
    assert there.keys() == waits.keys()
    for key, task in there.items():
        untouched = task.status == "waiting" and task.attempts == 0 and task.error is None
        if untouched and task.kind == "offer":
            assert task.due_at >= waits[key], key
        elif untouched and task.kind != "route":
            assert task.due_at == waits[key], key
        elif untouched:
            assert task.due_at <= waits[key], key
    for absorbed in lead.absorbed:
        left = flow.storage.tasks(lead_id=absorbed, limit=10_000)
        assert [task.key for task in left if task.key.split(":")[0] not in PASSING] == []


def _has_its_claims(flow: LeadFlow, lead: Lead, stands: Standing) -> None:
    own = own_keys(lead)
    assert lead.visitors == tuple(stands.browsers[-100:])
    known = {f"email:{address}" for address in stands.all_addresses} | {f"visitor:{one}" for one in stands.browsers}
    held = flow.storage.holders(own | known)
    assert {key for key, holder in held.items() if holder == lead.id} == own
