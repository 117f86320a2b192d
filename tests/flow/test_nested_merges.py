"""Merges within merges: what came meanwhile is shared out at each undoing, and is erased with its person."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from acme import Clock, acme_flow, consistent
from leadflow import Actor, Consent
from leadflow.adapters.memory import MemoryStorage

EVA = Actor(kind="marketing", id="eva")
NAMES = ("anna", "bert", "cleo", "dora")


@pytest.fixture
def flow(storage, clock):
    return acme_flow(storage, clock)


@pytest.fixture
def flow_anywhere(every_storage, clock):
    return acme_flow(every_storage, clock)


def four(flow) -> list[str]:
    return [flow.capture(of_one(name), source=f"{name} fair", visitor=f"{name} v").lead_id for name in NAMES]


def of_one(name: str) -> dict[str, str]:
    return {"email": f"{name}7x@{name}.example", "first_name": f"{name}7x"}


def speak(flow, ids, clock) -> None:
    """All of them say something, each with a word of their own."""
    for name, lead_id in zip(NAMES, ids, strict=True):
        yes = Consent(purpose=f"{name} news", channel="email", status="given", at=clock(), proof=f"{name} form")
        typed = of_one(name) | {"interests": f"{name}7x pumps", "phone": f"+49 30 90182{len(name)}{NAMES.index(name)}"}
        flow.capture(typed, source=f"{name}7x web", consents=[yes])
        flow.record(lead_id, "page_viewed", id=f"{name} act", properties={"on": f"{name}7x page"})
        flow.visit(f"{name} v", "page_viewed", id=f"{name} seen")


NESTINGS = {
    "two deep": ([(0, 1), (3, 0)], [(3, 0), (0, 1)]),
    "three deep": ([(0, 1), (2, 0), (3, 2)], [(3, 2), (2, 0), (0, 1)]),
    "three deep, the other way": ([(2, 1), (3, 2), (0, 3)], [(0, 3), (3, 2), (2, 1)]),
    "two into one that was merged": ([(0, 1), (0, 2), (3, 0)], [(3, 0), (0, 2), (0, 1)]),
    "two into one, undone in order": ([(0, 1), (0, 2), (3, 0)], [(3, 0), (0, 1), (0, 2)]),
}


@pytest.mark.parametrize("nesting", NESTINGS)
def test_what_came_meanwhile_is_shared_out_at_each_undoing(flow, clock, nesting) -> None:
    merges, undoings = NESTINGS[nesting]
    ids = four(flow)
    for one, other in merges:
        flow.merge(ids[one], ids[other], by=EVA)
        clock.advance(hours=1)
    speak(flow, ids, clock)
    flow.consent(ids[0], "letters", "email", status="withdrawn", proof="letter")
    consistent(flow)
    for one, other in undoings:
        assert flow.unmerge(ids[one], ids[other], by=EVA).conflicts == ()
        consistent(flow)
    inside = {one for pair in merges for one in pair}
    for number, (name, lead_id) in enumerate(zip(NAMES, ids, strict=True)):
        lead = flow.get(lead_id)
        assert (lead.interests, lead.id, len(lead.phones)) == ((f"{name}7x pumps",), lead_id, 1)
        said = {one.purpose: one.status for one in lead.consents}
        withdrawn = {"letters": "withdrawn"} if number in inside else {}
        assert said == {f"{name} news": "given"} | withdrawn
        live = {one.id for one in flow.storage.activities(lead_id) if one.retracted_at is None}
        assert live == {f"{name} act", f"{name} seen"}
        exported = repr(list(flow.export(lead_id)))
        assert f"{name}7x web" in exported and f"{name}7x page" in exported
        assert not [other for other in NAMES if other != name and f"{other}7x" in exported]


def test_an_erasure_finds_it_in_every_storage(flow_anywhere, clock) -> None:
    erased_without_trace(flow_anywhere, clock, *NESTINGS["three deep"], gone=1)


@pytest.mark.parametrize("nesting", NESTINGS)
@pytest.mark.parametrize("gone", range(4))
def test_an_erasure_finds_it_wherever_it_lies(flow, clock, nesting, gone) -> None:
    erased_without_trace(flow, clock, *NESTINGS[nesting], gone)


def erased_without_trace(flow, clock, merges, undoings, gone) -> None:
    ids = four(flow)
    for one, other in merges:
        flow.merge(ids[one], ids[other], by=EVA)
    speak(flow, ids, clock)
    for one, other in undoings:
        flow.unmerge(ids[one], ids[other], by=EVA)
    before = {one: flow.get(one) for one in ids if one != ids[gone]}
    flow.erase(ids[gone], by="dpo")
    flow.run_due()
    assert {one: flow.get(one) for one in before} == before
    written = repr([[*flow.storage.facts(one), *flow.storage.activities(one), *flow.export(one)] for one in before])
    assert f"{NAMES[gone]}7x" not in written
    consistent(flow)


def test_what_an_erasure_removed_is_not_missing_when_another_merge_is_undone(flow) -> None:
    ids = four(flow)
    flow.merge(ids[0], ids[1], by=EVA)
    flow.merge(ids[0], ids[2], by=EVA)
    flow.correct(ids[0], {"last_name": "King", "interests": ["boats"]}, by="anna")
    flow.unmerge(ids[0], ids[1], by=EVA)
    flow.erase(ids[1], by="dpo")
    flow.unmerge(ids[0], ids[2], by=EVA)
    lead = flow.get(ids[0])
    assert (lead.person.last_name, lead.interests, len(lead.emails)) == ("King", ("boats",), 1)
    assert flow.get(ids[2]).person.last_name is None
    consistent(flow)


def test_an_activity_that_an_undoing_gave_away_counts_if_the_two_are_merged_again(flow_anywhere) -> None:
    flow = flow_anywhere
    ids = four(flow)
    flow.merge(ids[0], ids[1], by=EVA)
    flow.record(ids[1], "demo_requested", id="hers")
    score = flow.score(ids[0]).engagement
    flow.unmerge(ids[0], ids[1], by=EVA)
    assert (flow.score(ids[0]).engagement, flow.score(ids[1]).engagement) == (0, score)
    flow.merge(ids[0], ids[1], by=EVA)
    assert flow.score(ids[0]).engagement == score
    assert flow.record(ids[1], "demo_requested", id="hers").repeated
    consistent(flow)
    flow.retract(ids[0], "hers", by=EVA, reason="a bot")
    assert flow.score(ids[0]).engagement == 0
    flow.unmerge(ids[0], ids[1], by=EVA)
    assert flow.score(ids[1]).engagement == 0
    consistent(flow)


THIRD_ERASED = {
    "it was the survivor": ([(0, 1), (2, 0)], (2, 0), 2, [(0, 1)]),
    "it was absorbed beside it": ([(0, 1), (0, 2)], (0, 2), 2, [(0, 1)]),
    "it was the survivor's survivor": ([(0, 1), (2, 0), (3, 2)], (3, 2), 3, [(2, 0), (0, 1)]),
}


@pytest.mark.parametrize("case", THIRD_ERASED)
def test_what_came_meanwhile_is_still_shared_out_after_a_third_lead_was_erased(flow_anywhere, clock, case) -> None:
    merges, first, gone, others = THIRD_ERASED[case]
    flow, ids = flow_anywhere, four(flow_anywhere)
    for one, other in merges:
        flow.merge(ids[one], ids[other], by=EVA)
    speak(flow, ids, clock)
    flow.unmerge(ids[first[0]], ids[first[1]], by=EVA)
    flow.erase(ids[gone], by="dpo")
    for one, other in others:
        flow.unmerge(ids[one], ids[other], by=EVA)
        consistent(flow)
    for number in others[-1]:
        name, lead = NAMES[number], flow.get(ids[number])
        assert lead.interests[-1:] == (f"{name}7x pumps",)
        assert f"{name} news" in {one.purpose for one in lead.consents}
        exported = repr(list(flow.export(lead.id)))
        assert f"{name}7x web" in exported and f"{NAMES[gone]}7x" not in exported
    flow.erase(ids[1], by="dpo")
    survivor = flow.get(ids[0])
    written = repr([*flow.storage.facts(survivor.id), *flow.storage.activities(survivor.id), *flow.export(survivor.id)])
    assert survivor.id == ids[0] and f"{NAMES[1]}7x" not in written


class Counting(MemoryStorage):
    """How often facts were read."""

    read = 0

    def facts(self, *args, **named):
        self.read += 1
        return super().facts(*args, **named)


def test_the_twelfth_undoing_reads_no_more_than_the_third(clock) -> None:
    storage = Counting()
    flow, reads = acme_flow(storage, clock), list[int]()
    ids = four(flow)[:2]
    for n in range(12):
        one, other = ids[n % 2], ids[1 - n % 2]
        flow.merge(one, other, by=EVA)
        before = storage.read
        flow.unmerge(one, other, by=EVA)
        reads.append(storage.read - before)
    assert reads[-1] <= reads[2]
    consistent(flow)


class Marked:
    """Four people, each with a word of its own in all that it says; ``into`` says who was merged into whom."""

    def __init__(self) -> None:
        self.storage, self.clock = MemoryStorage(), Clock()
        self.flow = acme_flow(self.storage, self.clock, qualification=None, router=None, sequences=())
        self.ids = four(self.flow)
        self.into: dict[int, int] = {}
        self.gone: set[int] = set()
        self.said: list[set[str]] = [set() for _ in NAMES]

    def root(self, n: int) -> int:
        return self.root(self.into[n]) if n in self.into else n

    def step(self, name: str, n: int, m: int) -> None:
        self.clock.advance(hours=1)
        if n not in self.gone and m not in self.gone:
            getattr(self, name)(n, m)

    def capture(self, n: int, _: int) -> None:
        word = f"{NAMES[n]}7x{self.clock():%d%H}"
        self.flow.capture(of_one(NAMES[n]) | {"interests": word, "note": f"said {word}"}, source=f"{NAMES[n]}7x web")
        self.said[n].add(word)

    def record(self, n: int, _: int) -> None:
        self.flow.record(self.ids[n], "page_viewed", properties={"on": f"{NAMES[n]}7x page"})

    def merge(self, n: int, m: int) -> None:
        n, m = self.root(n), self.root(m)
        if n != m:
            self.flow.merge(self.ids[n], self.ids[m], by=EVA)
            self.into[m] = n

    def unmerge(self, n: int, _: int) -> None:
        if n in self.into and self.into[n] not in self.into:
            self.flow.unmerge(self.ids[self.into[n]], self.ids[n], by=EVA)
            del self.into[n]

    def erase(self, n: int, _: int) -> None:
        them = {one for one in range(len(NAMES)) if self.root(one) == self.root(n)}
        self.flow.erase(self.ids[n], by="dpo")
        self.gone |= them
        self.into = {one: to for one, to in self.into.items() if one not in them}

    def check(self) -> None:
        written = repr(vars(self.storage)).casefold()
        assert not [n for n in self.gone if f"{NAMES[n]}7x" in written]
        alone = {*range(len(NAMES))} - self.gone - self.into.keys() - {*self.into.values()}
        for n in alone:
            assert {*self.flow.get(self.ids[n]).interests} == self.said[n]
            exported = repr(list(self.flow.export(self.ids[n])))
            assert all(f"said {word}" in exported for word in self.said[n])
            assert not [other for other in NAMES if other != NAMES[n] and f"{other}7x" in exported]


people = st.integers(0, len(NAMES) - 1)
acts = st.sampled_from(["capture", "capture", "record", "merge", "merge", "merge", "unmerge", "unmerge", "erase"])


@settings(max_examples=40)
@given(st.lists(st.tuples(acts, people, people), max_size=16), st.permutations(range(len(NAMES))))
@example(
    [
        ("merge", 1, 2), ("merge", 0, 1), ("merge", 3, 0), ("capture", 1, 0), ("capture", 2, 0),
        ("unmerge", 0, 3), ("unmerge", 1, 0), ("unmerge", 2, 1), ("erase", 0, 0),
    ],
    [2, 1, 3, 0],
)  # fmt: skip
def test_in_any_order_nothing_of_the_erased_is_left_and_nobody_loses_what_is_theirs(steps, order) -> None:
    world = Marked()
    for step in steps:
        world.step(*step)
        world.check()
    while world.into:
        for n in order:
            world.unmerge(n, 0)
    world.check()
    for n in order:
        world.step("erase", n, n)
        world.check()
