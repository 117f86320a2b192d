"""Six processes at the same address: who has proven it and strangers who typed it, all at once, address by address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from acme import Clock, Outbox, acme_flow, consistent
from leadflow import Consent, ExternalId, LeadFlow
from leadflow.adapters.sql import SqlStorage
from leadflow.entities import Lead
from leadflow.errors import Stale, Taken
from leadflow.events import Change
from processes import FORK, PROCESSES, all_at_once

pytestmark = pytest.mark.slow
ADDRESSES = 25
Storages = Callable[[str], SqlStorage]


class LastOneWins(SqlStorage):
    """The naive way: whatever moved meanwhile is overwritten, and a claim is taken from whoever has it."""

    def save(self, change: Change) -> None:
        try:
            super().save(change)
        except (Stale, Taken):
            there = self.load([write.id for write in change.leads])
            states = self.states([write.key for write in change.states])
            super().save(
                change.but(
                    leads=tuple(
                        one.but(read_version=there[one.id].version if one.id in there else 0) for one in change.leads
                    ),
                    states=tuple(
                        one.but(read_version=states[one.key].version if one.key in states else 0)
                        for one in change.states
                    ),
                    facts=(),
                    claims=(),
                    reply=None,
                )
            )


def flow_on(storage: SqlStorage, clock: Clock, outbox: Outbox) -> LeadFlow:
    return acme_flow(storage, clock, outbox, scoring=None, qualification=None, router=None, service_levels=[])


def address(nr: int) -> str:
    return f"vera{nr}@a.example"


def captures(number: int, storages: Storages, url: str, gates: Any) -> None:
    """What this process types in for each address: twice Vera, who has proven it, and four strangers."""
    storage, clock = storages(url), Clock()
    flow = flow_on(storage, clock, Outbox())

    def yes(who: str) -> Consent:
        return Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof=who)

    for nr in range(ADDRESSES):
        to = address(nr)
        submissions: list[tuple[dict[str, Any], dict[str, Any]]] = [
            ({"email": to, "name": "Vera Klein"}, {"verified": True, "consents": yes("vera")}),
            ({"email": to, "name": "Mallory Evil"}, {"visitor": f"mallory {nr}"}),
            ({"email": f"t{nr}@evil.example", "name": "Trudy Mean", "emails": to}, {"consents": yes("trudy")}),
            ({"email": to, "name": "Vera Klein", "note": "again"}, {"verified": True, "visitor": f"vera {nr}"}),
            (
                {"email": to.upper(), "name": "Oscar Fake"},
                {"external_id": ExternalId(system="crm", id=f"{nr}"), "source": "import"},
            ),
            ({"email": f"o{nr}@evil.example", "email2": to, "name": "Olga Other"}, {"verified": True}),
        ]
        values, more = submissions[number]
        gates[nr].wait(60)
        flow.capture(values, **({"source": "web"} | more))
    storage.close()


def everybody(storages: Storages, url: str) -> SqlStorage:
    SqlStorage(url).migrate().close()
    all_at_once(captures, storages, url, [FORK.Barrier(PROCESSES) for _ in range(ADDRESSES)])
    return SqlStorage(url)


def claimants(leads: list[Lead[Any]], to: str) -> list[Lead[Any]]:
    return [lead for lead in leads if any(one.address == to and one.claimed for one in lead.emails)]


def test_each_address_ends_with_who_has_proven_it_and_nobodys_word_or_mail_goes_elsewhere(url: str) -> None:
    storage, clock, outbox = everybody(SqlStorage, url), Clock(), Outbox()
    flow = flow_on(storage, clock, outbox)
    consistent(flow)
    leads = list(flow.leads())
    words = {lead.id: {word.proof for word in lead.consents} for lead in leads}
    holders = storage.holders([f"email:{address(nr)}" for nr in range(ADDRESSES)])
    for nr in range(ADDRESSES):
        to = address(nr)
        (vera,) = claimants(leads, to)
        assert holders[f"email:{to}"] == vera.id
        assert (vera.person.first_name, words[vera.id]) == ("Vera", {"vera"})
        assert next(one for one in vera.emails if one.address == to).verified
        (trudy,) = claimants(leads, f"t{nr}@evil.example")
        assert (trudy.person.first_name, words[trudy.id]) == ("Trudy", {"trudy"})
    assert sum(words[lead.id] == {"vera"} for lead in leads) == ADDRESSES
    for _ in range(6):
        clock.advance(days=1)
        flow.run_due()
    expected = {to for nr in range(ADDRESSES) for to in (address(nr), f"t{nr}@evil.example")}
    assert Counter(mail.to for mail in outbox.sent) == dict.fromkeys(expected, 2)
    consistent(flow)
    storage.close()


def test_the_last_one_to_write_would_leave_an_address_with_two(url: str) -> None:
    storage = everybody(LastOneWins, url)
    leads = list(storage.scan(None, 10_000))
    assert max(len(claimants(leads, address(nr))) for nr in range(ADDRESSES)) > 1
    storage.close()
