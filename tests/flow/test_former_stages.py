"""A stage that is gone, and the one that took its place: leads stored there are in it, and the past stays as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from acme import ADA, acme_flow
from leadflow import DefinitionError, InvalidInput, Lifecycle, Move, ServiceLevel, Stage, StageChanged, field
from leadflow.events import replay
from leadflow.insights import summarise
from leadflow.lifecycle import DEFAULT

TRIAL = DEFAULT.extend(
    stages=[Stage("trial", "sales", after="sal")],
    moves=[Move("start_trial", "sal", "trial"), Move("end_trial", "trial", "sql")],
)
GONE = DEFAULT.extend(renamed={"test": "trial", "trial": "sql"})
LEVELS = [ServiceLevel(stage="trial", within=timedelta(days=2))]


@pytest.fixture
def ids(every_storage, clock, outbox) -> list[str]:
    """A lead in a stage that will be gone, then one in the stage that takes its place, then one in neither."""
    flow = acme_flow(every_storage, clock, outbox, lifecycle=TRIAL, service_levels=LEVELS)
    rows = [ADA | {"email": f"n{nr}@acme{nr}.example"} for nr in range(3)]
    found = [flow.capture(one, source="fair").lead_id for one in rows]
    flow.fast_track(found[0], by="anna", to="sal", reason="knows us")
    flow.move(found[0], "start_trial", by="anna")
    flow.fast_track(found[1], by="anna", to="sql", reason="knows us")
    return found


def later(every_storage, clock, outbox, **more):
    return acme_flow(every_storage, clock, outbox, **{"lifecycle": GONE, "service_levels": [], **more})


def test_leads_stored_in_a_stage_that_is_gone_are_in_the_one_that_took_its_place(
    ids, every_storage, clock, outbox
) -> None:
    flow, in_sql = later(every_storage, clock, outbox), sorted(ids[:2])
    assert [flow.get(one).stage for one in ids] == ["sql", "sql", flow.get(ids[2]).stage]
    assert sorted(lead.id for lead in flow.leads("sql")) == sorted(lead.id for lead in flow.leads("trial")) == in_sql
    for where in (field("stage") == "sql", field("stage").is_in("sql", "sal"), ~(field("stage") == "mql")):
        found = {lead.id for lead in flow.find(where & (field("owner") == "anna"))}
        assert found == {one for one in in_sql if flow.get(one).owner == "anna"}
    assert flow.count(field("stage") == "sql") == flow.count(by="stage")["sql"] == 2
    assert flow.count(field("stage") == "trial") == flow.count(by="stage").get("trial", 0) == 0
    assert flow.count(field("stage") != "sql") == 1
    assert [one.stage for one in flow.find(field("stage") == "sql")] == ["sql", "sql"]
    assert flow.doctor() == ()


def test_insights_and_times_count_what_is_gone_under_its_present_name(ids, every_storage, clock, outbox) -> None:
    flow, ada = later(every_storage, clock, outbox), ids[0]
    clock.advance(days=2)
    times = flow.times_in_stage(ada)
    assert ("trial" in times, times["sql"].entered, times["sql"].latest.days) == (False, 1, 2)
    summary = summarise(every_storage, GONE, now=clock())
    assert (summary.stages["sql"], summary.funnel.counts("reached")["sql"]) == (2, 2)
    assert "trial" not in {one.stage for one in summary.velocity} | {*summary.stages}
    assert {one.stage: one.still for one in summary.velocity}["sql"] == 2


def test_the_past_says_what_was_and_replays_as_what_is(ids, every_storage, clock, outbox) -> None:
    flow, ada = later(every_storage, clock, outbox), ids[0]
    assert [one.target for one in flow.history(ada) if isinstance(one, StageChanged)][-1] == "trial"
    for lead in flow.leads():
        assert replay(flow.storage.facts(lead.id), flow.policy.lead_type) == lead
        assert flow.as_of(lead.id, clock()) == lead


def test_moves_go_on_from_the_present_stage_and_deadlines_run_on(ids, every_storage, clock, outbox) -> None:
    flow, ada = later(every_storage, clock, outbox), ids[0]
    assert flow.get(ada).deadline.stage == "sql"
    clock.advance(days=3)
    assert not flow.run_due().failed
    assert flow.get(ada).deadline.breached
    flow.record(ada, "page_viewed")
    flow.open_deal(ada, "d1", by="anna", amount="10")
    assert flow.get(ada).stage == "opportunity"
    moved = [one for one in flow.history(ada) if isinstance(one, StageChanged)][-1]
    assert (moved.source, moved.target) == ("sql", "opportunity")
    assert replay(flow.storage.facts(ada), flow.policy.lead_type) == flow.get(ada)
    assert flow.recount() == ()
    flow.recycle(ids[1], by="anna", reason="not now", revisit=(clock() + timedelta(days=90)).date())


def test_without_a_map_the_lead_is_readable_and_the_doctor_says_what_is_wrong(ids, every_storage, clock, outbox):
    flow = later(every_storage, clock, outbox, lifecycle=DEFAULT)
    assert flow.get(ids[0]).stage == "trial"
    assert [(one.kind, one.what, one.examples) for one in flow.doctor()] == [("stage", "trial", (ids[0],))]
    assert "renamed" in flow.doctor()[0].remedy
    with pytest.raises(InvalidInput, match="renamed"):
        flow.record(ids[0], "page_viewed")
    flow.record(ids[1], "page_viewed")


@pytest.mark.parametrize(
    ("renamed", "said"),
    [
        ({"sal": "sql"}, "renamed 'sal': this stage is there"),
        ({"trial": "nowhere"}, "leads to 'nowhere', which is no stage"),
        ({"a": "b", "b": "a"}, "which is no stage"),
    ],
)
def test_a_map_that_leads_nowhere_is_refused_when_the_lifecycle_is_made(renamed, said) -> None:
    with pytest.raises(DefinitionError, match=said):
        DEFAULT.extend(renamed=renamed)


def test_the_map_goes_to_json_and_back() -> None:
    again = Lifecycle.model_validate_json(GONE.model_dump_json())
    assert again == GONE
    assert again.stage("test").name == again.stage("trial").name == "sql"
    assert again.is_before("trial", "opportunity")
