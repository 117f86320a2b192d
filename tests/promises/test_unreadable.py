"""What can't be read under today's definitions is kept, costs only itself, and is never quoted."""

from __future__ import annotations

import json
import logging
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from acme import ADA, START, Clock, Outbox, acme_flow, consistent
from leadflow import Entity, ExternalId, LeadFlow
from leadflow.adapters.sql import SqlStorage
from leadflow.entities import Task, kept_aside
from leadflow.errors import LeadflowError, NotFound, TooNew, Unreadable
from leadflow.events import Change, TwinSuspected
from leadflow.testing.changes import task

CANARY = "canary-in-a-coal-mine"
BOB = {"email": "bob@acme.example", "first_name": "Bob", "last_name": "Stone", "company": "Acme GmbH"}
TABLES = {"leads": "id", "facts": "lead_id", "activities": "lead_id", "tasks": "lead_id", "states": "lead_id"}
ORDER = {"leads": "id", "facts": "version, seq", "activities": "happened_at, id", "tasks": "key", "states": "key"}
"""The same in every run: where a database puts a row depends on what else is there."""


class Fleet(Entity):
    fleet_size: int | None = None
    color: str | None = None


class Removed(Entity):
    color: str | None = None


class Retyped(Entity):
    fleet_size: bool | None = None
    color: str | None = None


@pytest.fixture
def flow_of(storage, clock, outbox):
    def made(custom: type[Entity] | None = None, **more: Any) -> LeadFlow:
        return acme_flow(storage, clock, outbox, custom=custom, **more)

    return made


def edit(storage: SqlStorage, table: str, change, **where: str) -> int:
    """Rewrite the documents of some rows of a table by ``change`` (JSON value to JSON value, or to the text itself)."""
    said = " AND ".join(f"{name} = :{name}" for name in where) or "1 = 1"
    with storage.engine.begin() as connection:
        key = "ctid" if connection.dialect.name == "postgresql" else "rowid"
        rows = connection.execute(
            text(f"SELECT {key}, doc FROM leadflow_{table} WHERE {said} ORDER BY {ORDER[table]}"), where
        ).all()
        for row, doc in rows:
            new = change(json.loads(doc))
            new = new if isinstance(new, str) else json.dumps(new)
            connection.execute(
                text(f"UPDATE leadflow_{table} SET doc = :doc WHERE {key} = :row"), {"doc": new, "row": row}
            )
    return len(rows)


# ------------------------------------------------------------------------------------ fields that come, go and change
@pytest.mark.parametrize("later", [Removed, Retyped, None])
def test_a_custom_field_that_was_removed_or_retyped_costs_nothing_but_itself(flow_of, storage, later) -> None:
    before = flow_of(Fleet)
    ada = before.capture({**ADA, "fleet_size": 12, "color": "red"}, source="web").lead_id
    after = flow_of(later)
    lead = after.get(ada)
    assert lead.email.address == "ada@acme.example"
    assert "custom.fleet_size" in {one.field for one in lead.findings if one.code == "unreadable"}
    assert "12" not in str([one for one in lead.findings if one.code == "unreadable"])
    consistent(after)
    after.record(ada, "page_viewed")
    after.correct(ada, {"city": "Ulm"} | ({"color": "blue"} if later else {}), by="anna")
    bob = after.capture(BOB, source="web").lead_id
    after.explain(ada), list(after.history(ada)), after.score(ada)
    assert '"fleet_size": 12' in json.dumps(next(after.export(ada))["lead"])
    consistent(after)
    again = flow_of(Fleet)
    lead = again.get(ada)
    assert lead.custom == Fleet(fleet_size=12, color="blue" if later else "red")
    assert not [one for one in lead.findings if one.code == "unreadable"]
    consistent(again)
    flow_of(later).erase(ada, by="anna")
    assert [one.id for one in flow_of(later).leads()] == [bob]


class Emptied(Entity):
    color: str | None = None

    def __bool__(self) -> bool:
        return self.color is not None


def test_what_is_kept_aside_by_fields_that_call_themselves_false_is_not_lost(flow_of) -> None:
    ada = flow_of(Fleet).capture({**ADA, "fleet_size": 12}, source="web").lead_id
    emptied = flow_of(Emptied)
    emptied.record(ada, "page_viewed")
    assert kept_aside(emptied.get(ada)) == {"custom.fleet_size": 12}
    assert flow_of(Fleet).get(ada).custom == Fleet(fleet_size=12)


def test_what_is_set_anew_takes_the_place_of_what_could_not_be_read(flow_of) -> None:
    ada = flow_of(Fleet).capture({**ADA, "fleet_size": 12}, source="web").lead_id
    retyped = flow_of(Retyped)
    retyped.correct(ada, {"fleet_size": True}, by="anna")
    assert retyped.get(ada).custom.fleet_size is True
    assert not kept_aside(retyped.get(ada))
    consistent(retyped)


def test_unknown_keys_of_the_same_schema_number_are_written_back_wherever_they_are(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox)
    ada = flow.capture(ADA, source="web").lead_id

    def newer(doc: dict[str, Any]) -> dict[str, Any]:
        doc["pronoun"] = "she"
        doc["person"]["middle_name"] = "King"
        doc["emails"][0]["bounces"] = 3
        doc["touches"][0]["click"] = {"id": [1, None, 2.5]}
        return doc

    edit(database, "leads", newer, id=ada)
    lead = flow.get(ada)
    expected = {
        "pronoun": "she", "person.middle_name": "King", "emails[0].bounces": 3,
        "touches[0].click": {"id": [1, None, 2.5]},
    }  # fmt: skip
    assert kept_aside(lead) == expected
    flow.correct(ada, {"job_title": "CEO", "city": "Ulm"}, by="anna")
    flow.capture({**ADA, "phone": "+49 30 1234567"}, source="fair")
    flow.record(ada, "demo_requested")
    lead = flow.get(ada)
    assert kept_aside(lead) == expected
    assert (lead.person.job_title, lead.address.city) == ("CEO", "Ulm")
    assert next(flow.export(ada))["lead"]["person"]["middle_name"] == "King"
    with database.engine.connect() as connection:
        doc = json.loads(connection.execute(text("SELECT doc FROM leadflow_leads")).scalar_one())
    assert doc["emails"][0]["bounces"] == 3
    assert "unreadable" not in json.dumps(doc)


def test_a_company_with_unknown_keys_is_captured_again(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox)
    ada = flow.capture(ADA, source="web").lead_id
    assert edit(database, "leads", lambda doc: doc | {"company": doc["company"] | {"future": 1}}, id=ada)
    again = flow.capture(ADA | {"company": "Acme Software GmbH"}, source="fair")
    assert (again.lead_id, again.outcome) == (ada, "updated")


def test_unknown_keys_of_facts_are_kept_and_replayed(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox)
    ada = flow.capture(ADA, source="web").lead_id
    edit(database, "facts", lambda doc: doc | {"campaign_id": 7}, lead_id=ada)
    edit(database, "activities", lambda doc: doc | {"device": "phone"}, lead_id=ada)
    assert all(kept_aside(fact) == {"campaign_id": 7} for fact in flow.history(ada))
    assert all(one["fact"]["campaign_id"] == 7 for one in flow.export(ada) if "fact" in one)
    consistent(flow)


def test_an_unreadable_value_is_a_finding_and_the_rest_is_used(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox)
    ada = flow.capture(ADA, source="web").lead_id
    wrong = {"company": {"name": "Acme", "employees": -5}, "rounds": "many", "moved_by": CANARY, "interests": ["a", {}]}
    edit(database, "leads", lambda doc: doc | wrong, id=ada)
    lead = flow.get(ada)
    assert lead.company.name == "Acme" and lead.interests == ("a",) and lead.rounds == 0
    found = {one.field for one in lead.findings if one.code == "unreadable"}
    assert found == {"company.employees", "rounds", "moved_by", "interests[1]"}
    assert CANARY not in str(lead.findings)
    flow.record(ada, "page_viewed")
    aside = kept_aside(flow.get(ada))
    assert aside == {"company.employees": -5, "rounds": "many", "moved_by": CANARY, "interests[1]": {}}


# ---------------------------------------------------------------------------------------------------------- newer ones
def test_a_newer_schema_is_refused_with_what_to_do(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox)
    ada, bob = (flow.capture(one, source="web").lead_id for one in (ADA, BOB))
    edit(database, "facts", lambda doc: doc | {"schema_number": 2}, lead_id=bob)
    with pytest.raises(TooNew, match="upgrade leadflow"):
        list(flow.history(bob))
    edit(database, "leads", lambda doc: doc | {"schema_number": 2, "note": CANARY}, id=ada)
    for refused in (flow.get, flow.explain, flow.export, lambda one: flow.record(one, "page_viewed")):
        with pytest.raises(TooNew, match="upgrade leadflow") as caught:
            refused(ada)
        assert CANARY not in str(caught.value)
    assert [one.id for one in flow.leads()] == [bob]
    flow.record(bob, "page_viewed")
    flow.run_due()
    assert flow.erase(ada, by="anna").stage == "erased"


def test_a_state_of_a_newer_schema_is_refused(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox)
    ada, bob = (flow.capture(one, source="web").lead_id for one in (ADA, BOB))
    flow.record(ada, "page_viewed")
    assert edit(database, "states", lambda doc: doc | {"schema_number": 2}, lead_id=ada)
    with pytest.raises(TooNew, match="upgrade leadflow"):
        flow.record(ada, "page_viewed")
    flow.record(bob, "page_viewed")


# --------------------------------------------------------------------------------------------------- unreadable as such
@pytest.mark.parametrize(
    "doc", ["", "{", '{"id": "\\u0000', f'["{CANARY}"]', "null", f'{{"emails": "{CANARY}"}}', "\x01"]
)
def test_a_lead_that_can_not_be_read_stops_nobody_and_can_be_erased(database, clock, outbox, doc, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    flow = acme_flow(database, clock, outbox)
    bob = flow.capture(BOB, source="web", visitor="v-1").lead_id
    ada = flow.capture(ADA, source="web", visitor="v-2").lead_id
    edit(database, "leads", lambda _: doc, id=ada)
    errors = []
    for command in (flow.get, flow.export, flow.explain, flow.history, lambda one: flow.record(one, "page_viewed")):
        with pytest.raises(Unreadable, match="can't be read") as caught:
            command(ada)
        errors.append(str(caught.value))
    assert [one.id for one in flow.leads()] == [bob]
    assert flow.get(bob).id == bob
    flow.record(bob, "demo_requested")
    other = flow.capture({**ADA, "first_name": "Adele"}, source="web", visitor="v-2")
    assert other.lead_id not in (ada, bob) and CANARY not in str(other)
    again = flow.capture({**ADA, "first_name": "Adele"}, source="web", visitor="v-2")
    assert again.lead_id == other.lead_id
    assert not flow.get(other.lead_id).email.address, "an address that another lead claims gets no mail of this one"
    flow.capture({**BOB, "email": "carl@acme.example"}, source="web")
    clock.advance(days=30)
    ticked = flow.run_due()
    errors += [error for _, error in ticked.failed]
    assert CANARY not in str(errors) + caplog.text
    assert flow.erase(ada, by="anna").stage == "erased"
    with pytest.raises(NotFound):
        flow.get(ada)
    assert not database.facts(ada, kinds=["lead_captured"])


def test_a_page_of_unreadable_leads_does_not_end_the_walk(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox, router=None)
    ids = [flow.capture({"email": f"n{nr}@x{nr}.example"}, source="web").lead_id for nr in range(7)]
    ids.sort()
    for lead_id in ids[:5]:
        edit(database, "leads", lambda _: "{", id=lead_id)
    for stage in (None, flow.get(ids[6]).stage):
        assert [one.id for one in database.scan(None, 2, stage)] == ids[5:6]
        assert [one.id for one in database.scan(ids[5], 2, stage)] == ids[6:]


def test_a_number_finds_the_readable_leads_that_have_it(database, clock, outbox) -> None:
    flow, number = acme_flow(database, clock, outbox, router=None), "+49 40 7997596"
    bob, ada = (flow.capture({**one, "phone": number}, source="web").lead_id for one in (BOB, ADA))
    assert len(flow.by_phone(number)) == 2
    edit(database, "leads", lambda _: "{", id=ada)
    assert [one.id for one in flow.by_phone(number)] == [bob]


@pytest.mark.parametrize("doc", ["{", "[]", f'{{"{CANARY}": 1}}', None])
def test_a_held_submission_that_can_not_be_read_is_exported_and_erased(database, clock, outbox, caplog, doc) -> None:
    flow, crm = acme_flow(database, clock, outbox), ExternalId(system="crm", id="7")
    bob = flow.capture(BOB, source="crm", external_id=crm).lead_id
    ada = flow.capture(ADA, source="web").lead_id
    for note in ("one", "two"):
        clock.advance(minutes=1)
        assert flow.capture({**ADA, "note": note}, source="web", external_id=crm).outcome == "unsure"
    key = next(fact.held for fact in flow.history(ada) if isinstance(fact, TwinSuspected))
    assert key is not None
    assert edit(database, "states", lambda old: doc or old | {CANARY: 1}, key=key) == 1
    found = [one.submission["note"] for one in flow.held(ada)]
    assert found == (["two"] if doc else ["one", "two"])
    assert ("can't be read" in caplog.text) == bool(doc) and CANARY not in caplog.text
    held = [part["held"] for part in flow.export(ada) if "held" in part]
    assert len(held) == 2
    assert CANARY in str(held) or doc in ("{", "[]")
    flow.erase(bob, by="anna")
    assert flow.held(ada) == []
    assert database.states([key]) == {}


# --------------------------------------------------------------------------------------------------------------- tasks
@pytest.mark.parametrize("doc", ["{", "[]", {"payload": CANARY}, {"payload": [CANARY]}, {"schema_number": 9}])
def test_a_task_that_can_not_be_read_is_dead_and_the_others_are_done(database, clock, outbox, doc) -> None:
    flow = acme_flow(database, clock, outbox)
    ada = flow.capture(ADA, source="web").lead_id
    flow.run_due()
    database.save(Change(put=tuple(_task(nr, ada) for nr in range(3))))
    database.save(Change(put=(task("good", kind="deliver", lead_id=ada, payload={"version": 1}).but(due_at=clock()),)))
    for nr in range(3):
        edit(database, "tasks", lambda old: doc if isinstance(doc, str) else old | doc, key=f"bad-{nr}")
    assert "good" in flow.run_due(limit=2).done
    dead = [one for one in flow.tasks("dead") if one.key.startswith("bad")]
    assert len(dead) == 3
    assert all((one.error and "can't be read" in one.error) or "upgrade" in one.error for one in dead)
    assert CANARY not in str([one.error for one in dead])
    flow.dismiss("bad-0")
    assert flow.storage.task("bad-0") is None


def _task(nr: int, lead_id: str) -> Task:
    return task(f"bad-{nr}", kind="purge", lead_id=lead_id).but(due_at=START)


def test_a_task_with_an_unknown_field_is_done(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox)
    flow.capture(ADA, source="web")
    assert edit(database, "tasks", lambda doc: doc | {"priority": 3})
    clock.advance(days=2)
    assert not flow.run_due().failed
    assert not flow.tasks("dead")


def test_leads_that_can_not_be_read_are_listed_with_why(database, clock, outbox) -> None:
    flow = acme_flow(database, clock, outbox)
    ids = [flow.capture(BOB | {"email": f"n{nr}@acme{nr}.example"}, source="web").lead_id for nr in range(4)]
    assert list(flow.unreadable()) == []
    edit(database, "leads", lambda doc: f"{CANARY} {{", id=ids[1])
    edit(database, "leads", lambda doc: doc | {"schema_number": 99, "note": CANARY}, id=ids[2])
    found = list(flow.unreadable())
    assert {one.lead_id for one in found} == set(ids[1:3])
    assert all("can't be read" in one.why or "upgrade" in one.why for one in found)
    assert CANARY not in str(found)
    assert {lead.id for lead in flow.leads()} == {ids[0], ids[3]}


# --------------------------------------------------------------------------------------------- whatever became of rows
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.just(CANARY) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just(CANARY) | st.just("id"), inner, max_size=2),
    max_leaves=4,
)


def mangled(draw, value: Any, depth: int = 0) -> Any:
    """Delete keys, change types, add unknown keys, raise numbers: at one place or several."""
    if isinstance(value, dict):
        result = {}
        for key, inner in value.items():
            what = draw(st.sampled_from(["keep"] * 6 + ["drop", "change", "deeper", "deeper"]))
            if what == "change":
                result[key] = draw(anything)
            elif what == "deeper":
                result[key] = mangled(draw, inner, depth + 1)
            elif what == "keep":
                result[key] = inner
        if draw(st.booleans()):
            result[draw(st.sampled_from([CANARY, "future", "schema_number"]))] = draw(anything)
        return result
    if isinstance(value, list):
        return [mangled(draw, one, depth + 1) if draw(st.booleans()) else draw(anything) for one in value]
    return draw(anything)


def whole(walk):
    return lambda lead_id: list(walk(lead_id))


@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck], phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_whatever_became_of_one_leads_rows_it_costs_only_that_lead(tmp_path_factory, caplog, data) -> None:
    storage = SqlStorage(f"sqlite:///{tmp_path_factory.mktemp('m')}/m.db")
    with closing(storage):
        one_lead_is_mangled(storage, caplog, data)


@settings(max_examples=15, deadline=None, suppress_health_check=[*HealthCheck], phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_the_same_on_postgresql(pg_dsn, caplog, data) -> None:
    storage = SqlStorage(pg_dsn, tenant=uuid4().hex).migrate()
    with closing(storage):
        one_lead_is_mangled(storage, caplog, data)


def one_lead_is_mangled(storage: SqlStorage, caplog, data) -> None:
    """Mangle all that is stored of one lead: another goes on, nothing is quoted, and it can be erased."""
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    clock = Clock()
    flow = acme_flow(storage, clock, Outbox(), budget=timedelta(0))  # what is wrong with a version collides for ever
    ada, bob = (flow.capture(one, source="web").lead_id for one in (ADA, BOB))
    for lead_id in (ada, bob):
        flow.record(lead_id, "demo_requested")
        flow.consent(lead_id, "newsletter", "email", proof="form 1")
    for table, column in TABLES.items():
        cut = data.draw(st.sampled_from([None] * 5 + [1, 10]))
        edit(
            storage,
            table,
            lambda doc, cut=cut: mangled(data.draw, doc) if cut is None else json.dumps(doc)[:-cut],
            **{column: ada},
        )
    said: list[str] = []
    for command in (
        flow.get, whole(flow.history), flow.explain, whole(flow.export), flow.score,
        lambda one: flow.record(one, "page_viewed"), lambda one: flow.correct(one, {"city": "Ulm"}, by="anna"),
        lambda one: flow.accept(one, by="anna"), lambda one: flow.adjust(one, 5, reason="met", by="anna"),
        lambda one: flow.as_of(one, clock()), flow.times_in_stage,
    ):  # fmt: skip
        try:
            command(ada)
        except LeadflowError as error:
            said.append(f"{error} {error!r}")
        with suppress(LeadflowError):
            command(bob)
    flow.get(bob), list(flow.history(bob)), flow.explain(bob), list(flow.export(bob)), flow.score(bob)
    flow.record(bob, "page_viewed")
    flow.capture({**BOB, "email": "carl@acme.example"}, source="web")
    said.append(str(flow.capture({**ADA, "first_name": "Adele"}, source="other")))
    clock.advance(days=10)
    said += [error for _, error in flow.run_due().failed]
    said += [str(one.error) for one in flow.tasks("dead")]
    there = {lead.id for lead in flow.leads()}
    unread = list(flow.unreadable())
    assert (ada in there) is (ada not in {one.lead_id for one in unread}), "it is listed, with why, if it is not there"
    said += [str(one) for one in unread]
    assert CANARY not in " ".join(said)
    assert CANARY not in caplog.text
    flow.erase(ada, by="anna")
    with pytest.raises(NotFound):
        flow.get(ada)
    assert list(flow.unreadable()) == []
    flow.run_due()
