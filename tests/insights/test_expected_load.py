"""Shares of a lead by route: weights, queues, owners; who is at lunch is not left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.conditions import field
from leadflow.insights import by_route
from leadflow.routing import Gate, Rep, Router, Territory, least_loaded, route
from leadflow.testing import NOW, a_lead
from leadflow.worktime import BusinessHours

NEVER = BusinessHours(zone="UTC", week={"sun": "08:00-09:00"})
DACH = Territory(
    "DACH",
    field("address.country").is_in("DE", "AT"),
    reps=[Rep("anna", weight=2, hours=NEVER), Rep("ben", daily_cap=0), Rep("gone", active=False)],
    policy=least_loaded,
)
ROUTER = Router(
    [DACH, Territory("nobody's", field("address.country") == "FR", queue="paris")],
    gates=[Gate(field("email.kind") != "disposable", because="real people", queue="nurturing")],
)


@pytest.mark.parametrize(("lead", "shares"), [
    (a_lead(address={"country": "DE"}, email="a@b.example"), {"queue review": 1}),
    (a_lead(address={"country": "DE"}, emails=[{"address": "a@b.example", "kind": "business"}]),
     {"anna": 2 / 3, "ben": 1 / 3}),
    (a_lead(address={"country": "DE"}, emails=[{"address": "a@b.example", "kind": "disposable"}]),
     {"queue nurturing": 1}),
    (a_lead(address={"country": "FR"}, emails=[{"address": "a@b.example", "kind": "business"}]), {"queue paris": 1}),
    (a_lead(address={"country": "US"}, emails=[{"address": "a@b.example", "kind": "business"}]),
     {"queue unrouted": 1}),
    (a_lead(address={"country": "US"}, owner="ben"), {"ben": 1}),
])  # fmt: skip
def test_a_lead_is_shared_out_by_the_weights_of_its_territory(lead, shares) -> None:
    assert by_route(ROUTER, NOW)(lead) == pytest.approx(shares)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 60))
def test_the_shares_are_what_the_rotation_comes_to(weights: list[int], count: int) -> None:
    reps = [Rep(f"rep-{place}", weight=weight) for place, weight in enumerate(weights)]
    router = Router([Territory("all", field("id").is_known(), reps=reps)])
    shares = by_route(router, NOW)(a_lead())
    ledgers, got = {}, dict.fromkeys(shares, 0)
    for number in range(count):
        routed = route(a_lead(id=f"lead-{number}"), router, ledgers, NOW)
        ledgers |= {one.rep: one for one in routed.ledgers}
        got[routed.route.owner or ""] += 1
    assert all(abs(got[rep] - share * count) < 1 for rep, share in shares.items())
