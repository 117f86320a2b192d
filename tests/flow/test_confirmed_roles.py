"""A buying role counts once the team has confirmed it; what a form says is a proposal, and whom to win next is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leadflow import (
    Actor,
    Consent,
    Content,
    LeadFlow,
    Router,
    ScoringModel,
    Sequence,
    Step,
    Territory,
    field,
)
from leadflow.adapters.memory import MemoryStorage
from leadflow.buying_center import BuyingCenter
from leadflow.conditions import always
from leadflow.entities import Lead
from leadflow.events import LeadRouted, replay
from leadflow.flow import Survivorship
from leadflow.languages.german import GERMAN
from leadflow.lifecycle import DEFAULT, Move, Stage
from leadflow.quality.buying_roles import BEHAVIOUR, DEPARTMENTS, SAID, SENIORITIES, TITLES
from leadflow.scoring import on, points
from leadflow.testing import ClockAt, FakeMailer

COVERED = ScoringModel(
    name="m", fit=[points(7, field("account.coverage") >= 50, because="covered")], engagement=[on("demo", 20)]
)
FLEET = BuyingCenter("fleet", {"decider": 1, "buyer": 1})
FOR_BUYERS = field("account.win_as") == "buyer"
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


# ------------------------------------------------------------------------------------------------ whom to win next
@pytest.mark.parametrize("rule", ["most_complete", "newest", "survivor"])
@pytest.mark.parametrize("confirmed_first", [True, False])
def test_in_a_merge_a_confirmed_role_stands_over_what_a_form_said(
    every_storage: Any, rule: Any, confirmed_first: bool
) -> None:
    flow = flow_on(every_storage)
    ids = [said(flow, "buyer", "ada"), said(flow, "user", "ben")]
    flow.correct(ids[0], {"buying_role": "buyer"}, by="anna")
    said(flow, "influencer", "ben", verified=True)  # heard last, but by nobody of the team
    survivor, absorbed = ids if confirmed_first else reversed(ids)
    flow.merge(survivor, absorbed, by="anna", survivorship=Survivorship(default=rule))
    assert flow.get(survivor).confirmed_role == "buyer"
    flow.unmerge(survivor, absorbed, by="anna")
    assert [(flow.get(one).buying_role, flow.get(one).confirmed_role) for one in ids] == [
        ("buyer", "buyer"),
        ("influencer", None),
    ]


def test_a_rule_of_its_own_decides_on_the_role() -> None:
    flow = flow_on(MemoryStorage())
    ada, ben = said(flow, "buyer", "ada"), said(flow, "user", "ben")
    flow.correct(ada, {"buying_role": "buyer"}, by="anna")
    flow.merge(ada, ben, by="anna", survivorship=Survivorship(fields={"buying_role": lambda _: "absorbed"}))
    assert (flow.get(ada).buying_role, flow.get(ada).confirmed_role) == ("user", None)


def test_whom_to_win_next_is_written_to_and_told_to_sales(every_storage: Any) -> None:
    """Ben probably buys: he gets the terms, and his rep hears it at the hand-over; once he is confirmed, both end."""
    mailer, told = FakeMailer(), list[str]()
    flow = flow_on(
        every_storage,
        mailer=mailer,
        secrets=b"s" * 32,
        unsubscribe_url="https://acme.example/stop?t={token}",
        sequences=[Sequence("terms", [Step(timedelta(days=n), "terms") for n in (0, 7)], audience=FOR_BUYERS)],
        contents=[Content("terms", "Terms", "…")],
        router=Router([Territory("all", always(), reps=["anna"])]),
    )
    flow.on(LeadRouted, lambda fact: told.append("; ".join(flow.explain(fact.lead_id)["Account"])), name="tell")
    consent = Consent(purpose="newsletter", channel="email", status="given", at=flow.clock(), proof="form")
    ids = {}
    for name, title in (("ada", "Geschäftsführerin"), ("ben", "Einkäufer"), ("dan", "Monteur")):
        values = {"email": f"{name}@acme.example", "first_name": name.title(), "job_title": title}
        ids[name] = flow.capture(values, source="web", consents=[consent]).lead_id
    flow.run_due()
    assert [one.to for one in mailer.sent] == []  # the decider comes first
    flow.correct(ids["ada"], {"buying_role": "decider"}, by="anna")
    flow.run_due()
    assert [one.to for one in mailer.sent] == ["ben@acme.example"]
    assert {name: account_seen(flow, one) for name, one in ids.items()} == {
        "ada": ("buyer", None),
        "ben": ("buyer", "buyer"),
        "dan": ("buyer", None),
    }
    assert [one.key for one in flow.find_accounts(field("account.next_role") == "buyer")] == ["acme.example"]

    flow.qualify(ids["ben"], by=Actor(kind="marketing", id="eva"), reason="asked")
    flow.run_due()
    (heard,) = told
    assert "next: win this lead as buyer (" in heard and "title: purchasing (90%)" in heard
    german = flow.explain(ids["ada"]).text("de")
    assert "als Nächstes: Ben als buyer gewinnen (" in german and "Titel: Einkauf (90%)" in german

    flow.correct(ids["ben"], {"buying_role": "buyer"}, by="anna")
    flow.run_due()
    assert {account_seen(flow, one) for one in ids.values()} == {(None, None)}
    assert flow.account("acme.example").centers[0].advice is None


def account_seen(flow: LeadFlow, lead_id: str) -> tuple[str | None, str | None]:
    account = flow.get(lead_id).score.account
    assert account is not None
    return account.next_role, account.win_as


def test_a_newcomer_is_not_judged_before_its_colleagues_were_read(every_storage: Any) -> None:
    lacking = ScoringModel(name="m", fit=[points(5, field("account.missing").contains("decider"))])
    flow = flow_on(every_storage, scoring=lacking)
    ada = said(flow, "decider")
    flow.correct(ada, {"buying_role": "decider"}, by="anna")
    flow.run_due()
    ben = flow.capture({"email": "ben@acme.example"}, source="web").lead_id
    eve = flow.capture({"email": "eve@beta.example"}, source="web").lead_id
    assert [flow.get(one).score.fit for one in (ben, eve)] == [0, 0]
    flow.run_due()
    assert [flow.get(one).score.fit for one in (ben, eve)] == [0, 5]


def test_what_somebody_does_and_who_came_first_count_for_the_advice_of_rules_as_for_the_view() -> None:
    initiators = BuyingCenter("first", {"initiator": 1})
    first = ScoringModel(name="m", fit=[points(1, field("account.win_as") == "initiator")], engagement=[on("demo", 1)])
    flow = flow_on(MemoryStorage(), scoring=first, buying_centers=[initiators])
    ada = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    ben = flow.capture({"email": "ben@acme.example"}, source="web").lead_id
    flow.record(ben, "demo", id="1")
    flow.run_due()
    flow.record(ada, "demo", id="2")
    flow.run_due()
    (center,) = flow.account("acme.example").centers
    assert center.next is not None and [one.lead_id for one in center.next.likely] == [ben]
    assert [bool(flow.get(one).score.fit) for one in (ada, ben)] == [False, True]


def test_every_reason_for_a_role_has_german_words() -> None:
    kinds = [
        *(f"title: {name}" for name, _, _ in TITLES),
        *(f"behaviour: {name}" for name, _, _ in BEHAVIOUR),
        *(f"seniority: {name}" for name in SENIORITIES),
        *(f"department: {name}" for name in DEPARTMENTS if name not in ("IT", "HR", "Marketing")),
        "first: the first of the company",
        f"{SAID}: buyer",
    ]
    for kind in kinds:
        said = GERMAN.phrase(f"{kind} (90%, 3 confirmed)")
        assert "3 bestätigt" in said
        assert kind.split(": ")[1] == "buyer" or kind.split(": ")[1] not in said
