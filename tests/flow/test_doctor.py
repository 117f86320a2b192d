"""What is stored and does not fit the definitions is found, with what to do, and nothing else is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from acme import ADA, START, WELCOME, acme_flow
from leadflow import Entity, InvalidInput, Move, Rep, Router, Stage, StageChanged, Territory
from leadflow.conditions import always
from leadflow.entities import Task
from leadflow.events import Change
from leadflow.lifecycle import DEFAULT

TRIAL = DEFAULT.extend(
    stages=[Stage("trial", "sales", after="sal")],
    moves=[Move("start_trial", "sal", "trial"), Move("end_trial", "trial", "sql")],
)


class Fleet(Entity):
    machines: int | None = None
    color: str | None = None


class Colored(Entity):
    color: str | None = None


@pytest.fixture
def flow(every_storage, clock, outbox):
    return acme_flow(every_storage, clock, outbox, lifecycle=TRIAL, custom=Fleet)


def found(flow) -> dict[tuple[str, str], int]:
    return {(one.kind, one.what): one.number for one in flow.doctor()}


def test_nothing_is_found_where_all_fits(flow, clock) -> None:
    assert flow.doctor() == ()
    ada = flow.capture(ADA | {"machines": 3}, source="fair", consents=()).lead_id
    flow.record(ada, "demo_requested", id="d")
    clock.advance(days=2)
    flow.run_due()
    assert flow.doctor() == ()


def test_what_nobody_does_for_a_day_is_found_such_as_that_of_a_subscriber_who_is_gone(
    flow, every_storage, clock, outbox
) -> None:
    flow.on(StageChanged, print, name="warehouse")
    flow.capture(ADA | {"machines": 3}, source="fair")
    acme_flow(every_storage, clock, outbox, lifecycle=TRIAL, custom=Fleet).run_due()
    every_storage.save(Change(put=(Task(key="odd", kind="teleport", due_at=START),)))
    gone = acme_flow(every_storage, clock, outbox, lifecycle=TRIAL, custom=Fleet)
    assert gone.doctor() == (), "somebody may be about to do it"
    clock.advance(days=1, seconds=1)
    assert found(gone) == {("task", "notify:warehouse"): 1, ("task", "teleport"): 1}
    assert found(flow) == {("task", "teleport"): 1}
    flow.run_due()
    assert ("task", "notify:warehouse") not in found(gone)


def test_each_misfit_is_named_with_how_many_and_an_example(flow, every_storage, clock, outbox) -> None:
    ada = flow.capture(ADA | {"machines": 3, "color": "red"}, source="fair").lead_id
    flow.fast_track(ada, by="anna", to="sal", reason="knows us")
    flow.move(ada, "start_trial", by="anna")
    owner = flow.get(ada).owner
    every_storage.save(Change(put=(Task(key="dead", kind="purge", due_at=START, status="dead", error="e"),)))
    router = Router([Territory("all", always(), reps=[Rep("zoe")])])
    later = acme_flow(every_storage, clock, outbox, custom=Colored, router=router)
    assert found(later) == {
        ("kept_aside", "custom.machines"): 1, ("stage", "trial"): 1, ("rep", owner): 1, ("dead_task", "purge"): 1,
    }  # fmt: skip
    by_kind = {one.kind: one for one in later.doctor()}
    assert by_kind["stage"].examples == by_kind["kept_aside"].examples == (ada,)
    assert "migrate_custom" in by_kind["kept_aside"].remedy
    assert by_kind["dead_task"].examples == ("dead",)
    assert "1 (" in str(by_kind["rep"]) and "3" not in str(by_kind["kept_aside"].what)
    assert found(acme_flow(every_storage, clock, outbox, lifecycle=TRIAL, custom=Fleet)) == {("dead_task", "purge"): 1}


def test_sequences_steps_and_scores_that_are_gone_are_found(every_storage, clock, outbox) -> None:
    flow = acme_flow(every_storage, clock, outbox)
    given = {"purpose": WELCOME.purpose, "channel": "email", "status": "given", "at": START, "proof": "a form"}
    ada = flow.capture(ADA, source="fair", consents=[given]).lead_id
    assert flow.get(ada).enrolments
    assert flow.policy.scoring is not None
    other = flow.policy.scoring.model.but(version="another")
    assert found(acme_flow(every_storage, clock, outbox, sequences=[], contents=[], scoring=other)) == {
        ("sequence", WELCOME.name): 1, ("score", flow.get(ada).score.model): 1,
    }  # fmt: skip
    clock.advance(days=2)
    flow = acme_flow(every_storage, clock, outbox)
    flow.run_due()
    assert flow.get(ada).enrolments[0].step == 1
    shorter = acme_flow(every_storage, clock, outbox, sequences=[WELCOME.but(steps=WELCOME.steps[:1])])
    assert found(shorter) == {("step", "welcome, step 2"): 1}


def test_leads_that_can_not_be_read_are_counted_and_the_others_looked_at(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox, custom=Fleet)
    ids = [flow.capture({"email": f"n{nr}@a{nr}.example", "machines": nr + 1}, source="web").lead_id for nr in range(3)]
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE leadflow_leads SET doc = '{' WHERE id = :id"), {"id": ids[1]})
    seen: list[int] = []
    misfits = acme_flow(database, clock, outbox, custom=Colored).doctor(watch=seen.append)
    assert [(one.kind, one.number) for one in misfits] == [("unreadable", 1), ("kept_aside", 2)]
    assert misfits[0].examples == (ids[1],)
    assert seen == [3]
    with pytest.raises(InvalidInput):
        flow.doctor(watch=timedelta())  # type: ignore[arg-type]
