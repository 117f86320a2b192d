"""New rules for stored leads: what follows is what follows from any other change, and a dry run foretells it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
import time
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from acme import ADA, QUALIFICATION, SCORING, START, Clock, acme_flow, consistent, person
from leadflow import AsyncLeadFlow, Entity, LeadFlow, LeadScored, Qualification, StageChanged, field
from leadflow.adapters.async_memory import AsyncMemoryStorage
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.errors import InvalidInput
from leadflow.scoring import ScoringModel, on, points

MANY = 20_000 if os.environ.get("LEADFLOW_TORTURE") else 400
FORK = multiprocessing.get_context("fork")
DEMANDING = SCORING.but(version="demanding", fit=(points(5, field("company.employees") >= 250, because="enterprise"),))
GENEROUS = SCORING.but(
    version="generous", fit=(*SCORING.fit, points(25, field("source") == "fair", because="met in person"))
)
EASY = Qualification(mql=field("score.fit") >= 60)


@pytest.fixture
def flow(every_storage, clock, outbox):
    return acme_flow(every_storage, clock, outbox)


def under(flow: LeadFlow, scoring=GENEROUS, **more) -> LeadFlow:
    """The same leads, after a deployment of new rules."""
    return acme_flow(flow.storage, flow.clock, flow.mailer, scoring=scoring, **more)


def nothing_but_page_views(flow: LeadFlow, number: int) -> list[str]:
    ids = sorted(flow.capture(person(n), source="fair" if n % 2 else "web").lead_id for n in range(number))
    for lead_id in ids:
        flow.record(lead_id, "page_viewed", id=lead_id)
    return ids


def test_a_new_version_scores_qualifies_and_routes_what_is_stored(flow):
    ids = nothing_but_page_views(flow, 6)
    later = under(flow, qualification=EASY)
    done = later.rescore()
    assert (done.leads, done.current, done.refused) == (6, 0, ())
    from_fair = {lead.id for lead in later.leads() if lead.source == "fair"}
    assert {one.lead_id for one in done.moves} == from_fair
    assert len(from_fair) == 3
    for lead_id in ids:
        lead = later.get(lead_id)
        assert lead.score == later.score(lead_id)
        assert lead.score.model == "b2b@generous"
        assert (lead.stage, bool(lead.owner)) == (("mql", True) if lead_id in from_fair else ("lead", False))
    consistent(later)


def test_the_reasons_are_the_moves_and_the_rules_whose_points_differ(flow):
    nothing_but_page_views(flow, 2)
    (met,) = under(flow, qualification=EASY).rescore(dry_run=True).changes
    assert met.because == ("qualify: score.fit ≥ 60", "met in person: 0 → 25")
    assert str(met) == f"{met.lead_id}: lead → mql, 48 B4 → 73 A4; qualify: score.fit ≥ 60; met in person: 0 → 25"


def test_the_facts_are_those_of_any_other_change_of_the_score(flow):
    lead_id = nothing_but_page_views(flow, 2)[1]
    before = len(list(flow.history(lead_id)))
    under(flow, SCORING.but(version="2"), qualification=EASY).rescore()
    new = list(flow.history(lead_id))[before:]
    assert [type(fact) for fact in new] == [LeadScored]
    assert new[0].actor.kind == "policy"


def test_an_mql_that_is_below_cools_when_its_time_has_come(flow, clock):
    ids = [flow.capture(person(n), source="fair").lead_id for n in range(3)]
    for lead_id in ids:
        flow.record(lead_id, "demo_requested", id=lead_id)
    later = under(flow, DEMANDING)
    done = later.rescore()
    assert [one.cools_at for one in done.changes] == [START + QUALIFICATION.dwell] * 3
    assert f"cools at {START + QUALIFICATION.dwell:%Y-%m-%d %H:%M}" in str(done.changes[0])
    later.run_due()
    assert {later.get(one).stage for one in ids} == {"mql"}
    clock.advance(days=7)
    later.run_due()
    assert {later.get(one).stage for one in ids} == {"lead"}
    consistent(later)


def test_a_stale_score_is_seen_in_the_explanation_and_found(flow):
    nothing_but_page_views(flow, 2)
    later = under(flow)
    (one, _) = ids = [lead.id for lead in later.leads()]
    stale = "stale: b2b@1 decided this; rescore it by the current model"
    assert stale in later.explain(one)["Score"]
    assert stale not in flow.explain(one)["Score"]
    older = field("score.model") != "b2b@generous"
    assert [lead.id for lead in later.find(older, order="id")] == ids
    later.record(one, "page_viewed", id="again")  # whatever happens to a lead brings its score up to date
    assert stale not in later.explain(one)["Score"]
    later.rescore()
    assert later.count(older) == 0
    assert later.count(by="score.model") == {"b2b@generous": 2}


def test_run_again_it_leaves_alone_what_is_of_the_current_model(flow):
    nothing_but_page_views(flow, 3)
    later = under(flow)
    later.rescore(field("source") == "fair")
    assert (later.rescore().leads, later.rescore().current) == (2, 3)
    versions = [lead.version for lead in later.leads()]
    assert later.rescore(stale_only=False).changes == ()
    assert [lead.version for lead in later.leads()] == versions


def test_other_rules_take_effect_on_leads_of_the_current_model_if_asked(flow):
    nothing_but_page_views(flow, 2)
    later = under(flow, SCORING, qualification=Qualification(mql=field("score.fit") >= 40))
    assert later.rescore().leads == 0
    foreseen = later.rescore(dry_run=True, stale_only=False)
    assert [one.because for one in foreseen.moves] == [("qualify: score.fit ≥ 40",)] * 2
    assert later.rescore(stale_only=False) == foreseen
    assert {lead.stage for lead in later.leads()} == {"mql"}


def test_a_move_that_a_person_made_is_not_undone(flow):
    (lead_id,) = nothing_but_page_views(flow, 1)
    flow.record(lead_id, "demo_requested")
    flow.disqualify(lead_id, by="anna", reason="a student")
    assert under(flow, qualification=EASY).rescore().moves == ()
    assert flow.get(lead_id).stage == "disqualified"


def test_it_tells_how_far_it_is(flow):
    nothing_but_page_views(flow, 5)
    heard = []
    under(flow).rescore(watch=lambda done, total: heard.append((done, total)))
    assert heard == [(5, 5)]


def test_whoever_interrupts_it_loses_nothing(flow, monkeypatch):
    monkeypatch.setattr("leadflow.flow.rescore.AT_ONCE", 2)
    nothing_but_page_views(flow, 5)

    def interrupt(done, total):
        raise KeyboardInterrupt

    later = under(flow)
    foreseen = later.rescore(dry_run=True)
    with pytest.raises(KeyboardInterrupt):
        later.rescore(watch=interrupt)
    rest = later.rescore()
    assert (rest.leads, rest.current) == (3, 2)
    assert rest.changes == tuple(one for one in foreseen.changes if one.lead_id in {c.lead_id for c in rest.changes})
    consistent(later)


def test_without_rules_there_is_nothing_to_do(storage, clock):
    with pytest.raises(InvalidInput, match="give LeadFlow a scoring model"):
        LeadFlow(storage, clock=clock).rescore()


# ------------------------------------------------------------------------------------------- foretold, and equal to one
models = st.builds(
    lambda fit, points_, decides: ScoringModel(
        name="m",
        version=f"{fit}/{points_}/{decides}",
        fit=[
            points(fit, field("company.employees") >= 250, because="enterprise"),
            points(decides, field("person.seniority").is_in("director", "c-level"), because="can decide"),
        ],
        engagement=[on("page_viewed", points_, cap=60), on("demo_requested", 30)],
    ),
    st.integers(-40, 60),
    st.integers(-5, 9),
    st.integers(0, 30),
)
policies = st.builds(
    lambda mql, keep, dwell, track: Qualification(
        mql=field("score.total") >= mql + keep,
        keep=field("score.total") >= keep,
        dwell=timedelta(days=dwell),
        disqualify=[(field("score.total") < -track, "too low")] if track else (),
        fast_track=(),
    ),
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(0, 3),
    st.integers(0, 30),
)
histories = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["page_viewed", "demo_requested", "qualify", "disqualify"])),
    max_size=20,
)


@given(before=models, after=models, policy=policies, policy_after=policies, history=histories)
@settings(max_examples=60)
def test_a_dry_run_equals_the_run_and_one_by_one(before, after, policy, policy_after, history):
    clock, storage, twin = Clock(), MemoryStorage(), MemoryStorage()
    for where in (storage, twin):
        clock.now = START
        ids = iter(f"l{n}" for n in range(9))
        flow = acme_flow(where, clock, scoring=before, qualification=policy, new_id=lambda _, ids=ids: next(ids))
        leads = [flow.capture(person(n) | {"employees": 100 * n}, source="web").lead_id for n in range(6)]
        for number, (who, what) in enumerate(history):
            clock.advance(hours=7)
            with suppress(Exception):
                if what in ("qualify", "disqualify"):
                    flow.move(leads[who], what, by="anna", reason="so")
                else:
                    flow.record(leads[who], what, id=str(number))
    later, one_by_one = (
        acme_flow(where, clock, scoring=after, qualification=policy_after) for where in (storage, twin)
    )
    versions = [lead.version for lead in later.leads()]
    foreseen = later.rescore(dry_run=True, stale_only=False)
    assert [lead.version for lead in later.leads()] == versions
    assert later.rescore(stale_only=False) == foreseen
    moved = {one.lead_id: one.stage for one in foreseen.moves}
    for lead in list(one_by_one.leads()):
        one_by_one.correct(lead.id, {"note": "looked at again"}, by="anna")  # derives the same consequences
        expected, now = one_by_one.get(lead.id), later.get(lead.id)
        assert (now.stage, now.score, now.cool_at, now.qualify_at) == (
            expected.stage, expected.score, expected.cool_at, expected.qualify_at
        )  # fmt: skip
        assert moved.get(lead.id, lead.stage) in (now.stage, "mql")  # routing may go on from there
    consistent(later)


def test_colleagues_count_with_what_they_do_and_not_with_their_stored_scores(flow):
    by_account = GENEROUS.but(
        version="account", fit=(*SCORING.fit, points(25, field("account.leads") >= 3, because="a buying center"))
    )
    ids = nothing_but_page_views(flow, 3)
    later = under(flow, by_account)
    foreseen = later.rescore(dry_run=True)
    assert later.rescore() == foreseen
    assert [later.get(one).score.fit for one in ids] == [70, 70, 70]
    for one in ids:
        assert later.get(one).score == later.score(one)


# -------------------------------------------------------------------------------------------------------- among others
def test_two_at_once_and_captures_in_between_lose_nothing(url):
    with closing(SqlStorage(url).migrate()) as storage:
        flow = acme_flow(storage, lambda: START)
        ids = nothing_but_page_views(flow, 60)
        done = []

        def rescores() -> None:
            done.append(under(flow).rescore())

        def records() -> None:
            for lead_id in ids:
                under(flow).record(lead_id, "demo_requested", id=f"demo-{lead_id}")

        threads = [threading.Thread(target=work) for work in (rescores, records, rescores)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        later = under(flow)
        assert len(done) == 2
        assert later.rescore().leads == 0
        for lead in later.leads():
            assert lead.score == later.score(lead.id)
            assert len(storage.activities(lead.id)) == 2
            facts = [fact for fact in storage.facts(lead.id) if isinstance(fact, LeadScored)]
            assert sum(fact.score.model == "b2b@generous" for fact in facts) <= 2
            assert sum(isinstance(fact, StageChanged) for fact in storage.facts(lead.id)) <= 3
        consistent(later)


def test_erased_leads_are_gone_and_prospects_are_scored_too(flow):
    ids = nothing_but_page_views(flow, 2)
    visitor = flow.visit("cookie", "page_viewed").lead_id
    flow.erase(ids[0], by="anna")
    later = under(flow)
    assert later.rescore().leads == 2
    assert later.get(visitor).score.model == "b2b@generous"
    consistent(later)


# ------------------------------------------------------------------------------------------------- what can't be scored
class Risky(Entity):
    fragile: bool = False

    @property
    def breaks(self) -> bool:
        if self.fragile:
            raise ZeroDivisionError
        return False


def test_a_lead_that_can_not_be_read_is_reported_and_left_alone(tmp_path, clock):
    with closing(SqlStorage(f"sqlite:///{tmp_path}/leads.db").migrate()) as storage:
        flow = acme_flow(storage, clock)
        ids = nothing_but_page_views(flow, 4)
        with storage.engine.begin() as connection:
            connection.execute(text("UPDATE leadflow_leads SET doc = '[1]' WHERE id = :id"), {"id": ids[2]})
        later = under(flow)
        for dry_run in (True, False):
            done = later.rescore(dry_run=dry_run)
            assert (done.leads, [lead_id for lead_id, _ in done.refused]) == (3, [ids[2]])
            assert done.refused[0][1]


def test_a_field_of_the_host_that_raises_costs_only_its_lead(storage, clock):
    flow = acme_flow(storage, clock, custom=Risky)
    ids = [flow.capture(person(n) | {"custom.fragile": n == 2}, source="web").lead_id for n in range(4)]
    flow.correct(ids[1], {"custom.fragile": True}, by="anna")
    policy = Qualification(mql=field("custom.breaks") == True)  # noqa: E712
    later = acme_flow(storage, clock, custom=Risky, scoring=GENEROUS, qualification=policy)
    foreseen = later.rescore(dry_run=True)
    assert ids[1] in dict(foreseen.refused)
    assert later.rescore() == foreseen


def test_in_an_event_loop_it_is_the_same():
    async def rescored():
        clock = Clock()
        flow: Any = acme_flow(AsyncMemoryStorage(), clock, flow=AsyncLeadFlow)
        await flow.capture(ADA, source="fair")
        later: Any = acme_flow(flow.storage, clock, flow=AsyncLeadFlow, scoring=GENEROUS, qualification=EASY)
        return await later.rescore(dry_run=True), await later.rescore()

    foreseen, done = asyncio.run(rescored())
    assert foreseen == done
    assert [one.stage for one in done.moves] == ["mql"]


# ------------------------------------------------------------------------------------------------------------ kill -9
def fifth(number: int) -> ScoringModel:
    """Five versions, each of which moves some leads in and others out."""
    demo, page = (60, 3) if number % 2 else (20, 9)
    return SCORING.but(
        version=f"changed {number}",
        fit=(*SCORING.fit, points(5 * number, field("company.employees") >= 100 * number, because="larger")),
        engagement=(on("demo_requested", demo, cap=60), on("page_viewed", page)),
    )


def rescores(url: str, number: int) -> None:
    acme_flow(SqlStorage(url), lambda: START, scoring=fifth(number)).rescore()


@pytest.mark.usefixtures("everything_is_loaded")
@pytest.mark.parametrize("many", [100, pytest.param(MANY, marks=pytest.mark.slow)])
def test_five_models_one_after_the_other_each_killed_in_the_middle(tmp_path, monkeypatch, many):
    monkeypatch.setattr("leadflow.flow.rescore.AT_ONCE", max(many // 100, 10))
    url = f"sqlite:///{tmp_path}/leads.db"
    with closing(SqlStorage(url).migrate()) as storage:
        flow = acme_flow(storage, lambda: START)
        rows = (
            person(n) | {"email": f"p{n}@firm{n}.example", "company": f"Firm {n}", "employees": n % 700}
            for n in range(many)
        )
        for number, captured in enumerate(flow.capture_many(rows, source="fair")):
            if number % 3 == 0:
                flow.record(captured.result().lead_id, "demo_requested" if number % 2 else "page_viewed")
        for number in range(1, 6):
            flow = acme_flow(storage, lambda: START, scoring=fifth(number))
            foreseen = flow.rescore(dry_run=True)
            assert (foreseen.leads, foreseen.refused) == (many, ())
            assert foreseen.changes
            killed = FORK.Process(target=rescores, args=(url, number))
            killed.start()
            while killed.is_alive() and not flow.count(field("score.model") == f"b2b@changed {number}"):
                time.sleep(0.01)
            killed.kill()
            killed.join()
            rest = flow.rescore()
            assert rest.leads + rest.current == many
            assert {*rest.changes} <= {*foreseen.changes}
            standing = {one.lead_id: (one.stage, one.score, one.grade) for one in foreseen.changes}
            for lead in flow.leads():
                now = lead.stage, lead.score.total, lead.score.grade
                assert standing.get(lead.id, now) == now
            assert list(flow.unreadable()) == []
        consistent(flow)
