"""Looking a lead up by an e-mail address, a phone number, an id elsewhere, a browser: on every storage."""

from __future__ import annotations

import pytest

from acme import acme_flow
from leadflow import ExternalId
from leadflow.errors import InvalidInput


@pytest.fixture
def flow(every_storage, clock, outbox):
    return acme_flow(every_storage, clock, outbox)


@pytest.fixture
def ada(flow):
    known = flow.capture(
        {"email": "Ada.Lovelace@acme.example", "phone": "+49 40 7997596", "last_name": "Lovelace"},
        source="web",
        visitor="browser-1",
        external_id=ExternalId(system="crm:eu", id="77"),
    )
    return known.lead_id


@pytest.mark.parametrize("spelling", ["ada.lovelace@acme.example", " ADA.Lovelace@ACME.example "])
def test_an_address_belongs_to_the_lead_that_claims_it_in_any_spelling(flow, ada, spelling):
    found = flow.by_email(spelling)
    assert found is not None
    assert found.id == ada


def test_an_address_that_nobody_claims_is_nobodys(flow, ada):
    flow.capture({"email": "info@acme.example", "last_name": "Byron", "phone": "+49 40 7997597"}, source="web")
    assert flow.by_email("ben@acme.example") is None
    assert flow.by_email("info@acme.example") is None, "an address of a role belongs to nobody"


@pytest.mark.parametrize("number", ["+49 40 7997596", "+49 (0)40 / 799 75 96", "004940 7997596"])
def test_a_number_finds_all_who_have_it(flow, ada, number):
    second = flow.capture({"email": "b@acme.example", "last_name": "Byron", "phone": "+49407997596"}, source="web")
    flow.capture({"email": "c@acme.example", "last_name": "Cay", "phone": "+494079975961"}, source="web")
    assert [lead.id for lead in flow.by_phone(number)] == sorted([ada, second.lead_id])


def test_a_number_that_nobody_has_finds_nobody(flow, ada):
    assert flow.by_phone("+49 40 7997") == []


def test_a_number_in_a_name_is_no_phone_number(flow, ada):
    flow.capture({"email": "d@acme.example", "last_name": "Dee", "company": "49407997596 GmbH"}, source="web")
    assert [lead.id for lead in flow.by_phone("+49 40 7997596")] == [ada]


def test_an_id_elsewhere_and_a_browser_find_their_lead(flow, ada):
    assert flow.by_external_id("crm:eu", "77").id == ada
    assert flow.by_external_id("crm", "eu:77") is None
    assert flow.by_visitor("browser-1").id == ada
    assert flow.by_visitor("browser-2") is None


def test_an_anonymous_visitor_is_found_by_the_browser(flow):
    flow.visit("browser-3", "page_viewed")
    assert flow.by_visitor("browser-3").stage == "prospect"


def test_an_absorbed_visitor_leads_to_who_absorbed_it(flow, ada):
    flow.visit("browser-4", "page_viewed")
    flow.capture({"email": "ada.lovelace@acme.example"}, source="web", visitor="browser-4")
    assert flow.by_visitor("browser-4").id == ada


def test_who_is_erased_is_found_no_more(flow, ada):
    flow.erase(ada, by="anna")
    assert (flow.by_email("ada.lovelace@acme.example"), flow.by_phone("+49407997596")) == (None, [])
    assert (flow.by_external_id("crm:eu", "77"), flow.by_visitor("browser-1")) == (None, None)


@pytest.mark.parametrize(
    ("ask", "given"),
    [
        ("by_email", "ada"),
        ("by_email", "+49407997596"),
        ("by_email", 7),
        ("by_phone", "ada@acme.example"),
        ("by_phone", "12"),
        ("by_visitor", ""),
        ("by_visitor", "x" * 2_000),
    ],
)
def test_what_is_none_is_refused_by_name(flow, ask, given):
    with pytest.raises(InvalidInput, match=r"give"):
        getattr(flow, ask)(given)
