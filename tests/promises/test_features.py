"""Candidates are compared by stored features; where they are missing, or of another algorithm, the lead itself is."""

from __future__ import annotations

import json

import pytest

from acme import ADA, Clock
from leadflow import LeadFlow, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.events import Change, LeadWrite
from leadflow.quality import features_of, stored_features

TWIN = {
    "email": "ada.lovelace@gmail.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company": "ACME gmbh",
}


def keep(storage, lead_id: str, features: str) -> None:
    lead = storage.load([lead_id])[lead_id]
    storage.save(Change(leads=(LeadWrite(id=lead_id, read_version=lead.version, lead=lead, features=features),)))


def of_another_algorithm(text: str) -> str:
    return json.dumps([0, *json.loads(text)[1:]])


def test_features_follow_the_lead(storage, flow):
    ada = flow.capture(ADA, source="fair").lead_id
    assert stored_features(storage.features([ada])[ada]) == features_of(flow.get(ada))
    flow.correct(ada, {"last_name": "Byron"}, by="anna")
    flow.record(ada, "demo_requested")
    assert stored_features(storage.features([ada])[ada]) == features_of(flow.get(ada))
    flow.erase(ada, by="anna")
    assert storage.features([ada]) == {}


def test_a_visitor_has_none_until_it_is_known_who_it_is(storage, flow):
    seen = flow.visit("cookie", "page_viewed").lead_id
    flow.correct(seen, {"first_name": "Ada", "last_name": "Lovelace", "company": "Acme"}, by="anna")
    assert storage.features([seen]) == {}
    assert flow.capture(TWIN, source="fair").outcome == "captured"
    assert flow.identify("cookie", {"email": "ada@acme.example"}, source="web").lead_id == seen
    assert stored_features(storage.features([seen])[seen]) == features_of(flow.get(seen))


@pytest.mark.parametrize("damage", [lambda _: "", of_another_algorithm, lambda text: text[:-9], lambda _: "[1]"])
def test_without_usable_features_the_lead_itself_is_compared(storage, flow, damage):
    ada = flow.capture(ADA, source="fair").lead_id
    usable = storage.features([ada])[ada]
    keep(storage, ada, damage(usable))
    twin = flow.capture(TWIN, source="newsletter")
    assert (twin.outcome, [one.lead_id for one in flow.get(twin.lead_id).twins]) == ("unsure", [ada])
    assert flow.refresh_features() == 1
    assert storage.features([ada]) == {ada: usable}
    assert flow.refresh_features() == 0


def test_candidates_are_compared_without_reading_them(flow, monkeypatch):
    if not isinstance(flow.storage, MemoryStorage):
        pytest.skip("what is read is the same on every storage")
    for n in range(5):
        flow.capture(ADA | {"email": f"ada{n}@acme.example", "phone": f"030 90182{n}"}, source="fair")
    loaded: list[str] = []
    load = flow.storage.load

    def watched(ids):
        loaded.extend(ids)
        return load(ids)

    monkeypatch.setattr(flow.storage, "load", watched)
    assert flow.capture(TWIN, source="newsletter").outcome == "unsure"
    assert loaded == []


def test_refreshing_is_resumed_where_it_was_interrupted(storage, flow, monkeypatch):
    monkeypatch.setattr("leadflow.flow.feature_refresh.AT_ONCE", 2)
    ids = [flow.capture({"email": f"p{n}@p{n}.example"}, source="fair").lead_id for n in range(5)]
    for lead_id in ids:
        keep(storage, lead_id, "")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        flow.refresh_features(watch=interrupt)
    assert len(storage.features(ids)) == 2
    assert flow.refresh_features() == 3
    assert len(storage.features(ids)) == 5


def test_a_common_key_never_crowds_out_an_exact_one(flow):
    for n in range(30):
        common = {"first_name": f"A{'abcdefghijklmnopqrstuvwxyzäöüß'[n]}", "last_name": "Lindner", "postcode": "88400"}
        flow.capture(common | {"email": f"a{n}@family{n}.example", "street": f"Weg {n}"}, source="fair")
    exact = {"first_name": "Anton", "last_name": "Lindner", "phone": "0171 1234567", "postcode": "88400"}
    anton = flow.capture(exact | {"email": "anton@one.example"}, source="fair").lead_id
    again = flow.capture(exact | {"email": "anton.lindner@two.example"}, source="fair")
    assert flow.get(again.lead_id).twins[0].lead_id == anton


def of_two_labels(host: str) -> str:
    """The registered domain by an older list, which knows no shared endings of two labels."""
    return ".".join(host.split(".")[-2:])


def test_who_is_missing_among_many_of_an_account_is_found_too(every_storage, monkeypatch):
    monkeypatch.setattr("leadflow.decisions.feature_refresh.LOOKED_AT", 2)
    flow = LeadFlow(every_storage, clock=Clock())
    with monkeypatch.context() as older:
        older.setattr("leadflow.entities.placement.registrable_domain", of_two_labels)
        missing = flow.capture({"email": "a@mail.acme.tokyo.jp"}, source="fair").lead_id
    for n in range(3):
        flow.capture({"email": f"b{n}@acme.tokyo.jp"}, source="fair")
    assert [(one.kind, one.examples) for one in flow.doctor()] == [("account", (missing,))]
    assert (flow.refresh_features(), flow.doctor()) == (1, ())


def test_who_was_put_into_what_has_become_a_shared_ending_is_named(every_storage, monkeypatch):
    flow = LeadFlow(every_storage, clock=Clock())
    gus, ada = (flow.capture({"email": f"{one}@gmail.com"}, source="fair").lead_id for one in ("gus", "ada"))
    flow.set_account(ada, "acme.example", by="anna")
    with monkeypatch.context() as older:
        older.setattr("leadflow.decisions.commands.accounts.registrable_domain", of_two_labels)
        older.setattr("leadflow.decisions.commands.accounts.is_own_domain", bool)
        flow.set_account(gus, "tokyo.jp", by="anna")
    assert [(one.kind, one.what, one.examples) for one in flow.doctor()] == [("placement", "tokyo.jp", (gus,))]
    flow.set_account(gus, "acme.tokyo.jp", by="anna")
    assert flow.doctor() == ()


def test_leads_of_an_older_version_are_stored_under_their_present_account(every_storage, monkeypatch):
    flow = LeadFlow(every_storage, clock=Clock())
    monkeypatch.setattr("leadflow.entities.placement.registrable_domain", of_two_labels)
    monkeypatch.setattr("leadflow.decisions.draft.company_index", lambda _: frozenset())
    ada, eva, tom = (
        flow.capture({"email": f"a@{domain}", "company": "Acme"}, source="fair").lead_id
        for domain in ("mail.acme.tokyo.jp", "beta.tokyo.jp", "acme.example")
    )
    seen = flow.visit("cookie", "page_viewed").lead_id
    flow.correct(seen, {"website": "www.acme.tokyo.jp"}, by="anna")
    assert flow.count(field("account") == "tokyo.jp") == 3
    monkeypatch.undo()

    (misfit,) = flow.doctor()
    assert (misfit.kind, misfit.number, misfit.examples) == ("account", 4, tuple(sorted([ada, eva, tom, seen])))
    assert flow.count(field("account") == "acme.tokyo.jp") == 0 or isinstance(every_storage, MemoryStorage)
    before = flow.storage.load([ada, eva, tom, seen])
    assert flow.refresh_features() == 4
    assert (flow.doctor(), flow.refresh_features()) == ((), 0)
    assert {one.id for one in flow.account("acme.tokyo.jp").leads} == {ada, seen}
    assert [lead.id for lead in flow.find(field("account") == "acme.tokyo.jp", order="id")] == sorted([ada, seen])
    assert flow.count(field("account") == "tokyo.jp") == 0
    assert flow.storage.load([ada, eva, tom, seen]) == before
    assert flow.storage.features([seen]) == {}
