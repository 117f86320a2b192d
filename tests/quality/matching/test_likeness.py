from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.entities import ExternalId, Lead, with_fields
from leadflow.entities.folding import fold
from leadflow.quality import check, features_of, likeness, match_keys, may_be_one
from leadflow.quality.phonetics import sound

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)
ANNA = {
    "name": "Anna Müller",
    "email": "anna.mueller@acme.example",
    "phone": "030 23125 0",
    "company": "Acme GmbH",
    "street": "Hauptstr. 5",
    "postcode": "10115",
    "city": "Berlin",
}


def a_lead(**row: Any) -> Lead:
    checked = check(row, default_country="DE").value
    assert checked is not None
    return with_fields(Lead(id="x", created_at=NOW, recorded_at=NOW), checked.values)


def anna(**other: Any) -> Lead:
    return a_lead(**{**ANNA, **other})


def alone(**other: Any) -> Lead:
    return a_lead(**{"name": "Anna Müller", **other})


NO_CONTACT = dict.fromkeys(("email", "phone", "street", "postcode", "city"))

SAME = [
    (anna(), anna()),
    (anna(), anna(name="Anna Mueller", email=None)),
    (anna(), anna(name="Anna Muller", email="anna@private.example")),
    (anna(), anna(name="MÜLLER, ANNA", email=None, phone=None)),
    (anna(), anna(name="Mueller Anna", email=None)),
    (anna(), anna(name="A. Müller", email="a.mueller@acme.example")),
    (anna(), anna(name=None)),
    (anna(), alone(email="Anna.Mueller+fair@acme.example")),
    (alone(mobile="0171 1234567"), alone(mobile="+49 171 1234567", company="Foo AG")),
    (alone(company="Acme GmbH"), alone(company="ACME")),
    (alone(linkedin="anna-mueller"), alone(linkedin="https://linkedin.com/in/Anna-Mueller")),
    (
        a_lead(name="Bob Smith", phone="030 23125 0", company="Acme"),
        a_lead(name="Robert Smith", company="Acme", phone="030 231250"),
    ),
    (
        a_lead(name="Stefan Maier", postcode="80331", city="München", company="Foo"),
        a_lead(name="Stephan Mayer", postcode="80331", company="Foo"),
    ),
]

DIFFERENT = [
    (anna(), anna(name="Peter Schmidt", email="peter.schmidt@acme.example")),
    (anna(), anna(name="Peter Müller", email="peter.mueller@acme.example")),
    (anna(), anna(name="Peter Müller", email=None)),
    (anna(), anna(name="Anna Schmidt", email="anna.schmidt@acme.example")),
    (anna(name="Andrea Müller", email=None), anna(name="Andreas Müller", email=None)),
    (anna(name="Martin Müller", email=None), anna(name="Martina Müller", email=None)),
    (anna(email="info@acme.example"), anna(name="Peter Schmidt", email="info@acme.example")),
    (anna(), alone(email="am@foo.example", company="Foo AG", phone="089 23125 0", postcode="80331", city="München")),
    (a_lead(company="Acme", email="info@acme.example"), a_lead(company="Foo AG", email="info@foo.example")),
    (a_lead(last_name="Charlie"), a_lead(last_name="Charlie-Chapelinski", company="x")),
    (a_lead(company="Odoo", website="odoo.com"), a_lead(company="MyOdoo", website="myodoo.com")),
    (a_lead(), a_lead()),
]

UNSURE = [
    (alone(), alone()),
    (anna(), alone(email="anna.mueller@gmail.com")),
    (anna(), anna(name="Anna Schmidt")),
    (anna(), anna(name="Peter Schmidt")),
    (a_lead(name="Bob Smith", company="Acme"), a_lead(name="Robert Smith", company="Acme")),
    (a_lead(mobile="0171 1234567"), a_lead(mobile="0171 1234567")),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_person_in_two_spellings(one: Lead, other: Lead) -> None:
    found = likeness(one, other)
    assert found.verdict == "same", found
    assert match_keys(one) & match_keys(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_people(one: Lead, other: Lead) -> None:
    found = likeness(one, other)
    assert found.verdict == "different", found


@pytest.mark.parametrize(("one", "other"), UNSURE)
def test_pairs_that_a_person_must_decide(one: Lead, other: Lead) -> None:
    found = likeness(one, other)
    assert found.verdict == "unsure", found
    assert match_keys(one) & match_keys(other)


@pytest.mark.parametrize(("one", "other"), [*SAME, *DIFFERENT, *UNSURE])
def test_likeness_is_symmetric(one: Lead, other: Lead) -> None:
    assert likeness(one, other) == likeness(other, one)


def test_what_is_missing_is_neutral() -> None:
    whole, bare = anna(), alone()
    assert likeness(whole, bare) == likeness(bare, bare)


def test_company_and_address_together_are_one_hint() -> None:
    office = a_lead(company="Acme", street="Hauptstr. 5", postcode="10115")
    company_only = a_lead(company="Acme")
    odds = [
        like.probability / (1 - like.probability) for like in (likeness(office, office), likeness(office, company_only))
    ]
    assert 1 < odds[0] / odds[1] < 4  # a street address alone would weigh more


def test_exchanged_names_are_found_without_anything_else() -> None:
    one = a_lead(first_name="Anna", last_name="Müller")
    other = a_lead(first_name="Mueller", last_name="Anna")
    assert match_keys(one) == match_keys(other) != frozenset()


def test_the_evidence_names_what_agrees_but_no_values() -> None:
    found = likeness(anna(), anna())
    assert any("e-mail" in text for text in found.evidence)
    assert not any("anna" in text.casefold() or "acme" in text.casefold() for text in found.evidence)


def test_an_id_of_another_system_is_certain() -> None:
    crm = (ExternalId(system="crm", id="4711"),)
    assert likeness(a_lead().but(external_ids=crm), a_lead().but(external_ids=crm)).verdict == "same"


def test_role_addresses_are_no_key() -> None:
    assert match_keys(a_lead(email="info@acme.example")) == frozenset()
    assert likeness(a_lead(email="info@acme.example"), a_lead(email="info@acme.example")).verdict != "same"


def test_keys_are_few_and_short() -> None:
    full = a_lead(
        name="Anna-Maria Müller-Lüdenscheidt " + "x" * 150,
        emails=[f"anna.mueller{n}@acme.example" for n in range(9)],
        phones=[f"+49 30 23125 1{n}0" for n in range(9)],
        social=[{"network": "linkedin", "handle": f"h{n}"} for n in range(9)],
        company="Acme " + "y" * 280,
        postcode="10115",
        website="acme.example",
    )
    keys = match_keys(full)
    assert 8 <= len(keys) <= 12
    assert max(len(key) for key in keys) <= 200


TEXTS = st.sampled_from(
    [
        "Anna",
        "Ann",
        "A",
        "Hanna",
        "Müller",
        "Mueller",
        "Miller",
        "Muller-Schmidt",
        "Schmidt",
        "Bob",
        "Robert",
        "Li",
        "李",
        "-",
    ]
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": TEXTS,
        "last_name": TEXTS,
        "email": st.sampled_from(
            ["anna@acme.example", "anna.mueller@acme.example", "anna.mueller@gmail.com", "info@acme.example"]
        ),
        "phone": st.sampled_from(["030 23125 0", "0171 1234567", "030 23125 1"]),
        "company": st.sampled_from(["Acme GmbH", "Acme", "Foo AG", "Acme Software", "Akme Software"]),
        "postcode": st.sampled_from(["10115", "80331"]),
        "city": st.sampled_from(["Berlin", "München"]),
        "linkedin": st.sampled_from(["anna", "bob"]),
    },
)


@settings(max_examples=200, deadline=None)
@given(ROWS, ROWS)
def test_any_two_leads_compare_alike_in_both_directions(one: dict[str, str], other: dict[str, str]) -> None:
    a, b = a_lead(**one), a_lead(**other)
    found = likeness(a, b)
    assert found == likeness(b, a)
    assert 0 <= found.probability <= 1
    assert likeness(a, a).probability >= found.probability


@settings(max_examples=200, deadline=None)
@given(ROWS, ROWS)
def test_who_is_passed_over_would_be_different(one: dict[str, str], other: dict[str, str]) -> None:
    a, b = features_of(a_lead(**one)), features_of(a_lead(**other))
    assert may_be_one(a, b) == may_be_one(b, a)
    assert may_be_one(a, b) or likeness(a, b).verdict == "different"


def test_where_names_speak_against_it_only_who_shares_a_contact_point_is_compared() -> None:
    anna, otto = {"first_name": "Anna", "last_name": "Müller"}, {"first_name": "Otto", "last_name": "Kern"}
    phone = {"phone": "0171 1234567"}
    assert not may_be_one(features_of(a_lead(**anna)), features_of(a_lead(**otto)))
    assert may_be_one(features_of(a_lead(**anna, **phone)), features_of(a_lead(**otto, **phone)))


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_a_lead_with_a_name_and_something_is_like_itself(row: dict[str, str]) -> None:
    lead = a_lead(**row)
    something = {"email", "phone", "company", "postcode", "city", "linkedin"} & row.keys()
    if lead.person.first_name and lead.person.last_name and something - {"email"}:
        assert likeness(lead, lead).verdict == "same"


def test_umlauts_fold_to_one_spelling() -> None:
    assert len({fold(name) for name in ("Müller", "MUELLER", "Muller", "mu\u0308ller")}) == 1
    assert fold("Bauer") != fold("Baur")
    assert fold("Łukasz Ångström Çelik") == fold("LUKASZ AANGSTROEM CELIK")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Wikipedia", "3412"),
        ("Müller-Lüdenscheidt", "65752682"),
        ("Breschnew", "17863"),
        ("Meier", "67"),
        ("Mayer", "67"),
        ("Xaver", "4837"),
    ],
)
def test_names_sound_as_in_the_published_examples(name: str, code: str) -> None:
    """The first three are the examples of the German Wikipedia's page on Kölner Phonetik."""
    assert sound(name) == code
