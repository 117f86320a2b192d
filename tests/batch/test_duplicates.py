"""Duplicates among many records: the same verdicts as online, incremental, linking two sources."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.batch import dedupe_many
from leadflow.entities import Lead, with_fields
from leadflow.errors import InvalidInput
from leadflow.quality import check, likeness
from leadflow.quality.matching import MATCH_MODEL

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
OPTIONS = {
    "first_name": ["Anna", "A.", "Hanna", "Bob", "Robert"],
    "last_name": ["Müller", "Mueller", "Miller", "Muller-Schmidt", "Schmidt"],
    "email": ["anna@acme.example", "anna.mueller@acme.example", "anna.mueller@gmail.com", "info@acme.example"],
    "phone": ["030 23125 0", "0171 1234567"],
    "company": ["Acme GmbH", "Acme", "Foo AG", "Akme Software"],
    "postcode": ["10115", "80331"],
    "linkedin": ["anna", "bob"],
}
ROWS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in OPTIONS.items()})


def a_lead(id: str, row: dict[str, str]) -> Lead:
    checked = check(row, default_country="DE").value
    assert checked is not None
    return with_fields(Lead(id=id, created_at=NOW, recorded_at=NOW), checked.values)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=2, max_size=6))
def test_pairs_of_a_batch_have_the_verdict_of_the_pair_alone(rows) -> None:
    leads = {str(place): a_lead(str(place), row) for place, row in enumerate(rows)}
    found = {(pair.one, pair.other): pair.likeness for pair in dedupe_many(list(leads.values()), engine="python").pairs}
    for one, other in combinations(sorted(leads), 2):
        alone = likeness(leads[one], leads[other])
        assert found.get((one, other), alone) == alone
        if alone.verdict == "same" and {leads[one].person.last_name, leads[other].person.last_name} == {"Müller"}:
            assert (one, other) in found


ANNA = {"name": "Anna Müller", "company": "Acme GmbH", "postcode": "10115"}
PETER = {"name": "Peter Schmidt", "company": "Acme GmbH", "postcode": "10115"}


def test_new_records_are_compared_with_old_ones_and_old_ones_not_with_each_other() -> None:
    old = {"a": ANNA, "b": ANNA, "p": PETER}
    found = dedupe_many({"new": ANNA, "too": PETER}, against=old)
    assert {(pair.one, pair.other) for pair in found.pairs} == {("new", "a"), ("new", "b"), ("too", "p")}
    assert found.clusters == (("new", "a", "b"), ("too", "p"))


def test_linking_compares_only_across_the_two_sources() -> None:
    found = dedupe_many({"1": ANNA, "2": ANNA}, against={"x": ANNA}, link=True)
    assert {(pair.one, pair.other) for pair in found.pairs} == {("1", "x"), ("2", "x")}


def test_weights_are_estimated_from_rows_and_not_from_leads_or_against_a_given_model() -> None:
    rows = [
        {"name": f"{first} {last}", "born": f"19{year}-03-1{len(first)}"}
        for first in ("Ida", "Paul", "Rosa")
        for last in ("Kern", "Vogel", "Lang", "Stone")
        for year in range(50, 90)
    ]
    found = dedupe_many(rows + rows, engine="python")
    assert found.model != MATCH_MODEL
    assert found.refused is None
    assert dedupe_many(rows + rows, MATCH_MODEL.but(same=0.9), engine="python").model == MATCH_MODEL.but(same=0.9)
    assert dedupe_many([*rows, *rows, a_lead("a", ANNA)], engine="python").model == MATCH_MODEL
    assert dedupe_many(iter(rows), engine="python", estimated=False).model == MATCH_MODEL


def test_blocks_above_the_cap_are_counted_and_not_compared() -> None:
    rows = [{"last_name": f"L{place}", "phone": "+49 30 231250"} for place in range(400)]
    found = dedupe_many(rows)
    assert (found.compared, found.uncompared) == (0, 1)


def test_a_person_decides_pairs_that_no_cluster_has() -> None:
    found = dedupe_many([{"name": "Anna Müller"}, {"name": "Anna Müller"}])
    assert (found.clusters, [(pair.one, pair.other) for pair in found.unsure]) == ((), [("0", "1")])


def test_what_can_not_be_done_is_refused() -> None:
    for wrong in ({"engine": "abacus"}, {"link": True}, {"against": {"0": ANNA}}):
        with pytest.raises(InvalidInput):
            dedupe_many({"0": ANNA}, **wrong)
