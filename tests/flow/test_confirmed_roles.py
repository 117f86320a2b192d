"""A buying role counts once the team has confirmed it; what a form says is a proposal, and whom to win next is told."""

from __future__ import annotations

from typing import Any

import pytest

from leadflow import Actor, LeadFlow, ScoringModel, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.buying_center import BuyingCenter
from leadflow.entities import Lead
from leadflow.events import replay
from leadflow.lifecycle import DEFAULT, Move, Stage
from leadflow.scoring import on, points
from leadflow.testing import ClockAt

COVERED = ScoringModel(
    name="m", fit=[points(7, field("account.coverage") >= 50, because="covered")], engagement=[on("demo", 20)]
)
FLEET = BuyingCenter("fleet", {"decider": 1, "buyer": 1})
CRM, PERSON = Actor(kind="crm", id="crm"), Actor(kind="person", id="ada")


def flow_on(storage: Any, **settings: Any) -> LeadFlow:
    return LeadFlow(storage, **{"scoring": COVERED, "buying_centers": [FLEET], "clock": ClockAt(), **settings})


def said(flow: LeadFlow, role: str, name: str = "ada", **more: Any) -> str:
    values = {"email": f"{name}@acme.example", "first_name": name.title(), "buying_role": role}
    return flow.capture(values, source="web", **more).lead_id


def covered(flow: LeadFlow, lead_id: str) -> float:
    """The coverage of the lead's account; rules, the view, the explanation and the list of accounts say the same."""
    flow.run_due()
    view = flow.account("acme.example")
    (center,) = view.centers
    assert view.score.coverage == center.coverage and view.score.missing == center.missing
    assert bool(flow.get(lead_id).score.fit) == (center.coverage >= 50)
    assert f"{center.coverage:.0f} % covered" in str(flow.explain(lead_id))
    found = flow.find_accounts(field("account.coverage") == center.coverage)
    assert [one.key for one in found] == ["acme.example"]
    assert replay(flow.storage.facts(lead_id), Lead) == flow.get(lead_id)
    return center.coverage


def test_what_a_form_says_is_a_proposal_until_the_team_confirms_it(every_storage: Any) -> None:
    flow = flow_on(every_storage)
    ada = said(flow, "decider")
    assert covered(flow, ada) == 0
    (member,) = flow.account("acme.example").members
    assert member.role is None and member.likely is not None
    assert (member.likely.role, member.likely.because[0]) == ("decider", "says it themselves: decider (90%)")
    assert member.likely.confidence > 0.8
    assert flow.correct(ada, {"buying_role": "decider"}, by="anna").changed == ("buying_role",)
    assert covered(flow, ada) == 50
    assert flow.correct(ada, {"buying_role": "decider"}, by="anna").changed == ()
    assert flow.account("acme.example").members[0].proposals == ()


def test_no_form_takes_away_what_the_team_has_confirmed() -> None:
    flow = flow_on(MemoryStorage())
    ada = said(flow, "user")
    flow.correct(ada, {"buying_role": "decider"}, by="anna")
    said(flow, "decider")
    answer = flow.capture({"email": "ada@acme.example", "buying_role": "user"}, source="web", verified=True)
    assert [one.code for one in answer.findings] == ["conflict"]
    assert (flow.get(ada).confirmed_role, covered(flow, ada)) == ("decider", 50)
    flow.correct(ada, {"buying_role": "buyer"}, by="ben")
    flow.correct(ada, {"buying_role": "decider"}, by="anna")
    assert (flow.get(ada).confirmed_role, covered(flow, ada)) == ("decider", 50)
    flow.correct(ada, {"buying_role": None}, by="anna")
    assert (flow.get(ada).confirmed_role, covered(flow, ada)) == (None, 0)


def test_the_crm_is_the_team_and_the_person_is_not() -> None:
    flow = flow_on(MemoryStorage())
    ada = said(flow, "buyer")
    flow.correct(ada, {"buying_role": "buyer"}, by=PERSON)
    assert covered(flow, ada) == 0
    flow.capture({"email": "ada@acme.example", "buying_role": "buyer"}, source="crm", by=CRM)
    assert covered(flow, ada) == 50


def test_who_is_disqualified_covers_nothing_until_reopened(every_storage: Any) -> None:
    flow = flow_on(every_storage)
    ada, ben = said(flow, "decider"), said(flow, "user", "ben")
    flow.correct(ada, {"buying_role": "decider"}, by="anna")
    assert covered(flow, ben) == 50
    flow.disqualify(ada, by="anna", reason="has left")
    assert covered(flow, ben) == 0
    assert [one.name for one in flow.account("acme.example").members] == ["Ben"]
    flow.reopen(ada, by="anna", reason="is back")
    assert covered(flow, ben) == 50


def test_a_stage_of_your_own_outside_the_journey_covers_nothing_either() -> None:
    gone = DEFAULT.extend(
        stages=[Stage("gone", "out", after="customer")],
        moves=[Move("lose", "lead", "gone", ["rep"]), Move("find", "gone", "lead", ["rep"])],
    )
    flow = flow_on(MemoryStorage(), lifecycle=gone)
    ada = said(flow, "decider")
    flow.correct(ada, {"buying_role": "decider"}, by="anna")
    flow.move(ada, "lose", by="anna")
    assert covered(flow, ada) == 0


def test_who_is_erased_or_merged_covers_once_or_not_at_all() -> None:
    flow = flow_on(MemoryStorage())
    ada, ben = said(flow, "decider"), said(flow, "buyer", "ben")
    for one, role in ((ada, "decider"), (ben, "buyer")):
        flow.correct(one, {"buying_role": role}, by="anna")
    assert covered(flow, ada) == 100
    flow.merge(ada, ben, by="anna")
    flow.run_due()
    assert flow.account("acme.example").score.coverage == 50
    flow.unmerge(ada, ben, by="anna")
    assert covered(flow, ben) == 100
    flow.erase(ada, by="anna")
    assert covered(flow, ben) == 50


@pytest.mark.parametrize("confirmed_first", [True, False])
def test_a_merged_lead_keeps_that_its_role_was_confirmed(confirmed_first: bool) -> None:
    flow = flow_on(MemoryStorage())
    ada = said(flow, "decider")
    if confirmed_first:
        flow.correct(ada, {"buying_role": "decider"}, by="anna")
    ben = said(flow, "decider", "ben")
    if not confirmed_first:
        flow.correct(ben, {"buying_role": "decider"}, by="anna")
    flow.merge(ada, ben, by="anna")
    assert flow.get(ada).confirmed_role == "decider"
