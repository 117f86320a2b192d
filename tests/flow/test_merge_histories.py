"""Merges, and taking them back, in any order with everything else that happens to leads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from acme import Clock, Outbox, acme_flow, consistent
from leadflow import Actor, Lead, LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.decisions.merge_choices import Survivorship
from leadflow.errors import LeadflowError, Refused

EVA = Actor(kind="marketing", id="eva")
EMAILS = [
    f"p{n}@{domain}"
    for n, domain in enumerate(["acme.example", "gmail.com", "third.example", "fourth.example", "fifth.example"])
]
MOMENTS = {"version", "recorded_at", "acted_in"}
STAGES = ["mql", "sql", "customer", "sal", "disqualified"]


class Story:
    """Five leads that live through anything; ``n`` and ``m`` are places among them, and choose values."""

    def __init__(self) -> None:
        self.clock, self.outbox = Clock(), Outbox()
        self.flow: LeadFlow = acme_flow(MemoryStorage(), self.clock, self.outbox)
        self.ids = [
            self.flow.capture({"email": one, "first_name": f"F{n}"}, source=f"s{n}", visitor=f"v{n}").lead_id
            for n, one in enumerate(EMAILS)
        ]

    def step(self, name: str, n: int, m: int) -> None:
        self.clock.advance(hours=7)
        with suppress(LeadflowError):
            STEPS[name](self, n, m)

    def capture(self, n: int, m: int) -> None:
        values = {"email": EMAILS[n], "city": f"C{m}", "interests": f"i{m}", "job_title": "CTO"}
        self.flow.capture(values, source="web", verified=m == 0)

    def consent(self, n: int, m: int, status: Any = "given") -> None:
        address = EMAILS[n] if m else None
        self.flow.consent(self.ids[n], "newsletter", "email", status=status, proof="p", address=address)

    def tick(self, *_: int) -> None:
        self.clock.advance(days=2)
        self.flow.run_due()

    def known(self) -> dict[str, Any]:
        """All of the leads but version and moments."""
        return {one: _known(self.flow.get(one)) for one in self.ids}


def _known(lead: Lead) -> dict[str, Any]:
    values = dict(lead.but(score=lead.score.but(at=None)))
    return {name: value for name, value in values.items() if name not in MOMENTS}


STEPS: Final[dict[str, Callable[[Story, int, int], Any]]] = {
    "capture": Story.capture,
    "correct": lambda s, n, m: s.flow.correct(s.ids[n], {"last_name": f"L{m}", "note": f"N{n}"}, by="anna"),
    "relist": lambda s, n, m: s.flow.correct(s.ids[n], {"interests": [f"i{m}"]}, by="anna"),
    "record": lambda s, n, m: s.flow.record(s.ids[n], "demo_requested" if m else "page_viewed"),
    "visit": lambda s, n, m: s.flow.visit(f"v{n}", "page_viewed", id=f"seen {n}{m}"),
    "consent": Story.consent,
    "withdraw": lambda s, n, m: s.consent(n, m, "withdrawn"),
    "adjust": lambda s, n, m: s.flow.adjust(s.ids[n], 5, reason="r", by="anna", id=f"adj{m}"),
    "assign": lambda s, n, m: s.flow.assign(s.ids[n], "ben", by="anna", reason="r"),
    "move": lambda s, n, m: s.flow.fast_track(s.ids[n], by="anna", to=STAGES[m], reason="r"),
    "deal": lambda s, n, m: s.flow.open_deal(s.ids[n], f"d{m}", by="anna", amount="5"),
    "not_same": lambda s, n, m: s.flow.not_same(s.ids[n], s.ids[m], by=EVA) if n + m == 5 else None,
    "tick": Story.tick,
    "merge": lambda s, n, m: s.flow.merge(s.ids[n], s.ids[m], by=EVA),
    "unmerge": lambda s, n, m: s.flow.unmerge(s.flow.get(s.ids[n]).id, s.ids[m], by=EVA),
    "erase": lambda s, n, m: s.flow.erase(s.ids[n], by="dpo") if m == n else None,
}  # fmt: skip
places = st.integers(0, 4)
orders = st.permutations(range(5))
anything = st.sampled_from([*STEPS, "merge", "merge", "unmerge", "unmerge"])
before_merges = st.sampled_from([one for one in STEPS if one not in ("merge", "unmerge", "erase")])


@settings(max_examples=25)
@given(st.lists(st.tuples(anything, places, places), max_size=16))
def test_every_lead_is_what_its_facts_say_and_no_mail_is_sent_twice(steps) -> None:
    story = Story()
    for step in steps:
        story.step(*step)
        consistent(story.flow)
    sent = [(one.to, one.subject) for one in story.outbox.sent]
    assert len(sent) == len(set(sent))


@settings(max_examples=25)
@given(st.lists(st.tuples(before_merges, places, places), max_size=10), orders, orders)
def test_merges_that_are_taken_back_leave_no_trace(steps, way, back) -> None:
    story = Story()
    for step in steps:
        story.step(*step)
    story.flow.rescore(stale_only=False)  # a score is as of its moment: points fade
    before, survivor, merged = story.known(), story.ids[way[0]], []
    for n in way[1:]:
        with suppress(Refused):
            story.flow.merge(survivor, story.ids[n], by=EVA, survivorship=Survivorship("newest"))
            merged.append(n)
    consistent(story.flow)
    for n in sorted(merged, key=back.index):
        story.flow.unmerge(survivor, story.ids[n], by=EVA)
        consistent(story.flow)
    assert story.known() == before
