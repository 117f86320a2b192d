"""Pages stay together while leads come, go and change; what can't be found is not, and stops no page."""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from acme import ADA, Clock, acme_flow
from leadflow import Actor, DefinitionError, InvalidInput, Lead, LeadFlow, activity, field
from leadflow.adapters.sql import SqlStorage
from leadflow.conditions import all_of, any_of
from leadflow.errors import StorageError
from leadflow.events import Change, LeadWrite, Redirect
from leadflow.ports import Storage
from leadflow.search import ORDERS, Cursor, LeadSearch, Order, Position
from leadflow.testing import a_lead

EVA = Actor(kind="marketing", id="eva")


@pytest.fixture
def storage(every_storage: Storage) -> Storage:
    return every_storage


def person(nr: int, **more: object) -> dict[str, object]:
    return {"email": f"p{nr}@acme{nr}.example", "first_name": f"P{nr}", "last_name": "Person", **more}


def captured(flow: LeadFlow, clock: Clock, many: int) -> list[str]:
    ids = []
    for nr in range(many):
        ids.append(flow.capture(person(nr), source="web").lead_id)
        clock.advance(minutes=1)
    return ids


def walked(flow: LeadFlow, **how: Any) -> list[Lead]:
    found, after = [], None
    while True:
        page = flow.find(**how, after=after)
        found += page
        if page.next is None:
            return found
        after = page.next


@pytest.mark.parametrize("order", sorted({*ORDERS, *(f"-{path}" for path in ORDERS)}))
def test_pages_together_are_all_leads_in_order(storage, order: str) -> None:
    leads = [
        a_lead(
            id=f"l{nr}",
            created_at=CREATED + timedelta(hours=nr % 3, microseconds=nr % 2),
            recorded_at=CREATED + timedelta(hours=nr % 4),
            entered_at=None if nr % 3 == 0 else CREATED + timedelta(days=nr % 2),
            company={"name": None if nr % 4 == 0 else "AbÄ"[nr % 3]},
            person={"last_name": None if nr % 5 == 0 else "Zoe"[: nr % 4 + 1]},
            score={"fit": nr % 3 / 10, "engagement": nr % 2},
            deadline=None if nr % 2 else {"stage": "lead", "due_at": CREATED + timedelta(days=nr % 3)},
        )
        for nr in range(24)
    ]
    storage.save(Change(leads=tuple(LeadWrite(id=one.id, read_version=0, lead=one) for one in leads)))
    flow = LeadFlow(storage)
    whole = [lead.id for lead in flow.find(order=order, limit=1_000)]
    way = Order.read(order)
    places = {lead.id: way.place(lead) for lead in leads}
    assert sorted(whole) == sorted(places)
    assert all(way.is_after(places[after], places[before]) for before, after in pairwise(whole))
    assert [lead.id for lead in walked(flow, order=order, limit=5)] == whole
    known = [id for id in whole if places[id].value is not None]
    assert whole[: len(known)] == known  # those without a value come last, in either direction


CREATED = Clock().now


def test_a_page_goes_on_after_leads_that_came_and_went_meanwhile(flow, clock) -> None:
    ids = captured(flow, clock, 6)
    first = flow.find(limit=2)
    assert [lead.id for lead in first] == ids[:3:-1]
    newest = flow.capture(person(99), source="web").lead_id
    flow.erase(ids[4], by=EVA)  # the very lead at which the page ended
    flow.erase(ids[2], by=EVA)
    rest = walked(flow, limit=2)
    assert [lead.id for lead in rest] == [newest, ids[5], ids[3], ids[1], ids[0]]
    second = flow.find(limit=2, after=first.next)
    third = flow.find(limit=2, after=second.next)
    assert [lead.id for lead in (*second, *third)] == [ids[3], ids[1], ids[0]]
    assert third.next is None


def test_all_pages_are_as_of_the_moment_of_the_first(flow, clock) -> None:
    ids = captured(flow, clock, 4)
    young = field("created_at").within(days=1)
    first = flow.find(young, order="created_at", limit=2)
    clock.advance(days=3)
    assert flow.count(young) == 0
    second = flow.find(young, order="created_at", limit=2, after=first.next)
    assert [lead.id for lead in (*first, *second)] == ids
    assert first.now == second.now


def test_the_newest_come_first_and_first_gives_one(flow, clock) -> None:
    assert flow.first() is None
    ids = captured(flow, clock, 3)
    assert [lead.id for lead in flow.find()] == ids[::-1]
    assert flow.first().id == ids[2]
    assert flow.first(field("person.first_name") == "P1", order="id").id == ids[1]
    assert flow.first(field("owner") == "nobody") is None


def test_conditions_may_be_json(flow, clock) -> None:
    (ada,) = [flow.capture(ADA, source="web").lead_id]
    written = {"op": "eq", "field": "stage", "value": "lead"}
    assert [lead.id for lead in flow.find(written)] == [ada]
    assert [lead.id for lead in flow.find(json.dumps(written))] == [ada]
    assert flow.count(written) == 1


def test_leads_are_counted_by_a_field_the_most_first(flow, clock) -> None:
    captured(flow, clock, 3)
    flow.capture(ADA, source="fair")
    assert flow.count() == 4
    assert list(flow.count(by="source").items()) == [("web", 3), ("fair", 1)]
    assert flow.count(field("source") == "fair", by="company.country") == {"DE": 1}
    assert flow.count(by="owner") == {None: 4}
    assert flow.count(field("source") == "none", by="stage") == {}
    assert flow.count(field("source") == "none") == 0


def test_words_of_a_person_are_found_until_they_change(flow, clock) -> None:
    ada = flow.capture({**ADA, "phone": "+49 30 901820"}, source="web").lead_id
    for words in ("ada", "love ACM", "030 9018", "acme.example"):
        assert [lead.id for lead in flow.find(field("text").matches(words))] == [ada]
    flow.correct(ada, {"last_name": "Müller-King"}, by=EVA)
    assert [lead.id for lead in flow.find(field("text").matches("mueller king"))] == [ada]
    assert flow.count(field("text").matches("lovelace")) == 0
    flow.erase(ada, by=EVA)
    assert flow.count(field("text").matches("ada")) == 0


def test_who_was_absorbed_or_erased_is_not_found(flow, clock, storage) -> None:
    ids = captured(flow, clock, 3)
    storage.save(Change(redirects=(Redirect(absorbed=ids[0], survivor=ids[1]),)))
    flow.erase(ids[2], by=EVA)
    assert [lead.id for lead in flow.find()] == [ids[1]]
    assert (flow.count(), flow.count(by="stage")) == (1, {"lead": 1})
    assert flow.count(field("text").matches("p0")) == 0


def test_a_visitor_who_is_absorbed_is_found_no_more(flow, clock) -> None:
    flow.visit("cookie-1", "page_viewed", id="p1")
    assert flow.count() == 1
    known = flow.capture(ADA, source="web").lead_id
    flow.identify("cookie-1", ADA, source="web")
    assert [lead.id for lead in flow.find()] == [known]


def test_tenants_do_not_find_each_other(pg_dsn, tmp_path, clock) -> None:
    for url in (pg_dsn, f"sqlite:///{tmp_path}/tenants.db"):
        mine, other = SqlStorage(url, tenant="mine").migrate(), SqlStorage(url, tenant="':other").migrate()
        acme_flow(mine, clock).capture(ADA, source="web")
        theirs = acme_flow(other, clock)
        assert (theirs.count(), list(theirs.find(field("text").matches("ada")))) == (0, [])
        theirs.capture(ADA, source="web")
        assert (theirs.count(), len(theirs.find(field("text").matches("ada")))) == (1, 1)
        mine.close()
        other.close()


# ---------------------------------------------------------------------------------------------------------- unreadable
BROKEN = [
    "",
    "{",
    "[]",
    "null",
    '"nobody\'s business"',
    '{"created_at": "x"}',
    '{"schema_number": 99}',
    '{"a": "\\u0000"}',
]


@pytest.mark.parametrize("url", ["sqlite", "postgresql"])
def test_leads_that_can_not_be_read_cost_only_themselves(url, request, tmp_path, clock, caplog) -> None:
    where = request.getfixturevalue("pg_dsn") if url == "postgresql" else f"sqlite:///{tmp_path}/leads.db"
    storage = SqlStorage(where).migrate()
    flow = acme_flow(storage, clock)
    ids = captured(flow, clock, 2 * len(BROKEN))
    with storage.engine.begin() as connection:
        for nr, text in enumerate(BROKEN):
            values = {"doc": text, "id": ids[2 * nr]}
            connection.execute(sa.text("UPDATE leadflow_leads SET doc = :doc, computed = :doc WHERE id = :id"), values)
    for where in (
        None,
        field("company.employees") != 7,
        ~field("emails.domain").contains("x"),
        field("text").matches("p"),
    ):
        for order in ("-created_at", "score.fit", "company.name", "-deadline.due_at"):
            with caplog.at_level(logging.WARNING, logger="leadflow"):
                found = walked(
                    flow, where=None if where is None else where | field("stage").is_known(), order=order, limit=3
                )
            assert sorted(lead.id for lead in found) == ids[1::2]
    assert f"lead {ids[0]}" in caplog.text
    assert "nobody" not in caplog.text
    assert flow.first(order="created_at").id == ids[1]
    assert flow.count(by="stage") == {"lead": len(ids)}  # rows are counted
    storage.close()


# --------------------------------------------------------------------------------------------------------------- large
def test_large_conditions_find_what_small_ones_do(flow, clock) -> None:
    captured(flow, clock, 2)
    note = "x" * 60_000
    ada = flow.capture({**ADA, "note": note}, source="web").lead_id
    several = [field("company.employees") == nr for nr in range(1_050)]
    for where in (
        any_of(*several),
        field("company.employees").is_in(*range(5_000)),
        field("note").contains(note[1:]),
        field("note").starts_with(note),
        field("note").ends_with(note),
        all_of(*(~one for one in several[:900])) & (field("company.employees") >= 900),
    ):
        found = [lead.id for lead in flow.find(where) if lead.person.last_name != "Person"]
        assert found == [ada], str(where)[:100]


def test_a_transaction_of_a_host_sees_its_own_leads(pg_dsn, tmp_path, clock) -> None:
    for url in (pg_dsn, f"sqlite:///{tmp_path}/hosted.db"):
        kept = SqlStorage(url).migrate()
        acme_flow(kept, clock).capture(ADA, source="web")
        with kept.engine.connect() as connection, connection.begin() as transaction:
            hosted = acme_flow(SqlStorage(connection), clock)
            hosted.capture(person(1), source="web")
            assert hosted.count(field("text").matches("acme1")) == 1
            assert len(hosted.find(field("company.employees") != 7)) == 1
            transaction.rollback()
        assert acme_flow(kept, clock).count() == 1
        kept.close()


# ------------------------------------------------------------------------------------------------------------- refused
@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (activity("kind") == "page_viewed", "score those"),
        (field("stage").is_known() & ~activity("happened_at").within(days=7), "score those"),
        (field("account.score") > 5, "all leads of the account"),
        (field("company.name").matches("acme"), r'words are searched only in field\("text"\)'),
        (field("text").contains("ada"), r'words are searched only in field\("text"\)'),
        (field("company.emploes") > 5, "did you mean company.employees"),
        (field("stage") == "a\0b", "NUL"),
        (field("note").like("*\0"), "NUL"),
        (field("note").like("*?" * 5_001), "at most 10,000 characters"),
    ],
)
def test_what_leads_can_not_be_found_by_is_refused_by_name(flow, condition, message) -> None:
    for asked in (flow.find, flow.first, flow.count):
        with pytest.raises(DefinitionError, match=message):
            asked(condition)


def test_orders_limits_and_fields_to_count_by_are_refused_with_a_remedy(flow) -> None:
    for order in ("score", "-", "", "note", None, 7, "created_at desc", "--created_at"):
        with pytest.raises(InvalidInput, match=r"order.*score\.total"):
            flow.find(order=order)
    for limit in (0, -1, 1_001, True, "5", None, 2.0):
        with pytest.raises(InvalidInput, match="give 1 to 1,000"):
            flow.find(limit=limit)
    for by in (7, "emails.domain", "created_at", "company.employees", "score", "custom"):
        with pytest.raises(InvalidInput, match="such as stage, owner"):
            flow.count(by=by)
    with pytest.raises(DefinitionError, match="no such field"):
        flow.count(by="stages")


def test_a_storage_that_can_not_find_says_so(clock) -> None:
    import sqlite_storage

    flow = acme_flow(sqlite_storage.SqliteStorage(":memory:"), clock)
    for asked in (flow.find, flow.first, flow.count):
        with pytest.raises(StorageError, match=r"ports\.Searchable"):
            asked()


# ------------------------------------------------------------------------------------------------------------- cursors
VALUES = st.one_of(
    st.none(),
    st.text().filter(lambda one: "\0" not in one),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
)


PART = st.one_of(st.none(), st.text(), st.integers(), st.booleans(), st.lists(st.none()))
PARTS = st.lists(PART, max_size=5).map(lambda parts: json.dumps(parts).encode())


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


@given(VALUES, st.text(), st.datetimes(timezones=st.just(CREATED.tzinfo)), st.text())
def test_a_cursor_goes_to_text_and_back(value, id, now, search) -> None:
    cursor = Cursor(Position(value, id), now, search)
    back = Cursor.read(str(cursor))
    assert back == cursor
    assert type(back.place.value) is type(value)
    assert str(cursor).isascii()


@settings(max_examples=300)
@given(st.one_of(st.text(), st.none(), st.integers(), st.one_of(st.binary(max_size=60), PARTS).map(encoded)))
def test_what_is_no_cursor_is_refused(text) -> None:
    with pytest.raises(InvalidInput, match="give the `next` of a page"):
        Cursor.read(text)


def test_a_cursor_of_another_search_is_refused(flow, clock) -> None:
    captured(flow, clock, 3)
    after = flow.find(limit=1).next
    for other in ({"order": "created_at"}, {"order": "id"}, {"where": field("stage") == "lead"}):
        with pytest.raises(InvalidInput, match="a different search"):
            flow.find(limit=1, after=after, **other)
    _, id, now, search = json.loads(urlsafe_b64decode(after))
    for wrong in ("x", 1.5, None):
        forged = urlsafe_b64encode(json.dumps([wrong, id, now, search], separators=(",", ":")).encode()).decode()
        with pytest.raises(InvalidInput, match="a different search"):
            flow.find(limit=1, after=forged)
    # one that is made up is a place like any other
    forged = str(Cursor(Position(0, "'; DROP TABLE leadflow_leads"), CREATED, search))
    assert list(flow.find(limit=1, after=forged)) == []
    assert flow.count() == 3


def test_a_search_is_a_value() -> None:
    search = LeadSearch.of(field("stage") == "mql", Order.read("-score.total"), 5, CREATED)
    assert search == LeadSearch(field("stage") == "mql", Order("score.total", True), 5, CREATED)
    assert str(Order.read("-score.total")) == "-score.total"
