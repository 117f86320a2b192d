"""Who acts on whose leads: the roster catches typos, teams say who besides the owner may act."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acme import ADA, START, Clock, acme_flow, consistent
from leadflow import Actor, DefinitionError, InvalidInput, Refused, Rep, Router, Team, Territory, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.conditions import always
from leadflow.routing import Absence

EVA = Actor(kind="marketing", id="eva")
CRM = Actor(kind="crm", id="acmecrm")
LATER = date(2026, 9, 1)
NORTH = Team("north", ["anna", "ben"], leads=["carla"], substitutes={"anna": ["ben"]}, who_may={"confirm": "team"})
SOUTH = Team("south", ["dora", "emil"], otherwise="owner")


def of_anna(flow, stage: str = "sal") -> str:
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.fast_track(lead_id, by="anna", to=stage, reason="met")
    return lead_id


def reps(*names: str, **anna) -> Router:
    return Router([Territory("all", always(), reps=[Rep("anna", **anna), *map(Rep, names)])])


# ------------------------------------------------------------------------------------------------------ the roster
def test_a_rep_whom_nobody_knows_does_nothing_and_the_nearest_name_is_offered(flow, ada):
    tries: dict[str, Any] = {
        "fast_track": {"to": "sql", "reason": "x"},
        "disqualify": {"reason": "x"},
        "assign": {"rep": "ben", "reason": "x"},
        "adjust": {"points": 5, "reason": "x"},
        "correct": {"values": {"note": "x"}},
    }
    for name, values in tries.items():
        with pytest.raises(InvalidInput, match=r"by: 'ana' can't be used.*did you mean anna\?"):
            getattr(flow, name)(ada, by="ana", **values)
    with pytest.raises(InvalidInput, match="there is anna, ben; for somebody else give an Actor"):
        flow.disqualify(ada, by="zoe", reason="x")
    assert flow.get(ada).stage == "lead"


def test_what_a_person_has_a_right_to_needs_no_name_of_the_roster(flow, ada):
    flow.suppress("ada@acme.example", by="zoe", reason="rang us")
    assert flow.erase(ada, by="zoe").stage == "erased"


def test_many_are_not_handed_on_by_or_to_a_name_with_a_typo(flow, mql):
    for wrong in ({"to": "bem", "by": EVA}, {"to": "ben", "by": "ana"}, {"queue": "unroted", "by": EVA}):
        with pytest.raises(InvalidInput, match="did you mean"):
            flow.reassign(field("owner") == "anna", reason="x", **wrong)
    assert flow.get(mql).owner == "anna"


@pytest.mark.parametrize("router", [None, Router([Territory("all", always(), queue="all")])])
def test_without_a_roster_anybody_is_a_rep(storage, clock, router):
    flow = acme_flow(storage, clock, router=router)
    lead_id = of_anna(flow)
    assert flow.recycle(lead_id, by="zoe", reason="x", revisit=LATER).stage == "lead"


def test_the_past_of_who_left_is_read_and_the_lead_goes_on(storage, clock):
    lead_id = of_anna(acme_flow(storage, clock))
    flow = acme_flow(storage, clock, router=Router([Territory("all", always(), reps=[Rep("ben"), Rep("dora")])]))
    assert flow.get(lead_id).owner == "anna"
    assert flow.as_of(lead_id, START).stage == "sal"
    assert flow.confirm(lead_id, by="dora").owner == "anna", "who is gone is stood in for"
    with pytest.raises(InvalidInput, match="anna"):
        flow.confirm(lead_id, by="anna")
    consistent(flow)


# ----------------------------------------------------------------------------------------------- somebody else's lead
@pytest.mark.parametrize("move", ["recycle", "step_back", "disqualify", "confirm", "assign", "unassign"])
def test_a_colleague_does_not_act_on_the_lead_of_who_is_there(flow, move):
    lead_id = of_anna(flow)
    values: dict[str, Any] = {} if move == "confirm" else {"reason": "x"}
    values |= {"revisit": LATER} if move == "recycle" else {"rep": "ben"} if move == "assign" else {}
    with pytest.raises(Refused, match=f"belongs to anna; `{move}` may be made by: anna"):
        getattr(flow, move)(lead_id, by="ben", **values)
    getattr(flow, move)(lead_id, by="anna", **values)


def test_deals_too(flow):
    lead_id = of_anna(flow, "sql")
    with pytest.raises(Refused, match="open_deal"):
        flow.open_deal(lead_id, "d", by="ben")
    flow.open_deal(lead_id, "d", by="anna")
    steps: dict[str, Any] = {"win": {}, "lose": {"reason": "x", "revisit": LATER}, "change_deal": {"amount": 5}}
    for name, values in steps.items():
        with pytest.raises(Refused, match=name):
            getattr(flow, name)(lead_id, by="ben", **values)
    assert flow.win(lead_id, by=CRM).stage == "customer"


def test_marketing_and_the_crm_act_as_the_lifecycle_says(flow):
    lead_id = of_anna(flow)
    assert flow.assign(lead_id, "ben", by=EVA, reason="x").owner == "ben"
    assert flow.recycle(lead_id, by=CRM, reason="x", revisit=LATER).stage == "lead"


@pytest.mark.parametrize("gone", [{"active": False}, {"absences": [Absence("2026-03-01", "2026-03-10")]}])
def test_colleagues_stand_in_for_who_is_away_or_gone(storage, clock, gone):
    flow = acme_flow(storage, clock, router=reps("ben"))
    lead_id = of_anna(flow)
    away = acme_flow(storage, clock, router=reps("ben", **gone))
    assert away.confirm(lead_id, by="ben").owner == "anna", "acting in her place takes nothing from her"
    with pytest.raises(Refused, match="belongs to anna"):
        flow.step_back(lead_id, by="ben", to="sal", reason="x")
    consistent(away)


# -------------------------------------------------------------------------------------------------------------- teams
def teams_flow(storage, clock, **anna):
    return acme_flow(storage, clock, router=reps("ben", "dora", "emil", **anna), teams=[NORTH, SOUTH])


def test_a_team_says_who_may_make_which_move(storage, clock):
    flow = teams_flow(storage, clock)
    lead_id = of_anna(flow)
    with pytest.raises(Refused, match=r"`recycle` may be made by: anna, carla \(not by ben\)"):
        flow.recycle(lead_id, by="ben", reason="x", revisit=LATER)
    with pytest.raises(Refused, match=r"`confirm` may be made by: anna, carla, ben \(not by dora\)"):
        flow.confirm(lead_id, by="dora")
    assert flow.confirm(lead_id, by="ben").owner == "anna"
    assert flow.recycle(lead_id, by="carla", reason="x", revisit=LATER).stage == "lead"
    consistent(flow)


def test_a_substitute_acts_only_while_the_owner_is_away(storage, clock):
    flow = teams_flow(storage, clock, absences=[Absence("2026-03-03", "2026-03-04")])
    lead_id = of_anna(flow)
    with pytest.raises(Refused, match="not by ben"):
        flow.step_back(lead_id, by="ben", reason="x")
    clock.advance(days=1)
    flow.step_back(lead_id, by="ben", reason="x")
    clock.advance(days=2)
    with pytest.raises(Refused, match="not by ben"):
        flow.accept(lead_id, by="ben")


def test_with_owner_alone_not_even_a_substitute(storage, clock):
    flow = teams_flow(storage, clock)
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.fast_track(lead_id, by="dora", to="sal", reason="x")
    with pytest.raises(Refused, match=r"made by: dora \(not by emil\)"):
        flow.confirm(lead_id, by="emil")


def test_who_leads_a_team_takes_from_a_queue_and_owns(storage, clock):
    flow = acme_flow(storage, clock, teams=[NORTH])
    lead_id = flow.capture(ADA | {"country": "FR"}, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="1")
    assert flow.accept(lead_id, by="carla").owner == "carla"
    assert flow.assign(lead_id, "ben", by="carla", reason="x").owner == "ben"


def test_teams_alone_are_a_roster(storage, clock):
    flow = acme_flow(storage, clock, router=None, teams=[NORTH])
    lead_id = of_anna(flow)
    with pytest.raises(InvalidInput, match="did you mean anna"):
        flow.confirm(lead_id, by="ana")
    with pytest.raises(InvalidInput, match="did you mean carla"):
        flow.assign(lead_id, "karla", by=EVA, reason="x")


def test_teams_go_to_json_and_back_and_say_what_is_wrong():
    assert Team.model_validate_json(NORTH.model_dump_json()) == NORTH
    with pytest.raises(DefinitionError, match="'fred' has substitutes, but is no member"):
        Team("x", ["anna"], substitutes={"fred": ["anna"]})
    with pytest.raises(DefinitionError, match=r"who_may\.confirm"):
        Team.model_validate({"name": "x", "members": ["anna"], "who_may": {"confirm": "everybody"}})
    with pytest.raises(DefinitionError, match="no move 'recycel'; did you mean 'recycle'"):
        acme_flow(MemoryStorage(), Clock(), teams=[Team("x", ["anna"], who_may={"recycel": "team"})])
    with pytest.raises(DefinitionError, match="'north' is defined twice"):
        acme_flow(MemoryStorage(), Clock(), teams=[NORTH, NORTH])


PEOPLE = ["anna", "ben", "carla", "dora"]


@given(
    st.sampled_from(["owner", "deputy", "team", "anyone"]),
    st.sets(st.sampled_from(PEOPLE)),
    st.booleans(),
    st.sampled_from(PEOPLE),
)
def test_who_may_is_what_the_words_say(who, leads, away, actor):
    clock = Clock()
    team = Team("t", ["anna", "ben"], leads=sorted(leads), who_may={"confirm": who})
    absences = [Absence("2026-03-03", "2026-03-05")] if away else []
    flow = acme_flow(MemoryStorage(), clock, router=reps("ben", "carla", "dora", absences=absences), teams=[team])
    lead_id = of_anna(flow)
    clock.now += timedelta(days=1)
    deputy = actor in leads or (away and actor in ("anna", "ben"))
    may = {"owner": False, "deputy": deputy, "team": deputy or actor in ("anna", "ben"), "anyone": True}[who]
    if may or actor == "anna":
        assert flow.confirm(lead_id, by=actor).owner == "anna"
    else:
        with pytest.raises(Refused, match="belongs to anna"):
            flow.confirm(lead_id, by=actor)
