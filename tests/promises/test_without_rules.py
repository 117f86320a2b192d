"""A process without the rules destroys nothing: what it has no definition for waits for who has it, in nobody's way."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest
from typer.testing import CliRunner

from acme import ADA, CONTENTS, QUALIFICATION, ROUTER, SCORING, START, WELCOME, acme_flow, consistent
from leadflow import Actor, InvalidInput, LeadFlow, Refused
from leadflow.adapters.sql import SqlStorage
from leadflow.cli.commands import app
from leadflow.entities import Task
from leadflow.errors import Stale
from leadflow.events import Change, ContactDue, EnrolmentChanged, Fact, LeadCaptured, StageChanged
from leadflow.nurturing import Content, Sequence, Step


@pytest.fixture
def bare(storage, clock) -> LeadFlow:
    """What ``leadflow tick --db URL`` is, and ``LeadFlow(storage)``."""
    return LeadFlow(storage, clock=clock)


@pytest.fixture
def reader(flow) -> str:
    lead_id = flow.capture({"email": "reader@other.example"}, source="web").lead_id
    flow.consent(lead_id, "newsletter", "email", proof="form")
    flow.run_due()
    return lead_id


@pytest.fixture
def mql(flow, clock) -> str:
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="1")
    flow.run_due()
    return lead_id


def test_a_ticker_without_rules_leaves_mails_to_who_has_them(flow, bare, reader, clock, outbox):
    clock.advance(days=2)
    ticked = bare.run_due()
    assert ticked.skipped == (("nurture:welcome", 1),)
    assert flow.get(reader).enrolments[0].ended is None
    flow.run_due()
    assert len(outbox.sent) == 1
    consistent(flow)


def test_a_ticker_without_rules_leaves_cooling_to_who_has_them(flow, bare, mql, clock):
    clock.advance(days=400)
    ticked = bare.run_due()
    assert dict(ticked.skipped) == {"cool": 1}
    flow.run_due()
    assert flow.get(mql).stage == "lead"
    consistent(flow)


def test_a_ticker_without_a_router_leaves_routing_to_who_has_one(flow, storage, bare, clock, monkeypatch):
    def contended(*_) -> None:
        raise Stale("always")

    lead_id = flow.capture(ADA, source="fair").lead_id
    with monkeypatch.context() as patched:
        patched.setattr(flow._runner.rotation.__class__, "done", contended)
        flow.record(lead_id, "demo_requested", id="1")
    clock.advance(minutes=1)
    assert ("route", 1) in bare.run_due().skipped
    flow.run_due()
    assert flow.get(lead_id).owner == "anna"
    consistent(flow)


def test_without_a_mailer_mails_wait_and_calls_go_on(storage, clock, outbox):
    calls = Sequence("calls", [Step(timedelta(days=1), "call")], channel="phone", purpose="sales")
    contents = [*CONTENTS, Content("call", "", "Ask for needs", channel="phone")]
    rules = {"sequences": [WELCOME, calls], "contents": contents}
    silent = acme_flow(storage, clock, None, **rules)
    lead_id = silent.capture(ADA | {"phone": "030 901820"}, source="fair").lead_id
    silent.consent(lead_id, "sales", "phone", proof="said so at the fair")
    silent.consent(lead_id, "newsletter", "email", proof="form")
    clock.advance(days=1)
    ticked = silent.run_due()
    assert ticked.skipped == (("nurture:welcome", 1),) and ticked.failed == ()
    assert [fact.content for fact in silent.history(lead_id) if isinstance(fact, ContactDue)] == ["call"]
    acme_flow(storage, clock, outbox, **rules).run_due()
    assert len(outbox.sent) == 1


def test_a_thousand_tasks_without_a_definition_delay_no_other(flow, storage, bare, reader, clock, outbox):
    clock.advance(days=2)
    many = [Task(key=f"gone:{n:04}", kind="nurture:gone", due_at=START, lead_id=None) for n in range(1000)]
    storage.save(Change(put=many))
    assert [key.partition(":")[0] for key in flow.tick(1).done] == ["nurture"]
    ticked = flow.run_due(10)
    assert len(outbox.sent) == 1
    assert dict(ticked.skipped) == {"nurture:gone": 100}
    assert ticked.next_due == clock() + timedelta(days=3)
    assert bare.run_due(1).done == ()
    assert len(storage.tasks("waiting", limit=2000, kinds=["nurture:gone"])) == 1000


def test_what_is_left_alone_is_said_in_the_log(bare, flow, reader, clock, caplog):
    clock.advance(days=2)
    with caplog.at_level(logging.WARNING, logger="leadflow"):
        bare.run_due()
    assert "nurture:welcome" in caplog.text
    assert reader not in caplog.text


def test_commands_of_a_process_without_rules_unplan_nothing(flow, bare, mql, reader, clock):
    before = flow.get(mql)
    assert before.cool_at is not None
    for lead_id in (mql, reader):
        bare.capture({"email": flow.get(lead_id).email.address, "note": "again"}, source="web")
        bare.record(lead_id, "page_viewed", id="p")
        bare.correct(lead_id, {"last_name": "King"}, by="anna")
    assert flow.get(mql).cool_at == before.cool_at
    assert flow.get(reader).enrolments == flow.get(reader).enrolments
    assert flow.get(reader).enrolments[0].ended is None
    bare.run_due()
    clock.advance(days=400)
    bare.run_due()
    flow.run_due()
    assert flow.get(mql).stage == "lead"


def test_another_process_with_the_same_rules_but_a_sequence_ends_no_enrolment(flow, storage, reader, clock, outbox):
    other = acme_flow(storage, clock, outbox, sequences=[], contents=[])
    clock.advance(days=2)
    assert other.run_due().skipped == (("nurture:welcome", 1),)
    assert other.run_due().done == ()
    assert outbox.sent == []
    flow.run_due()
    assert len(outbox.sent) == 1


def test_a_dead_step_is_not_dismissed_where_its_sequence_is_unknown(flow, storage, bare, reader, clock):
    clock.advance(days=2)
    (task,) = storage.tasks(kinds=["nurture:welcome"])
    storage.save(Change(put=(task.but(status="dead", error="x"),)))
    with pytest.raises(Refused, match="sequence"):
        bare.dismiss(task.key)
    flow.dismiss(task.key)
    assert flow.get(reader).enrolments[0].step == 1


# ------------------------------------------------------------------------------------------------------- subscribers
def test_a_ticker_without_the_handlers_eats_no_delivery(flow, bare, clock):
    heard: list[Fact] = []
    flow.on(StageChanged, heard.append, name="warehouse")
    lead_id = flow.capture(ADA, source="fair").lead_id
    ticked = bare.run_due()
    assert ("notify:warehouse", 1) in ticked.skipped
    assert heard == []
    flow.run_due()
    assert [fact.lead_id for fact in heard] == [lead_id]
    assert flow.tasks() == []


def test_each_process_hears_what_it_has_a_handler_for(storage, clock):
    one, two = acme_flow(storage, clock), acme_flow(storage, clock)
    heard: dict[str, list[Fact]] = {"one": [], "two": []}
    one.on(LeadCaptured, heard["one"].append, name="one")
    two.on(Fact, heard["two"].append, name="two")
    two.tick()
    one.capture(ADA, source="fair")
    assert one.run_due().skipped != ()
    assert [fact.kind for fact in heard["one"]] == ["lead_captured"]
    assert two.run_due().skipped == ()
    assert {"lead_captured", "stage_changed"} <= {fact.kind for fact in heard["two"]}
    assert storage.tasks(kinds=["notify:one", "notify:two", "deliver"]) == []


def test_without_subscribers_anywhere_deliveries_are_settled(flow, bare, storage):
    flow.capture(ADA, source="fair")
    bare.run_due()
    assert storage.tasks(kinds=["deliver"]) == []


def test_a_subscriber_that_is_gone_is_retired_and_hears_no_more(flow, bare, storage):
    flow.on(StageChanged, print, name="warehouse")
    flow.capture(ADA, source="fair")
    bare.run_due()
    with pytest.raises(Refused, match="remove the definition"):
        flow.retire("notify:warehouse", by="anna")
    assert bare.retire("notify:warehouse", by="anna", dry_run=True) == 1
    assert bare.retire("notify:warehouse", by="anna") == 1
    assert bare.retire("notify:warehouse", by="anna") == 0
    bare.capture({"email": "next@other.example"}, source="web")
    assert bare.run_due().skipped == ()
    assert storage.tasks(kinds=["notify:warehouse", "deliver"]) == []


# ------------------------------------------------------------------------------------- rows of before, and the end
def test_tasks_that_are_called_as_before_are_still_understood(flow, bare, storage, reader, clock, outbox):
    heard: list[Fact] = []
    flow.on(LeadCaptured, heard.append, name="warehouse")
    (task,) = storage.tasks(kinds=["nurture:welcome"])
    told = {"subscriber": "warehouse", "version": 1, "seq": 0}
    key = f"notify:warehouse:{reader}:00000001:0000"
    old = Task(key=key, kind="notify", due_at=clock(), lead_id=reader, payload=told)
    storage.save(Change(put=(task.but(kind="nurture"), old)))
    clock.advance(days=2)
    assert dict(bare.run_due().skipped) == {"nurture:welcome": 1, "notify:warehouse": 1}
    flow.run_due()
    assert len(outbox.sent) == 1
    assert [fact.lead_id for fact in heard] == [reader]
    consistent(flow)


def test_a_sequence_that_was_removed_on_purpose_is_retired(flow, storage, reader, clock, outbox):
    ids = [reader]
    for n in range(3):
        ids.append(flow.capture({"email": f"r{n}@other.example"}, source="web").lead_id)
        flow.consent(ids[-1], "newsletter", "email", proof="form")
    flow.run_due()
    with pytest.raises(Refused, match="remove the definition"):
        flow.retire("nurture:welcome", by="anna")
    later = acme_flow(storage, clock, outbox, sequences=[], contents=[])
    assert later.retire("nurture:welcome", by="anna", dry_run=True) == 4
    assert later.get(reader).enrolments[0].ended is None
    told: list[int] = []
    assert later.retire("nurture:welcome", by="anna", watch=told.append) == 4
    assert told == [4]
    for lead_id in ids:
        (enrolment,) = later.get(lead_id).enrolments
        assert enrolment.ended == "the sequence was retired"
        said = [fact for fact in later.history(lead_id) if isinstance(fact, EnrolmentChanged)][-1]
        assert (said.actor.kind, said.actor.id) == ("rep", "anna")
    assert later.retire("nurture:welcome", by="anna") == 0
    clock.advance(days=9)
    assert later.run_due().skipped == ()
    assert outbox.sent == []
    consistent(later)


def test_cooling_that_nobody_can_tell_any_more_is_retired(flow, bare, storage, mql, clock):
    assert bare.retire("cool", by="anna") == 1
    assert bare.get(mql).cool_at is None
    clock.advance(days=400)
    bare.run_due()
    assert bare.get(mql).stage == "mql"
    assert storage.tasks(kinds=["cool"]) == []


@pytest.mark.parametrize("kind", ["", "nurture", "purge", "welcome"])
def test_only_what_has_a_definition_can_be_retired(bare, kind):
    with pytest.raises(InvalidInput):
        bare.retire(kind, by="anna")


def test_run_due_ends_though_a_task_is_due_again_as_soon_as_it_is_done(flow, storage, clock):
    again = Task(key="purge", kind="purge", due_at=START)

    class Restless:
        def __getattr__(self, name: str):
            return getattr(storage, name)

        def purge(self) -> bool:
            return True

        def save(self, change: Change) -> None:
            storage.save(change)
            if any(one.outcome == "done" for one in change.settle):
                storage.save(Change(put=(again,)))

    storage.save(Change(put=(again,)))
    restless = LeadFlow(Restless(), clock=clock)
    assert set(restless.run_due().done) == {"purge"}


# ------------------------------------------------------------------------------------------------- the command line
def test_the_command_says_what_it_left_alone_and_fails(tmp_path, clock):
    url = f"sqlite:///{tmp_path}/leads.db"
    storage = SqlStorage(url)
    flow = acme_flow(storage, clock)
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="1")
    flow.consent(
        flow.capture({"email": "reader@other.example"}, source="web").lead_id, "newsletter", "email", proof="x"
    )
    flow.run_due()
    command = ["tick", "--db", url, "--now", "2027-12-01T00:00Z"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1, done.output
    assert "1 nurture:welcome" in done.stdout and "1 cool" in done.stdout
    kinds = {task.kind for task in storage.tasks("waiting")}
    assert {"cool", "nurture:welcome"} <= kinds
    for kind in ("nurture:welcome", "cool"):
        retire = ["retire", kind, "--db", url]
        assert "1 would be ended" in CliRunner().invoke(app, [*retire, "--dry-run"]).stdout
        assert "1 ended" in CliRunner().invoke(app, retire).stdout
    assert CliRunner().invoke(app, command).exit_code == 0
    storage.close()


def test_what_lapsed_and_needs_another_flow_is_named_too(storage, clock, outbox):
    flow = acme_flow(storage, clock, outbox)
    ada = flow.capture(ADA, source="fair").lead_id
    flow.consent(ada, "newsletter", "email", proof="a form")
    clock.advance(days=1)
    assert storage.lease(clock(), 10, clock() + timedelta(minutes=5), "gone", kinds=["nurture:welcome"])
    bare = LeadFlow(storage, clock=clock)
    assert ("nurture:welcome", 1) not in bare.run_due().skipped  # somebody is doing it
    clock.advance(minutes=6)
    assert ("nurture:welcome", 1) in bare.run_due().skipped
    flow.run_due()
    assert len(outbox.sent) == 1


# ---------------------------------------------------------------- what follows from a lead, whoever has moved it
MIA = Actor(kind="marketing", id="mia")
TO_LOOK_AGAIN = date(2026, 6, 1)


def test_a_lead_that_a_process_without_a_router_moves_is_routed_by_who_has_one(flow, bare, clock):
    lead_id = bare.capture(ADA, source="fair").lead_id
    bare.qualify(lead_id, by=MIA, reason="met")
    clock.advance(minutes=1)
    assert bare.run_due().skipped == ()  # nobody has a router, as far as anybody knows
    assert flow.get(lead_id).owner is None
    flow.run_due()
    assert flow.get(lead_id).owner == "anna"
    consistent(flow)


def test_a_router_that_comes_later_routes_all_who_wait(storage, clock, bare):
    """Also those that nobody touches again."""
    ids = []
    for number in range(5):
        ids.append(bare.capture(ADA | {"email": f"p{number}@acme{number}.example"}, source="fair").lead_id)
        bare.qualify(ids[-1], by=MIA, reason="met")
    clock.advance(days=9)
    bare.run_due()
    flow = acme_flow(storage, clock)
    flow.run_due()
    assert {flow.get(lead_id).owner for lead_id in ids} == {"anna", "ben"}
    consistent(flow)


@pytest.mark.parametrize("leaves", ["is taken", "goes", "is erased"])
def test_a_lead_that_needs_no_owner_any_more_is_not_routed(flow, bare, storage, clock, leaves):
    lead_id = bare.capture(ADA, source="fair").lead_id
    bare.qualify(lead_id, by=MIA, reason="met")
    assert [task.kind for task in storage.tasks(kinds=["route"])] == ["route"]
    if leaves == "is taken":
        bare.accept(lead_id, by="carl")
    elif leaves == "goes":
        bare.disqualify(lead_id, by=MIA, reason="student")
    else:
        bare.erase(lead_id, by="mia")
    assert storage.tasks(kinds=["route"]) == []
    clock.advance(minutes=1)
    flow.run_due()
    assert leaves != "is taken" or flow.get(lead_id).owner == "carl"
    consistent(flow)


def test_leads_that_no_router_wants_alarm_nobody(storage, bare, clock, caplog):
    """A host that does without routing has leads without owners for ever."""
    for number in range(3):
        lead_id = bare.capture(ADA | {"email": f"p{number}@acme{number}.example"}, source="fair").lead_id
        bare.qualify(lead_id, by=MIA, reason="met")
    clock.advance(days=1)
    assert bare.run_due().skipped == ()
    assert "left alone" not in caplog.text
    acme_flow(storage, clock).tick(0)  # somebody comes who has a router
    assert bare.run_due().skipped == (("route", 3),)


def test_a_router_that_was_removed_on_purpose_is_retired(flow, bare, storage, clock):
    flow.tick()
    lead_id = bare.capture(ADA, source="fair").lead_id
    bare.qualify(lead_id, by=MIA, reason="met")
    clock.advance(minutes=1)
    assert bare.run_due().skipped == (("route", 1),)
    with pytest.raises(Refused, match="remove the definition"):
        flow.retire("route", by="anna")
    assert bare.retire("route", by="anna") == 1
    assert bare.run_due().skipped == ()


@pytest.fixture
def recycled(flow, clock) -> str:
    """A lead that qualifies again as soon as the day to look again has come."""
    lead_id = flow.capture(ADA, source="fair").lead_id
    flow.record(lead_id, "demo_requested", id="1")
    flow.accept(lead_id, by="anna")
    flow.recycle(lead_id, by="anna", reason="budget", revisit=TO_LOOK_AGAIN)
    flow.run_due()
    clock.now = datetime.combine(TO_LOOK_AGAIN, time(), UTC) - timedelta(hours=4)
    flow.record(lead_id, "demo_requested", id="2")
    assert flow.get(lead_id).stage == "lead"
    clock.advance(hours=12)
    return lead_id


def test_a_day_to_look_again_waits_for_who_can_qualify(flow, bare, recycled, clock):
    assert ("revisit", 1) in bare.run_due().skipped
    assert flow.get(recycled).revisit == TO_LOOK_AGAIN
    flow.run_due()
    assert (flow.get(recycled).revisit, flow.get(recycled).stage) == (None, "mql")
    consistent(flow)


def test_half_the_rules_are_not_enough_to_look_again(flow, storage, recycled, clock):
    half = LeadFlow(storage, clock=clock, scoring=SCORING)
    assert ("revisit", 1) in half.run_due().skipped
    flow.run_due()
    assert flow.get(recycled).stage == "mql"


def test_where_nobody_has_rules_days_and_moments_come_all_the_same(bare, storage, clock):
    lead_id = bare.capture(ADA, source="fair").lead_id
    bare.qualify(lead_id, by=MIA, reason="met")
    bare.accept(lead_id, by="carl")
    bare.recycle(lead_id, by="carl", reason="budget", revisit=TO_LOOK_AGAIN)
    ahead = clock() + timedelta(hours=1)
    bare.consent(lead_id, "newsletter", "email", proof="a form", at=ahead)
    assert bare.get(lead_id).awaited_at is not None
    clock.now = datetime.combine(TO_LOOK_AGAIN, time(8), UTC)
    assert bare.run_due().skipped == ()
    assert (bare.get(lead_id).revisit, bare.get(lead_id).awaited_at) == (None, None)
    assert [fact.kind for fact in bare.history(lead_id)].count("revisit_due") == 1
    assert storage.tasks() == []
    consistent(bare)


@pytest.mark.parametrize("kind", ["revisit", "awaited"])
def test_rules_that_nobody_has_any_more_hold_up_no_day_to_look_again(flow, bare, recycled, clock, kind):
    ahead = clock() + timedelta(hours=1)
    bare.consent(recycled, "newsletter", "email", proof="a form", at=ahead)
    clock.advance(hours=2)
    assert {"revisit", "awaited"} <= dict(bare.run_due().skipped).keys()
    assert bare.retire(kind, by="anna") == 1
    bare.run_due()
    lead = bare.get(recycled)
    assert lead.revisit is None
    assert (lead.awaited_at is None) == (kind == "awaited")


@pytest.mark.parametrize("who", ["flow", "bare"])
def test_a_deadline_needs_no_rules(flow, bare, mql, clock, who):
    """What is noted, and what is heard of it, is the same, whoever ticks."""
    clock.advance(hours=5)
    {"flow": flow, "bare": bare}[who].run_due()
    assert [fact.kind for fact in flow.history(mql)][-1] == "deadline_breached"
    assert flow.get(mql).deadline.breached
    consistent(flow)


def test_rules_that_a_host_rolled_back_are_written_down_with_its_next_transaction(tmp_path, clock):
    storage = SqlStorage(f"sqlite:///{tmp_path}/leads.db").migrate()
    with storage.engine.connect() as connection:
        hosted = acme_flow(SqlStorage(connection), clock)
        for number in range(2):
            hosted.capture(ADA | {"email": f"p{number}@acme{number}.example"}, source="fair")
            connection.rollback() if number == 0 else connection.commit()
    assert set(storage.states(["rules"])["rules"].value) == {"router", "scoring", "qualification", "sequences"}
    assert len(list(LeadFlow(storage, clock=clock).leads())) == 1
    storage.close()


def test_processes_write_their_rules_down_at_once(storage, clock):
    """Each has another one; whoever is second does not undo the first."""
    with ThreadPoolExecutor(4) as threads:
        flows = [
            LeadFlow(storage, clock=clock, scoring=SCORING),
            LeadFlow(storage, clock=clock, router=ROUTER),
            acme_flow(storage, clock, router=None, scoring=None, qualification=None),
            LeadFlow(storage, clock=clock, qualification=QUALIFICATION, scoring=SCORING),
        ]
        list(threads.map(lambda flow: flow.tick(), flows))
    assert set(storage.states(["rules"])["rules"].value) == {"router", "scoring", "qualification", "sequences"}
