"""Leads and reps: turns, gifts, returns, queues, and the exact share beside them."""

from __future__ import annotations

from fractions import Fraction

from acme import ADA, Clock, acme_flow
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities import Candidate
from leadflow.events import OwnerReleased
from leadflow.insights import Owner, journeys, owners
from story import ANNA, Story


def test_counts_by_hand() -> None:
    both = (Candidate(rep="anna", eligible=True), Candidate(rep="eve", eligible=False))
    stories = [
        Story("a").through("lead", "mql").routed(3, "anna", candidates=both).to(4, "sal", "accept", ANNA),
        Story("b").through("lead", "mql").routed(3, "ben"),
        Story("c").through("lead", "mql").routed(3, None, turn=0, queue="unrouted"),
        Story("d").through("lead", "mql").routed(3, None, turn=0, queue="q").routed(4, "anna", turn=0),  # taken
    ]
    given_back = Story("e").through("lead", "mql").routed(3, "anna").to(4, "lead", "reject", ANNA, round_ended=True)
    given_back.at(4, OwnerReleased, owner="anna").to(9, "mql").routed(9, "anna", turn=3)
    owned = [None, "ben", None, "anna"]
    some = [story.journey(owner=owner) for story, owner in zip(stories, ["anna", *owned[1:]], strict=True)]
    some[2] = stories[2].journey(queue="unrouted")
    some.append(given_back.journey(owner="anna"))
    found = owners(some)
    assert found.reps == (
        Owner("anna", received=4, rotation=3, accepted=1, given_back=1, open=3),
        Owner("ben", received=1, rotation=1, open=1),
        Owner("eve"),
    )
    assert (found.queues, found.queued) == ({"unrouted": 1}, 2)


def test_staying_with_the_owner_is_no_new_lead_and_a_customer_is_nobodys_open_one() -> None:
    story = Story().through("lead", "mql").routed(3, "anna").routed(4, "anna").through("customer")
    assert owners([story.journey(owner="anna")]).reps == (Owner("anna", received=1, rotation=1),)


def test_the_exact_share_comes_from_the_ledgers() -> None:
    flow = acme_flow(MemoryStorage(), Clock())
    for number in range(7):
        captured = flow.capture(ADA | {"email": f"a{number}@firm{number}.example"}, source="fair")
        flow.record(captured.lead_id, "demo_requested", id=str(number))
    anna, ben = owners(journeys(flow.storage), flow.storage).reps
    assert (anna.entitled, ben.entitled) == (Fraction(14, 3), Fraction(7, 3))  # 2 : 1 of seven
    assert anna.received == anna.assigned and ben.received == ben.assigned and anna.received + ben.received == 7
    assert abs(anna.received - Fraction(14, 3)) < 1
