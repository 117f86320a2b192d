"""An e-mail address is its owner's: who typed it in beside another neither claims it nor is merged or mailed by it."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from acme import acme_flow, consistent
from leadflow import Consent, ExternalId, IdempotencyConflict, Refused
from leadflow.events import AddressTakenOver
from leadflow.quality import likeness

VERA = {"email": "vera@a.example", "first_name": "Vera", "last_name": "Klein"}
EVIL = {"email": "m@evil.example", "first_name": "Mallory", "last_name": "Evil"}
CRM = ExternalId(system="crm", id="7")


def claims(lead) -> dict[str, tuple[bool, bool]]:
    return {email.address: (email.claimed, email.verified) for email in lead.emails}


def holder(flow, address: str):
    return flow.storage.holders([f"email:{address}"]).get(f"email:{address}")


def said_yes(clock) -> Consent:
    return Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="a box was ticked")


def run(flow, clock, days=10) -> None:
    for _ in range(days):
        clock.advance(days=1)
        flow.run_due()


# ------------------------------------------------------------------------------------------------- typed beside
BESIDE = [
    {"emails": "vera@a.example"},
    {"emails": ["VERA@A.example", "x@evil.example"]},
    {"email2": "Vera <vera@a.example>"},
    {"email3": "mailto:vera@a.example"},
    {"emails": [*(f"p{n}@evil.example" for n in range(18)), "vera@a.example"]},
]


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("verified", [False, True])
def test_an_address_typed_beside_anothers_main_one_is_no_claim(flow, beside, verified):
    evil = flow.capture(EVIL | beside, source="web", verified=verified).lead_id
    assert claims(flow.get(evil))["vera@a.example"] == (False, False)
    assert claims(flow.get(evil))["m@evil.example"] == (True, verified)
    vera = flow.capture(VERA, source="web")
    assert (vera.lead_id != evil, vera.outcome) == (True, "unsure")
    assert holder(flow, "vera@a.example") == vera.lead_id
    assert evil in {twin.lead_id for twin in flow.get(vera.lead_id).twins}
    assert vera.lead_id in {twin.lead_id for twin in flow.get(evil).twins}
    assert likeness(flow.get(vera.lead_id), flow.get(evil)).verdict == "unsure"
    consistent(flow)


def test_who_verifies_an_address_that_was_typed_elsewhere_takes_it_over(flow, clock, outbox):
    evil = flow.capture(EVIL | {"emails": "vera@a.example"}, source="web", consents=[said_yes(clock)]).lead_id
    vera = flow.capture(VERA, source="web", verified=True, consents=[said_yes(clock)])
    assert vera.outcome == "unsure"
    for lead_id, other in ((evil, vera.lead_id), (vera.lead_id, evil)):
        assert [twin.lead_id for twin in flow.get(lead_id).twins] == [other]
        assert "address_taken_over" in {finding.code for finding in flow.get(lead_id).findings}
    assert flow.get(vera.lead_id).email.verified
    run(flow, clock)
    assert sorted(mail.to for mail in outbox.sent) == ["m@evil.example"] * 2 + ["vera@a.example"] * 2
    consistent(flow)


def test_an_address_that_is_verified_later_on_its_own_lead_is_noted_with_who_typed_it(flow):
    vera = flow.capture(VERA, source="web").lead_id
    evil = flow.capture(EVIL | {"emails": "vera@a.example"}, source="web").lead_id
    assert flow.capture(VERA, source="web", verified=True).lead_id == vera
    assert claims(flow.get(vera)) == {"vera@a.example": (True, True)}
    assert "address_taken_over" in {finding.code for finding in flow.get(evil).findings}
    assert [twin.lead_id for twin in flow.get(evil).twins] == [vera]
    consistent(flow)


def test_only_addresses_in_a_list_make_the_first_the_main_one(flow):
    lead_id = flow.capture({"emails": "vera@a.example; m@evil.example"}, source="web", verified=True).lead_id
    assert claims(flow.get(lead_id)) == {"vera@a.example": (True, True), "m@evil.example": (False, False)}


def test_the_proof_of_an_unreadable_address_is_none_for_the_one_beside_it(flow):
    lead_id = flow.capture({"email": "m at evil", "emails": "vera@a.example"}, source="web", verified=True).lead_id
    assert claims(flow.get(lead_id)) == {"vera@a.example": (True, False)}


@pytest.mark.parametrize(
    "spelling",
    ["VERÄ@BÜCHER.example", unicodedata.normalize("NFD", "verä@bücher.example"), "verä@xn--bcher-kva.example"],
)
def test_spellings_of_the_main_address_beside_it_are_the_main_address(flow, spelling):
    lead_id = flow.capture({"email": "verä@bücher.example", "emails": spelling}, source="web").lead_id
    assert list(claims(flow.get(lead_id)).values()) == [(True, False)]
    evil = flow.capture(EVIL | {"emails": spelling}, source="web").lead_id
    assert flow.get(evil).email.address == "m@evil.example"
    assert flow.capture({"email": spelling, "note": "hi"}, source="web").lead_id == lead_id
    consistent(flow)


def test_a_role_address_typed_beside_is_not_written_to(flow, clock, outbox):
    lead_id = flow.capture(
        {"phone": "0171 1234567", "email": "not one", "emails": "a@b.example, info@c.example"},
        source="web",
        consents=[said_yes(clock)],
    ).lead_id
    flow.correct(lead_id, {"emails": ["a@b.example"]}, by="anna")
    flow.capture({"email": "a@b.example", "emails": "info@c.example"}, source="web")
    flow.capture(VERA | {"emails": "info@c.example"}, source="web", consents=[said_yes(clock)])
    run(flow, clock)
    assert "info@c.example" not in {mail.to for mail in outbox.sent}
    assert outbox.sent


# ------------------------------------------------------------------------------------------------------ takeovers
def test_a_verified_person_takes_over_a_strangers_main_address(flow, clock, outbox):
    typed = EVIL | {"email": "vera@a.example", "phone": "0171 1234567"}
    evil = flow.capture(typed, source="web", consents=[said_yes(clock)]).lead_id
    before = flow.get(evil)
    vera = flow.capture(VERA, source="web", verified=True)
    assert (vera.outcome, vera.lead_id != evil) == ("unsure", True)
    lost = flow.get(evil)
    assert claims(lost) == {"vera@a.example": (False, False)}
    assert (lost.email.address, lost.person, lost.phones) == (None, before.person, before.phones)
    assert claims(flow.get(vera.lead_id)) == {"vera@a.example": (True, True)}
    assert flow.get(vera.lead_id).phones == ()
    assert holder(flow, "vera@a.example") == vera.lead_id
    assert [twin.lead_id for twin in lost.twins] == [vera.lead_id]
    assert [twin.lead_id for twin in flow.get(vera.lead_id).twins] == [evil]
    run(flow, clock)
    assert outbox.sent == []
    consistent(flow)


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ({"name": "Mallory Evil"}, {"name": "Vera Klein"}),
        ({"last_name": "Evil"}, {"last_name": "Klein"}),
        ({"first_name": "Mallory"}, {"first_name": "Vera"}),
        ({"name": "Peter Klein"}, {"name": "Vera Klein"}),
        ({"salutation": "Herr", "last_name": "Klein"}, {"salutation": "Frau", "last_name": "Klein"}),
        ({"phone": "0171 1234567"}, {"phone": "0171 7654321"}),
        ({"postcode": "10115", "city": "Berlin"}, {"postcode": "80331", "city": "München"}),
        ({"linkedin": "mallory"}, {"linkedin": "vera"}),
    ],
)
def test_whatever_contradicts_the_person_is_a_strangers(flow, known, typed):
    evil = flow.capture({"email": "vera@a.example"} | known, source="web").lead_id
    vera = flow.capture({"email": "vera@a.example"} | typed, source="web", verified=True).lead_id
    assert vera != evil
    assert holder(flow, "vera@a.example") == vera
    consistent(flow)


@pytest.mark.parametrize(
    "again",
    [
        {},
        {"first_name": "VERA", "last_name": "klein"},
        {"name": "Klein, Vera", "phone": "+49 171 1234567"},
        {"company": "Acme GmbH", "job_title": "Director"},
        {"phone": "0171/1234567", "street": "Hauptstrasse 5", "city": "BERLIN", "postcode": "10115"},
        {"last_name": "Groß"},
    ],
)
def test_the_usual_double_opt_in_stays_one_lead(flow, again):
    first = VERA | {"phone": "0171 1234567", "street": "Hauptstr. 5", "postcode": "10115", "city": "Berlin"}
    lead_id = flow.capture(first, source="web").lead_id
    confirmed = flow.capture({"email": "Vera@A.example"} | again, source="confirmed", verified=True)
    assert (confirmed.lead_id, confirmed.outcome) == (lead_id, "updated")
    assert claims(flow.get(lead_id)) == {"vera@a.example": (True, True)}
    consistent(flow)


def test_a_verified_address_is_never_taken_over(flow):
    vera = flow.capture(VERA, source="web", verified=True).lead_id
    again = flow.capture(EVIL | {"email": "vera@a.example"}, source="web", verified=True)
    assert again.lead_id == vera
    other = flow.capture(EVIL, source="crm", external_id=CRM).lead_id
    held = flow.capture(VERA | {"note": "x"}, source="crm", external_id=CRM, verified=True)
    assert held.outcome == "unsure"
    assert (holder(flow, "vera@a.example"), claims(flow.get(other))) == (vera, {"m@evil.example": (True, False)})
    consistent(flow)


def test_another_verified_address_makes_a_stranger_unless_the_browser_says_otherwise(flow):
    def claimed_by_mallory(number: int, visitor: str) -> str:
        crm = ExternalId(system="crm", id=f"{number}")
        lead_id = flow.capture(
            {"email": f"m{number}@evil.example"}, source="crm", external_id=crm, verified=True
        ).lead_id
        flow.capture({"email": f"vera{number}@a.example"}, source="crm", external_id=crm, visitor=visitor)
        return lead_id

    one, two = claimed_by_mallory(1, "browser-1"), claimed_by_mallory(2, "browser-2")
    assert flow.capture({"email": "vera1@a.example"}, source="web", verified=True).lead_id != one
    same = flow.capture({"email": "vera2@a.example"}, source="web", verified=True, visitor="browser-2")
    assert same.lead_id == two
    consistent(flow)


def test_who_has_an_id_elsewhere_takes_the_address_to_that_lead(flow):
    evil = flow.capture({"email": "vera@a.example", "note": "mine"}, source="web").lead_id
    vera = flow.capture({"email": "old@a.example"}, source="crm", external_id=CRM).lead_id
    held = flow.capture({"email": "vera@a.example", "note": "x"}, source="crm", external_id=CRM)
    assert (held.outcome, holder(flow, "vera@a.example")) == ("unsure", evil)
    taken = flow.capture({"email": "vera@a.example"}, source="crm", external_id=CRM, verified=True)
    assert (taken.lead_id, taken.outcome) == (vera, "unsure")
    assert claims(flow.get(vera)) == {"old@a.example": (True, False), "vera@a.example": (True, True)}
    assert claims(flow.get(evil)) == {"vera@a.example": (False, False)}
    consistent(flow)


def test_a_lead_that_verifies_an_address_typed_beside_claims_it(flow, clock, outbox):
    lead_id = flow.capture(VERA | {"emails": "vera@home.example"}, source="crm", external_id=CRM).lead_id
    flow.capture({"email": "vera@home.example"}, source="crm", external_id=CRM, verified=True)
    assert claims(flow.get(lead_id)) == {"vera@a.example": (True, False), "vera@home.example": (True, True)}
    assert holder(flow, "vera@home.example") == lead_id
    consistent(flow)


def test_consent_is_for_the_address_that_the_form_is_from(flow, clock):
    lead_id = flow.capture(VERA, source="crm", external_id=CRM, verified=True).lead_id
    flow.capture({"email": "Vera@home.example"}, source="crm", external_id=CRM, consents=[said_yes(clock)])
    assert flow.get(lead_id).email.address == "vera@a.example"
    assert flow.get(lead_id).consent("newsletter", "email").address == "vera@home.example"
    consistent(flow)


def test_an_import_that_names_anothers_address_as_the_second_one_joins_nobody(tmp_path):
    from leadflow.files.journey import RunPlan, run

    file = tmp_path / "leads.csv"
    rows = ["Mallory,m@evil.example,vera@a.example", "Vera,vera@a.example,", "Trudy,t@evil.example,VERA@a.example"]
    file.write_text("\n".join(["first_name,email,email2", *rows]), encoding="utf-8")
    found = {}
    summary = run(
        RunPlan(file), after=lambda flow: found.update({lead.person.first_name: lead for lead in flow.leads()})
    )
    assert sorted(found) == ["Mallory", "Trudy", "Vera"]
    assert {name: lead.email.address for name, lead in found.items()} == {
        "Mallory": "m@evil.example",
        "Trudy": "t@evil.example",
        "Vera": "vera@a.example",
    }
    assert summary.tallies["leads"].outcomes["unsure"] == 2
    assert {twin.lead_id for twin in found["Mallory"].twins} == {found["Vera"].id}


def test_a_visitor_who_verifies_an_address_typed_elsewhere_stays_the_same_visitor(flow):
    evil = flow.capture(EVIL | {"email": "vera@a.example"}, source="web", visitor="mallory's").lead_id
    seen = flow.visit("vera's", "page_viewed", id="1").lead_id
    vera = flow.capture(VERA, source="web", verified=True, visitor="vera's")
    assert (vera.lead_id, flow.get(seen).id, flow.get(seen).score.engagement) == (seen, seen, 3)
    assert (flow.get(evil).visitors, holder(flow, "vera@a.example")) == (("mallory's",), seen)
    consistent(flow)


def test_a_takeover_on_the_strangers_own_browser_moves_the_browser_too(flow):
    evil = flow.capture(EVIL | {"email": "vera@a.example"}, source="web", visitor="b").lead_id
    vera = flow.capture(VERA, source="web", verified=True, visitor="b").lead_id
    assert (vera != evil, flow.get(evil).visitors, flow.get(vera).visitors) == (True, (), ("b",))
    assert claims(flow.get(evil)) == {"vera@a.example": (False, False)}
    consistent(flow)


def test_what_the_team_puts_in_is_claimed_unless_another_lead_holds_it(flow):
    evil = flow.capture(EVIL | {"emails": ["vera@a.example", "m@home.example"]}, source="web").lead_id
    vera = flow.capture(VERA, source="web").lead_id
    with pytest.raises(Refused, match=f"belongs to lead {vera}"):
        flow.correct(evil, {"emails": ["m@evil.example", "vera@a.example"]}, by="anna")
    flow.correct(evil, {"emails": ["m@evil.example", "m@home.example"]}, by="anna")
    assert claims(flow.get(evil)) == {"m@evil.example": (True, False), "m@home.example": (True, False)}
    assert holder(flow, "m@home.example") == evil
    consistent(flow)


def test_a_chain_of_takeovers_ends_with_who_verified(flow):
    names = ["Mallory Evil", "Trudy Mean", "Vera Klein", "Oscar Fake"]
    first = flow.capture({"email": "vera@a.example", "name": names[0]}, source="web").lead_id
    second = flow.capture(
        {"email": "x@evil.example", "emails": "vera@a.example", "name": names[1]}, source="web"
    ).lead_id
    vera = flow.capture({"email": "vera@a.example", "name": names[2]}, source="web", verified=True).lead_id
    assert len({first, second, vera}) == 3
    for verified in (False, True):
        again = flow.capture({"email": "vera@a.example", "name": names[3]}, source="web", verified=verified)
        assert again.lead_id == vera
    assert not any(flow.get(lead_id).email.address == "vera@a.example" for lead_id in (first, second))
    assert {twin.lead_id for twin in flow.get(vera).twins} == {first, second}
    # an identical submission of the first one is still its own, and changes nothing
    assert flow.capture({"email": "vera@a.example", "name": names[0]}, source="web").lead_id == first
    consistent(flow)


def test_verified_submissions_that_race_make_one_lead(storage, clock):
    evil = acme_flow(storage, clock).capture(EVIL | {"email": "vera@a.example"}, source="web").lead_id

    def verify(number: int) -> str:
        flow = acme_flow(storage, clock)
        return flow.capture(VERA | {"note": f"{number}"}, source="web", verified=True).lead_id

    with ThreadPoolExecutor(4) as pool:
        leads = set(pool.map(verify, range(8)))
    assert len(leads) == 1 and evil not in leads
    flow = acme_flow(storage, clock)
    assert sum(isinstance(fact, AddressTakenOver) for fact in flow.history(evil)) == 1
    consistent(flow)


def test_an_address_is_taken_over_from_a_lead_that_is_busy(storage, clock):
    flow = acme_flow(storage, clock)
    evil = flow.capture(EVIL | {"email": "vera@a.example"}, source="web").lead_id

    def busy(number: int) -> str:
        return acme_flow(storage, clock).record(evil, "page_viewed", id=f"{number}").lead_id

    def verify(number: int) -> str:
        values = VERA | {"email": f"vera+{number}@a.example"} if number % 2 else VERA
        return acme_flow(storage, clock).capture(values, source="web", verified=True).lead_id

    with ThreadPoolExecutor(4) as pool:
        recorded, verified = pool.map(busy, range(6)), pool.map(verify, range(4))
        assert set(recorded) == {evil} and evil not in set(verified)
    assert len(flow.storage.activities(evil)) == 6
    assert claims(flow.get(evil)) == {"vera@a.example": (False, False)}
    consistent(flow)


def test_a_takeover_answers_its_key_the_same_again(flow):
    flow.capture(EVIL | {"email": "vera@a.example"}, source="web")
    first = flow.capture(VERA, source="web", verified=True, key="k")
    assert flow.capture(VERA, source="web", verified=True, key="k") == first
    with pytest.raises(IdempotencyConflict):
        flow.capture(VERA, source="web", key="k")
    assert flow.capture(VERA, source="web", verified=True).repeated


def test_an_address_taken_over_while_its_mail_is_leased_gets_none(flow, clock, outbox):
    evil = flow.capture(EVIL | {"email": "vera@a.example"}, source="web", consents=[said_yes(clock)]).lead_id
    clock.advance(days=1)
    until = clock() + timedelta(minutes=5)
    assert "nurture:welcome" in {task.kind for task in flow.storage.lease(clock(), 100, until, "another process")}
    flow.capture(VERA, source="web", verified=True)
    clock.advance(minutes=6)
    run(flow, clock)
    assert outbox.sent == []
    assert flow.get(evil).enrolments[0].ended == "can't be reached by email"
    consistent(flow)


def test_erasing_who_lost_an_address_does_not_ban_its_owner(flow, clock, outbox):
    lost = flow.capture(EVIL | {"email": "vera@a.example"}, source="web").lead_id
    beside = flow.capture(EVIL | {"emails": "vera@a.example"}, source="web").lead_id
    vera = flow.capture(VERA, source="web", verified=True, consents=[said_yes(clock)]).lead_id
    flow.erase(lost, by="anna")
    flow.erase(beside, by="anna")
    run(flow, clock)
    assert [mail.to for mail in outbox.sent] == ["vera@a.example"] * 2
    flow.erase(vera, by="anna")
    assert holder(flow, "vera@a.example") is None
    consistent(flow)


def test_a_lead_with_fifty_addresses_can_still_be_verified(flow):
    lead_id = flow.capture(EVIL, source="crm", external_id=CRM).lead_id
    for number in range(8):
        more = ";".join(f"p{number}-{each}@other.example" for each in range(10))
        flow.capture({"email": EVIL["email"], "emails": more}, source="web")
    flow.capture(VERA, source="crm", external_id=CRM, verified=True)
    assert claims(flow.get(lead_id))["vera@a.example"] == (True, True)
    consistent(flow)


# ------------------------------------------------------------------------------------------------ twins by address
@pytest.mark.parametrize("name", [{}, {"name": "Vera Klein"}, {"name": "Vera Klein", "phone": "0171 1234567"}])
def test_twins_that_share_an_address_typed_beside_are_unsure(flow, name):
    vera = flow.capture({"email": "vera@a.example"} | name, source="web", verified=True).lead_id
    evil = flow.capture({"email": "m@evil.example", "emails": "vera@a.example"} | name, source="web")
    assert evil.outcome == "unsure"
    assert [twin.lead_id for twin in flow.get(evil.lead_id).twins] == [vera]
    verdict = likeness(flow.get(vera), flow.get(evil.lead_id)).verdict
    assert verdict == ("same" if "phone" in name else "unsure")  # name and mobile phone say so without it


def test_leads_that_share_only_an_unverified_mailbox_are_unsure(flow):
    one = flow.capture({"email": "vera@a.example"}, source="web").lead_id
    two = flow.capture({"email": "vera+fair@a.example"}, source="web").lead_id
    assert likeness(flow.get(one), flow.get(two)).verdict == "unsure"
    flow.capture({"email": "vera@a.example"}, source="web", verified=True)
    assert likeness(flow.get(one), flow.get(two)).verdict == "unsure"
    flow.capture({"email": "vera+fair@a.example"}, source="web", verified=True)
    assert likeness(flow.get(one), flow.get(two)).verdict == "same"
