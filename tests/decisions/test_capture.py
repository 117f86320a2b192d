"""Capture and Visit, driven by hand: what they ask, and what they want written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from decisions.by_hand import NOBODY, NOW, RULES, SECRET, driven, held, lead, stored
from leadflow import Actor, Consent, ExternalId, InvalidInput
from leadflow.decisions.commands import Capture, Suppress, Visit
from leadflow.decisions.reads import Activities, FeaturesOf, Holders, Keys, Load, Matching, NewId, States
from leadflow.entities import Activity, Email
from leadflow.errors import Unavailable, Unreadable
from leadflow.events import ConsentChanged, LeadCaptured, StageChanged, TwinSuspected, VisitorAbsorbed, VisitorMoved
from leadflow.ports import State
from leadflow.quality import features_of
from leadflow.testing import a_consent, an_activity, an_adjustment

ADA = {"email": "ADA@acme.example", "first_name": "Ada", "last_name": "Lovelace", "company": "Acme GmbH"}
ADDRESS = "email:ada@acme.example"
NOBODY_ELSE = {Matching: {}}
KNOWN = {Keys: (SECRET,), States: {}, Holders: {ADDRESS: "lead-1"}}


# ----------------------------------------------------------------------------------------------------- somebody new
def test_a_stranger_is_looked_for_by_claims_and_match_keys_and_gets_an_id():
    done = driven(Capture(ADA, source="fair"), NOBODY)
    assert done.asked == ["Keys", "States", "Holders", "Matching", "NewId"]
    assert done.keys_of(Holders) == {ADDRESS}
    assert {key.partition(":")[0] for key in done.keys_of(States)} == {"submission", "account"}


def test_a_new_lead_comes_with_its_facts_its_claim_and_what_makes_the_same_submission_one():
    done = driven(Capture(ADA, source="fair"), NOBODY)
    (write,) = done.change.leads
    assert (write.id, write.read_version, write.lead.version, write.lead.stage) == ("new-1", 0, 1, "lead")
    assert done.said == ["lead_captured", "stage_changed"]
    captured, moved = done.fact(LeadCaptured), done.fact(StageChanged)
    assert (captured.source, captured.submission["email"]) == ("fair", "ADA@acme.example")
    assert (moved.move, moved.source, moved.target) == ("identify", "prospect", "lead")
    assert [(fact.version, fact.seq) for fact in done.change.facts] == [(1, 0), (1, 1)]
    assert {fact.actor for fact in done.change.facts} == {Actor(kind="person", id="self")}
    assert done.claims == {ADDRESS: "new-1"}
    assert write.match_keys and write.features
    assert list(done.states.values()) == [{"lead": "new-1"}]
    assert (done.result.lead_id, done.result.outcome, done.result.repeated) == ("new-1", "captured", False)


def test_what_was_typed_beside_the_main_address_is_kept_and_not_claimed():
    done = driven(Capture(ADA | {"emails": "eve@other.example"}, source="fair"), NOBODY)
    assert [(one.address, one.claimed) for one in done.lead().emails] == [
        ("ada@acme.example", True),
        ("eve@other.example", False),
    ]
    assert set(done.claims) == {ADDRESS}


def test_a_role_address_is_neither_asked_for_nor_claimed():
    done = driven(Capture({"email": "info@acme.example"}, source="fair"), NOBODY)
    assert "Holders" not in done.asked
    assert done.claims == {}


def test_a_late_report_happened_when_it_says_and_is_recorded_now():
    then = NOW - timedelta(days=30)
    done = driven(Capture(ADA, source="import", at=then, by=Actor(kind="crm")), NOBODY)
    captured = done.fact(LeadCaptured)
    assert (captured.happened_at, captured.recorded_at, captured.touch.at) == (then, NOW, then)
    assert captured.actor == Actor(kind="crm")


def test_with_rules_a_new_lead_is_scored_and_nothing_more_is_read():
    done = driven(Capture(ADA | {"employees": 900, "job_title": "Director of IT"}, source="fair"), NOBODY, policy=RULES)
    assert done.asked == ["Keys", "States", "Holders", "Matching", "NewId"]  # it did nothing: there is nothing to ask
    assert done.said == ["lead_captured", "stage_changed", "lead_scored"]
    assert done.lead().score.fit == 45


def test_privileged_and_unknown_keys_are_kept_with_the_submission_reported_and_not_obeyed():
    forged = {"owner": "eve", "stage": "customer", "version": 9, "consent": "yes", "compny": "X"}
    done = driven(Capture(ADA | forged, source="web"), NOBODY)
    assert (done.lead().owner, done.lead().stage, done.lead().version, done.lead().consents) == (None, "lead", 1, ())
    codes = {(one.field, one.code) for one in done.result.findings}
    assert {(name, "privileged_key") for name in ("owner", "stage", "version")} <= codes
    unknown = next(one for one in done.result.findings if one.field == "compny")
    assert (unknown.code, unknown.suggestion) == ("unknown_key", "company")
    assert done.fact(LeadCaptured).submission["compny"] == "X"


@pytest.mark.parametrize("values", [{}, {"first_name": "Ada"}, {"email": "no address"}, {"company": "Acme"}])
def test_who_can_not_be_reached_is_refused_by_names_without_values(values):
    with pytest.raises(InvalidInput, match="give an e-mail address, phone number, postal address") as refused:
        driven(Capture(values, source="fair"), NOBODY)
    assert "Ada" not in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"external_id": "crm:7"}, r"external_id: .* give ExternalId\(system=…, id=…\)"),
        ({"source": ""}, "source: '' can't be used; give 1 to"),
        ({"at": NOW.replace(tzinfo=None)}, "at: .* time zone"),
        ({"verified": "yes"}, "verified: 'yes'"),
        ({"consents": "yes"}, r"consents: 'yes' can't be used; give Consent\(purpose=…"),
    ],
)
def test_an_argument_that_can_not_be_used_is_refused_before_anything_is_read(wrong, message):
    with pytest.raises(InvalidInput, match=message):
        Capture(ADA, **({"source": "fair"} | wrong))


# ------------------------------------------------------------------------------------------------------ somebody known
def test_a_known_lead_is_read_once_and_nobody_looks_for_twins():
    done = driven(Capture(ADA, source="web"), KNOWN, stored(lead()))
    assert done.asked == ["Keys", "States", "Holders", "Load"]
    (write,) = done.change.leads
    assert (write.read_version, write.lead.version) == (3, 4)
    assert (done.said, done.claims, done.result.outcome) == (["lead_captured"], {}, "updated")


def test_unverified_input_fills_blanks_and_what_contradicts_is_a_finding_that_reveals_nothing():
    known = lead(person={"last_name": "Byron"})
    done = driven(Capture(ADA, source="web"), KNOWN, stored(known))
    assert (done.lead().person.first_name, done.lead().person.last_name) == ("Ada", "Byron")
    (finding,) = done.result.findings
    assert (finding.code, finding.field, finding.value) == ("conflict", "person.last_name", "Lovelace")
    assert "Byron" not in done.result.model_dump_json()


def test_a_single_value_that_contradicts_stays_and_one_that_is_the_same_in_other_spelling_is_no_conflict():
    known = lead(intended_use="Cranes", need="a lift")
    typed = {"email": ADA["email"], "intended_use": "cranes", "need": "a ladder"}
    done = driven(Capture(typed, source="web"), KNOWN, stored(known))
    assert (done.lead().intended_use, done.lead().need) == ("Cranes", "a lift")
    assert [(one.field, one.value) for one in done.result.findings if one.code == "conflict"] == [("need", "a ladder")]


def test_verified_input_overwrites_and_the_address_is_verified():
    known = lead(person={"first_name": "Ada", "last_name": "Byron"})
    typed = {"email": ADA["email"], "last_name": "Lovelace"}
    done = driven(Capture(typed, source="portal", verified=True), KNOWN, NOBODY_ELSE, stored(known))
    assert (done.lead().person.first_name, done.lead().person.last_name) == ("Ada", "Lovelace")
    assert done.keys_of(Matching) == {f"unclaimed|{ADDRESS}"}  # others who have this address, and nobody else
    assert done.lead().email.verified


def test_without_a_new_fact_of_the_details_match_keys_and_features_stay_as_they_are():
    done = driven(
        Capture({"email": ADA["email"]}, source="web"), KNOWN, stored(lead(company={"domain": "acme.example"}))
    )
    (write,) = done.change.leads
    assert (write.match_keys, write.features) == (None, None)


def test_a_lead_that_can_not_be_read_is_left_alone_and_its_address_is_not_claimed():
    torn = Unreadable("lead lead-1", "it is no JSON")
    torn.wrong, torn.leads = {"lead-1": torn}, {}
    done = driven(Capture(ADA, source="web"), NOBODY, KNOWN, {Load(("lead-1",)): torn, NewId: "new-1"})
    assert [(one.address, one.claimed) for one in done.lead("new-1").emails] == [("ada@acme.example", False)]
    assert done.claims == {}


def test_what_the_storage_raises_comes_out_where_it_was_asked_for():
    with pytest.raises(Unavailable, match="down"):
        driven(Capture(ADA, source="web"), KNOWN, {Load(("lead-1",)): Unavailable("down")})


# ------------------------------------------------------------------------------------------------ the same once more
SEEN = {States: lambda read: {read.keys[0]: State(1, {"lead": "lead-1"})}}


def test_the_identical_submission_writes_nothing_and_asks_for_its_lead_alone():
    done = driven(Capture(ADA, source="web"), {Keys: (SECRET,)}, SEEN, stored(lead()))
    assert done.asked == ["Keys", "States", "Load"]
    assert done.change.is_empty
    assert (done.result.lead_id, done.result.outcome, done.result.repeated) == ("lead-1", "updated", True)


def test_the_submission_of_an_erased_person_makes_nobody_anew():
    done = driven(Capture(ADA, source="web"), {Keys: (SECRET,)}, SEEN, {Load(("lead-1",)): {}})
    assert done.change.is_empty
    assert (done.result.lead_id, done.result.erased) == ("lead-1", True)


def test_under_a_new_secret_the_same_submission_is_looked_for_under_each():
    new, old = b"the new secret of 16 bytes", b"the old secret of 16 bytes"
    done = driven(Capture(ADA, source="web"), NOBODY, {Keys: (new, old)})
    assert sum(key.startswith("submission:") for key in done.keys_of(States)) == 2
    (written,) = done.states
    with_new = driven(Capture(ADA, source="web"), NOBODY, {Keys: (new,)})
    assert set(with_new.states) == {written}  # written under the first


# --------------------------------------------------------------------------------------------- visitors and browsers
PROSPECT = lead("visitor-1", email=None, stage="prospect", visitors=("c1",), version=2)


def test_an_anonymous_visitor_who_says_who_it_is_stays_the_same_lead():
    done = driven(Capture(ADA, source="web", visitor="c1"), NOBODY, held({"visitor:c1": "visitor-1"}), stored(PROSPECT))
    assert "NewId" not in done.asked
    assert done.said == ["lead_captured", "stage_changed"]
    assert (done.lead().id, done.lead().stage, done.lead().visitors) == ("visitor-1", "lead", ("c1",))
    assert done.claims == {ADDRESS: "visitor-1"}
    assert done.result.outcome == "captured"


def test_a_visitor_who_turns_out_to_be_known_is_absorbed_with_all_that_it_did_and_has():
    did = (an_activity("visitor-1", "page_viewed", id="p1"), an_activity("visitor-1", "page_viewed", id="p2"))
    there = an_activity("lead-1", "page_viewed", id="p2")
    prospect = PROSPECT.but(adjustments=(an_adjustment(5),))
    both = stored(lead(), prospect, activities=(*did, there))
    both[Load(("lead-1", "visitor-1"))] = {"lead-1": lead(), "visitor-1": prospect}
    claims = held({"email:ada@acme.example": "lead-1", "visitor:c1": "visitor-1"})
    done = driven(Capture(ADA, source="web", visitor="c1"), NOBODY, claims, both)
    assert done.said == ["lead_captured", "visitor_absorbed", "visitor_absorbed of visitor-1"]
    assert [(one.id, one.lead_id) for one in done.change.activities] == [("p1", "lead-1")]
    assert [(one.absorbed, one.survivor) for one in done.change.redirects] == [("visitor-1", "lead-1")]
    gone, stays = done.lead("visitor-1"), done.lead("lead-1")
    assert (gone.absorbed_by, gone.visitors) == ("lead-1", ())
    assert (stays.visitors, stays.absorbed, stays.adjustments) == (("c1",), ("visitor-1",), prospect.adjustments)
    assert [(one.key, one.lead_id) for one in done.change.release] == [("visitor:c1", "visitor-1")]
    assert done.claims == {"visitor:c1": "lead-1"}
    (write,) = (one for one in done.change.leads if one.id == "visitor-1")
    assert (write.match_keys, write.features) == (frozenset(), "")  # nobody finds it any more


def test_another_person_on_a_known_browser_is_a_lead_of_its_own_and_takes_the_browser():
    bob = lead("bob", email="bob@other.example", visitors=("c1",))
    done = driven(Capture(ADA, source="web", visitor="c1"), NOBODY, held({"visitor:c1": "bob"}), stored(bob))
    assert done.said == ["lead_captured", "visitor_moved", "stage_changed", "visitor_moved of bob"]
    assert (done.lead("new-1").visitors, done.lead("bob").visitors) == (("c1",), ())
    assert [(one.key, one.lead_id) for one in done.change.release] == [("visitor:c1", "bob")]
    moved = [(one.lead_id, one.to) for one in done.change.facts if isinstance(one, VisitorMoved)]
    assert moved == [("new-1", None), ("bob", "new-1")]


def test_a_known_lead_on_a_new_browser_claims_it():
    done = driven(Capture(ADA, source="web", visitor="c2"), KNOWN, held({"email:ada@acme.example": "lead-1"}),
                  stored(lead(visitors=("c1",))))  # fmt: skip
    assert done.said == ["lead_captured", "visitor_seen"]
    assert done.claims == {"visitor:c2": "lead-1"}
    assert done.lead().visitors == ("c1", "c2")


# --------------------------------------------------------------------------------------------- two who may be one
def test_two_certain_keys_of_two_leads_touch_neither_and_hold_the_submission():
    ada, bob = lead(), lead("bob", email="bob@other.example", external_ids=[{"system": "crm", "id": "7"}])
    claims = held({"email:ada@acme.example": "lead-1", "external:crm:7": "bob"})
    answers = {Load(("lead-1", "bob")): {"lead-1": ada, "bob": bob}}
    done = driven(Capture(ADA, source="web", external_id=ExternalId(system="crm", id="7")), NOBODY, claims, answers)
    assert done.asked == ["Keys", "States", "Holders", "Load"]
    assert sorted(done.said) == ["twin_suspected", "twin_suspected of lead-1"]
    before, after = {"lead-1": ada, "bob": bob}, {one.id: one.lead for one in done.change.leads}
    for lead_id, other in (("lead-1", "bob"), ("bob", "lead-1")):
        assert [twin.lead_id for twin in after[lead_id].twins] == [other]
        assert after[lead_id].but(twins=(), version=3) == before[lead_id]
    (kept,) = (value for key, value in done.states.items() if key.startswith("held:"))
    assert kept["submission"]["first_name"] == "Ada"
    assert (done.result.outcome, done.result.lead_id) == ("unsure", "bob")
    assert done.claims == {}


def shared_by(lead_id):
    """Answer that a lead has one of the match keys, whatever they are."""
    return lambda read: {min(key for key in read.keys if not key.startswith("unclaimed|")): [lead_id]}


def test_a_withdrawal_in_a_held_submission_counts_for_both():
    enrolled: dict[str, Any] = {
        "consents": (a_consent(at=NOW - timedelta(days=1)),),
        "enrolments": [{"sequence": "welcome", "due_at": NOW, "since": NOW}],
    }
    ada, bob = lead(**enrolled), lead("bob", email="bob@other.example", **enrolled)
    claims = held({"email:ada@acme.example": "lead-1", "external:crm:7": "bob"})
    no = Consent(purpose="newsletter", channel="email", status="withdrawn", at=NOW, proof="secret words")
    form = Capture(ADA, source="web", external_id=ExternalId(system="crm", id="7"), consents=no)
    answers = NOBODY, claims, {Load(("lead-1", "bob")): {"lead-1": ada, "bob": bob}}
    done = driven(form, *answers, policy=replace(RULES, scoring=None, qualification=None))
    assert {one.lead.consent("newsletter", "email").status for one in done.change.leads} == {"withdrawn"}
    assert set(done.change.cancel) == {"nurture:lead-1:welcome", "nurture:bob:welcome"}
    assert "secret words" not in str(done.change.facts)  # it may be the other's: the proof stays in what is held


def test_a_probable_twin_is_found_by_its_features_without_reading_it():
    twin = lead("twin", email="ada.lovelace@gmail.com", person={"first_name": "Ada", "last_name": "Lovelace"},
                company={"name": "Acme GmbH"})  # fmt: skip
    found = {Matching: shared_by("twin"), FeaturesOf: {"twin": features_of(twin).as_text()}}
    done = driven(Capture(ADA, source="web"), NOBODY, found)
    assert "Load" not in done.asked
    assert done.result.outcome == "unsure"
    assert done.fact(TwinSuspected).twin.lead_id == "twin"
    assert [write.id for write in done.change.leads] == ["new-1"]  # the other is not touched


@pytest.mark.parametrize("first_name", ["Zoe", "Ada"])
def test_who_shares_a_match_key_and_at_most_a_name_is_no_twin(first_name):
    other = lead(
        "other",
        email="zoe@elsewhere.example",
        person={"first_name": first_name, "last_name": "Lovelace" if first_name == "Ada" else "Byron"},
        company={"name": "Elsewhere", "domain": "elsewhere.example"},
    )
    found = {Matching: shared_by("other"), FeaturesOf: {"other": features_of(other).as_text()}}
    done = driven(Capture(ADA, source="web"), NOBODY, found)
    assert (done.result.outcome, done.lead().twins) == ("captured", ())


def test_who_verifies_an_address_takes_it_over_and_nothing_is_merged():
    mallory = lead("mallory", person={"first_name": "Mallory", "last_name": "Moe"})
    answers = NOBODY, held({"email:ada@acme.example": "mallory"}), stored(mallory)
    done = driven(Capture(ADA, source="portal", verified=True), *answers)
    assert done.result.outcome == "unsure"
    assert done.claims == {ADDRESS: "new-1"}
    assert [(one.key, one.lead_id) for one in done.change.release] == [(ADDRESS, "mallory")]
    (kept,) = done.lead("mallory").emails
    assert (kept, done.lead("mallory").absorbed_by) == (
        Email(address="ada@acme.example", domain="acme.example", verified=False, claimed=False),
        None,
    )
    assert "address_taken_over of mallory" in done.said


# --------------------------------------------------------------------------------------------------------- words
def test_a_consent_is_noted_with_the_address_of_the_form_and_its_mailbox_is_looked_at():
    yes = Consent(purpose="newsletter", channel="email", status="given", at=NOW, proof="the form")
    done = driven(Capture(ADA, source="form", consents=yes), NOBODY)
    said = done.fact(ConsentChanged).consent
    assert (said.address, said.recorded_at) == ("ada@acme.example", NOW)
    assert any(key.startswith("suppressed:") for key in done.keys_of(States))
    assert [key for key in done.states if key.startswith("suppressed:")] == []  # nothing was closed: nothing to open


def test_without_proof_of_who_it_is_a_consent_opens_nothing_that_was_withdrawn():
    no = Consent(purpose="newsletter", channel="email", status="withdrawn", at=NOW - timedelta(days=1), proof="mail")
    yes = no.but(status="given", at=NOW, proof="the form")
    unproven = driven(Capture(ADA, source="form", consents=yes), KNOWN, stored(lead(consents=[no])))
    assert unproven.lead().consent("newsletter", "email").status == "withdrawn"
    assert "consent_withdrawn" in {finding.code for finding in unproven.result.findings}
    answers = KNOWN, NOBODY_ELSE, stored(lead(consents=[no]))
    proven = driven(Capture(ADA, source="form", consents=yes, verified=True), *answers)
    assert proven.lead().consent("newsletter", "email").status == "given"


@pytest.mark.parametrize(("address", "opens"), [("ada@acme.example", True), ("eve@other.example", False)])
def test_a_yes_opens_a_mailbox_only_if_the_submission_has_proven_it_to_be_the_persons(address, opens):
    close = Suppress(address, by="anna", reason="a letter")
    first = driven(close, NOBODY, now=NOW - timedelta(days=1))
    closed = {key: State(1, value) for key, value in first.states.items()}
    suppressed = {States: lambda read: {key: closed[key] for key in read.keys if key in closed}}
    yes = Consent(purpose="newsletter", channel="email", status="given", at=NOW, proof="the form", address=address)
    form = Capture(ADA | {"emails": "eve@other.example"}, source="portal", consents=yes, verified=True)
    done = driven(form, NOBODY, suppressed)
    lifted = [ban["lifted"] for key in closed if key in done.states for ban in done.states[key]["suppressions"]]
    assert [one["purpose"] for lifts in lifted for one in lifts] == (["newsletter"] if opens else [])


def test_a_withdrawal_closes_the_mailbox_for_whoever_reaches_it():
    no = Consent(purpose="newsletter", channel="email", status="withdrawn", at=NOW, proof="ticked off")
    done = driven(Capture(ADA, source="form", consents=no), KNOWN, stored(lead()))
    (closed,) = (value for key, value in done.states.items() if key.startswith("suppressed:"))
    (ban,) = closed["suppressions"]
    assert (ban["why"], ban["purpose"]) == ("withdrawal", "newsletter")
    assert "ada" not in str(done.states).casefold().replace("leadflow", "")


# ---------------------------------------------------------------------------------------------------------- visits
def test_a_browser_that_was_never_seen_becomes_a_prospect():
    done = driven(Visit("c1", "page_viewed", id="p1"), NOBODY)
    assert done.asked == ["Holders", "NewId"]
    assert done.said == ["visitor_seen", "activity_recorded"]
    assert (done.lead().stage, done.lead().visitors, done.claims) == ("prospect", ("c1",), {"visitor:c1": "new-1"})
    assert [one.id for one in done.change.activities] == ["p1"]
    (write,) = done.change.leads
    assert write.features is None  # nobody is compared with somebody of whom nothing is known


def test_a_browser_that_is_known_adds_to_what_its_lead_did():
    done = driven(Visit("c1", "page_viewed", id="p1"), held({"visitor:c1": "visitor-1"}), stored(PROSPECT))
    assert done.asked == ["Holders", "Load", "Activities"]
    assert (done.said, done.claims, done.lead().visitors) == (["activity_recorded"], {}, ("c1",))


def test_the_same_visit_twice_is_one():
    there: Activity = an_activity("visitor-1", "page_viewed", id="p1")
    answers = held({"visitor:c1": "visitor-1"}), stored(PROSPECT, activities=(there,))
    done = driven(Visit("c1", "page_viewed", id="p1"), *answers)
    assert done.change.is_empty
    assert done.result.repeated
    assert [read.ids for read in done.reads if isinstance(read, Activities)] == [("p1",)]  # never all of them


def test_a_visit_needs_a_browser():
    with pytest.raises(InvalidInput, match="visitor: '' can't be used"):
        Visit("", "page_viewed")


def test_absorbed_is_said_on_both_sides_alike():
    claims = held({"email:ada@acme.example": "lead-1", "visitor:c1": "visitor-1"})
    both = stored(lead(), PROSPECT) | {Load(("lead-1", "visitor-1")): {"lead-1": lead(), "visitor-1": PROSPECT}}
    done = driven(Capture(ADA, source="web", visitor="c1"), NOBODY, claims, both)
    told = [one for one in done.change.facts if isinstance(one, VisitorAbsorbed)]
    assert {(one.absorbed, one.into, one.visitors) for one in told} == {("visitor-1", "lead-1", ("c1",))}
