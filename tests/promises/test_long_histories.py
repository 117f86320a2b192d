"""A lead with a very long history: what needs a few of its facts reads a few, and the rest comes in pages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acme import ADA, START, Clock, acme_flow
from events.examples import recorded_on
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities import Actor, Lead, stored_form
from leadflow.events import ActivityRecorded, Change, LeadWrite, as_recorded
from leadflow.flow.effects import collected
from leadflow.flow.fact_pages import facts_of
from leadflow.testing.changes import activity

FACTS = 1_500


@pytest.fixture
def reads(storage, monkeypatch) -> list[int]:
    """How many facts each look-up has returned."""
    counted: list[int] = []
    facts = storage.facts

    def counting(*args: Any, **chosen: Any) -> list[Any]:
        found = facts(*args, **chosen)
        counted.append(len(found))
        return found

    monkeypatch.setattr(storage, "facts", counting)
    return counted


def facts_by(flow, pages) -> list:
    return flow._do(collected(pages))


def with_a_long_past(flow) -> str:
    lead_id: str = flow.capture(ADA, source="web").lead_id
    flow.consent(lead_id, "newsletter", "email", proof="form 1")
    lead = flow.get(lead_id)
    facts = tuple(
        ActivityRecorded(
            lead_id=lead_id, version=lead.version + 1 + nr // 3, seq=nr % 3, happened_at=START, recorded_at=START,
            actor=Actor(kind="system"), activity_id=f"a{nr}", activity="page_viewed",
        )
        for nr in range(FACTS)
    )  # fmt: skip
    after = lead.but(version=facts[-1].version, acted_in=facts[-1].version)
    flow.storage.save(Change(leads=(LeadWrite(id=lead_id, read_version=lead.version, lead=after),), facts=facts))
    return lead_id


def test_mails_explanations_and_deliveries_read_few_facts(flow, storage, clock, outbox, reads) -> None:
    heard = []
    flow.on(ActivityRecorded, heard.append, name="crm")
    lead_id = with_a_long_past(flow)
    reads.clear()
    clock.advance(days=1)
    flow.run_due()
    clock.advance(days=5)
    flow.run_due()
    assert len(outbox.sent) == 2
    flow.record(lead_id, "page_viewed")
    flow.run_due()
    assert len(heard) == 1
    explanation = str(flow.explain(lead_id))
    assert "sent" in explanation and "identify" in explanation
    flow.times_in_stage(lead_id)
    assert sum(reads) < FACTS / 2
    assert max(reads) <= 50


def test_nothing_that_walks_through_a_history_holds_it(flow, storage, clock, reads) -> None:
    lead_id = with_a_long_past(flow)
    facts, done = storage.facts(lead_id), storage.activities(lead_id)
    reads.clear()
    assert list(flow.history(lead_id)) == facts
    assert flow.as_of(lead_id, clock()) == flow.get(lead_id)
    entries = list(flow.export(lead_id))
    assert max(reads) <= 500
    assert [one["fact"] for one in entries if "fact" in one] == [stored_form(fact) for fact in facts]
    assert [one["activity"] for one in entries if "activity" in one] == [stored_form(one) for one in done]
    assert entries[0] == {"lead": stored_form(flow.get(lead_id))}
    assert [one["task"] for one in entries if "task" in one] == [
        stored_form(one) for one in flow.tasks(lead_id=lead_id)
    ]


def test_activities_are_exported_page_by_page(flow, storage, monkeypatch) -> None:
    lead_id = flow.capture(ADA, source="web").lead_id
    did = tuple(activity(lead_id, f"a{nr}") for nr in range(1_234))
    storage.save(Change(activities=did))
    read, activities = [], storage.activities

    def counting(*args: Any, **chosen: Any) -> list[Any]:
        found = activities(*args, **chosen)
        read.append(len(found))
        return found

    monkeypatch.setattr(storage, "activities", counting)
    ids = [one["activity"]["id"] for one in flow.export(lead_id) if "activity" in one]
    assert sorted(ids) == sorted(one.id for one in did)
    assert max(read) <= 500


days = st.integers(0, 6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(days, min_size=1, max_size=12), min_size=2, max_size=4), days)
def test_the_history_of_all_that_a_lead_absorbed_is_in_the_order_of_recording(told: list[list[int]], now: int) -> None:
    storage, clock = MemoryStorage(), Clock()
    clock.advance(days=now)
    whose = [f"l{nr}" for nr in range(len(told))]
    lead = Lead(id="l0", version=99, created_at=START, recorded_at=START, entered_at=START, absorbed=tuple(whose[1:]))
    facts = {one: recorded_on(one, moments) for one, moments in zip(whose, told, strict=True)}
    everything = tuple(fact for one in whose for fact in facts[one])
    storage.save(Change(leads=(LeadWrite(id="l0", read_version=0, lead=lead),), facts=everything))
    placed = [
        (counted.recorded_at, one != "l0", fact.version, whose.index(one), fact)
        for one in whose
        for counted, fact in zip(as_recorded(facts[one], clock()), facts[one], strict=True)
    ]
    expected = [each[-1] for each in sorted(placed, key=lambda each: each[:-1])]
    assert list(acme_flow(storage, clock).history("l0")) == expected


@pytest.mark.parametrize("page", [1, 2, 3, 4, 7, 50, 10_000])
def test_facts_in_pages_are_all_facts_once_and_in_order(flow, storage, page) -> None:
    lead_id = with_a_long_past(flow)
    everything = storage.facts(lead_id)
    assert facts_by(flow, facts_of(lead_id, everything[-30].version, page=page)) == [
        fact for fact in everything if fact.version > everything[-30].version
    ]
    kinds = {"stage_changed", "lead_captured", "consent_changed"}
    assert facts_by(flow, facts_of(lead_id, kinds=kinds, page=page)) == [one for one in everything if one.kind in kinds]
