"""kill -9 in the middle of commands: afterwards all agrees for every lead, and no mail went twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from datetime import date, timedelta

import pytest

from acme import ADA, START, acme_flow, consistent
from leadflow import LeadflowError
from leadflow.adapters.sql import SqlStorage
from leadflow.events import Change, MessageClaimed, MessageFailed, MessageSent, MessageUncertain
from processes import killed_at_work

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("everything_is_loaded")]
ROUNDS = 200 if os.environ.get("LEADFLOW_TORTURE") else 30
FATES = (MessageSent, MessageFailed, MessageUncertain)


class Journal:
    """A mailer that notes every message in a file, so that the note outlives the process."""

    def __init__(self, path) -> None:
        self.path = path

    def send(self, message) -> None:
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{message.id}\n".encode())
        time.sleep(0.01)  # long enough to be killed before anybody notes what became of it


class InTwoSteps(SqlStorage):
    """The naive way: write what there is, and then note what happened."""

    def save(self, change: Change) -> None:
        super().save(change.but(facts=()))
        super().save(Change(facts=change.facts))


def sells(storage, url, journal, round_number):
    """Give commands at random, for ever; each round is two days later than the one before."""
    dice = random.Random(round_number)
    now = START + timedelta(days=2 * round_number)
    flow = acme_flow(storage(url), lambda: now, Journal(journal))
    ids = [lead.id for lead in flow.leads()]
    while True:
        number = dice.randrange(30)
        try:
            match dice.randrange(9):
                case 0 | 1:
                    values = ADA | {"email": f"p{number}@acme{number % 3}.example", "last_name": f"Name{number}"}
                    ids.append(flow.capture(values, source="kill", id=str(dice.random()), visitor=f"c{number}").lead_id)
                case 2:
                    flow.record(dice.choice(ids), "demo_requested", id=str(dice.random()))
                case 3:
                    flow.consent(dice.choice(ids), "newsletter", "email", proof="a form")
                case 4:
                    move = dice.choice(["accept", "confirm", "recycle", "disqualify", "reopen"])
                    flow.move(dice.choice(ids), move, by="anna", reason="so", revisit=date(2026, 3, 3))
                case 5:
                    flow.visit(f"c{number}", "page_viewed", id=str(dice.random()))
                case 6 | 7:
                    flow.tick(20)
                case 8:
                    leaves(flow, ids, dice)
        except (LeadflowError, IndexError):
            continue


def leaves(flow, ids, dice):
    """One withdraws, rarely one is erased; what waits for them is not to get lost with them."""
    lead_id = dice.choice(ids)
    if dice.randrange(8):
        flow.consent(lead_id, "newsletter", "email", proof="a click", status="withdrawn")
    else:
        flow.erase(lead_id, by="anna")


def killed(storage, url, journal, round_number):
    return killed_at_work(sells, *((storage, url, journal, round_number * 2 + n) for n in range(2)))


def test_the_naive_twin_loses_facts(opened, tmp_path):
    url, journal = f"sqlite:///{tmp_path}/naive.db", tmp_path / "journal"
    storage = opened(SqlStorage(url)).migrate()
    for round_number in range(ROUNDS):
        storage.close()
        killed(InTwoSteps, url, journal, round_number)
        flow = acme_flow(storage, lambda: START)
        for lead in flow.leads():
            versions = {fact.version for fact in storage.facts(lead.id)}
            if versions != set(range(1, lead.version + 1)):
                return
    pytest.fail("writing in two steps survived every kill: the kills prove nothing here")


def test_kills_leave_every_lead_consistent_every_message_with_a_fate_and_no_mail_twice(url, opened, tmp_path):
    storage = opened(SqlStorage(url)).migrate()
    storage.close()
    journal = tmp_path / "journal"
    journal.touch()
    alive = [killed(SqlStorage, url, journal, round_number) for round_number in range(ROUNDS)]
    assert sum(alive) == 2 * ROUNDS
    later = START + timedelta(days=2 * ROUNDS * 2)
    flow = acme_flow(storage, lambda: later, Journal(journal))
    assert len(list(flow.leads())) >= 5  # few on a busy machine
    consistent(flow)
    flow.run_due()
    consistent(flow)
    for lead in flow.leads():
        facts = list(flow.storage.facts(lead.id))
        assert sorted({fact.version for fact in facts}) == list(range(1, lead.version + 1))
        claimed = {fact.message for fact in facts if isinstance(fact, MessageClaimed)}
        assert claimed <= {fact.message for fact in facts if isinstance(fact, FATES)}
    sent = Counter(journal.read_text().split())
    assert sent
    assert set(sent.values()) == {1}
