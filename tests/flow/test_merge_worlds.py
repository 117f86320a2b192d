"""Two worlds: in one five leads are merged and told apart in any order, in the other never.

Everything else happens in both. When the last merge is taken back, both worlds hold the same leads. Which lead an event
belongs to is known here by who did it; the documentation says what a merge does beyond that: a withdrawal counts for
all who are one lead at the time, a correction for the survivor, and an erasure erases all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from acme import Clock, acme_flow, consistent
from leadflow import Actor, Consent, LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage

EVA = Actor(kind="marketing", id="eva")
PEOPLE: Final = 5
MOMENTS = {"id", "version", "recorded_at", "acted_in"}
TORTURE = bool(os.environ.get("LEADFLOW_TORTURE"))


class Worlds:
    """The world with merges and the one without; ``into`` says who was merged into whom."""

    def __init__(self, *storages: Any) -> None:
        self.clock = Clock()
        rules: dict[str, Any] = {"qualification": None, "router": None, "sequences": (), "service_levels": ()}
        self.flows: list[LeadFlow] = [acme_flow(one, self.clock, **rules) for one in storages]
        self.ids = [
            [
                flow.capture(of_one(n) | at_first(n), source=f"s{n}", visitor=f"v{n}", verified=True).lead_id
                for n in range(PEOPLE)
            ]
            for flow in self.flows
        ]
        self.into: dict[int, int] = {}
        self.gone: set[int] = set()
        self.steps = 0

    def root(self, n: int) -> int:
        while n in self.into:
            n = self.into[n]
        return n

    def one_lead(self, n: int) -> list[int]:
        """All who are one lead with somebody, the survivor first."""
        return [self.root(n), *(one for one in range(PEOPLE) if one in self.into and self.root(one) == self.root(n))]

    def both(self, n: int, act: Callable[[LeadFlow, str], object], apart: list[int] | None = None) -> None:
        """Let something happen in both worlds; in the one without merges to each of ``apart``, by default to n."""
        act(self.flows[0], self.ids[0][n])
        for one in [n] if apart is None else apart:
            act(self.flows[1], self.ids[1][one])

    def step(self, name: str, n: int, m: int) -> None:
        self.clock.advance(hours=7)
        self.steps += 1
        if n not in self.gone:
            STEPS[name](self, n, m)

    # ------------------------------------------------------------------------------------------------ what happens
    def capture(self, n: int, m: int) -> None:
        values = {
            "city": f"C{m}",
            "interests": f"i{m}",
            "job_title": "CTO",
            "phone": f"+49 30 9018{n}{m}",
            "note": f"n{n}",
            "company": f"A{m} GmbH",
            "industry": f"b{m}",
            "street": f"Weg {m}",
            "last_name": f"N{m}",
            "department": f"d{m}",
        }
        some = {name: value for at, (name, value) in enumerate(values.items()) if (m + n + self.steps) % (at + 2)}
        yes = Consent(purpose=f"p{m}", channel="email", status="given", at=self.clock(), proof="form")
        more: dict[str, Any] = {
            "verified": m == 0,
            "consents": [yes] if m > 2 else [],
            "visitor": f"w{n}{m}" if m == 1 else None,
        }
        self.both(n, lambda flow, _: flow.capture(of_one(n) | some, source=f"x{m}", **more))

    def correct(self, n: int, m: int) -> None:
        values = {"last_name": f"L{self.steps}"} if m % 2 else {"note": f"N{self.steps}"}
        self.both(n, lambda flow, own: flow.correct(own, values, by="anna"), [self.root(n)])

    def record(self, n: int, m: int) -> None:
        kind = "demo_requested" if m % 2 else "page_viewed"
        self.both(n, lambda flow, own: flow.record(own, kind, id=f"{n} did {self.steps}"))

    def visit(self, n: int, m: int) -> None:
        self.both(n, lambda flow, _: flow.visit(f"v{n}" if m else f"w{n}1", "page_viewed", id=f"{n} saw {self.steps}"))

    def consent(self, n: int, m: int) -> None:
        self.both(
            n,
            lambda flow, own: flow.consent(
                own, f"p{m % 2}", "email", proof="p", address=of_one(n)["email"] if m else None
            ),
        )

    def withdraw(self, n: int, m: int) -> None:
        def act(flow: LeadFlow, id: str) -> None:
            flow.consent(id, f"p{m % 2}", "email", status="withdrawn", proof="p")

        self.both(n, act, self.one_lead(n))

    def retract(self, n: int, _: int) -> None:
        def act(flow: LeadFlow, id: str) -> None:
            done = sorted(one.id for one in flow.storage.activities(id) if one.id.startswith(f"{n} did"))
            if done:
                flow.retract(id, done[0], by=EVA, reason="bot")

        if not self.into:
            self.both(n, act)

    def adjust(self, n: int, _: int) -> None:
        self.both(
            n, lambda flow, own: flow.adjust(own, 5, reason="r", by="anna", id=f"adj {self.steps}"), [self.root(n)]
        )

    def enrich(self, n: int, m: int) -> None:
        values = {"person.department": f"D{self.steps}", "company.employees": self.steps, "need": f"need {m}"}
        self.both(n, lambda flow, own: flow.enrich(own, values, source=f"register {m % 2}", by=EVA))

    def withdraw_source(self, n: int, m: int) -> None:
        def act(flow: LeadFlow, id: str) -> None:
            flow.withdraw_enrichment(id, f"register {m % 2}", by=EVA)

        self.both(n, act, self.one_lead(n))

    def merge(self, n: int, m: int) -> None:
        n, m = self.root(n), self.root(m)
        if n != m and m not in self.gone:
            self.flows[0].merge(self.ids[0][n], self.ids[0][m], by=EVA)
            self.into[m] = n

    def unmerge(self, n: int, _: int) -> None:
        """Take back the merge of somebody who went into a survivor."""
        if n in self.into and self.into[n] not in self.into:
            assert (
                self.flows[0].unmerge(self.ids[0][self.into[n]], self.ids[0][n], by=EVA).restored_id == self.ids[0][n]
            )
            del self.into[n]

    def erase(self, n: int, m: int) -> None:
        if m == n:
            them = self.one_lead(n)
            self.both(n, lambda flow, own: flow.erase(own, by="dpo"), them)
            self.gone |= {*them}
            self.into = {one: to for one, to in self.into.items() if one not in self.gone}
            left = [self.ids[0][one] for one in range(PEOPLE) if one not in self.gone]
            stored = self.flows[0].storage
            written = repr([[stored.facts(one), stored.activities(one), *self.flows[0].export(one)] for one in left])
            assert not [one for one in them if f"firm{one}.example" in written]

    # ------------------------------------------------------------------------------------------------- what is known
    def known(self, world: int) -> dict[int, dict[str, Any]]:
        flow = self.flows[world]
        return {n: _known(flow, self.ids[world][n]) for n in range(PEOPLE) if n not in self.gone}


def of_one(n: int) -> dict[str, str]:
    return {"email": f"p{n}@firm{n}.example"}


def at_first(n: int) -> dict[str, str]:
    """What is never mixed: two merged are blank where only the one has a value that the whole was not taken from."""
    odd = {"industry": f"b{n}", "street": f"Weg {n}", "department": f"d{n}"}
    even = {"company": f"E{n} AG", "employees": "40", "postcode": f"8907{n}", "country": "DE", "job_title": "Buyer"}
    return {"first_name": f"F{n}", "city": f"C{n}"} | (odd if n % 2 else even)


def _known(flow: LeadFlow, lead_id: str) -> dict[str, Any]:
    lead = flow.get(lead_id)
    assert lead.id == lead_id
    values = {name: value for name, value in dict(lead).items() if name not in MOMENTS}
    unordered = {
        name: sorted(map(repr, values[name]))
        for name in ("visitors", "consents", "phones", "adjustments", "findings", "enrichments")
    }
    live = {
        one.id
        for whose in (lead_id, *lead.absorbed)
        for one in flow.storage.activities(whose)
        if one.retracted_at is None
    }
    return values | unordered | {"score": lead.score.but(at=None), "absorbed": len(lead.absorbed), "live": live}


STEPS: Final[dict[str, Callable[[Worlds, int, int], None]]] = {
    name: getattr(Worlds, name)
    for name in (
        "capture correct record visit consent withdraw retract adjust enrich withdraw_source merge unmerge erase"
    ).split()
}
people = st.integers(0, PEOPLE - 1)
anything = st.sampled_from([*STEPS, "merge", "merge", "merge", "unmerge", "unmerge", "capture", "capture"])
histories = st.lists(st.tuples(anything, people, people), max_size=24)
orders = st.permutations(range(PEOPLE))


def same_in_the_end(worlds: Worlds, steps: list[tuple[str, int, int]], back: list[int]) -> None:
    for step in steps:
        worlds.step(*step)
    consistent(worlds.flows[0])
    while worlds.into:
        for n in back:
            worlds.unmerge(n, 0)
    for flow in worlds.flows:
        flow.rescore(stale_only=False)
        consistent(flow)
    with_merges, without = worlds.known(0), worlds.known(1)
    for n, lead in without.items():
        different = {
            name: (with_merges[n][name], value) for name, value in lead.items() if with_merges[n][name] != value
        }
        assert not different, f"{n}: {different}"


@settings(max_examples=5_000 if TORTURE else 15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, orders)
@example([("merge", 0, 1), ("capture", 1, 2)], [*range(PEOPLE)])  # blank together, known of the absorbed lead
@example([("merge", 0, 1), ("enrich", 1, 2), ("enrich", 0, 3), ("withdraw_source", 0, 3)], [*range(PEOPLE)])
@example([("enrich", 1, 3), ("merge", 0, 1), ("enrich", 0, 3), ("withdraw_source", 0, 3)], [*range(PEOPLE)])
@example([("merge", 2, 0), ("record", 0, 0), ("unmerge", 0, 0), ("merge", 0, 2)], [*range(PEOPLE)])
@example([("merge", 1, 0), ("merge", 2, 1), ("capture", 0, 4), ("capture", 1, 3)], [*range(PEOPLE)])
def test_when_all_merges_are_taken_back_it_is_as_if_they_had_never_been(steps, back) -> None:
    same_in_the_end(Worlds(MemoryStorage(), MemoryStorage()), steps, back)


@pytest.mark.slow
@settings(
    max_examples=200 if TORTURE else 3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(histories, orders)
def test_in_a_database_it_is_the_same(url, database, steps, back) -> None:
    """Each example is a tenant of its own."""
    storage = SqlStorage(url, tenant=uuid4().hex)
    try:
        same_in_the_end(Worlds(storage, MemoryStorage()), steps, back)
    finally:
        storage.close()
