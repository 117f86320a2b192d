"""Random spellings and events: no mail to a mailbox that refused it, none withheld that was opened. An oracle decides.

The oracle counts events in their order and knows nothing of keys, states or bans. It says of a message what must not go
(a breach), and of an open mailbox that nothing stands against it (a loss).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from acme import CONTENTS, Clock, acme_flow, consistent
from leadflow import Consent, LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities import ConsentStatus, Message
from leadflow.errors import Rejected
from leadflow.nurturing import Sequence, Step

PURPOSES = ("newsletter", "offers")
SEQUENCES = [Sequence(name, [Step(timedelta(hours=1), "case")], purpose=name) for name in PURPOSES]
SECRETS = (b"first secret of 16 bytes", b"newer secret of 16 bytes")
BOXES = ("vera", "jörg", "info")


@st.composite
def spelled(draw, box: str) -> str:
    """One of the ways to write the address of a mailbox."""
    if box == "info":
        return draw(st.sampled_from(["info@acme.example", "INFO@Acme.example", "Info@ACME.EXAMPLE"]))
    if box == "jörg":
        local = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), "jörg")
        domain = draw(st.sampled_from(["müller.example", "MÜLLER.example", "xn--mller-kva.example"]))
        return f"{draw(st.sampled_from([local, local.upper()]))}@{domain}"
    dots = draw(st.sets(st.integers(1, 8)))
    local = "".join(f".{letter}" if at in dots else letter for at, letter in enumerate("verameyer"))
    tag = draw(st.sampled_from(["", "+x", "+shop.2026"]))
    domain = draw(st.sampled_from(["gmail.com", "googlemail.com", "GMail.com"]))
    return f"{draw(st.sampled_from([local, local.upper()]))}{tag}@{domain}"


def box_of(address: str) -> str:
    """Which of the three it is, by a letter that only it has."""
    return {"v": "vera", "j": "jörg", "i": "info"}[address[0].casefold()]


@dataclass
class Oracle:
    """What stands against each mailbox and purpose: by what it came, with the leads that it does not hold for."""

    against: dict[tuple[str, str], dict[object, set[str]]] = field(default_factory=dict)
    words: dict[tuple[str, str], str] = field(default_factory=dict)

    def closes(self, box: str, by: object, purposes=PURPOSES) -> None:
        for purpose in purposes:
            self.against.setdefault((box, purpose), {})[by] = set()

    def opens(self, box: str, purposes=PURPOSES) -> None:
        for purpose in purposes:
            self.against.pop((box, purpose), None)

    def excepts(self, lead_id: str, box: str, purpose: str, *, own: bool) -> None:
        for by, excepted in self.against.get((box, purpose), {}).items():
            if not own or by == lead_id:
                excepted.add(lead_id)

    def is_open(self, lead_id: str, box: str, purpose: str) -> bool:
        return all(lead_id in excepted for excepted in self.against.get((box, purpose), {}).values())


class World:
    """leadflow with a mail server that asks the oracle about every message."""

    def __init__(self) -> None:
        self.clock, self.storage, self.oracle = Clock(), MemoryStorage(), Oracle()
        self.rejects, self.sent, self.number = False, 0, 0
        self.leads: dict[str, str] = {}
        mailing = {"sequences": SEQUENCES, "contents": CONTENTS}
        self.flow: LeadFlow = acme_flow(self.storage, self.clock, self, **mailing, secrets=SECRETS[:1])
        self.later: LeadFlow = acme_flow(self.storage, self.clock, self, **mailing, secrets=SECRETS[::-1])
        self.bare: LeadFlow = acme_flow(self.storage, self.clock, secrets=())

    def send(self, message: Message) -> None:
        lead_id, purpose = message.id.split(".")[:2]
        box = box_of(message.to)
        assert self.oracle.words[lead_id, purpose] == "given"
        assert self.oracle.is_open(lead_id, box, purpose), f"a mail for {purpose} went to {box}, which is closed"
        self.sent += 1
        if self.rejects:
            self.rejects = False
            self.oracle.closes(box, "bounce")
            raise Rejected("550 no such user")

    def lead(self, number: int) -> tuple[str, str] | None:
        """Return one of the leads, and its mailbox."""
        ids = sorted(self.leads)
        return (ids[number % len(ids)], self.leads[ids[number % len(ids)]]) if ids else None

    # ------------------------------------------------------------------------------------------------------- events
    def captures(self, address: str, verified: bool, purpose: str | None) -> None:
        self.number += 1
        box = box_of(address)
        yes = {"channel": "email", "status": "given", "at": self.clock(), "proof": "double opt-in"}
        said = () if purpose is None else Consent(purpose=purpose, **yes)
        values = {"email": address} | ({"name": f"Ada N{self.number}"} if box == "info" else {})
        lead_id = self.flow.capture(values, source="web", id=str(self.number), verified=verified, consents=said).lead_id
        self.leads[lead_id] = box
        if purpose is None or (not verified and self.oracle.words.get((lead_id, purpose)) == "withdrawn"):
            return
        self.oracle.words[lead_id, purpose] = "given"
        if verified:
            self._opened(lead_id, box, purpose)

    def _opened(self, lead_id: str, box: str, purpose: str) -> None:
        if box == "info":
            self.oracle.excepts(lead_id, box, purpose, own=False)
        else:
            self.oracle.opens(box, (purpose,))

    def says(self, number: int, purpose: str, status: ConsentStatus, bare: bool) -> None:
        if (found := self.lead(number)) is None:
            return
        lead_id, box = found
        flow = self.bare if bare and status == "withdrawn" else self.flow
        is_proven = flow.get(lead_id).email.verified
        flow.consent(lead_id, purpose, "email", proof="a form", status=status)
        self.oracle.words[lead_id, purpose] = status
        if status == "withdrawn":
            self.oracle.closes(box, lead_id, (purpose,))
        elif is_proven:
            self._opened(lead_id, box, purpose)
        else:
            self.oracle.excepts(lead_id, box, purpose, own=True)

    def is_erased(self, number: int, bare: bool) -> None:
        if (found := self.lead(number)) is not None:
            (self.bare if bare else self.flow).erase(found[0], by="anna")
            self.oracle.closes(found[1], "erasure")
            del self.leads[found[0]]

    def complains(self, number: int) -> None:
        if (found := self.lead(number)) is not None:
            self.flow.complain(found[0], proof="feedback loop")
            self.oracle.closes(found[1], "complaint")
            for purpose in PURPOSES:
                if (found[0], purpose) in self.oracle.words:
                    self.oracle.words[found[0], purpose] = "withdrawn"

    def is_suppressed(self, address: str, purpose: str | None, bare: bool) -> None:
        (self.bare if bare else self.flow).suppress(address, by="anna", reason="a letter", purpose=purpose)
        self.oracle.closes(box_of(address), f"hand {purpose}", PURPOSES if purpose is None else (purpose,))

    def is_unsuppressed(self, address: str, purpose: str | None) -> None:
        self.flow.unsuppress(address, by="anna", proof="a letter", purpose=purpose)
        self.oracle.opens(box_of(address), PURPOSES if purpose is None else (purpose,))

    def secrets_change(self) -> None:
        self.flow = self.later

    def ticks(self, rejects: bool) -> None:
        self.rejects = rejects
        self.clock.advance(hours=2)
        self.flow.run_due()
        self.rejects = False


ADDRESSES = st.sampled_from(BOXES).flatmap(spelled)
NUMBERS, FLAGS = st.integers(0, 5), st.booleans()
ONE, ONE_OR_ALL = st.sampled_from(PURPOSES), st.sampled_from((*PURPOSES, None))
EVENTS = st.one_of(
    st.tuples(st.just("captures"), ADDRESSES, FLAGS, ONE_OR_ALL),
    st.tuples(st.just("captures"), ADDRESSES, FLAGS, ONE),
    st.tuples(st.just("says"), NUMBERS, ONE, st.sampled_from(["given", "withdrawn"]), FLAGS),
    st.tuples(st.just("is_erased"), NUMBERS, FLAGS),
    st.tuples(st.just("complains"), NUMBERS),
    st.tuples(st.just("is_suppressed"), ADDRESSES, ONE_OR_ALL, FLAGS),
    st.tuples(st.just("is_unsuppressed"), ADDRESSES, ONE_OR_ALL),
    st.tuples(st.just("secrets_change")),
    st.tuples(st.just("ticks"), FLAGS),
)


TAKEN_BACK: list[tuple[object, ...]] = [("captures", "info@acme.example", False, None)]
TAKEN_BACK += [("says", 0, "offers", status, False) for status in ("withdrawn", "given")]


@settings(max_examples=100)
@example(TAKEN_BACK)
@given(st.lists(EVENTS, min_size=3, max_size=25))
def test_a_mailbox_is_closed_and_open_as_the_order_of_events_says(events):
    world = World()
    for name, *values in events:
        world.clock.advance(minutes=10)
        getattr(world, name)(*values)
    for lead_id, box in world.leads.items():
        lead = world.flow.get(lead_id)
        for purpose in PURPOSES:
            if world.oracle.words.get((lead_id, purpose)) == "given":
                told = str(world.flow.explain(lead_id)["Nurturing"])
                may = f"{purpose} may not be sent" not in told
                assert may == world.oracle.is_open(lead_id, box, purpose), told
        assert lead.email.address is not None
    world.ticks(rejects=False)
    consistent(world.flow)


def test_mails_go_in_these_histories():
    world = World()
    for event in (("captures", "vera.meyer@gmail.com", True, "offers"), ("ticks", False)):
        getattr(world, event[0])(*event[1:])
    assert world.sent == 1
