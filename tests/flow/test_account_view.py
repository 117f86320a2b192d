"""A company in one answer: leads, roles, deals, activities, owners and score; and companies by conditions."""

from __future__ import annotations

from typing import Any

import pytest

from leadflow import Actor, LeadFlow, ScoringModel, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.buying_center import BuyingCenter
from leadflow.conditions import always
from leadflow.entities.lead import with_fields
from leadflow.errors import DefinitionError, InvalidInput, NotFound
from leadflow.insights import render_report, summarise
from leadflow.quality.buying_roles import RoleModel
from leadflow.routing import Gate, Router, Territory
from leadflow.scoring import on, points
from leadflow.testing import ClockAt

MODEL = ScoringModel(
    name="m",
    fit=[points(9, field("account.missing").contains("decider"), because="no decider is known")],
    engagement=[on("demo", 20)],
)
FLEET = BuyingCenter("fleet", {"user": 2, "decider": 1, "buyer": 1}, weights={"decider": 2}, product="Fleet")


def filled(storage: Any) -> LeadFlow:
    """Acme with a decider who saw a demo, perhaps a buyer, perhaps a user; and Beta, where nobody is known."""
    flow = LeadFlow(storage, scoring=MODEL, buying_centers=[FLEET], clock=ClockAt())
    people = [
        {"email": "ada@acme.example", "first_name": "Ada", "company": "Acme GmbH"},
        {"email": "ben@acme.example", "first_name": "Ben", "company": "Acme", "job_title": "Einkäufer"},
        {"email": "dan@acme.example", "first_name": "Dan", "company": "ACME Inc", "job_title": "Monteur"},
        {"email": "eve@beta.example", "first_name": "Eve", "job_title": "Xyz", "product_interest": "other"},
    ]
    ids = [flow.capture({"product_interest": "fleet"} | one, source="web").lead_id for one in people]
    flow.correct(ids[0], {"buying_role": "decider"}, by="anna")
    flow.record(ids[0], "demo", id="1")
    flow.fast_track(ids[0], by="anna", to="sql", reason="an old friend")
    flow.open_deal(ids[0], "D-1", by="anna", amount="500", currency="EUR")
    flow.run_due()
    return flow


def test_an_account_is_seen_whole_and_its_leads_page_by_page(every_storage: Any) -> None:
    flow = filled(every_storage)
    view = flow.account("www.acme.example", limit=2)
    assert (view.key, view.name, view.count, len(view.leads)) == ("acme.example", "Acme", 3, 2)
    rest = flow.account("acme.example", limit=2, after=view.next)
    assert (len(rest.leads), rest.next) == (1, None)
    assert {lead.id for lead in (*view.leads, *rest.leads)} == {
        lead.id for lead in flow.find(field("account") == "acme.example")
    }
    assert [deal.id for _, deal in view.deals] == ["D-1"]
    assert [one.kind for one in flow.account("acme.example").activities] == ["demo"]
    assert (view.score.engagement, view.score.engaged, view.score.roles) == (20, 1, ("decider",))
    assert view.owner == "anna" or view.owners == {}
    (center,) = view.centers
    assert (center.name, center.coverage, center.missing, center.engagement) == ("fleet", 25, ("user", "buyer"), 40)
    likely = {state.role: [one.name for one in state.likely] for state in center.roles}
    assert likely == {"user": ["Dan"], "decider": [], "buyer": ["Ben"]}
    assert center.advice is not None and center.advice.startswith("win Dan as user (")
    with pytest.raises(NotFound):
        flow.account("nobody.example")


def test_accounts_are_found_by_what_they_are_and_by_one_of_their_leads(every_storage: Any) -> None:
    flow = filled(every_storage)
    lacking = field("account.missing").contains("decider")
    assert [one.key for one in flow.find_accounts(lacking)] == ["beta.example"]
    assert [one.key for one in flow.find_accounts(field("account.leads") >= 3)] == ["acme.example"]
    assert [one.key for one in flow.find_accounts(leads=field("person.first_name") == "Eve")] == ["beta.example"]
    first = flow.find_accounts(limit=1)
    second = flow.find_accounts(limit=1, after=first.next)
    assert [one.key for one in (*first, *second)] == ["acme.example", "beta.example"]
    assert second.next is None
    with pytest.raises(DefinitionError, match="leads="):
        flow.find_accounts(field("stage") == "mql")
    with pytest.raises(InvalidInput, match="limit"):
        flow.find_accounts(limit=0)


def test_rules_and_explanations_know_who_is_missing() -> None:
    flow = filled(MemoryStorage())
    eve, ben = flow.by_email("eve@beta.example"), flow.by_email("ben@acme.example")
    assert eve is not None and ben is not None
    assert [one.because for one in eve.score.contributions] == ["no decider is known"]
    assert [one.because for one in ben.score.contributions] == []
    told = flow.explain(ben.id)
    assert told["Account"][1] == "buying center fleet: 25 % covered; missing: user, buyer"
    assert "Firma" in told.text("de") and "es fehlen: user, buyer" in told.text("de")


def test_the_report_shows_who_is_there_and_who_is_missing() -> None:
    flow = filled(MemoryStorage())
    summary = summarise(flow.storage, flow.policy.lifecycle, now=flow.clock())
    page = render_report(summary, accounts=[flow.account("acme.example")])
    assert "Buying center fleet of Acme" in page and "user: Dan?" in page and "decider: Ada" in page
    assert "missing: user, buyer" in page
    assert "buying centers" not in render_report(summary)


def test_what_people_confirm_teaches_the_proposals_and_is_said() -> None:
    flow = filled(MemoryStorage())
    dan = flow.by_email("dan@acme.example")
    assert dan is not None
    before = RoleModel().propose(dan)[0]
    assert (before.role, before.because[0]) == ("user", "title: who works with it (90%)")
    confirmed = {"buying_role": {"at": dan.created_at, "by": "correction"}}
    fitters = [
        with_fields(dan, {"buying_role": "influencer", "confirmed": confirmed}).but(id=f"lead-{number}")
        for number in range(30)
    ]
    assert RoleModel().taught_by([dan.but(buying_role="influencer")]) == RoleModel()  # only said by a form
    taught = RoleModel().taught_by([*fitters, dan])
    after = taught.propose(dan)[0]
    assert (after.role, after.because[0]) == ("influencer", "title: who works with it (78%, 30 confirmed)")
    assert RoleModel.model_validate_json(taught.model_dump_json()).propose(dan)[0] == after
    assert taught == RoleModel().taught_by([dan, *reversed(fitters)])


def test_behaviour_and_who_came_first_are_clues_and_nothing_is_proposed_of_nothing() -> None:
    flow = filled(MemoryStorage())
    eve = flow.by_email("eve@beta.example")
    assert eve is not None
    assert RoleModel().propose(eve) == ()
    flow.record(eve.id, "pricing_viewed", id="1")
    activities = flow.storage.activities(eve.id)
    assert RoleModel().propose(eve, activities)[0].role == "buyer"
    assert RoleModel().propose(eve, first=True)[0].role == "initiator"


def test_a_gate_opens_once_the_decider_of_the_company_is_known(every_storage: Any) -> None:
    known = field("account.roles").contains("decider")
    router = Router(
        [Territory("all", always(), reps=["anna"])],
        gates=[Gate(known, because="a decider is known", queue="marketing", review="marketing")],
    )
    flow = LeadFlow(every_storage, scoring=MODEL.but(fit=()), router=router, clock=ClockAt())
    ben = flow.capture({"email": "ben@acme.example"}, source="web").lead_id
    flow.qualify(ben, by=Actor(kind="marketing", id="eva"), reason="asked")
    flow.run_due()
    assert (flow.get(ben).owner, flow.get(ben).queue) == (None, "marketing")
    ada = flow.capture({"email": "ada@acme.example", "buying_role": "decider"}, source="web").lead_id
    flow.run_due()
    assert (flow.get(ben).owner, flow.get(ben).queue) == (None, "marketing")  # a form proves nothing
    flow.correct(ada, {"buying_role": "decider"}, by="anna")
    flow.run_due()
    assert (flow.get(ben).owner, flow.get(ben).queue) == ("anna", None)
    with pytest.raises(DefinitionError, match="computed with scores"):
        LeadFlow(MemoryStorage(), router=router)


def test_two_buying_centers_of_one_name_are_refused() -> None:
    with pytest.raises(DefinitionError, match="two buying centers are named 'fleet'"):
        LeadFlow(MemoryStorage(), buying_centers=[FLEET, BuyingCenter("fleet", {"user": 1})])


def test_a_page_after_no_account_is_refused() -> None:
    flow = filled(MemoryStorage())
    assert [one.key for one in flow.find_accounts(after="acme.example")] == ["beta.example"]
    with pytest.raises(InvalidInput, match="give the next of a page of accounts"):
        flow.find_accounts(after="junk")


def test_accounts_are_gone_through_with_progress_and_no_page_is_missed() -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    for number in range(60):
        flow.capture({"email": f"p{number}@firm{number:03}.example", "job_title": "Monteur"}, source="web")
    for number in (3, 51, 59):
        flow.capture({"email": f"q{number}@firm{number:03}.example"}, source="web")
    large, seen, keys = field("account.leads") == 2, list[int](), list[str]()
    after = None
    while True:
        page = flow.find_accounts(large, limit=1, after=after, watch=seen.append)
        keys += [one.key for one in page]
        if (after := page.next) is None:
            break
    assert keys == ["firm003.example", "firm051.example", "firm059.example"]
    assert [one.key for one in flow.find_accounts(large)] == keys
    assert seen[-1] == 8  # those after the last page
    assert [one.key for one in flow.find_accounts(field("account.next_role") == "user", limit=2)] == [
        "firm000.example",
        "firm001.example",
    ]
    with pytest.raises(DefinitionError, match="is of a single lead"):
        flow.find_accounts(field("account.win_as") == "user")


def test_what_is_no_template_and_no_model_is_refused() -> None:
    wrongs: list[Any] = [[{"name": "fleet"}], FLEET, ["fleet"]]
    for wrong in wrongs:
        with pytest.raises(DefinitionError, match=r"give a list of BuyingCenter"):
            LeadFlow(MemoryStorage(), buying_centers=wrong)
    with pytest.raises(DefinitionError, match="give a RoleModel"):
        LeadFlow(MemoryStorage(), role_model="roles.json")  # type: ignore[arg-type]  # the mistake


def test_of_a_large_account_people_are_shown_a_few_names_and_what_is_wrong_with_the_data() -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    for number in range(220):
        person = {"first_name": f"P{number:03}", "job_title": "Monteur"}
        flow.capture({"email": f"p{number}@big.example", "phone": "x"} | person, source="web")
    view = flow.account("big.example")
    assert (view.count, len(view.leads), len(view.members)) == (220, 50, 200)
    (users,) = [line for line in view.lines() if "user (0 of 1)" in line]
    assert users.endswith(" and 195 more") and users.count("P") == 5
    assert any("error: phone: " in line for line in view.lines())
