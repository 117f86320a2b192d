from __future__ import annotations

import pytest

from acme import ADA, consistent
from leadflow import Consent, ExternalId
from leadflow.errors import InvalidInput
from leadflow.events import VisitorAbsorbed


def test_a_new_address_becomes_a_lead_checked_and_scored(flow):
    captured = flow.capture(ADA, source="fair")
    lead = flow.get(captured.lead_id)
    assert (captured.outcome, lead.stage, lead.email.address, lead.source) == (
        "captured",
        "lead",
        "ada@acme.example",
        "fair",
    )
    assert (lead.score.fit, lead.person.seniority, lead.company.domain) == (45, "director", "acme.example")
    consistent(flow)


def test_the_same_address_in_other_spelling_is_the_same_lead(flow, ada):
    again = flow.capture({"email": " ada@ACME.example ", "phone": "030 901820"}, source="web")
    assert (again.lead_id, again.outcome) == (ada, "updated")
    assert flow.get(ada).phone.number == "+4930901820"
    assert [touch.source for touch in flow.get(ada).touches] == ["fair", "web"]
    consistent(flow)


def test_an_identical_submission_is_one(flow, ada, storage):
    before = flow.get(ada)
    again = flow.capture(ADA, source="fair")
    assert (again.lead_id, again.repeated) == (ada, True)
    assert flow.get(ada) == before


def test_a_probable_twin_makes_the_new_lead_unsure_and_merges_nothing(flow, ada):
    twin = flow.capture(
        {"email": "ada.lovelace@gmail.com", "first_name": "Ada", "last_name": "Lovelace", "company": "ACME gmbh"},
        source="newsletter",
    )
    assert twin.outcome == "unsure"
    assert [t.lead_id for t in flow.get(twin.lead_id).twins] == [ada]
    assert len(list(flow.leads())) == 2
    consistent(flow)


def test_two_certain_keys_of_two_leads_touch_neither_and_keep_the_submission(flow, ada):
    bob = flow.capture(
        {"email": "bob@other.example"}, source="crm", external_id=ExternalId(system="crm", id="7")
    ).lead_id
    before = flow.get(ada).person, flow.get(bob).person
    result = flow.capture(
        {"email": ADA["email"], "first_name": "Zoe"}, source="web", external_id=ExternalId(system="crm", id="7")
    )
    assert result.outcome == "unsure"
    assert (flow.get(ada).person, flow.get(bob).person) == before
    assert [t.lead_id for t in flow.get(ada).twins] == [bob]
    assert [t.lead_id for t in flow.get(bob).twins] == [ada]
    (kept,) = flow.held(bob)
    assert kept.submission["first_name"] == "Zoe"
    assert flow.held(ada) == [kept]
    consistent(flow)


def test_what_a_visitor_did_stays_with_the_lead(flow):
    seen = flow.visit("cookie-1", "page_viewed", id="p1")
    assert flow.get(seen.lead_id).stage == "prospect"
    captured = flow.identify("cookie-1", ADA, source="web")
    assert captured.lead_id == seen.lead_id
    lead = flow.get(captured.lead_id)
    assert (lead.stage, lead.score.engagement) == ("lead", 3)
    consistent(flow)


def test_a_visitor_who_turns_out_to_be_known_is_absorbed(flow, ada):
    seen = flow.visit("cookie-1", "page_viewed", id="p1")
    flow.identify("cookie-1", {"email": ADA["email"]}, source="web")
    assert flow.get(seen.lead_id).id == ada
    assert flow.get(ada).score.engagement == 3
    assert [a.id for a in flow.storage.activities(ada)] == ["p1"]
    assert sum(isinstance(f, VisitorAbsorbed) for f in flow.history(ada)) == 2
    assert [lead.id for lead in flow.leads()] == [ada]
    flow.visit("cookie-1", "page_viewed", id="p2")
    assert flow.get(ada).score.engagement == 6
    consistent(flow)


def test_two_people_on_one_browser_stay_two(flow):
    one = flow.identify("cookie-1", ADA, source="web").lead_id
    two = flow.identify("cookie-1", {"email": "bob@other.example"}, source="web").lead_id
    assert one != two
    flow.visit("cookie-1", "page_viewed", id="p1")
    assert (flow.get(one).score.engagement, flow.get(two).score.engagement) == (0, 3)
    assert (flow.get(one).visitors, flow.get(two).visitors) == ((), ("cookie-1",))
    consistent(flow)


def test_an_import_may_bring_consent_with_its_proof_but_never_over_a_withdrawal(flow, clock):
    given = Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="form 7, 2025-01-01")
    lead_id = flow.capture(ADA, source="import", consents=[given]).lead_id
    kept = flow.get(lead_id).consent("newsletter", "email")
    assert kept == given.but(address="ada@acme.example", recorded_at=clock())
    flow.consent(lead_id, "newsletter", "email", status="withdrawn", proof="mail of 2026-03-02")
    later = given.but(proof="another list")
    flow.capture(ADA | {"note": "x"}, source="import", consents=[later])
    assert flow.get(lead_id).consent("newsletter", "email").status == "withdrawn"


def test_a_consent_may_come_as_a_form_has_it_and_is_refused_with_its_field(flow, clock):
    given = {"purpose": "newsletter", "channel": "email", "status": "given", "at": clock().isoformat(), "proof": "form"}
    lead_id = flow.capture(ADA, source="web", consents=given).lead_id
    assert flow.get(lead_id).consent("newsletter", "email").at == clock()
    with pytest.raises(InvalidInput, match=r"Consent\.at: .*2026-03-02T09:00:00.* time zone"):
        flow.capture(ADA, source="web", consents=[given | {"at": "2026-03-02T09:00:00"}])
    with pytest.raises(InvalidInput, match=r"Consent\.channel"):
        flow.capture(ADA, source="web", consents=[given | {"channel": "pigeon"}])


@pytest.mark.parametrize(
    "hostile", ["a\x00b", "a\r\nBcc: x@y.z", "\ud800", "{{7*7}}", "'; DROP TABLE leads;--", "😀" * 300]
)
def test_hostile_text_is_kept_as_harmless_text(flow, hostile):
    lead_id = flow.capture(
        {"email": "x@y.example", "last_name": hostile, "note": hostile, "zz": hostile}, source="web"
    ).lead_id
    text = flow.get(lead_id).model_dump_json()
    assert "\\u0000" not in text and "\\r" not in text
    consistent(flow)


def test_the_same_form_with_its_consent_sent_again_is_one(flow, clock):
    def send(key=None):
        given = Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="the form's wording")
        return flow.capture(ADA, source="form", consents=given, key=key)

    first = send(key="k")
    clock.advance(minutes=1)
    assert send(key="k") == first
    assert send().repeated
    assert len(flow.get(first.lead_id).touches) == 1
