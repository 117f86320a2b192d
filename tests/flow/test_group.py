"""Many commands at once end as one by one: the same leads, facts, activities, tasks and answers, on every storage."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count, islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acme import START, Clock, acme_flow
from leadflow import Consent, InvalidInput, LeadFlow, NotFound, Refused
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.decisions.commands.intake import Capture, Record, Visit
from leadflow.decisions.commands.sales import MakeMove
from leadflow.entities import stored_json
from leadflow.errors import Stale, Unavailable
from leadflow.ports import Storage

YES = Consent(purpose="newsletter", channel="email", status="given", at=START, proof="the form")
NO = YES.but(status="withdrawn", proof="a reply")
TENANT = count()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path) -> Iterator[Callable[[], Storage]]:
    """Make an empty storage each time."""
    if request.param == "memory":
        yield MemoryStorage
        return
    url = request.getfixturevalue("pg_dsn") if request.param == "postgresql" else f"sqlite:///{tmp_path}/group.db"
    first = SqlStorage(url).migrate()
    yield lambda: SqlStorage(first.engine, tenant=f"t{next(TENANT)}")
    first.close()


# -------------------------------------------------------------------------------------------------- as one by one
few = st.integers(0, 3)
addresses = st.sampled_from(["ada@acme.example", "Ada+x@acme.example", "ben@acme.example", "info@acme.example", "no"])
people = st.fixed_dictionaries(
    {},
    optional={
        "email": addresses,
        "emails": addresses,
        "first_name": st.sampled_from(["Ada", "Ben"]),
        "last_name": st.sampled_from(["Lovelace", "Byron"]),
        "company": st.sampled_from(["Acme GmbH", "Acme", "Beta AG"]),
        "employees": st.sampled_from([20, 900]),
        "job_title": st.just("Director of IT"),
        "phone": st.sampled_from(["+49 30 1234567", "+49 30 7654321", "12"]),
        "postcode": st.just("10115"),
        "city": st.just("Berlin"),
        "street": st.sampled_from(["Hauptstr. 1", "Hauptstr. 2"]),
        "country": st.just("DE"),
    },
)
visitors = st.sampled_from(["v1", "v2"])
captures = st.builds(
    Capture,
    people,
    source=st.sampled_from(["fair", "web"]),
    visitor=st.none() | visitors,
    verified=st.booleans(),
    consents=st.sampled_from([(), (YES,), (NO,)]),
    id=st.none() | st.sampled_from(["s1", "s2"]),
    key=st.none() | st.sampled_from(["k1", "k2"]),
)
visits = st.builds(Visit, visitors, st.sampled_from(["page_viewed", "demo_requested"]), id=few.map(str))
known = st.sampled_from(["lead-000000", "lead-000001", "lead-none"])
records = st.builds(Record, known, st.just("demo_requested"), id=few.map(str), key=st.none() | st.just("k1"))
moves = st.builds(
    MakeMove, known, st.sampled_from(["qualify", "reopen", "fly"]), by=st.just("anna"), reason=st.just("met")
)
commands = st.lists(st.one_of(captures, captures, visits, records, moves), min_size=1, max_size=12)


def flow_on(storage: Storage) -> LeadFlow:
    numbers = count()
    flow = acme_flow(storage, Clock(), new_id=lambda _: f"lead-{next(numbers):06}")
    flow.capture({"email": "cleo@acme.example", "company": "Acme", "country": "DE"}, source="fair")
    flow.capture({"phone": "+49 30 1234567", "first_name": "Ada", "last_name": "Lovelace"}, source="fair")
    return flow


def one_by_one(flow: LeadFlow, wanted: list) -> list[object]:
    answers: list[object] = []
    for command in wanted:
        try:
            answers.append(flow.run(command))
        except (InvalidInput, Refused, NotFound) as error:
            answers.append(error)
    return answers


def together(flow: LeadFlow, wanted: list, group: int) -> list[object]:
    carried = list(flow.run_many(wanted, group=group))
    assert [one.index for one in carried] == list(range(len(wanted)))
    return [one.error if one.error is not None else one.answer for one in carried]


def written(storage: Storage, names: dict[str, str]) -> list[str]:
    """All that is stored of leads, in the words of the first storage."""
    kept = [stored_json(lead) for lead in storage.scan(None, 1_000)]
    for lead_id in all_ids(storage):
        kept += [stored_json(fact) for fact in storage.facts(lead_id)]
        kept += [stored_json(activity) for activity in storage.activities(lead_id)]
    kept += [stored_json(task) for task in storage.tasks(limit=10_000)]
    return sorted(renamed(text, names) for text in kept)


def renamed(text: str, names: dict[str, str]) -> str:
    return re.sub(r"lead-\d{6}", lambda found: names.get(found[0], found[0]), text)


def same_names(one: LeadFlow, other: LeadFlow) -> dict[str, str]:
    """Leads are made in the same order, though not all numbers are used: pair them by it."""
    here, there = all_ids(one.storage), all_ids(other.storage)
    assert len(here) == len(there)
    return dict(zip(there, here, strict=True))


def all_ids(storage: Storage) -> list[str]:
    leads = storage.scan(None, 1_000)
    return sorted({*(lead.id for lead in leads), *(each for lead in leads for each in lead.absorbed)})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(wanted=commands, group=st.sampled_from([2, 5, 200]))
def test_a_group_ends_as_one_by_one(fresh, wanted, group):
    here, there = flow_on(fresh()), flow_on(fresh())
    expected, answers = one_by_one(here, wanted), together(there, wanted, group)
    names = same_names(here, there)
    assert [renamed(repr(answer), names) for answer in answers] == [repr(answer) for answer in expected]
    assert written(there.storage, names) == written(here.storage, {})


# ------------------------------------------------------------------------------------------------ what a host sees
NAMES = [
    first + last
    for first in ("Mer", "Lov", "Byr", "Hop", "Tur", "Kni")
    for last in ("kel", "bach", "dorf", "tz", "witz")
]
ROWS = [{"email": f"{name.lower()}@acme.example", "first_name": "Ada", "last_name": name} for name in NAMES]


def test_refused_rows_are_reported_with_index_and_error_and_cost_only_themselves(fresh):
    flow = flow_on(fresh())
    rows: list = [ROWS[0], {"city": "Berlin"}, ROWS[1], "no mapping", Capture(ROWS[2], source="web", id="s-2")]
    carried = list(flow.capture_many(rows, source="fair"))
    assert [one.index for one in carried] == [0, 1, 2, 3, 4]
    assert [type(one.error) for one in carried] == [type(None), InvalidInput, type(None), InvalidInput, type(None)]
    assert isinstance(carried[3].error, InvalidInput) and carried[3].error.field == "values"
    with pytest.raises(InvalidInput, match="submission"):
        carried[1].result()
    assert {lead.email.address for lead in flow.leads()} > {row["email"] for row in ROWS[:3]}


def test_rows_are_taken_a_group_at_a_time(fresh):
    flow, taken = flow_on(fresh()), []

    def rows() -> Iterator[dict]:
        for row in ROWS:
            taken.append(row)
            yield row

    answers = flow.capture_many(rows(), source="fair", group=10)
    assert (taken, next(answers).index, len(taken)) == (taken, 0, 10)
    assert sum(1 for _ in flow.leads()) == 12  # two were there, the group is written before its first answer


def test_an_import_that_was_interrupted_is_run_again(fresh):
    flow = flow_on(fresh())
    done = list(islice(flow.capture_many(ROWS, source="fair", group=10), 15))
    again = [one.result() for one in flow.capture_many(ROWS, source="fair", group=7)]
    assert [one.repeated for one in again] == [True] * 20 + [False] * 10
    assert [one.lead_id for one in again[:15]] == [one.result().lead_id for one in done]
    assert sum(1 for _ in flow.leads()) == 32


def test_an_empty_import_is_none(fresh):
    assert list(flow_on(fresh()).capture_many([], source="fair")) == []


@pytest.mark.parametrize("group", [0, -1, 1_000_000])
def test_a_group_has_a_bound(group):
    with pytest.raises(InvalidInput, match="group"):
        list(flow_on(MemoryStorage()).capture_many(ROWS, source="fair", group=group))


def test_rows_without_a_source_are_refused():
    (one,) = flow_on(MemoryStorage()).capture_many(ROWS[:1])
    assert isinstance(one.error, InvalidInput)
    assert one.error.field == "source"


def test_leads_that_qualify_in_a_group_are_routed(fresh):
    flow = flow_on(fresh())
    hot = [{**row, "employees": 900, "job_title": "Director of IT", "country": "DE"} for row in ROWS[:6]]
    ids = [one.result().lead_id for one in flow.capture_many(hot, source="fair")]
    recorded = list(flow.record_many([Record(lead_id, "demo_requested", id="d") for lead_id in ids]))
    assert not any(one.result().repeated for one in recorded)
    assert {flow.get(lead_id).owner for lead_id in ids} == {"anna", "ben"}


# ------------------------------------------------------------------------------------------- others write meanwhile
class Meddled:
    """A storage that others write to right before a group is saved, so many times."""

    def __init__(self, storage: Storage, meddle: Callable[[], object], times: int) -> None:
        self._storage, self._meddle, self._times = storage, meddle, times

    def __getattr__(self, name: str):
        return getattr(self._storage, name)

    def save(self, change) -> None:
        if self._times and len(change.leads) > 1:
            self._times -= 1
            self._meddle()
        self._storage.save(change)


@pytest.mark.parametrize("times", [1, 3])
def test_a_group_that_collides_is_halved_and_nothing_is_lost(fresh, times):
    storage = fresh()
    other, numbers = flow_on(storage), count(100)

    def meddle() -> None:
        other.capture({**ROWS[next(numbers) % 20], "city": "Berlin"}, source="web")

    flow = acme_flow(Meddled(storage, meddle, times), Clock(), new_id=lambda _: f"many-{next(numbers):06}")
    answers = [one.result() for one in flow.capture_many(ROWS[:20], source="fair")]
    assert len({one.lead_id for one in answers}) == 20
    assert sum(one.outcome == "updated" for one in answers) == times
    assert sum(1 for _ in flow.leads()) == 22


def test_a_storage_that_is_gone_ends_the_import_and_not_a_row():
    class Gone(MemoryStorage):
        def holders(self, claims):
            raise Unavailable("the database is gone")

    with pytest.raises(Unavailable):
        list(acme_flow(Gone(), Clock()).capture_many(ROWS, source="fair"))


def test_one_that_always_collides_is_an_error_of_the_import():
    class Contended(MemoryStorage):
        def save(self, change) -> None:
            if change.leads:
                raise Stale("always")
            super().save(change)

    from datetime import timedelta

    flow = acme_flow(Contended(), Clock(), budget=timedelta(0))
    with pytest.raises(Stale):
        list(flow.capture_many(ROWS[:4], source="fair"))
