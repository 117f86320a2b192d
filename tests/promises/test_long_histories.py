"""A lead with a very long history: what needs a few of its facts reads a few, and the rest comes in pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from acme import ADA, START
from leadflow.entities import Actor
from leadflow.events import ActivityRecorded, Change, LeadWrite

FACTS = 1_500


@pytest.fixture
def reads(storage, monkeypatch) -> Iterator[list[int]]:
    """How many facts each look-up has returned."""
    counted: list[int] = []
    facts = storage.facts

    def counting(*args: Any, **chosen: Any) -> list[Any]:
        found = facts(*args, **chosen)
        counted.append(len(found))
        return found

    monkeypatch.setattr(storage, "facts", counting)
    return counted  # type: ignore[return-value]


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


def test_an_export_in_lines_is_the_same_as_one_in_a_piece(flow, reads) -> None:
    lead_id = with_a_long_past(flow)
    whole = flow.export(lead_id)
    reads.clear()
    lines = [json.loads(line) for line in flow.export_lines(lead_id)]
    for name, of_one in (("facts", "fact"), ("activities", "activity"), ("tasks", "task")):
        assert [line[of_one] for line in lines if of_one in line] == whole[name]
    assert lines[0] == {"lead": whole["lead"]}
    assert max(reads) <= 500


@pytest.mark.parametrize("page", [1, 2, 3, 4, 7, 50, 10_000])
def test_facts_in_pages_are_all_facts_once_and_in_order(flow, storage, page) -> None:
    lead_id = with_a_long_past(flow)
    everything = storage.facts(lead_id)
    assert list(flow._facts(lead_id, everything[-30].version, page=page)) == [
        fact for fact in everything if fact.version > everything[-30].version
    ]
    kinds = {"stage_changed", "lead_captured", "consent_changed"}
    assert list(flow._facts(lead_id, kinds=kinds, page=page)) == [one for one in everything if one.kind in kinds]
