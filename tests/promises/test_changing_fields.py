"""Custom fields are added, removed, renamed and retyped over stored leads: nothing is lost, and the past stays."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import create_model
from sqlalchemy import text

from acme import START, Clock
from leadflow import Actor, AsyncLeadFlow, DefinitionError, Entity, InvalidInput, LeadFlow, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import AsyncSqlStorage, SqlStorage
from leadflow.entities import Lead, kept_aside, stored_form
from leadflow.events import LeadCaptured, replay
from leadflow.flow.custom_migration import CustomMigration
from processes import FORK


class V1(Entity):
    machines: int | None = None
    color: str | None = None
    site: str | None = None


class V2(Entity, renamed={"machines": "machine_count"}):
    machine_count: int | None = None
    color: str | None = None
    site: str | None = None


class V3(Entity, renamed={"machines": "machine_count", "machine_count": "fleet"}):
    fleet: int | None = None
    color: str | None = None
    opened: date | None = None  # and the site is gone


class V4(Entity, renamed={"machines": "machine_count", "machine_count": "fleet", "color": "paint"}):
    fleet: str | None = None
    paint: str | None = None
    opened: date | None = None


class V5(Entity, renamed={"machines": "fleet", "machine_count": "fleet", "color": "paint", "site": "plant"}):
    fleet: str | None = None
    paint: str | None = None
    plant: str | None = None
    opened: date | None = None


MANY = 20_000 if os.environ.get("LEADFLOW_TORTURE") else 500
VERSIONS: tuple[type[Entity], ...] = (V1, V2, V3, V4, V5)


class Engine(Entity, renamed={"kw": "power"}):
    power: int | None = None


class WithEngines(Entity, renamed={"motor": "engine"}):
    engine: Engine | None = None
    spare: tuple[Engine, ...] = ()


def flow_of(storage: Any, custom: type[Entity], clock: Any = None) -> LeadFlow:
    return LeadFlow(storage, custom=custom, clock=clock or Clock())


def filled(flow: LeadFlow, number: int, custom: dict[str, Any]) -> list[str]:
    rows = [{"email": f"n{nr}@a{nr}.example", **custom} for nr in range(number)]
    return [one.answer.lead_id for one in flow.capture_many(rows, source="web")]


def captured(flow: LeadFlow, lead_id: str) -> Any:
    """The custom fields as the history of a lead says that they came in."""
    first = next(iter(flow.history(lead_id)))
    assert isinstance(first, LeadCaptured)
    return first.details["custom"]


def replays(flow: LeadFlow) -> None:
    for lead in flow.leads():
        assert replay(flow.storage.facts(lead.id), flow.policy.lead_type) == lead


# ------------------------------------------------------------------------------------------------------- names in maps
def test_a_field_is_read_under_its_present_name_wherever_it_was_stored(every_storage) -> None:
    clock = Clock()
    (ada,) = filled(flow_of(every_storage, V1, clock), 1, {"machines": 3, "color": "red"})
    clock.advance(days=1)
    for custom, name in ((V2, "machine_count"), (V3, "fleet")):
        flow = flow_of(every_storage, custom, clock)
        assert getattr(flow.get(ada).custom, name) == 3
        assert getattr(flow.as_of(ada, START).custom, name) == 3
        assert next(flow.export(ada))["lead"]["custom"][name] == 3
        assert flow.count(field(f"custom.{name}") == 3) == flow.count(field(f"custom.{name}").is_known()) == 1
        assert not flow.get(ada).findings
        assert not list(flow.unreadable())
        replays(flow)


def test_a_value_under_both_names_loses_nothing_until_it_is_set_anew(every_storage) -> None:
    class Unmapped(Entity):
        machine_count: int | None = None

    (ada,) = filled(flow_of(every_storage, V1), 1, {"machines": 3, "color": "red"})
    flow_of(every_storage, Unmapped).correct(ada, {"machine_count": 5}, by="anna")
    flow = flow_of(every_storage, V2)
    assert flow.get(ada).custom.machine_count == 5
    assert kept_aside(flow.get(ada)) == {"custom.machines": 3}
    assert flow.count(field("custom.machine_count") == 5) == 1
    assert flow.migrate_custom().fields["machines"].kept == 1
    replays(flow)
    flow.correct(ada, {"machine_count": 7}, by="anna")
    assert (flow.get(ada).custom.machine_count, kept_aside(flow.get(ada))) == (7, {})
    replays(flow)


@pytest.mark.parametrize("migrated", [False, True])
def test_what_sources_know_goes_with_the_field(every_storage, migrated: bool) -> None:
    clock, robot = Clock(), Actor(kind="system", id="robot")
    before = flow_of(every_storage, V1, clock)
    ada, bob, eve = filled(before, 3, {})
    before.correct(bob, {"machines": 3}, by="anna")
    before.correct(eve, {"machines": 4}, by="anna")
    before.correct(eve, {"machines": None}, by="anna")
    for lead_id in (ada, bob, eve):
        before.enrich(lead_id, {"custom.machines": 5, "custom.color": "red"}, source="register", by=robot)
    flow = flow_of(every_storage, V3, clock)
    if migrated:
        assert flow.migrate_custom().fields["fleet"].renamed == 2
    assert flow.get(ada).enriched == ("custom.color", "custom.fleet")
    assert [flow.get(one).custom.fleet for one in (ada, bob, eve)] == [5, 3, None]
    fleet = field("custom.fleet")
    assert [lead.id for lead in flow.find(fleet.known_by("enrichment"))] == [ada]
    assert [lead.id for lead in flow.find(fleet.known_by("person"))] == [bob]
    assert [lead.id for lead in flow.find(field("left_blank").contains("custom.fleet"))] == [eve]
    assert flow.explain(ada)["Enrichment"][1].startswith("custom.fleet: 5, from register")
    replays(flow)
    flow.withdraw_source("register", by="anna")
    assert [flow.get(one).custom.fleet for one in (ada, bob, eve)] == [None, 3, None]
    flow.enrich(eve, {"custom.fleet": 6}, source="other", by=robot)
    assert flow.get(eve).custom.fleet is None
    replays(flow)


def test_what_a_source_filled_into_a_field_that_is_gone_becomes_nobodys_word(every_storage) -> None:
    robot = Actor(kind="system", id="robot")
    (ada,) = filled(flow_of(every_storage, V1), 1, {"color": "red"})
    flow_of(every_storage, V1).enrich(ada, {"custom.site": "Kiel"}, source="register", by=robot)
    flow = flow_of(every_storage, V3)  # the site is gone
    assert (flow.get(ada).enriched, kept_aside(flow.get(ada)), flow.get(ada).findings) == ((), {}, ())
    replays(flow)
    flow.withdraw_source("register", by="anna")
    before = flow_of(every_storage, V1)
    assert (before.get(ada).custom.site, before.get(ada).enrichments) == (None, ())
    replays(before)


def test_nested_fields_are_renamed_at_every_level(every_storage) -> None:
    class Before(Entity):
        motor: dict[str, int] | None = None
        spare: tuple[dict[str, int], ...] = ()

    (ada,) = filled(flow_of(every_storage, Before), 1, {"motor": {"kw": 90}, "spare": [{"kw": 1}, {"power": 2}]})
    flow = flow_of(every_storage, WithEngines)
    assert flow.get(ada).custom == WithEngines(engine=Engine(power=90), spare=(Engine(power=1), Engine(power=2)))
    assert flow.count(field("custom.engine.power") == 90) == 1
    assert flow.migrate_custom().leads == 1
    assert flow.migrate_custom().leads == 0
    replays(flow)


def test_a_form_may_still_send_the_former_name() -> None:
    flow = flow_of(MemoryStorage(), V3)
    sent = flow.capture({"email": "a@b.example", "machines": 4}, source="web")
    assert flow.get(sent.lead_id).custom.fleet == 4
    assert not sent.findings


@pytest.mark.parametrize(
    ("renamed", "said"),
    [
        ({"old": "gone"}, "no field; there are kept"),
        ({"kept": "kept"}, "'kept' is a field again"),
        ({"one": "two", "two": "one"}, "which is no field"),
        ({"one": "two"}, "if it was removed, add 'two': None"),
    ],
)
def test_a_map_that_leads_nowhere_is_refused_when_the_class_is_made(renamed, said) -> None:
    with pytest.raises(DefinitionError, match=said):

        class Wrong(Entity, renamed=renamed):
            kept: int | None = None


def test_a_custom_date_is_taken_as_people_write_it() -> None:
    class Visit(Entity):
        opened: date | None = None

    flow = flow_of(MemoryStorage(), Visit)
    sent = flow.capture({"email": "a@b.example", "opened": "31.12.2026"}, source="web")
    assert (flow.get(sent.lead_id).custom.opened, sent.findings) == (date(2026, 12, 31), ())
    sent = flow.capture({"email": "c@d.example", "opened": "soon"}, source="web")
    assert [one.code for one in sent.findings] == ["not_readable"]


# ----------------------------------------------------------------------------------------------------------- migrating
def documents(storage: SqlStorage) -> list[dict[str, Any]]:
    with storage.engine.connect() as connection:
        found = connection.execute(text("SELECT doc FROM leadflow_leads ORDER BY id")).scalars()
        return [json.loads(one).get("custom", {}) for one in found]


def test_five_definitions_over_a_base_leave_nothing_unreadable(database) -> None:
    _five_definitions(database, 300)


@pytest.mark.slow
def test_five_definitions_over_many_leads(database) -> None:
    _five_definitions(database, MANY)


def _five_definitions(storage: SqlStorage, number: int) -> None:
    ids = filled(flow_of(storage, V1), number, {"machines": 12, "color": "red", "site": "Ulm"})
    for before, custom in pairwise(VERSIONS):
        flow = flow_of(storage, custom)
        assert not list(flow.unreadable())
        how: dict[str, Any] = {"retype": {"fleet": str}} if custom in (V4, V5) else {}
        stored = documents(storage)
        foreseen = flow.migrate_custom(dry_run=True, **how)
        assert documents(storage) == stored
        assert flow.migrate_custom(**how) == foreseen, (before, custom)
        assert flow.migrate_custom(**how).leads == 0
    assert documents(storage) == [{"fleet": "12", "paint": "red", "plant": "Ulm"}] * number
    assert flow.count(field("custom.fleet") == "12") == number
    for lead_id in ids[:: max(number // 50, 1)]:
        lead = flow.get(lead_id)
        assert (lead.custom, lead.findings) == (V5(fleet="12", paint="red", plant="Ulm"), ())
        assert replay(storage.facts(lead_id), flow.policy.lead_type) == lead
        assert flow.as_of(lead_id, START) == lead
        assert captured(flow, lead_id)["machines"] == 12


def test_what_does_not_fit_is_kept_until_a_function_reads_it_or_it_is_dropped(every_storage) -> None:
    class Retyped(Entity):
        machines: bool | None = None
        site: str | None = None

    ids = filled(flow_of(every_storage, V1), 3, {"machines": 3, "color": "red", "site": "Ulm"})
    flow = flow_of(every_storage, Retyped)
    foreseen = flow.migrate_custom(dry_run=True)
    assert (foreseen.leads, foreseen.fields["machines"].kept, foreseen.fields["color"].kept) == (0, 3, 3)
    assert kept_aside(flow.get(ids[0])) == {"custom.machines": 3, "custom.color": "red"}

    def broken(value: Any) -> bool:
        raise RuntimeError("it broke")

    for function, why in ((broken, "RuntimeError: it broke"), (lambda _: "many", "can't take 'many'")):
        failed = flow.migrate_custom(retype={"machines": function})
        assert (failed.leads, failed.fields["machines"].kept) == (0, 3)
        assert all(why in one.why for one in failed.fields["machines"].examples)
        assert why in str(failed)
    done = flow.migrate_custom(retype={"machines": lambda value: value > 2}, drop=["color", "site"])
    assert (done.leads, done.fields["machines"].retyped, done.fields["color"].dropped) == (3, 3, 3)
    example = done.fields["machines"].examples[0]
    assert (example.before, example.after) == (3, True)
    assert "3 retyped" in str(done)
    assert flow.get(ids[0]).custom == Retyped(machines=True, site="Ulm"), "what can be read is never dropped"
    assert not kept_aside(flow.get(ids[0]))
    replays(flow)
    assert flow.as_of(ids[0], START) is not None


def test_a_removed_field_comes_back_with_its_values(every_storage) -> None:
    class Without(Entity):
        color: str | None = None

    (ada,) = filled(flow_of(every_storage, V1), 1, {"machines": 3, "site": "Ulm"})
    without = flow_of(every_storage, Without)
    without.correct(ada, {"color": "blue"}, by="anna")
    without.migrate_custom()
    back = flow_of(every_storage, V1)
    assert back.get(ada).custom == V1(machines=3, color="blue", site="Ulm")
    assert back.migrate_custom().leads == 0
    replays(back)


def test_a_lead_that_can_not_be_read_is_reported_and_the_others_are_migrated(database) -> None:
    ids = sorted(filled(flow_of(database, V1), 3, {"machines": 3}))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE leadflow_leads SET doc = '{' WHERE id = :id"), {"id": ids[1]})
    seen: list[int] = []
    done = flow_of(database, V2).migrate_custom(watch=seen.append)
    assert (done.leads, [one.lead_id for one in done.unreadable], seen) == (2, [ids[1]], [3])


@pytest.mark.parametrize(
    "wrong", [{"retype": [int]}, {"retype": {"a": 1}}, {"retype": {"machine": int}}, {"drop": "machines"}, {"watch": 1}]
)
def test_arguments_that_can_not_be_used_are_refused(wrong) -> None:
    with pytest.raises(InvalidInput):
        flow_of(MemoryStorage(), V2).migrate_custom(**wrong)


def test_migrating_in_an_event_loop(url) -> None:
    kept = SqlStorage(url).migrate()
    filled(flow_of(kept, V1), 3, {"machines": 3})

    async def migrated() -> tuple[CustomMigration, CustomMigration]:
        storage = AsyncSqlStorage(url)
        flow = AsyncLeadFlow(storage, custom=V2)
        done = await flow.migrate_custom(dry_run=True), await flow.migrate_custom()
        await storage.close()
        return done

    foreseen, done = asyncio.run(migrated())
    assert foreseen == done
    assert done.fields["machine_count"].renamed == 3
    assert documents(kept) == [{"machine_count": 3}] * 3
    kept.close()


def _migrates(url: str) -> None:
    storage = SqlStorage(url)
    flow_of(storage, V2).migrate_custom(watch=lambda _: time.sleep(0.05))


@pytest.mark.parametrize("number", [600, pytest.param(MANY, marks=pytest.mark.slow)])
def test_killed_in_between_and_run_again_it_does_the_rest(url, number) -> None:
    storage = SqlStorage(url).migrate()
    filled(flow_of(storage, V1), number, {"machines": 3})
    foreseen = flow_of(storage, V2).migrate_custom(dry_run=True)
    assert foreseen.fields["machine_count"].renamed == foreseen.leads == number
    worker = FORK.Process(target=_migrates, args=(url,))
    worker.start()
    while not (moved := sum(one == {"machine_count": 3} for one in documents(storage))):
        time.sleep(0.01)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    moved = sum(one == {"machine_count": 3} for one in documents(storage))
    assert 0 < moved < number
    assert flow_of(storage, V2).migrate_custom().leads == number - moved
    assert documents(storage) == [{"machine_count": 3}] * number
    replays(flow_of(storage, V2))
    storage.close()


# ------------------------------------------------------------------------------------------------ whatever is changed
TYPES = (int, str, bool, float)
VALUES = {int: 41, str: "north", bool: True, float: 2.5}
NAMES = ("a", "b", "c", "d", "e", "f", "g")


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[dict[str, type], dict[str, str | None]]]:
    """Definitions, each made from the one before by adding, removing, renaming or retyping a field."""
    fields: dict[str, type] = {"a": int, "b": str}
    renamed: dict[str, str | None] = {}
    listed = [(dict(fields), dict(renamed))]
    for _ in range(draw(st.integers(1, 6))):
        there, free = sorted(fields), [one for one in NAMES if one not in fields and renamed.get(one) is None]
        # what a field before it left under a name is in the way of one that is renamed to it, until it is dropped
        unused = [one for one in free if one not in renamed]
        kinds = ["remove", "rename", "retype"] if there else []
        match draw(st.sampled_from([*kinds, "add"] if free else ["retype"])):
            case "add":
                fields[name := draw(st.sampled_from(free))] = draw(st.sampled_from(TYPES))
                renamed.pop(name, None)
            case "remove":
                del fields[name := draw(st.sampled_from(there))]
                renamed[name] = None
            case "rename" if unused:
                old, name = draw(st.sampled_from(there)), draw(st.sampled_from(unused))
                fields[name] = fields.pop(old)
                renamed.pop(name, None)
                renamed[old] = name
            case "retype" if there:
                fields[draw(st.sampled_from(there))] = draw(st.sampled_from(TYPES))
        listed.append((dict(fields), dict(renamed)))
    return listed


def stored_values(lead: Lead[Any]) -> list[str]:
    return [json.dumps(one) for one in stored_form(lead.custom, exclude_none=True).values()]


@given(changes(), st.data())
@settings(max_examples=60)
def test_no_sequence_of_definitions_and_writes_loses_a_value(listed, data) -> None:
    storage, clock = MemoryStorage(), Clock()
    ada, moments = None, []
    for nr, (fields, renamed) in enumerate(listed):
        own: dict[str, Any] = {name: (kind | None, None) for name, kind in fields.items()}
        custom = create_model(f"V{nr}", __base__=Entity, __cls_kwargs__={"renamed": renamed}, **own)
        flow = flow_of(storage, custom, clock)
        clock.advance(hours=1)
        if ada is None:
            ada = flow.capture({"email": "a@b.example", "a": 41, "b": "north"}, source="web").lead_id
        before = flow.get(ada)
        had = stored_values(before)
        match data.draw(st.sampled_from(["correct", "migrate", "record", "nothing"])):
            case "correct" if fields:
                name = data.draw(st.sampled_from(sorted(fields)))
                flow.correct(ada, {name: VALUES[fields[name]]}, by="anna")
                replaced = {name, *type(before.custom).__former_names__.get(name, ())}
                had = [json.dumps(one) for key, one in stored_form(before.custom, exclude_none=True).items()
                       if key not in replaced]  # fmt: skip
            case "migrate":
                foreseen = flow.migrate_custom(dry_run=True)
                assert flow.migrate_custom() == foreseen
                assert flow.migrate_custom().leads == 0
            case "record":
                flow.record(ada, "page_viewed")
        assert not [one for one in had if one not in stored_values(flow.get(ada))]
        moments.append((clock(), fields, renamed))
        replays(flow)
        for moment, _, _ in moments:
            assert flow.as_of(ada, moment) is not None
        assert captured(flow, ada) == {"a": 41, "b": "north"}
