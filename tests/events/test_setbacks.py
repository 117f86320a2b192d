"""When each fact counts as recorded: the clock may have been ahead for a while."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from acme import START
from events.examples import recorded_on
from leadflow.events import Setbacks, as_recorded, replay

DAYS = st.integers(0, 6)


def day(number: int):
    return START + timedelta(days=number)


def test_a_fact_was_recorded_no_later_than_those_after_it():
    facts = recorded_on("l", [0, 5, 2, 3, 9])
    assert [fact.recorded_at for fact in as_recorded(facts, day(7))] == [day(n) for n in (0, 2, 2, 3, 7)]
    assert [replay(facts, recorded_by=day(n)).version for n in (0, 1, 2, 3, 9)] == [1, 1, 3, 4, 5]


@given(st.lists(DAYS, max_size=30), st.none() | DAYS)
def test_a_fact_counts_as_recorded_by_the_earliest_moment_from_it_on(told: list[int], by: int | None) -> None:
    facts, end = recorded_on("l", told), None if by is None else day(by)
    assert [fact.recorded_at for fact in as_recorded(facts, end)] == [
        min(fact.recorded_at for fact in facts[nr:]) if end is None
        else min(end, *(fact.recorded_at for fact in facts[nr:]))
        for nr in range(len(facts))
    ]  # fmt: skip
    assert len(Setbacks.of(facts).places) <= 6, "as many as there are moments, however many facts"


@given(st.lists(DAYS, min_size=1, max_size=30), DAYS)
def test_a_replay_in_one_pass_is_that_of_the_facts_that_count(told: list[int], by: int) -> None:
    facts, end = recorded_on("l", told), day(by)
    counted = [fact for fact in as_recorded(facts) if fact.recorded_at <= end]
    assert replay(iter(facts), recorded_by=end) == replay(counted)
