"""What a lead says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadflow.entities import Address, Company, Deal, Email, ExternalId, Lead, Person, Phone, SocialProfile, with_fields
from leadflow.entities.lead import unknown
from leadflow.testing import a_consent, a_lead

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ONE, TWO = Email(address="one@acme.example"), Email(address="two@acme.example")


@pytest.mark.parametrize(
    ("emails", "where"),
    [
        ((), None),
        ((ONE, TWO), "one@acme.example"),
        ((ONE, TWO.but(verified=True)), "two@acme.example"),
        ((ONE.but(claimed=False), TWO), "two@acme.example"),
        ((ONE.but(claimed=False, verified=True),), None),
        ((ONE, TWO.but(verified=True, claimed=False)), "one@acme.example"),
    ],
)
def test_mail_goes_to_the_first_verified_address_else_to_the_first_claimed_one(emails, where):
    assert a_lead(emails=emails).email.address == where


@pytest.mark.parametrize(
    ("parts", "reachable"),
    [
        ({}, False),
        ({"emails": (ONE,)}, True),
        ({"emails": (ONE.but(claimed=False),)}, True),
        ({"phones": (Phone(number="+4930901820"),)}, True),
        ({"social": (SocialProfile(network="linkedin", handle="ada"),)}, True),
        ({"address": Address(city="Bonn")}, False),
        ({"address": Address(street="Hauptstraße", postcode="53111")}, False),
        ({"address": Address(city="Bonn", street="Hauptstraße")}, True),
        ({"address": Address(city="Bonn", postcode="53111")}, True),
        ({"external_ids": (ExternalId(system="crm", id="7"),)}, False),
        ({"external_ids": (ExternalId(system="crm", id="7", reachable=True),)}, True),
        ({"person": Person(first_name="Ada", last_name="Lovelace")}, False),
    ],
)
def test_a_lead_is_reachable_by_mail_phone_profile_letter_or_a_system_that_can(parts, reachable):
    assert a_lead(**parts).is_reachable is reachable


@pytest.mark.parametrize(
    ("company", "account"),
    [
        (Company(), None),
        (Company(domain="acme.example", name="Acme"), "acme.example"),
        (Company(name="ACME"), "acme|"),
        (Company(name="Acme", country="DE"), "acme|DE"),
    ],
)
def test_colleagues_share_a_domain_else_a_name_and_country(company, account):
    assert a_lead(company=company).account == account


def test_the_deal_that_is_meant_is_the_open_one_else_the_last():
    won, first, last = (Deal(id=id, opened_at=NOW) for id in ("won", "first", "last"))
    lead = a_lead(deals=(first, last, won.but(status="won")))
    assert lead.deal(None).id == "last"
    assert lead.deal("won").status == "won"
    assert lead.deal("none") is None
    assert a_lead(deals=(won.but(status="won"), first.but(status="lost"))).deal(None).id == "first"
    assert a_lead().deal(None) is None


def test_what_is_allowed_is_what_the_last_words_say():
    given = a_consent("newsletter", at=NOW), a_consent("offers", at=NOW), a_consent("sales", "phone", at=NOW)
    lead = a_lead(consents=(*given, a_consent("offers", status="withdrawn", at=NOW + timedelta(days=1))))
    assert lead.consented == ("newsletter/email", "sales/phone")
    assert lead.consent("offers", "email").status == "withdrawn"
    assert lead.consent("offers", "letter") is None


def test_people_look_for_a_lead_by_names_company_addresses_and_numbers_as_they_are_dialled():
    lead = a_lead(
        person=Person(first_name="Ada", last_name="Lovelace"), company=Company(name="Acme", domain="acme.example"),
        emails=(ONE,), phones=(Phone(number="+4930901820"),),
    )  # fmt: skip
    words = lead.text.split()
    assert words[:5] == ["Ada", "Lovelace", "Acme", "acme.example", "one@acme.example"]
    assert {"4930901820", "30901820"} <= set(words)


def test_of_an_unknown_lead_nothing_is_known_but_when_it_was_first_heard_of():
    lead = unknown(Lead, "lead-1", NOW)
    assert lead == Lead(id="lead-1", created_at=NOW, recorded_at=NOW)
    assert (lead.stage, lead.version, lead.is_reachable) == ("prospect", 0, False)
    assert (lead.company.domain, lead.email.address, lead.phone.number) == (
        None,
        None,
        None,
    )  # never None before the dot


def test_fields_are_replaced_by_what_their_json_forms_say():
    lead = with_fields(a_lead(), {"interests": ["cranes"], "timing": "2026-04-01", "person": {"last_name": "Lovelace"}})
    assert (lead.interests, lead.timing.isoformat(), lead.person) == (
        ("cranes",),
        "2026-04-01",
        Person(last_name="Lovelace"),
    )
