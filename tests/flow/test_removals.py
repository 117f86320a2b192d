"""A correction empties fields: what was given as nothing is gone, with its claims; consents stay."""

from __future__ import annotations

import json
from typing import Any

import pytest

from acme import acme_flow, consistent
from leadflow import Actor, LeadFlow
from leadflow.decisions.removals import _FURTHER
from leadflow.entities import Entity
from leadflow.events import DetailsCorrected, replay
from leadflow.quality.details import FIELDS

EVA = Actor(kind="marketing", id="eva")
KNOWN: dict[str, Any] = {
    "salutation": "Mr",
    "title": "Dr.",
    "first_name": "Bob",
    "last_name": "Berg",
    "job_title": "Director",
    "department": "IT",
    "language": "de",
    "company": "Berg GmbH",
    "website": "berg.example",
    "industry": "steel",
    "employees": 300,
    "revenue": 5_000_000,
    "street": "Ring 5",
    "postcode": "10115",
    "city": "Berlin",
    "region": "Berlin",
    "country": "DE",
    "persona": "buyer",
    "intended_use": "halls",
    "buying_role": "decider",
    "budget": 9000,
    "authority": True,
    "need": "a crane",
    "timing": "2027-01-15",
    "note": "tall",
    "interests": ["cranes"],
    "pain_points": ["noise"],
    "product_interest": ["c1"],
    "linkedin": "bob",
    "xing": "bob.berg",
    "twitter": "bobb",
    **{network: f"bob-{network}" for network in ("facebook", "instagram", "tiktok", "youtube", "github")},
    "register_number": "HRB 12345, München",
    "vat_number": "DE136695976",
    "lei": "529900T8BM49AURSDO55",
    "email": "bob.berg@gmail.com",
    "phone": "+49 30 1234567",
}
ONE_FOR_ANOTHER = {"name": {"title", "first_name", "last_name"}, "emails": {"email"}, "phones": {"phone"}}
ONE_FOR_ANOTHER |= {
    "social": {"linkedin", "xing", "twitter", "facebook", "instagram", "tiktok", "youtube", "github"},
    "house_number": {"street"},
    "seniority": {"job_title"},
}
ALONE = sorted(FIELDS - {"house_number", "seniority"} - set(_FURTHER))
DETAILS = "emails phones social address person company persona interests pain_points product_interest intended_use"
DETAILS += " buying_role budget authority need timing note custom"


class Fleet(Entity):
    machines: int | None = None
    plan: str = "basic"
    serial: str = ""


def known_lead(flow: LeadFlow, values: dict[str, Any]) -> str:
    return flow.capture(values, source="fair").lead_id


def details(flow: LeadFlow, lead_id: str) -> dict[str, Any]:
    return {name: getattr(flow.get(lead_id), name) for name in DETAILS.split()}


@pytest.mark.parametrize("nothing", [None, "", []], ids=repr)
@pytest.mark.parametrize("key", ALONE)
def test_a_field_given_as_nothing_is_as_if_it_had_never_been_given(storage, clock, key, nothing):
    flow = acme_flow(storage, clock, country=None)
    lead_id = known_lead(flow, KNOWN)
    answer = flow.correct(lead_id, {key: nothing}, by=EVA)
    assert answer.changed and not answer.findings
    gone = ONE_FOR_ANOTHER.get(key, {key})
    other = acme_flow(type(storage)(), clock, country=None)
    without = known_lead(
        other, {name: value for name, value in KNOWN.items() if name not in gone} | {"email3": "bb@gmail.com"}
    )
    expected, now = details(other, without), details(flow, lead_id)
    expected["emails"] = tuple(one for one in expected["emails"] if one.address != "bb@gmail.com")
    assert now == expected
    assert flow.correct(lead_id, {key: nothing}, by=EVA).changed == ()
    consistent(flow)


def test_parts_of_a_street_and_a_told_seniority_go_alone_too(storage, clock):
    flow = acme_flow(storage, clock)
    lead_id = known_lead(flow, KNOWN)
    flow.correct(lead_id, {"house_number": None, "seniority": None}, by=EVA)
    lead = flow.get(lead_id)
    assert (lead.address.street, lead.address.house_number) == ("Ring", None)
    assert (lead.person.job_title, lead.person.seniority) == ("Director", None)


def test_a_seniority_of_its_own_survives_the_job_title(storage, clock):
    flow = acme_flow(storage, clock)
    lead_id = known_lead(flow, KNOWN | {"seniority": "staff"})
    flow.correct(lead_id, {"job_title": ""}, by=EVA)
    assert (flow.get(lead_id).person.job_title, flow.get(lead_id).person.seniority) == (None, "staff")


def test_claims_of_removed_addresses_are_released_and_consents_stay(every_storage, clock):
    flow = acme_flow(every_storage, clock)
    lead_id = known_lead(flow, KNOWN)
    flow.consent(lead_id, purpose="newsletter", channel="email", status="given", proof="form")
    answer = flow.correct(lead_id, {"email": None, "phone": ""}, by=EVA)
    assert (answer.changed, answer.findings) == (("emails", "phones"), ())
    lead = flow.get(lead_id)
    assert (lead.emails, lead.phones, lead.consented) == ((), (), ("newsletter/email",))
    assert (flow.by_email("bob.berg@gmail.com"), flow.by_phone("+49301234567")) == (None, [])
    assert known_lead(flow, {"email": "bob.berg@gmail.com"}) != lead_id, "whoever gives it now is somebody else"
    consistent(flow)


def test_the_history_has_the_removal_and_it_replays(every_storage, clock):
    flow = acme_flow(every_storage, clock)
    lead_id = known_lead(flow, KNOWN)
    before = flow.get(lead_id)
    flow.correct(lead_id, {"budget": None, "emails": [], "job_title": ""}, by=EVA, key="k")
    flow.correct(lead_id, {"budget": None, "emails": [], "job_title": ""}, by=EVA, key="k")
    facts = list(flow.history(lead_id))
    [fact] = [one for one in facts if isinstance(one, DetailsCorrected)]
    assert (fact.actor, fact.details["budget"], fact.details["emails"]) == (EVA, None, [])
    assert '"job_title": "Director"' not in json.dumps(dict(fact.details))
    assert replay(facts, flow.policy.lead_type) == flow.get(lead_id)
    assert replay(facts, flow.policy.lead_type, upto=before.version) == before
    assert flow.count(None) == 1


def test_who_can_not_be_reached_any_more_is_a_warning(storage, clock):
    flow = acme_flow(storage, clock)
    lead_id = known_lead(flow, {"email": "ann@x.example", "last_name": "Abel"})
    [finding] = flow.correct(lead_id, {"email": None}, by=EVA).findings
    assert (finding.code, finding.severity) == ("unreachable", "warning")
    assert flow.get(lead_id).emails == ()


@pytest.mark.parametrize(
    ("values", "remedy"),
    [
        ({"email2": None}, "as a list: emails"),
        ({"mobile": ""}, "as a list: phones"),
        ({"utm_campaign": None}, "no such detail"),
        ({"job_titel": None}, "no such detail"),
        ({"owner": None}, "no such detail"),
    ],
)
def test_what_can_not_be_emptied_says_why_in_its_place(storage, clock, values, remedy):
    flow = acme_flow(storage, clock, custom=Fleet)
    lead_id = known_lead(flow, {"email": "a@x.example", "email2": "b@x.example", "serial": "S1"})
    before = flow.get(lead_id)
    answer = flow.correct(lead_id, values, by=EVA)
    assert [one.field for one in answer.findings] == [*values]
    assert remedy in answer.findings[0].message
    assert (answer.changed, flow.get(lead_id)) == ((), before)


def test_custom_fields_get_their_defaults(storage, clock):
    flow = acme_flow(storage, clock, custom=Fleet)
    lead_id = known_lead(flow, {"email": "a@x.example", "serial": "S1", "machines": 3, "plan": "gold"})
    assert flow.correct(lead_id, {"machines": None, "custom.plan": ""}, by=EVA).changed == ("custom",)
    assert flow.get(lead_id).custom == Fleet(serial="S1")
    consistent(flow)


def test_a_value_that_can_not_be_read_any_more_is_removed_too(storage, clock):
    class Numbers(Entity):
        size: int | None = None

    class Texts(Entity):
        size: str | None = None

    old = LeadFlow(storage, custom=Texts, clock=clock)
    lead_id = known_lead(old, {"email": "a@x.example", "size": "big"})
    flow = LeadFlow(storage, custom=Numbers, clock=clock)
    assert flow.correct(lead_id, {"size": None}, by=EVA).changed == ("custom",)
    assert LeadFlow(storage, custom=Texts, clock=clock).get(lead_id).custom == Texts()


def test_given_values_win_over_nothing_and_lists_are_given_as_a_whole(storage, clock):
    flow = acme_flow(storage, clock)
    lead_id = known_lead(flow, KNOWN)
    flow.correct(
        lead_id, {"name": "  ", "last_name": "Berger", "email": [None, ""], "email2": "new@berg.example"}, by=EVA
    )
    lead = flow.get(lead_id)
    assert (lead.person.first_name, lead.person.last_name) == (None, "Berger")
    assert [one.address for one in lead.emails] == ["new@berg.example"]


def test_a_submission_with_empty_values_empties_nothing(storage, clock):
    flow = acme_flow(storage, clock)
    lead_id = known_lead(flow, KNOWN)
    before = details(flow, lead_id)
    nothing = dict.fromkeys(KNOWN, "") | {"email": KNOWN["email"], "interests": [], "phone": None}
    for verified in (False, True):
        assert flow.capture(nothing, source="web", verified=verified).lead_id == lead_id
    known = details(flow, lead_id)
    assert {**known, "emails": [one.address for one in known["emails"]]} == {**before, "emails": ["bob.berg@gmail.com"]}
