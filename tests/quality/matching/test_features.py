"""Features: what is stored of a lead compares exactly as the lead itself, and what is no features is not compared."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.entities import ExternalId, Lead, with_fields
from leadflow.quality import check, features_of, likeness, stored_features

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)


def a_lead(**row: object) -> Lead:
    checked = check(row, default_country="DE").value
    return with_fields(Lead(id="x", created_at=NOW, recorded_at=NOW), checked.values if checked else {})


OPTIONS = {
    "first_name": ["Anna", "A.", "Hanna", "Anna Maria", "Bob", "Robert", "李"],
    "last_name": ["Müller", "Mueller", "Miller", "Muller-Schmidt", "Schmidt", "Maria"],
    "email": ["anna@acme.example", "anna.mueller@acme.example", "anna-mueller@gmail.com", "info@acme.example"],
    "emails": ["anna.mueller+x@acme.example"],
    "phone": ["030 23125 0", "0171 1234567", "030 23125 1"],
    "company": ["Acme GmbH", "Acme", "Foo AG", "Acme Software", "Akme Software"],
    "website": ["acme.example", "foo.example"],
    "postcode": ["10115", "80331"],
    "street": ["Hauptstr. 5", "Hauptstraße 5", "Weg 1"],
    "city": ["Berlin", "München"],
    "linkedin": ["anna", "bob"],
}
ROWS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in OPTIONS.items()})

names = st.text(max_size=12)
SYSTEMS = st.lists(st.builds(ExternalId, system=st.just("crm"), id=st.sampled_from("12")), max_size=2)


@settings(max_examples=200, deadline=None)
@given(ROWS, ROWS, SYSTEMS, SYSTEMS)
def test_leads_compare_by_stored_features_as_by_themselves(one, other, ids, other_ids) -> None:
    a, b = a_lead(**one).but(external_ids=tuple(ids)), a_lead(**other).but(external_ids=tuple(other_ids))
    stored_a, stored_b = (stored_features(features_of(lead).as_text()) for lead in (a, b))
    assert stored_a is not None and stored_b is not None
    assert (stored_a, stored_b) == (features_of(a), features_of(b))
    found = likeness(a, b)
    assert found == likeness(stored_a, stored_b) == likeness(a, stored_b) == likeness(stored_a, b)


@settings(max_examples=100, deadline=None)
@given(names, names, names, names)
def test_whatever_stands_on_a_lead_comes_back(first, last, company, city) -> None:
    lead = a_lead(first_name=first, last_name=last, company=company, city=city, email="ada@acme.example")
    assert stored_features(features_of(lead).as_text()) == features_of(lead)


ADA = json.loads(features_of(a_lead(name="Ada Lovelace", email="ada@acme.example", phone="030 231250")).as_text())
WRONG = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just({}) | st.just([1])


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "1", '"x"', "[1]", "[" * 100_000, json.dumps([1, *ADA[1:]])])
def test_another_algorithm_and_what_is_no_features_is_not_compared(text: str) -> None:
    assert stored_features(text) is None


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(ADA) - 1), WRONG)
def test_what_is_damaged_is_not_compared_or_compares_without_error(at: int, wrong: object) -> None:
    found = stored_features(json.dumps([*ADA[:at], wrong, *ADA[at + 1 :]]))
    if found is not None:
        likeness(found, a_lead(name="Ada Lovelace", email="ada@acme.example", phone="030 231250"))
