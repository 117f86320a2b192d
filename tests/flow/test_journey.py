from __future__ import annotations

from datetime import date, timedelta

import pytest

from acme import ADA, QUALIFICATION, START, acme_flow, consistent
from leadflow import (
    Actor,
    DefinitionError,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    field,
)
from leadflow.events import DeadlineBreached, DeadlineMet, DeadlineReminded, LeadRouted, StageChanged

LATER = date(2027, 1, 15)


def test_engagement_makes_an_mql_that_is_routed_at_once(flow, mql):
    lead = flow.get(mql)
    assert (lead.stage, lead.owner, lead.route.territory) == ("mql", "anna", "DACH")
    assert [task.kind for task in flow.tasks(lead_id=mql) if task.kind == "route"] == []
    consistent(flow)


def test_an_activity_given_twice_counts_once(flow, mql):
    before = flow.get(mql)
    assert flow.record(mql, "demo_requested", id="web-1").repeated
    assert flow.get(mql) == before


def test_the_way_to_the_customer_and_back(flow, mql, clock):
    flow.accept(mql, by="anna")
    flow.confirm(mql, by="anna")
    flow.open_deal(mql, "d1", by="anna", amount="1200.50")
    assert flow.get(mql).stage == "opportunity"
    flow.win(mql, by="anna")
    lead = flow.get(mql)
    assert (lead.stage, lead.deal("d1").status, str(lead.deal("d1").amount)) == ("customer", "won", "1200.50")
    flow.open_deal(mql, "d2", by="anna")
    flow.lose(mql, "d2", by="anna", reason="price")
    assert flow.get(mql).stage == "customer"
    flow.promote(mql, by="anna")
    flow.settle(mql, by="anna")
    flow.lapse(mql, by="anna", reason="closed its doors")
    assert (flow.get(mql).stage, flow.get(mql).owner) == ("lead", None)
    consistent(flow)


def test_what_sales_returns_is_nurtured_on_and_looked_at_again(flow, mql, clock):
    flow.accept(mql, by="anna")
    flow.recycle(mql, by="anna", reason="no budget this year", revisit=LATER)
    lead = flow.get(mql)
    assert (lead.stage, lead.rounds, lead.reason, lead.revisit) == ("lead", 1, "no budget this year", LATER)
    assert lead.owner is None
    flow.record(mql, "demo_requested", id="web-2")
    assert flow.get(mql).stage == "lead"
    clock.now = START.replace(year=2027, month=1, day=15)
    flow.record(mql, "demo_requested", id="web-3")
    flow.run_due()
    assert (flow.get(mql).stage, flow.get(mql).revisit) == ("mql", None)
    consistent(flow)


def test_a_lead_without_a_matching_rep_stands_in_a_named_queue_from_which_a_rep_takes_it(flow):
    lead_id = flow.capture(ADA | {"country": "FR"}, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="1")
    assert (flow.get(lead_id).stage, flow.get(lead_id).owner, flow.get(lead_id).queue) == ("mql", None, "unrouted")
    flow.accept(lead_id, by="ben")
    assert (flow.get(lead_id).owner, flow.get(lead_id).queue, flow.get(lead_id).stage) == ("ben", None, "sal")
    consistent(flow)


def test_fast_track_writes_one_fact_with_the_stages_skipped(flow, ada):
    flow.fast_track(ada, by="anna", to="sql", reason="rang us up")
    fact = [f for f in flow.history(ada) if isinstance(f, StageChanged)][-1]
    assert (fact.source, fact.target, fact.skipped) == ("lead", "sql", ("mql", "sal"))
    assert flow.get(ada).owner is not None
    consistent(flow)


def test_an_mql_cools_by_ageing_alone_at_a_computed_moment(flow, mql, clock):
    at = flow.get(mql).cool_at
    # 30 points halve every 30 days: below 10 after 30 * log2(3) = 47.55 days, then seven days of dwell
    assert abs(at - START - timedelta(days=30 * 1.584962500721156 + 7)) < timedelta(seconds=1)
    clock.now = at - timedelta(seconds=1)
    flow.run_due()
    assert flow.get(mql).stage == "mql"
    clock.now = at
    flow.run_due()
    assert (flow.get(mql).stage, flow.get(mql).cool_at) == ("lead", None)
    consistent(flow)


def test_new_activity_puts_cooling_off(flow, mql, clock):
    first = flow.get(mql).cool_at
    clock.advance(days=20)
    flow.record(mql, "demo_requested", id="web-2")
    assert flow.get(mql).cool_at > first
    consistent(flow)


def test_the_service_level_reminds_then_breaches_in_business_hours(flow, mql, clock):
    # Monday 10:00 in Berlin plus four business hours
    assert flow.get(mql).deadline.due_at == START + timedelta(hours=4)
    clock.advance(hours=3)
    flow.run_due()
    clock.advance(hours=1)
    flow.run_due()
    kinds = [type(f) for f in flow.history(mql) if isinstance(f, DeadlineReminded | DeadlineBreached)]
    assert kinds == [DeadlineReminded, DeadlineBreached]
    flow.accept(mql, by="anna")
    assert any(isinstance(f, DeadlineMet) for f in flow.history(mql))
    assert flow.get(mql).deadline is None
    consistent(flow)


def test_a_deadline_kept_is_met_in_time(flow, mql, clock):
    clock.advance(hours=1)
    flow.accept(mql, by="anna")
    assert next(f for f in flow.history(mql) if isinstance(f, DeadlineMet)).late is False
    clock.advance(days=3)
    flow.run_due()
    assert not any(isinstance(f, DeadlineBreached) for f in flow.history(mql))


def test_one_key_acts_once_and_another_payload_conflicts(flow, clock):
    first = flow.capture(ADA, source="fair", key="k1")
    assert flow.capture(ADA, source="fair", key="k1") == first
    with pytest.raises(IdempotencyConflict, match="k1"):
        flow.capture(ADA | {"city": "Bonn"}, source="fair", key="k1")
    moved = flow.disqualify(first.lead_id, by="anna", reason="student", key="k2")
    assert flow.disqualify(first.lead_id, by="anna", reason="student", key="k2") == moved
    assert sum(isinstance(f, StageChanged) for f in flow.history(first.lead_id)) == 2


def test_history_can_be_looked_at_as_of_any_moment(flow, mql, clock):
    clock.advance(hours=1)
    flow.accept(mql, by="anna")
    assert flow.as_of(mql, START).stage == "mql"
    assert flow.as_of(mql, clock()).stage == "sal"
    assert flow.as_of(mql, START - timedelta(seconds=1)) is None
    with pytest.raises(InvalidInput, match="time zone"):
        flow.as_of(mql, START.replace(tzinfo=None))


def test_facts_are_recorded_as_the_clock_said_and_stay_in_the_order_of_their_versions(flow, ada, clock):
    clock.advance(hours=-5)
    flow.record(ada, "page_viewed", id="1")
    facts = list(flow.history(ada))
    assert facts[-1].recorded_at == clock()
    assert [fact.version for fact in facts] == sorted(fact.version for fact in facts)
    consistent(flow)


def test_unknown_ids_are_not_found(flow):
    for call in (flow.get, flow.history, flow.explain, flow.export):
        with pytest.raises(NotFound, match="no lead 'nobody'"):
            call("nobody")
    with pytest.raises(NotFound):
        flow.record("nobody", "page_viewed")


def test_explain_names_every_point_gate_and_candidate(flow, mql):
    text = str(flow.explain(mql))
    for part in ("enterprise", "can decide", "demo requested", "DACH", "anna", "ben", "no consent for newsletter"):
        assert part in text
    assert isinstance(next(f for f in flow.history(mql) if isinstance(f, LeadRouted)).route.turn, int)


def test_explain_says_what_is_missing_for_mql_and_it_is_enough(flow, ada):
    score = flow.explain(ada)["Score"]
    assert "for mql: missing: 25 of engagement" in score
    assert "for mql: would do: 1 × demo requested: +30 engagement → fit 45, engagement 30" in score
    flow.record(ada, "demo_requested", id="web-1")
    assert flow.get(ada).stage == "mql"


def test_explain_says_until_when_an_mql_stays_one(flow, mql):
    below = flow.get(mql).cool_at - QUALIFICATION.dwell
    assert f"as mql: ends by ageing alone at {below:%Y-%m-%d %H:%M} UTC" in flow.explain(mql)["Score"]


def test_the_outlook_on_any_goal_is_by_what_is_remembered(flow, ada, clock):
    flow.record(ada, "demo_requested", id="web-1")
    clock.advance(days=30)
    ahead = flow.outlook(ada, field("score.engagement") >= 20)
    assert (ahead.reached, ahead.missing) == (False, {"engagement": 5})
    assert [[str(step) for step in way.steps] for way in ahead.ways] == [["1 × demo requested"], ["2 × page viewed"]]
    for number in range(2):
        flow.record(ada, "page_viewed", id=f"page-{number}")
    assert flow.outlook(ada, field("score.engagement") >= 20).reached
    with pytest.raises(DefinitionError, match=r"score\.fit"):
        flow.outlook(ada, field("score.fitt") >= 20)


def test_time_in_stage_counts_the_last_stay_and_all_of_them(flow, mql, clock):
    clock.advance(hours=2)
    flow.accept(mql, by="anna")
    clock.advance(hours=3)
    flow.step_back(mql, by="anna", reason="not reached")
    clock.advance(hours=5)
    times = flow.times_in_stage(mql)
    mql_time, sal_time = times["mql"], times["sal"]
    assert (mql_time.latest, mql_time.cumulative, mql_time.entered) == (timedelta(hours=5), timedelta(hours=7), 2)
    assert (sal_time.cumulative, sal_time.entered) == (timedelta(hours=3), 1)


def test_a_hosts_own_stage_is_walked_like_any_other(storage, clock):
    from leadflow import Move, Stage
    from leadflow.lifecycle import DEFAULT

    own = DEFAULT.extend(
        stages=[Stage("demo", after="sal", description="saw the product")],
        moves=[Move("show", "sal", "demo", by=["rep"]), Move("confirm", "demo", "sql", by=["rep"])],
    )
    flow = acme_flow(storage, clock, lifecycle=own)
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="1")
    flow.accept(lead_id, by="anna")
    flow.move(lead_id, "show", by="anna")
    assert flow.get(lead_id).stage == "demo"
    flow.recycle(lead_id, by="anna", reason="later", revisit=LATER)
    assert flow.get(lead_id).stage == "lead"
    consistent(flow)


def test_custom_fields_go_the_whole_way(storage, clock):
    from leadflow import Entity
    from leadflow.scoring import ScoringModel, points

    class Fleet(Entity):
        fleet_size: int | None = None
        depot: str | None = None

    model = ScoringModel(name="fleet", fit=[points(50, field("custom.fleet_size") >= 100, because="big fleet")])
    flow = acme_flow(storage, clock, custom=Fleet, scoring=model)
    result = flow.capture(ADA | {"fleet_size": "250", "custom.depot": "Bonn"}, source="fair")
    lead = flow.get(result.lead_id)
    assert (lead.custom, lead.score.fit) == (Fleet(fleet_size=250, depot="Bonn"), 50)
    bad = flow.capture({"email": "b@b.example", "fleet_size": "many"}, source="fair")
    assert [finding.field for finding in bad.findings] == ["custom.fleet_size"]
    flow.capture({"email": ADA["email"], "fleet_size": 7}, source="web")
    assert flow.get(result.lead_id).custom.fleet_size == 250
    consistent(flow)


def test_what_marketing_qualified_by_hand_is_not_cooled_by_the_policy(flow, clock):
    lead_id = flow.capture({"email": "zoe@x.example", "country": "DE"}, source="fair").lead_id
    flow.qualify(lead_id, by=Actor(kind="marketing", id="mia"), reason="met at the fair")
    clock.advance(days=100)
    flow.run_due()
    assert (flow.get(lead_id).stage, flow.get(lead_id).cool_at) == ("mql", None)
    consistent(flow)


def test_an_opportunity_can_have_one_more_deal(flow, ada):
    flow.fast_track(ada, by="anna", to="opportunity", reason="sent an order")
    flow.open_deal(ada, "d1", by="anna")
    flow.open_deal(ada, "d2", by="anna")
    flow.lose(ada, "d1", by="anna", reason="price", revisit=LATER)
    assert flow.get(ada).stage == "opportunity"
    flow.win(ada, by="anna")
    assert flow.get(ada).stage == "customer"
    consistent(flow)


def test_ids_that_could_be_taken_for_something_else_are_refused(storage, clock):
    flow = acme_flow(storage, clock, new_id=lambda now: "a:b.c")
    with pytest.raises(DefinitionError, match=r"a:b\.c"):
        flow.capture(ADA, source="fair")
