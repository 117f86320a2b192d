"""Account merges and suggestions: whose company somebody belongs to, as people decide; every decision can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow import LeadFlow, ScoringModel, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.enrichment import Enricher
from leadflow.entities import EnrichedValue
from leadflow.errors import InvalidInput, Refused
from leadflow.events import AccountChanged, replay
from leadflow.scoring import on, points
from leadflow.testing import ClockAt

HERE = {"postcode": "50667", "city": "Köln", "country": "DE"}
MODEL = ScoringModel(
    name="m",
    fit=[points(15, field("account.engagement") >= 30, because="the company is interested")],
    engagement=[on("demo", 20)],
)


def captured(flow: LeadFlow, email: str, company: str | None = None, **values: object) -> str:
    return flow.capture({"email": email, "company": company, **values}, source="web").lead_id


def account(flow: LeadFlow, lead_id: str) -> str | None:
    return flow.get(lead_id).account


def test_the_leads_of_a_merged_account_follow_old_and_new_and_go_back(every_storage: Any) -> None:
    flow = LeadFlow(every_storage, scoring=MODEL, clock=ClockAt())
    ada = captured(flow, "ada@acme.example", "Acme GmbH")
    eva = captured(flow, "eva@mail.acme-holding.example", "Acme Holding AG")
    for number in range(2):
        flow.record(eva, "demo", id=f"{number}")
    merged = flow.merge_accounts("acme.example", "acme-holding.example", by="anna")
    assert (merged.leads, merged.repeated) == (1, False)
    assert flow.merge_accounts("acme.example", "acme-holding.example", by="anna").repeated
    fay = captured(flow, "fay@acme-holding.example")
    flow.correct(fay, {"job_title": "Buyer"}, by="anna")
    assert {account(flow, one) for one in (ada, eva, fay)} == {"acme.example"}
    assert flow.get(eva).company.domain == "mail.acme-holding.example"  # its own words are kept
    assert sorted(lead.id for lead in flow.find(field("account") == "acme.example")) == sorted([ada, eva, fay])
    flow.run_due()
    assert "the company is interested" in {one.because for one in flow.get(ada).score.contributions}

    assert flow.unmerge_accounts("acme.example", "acme-holding.example", by="anna").leads == 2
    assert [account(flow, one) for one in (ada, eva, fay)] == ["acme.example"] + 2 * ["acme-holding.example"]
    flow.run_due()
    assert "the company is interested" not in {one.because for one in flow.get(ada).score.contributions}
    for one in (ada, eva, fay):
        assert replay(every_storage.facts(one)) == flow.get(one)
    by = [(fact.actor.kind, fact.actor.id) for fact in flow.history(eva) if isinstance(fact, AccountChanged)]
    assert by == [("rep", "anna")] * 2


def test_a_lead_without_a_domain_is_suggested_where_it_belongs_and_stays_until_somebody_says_so(
    every_storage: Any,
) -> None:
    flow = LeadFlow(every_storage, country="DE", clock=ClockAt())
    captured(flow, "ada@acme.example", "Acme Maschinenbau GmbH", **HERE)
    captured(flow, "bo@beta.example", "Beta Pumpen AG", **HERE)
    gus = captured(flow, "gus@gmail.com", "ACME Maschinen-Bau", **HERE)
    (one,) = flow.suggest_accounts(gus)
    assert (one.account, one.name, one.likelihood) == ("acme.example", "Acme Maschinenbau", 0.84)
    assert one.because == ("the company ACME Maschinen-Bau is Acme Maschinenbau", "the postcode 50667")
    assert account(flow, gus) == "acmemaschinenbau|DE"
    assert flow.place_all(above=0.8, by="anna", dry_run=True).placed == ((gus, one),)
    assert account(flow, gus) == "acmemaschinenbau|DE"
    assert flow.place_all(above=0.85, by="anna").placed == ()
    assert flow.place_all(above=0.8, by="anna").placed == ((gus, one),)
    assert account(flow, gus) == "acme.example"
    assert flow.get(gus).company.name == "ACME Maschinen-Bau"
    assert flow.set_account(gus, "acme.example", by="anna").repeated
    assert flow.set_account(gus, None, by="anna").account == "acmemaschinenbau|DE"


def test_who_changes_the_company_leaves_the_account_that_was_chosen() -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    gus = captured(flow, "gus@gmail.com", "Acme")
    flow.set_account(gus, "www.acme.example", by="anna")
    flow.correct(gus, {"country": "DE"}, by="anna")
    assert account(flow, gus) == "acme.example"
    flow.correct(gus, {"company": "Beta"}, by="anna")
    assert account(flow, gus) in ("beta|", "beta|DE")


def test_likely_accounts_are_left_to_a_person_if_there_are_several() -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    captured(flow, "ada@acme.example", "Acme")
    captured(flow, "bo@acme-group.example", "Acme")
    gus = captured(flow, "gus@gmail.com", "Acme")
    assert [one.likelihood for one in flow.suggest_accounts(gus)] == [0.8, 0.8]
    done = flow.place_all(above=0.7, by="anna")
    assert (done.placed, done.unsure) == ((), (gus,))


def test_different_companies_stay_different_also_after_merges() -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    ada = captured(flow, "ada@acme.example", "Acme")
    captured(flow, "bo@acme-two.example", "Acme")
    assert [one.account for one in flow.suggest_accounts(ada)] == ["acme-two.example"]
    flow.not_same_accounts("acme.example", "acme-two.example", by="anna")
    assert flow.suggest_accounts(ada) == []
    flow.merge_accounts("root.example", "acme.example", by="anna")
    flow.merge_accounts("other.example", "acme-two.example", by="anna")
    with pytest.raises(Refused, match="different companies"):
        flow.merge_accounts("root.example", "other.example", by="anna")
    flow.unmerge_accounts("other.example", "acme-two.example", by="anna")
    flow.merge_accounts("root.example", "other.example", by="anna")


@pytest.mark.parametrize("wrong", ["gmail.com", "co.uk", "acme", "eu.gmail.com"])
def test_what_is_no_companys_own_domain_is_no_account(wrong: str) -> None:
    flow = LeadFlow(MemoryStorage())
    lead_id = captured(flow, "gus@gmail.com")
    with pytest.raises(InvalidInput, match="account"):
        flow.set_account(lead_id, wrong, by="anna")


def test_a_merge_in_a_circle_and_one_of_an_account_with_itself_are_refused() -> None:
    flow = LeadFlow(MemoryStorage())
    flow.merge_accounts("a.example", "b.example", by="anna")
    for account_, other, why in (
        ("b.example", "a.example", "one account"), ("a.example", "a.example", "one account"),
        ("c.example", "b.example", "part of a.example"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=why):
            flow.merge_accounts(account_, other, by="anna")
    with pytest.raises(Refused, match="part of no other"):
        flow.unmerge_accounts("b.example", "a.example", by="anna")


NAMES = ["a.example", "b.example", "c.example", "d.example"]
NAMED = st.sampled_from(NAMES)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("capture"), NAMED),
        st.tuples(st.just("merge"), NAMED, NAMED),
        st.tuples(st.just("unmerge"), NAMED, NAMED),
        st.tuples(st.just("set"), st.integers(0, 5), st.none() | NAMED),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_in_any_order_a_lead_is_where_its_account_was_merged_to(steps: list[tuple[Any, ...]]) -> None:
    """Against a table of what is part of what, followed from each lead's own account or the chosen one."""
    flow, into = LeadFlow(MemoryStorage(), clock=ClockAt()), dict[str, str]()
    leads: list[tuple[str, str]] = []
    chosen: dict[str, str | None] = {}

    def end(name: str) -> str:
        return end(into[name]) if name in into else name

    def moved(verb: str, one: str, other: str) -> None:
        """Merge or take back, as far as the table allows."""
        fits = (
            (other not in into and end(one) != other) if verb == "merge" else other in into and end(one) == end(other)
        )
        call = flow.merge_accounts if verb == "merge" else flow.unmerge_accounts
        try:
            call(one, other, by="anna")
        except Refused:
            assert not fits
            return
        if verb == "unmerge":
            del into[other]
        else:
            into.setdefault(other, end(one))

    for step in steps:
        match step:
            case ("capture", name):
                leads.append((captured(flow, f"p{len(leads)}@{name}"), name))
            case ("set", number, name):
                if number < len(leads):
                    flow.set_account(leads[number][0], name, by="anna")
                    chosen[leads[number][0]] = name
            case (verb, one, other):
                moved(verb, one, other)
        for lead_id, own in leads:
            assert account(flow, lead_id) == end(chosen.get(lead_id) or own)
    for lead_id, _ in leads:
        assert replay(flow.storage.facts(lead_id)) == flow.get(lead_id)


@pytest.mark.parametrize("by_lookup", [False, True])
def test_an_account_that_a_source_or_the_team_names_counts_as_what_it_was_merged_into(by_lookup: bool) -> None:
    class Registry(Enricher):
        name = "registry"
        needs = ("company.name",)
        gives = ("company.domain",)

        def look_up(self, requests: Sequence[Mapping[str, object]]) -> list[Sequence[EnrichedValue]]:
            return [[EnrichedValue(path="company.domain", value="acme-holding.example")] for _ in requests]

    flow = LeadFlow(MemoryStorage(), enrichers=[Registry()] if by_lookup else [], clock=ClockAt())
    captured(flow, "ada@acme.example")
    captured(flow, "eva@acme-holding.example")
    gus = captured(flow, "gus@gmail.com", "Acme")
    before = flow.get(gus)
    flow.merge_accounts("acme.example", "acme-holding.example", by="anna")
    if by_lookup:
        flow.look_up(gus)
    else:
        flow.enrich(gus, {"company.domain": "acme-holding.example"}, source="registry", by="anna")
    assert account(flow, gus) == "acme.example"
    assert gus in {lead.id for lead in flow.find(field("account") == "acme.example")}
    flow.unmerge_accounts("acme.example", "acme-holding.example", by="anna")
    assert account(flow, gus) == "acme-holding.example"
    flow.merge_accounts("acme.example", "acme-holding.example", by="anna")
    flow.withdraw_enrichment(gus, "registry", by="anna")
    assert (account(flow, gus), flow.get(gus).placement) == ("acme|", before.placement)
    flow.merge_accounts("acme.example", "acme|", by="anna")
    flow.correct(gus, {"website": "other.example"}, by="anna")
    assert account(flow, gus) == "other.example"
    flow.correct(gus, {"website": None}, by="anna")
    assert account(flow, gus) == "acme.example"
    assert replay(flow.storage.facts(gus)) == flow.get(gus)


def test_a_source_neither_moves_a_lead_by_its_country_nor_undoes_where_somebody_put_it() -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    captured(flow, "ada@acme.example")
    gus, kim = captured(flow, "gus@gmail.com", "Acme Pumps"), captured(flow, "kim@gmail.com", "Beta")
    flow.merge_accounts("acme.example", "acmepumps|", by="anna")
    flow.set_account(kim, "acme.example", by="anna")
    for values in ({"company.country": "DE"}, {"company.country": "DE", "company.domain": "elsewhere.example"}):
        for one in (gus, kim):
            flow.enrich(one, values, source="registry", by="anna")
        domain = "company.domain" in values
        assert {account(flow, gus), account(flow, kim)} == {"elsewhere.example" if domain else "acme.example"}
    for one in (gus, kim):
        flow.withdraw_enrichment(one, "registry", by="anna")
        assert account(flow, one) == "acme.example"
    flow.correct(gus, {"country": "DE"}, by="anna")
    flow.correct(gus, {"job_title": "Buyer"}, by="anna")
    assert account(flow, gus) == "acme.example"
    flow.unmerge_accounts("acme.example", "acmepumps|", by="anna")
    assert (account(flow, gus) or "").startswith("acmepumps|")


def test_a_lead_is_restored_to_what_its_account_is_part_of_by_then() -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    ada, eva = captured(flow, "ada@acme.example"), captured(flow, "eva@acme-holding.example")
    flow.merge(ada, eva, by="anna")
    flow.merge_accounts("parent.example", "acme-holding.example", by="anna")
    flow.unmerge(ada, eva, by="anna")
    assert (account(flow, ada), account(flow, eva)) == ("acme.example", "parent.example")
    for one in (ada, eva):
        assert replay(flow.storage.facts(one), facts_of=flow.storage.facts) == flow.get(one)


@pytest.mark.parametrize(
    "address",
    ["https://www.acme.example/about?x=1", "ada@mail.acme.example", "ACME.example.", "http://acme.example:80"],
)
def test_an_address_names_the_account_of_its_domain(address: str) -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    captured(flow, "ada@acme.example")
    gus = captured(flow, "gus@gmail.com")
    assert flow.set_account(gus, address, by="anna").account == flow.account(address).key == "acme.example"


@pytest.mark.parametrize(
    "junk", ["https:///about", "about us.example", "gus@gmail.com", "acme", "acme.example and more"]
)
def test_what_names_no_account_is_refused(junk: str) -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    with pytest.raises(InvalidInput, match="give the key of an account"):
        flow.set_account(captured(flow, "gus@gmail.com"), junk, by="anna")
