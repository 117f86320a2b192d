"""What sources know fills blanks, replaces nothing that anybody said, and is taken back without a trace."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acme import START, Clock
from leadflow import Actor, Entity, Lead, LeadFlow, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities import EnrichedValue
from leadflow.errors import DefinitionError, InvalidInput, Refused
from leadflow.events import replay
from leadflow.flow import Survivorship

ROBOT = Actor(kind="system", id="enrichment")
COMPARED = ("person", "company", "address", "custom", "persona", "need", "emails", "phones", "stage", "absorbed_by")


class Fleet(Entity):
    trucks: int | None = None
    kept: int = 0


def new_flow(storage: Any = None) -> LeadFlow[Fleet]:
    ids = count()
    return LeadFlow(
        storage or MemoryStorage(),
        custom=Fleet,
        clock=Clock(),
        new_id=lambda _: f"id-{next(ids):03}",
        delivers=False,
    )


def ada(flow: LeadFlow[Fleet], **more: object) -> str:
    return flow.capture({"email": "ada@acme.example", "name": "Ada Lovelace", **more}, source="fair").lead_id


def test_a_source_fills_blanks_and_nothing_else() -> None:
    flow = new_flow()
    lead_id = ada(flow, employees=80)
    answer = flow.enrich(
        lead_id,
        {"company.employees": 250, "company.industry": "pumps", "custom.trucks": 4},
        source="register",
        by=ROBOT,
    )
    lead = flow.get(lead_id)
    assert answer.changed == lead.enriched == ("company.industry", "custom.trucks")
    assert (lead.company.employees, lead.company.industry, lead.custom.trucks) == (80, "pumps", 4)


def test_a_later_word_of_the_person_wins_at_once_and_without_a_conflict() -> None:
    flow = new_flow()
    lead_id = ada(flow)
    flow.enrich(lead_id, {"company.employees": 250, "company.industry": "pumps"}, source="register", by=ROBOT)
    assert flow.capture({"email": "ada@acme.example", "employees": 80}, source="form").findings == ()
    assert flow.get(lead_id).company.employees == 80
    assert flow.get(lead_id).enriched == ("company.industry",)
    assert "250, from register" in flow.explain(lead_id)["Enrichment"][0]
    flow.capture({"email": "ada@acme.example", "employees": 81}, source="form")
    assert [one.code for one in flow.get(lead_id).findings] == ["conflict"]  # with what was said, as ever


def test_the_same_said_by_person_and_source_is_the_persons() -> None:
    flow = new_flow()
    lead_id = ada(flow)
    flow.enrich(lead_id, {"company.employees": 80}, source="register", by=ROBOT)
    flow.capture({"email": "ada@acme.example", "employees": 80}, source="form")
    flow.withdraw_source("register", by="anna")
    assert flow.get(lead_id).company.employees == 80


def test_what_the_team_has_emptied_stays_empty() -> None:
    flow = new_flow()
    lead_id = ada(flow)
    flow.enrich(lead_id, {"company.industry": "pumps"}, source="register", by=ROBOT)
    assert flow.correct(lead_id, {"industry": None, "employees": None}, by="anna").changed == ("company",)
    flow.enrich(lead_id, {"company.industry": "valves", "company.employees": 9}, source="other", by=ROBOT)
    lead = flow.get(lead_id)
    assert (lead.company.industry, lead.company.employees) == (None, 9)  # employees was blank: nothing was meant by it
    flow.capture({"email": "ada@acme.example", "industry": "pumps and valves"}, source="form")
    assert flow.get(lead_id).company.industry == "pumps and valves"


def test_the_surer_source_counts_then_the_newer_one_in_any_order() -> None:
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        flow = new_flow()
        lead_id = ada(flow)
        said = [("a", 10, 0.5, 1), ("b", 20, 0.9, 2), ("c", 30, 0.9, 3)]
        for source, value, confidence, hours in (said[nr] for nr in order):
            at = START - timedelta(hours=10 - hours)
            flow.enrich(lead_id, {"company.employees": value}, source=source, confidence=confidence, at=at, by=ROBOT)
        assert flow.get(lead_id).company.employees == 30
        flow.withdraw_source("c", by="anna")
        assert flow.get(lead_id).company.employees == 20
        flow.withdraw_source("b", by="anna")
        assert flow.get(lead_id).company.employees == 10


def test_two_addresses_and_two_companies_are_never_mixed() -> None:
    flow = new_flow()
    lead_id = ada(flow, street="Holstenstraße 1", company="Acme GmbH")
    flow.enrich(lead_id, {"address.city": "Berlin", "address.country": "DE"}, source="ip", by=ROBOT)
    flow.enrich(lead_id, {"company.name": "Zenith AG", "company.employees": 9}, source="register", by=ROBOT)
    assert flow.get(lead_id).enriched == ()
    flow.enrich(
        lead_id,
        {"company.name": "Acme GmbH", "company.legal_form": "GmbH", "company.employees": 7},
        source="register",
        by=ROBOT,
    )
    assert flow.get(lead_id).company.employees == 7


def test_a_source_says_all_that_it_knows_each_time() -> None:
    flow = new_flow()
    lead_id = ada(flow)
    flow.enrich(lead_id, {"address.city": "Berlin", "address.country": "DE"}, source="ip", by=ROBOT)
    flow.enrich(lead_id, {"address.country": "NL"}, source="ip", by=ROBOT)
    assert (flow.get(lead_id).address.city, flow.get(lead_id).address.country) == (None, "NL")
    assert flow.enrich(lead_id, {"address.country": "NL"}, source="ip", by=ROBOT, at=START - timedelta(1)).changed == ()


def test_what_a_source_knew_before_what_it_has_said_already_changes_nothing() -> None:
    flow = new_flow()
    lead_id = ada(flow)
    yesterday, long_ago = START - timedelta(days=1), START - timedelta(days=14)
    flow.enrich(lead_id, {"company.industry": "new"}, source="register", by=ROBOT, at=yesterday)
    before = flow.get(lead_id)
    late = flow.enrich(lead_id, {"company.industry": "old"}, source="register", by=ROBOT, at=long_ago)
    assert (late.repeated, [one.code for one in late.findings]) == (True, ["enrichment_outdated"])
    assert flow.get(lead_id) == before
    flow.enrich(lead_id, {"company.industry": "newest"}, source="register", by=ROBOT, at=START)
    assert flow.get(lead_id).company.industry == "newest"


def test_no_source_knows_anything_in_the_future() -> None:
    flow = new_flow()
    lead_id = ada(flow)
    with pytest.raises(InvalidInput, match="not in the future"):
        flow.enrich(lead_id, {"need": "x"}, source="register", by=ROBOT, at=START + timedelta(days=1))
    flow.enrich(lead_id, {"need": "x"}, source="register", by=ROBOT, at=START + timedelta(minutes=4))  # a fast clock
    assert flow.get(lead_id).enrichments[0].at == START


def test_a_value_that_no_field_takes_is_a_finding_and_a_path_that_is_none_an_error() -> None:
    flow = new_flow()
    lead_id = ada(flow)
    values = {"company.country": "Germany", "company.employees": -3, "company.industry": "pumps", "custom.trucks": True}
    answer = flow.enrich(lead_id, values, source="register", by=ROBOT)
    assert sorted(one.field for one in answer.findings) == ["company.country", "company.employees", "custom.trucks"]
    assert answer.changed == ("company.industry",)
    assert {one.code for one in flow.get(lead_id).findings} == {"enrichment_unusable"}
    for path in ("emails", "custom.kept", "owner", "company.colour", "stage", "referred_by"):
        with pytest.raises(InvalidInput, match="default is None"):
            flow.enrich(lead_id, {path: "x"}, source="register", by=ROBOT)
    with pytest.raises(InvalidInput, match="confidence"):
        flow.enrich(lead_id, {"persona": "x"}, source="register", confidence=2, by=ROBOT)


def test_rules_can_ask_by_whom_a_value_is_known() -> None:
    flow = new_flow()
    one, other = ada(flow, employees=80), flow.capture({"email": "bob@bee.example"}, source="fair").lead_id
    flow.enrich(other, {"company.employees": 250}, source="register", by=ROBOT)
    known = field("company.employees")
    assert [lead.id for lead in flow.find(known.known_by("person"))] == [one]
    assert [lead.id for lead in flow.find(known.known_by("enrichment"))] == [other]
    assert [lead.id for lead in flow.find(field("enrichments.source").contains("register"))] == [other]
    with pytest.raises(DefinitionError, match="person or enrichment"):
        known.known_by("hearsay")  # type: ignore[arg-type]


def test_a_dry_run_counts_and_writes_nothing() -> None:
    flow = new_flow()
    for name in ("a", "b", "c"):
        lead_id = flow.capture({"email": f"{name}@{name}.example"}, source="fair").lead_id
        flow.enrich(lead_id, {"company.employees": 9, "company.industry": "pumps"}, source="register", by=ROBOT)
    before = [*flow.leads()]
    would = flow.withdraw_source(
        "register", where=field("emails.address").contains("a@a.example"), by="anna", dry_run=True
    )
    assert (would.leads, would.values) == (1, 2)
    assert [*flow.leads()] == before
    seen: list[int] = []
    assert flow.withdraw_source("register", by="anna", watch=seen.append)[:2] == (3, 6)
    assert seen == [3]
    assert flow.withdraw_source("register", by="anna")[:2] == (0, 0)


def test_a_source_is_no_evidence_that_two_leads_are_one_person() -> None:
    flow = new_flow()
    name = {"name": "Ada Lovelace", "phone": "+49 431 1234567"}
    one = flow.capture(name, source="fair").lead_id
    flow.enrich(one, {"company.domain": "acme.example", "address.postcode": "24103"}, source="register", by=ROBOT)
    assert flow.get(one).account == "acme.example"
    plain = new_flow()
    other = plain.capture(name, source="fair").lead_id
    assert flow.storage.features([one]) == plain.storage.features([other])


def test_a_source_withdrawn_from_a_merged_lead_is_withdrawn_from_both() -> None:
    flow = new_flow()
    one, other = ada(flow), flow.capture({"email": "bob@bee.example"}, source="fair").lead_id
    for lead_id in (one, other):
        flow.enrich(lead_id, {"need": "pumps"}, source="register", by=ROBOT)
    flow.merge(one, other, by="anna")
    flow.withdraw_source("register", by="anna")
    flow.unmerge(one, other, by="anna")
    assert [(lead.need, lead.enrichments) for lead in flow.leads()] == [(None, ())] * 2


# --------------------------------------------------------------------------------------------------------- properties
PEOPLE = ("ada@acme.example", "bob@acme.example")
SAID: dict[str, list[object]] = {
    "employees": [1, 2], "industry": ["pumps", "valves"], "country": ["DE", "NL"], "city": ["Kiel", "Bonn"],
    "job_title": ["Engineer", "Buyer"], "company": ["Acme GmbH", "Zenith AG"], "trucks": [1, 2], "need": ["a", "b"],
}  # fmt: skip
KNOWN: dict[str, list[object]] = {
    "company.employees": [2, 3], "company.industry": ["valves", "hoses"], "address.country": ["NL", "FR"],
    "address.city": ["Bonn", "Ulm"], "person.job_title": ["Buyer", "Clerk"], "company.name": ["Zenith AG", "Third Ltd"],
    "custom.trucks": [2, 3], "need": ["b", "c"],
}  # fmt: skip
who = st.sampled_from((0, 1))
said = st.dictionaries(st.sampled_from(sorted(SAID)), st.sampled_from((0, 1)), min_size=1, max_size=4)
known = st.dictionaries(st.sampled_from(sorted(KNOWN)), st.sampled_from((0, 1)), min_size=3)
enriches = st.tuples(st.just("enrich"), who, st.sampled_from("AB"), known, st.sampled_from((0.3, 0.6, 0.9)))
steps = st.one_of(
    *(enriches, enriches, enriches),  # more of them: without them there is nothing to see
    st.tuples(st.just("capture"), who, said, st.booleans()),
    st.tuples(st.just("correct"), who, said),
    st.tuples(st.just("withdraw"), who, st.sampled_from("AB")),
    st.tuples(st.just("merge"), who, st.sampled_from(("survivor", "most_complete", "longest", "newest"))),
    st.tuples(st.just("unmerge"), who),
)
empties = st.tuples(st.just("empty"), who, st.sampled_from(sorted(SAID)))


class World:
    """A flow that carries out steps; ``sources`` are those that it listens to."""

    def __init__(self, sources: str) -> None:
        self.flow, self.sources = new_flow(), sources
        self.ids = [self.flow.capture({"email": one}, source="fair", verified=True).lead_id for one in PEOPLE]

    def do(self, step: tuple[Any, ...]) -> None:
        self.flow.clock.now += timedelta(minutes=1)  # type: ignore[attr-defined]
        kind, nr, *rest = step
        lead_id, other = self.ids[nr], self.ids[1 - nr]
        try:
            if kind == "capture":
                self.flow.capture({"email": PEOPLE[nr], **_chosen(SAID, rest[0])}, source="form", verified=rest[1])
            elif kind == "correct":
                self.flow.correct(lead_id, _chosen(SAID, rest[0]), by="anna")
            elif kind == "empty":
                self.flow.correct(lead_id, {rest[0]: None}, by="anna")
            elif kind == "merge":
                self.flow.merge(lead_id, other, by="anna", survivorship=Survivorship(rest[0]))
            elif kind == "unmerge":
                self.flow.unmerge(lead_id, other, by="anna")
            elif rest[0] in self.sources:
                if kind == "withdraw":
                    self.flow.withdraw_enrichment(lead_id, rest[0], by="anna")
                else:
                    values = [
                        EnrichedValue(path=path, value=KNOWN[path][one], confidence=rest[2])
                        for path, one in rest[1].items()
                    ]
                    self.flow.enrich(lead_id, values, source=rest[0], by=ROBOT)
        except Refused:
            pass

    def leads(self) -> dict[str, dict[str, Any]]:
        return {one.id: {name: getattr(one, name) for name in COMPARED} for one in self.flow.leads()}


def _chosen(values: dict[str, list[object]], which: dict[str, int]) -> dict[str, object]:
    return {name: values[name][nr] for name, nr in which.items()}


def _values(lead: Lead[Any]) -> dict[str, object]:
    blocks = {name: getattr(lead, name) for name in ("person", "company", "address", "custom")}
    return {f"{name}.{part}": value for name, block in blocks.items() for part, value in block} | {"need": lead.need}


@settings(max_examples=60, deadline=None)
@given(st.lists(steps | empties, min_size=5, max_size=16))
def test_nothing_that_anybody_said_is_ever_overwritten(history: list[tuple[Any, ...]]) -> None:
    enriched, plain = World("AB"), World("")
    for step in history:
        enriched.do(step)
        plain.do(step)
        for lead_id in enriched.ids:
            lead = enriched.flow.get(lead_id)
            mine, theirs = _values(lead), _values(plain.flow.get(lead_id))
            assert {path: mine[path] for path, value in theirs.items() if value is not None} == {
                path: value for path, value in theirs.items() if value is not None
            }
            assert {path for path, value in mine.items() if value != theirs[path]} == {*lead.enriched}
            offered = {(value.path, str(value.value)) for one in lead.enrichments for value in one.values}
            assert {(path, str(mine[path])) for path in lead.enriched} <= offered
            assert not {*lead.enriched} & {*lead.left_blank}
            assert not {one.source for one in lead.enrichments} & {*lead.withdrawn_sources}
            storage = enriched.flow.storage
            facts = storage.facts(lead.id)
            assert replay(facts, enriched.flow.policy.lead_type, facts_of=storage.facts) == lead
    for source in "AB":
        enriched.flow.withdraw_source(source, by="anna")
    assert enriched.leads() == plain.leads()


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, min_size=5, max_size=16))
def test_a_source_that_is_taken_back_leaves_what_would_be_without_it(history: list[tuple[Any, ...]]) -> None:
    both, other = World("AB"), World("B")
    for step in history:
        both.do(step)
        other.do(step)
    both.flow.withdraw_source("A", by="anna")
    assert both.leads() == other.leads()
    for step in (("unmerge", 0), ("unmerge", 1)):  # also where two leads were one
        both.do(step)
        other.do(step)
    assert both.leads() == other.leads()
