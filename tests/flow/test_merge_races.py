"""Merges among writers, and merges that are killed: one survivor, nothing lost, no mail twice or to a closed box."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from datetime import timedelta

import pytest

from acme import START, acme_flow, activities_of, consistent
from leadflow import Actor, Consent, LeadFlow
from leadflow.adapters.sql import SqlStorage
from leadflow.decisions.derived_records import claims_of
from leadflow.errors import LeadflowError, Stale
from leadflow.events import Change, LeadCaptured, LeadsMerged, LeadsUnmerged
from processes import all_at_once, killed_in_the_middle

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("everything_is_loaded")]
EVA = Actor(kind="marketing", id="eva")
ROUNDS = 100 if os.environ.get("LEADFLOW_TORTURE") else 3
WRITERS = 16
TURNS = 3
PAIRS = 4
"""Pairs of leads that are merged and told apart again and again, while they are killed."""


# ----------------------------------------------------------------------------------------------------------- races
def works(number: int, storage: type[SqlStorage], url: str, pair: list[str]) -> None:
    """Two merge crosswise, the others write to both of the pair."""
    own = storage(url)
    flow, mine = LeadFlow(own, country="DE"), number % 2
    while number < 2:
        try:
            flow.merge(pair[mine], pair[1 - mine], by=EVA)
            break
        except Stale:  # so many write that there is no gap for it: nothing was written, and its caller tries again
            continue
    for turn in range(TURNS if number >= 2 else 0):
        named = f"{number}-{turn}"
        flow.capture({"email": f"p{mine}@firm{mine}.example", "interests": named}, source="race", id=named)
        flow.record(pair[mine], "page_viewed", id=named)
        flow.correct(pair[mine], {"note": named}, by="anna")
    own.close()


def race(opened, url: str, storage: type[SqlStorage]) -> tuple[LeadFlow, list[str]]:
    setup = opened(SqlStorage(url)).migrate()
    flow = LeadFlow(setup, country="DE")
    pair = [flow.capture({"email": f"p{n}@firm{n}.example"}, source="race", visitor=f"v{n}").lead_id for n in range(2)]
    setup.close()
    all_at_once(works, storage, url, pair, processes=WRITERS + 2)
    return flow, pair


def test_two_merges_crosswise_among_sixteen_writers_end_at_one_lead_with_all_that_was_written(url, opened) -> None:
    flow, pair = race(opened, url, SqlStorage)
    (lead,) = flow.leads()
    assert {flow.get(one).id for one in pair} == {lead.id}
    assert len(lead.merged) == 1
    written = {f"{number}-{turn}" for number in range(2, WRITERS + 2) for turn in range(TURNS)}
    facts = list(flow.history(lead.id))
    assert {fact.submission_id for fact in facts if isinstance(fact, LeadCaptured)} - {None} == written
    assert {one.id for one in activities_of(flow, lead)} == written
    assert sum(fact.kind == "details_corrected" for fact in facts) == len(written)
    assert len([fact for fact in facts if isinstance(fact, LeadsMerged)]) == 2  # one for each of the two
    assert flow.storage.holders([f"email:p{n}@firm{n}.example" for n in range(2)]).keys() == {
        f"email:p{n}@firm{n}.example" for n in range(2)
    }
    consistent(flow)
    (absorbed,) = lead.merged
    flow.unmerge(lead.id, absorbed, by=EVA)
    said = {one: {*flow.get(one).interests} for one in pair}
    for side, one in enumerate(pair):
        assert said[one] == {named for named in written if int(named.split("-")[0]) % 2 == side}
    consistent(flow)


class WithoutVersions(SqlStorage):
    """The naive way: write what was computed, whatever has happened since."""

    def save(self, change: Change) -> None:
        time.sleep(0.01)
        now = {one.id: one.version for one in self.load([write.id for write in change.leads]).values()}
        blind = [one.but(read_version=now.get(one.id, 0)) for one in change.leads]
        super().save(change.but(leads=tuple(blind)))


def test_the_naive_twin_loses_something(url, opened) -> None:
    for _ in range(5):
        try:
            flow, pair = race(opened, url, WithoutVersions)
            consistent(flow)
            assert len({flow.get(one).id for one in pair}) == 1
        except (AssertionError, LeadflowError):
            return
    pytest.fail("writing whatever has happened since lost nothing: the race proves nothing")


# ----------------------------------------------------------------------------------------------------------- kills
class Journal:
    """A mailer that notes every message in a file, so that the note outlives the process."""

    def __init__(self, path) -> None:
        self.path = path

    def send(self, message) -> None:
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{message.id} {message.to}\n".encode())
        time.sleep(0.01)


def address(pair: int, side: int) -> str:
    return f"p{pair}{side}@firm{side}.example"


def merges(storage, url: str, journal, ids: list[list[str]], round_number: int, done) -> None:
    """Merge and take back at random, for ever, with mail, submissions and ticks in between."""
    dice, now = random.Random(round_number), START + timedelta(days=round_number)
    flow = acme_flow(storage(url), lambda: now, Journal(journal))
    while True:
        done.value += 1
        pair, side = dice.randrange(PAIRS), dice.randrange(2)
        one, other = ids[pair][side], ids[pair][1 - side]
        try:
            match dice.randrange(6):
                case 0 | 1:
                    flow.merge(one, other, by=EVA)
                case 2 | 3:
                    flow.unmerge(one, other, by=EVA)
                case 4:
                    flow.capture(
                        {"email": address(pair, side), "city": f"C{side}"}, source="kill", id=str(dice.random())
                    )
                case 5:
                    flow.tick(20)
        except LeadflowError:
            continue


def test_kills_leave_each_pair_one_lead_or_two_and_no_mail_goes_twice_or_where_it_must_not(
    url, opened, tmp_path
) -> None:
    storage = opened(SqlStorage(url)).migrate()
    journal = tmp_path / "journal"
    journal.touch()
    flow = acme_flow(storage, lambda: START, Journal(journal))
    yes = Consent(purpose="newsletter", channel="email", status="given", at=START, proof="form")
    ids = [
        [
            flow.capture(
                {"email": address(pair, side)}, source="kill", visitor=f"v{pair}{side}", consents=[yes]
            ).lead_id
            for side in range(2)
        ]
        for pair in range(PAIRS)
    ]
    closed = address(0, 1)
    flow.suppress(closed, why="complaint", reason="letter", by=EVA)
    storage.close()
    for round_number in range(ROUNDS):
        killed_in_the_middle(
            merges, *((SqlStorage, url, journal, ids, 2 * round_number + n) for n in range(2)), steps=10
        )
        flow = acme_flow(storage, lambda: START + timedelta(days=2 * ROUNDS + 1), Journal(journal))
        whole(flow, ids)
        storage.close()
    happened = Counter(type(fact) for some in ids for one in some for fact in storage.facts(one))
    assert happened[LeadsMerged] and happened[LeadsUnmerged]
    flow.run_due()
    whole(flow, ids)
    sent = [line.split() for line in journal.read_text().splitlines()]
    assert sent and closed not in {to for _, to in sent}
    assert max(Counter(message for message, _ in sent).values()) == 1


def whole(flow: LeadFlow, ids: list[list[str]]) -> None:
    """Each pair is one lead or two, in the facts of both, and its claims are held by who has the address."""
    consistent(flow)
    for pair, (one, other) in enumerate(ids):
        leads = {flow.get(id).id: flow.get(id) for id in (one, other)}
        merged = [fact.version for fact in flow.storage.facts(one) if isinstance(fact, LeadsMerged)]
        apart = [fact.version for fact in flow.storage.facts(one) if isinstance(fact, LeadsUnmerged)]
        assert len(merged) - len(apart) == (len(leads) == 1)
        for lead in leads.values():
            assert set(flow.storage.holders(claims_of(lead)).values()) == {lead.id}
        for side, id in enumerate((one, other)):
            assert flow.by_email(address(pair, side)).id == flow.get(id).id
