"""One meaning: every storage finds what the interpreter says, unknown and left-out values included."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings

from leadflow import Lead
from leadflow.conditions import Condition, always, evaluate
from leadflow.conditions.values import read
from leadflow.search import LeadSearch, Order, check_findable
from search.worlds import BUSY, CONDITIONS, LEAVES, NOW, PATHS

ALIKE = ("email", "email.claimed", "custom", "version")
COUNTED = (
    "stage", "owner", "account", "score.grade", "authority", "email.kind", "custom.mood", "custom.on", "custom.greeting"
)  # fmt: skip


def meant(leads: list[Lead[Any]], condition: Condition) -> list[str]:
    return [lead.id for lead in leads if evaluate(condition, lead, NOW) is True]


def found(storage: Any, condition: Condition) -> list[str]:
    page = storage.find(LeadSearch(condition, Order("id"), 1_000, NOW))
    return [lead.id for lead in page]


@pytest.mark.parametrize(("what", "times"), [(LEAVES, 200), (CONDITIONS, 60)], ids=["leaves", "trees"])
def test_a_storage_finds_what_the_interpreter_says(storage: Any, leads: list[Lead[Any]], what: Any, times: int) -> None:
    @settings(max_examples=times)
    @given(what)
    def agree(condition: Condition) -> None:
        bound = check_findable(condition, BUSY)
        assert found(storage, bound) == meant(leads, bound)
        assert found(storage, ~bound) == meant(leads, ~bound)
        assert sum(storage.count(bound, NOW).values()) == len(meant(leads, bound))

    agree()


def test_the_leads_by_chance_have_and_lack_each_value(leads: list[Lead[Any]]) -> None:
    for path in PATHS:
        assert len({str(read(lead, path)) for lead in leads}) > 1 or path in ALIKE, path


def test_what_comes_back_is_the_lead(storage: Any, leads: list[Lead[Any]]) -> None:
    page = storage.find(LeadSearch(check_findable(always(), BUSY), Order("id"), 1_000, NOW))
    assert list(page) == leads
    assert page.next is None


@pytest.mark.parametrize("by", COUNTED)
def test_a_storage_counts_by_what_the_interpreter_reads(storage: Any, leads: list[Lead[Any]], by: str) -> None:
    wanted = Counter(read(lead, by) for lead in leads)
    counted = storage.count(always(), NOW, by)
    # a column holds what is very long shortened
    assert {key: many for key, many in counted.items() if not is_long(key, 250)} == {
        key: many for key, many in wanted.items() if not is_long(key, 300)
    }
    assert {type(key) for key in counted} == {type(key) for key in wanted}


def is_long(value: Any, most: int) -> bool:
    return isinstance(value, str) and len(value) > most
