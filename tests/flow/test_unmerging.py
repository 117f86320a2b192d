"""A merge is taken back, at any time: both leads are as they were, and what came since is where it belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from acme import ADA, acme_flow, consistent
from leadflow import Actor, Consent, ExternalId, Lead
from leadflow.adapters.memory import MemoryStorage
from leadflow.decisions.merge_choices import Survivorship
from leadflow.enrichment import Enricher
from leadflow.entities import EnrichedValue
from leadflow.errors import NotFound, Refused

EVA = Actor(kind="marketing", id="eva")
HOME = {"email": "ada.home@gmail.com", "phone": "+49 30 901820", "job_title": "Engineer", "interests": "pumps"}
MOMENTS = {"version", "recorded_at", "acted_in"}


@pytest.fixture
def flow(every_storage, clock):
    return acme_flow(every_storage, clock)


def two(flow) -> tuple[str, str]:
    ada = flow.capture(ADA | {"job_title": "CTO"}, source="fair").lead_id
    home = flow.capture(HOME, source="web", visitor="v-home").lead_id
    return ada, home


def known(lead: Lead) -> dict[str, Any]:
    """All of a lead but version and moments."""
    return {name: value for name, value in dict(lead).items() if name not in MOMENTS} | {
        "score": dict(lead.score) | {"at": None}
    }


def test_what_is_taken_back_at_once_never_was(flow) -> None:
    ada, home = two(flow)
    flow.record(ada, "page_viewed", id="a")
    flow.record(home, "demo_requested", id="b")
    flow.adjust(home, 3, reason="met", by="anna", id="x")
    before = {one: known(flow.get(one)) for one in (ada, home)}
    flow.merge(ada, home, by=EVA, survivorship=Survivorship("newest"))
    undone = flow.unmerge(ada, home, by=EVA)
    assert (undone.lead_id, undone.restored_id, undone.conflicts) == (ada, home, ())
    assert {one: known(flow.get(one)) for one in (ada, home)} == before
    assert flow.by_email(HOME["email"]).id == flow.by_visitor("v-home").id == home
    assert [one.id for one in flow.by_phone(HOME["phone"])] == [home]
    assert sorted(one.id for one in flow.leads()) == sorted((ada, home))
    assert [{one.id for one in flow.storage.activities(x)} for x in (ada, home)] == [{"a"}, {"b"}]
    consistent(flow)


def test_later_edits_go_to_the_side_they_belong_to(flow) -> None:
    ada, home = two(flow)
    flow.merge(ada, home, by=EVA)
    flow.capture(HOME | {"city": "Ulm", "note": "from home"}, source="web")
    flow.capture(ADA | {"country": "DE", "interests": "valves"}, source="fair")
    flow.record(home, "demo_requested", id="under the old id")
    flow.visit("v-home", "page_viewed", id="on her browser")
    flow.record(ada, "page_viewed", id="at work")
    flow.correct(ada, {"last_name": "King"}, by="anna")
    flow.unmerge(ada, home, by=EVA)
    work, private = flow.get(ada), flow.get(home)
    assert (private.address.city, private.note) == ("Ulm", "from home")
    assert (work.address.city, work.note, work.person.last_name) == (None, None, "King")
    assert "valves" in work.interests and "valves" not in private.interests
    assert "pumps" in private.interests and "pumps" not in work.interests
    assert [one.address for one in work.emails] == ["ada@acme.example"]
    mine = {one.id for one in flow.storage.activities(ada) if one.retracted_at is None}
    assert (mine, {one.id for one in flow.storage.activities(home)}) == (
        {"at work"}, {"under the old id", "on her browser"},
    )  # fmt: skip
    consistent(flow)


def test_a_withdrawal_counts_for_both_and_a_consent_for_its_address(flow, clock) -> None:
    ada, home = two(flow)
    yes = Consent(purpose="events", channel="email", status="given", at=clock(), proof="form")
    flow.merge(ada, home, by=EVA)
    flow.capture(HOME | {"city": "Ulm"}, source="web", consents=[yes])
    flow.consent(ada, "newsletter", "email", status="withdrawn", proof="letter")
    flow.unmerge(ada, home, by=EVA)
    assert [flow.get(one).consent("newsletter", "email").status for one in (ada, home)] == ["withdrawn"] * 2
    assert (flow.get(ada).consent("events", "email"), flow.get(home).consent("events", "email").status) == (
        None,
        "given",
    )


def test_moves_and_deals_go_with_the_stage(flow) -> None:
    ada, home = two(flow)
    flow.fast_track(home, by="ben", to="sql", reason="called")
    flow.merge(ada, home, by=EVA)
    flow.open_deal(ada, "d", by="ben", amount="10")
    flow.win(ada, by="ben")
    flow.unmerge(ada, home, by=EVA)
    work, private = flow.get(ada), flow.get(home)
    assert (work.stage, work.owner, work.deals) == ("lead", None, ())
    assert (private.stage, private.owner, private.deals[0].status) == ("customer", "ben", "won")
    consistent(flow)


def test_an_owner_that_the_merge_has_brought_is_given_back(flow) -> None:
    ada, home = two(flow)
    flow.record(ada, "demo_requested")
    owner = flow.get(ada).owner
    before = {one: known(flow.get(one)) for one in (ada, home)}
    assert flow.merge(home, ada, by=EVA).owner == owner is not None
    assert flow.recount() == ()
    flow.unmerge(home, ada, by=EVA)
    assert {one: known(flow.get(one)) for one in (ada, home)} == before
    consistent(flow)


def test_merges_are_taken_back_in_any_order(flow) -> None:
    ada, home = two(flow)
    third = flow.capture({"email": "ada@third.example", "note": "third", "city": "Bonn"}, source="web").lead_id
    before = {one: known(flow.get(one)) for one in (ada, home, third)}
    flow.merge(ada, home, by=EVA)
    flow.merge(ada, third, by=EVA)
    flow.unmerge(ada, home, by=EVA)
    lead = flow.get(third)
    assert (lead.id, lead.merged, lead.note) == (ada, (third,), "third")
    assert "pumps" not in lead.interests
    consistent(flow)
    flow.unmerge(ada, third, by=EVA)
    assert {one: known(flow.get(one)) for one in (ada, home, third)} == before
    flow.merge(home, third, by=EVA)
    flow.merge(ada, home, by=EVA)
    with pytest.raises(Refused, match="by way of another one"):
        flow.unmerge(ada, third, by=EVA)
    flow.unmerge(ada, home, by=EVA)
    assert flow.get(third).id == home
    flow.unmerge(home, third, by=EVA)
    assert {one: known(flow.get(one)) for one in (ada, home, third)} == before
    consistent(flow)


def test_what_was_never_merged_or_is_erased_cannot_be_taken_back(flow) -> None:
    ada, home = two(flow)
    with pytest.raises(Refused, match="; no lead is"):
        flow.unmerge(ada, home, by=EVA)
    flow.merge(ada, home, by=EVA)
    with pytest.raises(Refused, match=f"give the id of the lead that is: {home}"):
        flow.unmerge(ada, HOME["email"], by=EVA)
    flow.unmerge(ada, home, by=EVA, key="k")
    assert flow.unmerge(ada, home, by=EVA, key="k").restored_id == home
    with pytest.raises(Refused, match="is not merged into"):
        flow.unmerge(ada, home, by=EVA)
    flow.merge(ada, home, by=EVA)
    flow.erase(home, by="dpo")
    with pytest.raises(NotFound):
        flow.unmerge(ada, home, by=EVA)


def test_an_erasure_leaves_nothing_of_the_erased_on_the_other_side(flow) -> None:
    ada, home = two(flow)
    third = flow.capture({"email": "ada@third.example"}, source="web").lead_id
    flow.merge(ada, home, by=EVA)
    flow.capture(HOME | {"city": "Sesame", "note": "from Sesame"}, source="web")
    flow.record(home, "page_viewed", id="x", properties={"path": "/sesame"})
    flow.correct(ada, {"phone": "+49 30 901829"}, by="anna")
    flow.merge(ada, third, by=EVA)
    flow.unmerge(ada, third, by=EVA)
    flow.unmerge(ada, home, by=EVA)
    before = flow.get(ada)
    flow.erase(home, by="dpo")
    assert flow.get(ada) == before
    facts = flow.storage.facts(ada)
    written = [one.model_dump_json() for one in (before, *facts, *flow.storage.activities(ada))]
    for mine in ("esame", "ada.home", "901820", "Engineer", "pumps"):
        assert not [text for text in written if mine in text], mine
    assert {fact.kind for fact in flow.storage.facts(home)} == {"lead_erased"}
    assert "+4930901829" in {one.number for one in before.phones}
    flow.unmerge(ada, third, by=EVA) if flow.get(ada).merged else None
    consistent(flow)
    flow.erase(ada, by="dpo")
    assert [one.id for one in flow.leads()] == [third]


@pytest.mark.parametrize("has_mailbox", [True, False])
def test_a_consent_never_ends_with_a_person_who_did_not_give_it(flow, clock, has_mailbox) -> None:
    crm = ExternalId(system="crm", id="1")
    ada = flow.capture(ADA, source="fair", external_id=crm).lead_id
    home = flow.capture(HOME if has_mailbox else HOME | {"email": None}, source="web").lead_id
    third = flow.capture({"email": "third@x.example"}, source="web").lead_id
    flow.merge(ada, home, by=EVA)
    flow.merge(ada, third, by=EVA)
    flow.consent(home, "newsletter", "email", proof="box")  # without an address: that of the lead with this id
    yes = Consent(purpose="events", channel="email", status="given", at=clock(), proof="form")
    flow.capture({"note": "from anybody"}, source="elsewhere", external_id=crm, consents=[yes])
    flow.capture({"phone": HOME["phone"], "first_name": "Ada"}, source="web", consents=[yes.but(purpose="offers")])
    to = HOME["email"] if has_mailbox else "ada@acme.example"
    assert flow.get(ada).consent("newsletter", "email").address == to
    flow.unmerge(ada, third, by=EVA)
    flow.unmerge(ada, home, by=EVA)
    assert (flow.get(ada).consents, flow.get(third).consents) == ((), ())
    given = flow.get(home).consent("newsletter", "email")
    assert (given and given.address) == (HOME["email"] if has_mailbox else None)
    consistent(flow)


def test_a_withdrawal_stands_on_both_sides_with_the_address_of_each(flow) -> None:
    ada, home = two(flow)
    flow.merge(ada, home, by=EVA)
    flow.consent(ada, "newsletter", "email", status="withdrawn", proof="letter")
    flow.unmerge(ada, home, by=EVA)
    words = [flow.get(one).consent("newsletter", "email") for one in (ada, home)]
    assert [(word.status, word.address) for word in words] == [
        ("withdrawn", "ada@acme.example"), ("withdrawn", HOME["email"]),
    ]  # fmt: skip


def test_the_main_address_says_whose_a_submission_is(flow) -> None:
    ada, home = two(flow)
    flow.merge(ada, home, by=EVA)
    flow.capture({"email": HOME["email"], "emails": [ADA["email"]], "note": "mine"}, source="x", verified=True)
    flow.unmerge(ada, home, by=EVA)
    assert (flow.get(ada).note, flow.get(home).note) == (None, "mine")


OF_SIDES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "industry": ({"industry": "valves"}, {"company": "Acme"}, {"industry": "pumps"}),
    "no mixed address": (
        {"city": "Bonn", "street": "Weg 3"},
        {"city": "Ulm"},
        {"street": "Gasse 9", "postcode": "53111"},
    ),
    "address whole": ({}, {"city": "Ulm", "postcode": "89073"}, {"city": "Ulm", "street": "Gasse 9"}),
    "name": ({"first_name": "Bob", "last_name": "King"}, {"first_name": "Ada"}, {"last_name": "Queen"}),
    "half a name": ({"first_name": "Bob"}, {"last_name": "King"}, {"name": "Ada Queen"}),
    "position": ({"job_title": "Buyer", "department": "Purchasing"}, {"job_title": "CTO"}, {"department": "Sales"}),
    "single values": ({"need": "pumps"}, {"note": "n"}, {"need": "valves", "note": "m", "budget": 7}),
}


@pytest.mark.parametrize("verified", [False, True])
@pytest.mark.parametrize("survives", [False, True])
@pytest.mark.parametrize("known_of", OF_SIDES)
def test_a_submission_changes_its_side_as_it_would_have_without_the_merge(clock, known_of, survives, verified) -> None:
    own, others, said = OF_SIDES[known_of]
    leads = []
    for merges in (True, False):
        flow = acme_flow(MemoryStorage(), clock)
        one = flow.capture({"email": "one@one.example"} | own, source="web", verified=True).lead_id
        two = flow.capture({"email": "two@two.example"} | others, source="web").lead_id
        third = flow.capture({"email": "third@third.example", "industry": "ships"}, source="web").lead_id
        flow.correct(one, {"authority": "yes"}, by="anna")
        if merges:
            of_two = Survivorship("newest" if survives else "survivor")
            flow.merge(*((one, two) if survives else (two, one)), by=EVA, survivorship=of_two)
            flow.merge(third, flow.get(one).id, by=EVA)
        flow.capture({"email": "one@one.example", "authority": "no"} | said, source="web", verified=verified)
        if merges:
            flow.unmerge(third, one if survives else two, by=EVA)
            flow.unmerge(*((one, two) if survives else (two, one)), by=EVA)
            consistent(flow)
        leads.append([_said(flow.get(lead_id)) for lead_id in (one, two, third)])
    assert leads[0] == leads[1]


def _said(lead: Lead) -> dict[str, Any]:
    kept = known(lead)
    return {name: kept[name] for name in ("person", "company", "address", "need", "note", "budget", "authority")} | {
        "conflicts": sorted(one.field for one in lead.findings if one.code == "conflict")
    }


def test_a_mailbox_that_was_closed_ends_the_mail_of_its_own_side_only(flow, clock, outbox) -> None:
    flow = acme_flow(flow.storage, clock, outbox)
    yes = Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="form")
    ada, home = (flow.capture(one, source="web", consents=[yes]).lead_id for one in (ADA, HOME))
    flow.merge(ada, home, by=EVA)
    flow.suppress("ada@acme.example", why="bounce", reason="550", by=EVA)
    clock.advance(days=2)
    flow.run_due()
    assert outbox.sent == []
    flow.unmerge(ada, home, by=EVA)
    for _ in range(9):
        clock.advance(days=1)
        flow.run_due()
    assert [(one.to, one.subject) for one in outbox.sent] == [
        (HOME["email"], "Welcome there"), (HOME["email"], "A case for you"),
    ]  # fmt: skip
    consistent(flow)


def test_each_lead_has_its_own_past(flow, clock) -> None:
    ada, home = two(flow)
    third = flow.capture({"email": "ada@third.example"}, source="web").lead_id
    before, moment = [flow.get(one) for one in (ada, home, third)], clock()
    clock.advance(days=1)
    flow.merge(home, third, by=EVA)
    between = clock()
    clock.advance(days=1)
    flow.merge(ada, home, by=EVA)
    assert [flow.as_of(one, moment) for one in (ada, home, third)] == before
    assert flow.as_of(third, between) == flow.as_of(home, between) != before[1]
    assert flow.as_of(third, clock()) == flow.get(ada)
    assert flow.as_of(third, moment - timedelta(days=1)) is None


@pytest.mark.parametrize("won", [0, 1])
def test_the_move_of_a_deal_that_was_won_goes_with_the_deal(flow, won) -> None:
    both = two(flow)
    for one, rep, amount in zip(both, ("anna", "ben"), ("10", "20"), strict=True):
        flow.fast_track(one, by=rep, to="sql", reason="called")
        flow.open_deal(one, "d", by=rep, amount=amount)
    flow.merge(*both, by=EVA)
    owner = flow.get(both[0]).owner
    flow.win(both[0], by=owner, deal_id=["d", f"d@{both[1]}"][won])
    assert flow.unmerge(*both, by=EVA).conflicts == ()
    assert [(flow.get(one).stage, flow.get(one).deals[0].status) for one in both] == [
        ("customer", "won") if side == won else ("opportunity", "open") for side in range(2)
    ]
    consistent(flow)


def test_a_deal_that_ended_without_its_move_is_a_conflict(flow) -> None:
    ada, home = two(flow)
    for one, rep in ((ada, "anna"), (home, "ben")):
        flow.fast_track(one, by=rep, to="sql", reason="called")
        flow.open_deal(one, "d", by=rep, amount="10")
    flow.win(home, by="ben")
    flow.merge(ada, home, by=EVA)
    flow.lose(ada, by="ben", reason="price")
    assert flow.unmerge(ada, home, by=EVA).conflicts == ("deals",)
    assert [flow.get(one).deals[0].status for one in (ada, home)] == ["lost", "won"]


class Register(Enricher):
    """Knows the industry of every domain, and notes what it was asked."""

    name = "register"
    needs: tuple[str, ...] = ("company.domain",)
    gives = ("company.industry",)

    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        return [[EnrichedValue(path="company.industry", value=f"of {one['company.domain']}")] for one in asked]


@pytest.mark.parametrize("by_tick", [True, False])
def test_what_was_looked_up_goes_back_to_whom_it_was_asked_about(every_storage, clock, by_tick) -> None:
    flow = acme_flow(every_storage, clock, enrichers=[Register()])
    home, work = (
        flow.capture({"email": email}, source="web").lead_id for email in ("ada@gmail.com", "ada@acme.example")
    )
    before = flow.get(home)
    flow.merge(home, work, by=EVA)
    if by_tick:
        flow.run_due()
    else:
        flow.look_up(work)
    assert flow.get(home).company.industry == "of acme.example"  # of the domain that it has from the other
    flow.unmerge(home, work, by=EVA)
    assert (flow.get(home).company, flow.get(home).enrichments) == (before.company, ())
    assert flow.get(work).company.industry == "of acme.example"
    consistent(flow)
    assert ["of acme.example" in repr(list(flow.export(one))) for one in (work, home)] == [True, False]
    flow.erase(work, by="dpo")
    assert "of acme.example" not in repr([*flow.storage.facts(home), *flow.export(home)])


def test_what_was_asked_about_a_mixture_is_nobodys_and_both_are_looked_up_again(storage, clock) -> None:
    class Mixture(Register):
        needs = ("company.domain", "address.city")

    flow = acme_flow(storage, clock, enrichers=[Mixture()])
    home = flow.capture({"email": "ada@gmail.com", "city": "Ulm"}, source="web").lead_id
    work = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    flow.merge(home, work, by=EVA)
    flow.run_due()
    assert flow.get(home).company.industry == "of acme.example"
    flow.unmerge(home, work, by=EVA)
    assert [flow.get(one).enrichments for one in (home, work)] == [(), ()]
    flow.correct(work, {"city": "Bonn"}, by="anna")
    flow.run_due()
    assert flow.get(work).company.industry == "of acme.example"
    consistent(flow)
