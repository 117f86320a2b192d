"""Whatever is typed in, in whatever order: nobody's address ends up as somebody else's."""

from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acme import Clock, Outbox, acme_flow
from leadflow import Consent, ExternalId
from leadflow.events import replay
from standing_oracle import own_keys

NUMBERS = count()
"""Each example has people of its own: the storage is the same for all."""

ADDRESSES = ["vera", "mallory", "trudy", "info"]
SUBMISSION = st.fixed_dictionaries(
    {"email": st.sampled_from(ADDRESSES), "verified": st.booleans()},
    optional={
        "emails": st.lists(st.sampled_from(ADDRESSES), max_size=3),
        "name": st.sampled_from(["Vera Klein", "Mallory Evil", "klein, vera"]),
        "phone": st.sampled_from(["0171 1234567", "0171 7654321"]),
        "visitor": st.sampled_from(["one", "two"]),
        "external_id": st.sampled_from(["1", "2"]),
    },
)


class Told:
    """An oracle that knows no more than what was submitted, and which lead was answered."""

    def __init__(self) -> None:
        self.main: dict[str, set[str]] = {}
        self.verified: dict[str, set[str]] = {}
        self.proven: dict[str, str] = {}

    def heard(self, lead_id: str, address: str, *, verified: bool) -> None:
        self.main.setdefault(lead_id, set()).add(address)
        if verified:
            self.verified.setdefault(lead_id, set()).add(address)

    def check(self, flow) -> None:
        for lead_id, mains in self.main.items():
            lead = flow.get(lead_id)
            assert lead.id == lead_id, "a lead was merged"
            assert replay(flow.storage.facts(lead_id), flow.policy.lead_type) == lead
            assert {email.address for email in lead.emails if email.claimed} <= mains
            assert {email.address for email in lead.emails if email.verified} <= self.verified.get(lead_id, set())
            own = own_keys(lead)
            assert flow.storage.holders(own) == dict.fromkeys(own, lead_id)
            for email in lead.emails:
                if email.verified and not email.address.startswith("info@"):
                    assert self.proven.setdefault(email.address, lead_id) == lead_id, "a verified address moved"
        for address, lead_id in self.proven.items():
            assert any(email.address == address and email.verified for email in flow.get(lead_id).emails)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SUBMISSION, min_size=2, max_size=8))
def test_a_claim_comes_from_a_main_address_and_a_proof_is_for_good(storage, submitted):
    number, told, outbox, clock = next(NUMBERS), Told(), Outbox(), Clock()
    flow = acme_flow(storage, clock, outbox)
    yes = Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="a box was ticked")
    for place, one in enumerate(submitted):
        values = {name: one[name] for name in ("name", "phone") if name in one} | {"note": f"{place}"}
        values |= {"email": f"{one['email']}@x{number}.example"}
        values |= {"emails": [f"{each}@X{number}.example" for each in one.get("emails", ())]}
        external = ExternalId(system="crm", id=f"{number}-{one['external_id']}") if "external_id" in one else None
        visitor = f"{number}-{one['visitor']}" if "visitor" in one else None
        captured = flow.capture(
            values, source="web", verified=one["verified"], visitor=visitor, external_id=external, consents=[yes]
        )
        told.heard(captured.lead_id, values["email"], verified=one["verified"])
        told.check(flow)
        if external is None and values["email"] in told.proven:
            assert captured.lead_id == told.proven[values["email"]]
    clock.advance(days=2)
    flow.run_due()
    for mail in outbox.sent:
        lead_id = mail.id.partition(".")[0]
        if lead_id in told.main:  # others are of earlier examples
            assert mail.to in told.main[lead_id]
            assert any(email.address == mail.to and email.claimed for email in flow.get(lead_id).emails)
