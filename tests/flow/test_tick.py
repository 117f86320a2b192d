from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from acme import ADA, acme_flow, consistent
from leadflow import DefinitionError, Lead, LeadErased, LeadFlow, LeadflowError, NotFound, Refused, StageChanged, events
from leadflow.adapters.memory import MemoryStorage
from leadflow.errors import Deferred, Rejected, Uncertain
from leadflow.nurturing import Sequence, Step


@pytest.fixture
def subscriber(flow, ada):
    flow.consent(ada, "newsletter", "email", proof="double opt-in 2026-03-02")
    return ada


def messages(flow, lead_id, kind=events.Fact):
    return [f for f in flow.history(lead_id) if isinstance(f, kind) and f.kind.startswith("message")]


def test_without_consent_nothing_is_sent(flow, ada, outbox, clock):
    clock.advance(days=30)
    flow.run_due()
    assert outbox.sent == []
    assert flow.get(ada).enrolments == ()


def test_a_sequence_goes_step_by_step_with_a_way_out_in_every_mail(flow, subscriber, outbox, clock):
    clock.advance(days=1)
    flow.run_due()
    clock.advance(days=3)
    flow.run_due()
    assert [m.subject for m in outbox.sent] == ["Welcome Ada", "A case for you"]
    assert all(m.to == "ada@acme.example" and m.headers["List-Unsubscribe-Post"] for m in outbox.sent)
    assert flow.get(subscriber).enrolments[0].ended == "finished"
    consistent(flow)


def test_one_click_unsubscribes_and_doing_it_twice_changes_nothing(flow, subscriber, outbox, clock):
    clock.advance(days=1)
    flow.run_due()
    token = outbox.sent[0].headers["List-Unsubscribe"].strip("<>").split("t=")[1]
    flow.unsubscribe(token)
    before = flow.get(subscriber)
    flow.unsubscribe(token)
    clock.advance(days=30)
    flow.run_due()
    assert flow.get(subscriber) == before
    assert len(outbox.sent) == 1
    with pytest.raises(Exception, match="token"):
        flow.unsubscribe(token[:-2] + "xx")
    consistent(flow)


def test_conversion_ends_the_sequence(flow, subscriber, outbox, clock):
    flow.record(subscriber, "demo_requested", id="1")
    assert flow.get(subscriber).stage == "mql"
    clock.advance(days=1)
    flow.run_due()
    assert outbox.sent == []
    assert flow.get(subscriber).enrolments[0].ended == "became mql"


def test_a_rejected_address_ends_the_sequence(flow, subscriber, outbox, clock):
    outbox.failures = [Rejected("550 no such user")]
    clock.advance(days=1)
    flow.run_due()
    assert [f.error for f in messages(flow, subscriber, events.MessageFailed)] == ["550 no such user"]
    assert "rejected" in flow.get(subscriber).enrolments[0].ended
    consistent(flow)


def test_a_deferred_mail_is_tried_again_and_goes_once(flow, subscriber, outbox, clock):
    outbox.failures = [Deferred("451 later"), Deferred("451 later")]
    clock.advance(days=1)
    flow.run_due()
    assert outbox.sent == []
    clock.advance(minutes=1)
    flow.run_due()
    clock.advance(minutes=2)
    flow.run_due()
    assert len(outbox.sent) == 1
    assert len(messages(flow, subscriber, events.MessageSent)) == 1
    consistent(flow)


def test_a_mail_that_is_deferred_for_ever_fails(flow, subscriber, outbox, clock):
    outbox.failures = [Deferred("451 later")] * 20
    for _ in range(12):
        clock.advance(days=1)
        flow.run_due()
    assert len(messages(flow, subscriber, events.MessageFailed)) >= 1
    consistent(flow)


@pytest.mark.parametrize("failure", [Uncertain("connection lost"), RuntimeError("bug in the mailer")])
def test_an_uncertain_mail_is_never_sent_again_by_itself_and_is_listed(flow, subscriber, outbox, clock, failure):
    outbox.failures = [failure]
    clock.advance(days=1)
    flow.run_due()
    clock.advance(hours=5)
    flow.run_due()
    assert outbox.sent == []
    (dead,) = flow.tasks("dead")
    assert dead.kind == "uncertain_message"
    with pytest.raises(Refused, match="may have been delivered"):
        flow.retry(dead.key)
    flow.dismiss(dead.key)
    assert flow.tasks("dead") == []
    clock.advance(days=3)
    flow.run_due()
    assert [m.subject for m in outbox.sent] == ["A case for you"]
    consistent(flow)


class Killed(BaseException):
    """Stands for a process that dies while the mail server has the message."""


def test_a_process_that_dies_while_sending_leaves_the_message_uncertain(flow, subscriber, outbox, clock):
    clock.advance(days=1)
    outbox.failures = [Killed()]
    with pytest.raises(Killed):
        flow.run_due()
    assert len(messages(flow, subscriber, events.MessageClaimed)) == 1
    clock.advance(minutes=6)
    flow.run_due()
    assert outbox.sent == []
    assert len(messages(flow, subscriber, events.MessageUncertain)) == 1
    consistent(flow)


def test_suppressed_addresses_get_nothing_even_when_they_come_back(flow, subscriber, outbox, clock):
    flow.erase(subscriber, by="anna")
    again = flow.capture(ADA, source="import").lead_id
    assert again != subscriber
    flow.consent(again, "newsletter", "email", proof="a form")
    clock.advance(days=1)
    flow.run_due()
    assert outbox.sent == []
    (skipped,) = messages(flow, again, events.MessageSkipped)
    assert "suppressed" in skipped.reasons[0]


def test_a_call_that_is_due_is_a_fact_for_people(storage, clock, outbox):
    calls = Sequence("calls", [Step(timedelta(days=1), "call")], channel="phone", purpose="sales")
    from leadflow.nurturing import Content

    flow = acme_flow(
        storage, clock, outbox, sequences=[calls], contents=[Content("call", "", "Ask for needs", channel="phone")]
    )
    lead_id = flow.capture(ADA | {"phone": "030 901820"}, source="fair").lead_id
    flow.consent(lead_id, "sales", "phone", proof="said so at the fair")
    clock.advance(days=1)
    flow.run_due()
    assert [f.content for f in flow.history(lead_id) if isinstance(f, events.ContactDue)] == ["call"]
    assert outbox.sent == []


def test_subscribers_get_every_fact_of_their_kind_at_least_once_from_tick(flow, clock):
    got: list[StageChanged] = []
    flow.on(StageChanged, got.append, name="warehouse")
    lead_id = flow.capture(ADA, source="fair").lead_id
    assert got == []
    flow.run_due()
    flow.record(lead_id, "demo_requested", id="1")
    flow.run_due()
    assert [fact.move for fact in got] == ["identify", "qualify"]


def test_a_handler_that_fails_is_tried_again_without_bothering_the_others(flow, ada, clock):
    good: list[events.Fact] = []
    bad: list[events.Fact] = []

    def flaky(fact):
        bad.append(fact)
        if len(bad) < 3:
            raise ConnectionError("warehouse is down")

    flow.on(StageChanged, flaky, name="flaky")
    flow.on(events.Fact, good.append, name="all")
    ticked = flow.run_due()
    assert [error for _, error in ticked.failed] == ["ConnectionError: warehouse is down"]
    clock.advance(minutes=1)
    flow.run_due()
    clock.advance(minutes=2)
    assert not flow.run_due().failed
    assert len(bad) == 3
    assert [fact.kind for fact in good] == ["lead_captured", "stage_changed", "lead_scored"]


def test_a_handler_that_always_fails_becomes_a_dead_letter_that_can_be_retried(flow, ada, clock):
    calls = []

    def broken(fact):
        calls.append(fact)
        if len(calls) <= 8:
            raise ValueError("no")

    flow.on(StageChanged, broken, name="broken")
    for _ in range(10):
        flow.run_due()
        clock.advance(days=1)
    (dead,) = flow.tasks("dead")
    assert "ValueError: no" in dead.error
    assert len(calls) == 8
    flow.retry(dead.key)
    flow.run_due()
    assert len(calls) == 9
    assert flow.tasks("dead") == []
    with pytest.raises(NotFound):
        flow.retry(dead.key)


def test_subscriber_names_are_unique(flow):
    flow.on(StageChanged, print, name="a")
    with pytest.raises(DefinitionError, match="'a' is in use"):
        flow.on(StageChanged, print, name="a")


def test_tick_says_when_the_next_task_is_due(flow, subscriber, clock):
    assert flow.run_due().next_due == clock() + timedelta(days=1)


def test_erasure_leaves_one_fact_without_personal_data(flow, storage, subscriber, clock):
    flow.visit("cookie-9", "page_viewed", id="p")
    flow.identify("cookie-9", {"email": ADA["email"]}, source="web", key="k9")
    flow.erase(subscriber, by="anna")
    with pytest.raises(NotFound):
        flow.get(subscriber)
    facts = storage.facts(subscriber)
    assert [type(f) for f in facts] == [LeadErased]
    assert storage.activities(subscriber) == []
    assert storage.reply("k9") is None
    assert storage.holders(["email:ada@acme.example", "visitor:cookie-9"]) == {}
    assert [t.kind for t in storage.tasks(lead_id=subscriber)] == ["deliver"]
    flow.run_due()


def test_a_lost_task_of_routing_is_made_up_for(flow, storage, clock, monkeypatch):
    from leadflow.errors import Stale

    def contended(*_):
        raise Stale("always")

    lead_id = flow.capture(ADA, source="fair").lead_id
    with monkeypatch.context() as patched:
        patched.setattr(flow._runner.rotation.__class__, "done", contended)
        flow.record(lead_id, "demo_requested", id="1")
    assert (flow.get(lead_id).stage, flow.get(lead_id).owner) == ("mql", None)
    clock.advance(seconds=31)
    flow.run_due()
    assert flow.get(lead_id).owner == "anna"
    consistent(flow)


def test_an_open_cap_is_freed_when_a_lead_leaves_the_reps_hands(storage, clock, outbox):
    from leadflow import Rep, Router, Territory, field

    router = Router([Territory("all", field("address.country") == "DE", reps=[Rep("anna", open_cap=1)])])
    flow = acme_flow(storage, clock, outbox, router=router)
    ids = [
        flow.capture(ADA | {"email": f"p{n}@acme.example", "last_name": f"N{n}"}, source="fair").lead_id
        for n in range(3)
    ]
    for lead_id in ids:
        flow.record(lead_id, "demo_requested", id="1")
    assert [flow.get(i).owner for i in ids] == ["anna", None, None]
    flow.disqualify(ids[0], by="anna", reason="student")
    assert storage.states(["ledger:anna"])["ledger:anna"].value["open"] == 0
    flow.accept(ids[1], by="anna")
    assert storage.states(["ledger:anna"])["ledger:anna"].value["open"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"unsubscribe_url": "http://acme.example/u?t={token}"},
        {"unsubscribe_url": None},
        {"secrets": ()},
        {"secrets": (b"short",)},
        {"sequences": [Sequence("s", [Step(timedelta(days=1), "welcome")], stages=["leed"])]},
        {"sequences": [Sequence("s", [Step(timedelta(days=1), "welcom")])]},
    ],
)
def test_nurturing_that_could_not_go_is_refused_when_leadflow_is_made(storage, clock, outbox, wrong):
    with pytest.raises(LeadflowError):
        acme_flow(storage, clock, outbox, **wrong)


def test_a_task_that_another_one_made_needless_in_the_same_tick_is_no_collision(flow, subscriber, outbox, clock):
    flow.record(subscriber, "demo_requested", id="1")
    clock.advance(days=400)  # the service level, cooling and the mail are all due; cooling makes the others needless
    ticked = flow.tick()
    assert not ticked.failed
    assert flow.get(subscriber).stage == "lead"
    consistent(flow)


def test_unsubscribing_after_erasure_is_no_error(flow, subscriber, outbox, clock):
    clock.advance(days=1)
    flow.run_due()
    token = outbox.sent[0].headers["List-Unsubscribe"].strip("<>").split("t=")[1]
    flow.erase(subscriber, by="anna")
    assert flow.unsubscribe(token).stage == "erased"


@pytest.mark.parametrize("fact", ["StageChanged", Lead, None])
def test_only_a_class_of_facts_can_be_subscribed_to(fact: Any) -> None:
    with pytest.raises(DefinitionError, match="not a class of facts"):
        LeadFlow(MemoryStorage()).on(fact, print, name="warehouse")


def test_facts_are_heard_in_their_order(flow, ada, clock):
    heard = []
    flow.on(events.Fact, lambda fact: heard.append((fact.version, fact.seq)), name="all")
    for number in range(12):
        flow.record(ada, "page_viewed", id=str(number))
    flow.run_due(limit=1000)
    assert heard == sorted(heard)
    assert len(heard) > 12


def test_spans_without_a_unit_and_foreign_classes_are_refused(storage, clock):
    from pydantic import BaseModel

    from leadflow import ServiceLevel

    class Foreign(BaseModel):
        plan: str | None = None

    with pytest.raises(DefinitionError, match="timedelta"):
        ServiceLevel(stage="mql", within=4)  # type: ignore[arg-type]
    with pytest.raises(DefinitionError, match="Entity"):
        acme_flow(storage, clock, custom=Foreign)
