"""Random histories of words, withdrawals, erasures, browsers, crashes and clocks: what is promised holds at the end.

The oracle (`permission_oracle`) is written from the promises, not from the code. `make torture` runs 10,000 of them.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acme import START, acme_flow, consistent
from leadflow import Actor, Consent, LeadFlow, LeadflowError
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities import ConsentStatus
from leadflow.errors import Deferred, Rejected, Uncertain
from leadflow.events import MessageClaimed, MessageFailed, MessageSent, MessageUncertain
from leadflow.nurturing import unsubscribe_token
from permission_oracle import Permission

EXAMPLES = 10_000 if os.environ.get("LEADFLOW_TORTURE") else 100
PURPOSE = "newsletter"
SECRET = b"a secret of 16 bytes or more"
SPELLINGS = (
    "ada.lovelace@gmail.com",
    "adalovelace+fair@googlemail.com",
    "AdaLovelace@GMAIL.com",
    "ben@acme.example",
    "BEN@acme.example",
    "cleo@studio.example",
    "info@acme.example",
)
NAMES = ("Ada Lovelace", "Ben Stone", None)
DAY = timedelta(days=1)
SKEWS = (timedelta(), timedelta(), timedelta(minutes=3), DAY, -DAY, -timedelta(hours=3))
SAID = (timedelta(), timedelta(), -timedelta(minutes=1), timedelta(seconds=2), -2 * DAY, DAY)
SELLERS = (Actor(kind="marketing", id="mia"), Actor.of("anna"))
FATES = (MessageSent, MessageFailed, MessageUncertain)


class Killed(BaseException):
    """The process is gone: nobody catches it."""


class Mortal:
    """A storage whose process dies before or after the save that was chosen."""

    def __init__(self, storage: MemoryStorage) -> None:
        self._storage = storage
        self.dies_in: tuple[int, bool] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def save(self, change: Any) -> None:
        if self.dies_in is None:
            self._storage.save(change)
            return
        left, after = self.dies_in
        self.dies_in = (left - 1, after) if left else None
        if left == 0 and not after:
            raise Killed
        self._storage.save(change)
        if left == 0:
            raise Killed


class Server:
    """A mail server that does what it is told, and asks the oracle about every message that reaches it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.next: Exception | BaseException | None = None
        self.got: Counter[str] = Counter()
        self.reached: set[str] = set()

    def send(self, message: Any) -> None:
        trouble, self.next = self.next, None
        if isinstance(trouble, Deferred):
            raise trouble
        lead_id = message.id.split(".")[0]
        oracle = self.world.oracle
        assert oracle.may(lead_id, message.to), f"{message.id} to {message.to} went without permission"
        assert message.to.casefold() in {each.casefold() for each in oracle.addresses[lead_id]}, "a stranger's address"
        self.got[message.id] += 1
        self.reached.add(lead_id)
        if isinstance(trouble, Rejected):
            oracle.refuses(message.to, self.world.now)
        if trouble is not None:
            raise trouble


class World:
    """leadflow under attack, and the oracle beside it."""

    def __init__(self) -> None:
        self.true_now = START
        self.skew = timedelta()
        self.oracle = Permission(PURPOSE)
        self.storage = Mortal(MemoryStorage())
        self.server = Server(self)
        self.flow: LeadFlow = acme_flow(self.storage, lambda: self.now, self.server, secrets=(SECRET,))
        self.leads: list[str] = []
        self.turn = 0

    @property
    def now(self) -> datetime:
        return self.true_now + self.skew

    def lead(self, number: int) -> str | None:
        return self.leads[number % len(self.leads)] if self.leads else None

    # ------------------------------------------------------------------------------------------------- what happens
    def capture(self, spelling: int, name: int, browser: int, verified: bool, yes: int | None) -> None:
        self.turn += 1
        address = SPELLINGS[spelling % len(SPELLINGS)]
        values: dict[str, object] = {"email": address, "country": "DE"}
        if NAMES[name % len(NAMES)]:
            values["name"] = NAMES[name % len(NAMES)]
        at = None if yes is None else self.now + SAID[yes % len(SAID)]
        said = [] if at is None else [Consent(purpose=PURPOSE, channel="email", status="given", at=at, proof="a form")]
        visitor = f"browser-{browser}" if browser else None
        try:
            captured = self.flow.capture(
                values, source="web", id=str(self.turn), visitor=visitor, verified=verified, consents=said
            )
        except Killed:
            self.perhaps_captured(address, at, verified=verified)
            raise
        lead_id = captured.lead_id
        self.oracle.reaches(lead_id, address)
        if lead_id not in self.leads:
            self.leads.append(lead_id)
        if at is not None and verified:
            self.oracle.says_yes(lead_id, at, now=self.now, certain=False)
        elif at is not None:
            self.oracle.types_yes(lead_id, at, now=self.now, certain=self.sure(lead_id, address))

    def perhaps_captured(self, address: str, at: datetime | None, *, verified: bool) -> None:
        """The process died on the way: what there is now may be allowed, and nothing about it is certain."""
        for lead in self.flow.leads():
            if address.casefold() not in {(email.address or "").casefold() for email in lead.emails}:
                continue
            self.oracle.reaches(lead.id, address)
            if lead.id not in self.leads:
                self.leads.append(lead.id)
            if at is not None:
                (self.oracle.says_yes if verified else self.oracle.types_yes)(lead.id, at, now=self.now, certain=False)
        self.oracle.mailbox(address).doubtful = True

    def sure(self, lead_id: str, address: str) -> bool:
        """The form's address is the one that the lead is written to."""
        lead = self.flow.get(lead_id)
        return not self.skew and (lead.email.address or "").casefold() == address.casefold()

    def says(self, number: int, word: int, yes: bool) -> None:
        lead_id, at = self.lead(number), self.now + SAID[word % len(SAID)]
        if lead_id is None:
            return
        status: ConsentStatus = "given" if yes else "withdrawn"
        try:
            self.flow.consent(lead_id, PURPOSE, "email", proof="a click", status=status, at=at)
        except Killed:
            self.nothing_is_certain(lead_id)
            if not yes:
                raise
            self.oracle.says_yes(lead_id, at, now=self.now, certain=False)
            raise
        if yes:
            self.oracle.says_yes(lead_id, at, now=self.now, certain=not self.skew)
        else:
            self.oracle.says_no(lead_id, min(at, self.now))

    def nothing_is_certain(self, lead_id: str) -> None:
        for address in self.oracle.addresses.get(lead_id, ()):
            self.oracle.mailbox(address).doubtful = True

    def unsubscribes(self, number: int) -> None:
        if (lead_id := self.lead(number)) is None:
            return
        self.nothing_is_certain(lead_id)
        self.flow.unsubscribe(unsubscribe_token(lead_id, PURPOSE, "email", SECRET))
        self.oracle.says_no(lead_id, self.now)

    def visits(self, browser: int, what: int) -> None:
        self.turn += 1
        kind = ("page_viewed", "demo_requested")[what % 2]
        self.flow.visit(f"browser-{browser}", kind, id=f"visit-{self.turn}")

    def is_moved(self, number: int, move: int) -> None:
        if (lead_id := self.lead(number)) is not None:
            name = ("qualify", "accept", "confirm", "recycle", "disqualify", "reopen")[move % 6]
            self.flow.move(lead_id, name, by=SELLERS[move % 2], reason="so", revisit=self.now.date() + DAY)

    def is_erased(self, number: int) -> None:
        if (lead_id := self.lead(number)) is None:
            return
        self.nothing_is_certain(lead_id)
        self.flow.erase(lead_id, by="anna")
        for address in self.oracle.addresses.pop(lead_id, ()):
            self.oracle.refuses(address, self.now)
        self.leads.remove(lead_id)
        self.oracle.words.pop(lead_id, None)

    def is_suppressed(self, spelling: int) -> None:
        address = SPELLINGS[spelling % len(SPELLINGS)]
        self.oracle.mailbox(address).doubtful = True
        self.flow.suppress(address, by="anna", reason="asked on the phone")
        self.oracle.refuses(address, self.now)

    def is_unsuppressed(self, spelling: int) -> None:
        address = SPELLINGS[spelling % len(SPELLINGS)]
        self.oracle.mailbox(address).doubtful = True
        self.oracle.opens(address)
        self.flow.unsuppress(address, by="anna", proof="a letter of hers")

    def ticks(self, trouble: int) -> None:
        self.server.next = (None, None, Deferred("busy"), Rejected("550 unknown"), Uncertain("gone"), Killed())[
            trouble % 6
        ]
        try:
            self.flow.tick()
        finally:
            self.server.next = None

    def passes(self, hours: int) -> None:
        self.true_now += timedelta(hours=hours)

    def clock_is(self, skew: int) -> None:
        self.skew = SKEWS[skew % len(SKEWS)]

    def dies_soon(self, left: int, after: bool) -> None:
        self.storage.dies_in = (left, after)


small = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("capture"), st.integers(0, 6), small, st.integers(0, 2), st.booleans(), st.none() | small),
    st.tuples(st.just("capture"), st.integers(0, 6), small, st.integers(0, 2), st.booleans(), small),
    st.tuples(st.just("says"), small, small, st.booleans()),
    st.tuples(st.just("unsubscribes"), small),
    st.tuples(st.just("is_erased"), small),
    st.tuples(st.just("visits"), st.integers(1, 2), small),
    st.tuples(st.just("is_moved"), small, st.integers(0, 11)),
    st.tuples(st.just("is_suppressed"), st.integers(0, 6)),
    st.tuples(st.just("is_unsuppressed"), st.integers(0, 6)),
    st.tuples(st.just("ticks"), small),
    st.tuples(st.just("ticks"), st.just(0)),
    st.tuples(st.just("passes"), st.sampled_from((1, 25, 80))),
    st.tuples(st.just("clock_is"), small),
    st.tuples(st.just("dies_soon"), st.integers(0, 3), st.booleans()),
)


def played(steps: list[tuple[Any, ...]]) -> World:
    """Do all of it, and then let everything that is left be done under a true clock."""
    world = World()
    for name, *values in steps:
        with suppress(Killed, LeadflowError):
            getattr(world, name)(*values)
    world.skew, world.storage.dies_in = timedelta(), None
    for _ in range(20):
        world.flow.run_due()
        world.true_now += 4 * DAY
    return world


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(STEPS, min_size=3, max_size=25))
def test_whatever_happened_no_message_went_without_permission_and_nothing_is_lost(steps):
    world = played(steps)  # the mail server asks the oracle about every single message
    flow = world.flow
    assert set(world.server.got.values()) <= {1}, "a message went twice"
    consistent(flow)
    for lead in flow.leads():
        assert not [one for one in lead.enrolments if one.due_at is not None], "an enrolment hangs"
        facts = flow.storage.facts(lead.id)
        claimed = Counter(fact.message for fact in facts if isinstance(fact, MessageClaimed))
        settled = {fact.message for fact in facts if isinstance(fact, FATES)}
        assert set(claimed) <= settled, "a message without a fate"
        if lead.email.claimed and world.oracle.must(lead.id, lead.email.address or "") and lead.stage == "lead":
            assert lead.enrolments, "consent is given, and nothing was ever begun"


def test_in_a_history_something_happens():
    """The property above would hold for a world in which nothing ever does."""
    world = played([("capture", 3, 1, 0, False, 0), ("passes", 25), ("ticks", 0)])
    assert world.server.got
    (lead,) = world.flow.leads()
    assert [one.ended for one in lead.enrolments] == ["finished"]


def test_the_oracle_catches_a_message_without_permission():
    world = World()
    world.capture(3, 1, 0, verified=False, yes=0)
    world.oracle.says_no(world.leads[0], world.now)  # said to nobody but the oracle
    world.passes(25)
    world.flow.run_due()
    assert [one.fate for one in world.flow.messages(world.leads[0])] != ["sent"]
    assert world.server.got == {}
