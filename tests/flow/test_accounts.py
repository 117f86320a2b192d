"""Rules that look at the account: what colleagues do counts, and they are scored anew when one of them changes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from leadflow import Entity, LeadFlow, Qualification, ScoringModel, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities import Activity
from leadflow.errors import DefinitionError
from leadflow.scoring import half_life, on, points
from leadflow.testing import ClockAt

MODEL = ScoringModel(
    name="m",
    fit=[
        points(5, field("company.employees") >= 10, because="some size"),
        points(15, field("account.engagement") >= 30, because="the company is interested"),
        points(7, field("account.coverage") >= 50, because="half of the buying center is known"),
    ],
    engagement=[on("demo", 20, decay=half_life(30))],
    buying_roles=("decider", "user", "buyer"),
)


@pytest.fixture
def clock() -> ClockAt:
    return ClockAt()


@pytest.fixture
def flow(clock: ClockAt) -> LeadFlow:
    return LeadFlow(MemoryStorage(), scoring=MODEL, clock=clock)


def captured(flow: LeadFlow, name: str, **values: object) -> str:
    given = {"email": f"{name}@acme.example", "company": "Acme GmbH", "employees": 50} | values
    return flow.capture(given, source="web").lead_id


def reasons(flow: LeadFlow, lead_id: str) -> set[str]:
    return {one.because for one in flow.get(lead_id).score.contributions}


def test_colleagues_are_scored_anew_when_one_of_them_does_something(flow: LeadFlow) -> None:
    ada, ben = captured(flow, "ada"), captured(flow, "ben")
    stranger = captured(flow, "eve", email="eve@other.example", company="Other AG")
    flow.record(ada, "demo", id="1")
    flow.record(ada, "demo", id="2")
    assert "the company is interested" in reasons(flow, ada)
    assert "the company is interested" not in reasons(flow, ben)
    flow.run_due()
    assert "the company is interested" in reasons(flow, ben)
    assert "the company is interested" not in reasons(flow, stranger)


def test_scores_by_the_account_do_not_feed_themselves(flow: LeadFlow) -> None:
    ada, ben = captured(flow, "ada"), captured(flow, "ben")
    for number in range(2):
        flow.record(ada, "demo", id=f"{number}")
    flow.run_due()
    before = flow.get(ada).score.fit, flow.get(ben).score.fit
    flow.run_due()
    flow.correct(ben, {"job_title": "Buyer"}, by="anna")
    flow.run_due()
    assert (flow.get(ada).score.fit, flow.get(ben).score.fit) == before == (20, 20)
    assert flow.tasks() == [] or all(task.kind != "colleagues" for task in flow.tasks())


def test_the_buying_center_is_covered_by_the_roles_of_all(flow: LeadFlow) -> None:
    ada, ben = captured(flow, "ada"), captured(flow, "ben")
    flow.correct(ada, {"buying_role": "decider"}, by="anna")
    flow.run_due()
    assert "half of the buying center is known" not in reasons(flow, ada)
    flow.correct(ben, {"buying_role": "user"}, by="anna")
    flow.run_due()
    for lead_id in (ada, ben):
        assert "half of the buying center is known" in reasons(flow, lead_id)


def test_what_colleagues_did_ages(flow: LeadFlow, clock: ClockAt) -> None:
    ada, ben = captured(flow, "ada"), captured(flow, "ben")
    flow.record(ada, "demo", id="1")
    flow.record(ada, "demo", id="2")
    flow.run_due()
    clock.advance(days=30)
    flow.record(ben, "other", id="3")
    assert "the company is interested" not in reasons(flow, ben)


def test_who_changes_the_company_leaves_the_old_account(flow: LeadFlow) -> None:
    ada, ben = captured(flow, "ada"), captured(flow, "ben")
    flow.record(ada, "demo", id="1")
    flow.record(ada, "demo", id="2")
    flow.run_due()
    flow.correct(ada, {"email": "ada@other.example", "company": "Other AG"}, by="anna")
    flow.run_due()
    assert "the company is interested" in reasons(flow, ada)
    assert "the company is interested" not in reasons(flow, ben)


def test_who_belongs_to_no_company_has_no_colleagues_and_finds_nothing_of_an_account(flow: LeadFlow) -> None:
    alone = [flow.capture({"email": f"{name}@gmail.com"}, source="web").lead_id for name in ("ada", "ben")]
    for one in alone:
        flow.record(one, "demo", id="1")
        flow.record(one, "demo", id="2")
    flow.run_due()
    assert [reasons(flow, one) for one in alone] == [{"demo"}, {"demo"}]
    assert all(task.kind != "colleagues" for task in flow.tasks())


def test_a_model_that_does_not_look_at_accounts_makes_no_tasks_for_them() -> None:
    flow = LeadFlow(MemoryStorage(), scoring=MODEL.but(fit=()), clock=ClockAt())
    captured(flow, "ada")
    assert all(task.kind != "colleagues" for task in flow.tasks())


def test_a_misspelt_path_of_the_account_is_named() -> None:
    wrong = ScoringModel(name="m", fit=[points(1, field("account.coverag") >= 1)])
    with pytest.raises(DefinitionError, match="coverage"):
        LeadFlow(MemoryStorage(), scoring=wrong)


def test_the_account_at_a_later_moment_is_that_of_all_at_that_moment(flow: LeadFlow, clock: ClockAt) -> None:
    ada, ben = captured(flow, "ada"), captured(flow, "ben")
    flow.record(ben, "demo", id="1", at=clock.now() - timedelta(days=30))
    flow.record(ada, "demo", id="2")
    flow.run_due()
    assert "the company is interested" in reasons(flow, ada)  # 10 + 20


def test_a_colleague_who_is_erased_counts_no_more(flow: LeadFlow) -> None:
    ada, ben = captured(flow, "ada"), captured(flow, "ben")
    flow.record(ada, "demo", id="1")
    flow.record(ada, "demo", id="2")
    flow.run_due()
    assert "the company is interested" in reasons(flow, ben)
    flow.record(ada, "demo", id="3")
    flow.erase(ada, by="anna")
    flow.run_due()
    assert "the company is interested" not in reasons(flow, ben)


def test_what_one_did_before_another_was_erased_is_still_told_to_the_rest(flow: LeadFlow) -> None:
    ada, ben, carl = captured(flow, "ada"), captured(flow, "ben"), captured(flow, "carl")
    flow.run_due()
    flow.record(ada, "demo", id="1")
    flow.record(ada, "demo", id="2")
    flow.record(ben, "other", id="3")
    LeadFlow(flow.storage, clock=flow.clock).erase(ben, by="anna")  # a process that does not score
    flow.run_due()
    assert "the company is interested" in reasons(flow, carl)


def test_a_colleague_who_buys_is_news_for_the_others() -> None:
    model = ScoringModel(name="m", fit=[points(9, field("account.customers") >= 1, because="they bought")])
    flow = LeadFlow(MemoryStorage(), scoring=model, clock=ClockAt())
    ada, ben = captured(flow, "ada"), captured(flow, "ben")
    flow.fast_track(ada, by="anna", to="sql", reason="an old friend")
    flow.open_deal(ada, "D-1", by="anna")
    flow.run_due()
    assert reasons(flow, ben) == set()
    flow.win(ada, "D-1", by="anna")
    flow.run_due()
    assert reasons(flow, ben) == {"they bought"}


class Fields(Entity):
    fleet: int = 1

    @property
    def share(self) -> float:
        return 1 / self.fleet


def test_a_lead_that_can_not_be_looked_at_keeps_no_colleague_from_being_scored() -> None:
    model, storage, clock = MODEL.but(fit=MODEL.fit[1:2]), MemoryStorage(), ClockAt()
    flow = LeadFlow(storage, scoring=model, clock=clock, custom=Fields)
    ids = [captured(flow, name, fleet=number) for name, number in (("ada", 1), ("ben", 0), ("carl", 1))]
    flow.run_due()
    raising = Qualification(mql=field("custom.share") >= 2)
    flow = LeadFlow(storage, scoring=model, clock=clock, custom=Fields, qualification=raising)
    for number in range(2):
        flow.record(ids[0], "demo", id=f"{number}")
    failed = flow.run_due().failed
    assert ["ZeroDivisionError" in error for _, error in failed] == [True]
    assert "the company is interested" in reasons(flow, ids[2])


class Reading(MemoryStorage):
    """Counts how often activities are asked for."""

    asked = 0

    def activities(self, lead_id: str, ids: Collection[str] | None = None, **page: Any) -> list[Activity]:
        self.asked += 1
        return super().activities(lead_id, ids, **page)


def test_an_account_is_read_once_to_score_all_of_its_leads_anew() -> None:
    storage = Reading()
    flow = LeadFlow(storage, scoring=MODEL, clock=ClockAt())
    ids = [captured(flow, f"p{number}") for number in range(30)]
    flow.run_due()
    flow.record(ids[0], "demo", id="1")
    flow.record(ids[0], "demo", id="2")
    storage.asked = 0
    flow.run_due()
    assert all("the company is interested" in reasons(flow, one) for one in ids)
    assert storage.asked <= 30
