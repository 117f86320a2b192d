"""Facts from JSON: every kind comes back as it was; what can't be read is still a fact."""

from __future__ import annotations

import json
from typing import Any

import pytest

from events.examples import BEFORE, FACTS, NOW
from leadflow import events as e
from leadflow.entities import kept_aside, stored_form, stored_json
from leadflow.errors import TooNew, Unreadable
from leadflow.events.decoder import fact_from_json, read_fact
from leadflow.events.replay import apply

SENT = next(fact for fact in FACTS if isinstance(fact, e.MessageSent))


def as_json(fact, **more):
    return json.dumps(stored_form(fact) | more)


@pytest.mark.parametrize("fact", FACTS, ids=[f"{n}-{fact.kind}" for n, fact in enumerate(FACTS)])
def test_every_kind_of_fact_comes_back_as_it_was(fact):
    again = fact_from_json(stored_json(fact))
    assert again == fact
    assert type(again) is type(fact)


def test_a_fact_of_an_unknown_kind_keeps_all_that_it_said():
    fact = fact_from_json(as_json(SENT, kind="lead_cloned", into="lead-2"))
    assert type(fact) is e.Fact
    assert (fact.kind, fact.lead_id, fact.version) == ("lead_cloned", "lead-1", 4)
    assert kept_aside(fact) == {"message": SENT.message, "content": "welcome", "channel": "email", "into": "lead-2"}
    assert stored_form(fact) == json.loads(as_json(SENT, kind="lead_cloned", into="lead-2"))


def test_an_unknown_key_is_kept_aside_and_written_back():
    text = as_json(SENT, server="mx1")
    fact = fact_from_json(text)
    assert (type(fact), kept_aside(fact)) == (e.MessageSent, {"server": "mx1"})
    assert stored_form(fact) == json.loads(text)


def test_a_fact_of_a_newer_schema_is_refused_whatever_is_in_it():
    with pytest.raises(TooNew):
        fact_from_json(as_json(SENT, schema_number=2))
    with pytest.raises(TooNew):
        fact_from_json(as_json(SENT, schema_number=2, message=None))


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "7", "null"])
def test_what_is_no_fact_at_all_is_unreadable_and_not_quoted(text):
    with pytest.raises(Unreadable) as refused:
        fact_from_json(text)
    assert "no JSON" not in str(refused.value) or text != "no JSON" or "it is no JSON" in str(refused.value)


def test_what_stands_beside_a_fact_is_the_truth():
    fact: Any = read_fact(stored_json(SENT), lead_id="lead-9", version=8, seq=2)
    assert (fact.lead_id, fact.version, fact.seq, fact.message) == ("lead-9", 8, 2, SENT.message)


@pytest.mark.parametrize("text", ["torn {", as_json(SENT, message=None), as_json(SENT, happened_at="yesterday")])
def test_a_damaged_fact_is_a_plain_one_in_its_place_that_changes_nothing(text):
    fact = read_fact(text, lead_id="lead-1", version=4, seq=0, kind="message_sent", recorded_at=NOW)
    assert (fact.kind, fact.lead_id, fact.version, fact.seq) == ("message_sent", "lead-1", 4, 0)
    assert kept_aside(fact)
    assert apply(BEFORE, fact) == BEFORE.but(version=4, recorded_at=NOW)
