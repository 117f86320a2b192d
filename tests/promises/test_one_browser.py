"""Two people on one browser stay two: who gives no certain key is the last one there only if nothing contradicts it."""

from __future__ import annotations

import pytest

from acme import consistent
from leadflow.events import VisitorMoved

ADA = {"email": "ada@acme.example", "first_name": "Ada", "last_name": "Lovelace", "phone": "030 901820"}
TABLET = "tablet at the fair"


def test_fifty_people_with_only_a_phone_number_on_one_tablet_are_fifty_leads(flow):
    leads = [
        flow.capture({"phone": f"0171 55512{number:02}"}, source="fair", visitor=TABLET).lead_id for number in range(50)
    ]
    assert len(set(leads)) == 50
    assert [len(flow.get(lead_id).phones) for lead_id in leads] == [1] * 50
    assert [lead_id for lead_id in leads if flow.get(lead_id).visitors] == leads[-1:]
    assert "other_person" not in {finding.code for finding in flow.get(leads[0]).findings}
    assert all("other_person" in {finding.code for finding in flow.get(one).findings} for one in leads[1:])
    consistent(flow)


def test_companies_with_only_a_role_address_on_one_tablet_are_as_many_leads(flow):
    leads = [
        flow.capture({"email": f"info@x{number}.example"}, source="fair", visitor=TABLET).lead_id for number in range(5)
    ]
    assert len(set(leads)) == 5
    consistent(flow)


@pytest.mark.parametrize(
    "other",
    [
        {"phone": "0171 7654321"},
        {"first_name": "Charles", "phone": "030 901820"},
        {"first_name": "Charles", "last_name": "Babbage", "phone": "030 901820"},
        {"last_name": "Babbage", "phone": "030/901820"},
        {"first_name": "William", "last_name": "Lovelace", "email": "info@acme.example"},
        {"first_name": "Ada", "last_name": "Byron", "email": "info@acme.example"},
        {"email": "info@elsewhere.example"},
        {"name": "William", "street": "Am Bach 1", "postcode": "80331", "city": "München"},
    ],
)
def test_whoever_contradicts_the_last_one_on_this_browser_is_somebody_else(flow, other):
    ada = flow.capture(ADA | {"salutation": "Frau"}, source="web", visitor="b").lead_id
    before = flow.get(ada)
    second = flow.capture(other, source="web", visitor="b")
    assert second.lead_id != ada
    assert (flow.get(ada).person, flow.get(ada).phones, flow.get(ada).emails) == (
        before.person,
        before.phones,
        before.emails,
    )
    assert (flow.get(ada).visitors, flow.get(second.lead_id).visitors) == ((), ("b",))
    (moved,) = (fact for fact in flow.history(ada) if isinstance(fact, VisitorMoved))
    assert moved.to == second.lead_id
    (finding,) = (one for one in second.findings if one.code == "other_person")
    assert not any(value in finding.message for value in ("Ada", "901820", "acme"))
    assert second.public.findings == ()
    flow.visit("b", "page_viewed", id="1")
    assert (flow.get(ada).score.engagement, flow.get(second.lead_id).score.engagement) == (0, 3)
    consistent(flow)


@pytest.mark.parametrize(
    "more",
    [
        {"first_name": "ada", "last_name": "LOVELACE", "phone": "+49 (30) 901820"},
        {"name": "Lovelace, Ada", "phone": "030 901820", "mobile": "0171 7654321"},
        {"name": "Frau Ada Lovelace", "job_title": "Director of IT", "phone": "030901820"},
        {"email": "info@acme.example", "company": "Acme GmbH"},
        {"company": "Other AG", "phone": "030 901820"},
        {"job_title": "Director of IT"},
    ],
)
def test_who_says_the_same_in_other_words_is_the_same(flow, more):
    ada = flow.capture(ADA, source="web", visitor="b").lead_id
    assert flow.capture(more, source="web", visitor="b").lead_id == ada
    consistent(flow)


def test_a_couple_at_one_browser_is_a_pair_only_if_it_is_alike(flow):
    ada = flow.capture({"name": "Ada Lovelace", "mobile": "0171 1234567"}, source="web", visitor="b").lead_id
    william = flow.capture({"name": "William King", "mobile": "0171 7654321"}, source="web", visitor="b")
    assert (william.outcome, flow.get(william.lead_id).twins) == ("captured", ())
    again = flow.capture({"name": "Ada Lovelace", "mobile": "0171 1234567", "note": "x"}, source="web", visitor="b")
    assert again.outcome == "unsure"
    assert [twin.lead_id for twin in flow.get(again.lead_id).twins] == [ada]
    consistent(flow)


def test_a_verified_word_overwrites_nobody_else_on_this_browser(flow):
    ada = flow.capture(ADA, source="web", visitor="b").lead_id
    other = flow.capture({"phone": "0171 7654321", "last_name": "King"}, source="web", visitor="b", verified=True)
    assert other.lead_id != ada
    assert flow.get(ada).person.last_name == "Lovelace"
