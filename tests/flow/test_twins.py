"""Pairs of leads that wait for a person, and what the person decides, on every storage."""

from __future__ import annotations

import pytest

from acme import ADA, acme_flow, consistent
from leadflow import Actor, ExternalId, field
from leadflow.errors import InvalidInput, NotFound, Refused

EVA = Actor(kind="marketing", id="eva")
TWIN = ADA | {"email": "ada.lovelace@web.example"}


@pytest.fixture
def flow(every_storage, clock):
    return acme_flow(every_storage, clock)


def pair(flow) -> tuple[str, str]:
    """Two leads of which the second is unsure."""
    ada = flow.capture(ADA, source="fair").lead_id
    twin = flow.capture(TWIN, source="web")
    assert twin.outcome == "unsure"
    return ada, twin.lead_id


def ids(page) -> list[set[str]]:
    return [{one.one.id, one.other.id} for one in page]


def test_a_pair_waits_with_both_sides_its_likeness_and_since_when(flow, clock) -> None:
    ada, twin = pair(flow)
    (found,) = flow.twins()
    assert {found.one.id, found.other.id} == {ada, twin}
    assert 0.5 < found.likeness <= 1
    assert found.evidence
    assert found.since == clock()
    assert ids(flow.twins(field("emails.address").contains("ada.lovelace@web.example"))) == [{ada, twin}]
    assert ids(flow.twins(field("stage") == "customer")) == []


def test_who_is_not_the_same_is_never_suggested_again(flow) -> None:
    ada, twin = pair(flow)
    decided = flow.not_same(twin, ada, by=EVA)
    assert (decided.lead_id, decided.other_id, decided.repeated) == (twin, ada, False)
    assert flow.not_same(ada, twin, by=EVA).repeated
    assert list(flow.twins()) == []
    flow.capture(TWIN | {"email": "ada@acme.example"}, source="web", verified=True)
    assert list(flow.twins()) == []
    for lead_id, other in ((ada, twin), (twin, ada)):
        assert flow.get(lead_id).not_same == (other,)
        assert other in flow.explain(lead_id).text()
        assert f"{other} ist jemand anders, sagt Marketing eva" in flow.explain(lead_id).text("de")
    consistent(flow)


def test_pages_show_each_pair_once(flow) -> None:
    pair(flow)
    for number in range(4):
        flow.capture(TWIN | {"email": f"ada{number}@web.example"}, source="web")
    every = ids(flow.twins(limit=1_000))
    paged, after = [], None
    while True:
        page = flow.twins(limit=3, after=after)
        paged += ids(page)
        if (after := page.next) is None:
            break
    assert paged == every
    with pytest.raises(InvalidInput, match="give the next of a page of pairs"):
        flow.twins(after="junk")
    assert len({frozenset(one) for one in every}) == len(every) >= 5


def test_who_is_erased_waits_for_nobody(flow) -> None:
    ada, _twin = pair(flow)
    flow.erase(ada, by="dpo")
    assert list(flow.twins()) == []


def held(flow) -> tuple[str, str]:
    """Two leads, and a submission with the address of one and the CRM id of the other."""
    ada = flow.capture(ADA, source="fair").lead_id
    ben = flow.capture({"email": "ben@b.example"}, source="crm", external_id=ExternalId(system="crm", id="7")).lead_id
    both = flow.capture(ADA | {"phone": "+49 30 901820"}, source="web", external_id=ExternalId(system="crm", id="7"))
    assert both.outcome == "unsure"
    return ada, ben


@pytest.mark.parametrize("to", [0, 1, None])
def test_a_held_submission_goes_where_a_person_says(flow, to) -> None:
    two = held(flow)
    (found,) = flow.twins()
    (submission,) = found.held
    given = flow.give_held(submission, to=None if to is None else two[to], by=EVA)
    assert (given.lead_id in two) is (to is not None)
    phones = {lead_id: [one.number for one in flow.get(lead_id).phones] for lead_id in (*two, given.lead_id)}
    assert {lead_id for lead_id, some in phones.items() if "+4930901820" in some} == {given.lead_id}
    assert flow.held(two[0]) == flow.held(two[1]) == []
    with pytest.raises(NotFound):
        flow.give_held(submission, to=two[0], by=EVA)
    assert flow.by_email("ada@acme.example").id == two[0]
    assert flow.by_external_id("crm", "7").id == two[1]
    consistent(flow)


def test_what_cannot_be_decided_is_refused(flow) -> None:
    ada, _ben = held(flow)
    (found,) = flow.twins()
    other = flow.capture({"email": "x@y.example"}, source="web").lead_id
    with pytest.raises(InvalidInput, match="or None for a new lead"):
        flow.give_held(found.held[0], to=other, by=EVA)
    with pytest.raises(NotFound):
        flow.give_held("submission:x", to=ada, by=EVA)
    with pytest.raises(Refused, match="are one lead"):
        flow.not_same(ada, ada, by=EVA)
    with pytest.raises(NotFound):
        flow.not_same(ada, "nobody", by=EVA)
