"""Flow scores from the engagement state: what it says is what all activities say, and old ones are not read again."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from leadflow import LeadFlow, Qualification, ScoringModel, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.entities import Activity
from leadflow.scoring import half_life, inactive, linear, often, on, window
from leadflow.testing import NOW, ClockAt

MODEL = ScoringModel(
    name="m",
    engagement=[
        on("page", 1, decay=half_life(7), cap=30),
        on("demo", 20, decay=window(30), limit=(1, "day")),
        on("mail", 2, decay=linear(50, days=3)),
        on("page", 5, limit=(1, "ever"), name="first page"),
        often("page", {3: 4, 6: 9}, days=2),
        inactive(-6, days=4),
    ],
)
KINDS = ("page", "page", "demo", "mail", "other")


class Counting(MemoryStorage):
    """Counts how many activities are read."""

    read = 0

    def activities(self, lead_id: str, ids: Collection[str] | None = None, **page: Any) -> list[Activity]:
        found = super().activities(lead_id, ids, **page)
        self.read += len(found)
        return found


@pytest.fixture(params=["memory", "sqlite"])
def storage(request: Any, tmp_path: Any) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryStorage()
    else:
        kept = SqlStorage(f"sqlite:///{tmp_path}/leads.db").migrate()
        yield kept
        kept.close()


def flow_with(storage: Any, clock: ClockAt, model: ScoringModel = MODEL) -> LeadFlow:
    return LeadFlow(
        storage, scoring=model, clock=clock, qualification=Qualification(mql=field("score.engagement") >= 25)
    )


def test_a_lead_scored_from_its_state_is_scored_as_all_activities_say(storage: Any) -> None:
    for seed in range(4):
        dice, clock = random.Random(seed), ClockAt()
        flow = flow_with(storage, clock)
        lead_id = flow.capture({"email": f"ada{seed}@acme.example"}, source="web").lead_id
        done = list[dict[str, Any]]()
        for number in range(60):
            clock.advance(hours=dice.choice([0, 1, 5, 30]))
            late = timedelta(hours=dice.choice([-3, 0, 0, 0, 20, 200]))  # some late, some dated ahead
            given = {"kind": dice.choice(KINDS), "id": f"a{number}", "at": clock.now() - late}
            done.append(dice.choice(done) if done and dice.random() < 0.2 else given)  # some twice
            flow.record(lead_id, **done[-1])
            lead = flow.get(lead_id)
            at = lead.score.at
            assert at is not None
            expected = MODEL.score(lead, storage.activities(lead_id), at)
            assert lead.score.engagement == pytest.approx(expected.engagement, abs=1e-9)
            assert len(storage.activities(lead_id)) == len({one["id"] for one in done})


def test_recording_reads_no_old_activities() -> None:
    storage, clock = Counting(), ClockAt()
    flow = flow_with(storage, clock)
    lead_id = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    for number in range(300):
        clock.advance(minutes=7)
        flow.record(lead_id, "page", id=f"p{number}")
    storage.read = 0
    flow.record(lead_id, "page", id="new")
    assert flow.record(lead_id, "page", id="p3").repeated
    flow.disqualify(lead_id, by="anna", reason="moved away")
    assert storage.read == 1  # the repeated one


def test_another_model_reads_all_activities_once_and_goes_on() -> None:
    storage, clock = Counting(), ClockAt()
    flow = flow_with(storage, clock)
    lead_id = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    for number in range(20):
        flow.record(lead_id, "page", id=f"p{number}")
    other = ScoringModel(name="other", engagement=[on("page", 1, decay=half_life(99))])
    flow = flow_with(storage, clock, other)
    storage.read = 0
    flow.record(lead_id, "page", id="new")
    assert flow.get(lead_id).score.engagement == pytest.approx(21)
    assert storage.read == 20
    flow.record(lead_id, "page", id="newer")
    assert flow.get(lead_id).score.engagement == pytest.approx(22)
    assert storage.read == 20


FOREIGN = ScoringModel(name="foreign", engagement=[on("page", 1, where=field("company.employees") >= 250)])


@pytest.mark.parametrize("other", [None, ScoringModel(name="fit only"), FOREIGN], ids=["none", "fit only", "scanning"])
def test_what_was_recorded_with_a_model_that_remembers_nothing_counts_with_one_that_does(
    storage: Any, other: ScoringModel | None
) -> None:
    clock = ClockAt()
    mine, theirs = flow_with(storage, clock), LeadFlow(storage, scoring=other, clock=clock)
    lead_id = mine.capture({"email": "ada@acme.example"}, source="web").lead_id
    theirs.visit("cookie", "demo", id="seen before")
    for number in range(3):
        mine.record(lead_id, "page", id=f"m{number}")
        theirs.record(lead_id, "page", id=f"t{number}")
    theirs.capture({"email": "ada@acme.example"}, source="web", visitor="cookie")
    expected = MODEL.score(mine.get(lead_id), storage.activities(lead_id), clock.now()).engagement
    assert expected > 20
    assert mine.score(lead_id).engagement == pytest.approx(expected)
    mine.consent(lead_id, "newsletter", "email", proof="a form")  # it needs no activity to be put right
    assert mine.get(lead_id).score.engagement == pytest.approx(expected)


def test_a_state_is_written_only_where_it_is_of_use_and_has_changed(storage: Any) -> None:
    clock = ClockAt()
    mixed = MODEL.but(engagement=(*MODEL.engagement, *(one.but(name="foreign") for one in FOREIGN.engagement)))
    scanning, flow = flow_with(storage, clock, mixed), flow_with(storage, clock)
    lead_id = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    key = f"engagement:{lead_id}"
    scanning.record(lead_id, "page", id="1")
    assert storage.states([key]) == {}
    flow.record(lead_id, "page", id="2")
    written = storage.states([key])[key]
    flow.consent(lead_id, "newsletter", "email", proof="a form")
    assert storage.states([key])[key] == written


def test_models_that_take_turns_on_one_storage_each_count_all(storage: Any) -> None:
    clock = ClockAt()
    models = [MODEL, MODEL.but(engagement=MODEL.engagement[:1]), ScoringModel(name="o", engagement=[on("demo", 3)])]
    flows = [flow_with(storage, clock, model) for model in models]
    lead_id = flows[0].capture({"email": "ada@acme.example"}, source="web").lead_id
    dice = random.Random(1)
    for number in range(40):
        clock.advance(hours=5)
        flow = dice.choice(flows)
        flow.record(lead_id, dice.choice(KINDS), id=f"a{number}")
        said = flow.get(lead_id).score.engagement
        model = models[flows.index(flow)]
        assert said == pytest.approx(
            model.score(flow.get(lead_id), storage.activities(lead_id), clock.now()).engagement, abs=1e-9
        )


def test_the_score_of_a_moment_that_has_passed_is_told_from_all_activities(storage: Any) -> None:
    clock = ClockAt()
    flow = flow_with(storage, clock)
    lead_id = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    flow.record(lead_id, "demo", id="1")
    then = clock.now()
    for number in range(20):
        clock.advance(days=20)
        flow.record(lead_id, "page", id=f"p{number}")
    assert flow.score(lead_id, then).engagement == 20


def test_rules_that_look_at_the_lead_are_scanned() -> None:
    storage = Counting()
    where = field("company.employees") >= 250
    flow = flow_with(storage, ClockAt(), ScoringModel(name="m", engagement=[on("page", 1, where=where)]))
    lead_id = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    flow.record(lead_id, "page", id="1")
    flow.record(lead_id, "page", id="2")
    assert flow.get(lead_id).score.engagement == 0
    flow.correct(lead_id, {"employees": 900}, by="anna")
    assert flow.get(lead_id).score.engagement == 2


def test_what_a_visitor_did_before_stays_with_the_lead(storage: Any) -> None:
    clock = ClockAt()
    flow = flow_with(storage, clock)
    for number in range(15):
        flow.visit("cookie", "page", id=f"v{number}", at=clock.advance(hours=1))
    known = flow.capture({"email": "ada@acme.example"}, source="fair").lead_id
    flow.record(known, "page", id="v3", at=clock.now())  # one that both have
    flow.capture({"email": "ada@acme.example", "first_name": "Ada"}, source="web", visitor="cookie")
    lead = flow.get(known)
    activities = storage.activities(known)
    assert len(activities) == 15
    flow.record(known, "page", id="v3")
    at: datetime = lead.score.at or NOW
    assert lead.score.engagement == pytest.approx(MODEL.score(lead, activities, at).engagement, abs=1e-9)


def test_erasure_takes_the_state_along(storage: Any) -> None:
    flow = flow_with(storage, ClockAt())
    lead_id = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    flow.record(lead_id, "page", id="secret")
    assert storage.states([f"engagement:{lead_id}"])
    flow.erase(lead_id, by="anna")
    assert storage.states([f"engagement:{lead_id}"]) == {}


@contextmanager
def behind(storage: Any, lead_id: str) -> Iterator[None]:
    """Somebody else records an activity between reading and saving, once."""
    real, done = storage.save, list[bool]()

    def save(change: Any) -> None:
        if not done:
            done.append(True)
            flow_with(storage, ClockAt()).record(lead_id, "demo", id="other")
        real(change)

    storage.save = save
    yield
    storage.save = real


def test_an_activity_recorded_in_between_is_not_lost() -> None:
    storage = MemoryStorage()
    flow = flow_with(storage, ClockAt())
    lead_id = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    with behind(storage, lead_id):
        flow.record(lead_id, "page", id="mine")
    assert {one.id for one in storage.activities(lead_id)} == {"mine", "other"}
    assert flow.get(lead_id).score.engagement == pytest.approx(1 + 20 + 5)


def test_the_score_of_now_and_of_later_is_told_without_writing(storage: Any) -> None:
    clock = ClockAt()
    flow = flow_with(storage, clock, ScoringModel(name="m", engagement=[on("demo", 20, decay=half_life(30))]))
    lead_id = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    flow.record(lead_id, "demo", id="1")
    version = flow.get(lead_id).version
    assert flow.score(lead_id, NOW + timedelta(days=30)).engagement == pytest.approx(10)
    clock.advance(days=60)
    assert flow.score(lead_id).engagement == pytest.approx(5)
    assert flow.get(lead_id).version == version
