"""Data quality at work: confirmed by what happens, asked by gates and policies, refused where it can't be right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadflow import Actor, ExternalId, LeadFlow, Qualification, ScoringModel, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.data_quality import DataQuality, Purpose
from leadflow.entities import Confirmation
from leadflow.errors import DefinitionError
from leadflow.routing import Gate, Rep, Router, Territory
from leadflow.scoring import points
from leadflow.testing import NOW, ClockAt

DAY = timedelta(days=1)
ADA = {"email": "ada@acme.example", "phone": "+49 30 901820", "company": "Acme"}


@pytest.fixture
def clock() -> ClockAt:
    return ClockAt(NOW)


def replayed(flow: LeadFlow, lead_id: str) -> object:
    return flow.as_of(lead_id, NOW + 9999 * DAY)


def test_what_is_said_again_is_confirmed_and_what_is_contradicted_is_not(clock: ClockAt) -> None:
    flow = LeadFlow(MemoryStorage(), clock=clock)
    ada = flow.capture(ADA, source="web").lead_id
    clock.advance(days=100)
    flow.capture({"email": "ada@acme.example", "company": "Another"}, source="fair")
    confirmed = flow.get(ada).confirmed
    assert confirmed.email == Confirmation(at=NOW + 100 * DAY, by="submission")
    assert confirmed.company == confirmed.phone == Confirmation(at=NOW, by="submission")
    assert confirmed.address == Confirmation()
    assert replayed(flow, ada) == flow.get(ada)


def test_a_correction_a_verification_and_the_crm_confirm_as_such(clock: ClockAt) -> None:
    flow = LeadFlow(MemoryStorage(), clock=clock)
    ada = flow.capture(ADA, source="web").lead_id
    flow.correct(ada, {"phone": "+49 30 901821"}, by="anna")
    flow.capture({"email": "ada@acme.example"}, source="confirmed", verified=True)
    confirmed = flow.get(ada).confirmed
    assert (confirmed.phone.by, confirmed.email.by) == ("correction", "verification")
    assert replayed(flow, ada) == flow.get(ada)


def test_an_old_submission_that_comes_late_does_not_make_it_older(clock: ClockAt) -> None:
    flow = LeadFlow(MemoryStorage(), clock=clock)
    ada = flow.capture(ADA, source="web").lead_id
    flow.capture({"email": "ada@acme.example"}, source="import", at=NOW - 900 * DAY)
    assert flow.get(ada).confirmed.email.at == NOW


def test_a_lead_of_an_older_version_counts_from_its_creation(clock: ClockAt) -> None:
    flow = LeadFlow(MemoryStorage(), clock=clock)
    ada = flow.get(flow.capture(ADA, source="web").lead_id)
    stored = ada.model_dump(mode="json", exclude={"confirmed"})
    old = type(ada).model_validate(stored)
    part = next(part for part in flow.quality(ada.id).parts if part.part == "freshness.email")
    assert old.confirmed.email == Confirmation() and part.confirmed_at == old.created_at == NOW


def test_a_policy_asks_for_quality_and_the_lead_cools_when_its_data_ages(clock: ClockAt) -> None:
    model = ScoringModel(name="m", fit=[points(10, field("email.address").is_known(), because="mail")])
    policy = Qualification(
        mql=(field("quality.complete.calling") == True) & (field("quality.outdated.email") == False),  # noqa: E712
        keep=field("quality.outdated.email") == False,  # noqa: E712
    )
    flow = LeadFlow(MemoryStorage(), scoring=model, qualification=policy, clock=clock)
    bare = flow.capture({"email": "bob@acme.example"}, source="web").lead_id
    ada = flow.capture(ADA, source="web").lead_id
    assert (flow.get(bare).stage, flow.get(ada).stage) == ("lead", "mql")
    assert flow.get(ada).cool_at == NOW + 365 * DAY + timedelta(microseconds=1)
    clock.set(NOW + 365 * DAY)
    flow.run_due()
    assert flow.get(ada).stage == "mql"
    clock.advance(seconds=1)
    flow.run_due()
    assert flow.get(ada).stage == "lead"


def test_a_gate_keeps_leads_that_nobody_can_call(clock: ClockAt) -> None:
    router = Router(
        [Territory("all", field("email.address").is_known(), reps=[Rep("anna")])],
        gates=[Gate(field("quality.completeness.calling") >= 100, because="sales calls")],
    )
    flow = LeadFlow(MemoryStorage(), router=router, clock=clock)
    eva = Actor(kind="marketing", id="eva")
    routed = {}
    for values in ({"email": "bob@acme.example"}, ADA):
        lead_id = flow.capture(values, source="web").lead_id
        flow.qualify(lead_id, by=eva, reason="met")
        routed[values["email"]] = flow.get(lead_id)
    assert routed["ada@acme.example"].owner == "anna"
    bob = routed["bob@acme.example"]
    assert (bob.owner, bob.queue) == (None, router.gates[0].queue)
    assert bob.route is not None and bob.route.gates[0].outcome == "false"


def test_where_it_would_not_stay_right_it_is_refused_with_the_remedy() -> None:
    flow = LeadFlow(MemoryStorage())
    with pytest.raises(DefinitionError, match=r"quality\.score: .* ages.*confirmed\.email\.at"):
        flow.find(field("quality.score") >= 60)
    model = ScoringModel(name="m", fit=[points(10, field("quality.score") >= 60, because="good data")])
    with pytest.raises(DefinitionError, match=r"quality\.score: .* compare it in the qualification or in a gate"):
        LeadFlow(MemoryStorage(), scoring=model)
    with pytest.raises(DefinitionError, match=r"purpose 'visit': adress\.city: .* did you mean address\.city\?"):
        LeadFlow(MemoryStorage(), data_quality=DataQuality(purposes=[Purpose("visit", ["adress.city"])]))
    with pytest.raises(DefinitionError, match=r"quality\.complete\.fax: .* no such field"):
        LeadFlow(MemoryStorage(), qualification=Qualification(mql=field("quality.complete.fax") == True))  # noqa: E712


def test_leads_are_found_by_when_they_were_confirmed(clock: ClockAt) -> None:
    flow = LeadFlow(MemoryStorage(), clock=clock)
    flow.capture(ADA, source="web")
    clock.advance(days=300)
    flow.capture({"email": "bob@acme.example"}, source="web")
    recent = flow.find(field("confirmed.email.at").within(days=100))
    assert [lead.email.address for lead in recent] == ["bob@acme.example"]


def test_a_merge_keeps_for_each_group_the_confirmation_of_what_remains(clock: ClockAt) -> None:
    flow = LeadFlow(MemoryStorage(), clock=clock)
    ada = flow.capture(ADA, source="web").lead_id
    clock.advance(days=50)
    crm = ExternalId(system="crm", id="7")
    other = flow.capture({"email": "a.lovelace@acme.example", "company": "Acme", "city": "Ulm", "street": "Ring 1"},
                         source="crm", external_id=crm).lead_id  # fmt: skip
    flow.merge(ada, other, by="anna")
    confirmed = flow.get(ada).confirmed
    assert confirmed.email.at == confirmed.phone.at == NOW
    assert confirmed.address.at == NOW + 50 * DAY
    assert replayed(flow, ada) == flow.get(ada)


def test_what_is_erased_takes_its_findings_along(clock: ClockAt) -> None:
    flow = LeadFlow(MemoryStorage(), clock=clock)
    ada = flow.capture(ADA | {"phone": "030 SECRET77"}, source="web").lead_id
    assert any("SECRET77" in (one.value or "") for one in flow.get(ada).findings)
    flow.erase(ada, by="anna")
    assert "SECRET77" not in repr(vars(flow.storage))


def test_sql_reads_quality_from_a_column_of_the_host_and_else_refuses() -> None:
    """A column that is merely named score is not it."""
    sql = pytest.importorskip("leadflow.batch.tables")
    columns = {"id": "text", "score": "double", "data_quality": "double"}
    bare = sql.ColumnResolver(sql.Table("leads", columns), {}, "leads", "duckdb")
    with pytest.raises(DefinitionError, match=r"quality\.score: SQL does not measure .* columns=Columns"):
        bare.at("quality.score")
    mapped = sql.ColumnResolver(sql.Table("leads", columns), {"quality.score": "data_quality"}, "leads", "duckdb")
    assert mapped.at("quality.score").type == "double"
