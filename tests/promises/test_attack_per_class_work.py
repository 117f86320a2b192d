"""The attacks on what does the work: tasks, rows, text, ledgers, transactions, growth, files; see ``attack_per_class``.

What grows is counted: rows that are read, steps of SQLite's machine, marks that are to be sorted.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from acme import ADA, START, Outbox, acme_flow, all_ask_for_demos, people
from leadflow import Actor, Entity, InvalidInput, LeadFlow, LeadflowError, Rep, Router, Territory, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.cli.commands import app
from leadflow.entities import Task
from leadflow.errors import Deferred, Stale
from leadflow.events import Change, StageChanged
from leadflow.files.yaml_text import yaml_file

try:
    from leadflow.files.output_files import csv_file
except ImportError:  # as it was called in the code that was attacked
    from leadflow.files.writing import csv_file  # type: ignore[import-not-found, no-redef]

MIA = Actor(kind="marketing", id="mia")
READER = {"email": "reader@other.example"}


class Killed(BaseException):
    """Stands for a process that dies."""


class Watched:
    """A storage that counts the rows that it hands out, and dies at one of its writes."""

    def __init__(self, storage: Any, dies_at: int | None = None) -> None:
        self._storage, self._dies_at = storage, dies_at
        self.rows = self.saves = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._storage, name)
        return self._counting(found) if callable(found) else found

    def _counting(self, method: Any) -> Any:
        def counted(*args: Any, **more: Any) -> Any:
            found = method(*args, **more)
            self.rows += len(found) if isinstance(found, (list, tuple, dict)) else 0
            return found

        return counted

    def save(self, change: Change) -> None:
        self.saves += 1
        if self.saves == self._dies_at:
            raise Killed
        self._storage.save(change)


# -------------------------------------------------------------------------------------------------- 4: tick loses tasks
def test_4_no_cooling_is_lost_when_mail_is_slow_and_a_visitor_comes_back_meanwhile(storage, clock):
    visitor = acme_flow(storage, clock)
    ids = people(visitor, 5)
    all_ask_for_demos(visitor, ids, 1)
    cools = visitor.get(ids[0]).cool_at

    class Slow(Outbox):
        def send(self, message) -> None:
            clock.advance(seconds=4)
            all_ask_for_demos(visitor, ids, 2)

    flow = acme_flow(storage, clock, Slow(), lease=timedelta(seconds=3))
    clock.now = cools - timedelta(days=2)
    flow.run_due()
    flow.consent(flow.capture(READER, source="web").lead_id, "newsletter", "email", proof="a form")
    flow.run_due()
    clock.now = cools + timedelta(hours=1)
    flow.run_due()
    due = {task.lead_id: task.due_at for task in flow.tasks("waiting") if task.kind == "cool"}
    assert due == {lead_id: flow.get(lead_id).cool_at for lead_id in ids}


def test_4_innocents_in_the_batches_of_a_killer_live(flow, clock):
    killer, *innocent = people(flow, 8)
    flow.run_due()
    heard: set[str] = set()

    def handler(fact: StageChanged) -> None:
        if fact.lead_id == killer:
            raise Killed
        heard.add(fact.lead_id)

    flow.on(StageChanged, handler, name="one")
    for lead_id in (killer, *innocent):
        flow.disqualify(lead_id, by="anna", reason="test")
    flow.tick(8)  # the deliveries to subscribers become one for each
    for _ in range(8):
        with pytest.raises(Killed):
            flow.run_due()
        clock.advance(minutes=6)
    for _ in range(9):
        flow.tick(1)
    assert heard == set(innocent)
    assert {task.lead_id for task in flow.tasks("dead")} == {killer}


# ------------------------------------------------------------------------------ 5: a ticker without rules destroys work
def test_5_a_ticker_without_rules_ends_no_sequence(flow, storage, clock, outbox):
    reader = flow.capture(READER, source="web").lead_id
    flow.consent(reader, "newsletter", "email", proof="a form")
    clock.advance(days=2)
    bare = LeadFlow(storage, clock=clock)
    for _ in range(12):
        bare.run_due()
        clock.advance(minutes=6)
    flow.run_due()
    assert [mail.to for mail in outbox.sent] == ["reader@other.example"]


def test_5_a_ticker_without_rules_deletes_no_cooling(flow, storage, clock):
    ada = flow.capture(ADA, source="fair").lead_id
    flow.record(ada, "demo_requested", id="1")
    flow.run_due()
    clock.advance(days=400)
    LeadFlow(storage, clock=clock).run_due()
    flow.run_due()
    assert flow.get(ada).stage == "lead"


# ------------------------------------------------------------------------------------------------ 6: one unreadable row
class Fleet(Entity):
    fleet_size: int | None = None


def test_6_a_custom_field_that_was_removed_costs_nobody_anything(database, clock):
    fleet = acme_flow(database, clock, custom=Fleet)
    ada = fleet.capture(ADA | {"fleet_size": 7351}, source="web").lead_id
    flow = acme_flow(database, clock)
    assert flow.get(ada).email.address == "ada@acme.example"
    other = flow.capture(ADA | {"first_name": "Zoe", "email": "zoe@acme.example"}, source="web")
    assert "7351" not in str(other)
    flow.record(ada, "page_viewed")
    flow.erase(ada, by="anna")
    assert [lead.id for lead in flow.leads()] == [other.lead_id]


def test_6_a_task_with_an_unknown_field_stops_no_mail(database, clock, outbox):
    flow = acme_flow(database, clock, outbox)
    flow.consent(flow.capture(READER, source="web").lead_id, "newsletter", "email", proof="a form")
    task = Task(key="a", kind="purge", due_at=START)
    database.save(Change(put=(task,)))
    with database.engine.begin() as connection:
        doc = json.loads(connection.execute(sa.text("SELECT doc FROM leadflow_tasks WHERE key = 'a'")).scalar_one())
        newer = {"doc": json.dumps(doc | {"of_a_newer_leadflow": 1})}
        connection.execute(sa.text("UPDATE leadflow_tasks SET doc = :doc WHERE key = 'a'"), newer)
    clock.advance(days=2)
    flow.run_due()
    assert [mail.to for mail in outbox.sent] == ["reader@other.example"]


# ------------------------------------------------------------------------------------------- 7: quadratic normalisation
def sorting_cost(text: str, normalize: Any) -> int:
    """What putting marks in canonical order costs CPython: the square of each run of them."""
    cost = run = 0
    for character in normalize("NFD", text):
        run = run + 1 if unicodedata.combining(character) else 0
        cost += run
    return cost


@pytest.mark.parametrize("name", ["note", "company", "city", "phone"])
def test_7_normalising_marks_grows_with_their_number_and_no_faster(clock, monkeypatch, name):
    real, costs = unicodedata.normalize, []

    def costing(form: Any, text: str) -> str:
        costs[-1] += sorting_cost(text, real)
        return real(form, text)

    monkeypatch.setattr(unicodedata, "normalize", costing)
    for marks in (100, 1_600):
        costs.append(0)
        acme_flow(MemoryStorage(), clock).capture(ADA | {name: "a" + "\u0316\u0301" * marks}, source="web")
    assert costs[1] <= 17 * costs[0]


@pytest.mark.parametrize("name", ["note", "employees", "unheard_of"])
def test_7_a_number_of_thousands_of_digits_costs_no_submission(clock, name):
    flow = acme_flow(MemoryStorage(), clock)
    ada = flow.capture(ADA | {name: 10**5_000}, source="web").lead_id
    assert flow.get(ada).email.address == "ada@acme.example"
    assert len(json.dumps([*flow.export(ada)])) < 50_000


def test_7_megabytes_of_properties_are_not_stored(flow):
    ada = flow.capture(ADA, source="web").lead_id
    with pytest.raises(InvalidInput):
        flow.record(ada, "page_viewed", properties={"seen": ["x" * 900] * 2_000})


def test_7_what_is_referred_to_by_a_megabyte_is_refused(flow):
    with pytest.raises(InvalidInput):
        flow.capture(ADA, source="web", referred_by="x" * 1_000_000)


# --------------------------------------------------------------------------------------------- 8: ledgers after erasure
def test_8_a_rep_whose_lead_was_erased_before_it_was_noted_gets_leads_again(storage, clock):
    router = Router([Territory("all", field("address.country") == "DE", reps=[Rep("anna", open_cap=1)])])
    flow = acme_flow(storage, clock, router=router)

    def hot_lead(number: int) -> str:
        lead_id = flow.capture(ADA | {"email": f"p{number}@x{number}.example"}, source="fair").lead_id
        flow.record(lead_id, "demo_requested", id="1")
        return lead_id

    first = hot_lead(1)
    assert flow.get(first).owner == "anna"
    with pytest.raises(Killed):  # between the Change and its note in the ledger
        acme_flow(Watched(storage, dies_at=2), clock, router=router).disqualify(first, by="anna", reason="student")
    assert flow.get(first).stage == "disqualified"
    with suppress(Killed):  # where an erasure has a second write
        acme_flow(Watched(storage, dies_at=2), clock, router=router).erase(first, by="anna")
    clock.advance(minutes=6)
    flow.run_due()
    assert flow.get(hot_lead(2)).owner == "anna"


# ---------------------------------------------------------------------------------------------- 13: hosted transactions
class Impatient(SqlStorage):
    saves = 0

    def save(self, change: Change) -> None:
        self.saves += 1
        if self.saves > 3:
            raise Killed  # it is tried again and again
        super().save(change)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_13_what_collides_in_a_frozen_snapshot_is_raised_at_once(database, clock, level):
    outside, engine = acme_flow(database, clock), database.engine
    ada = outside.capture(ADA, source="web").lead_id
    with engine.connect().execution_options(isolation_level=level) as connection:
        inside = acme_flow(Impatient(connection), clock)
        inside.get(ada)  # the snapshot is taken
        outside.record(ada, "page_viewed", id="outside")
        with pytest.raises(Stale):
            inside.record(ada, "page_viewed", id="inside")


def test_13_a_constraint_of_the_hosts_is_not_called_stale(database, clock):
    ada = acme_flow(database, clock).capture(ADA, source="web").lead_id
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX one_of_a_kind ON leadflow_activities (happened_at)")
    with database.engine.connect() as connection:
        inside = acme_flow(Impatient(connection), clock)
        inside.record(ada, "page_viewed", id="1")
        with pytest.raises(LeadflowError) as caught:
            inside.record(ada, "page_viewed", id="2")
        assert not isinstance(caught.value, Stale)


# ----------------------------------------------------------------------------------------------------------- 14: growth
def dead_tasks(storage: Any, number: int) -> None:
    tasks = (Task(key=f"dead-{n:05}", kind="notify", due_at=START, status="dead") for n in range(number))
    storage.save(Change(put=tuple(tasks)))


def test_14_a_dead_task_is_dismissed_without_reading_the_others(storage, clock):
    dead_tasks(storage, 1_000)
    watched = Watched(storage)
    LeadFlow(watched, clock=clock).dismiss("dead-00500")
    assert watched.rows <= 2


def test_14_dead_tasks_make_no_idle_tick_longer(tmp_path, clock):
    def steps(number: int) -> int:
        storage = SqlStorage(f"sqlite:///{tmp_path}/{number}.db").migrate()
        dead_tasks(storage, number)
        flow, counted = acme_flow(storage, clock), 0

        def count() -> None:
            nonlocal counted
            counted += 1

        flow.run_due()

        @sa.event.listens_for(storage.engine, "checkout")
        def _watch(connection: Any, *_: Any) -> None:
            connection.set_progress_handler(count, 100)

        flow.tick()
        storage.close()
        return counted

    assert steps(5_000) <= steps(50) + 10


# ------------------------------------------------------------------------------------------------------------ 15: small
@pytest.mark.parametrize("formula", ["＝Cmd", "＠SUM(A1)", "﹣1+2", " =1+2", "\u200b=1+2"])
def test_15_no_form_of_a_formula_is_exported(tmp_path, formula):
    with csv_file(tmp_path / "out.csv", ["name"]) as writer:
        writer.writerow([formula])
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["name"], [f"'{formula}"]]


@pytest.mark.parametrize("option", ["--report", "--refused"])
def test_15_no_output_overwrites_its_input(tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    before = "email,first_name\nada@acme.example,Ada\n"
    (tmp_path / "leads.csv").write_text(before)
    ended = CliRunner().invoke(app, ["run", "leads.csv", option, "leads.csv"])
    assert ended.exit_code != 0
    assert (tmp_path / "leads.csv").read_text() == before


@pytest.mark.parametrize("written", ["1:30", "190:20:30", "2026-01-31", "1_000"])
def test_15_a_config_is_not_read_as_something_else_in_silence(tmp_path, written):
    (tmp_path / "flow.yaml").write_text(f"a: {written}\n")
    assert yaml_file(tmp_path / "flow.yaml") == {"a": written}


def test_15_a_mail_server_that_is_down_is_a_failure(flow, clock, outbox):
    reader = flow.capture(READER, source="web").lead_id
    flow.consent(reader, "newsletter", "email", proof="a form")
    clock.advance(days=1)
    outbox.failures = [Deferred("no connection")]
    assert len(flow.tick().failed) == 1


def test_15_a_policy_that_fails_is_a_named_queue_at_once(storage, clock):
    def broken(_: object) -> Any:
        raise ZeroDivisionError("no")

    everybody = Territory("all", field("address.country") == "DE", reps=[Rep("anna")], policy=broken, queue="desk")
    flow = acme_flow(storage, clock, router=Router([everybody]))
    ada = flow.capture(ADA, source="fair").lead_id
    flow.qualify(ada, by=MIA, reason="met")
    assert flow.get(ada).queue == "desk"
