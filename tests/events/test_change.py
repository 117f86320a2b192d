"""A Change: what may stand in it, and the digest that tells one command from another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from events.examples import BEFORE, FACTS, NOW
from leadflow.entities import Entity, Lead, Task
from leadflow.errors import InvalidInput
from leadflow.events import Change, Claim, LeadWrite, Redirect, Reply, StateWrite
from leadflow.events.change import digest_of

TASK = Task(key="cool:lead-1", kind="cool", due_at=NOW, lead_id="lead-1")
PARTS: dict[str, Any] = {
    "leads": (LeadWrite(id="lead-1", read_version=3, lead=BEFORE, match_keys=frozenset({"a"}), features="[]"),),
    "states": (StateWrite(key="x", read_version=0, value={"a": [1, None]}, lead_id="lead-1"),),
    "facts": tuple(FACTS),
    "put": (TASK,),
    "cancel": ("route:lead-1",),
    "claims": (Claim(key="email:a@b.example", lead_id="lead-1"),),
    "release": (Claim(key="visitor:c1", lead_id="lead-1"),),
    "redirects": (Redirect(absorbed="a", survivor="lead-1"),),
    "erase": ("gone",),
    "replies": (Reply(key="k", digest="d", value={"lead_id": "lead-1"}, lead_id="lead-1"),),
}


def test_a_change_is_empty_until_there_is_something_in_it():
    assert Change().is_empty
    for name, part in PARTS.items():
        assert not Change(**{name: part}).is_empty, name


def test_a_change_goes_to_json_and_back_with_every_kind_of_fact():
    kept = Change(**PARTS).model_dump(mode="json")
    assert [fact["kind"] for fact in kept["facts"]] == [fact.kind for fact in FACTS]
    assert kept["facts"][0]["submission"] == {}
    assert LeadWrite.model_validate(kept["leads"][0]).model_dump(mode="json") == kept["leads"][0]


class Fleet(Entity):
    fleet_size: int = 0


def test_a_lead_of_a_hosts_own_class_stays_of_that_class():
    lead = Lead[Fleet](id="lead-1", created_at=NOW, recorded_at=NOW, custom=Fleet(fleet_size=7))
    kept = LeadWrite(id="lead-1", read_version=0, lead=lead)
    assert kept.lead is lead
    assert kept.model_dump(mode="json")["lead"]["custom"] == {"fleet_size": 7}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (LeadWrite, {"id": "lead-1", "read_version": -1}),
        (StateWrite, {"key": "x", "read_version": -1}),
        (StateWrite, {"key": "", "read_version": 0}),
        (StateWrite, {"key": "x"}),
        (StateWrite, {"key": "x", "read_version": 0, "value": {"a": object()}}),
        (Claim, {"key": "x"}),
        (Change, {"leads": "lead-1"}),
        (Change, {"puts": ()}),
        (Reply, {"key": "k", "digest": "d", "value": []}),
    ],
)
def test_what_makes_no_write_is_refused_when_it_is_made(kind, values):
    with pytest.raises(ValidationError):
        kind(**values)


def test_nobody_changes_a_change():
    change: Any = Change()
    with pytest.raises(ValidationError, match="frozen"):
        change.erase = ("lead-1",)


# ------------------------------------------------------------------------------------------------------------- digests
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


def shuffled(value):
    if isinstance(value, dict):
        return {key: shuffled(one) for key, one in reversed(value.items())}
    return [shuffled(one) for one in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(max_size=9), JSON, max_size=5))
def test_the_same_values_have_one_digest_in_whatever_order_they_come(values):
    assert digest_of(values) == digest_of(shuffled(values))


@pytest.mark.parametrize(
    ("one", "other"),
    [({"a": 1}, {"a": 2}), ({"a": 1}, {"b": 1}), ({"a": "1"}, {"a": 1}), ({"a": None}, {}),
     ({"a": [1, 2]}, {"a": [2, 1]}), ({"a": True}, {"a": "true"}), ({"a": "x "}, {"a": "x"})],
)  # fmt: skip
def test_other_values_have_another_digest(one, other):
    assert digest_of(one) != digest_of(other)


def test_dates_amounts_and_ids_are_told_by_their_text():
    values = {"day": date(2026, 3, 2), "amount": Decimal("1.50"), "id": UUID(int=7)}
    assert digest_of(values) == digest_of({name: str(value) for name, value in values.items()})


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"note": "x" * 5_000_000}, "note"),
        ({"a": [1] * 1_001}, "a"),
        ({"a": object()}, "values"),
        ({"a": iter([])}, "a"),
    ],
)
def test_what_is_too_much_or_no_json_is_refused_by_the_name_of_its_part(values, named):
    with pytest.raises(InvalidInput, match=f"^{named}: "):
        digest_of(values)
